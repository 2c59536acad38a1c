"""The front door: command line and Python facade.

>>> import corridors
>>> atlas = corridors.load()
>>> atlas.catalogue.places["xian"].name_zh
'西安'
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.api import Corridors, load
from corridors.atlas import Atlas, load_atlas

if TYPE_CHECKING:
    from corridors.importing import ImportOptions, import_layer

SCHEMAS = Path(__file__).parent / "schemas"
"""Folder of the JSON schemas of the answers."""

__all__ = ["SCHEMAS", "Atlas", "Corridors", "ImportOptions", "import_layer", "load", "load_atlas"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as the module system has it
    """Give what brings files in; its readers are loaded by those who use them, not by every command."""
    if name in ("ImportOptions", "import_layer"):
        from corridors import importing

        return getattr(importing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
