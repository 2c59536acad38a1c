"""Many-to-many questions as blocks of origins that any process can answer: this one, others, or those of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from geo.errors import RequestError
from network.costs import UNITS_PER
from network.engine import UNREACHABLE, Group, Metric, best_engine
from network.search import SearchGraph
from network.state import State
from network.table import Coded, Floats, Ints, Links, Network, Nodes

_PATIENCE_S = 10
_LINK_TEXTS = ("kind", "mode", "country", "countries", "lines", "status", "grade", "crossing", "passage")


@dataclass(frozen=True, eq=False)
class Problem:
    """What decides the figures between places, and nothing else: a few megabytes that travel well."""

    network: Network
    weights: Ints
    usable: npt.NDArray[np.bool_]
    per_unit: float
    """Weights in one unit of the objective's amount."""
    groups: tuple[Group, ...]
    """Nodes of each place; empty where it stands on no network."""
    amounts: Floats | None
    """Hours, USD, km and kg CO2e per link where all are asked for."""

    @classmethod
    def of(cls, state: State, groups: Sequence[Group], *, is_full: bool) -> Problem:
        """Return the problem of some places under a request."""
        per_unit = UNITS_PER[state.request.objective]
        amounts = state.amounts if is_full else None
        return cls(state.network, state.weights, state.usable, per_unit, tuple(groups), amounts)

    def portable(self) -> Problem:
        """Return the same problem with only the links that may run, and no names or shapes."""
        used = np.flatnonzero(self.usable)
        return replace(
            self,
            network=_skeleton(self.network, used),
            weights=self.weights[used],
            usable=np.ones(len(used), dtype=bool),
            amounts=None if self.amounts is None else self.amounts[used],
        )


def _skeleton(network: Network, used: npt.NDArray[np.intp]) -> Network:
    nodes, links = network.nodes, network.links
    blank, numbers = Coded(np.zeros(0, dtype=np.int32), ()), np.zeros(0, dtype=np.int64)
    texts: dict[str, Any] = dict.fromkeys(_LINK_TEXTS, blank)
    return Network(
        Nodes(("",) * len(nodes), nodes.lon, nodes.lat, blank, numbers, blank, blank),
        Links(
            a=links.a[used],
            b=links.b[used],
            length_m=np.zeros(0),
            gauge_mm=numbers,
            opens=numbers,
            shape_offsets=numbers,
            shape_coords=np.zeros((0, 2)),
            **texts,
        ),
    )


def solve(problem: Problem, first: int, last: int, metric: Metric | None = None) -> Floats:
    """Return figures (origins, places, figures) from places ``first`` up to ``last``, NaN where there is no way."""
    if problem.amounts is not None:
        return np.stack([_sums(problem, origin) for origin in range(first, last)])
    chosen = metric if metric is not None else _metric(problem)
    found = chosen.between(problem.groups[first:last], problem.groups)
    return np.where(found == UNREACHABLE, np.nan, found / problem.per_unit)[..., None]


@lru_cache(maxsize=1)
def _metric(problem: Problem) -> Metric:
    """Build once per process what all blocks of one problem share."""
    return best_engine(problem.network, groups=problem.groups).metric(problem.weights, problem.usable)


@lru_cache(maxsize=1)
def _graph(problem: Problem) -> SearchGraph:
    return SearchGraph.build(problem.network, problem.weights, problem.usable)


def _sums(problem: Problem, origin: int) -> Floats:
    """Return the amounts of the best path to each place from one."""
    result = np.full((len(problem.groups), 4), np.nan)
    sources = problem.groups[origin]
    if not sources or problem.amounts is None:
        return result
    tree = _graph(problem).tree(sources)
    sums = tree.sums(problem.amounts)
    for place, nodes in enumerate(problem.groups):
        if place == origin:
            continue
        if set(nodes) & set(sources):
            # joined by a node of both, at no weight: a route has a step, so each of the nodes is asked alone
            result[place] = _sums_apart(problem, sources, nodes)
            continue
        best = min(nodes, key=lambda node: (tree.distance[node], node), default=-1)
        if best >= 0 and np.isfinite(tree.distance[best]):
            result[place] = sums[best]
    return result


def _sums_apart(problem: Problem, sources: Group, sinks: Group) -> Floats:
    found = [
        (tree.distance[sink], sink, source, tree)
        for source in sources
        for tree in [_graph(problem).tree([source])]
        for sink in sinks
        if sink != source and np.isfinite(tree.distance[sink])
    ]
    if not found or problem.amounts is None:
        return np.full(4, np.nan)
    _, sink, _, tree = min(found, key=lambda one: one[:3])
    return np.asarray(tree.sums(problem.amounts)[sink])


class Spread:
    """Runs blocks on the workers of a Dask scheduler; use it in a ``with``.

    Parameters
    ----------
    scheduler
        Address such as ``tcp://10.0.0.5:8786``; None starts processes of this computer.
    processes
        How many of them.

    Raises
    ------
    RequestError
        Nobody answers at the address.
    """

    def __init__(self, scheduler: str | None = None, *, processes: int = 1) -> None:
        import distributed

        # half of the library has types, and calling the other half is an error under strict checks
        library: Any = distributed
        self._cluster: Any = None
        if scheduler is None:
            self._cluster = library.LocalCluster(
                n_workers=processes, threads_per_worker=1, dashboard_address=None, silence_logs=40
            )
        try:
            self._client: Any = library.Client(self._cluster or scheduler, timeout=_PATIENCE_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RequestError(
                f"no Dask scheduler answers at {scheduler}: {error}; start one with 'dask scheduler' and workers with "
                "'dask worker ADDRESS' in environments that have corridors, or leave --scheduler out"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None) -> None:
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    @property
    def workers(self) -> int:
        """Number of threads that take blocks."""
        return max(int(sum(self._client.nthreads().values())), 1)

    def run(self, problem: Problem, blocks: Sequence[range]) -> Iterator[Floats]:
        """Yield the figures of each block in order.

        Raises
        ------
        RequestError
            The scheduler has no worker, or its workers cannot import corridors.
        """
        if not self._client.nthreads():
            raise RequestError("the Dask scheduler has no worker; start one with 'dask worker ADDRESS'")
        shared = self._client.scatter(problem.portable(), broadcast=True, hash=False)
        futures = [self._client.submit(solve, shared, block.start, block.stop, pure=False) for block in blocks]
        for future in futures:
            try:
                yield future.result()
            except ImportError as error:
                raise RequestError(
                    f"a Dask worker cannot import what it needs ({error}): install corridors in its environment"
                ) from error
