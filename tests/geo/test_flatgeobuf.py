"""A FlatGeobuf keeps order, types, gaps and metadata of a layer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import fiona
import pyogrio
import pytest
import shapely
from hypothesis import given, settings

from geo.errors import WriteError
from geo.flatgeobuf import write_flatgeobuf
from geo.layer import Feature, Layer
from tests.geo.generated import FIELDS, features_with
from tests.geo.samples import HOSTILE, all_kinds, railways


def write(layer: Layer, folder: Path) -> Path:
    file = folder / f"{layer.name}.fgb"
    write_flatgeobuf(layer, file)
    return file


@pytest.mark.parametrize("layer", all_kinds(), ids=lambda layer: layer.name)
def test_every_kind_of_layer_is_read_back_in_order(layer: Layer, tmp_path: Path) -> None:
    with fiona.open(write(layer, tmp_path)) as rows:
        found = [(row.properties["id"], row.geometry is not None) for row in rows]
    assert found == [(feature.id, feature.geometry is not None) for feature in layer.features]


def test_types_crs_and_metadata_travel(tmp_path: Path) -> None:
    info = pyogrio.read_info(write(railways(), tmp_path))
    assert list(info["dtypes"]) == ["object", "object", "int64", "float64", "bool"]
    assert (info["crs"], info["geometry_type"], info["layer_name"]) == ("EPSG:4326", "MultiLineString", "railways")
    metadata = info["layer_metadata"]
    assert metadata["TITLE"] == "Railways"
    assert metadata["licence"] == "ODbL-1.0"
    assert metadata["attribution"] == "© OSM"
    assert metadata["sources"].endswith("A page (2020). https://example.org/a?b=1&c=<2>")


def test_line_over_the_antimeridian_is_cut(tmp_path: Path) -> None:
    _, _, geometries, _ = pyogrio.raw.read(write(railways(), tmp_path))
    assert shapely.from_wkb(geometries[0]).wkt == "MULTILINESTRING ((179 60, 180 61), (-180 61, -179 62))"


@given(features_with(HOSTILE))
@settings(deadline=None, max_examples=25)
def test_what_is_written_is_read_back(features: tuple[Feature, ...]) -> None:
    layer = Layer("points", "Points", "", FIELDS, features, "Point", "us", "CC0-1.0")
    with tempfile.TemporaryDirectory() as folder, fiona.open(write(layer, Path(folder))) as rows:
        found = [dict(row.properties) for row in rows]
    wanted = [
        {"id": feature.id, **{field.name: feature.properties.get(field.name) for field in FIELDS}}
        for feature in features
    ]
    assert found == wanted


def test_two_writes_are_equal_byte_for_byte(tmp_path: Path) -> None:
    first = write(railways(), tmp_path).read_bytes()
    assert write(railways(), tmp_path).read_bytes() == first


def test_file_that_lacks_a_row_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "railways.fgb"
    target.write_bytes(b"old")
    monkeypatch.setattr("geo.flatgeobuf.write_with_gdal", lambda _layer, _geometries, file, **_: file.write_bytes(b""))
    with pytest.raises(WriteError, match="written whole"):
        write_flatgeobuf(railways(), target)
    assert [entry.name for entry in tmp_path.iterdir()] == ["railways.fgb"]
    assert target.read_bytes() == b"old"
