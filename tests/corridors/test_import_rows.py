"""Whatever a file says, a row is taken and can be loaded again, or is refused with a reason."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.import_rows import RowFaultError, RowTaker, Stated, slug
from geo.reading.records import Row
from layers.catalogue import Catalogue, load_catalogue
from layers.import_store import StoredRow
from layers.imported import Area, ImportedLayer, ImportedLine
from layers.schema import Mode, Status
from layers.study_imports import _course, _line, _place

COLUMNS = ["id", "name", "name_ru", "mode", "status", "opened", "gauge_mm", "speed_kmh", "length_km", "kind", "country"]
COLUMNS += ["Name", "MODE", "aliases", "note", "length_source"]
LIKELY = ["rail", "road", "open", "proposed", "2032", "2032~", "1520", "city", "KAZ", "KGZ", "  ", "measured", "80"]
texts = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(LIKELY)
values = st.none() | st.booleans() | st.integers() | st.floats() | texts
SHAPES = [
    shapely.LineString([(60.5, 46.9), (60.5, 46.5)]),
    shapely.MultiLineString([[(60, 46), (61, 46)], [(61, 46), (61, 46)]]),
    shapely.LineString([(60, 46), (60, 46)]),
    shapely.Point(60.5, 46.9),
    shapely.Point(-160, 0),
    shapely.MultiPoint([(60.5, 46.9), (72.8, 40.5)]),
    shapely.box(60, 46, 61, 47),
    shapely.GeometryCollection([shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])]),
    None,
]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def claims() -> Callable[[str], str]:
    numbers = itertools.count()
    return lambda wanted: f"{wanted}-{next(numbers)}"


def load(table: str, stored: StoredRow) -> object:
    """Make the record that a study makes of a row."""
    if table == "lines":
        line: ImportedLine = _course(stored, ())
        layer = ImportedLayer("own", "own.geojson", {}, is_joined=True, lines={stored.id: line})
        return _line(stored, layer, "file-own")
    if table == "places":
        return _place(stored, "file-own")
    return Area(id=stored.id, name=stored.values["name"], sources=("file-own",), note=stored.values["note"])


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), values, max_size=8), st.sampled_from(SHAPES), st.none() | texts)
def test_a_row_is_taken_and_loads_again_or_is_refused(
    catalogue: Catalogue, properties: dict[str, object], shape: shapely.Geometry | None, key: str | None
) -> None:
    taker = RowTaker("own", Stated(), catalogue, claims())
    try:
        taken = list(taker.take(Row(3, key, shape, properties)))  # type: ignore[arg-type]  # values of any kind
    except RowFaultError:
        return
    for table, stored in taken:
        assert load(table, stored)
        assert stored.row == 3
        assert not stored.geometry.is_empty


def test_what_is_stated_goes_before_the_columns(catalogue: Catalogue) -> None:
    stated = Stated(Mode.ROAD, Status.PLANNED, "2040", None, 60.0)
    taker = RowTaker("own", stated, catalogue, claims())
    columns: dict[str, str | int | float | bool | None] = {
        "mode": "rail",
        "status": "open",
        "opened": "1999",
        "speed_kmh": 200,
        "gauge_mm": 1520,
    }
    ((_, stored),) = taker.take(Row(0, None, SHAPES[0], columns))
    assert stored.values["mode"] == "road"
    assert stored.values["status"] == "planned"
    assert stored.values["opened"] == "2040"
    assert stored.values["speed_kmh"] == 60.0
    assert stored.values["gauge_mm"] is None


@given(st.text())
def test_a_slug_is_a_slug_or_empty(text: str) -> None:
    made = slug(text)
    assert made == "" or all(part.isascii() and part.isalnum() for part in made.split("-"))
    assert slug(made) == made
