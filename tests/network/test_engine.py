"""The hierarchy engine against Dijkstra and networkx, and its kept topology."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.schema import Mode
from network.costs import Objective
from network.engine import UNREACHABLE, DijkstraEngine, Engine, HierarchyEngine, best_engine
from network.request import Request, usable_links
from network.route import Router
from network.search import Access, Step
from network.table import Ints, Network

pytest.importorskip("pyroutingkit", reason="pyroutingkit has no build for this platform")


@pytest.fixture(scope="module")
def engine(router: Router) -> HierarchyEngine:
    return HierarchyEngine.build(router.network)


def weight_of(network: Network, weights: Ints, steps: list[Step] | None) -> int | None:
    """The weight of a path, checked link by link."""
    if steps is None:
        return None
    at = None
    total = 0
    for step in steps:
        ends = int(network.links.a[step.link]), int(network.links.b[step.link])
        start, end = ends[::-1] if step.is_backward else ends
        assert at in (None, start) or step.share < 1
        at = end
        total += max(round(float(weights[step.link]) * step.share), 1)
    return total


def test_ten_thousand_questions_have_the_same_optimum_as_networkx(router: Router, engine: HierarchyEngine) -> None:
    """Random origins and destinations under random objectives, modes and closed countries on the real network."""
    network, rng = router.network, random.Random(20261121)
    asked = 0
    for objective in Objective:
        weights = router.costs.weights(objective)
        for modes, closed in (
            ((Mode.RAIL,), ()),
            ((Mode.RAIL, Mode.FERRY), ("RUS",)),
            ((Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY), ("IRN", "suez-canal")),
        ):
            usable = usable_links(network, router.catalogue, Request(objective=objective, modes=modes, avoid=closed))
            metric = engine.metric(weights, usable)
            graph: nx.Graph[int] = nx.Graph()
            for link in np.flatnonzero(usable).tolist():
                a, b, weight = int(network.links.a[link]), int(network.links.b[link]), int(weights[link])
                if a != b and weight < graph.get_edge_data(a, b, {"weight": np.inf})["weight"]:
                    graph.add_edge(a, b, weight=weight)
            nodes = sorted(graph)
            targets = rng.sample(nodes, 220)
            for origin in rng.sample(nodes, 4):
                expected = nx.single_source_dijkstra_path_length(graph, origin)
                found = metric.distances([origin], targets)[0]
                assert found.tolist() == [expected.get(target, UNREACHABLE) for target in targets]
                asked += len(targets)
                for target in targets[:5]:
                    steps = metric.path([Access(origin)], [Access(target)])
                    assert weight_of(network, weights, steps) == expected.get(target)
                    assert all(usable[step.link] for step in steps or ())
    assert asked >= 10_000


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_points_on_links_are_reached_as_by_dijkstra(
    router: Router, engine: HierarchyEngine, data: st.DataObject
) -> None:
    network = router.network
    weights = router.costs.weights(Objective.TIME)
    usable = usable_links(network, router.catalogue, Request())
    roads = np.flatnonzero(usable & network.links.kind.is_in(frozenset({"road", "rail"})))
    links = st.integers(0, len(roads) - 1)
    share = st.floats(0.05, 0.95)
    ends = [
        [Access(-1, int(roads[data.draw(links)]), data.draw(share)) for _ in range(data.draw(st.integers(1, 2)))]
        for _ in range(2)
    ]
    fast = engine.metric(weights, usable).path(*ends)
    slow = DijkstraEngine(network).metric(weights, usable).path(*ends)
    assert weight_of(network, weights, fast) == weight_of(network, weights, slow)


def test_metrics_of_one_engine_do_not_know_each_other(router: Router, engine: HierarchyEngine) -> None:
    network = router.network
    weights = router.costs.weights(Objective.DISTANCE)
    usable = usable_links(network, router.catalogue, Request())
    metric = engine.metric(weights, usable)
    ends = [Access(network.nodes_of_place["almaty"][0])], [Access(network.nodes_of_place["astana"][0])]
    before = metric.path(*ends)
    engine.metric(weights * 3, usable & (np.arange(len(usable)) % 2 == 0)).path(*ends)
    assert metric.path(*ends) == before


def test_weights_that_could_overflow_are_refused(router: Router, engine: HierarchyEngine) -> None:
    usable = np.ones(len(router.network.links), dtype=bool)
    for bad in (0, 2**31):
        with pytest.raises(ValueError, match="weights must lie"):
            engine.metric(np.full(len(usable), bad, dtype=np.int64), usable)


def test_a_kept_topology_is_used_and_a_damaged_one_is_made_anew(router: Router, tmp_path: Path) -> None:
    folder = tmp_path / "network.cch"
    HierarchyEngine.build(router.network, cache=folder)
    files = sorted(path for path in folder.iterdir() if path.name != "sha256")
    assert files
    files[0].write_bytes(files[0].read_bytes()[:-8])
    engine = HierarchyEngine.build(router.network, cache=folder)
    assert engine.topology.arc_count == 2 * len(router.network.links)
    assert best_engine(router.network, cache=folder).name == "cch"


def test_without_the_library_dijkstra_answers(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyroutingkit", None)
    engine: Engine = best_engine(router.network)
    assert engine.name == "scipy-dijkstra"
