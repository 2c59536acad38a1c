"""Geometries of others, mended where that is certain: 180°, poles, winding, crossings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.reading.cleaning import cleaned
from geo.reading.crs import reference, registered_code
from geo.reading.drafts import Draft, FileFault
from geo.reading.wkb import is_too_deep

WGS84 = reference("OGC:CRS84")


def _clean(geometry: BaseGeometry) -> Draft:
    return next(iter(cleaned([Draft(0, geometry=geometry)], WGS84, stated=True)))


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        ("POINT (190 10)", "POINT (-170 10)", "longitude 190 brought within ±180"),
        ("LINESTRING (170 0, 190 20)", "MULTILINESTRING ((170 0, 180 10), (-180 10, -170 20))", "crosses 180°"),
        ("LINESTRING (-170 0, -190 20)", "MULTILINESTRING ((-170 0, -180 10), (180 10, 170 20))", "crosses 180°"),
        ("LINESTRING (185 0, 190 20)", "LINESTRING (-175 0, -170 20)", "brought within ±180"),
        ("LINESTRING (179 60, -358 62)", "LINESTRING (179 60, 2 62)", "brought within ±180"),
        (
            "LINESTRING (170 0, -170 10, 170 20)",
            "MULTILINESTRING ((170 0, 180 5), (-180 5, -170 10, -180 15), (180 15, 170 20))",
            "crosses 180°",
        ),
        (
            "MULTILINESTRING ((0 0, 1 1), (2 2, 2 2))",
            "MULTILINESTRING ((0 0, 1 1))",
            "1 of 2 parts without length dropped",
        ),
        ("POLYGON ((0 0, 0 1, 1 1, 0 0))", "POLYGON ((0 0, 1 1, 0 1, 0 0))", "ring wound the other way"),
        (
            "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))",
            "MULTIPOLYGON (((1 1, 0 2, 0 0, 1 1)), ((2 0, 2 2, 1 1, 2 0)))",
            "invalid area repaired",
        ),
        ("POLYGON ((0 0, 0 -1, 1 0, 0 0, 0 1, 1 0, 0 0))", "POLYGON ((0 -1, 1 0, 0 1, 0 -1))", "invalid area repaired"),
        (
            "POLYGON ((170 0, -170 0, -170 10, 170 10, 170 0))",
            "MULTIPOLYGON (((170 0, 180 0, 180 10, 170 10, 170 0)), ((-170 10, -180 10, -180 0, -170 0, -170 10)))",
            "crosses 180°",
        ),
        (
            "POLYGON ((-120 80, 0 80, 120 80, -120 80))",
            "POLYGON ((-180 80, 180 80, 180 90, -180 90, -180 80))",
            "ring round the north pole",
        ),
    ],
)
def test_a_geometry_is_mended_and_told(text: str, expected: str, told: str) -> None:
    draft = _clean(wkt.loads(text))

    assert draft.geometry is not None
    assert draft.geometry.geom_type == wkt.loads(expected).geom_type
    assert draft.geometry.equals(wkt.loads(expected)), draft.geometry.wkt
    assert any(told in repair for repair in draft.repairs)


@pytest.mark.parametrize(
    "text",
    [
        "LINESTRING (0 0, 1 1)",
        "LINESTRING (-180 0, 180 0)",
        ("POLYGON ((-180 -90, 180 -90, 180 -60, -180 -60, -180 -90))"),
        "MULTILINESTRING ((170 0, 180 1), (-180 1, -170 2))",
        "LINESTRING (0 0, 1 1, 1 0, 0 1)",
        "POINT (180 90)",
    ],
)
def test_a_geometry_that_is_right_is_left_as_it_is(text: str) -> None:
    draft = _clean(wkt.loads(text))

    assert draft.geometry is not None
    assert draft.geometry.equals_exact(wkt.loads(text), 0)
    if text != "LINESTRING (-180 0, 180 0)":
        assert draft.repairs == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("LINESTRING (1 1, 1 1)", "no length"),
        ("POLYGON ((0 0, 1 1, 2 2, 0 0))", "no surface"),
        ("POINT (1 91)", "is no place"),
        ("POINT (500 1)", "is no place"),
        ("POINT (inf 1)", "no finite place"),
    ],
)
def test_a_geometry_that_is_none_is_refused(text: str, why: str) -> None:
    assert why in str(_clean(wkt.loads(text)).fault)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
        ("MULTIPOLYGON (EMPTY, ((0 0, 1 1, 1 0, 0 0)))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
        ("MULTILINESTRING (EMPTY, (190 0, 191 1))", "MULTILINESTRING ((-170 0, -169 1))"),
        (
            "GEOMETRYCOLLECTION (POLYGON EMPTY, MULTIPOINT (EMPTY, (1 2)), LINESTRING (190 0, 191 1))",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (-170 0, -169 1))",
        ),
    ],
)
def test_empty_parts_are_dropped_and_told(text: str, expected: str) -> None:
    draft = _clean(wkt.loads(text))

    assert draft.geometry is not None
    assert draft.geometry.normalize().wkt == wkt.loads(expected).normalize().wkt
    assert draft.repairs[0].startswith("empty part of a")


def test_a_file_is_judged_by_its_first_rows_with_a_place() -> None:
    drafts = [
        *(Draft(row) for row in range(500)),
        Draft(500, geometry=LineString([(500_000, 4_500_000), (500_900, 4_500_000)])),
    ]

    with pytest.raises(FileFault, match="look like metres"):
        list(cleaned(drafts, WGS84, stated=False))


def test_numbers_that_are_not_finite_refuse_their_row_only() -> None:
    drafts = [
        Draft(0, geometry=LineString([(np.inf, 0), (np.inf, 1)])),
        Draft(1, geometry=LineString([(0, 0), (1, 1)])),
    ]

    found = list(cleaned(drafts, WGS84, stated=True))

    assert [draft.fault is None for draft in found] == [False, True]


_LON = st.floats(-360, 360).map(lambda value: round(value, 3))
_LAT = st.floats(-90, 90).map(lambda value: round(value, 3))


@given(points=st.lists(st.tuples(_LON, _LAT), min_size=2, max_size=12))
def test_a_line_keeps_its_course_on_the_globe(points: list[tuple[float, float]]) -> None:
    draft = _clean(LineString(points))

    if draft.fault is not None:
        assert len(set(points)) == 1 or "no length" in draft.fault
        return
    assert draft.geometry is not None
    assert draft.geometry.is_valid
    assert (np.abs(shapely.get_coordinates(draft.geometry)) <= (180, 90)).all()
    # seen from its own start, the pieces are as long as the line that goes the short way round
    assert draft.geometry.length == pytest.approx(_short_way_length(points), abs=1e-6)


def _short_way_length(points: list[tuple[float, float]]) -> float:
    total = 0.0
    for (lon0, lat0), (lon1, lat1) in itertools.pairwise(points):
        step = lon1 - lon0
        if abs(step) > 180 and not (abs(step) == 360 and lat0 == lat1) and not (abs(lat0) == abs(lat1) == 90):
            step -= 360 * round(step / 360)
        total += float(np.hypot(step, lat1 - lat0))
    return total


@given(points=st.lists(st.tuples(_LON, _LAT), min_size=3, max_size=9))
def test_an_area_is_valid_or_refused(points: list[tuple[float, float]]) -> None:
    draft = _clean(Polygon(points))

    if draft.fault is None:
        assert draft.geometry is not None
        assert draft.geometry.is_valid
        assert draft.geometry.area > 0
        assert (np.abs(shapely.get_coordinates(draft.geometry)) <= (180, 90)).all()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:EPSG::4326", "EPSG:4326"),
        ("epsg:32643", "EPSG:32643"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857"),
        ("CRS84", "OGC:CRS84"),
        ("WGS 84", None),
        ("EPSG:", None),
        ("file:///etc/passwd", None),
        ("EPSG:4326\n", None),
    ],
)
def test_names_of_reference_systems(text: str, code: str | None) -> None:
    assert registered_code(text) == code


def test_a_projection_in_no_register_is_used_when_it_names_no_file() -> None:
    wkt_text = (
        'PROJCS["Silk Road Lambert",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,'
        "298.257223563]],"
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],'
        'PARAMETER["Central_Meridian",77.0],PARAMETER["Standard_Parallel_1",35.0],'
        'PARAMETER["Standard_Parallel_2",55.0],'
        'PARAMETER["Latitude_Of_Origin",45.0],UNIT["Meter",1.0]]'
    )
    found = reference(wkt_text)

    assert found.name == "custom: Silk Road Lambert"
    assert found.to_lon_lat is not None
    assert found.to_lon_lat(np.array([[0.0, 0.0]])).tolist() == [pytest.approx([77, 45])]
    with pytest.raises(FileFault, match="names grids or parameters"):
        reference(
            wkt_text.replace('UNIT["Meter",1.0]]', 'UNIT["Meter",1.0],EXTENSION["PROJ4","+proj=lcc +nadgrids=/x"]]')
        )


def test_only_deep_wkb_is_deep() -> None:
    shapes = [
        LineString(np.random.default_rng(1).random((3000, 2))),
        shapely.geometrycollections([LineString([(0, 0), (1, 1)])] * 900),
    ]
    shapes.append(shapely.multipolygons([shapely.box(index, 0, index + 0.5, 1) for index in range(300)]))

    assert not any(is_too_deep(shape.wkb) for shape in shapes)
    assert is_too_deep(b"\x01\x04\x00\x00\x00\x01\x00\x00\x00" * 5000)
    assert not is_too_deep(b"\x01\x02\x00\x00\x00\xff\xff\xff\xff" + bytes(20_000))
