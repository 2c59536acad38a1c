"""Public GeoJSON cases with a verdict each: kept as it is, mended and told, or refused."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.door import OpenedLayer, Report, Row, open_layer
from geo.errors import ImportRefusedError

CORPUS = Path(__file__).parents[3] / "shared" / "geojson_corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the public cases (shared/geojson_corpus) are not here")

_SHORT_WAY = (
    "two points more than 180° of longitude apart are taken the short way round in every file, as in antimeridian/line"
)
DISAGREEMENTS = {
    "geojson-schema/valid/geometrycollection__3d.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/geometrycollection__basic.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/geometrycollection__bbox.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/linestring__3d.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/linestring__basic.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/linestring__bbox.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/multilinestring__3d.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/multilinestring__basic.geojson": ("repair", _SHORT_WAY),
    "geojson-schema/valid/multilinestring__bbox.geojson": ("repair", _SHORT_WAY),
    "invalid-geometry/problematic_duplicate_nodes.geojson": (
        "valid",
        "a repeated point is valid and harmless; cases of turf-clean-coords with one are listed as valid",
    ),
    "invalid-geometry/problematic_excessive_coordinate_precision.geojson": (
        "valid",
        "digits are not rounded on reading, only when a layer is written; 20 valid cases have as many",
    ),
    "geojsonhint/bad/excessive_precision_truncated.geojson": ("valid", "as above: rounded when written"),
    "geojson-validator/problematic_wrong_bbox_coordinate_order.geojson": (
        "valid",
        "this copy of the case has its bbox in the right order; the one in invalid-geometry has not",
    ),
    "geojson-validator/invalid_feature_no_porperties.geojson": (
        "reject",
        (
            "besides the missing properties its ring has 3 positions, as in geojsonhint/bad/short-linearring, "
            "which is rejected"
        ),
    ),
}
# where another program answers otherwise, and why
_OTHER_SHAPES = {
    "both-poles.geojson": (
        "a ring that winds clockwise round both poles: ours is its inside, theirs what lies to its left"
    ),
    "overlap.geojson": "crosses itself over more than a turn; what its inside is depends on the rule taken",
    "issues-171.geojson": "they lose the first of two holes",
}


@dataclass(frozen=True)
class Answer:
    verdict: str
    seconds: float
    report: Report | None
    rows: tuple[Row, ...]


def _cases() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def _answer(name: str) -> Answer:
    start = time.perf_counter()
    opened: OpenedLayer | None = None
    try:
        with open_layer(CORPUS / name) as opened:
            rows = tuple(opened)
    except ImportRefusedError:
        return Answer("reject", time.perf_counter() - start, opened.report if opened else None, ())
    return Answer("repair" if opened.report.repaired else "valid", time.perf_counter() - start, opened.report, rows)


def test_every_case_gets_its_verdict_or_stands_in_the_table() -> None:
    cases = _cases()
    assert len(cases) == 656

    found = {case["file"]: _answer(case["file"]).verdict for case in cases}

    differing = {case["file"]: found[case["file"]] for case in cases if found[case["file"]] != case["verdict"]}
    assert differing == {name: verdict for name, (verdict, _) in DISAGREEMENTS.items()}
    assert all(reason for _, reason in DISAGREEMENTS.values())


def test_no_case_takes_long() -> None:
    slowest = max((_answer(case["file"]).seconds, case["file"]) for case in _cases())

    assert slowest[0] < 10, slowest


def test_no_row_is_lost_without_a_report() -> None:
    for case in _cases():
        report = _answer(case["file"]).report
        if report is not None:
            assert report.read == report.kept + len(report.refused), case["file"]


def test_a_kept_case_has_as_many_rows_as_the_text_has_features() -> None:
    for case in _cases():
        answer = _answer(case["file"])
        if answer.verdict != "reject":
            content = json.loads((CORPUS / case["file"]).read_text(encoding="utf-8-sig"))
            features = content["features"] if content["type"] == "FeatureCollection" else [content]
            assert [row.row for row in answer.rows] == list(range(len(features))), case["file"]


def _geometries() -> Iterator[tuple[str, BaseGeometry]]:
    for case in _cases():
        for row in _answer(case["file"]).rows:
            if row.geometry is not None:
                yield case["file"], row.geometry


def test_what_is_kept_is_valid_flat_and_on_earth() -> None:
    for name, geometry in _geometries():
        assert geometry.is_valid, name
        assert not geometry.is_empty, name
        assert not shapely.has_z(geometry), name
        assert (np.abs(shapely.get_coordinates(geometry)) <= (180, 90)).all(), name


def test_areas_at_180_degrees_are_what_the_antimeridian_package_makes_of_them() -> None:
    compared = 0
    for expected_file in sorted((CORPUS / "antimeridian" / "expected_flat").glob("*.geojson")):
        if expected_file.name in _OTHER_SHAPES:
            continue
        answer = _answer(f"antimeridian/input/{expected_file.name}")
        ours = shapely.union_all([row.geometry for row in answer.rows])
        theirs = shapely.union_all([shapely.make_valid(shape) for shape in _shapes(expected_file)])
        assert ours.symmetric_difference(theirs).area < 1e-6, expected_file.name
        assert ours.length == pytest.approx(theirs.length) or ours.area > 0, expected_file.name
        compared += 1
    assert compared == 27


def _shapes(file: Path) -> list[BaseGeometry]:
    content = json.loads(file.read_text(encoding="utf-8"))
    features = content["features"] if content["type"] == "FeatureCollection" else [content]
    return [shapely.geometry.shape(feature.get("geometry", feature)) for feature in features]
