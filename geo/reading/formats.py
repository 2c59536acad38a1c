"""Which format a file is in: its ending says, and its first bytes must agree."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geo.reading.archive import unpacked
from geo.reading.delimited import Delimited
from geo.reading.drafts import FileFault, Source
from geo.reading.flatgeobuf import feature_count
from geo.reading.geojson import GeoJsonLines, GeoJsonSequence, GeoJsonText
from geo.reading.gpx import Gpx
from geo.reading.kml import Kml
from geo.reading.native import native_source
from geo.reading.records import Limits, printable
from geo.reading.shapefile import prepared

_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES: Final = 4096
_FORMATS: Final = {
    ".geojson": "GeoJSON", ".json": "GeoJSON",
    ".geojsonl": "GeoJSONL", ".ndjson": "GeoJSONL", ".jsonl": "GeoJSONL",
    ".geojsons": "GeoJSONL", ".geojsonseq": "GeoJSONL",
    ".gpkg": "GeoPackage", ".shp": "Shapefile", ".fgb": "FlatGeobuf",
    ".parquet": "GeoParquet", ".geoparquet": "GeoParquet",
    ".kml": "KML", ".gpx": "GPX", ".csv": "CSV", ".tsv": "CSV",
}  # fmt: skip
_MAGIC: Final = {"FlatGeobuf": b"fgb\x03", "GeoParquet": b"PAR1", "Shapefile": b"\x00\x00\x27\x0a", "archive": b"PK"}
_TEXT_BEGINS: Final = {"GeoJSON": (b"{",), "GeoJSONL": (b"{", b"\x1e"), "KML": (b"<",), "GPX": (b"<",)}
# a GeoPackage says so in its application id; what is in it is looked at later
_SQLITE: Final = b"SQLite format 3\0"
_GEOPACKAGE_IDS: Final = frozenset({b"GPKG", b"GP10", b"GP11", b"GP12"})
_WITH_LAYERS: Final = frozenset({"GeoPackage", "KML", "GPX"})


@contextlib.contextmanager
def open_source(
    path: Path, *, layer: str | None, encoding: str | None, limits: Limits
) -> Iterator[tuple[Source, str | None]]:
    """Open the layer of a private copy in the format its ending names; also gives the name it had in an archive.

    Raises
    ------
    FileFault
        When the ending is unknown, the bytes are of another format, or there is no such layer.
    """
    member = None
    if path.suffix in (".zip", ".kmz"):
        _check_magic(_head(path), "archive")
        path, member = unpacked(path, limits)
    format_name = _FORMATS.get(path.suffix)
    if format_name is None:
        endings = ", ".join((*_FORMATS, ".kmz", ".zip"))
        raise FileFault(f"ending '{printable(path.suffix)}' is not one that is read; convert it to one of {endings}")
    _check_magic(_head(path), format_name)
    if layer is not None and format_name not in _WITH_LAYERS:
        raise FileFault(f"{format_name} has one layer only; leave the layer's name out")
    if format_name == "Shapefile":
        parts = prepared(path, encoding)
        with native_source(
            path, format_name, layer=None, encoding=parts.encoding, limits=limits, names=parts.names
        ) as source:
            source.crs, source.has_shape, source.rows = parts.crs, parts.has_shape, len(parts.has_shape)
            source.warnings += parts.warnings
            yield source, member
    elif format_name in ("GeoPackage", "FlatGeobuf", "GeoParquet"):
        rows = feature_count(path) if format_name == "FlatGeobuf" else None
        with native_source(path, format_name, layer=layer, encoding=None, limits=limits) as source:
            source.rows = rows
            yield source, member
    else:
        yield _text_source(path, format_name, layer, encoding, limits), member


def _text_source(path: Path, format_name: str, layer: str | None, encoding: str | None, limits: Limits) -> Source:
    if format_name == "CSV":
        return Delimited(path, encoding, limits)
    if format_name == "KML":
        return Kml(path, layer, limits)
    if format_name == "GPX":
        return Gpx(path, layer, limits)
    if format_name == "GeoJSON":
        return GeoJsonText(path, limits)
    return GeoJsonSequence(path, limits) if _text_head(_head(path)).startswith(b"\x1e") else GeoJsonLines(path, limits)


def _check_magic(head: bytes, format_name: str) -> None:
    if format_name == "GeoPackage":
        if not head.startswith(_SQLITE):
            raise FileFault("is named like a GeoPackage, but is no SQLite database")
        if head[68:72] not in _GEOPACKAGE_IDS:
            raise FileFault("is a SQLite database, but no GeoPackage: its application id is another")
    elif format_name == "CSV":
        if head.startswith((*_MAGIC.values(), _SQLITE)):
            raise FileFault("is named like CSV, but is of another format")
    elif format_name in _MAGIC:
        if not head.startswith(_MAGIC[format_name]):
            raise FileFault(f"is named like {format_name}, but does not begin like one")
    else:
        begins = _TEXT_BEGINS[format_name]
        if not _text_head(head).startswith(begins):
            raise FileFault(f"is named like {format_name}, but does not begin with '{begins[0].decode()}'")


def _text_head(head: bytes) -> bytes:
    if head.startswith(_UTF16_MARKS):
        # only XML may be UTF-16; its parser decodes it
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(_MARK).lstrip(b" \t\r\n")


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)
