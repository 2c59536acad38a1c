"""GeoJSON keeps to RFC 7946, gives back what was put in, and the same bytes for the same layer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyogrio.raw
import pytest
import shapely
from geojson_pydantic import FeatureCollection
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box, shape

from geo.errors import LayerError, WriteError
from geo.file_geometry import file_geometry
from geo.geojson import geojson_text, write_geojson
from geo.layer import Feature, Field, GeometryType, Layer
from tests.geo.generated import FIELDS, features_with

HOSTILE = (
    "{{7*7}}{% raw %}{#",
    "</script><img src=x onerror=alert(1)>",
    "\"quotes\" 'and' `ticks` ${x} \\n \\u0000",
    "\u2028\u2029\u202eabc",
    "\x01\x1b[31m\x7f\ufffe",
    "=cmd|' /C calc'!A0",
    "Шёлковый путь 丝绸之路 İpek Yolu 🐫",
    "",
    " ",
)
FEATURES = features_with(HOSTILE)

READER: type[FeatureCollection[Any]] = FeatureCollection
# the standard allows such a box (§5.2), and that reader warns of it
NOTED = pytest.mark.filterwarnings("ignore:BBOX crossing the Antimeridian:UserWarning")

BUILD = """
import sys
from pathlib import Path
from shapely.geometry import LineString
from geo.geojson import write_geojson
from geo.layer import Feature, Field, Layer
fields = tuple(Field(name, "text", name) for name in ("name", "countries", "sources"))
values = {name: ";".join(sorted({"KAZ", "CHN", "UZB", name})) for name in {"sources", "name", "countries"}}
features = tuple(Feature(f"line-{n}", LineString([(n, 1), (n + 1, 2)]), values) for n in range(20))
write_geojson(Layer("lines", "Lines", "", fields, features, "MultiLineString", "us", "CC0-1.0"), Path(sys.argv[1]))
"""


def layer(
    features: tuple[Feature, ...], geometry_type: GeometryType | None = "Point", fields: tuple[Field, ...] = FIELDS
) -> Layer:
    return Layer("things", "Things", 'All "things"', fields, features, geometry_type, "GeoNames", "CC-BY-4.0")


def one(geometry: shapely.geometry.base.BaseGeometry, geometry_type: GeometryType) -> dict[str, Any]:
    collection: dict[str, Any] = json.loads(geojson_text(layer((Feature("a", geometry, {}),), geometry_type)))
    return collection


def test_collection_carries_what_a_reader_needs_and_no_crs() -> None:
    collection = one(Point(73.123456789, -0.00000001), "Point")
    assert list(collection) == [
        *("type", "name", "title", "description", "attribution", "licence", "fields", "bbox", "features")
    ]
    assert collection["fields"][1] == {"name": "gauge_mm", "kind": "integer", "unit": "mm", "description": "Gauge"}
    assert collection["bbox"] == [73.123457, 0.0, 73.123457, 0.0]
    assert collection["features"][0] == {
        "type": "Feature",
        "id": "a",
        "geometry": {"type": "Point", "coordinates": [73.123457, 0.0]},
        "properties": {"id": "a", "name": None, "gauge_mm": None, "length_km": None, "electrified": None},
    }


def test_each_feature_stands_on_its_own_line() -> None:
    text = geojson_text(layer(tuple(Feature(f"p{n}", Point(n, n), {"name": "a\nb"}) for n in range(3))))
    assert text.endswith("\n]}\n")
    lines = text.splitlines()
    assert len(lines) == 5
    assert [json.loads(line.rstrip(","))["id"] for line in lines[1:-1]] == ["p0", "p1", "p2"]


def test_text_is_written_as_it_reads() -> None:
    assert "丝绸之路" in geojson_text(layer((Feature("a", Point(0, 0), {"name": "丝绸之路"}),)))


def test_empty_layer_is_an_empty_list_without_a_box() -> None:
    collection = json.loads(geojson_text(layer(())))
    assert collection["features"] == []
    assert "bbox" not in collection


def test_plain_table_has_null_geometry() -> None:
    collection = json.loads(geojson_text(layer((Feature("claim-1", None, {"name": "x"}),), None)))
    assert collection["features"][0]["geometry"] is None
    assert "bbox" not in collection


@pytest.mark.parametrize("ccw", [True, False])
def test_rings_follow_the_right_hand_rule(*, ccw: bool) -> None:
    area = Polygon(box(0, 0, 9, 9, ccw=ccw).exterior.coords, [box(2, 2, 4, 4, ccw=ccw).exterior.coords])
    ((shell, hole),) = one(area, "MultiPolygon")["features"][0]["geometry"]["coordinates"]
    assert shapely.LinearRing(shell).is_ccw
    assert not shapely.LinearRing(hole).is_ccw
    assert shell[0] == shell[-1]


def test_line_across_the_antimeridian_is_cut_and_boxed() -> None:
    collection = one(LineString([(177, -16), (-178, -18)]), "MultiLineString")
    assert collection["features"][0]["geometry"]["coordinates"] == [
        [[177.0, -16.0], [180.0, -17.2]],
        [[-180.0, -17.2], [-178.0, -18.0]],
    ]
    assert collection["bbox"] == [177.0, -18.0, -178.0, -16.0]


def test_faults_of_geometry_are_told_by_feature_in_one_error() -> None:
    features = (
        Feature("dot", LineString([(0, 0), (1e-8, 0)]), {}),
        Feature("fine", LineString([(0, 0), (1, 0)]), {}),
        Feature("spot", LineString([(5, 5), (5, 5 + 1e-8)]), {}),
    )
    with pytest.raises(LayerError, match=r"2 faults:\n  feature 'dot': line part at 0\.0.*\n  feature 'spot': "):
        geojson_text(layer(features, "MultiLineString"))


def test_refused_layer_leaves_the_old_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.geojson"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(LayerError):
        write_geojson(layer((Feature("a", Point(500, 0), {}),)), target)
    assert target.read_text(encoding="utf-8") == "old"


def test_file_that_reads_back_otherwise_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.atomic._write_text", lambda file, _: file.write_text('{"features": []}'))
    with pytest.raises(WriteError, match="read back 0 of 1"):
        write_geojson(layer((Feature("a", Point(0, 0), {}),)), tmp_path / "a.geojson")
    assert list(tmp_path.iterdir()) == []


@given(FEATURES)
@settings(deadline=None)
def test_what_is_written_is_read_back(features: tuple[Feature, ...]) -> None:
    read = json.loads(geojson_text(layer(features)))["features"]
    assert [found["id"] for found in read] == [feature.id for feature in features]
    for found, feature in zip(read, features, strict=True):
        wanted = {"id": feature.id} | {field.name: feature.properties.get(field.name) for field in FIELDS}
        assert found["properties"] == wanted
        assert [type(found["properties"][name]) for name in ("gauge_mm", "electrified")] == [
            type(wanted[name]) for name in ("gauge_mm", "electrified")
        ]
        if feature.geometry is None:
            assert found["geometry"] is None
        else:
            assert shape(found["geometry"]).equals_exact(feature.geometry, 1e-6)


@NOTED
@given(FEATURES)
@settings(deadline=None, max_examples=40)
def test_file_is_valid_geojson_to_another_reader(features: tuple[Feature, ...]) -> None:
    collection = READER.model_validate_json(geojson_text(layer(features)))
    assert len(collection.features) == len(features)


@NOTED
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=12))
@settings(deadline=None)
def test_areas_of_any_kind_are_written_by_the_standard_or_refused(points: list[tuple[float, float]]) -> None:
    area = Polygon(points).convex_hull
    try:
        text = geojson_text(layer((Feature("a", area, {}),), "MultiPolygon"))
    except LayerError:
        return
    collection = READER.model_validate_json(text)
    geometry = shape(collection.features[0].geometry.model_dump())
    assert geometry.is_valid
    assert all(part.exterior.is_ccw for part in shapely.get_parts(geometry))


@given(FEATURES.filter(bool))
@settings(deadline=None, max_examples=25)
def test_gdal_reads_every_id_and_name(features: tuple[Feature, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "things.geojson"
        write_geojson(layer(features), file)
        _, _, _, columns = pyogrio.raw.read(file, columns=["id", "name"])
        assert list(columns[0]) == [feature.id for feature in features]
        assert [value for value in columns[1] if value is not None] == [
            value for feature in features if (value := feature.properties.get("name")) is not None
        ]


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        file = tmp_path / f"{seed}.geojson"
        subprocess.run([sys.executable, "-c", BUILD, file], check=True, env=environment, cwd=Path(__file__).parents[2])
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1


@pytest.mark.gdal
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo (gdal-bin) is not installed")
def test_gdal_program_shows_layer_fields_and_count(tmp_path: Path) -> None:
    line = file_geometry(LineString([(179, 60), (-179, 62)]))
    features = tuple(Feature(f"l{n}", line, {"gauge_mm": 1520, "electrified": True}) for n in range(3))
    write_geojson(layer(features, "MultiLineString"), tmp_path / "things.geojson")
    report = subprocess.run(
        ["ogrinfo", "-ro", "-so", "-al", tmp_path / "things.geojson"], check=True, capture_output=True, text=True
    )
    assert report.stderr == ""
    for line_ in ("Layer name: things", "Geometry: Multi Line String", "Feature Count: 3", "id: String", "WGS 84"):
        assert line_ in report.stdout
    assert "electrified: Integer(Boolean)" in report.stdout
