"""Steps that prepare the base railways and roads, on small networks drawn by hand."""

from __future__ import annotations

import pytest

from geo.prepare.tracks import (
    RAIL_OPTIONS,
    Mesh,
    _simplified,
    close_gaps,
    contract_chains,
    drop_scraps,
    prune_stubs,
    thin_to_spanner,
    uneven_nodes,
)

KM = 1 / 111.195
NONE: frozenset[int] = frozenset()


def mesh_of(places: list[tuple[float, float]], edges: list[tuple[int, int]], country: str = "KAZ") -> Mesh:
    """A mesh at the equator with positions in kilometres; lengths are straight."""
    mesh = Mesh([x * KM for x, _ in places], [y * KM for _, y in places], [country] * len(places))
    for a, b in edges:
        dx, dy = places[a][0] - places[b][0], places[a][1] - places[b][1]
        mesh.add(a, b, (dx * dx + dy * dy) ** 0.5, [])
    return mesh


def total_km(mesh: Mesh) -> float:
    return sum(km for _, _, km, _ in mesh.edges())


def test_chains_become_one_edge_with_their_length_and_course() -> None:
    """0 ── 1 ── 2 ── 3"""
    mesh = mesh_of([(0, 0), (10, 0), (20, 5), (30, 0)], [(0, 1), (1, 2), (2, 3)])
    before = total_km(mesh)
    contract_chains(mesh, NONE)
    ((start, end, km, between),) = list(mesh.edges())
    assert (start, end, between) == (0, 3, [1, 2])
    assert km == pytest.approx(before)


def test_a_kept_node_stays_in_its_chain() -> None:
    mesh = mesh_of([(0, 0), (10, 0), (20, 0)], [(0, 1), (1, 2)])
    contract_chains(mesh, frozenset({1}))
    assert len(list(mesh.edges())) == 2


def test_short_dead_ends_go_but_not_at_a_border() -> None:
    """
    0 ─── 1 ─── 2
          │
          3
    """
    places, edges = [(0.0, 0.0), (50.0, 0.0), (100.0, 0.0), (50.0, 3.0)], [(0, 1), (1, 2), (1, 3)]
    plain, at_border = mesh_of(places, edges), mesh_of(places, edges)
    prune_stubs(plain, NONE, 8)
    prune_stubs(at_border, frozenset({3}), 8)
    assert 3 not in plain.adjacent
    assert 3 in at_border.adjacent


def test_thinning_keeps_every_distance_within_its_promise() -> None:
    """A ladder of two parallel tracks: one rail of it goes, no way grows by more than stretch and slack."""
    places = [(x * 2.0, y) for y in (0.0, 0.2) for x in range(6)]
    edges = [(n, n + 1) for n in range(5)] + [(n, n + 1) for n in range(6, 11)] + [(n, n + 6) for n in range(6)]
    thin = thin_to_spanner(mesh_of(places, edges), RAIL_OPTIONS)
    assert len(list(thin.edges())) < len(edges)
    assert set(thin.adjacent) == set(range(12))


def test_scraps_are_dropped_but_not_when_a_border_joins_them() -> None:
    places = [(0.0, 0.0), (100.0, 0.0), (101.0, 0.0), (120.0, 0.0), (500.0, 0.0), (510.0, 0.0)]
    mesh = mesh_of(places, [(0, 1), (2, 3), (4, 5)])
    mesh.borders.append((1, 2))
    drop_scraps(mesh, 50)
    assert set(mesh.adjacent) == {0, 1, 2, 3}


def test_a_break_in_the_data_is_joined_and_a_yard_is_not() -> None:
    """
    0 ────── 1 ·2 km· 2 ────── 3        4 beside 5, both on one track: no gap
    """
    places = [(0.0, 0.0), (30.0, 0.0), (32.0, 0.0), (60.0, 0.0), (60.0, 10.0), (61.0, 10.0)]
    mesh = mesh_of(places, [(0, 1), (2, 3), (3, 4), (3, 5)])
    assert close_gaps(mesh, NONE, 2.5) == 1
    assert 2 in mesh.adjacent[1]
    assert 5 not in mesh.adjacent[4]
    assert mesh.adjacent[1][2][0] == pytest.approx(2.0, rel=0.02)


def test_no_gap_is_joined_across_a_border() -> None:
    mesh = mesh_of([(0, 0), (30, 0), (32, 0), (60, 0)], [(0, 1), (2, 3)])
    mesh.country[2] = mesh.country[3] = "CHN"
    assert close_gaps(mesh, NONE, 2.5) == 0


def test_a_node_stays_where_lost_bends_meet_track_with_its_shape() -> None:
    """0 ──(true 36 km on a stroke of 30)── 1 ── 2 ── 3: lengths along one edge would be shared out by the strokes."""
    mesh = mesh_of([(0, 0), (30, 0), (32, 0), (34, 0)], [(0, 1), (1, 2), (2, 3)])
    mesh.remove(0, 1)
    mesh.add(0, 1, 36.0, [])
    assert uneven_nodes(mesh) == {1}
    contract_chains(mesh, uneven_nodes(mesh))
    assert {(start, end) for start, end, *_ in mesh.edges()} == {(0, 1), (1, 3)}


def test_a_straight_line_keeps_a_vertex_now_and_then_unless_nothing_is_simplified() -> None:
    way = [(x * KM, 0.0) for x in range(0, 61, 5)]
    kept = [round(float(lon) / KM) for lon in _simplified(way, 0.001)[:, 0]]
    assert kept == [0, 15, 30, 45, 60]
    assert [round(float(lon) / KM) for lon in _simplified(way, 0.0)[:, 0]] == [0, 60]
