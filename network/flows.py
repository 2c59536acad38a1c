"""How much gas or oil pipelines can bring from some places to others, and which of them binds: max flow, min cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np

from geo.errors import RequestError, RouteRefusedError
from layers.catalogue import Catalogue
from layers.claims import adopted
from layers.schema import Claim, Line, PlaceKind, Status
from network.endpoint import resolve_endpoint
from network.request import Request, links_of_line
from network.route import Router, check_request

UNITS = {"gas": "bcm/y", "oil": "Mt/y"}
# 7.33 barrels of average crude weigh a tonne (source reference-nd-tonnes-barrels)
_MT_Y_PER_MILLION_BARRELS_DAY = 365 / 7.33
_SCALE = 1000
"""The flow is found in whole thousandths of a unit."""
_BOUNDLESS = 10**9
_SOURCE, _SINK = "source", "sink"
_READ_AS = (
    "what pipes can carry in a year of full use, from sources that give whatever is asked: not what is contracted or "
    "produced, nothing taken off on the way, and pipelines that share a place joined there"
)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a pipeline can carry in a year, and who says so."""

    value: float | None
    """bcm/y or Mt/y; None where nobody has published it: the flow is then not bounded by this line."""
    basis: str
    """``published``, ``planned``, ``scenario`` or ``unknown``."""
    source: str
    reverse: float = 0.0
    """Against the order in which its waypoints are listed."""


@dataclass(frozen=True, slots=True)
class LineFlow:
    """A pipeline with what runs through it in one greatest flow."""

    line: str
    name: str
    flow: float
    capacity: Capacity
    is_binding: bool = False
    """It is in the smallest cut: without more here nothing more arrives."""
    relief: float | None = None
    """What more would arrive if this line alone had no limit; None unless it binds."""

    @property
    def is_full(self) -> bool:
        """True where it carries all it can."""
        return self.capacity.value is not None and self.flow >= self.capacity.value - 1.5 / _SCALE


@dataclass(frozen=True, slots=True)
class Terminus:
    """A place at which flow enters or leaves."""

    id: str
    name: str
    country: str
    flow: float


@dataclass(frozen=True)
class Flow:
    """The greatest flow from sources to destinations."""

    request: Request
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    total: float | None
    """In the commodity's unit; None where a chain of lines of unknown capacity leaves it without a limit."""
    lines: tuple[LineFlow, ...]
    """Lines that carry something, most first."""
    entries: tuple[Terminus, ...]
    deliveries: tuple[Terminus, ...]

    @property
    def unit(self) -> str:
        """Unit of all amounts."""
        return UNITS[self.request.commodity]

    @property
    def binding(self) -> tuple[LineFlow, ...]:
        """The lines of the smallest cut nearest to the destinations."""
        return tuple(line for line in self.lines if line.is_binding)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Lines that carry flow and whose capacity nobody has published: the total is then at most what is said."""
        return tuple(line.line for line in self.lines if line.capacity.value is None)


def capacity_of(catalogue: Catalogue, line: Line, request: Request, claims: Sequence[Claim]) -> Capacity:
    """Return what a pipeline can carry under a request: of its scenario, else as claimed for a line of its status."""
    found = adopted(claims, catalogue.sources)
    reverse = _amount(found.get("capacity-reverse")) or 0.0
    for name, value in request.effects.capacities:
        if name == line.id:
            return Capacity(value, "scenario", request.scenario, reverse)
    planned = (("capacity-planned", "planned"), ("capacity", "planned"))
    built = (("capacity", "published"), ("capacity-barrels", "published"))
    for attribute, basis in built if line.status in (Status.OPEN, Status.SUSPENDED, Status.CLOSED) else planned:
        value_or_none = _amount(found.get(attribute))
        if value_or_none is not None:
            return Capacity(value_or_none, basis, found[attribute].source, reverse)
    return Capacity(None, "unknown", "", reverse)


def _amount(claim: Claim | None) -> float | None:
    """Return a claimed amount in the commodity's unit; the middle of a range."""
    if claim is None:
        return None
    try:
        value = float(claim.value)
    except ValueError:
        if claim.low is None or claim.high is None:
            return None
        value = (claim.low + claim.high) / 2
    return value * _MT_Y_PER_MILLION_BARRELS_DAY if claim.unit == "million barrels/day" else value


@dataclass(frozen=True)
class Pipes:
    """The pipelines of one commodity that may run under a request, as a directed graph with capacities."""

    router: Router
    request: Request

    @cached_property
    def capacities(self) -> Mapping[str, Capacity]:
        """Line → what it can carry, for every line of the commodity."""
        catalogue = self.router.catalogue
        claims: dict[str, list[Claim]] = {}
        for claim in catalogue.claims:
            claims.setdefault(claim.subject, []).append(claim)
        return {
            line.id: capacity_of(catalogue, line, self.request, claims.get(f"line:{line.id}", ()))
            for line in catalogue.lines.values()
            if line.mode in self.request.modes
        }

    @cached_property
    def arcs(self) -> tuple[tuple[int, int, str, int], ...]:
        """Usable links in the order their lines list their waypoints: tail, head, line, link."""
        network = self.router.network
        usable = self.router.under(self.request).usable
        found = []
        for line in self.capacities:
            order = {place: rank for rank, place in enumerate(_waypoints(self.router.catalogue.lines[line]))}
            for link in np.flatnonzero(links_of_line(network, line) & usable).tolist():
                a, b = int(network.links.a[link]), int(network.links.b[link])
                first, second = (order.get(network.nodes.place[node], 0) for node in (a, b))
                found.append((a, b, line, link) if first <= second else (b, a, line, link))
        return tuple(found)

    @cached_property
    def nodes(self) -> frozenset[int]:
        """Nodes at which an open pipe of the commodity begins or ends."""
        return frozenset(node for tail, head, *_ in self.arcs for node in (tail, head))

    @cached_property
    def heads(self) -> tuple[int, ...]:
        """Nodes from which everything comes: fields, and terminals and stations where pipes only begin."""
        places, place = self.router.catalogue.places, self.router.network.nodes.place
        fed = {head for _, head, *_ in self.arcs}
        fed |= {tail for tail, _, line, _ in self.arcs if self.capacities[line].reverse}
        fields = {node for node in self.nodes if places[place[node]].kind is PlaceKind.FIELD}
        return tuple(sorted({tail for tail, *_ in self.arcs} - fed | fields))

    def graph(self, sources: Iterable[int], sinks: Iterable[int], *, boundless: str = "") -> nx.DiGraph[object]:
        """Return the graph with every link split in two, so that parallel links stay apart."""
        graph: nx.DiGraph[object] = nx.DiGraph()
        graph.add_nodes_from((_SOURCE, _SINK))
        for tail, head, line, link in self.arcs:
            capacity = self.capacities[line]
            limit = _BOUNDLESS if capacity.value is None or line == boundless else round(capacity.value * _SCALE)
            # among equal flows the one over the least pipe is told: no rounds, no detours
            length_km = round(float(self.router.network.links.length_m[link]) / 1000)
            graph.add_edge(tail, ("link", link), capacity=limit, weight=length_km)
            graph.add_edge(("link", link), head, capacity=limit)
            if capacity.reverse:
                back = round(capacity.reverse * _SCALE)
                graph.add_edge(head, ("back", link), capacity=back, weight=length_km)
                graph.add_edge(("back", link), tail, capacity=back)
        for node in sources:
            graph.add_edge(_SOURCE, node, capacity=_BOUNDLESS)
        for node in sinks:
            graph.add_edge(node, _SINK, capacity=_BOUNDLESS)
        return graph


def find_flow(router: Router, request: Request, sources: Sequence[str], targets: Sequence[str]) -> Flow:
    """Return the greatest flow of gas or oil from some places or countries to others.

    Parameters
    ----------
    sources
        Places, or country codes or groups (their pipes); none means wherever an open pipe begins outside the targets.
    targets
        Places, country codes or groups. Into a country flows what passes its first stretch of pipe, or what a line
        claims to hand over at its border (claim ``delivers-to``).

    Raises
    ------
    RequestError
        The commodity is not gas or oil, no target is given, or a place is source and target.
    NameNotFoundError
        A name is no place, country or group.
    RouteRefusedError
        A source or target stands on no open pipeline of the commodity, or no chain of pipes joins them.
    """
    check_request(request)
    if request.commodity not in UNITS:
        raise RequestError(f"flows are of gas or oil, not of {request.commodity}: containers have no pipes")
    if not targets:
        raise RequestError("a flow needs somewhere to go: give --to with places, a country such as CHN, or a group")
    pipes = Pipes(router, request)
    sinks = _sinks(pipes, targets)
    starts = _starts(pipes, sources, sinks, targets)
    graph = pipes.graph(starts, sinks)
    total = int(nx.maximum_flow_value(graph, _SOURCE, _SINK))
    if not total:
        raise RouteRefusedError(_refusal(pipes, sources, targets))
    if total >= _BOUNDLESS:
        return Flow(request, _names(pipes, starts, sources), tuple(targets), None, (), (), ())
    flows = nx.max_flow_min_cost(graph, _SOURCE, _SINK)
    lines = _line_flows(pipes, flows, _cut_lines(graph, pipes))
    relieved = tuple(
        replace(one, relief=_relief(pipes, starts, sinks, one.line, total)) if one.is_binding else one for one in lines
    )
    entries = _termini(pipes, {node: flows[_SOURCE].get(node, 0) for node in starts})
    deliveries = _termini(pipes, {node: flows[node].get(_SINK, 0) for node in sinks if node in flows})
    return Flow(request, _names(pipes, starts, sources), tuple(targets), total / _SCALE, relieved, entries, deliveries)


def _relief(pipes: Pipes, starts: Iterable[int], sinks: Iterable[int], line: str, total: int) -> float | None:
    more = int(nx.maximum_flow_value(pipes.graph(starts, sinks, boundless=line), _SOURCE, _SINK)) - total
    return None if more >= _BOUNDLESS // 2 else more / _SCALE


def _cut_lines(graph: nx.DiGraph[object], pipes: Pipes) -> frozenset[str]:
    """Return the lines of the smallest cut that lies nearest to the sink."""
    _, (reachable, rest) = nx.minimum_cut(graph, _SOURCE, _SINK)
    line_of = {link: line for *_, line, link in pipes.arcs}
    crossing = ((tail, head) for tail, head in graph.edges if tail in reachable and head in rest)
    links = (node for edge in crossing for node in edge if isinstance(node, tuple))
    return frozenset(line_of[link] for _, link in links)


def _line_flows(
    pipes: Pipes, flows: Mapping[object, Mapping[object, int]], cut: frozenset[str]
) -> tuple[LineFlow, ...]:
    """Return the lines that carry something; of a line with several links the one that carries most."""
    most: dict[str, int] = {}
    for tail, head, line, link in pipes.arcs:
        there = flows[tail].get(("link", link), 0)
        back = flows[head].get(("back", link), 0)
        most[line] = max(most.get(line, 0), abs(there - back))
    lines = pipes.router.catalogue.lines
    found = [
        LineFlow(line, lines[line].names.en, flow / _SCALE, pipes.capacities[line], line in cut)
        for line, flow in most.items()
        if flow
    ]
    return tuple(sorted(found, key=lambda one: (-one.flow, one.line)))


def _waypoints(line: Line) -> list[str]:
    return [point for section in line.sections for point in section.waypoints if isinstance(point, str)]


def _members(catalogue: Catalogue, text: str) -> frozenset[str]:
    """Return the countries that a code or group stands for; none for a place."""
    if text.upper() in catalogue.countries:
        return frozenset({text.upper()})
    return frozenset(catalogue.groups[text].members) if text in catalogue.groups else frozenset()


def _place_nodes(pipes: Pipes, text: str) -> set[int]:
    router = pipes.router
    point, _ = resolve_endpoint(router.catalogue, text)
    found = set(router.network.nodes_of_place.get(point.id, ())) & pipes.nodes
    if not found:
        names = ", ".join(one.name for one in _termini(pipes, dict.fromkeys(pipes.heads, 1)))
        raise RouteRefusedError(
            f"{point.name} stands on no open pipeline of {pipes.request.commodity}; pipelines begin at {names}"
        )
    return found


def _sinks(pipes: Pipes, targets: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for text in targets:
        members = _members(pipes.router.catalogue, text)
        found |= _country_sinks(pipes, members) if members else _place_nodes(pipes, text)
    return found


def _country_sinks(pipes: Pipes, members: frozenset[str]) -> set[int]:
    """Return the nodes behind the first stretch inside a country, its dead ends, and where lines say they hand over."""
    country = pipes.router.network.nodes.country
    inside = {node for node in pipes.nodes if country[node] in members}
    carried_on = {tail for tail, head, *_ in pipes.arcs if tail in inside and head in inside}
    entered = {head for tail, head, *_ in pipes.arcs if head in inside and tail not in inside}
    handed = {
        claim.subject.removeprefix("line:")
        for claim in pipes.router.catalogue.claims
        if claim.attribute == "delivers-to" and claim.value in members
    }
    ends = {_waypoints(pipes.router.catalogue.lines[line])[-1] for line in handed & set(pipes.capacities)}
    place = pipes.router.network.nodes.place
    at_ends = {head for _, head, line, _ in pipes.arcs if line in handed and place[head] in ends}
    return (inside - (entered & carried_on)) | at_ends


def _starts(pipes: Pipes, sources: Sequence[str], sinks: set[int], targets: Sequence[str]) -> set[int]:
    catalogue, country = pipes.router.catalogue, pipes.router.network.nodes.country
    into = frozenset().union(*(_members(catalogue, text) for text in targets))
    if not sources:
        return {node for node in pipes.heads if country[node] not in into} - sinks
    found: set[int] = set()
    for text in sources:
        members = _members(catalogue, text)
        if members:
            found |= {node for node in pipes.nodes if country[node] in members} - sinks
        else:
            nodes = _place_nodes(pipes, text)
            if nodes & sinks:
                raise RequestError(f"{text!r} is source and destination")
            found |= nodes
    return found


def _names(pipes: Pipes, starts: set[int], sources: Sequence[str]) -> tuple[str, ...]:
    return tuple(sources) or tuple(one.id for one in _termini(pipes, dict.fromkeys(starts, 1)))


def _termini(pipes: Pipes, amounts: Mapping[int, int]) -> tuple[Terminus, ...]:
    nodes, places = pipes.router.network.nodes, pipes.router.catalogue.places
    found = [
        Terminus(nodes.place[node], places[nodes.place[node]].name_en, nodes.country[node], amount / _SCALE)
        for node, amount in amounts.items()
        if amount
    ]
    return tuple(sorted(found, key=lambda one: (-one.flow, one.id)))


def _refusal(pipes: Pipes, sources: Sequence[str], targets: Sequence[str]) -> str:
    """Say what blocks a flow, and which line that is not open would let it through."""
    catalogue, request = pipes.router.catalogue, pipes.request
    asked = f"no {request.commodity} can flow from {', '.join(sources) or 'any pipeline'} to {', '.join(targets)}"
    helpful = []
    for line in catalogue.lines.values():
        if line.mode not in request.modes or line.status is Status.OPEN or line.id in request.opened:
            continue
        opened = Pipes(pipes.router, replace(request, opened=(*request.opened, line.id)))
        try:
            sinks = _sinks(opened, targets)
            starts = _starts(opened, sources, sinks, targets)
        except RouteRefusedError:
            continue
        if nx.maximum_flow_value(opened.graph(starts, sinks), _SOURCE, _SINK):
            helpful.append(f"{line.id} ({line.status})")
    hint = (
        f"; it would if you open {' or '.join(helpful[:3])}" if helpful else "; no single line that is not open helps"
    )
    return f"{asked} in {request.year}{hint}"


def flow_json(flow: Flow, against: Flow | None = None, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the ``flow --json`` document; ``against`` is the same question today."""
    return {
        "commodity": flow.request.commodity,
        "unit": flow.unit,
        "from": list(flow.sources),
        "to": list(flow.targets),
        "year": flow.request.year,
        "scenario": flow.request.scenario,
        "total": _rounded(flow.total),
        "is_upper_limit": bool(flow.unknown),
        "unknown_capacity": list(flow.unknown),
        "against": None
        if against is None
        else {
            "scenario": against.request.scenario,
            "total": _rounded(against.total),
            "adds": _rounded(_added(flow, against)),
        },
        "binding": [_line_json(line) for line in flow.binding],
        "lines": [_line_json(line) for line in flow.lines],
        "entries": [_terminus_json(one) for one in flow.entries],
        "deliveries": [_terminus_json(one) for one in flow.deliveries],
        "notes": [*notes, *flow_notes(flow)],
    }


def _added(flow: Flow, against: Flow) -> float | None:
    return None if flow.total is None or against.total is None else flow.total - against.total


def flow_notes(flow: Flow) -> tuple[str, ...]:
    """Return what a reader must know to use the total."""
    notes = [_READ_AS]
    if flow.total is None:
        notes.append(
            "no limit is known: a chain of pipelines without a published capacity joins source and destination"
        )
    elif flow.unknown:
        unknown = ", ".join(flow.unknown)
        notes.append(f"an upper limit: nobody has published what {unknown} can carry, and here nothing limits them")
    if any(line.capacity.basis == "planned" for line in flow.lines):
        notes.append("capacities of lines that are not open are as planned")
    return tuple(notes)


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2) + 0.0


def _line_json(line: LineFlow) -> dict[str, Any]:
    return {
        "line": line.line,
        "name": line.name,
        "flow": _rounded(line.flow),
        "capacity": _rounded(line.capacity.value),
        "basis": line.capacity.basis,
        "source": line.capacity.source or None,
        "is_full": line.is_full,
        "is_binding": line.is_binding,
        "relief": _rounded(line.relief),
    }


def _terminus_json(one: Terminus) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "country": one.country, "flow": _rounded(one.flow)}
