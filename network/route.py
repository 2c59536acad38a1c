"""Routes: from a request to legs, bands and evidence, or a refusal that says what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import RequestError, RouteRefusedError
from layers.catalogue import Catalogue
from layers.disputed import disputed_shapes
from layers.imported import STATED
from layers.schema import DisputedArea, Mode
from network.access import AccessFinder, Endpoint
from network.bands import best_shares, draw_amounts
from network.costs import CostModel, Objective, build_cost_model
from network.effects import costs_under
from network.engine import MAX_WEIGHT, DijkstraEngine, Engine, Metric
from network.legs import Describer, Route
from network.refusal import Refusal, contradiction
from network.request import COMMODITY_MODES, Request, usable_links
from network.search import Step
from network.state import State
from network.table import Floats, Ints, Network

# a second route must leave the first on at least this part of its length
MAX_OVERLAP = 0.7
# a state holds some megabytes of weights and its metric
_STATES_KEPT = 16


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
    engine: Engine | None = None
    """What finds the paths; SciPy's Dijkstra unless given."""

    @cached_property
    def costs(self) -> CostModel:
        """The cost model of the network."""
        return build_cost_model(self.network, self.catalogue)

    @cached_property
    def access(self) -> AccessFinder:
        """Finds how endpoints reach the network."""
        return AccessFinder(self.network, self.catalogue)

    def costs_of(self, request: Request) -> CostModel:
        """Return the cost model with the effects of the request's scenario laid over it."""
        return self.under(request).costs

    def under(self, request: Request) -> State:
        """Return the network under a request; of the last few requests it is remembered, equal requests share it."""
        return self._states(request)

    @cached_property
    def _states(self) -> Callable[[Request], State]:
        return lru_cache(maxsize=_STATES_KEPT)(self._new_state)

    def _new_state(self, request: Request) -> State:
        usable = usable_links(self.network, self.catalogue, request)
        costs = costs_under(self.costs, self.network, self.catalogue, request.effects)
        return State(self.network, self.engine or DijkstraEngine(self.network), request, usable, costs)

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
        stops = [origin, *via, destination]
        self._check(stops, request)
        state = self.under(request)
        found: list[list[Step]] = []
        metric, penalised = state.metric, state.weights
        for _ in range(max(alternatives, 1) * 4):
            steps = self._through(stops, state, metric, penalised)
            if steps is None:
                break
            if all(self._overlap(steps, other) <= MAX_OVERLAP for other in found):
                found.append(steps)
            if len(found) >= alternatives:
                break
            run = [step.link for step in steps]
            penalised = penalised.copy()
            penalised[run] = np.minimum(penalised[run] * 1.5 + 1, MAX_WEIGHT).astype(np.int64)
            metric = state.engine.metric(penalised, state.usable)
        if not found:
            raise RouteRefusedError(self._refusal(stops, request))
        describer = Describer(self.catalogue, state)
        routes = _against_each_other(
            state.costs, [describer.describe(steps, rank) for rank, steps in enumerate(found, start=1)]
        )
        notes = self._notes(state, routes, alternatives)
        return Answer(origin, destination, request, routes, notes)

    def pareto(self, origin: Endpoint, destination: Endpoint, request: Request) -> Answer:
        """Return routes of which none is both slower and dearer than another, fastest first."""
        self._check([origin, destination], request)
        state = self.under(request)
        hours, cents = (state.costs.weights(kind).astype(np.float64) for kind in (Objective.TIME, Objective.COST))
        found: dict[tuple[int, ...], list[Step]] = {}
        # an hour is worth from nothing to 100 USD per TEU (seconds against cents: ÷ 36 per USD/h)
        for value in (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 100.0):
            weights = np.maximum(np.rint(cents + hours * value / 36.0), 1.0).astype(np.int64)
            steps = self._through([origin, destination], state, state.engine.metric(weights, state.usable), weights)
            if steps is None:
                raise RouteRefusedError(self._refusal([origin, destination], request))
            found[tuple(step.link for step in steps)] = steps
        describer = Describer(self.catalogue, state)
        routes = [describer.describe(steps, 0) for steps in found.values()]
        routes.sort(key=lambda route: (sum(leg.time_h for leg in route.legs), route.distance_km))
        front: list[Route] = []
        for route in routes:
            if not front or _usd(route) < _usd(front[-1]) - 0.5:
                front.append(replace(route, rank=len(front) + 1))
        compared = _against_each_other(state.costs, front)
        return Answer(origin, destination, request, compared, ("routes on the time × cost Pareto front",))

    def _check(self, stops: Sequence[Endpoint], request: Request) -> None:
        check_request(request)
        for start, end in pairwise(stops):
            if start == end:
                raise RequestError(f"origin and destination are both {start.name}")
        if fault := contradiction(self.catalogue, stops, request):
            raise RouteRefusedError(fault)

    def _through(self, stops: Sequence[Endpoint], state: State, metric: Metric, weights: Ints) -> list[Step] | None:
        """Return steps through all stops in order, or None where one stretch has no path.

        One stretch starts where the one before it ended: who changes mode or gauge at a stop does so over its links.
        """
        ends = [self.access.accesses(stop, state.request, state.usable) for stop in stops]
        if len(ends) == 2:
            return metric.path(*ends)
        best: list[tuple[float, list[Step]]] = [(0.0, []) for _ in ends[0]]
        for start, end in pairwise(ends):
            reached = []
            for target in end:
                ways = [
                    (weight + sum(float(weights[step.link]) * step.share for step in part), [*before, *part])
                    for (weight, before), source in zip(best, start, strict=True)
                    if np.isfinite(weight) and (part := metric.path([source], [target])) is not None
                ]
                reached.append(min(ways, key=lambda way: way[0], default=(np.inf, [])))
            best = reached
        total, steps = min(best, key=lambda way: way[0])
        return steps if np.isfinite(total) else None

    def _overlap(self, steps: Sequence[Step], other: Sequence[Step]) -> float:
        known = {step.link for step in other}
        length = self.network.links.length_m
        total = sum(float(length[step.link]) for step in steps)
        shared = sum(float(length[step.link]) for step in steps if step.link in known)
        return shared / total if total else 1.0

    def _notes(self, state: State, routes: Sequence[Route], alternatives: int) -> tuple[str, ...]:
        notes = []
        request, links = state.request, self.network.links
        if state.engine.name != "cch" and self.engine is not None:
            notes.append("searched with SciPy's Dijkstra: pyroutingkit has no build for this platform")
        if request.commodity == "container" and Mode.AIR not in request.modes:
            notes.append("air is left out unless asked for with modes")
        if len(routes) < alternatives:
            notes.append(
                f"only {len(routes)} route(s) found that share at most {MAX_OVERLAP:.0%} of their length with another"
            )
        notes += [f"passes {area.name_en}, whose status is disputed ({area.source})" for area in self._passed(routes)]
        run = np.asarray([step.link for route in routes for step in route.steps], dtype=np.int64)
        unopened = links.lines.codes[run[links.status.matches(lambda status: status != "open", run)]]
        unbuilt = sorted({name for code in unopened.tolist() for name in links.lines.words[code].split(";") if name})
        if request.effects:
            notes.append(f"hours or tariffs changed by scenario {request.scenario} count as assumed")
        if unbuilt:
            notes.append(f"runs over lines not open today: {', '.join(unbuilt)}")
        passed = np.unique(links.crossing.codes[run]).tolist() if self.catalogue.imports else []
        stated = [word for code in passed if (word := links.crossing.words[code]).startswith(STATED)]
        if stated:
            notes.append(f"assumes what its study states of borders and gauges: {', '.join(stated)}")
        return tuple(notes)

    def _passed(self, routes: Sequence[Route]) -> list[DisputedArea]:
        """Return the disputed areas that routes touch; the boxes of both rule out most."""
        courses = [leg.coords for route in routes for leg in route.legs]
        begins = np.cumsum([0, *(len(course) for course in courses[:-1])])
        points = np.concatenate(courses)
        low, high = (edge.reduceat(points, begins) for edge in (np.minimum, np.maximum))
        areas, shapes, boxes = self._disputed
        found = []
        for area, shape, (west, south, east, north) in zip(areas, shapes, boxes, strict=True):
            is_near = (low <= (east, north)).all(axis=1) & (high >= (west, south)).all(axis=1)
            near = [shapely.LineString(courses[leg]) for leg in np.flatnonzero(is_near).tolist()]
            if shapely.intersects(shape, near).any():
                found.append(area)
        return found

    @cached_property
    def _disputed(self) -> tuple[tuple[DisputedArea, ...], tuple[BaseGeometry, ...], Floats]:
        found = list(disputed_shapes(self.catalogue))
        shapes = tuple(shape for _, shape in found)
        shapely.prepare(shapes)
        return tuple(area for area, _ in found), shapes, shapely.bounds(shapes)

    def _refusal(self, stops: Sequence[Endpoint], request: Request) -> str:
        return Refusal(self.network, self.catalogue, self.access, stops, request).sentence()


def check_request(request: Request) -> None:
    """Refuse modes that do not carry the commodity.

    Raises
    ------
    RequestError
        One of the modes does not.
    """
    known: Callable[[Mode], bool] = COMMODITY_MODES[request.commodity].__contains__
    wrong = [mode.value for mode in request.modes if not known(mode)]
    if wrong:
        raise RequestError(f"{request.commodity} does not travel by {', '.join(wrong)}")


def _usd(route: Route) -> float:
    return sum(leg.cost_usd_per_teu for leg in route.legs)


def _against_each_other(costs: CostModel, routes: Sequence[Route]) -> tuple[Route, ...]:
    """Say of each route how probably it is the best of several, with the same draws for all."""
    if len(routes) < 2:
        return tuple(routes)
    hours, usd = zip(*(draw_amounts(costs, route.steps) for route in routes), strict=True)
    return tuple(
        replace(route, probability_fastest=fastest, probability_cheapest=cheapest)
        for route, fastest, cheapest in zip(routes, best_shares(hours), best_shares(usd), strict=True)
    )
