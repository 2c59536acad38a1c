"""Export, import, export: the second file is the first, and what a format cannot carry is what the table says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from shapely import Point

from geo.csv_text import write_csv
from geo.door import open_layer
from geo.errors import ImportRefusedError, LayerError
from geo.flatgeobuf import write_flatgeobuf
from geo.geojson import write_geojson, write_geojson_lines
from geo.geopackage import write_geopackage
from geo.geoparquet import write_geoparquet
from geo.kml import write_kml
from geo.layer import Feature, Field, Layer, Value
from geo.reading.records import Row
from geo.reading.typing import as_kind
from tests.geo.samples import all_kinds
from tests.gis.conftest import Exported

Write = Callable[[Layer, Path], None]
FORMATS: Mapping[str, Write] = {
    "geojson": write_geojson,
    "geojsonl": write_geojson_lines,
    "gpkg": lambda layer, path: write_geopackage([layer], path, title="T"),
    "fgb": write_flatgeobuf,
    "parquet": write_geoparquet,
    "csv": write_csv,
    "kml": lambda layer, path: write_kml([layer], path, title="T"),
}
# columns that a reader finds beside those of the layer
ADDED: Mapping[str, set[str]] = {"csv": {"lon", "lat"}, "kml": {"name", "description", "folder"}}


def _table() -> dict[str, dict[str, bool]]:
    """Suffix → what the table says it carries."""
    text = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")
    lines = text.partition("| carries |")[2].splitlines()
    suffixes = [cell.strip() for cell in lines[0].strip("| ").split("|")]
    table: dict[str, dict[str, bool]] = {suffix: {} for suffix in suffixes}
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        name, *cells = [cell.strip() for cell in line.strip("| ").split("|")]
        for suffix, cell in zip(suffixes, cells, strict=True):
            table[suffix][name] = {"yes": True, "no": False}[cell]
    return table


TABLE = _table()


def imported(path: Path, first: Layer, suffix: str) -> Layer:
    """The layer as the door reads it, with the title, licence and look of the first."""
    with open_layer(path, layer=first.name if suffix == "gpkg" else None) as opened:
        rows = list(opened)
        found = {field.name: field for field in opened.fields or ()}
    assert opened.report.refused == []
    declared = {field.name for field in first.fields}
    assert set(found) - {"id"} - declared <= ADDED.get(suffix, set())
    features = tuple(_feature(row, first.fields, found) for row in rows)
    return dataclasses.replace(first, features=features)


def _feature(row: Row, fields: tuple[Field, ...], found: Mapping[str, Field]) -> Feature:
    values = {
        # a column without a value has no kind of its own in formats that declare none
        field.name: None if (value := row.properties.get(field.name)) is None else as_kind(value, field.kind)
        for field in fields
        if field.name in found
    }
    return Feature(str(row.properties["id"]), row.geometry, values)


def carries(suffix: str, layer: Layer) -> bool:
    """As the table in docs/exchange.md has it."""
    abilities = TABLE[suffix]
    return (layer.geometry_type is not None or abilities["tables"]) and (
        bool(layer.features) or abilities["layers without features"]
    )


def as_carried(suffix: str, layer: Layer) -> Layer:
    """The layer as KML has it: who has no name is called by the id."""
    if suffix != "kml" or all(field.name != "name" for field in layer.fields):
        return layer
    named = (dataclasses.replace(f, properties={"name": f.id, **_known(f)}) for f in layer.features)
    return dataclasses.replace(layer, features=tuple(named))


def _known(feature: Feature) -> dict[str, Value]:
    return {name: value for name, value in feature.properties.items() if value not in {None, ""} or name != "name"}


def round_trip(layer: Layer, suffix: str, folder: Path) -> tuple[Path, Path]:
    """Write, read through the door and write again; gives both files."""
    paths = folder / "first" / f"{layer.name}.{suffix}", folder / "second" / f"{layer.name}.{suffix}"
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    FORMATS[suffix](layer, paths[0])
    FORMATS[suffix](imported(paths[0], layer, suffix), paths[1])
    return paths


@pytest.mark.parametrize(
    ("suffix", "layer"),
    [pytest.param(s, layer, id=f"{s}-{layer.name}") for s in FORMATS for layer in all_kinds() if carries(s, layer)],
)
def test_second_export_is_the_first(layer: Layer, suffix: str, tmp_path: Path) -> None:
    first, second = round_trip(as_carried(suffix, layer), suffix, tmp_path)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("countries", "gpkg"), *((name, suffix) for name in ("belts", "railways", "events") for suffix in FORMATS)],
)
def test_shipped_layers_come_back_the_same(name: str, suffix: str, exported: Exported, tmp_path: Path) -> None:
    layer = exported.export.layers()[name]
    first, second = round_trip(as_carried(suffix, layer), suffix, tmp_path)
    assert second.read_bytes() == first.read_bytes()


# the table of docs/exchange.md, cell by cell


def comes_back(suffix: str, layer: Layer, folder: Path) -> Layer | None:
    """The layer after one round, or None where it cannot be written or is not taken in."""
    path = folder / f"a.{suffix}"
    try:
        FORMATS[suffix](layer, path)
        return imported(path, layer, suffix)
    except (LayerError, ImportRefusedError):
        return None


ODD: Mapping[str, list[Value]] = {
    "empty text apart from none": ["", None, "a", "b"],
    "control characters": ["bell \x07", "\x1b[31m", "a", "b"],
    "formula-like text": ["=1", "'=1", "-a", "@b"],
    "blanks at the ends": ["\tx", "a ", " \n", "b"],
    "types of empty columns": [None, None, None, None],
}


def odd_layer() -> Layer:
    """Four points, one of them nowhere, with a column for each odd kind of value."""
    fields = tuple(Field(name, "boolean" if name.startswith("types") else "text", "") for name in ODD)
    features = tuple(
        Feature(f"f{number}", Point(number, 0) if number else None, {name: ODD[name][number] for name in ODD})
        for number in range(4)
    )
    return Layer("odd", "Odd", "", fields, features, "Point", "us", "a-licence-of-its-own")


def abilities(suffix: str, folder: Path) -> dict[str, bool]:
    """What comes back of odd values, by the names of the table."""
    path = folder / f"odd.{suffix}"
    FORMATS[suffix](odd_layer(), path)
    with open_layer(path, layer="odd" if suffix == "gpkg" else None) as opened:
        rows = list(opened)
        kinds = {field.name: field.kind for field in opened.fields or ()}
    return {
        "tables": comes_back(suffix, all_kinds()[4], folder) == all_kinds()[4],
        "layers without features": comes_back(suffix, all_kinds()[3], folder) == all_kinds()[3],
        "features without a place": [row.geometry is None for row in rows] == [True, False, False, False],
        **{name: [row.properties.get(name) for row in rows] == values for name, values in ODD.items()},
        "types of empty columns": kinds.get("types of empty columns") == "boolean",
        "licence in the file": b"a-licence-of-its-own" in path.read_bytes(),
    }


@pytest.mark.parametrize("suffix", FORMATS)
def test_table_of_the_document_tells_what_happens(suffix: str, tmp_path: Path) -> None:
    assert abilities(suffix, tmp_path) == TABLE[suffix]
