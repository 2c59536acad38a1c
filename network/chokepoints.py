"""What the paths between some places hang on, and what is lost when each of it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import RequestError
from geo.layer import Feature, Field, Layer, LayerStyle, Value
from layers.catalogue import Catalogue
from layers.schema import PlaceKind
from network.access import Endpoint
from network.costs import UNITS_PER, Objective
from network.engine import UNREACHABLE, Group
from network.request import Request, links_of_target
from network.route import Router, check_request
from network.search import Access
from network.state import State
from network.table import Ints, LinkKind, Links

KINDS = ("line", "crossing", "port", "strait", "country")
UNITS = {Objective.TIME: "h", Objective.COST: "USD/TEU", Objective.DISTANCE: "km", Objective.CO2: "kg CO2e/TEU"}
_CORRIDOR_ENDS = 2
"""A default place begins or ends at least so many courses of corridors."""
_TERMINALS = frozenset({PlaceKind.PORT, PlaceKind.DRY_PORT, PlaceKind.AIRPORT})
_POINT_DEGREES = 1e-5
_HANDLING = frozenset({LinkKind.TRANSFER.value, LinkKind.FERRY.value, LinkKind.SEA.value, LinkKind.AIR.value})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two places, and the least amount between them before and after a closure; None where no way is left."""

    origin: str
    destination: str
    before: float
    after: float | None


@dataclass(frozen=True)
class Chokepoint:
    """A line, crossing, port, strait or country that best paths run over, and what its closure does."""

    kind: str
    id: str
    name: str
    pairs: int
    """Pairs of places whose best path runs over it, without those of which an end stands on nothing else."""
    unreachable: tuple[Pair, ...]
    """Pairs that no other way joins."""
    added: tuple[Pair, ...]
    """Pairs that another way joins, dearest detour first."""
    links: Ints
    """Its links that best paths use."""

    @property
    def added_total(self) -> float:
        """Sum of what the detours add, in the unit of the objective."""
        return sum((pair.after or 0.0) - pair.before for pair in self.added)

    @property
    def added_mean(self) -> float:
        """What a pair loses on average, of those that another way joins."""
        return self.added_total / len(self.added) if self.added else 0.0


@dataclass(frozen=True)
class Chokepoints:
    """What the best paths between some places hang on, most needed first."""

    places: tuple[Endpoint, ...]
    request: Request
    joined: int
    """Unordered pairs of places with a path."""
    unjoined: int
    isolated: tuple[str, ...]
    """Places that no path joins with any other."""
    found: tuple[Chokepoint, ...]

    @property
    def unit(self) -> str:
        """Unit of what closures add."""
        return UNITS[self.request.objective]


def default_places(catalogue: Catalogue) -> tuple[Endpoint, ...]:
    """Return the cities at which the courses of two or more corridors begin or end."""
    ends: dict[str, int] = {}
    for corridor in catalogue.corridors.values():
        met: dict[str, int] = {}
        for section in corridor.sections:
            lines = () if section.line is None else catalogue.lines[section.line].sections
            course = section.path or tuple(p for part in lines for p in part.waypoints if isinstance(p, str))
            for place in {course[0], course[-1]} if course else ():
                met[place] = met.get(place, 0) + 1
        for place, times in met.items():
            ends[place] = ends.get(place, 0) + (times == 1)
    chosen = (catalogue.places[place] for place, times in sorted(ends.items()) if times >= _CORRIDOR_ENDS)
    return tuple(
        Endpoint(place.id, place.name_en, place.lon, place.lat, is_place=True)
        for place in chosen
        if place.kind is PlaceKind.CITY
    )


@dataclass(frozen=True)
class _Paths:
    """Best paths of all pairs, end to end in one row of links."""

    pairs: tuple[tuple[int, int], ...]
    before: Ints
    links: Ints
    starts: Ints

    def using(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        """Return the pairs whose path has a link of the mask."""
        return np.flatnonzero(np.logical_or.reduceat(mask[self.links], self.starts))


def find_chokepoints(
    router: Router,
    places: Sequence[Endpoint],
    request: Request,
    *,
    kinds: Sequence[str] = KINDS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Chokepoints:
    """Return what the best paths between all pairs of some places run over, each closed in turn.

    A closure takes all links of its target, as ``avoid`` does; pairs whose path does not touch it lose nothing and are
    not asked again. A pair does not count for a target on which alone one of its ends stands, as a city in a closed
    country does. ``progress`` hears how many of how many closures are done.

    Raises
    ------
    RequestError
        A mode does not carry the commodity, fewer than two places are given, or no two of them are joined.
    """
    check_request(request)
    if len(places) < 2:
        raise RequestError(f"chokepoints lie between places: give two or more, not {len(places)}")
    state = router.under(request)
    groups = [router.access.groups.get(place.id, ()) for place in places]
    paths = _best_paths(state, groups)
    if not paths.pairs:
        raise RequestError(f"no two of the {len(places)} places are joined by {', '.join(request.modes)}")
    closures = _Closures(router, state, places, groups, paths)
    candidates = list(_candidates(router, paths, kinds))
    found = []
    for number, (kind, target, mask) in enumerate(candidates, start=1):
        found.append(closures.close(kind, target, mask))
        progress(number, len(candidates))
    ranked = sorted(
        (one for one in found if one.pairs),
        key=lambda one: (-len(one.unreachable), -one.added_total, -one.pairs, KINDS.index(one.kind), one.id),
    )
    count = len(places) * (len(places) - 1) // 2
    met = {end for pair in paths.pairs for end in pair}
    isolated = tuple(place.id for at, place in enumerate(places) if at not in met)
    return Chokepoints(tuple(places), request, len(paths.pairs), count - len(paths.pairs), isolated, tuple(ranked))


def _best_paths(state: State, groups: Sequence[Group]) -> _Paths:
    """Find the best path of each unordered pair; a link weighs the same both ways."""
    pairs, before, links = [], [], []
    for first in range(len(groups)):
        for second in range(first + 1, len(groups)):
            ends = ([Access(node) for node in groups[end]] for end in (first, second))
            steps = state.metric.path(*ends)
            if steps:
                rows = [step.link for step in steps]
                pairs.append((first, second))
                links.append(rows)
                before.append(int(state.weights[rows].sum()))
    starts = np.cumsum([0, *(len(rows) for rows in links[:-1])])
    joined = np.asarray([link for rows in links for link in rows], dtype=np.int64)
    return _Paths(tuple(pairs), np.asarray(before, dtype=np.int64), joined, starts)


def _candidates(
    router: Router, paths: _Paths, kinds: Sequence[str]
) -> Iterator[tuple[str, str, npt.NDArray[np.bool_]]]:
    """Yield what the paths run over: kind, id and mask of links."""
    network, catalogue = router.network, router.catalogue
    links, rows = network.links, np.unique(paths.links)
    handled = rows[links.kind.is_in(_HANDLING, rows)]
    at = {network.nodes.place[int(node)] for end in (links.a, links.b) for node in end[handled]} - {""}
    named: dict[str, set[str]] = {
        "line": _words(links.lines.words, links.lines.codes[rows]) & set(catalogue.lines),
        "crossing": _words(links.crossing.words, links.crossing.codes[rows]) & set(catalogue.crossings),
        "port": {place for place in at if catalogue.places[place].kind in _TERMINALS},
        "strait": {place.id for place in catalogue.places.values() if place.kind is PlaceKind.STRAIT},
        "country": _words(links.countries.words, links.countries.codes[rows])
        | _words(links.country.words, links.country.codes[rows]),
    }
    for kind in kinds:
        for target in sorted(named[kind]):
            mask = links_of_target(network, catalogue, target)
            if mask[rows].any():
                yield kind, target, mask


def _words(words: Sequence[str], codes: npt.NDArray[np.int32]) -> set[str]:
    return {part for code in set(codes.tolist()) for part in words[code].split(";") if part}


@dataclass(frozen=True)
class _Closures:
    """Closes one target at a time and asks again for the pairs whose path ran over it."""

    router: Router
    state: State
    places: Sequence[Endpoint]
    groups: Sequence[Group]
    paths: _Paths

    def close(self, kind: str, target: str, mask: npt.NDArray[np.bool_]) -> Chokepoint:
        pairs = self.paths.pairs
        stranded = self._stranded(mask) | self._inside(kind, target)
        touched = [pair for pair in self.paths.using(mask).tolist() if not stranded & set(pairs[pair])]
        asked = self._without(mask, touched) if touched else ()
        unreachable = tuple(pair for pair in asked if pair.after is None)
        added = sorted(
            (pair for pair in asked if pair.after is not None),
            key=lambda pair: (pair.before - (pair.after or 0.0), pair.origin, pair.destination),
        )
        used = np.unique(self.paths.links)
        name = _name(self.router.catalogue, kind, target)
        return Chokepoint(kind, target, name, len(touched), unreachable, tuple(added), used[mask[used]])

    def _stranded(self, mask: npt.NDArray[np.bool_]) -> set[int]:
        """Return the places that stand on nothing else: they lose all, not a way."""
        links, left = self.state.network.links, self.state.usable & ~mask
        is_live = np.zeros(len(self.state.network.nodes), dtype=bool)
        is_live[links.a[left]] = is_live[links.b[left]] = True
        return {at for at, group in enumerate(self.groups) if not is_live[list(group)].any()}

    def _inside(self, kind: str, target: str) -> set[int]:
        """Return the places of a closed country, even if ships still call at a port of theirs."""
        places = self.router.catalogue.places
        return {at for at, end in enumerate(self.places) if kind == "country" and places[end.id].country == target}

    def _without(self, mask: npt.NDArray[np.bool_], touched: Sequence[int]) -> tuple[Pair, ...]:
        state, objective = self.state, self.state.request.objective
        metric = state.engine.metric(state.weights, state.usable & ~mask)
        asked = [sorted({self.paths.pairs[pair][end] for pair in touched}) for end in (0, 1)]
        after = metric.between(*([self.groups[at] for at in ends] for ends in asked))
        row_of, column_of = ({at: place for place, at in enumerate(ends)} for ends in asked)
        unit = UNITS_PER[objective] * (1000 if objective is Objective.DISTANCE else 1)
        found = []
        for number in touched:
            first, second = self.paths.pairs[number]
            weight = int(after[row_of[first], column_of[second]])
            names = self.places[first].id, self.places[second].id
            left = None if weight == UNREACHABLE else weight / unit
            found.append(Pair(*names, float(self.paths.before[number]) / unit, left))
        return tuple(found)


def _name(catalogue: Catalogue, kind: str, target: str) -> str:
    match kind:
        case "line":
            return catalogue.lines[target].names.en
        case "crossing":
            crossing = catalogue.crossings[target]
            return " – ".join(dict.fromkeys(catalogue.places[place].name_en for place in (crossing.a, crossing.b)))
        case "country":
            return target
        case _:
            return catalogue.places[target].name_en


def chokepoints_json(report: Chokepoints, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the ``chokepoints --json`` document; added amounts are in ``unit``."""
    return {
        "places": [place.id for place in report.places],
        "objective": report.request.objective.value,
        "unit": report.unit,
        "commodity": report.request.commodity,
        "modes": [mode.value for mode in report.request.modes],
        "year": report.request.year,
        "scenario": report.request.scenario,
        "pairs": report.joined,
        "unjoined_pairs": report.unjoined,
        "isolated": list(report.isolated),
        "chokepoints": [_chokepoint_json(one, report.joined) for one in report.found],
        "notes": list(notes),
    }


def _chokepoint_json(one: Chokepoint, joined: int) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "name": one.name,
        "pairs": one.pairs,
        "share": round(one.pairs / joined, 4),
        "unreachable": len(one.unreachable),
        "unreachable_pairs": [[pair.origin, pair.destination] for pair in one.unreachable],
        "added_total": round(one.added_total, 1) + 0.0,
        "added_mean": round(one.added_mean, 1) + 0.0,
        "worst": _pair_json(one.added[0]) if one.added else None,
    }


def _pair_json(pair: Pair) -> dict[str, Any]:
    return {
        "origin": pair.origin,
        "destination": pair.destination,
        "before": round(pair.before, 1),
        "after": None if pair.after is None else round(pair.after, 1),
    }


_FIELDS = (
    Field("kind", "text", "line, crossing, port, strait or country"),
    Field("name", "text", "English name"),
    Field("pairs", "integer", "pairs of places whose best path runs over it"),
    Field("share", "real", "share of all joined pairs"),
    Field("unreachable", "integer", "pairs that its closure leaves without a path"),
    Field("added_total", "real", "sum of what the detours of the other pairs add, in the unit of the objective"),
    Field("added_mean", "real", "what such a pair loses on average"),
    Field("unit", "text", "unit of what is added"),
    Field("scenario", "text", "state of the world"),
)


def chokepoints_layer(router: Router, report: Chokepoints) -> Layer:
    """Return the used stretches of each chokepoint as lines (WGS 84); of a point, the stretches that meet there."""
    links = router.network.links
    used = np.unique(np.concatenate([one.links for one in report.found])) if report.found else np.zeros(0, np.int64)
    features = []
    for one in report.found:
        document = _chokepoint_json(one, report.joined)
        properties: dict[str, Value] = {field.name: document[field.name] for field in _FIELDS[:-2]}
        properties |= {"unit": report.unit, "scenario": report.request.scenario}
        shapes = _drawn(links, one.links) or _drawn(links, used[_meets(links, used, one.links)])
        features.append(Feature(f"{one.kind}-{one.id}", shapely.MultiLineString(shapes), properties))
    return Layer(
        name="chokepoints",
        title="Chokepoints",
        description=(
            f"What best paths between {len(report.places)} places run over, and what its closure costs; central values"
        ),
        fields=_FIELDS,
        features=tuple(features),
        geometry_type="MultiLineString",
        attribution="corridors; © OpenStreetMap contributors",
        licence="ODbL-1.0",
        style=LayerStyle(colour="#b3446c"),
    )


def _drawn(links: Links, rows: Ints) -> list[npt.NDArray[np.float64]]:
    """Return the courses of the links that have a length."""
    shapes = (links.shape(link) for link in rows.tolist())
    return [shape for shape in shapes if np.ptp(shape, axis=0).max() > _POINT_DEGREES]


def _meets(links: Links, rows: Ints, others: Ints) -> npt.NDArray[np.bool_]:
    """Return a mask of the rows that share a node with one of the others."""
    ends = np.concatenate([links.a[others], links.b[others]])
    return np.isin(links.a[rows], ends) | np.isin(links.b[rows], ends)
