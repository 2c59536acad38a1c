"""The front door: command line and Python facade.

>>> import corridors
>>> atlas = corridors.load()
>>> atlas.catalogue.places["xian"].name_zh
'西安'
"""

from corridors.api import Corridors, load
from corridors.atlas import Atlas, load_atlas

__all__ = ["Atlas", "Corridors", "load", "load_atlas"]
