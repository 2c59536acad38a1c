"""A study: a user's own records on top of the shipped catalogue."""

from __future__ import annotations

from pathlib import Path

from geo.errors import WriteError
from layers.schema import Claim, Place

_README = """\
# A corridors study

Records in `catalogue/` are added to the shipped catalogue and checked in the same way.

| file | one record is |
| --- | --- |
| `catalogue/places/own.csv` | a place; `source` is `own`, or the id of another source |
| `catalogue/lines/own.yaml` | a line drawn through waypoints: place ids or `[lon, lat]` |
| `catalogue/claims/own.csv` | one published value of one attribute |
| `catalogue/sources/own.json` | a CSL-JSON reference |

A line looks like this:

    - id: my-railway
      names: {en: My railway}
      mode: rail
      status: proposed
      opened: "2032"
      waypoints: [kashgar, [74.9, 40.1], osh]
      sources: [own]

Lines, places and areas of a vector file come in with `corridors import FILE --study STUDY`; each import is a folder of
its own in `imports/`, and removing the folder removes the import.

Then `corridors build STUDY` and `corridors route … --study STUDY`.
"""
_SOURCES = """\
[
  {"id": "own", "type": "document", "title": "Own records of this study"}
]
"""


_TEXTS = {
    "README.md": _README,
    "catalogue/places/own.csv": ",".join(Place.model_fields) + "\n",
    "catalogue/lines/own.yaml": "[]\n",
    "catalogue/claims/own.csv": ",".join(Claim.model_fields) + "\n",
    "catalogue/sources/own.json": _SOURCES,
}


def is_untouched(file: Path, name: str) -> bool:
    """Tell whether a file of a study, called ``name`` in it, is as it was made: it says nothing of its own yet."""
    text = _TEXTS.get(name)
    return text is not None and file.stat().st_size < 10_000 and file.read_bytes() == text.encode()


def create_study(directory: Path) -> None:
    """Make the folder with empty tables.

    Raises
    ------
    WriteError
        It exists and is not empty, or cannot be made.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise WriteError(f"{directory} exists and is not empty; give a new folder")
    try:
        for name, text in _TEXTS.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{directory} cannot be made: {error}") from error
