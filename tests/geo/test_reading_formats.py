"""Each format gives the same rows for the same layer, with its own ways of texts, types and reference systems."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import wkt
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.door import Limits, OpenedLayer, Row, open_layer
from geo.errors import ImportRefusedError

LINE = LineString([(76.95, 43.25), (69.24, 41.3)])
CROSSING = LineString([(179, 60), (-179, 62)])
FRAME = gpd.GeoDataFrame(
    {"name": ["Шёлковый путь", None], "gauge": [1520, 1435], "km": [960.5, 1.0], "open": [True, False]},
    geometry=[LINE, CROSSING],
    crs="EPSG:4326",
)


def _read(path: Path, **options: Any) -> tuple[list[Row], OpenedLayer]:  # noqa: ANN401  as the door takes them
    with open_layer(path, **options) as opened:
        return list(opened), opened


def _write(frame: gpd.GeoDataFrame, path: Path, **options: Any) -> Path:  # noqa: ANN401  as GeoPandas takes them
    if path.suffix == ".parquet":
        frame.to_parquet(path, **options)
    else:
        frame.to_file(path, **options)
    return path


@pytest.mark.parametrize(
    ("ending", "crs"),
    [
        (".geojson", "EPSG:3857"),
        (".geojsonl", "EPSG:4326"),
        (".gpkg", "EPSG:3857"),
        (".shp", "EPSG:4326"),
        (".fgb", "EPSG:4326"),
        (".parquet", "EPSG:3857"),
    ],
)
def test_formats_give_the_same_rows(tmp_path: Path, ending: str, crs: str) -> None:
    frame = FRAME.iloc[:1] if crs != "EPSG:4326" else FRAME
    rows, opened = _read(_write(frame.to_crs(crs), tmp_path / f"layer{ending}"))

    assert rows[0].geometry is not None
    assert rows[0].geometry.equals_exact(LINE, 1e-6)
    assert dict(rows[0].properties) == {"name": "Шёлковый путь", "gauge": 1520, "km": 960.5, "open": True}
    kinds = {field.name: field.kind for field in opened.fields or ()}
    assert kinds == {"name": "text", "gauge": "integer", "km": "real", "open": "boolean"}
    if len(frame) == 2:
        assert rows[1].geometry is not None
        assert rows[1].geometry.wkt == "MULTILINESTRING ((179 60, 180 61), (-180 61, -179 62))"
        assert opened.report.repaired == [(1, "crosses 180° of longitude, cut there")]


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".fgb", ".parquet"])
def test_rows_without_a_place_are_kept(tmp_path: Path, ending: str) -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=gpd.GeoSeries.from_wkt(np.array(["POINT (1 2)", None]), crs="EPSG:4326")
    )
    options = {"SPATIAL_INDEX": "NO"} if ending == ".fgb" else {}
    rows, opened = _read(_write(frame, tmp_path / f"layer{ending}", **options))

    assert [row.geometry is None for row in rows] == [False, True]
    assert opened.report.refused == []


@pytest.mark.parametrize("ending", [".gpkg", ".parquet"])
def test_dates_are_text_as_iso_8601(tmp_path: Path, ending: str) -> None:
    frame = gpd.GeoDataFrame({"opened": pd.to_datetime(["2032-05-01"]).date}, geometry=[Point(1, 2)], crs="EPSG:4326")
    rows, _ = _read(_write(frame, tmp_path / f"layer{ending}"))

    assert str(rows[0].properties["opened"]) == "2032-05-01"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "gbk"])
def test_texts_of_a_shapefile_are_in_the_encoding_it_says(tmp_path: Path, encoding: str) -> None:
    text = "铁路" if encoding == "gbk" else "Дорога"
    frame = gpd.GeoDataFrame({"имя" if encoding != "gbk" else "名": [text]}, geometry=[Point(1, 2)], crs="EPSG:4326")
    path = _write(frame, tmp_path / "layer.shp", encoding=encoding)

    rows, _ = _read(path)

    assert list(rows[0].properties.items()) == [(frame.columns[0], text)]


@pytest.mark.parametrize(
    ("text", "guess"), [("Дорога", "$"), ("Железная дорога Ош – Кашгар", ", perhaps encoding='cp1251'$")]
)
def test_a_shapefile_that_says_no_encoding_is_refused_until_it_is_said(tmp_path: Path, text: str, guess: str) -> None:
    frame = gpd.GeoDataFrame({"n": [text]}, geometry=[Point(1, 2)], crs=4326)
    path = _write(frame, tmp_path / "layer.shp", encoding="cp1251")
    path.with_suffix(".cpg").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0
    path.with_suffix(".dbf").write_bytes(bytes(table))

    with pytest.raises(ImportRefusedError, match=f"no .cpg; say the encoding of the file{guess}"):
        _read(path)
    assert _read(path, encoding="cp1251")[0][0].properties == {"n": text}


def test_rows_marked_as_deleted_are_told(tmp_path: Path) -> None:
    path = _write(
        gpd.GeoDataFrame({"n": ["a", "b", "c"]}, geometry=[Point(1, 2)] * 3, crs=4326), tmp_path / "layer.shp"
    )
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    start, width = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    table[start + width] = ord("*")
    path.with_suffix(".dbf").write_bytes(bytes(table))

    rows, opened = _read(path)

    assert [row.properties["n"] for row in rows] == ["a", "c"]
    assert opened.report.warnings == ["1 rows are marked as deleted in the .dbf and are not read"]


def test_a_shapefile_needs_its_index(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.shp")
    path.with_suffix(".shx").unlink()

    with pytest.raises(ImportRefusedError, match=r"has no \.shx beside it"):
        _read(path)


def test_a_zipped_shapefile_with_parts_in_capitals_is_read(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.shp")
    with zipfile.ZipFile(tmp_path / "layer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(path.with_suffix(f".{part}"), f"deep/folder/RAIL.{part.upper()}")

    rows, opened = _read(tmp_path / "layer.zip")

    assert len(rows) == 2
    assert opened.name == "RAIL"


def test_a_file_that_says_no_reference_system_asks_for_it(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.shp")
    path.with_suffix(".prj").unlink()

    with pytest.raises(ImportRefusedError, match=r"does not say which reference system"):
        _read(path)
    assert len(_read(path, crs="EPSG:4326")[0]) == 2


def test_metres_labelled_as_degrees_are_noticed(tmp_path: Path) -> None:
    path = _write(
        FRAME.iloc[:1].to_crs("EPSG:32643").set_crs("EPSG:4326", allow_override=True), tmp_path / "layer.gpkg"
    )

    with pytest.raises(ImportRefusedError, match=r"look like metres .* taken to be in degrees"):
        _read(path)

    rows, opened = _read(path, crs="EPSG:32643")
    assert rows[0].geometry is not None
    assert rows[0].geometry.equals_exact(LINE, 1e-5)
    assert opened.report.warnings == ["the file's own reference system was set aside for EPSG:32643"]


@pytest.mark.parametrize("rows", [1, len(FRAME)])
def test_degrees_labelled_as_metres_are_noticed(tmp_path: Path, rows: int) -> None:
    path = _write(FRAME.iloc[:rows].set_crs("EPSG:32643", allow_override=True), tmp_path / "layer.gpkg")

    with pytest.raises(ImportRefusedError, match=r"look like degrees"):
        _read(path)


def test_latitude_before_longitude_is_noticed(tmp_path: Path) -> None:
    swapped = gpd.GeoDataFrame({"n": [1]}, geometry=[LineString([(43, 126), (45, 131)])], crs=4326)

    with pytest.raises(ImportRefusedError, match=r"latitude seems to stand before longitude"):
        _read(_write(swapped, tmp_path / "layer.geojson"))


def test_one_of_several_layers_has_to_be_named(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.gpkg", layer="rail")
    _write(FRAME.iloc[:1], path, layer="roads")

    with pytest.raises(ImportRefusedError, match=r"has 2 layers: 'rail', 'roads'; say which"):
        _read(path)
    with pytest.raises(ImportRefusedError, match=r"has no layer 'sea'"):
        _read(path, layer="sea")
    assert len(_read(path, layer="roads")[0]) == 1


def test_a_value_of_another_kind_than_its_column_refuses_the_row(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.gpkg")
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE layer SET gauge = 'broad' WHERE fid = 2")
    database.close()

    with pytest.raises(ImportRefusedError, match=r"row 1: column 'gauge' is declared integer and holds something else"):
        _read(path)


def test_a_curve_refuses_its_row(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.gpkg")
    curve = b"\x01" + struct.pack("<II6d", 8, 3, 0, 0, 1, 1, 2, 0)
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE layer SET geom = ? WHERE fid = 2", (b"GP\x00\x01\xe6\x10\x00\x00" + curve,))
    database.close()

    rows, opened = _read(path, skip_invalid=True)

    assert [row.row for row in rows] == [0]
    assert opened.report.refused[0][1].startswith("geometry cannot be read: Nonlinear")


def test_geoparquet_in_another_encoding_says_what_to_do(tmp_path: Path) -> None:
    path = _write(FRAME, tmp_path / "layer.parquet", geometry_encoding="geoarrow")

    with pytest.raises(ImportRefusedError, match=r"keeps geometry as linestring; write it as GeoParquet with WKB"):
        _read(path)


def test_lists_in_geoparquet_become_json_text(tmp_path: Path) -> None:
    path = _write(
        gpd.GeoDataFrame({"tags": [["a", "b"]]}, geometry=[Point(1, 2)], crs=4326), tmp_path / "layer.parquet"
    )
    assert pq.read_schema(path).field("tags").type is not None

    assert _read(path)[0][0].properties == {"tags": '["a", "b"]'}


def test_layers_of_geopackage_beyond_2_to_53_keep_their_digits(tmp_path: Path) -> None:
    rows, opened = _read(
        _write(gpd.GeoDataFrame({"n": [2**60]}, geometry=[Point(1, 2)], crs=4326), tmp_path / "layer.gpkg")
    )

    assert rows[0].properties == {"n": "1152921504606846976"}
    assert [field.kind for field in opened.fields or ()] == ["text"]


# CSV


def _csv(tmp_path: Path, text: str, *, encoding: str = "utf-8", **options: Any) -> tuple[list[Row], OpenedLayer]:  # noqa: ANN401
    path = tmp_path / "layer.csv"
    path.write_bytes(text.encode(encoding))
    return _read(path, **options)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_of_a_table_are_found(tmp_path: Path, separator: str) -> None:
    rows, _ = _csv(tmp_path, f"name{separator}lat{separator}lon\r\na{separator}43.25{separator}76.95\r\n")

    assert rows[0].geometry == Point(76.95, 43.25)
    assert rows[0].properties == {"name": "a"}


def test_columns_of_a_table_get_the_narrowest_kind(tmp_path: Path) -> None:
    text = "lon,lat,count,share,flag,code,empty\n1,2,3,0.5,true,007,\n1,2,-4,1e3,FALSE,8,\n"

    rows, opened = _csv(tmp_path, text)

    assert [field.kind for field in opened.fields or ()] == ["integer", "real", "boolean", "text", "text"]
    assert list(rows[1].properties.values()) == [-4, 1000.0, False, "8", None]


def test_decimal_commas_are_read_and_told(tmp_path: Path) -> None:
    rows, opened = _csv(tmp_path, "x;y\n76,95;43,25\n")

    assert rows[0].geometry == Point(76.95, 43.25)
    assert opened.report.warnings == ["commas in coordinates read as decimal points (row 0)"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    rows, _ = _csv(tmp_path, "имя,lon,lat\nЖ,1,2\n", encoding=encoding)

    assert rows[0].properties == {"имя": "Ж"}


def test_a_table_in_another_encoding_is_refused_with_a_guess(tmp_path: Path) -> None:
    text = "имя,lon,lat\n" + "Железная дорога до порта,1,2\n" * 20

    with pytest.raises(
        ImportRefusedError, match=r"is not UTF-8; say the encoding of the file, perhaps encoding='cp125"
    ):
        _csv(tmp_path, text, encoding="cp1251")
    with open_layer(tmp_path / "layer.csv", encoding="cp1251") as opened:
        assert next(iter(opened)).properties == {"имя": "Железная дорога до порта"}


def test_wkt_says_its_reference_system(tmp_path: Path) -> None:
    rows, opened = _csv(tmp_path, 'n,WKT\n1,"SRID=3857;POINT (8566034 5350015)"\n2,\n')

    assert opened.report.crs == "EPSG:3857"
    assert rows[0].geometry is not None
    assert rows[0].geometry.distance(Point(76.95, 43.25)) < 1e-3
    assert rows[1].geometry is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n1,2\n", "has no columns for coordinates: expected lon and lat, or WKT; found 'a', 'b'"),
        ("lon,lat\n1\n", "row 0: has 1 cells; the first line names 2 columns"),
        ("lon,lat\n1,north\n", "row 0: coordinate 'north' is no number"),
        ("lon,lat\n1,\n", "row 0: has one coordinate of two"),
        ("lon,lat\n1,2\n1,3\n1,95\n", "row 2: longitude 1, latitude 95 is no place"),
        ("lon,lat,lon\n1,2,3\n", "column name 'lon' is given twice"),
        ("\n\n", "has no line with the names of columns"),
        ('n,wkt\n1,"LINESTRING (1 2)"\n', "row 0: WKT cannot be read"),
    ],
)
def test_faults_of_a_table_are_told(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ImportRefusedError) as refusal:
        _csv(tmp_path, text)

    assert why in str(refusal.value)


# KML and GPX


def _kml(tmp_path: Path, inside: str, **options: Any) -> tuple[list[Row], OpenedLayer]:  # noqa: ANN401
    path = tmp_path / "layer.kml"
    head = (
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>'
    )
    path.write_text(f"{head}{inside}</Document></kml>", encoding="utf-8")
    return _read(path, **options)


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ("<Point><coordinates>1,2,3</coordinates></Point>", "POINT (1 2)"),
        ("<LineString><coordinates> 1,2\n3, 4 </coordinates></LineString>", "LINESTRING (1 2, 3 4)"),
        (
            (
                "<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 4,0 4,4 0,4 "
                "0,0</coordinates></LinearRing></outerBoundaryIs>"
                "<innerBoundaryIs><LinearRing><coordinates>1,1 1,2 2,2 "
                "1,1</coordinates></LinearRing></innerBoundaryIs></Polygon>"
            ),
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 2, 2 2, 1 1))",
        ),
        ("<gx:Track><gx:coord>1 2 3</gx:coord><gx:coord>2 3 3</gx:coord></gx:Track>", "LINESTRING (1 2, 2 3)"),
        ("<MultiGeometry><Point><coordinates>1,2</coordinates></Point></MultiGeometry>", "MULTIPOINT ((1 2))"),
        ("", None),
    ],
)
def test_shapes_of_a_placemark(tmp_path: Path, geometry: str, expected: str | None) -> None:
    rows, _ = _kml(tmp_path, f"<Placemark><name>a</name>{geometry}</Placemark>")

    shape: BaseGeometry | None = rows[0].geometry
    assert shape is None if expected is None else shape is not None and shape.equals(wkt.loads(expected))


def test_values_of_a_placemark_have_the_kinds_of_their_schema(tmp_path: Path) -> None:
    schema = '<Schema id="s"><SimpleField type="int" name="gauge"/><SimpleField type="bool" name="open"/></Schema>'
    values = (
        '<SimpleData name="gauge">1520</SimpleData><SimpleData name="open">1</SimpleData><SimpleData '
        'name="note"> as is </SimpleData>'
    )
    data = f'<ExtendedData><SchemaData schemaUrl="#s">{values}</SchemaData></ExtendedData>'

    rows, _ = _kml(tmp_path, f"{schema}<Folder><name>rail</name><Placemark>{data}</Placemark></Folder>")

    assert rows[0].properties == {"folder": "rail", "gauge": 1520, "open": True, "note": " as is "}


def test_a_folder_of_a_document_can_be_taken_alone(tmp_path: Path) -> None:
    folders = "".join(
        f"<Folder><name>{name}</name><Placemark><name>{name}1</name></Placemark></Folder>" for name in "ab"
    )

    assert [row.properties["name"] for row in _kml(tmp_path, folders, layer="b")[0]] == ["b1"]
    with pytest.raises(ImportRefusedError, match=r"has no folder 'c'"):
        _kml(tmp_path, folders, layer="c")


def test_waypoints_routes_and_tracks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "layer.gpx"
    path.write_text(
        (
            '<gpx version="1.1"><wpt lat="1" lon="2"><name>w</name></wpt><rte><rtept lat="1" lon="2"/><rtept '
            'lat="1" lon="3"/></rte>'
            '<trk><trkseg><trkpt lat="1" lon="2"/><trkpt lat="1" lon="3"/></trkseg><trkseg><trkpt lat="1" '
            'lon="9"/></trkseg></trk></gpx>'
        ),
        encoding="utf-8",
    )

    rows, opened = _read(path)

    assert [row.properties["element"] for row in rows] == ["wpt", "rte", "trk"]
    assert [None if row.geometry is None else row.geometry.geom_type for row in rows] == [
        "Point",
        "LineString",
        "MultiLineString",
    ]
    assert opened.report.repaired == [(2, "1 of 2 parts with fewer than two points dropped")]
    assert len(_read(path, layer="routes")[0]) == 1


_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(_TEXTS, st.integers(-(2**53) + 1, 2**53 - 1), st.floats(-180, 180), st.floats(-90, 90)),
        min_size=1,
        max_size=5,
    )
)
def test_any_rows_come_back_from_a_table(tmp_path: Path, rows: list[tuple[str, int, float, float]]) -> None:
    lines = [f'"{text.replace(chr(34), chr(34) * 2)}",{number},{lon!r},{lat!r}' for text, number, lon, lat in rows]

    found, _ = _csv(tmp_path, "\n".join(["text,number,lon,lat", *lines]), limits=Limits(max_rows=10))

    assert [(row.geometry.x, row.geometry.y) for row in found if isinstance(row.geometry, Point)] == [
        (lon, lat) for *_, lon, lat in rows
    ]
    assert [str(row.properties["number"]) for row in found] == [str(number) for _, number, *_ in rows]
