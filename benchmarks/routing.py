"""Routing speed as ratios in one run: the engine against networkx and SciPy on the same network.

``python benchmarks/routing.py``: medians over the same random pairs of rail stations.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from time import perf_counter

import networkx as nx
import numpy as np

from corridors.atlas import load_atlas
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.engine import DijkstraEngine, HierarchyEngine
from network.request import Request, usable_links
from network.search import Access


def median_ms(work: Callable[[int], object], count: int) -> float:
    """Return the median milliseconds of ``count`` calls."""
    times = []
    for number in range(count):
        start = perf_counter()
        work(number)
        times.append((perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    atlas = load_atlas()
    network, router = atlas.network, atlas.router
    request = Request(objective=Objective.TIME)
    weights = router.costs.weights(request.objective)
    usable = usable_links(network, atlas.catalogue, request)
    graph: nx.Graph[int] = nx.Graph()
    for link in np.flatnonzero(usable).tolist():
        a, b, weight = int(network.links.a[link]), int(network.links.b[link]), int(weights[link])
        if weight < graph.get_edge_data(a, b, {"weight": np.inf})["weight"]:
            graph.add_edge(a, b, weight=weight)
    parts: list[set[int]] = list(nx.connected_components(graph))
    component = sorted(sorted(parts, key=len)[-1])  # noqa: FURB192 - mypy takes no len as the key of max here
    rng = random.Random(1)
    pairs = [(rng.choice(component), rng.choice(component)) for _ in range(200)]

    start = perf_counter()
    engine = HierarchyEngine.build(network)
    print(f"network: {len(network.nodes):,} nodes, {2 * len(network.links):,} arcs")
    print(f"topology, once: {perf_counter() - start:.2f} s")
    print(f"switch to another scenario: {median_ms(lambda _: engine.metric(weights, usable), 10):.1f} ms")
    fast, plain = engine.metric(weights, usable), DijkstraEngine(network).metric(weights, usable)
    ours = median_ms(lambda n: fast.path([Access(pairs[n][0])], [Access(pairs[n][1])]), 200)
    scipy = median_ms(lambda n: plain.path([Access(pairs[n][0])], [Access(pairs[n][1])]), 20)
    theirs = median_ms(lambda n: nx.bidirectional_dijkstra(graph, *pairs[n]), 20)
    print(
        f"path with links: {ours:.3f} ms; networkx (bidirectional) {theirs / ours:,.0f} x, SciPy {scipy / ours:,.0f} x"
    )
    distance = median_ms(lambda n: fast.distances([pairs[n][0]], [pairs[n][1]]), 200)
    print(f"distance only: {distance * 1000:.0f} us")
    ends = [resolve_endpoint(atlas.catalogue, name)[0] for name in ("Xi'an", "Duisburg")]
    whole = median_ms(lambda _: router.route(ends[0], ends[1], request), 10)
    print(f"whole answer with legs and bands: {whole:.1f} ms")
    many = rng.sample(component, 1000)
    start = perf_counter()
    fast.distances(many, many)
    seconds = perf_counter() - start
    print(f"matrix 1,000 x 1,000: {seconds:.2f} s, {1 / seconds:.2f} million pairs a second")


if __name__ == "__main__":
    main()
