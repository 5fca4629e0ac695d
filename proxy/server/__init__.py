"""The aiohttp front."""
