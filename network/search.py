"""Shortest paths over the links of a network (Dijkstra); choices come in as weights and masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from network.table import Floats, Ints, Network

if TYPE_CHECKING:
    # scipy.sparse takes a tenth of a cold route, which the hierarchies answer
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True)
class Access:
    """A way from an asked-for place onto the network.

    A node of the network, or a point on a link: then ``share`` of the link lies between its ``a`` end and the point.
    """

    node: int
    link: int = -1
    share: float = 0.0


class Step(NamedTuple):
    """One run over a link: all of it, or from ``start`` to ``end`` as shares counted from its ``a`` end.

    A named tuple, not a dataclass: a route makes hundreds, and these take a quarter of the time.
    """

    link: int
    start: float
    end: float

    @property
    def is_backward(self) -> bool:
        """True when the link is run from ``b`` to ``a``."""
        return self.end < self.start

    @property
    def share(self) -> float:
        """The part of the link's length that is run."""
        return abs(self.end - self.start)


@dataclass(frozen=True, slots=True)
class _Arc:
    tail: int
    head: int
    weight: int
    step: Step | None


@dataclass(frozen=True, slots=True)
class Tree:
    """Least distances from some sources to every node, and the link by which each node is reached."""

    distance: Floats
    """Sum of weights per node; infinite where there is no path."""
    previous: npt.NDArray[np.int32]
    """Node before each node, negative at a source and where there is no path."""
    link: Ints
    """Link that leads to each node; −1 at a source, where there is no path, and for an extra arc."""

    def sums(self, amounts: Floats) -> Floats:
        """Sum per-link amounts, a column each, along the path to every node; meaningless where there is no path."""
        total = np.where(self.link[:, None] >= 0, amounts[np.maximum(self.link, 0)], 0.0)
        jump = np.where(self.previous >= 0, self.previous, np.arange(len(self.previous)))
        # each round doubles the stretch of path that a node has summed
        while (jump[jump] != jump).any():
            total, jump = total + total[jump], jump[jump]
        return np.asarray(total + total[jump])


@dataclass(frozen=True)
class SearchGraph:
    """The usable links of one question as a sparse matrix; ask it for as many paths as you like."""

    matrix: csr_matrix
    keys: Ints
    """Tail times size plus head of each kept arc, ascending."""
    arcs: Ints
    """Number of each kept arc: links forward, links backward, extra arcs."""
    links: npt.NDArray[np.intp]
    extra: Sequence[_Arc]

    @classmethod
    def build(
        cls, network: Network, weights: Ints, usable: npt.NDArray[np.bool_], extra: Sequence[_Arc] = ()
    ) -> SearchGraph:
        """Lay out the usable links, both ways, and extra arcs that may use two nodes more (the hubs of the ends).

        Of parallel arcs the lightest stays, ties by position: the answer never depends on order of insertion.
        """
        from scipy.sparse import csr_matrix

        size = len(network.nodes) + 2
        links = np.flatnonzero(usable)
        a, b, weight = network.links.a[links], network.links.b[links], weights[links]
        tail = np.concatenate([a, b, [arc.tail for arc in extra]]).astype(np.int64)
        head = np.concatenate([b, a, [arc.head for arc in extra]]).astype(np.int64)
        cost = np.concatenate([weight, weight, [arc.weight for arc in extra]]).astype(np.int64)
        order = np.lexsort((np.arange(len(cost)), cost, head, tail))
        keys = tail[order] * size + head[order]
        first = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, dtype=bool)
        chosen, keys = order[first], keys[first]
        indptr = np.searchsorted(tail[chosen], np.arange(size + 1))
        matrix = csr_matrix((cost[chosen].astype(np.float64), head[chosen], indptr), shape=(size, size))
        return cls(matrix, keys, chosen, links, extra)

    def path(self, sources: Sequence[int], sinks: Sequence[int], *, limit: float = np.inf) -> list[Step] | None:
        """Return the steps from the nearest source to the nearest sink, or None where there are none within limit."""
        from scipy.sparse.csgraph import dijkstra

        if not sources or not sinks:
            return None
        distance, previous, _ = dijkstra(
            self.matrix, indices=list(sources), return_predecessors=True, min_only=True, limit=limit
        )
        node = min(sinks, key=lambda sink: (distance[sink], sink))
        if not np.isfinite(distance[node]):
            return None
        steps: list[Step] = []
        while previous[node] >= 0:
            before = int(previous[node])
            arc = int(self.arcs[np.searchsorted(self.keys, before * self.matrix.shape[0] + node)])
            step = _step_of(arc, self.links, self.extra)
            if step is not None:
                steps.append(step)
            node = before
        return steps[::-1]

    def tree(self, sources: Sequence[int], *, limit: float = np.inf) -> Tree:
        """Return least distances from the nearest of some sources to every node within limit."""
        from scipy.sparse.csgraph import dijkstra

        distance, previous, _ = dijkstra(
            self.matrix, indices=list(sources), return_predecessors=True, min_only=True, limit=limit
        )
        size, count = self.matrix.shape[0], len(self.links)
        reached = np.flatnonzero(previous >= 0)
        arc = self.arcs[np.searchsorted(self.keys, previous[reached].astype(np.int64) * size + reached)]
        link = np.full(size, -1, dtype=np.int64)
        inner = arc < 2 * count
        link[reached[inner]] = self.links[arc[inner] % count] if count else -1
        return Tree(distance, previous, link)


def tree_from(
    network: Network,
    weights: Ints,
    usable: npt.NDArray[np.bool_],
    origins: Sequence[Access],
    *,
    limit: float = np.inf,
) -> Tree:
    """Return least distances from the accesses of one place to every node (and two hubs) within limit."""
    if all(access.link < 0 for access in origins):
        return SearchGraph.build(network, weights, usable).tree([access.node for access in origins], limit=limit)
    hub = len(network.nodes)
    extra = _access_arcs(network, weights, usable, origins, hub=hub, is_origin=True)
    return SearchGraph.build(network, weights, usable, extra).tree([hub], limit=limit)


def shortest_path(
    network: Network,
    weights: Ints,
    usable: npt.NDArray[np.bool_],
    origins: Sequence[Access],
    destinations: Sequence[Access],
) -> list[Step] | None:
    """Return the steps of a path with the least sum of weights, or None where there is none.

    Parameters
    ----------
    weights
        Whole numbers ≥ 1, one per link; both directions cost the same.
    usable
        Mask of the links that may be run.
    """
    if all(access.link < 0 for access in (*origins, *destinations)):
        graph = SearchGraph.build(network, weights, usable)
        return _between_nodes(graph, weights, [one.node for one in origins], [one.node for one in destinations])
    source, sink = len(network.nodes), len(network.nodes) + 1
    extra = [
        *_access_arcs(network, weights, usable, origins, hub=source, is_origin=True),
        *_access_arcs(network, weights, usable, destinations, hub=sink, is_origin=False),
        *_same_link_arcs(weights, usable, origins, destinations, source=source, sink=sink),
    ]
    return SearchGraph.build(network, weights, usable, extra).path([source], [sink])


def _between_nodes(
    graph: SearchGraph, weights: Ints, sources: Sequence[int], sinks: Sequence[int]
) -> list[Step] | None:
    """Return a least path of at least one step: two places that share a node (a port of both) are still apart."""
    if not set(sources) & set(sinks):
        return graph.path(sources, sinks)
    found = [graph.path([source], [sink for sink in sinks if sink != source]) for source in sources]
    paths = [path for path in found if path]
    return min(paths, key=lambda path: sum(int(weights[step.link]) for step in path), default=None)


def _step_of(arc: int, links: npt.NDArray[np.intp], extra: Sequence[_Arc]) -> Step | None:
    if arc < len(links):
        return Step(int(links[arc]), 0.0, 1.0)
    if arc < 2 * len(links):
        return Step(int(links[arc - len(links)]), 1.0, 0.0)
    return extra[arc - 2 * len(links)].step


def _access_arcs(  # noqa: PLR0913 - one private step of shortest_path
    network: Network,
    weights: Ints,
    usable: npt.NDArray[np.bool_],
    accesses: Sequence[Access],
    *,
    hub: int,
    is_origin: bool,
) -> list[_Arc]:
    """Return arcs between the hub of an end and the nodes by which it is reached."""
    arcs: list[_Arc] = []
    for access in accesses:
        if access.link < 0:
            arcs.append(_Arc(hub, access.node, 1, None) if is_origin else _Arc(access.node, hub, 1, None))
            continue
        if not usable[access.link]:
            continue
        for node, at in ((int(network.links.a[access.link]), 0.0), (int(network.links.b[access.link]), 1.0)):
            step = Step(access.link, access.share, at) if is_origin else Step(access.link, at, access.share)
            weight = max(round(float(weights[access.link]) * step.share), 1)
            arcs.append(_Arc(hub, node, weight, step) if is_origin else _Arc(node, hub, weight, step))
    return arcs


def _same_link_arcs(  # noqa: PLR0913 - one private step of shortest_path
    weights: Ints,
    usable: npt.NDArray[np.bool_],
    origins: Sequence[Access],
    destinations: Sequence[Access],
    *,
    source: int,
    sink: int,
) -> list[_Arc]:
    """Return direct arcs for two points on one link."""
    return [
        _Arc(
            source,
            sink,
            max(round(float(weights[one.link]) * abs(one.share - other.share)), 1),
            Step(one.link, one.share, other.share),
        )
        for one in origins
        for other in destinations
        if one.link >= 0 and one.link == other.link and usable[one.link]
    ]
