"""A CSV table opens in spreadsheets, data frames and GDAL, and starts no formula."""

from __future__ import annotations

import csv
import dataclasses
import io
import tempfile
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.csv_text import csv_text, neutral, write_csv
from geo.errors import LayerError, WriteError
from geo.layer import Feature, Field, Layer
from tests.geo.generated import FIELDS, features_with
from tests.geo.samples import HOSTILE, all_kinds, points, railways


def rows(layer: Layer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(layer), newline="")))


def test_points_have_lon_lat_and_all_geometry_is_wkt() -> None:
    assert list(rows(points())[0])[:3] == ["id", "lon", "lat"]
    assert (rows(points())[1]["lon"], rows(points())[1]["WKT"]) == ("1.0", "POINT (1 2)")
    assert rows(points())[-1]["WKT"] == rows(points())[-1]["lon"] == ""
    assert rows(railways())[0]["WKT"] == "MULTILINESTRING ((179 60, 180 61), (-180 61, -179 62))"
    assert list(rows(all_kinds()[4])[0]) == ["id", "name", "gauge_mm", "length_km", "electrified"]


@given(st.text(max_size=8) | st.sampled_from(HOSTILE))
def test_no_cell_starts_a_formula_and_the_text_can_be_had_back(text: str) -> None:
    cell = neutral(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert (cell[1:] if cell != text else cell) == text
    assert neutral(cell) != cell or cell == text


def test_negative_number_stays_a_number() -> None:
    assert rows(points())[-1]["gauge_mm"] == "-1"
    assert rows(points())[-1]["length_km"] == "-0.1"


def test_pandas_reads_true_values(tmp_path: Path) -> None:
    write_csv(railways(), tmp_path / "a.csv")
    frame = pd.read_csv(tmp_path / "a.csv")
    assert list(frame["electrified"]) == [True, False]
    assert frame["length_km"][0] == 12.5


def test_gdal_takes_types_and_crs_from_the_files_beside_it(tmp_path: Path) -> None:
    write_csv(railways(), tmp_path / "railways.csv")
    info = pyogrio.read_info(tmp_path / "railways.csv")
    assert info["crs"] == "EPSG:4326"
    assert list(info["dtypes"]) == ["object", "object", "int64", "float64", "bool", "object"]
    _, _, geometries, _ = pyogrio.raw.read(tmp_path / "railways.csv")
    assert shapely.from_wkb(geometries[0]).geom_type == "MultiLineString"


@given(features_with(HOSTILE))
@settings(deadline=None, max_examples=25)
def test_what_is_written_is_read_back(features: tuple[Feature, ...]) -> None:
    layer = Layer("points", "Points", "", FIELDS, features, "Point", "us", "CC0-1.0")
    with tempfile.TemporaryDirectory() as folder:
        write_csv(layer, Path(folder) / "a.csv")
        text = (Path(folder) / "a.csv").read_bytes().decode()
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in found] == [neutral(feature.id) for feature in features]
    assert [row["name"] for row in found] == [neutral(str(f.properties.get("name") or "")) for f in features]
    for row, feature in zip(found, features, strict=True):
        length = feature.properties.get("length_km")
        assert row["length_km"] == ("" if length is None else repr(float(length)))


def test_field_named_like_a_coordinate_column_is_refused() -> None:
    layer = dataclasses.replace(points(), fields=(*points().fields, Field("Lat", "text", "")))
    with pytest.raises(LayerError, match="CSV has a column of that name"):
        csv_text(layer)


def test_table_that_lacks_a_row_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")
    text = csv_text(railways())
    monkeypatch.setattr("geo.csv_text.csv_text", lambda _layer: text.rsplit("\r\n", 2)[0] + "\r\n")
    with pytest.raises(WriteError, match="read back 1 of 2"):
        write_csv(railways(), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"
