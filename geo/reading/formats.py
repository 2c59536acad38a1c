"""Which format a file is in: its ending says, and its first bytes must agree."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geo.reading.drafts import FileFault, Source
from geo.reading.geojson import GeoJsonLines, GeoJsonSequence, GeoJsonText
from geo.reading.intake import Copy
from geo.reading.native import native_source
from geo.reading.records import Limits, printable

_MARK: Final = b"\xef\xbb\xbf"
_HEAD_BYTES: Final = 4096
_NATIVE: Final = {".gpkg": "GeoPackage", ".fgb": "FlatGeobuf", ".parquet": "GeoParquet", ".geoparquet": "GeoParquet"}
_MAGIC: Final = {"FlatGeobuf": b"fgb\x03", "GeoParquet": b"PAR1", "Shapefile": b"\x00\x00\x27\x0a"}
_JSON: Final = (".geojson", ".json")
_JSON_LINES: Final = (".geojsonl", ".ndjson", ".jsonl", ".geojsons", ".geojsonseq")


@contextlib.contextmanager
def open_source(file: Copy, *, layer: str | None, encoding: str | None, limits: Limits) -> Iterator[Source]:
    """Open the layer of a private copy in the format its ending names.

    Raises
    ------
    FileFault
        When the ending is unknown, the bytes are of another format, or there is no such layer.
    """
    ending = file.path.suffix
    head = _head(file.path)
    if ending in _JSON or ending in _JSON_LINES:
        yield _json(file.path, head, ending, limits)
        return
    format_name = _NATIVE.get(ending)
    if format_name is not None:
        _check_magic(head, format_name)
        with native_source(file.path, format_name, layer=layer, encoding=encoding, limits=limits) as source:
            yield source
        return
    raise FileFault(f"ending '{printable(ending)}' is not one that is read; see docs/reading.md")


def _check_magic(head: bytes, format_name: str) -> None:
    if format_name == "GeoPackage":
        if not head.startswith(b"SQLite format 3\0"):
            raise FileFault("is named like a GeoPackage, but is no SQLite database")
        if head[68:72] not in (b"GPKG", b"GP10", b"GP11", b"GP12"):
            raise FileFault("is a SQLite database, but no GeoPackage: its application id is another")
    elif not head.startswith(_MAGIC[format_name]):
        raise FileFault(f"is named like {format_name}, but does not begin like one")


def _json(path: Path, head: bytes, ending: str, limits: Limits) -> Source:
    text = head.removeprefix(_MARK).lstrip(b" \t\r\n")
    if ending in _JSON_LINES and text.startswith(b"\x1e"):
        return GeoJsonSequence(path, limits)
    if not text.startswith(b"{"):
        raise FileFault("is no GeoJSON: it does not begin with '{'")
    return GeoJsonLines(path, limits) if ending in _JSON_LINES else GeoJsonText(path, limits)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)
