"""CSV with coordinates in two columns or geometry as WKT, in any of the usual encodings and with any usual separator.

A spreadsheet says nothing of its types, so the file is read twice: first to find them, then for the rows.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo.layer import Field, FieldKind, Value
from geo.reading.drafts import Draft, FileFault, RowFault
from geo.reading.encodings import hint
from geo.reading.records import Limits, printable

_LON: Final = ("lon", "lng", "long", "longitude", "x", "easting")
_LAT: Final = ("lat", "latitude", "y", "northing")
_WKT: Final = ("wkt", "geometry", "geom", "the_geom", "geometry_wkt", "wkt_geom")
_SEPARATORS: Final = (",", ";", "\t", "|")
_SAMPLE_BYTES: Final = 64_000
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,15})")
_REAL: Final = re.compile(r"-?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_EXACT: Final = 2**53
_FLOAT_DIGITS: Final = 17
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_FORMULA: Final = re.compile(r"'+[=+\-@\t\r\n]")
_SRID: Final = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)
_GEOMETRY: Final = re.compile(r"\s*(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\b", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CSVT: Final[dict[str, FieldKind]] = {
    "string": "text", "integer": "integer", "integer64": "integer", "real": "real", "integer(boolean)": "boolean",
}  # fmt: skip


class Delimited:
    """The rows of a table whose first line names the columns."""

    format = "CSV"
    described: Mapping[str, Field] = {}
    metadata: Mapping[str, str] = {}
    name: str | None = None

    def __init__(self, file: Path, encoding: str | None, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.repairs: list[str] = []
        self.warnings: list[str] = []
        # the standard library's bound of 128 kB is too small for outlines; it is one setting for the whole program
        csv.field_size_limit(max(csv.field_size_limit(), limits.max_row_bytes))
        self._encoding = _encoding(file, encoding)
        self._separator = _separator(file, self._encoding)
        names = next(self._cells(), [])
        self._names = _columns(names, self.warnings)
        self._wkt, self._lon, self._lat = _places(self._names)
        self.crs = self._stated_crs()
        self.fields: tuple[Field, ...] | None = self._typed()

    def drafts(self) -> Iterator[Draft]:
        """Give the rows in order; the first after the names is row 0."""
        cells = self._cells()
        next(cells, None)
        fields = self.fields or ()
        for row, values in enumerate(cells):
            draft = Draft(row)
            try:
                self._fill(draft, values, fields)
            except RowFault as fault:
                draft.fault = str(fault)
            yield draft

    def _fill(self, draft: Draft, values: list[str], fields: tuple[Field, ...]) -> None:
        if len(values) != len(self._names):
            raise RowFault(f"has {len(values)} cells; the first line names {len(self._names)} columns")
        draft.geometry = self._geometry(values, draft)
        draft.properties = self._properties(values, fields, draft)
        identity = draft.properties.get("id")
        draft.id = None if identity is None else str(identity)

    def _cells(self) -> Iterator[list[str]]:
        """Rows of cells, lines without any left out."""
        try:
            with self._file.open(encoding=self._encoding, newline="") as stream:
                for cells in csv.reader(stream, delimiter=self._separator, strict=True):
                    if cells:
                        yield cells
        except csv.Error as fault:
            raise FileFault(f"no CSV: {printable(fault)}") from None
        except UnicodeError as fault:
            raise FileFault(
                f"is not {self._encoding} throughout: {printable(fault)}; say the encoding of the file"
            ) from None

    def _stated_crs(self) -> str | None:
        """Give what an ``SRID=…;`` before the first WKT says, else what a .prj beside the file says, else lon/lat."""
        if self._wkt is not None:
            cells = self._cells()
            next(cells, None)
            first = next((row[self._wkt] for row in cells if len(row) > self._wkt and row[self._wkt].strip()), "")
            if found := _SRID.match(first):
                return f"EPSG:{found[1]}"
        projection = self._file.with_suffix(".prj")
        if projection.exists():
            return projection.read_text(encoding="utf-8", errors="replace").strip("\ufeff \r\n\0") or None
        return "OGC:CRS84"

    # values

    def _typed(self) -> tuple[Field, ...]:
        taken = {self._wkt, self._lon, self._lat}
        places = [index for index in range(len(self._names)) if index not in taken]
        kinds = self._said_kinds() or self._found_kinds(places)
        return tuple(Field(self._names[index], kinds[index], "") for index in places)

    def _said_kinds(self) -> dict[int, FieldKind] | None:
        """Kinds that a .csvt beside the file says, when it has one for each column."""
        types = self._file.with_suffix(".csvt")
        if not types.exists():
            return None
        said = [
            re.sub(r"\([\d.]*\)$", "", one.strip().strip('"').lower())
            for one in types.read_text("utf-8", "replace").split(",")
        ]
        return (
            {index: _CSVT.get(one, "text") for index, one in enumerate(said)} if len(said) == len(self._names) else None
        )

    def _found_kinds(self, places: list[int]) -> dict[int, FieldKind]:
        """Give the narrowest kind for each column; numbers with leading zeros are codes, and text."""
        possible = {index: [kind for kind, _ in _KINDS] for index in places}
        filled: set[int] = set()
        cells = self._cells()
        next(cells, None)
        for row in cells:
            for index in places:
                if index < len(row) and row[index]:
                    filled.add(index)
                    if possible[index]:
                        possible[index] = [kind for kind in possible[index] if _MATCHES[kind](row[index])]
        return {index: possible[index][0] if index in filled and possible[index] else "text" for index in places}

    def _properties(self, values: list[str], fields: tuple[Field, ...], draft: Draft) -> dict[str, Value]:
        taken = {self._wkt, self._lon, self._lat}
        cells = [value for index, value in enumerate(values) if index not in taken]
        return {field.name: _value(cell, field, draft) for field, cell in zip(fields, cells, strict=True)}

    # geometry

    def _geometry(self, values: list[str], draft: Draft) -> BaseGeometry | None:
        if self._wkt is not None:
            return self._from_wkt(values[self._wkt])
        lon, lat = (self._number(values[index] if index is not None else "", draft) for index in (self._lon, self._lat))
        if (lon is None) != (lat is None):
            raise RowFault("has one coordinate of two")
        return None if lon is None or lat is None else shapely.points(lon, lat)

    def _number(self, cell: str, draft: Draft) -> float | None:
        content = cell.strip()
        if not content:
            return None
        if self._separator != "," and content.count(",") == 1 and "." not in content:
            content = content.replace(",", ".")
            draft.notices.append("commas in coordinates read as decimal points")
        if not _NUMBER.fullmatch(content):
            raise RowFault(
                f"coordinate '{printable(cell, length=30)}' is no number; write decimal degrees such as 76.95"
            )
        return float(content)

    def _from_wkt(self, cell: str) -> BaseGeometry | None:
        if not cell.strip():
            return None
        srid = _SRID.match(cell)
        if (f"EPSG:{srid[1]}" if srid else None) != (self.crs if self.crs != "OGC:CRS84" and srid else None):
            raise RowFault(f"geometry is in {srid[1] if srid else 'no'} SRID, the first of the file in another")
        content = cell[srid.end() :] if srid else cell
        # GEOS follows nested collections until its stack ends
        if not _GEOMETRY.match(content) or content.upper().count("GEOMETRYCOLLECTION") > 16:
            raise RowFault(f"'{printable(content, length=40)}' is no WKT of points, lines or polygons")
        try:
            return shapely.from_wkt(content)
        except (shapely.errors.GEOSException, ValueError) as fault:
            raise RowFault(f"WKT cannot be read: {printable(fault)}") from None


def _columns(names: list[str], warnings: list[str]) -> list[str]:
    if not any(name.strip() for name in names):
        raise FileFault("has no line with the names of columns")
    named = [name.strip() or f"column_{index + 1}" for index, name in enumerate(names)]
    if doubled := [name for name, count in Counter(named).items() if count > 1]:
        raise FileFault(f"column name '{printable(doubled[0])}' is given twice; rename one")
    if named != names:
        warnings.append("blanks around column names left out, columns without a name numbered")
    return named


def _places(names: list[str]) -> tuple[int | None, int | None, int | None]:
    """Where WKT, or east and north, stand."""
    lower = [name.lower() for name in names]
    wkt = next((lower.index(name) for name in _WKT if name in lower), None)
    lon = next((lower.index(name) for name in _LON if name in lower), None)
    lat = next((lower.index(name) for name in _LAT if name in lower), None)
    if wkt is not None:
        # WKT goes before, and what repeats it stays an ordinary column
        return wkt, None, None
    if lon is None or lat is None:
        shown = ", ".join(f"'{printable(name, length=30)}'" for name in names[:12])
        raise FileFault(f"has no columns for coordinates: expected lon and lat, or WKT; found {shown}")
    return None, lon, lat


def _value(cell: str, field: Field, draft: Draft) -> Value:
    if cell == "":
        return None
    if field.kind == "text":
        if _FORMULA.match(cell):
            draft.repairs.append(f"apostrophe before a formula taken off in column '{printable(field.name)}'")
            return cell[1:]
        return cell
    if not _MATCHES[field.kind](cell):
        raise RowFault(f"column '{printable(field.name)}' is {field.kind} and holds '{printable(cell, length=30)}'")
    if field.kind == "boolean":
        return cell.lower() in ("true", "1")
    return int(cell) if field.kind == "integer" else float(cell)


def _is_integer(cell: str) -> bool:
    return _INTEGER.fullmatch(cell) is not None and abs(int(cell)) < _EXACT


def _is_real(cell: str) -> bool:
    """Tell whether a float holds a number with all its digits; longer ones are identifiers more often than measures."""
    if _REAL.fullmatch(cell) is None or sum(map(str.isdigit, cell)) > _FLOAT_DIGITS:
        return False
    return _is_integer(cell) or (not cell.lstrip("-").isdigit() and abs(float(cell)) < float("inf"))


_KINDS: Final[tuple[tuple[FieldKind, Callable[[str], bool]], ...]] = (
    ("integer", _is_integer),
    ("real", _is_real),
    ("boolean", lambda cell: cell.lower() in ("true", "false")),
)
_MATCHES: Final = dict(_KINDS)


# encoding and separator


def _encoding(file: Path, said: str | None) -> str:
    with file.open("rb") as stream:
        head = stream.read(4)
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
        if said is not None:
            return _known(said)
        if marked is not None:
            return marked
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
        try:
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            stream.seek(0)
            raise FileFault(f"is not UTF-8; say the encoding of the file{hint(stream.read(_SAMPLE_BYTES))}") from None
    return "utf-8"


def _known(said: str) -> str:
    try:
        return codecs.lookup(said).name
    except LookupError:
        raise FileFault(
            f"encoding '{printable(said)}' is not known; expected one such as 'utf-8' or 'cp1251'"
        ) from None


def _separator(file: Path, encoding: str) -> str:
    """Give the separator that gives the first line most columns, and the lines after it as many."""
    try:
        with file.open(encoding=encoding, newline="") as stream:
            sample = stream.read(_SAMPLE_BYTES)
    except UnicodeError:
        raise FileFault(f"is not {encoding}; say the encoding of the file") from None
    lines = sample.splitlines()[:50]
    return max(_SEPARATORS, key=lambda separator: _columns_of(lines, separator))


def _columns_of(lines: list[str], separator: str) -> tuple[int, int]:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator) if cells]
    except csv.Error:
        return 0, 0
    named = widths[0] if widths else 0
    agreeing = sum(width == named for width in widths)
    return (agreeing if named > 1 else 0, named)
