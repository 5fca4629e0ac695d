"""Image catalogs: attributes, records, macros and maps, read from a folder into frozen snapshots (``c-overview``)."""
