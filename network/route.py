"""Routes: from a request to legs, bands and evidence, or a refusal that says what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

from geo.basenet import nearest_on_line
from geo.errors import RequestError, RouteRefusedError
from geo.geodesy import Coords, LonLat, distance_m, haversine_m, segment_lengths_m
from layers.catalogue import Catalogue
from layers.schema import Mode, PlaceKind
from network.bands import Band, bands
from network.costs import CostModel, Objective, build_cost_model
from network.request import COMMODITY_MODES, Request, usable_links
from network.search import Access, Step, shortest_path
from network.table import Ints, LinkKind, Network

# a point given by coordinates must lie this near a road or railway
_POINT_REACH_KM = 50.0
# a port or airport this near to a city is the city's own: Alat is 70 km from Baku, Yangshan as far from Shanghai
_OWN_TERMINAL_KM = 75.0
# a second route must leave the first on at least this part of its length
MAX_OVERLAP = 0.7
_TERMINAL_MODES = frozenset({Mode.SEA.value, Mode.FERRY.value, Mode.AIR.value})
_STANDING = frozenset({LinkKind.GAUGE_CHANGE.value, LinkKind.TRANSFER.value})
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a route starts or ends: a catalogue place, or any point."""

    id: str
    name: str
    lon: float
    lat: float
    is_place: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """Consecutive links of one kind; hours and costs are central values."""

    kind: str
    start: str
    end: str
    countries: tuple[str, ...]
    distance_km: float
    time_h: float
    cost_usd_per_teu: float
    co2_kg_per_teu: float
    gauge_mm: int | None
    lines: tuple[str, ...]
    crossing: str
    assumed: bool
    claims: tuple[str, ...]
    """Parameter ids its hours and costs rest on."""
    coords: Coords
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One way from origin to destination."""

    rank: int
    distance_km: float
    time_h: Band
    cost_usd_per_teu: Band
    co2_kg_per_teu: float
    countries: tuple[str, ...]
    evidence_share: float
    legs: tuple[Leg, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request."""

    origin: Endpoint
    destination: Endpoint
    request: Request
    routes: tuple[Route, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Router:
    """Answers requests on one network; holds no choice of any request."""

    network: Network
    catalogue: Catalogue

    @cached_property
    def costs(self) -> CostModel:
        """The cost model of the network."""
        return build_cost_model(self.network, self.catalogue)

    def route(
        self,
        origin: Endpoint,
        destination: Endpoint,
        request: Request,
        *,
        via: Sequence[Endpoint] = (),
        alternatives: int = 1,
    ) -> Answer:
        """Return the best route and up to ``alternatives - 1`` others that really differ.

        Raises
        ------
        RouteRefusedError
            There is no such route; the message says what blocks it and what would open it.
        RequestError
            The request contradicts itself.
        """
        _check(origin, destination, request)
        usable = usable_links(self.network, self.catalogue, request)
        weights = self.costs.weights(request.objective)
        stops = [origin, *via, destination]
        found: list[list[Step]] = []
        penalised = weights
        for _ in range(max(alternatives, 1) * 4):
            steps = self._through(stops, usable, penalised, request)
            if steps is None:
                break
            if all(self._overlap(steps, other) <= MAX_OVERLAP for other in found):
                found.append(steps)
            if len(found) >= alternatives:
                break
            penalised = penalised.copy()
            penalised[[step.link for step in steps]] = (penalised[[step.link for step in steps]] * 1.5 + 1).astype(
                np.int64
            )
        if not found:
            raise RouteRefusedError(self._refusal(stops, request))
        routes = tuple(self._describe(steps, rank + 1) for rank, steps in enumerate(found))
        notes = self._notes(request, routes, alternatives)
        return Answer(origin, destination, request, routes, notes)

    def pareto(self, origin: Endpoint, destination: Endpoint, request: Request) -> Answer:
        """Return routes of which none is both slower and dearer than another, fastest first."""
        _check(origin, destination, request)
        usable = usable_links(self.network, self.catalogue, request)
        hours, cents = (self.costs.weights(kind).astype(np.float64) for kind in (Objective.TIME, Objective.COST))
        found: dict[tuple[int, ...], list[Step]] = {}
        # an hour is worth from nothing to 100 USD per TEU (seconds against cents: ÷ 36 per USD/h)
        for value in (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 100.0):
            weights = np.maximum(np.rint(cents + hours * value / 36.0), 1.0).astype(np.int64)
            steps = self._through([origin, destination], usable, weights, request)
            if steps is None:
                raise RouteRefusedError(self._refusal([origin, destination], request))
            found[tuple(step.link for step in steps)] = steps
        routes = [self._describe(steps, 0) for steps in found.values()]
        routes.sort(key=lambda route: (sum(leg.time_h for leg in route.legs), route.distance_km))
        front: list[Route] = []
        for route in routes:
            if not front or _usd(route) < _usd(front[-1]) - 0.5:
                front.append(replace(route, rank=len(front) + 1))
        return Answer(origin, destination, request, tuple(front), ("routes on the time × cost Pareto front",))

    def _through(
        self, stops: Sequence[Endpoint], usable: npt.NDArray[np.bool_], weights: Ints, request: Request
    ) -> list[Step] | None:
        """Return steps through all stops in order, or None where one stretch has no path."""
        steps: list[Step] = []
        for start, end in pairwise(stops):
            part = shortest_path(
                self.network,
                weights,
                usable,
                self.accesses(start, request, usable),
                self.accesses(end, request, usable),
            )
            if part is None:
                return None
            steps.extend(part)
        return steps

    def accesses(self, point: Endpoint, request: Request, usable: npt.NDArray[np.bool_]) -> list[Access]:
        """Return how an endpoint reaches the network under a request.

        Raises
        ------
        RouteRefusedError
            It stands on no network of the allowed modes.
        """
        if point.is_place:
            allowed = {mode.value for mode in request.modes}
            nodes = [*self.network.nodes_of_place.get(point.id, ()), *self._own_terminal_nodes(point.id)]
            found = [Access(node) for node in nodes if self.network.nodes.mode[node] in allowed]
        else:
            found = self._nearest_links((point.lon, point.lat), request, usable)
        if not found:
            raise RouteRefusedError(
                f"{point.name} ({point.lon:.3f}, {point.lat:.3f}) stands on no network of the modes "
                f"{', '.join(request.modes)} within reach; {self._nearest_hint(point, request)}"
            )
        return found

    def _own_terminal_nodes(self, place_id: str) -> list[int]:
        """Return the ship and aircraft nodes of a city's own ports and airports: there boxes are handed over."""
        city = self.catalogue.places[place_id]
        if city.kind is not PlaceKind.CITY:
            return []
        near = sorted(
            terminal.place
            for terminal in self.catalogue.terminals
            if (place := self.catalogue.places[terminal.place]).country == city.country
            and place.kind in (PlaceKind.PORT, PlaceKind.AIRPORT)
            and distance_m((city.lon, city.lat), (place.lon, place.lat)) <= _OWN_TERMINAL_KM * 1000
        )
        mode = self.network.nodes.mode
        nodes = [node for place in near for node in self.network.nodes_of_place.get(place, ())]
        return [node for node in nodes if mode[node] in _TERMINAL_MODES]

    def _nearest_links(self, lon_lat: LonLat, request: Request, usable: npt.NDArray[np.bool_]) -> list[Access]:
        """Return the nearest usable link of each land mode within reach."""
        links = self.network.links
        found = []
        for mode in (Mode.RAIL, Mode.ROAD):
            if mode not in request.modes:
                continue
            candidates = np.flatnonzero(usable & links.kind.matches(mode.value.__eq__))
            best: tuple[float, int, int, LonLat] | None = None
            for link in self._links_near(candidates, lon_lat):
                segment, foot, metres = nearest_on_line(links.shape(link), lon_lat)
                if metres <= _POINT_REACH_KM * 1000 and (best is None or metres < best[0]):
                    best = (metres, link, segment, foot)
            if best is not None:
                _, link, segment, foot = best
                found.append(Access(-1, link, _share(links.shape(link), segment, foot)))
        return found

    def _links_near(self, candidates: npt.NDArray[np.intp], lon_lat: LonLat) -> list[int]:
        """Return candidates with a vertex, or the run between two, possibly within reach."""
        west, south, east, north = self._boxes
        reach = _POINT_REACH_KM / 111.2
        wide = reach / max(np.cos(np.radians(lon_lat[1])), 0.1)
        lon, lat = lon_lat
        near = (west <= lon + wide) & (east >= lon - wide) & (south <= lat + reach) & (north >= lat - reach)
        return [int(link) for link in candidates[near[candidates]]]

    @cached_property
    def _boxes(self) -> tuple[npt.NDArray[np.float64], ...]:
        links = self.network.links
        start = links.shape_offsets[:-1]
        low = np.minimum.reduceat(links.shape_coords, start, axis=0)
        high = np.maximum.reduceat(links.shape_coords, start, axis=0)
        return low[:, 0], low[:, 1], high[:, 0], high[:, 1]

    def _nearest_hint(self, point: Endpoint, request: Request) -> str:
        nodes = self.network.nodes
        allowed = frozenset(mode.value for mode in request.modes)
        named = np.flatnonzero(nodes.mode.is_in(allowed) & nodes.place.matches(bool))
        if not len(named):
            return "no place has these modes"
        metres = haversine_m(nodes.lon[named], nodes.lat[named], (point.lon, point.lat))
        best = int(metres.argmin())
        place = self.catalogue.places[nodes.place[int(named[best])]]
        return f"the nearest place that does is {place.name_en}, {metres[best] / 1000:.0f} km away"

    def _overlap(self, steps: Sequence[Step], other: Sequence[Step]) -> float:
        known = {step.link for step in other}
        length = self.network.links.length_m
        total = sum(float(length[step.link]) for step in steps)
        shared = sum(float(length[step.link]) for step in steps if step.link in known)
        return shared / total if total else 1.0

    # description

    def _describe(self, steps: Sequence[Step], rank: int) -> Route:
        central = self.costs.values()
        hours, usd, co2 = self.costs.hours(central), self.costs.usd(central), self.costs.co2_kg(central)
        amounts = {"hours": hours, "usd": usd, "co2": co2}
        legs = [self._leg(list(group), amounts) for _, group in groupby(steps, key=self._leg_key)]
        legs = _name_ends(legs)
        time_h, cost = bands(self.costs, steps)
        total_h = sum(leg.time_h for leg in legs)
        sourced_h = sum(self._sourced_hours(step) for step in steps)
        countries: dict[str, None] = {}
        for leg in legs:
            countries |= dict.fromkeys(leg.countries)
        return Route(
            rank=rank,
            distance_km=sum(leg.distance_km for leg in legs),
            time_h=time_h,
            cost_usd_per_teu=cost,
            co2_kg_per_teu=sum(leg.co2_kg_per_teu for leg in legs),
            countries=tuple(countries),
            evidence_share=min(sourced_h / total_h, 1.0) if total_h else 0.0,
            legs=tuple(legs),
            steps=tuple(steps),
        )

    def _leg_key(self, step: Step) -> tuple[str, str, int, str]:
        """Links with one key make one leg; every border, change and transfer stands alone."""
        links = self.network.links
        kind = links.kind[step.link]
        stands_alone = kind == LinkKind.BORDER.value or kind in _STANDING
        country = "" if kind in (LinkKind.SEA.value, LinkKind.PIPELINE.value) else links.country[step.link]
        return kind, links.mode[step.link], int(links.gauge_mm[step.link]), str(step.link) if stands_alone else country

    def _leg(self, steps: list[Step], amounts: dict[str, npt.NDArray[np.float64]]) -> Leg:
        links = self.network.links
        kind = links.kind[steps[0].link]
        share = np.asarray([step.share for step in steps])
        rows = [step.link for step in steps]
        is_standing = kind in _STANDING
        countries: dict[str, None] = {}
        for step in steps:
            codes = links.country[step.link] or links.countries[step.link]
            countries |= dict.fromkeys(self._in_order(step, [code for code in codes.split(";") if code]))
        used = self._parameters(rows)
        return Leg(
            kind=kind,
            start=self._node_name(steps[0], at_start=True),
            end=self._node_name(steps[-1], at_start=False),
            countries=tuple(countries),
            distance_km=0.0 if is_standing else float((links.length_m[rows] * share).sum()) / 1000,
            time_h=float((amounts["hours"][rows] * share).sum()),
            cost_usd_per_teu=float((amounts["usd"][rows] * share).sum()),
            co2_kg_per_teu=0.0 if is_standing else float((amounts["co2"][rows] * share).sum()),
            gauge_mm=int(links.gauge_mm[rows[0]]) or None,
            lines=tuple(dict.fromkeys(name for row in rows for name in links.lines[row].split(";") if name)),
            crossing=links.crossing[rows[0]] if kind in (LinkKind.BORDER.value, LinkKind.GAUGE_CHANGE.value) else "",
            assumed=any(self.costs.parameters[row].source == ASSUMED for row in used),
            claims=tuple(self.costs.parameters[row].id for row in used),
            coords=_join([self._coords(step) for step in steps]),
            steps=tuple(steps),
        )

    def _in_order(self, step: Step, codes: list[str]) -> list[str]:
        """Put the two countries of a border in the order of travel."""
        nodes, links = self.network.nodes, self.network.links
        first = nodes.country[int(links.b[step.link] if step.is_backward else links.a[step.link])]
        return sorted(codes, key=lambda code: (code != first, code))

    def _parameters(self, rows: Sequence[int]) -> list[int]:
        """Return the rows of the parameters that hours and costs of some links rest on, in table order."""
        used = {
            int(row)
            for quantity in ("speed", "hours", "wait", "tariff", "fee")
            for row in self.costs.use[quantity][list(rows)]
            if row >= 0
        }
        return sorted(used)

    def _sourced_hours(self, step: Step) -> float:
        """Return the central hours of a step whose parameter has a source."""
        costs = self.costs
        hours = 0.0
        speed = int(costs.use["speed"][step.link])
        if speed >= 0 and costs.parameters[speed].source != ASSUMED:
            hours += float(costs.length_km[step.link]) * step.share / costs.parameters[speed].central
        for quantity in ("hours", "wait"):
            row = int(costs.use[quantity][step.link])
            if row >= 0 and costs.parameters[row].source != ASSUMED:
                hours += costs.parameters[row].central * step.share
        return hours

    def _coords(self, step: Step) -> Coords:
        shape = self.network.links.shape(step.link)
        if step.share == 1.0:
            return shape[::-1] if step.is_backward else shape
        part = _between(shape, min(step.start, step.end), max(step.start, step.end))
        return part[::-1] if step.is_backward else part

    def _node_name(self, step: Step, *, at_start: bool) -> str:
        """Return the place at an end of a step, ``""`` at a plain node or in the middle of a link."""
        at = step.start if at_start else step.end
        if at not in (0.0, 1.0):
            return ""
        links = self.network.links
        node = int(links.a[step.link] if at == 0.0 else links.b[step.link])
        place = self.network.nodes.place[node]
        return self.catalogue.places[place].name_en if place else ""

    def _notes(self, request: Request, routes: Sequence[Route], alternatives: int) -> tuple[str, ...]:
        notes = []
        if request.commodity == "container" and Mode.AIR not in request.modes:
            notes.append("air is left out unless asked for with modes")
        if len(routes) < alternatives:
            notes.append(
                f"only {len(routes)} route(s) found that share at most {MAX_OVERLAP:.0%} of their length with another"
            )
        unbuilt = sorted(
            {
                name
                for route in routes
                for step in route.steps
                if self.network.links.status[step.link] != "open"
                for name in self.network.links.lines[step.link].split(";")
                if name
            }
        )
        if unbuilt:
            notes.append(f"runs over lines not open today: {', '.join(unbuilt)}")
        return tuple(notes)

    def _refusal(self, stops: Sequence[Endpoint], request: Request) -> str:
        """Say what blocks a request, by loosening one condition at a time until a route appears."""
        asked = f"no route from {stops[0].name} to {stops[-1].name} by {', '.join(request.modes)}"
        if request.avoid:
            asked += f" avoiding {', '.join(request.avoid)}"
        remedies = [text for text, looser in self._loosened(request) if self._has_route(stops, looser)]
        if not remedies:
            return f"{asked} in {request.year}: no single condition opens it"
        return f"{asked} in {request.year}; it opens if you {' or '.join(remedies[:3])}"

    def _loosened(self, request: Request) -> list[tuple[str, Request]]:
        modes = COMMODITY_MODES[request.commodity]
        options = [
            (f"allow {target}", replace(request, avoid=tuple(t for t in request.avoid if t != target)))
            for target in request.avoid
        ]
        options += [
            (f"add {mode} to the modes", replace(request, modes=(*request.modes, mode)))
            for mode in modes
            if mode not in request.modes
        ]
        if set(modes) > set(request.modes):
            options.append(("allow all modes", replace(request, modes=modes)))
        options += [
            (f"open {line.id} ({line.status})", replace(request, opened=(*request.opened, line.id)))
            for line in self.catalogue.lines.values()
            if line.status != "open" and line.mode in request.modes
        ]
        return options

    def _has_route(self, stops: Sequence[Endpoint], request: Request) -> bool:
        usable = usable_links(self.network, self.catalogue, request)
        weights = np.ones(len(self.network.links), dtype=np.int64)
        try:
            return self._through(stops, usable, weights, request) is not None
        except RouteRefusedError:
            return False


def _check(origin: Endpoint, destination: Endpoint, request: Request) -> None:
    known: Callable[[Mode], bool] = COMMODITY_MODES[request.commodity].__contains__
    wrong = [mode.value for mode in request.modes if not known(mode)]
    if wrong:
        raise RequestError(f"{request.commodity} does not travel by {', '.join(wrong)}")
    if origin == destination:
        raise RequestError(f"origin and destination are both {origin.name}")


def _usd(route: Route) -> float:
    return sum(leg.cost_usd_per_teu for leg in route.legs)


def _share(coords: Coords, segment: int, foot: LonLat) -> float:
    lengths = segment_lengths_m(coords)
    part = segment_lengths_m(np.asarray([coords[segment], foot]))[0]
    return float(min((lengths[:segment].sum() + part) / max(lengths.sum(), 1e-9), 1.0))


def _between(coords: Coords, start: float, end: float) -> Coords:
    """Return the part of a polyline between two shares of its length."""
    lengths = segment_lengths_m(coords)
    along = np.concatenate([[0.0], np.cumsum(lengths)]) / max(lengths.sum(), 1e-9)
    ends = [[np.interp(at, along, coords[:, axis]) for axis in (0, 1)] for at in (start, end)]
    inner = coords[(along > start) & (along < end)]
    return np.concatenate([[ends[0]], inner, [ends[1]]])


def _join(pieces: Sequence[Coords]) -> Coords:
    joined = np.concatenate(pieces)
    fresh = np.concatenate([[True], (np.diff(joined, axis=0) != 0).any(axis=1)])
    kept = joined[fresh]
    return kept if len(kept) > 1 else joined[[0, -1]]


def _name_ends(legs: Sequence[Leg]) -> list[Leg]:
    """Name the nameless ends of legs after the border or place they meet."""
    named = list(legs)
    for place, leg in enumerate(named):
        start, end = leg.start, leg.end
        if not start:
            start = named[place - 1].end if place else f"{leg.coords[0][0]:.3f},{leg.coords[0][1]:.3f}"
        if not end:
            following = named[place + 1] if place + 1 < len(named) else None
            border = leg if leg.kind == LinkKind.BORDER.value else following
            if following is not None and following.start:
                end = following.start
            elif border is not None and border.kind == LinkKind.BORDER.value:
                end = f"border {'–'.join(border.countries)}"
            else:
                end = f"{leg.coords[-1][0]:.3f},{leg.coords[-1][1]:.3f}"
        named[place] = replace(leg, start=start, end=end)
    return named
