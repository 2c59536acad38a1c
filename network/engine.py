"""Shortest paths at speed: customizable contraction hierarchies, with SciPy's Dijkstra where they are not to be had.

The topology is ordered once per network. What a call chooses (weights, what is closed) becomes a metric of its own;
an engine and its topology remember nothing of any call.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from network.search import Access, SearchGraph, Step, shortest_path
from network.table import Ints, Network

UNREACHABLE = -1
"""Distance between nodes that no path joins."""
MAX_WEIGHT = (2**31 - 1) // 64 - 1
"""Greatest weight of a link; a path of 2³¹ − 1 units (596,000 h) or more counts as none, never as short."""
Group = tuple[int, ...]
"""The nodes of one place."""
_MANIFEST = "sha256"
_HUB_WEIGHT = 1


class Metric(Protocol):
    """The network under the choices of one call."""

    def path(self, origins: Sequence[Access], destinations: Sequence[Access]) -> list[Step] | None:
        """Return the steps of a path of least weight, or None."""

    def distances(self, sources: Sequence[int], targets: Sequence[int]) -> npt.NDArray[np.int64]:
        """Return least weights, one row per source node; :data:`UNREACHABLE` where there is no path."""

    def between(self, origins: Sequence[Group], destinations: Sequence[Group]) -> npt.NDArray[np.int64]:
        """Return least weights of at least one link from any node of each origin to any node of each destination.

        A group that is both origin and destination is asked for nothing: :data:`UNREACHABLE`.
        """


class Engine(Protocol):
    """Makes metrics of one network."""

    @property
    def name(self) -> str:
        """Short name for notes and benchmarks."""

    def metric(self, weights: Ints, usable: npt.NDArray[np.bool_]) -> Metric:
        """Return the network under weights (whole numbers, at least 1) and a mask of usable links."""


@dataclass(frozen=True)
class DijkstraEngine:
    """SciPy's Dijkstra: the fallback, and the reference of the tests."""

    network: Network
    name: str = "scipy-dijkstra"

    def metric(self, weights: Ints, usable: npt.NDArray[np.bool_]) -> Metric:
        """Return a metric that searches anew for each question."""
        return _DijkstraMetric(self.network, weights, usable)


@dataclass(frozen=True)
class _DijkstraMetric:
    network: Network
    weights: Ints
    usable: npt.NDArray[np.bool_]

    def path(self, origins: Sequence[Access], destinations: Sequence[Access]) -> list[Step] | None:
        return shortest_path(self.network, self.weights, self.usable, origins, destinations)

    def distances(self, sources: Sequence[int], targets: Sequence[int]) -> npt.NDArray[np.int64]:
        from scipy.sparse.csgraph import dijkstra

        graph = SearchGraph.build(self.network, self.weights, self.usable)
        rows = dijkstra(graph.matrix, indices=list(sources))[:, list(targets)]
        return np.where(np.isfinite(rows), rows, UNREACHABLE).astype(np.int64)

    def between(self, origins: Sequence[Group], destinations: Sequence[Group]) -> npt.NDArray[np.int64]:
        return _between_groups(self, origins, destinations)


@dataclass(frozen=True)
class _Hubs:
    """Two nodes more per group: one from which all its nodes are reached, one that is reached from all.

    No path runs through a hub, and one search answers for the whole group.
    """

    groups: tuple[Group, ...]
    first: int
    """Number of nodes of the network; hubs of origins are numbered from here, those of destinations after them."""

    @cached_property
    def number(self) -> dict[Group, int]:
        return {group: number for number, group in enumerate(self.groups)}

    @cached_property
    def nodes(self) -> Ints:
        """The node at the network's end of each hub arc."""
        return np.asarray([node for group in self.groups for node in group], dtype=np.int64)

    @cached_property
    def hubs(self) -> Ints:
        """The hub of each hub arc, as for origins."""
        return self.first + np.repeat(np.arange(len(self.groups)), [len(group) for group in self.groups])


@dataclass(frozen=True)
class HierarchyEngine:
    """RoutingKit's customizable contraction hierarchies."""

    network: Network
    topology: Any
    """``pyroutingkit.CCHTopology``: links forward, links backward, arcs from origin hubs, arcs to destination hubs."""
    hubs: _Hubs
    name: str = "cch"

    @classmethod
    def build(cls, network: Network, *, groups: Sequence[Group] = (), cache: Path | None = None) -> HierarchyEngine:
        """Order the network's topology, or take it from a folder where an earlier run has kept it.

        Parameters
        ----------
        groups
            Nodes that are asked for together (the nodes of a place): many-to-many questions about them are quickest.
        cache
            Folder that belongs to this very network and groups; it is made if missing, and made anew if damaged.

        Raises
        ------
        ImportError
            ``pyroutingkit`` is not installed.
        """
        from pyroutingkit import CCHTopology

        links, nodes = network.links, network.nodes
        hubs = _Hubs(tuple(dict.fromkeys(group for group in groups if group)), len(nodes))
        count, arcs = len(nodes) + 2 * len(hubs.groups), 2 * (len(links) + len(hubs.nodes))
        topology = CCHTopology()
        if cache is not None and _is_sound(cache):
            topology.load(str(cache))
            if topology.node_count == count and topology.arc_count == arcs:
                return cls(network, topology, hubs)
            topology = CCHTopology()
        at = [group[0] for group in hubs.groups] * 2
        topology.build(
            np.concatenate([links.a, links.b, hubs.hubs, hubs.nodes]).astype(np.uint32),
            np.concatenate([links.b, links.a, hubs.nodes, hubs.hubs + len(hubs.groups)]).astype(np.uint32),
            np.concatenate([nodes.lat, nodes.lat[at]]).astype(np.float32),
            np.concatenate([nodes.lon, nodes.lon[at]]).astype(np.float32),
            count,
        )
        if cache is not None:
            _keep(topology, cache)
        return cls(network, topology, hubs)

    def metric(self, weights: Ints, usable: npt.NDArray[np.bool_]) -> Metric:
        """Return a metric of its own over the shared topology.

        Raises
        ------
        ValueError
            A weight is below 1, or so large that a path could overflow 31 bits.
        """
        from pyroutingkit import INF_WEIGHT, CCHMetric

        used = weights[usable]
        if len(used) and (int(used.min()) < 1 or int(used.max()) > MAX_WEIGHT):
            raise ValueError(f"weights must lie between 1 and {MAX_WEIGHT}, found {used.min()}…{used.max()}")
        arcs = np.where(usable, weights, INF_WEIGHT)
        links = self.network.links
        is_live = np.zeros(self.hubs.first, dtype=bool)
        is_live[links.a[usable]] = is_live[links.b[usable]] = True
        # a node without a usable link leads nowhere, not even to another place that stands on it
        steps = np.where(is_live[self.hubs.nodes], _HUB_WEIGHT, INF_WEIGHT)
        metric = CCHMetric(self.topology)
        metric.customize(np.concatenate([arcs, arcs, steps, steps]).astype(np.uint32))
        return _HierarchyMetric(self.network, weights, usable, metric, int(INF_WEIGHT), self.hubs)


@dataclass(frozen=True, slots=True)
class _End:
    """A node by which an access is reached, at what weight, over which part of a link."""

    node: int
    weight: int
    step: Step | None


@dataclass(frozen=True)
class _HierarchyMetric:
    network: Network
    weights: Ints
    usable: npt.NDArray[np.bool_]
    metric: Any
    infinity: int
    hubs: _Hubs
    lock: Lock = field(default_factory=Lock)
    """The library's searches write to the metric and let other threads run meanwhile: one at a time."""

    def path(self, origins: Sequence[Access], destinations: Sequence[Access]) -> list[Step] | None:
        best = self._along_one_link(origins, destinations)
        starts = [end for access in origins for end in self._ends(access, is_origin=True)]
        stops = [end for access in destinations for end in self._ends(access, is_origin=False)]
        pair: tuple[_End, _End] | None = None
        least = best[0] if best else None
        between = self.distances([end.node for end in starts], [end.node for end in stops]).tolist()
        for start, row in zip(starts, between, strict=True):
            for stop, weight in zip(stops, row, strict=True):
                # two places that share a node (a port of both) are still apart: a route has a step
                if weight < 0 or (start.step is None and stop.step is None and start.node == stop.node):
                    continue
                total = start.weight + weight + stop.weight
                if least is None or total < least:
                    least, pair = total, (start, stop)
        if pair is None:
            return best[1] if best else None
        return self._steps(*pair)

    def distances(self, sources: Sequence[int], targets: Sequence[int]) -> npt.NDArray[np.int64]:
        if not len(sources) or not len(targets):
            return np.zeros((len(sources), len(targets)), dtype=np.int64)
        ends = np.asarray(sources, dtype=np.uint32), np.asarray(targets, dtype=np.uint32)
        with self.lock:
            found = self.metric.distances_many_to_many(*ends)
        rows = np.asarray(found, dtype=np.int64).reshape(len(sources), len(targets))
        rows[rows >= self.infinity] = UNREACHABLE
        return rows

    def between(self, origins: Sequence[Group], destinations: Sequence[Group]) -> npt.NDArray[np.int64]:
        number, count = self.hubs.number, len(self.hubs.groups)
        if not all(group in number for group in (*origins, *destinations)):
            return _between_groups(self, origins, destinations)
        first = self.hubs.first
        rows = self.distances(
            [first + number[group] for group in origins], [first + count + number[group] for group in destinations]
        )
        rows[rows != UNREACHABLE] -= 2 * _HUB_WEIGHT
        # groups that share a node are joined by it at no weight: asked again, node by node
        for row, column in _sharing(origins, destinations):
            is_same = origins[row] is destinations[column]
            apart = UNREACHABLE if is_same else _between_groups(self, [origins[row]], [destinations[column]])[0, 0]
            rows[row, column] = apart
        return rows

    def _ends(self, access: Access, *, is_origin: bool) -> list[_End]:
        if access.link < 0:
            return [_End(access.node, 0, None)]
        if not self.usable[access.link]:
            return []
        ends = []
        for node, at in ((int(self.network.links.a[access.link]), 0.0), (int(self.network.links.b[access.link]), 1.0)):
            step = Step(access.link, access.share, at) if is_origin else Step(access.link, at, access.share)
            ends.append(_End(node, max(round(float(self.weights[access.link]) * step.share), 1), step))
        return ends

    def _along_one_link(
        self, origins: Sequence[Access], destinations: Sequence[Access]
    ) -> tuple[int, list[Step]] | None:
        found = [
            (max(round(float(self.weights[one.link]) * abs(one.share - other.share)), 1), one, other)
            for one in origins
            for other in destinations
            if one.link >= 0 and one.link == other.link and self.usable[one.link]
        ]
        if not found:
            return None
        weight, one, other = min(found, key=lambda item: item[0])
        return weight, [Step(one.link, one.share, other.share)]

    def _steps(self, start: _End, stop: _End) -> list[Step]:
        steps = [start.step] if start.step else []
        if start.node != stop.node:
            count = len(self.network.links)
            with self.lock:
                _, _, found = self.metric.query(start.node, stop.node)
            arcs = np.asarray(found, dtype=np.int64)
            is_back = arcs >= count
            rows = zip((arcs - count * is_back).tolist(), is_back.astype(float).tolist(), strict=True)
            steps += [Step(link, begin, 1.0 - begin) for link, begin in rows]
        return [*steps, stop.step] if stop.step else steps


def best_engine(network: Network, *, groups: Sequence[Group] = (), cache: Path | None = None) -> Engine:
    """Return the hierarchy engine, or Dijkstra where ``pyroutingkit`` has no build for this platform."""
    try:
        return HierarchyEngine.build(network, groups=groups, cache=cache)
    except ImportError:
        return DijkstraEngine(network)


def _between_groups(metric: Metric, origins: Sequence[Group], destinations: Sequence[Group]) -> npt.NDArray[np.int64]:
    """Ask for every pair of nodes, and take the least of each pair of groups that is not one and the same node."""
    far = np.iinfo(np.int64).max
    result = np.full((len(origins), len(destinations)), UNREACHABLE, dtype=np.int64)
    rows, columns = (np.flatnonzero([len(group) > 0 for group in groups]) for groups in (origins, destinations))
    if not len(rows) or not len(columns):
        return result
    sources = np.asarray([node for group in origins for node in group])
    targets = np.asarray([node for group in destinations for node in group])
    found = metric.distances(sources.tolist(), targets.tolist())
    found[(found == UNREACHABLE) | (sources[:, None] == targets)] = far
    row_starts, column_starts = (
        np.cumsum([0, *(len(groups[place]) for place in places[:-1])])
        for groups, places in ((origins, rows), (destinations, columns))
    )
    least = np.minimum.reduceat(np.minimum.reduceat(found, row_starts, axis=0), column_starts, axis=1)
    result[np.ix_(rows, columns)] = np.where(least < far, least, UNREACHABLE)
    return result


def _sharing(origins: Sequence[Group], destinations: Sequence[Group]) -> list[tuple[int, int]]:
    """Return the pairs of groups with a node in common."""
    holders: dict[int, list[int]] = {}
    for place, group in enumerate(destinations):
        for node in group:
            holders.setdefault(node, []).append(place)
    pairs = ((row, column) for row, group in enumerate(origins) for node in group for column in holders.get(node, ()))
    return sorted(set(pairs))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.iterdir() if path.name != _MANIFEST):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _is_sound(folder: Path) -> bool:
    """Say whether a kept topology is whole: the library reads damaged files without a check."""
    try:
        return (folder / _MANIFEST).read_text(encoding="ascii") == _digest(folder)
    except (OSError, UnicodeDecodeError):
        return False


def _keep(topology: Any, folder: Path) -> None:  # noqa: ANN401 - a class of the optional library
    """Keep a topology for later runs; several may do so at once, and a full disk only costs the head start."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        topology.save(str(temporary))
        (temporary / _MANIFEST).write_text(_digest(temporary), encoding="ascii")
        try:
            temporary.replace(folder)
        except OSError:
            # a folder is there already: a sound one of another run stays, a damaged one goes
            if not _is_sound(folder):
                shutil.rmtree(folder, ignore_errors=True)
                temporary.replace(folder)
            else:
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError:
        return
