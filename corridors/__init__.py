"""The front door: command line and Python facade.

>>> import corridors
>>> atlas = corridors.load_atlas()
>>> atlas.catalogue.places["xian"].name_zh
'西安'
"""

from corridors.atlas import Atlas, load_atlas

__all__ = ["Atlas", "load_atlas"]
