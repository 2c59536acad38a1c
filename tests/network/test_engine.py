"""The hierarchy engine against Dijkstra and networkx, and its kept topology."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.schema import Mode
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.engine import MAX_WEIGHT, UNREACHABLE, DijkstraEngine, Engine, HierarchyEngine, best_engine
from network.request import Request, links_of_target, usable_links
from network.route import Router
from network.scenarios import resolve_scenario
from network.search import Access, Step
from network.table import Ints, Network
from tests.network.generated import make_network, networks

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


STATES = (
    ("today", (Mode.RAIL,), ()),
    ("cku-opens", (Mode.RAIL,), ("KAZ",)),
    ("caspian-low-water", (Mode.RAIL, Mode.FERRY), ("RUS",)),
    ("middle-corridor-2030", (Mode.RAIL, Mode.ROAD, Mode.FERRY), ("khorgos-altynkol", "trans-siberian-railway")),
    ("suez-closed", (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY), ("IRN",)),
)


def under(scenario: str, modes: tuple[Mode, ...], avoid: tuple[str, ...], objective: Objective) -> Request:
    state = resolve_scenario(scenario)
    return Request(
        objective=objective,
        modes=modes,
        avoid=(*state.close, *avoid),
        opened=state.open,
        year=state.year or 2026,
        scenario=state.id,
        effects=state.effects,
    )


def as_networkx(network: Network, weights: Ints, usable: npt.NDArray[np.bool_]) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    for link in np.flatnonzero(usable).tolist():
        a, b, weight = int(network.links.a[link]), int(network.links.b[link]), int(weights[link])
        if a != b and weight < graph.get_edge_data(a, b, {"weight": np.inf})["weight"]:
            graph.add_edge(a, b, weight=weight)
    return graph


def test_ten_thousand_questions_have_the_same_optimum_as_networkx(router: Router, engine: HierarchyEngine) -> None:
    """Random origins and destinations under random objectives, scenarios, modes and closures on the real network."""
    network, rng = router.network, random.Random(20261121)
    asked = 0
    for objective, (scenario, modes, avoid) in product(Objective, STATES):
        request = under(scenario, modes, avoid, objective)
        weights = router.costs_of(request).weights(objective)
        usable = usable_links(network, router.catalogue, request)
        closed = np.zeros(len(usable), dtype=bool)
        for one in request.avoid:
            closed |= links_of_target(network, router.catalogue, one)
        metric = engine.metric(weights, usable)
        graph = as_networkx(network, weights, usable)
        nodes = sorted(graph)
        targets = rng.sample(nodes, 270)
        for origin in rng.sample(nodes, 2):
            expected = nx.single_source_dijkstra_path_length(graph, origin)
            found = metric.distances([origin], targets)[0]
            assert found.tolist() == [expected.get(target, UNREACHABLE) for target in targets]
            asked += len(targets)
            for target in targets[:5]:
                steps = metric.path([Access(origin)], [Access(target)])
                assert weight_of(network, weights, steps) == expected.get(target)
                assert all(usable[step.link] for step in steps or ())
                assert not any(closed[step.link] for step in steps or ())
    assert asked >= 10_000


@given(networks())
@settings(max_examples=150, deadline=None)
def test_generated_networks_have_the_same_optimum_as_networkx(case: tuple[Network, list[bool], int, int]) -> None:
    network, mask, origin, destination = case
    weights, usable = network.links.length_m.astype(np.int64), np.asarray(mask)
    metric = HierarchyEngine.build(network).metric(weights, usable)
    graph = as_networkx(network, weights, usable)
    graph.add_nodes_from(range(len(network.nodes)))
    expected = nx.single_source_dijkstra_path_length(graph, origin)
    everywhere = list(range(len(network.nodes)))
    assert metric.distances([origin], everywhere)[0].tolist() == [expected.get(n, UNREACHABLE) for n in everywhere]
    steps = metric.path([Access(origin)], [Access(destination)])
    if origin != destination:
        assert weight_of(network, weights, steps) == expected.get(destination)


@given(networks(), st.data())
@settings(max_examples=150, deadline=None)
def test_closing_a_link_never_shortens_and_detours_obey_the_triangle(
    case: tuple[Network, list[bool], int, int], data: st.DataObject
) -> None:
    network, mask, *_ = case
    weights, usable = network.links.length_m.astype(np.int64), np.asarray(mask)
    engine, everywhere = HierarchyEngine.build(network), list(range(len(network.nodes)))
    before = engine.metric(weights, usable).distances(everywhere, everywhere)
    far = np.where(before == UNREACHABLE, 10**12, before)
    assert (far[:, None, :] <= far[:, :, None] + far[None, :, :]).all()
    assert (before == before.T).all()
    closed = usable.copy()
    closed[data.draw(st.integers(0, len(usable) - 1))] = False
    after = engine.metric(weights, closed).distances(everywhere, everywhere)
    assert ((after == UNREACHABLE) | (after >= before)).all()
    assert ((before != UNREACHABLE) | (after == UNREACHABLE)).all()


@given(networks(), st.data())
@settings(max_examples=150, deadline=None)
def test_groups_of_nodes_are_asked_for_as_one(case: tuple[Network, list[bool], int, int], data: st.DataObject) -> None:
    """With hubs, without them, and by Dijkstra: the least over all pairs of different nodes."""
    network, mask, *_ = case
    weights, usable = network.links.length_m.astype(np.int64), np.asarray(mask)
    node = st.integers(0, len(network.nodes) - 1)
    groups = data.draw(st.lists(st.lists(node, max_size=3, unique=True).map(tuple), min_size=2, max_size=5))
    plain = DijkstraEngine(network).metric(weights, usable).between(groups, groups)
    for engine in (HierarchyEngine.build(network, groups=groups), HierarchyEngine.build(network)):
        found = engine.metric(weights, usable).between(groups, groups)
        off_diagonal = ~np.eye(len(groups), dtype=bool)
        assert (found[off_diagonal] == plain[off_diagonal]).all()


def test_one_metric_asked_by_many_threads_gives_what_one_thread_gets(router: Router, engine: HierarchyEngine) -> None:
    network = router.network
    usable = usable_links(network, router.catalogue, Request())
    nodes = random.Random(5).sample(np.flatnonzero(network.nodes.mode.matches("rail".__eq__)).tolist(), 60)
    pairs = list(pairwise(nodes))

    def ask(objective: Objective) -> list[object]:
        metric = metrics[objective]
        paths = [metric.path([Access(a)], [Access(b)]) for a, b in pairs]
        return [paths, metric.distances(nodes, nodes).tolist()]

    metrics = {one: engine.metric(router.costs.weights(one), usable) for one in (Objective.TIME, Objective.COST)}
    alone = {one: ask(one) for one in metrics}
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(ask, list(metrics) * 8))
    assert all(found == alone[one] for one, found in zip(list(metrics) * 8, done, strict=True))


def test_routes_asked_by_many_threads_are_those_asked_in_turn(router: Router) -> None:
    """Scenarios alternate, so each call meets the remembered states of the others."""
    requests = [under("today", (Mode.RAIL,), (), Objective.TIME), under("cku-opens", (Mode.RAIL,), (), Objective.COST)]
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("Kashgar", "Tashkent")]

    def ask(number: int) -> object:
        return [route.steps for route in router.route(ends[0], ends[1], requests[number % 2], alternatives=2).routes]

    alone = [ask(0), ask(1)]
    assert alone[0] != alone[1]
    fresh = Router(router.network, router.catalogue, router.engine)
    assert fresh.under(requests[0]) is fresh.under(replace(requests[0]))
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(ask, range(12)))
    assert all(found == alone[number % 2] for number, found in enumerate(done))


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


def test_paths_too_long_to_count_are_none_not_short() -> None:
    """n0 ── n1 ── … ── n199, each link as heavy as may be: 199 of them are more than 31 bits hold."""
    network = make_network(200, [(n, n + 1, MAX_WEIGHT) for n in range(199)])
    weights, usable = network.links.length_m.astype(np.int64), np.ones(199, dtype=bool)
    metric = HierarchyEngine.build(network).metric(weights, usable)
    found = metric.distances([0], [1, 60, 64, 199])[0].tolist()
    assert found == [MAX_WEIGHT, 60 * MAX_WEIGHT, 64 * MAX_WEIGHT, UNREACHABLE]
    assert metric.path([Access(0)], [Access(199)]) is None


def test_a_closed_link_is_no_heavy_link() -> None:
    """n0 ══ n1 by two links, the lighter one closed: the heavier carries, and nothing when both are closed."""
    network = make_network(2, [(0, 1, 5), (0, 1, 7)])
    engine, weights = HierarchyEngine.build(network), np.asarray([5, 7])
    for mask, expected in (([True, True], 5), ([False, True], 7), ([False, False], UNREACHABLE)):
        metric = engine.metric(weights, np.asarray(mask))
        assert metric.distances([0], [1])[0, 0] == expected
        steps = metric.path([Access(0)], [Access(1)])
        assert weight_of(network, weights, steps) == (None if expected == UNREACHABLE else expected)


def test_many_alternatives_do_not_overflow(router: Router) -> None:
    """Ten alternatives penalise links up to forty times by a half."""
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("Shanghai", "Rotterdam")]
    answer = router.route(ends[0], ends[1], Request(modes=(Mode.SEA,), objective=Objective.DISTANCE), alternatives=10)
    assert answer.routes


@pytest.mark.parametrize("harm", ["cut", "flip", "no manifest", "other file"])
def test_a_damaged_topology_is_made_anew(tmp_path: Path, harm: str) -> None:
    network = make_network(30, [(n, (n * 7 + 1) % 30, n + 1) for n in range(29)])
    folder = tmp_path / "network.cch"
    HierarchyEngine.build(network, cache=folder)
    file = min(path for path in folder.iterdir() if path.name != "sha256")
    body = file.read_bytes()
    match harm:
        case "cut":
            file.write_bytes(body[:-8])
        case "flip":
            file.write_bytes(bytes([body[0] ^ 255]) + body[1:])
        case "no manifest":
            (folder / "sha256").unlink()
        case _:
            (folder / "stray").write_bytes(b"x")
    engine = HierarchyEngine.build(network, cache=folder)
    found = engine.metric(network.links.length_m.astype(np.int64), np.ones(29, dtype=bool)).distances([0], [8])
    assert found[0, 0] > 0
    again = HierarchyEngine.build(network, cache=folder)
    assert again.topology.arc_count == engine.topology.arc_count


def test_many_writers_of_one_cache_leave_a_sound_one(tmp_path: Path) -> None:
    network = make_network(300, [(n, (n * 7 + 1) % 300, n + 1) for n in range(299)])
    folder = tmp_path / "network.cch"
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(lambda _: HierarchyEngine.build(network, cache=folder), range(16)))
    weights, usable = network.links.length_m.astype(np.int64), np.ones(299, dtype=bool)
    found = {engine.metric(weights, usable).distances([0], [8])[0, 0] for engine in engines}
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["network.cch"]
    assert (folder / "sha256").is_file()


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
