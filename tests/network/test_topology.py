"""Lines of one file: joined at common vertices and nowhere else, and every known fault told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geodesy import distance_m
from layers.imported import vertex_at
from network.topology import FileLine, Topology, find_topology

METRE = 1 / 111_195


def line(
    name: str, *parts: Sequence[tuple[float, float]], mode: str = "rail", gauge_mm: int = 1520, row: int = 0
) -> FileLine:
    return FileLine(name, row, name, mode, gauge_mm, tuple(np.asarray(part, dtype=float) for part in parts))


def neighbours(found: Topology) -> set[frozenset[str]]:
    """Which lines meet at a node or over a snapped gap."""
    of_node: dict[str, set[str]] = {}
    for (name, _), cuts in found.stops.items():
        for node in cuts.values():
            of_node.setdefault(node, set()).add(name)
    for snap in found.snaps:
        of_node[snap.a] |= of_node[snap.b]
    return {frozenset((a, b)) for names in of_node.values() for a in names for b in names if a != b}


def test_lines_meet_at_a_common_vertex() -> None:
    """
    a────┬────a
         b
    """
    found = find_topology("x", [line("a", [(0, 0), (1, 0), (2, 0)]), line("b", [(1, 0), (1, -1)])])
    assert neighbours(found) == {frozenset("ab")}
    assert sorted(found.stops["a", 0]) == [0.0, 1.0, 2.0]
    assert found.warnings == []


def test_a_crossing_without_a_vertex_stays_a_crossing_until_asked() -> None:
    """
      b
    a─┼─a
      b
    """
    cross = [line("a", [(0, 0), (2, 0)]), line("b", [(1, 1), (1, -1)])]
    left = find_topology("x", cross)
    assert neighbours(left) == set()
    assert any("1 crossing(s) without a common vertex stay" in text for text in left.warnings)
    joined = find_topology("x", cross, connect_crossings=True)
    assert neighbours(joined) == {frozenset("ab")}
    assert joined.stops["a", 0][0.5] == joined.stops["b", 0][0.5]
    assert any("1 crossing(s) without a common vertex were joined" in text for text in joined.warnings)


def test_gauges_do_not_join_even_when_asked() -> None:
    lines = [
        line("a", [(0, 0), (2, 0)]),
        line("b", [(1, 1), (1, -1)], gauge_mm=1435),
        line("c", [(2, 0), (3, 0)], gauge_mm=1435),
    ]
    found = find_topology("x", lines, connect_crossings=True)
    assert neighbours(found) == set()
    assert any("different gauge stay crossings" in text for text in found.warnings)
    assert any("different mode or gauge meet" in text for text in found.warnings)


@pytest.mark.parametrize("gap_m", [2.0, 20.0, 45.0])
def test_ends_near_each_other_are_told_and_joined_when_asked(gap_m: float) -> None:
    """a───  ───b"""
    gap = [line("a", [(0, 0), (1, 0)]), line("b", [(1 + gap_m * METRE, 0), (2, 0)])]
    apart = find_topology("x", gap)
    assert neighbours(apart) == set()
    assert any("1 end(s) lie" in text and "--snap-ends-m" in text for text in apart.warnings)
    joined = find_topology("x", gap, snap_ends_m=50.0)
    assert neighbours(joined) == {frozenset("ab")}
    assert math.isclose(joined.snaps[0].metres, gap_m, rel_tol=0.02)
    assert neighbours(find_topology("x", gap, snap_ends_m=gap_m / 2)) == set()


def test_an_end_beside_a_line_is_told_and_joined_when_asked() -> None:
    """
    a─────────a
         ' 10 m
         b
    """
    beside = [line("a", [(0, 0), (2, 0)]), line("b", [(1, -10 * METRE), (1, -1)])]
    assert neighbours(find_topology("x", beside)) == set()
    joined = find_topology("x", beside, snap_ends_m=20.0)
    assert neighbours(joined) == {frozenset("ab")}
    assert sorted(joined.stops["a", 0]) == pytest.approx([0.0, 0.5, 1.0])


def test_neighbours_digitised_against_each_other_are_told() -> None:
    """a→ ←a"""
    found = find_topology("x", [line("a", [(0, 0), (1, 0)], [(2, 0), (1, 0)])])
    assert any("digitised against each other" in text for text in found.warnings)
    assert not find_topology("x", [line("a", [(0, 0), (1, 0)], [(1, 0), (2, 0)])]).warnings


def test_a_network_in_one_feature_is_told() -> None:
    grid = [[(x, y), (x + 1, y)] for x in range(3) for y in range(3)]
    grid += [[(x, y), (x, y + 1)] for x in range(3) for y in range(3)]
    found = find_topology("x", [line("all", *grid, row=7)])
    assert any(text.startswith("row 7 is one line of 18 parts") for text in found.warnings)


def test_the_same_course_twice_is_told() -> None:
    found = find_topology("x", [line("a", [(0, 0), (1, 0)]), line("b", [(1, 0), (0, 0)])])
    assert any("the same course is there twice" in text for text in found.warnings)


def test_a_ring_and_repeated_vertices_are_no_forks() -> None:
    found = find_topology("x", [line("a", [(0, 0), (1, 0), (1, 0), (1, 1), (0, 0)])])
    assert len(found.nodes) == 1
    assert sorted(found.stops["a", 0]) == [0.0, 4.0]


def test_no_lines_give_no_nodes() -> None:
    assert find_topology("x", []).nodes == {}


corners = st.tuples(st.integers(0, 4), st.integers(0, 4))
courses = st.lists(corners, min_size=2, max_size=4).filter(lambda points: len(set(points)) == len(points))


@given(st.lists(courses, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_who_meets_whom_does_not_depend_on_order_or_direction(drawn: list[list[tuple[int, int]]], rng: object) -> None:
    lines = [line(f"l{n}", points) for n, points in enumerate(drawn)]
    turned = [FileLine(item.id, 0, item.name, "rail", 1520, tuple(part[::-1] for part in item.parts)) for item in lines]
    rng.shuffle(turned)  # type: ignore[attr-defined]  # hypothesis hands over a random.Random
    expected = {
        frozenset((f"l{a}", f"l{b}"))
        for a, one in enumerate(drawn)
        for b, other in enumerate(drawn)
        if a < b and set(one) & set(other)
    }
    assert neighbours(find_topology("x", lines)) == expected
    assert neighbours(find_topology("x", turned)) == expected


@given(st.lists(courses, min_size=1, max_size=6))
def test_every_cut_stands_at_its_node(drawn: list[list[tuple[int, int]]]) -> None:
    lines = [line(f"l{n}", points) for n, points in enumerate(drawn)]
    found = find_topology("x", lines, connect_crossings=True, snap_ends_m=50.0)
    for (name, part), cuts in found.stops.items():
        coords = lines[int(name[1:])].parts[part]
        assert {0.0, float(len(coords) - 1)} <= set(cuts)
        for at, node in cuts.items():
            assert distance_m(vertex_at(coords, at), found.nodes[node].lon_lat) < 0.5


def test_an_end_on_a_line_without_a_vertex_is_no_joint() -> None:
    """
    a─────────a
         b
    """
    touching = [line("a", [(0, 0), (2, 0)]), line("b", [(1, 0), (1, -1)])]
    found = find_topology("x", touching)
    assert neighbours(found) == set()
    assert any("1 end(s) lie 0.0" in text for text in found.warnings)
    assert neighbours(find_topology("x", touching, snap_ends_m=1.0)) == {frozenset("ab")}
