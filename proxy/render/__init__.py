"""Pixels: what worker processes do with a recipe."""
