"""Geometry for files: rounded, cut at 180°, rings counter-clockwise, nothing degenerate."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.errors import GeometryError
from geo.file_geometry import bounding_box, file_geometry, repaired_area

STEPS = st.lists(st.tuples(st.floats(-20, 20), st.floats(-5, 5)), min_size=1, max_size=12)


def wrapped(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda points: np.column_stack([(points[:, 0] + 180) % 360 - 180, points[:, 1]]))


def jumps(geometry: BaseGeometry) -> bool:
    parts = [shapely.get_coordinates(part)[:, 0] for part in shapely.get_parts(geometry)]
    return any((np.abs(np.diff(lon)) > 180).any() for lon in parts)


def crossing_hole() -> Polygon:
    return Polygon(box(170, 50, 190, 70).exterior.coords, [box(175, 55, 185, 65).exterior.coords])


def test_single_parts_become_multi_parts() -> None:
    assert file_geometry(Point(-0.0000001, 1)).wkt == "POINT (0 1)"
    assert isinstance(file_geometry(LineString([(0, 0), (1, 1)])), MultiLineString)
    assert isinstance(file_geometry(box(0, 0, 1, 1)), MultiPolygon)


def test_points_that_fall_together_become_one() -> None:
    line = LineString([(0, 0), (0.0000001, 0), (1, 1), (1, 1), (1.0000004, 1)])
    assert file_geometry(line).wkt == "MULTILINESTRING ((0 0, 1 1))"


@pytest.mark.parametrize(
    "geometry",
    [
        LineString([(5, 5), (5.0000001, 5)]),
        MultiLineString([[(0, 0), (1, 1)], [(5, 5), (5, 5.0000001)]]),
        LineString([(-180, 60), (180, 60)]),
        box(5, 5, 5.0000001, 6),
        Polygon(box(0, 0, 9, 9).exterior.coords, [box(5, 5, 5.0000001, 6).exterior.coords]),
    ],
)
def test_what_vanishes_in_rounding_is_reported(geometry: BaseGeometry) -> None:
    with pytest.raises(GeometryError, match="remove that part"):
        file_geometry(geometry)


def test_invalid_polygon_is_reported_with_its_place() -> None:
    with pytest.raises(GeometryError, match=r"Self-intersection\[1 1\]"):
        file_geometry(Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))


def test_polygon_that_only_rounding_breaks_stays_valid() -> None:
    """A neck of 0.0000006° that rounding closes: two areas that touch are written."""
    neck = Polygon([(0, 0), (1, 0.4999997), (2, 0), (2, 1), (1, 0.5000003), (0, 1)])
    written = file_geometry(neck)
    assert written.is_valid
    assert written.area == pytest.approx(neck.area, abs=1e-5)


@pytest.mark.parametrize("clockwise", [True, False])
def test_shells_run_counter_clockwise_and_holes_clockwise(*, clockwise: bool) -> None:
    ring = box(0, 0, 9, 9, ccw=not clockwise).exterior.coords
    hole = box(2, 2, 4, 4, ccw=not clockwise).exterior.coords
    (area,) = shapely.get_parts(file_geometry(Polygon(ring, [hole])))
    assert area.exterior.is_ccw
    assert [inner.is_ccw for inner in area.interiors] == [False]


def test_area_that_rounding_leaves_nothing_of_is_reported() -> None:
    """Rounded point by point the outline crosses itself; rounded as an area nothing is left."""
    lon_lat = np.array([(0.31, 0.83), (-0.87, 1.22), (-0.89, 1.60), (-1.01, 0.85), (-0.69, 0.48)]) * 1e-6
    with pytest.raises(GeometryError, match="narrower"):
        file_geometry(Polygon(lon_lat + np.array([-61.523689, -54.522344])))


# lines across 180°


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(170, 0), (-170, 10)], "((170 0, 180 5), (-180 5, -170 10))"),
        ([(-170, 0), (170, 10)], "((-170 0, -180 5), (180 5, 170 10))"),
        ([(170, 0), (180, 5), (-170, 10)], "((170 0, 180 5), (-180 5, -170 10))"),
        ([(170, 0), (-180, 5), (-170, 10)], "((170 0, 180 5), (-180 5, -170 10))"),
        ([(170, 0), (180, 5), (170, 10)], "((170 0, 180 5, 170 10))"),
        ([(180, 0), (-170, 10)], "((-180 0, -170 10))"),
        ([(180, 0), (180, 5)], "((180 0, 180 5))"),
        ([(180, 0), (-180, 5)], "((180 0, 180 5))"),
        ([(-90, 0), (90, 0)], "((-90 0, 90 0))"),
        ([(170, 0), (-170, 0), (170, 10)], "((170 0, 180 0), (-180 0, -170 0, -180 5), (180 5, 170 10))"),
    ],
)
def test_line_is_cut_where_it_crosses(line: list[tuple[float, float]], expected: str) -> None:
    assert file_geometry(LineString(line)).wkt == f"MULTILINESTRING {expected}"


@given(lon=st.floats(-180, 180), lat=st.floats(-25, 25), steps=STEPS)
def test_cutting_keeps_length_and_order_and_leaves_no_jump(
    lon: float, lat: float, steps: list[tuple[float, float]]
) -> None:
    walk = np.cumsum([(lon, lat), *steps], axis=0)
    walk = walk[np.concatenate([[True], (np.abs(np.diff(walk, axis=0)) > 1e-4).all(axis=1)])]
    if len(walk) < 2:
        return
    written = file_geometry(wrapped(LineString(walk)))
    assert not jumps(written)
    assert np.abs(shapely.get_coordinates(written)[:, 0]).max() <= 180
    assert written.length == pytest.approx(LineString(walk).length, abs=1e-4)
    assert all(part.length > 0 for part in shapely.get_parts(written))


# areas across 180°


def test_area_and_its_hole_are_cut() -> None:
    written = file_geometry(wrapped(crossing_hole()))
    assert written.is_valid
    assert not jumps(written)
    assert written.area == 300
    assert sorted(part.bounds for part in shapely.get_parts(written)) == [(-180, 50, -170, 70), (170, 50, 180, 70)]


def test_area_cut_before_is_written_as_it_is() -> None:
    """Natural Earth cuts Chukotka at 180°, and runs Antarctica along the pole."""
    chukotka = MultiPolygon([box(170, 60, 180, 70), box(-180, 60, -170, 70)])
    antarctica = Polygon([(-180, -90), (180, -90), (180, -80), (0, -70), (-180, -80)])
    assert shapely.equals(file_geometry(chukotka), chukotka)
    assert shapely.equals(file_geometry(antarctica), MultiPolygon([antarctica]))


def test_ring_round_a_pole_is_reported() -> None:
    with pytest.raises(GeometryError, match="goes round a pole"):
        file_geometry(Polygon([(0, 80), (120, 80), (-120, 80)]))


@given(lon=st.floats(-180, 180), lat=st.floats(-60, 60), radius=st.floats(0.1, 25))
def test_cutting_keeps_the_area(lon: float, lat: float, radius: float) -> None:
    disc = Point(lon, lat).buffer(radius, quad_segs=6)
    written = file_geometry(wrapped(disc))
    assert written.is_valid
    assert written.area == pytest.approx(disc.area, abs=1e-3)
    assert all(part.exterior.is_ccw for part in shapely.get_parts(written))


def test_repair_does_not_draw_a_band_round_the_world() -> None:
    """An island across 180° whose outline crosses itself: two triangles, and nothing in Europe."""
    bow = Polygon([(178, 70), (-178, 72), (-178, 70), (178, 72)])
    repaired = repaired_area(bow)
    assert repaired.is_valid
    assert repaired.area == pytest.approx(4)
    assert not repaired.intersects(box(-177, -90, 177, 90))


# boxes


@pytest.mark.parametrize(
    ("geometries", "expected"),
    [
        ([], None),
        ([Point(5, 6)], (5, 6, 5, 6)),
        ([Point(60, 6), Point(-10, 60)], (-10, 6, 60, 60)),
        ([Point(177, -18), Point(-178, -16)], (177, -18, -178, -16)),
        ([MultiPolygon([box(170, 0, 180, 5), box(-180, 0, -170, 5)]), Point(30, 0)], (30, 0, -170, 5)),
        ([box(-180, -10, 180, 10)], (-180, -10, 180, 10)),
        ([Point(-90, 0), Point(90, 0)], (-90, 0, 90, 0)),
    ],
)
def test_box_is_the_smallest_and_crosses_180_where_that_is_smaller(
    geometries: list[BaseGeometry], expected: tuple[float, ...] | None
) -> None:
    assert bounding_box(geometries) == expected


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=8))
def test_box_holds_every_point(points: list[tuple[float, float]]) -> None:
    box_ = bounding_box([Point(point) for point in points])
    assert box_ is not None
    west, south, east, north = box_
    for lon, lat in points:
        assert (west <= lon <= east) if west <= east else (lon >= west or lon <= east)
        assert south <= lat <= north
    assert math.isfinite(west + east)
