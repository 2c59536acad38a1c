"""The main job: what a build writes, and that it writes the same twice."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from geojson_pydantic import FeatureCollection

from corridors.atlas import Atlas
from corridors.build import LAYER_ORDER, build


@pytest.fixture(scope="module")
def out(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "out"
    build(atlas, folder)
    return folder


def test_everything_promised_is_there(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == {
        "map.html",
        "layers",
        "corridors.gpkg",
        "corridors.qgs",
        "network.graphml",
        "report.json",
    }
    assert {path.stem for path in (out / "layers").glob("*.geojson")} == set(LAYER_ORDER)
    assert (out / "map.html").stat().st_size < 6e6


@pytest.mark.parametrize("name", LAYER_ORDER)
def test_each_layer_is_valid_geojson_with_unique_ids(out: Path, name: str) -> None:
    text = (out / "layers" / f"{name}.geojson").read_text(encoding="utf-8")
    collection: FeatureCollection[Any] = FeatureCollection.model_validate_json(text)
    ids = [feature.id for feature in collection.features]
    assert len(ids) == len(set(ids))
    assert "crs" not in json.loads(text)


def test_report_counts_what_the_layers_hold(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    for name, count in report["layers"].items():
        features = json.loads((out / "layers" / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
        assert len(features) == count


@pytest.mark.gdal
def test_gdal_reads_every_layer_with_its_count_and_crs(out: Path) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed (Debian package gdal-bin)")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    for source in (out / "corridors.gpkg", *sorted((out / "layers").glob("*.geojson"))):
        # the text form: -json came with GDAL 3.7, Debian 12 has 3.6
        done = subprocess.run(
            ["ogrinfo", "-so", "-al", "-ro", str(source)], capture_output=True, check=True, encoding="utf-8"
        )
        found = re.findall(
            r"^Layer name: (\w+)$.*?^Geometry: (.+?)$.*?^Feature Count: (\d+)$", done.stdout, re.MULTILINE | re.DOTALL
        )
        assert found
        for (name, geometry, count), text in zip(found, done.stdout.split("Layer name: ")[1:], strict=True):
            if name != "layer_styles":  # the table QGIS reads styles from
                assert int(count) == report["layers"][name], name
            assert geometry == "None" or "WGS 84" in text


def test_two_builds_are_equal_byte_for_byte(out: Path, atlas: Atlas, tmp_path: Path) -> None:
    build(atlas, tmp_path / "again")
    for path in sorted(out.rglob("*")):
        if path.is_file():
            other = tmp_path / "again" / path.relative_to(out)
            assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest(), path.name
