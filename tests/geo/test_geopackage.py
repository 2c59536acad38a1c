"""A GeoPackage holds every layer with its types, sources and styles, and the same bytes for the same layers."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from shapely.geometry import LineString, Point, box

from geo.errors import LayerError, WriteError
from geo.geopackage import DEFAULT_LAST_CHANGE, write_geopackage
from geo.layer import Feature, Field, Layer, LayerStyle, StyleCategory, Value
from geo.qml import qml_text
from tests.geo.generated import FIELDS, features_with

STYLE = LayerStyle("name", (StyleCategory("a", 'A & "b" <c>', "#0072B2", 0.6, "dash"),))
HOSTILE = (
    "'; DROP TABLE gpkg_contents; --",
    '"quotes" {{7*7}} {% x %} `${y}` \\',
    "</script><img src=x onerror=alert(1)>",
    "\u2028\u202eabc\x01\x1b[31m\ufffe",
    "Шёлковый путь 丝绸之路 🐫",
    "",
)
FEATURES = features_with(HOSTILE)
VALIDATOR = ("/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg")

BUILD = """
import sys
from pathlib import Path
from shapely.geometry import LineString
from geo.geopackage import write_geopackage
from geo.layer import Feature, Field, Layer, LayerStyle
fields = tuple(Field(name, "text", name) for name in ("name", "countries"))
values = {name: ";".join(sorted({"KAZ", "CHN", "UZB", name})) for name in {"name", "countries"}}
features = tuple(Feature(f"line-{n}", LineString([(n, 1), (n + 1, 2)]), values) for n in range(20))
layer = Layer("lines", "Lines", "", fields, features, "MultiLineString", "us", "CC0-1.0", LayerStyle("name"))
write_geopackage([layer], Path(sys.argv[1]), title="T")
"""


def points(features: tuple[Feature, ...]) -> Layer:
    return Layer("points", "Points", "Places", FIELDS, features, "Point", "GeoNames", "CC-BY-4.0", STYLE)


def all_kinds() -> list[Layer]:
    """One layer of each kind, one of them empty, and a plain table."""
    values: dict[str, Value] = {"name": "a", "gauge_mm": 1520, "length_km": 12, "electrified": True}
    line = Feature("line", LineString([(179, 60), (-179, 62)]), values)
    return [
        Layer("railways", "Railways", "Tracks", FIELDS, (line,), "MultiLineString", "OSM", "ODbL-1.0", STYLE),
        points((Feature("b", Point(1, 2), values), Feature("a", None, {}))),
        Layer("belts", "Belts", "", FIELDS, (Feature("belt", box(0, 0, 9, 9), {}),), "MultiPolygon", "us", "CC0-1.0"),
        Layer("ferries", "Ferries", "", FIELDS, (), "MultiLineString", "us", "CC0-1.0", STYLE),
        Layer("claims", "Claims", "", FIELDS, (Feature("claim", None, values),), None, "us", "CC0-1.0"),
        Layer("sources", "Sources", "", (), (), None, "us", "CC0-1.0"),
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_geopackage(all_kinds(), tmp_path / "corridors.gpkg", title="Corridors <of> Eurasia")
    return tmp_path / "corridors.gpkg"


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as database:
        return database.execute(query).fetchall()


def same(found: Any, wanted: Any) -> bool:  # noqa: ANN401 - values of any column
    if wanted is None:
        return found is None or (isinstance(found, float) and math.isnan(found))
    return bool(found == wanted)


def test_every_layer_is_there_in_order_also_empty_ones_and_tables(file: Path) -> None:
    contents = rows(file, "SELECT table_name, data_type, identifier, srs_id FROM gpkg_contents")
    assert contents == [
        ("railways", "features", "Railways", 4326),
        ("points", "features", "Points", 4326),
        ("belts", "features", "Belts", 4326),
        ("ferries", "features", "Ferries", 4326),
        ("claims", "attributes", "Claims", 0),
        ("sources", "attributes", "Sources", 0),
        ("layer_styles", "attributes", "layer_styles", 0),
    ]
    assert pyogrio.read_info(file, layer="ferries")["geometry_type"] == "MultiLineString"
    assert pyogrio.read_info(file, layer="sources", force_feature_count=True)["features"] == 0


def test_sources_licences_and_title_travel_with_the_file(file: Path) -> None:
    ((text,),) = rows(file, "SELECT description FROM gpkg_contents WHERE table_name = 'railways'")
    assert text == "Tracks\nAttribution: OSM\nLicence: ODbL-1.0\nCRS: WGS 84 longitude and latitude (OGC:CRS84)"
    assert pyogrio.read_info(file, layer="points")["dataset_metadata"] == {"TITLE": "Corridors <of> Eurasia"}


def test_columns_have_true_types_meanings_and_units(file: Path) -> None:
    types = [row[1:3] for row in rows(file, "PRAGMA table_info(railways)")]
    assert types == [
        ("fid", "INTEGER"),
        ("geom", "MULTILINESTRING"),
        ("id", "TEXT"),
        ("name", "TEXT"),
        ("gauge_mm", "INTEGER"),
        ("length_km", "REAL"),
        ("electrified", "BOOLEAN"),
    ]
    query = "SELECT title, description FROM gpkg_data_columns WHERE table_name = 'claims' AND column_name = 'gauge_mm'"
    assert rows(file, query) == [("gauge_mm (mm)", "Gauge")]


def test_ids_are_unique_to_the_database_itself(file: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(file)) as database,
        pytest.raises(sqlite3.IntegrityError, match=r"claims\.id"),
    ):
        database.execute("INSERT INTO claims (id) VALUES ('claim')")


def test_spatial_layers_have_a_spatial_index(file: Path) -> None:
    query = "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index' ORDER BY 1"
    assert rows(file, query) == [("belts",), ("ferries",), ("points",), ("railways",)]


def test_geometry_is_cut_and_rounded_as_in_geojson(file: Path) -> None:
    frame = gpd.read_file(file, layer="railways")
    assert frame.crs == 4326
    assert frame.geometry.iloc[0].wkt == "MULTILINESTRING ((179 60, 180 61), (-180 61, -179 62))"


def test_order_of_features_is_kept(file: Path) -> None:
    assert rows(file, "SELECT id FROM points ORDER BY fid") == [("b",), ("a",)]


def test_styles_are_where_qgis_looks_for_them(file: Path) -> None:
    query = "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles ORDER BY id"
    found = rows(file, query)
    assert [row[:3] for row in found] == [("railways", "geom", 1), ("points", "geom", 1), ("ferries", "geom", 1)]
    assert found[0][3] == qml_text(STYLE, "MultiLineString")


def test_every_date_is_the_given_one(tmp_path: Path) -> None:
    file = tmp_path / "a.gpkg"
    write_geopackage(all_kinds(), file, title="T", last_change="2026-03-01T00:00:00.000Z")
    for query in ("last_change FROM gpkg_contents", "timestamp FROM gpkg_metadata_reference"):
        assert set(rows(file, f"SELECT {query}")) == {("2026-03-01T00:00:00.000Z",)}
    assert set(rows(file, "SELECT update_time FROM layer_styles")) == {("2026-03-01T00:00:00.000Z",)}


def test_option_of_gdal_is_put_back(tmp_path: Path) -> None:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1999-01-01T00:00:00.000Z"})
    try:
        write_geopackage(all_kinds(), tmp_path / "a.gpkg", title="T")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "1999-01-01T00:00:00.000Z"
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    write_geopackage(all_kinds(), tmp_path / "b.gpkg", title="T")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_two_writes_are_equal_byte_for_byte(file: Path, tmp_path: Path) -> None:
    write_geopackage(all_kinds(), tmp_path / "again.gpkg", title="Corridors <of> Eurasia")
    assert (tmp_path / "again.gpkg").read_bytes() == file.read_bytes()
    assert DEFAULT_LAST_CHANGE.encode() in file.read_bytes()


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        target = tmp_path / f"{seed}.gpkg"
        subprocess.run(
            [sys.executable, "-c", BUILD, target], check=True, env=environment, cwd=Path(__file__).parents[2]
        )
    assert len({target.read_bytes() for target in tmp_path.iterdir()}) == 1


@given(FEATURES)
@settings(deadline=None, max_examples=25)
def test_what_is_written_is_read_back(features: tuple[Feature, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.gpkg"
        write_geopackage([points(features)], file, title="T")
        _, _, geometries, columns = pyogrio.raw.read(file, layer="points")
    assert list(columns[0]) == [feature.id for feature in features]
    for field, column in zip(FIELDS, columns[1:], strict=True):
        for found, feature in zip(column, features, strict=True):
            assert same(found, feature.properties.get(field.name))
    for wkb, feature in zip(geometries, features, strict=True):
        assert (wkb is None) == (feature.geometry is None)
        assert wkb is None or shapely.from_wkb(wkb).equals_exact(feature.geometry, 1e-6)


def test_hostile_field_names_are_kept(tmp_path: Path) -> None:
    names = ("Имя линии", '"; DROP TABLE points; --', "{{x}}", "a'b", "select")
    fields = tuple(Field(name, "text", name) for name in names)
    layer = dataclasses.replace(points(()), fields=fields, style=LayerStyle(names[1]))
    write_geopackage([layer], tmp_path / "a.gpkg", title="T")
    assert tuple(pyogrio.read_info(tmp_path / "a.gpkg", layer="points")["fields"]) == ("id", *names)


def test_faults_of_all_layers_come_in_one_error(tmp_path: Path) -> None:
    first = dataclasses.replace(points((Feature("a", Point(500, 0), {}),)), name="first", title="First")
    second = dataclasses.replace(points((Feature("a", None, {"name": "x\0"}),)), name="second", title="First")
    with pytest.raises(LayerError) as raised:
        write_geopackage([first, second], tmp_path / "a.gpkg", title="T\x07", last_change="yesterday")
    text = str(raised.value)
    for fault in ("title 'T\\x07'", "last change 'yesterday'", "title 'First' is given to 2", "'first'", "'second'"):
        assert fault in text
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_write_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="at least one layer"):
        write_geopackage([], tmp_path / "a.gpkg", title="T")


def test_other_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"name it \.gpkg"):
        write_geopackage(all_kinds(), tmp_path / "a.sqlite", title="T")


def test_file_that_lacks_a_feature_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.gpkg"
    target.write_text("old", encoding="utf-8")

    def lossy(_layers: object, file: Path, _date: str) -> None:
        with contextlib.closing(sqlite3.connect(file)) as database, database:
            database.execute("DELETE FROM claims")

    monkeypatch.setattr("geo.geopackage._add_tables", lossy)
    with pytest.raises(WriteError, match="claims has 0 of 1 features"):
        write_geopackage(all_kinds(), target, title="T")
    assert target.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.gdal
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo (gdal-bin) is not installed")
def test_gdal_program_shows_layers_fields_and_metadata(file: Path) -> None:
    report = subprocess.run(["ogrinfo", "-ro", "-so", "-al", file], check=True, capture_output=True, text=True)
    assert report.stderr == ""
    for line in (
        "TITLE=Corridors <of> Eurasia",
        "Layer name: railways",
        "Geometry: Multi Line String",
        "Licence: ODbL-1.0",
        "id: String (0.0) UNIQUE",
        "electrified: Integer(Boolean)",
    ):
        assert line in report.stdout


def has_validator() -> bool:
    command = [VALIDATOR[0], "-c", "import osgeo_utils.samples.validate_gpkg"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    return False


@pytest.mark.gdal
@pytest.mark.skipif(not has_validator(), reason="GDAL's validate_gpkg (python3-gdal) is not installed")
def test_file_keeps_to_the_geopackage_standard(file: Path) -> None:
    command = [*VALIDATOR, "-k", "--extra", "--warning-as-error", str(file)]
    report = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (report.returncode, report.stdout) == (0, "")
