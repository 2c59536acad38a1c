"""Shortest paths against networkx on generated networks."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from network.search import Access, Step, shortest_path
from network.table import Coded, Links, Network, Nodes


def make_network(size: int, edges: list[tuple[int, int, int]]) -> Network:
    """A network of road nodes with the given weights as lengths in metres."""
    words = {"road": Coded.of(["road"] * size), "empty": Coded.of([""] * size)}
    nodes = Nodes(
        ids=tuple(f"n{number}" for number in range(size)),
        lon=np.arange(size, dtype=float),
        lat=np.zeros(size),
        mode=words["road"],
        gauge_mm=np.zeros(size, dtype=np.int64),
        country=words["empty"],
        place=words["empty"],
    )
    count = len(edges)
    blank, road = Coded.of([""] * count), Coded.of(["road"] * count)
    links = Links(
        a=np.asarray([edge[0] for edge in edges], dtype=np.int64),
        b=np.asarray([edge[1] for edge in edges], dtype=np.int64),
        length_m=np.asarray([edge[2] for edge in edges], dtype=np.float64),
        gauge_mm=np.zeros(count, dtype=np.int64),
        opens=np.zeros(count, dtype=np.int64),
        kind=road,
        mode=road,
        country=blank,
        countries=blank,
        lines=blank,
        status=Coded.of(["open"] * count),
        grade=blank,
        crossing=blank,
        passage=blank,
        shape_offsets=np.arange(count + 1) * 2,
        shape_coords=np.asarray([(float(end), 0.0) for edge in edges for end in edge[:2]]).reshape(-1, 2),
    )
    return Network(nodes, links)


def total(network: Network, steps: list[Step]) -> int:
    return sum(int(network.links.length_m[step.link]) for step in steps)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Network, list[bool], int, int]:
    size = draw(st.integers(2, 12))
    node = st.integers(0, size - 1)
    edges = draw(
        st.lists(
            st.tuples(node, node, st.integers(1, 1000)).filter(lambda edge: edge[0] != edge[1]), min_size=1, max_size=40
        )
    )
    usable = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
    return make_network(size, edges), usable, draw(node), draw(node)


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

    if not nx.has_path(graph, origin, destination):
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
