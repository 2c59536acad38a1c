"""Cutting edges where places stand on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.basenet import BaseNetwork, Edge, attach, load_base_network
from geo.geodesy import line_length_m


def one_edge(coords: list[tuple[float, float]], *, stretch: float = 1.1) -> BaseNetwork:
    """0 ───── 1, whose true length is ``stretch`` times the drawn one."""
    shape = np.asarray(coords)
    return BaseNetwork(
        name="test",
        lon=shape[[0, -1], 0],
        lat=shape[[0, -1], 1],
        country=("KAZ", "KAZ"),
        edges=(Edge(0, 1, line_length_m(shape) * stretch, shape, ("KAZ",)),),
        border_links=(),
    )


COURSE = [(70.0, 45.0), (71.0, 45.2), (72.0, 45.0), (73.0, 45.4)]


@given(st.lists(st.tuples(st.floats(70.2, 72.8), st.floats(44.9, 45.5)), min_size=1, max_size=6, unique=True))
@settings(max_examples=100, deadline=None)
def test_cutting_keeps_length_and_course(points: list[tuple[float, float]]) -> None:
    network = one_edge(COURSE)
    grown, attached = attach(network, {f"p{n}": (point, "KAZ") for n, point in enumerate(points)}, reach_km=80)
    assert len(attached) == len(points)
    assert sum(edge.length_m for edge in grown.edges) == pytest.approx(network.edges[0].length_m, rel=1e-9)
    drawn = sum(line_length_m(edge.coords) for edge in grown.edges)
    assert drawn == pytest.approx(line_length_m(np.asarray(COURSE)), rel=1e-5)
    path = grown.path(0, 1, limit_m=1e7)
    assert path is not None
    assert {attachment.node for attachment in attached.values()} <= set(path)
    for edge in grown.edges:
        assert (edge.coords[0] == (grown.lon[edge.start], grown.lat[edge.start])).all()
        assert (edge.coords[-1] == (grown.lon[edge.end], grown.lat[edge.end])).all()


def test_a_place_beyond_reach_or_in_another_country_is_left_out() -> None:
    network = one_edge(COURSE)
    _, attached = attach(
        network,
        {"far": ((71.0, 48.0), "KAZ"), "abroad": ((71.0, 45.2), "CHN"), "near": ((71.0, 45.2), "")},
        reach_km=10,
    )
    assert set(attached) == {"near"}


def test_a_place_at_an_end_takes_the_node_there() -> None:
    grown, attached = attach(one_edge(COURSE), {"end": ((73.0, 45.4), "KAZ")}, reach_km=5)
    assert attached["end"].node == 1
    assert len(grown.edges) == 1


@pytest.mark.parametrize(
    ("name", "low", "high"), [("railways", 13_000, 16_000), ("roads", 40_000, 50_000), ("sea_lanes", 7_000, 8_500)]
)
def test_prepared_networks_have_no_zero_bogus_or_loose_edges(name: str, low: int, high: int) -> None:
    network = load_base_network(name)
    assert low < len(network.edges) < high
    for edge in network.edges:
        assert edge.start != edge.end
        assert edge.length_m >= 1
        start, end = edge.coords[0], edge.coords[-1]
        assert np.hypot(*(start - (network.lon[edge.start], network.lat[edge.start]))) < 1e-9
        assert np.hypot(*(end - (network.lon[edge.end], network.lat[edge.end]))) < 1e-9
        # a true length is never below the chord by more than the rounding of coordinates
        assert edge.length_m >= line_length_m(np.asarray([start, end])) * 0.98 - 250


def test_edges_stay_within_one_country_and_borders_are_cut() -> None:
    network = load_base_network("railways")
    assert all(network.country[edge.start] == network.country[edge.end] for edge in network.edges)
    pairs = {frozenset((network.country[a], network.country[b])) for a, b in network.border_links}
    assert frozenset(("CHN", "KAZ")) in pairs
    assert frozenset(("RUS", "KAZ")) in pairs
    assert all(len(pair) == 2 for pair in pairs)
