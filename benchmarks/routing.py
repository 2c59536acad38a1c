"""Routing speed as ratios of one run: what the documents promise, and other libraries on the very same arcs.

``python benchmarks/routing.py``: the promises, and all libraries on Eurasia (a few minutes, most of them spent on
scgraph's hierarchy). ``--world`` adds every railway, road and sea lane of the world, from the packages the base data is
made from.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from corridors.atlas import load_atlas
from geo.prepare.inputs import read_assignments, read_input
from network.access import Endpoint
from network.bands import bands
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.engine import HierarchyEngine
from network.matrix import make_matrix
from network.request import Request
from network.route import Router
from network.search import Access
from network.state import State
from network.table import Coded, Links, Network, Nodes

Ints = npt.NDArray[np.int64]
Foreign = Any
"""A graph of a library that publishes no types."""
PAIRS = 200
SLOW_PAIRS = 20
"""For searches that take milliseconds and more."""


def median_ms(work: Callable[[int], object], count: int) -> float:
    """Return the median milliseconds of processor time of ``count`` calls: other work on the machine does not count."""
    times = []
    for number in range(count):
        start = process_time()
        work(number)
        times.append((process_time() - start) * 1000)
    return statistics.median(times)


@dataclass(frozen=True)
class Arcs:
    """A graph that runs both ways, and joined pairs to be asked for."""

    name: str
    a: Ints
    b: Ints
    weight: Ints
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    pairs: list[tuple[int, int]]

    @classmethod
    def of(cls, name: str, a: Ints, b: Ints, weight: Ints, lon_lat: npt.NDArray[np.float64]) -> Arcs:
        """Keep the lightest of parallel links, and ask for pairs within the largest connected piece."""
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components

        low, high = np.minimum(a, b), np.maximum(a, b)
        order = np.lexsort((weight, high, low))
        low, high, weight = low[order], high[order], weight[order]
        first = np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])]) & (low != high)
        low, high, weight = low[first], high[first], weight[first]
        shape = (len(lon_lat), len(lon_lat))
        _, piece = connected_components(csr_matrix((np.ones(len(low)), (low, high)), shape=shape), directed=False)
        inside = np.flatnonzero(piece == np.bincount(piece[low]).argmax()).tolist()
        rng = random.Random(1)
        pairs = [(rng.choice(inside), rng.choice(inside)) for _ in range(PAIRS)]
        lon, lat = lon_lat.T
        return cls(name, low, high, weight, lon, lat, pairs)

    @property
    def network(self) -> Network:
        """The arcs as a network without names."""
        count = len(self.a)
        blank, numbers = Coded(np.zeros(0, dtype=np.int32), ()), np.zeros(0, dtype=np.int64)
        texts: dict[str, Any] = dict.fromkeys(
            ("kind", "mode", "country", "countries", "lines", "status", "grade", "crossing", "passage"), blank
        )
        return Network(
            Nodes(("",) * len(self.lon), self.lon, self.lat, blank, numbers, blank, blank),
            Links(
                a=self.a,
                b=self.b,
                length_m=np.zeros(count),
                gauge_mm=numbers,
                opens=numbers,
                shape_offsets=numbers,
                shape_coords=np.zeros((0, 2)),
                **texts,
            ),
        )


@dataclass(frozen=True)
class Speed:
    """How long one library takes; ``path`` gives the nodes or arcs on the way, ``weight`` the least sum alone."""

    name: str
    build_s: float
    path_ms: float
    found: list[int]
    """Least sums of the first pairs: all libraries must agree."""


def compare(arcs: Arcs, *, with_scgraph: bool) -> None:
    """Print the speed of each library on the same arcs, and what it takes in multiples of ours."""
    print(f"\n{arcs.name}: {len(arcs.lon):,} nodes, {2 * len(arcs.a):,} arcs, {PAIRS} random pairs, medians")
    makers = [_ours, _pyroutingkit, _rustworkx, _igraph, _networkit, _scipy, _networkx]
    if with_scgraph:
        makers += [_scgraph_dijkstra, _scgraph_hierarchy]
    ours: Speed | None = None
    print(f"{'':34}{'set-up s':>10}{'path ms':>11}{'x ours':>10}")
    for make in makers:
        speed = make(arcs)
        ours = ours or speed
        agrees = "" if speed.found == ours.found else "  differs!"
        print(
            f"{speed.name:34}{speed.build_s:>10.2f}{speed.path_ms:>11.3f}{speed.path_ms / ours.path_ms:>10,.1f}{agrees}"
        )


def _timed(arcs: Arcs, name: str, build: Callable[[], Any], path: Callable[[Any, int, int], int], count: int) -> Speed:
    start = process_time()
    graph = build()
    build_s = process_time() - start
    found = [path(graph, *arcs.pairs[number]) for number in range(5)]
    return Speed(name, build_s, median_ms(lambda n: path(graph, *arcs.pairs[n]), count), found)


def _ours(arcs: Arcs) -> Speed:
    def build() -> Foreign:
        return HierarchyEngine.build(arcs.network).metric(arcs.weight, np.ones(len(arcs.a), dtype=bool))

    def path(metric: Foreign, origin: int, destination: int) -> int:
        steps = metric.path([Access(origin)], [Access(destination)]) or ()
        return sum(arcs.weight[[step.link for step in steps]].tolist())

    return _timed(arcs, "corridors (path with links)", build, path, PAIRS)


def _pyroutingkit(arcs: Arcs) -> Speed:
    from pyroutingkit import CCHMetric, CCHTopology

    def build() -> Foreign:
        topology = CCHTopology()
        ends = np.concatenate([arcs.a, arcs.b]).astype(np.uint32), np.concatenate([arcs.b, arcs.a]).astype(np.uint32)
        topology.build(*ends, arcs.lat.astype(np.float32), arcs.lon.astype(np.float32), len(arcs.lon))
        metric = CCHMetric(topology)
        metric.customize(np.concatenate([arcs.weight, arcs.weight]).astype(np.uint32))
        return metric

    return _timed(arcs, "pyroutingkit, raw", build, lambda metric, *pair: int(metric.query(*pair)[0]), PAIRS)


def _rustworkx(arcs: Arcs) -> Speed:
    import rustworkx as rx

    def build() -> Foreign:
        graph: Any = rx.PyGraph()
        graph.add_nodes_from(range(len(arcs.lon)))
        edges = zip(arcs.a.tolist(), arcs.b.tolist(), arcs.weight.tolist(), strict=True)
        graph.add_edges_from(list(edges))
        return graph

    def path(graph: Foreign, origin: int, destination: int) -> int:
        nodes = list(rx.dijkstra_shortest_paths(graph, origin, target=destination, weight_fn=float)[destination])
        return int(sum(graph.get_edge_data(*pair) for pair in pairwise(nodes)))

    return _timed(arcs, "rustworkx (Dijkstra)", build, path, SLOW_PAIRS)


def _igraph(arcs: Arcs) -> Speed:
    import igraph

    def build() -> Foreign:
        return igraph.Graph(n=len(arcs.lon), edges=np.column_stack([arcs.a, arcs.b]).tolist())

    weights = arcs.weight.tolist()

    def path(graph: Foreign, origin: int, destination: int) -> int:
        edges = graph.get_shortest_path(origin, destination, weights=weights, output="epath")
        return sum(weights[edge] for edge in edges)

    return _timed(arcs, "igraph (Dijkstra)", build, path, SLOW_PAIRS)


def _networkit(arcs: Arcs) -> Speed:
    import networkit

    def build() -> Foreign:
        rows = (arcs.weight.astype(np.float64), (arcs.a.astype(np.uint64), arcs.b.astype(np.uint64)))
        return networkit.GraphFromCoo(rows, n=len(arcs.lon), weighted=True)

    def path(graph: Foreign, origin: int, destination: int) -> int:
        search = networkit.distance.BidirectionalDijkstra(graph, origin, destination, storePred=True).run()
        search.getPath()
        return int(search.getDistance())

    return _timed(arcs, "networkit (bidirectional Dijkstra)", build, path, SLOW_PAIRS)


def _scipy(arcs: Arcs) -> Speed:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    def build() -> Foreign:
        ends = np.concatenate([arcs.a, arcs.b]), np.concatenate([arcs.b, arcs.a])
        size = len(arcs.lon)
        return csr_matrix((np.concatenate([arcs.weight, arcs.weight]).astype(np.float64), ends), shape=(size, size))

    def path(graph: Foreign, origin: int, destination: int) -> int:
        distance, previous = dijkstra(graph, indices=origin, return_predecessors=True)
        node = destination
        while node != origin:
            node = int(previous[node])
        return int(distance[destination])

    return _timed(arcs, "SciPy (Dijkstra)", build, path, SLOW_PAIRS)


def _networkx(arcs: Arcs) -> Speed:
    import networkx as nx

    def build() -> Foreign:
        graph: nx.Graph[int] = nx.Graph()
        edges = zip(arcs.a.tolist(), arcs.b.tolist(), arcs.weight.tolist(), strict=True)
        graph.add_weighted_edges_from(edges)
        return graph

    def path(graph: Foreign, origin: int, destination: int) -> int:
        return int(nx.bidirectional_dijkstra(graph, origin, destination)[0])

    return _timed(arcs, "networkx (bidirectional Dijkstra)", build, path, SLOW_PAIRS)


def _adjacency(arcs: Arcs) -> list[dict[int, float]]:
    graph: list[dict[int, float]] = [{} for _ in arcs.lon]
    for a, b, weight in zip(arcs.a.tolist(), arcs.b.tolist(), arcs.weight.tolist(), strict=True):
        graph[a][b] = graph[b][a] = float(weight)
    return graph


def _scgraph_dijkstra(arcs: Arcs) -> Speed:
    from scgraph.graph import Graph

    def path(graph: Foreign, origin: int, destination: int) -> int:
        return int(graph.dijkstra(origin_id=origin, destination_id=destination)["length"])

    return _timed(arcs, "scgraph (Dijkstra)", lambda: Graph(_adjacency(arcs)), path, SLOW_PAIRS)


def _scgraph_hierarchy(arcs: Arcs) -> Speed:
    from scgraph.graph import Graph

    def build() -> Foreign:
        graph = Graph(_adjacency(arcs))
        graph.create_contraction_hierarchy()
        return graph

    def path(graph: Foreign, origin: int, destination: int) -> int:
        return int(graph.contraction_hierarchy(origin_id=origin, destination_id=destination)["length"])

    return _timed(arcs, "scgraph (contraction hierarchy)", build, path, SLOW_PAIRS)


def promises(router: Router) -> None:
    """Print what the design promises beside what this run takes."""
    state, network = router.under(Request()), router.network
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("Xi'an", "Duisburg")]
    steps = router.route(ends[0], ends[1], Request()).routes[0].steps
    nodes = np.flatnonzero(network.nodes.place.matches(bool)).tolist()
    rng = random.Random(1)
    pairs = [(rng.choice(nodes), rng.choice(nodes)) for _ in range(PAIRS)]
    lines = [
        (
            "one route with path and legs, warm, ms",
            2,
            median_ms(lambda _: router.route(ends[0], ends[1], Request()), 100),
        ),
        (
            "distance only, us",
            50,
            1000 * median_ms(lambda n: state.metric.distances(*([end] for end in pairs[n])), PAIRS),
        ),
        ("1,000 draws of one route, ms", 5, median_ms(lambda _: bands(state.costs, steps), 100)),
        (
            "switch to another scenario, ms",
            50,
            median_ms(lambda _: state.engine.metric(state.weights, state.usable), 20),
        ),
        ("a scenario never asked before, ms", None, median_ms(lambda n: _fresh(router, state, n), 10)),
        ("'corridors route' from a cold shell, s", 1.5, statistics.median(_cold_s() for _ in range(5))),
    ]
    print(f"network: {len(network.nodes):,} nodes, {2 * len(network.links):,} arcs; load {os.getloadavg()[0]:.1f}")
    print(f"{'':44}{'promised':>10}{'found':>10}")
    for name, limit, value in lines:
        print(f"{name:44}{'' if limit is None else f'<= {limit}':>10}{value:>10.2f}")
    places = _places(router)
    for count in (100, 1000, len(places)):
        ms = median_ms(lambda _, asked=places[:count]: make_matrix(router, asked, Request()), 3)  # type: ignore[misc]
        rate = count * (count - 1) / ms / 1000
        print(f"{f'matrix of {count:,} places, million pairs/s':44}{'>= 1':>10}{rate:>10.2f}")
    ms = median_ms(lambda _: make_matrix(router, places[:100], Request(), is_full=True), 3)
    print(f"{'  all four amounts, thousand pairs/s':44}{'':>10}{9900 / ms:>10.2f}")


def _fresh(router: Router, state: State, number: int) -> object:
    """Ask under a request that no state is remembered for: masks, costs and weights as well."""
    request = replace(state.request, objective=list(Objective)[number % 4], year=2027 + number)
    return router.under(request).metric


def _cold_s() -> float:
    """Return the seconds a user waits; the processor time of the child where that is less, on a busy machine."""
    before, start = os.times(), perf_counter()
    program = "from corridors.cli import main; main()"
    command = [sys.executable, "-c", program, "route", "Xi'an", "Duisburg", "--json"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - this very program
    waited, after = perf_counter() - start, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return min(waited, spent) if os.name == "posix" else waited


def _places(router: Router) -> list[Endpoint]:
    groups = router.access.groups
    places = (place for place in router.catalogue.places.values() if place.id in groups)
    return [Endpoint(place.id, place.name_en, place.lon, place.lat, is_place=True) for place in places]


def eurasia(router: Router) -> Arcs:
    """All usable links of the network, by time."""
    state, network = router.under(Request()), router.network
    rows = np.flatnonzero(state.usable)
    lon_lat = np.column_stack([network.nodes.lon, network.nodes.lat])
    links = network.links
    return Arcs.of("Eurasia, by time", links.a[rows], links.b[rows], state.weights[rows], lon_lat)


def world() -> Arcs:
    """Return the world's railways and roads, joined where a station and a road node are within some kilometres."""
    from pathlib import Path

    from scipy.spatial import cKDTree

    a: list[int] = []
    b: list[int] = []
    weight: list[float] = []
    parts: list[npt.NDArray[np.float64]] = []
    first = 0
    for name in ("railways", "highways"):
        found = read_assignments(read_input(name, Path("build/packages")), ("graph", "nodes"))
        for node, row in enumerate(found["graph"]):
            for other, km in row.items():
                if node < other:
                    a.append(first + node)
                    b.append(first + other)
                    weight.append(km)
        parts.append(np.asarray(found["nodes"], dtype=np.float64))
        first += len(found["nodes"])
    # a railway node and the nearest road node are one transfer apart: else rail and road never meet
    distance, nearest = cKDTree(parts[1]).query(parts[0], distance_upper_bound=0.05)
    joined = np.flatnonzero(np.isfinite(distance))[::10]
    a += joined.tolist()
    b += (len(parts[0]) + nearest[joined]).tolist()
    weight += [5.0] * len(joined)
    metres = np.maximum(np.rint(np.asarray(weight) * 1000), 1).astype(np.int64)
    return Arcs.of("World, by length", np.asarray(a), np.asarray(b), metres, np.concatenate(parts))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--world", action="store_true", help="add the whole world, without scgraph's hierarchy")
    parser.add_argument("--no-scgraph", action="store_true", help="leave out scgraph, whose set-up takes minutes")
    chosen = parser.parse_args(arguments)
    router = load_atlas().router
    promises(router)
    compare(eurasia(router), with_scgraph=not chosen.no_scgraph)
    if chosen.world:
        compare(world(), with_scgraph=False)


if __name__ == "__main__":
    main()
