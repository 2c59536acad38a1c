"""Tracks bent back through their stations and towns: small networks, and the shipped ones."""

from __future__ import annotations

import csv
import re
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.basenet import load_base_network
from geo.geodesy import LonLat, distance_m
from geo.prepare.shapes import RAIL_SHAPES, ROAD_SHAPES, ROAD_TOWNS, STATIONS, Network, read_places, restore_shapes

KM = 1 / 111.195
LICENSES = (Path(__file__).parents[2] / "DATA_LICENSES.md").read_text("utf-8").partition("## Shapes given back")[2]


def network_of(points: list[LonLat], edges: list[tuple[int, int, float]]) -> Network:
    """Positions in km at the equator; edges as node, node, true km."""
    return Network(
        np.asarray(points, dtype=float) * KM,
        np.asarray([edge[:2] for edge in edges], dtype=np.int64),
        np.asarray([edge[2] for edge in edges], dtype=float),
    )


def at(x: float, y: float) -> LonLat:
    return (x * KM, y * KM)


def course(network: Network, start: int = 0) -> list[LonLat]:
    """The nodes from ``start`` to the other end of a network that is one line."""
    way, seen = [start], {start}
    while True:
        onward = [int(n) for edge in network.ends if way[-1] in edge for n in edge if int(n) not in seen]
        if not onward:
            return [(float(lon) / KM, float(lat) / KM) for lon, lat in network.lon_lat[way]]
        way.append(onward[0])
        seen.add(onward[0])


def test_a_bare_edge_runs_through_its_stations_and_keeps_its_length() -> None:
    bare = network_of([(0, 0), (100, 0)], [(0, 1, 104.0)])
    shaped, used = restore_shapes(bare, [at(70, 8), at(30, 10)])
    assert used == 2
    assert course(shaped) == [(0, 0), pytest.approx((30, 10)), pytest.approx((70, 8)), pytest.approx((100, 0))]
    assert shaped.km.sum() == pytest.approx(104.0)


def test_a_station_farther_off_than_the_true_length_allows_is_left_out() -> None:
    bare = network_of([(0, 0), (100, 0)], [(0, 1, 101.0)])
    shaped, used = restore_shapes(bare, [at(50, 12)])
    assert used == 0
    assert len(shaped.ends) == 1


def test_track_with_a_shape_stays_as_it_is() -> None:
    fine = network_of([(float(x), 0.0) for x in range(0, 20, 4)], [(n, n + 1, 4.3) for n in range(4)])
    shaped, used = restore_shapes(fine, [at(6, 0.3)])
    assert used == 0
    assert np.array_equal(shaped.ends, fine.ends)


def test_a_station_goes_to_the_edge_that_needs_the_smaller_detour() -> None:
    """Two long edges from one junction; the station stands on the upper one."""
    fork = network_of([(0, 0), (90, 25), (90, -25)], [(0, 1, 100.0), (0, 2, 100.0)])
    shaped, used = restore_shapes(fork, [at(45, 13)])
    assert used == 1
    assert (0, 2) in {tuple(edge) for edge in shaped.ends.tolist()}


def test_a_station_beside_shaped_track_only_fills_what_is_still_bare() -> None:
    """A parallel line with its shape runs 0.5 km above the bare one; both stations fit, the free one comes first."""
    points = [(0.0, 0.0), (60.0, 0.0), *[(float(x), 0.5) for x in range(0, 61, 4)]]
    edges = [(0, 1, 61.0), *[(n, n + 1, 4.0) for n in range(2, len(points) - 1)]]
    shaped, used = restore_shapes(network_of(points, edges), [at(20, 4), at(30, 0.4)])
    assert used == 2
    assert at(20, 4) in {(float(lon), float(lat)) for lon, lat in shaped.lon_lat}


def test_a_station_that_would_turn_the_line_back_is_left_out() -> None:
    bare = network_of([(0, 0), (60, 0)], [(0, 1, 90.0)])
    _, used = restore_shapes(bare, [at(30, 1), at(31, 20), at(32, 1)])
    assert used == 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-20, 120), st.floats(-40, 40)), max_size=8),
    st.floats(100, 140),
    st.randoms(use_true_random=False),
)
def test_any_stations_in_any_order(points: list[LonLat], km: float, order: object) -> None:
    """The course is as long as the edge at most, its total length stays, and the order of the list does not matter."""
    bare = network_of([(0, 0), (100, 0)], [(0, 1, km)])
    stations = [at(x, y) for x, y in points]
    shaped, used = restore_shapes(bare, stations)
    way = [(x * KM, y * KM) for x, y in course(shaped)]
    drawn_km = sum(distance_m(a, b) for a, b in pairwise(way)) / 1000
    assert drawn_km <= km * 1.004 + 0.51
    assert shaped.km.sum() == pytest.approx(max(km, drawn_km) if used else km, rel=1e-6)
    assert used == len(way) - 2
    order.shuffle(stations)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert restore_shapes(bare, stations)[1] == used


def far_from(mode: str, places: list[LonLat]) -> list[LonLat]:
    """Return the places no prepared track of the mode runs past."""
    tree = shapely.STRtree([shapely.LineString(edge.coords) for edge in load_base_network(mode).edges])
    return [
        place for place in places if not len(tree.query(shapely.Point(place).buffer(0.004), predicate="intersects"))
    ]


def test_shipped_stations_name_where_they_are_from_and_stand_on_the_prepared_track() -> None:
    with STATIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1500
    listed = {"osm-esr", "chinarail", "noritetsu", "geonames"}
    assert all(row["name"] and (row["source"] in listed or row["source"].startswith("http")) for row in rows)
    stations = read_places(STATIONS)
    assert len(set(stations)) == len(stations)
    far = far_from("railways", stations)
    # thinning takes out second tracks and dead ends with the stations on them
    assert len(far) < len(stations) * 0.06, far[:20]


def test_shipped_towns_name_their_road_and_source_and_stand_on_the_prepared_roads() -> None:
    with ROAD_TOWNS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["name"] and row["road"] and row["source"].startswith("http") for row in rows)
    assert all(row["position"] in {"geonames", "osm-esr"} or row["position"].startswith("http") for row in rows)
    towns = read_places(ROAD_TOWNS)
    assert len(set(towns)) == len(towns) > 40
    assert far_from("roads", towns) == []


def test_a_station_of_a_parallel_line_that_makes_a_tooth_at_a_joint_is_left_out() -> None:
    """The second edge could run past the station, but only by turning back where the first one ends."""
    line = network_of([(0, 0), (50, 10), (80, -60)], [(0, 1, 51.5), (1, 2, 84.0)])
    assert restore_shapes(line, [at(45, -2)])[1] == 0
    alone = network_of([(50, 10), (80, -60)], [(0, 1, 84.0)])
    assert restore_shapes(alone, [at(45, -2)])[1] == 1


def test_a_town_may_lie_farther_beside_its_road_than_a_station_beside_its_track() -> None:
    bare = network_of([(0, 0), (60, 0)], [(0, 1, 60.5)])
    assert restore_shapes(bare, [at(30, 7)], RAIL_SHAPES)[1] == 0
    shaped, used = restore_shapes(bare, [at(30, 7)], ROAD_SHAPES)
    assert used == 1
    assert shaped.km.sum() == pytest.approx(2 * np.hypot(30, 7), rel=1e-3)


def test_a_road_as_long_as_its_stroke_becomes_as_long_as_the_way_through_its_towns() -> None:
    """The base data gives such an edge no length of its own, so that the length is a weaker test."""
    stroke, measured = 200.0, 202.0
    towns = [at(100, 40)]
    unmeasured, used = restore_shapes(network_of([(0, 0), (200, 0)], [(0, 1, stroke)]), towns, ROAD_SHAPES)
    assert used == 1
    assert unmeasured.km.sum() == pytest.approx(2 * np.hypot(100, 40), rel=1e-3)
    assert restore_shapes(network_of([(0, 0), (200, 0)], [(0, 1, measured)]), towns, ROAD_SHAPES)[1] == 0
    assert restore_shapes(network_of([(0, 0), (200, 0)], [(0, 1, stroke)]), [at(100, 60)], ROAD_SHAPES)[1] == 0


def test_a_short_road_is_left_as_it_is() -> None:
    """A way round a town is not drawn through it."""
    assert restore_shapes(network_of([(0, 0), (12, 0)], [(0, 1, 13.0)]), [at(6, 1)], ROAD_SHAPES)[1] == 0


@pytest.mark.parametrize("figure", sorted(asdict(RAIL_SHAPES)))
def test_the_figure_in_the_licence_file_is_the_one_used(figure: str) -> None:
    row = re.search(rf"\(`{figure}`\) \| ([\d.]+) \| ([\d.]+) \|", LICENSES)
    assert row
    assert [float(row[1]), float(row[2])] == [getattr(RAIL_SHAPES, figure), getattr(ROAD_SHAPES, figure)]


def test_a_sharp_bend_stays_where_the_true_length_needs_it() -> None:
    """As at a desert town the line turns off to: without it the edge would be a quarter too short."""
    assert restore_shapes(network_of([(0, 0), (60, 0)], [(0, 1, 85.0)]), [at(30, 29)])[1] == 1
