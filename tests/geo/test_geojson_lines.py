"""Newline-delimited GeoJSON is the same features as the collection, one a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo.errors import WriteError
from geo.geojson import geojson_text, write_geojson_lines
from geo.layer import Layer
from tests.geo.samples import all_kinds, railways


@pytest.mark.parametrize("layer", all_kinds(), ids=lambda layer: layer.name)
def test_lines_are_the_features_of_the_collection(layer: Layer, tmp_path: Path) -> None:
    write_geojson_lines(layer, tmp_path / "a.geojsonl")
    text = (tmp_path / "a.geojsonl").read_text(encoding="utf-8")
    # U+2028 within a text is no line end
    lines = text.split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == json.loads(geojson_text(layer))["features"]


def test_collection_carries_date_accuracy_and_sources() -> None:
    content = json.loads(geojson_text(railways()))
    assert (content["date"], content["accuracy"]) == ("2026-11-21", "1 track")
    assert content["sources"] == list(railways().sources)


def test_file_that_lacks_a_line_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.geojsonl").write_text("old", encoding="utf-8")
    monkeypatch.setattr("geo.geojson._feature_lines", lambda *_: ['{"type":"Feature","id":"far-east"}'])
    with pytest.raises(WriteError, match="read back 1 of 2"):
        write_geojson_lines(railways(), tmp_path / "a.geojsonl")
    assert (tmp_path / "a.geojsonl").read_text(encoding="utf-8") == "old"
