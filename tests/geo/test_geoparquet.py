"""A GeoParquet file keeps to version 1.1 and holds types, gaps and metadata of a layer."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from geo.errors import WriteError
from geo.geoparquet import write_geoparquet
from geo.layer import Feature, Layer
from tests.geo.generated import FIELDS, features_with
from tests.geo.samples import HOSTILE, all_kinds, points, railways


def write(layer: Layer, folder: Path) -> Path:
    file = folder / f"{layer.name}.parquet"
    write_geoparquet(layer, file)
    return file


def geo(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pq.read_schema(file).metadata[b"geo"])
    return found


def test_geo_metadata_is_that_of_version_1_1(tmp_path: Path) -> None:
    found = geo(write(railways(), tmp_path))
    assert (found["version"], found["primary_column"]) == ("1.1.0", "geometry")
    column = found["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["MultiLineString"]
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    # absent "crs" means OGC:CRS84
    assert "crs" not in column
    assert column["bbox"] == [-180.0, 1.0, 180.0, 62.0]


def test_box_over_the_antimeridian_has_west_beyond_east_but_covers_plainly_in_each_row(tmp_path: Path) -> None:
    line = dataclasses.replace(railways(), features=railways().features[:1])
    file = write(line, tmp_path)
    assert geo(file)["columns"]["geometry"]["bbox"] == [179.0, 60.0, -179.0, 62.0]
    assert pq.read_table(file).column("bbox").to_pylist() == [
        {"xmin": -180.0, "ymin": 60.0, "xmax": 180.0, "ymax": 62.0}
    ]


def test_geopandas_reads_it_with_crs_types_and_gaps(tmp_path: Path) -> None:
    frame = gpd.read_parquet(write(points(), tmp_path))
    assert frame.crs == "OGC:CRS84"
    assert list(frame["id"]) == [feature.id for feature in points().features]
    assert list(frame["name"])[: len(HOSTILE)] == list(HOSTILE)
    assert frame.geometry.iloc[-1] is None
    assert [str(kind) for kind in pq.read_schema(tmp_path / "points.parquet").types] == [
        "string", "string", "int64", "double", "bool", "binary",
        "struct<xmin: double, ymin: double, xmax: double, ymax: double>",
    ]  # fmt: skip


def test_covering_lets_geopandas_read_a_part(tmp_path: Path) -> None:
    file = write(points(), tmp_path)
    assert list(gpd.read_parquet(file, bbox=(0.5, 0, 2.5, 9))["id"]) == ["p1", "p2"]


def test_licence_sources_and_units_travel_in_the_schema(tmp_path: Path) -> None:
    schema = pq.read_schema(write(railways(), tmp_path))
    assert schema.metadata[b"licence"] == b"ODbL-1.0"
    assert schema.metadata[b"sources"].decode().splitlines() == list(railways().sources)
    assert schema.field("gauge_mm").metadata == {b"description": b"Gauge", b"unit": b"mm"}
    assert pq.read_metadata(tmp_path / "railways.parquet").row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("layer", all_kinds()[-2:], ids=lambda layer: layer.name)
def test_plain_table_is_plain_parquet(layer: Layer, tmp_path: Path) -> None:
    table = pq.read_table(write(layer, tmp_path))
    assert b"geo" not in table.schema.metadata
    assert table.column("id").to_pylist() == [feature.id for feature in layer.features]


@given(features_with(HOSTILE))
@settings(deadline=None, max_examples=25)
def test_what_is_written_is_read_back(features: tuple[Feature, ...]) -> None:
    layer = Layer("points", "Points", "", FIELDS, features, "Point", "us", "CC0-1.0")
    with tempfile.TemporaryDirectory() as folder:
        found = pq.read_table(write(layer, Path(folder))).drop_columns(["geometry", "bbox"]).to_pylist()
    assert found == [
        {"id": feature.id, **{field.name: feature.properties.get(field.name) for field in FIELDS}}
        for feature in features
    ]


def test_two_writes_are_equal_byte_for_byte(tmp_path: Path) -> None:
    first = write(railways(), tmp_path).read_bytes()
    assert write(railways(), tmp_path).read_bytes() == first


def test_file_that_lacks_a_row_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = write(railways(), tmp_path)
    old = target.read_bytes()
    write_table = pq.write_table
    monkeypatch.setattr(pq, "write_table", lambda table, file, **options: write_table(table[:-1], file, **options))
    with pytest.raises(WriteError, match="read back 1 of 2"):
        write_geoparquet(railways(), target)
    assert target.read_bytes() == old
