"""The front door: command line and Python facade.

>>> import corridors
>>> atlas = corridors.load()
>>> atlas.catalogue.places["xian"].name_zh
'西安'
"""

from pathlib import Path

from corridors.api import Corridors, load
from corridors.atlas import Atlas, load_atlas

SCHEMAS = Path(__file__).parent / "schemas"
"""Folder of the JSON schemas of the answers."""

__all__ = ["SCHEMAS", "Atlas", "Corridors", "load", "load_atlas"]
