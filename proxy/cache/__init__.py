"""Caches: they know keys and bytes and nothing of pictures."""
