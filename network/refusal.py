"""Why there is no route, and what would open one: found by search over the parts the network falls into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo.geodesy import distance_m, haversine_m
from layers.catalogue import Catalogue
from network.access import AccessFinder, Endpoint
from network.request import COMMODITY_MODES, Request, links_of_target, usable_links
from network.table import NEVER, Ints, Network

Mask = npt.NDArray[np.bool_]
_SHOWN = 3
# two ends of track this near to each other are one place
_SAME_PLACE_M = 2_000.0
# beyond this a gap is no missing crossing or link, but a land in between
_FAR_M = 400_000.0


@dataclass(frozen=True, slots=True)
class _Remedy:
    """One condition to loosen, and the links that it would add."""

    text: str
    """What to do; of a mode its name."""
    adds: Mask
    is_mode: bool = False


@dataclass(frozen=True)
class Refusal:
    """Explains why a request has no route through some stops."""

    network: Network
    catalogue: Catalogue
    access: AccessFinder
    stops: Sequence[Endpoint]
    request: Request

    def sentence(self) -> str:
        """Return one line: what was asked, what blocks it, and up to three ways to open it."""
        request = self.request
        start, end, *_ = self._stretch
        asked = f"no route from {start.name} to {end.name} by {', '.join(request.modes)}"
        if request.avoid:
            asked += f" avoiding {', '.join(request.avoid)}"
        asked += f" in {request.year}"
        gap = self._gap(self._parts)
        remedies = self._single() or self._together()
        blocked = f": {gap}" if gap else ""
        if not remedies:
            return f"{asked}{blocked}; no condition of the request opens it"
        return f"{asked}{blocked}; it opens if you {', or '.join(remedies)}"

    # the stretch, and the parts its ends stand on

    @cached_property
    def _usable(self) -> Mask:
        return usable_links(self.network, self.catalogue, self.request)

    @cached_property
    def _parts(self) -> Ints:
        """Part of each node of the network as the request leaves it."""
        return self._parts_of(self._usable)

    def _parts_of(self, usable: Mask) -> Ints:
        links, size = self.network.links, len(self.network.nodes)
        a, b = links.a[usable], links.b[usable]
        return _pieces(a, b, size)[1]

    @cached_property
    def _stretch(self) -> tuple[Endpoint, Endpoint, Ints, Ints]:
        """The first stretch without a way: its stops, the nodes that are reached of one, and those of the other."""
        here = self._nodes(self.stops[0])
        for start, end in pairwise(self.stops):
            there = self._nodes(end)
            on = there[np.isin(self._parts[there], self._parts[here])]
            if not len(on) or end == self.stops[-1]:
                return start, end, here, there
            # who goes on from a stop does so from where the way before it ended
            here = on
        raise ValueError("a refusal needs two stops")

    def _nodes(self, stop: Endpoint) -> Ints:
        """Return the nodes by which a stop is reached; those at both ends of the link a point stands on."""
        links = self.network.links
        accesses = self.access.accesses(stop, self.request, self._usable)
        found = [
            node
            for one in accesses
            for node in ([one.node] if one.link < 0 else [int(links.a[one.link]), int(links.b[one.link])])
        ]
        return np.asarray(sorted(set(found)), dtype=np.int64)

    @staticmethod
    def _joined(one: Ints, other: Ints) -> bool:
        return bool(np.isin(one, other).any())

    @property
    def _ends(self) -> tuple[Ints, Ints]:
        return self._stretch[2:]

    # what would open it

    def _opens(self, adds: Mask) -> bool:
        """Say whether some more links join the ends; they are laid over the parts, which is quick."""
        links = self.network.links
        a, b = self._parts[links.a[adds]], self._parts[links.b[adds]]
        size = int(self._parts.max()) + 1
        _, joined = _pieces(a, b, size)
        start, end = self._ends
        return self._joined(joined[self._parts[start]], joined[self._parts[end]])

    def _single(self) -> list[str]:
        """Return the conditions of which each alone opens the route."""
        found = [remedy for remedy in self._remedies if self._opens(remedy.adds)]
        modes = [remedy.text for remedy in found if remedy.is_mode]
        texts = [remedy.text for remedy in found if not remedy.is_mode]
        # the modes are one remedy, and always told
        shown = texts[: _SHOWN - bool(modes)]
        return [*shown, f"add {' or '.join(modes)} to the modes"] if modes else shown

    def _together(self) -> list[str]:
        """Return the fewest conditions that open the route together, told as one."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        count = int(self._parts.max()) + 1
        parts, hubs, owner = self._hubs(count)
        if not len(hubs):
            return []
        graph = coo_array((np.ones(len(parts)), (parts, hubs)), shape=(count + len(owner), count + len(owner))).tocsr()
        start, end = (np.unique(self._parts[nodes]) for nodes in self._ends)
        distance, previous, _ = dijkstra(graph, directed=False, indices=start, return_predecessors=True, min_only=True)
        node = int(end[np.argmin(distance[end])])
        numbers: dict[int, None] = {}
        while previous[node] >= 0:
            if node >= count:
                numbers[owner[node - count]] = None
            node = int(previous[node])
        chosen = [self._remedies[number] for number in reversed(numbers)]
        texts = [f"add {one.text} to the modes" if one.is_mode else one.text for one in chosen]
        return [" and ".join(texts)] if texts else []

    def _hubs(self, count: int) -> tuple[Ints, Ints, list[int]]:
        """Return parts, the hubs that join them, and the remedy of each hub: a remedy joins what its links connect."""
        links = self.network.links
        parts: list[Ints] = []
        hubs: list[Ints] = []
        owner: list[int] = []
        for number, remedy in enumerate(self._remedies):
            ends = np.stack([self._parts[links.a[remedy.adds]], self._parts[links.b[remedy.adds]]])
            names, small = np.unique(ends, return_inverse=True)
            a, b = small.reshape(2, -1)
            size = len(names)
            found, group = _pieces(a, b, size)
            parts.append(names)
            hubs.append(count + len(owner) + group)
            owner += [number] * found
        if not parts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), []
        return np.concatenate(parts), np.concatenate(hubs).astype(np.int64), owner

    @cached_property
    def _remedies(self) -> list[_Remedy]:
        """Conditions to loosen, the likeliest first; those that add nothing are left out."""
        found = [*self._allowed(), *self._later(), *self._crossings(), *self._lines(), *self._more_modes()]
        return [remedy for remedy in found if remedy.adds.any()]

    def _under(self, request: Request) -> Mask:
        return usable_links(self.network, self.catalogue, request) & ~self._usable

    def _allowed(self) -> Iterator[_Remedy]:
        avoid = self.request.avoid
        for target in avoid:
            looser = replace(self.request, avoid=tuple(one for one in avoid if one != target))
            yield _Remedy(f"allow {target}", self._under(looser))

    def _more_modes(self) -> Iterator[_Remedy]:
        request = self.request
        for mode in COMMODITY_MODES[request.commodity]:
            if mode not in request.modes:
                yield _Remedy(mode.value, self._under(replace(request, modes=(*request.modes, mode))), is_mode=True)

    def _later(self) -> Iterator[_Remedy]:
        """Yield the first later year in which what is open today, or counted on by the request, has opened."""
        links = self.network.links
        years = np.unique(links.opens[(links.opens > self.request.year) & (links.opens < NEVER)])
        for year in years.tolist():
            adds = self._under(replace(self.request, year=int(year)))
            if adds.any() and self._opens(adds):
                yield _Remedy(f"wait until {year}", adds)
                return

    def _lines(self) -> Iterator[_Remedy]:
        imported = self.catalogue.imported_lines
        for line in self.catalogue.lines.values():
            is_shut = line.status != "open" and line.id not in self.request.opened and line.id not in imported
            if is_shut and line.mode in self.request.modes:
                looser = replace(self.request, opened=(*self.request.opened, line.id))
                yield _Remedy(f"open {line.id} ({line.status})", self._added_by(line.id, looser))
        # an import may have a hundred thousand lines: it is loosened as a whole
        for layer in self.catalogue.imports:
            if layer.lines and layer.id not in self.request.opened:
                looser = replace(self.request, opened=(*self.request.opened, layer.id))
                yield _Remedy(f"open {layer.id} (imported)", self._under(looser))

    def _crossings(self) -> Iterator[_Remedy]:
        for crossing in self.catalogue.crossings.values():
            if crossing.status != "open" and crossing.id not in self.request.opened:
                looser = replace(self.request, opened=(*self.request.opened, crossing.id))
                yield _Remedy(f"open {crossing.id} ({crossing.status})", self._added_by(crossing.id, looser))

    def _added_by(self, target: str, looser: Request) -> Mask:
        """Return what opening one line or crossing adds, without asking for the whole network again."""
        here = links_of_target(self.network, self.catalogue, target)
        if not (here & ~self._usable).any():
            return here & ~self._usable
        return self._under(looser)

    # what is missing on the ground

    def _gap(self, parts: Ints) -> str:
        """Tell the two nearest points, one on each end's part of the network and of one mode, or nothing."""
        from scipy.spatial import cKDTree

        nodes = self.network.nodes
        start, end = self._ends
        here, there = (np.isin(parts, parts[ends]) for ends in (start, end))
        if (here & there).any():
            return ""
        best: tuple[float, int, int] | None = None
        for mode in self.request.modes:
            is_mode = nodes.mode.matches(mode.value.__eq__)
            ours, theirs = np.flatnonzero(here & is_mode), np.flatnonzero(there & is_mode)
            if len(ours) and len(theirs):
                chord, which = cKDTree(_unit(self.network, theirs)).query(_unit(self.network, ours))
                near = int(np.argmin(chord))
                pair = (int(ours[near]), int(theirs[which[near]]))
                metres = distance_m(*((float(nodes.lon[node]), float(nodes.lat[node])) for node in pair))
                if best is None or metres < best[0]:
                    best = (metres, *pair)
        return "" if best is None else self._gap_told(*best)

    def _gap_told(self, metres: float, a: int, b: int) -> str:
        nodes = self.network.nodes
        mode = nodes.mode[a]
        names = [self._where(node) for node in (a, b)]
        gauges = [int(nodes.gauge_mm[node]) for node in (a, b)]
        countries = [nodes.country[node] for node in (a, b)]
        if gauges[0] != gauges[1] and metres < _SAME_PLACE_M:
            return f"{gauges[0]} and {gauges[1]} mm meet at {names[0]}, where no change of gauge is listed"
        apart = f"{metres / 1000:,.0f} km apart at the nearest"
        if metres > _FAR_M:
            return f"the {mode} of both ends stays far from each other, {names[0]} and {names[1]} being {apart}"
        if countries[0] != countries[1] and all(countries):
            border = f"no {mode} crossing {'–'.join(countries)}"
            if metres < _SAME_PLACE_M:
                return f"{border} is open at {names[0]}"
            return f"{border} joins {names[0]} and {names[1]}, {apart}"
        return f"no {mode} joins {names[0]} and {names[1]}, {apart}"

    def _where(self, node: int) -> str:
        """Return the place at a node, or how far it is from the nearest one."""
        nodes = self.network.nodes
        if nodes.place[node]:
            return self.catalogue.places[nodes.place[node]].name_en
        places = list(self.catalogue.places.values())
        metres = haversine_m(
            np.asarray([place.lon for place in places]),
            np.asarray([place.lat for place in places]),
            (float(nodes.lon[node]), float(nodes.lat[node])),
        )
        nearest = int(metres.argmin())
        name = places[nearest].name_en
        return name if metres[nearest] < _SAME_PLACE_M else f"a point {metres[nearest] / 1000:,.0f} km from {name}"


def _unit(network: Network, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return nodes as points on the unit sphere."""
    lon, lat = np.radians(network.nodes.lon[rows]), np.radians(network.nodes.lat[rows])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _pieces(a: Ints, b: Ints, size: int) -> tuple[int, Ints]:
    """Return how many pieces links make of some nodes, and the piece of each node."""
    # SciPy's graphs and trees take a fifth of a cold route, which is seldom refused
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count, piece = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(size, size)), directed=False)
    return int(count), np.asarray(piece, dtype=np.int64)


def contradiction(catalogue: Catalogue, stops: Sequence[Endpoint], request: Request) -> str:
    """Return why the conditions of a request exclude each other, or nothing."""
    for stop in stops:
        place = catalogue.places.get(stop.id) if stop.is_place else None
        if place is None:
            continue
        for target in (place.id, place.country):
            if target in request.avoid:
                by = f" (closed by scenario {request.scenario})" if request.scenario != "today" else ""
                what = "is" if target == place.id else "lies in"
                return (
                    f"{stop.name} {what} {target}, which is to be avoided{by}: allow {target}, or ask for another place"
                )
    return ""
