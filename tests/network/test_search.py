"""Shortest paths against networkx on generated networks."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings

from network.search import Access, Step, shortest_path
from network.table import Network
from tests.network.generated import make_network, networks


def total(network: Network, steps: list[Step]) -> int:
    return sum(int(network.links.length_m[step.link]) for step in steps)


@given(networks())
@settings(max_examples=300, deadline=None)
def test_path_is_as_short_as_networkx_finds_and_runs_link_by_link(case: tuple[Network, list[bool], int, int]) -> None:
    network, usable, origin, destination = case
    weights = network.links.length_m.astype(np.int64)
    graph: nx.MultiGraph[int] = nx.MultiGraph()
    graph.add_nodes_from(range(len(network.nodes)))
    for link in np.flatnonzero(usable).tolist():
        graph.add_edge(int(network.links.a[link]), int(network.links.b[link]), weight=int(weights[link]))

    steps = shortest_path(network, weights, np.asarray(usable), [Access(origin)], [Access(destination)])

    # a route has a step: no way leads from a place to itself
    if origin == destination or not nx.has_path(graph, origin, destination):
        assert steps is None
        return
    assert steps is not None
    assert total(network, steps) == nx.shortest_path_length(graph, origin, destination, weight="weight")
    at = origin
    for step in steps:
        start, end = int(network.links.a[step.link]), int(network.links.b[step.link])
        assert at == (end if step.is_backward else start)
        assert usable[step.link]
        at = start if step.is_backward else end
    assert at == destination


@given(networks())
@settings(max_examples=100, deadline=None)
def test_closing_a_link_never_shortens_a_path(case: tuple[Network, list[bool], int, int]) -> None:
    network, usable, origin, destination = case
    weights = network.links.length_m.astype(np.int64)
    ends = [Access(origin)], [Access(destination)]
    before = shortest_path(network, weights, np.asarray(usable), *ends)
    for closed in range(len(usable)):
        mask = np.asarray(usable)
        mask[closed] = False
        after = shortest_path(network, weights, mask, *ends)
        if before is None:
            assert after is None
        elif after is not None:
            assert total(network, after) >= total(network, before)


def test_two_points_on_one_link_are_joined_along_it() -> None:
    """n0 ──x──y── n1: from x at a quarter to y at three quarters is half the link."""
    network = make_network(2, [(0, 1, 1000)])
    steps = shortest_path(
        network,
        np.asarray([1000]),
        np.asarray([True]),
        [Access(-1, 0, 0.25)],
        [Access(-1, 0, 0.75)],
    )
    assert steps == [Step(0, 0.25, 0.75)]


def test_a_point_on_a_link_reaches_the_network_over_its_nearer_end() -> None:
    """n0 ─x──── n1 ── n2"""
    network = make_network(3, [(0, 1, 1000), (1, 2, 100)])
    steps = shortest_path(network, np.asarray([1000, 100]), np.asarray([True, True]), [Access(-1, 0, 0.2)], [Access(2)])
    assert steps == [Step(0, 0.2, 1.0), Step(1, 0.0, 1.0)]


def test_parallel_links_take_the_lighter_whatever_their_order() -> None:
    for weights in ([5, 3], [3, 5]):
        network = make_network(2, [(0, 1, weights[0]), (0, 1, weights[1])])
        steps = shortest_path(network, np.asarray(weights), np.asarray([True, True]), [Access(0)], [Access(1)])
        assert steps is not None
        assert weights[steps[0].link] == 3
