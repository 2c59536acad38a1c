"""Readers of vector files made by others; `geo.door` is the only way in."""
