"""The kinds of origin, one file each: open, version, limits."""
