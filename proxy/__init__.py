"""Answers Image Serving URLs from a company's own originals."""

__version__ = "0.1.0"
