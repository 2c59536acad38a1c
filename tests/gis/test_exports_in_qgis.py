"""QGIS itself opens the exported projects: layers valid, counts, groups, looks, metadata, claims of a feature."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from corridors.exchange import GROUPS
from tests.gis.conftest import Exported

PYTHON = "/usr/bin/python3"


def has_qgis() -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run([PYTHON, "-c", "import qgis.core"], check=False, capture_output=True).returncode == 0
    return False


pytestmark = pytest.mark.skipif(not has_qgis(), reason="QGIS for Python (Debian package python3-qgis) is not installed")


@pytest.fixture(scope="module", params=["project file", "project in the GeoPackage"])
def look(request: pytest.FixtureRequest, exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401
    folder = tmp_path_factory.mktemp("qgis")
    # elsewhere than where it was written: paths must be relative
    for name in ("corridors.gpkg", "corridors.qgs"):
        shutil.copy(exported.folder / name, folder)
    beside = request.param == "project file"
    path = str(folder / "corridors.qgs") if beside else f"geopackage:{folder}/corridors.gpkg?projectName=corridors"
    done = subprocess.run(
        [PYTHON, str(Path(__file__).with_name("qgis_look.py")), path, str(folder / "map.png")],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1]) | {"folder": str(folder)}


def test_every_layer_is_valid_with_its_count_and_crs_from_the_file_beside(look: Any, exported: Exported) -> None:  # noqa: ANN401
    layers = exported.export.layers()
    assert look["opened"]
    assert look["crs"] == "EPSG:4326"
    assert set(look["layers"]) == {f"vector_layer_{name}" for name in layers}
    for name, layer in layers.items():
        found = look["layers"][f"vector_layer_{name}"]
        assert found["valid"], name
        assert found["count"] == len(layer.features), name
        assert found["crs"] == ("EPSG:4326" if layer.geometry_type else ""), name
        assert found["source"].startswith(look["folder"]), name


def test_groups_are_there_and_switched_as_told(look: Any) -> None:  # noqa: ANN401
    assert [title for title, _ in look["groups"]] == [group.title for group in GROUPS]
    shown = {name: visible for _, layers in look["groups"] for name, visible in layers}
    assert not shown["Air links"]
    assert shown["Railways"]


def test_looks_and_metadata_are_those_of_the_layers(look: Any, exported: Exported) -> None:  # noqa: ANN401
    railways = look["layers"]["vector_layer_railways"]
    layer = exported.export.layers()["railways"]
    assert railways["renderer"] == "categorizedSymbol"
    assert layer.style is not None
    assert railways["categories"] == len(layer.style.categories) + 1
    assert railways["licences"] == ["ODbL-1.0"]
    assert railways["links"] == len(layer.sources)
    assert "Date: 2026-11-21" in railways["abstract"]
    assert "Accuracy: " in railways["abstract"]


def test_form_of_a_feature_can_show_its_claims(look: Any, exported: Exported) -> None:  # noqa: ANN401
    claims = exported.export.layers()["claims"].features
    wanted = sum(claim.properties["subject"] == "line:cku-railway" for claim in claims)
    assert wanted > 5
    assert look["related"]["Claims"] == wanted
    assert all(look["relations"].values())


def test_map_is_drawn_in_many_colours(look: Any) -> None:  # noqa: ANN401
    assert look["colours"] > 20
