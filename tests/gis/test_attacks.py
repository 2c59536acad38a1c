"""What someone may send to harm the reader: each attack runs beside canaries, and none of them sings."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import struct
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyproj import CRS
from shapely.geometry import LineString, Point

from geo.door import Limits, Report, Row, open_layer
from geo.errors import ImportRefusedError
from tests.gis.canaries import MARK, Canaries

POINT = '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}'
COLLECTION = '{"type":"FeatureCollection","features":[' + POINT + "]}"
KML = '<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
PLACEMARK = "<Placemark><name>{name}</name><Point><coordinates>1,2</coordinates></Point></Placemark>"


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canaries]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    set_out = Canaries(tmp_path)
    yield set_out
    set_out.close()
    assert list(temporary.iterdir()) == [], "a private copy was left behind"


def _read(path: Path | str, **options: Any) -> tuple[list[Row], Report]:  # noqa: ANN401  as the door takes them
    with open_layer(path, **options) as opened:
        return list(opened), opened.report


def _refused(canaries: Canaries, path: Path | str, why: str, **options: Any) -> None:  # noqa: ANN401
    with canaries, pytest.raises(ImportRefusedError, match=why) as refusal:
        _read(path, **options)
    assert MARK not in str(refusal.value)


# the canaries themselves


def test_canaries_sing_when_touched(canaries: Canaries) -> None:
    with pytest.raises(AssertionError, match="called"), canaries, contextlib.suppress(OSError):
        urllib.request.urlopen(canaries.url, timeout=0.2)  # noqa: S310  our own address


@pytest.mark.skipif(sys.platform != "linux", reason="watching a file for being opened needs inotify")
def test_canaries_see_a_secret_file_being_opened(canaries: Canaries) -> None:
    with pytest.raises(AssertionError, match="opened"), canaries:
        canaries.secret.read_text(encoding="utf-8")


# names that programs follow


@pytest.mark.parametrize(
    "name",
    [
        "CSV:{secret}",
        "csv:{secret}",
        "GeoJSON:{secret}",
        "OGR_VRT:{secret}",
        "file://{secret}",
        "FILE:{secret}",
        "/vsicurl/{url}",
        "/vsizip/{secret}",
        "/vsistdin/",
        "vsicurl/{url}",
        "/vsisubfile/0_10,{secret}",
        "{url}",
        "zip://{secret}!layer.geojson",
        "archive.zip!layer.geojson",
        "WFS:{url}",
        "ESRI Shapefile:{secret}",
        "PG:host=127.0.0.1",
        '{{"type":"Point","coordinates":[1,2]}}',
        "<OGRVRTDataSource/>",
        "{secret}\0.geojson",
        "-",
        "",
    ],
)
def test_a_name_that_is_no_plain_file_is_refused(
    canaries: Canaries, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(canaries.folder)
    _refused(
        canaries,
        name.format(secret=canaries.secret, url=canaries.url),
        "plain file name|is not there|no ending|no regular file",
    )


def test_a_link_is_refused(canaries: Canaries) -> None:
    link = canaries.folder / "layer.geojson"
    link.symlink_to(canaries.secret)
    _refused(canaries, link, "symbolic link")


def test_a_sibling_that_is_a_link_is_refused(canaries: Canaries) -> None:
    _shapefile(canaries.folder / "layer.shp")
    (canaries.folder / "layer.prj").unlink()
    (canaries.folder / "layer.prj").symlink_to(canaries.secret)
    _refused(canaries, canaries.folder / "layer.shp", "symbolic link")


def test_a_hard_link_is_read_and_its_file_stays_as_it_is(canaries: Canaries) -> None:
    original = canaries.folder / "original.geojson"
    original.write_text(COLLECTION, encoding="utf-8")
    os.link(original, canaries.folder / "layer.geojson")
    with canaries:
        assert len(_read(canaries.folder / "layer.geojson")[0]) == 1


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_regular_file_is_refused(canaries: Canaries, kind: str) -> None:
    path = canaries.folder / "layer.geojson"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")
    _refused(canaries, path, "no regular file|no ending")


# content that is another format than its name says


@pytest.mark.parametrize(
    "ending", [".geojson", ".json", ".geojsonl", ".gpkg", ".fgb", ".parquet", ".shp", ".kml", ".gpx", ".csv", ".vrt"]
)
def test_a_vrt_under_any_name_reads_nothing(canaries: Canaries, ending: str) -> None:
    path = canaries.folder / f"layer{ending}"
    path.write_text(
        (
            f"<OGRVRTDataSource><OGRVRTLayer "
            f'name="secret"><SrcDataSource>{canaries.secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
        ),
        encoding="utf-8",
    )
    _refused(canaries, path, "begin|no SQLite|not one that is read|no KML|no GPX|no columns for coordinates")


def test_a_vrt_in_a_zip_reads_nothing(canaries: Canaries) -> None:
    for name in ("layer.vrt", "layer.geojson", "layer.csv", "layer.kml"):
        path = canaries.folder / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                name, f"<OGRVRTDataSource><SrcDataSource>{canaries.secret}</SrcDataSource></OGRVRTDataSource>"
            )
        _refused(canaries, path, "0 layers|begin|no KML|no columns")


def test_a_gdal_pipeline_is_not_run(canaries: Canaries) -> None:
    path = canaries.folder / "layer.json"
    target = canaries.folder / "written.geojson"
    path.write_text(
        '{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read '
        f'{canaries.secret} ! write {target}","features":[]}}',
        encoding="utf-8",
    )
    _refused(canaries, path, "only a FeatureCollection|type is")


@pytest.mark.parametrize(
    "crs",
    [
        '{{"type":"link","properties":{{"href":"{url}","type":"proj4"}}}}',
        '{{"type":"name","properties":{{"name":"{url}"}}}}',
        '{{"type":"name","properties":{{"name":"+proj=longlat +nadgrids={grid} +type=crs"}}}}',
        '{{"type":"url","properties":{{"url":"{url}"}}}}',
    ],
)
def test_a_reference_system_that_leads_out_is_not_followed(canaries: Canaries, crs: str) -> None:
    path = canaries.folder / "layer.geojson"
    crs = crs.format(url=canaries.url, grid=canaries.grid)
    path.write_text(COLLECTION.replace('"features"', f'"crs":{crs},"features"'), encoding="utf-8")
    _refused(canaries, path, "reference system")

    with canaries:
        assert len(_read(path, crs="EPSG:4326")[0]) == 1


@pytest.mark.parametrize("form", ["bound", "extension", "parameter"])
def test_a_projection_that_names_a_grid_opens_none(canaries: Canaries, form: str) -> None:
    _shapefile(canaries.folder / "layer.shp")
    base = (
        'GEOGCS["Odd",DATUM["Odd",SPHEROID["Odd",6378249.1,293.4]{towgs}],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]{extension}]'
    )
    wkt = {
        "bound": (
            'BOUNDCRS[SOURCECRS[GEOGCRS["Odd",DATUM["Odd",ELLIPSOID["Odd",6378249.1,293.4]],'
            'CS[ellipsoidal,2],AXIS["lon",east],AXIS["lat",north],'
            'ANGLEUNIT["degree",0.0174532925199433]]],TARGETCRS[GEOGCRS["WGS 84",DATUM["World Geodetic System '
            '1984",ELLIPSOID["WGS 84",6378137,298.257223563]],'
            'CS[ellipsoidal,2],AXIS["lat",north],AXIS["lon",east],ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",4326]]],'
            f'ABRIDGEDTRANSFORMATION["grid",METHOD["NTv2",ID["EPSG",9615]],PARAMETERFILE["Latitude and longitude '
            f'difference file","{canaries.grid}"]]]'
        ),
        "extension": base.format(
            towgs="", extension=f',EXTENSION["PROJ4","+proj=longlat +nadgrids={canaries.grid} +no_defs"]'
        ),
        "parameter": base.format(towgs=f',EXTENSION["PROJ4_GRIDS","{canaries.grid}"]', extension=""),
    }[form]
    (canaries.folder / "layer.prj").write_text(wkt, encoding="utf-8")
    _refused(canaries, canaries.folder / "layer.shp", "reference system")


@pytest.mark.parametrize("step", ["tinshift file={file}", "defmodel model={file}", "merc init={file}:1"])
@pytest.mark.parametrize("form", ["wkt", "json"])
def test_a_projection_that_is_a_step_for_proj_opens_nothing(canaries: Canaries, step: str, form: str) -> None:
    method = f"PROJ {step.format(file=canaries.secret)}"
    wkt = (
        'PROJCRS["odd",BASEGEOGCRS["Odd",DATUM["Odd",ELLIPSOID["Odd",6378249.1,293.4]]],'
        f'CONVERSION["odd",METHOD["{method}"]],CS[Cartesian,2],AXIS["e",east],AXIS["n",north],LENGTHUNIT["metre",1]]'
    )
    path = canaries.folder / "layer.parquet"
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(100_000, 200_000)], crs="EPSG:3857")
    frame.to_parquet(path)
    table = pq.read_table(path)
    head = json.loads(table.schema.metadata[b"geo"])
    head["columns"]["geometry"]["crs"] = CRS.from_wkt(wkt).to_json_dict()
    text = json.dumps(head)
    if form == "json":
        text = text.replace('"PROJ ', '"\\u0050ROJ ')
        pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"geo": text.encode()}), path)
    else:
        path = _shapefile(canaries.folder / "layer.shp")
        path.with_suffix(".prj").write_text(wkt, encoding="utf-8")
    _refused(canaries, path, "reference system")


# archives


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["../layer.geojson", "/layer.geojson", "a/../../layer.geojson", "..\\layer.geojson", "C:layer.geojson"]
)
def test_a_member_that_leads_out_is_refused(canaries: Canaries, name: str) -> None:
    _refused(canaries, _zip(canaries.folder / "layer.zip", {name: COLLECTION.encode()}), "leads out")


def test_a_member_that_is_a_link_is_refused(canaries: Canaries) -> None:
    path = canaries.folder / "layer.zip"
    member = zipfile.ZipInfo("layer.geojson")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, str(canaries.secret))
    _refused(canaries, path, "link")


def test_archive_bombs_are_refused(canaries: Canaries) -> None:
    zeros = b" " * 50_000_000
    path = canaries.folder / "layer.zip"
    _refused(canaries, _zip(path, {"layer.geojson": zeros}), "100 times")
    _refused(canaries, _zip(path, {f"{i}.txt": b"" for i in range(1001)}), "1001 members")
    inner = _zip(canaries.folder / "inner.zip", {"layer.geojson": COLLECTION.encode()}).read_bytes()
    _refused(canaries, _zip(path, {"layer.zip": inner}), "archive itself")
    _refused(
        canaries, _zip(path, {"layer.geojson": COLLECTION.encode() * 20}), "more than", limits=Limits(max_bytes=1000)
    )


def test_a_member_larger_than_it_says_is_refused(canaries: Canaries) -> None:
    path = _zip(canaries.folder / "layer.zip", {"layer.geojson": COLLECTION.encode() + b" " * 900_000})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.find(mark) + at
        content[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(bytes(content))
    _refused(canaries, path, "damaged archive|more than it says|no JSON")


def test_an_encrypted_member_is_refused(canaries: Canaries) -> None:
    path = _zip(canaries.folder / "layer.zip", {"layer.geojson": COLLECTION.encode()})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + at] |= 1
    path.write_bytes(bytes(content))
    _refused(canaries, path, "encrypted")


def test_an_archive_with_two_layers_is_refused(canaries: Canaries) -> None:
    path = _zip(canaries.folder / "layer.zip", {"a.geojson": COLLECTION.encode(), "b.geojson": COLLECTION.encode()})
    _refused(canaries, path, "2 layers")


@pytest.mark.parametrize("cut", [10, 60, -5])
def test_a_cut_archive_is_refused(canaries: Canaries, cut: int) -> None:
    path = _zip(canaries.folder / "layer.zip", {"layer.geojson": COLLECTION.encode()})
    path.write_bytes(path.read_bytes()[:cut])
    _refused(canaries, path, "damaged archive")


# XML


@pytest.mark.parametrize("ending", [".kml", ".gpx"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{secret}">]>',
        '<!DOCTYPE kml SYSTEM "{url}">',
        '<!DOCTYPE kml [<!ENTITY % x SYSTEM "{url}"> %x;]>',
        "<!DOCTYPE kml>",
        (
            '<!DOCTYPE kml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c '
            '"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
            '<!ENTITY x "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(canaries: Canaries, ending: str, doctype: str, encoding: str) -> None:
    path = canaries.folder / f"layer{ending}"
    text = KML.format(
        doctype=doctype.format(secret=canaries.secret, url=canaries.url), inside=PLACEMARK.format(name="&x;")
    )
    path.write_text(text.replace('"1.0"', f'"1.0" encoding="{encoding}"'), encoding=encoding)
    _refused(canaries, path, "DOCTYPE")


def test_a_kmz_with_a_doctype_is_refused(canaries: Canaries) -> None:
    text = KML.format(doctype=f'<!DOCTYPE kml SYSTEM "{canaries.url}">', inside=PLACEMARK.format(name="a"))
    _refused(canaries, _zip(canaries.folder / "layer.kmz", {"doc.kml": text.encode()}), "DOCTYPE")


def test_links_of_a_kml_are_told_and_not_followed(canaries: Canaries) -> None:
    links = (
        f"<NetworkLink><Link><href>{canaries.url}</href></Link></NetworkLink>"
        f"<GroundOverlay><Icon><href>{canaries.secret}</href></Icon></GroundOverlay>"
        f"<Style><IconStyle><Icon><href>{canaries.url}</href></Icon></IconStyle></Style><include "
        f'xmlns="http://www.w3.org/2001/XInclude" href="{canaries.url}"/>'
    )
    path = canaries.folder / "layer.kml"
    style = f'<?xml-stylesheet type="text/xsl" href="{canaries.url}"?>'
    path.write_text(KML.format(doctype=style, inside=links + PLACEMARK.format(name="a")), encoding="utf-8")
    with canaries:
        rows, report = _read(path)
    assert [row.properties["name"] for row in rows] == ["a"]
    assert any("NetworkLink" in warning for warning in report.warnings)
    assert any("GroundOverlay" in warning for warning in report.warnings)


def test_deep_xml_is_refused(canaries: Canaries) -> None:
    path = canaries.folder / "layer.kml"
    path.write_text(KML.format(doctype="", inside="<Folder>" * 300 + "</Folder>" * 300), encoding="utf-8")
    _refused(canaries, path, "256 deep")


@pytest.mark.parametrize(
    "text",
    [
        KML.format(doctype="", inside="<description>" + "a" * 100_000 + "</description>"),
        KML.format(
            doctype="",
            inside="<Placemark><LineString><coordinates>" + "1,2 " * 25_000 + "</coordinates></LineString></Placemark>",
        ),
    ],
    ids=["beside the placemarks", "in a placemark"],
)
def test_an_endless_xml_element_is_refused(canaries: Canaries, text: str) -> None:
    path = canaries.folder / "layer.kml"
    path.write_text(text, encoding="utf-8")
    _refused(canaries, path, "one element holds more than", limits=Limits(max_row_bytes=50_000))


# SQLite


def _geopackage(path: Path, script: str = "") -> Path:
    frame = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[Point(1, 2), Point(3, 4)], crs="EPSG:4326")
    frame.to_file(path, layer="layer", driver="GPKG")
    if script:
        database = sqlite3.connect(path)
        # GDAL's triggers call functions that only GDAL has
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.executescript(script)
        database.close()
    return path


def test_triggers_and_views_beside_a_layer_change_nothing(canaries: Canaries) -> None:
    script = (
        "CREATE TRIGGER t AFTER INSERT ON layer BEGIN SELECT load_extension('evil.so'); END;"
        "CREATE VIEW v AS SELECT load_extension('evil'), readfile('/etc/passwd') FROM layer;"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'attributes', 'v', 4326);"
    )
    path = _geopackage(canaries.folder / "layer.gpkg", script.replace("INSERT INTO gpkg", "INSERT OR IGNORE INTO gpkg"))
    with canaries:
        assert [row.properties["name"] for row in _read(path)[0]] == ["a", "b"]
    _refused(canaries, path, "view", layer="v")


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("CREATE VIEW layer AS SELECT 1 AS fid, NULL AS geom, load_extension('evil') AS name", "view"),
        (
            (
                "CREATE VIEW layer AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i "
                "AS fid, NULL AS geom, '' AS name FROM n"
            ),
            "view",
        ),
        ("CREATE VIRTUAL TABLE layer USING fts5(fid, geom, name)", "virtual table"),
    ],
)
def test_a_layer_that_is_no_table_is_refused(canaries: Canaries, made: str, why: str) -> None:
    path = _geopackage(canaries.folder / "layer.gpkg", f"DROP TABLE layer; {made};")
    _refused(canaries, path, why)


def test_a_computed_column_is_not_computed(canaries: Canaries) -> None:
    path = _geopackage(
        canaries.folder / "layer.gpkg", "ALTER TABLE layer ADD COLUMN bomb TEXT AS (hex(zeroblob(500000000)));"
    )
    with canaries:
        rows, _ = _read(path)
    assert [sorted(row.properties) for row in rows] == [["name"], ["name"]]


def test_names_in_a_geopackage_are_no_sql(canaries: Canaries) -> None:
    odd = 'x"; DROP TABLE layer; --'
    path = _geopackage(
        canaries.folder / "layer.gpkg",
        'ALTER TABLE layer RENAME TO "x""; DROP TABLE layer; --"; UPDATE gpkg_contents SET table_name = '
        "'x\"; DROP TABLE layer; --';"
        "UPDATE gpkg_geometry_columns SET table_name = 'x\"; DROP TABLE layer; --';",
    )
    with canaries:
        rows, report = _read(path)
    assert report.layer == odd
    assert len(rows) == 2


def test_a_sqlite_database_that_is_no_geopackage_is_refused(canaries: Canaries) -> None:
    path = canaries.folder / "layer.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (b)")
    database.close()
    _refused(canaries, path, "application id")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA application_id = 0x47504B47")
        database.execute("CREATE TABLE c (d)")
    database.close()
    _refused(canaries, path, "its tables are missing")


def test_changes_in_a_log_beside_a_geopackage_are_told(canaries: Canaries) -> None:
    path = _geopackage(canaries.folder / "layer.gpkg")
    (canaries.folder / "layer.gpkg-wal").write_bytes(b"not empty")
    with canaries:
        _, report = _read(path)
    assert any("layer.gpkg-wal" in warning for warning in report.warnings)


def test_deeply_nested_geometry_does_not_end_the_program(canaries: Canaries) -> None:
    deep = (b"\x01" + struct.pack("<II", 7, 1)) * 400_000 + b"\x01" + struct.pack("<Idd", 1, 1.0, 2.0)
    path = _geopackage(canaries.folder / "layer.gpkg")
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE layer SET geom = ?", (b"GP\x00\x01\xe6\x10\x00\x00" + deep,))
    database.close()
    _refused(canaries, path, "nested|damaged")


# binary heads that lie


def _shapefile(path: Path) -> Path:
    gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[Point(1, 2), Point(3, 4)], crs="EPSG:4326").to_file(path)
    return path


@pytest.mark.parametrize(
    ("part", "at", "value"),
    [
        (".dbf", 4, struct.pack("<I", 2**31 - 1)),
        (".dbf", 4, struct.pack("<I", 2**32 - 1)),
        (".dbf", 8, struct.pack("<H", 65535)),
        (".dbf", 10, struct.pack("<H", 0)),
        (".dbf", 10, struct.pack("<H", 65535)),
        (".shx", 24, struct.pack(">i", 2**31 - 1)),
        (".shp", 24, struct.pack(">i", 2**31 - 1)),
        (".shp", 24, struct.pack(">i", -5)),
        (".shx", 24, struct.pack(">i", 50)),
        (".shp", 104, struct.pack(">i", 2**30)),
        (".shx", 100, struct.pack(">i", 2**31 - 1)),
        (".shp", 108, struct.pack("<i", 99)),
    ],
)
def test_counts_of_a_shapefile_that_lie_are_refused(canaries: Canaries, part: str, at: int, value: bytes) -> None:
    path = _shapefile(canaries.folder / "layer.shp")
    lying = path.with_suffix(part)
    content = bytearray(lying.read_bytes())
    content[at : at + len(value)] = value
    lying.write_bytes(bytes(content))
    _refused(canaries, path, "damaged|belong together|no such|rows|row is refused")


@pytest.mark.parametrize("ending", [".fgb", ".parquet", ".gpkg", ".shp"])
def test_a_cut_binary_file_loses_no_row_in_silence(canaries: Canaries, ending: str) -> None:
    path = canaries.folder / f"layer{ending}"
    lines = [LineString([(index, 1), (index, 2)]) for index in range(150)]
    frame = gpd.GeoDataFrame({"name": [f"line {index}" * 20 for index in range(150)]}, geometry=lines, crs="EPSG:4326")
    if ending == ".parquet":
        frame.to_parquet(path)
    else:
        options: dict[str, Any] = {"SPATIAL_INDEX": "NO"} if ending == ".fgb" else {}
        frame.to_file(path, **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.9)])
    _refused(canaries, path, "damaged|cut off|malformed|GeoPackage")


def test_a_parquet_without_geometry_is_refused(canaries: Canaries) -> None:
    path = canaries.folder / "layer.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    _refused(canaries, path, "without GeoParquet metadata")


# texts


def test_a_cut_line_file_tells_which_row_is_lost(canaries: Canaries) -> None:
    path = canaries.folder / "layer.geojsonl"
    path.write_text(f"{POINT}\n{POINT}\n{POINT[:-20]}", encoding="utf-8")
    _refused(canaries, path, "row 2: no JSON")

    with canaries:
        rows, report = _read(path, skip_invalid=True)
    assert [row.row for row in rows] == [0, 1]
    assert [row for row, _ in report.refused] == [2]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "begin"),
        ('{"a":' * 100_000, "nested|depth"),
        ('{"type":"FeatureCollection","features":[' + "[" * 100_000, "nested"),
        (COLLECTION.replace("{}", '{"n":' + "9" * 5_000_000 + "}"), "too large"),
        (COLLECTION.replace("{}", '{"n":1e999}'), "too large"),
        (COLLECTION.replace("{}", '{"n":NaN}'), "NaN"),
        (COLLECTION.replace("{}", '{"n":-Infinity}'), "Infinity"),
        (COLLECTION.replace("[1,2]", "[true,2]"), "true or false"),
        (COLLECTION.replace("{}", '{"a":1,"a":2}'), "twice"),
        (COLLECTION.replace("{}", '{"a":"' + "x" * 2_000_000 + '"}'), "longer than"),
        (COLLECTION + COLLECTION, "follows the end"),
        (COLLECTION.replace("{}", '{"a":' + "[" * 300 + "]" * 300 + "}"), "256 deep"),
    ],
    ids=range(12),
)
def test_json_made_to_harm_is_refused(canaries: Canaries, text: str, why: str) -> None:
    path = canaries.folder / "layer.geojson"
    path.write_text(text, encoding="utf-8")
    _refused(canaries, path, why, limits=Limits(max_row_bytes=1_000_000) if "xxx" in text else Limits())


def test_a_reference_system_hidden_behind_the_features_is_found(canaries: Canaries) -> None:
    path = canaries.folder / "layer.geojson"
    crs = '{"type":"name","properties":{"name":"EPSG:3857"}}'
    path.write_text(COLLECTION.replace("[1,2]", "[4452779,6621293]")[:-1] + f',"crs":{crs}}}', encoding="utf-8")
    with canaries:
        rows, report = _read(path)
    assert report.crs == "EPSG:3857"
    assert rows[0].geometry is not None
    assert rows[0].geometry.distance(Point(40, 51)) < 0.01

    # spelled so that no quick look finds it
    path.write_text(COLLECTION[:-1] + f',"\\u0063rs":{crs}}}', encoding="utf-8")
    _refused(canaries, path, "behind the features")


def test_a_knot_of_an_area_is_refused_in_time(canaries: Canaries) -> None:
    ring = [[(index * 7919) % 360 / 4, (index * 104729) % 360 / 8] for index in range(5000)]
    path = canaries.folder / "layer.geojson"
    path.write_text(
        COLLECTION.replace(
            '{"type":"Point","coordinates":[1,2]}', f'{{"type":"Polygon","coordinates":[{[*ring, ring[0]]}]}}'
        ),
        encoding="utf-8",
    )
    _refused(canaries, path, "too often")


def test_wkt_nested_without_end_is_refused(canaries: Canaries) -> None:
    path = canaries.folder / "layer.csv"
    path.write_text('name,wkt\na,"' + "GEOMETRYCOLLECTION(" * 200_000 + '"\n', encoding="utf-8")
    _refused(canaries, path, "no WKT of points")


def test_formulas_of_a_table_are_text(canaries: Canaries) -> None:
    path = canaries.folder / "layer.csv"
    path.write_text(f'name,lon,lat\n"=WEBSERVICE(""{canaries.url}"")",1,2\n', encoding="utf-8")
    with canaries:
        rows, _ = _read(path)
    assert str(rows[0].properties["name"]).startswith("=WEBSERVICE")


def test_messages_carry_no_control_characters(canaries: Canaries) -> None:
    path = canaries.folder / "la\x1b[31my\u202eer.geojson"
    path.write_text(COLLECTION.replace('"Point"', '"Po\\u001b[2Jint\\u202e"'), encoding="utf-8")
    with canaries, pytest.raises(ImportRefusedError) as refusal:
        _read(path)
    assert not {"\x1b", "\u202e", "\r"} & set(str(refusal.value))


# the program that parses binary files


def test_the_environment_of_the_caller_does_not_reach_the_worker(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    (canaries.folder / "sitecustomize.py").write_text(f"open({str(canaries.secret)!r})", encoding="utf-8")
    for name, value in {
        "PYTHONPATH": str(canaries.folder),
        "GDAL_SKIP": "",
        "GDAL_DRIVER_PATH": str(canaries.folder),
        "PROJ_NETWORK": "ON",
        "OGR_SQLITE_LOAD_EXTENSIONS": "evil",
        "PYTHONSTARTUP": str(canaries.folder / "sitecustomize.py"),
        "GDAL_VRT_ENABLE_PYTHON": "YES",
    }.items():
        monkeypatch.setenv(name, value)
    path = canaries.folder / "layer.fgb"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(1, 2)], crs="EPSG:4326").to_file(path)
    with canaries:
        assert len(_read(path)[0]) == 1


def test_a_worker_that_asks_for_too_much_is_ended(canaries: Canaries) -> None:
    path = canaries.folder / "layer.parquet"
    gpd.GeoDataFrame({"name": ["x" * 60_000_000]}, geometry=[Point(1, 2)], crs="EPSG:4326").to_parquet(
        path, compression="gzip"
    )
    _refused(canaries, path, "memory|damaged", limits=Limits(memory_bytes=400_000_000))


def test_leaving_early_ends_the_worker_and_removes_the_copy(canaries: Canaries) -> None:
    path = canaries.folder / "layer.fgb"
    points = [Point(index / 1000, 2) for index in range(20_000)]
    gpd.GeoDataFrame({"name": ["a"] * 20_000}, geometry=points, crs="EPSG:4326").to_file(path)
    with canaries, open_layer(path) as opened:
        assert next(iter(opened)).row == 0
