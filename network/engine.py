"""Shortest paths at speed: customizable contraction hierarchies, with SciPy's Dijkstra where they are not to be had.

The topology is ordered once per network. What a call chooses (weights, what is closed) becomes a metric of its own;
an engine and its topology remember nothing of any call.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from network.search import Access, SearchGraph, Step, shortest_path
from network.table import Ints, Network

UNREACHABLE = -1
"""Distance between nodes that no path joins."""
_MANIFEST = "sha256"


class Metric(Protocol):
    """The network under the choices of one call."""

    def path(self, origins: Sequence[Access], destinations: Sequence[Access]) -> list[Step] | None:
        """Return the steps of a path of least weight, or None."""

    def distances(self, sources: Sequence[int], targets: Sequence[int]) -> npt.NDArray[np.int64]:
        """Return least weights, one row per source node; :data:`UNREACHABLE` where there is no path."""


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


@dataclass(frozen=True)
class HierarchyEngine:
    """RoutingKit's customizable contraction hierarchies."""

    network: Network
    topology: Any
    """``pyroutingkit.CCHTopology`` over all links, forward arcs first, then backward."""
    name: str = "cch"

    @classmethod
    def build(cls, network: Network, *, cache: Path | None = None) -> HierarchyEngine:
        """Order the network's topology, or take it from a folder where an earlier run has kept it.

        Parameters
        ----------
        cache
            Folder that belongs to this very network; it is made if missing, and made anew if damaged.

        Raises
        ------
        ImportError
            ``pyroutingkit`` is not installed.
        """
        from pyroutingkit import CCHTopology

        topology = CCHTopology()
        if cache is not None and _is_sound(cache):
            topology.load(str(cache))
            if topology.node_count == len(network.nodes) and topology.arc_count == 2 * len(network.links):
                return cls(network, topology)
            topology = CCHTopology()
        links = network.links
        topology.build(
            np.concatenate([links.a, links.b]).astype(np.uint32),
            np.concatenate([links.b, links.a]).astype(np.uint32),
            network.nodes.lat.astype(np.float32),
            network.nodes.lon.astype(np.float32),
            len(network.nodes),
        )
        if cache is not None:
            _keep(topology, cache)
        return cls(network, topology)

    def metric(self, weights: Ints, usable: npt.NDArray[np.bool_]) -> Metric:
        """Return a metric of its own over the shared topology.

        Raises
        ------
        ValueError
            A weight is below 1, or so large that a path could overflow 31 bits.
        """
        from pyroutingkit import INF_WEIGHT, CCHMetric

        used = weights[usable]
        if len(used) and (int(used.min()) < 1 or int(used.max()) >= INF_WEIGHT // 64):
            raise ValueError(f"weights must lie between 1 and {INF_WEIGHT // 64 - 1}, found {used.min()}…{used.max()}")
        arcs = np.where(usable, weights, INF_WEIGHT).astype(np.uint32)
        metric = CCHMetric(self.topology)
        metric.customize(np.concatenate([arcs, arcs]))
        return _HierarchyMetric(self.network, weights, usable, metric, int(INF_WEIGHT))


@dataclass(frozen=True)
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

    def path(self, origins: Sequence[Access], destinations: Sequence[Access]) -> list[Step] | None:
        best = self._along_one_link(origins, destinations)
        starts = [end for access in origins for end in self._ends(access, is_origin=True)]
        stops = [end for access in destinations for end in self._ends(access, is_origin=False)]
        pair: tuple[_End, _End] | None = None
        least = best[0] if best else None
        if starts and stops:
            between = self._between([end.node for end in starts], [end.node for end in stops])
            for row, start in enumerate(starts):
                for column, stop in enumerate(stops):
                    if between[row, column] < self.infinity:
                        total = start.weight + int(between[row, column]) + stop.weight
                        if least is None or total < least:
                            least, pair = total, (start, stop)
        if pair is None:
            return best[1] if best else None
        return self._steps(*pair)

    def distances(self, sources: Sequence[int], targets: Sequence[int]) -> npt.NDArray[np.int64]:
        rows = self._between(sources, targets)
        return np.where(rows < self.infinity, rows, UNREACHABLE)

    def _between(self, sources: Sequence[int], targets: Sequence[int]) -> npt.NDArray[np.int64]:
        found = self.metric.distances_many_to_many(
            np.asarray(sources, dtype=np.uint32), np.asarray(targets, dtype=np.uint32)
        )
        return np.asarray(found, dtype=np.int64).reshape(len(sources), len(targets))

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
            _, _, arcs = self.metric.query(start.node, stop.node)
            steps += [Step(int(a), 0.0, 1.0) if a < count else Step(int(a) - count, 1.0, 0.0) for a in arcs]
        return [*steps, stop.step] if stop.step else steps


def best_engine(network: Network, *, cache: Path | None = None) -> Engine:
    """Return the hierarchy engine, or Dijkstra where ``pyroutingkit`` has no build for this platform."""
    try:
        return HierarchyEngine.build(network, cache=cache)
    except ImportError:
        return DijkstraEngine(network)


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
