"""Write a layer as CSV for spreadsheets and data frames: RFC 4180, UTF-8, geometry as WKT.

Columns are ``id``, for points ``lon`` and ``lat``, the fields, then ``WKT``. A spreadsheet takes a text that begins
with ``=``, ``+``, ``-``, ``@``, a tab or a line end for a formula: such a text gets an apostrophe in front, and one
that already begins with apostrophes before such a character gets one more, so that taking one away is always right.
Beside the table stand ``.csvt`` and ``.prj``, from which GDAL and QGIS take the types and the CRS.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.csv as arrow_csv
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.atomic import replace_text
from geo.errors import WriteError
from geo.file_geometry import DECIMALS
from geo.geojson import column_value, file_geometries
from geo.layer import FieldKind, Layer, Value, raise_faults

WKT_COLUMN = "WKT"
_LON_LAT = ("lon", "lat")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_CSVT_TYPES: Mapping[FieldKind, str] = MappingProxyType(
    {"text": "String", "integer": "Integer64", "real": "Real", "boolean": "Integer(Boolean)"}
)
_PRJ = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]\n'
)


def write_csv(layer: Layer, path: Path | str) -> None:
    """Write one layer (WGS 84 lon/lat) to ``path`` and its two side files, each whole or not at all, and verify it.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.
    WriteError
        When a file cannot be written; what stood there is untouched.
    """
    text = csv_text(layer)
    target = Path(path)
    replace_text(target.with_suffix(".csvt"), _csvt(layer))
    if layer.geometry_type is not None:
        replace_text(target.with_suffix(".prj"), _PRJ)
    replace_text(target, text, lambda file: _verify(file, layer))


def csv_text(layer: Layer) -> str:
    """Give the table as text with a header row and CRLF line ends.

    Examples
    --------
    >>> from geo.layer import Feature, Field
    >>> ports = (Feature("poti", Point(41.65, 42.15), {"note": "=1+1"}),)
    >>> layer = Layer("ports", "Ports", "", (Field("note", "text", ""),), ports, "Point", "us", "CC0-1.0")
    >>> print(csv_text(layer).splitlines()[1])
    poti,41.65,42.15,'=1+1,POINT (41.65 42.15)

    Raises
    ------
    LayerError
        When the layer cannot be written without loss, or a field is named like a column of the coordinates.
    """
    geometries = file_geometries(layer)
    header = _columns(layer)
    names = [name.lower() for name in header]
    raise_faults(layer.name, (f"field {name!a}: CSV has a column of that name" for name in _doubled(names)))
    text = io.StringIO(newline="")
    # CRLF as in RFC 4180: the writer then quotes either line end within a text
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(_rows(layer, geometries))
    return text.getvalue()


def neutral(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> neutral("=HYPERLINK(1)"), neutral("Xi'an"), neutral("'=")
    ("'=HYPERLINK(1)", "Xi'an", "''=")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _columns(layer: Layer) -> list[str]:
    return [
        "id",
        *(_LON_LAT if layer.geometry_type == "Point" else ()),
        *(neutral(field.name) for field in layer.fields),
        *((WKT_COLUMN,) if layer.geometry_type else ()),
    ]


def _csvt(layer: Layer) -> str:
    types = [
        "String",
        *(("Real",) * 2 if layer.geometry_type == "Point" else ()),
        *(_CSVT_TYPES[field.kind] for field in layer.fields),
        *((WKT_COLUMN,) if layer.geometry_type else ()),
    ]
    return ",".join(f'"{name}"' for name in types) + "\n"


def _rows(layer: Layer, geometries: list[BaseGeometry | None]) -> Iterator[list[str]]:
    for feature, geometry in zip(layer.features, geometries, strict=True):
        row = [neutral(feature.id)]
        if layer.geometry_type == "Point":
            row += [repr(geometry.x), repr(geometry.y)] if isinstance(geometry, Point) else ["", ""]
        row += [_cell(column_value(feature.properties.get(field.name), field.kind)) for field in layer.fields]
        if layer.geometry_type is not None:
            row.append("" if geometry is None else shapely.to_wkt(geometry, rounding_precision=DECIMALS, trim=True))
        yield row


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else repr(value)


def _verify(file: Path, layer: Layer) -> None:
    """Read back with Arrow: the standard library's reader stops at cells of 128 kB, as outlines have them."""
    names = _columns(layer)
    table = arrow_csv.read_csv(
        file,
        # one block: a row must not be longer than a block
        read_options=arrow_csv.ReadOptions(block_size=file.stat().st_size + 1),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    wanted = [neutral(feature.id) for feature in layer.features]
    if table.column_names != names or table.column("id").to_pylist() != wanted:
        raise WriteError(f"{file} was not written whole: read back {table.num_rows} of {len(wanted)} rows")
