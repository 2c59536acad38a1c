"""Geometry of catalogue lines: follow the base network where it has the track, else geodesics through waypoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from geo.basenet import Attachment, BaseNetwork, attach, load_base_network
from geo.geodesy import Coords, LonLat, distance_m, geodesic_points, line_length_m
from layers.catalogue import Catalogue
from layers.imported import ImportedLine
from layers.schema import Line, LineSection, Mode, Place, PlaceKind, Status

BASE_OF_MODE: Mapping[Mode, str] = {Mode.RAIL: "railways", Mode.ROAD: "roads", Mode.SEA: "sea_lanes"}

# farthest a place may lie from the track it stands on; a city's point is its centre, not its station
_REACH_KM = {PlaceKind.CITY: 15.0, PlaceKind.PORT: 15.0, PlaceKind.AIRPORT: 15.0}
_OTHER_REACH_KM = 8.0
_SEA_REACH_KM = 120.0
# a bare coordinate is meant to lie on the track
_BARE_REACH_KM = 4.0
# modes whose networks a kind of place joins without being named as a waypoint
_JOINS: Mapping[PlaceKind, tuple[Mode, ...]] = {
    PlaceKind.CITY: (Mode.RAIL, Mode.ROAD),
    PlaceKind.STATION: (Mode.RAIL, Mode.ROAD),
    PlaceKind.BORDER: (Mode.RAIL, Mode.ROAD),
    PlaceKind.DRY_PORT: (Mode.RAIL, Mode.ROAD),
    PlaceKind.PORT: (Mode.RAIL, Mode.ROAD),
    PlaceKind.AIRPORT: (Mode.ROAD,),
}
# a path over the base network is the line's track if it is no longer than this many times the geodesic …
_MAX_DETOUR = 1.6
# … or, for neighbours, within this of it
_DETOUR_SLACK_M = 15_000.0
TRACED_SPACING_KM = 32.0
"""Waypoints farther apart than this make a drawn section ``schematic``."""
# pipes run straighter than rails, ships straighter than either
_SPACING_KM: Mapping[Mode, float] = {Mode.GAS: 80.0, Mode.OIL: 80.0, Mode.FERRY: 400.0, Mode.SEA: 400.0}
# shape lost in the base data: a straight stretch longer than this is redrawn through waypoints where there are any
_STRAIGHT_M = 35_000.0


class Grade(StrEnum):
    """How well a drawn section is known."""

    TRACK = "track"
    TRACED = "traced"
    SCHEMATIC = "schematic"


@dataclass(frozen=True, slots=True)
class Segment:
    """The course between two consecutive waypoints of a line."""

    line: str
    section: int
    start: str
    """Place id, or ``line-id@n`` for a waypoint that is a bare coordinate."""
    end: str
    grade: Grade
    coords: Coords
    length_m: float
    edges: tuple[tuple[int, bool], ...] = ()
    """Base edges in order, with True where an edge is run from its end; empty unless ``track``."""
    is_imported: bool = False
    """True where the course is that of a file a user brought: all its vertices are given."""


@dataclass(frozen=True)
class Tracks:
    """Base networks with places attached, and the traced segments of all lines."""

    networks: Mapping[Mode, BaseNetwork]
    attached: Mapping[Mode, Mapping[str, Attachment]]
    segments: Mapping[str, tuple[Segment, ...]]
    """Line id → its segments in order."""
    superseded: Mapping[Mode, frozenset[int]]
    """Shapeless base edges that a line with waypoints replaces."""


def waypoint_keys(line: Line, section: LineSection, number: int) -> list[str]:
    """Return a key per waypoint: the place id, or ``line-id@section.n`` for a bare coordinate."""
    return [
        point if isinstance(point, str) else f"{line.id}@{number}.{place}"
        for place, point in enumerate(section.waypoints)
    ]


def waypoint_positions(catalogue: Catalogue, line: Line) -> dict[str, LonLat]:
    """Return key → lon/lat of all waypoints of a line."""
    positions: dict[str, LonLat] = {}
    for number, section in enumerate(line.sections):
        for key, point in zip(waypoint_keys(line, section, number), section.waypoints, strict=True):
            place = catalogue.places.get(point) if isinstance(point, str) else None
            positions[key] = (place.lon, place.lat) if place else (float(point[0]), float(point[1]))
    return positions


def trace_lines(catalogue: Catalogue) -> Tracks:
    """Attach all places to the base networks and trace every line over them."""
    networks: dict[Mode, BaseNetwork] = {}
    attached: dict[Mode, dict[str, Attachment]] = {}
    for mode, name in BASE_OF_MODE.items():
        networks[mode], attached[mode] = _attach_places(load_base_network(name), catalogue, mode)
    segments: dict[str, tuple[Segment, ...]] = {}
    superseded: dict[Mode, set[int]] = {mode: set() for mode in networks}
    for line in catalogue.lines.values():
        if line.id in catalogue.imported_lines:
            segments[line.id] = _imported_segments(catalogue.imported_lines[line.id])
            continue
        network = networks.get(line.mode)
        tracer = _Tracer(catalogue, line, network, attached.get(line.mode, {}))
        segments[line.id] = tuple(tracer.trace())
        if network is not None and line.status == "open":
            superseded[line.mode] |= tracer.superseded
    return Tracks(networks, attached, segments, {mode: frozenset(found) for mode, found in superseded.items()})


def _imported_segments(line: ImportedLine) -> tuple[Segment, ...]:
    """Return one segment per part of a line from a file."""
    grade = Grade.SCHEMATIC if line.spacing_km > TRACED_SPACING_KM else Grade.TRACED
    return tuple(
        Segment(
            line.id,
            number,
            f"{line.id}@{number}.0",
            f"{line.id}@{number}.1",
            grade,
            coords,
            line_length_m(coords),
            is_imported=True,
        )
        for number, coords in enumerate(line.parts)
    )


def _attach_places(network: BaseNetwork, catalogue: Catalogue, mode: Mode) -> tuple[BaseNetwork, dict[str, Attachment]]:
    """Attach the places that join a mode by kind, by terminal, or as a waypoint of one of its lines."""
    # an imported place is joined by the connectors its user was told of, and by nothing else
    imported = frozenset[str]().union(*(layer.places for layer in catalogue.imports))
    joining = [place for place in catalogue.places.values() if place.id not in imported]
    wanted = {place.id for place in joining if mode in _JOINS.get(place.kind, ())}
    wanted |= {terminal.place for terminal in catalogue.terminals if mode in terminal.modes}
    attached: dict[str, Attachment] = {}
    by_reach: dict[float, dict[str, tuple[LonLat, str]]] = {}
    inner: set[str] = set()
    for line in catalogue.lines.values():
        if line.mode is mode and line.id not in catalogue.imported_lines:
            inner |= _inner_waypoints(line)
            for key, point in waypoint_positions(catalogue, line).items():
                if key in catalogue.places:
                    wanted.add(key)
                else:
                    by_reach.setdefault(_BARE_REACH_KM, {})[key] = (point, "")
    for key in sorted(wanted):
        place = catalogue.places[key]
        reach_km = _reach_km(place, mode)
        country = "" if mode is Mode.SEA else place.country
        by_reach.setdefault(reach_km, {})[key] = ((place.lon, place.lat), country)
    for reach_km, points in sorted(by_reach.items()):
        network, found = attach(network, points, reach_km=reach_km, on_track=frozenset(inner))
        attached |= found
    return network, attached


def _inner_waypoints(line: Line) -> set[str]:
    """Return the waypoints an open line runs through, without the ends of its sections."""
    if line.status is not Status.OPEN or line.mode is Mode.SEA:
        return set()
    return {
        key
        for number, section in enumerate(line.sections)
        if section.follow
        for key in waypoint_keys(line, section, number)[1:-1]
    }


def _reach_km(place: Place, mode: Mode) -> float:
    return _SEA_REACH_KM if mode is Mode.SEA else _REACH_KM.get(place.kind, _OTHER_REACH_KM)


class _Tracer:
    """Traces one line; ``superseded`` collects the base edges its waypoints redraw."""

    def __init__(
        self, catalogue: Catalogue, line: Line, network: BaseNetwork | None, attached: Mapping[str, Attachment]
    ) -> None:
        self._line = line
        self._network = network
        self._attached = attached
        self._positions = waypoint_positions(catalogue, line)
        if network is not None:
            # a drawn section starts where the place meets the track, not at the town centre
            on_track = {key: attached[key].node for key in self._positions if key in attached}
            self._positions |= {key: (network.lon[node], network.lat[node]) for key, node in on_track.items()}
        self.superseded: set[int] = set()

    def trace(self) -> Iterator[Segment]:
        for number, section in enumerate(self._line.sections):
            keys = waypoint_keys(self._line, section, number)
            drawn = [
                (section.follow and self._follow(number, start, end)) or self._draw(number, start, end)
                for start, end in pairwise(keys)
            ]
            yield from self._with_true_lengths(drawn, follow=section.follow)

    def _draw(self, section: int, start: str, end: str) -> Segment:
        a, b = self._positions[start], self._positions[end]
        spacing_km = distance_m(a, b) / 1000
        limit_km = _SPACING_KM.get(self._line.mode, TRACED_SPACING_KM)
        is_rough = self._line.is_schematic or spacing_km > limit_km
        grade = Grade.SCHEMATIC if is_rough else Grade.TRACED
        coords = np.asarray(geodesic_points(a, b))
        return Segment(self._line.id, section, start, end, grade, coords, distance_m(a, b))

    def _follow(self, section: int, start: str, end: str) -> Segment | None:
        """Return the segment over the base network, or None where it has no track between the two."""
        found = self._base_path(start, end, _MAX_DETOUR)
        if found is None or self._network is None:
            return None
        edges, length_m = found
        pieces = [self._network.edges[edge].coords[:: -1 if back else 1] for edge, back in edges]
        coords = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
        return Segment(self._line.id, section, start, end, Grade.TRACK, coords, length_m, tuple(edges))

    def _base_path(self, start: str, end: str, detour: float) -> tuple[list[tuple[int, bool]], float] | None:
        network = self._network
        if network is None or start not in self._attached or end not in self._attached:
            return None
        a, b = self._attached[start].node, self._attached[end].node
        span_m = distance_m((network.lon[a], network.lat[a]), (network.lon[b], network.lat[b]))
        nodes = network.path(a, b, limit_m=max(span_m * detour, span_m + _DETOUR_SLACK_M)) if a != b else None
        if nodes is None:
            return None
        edges: list[tuple[int, bool]] = []
        for here, there in pairwise(nodes):
            number = network.edge_between.get((min(here, there), max(here, there)))
            if number is not None:  # a border link has no edge
                edges.append((number, network.edges[number].start != here))
        return (edges, sum(network.edges[number].length_m for number, _ in edges)) if edges else None

    def _with_true_lengths(self, drawn: Sequence[Segment], *, follow: bool) -> Iterator[Segment]:
        """Scale runs of drawn segments to the true length of the shapeless base track they redraw, if there is one."""
        run: list[Segment] = []
        for segment in drawn:
            if segment.grade is Grade.TRACK:
                yield segment
                continue
            run.append(segment)
            if segment.end in self._attached or segment is drawn[-1]:
                yield from self._scaled(run) if follow else run
                run = []
        yield from run

    def _scaled(self, run: list[Segment]) -> list[Segment]:
        drawn_m = sum(segment.length_m for segment in run)
        found = self._base_path(run[0].start, run[-1].end, 1.35) if len(run) > 1 else None
        if found is None or self._network is None or not 0.95 <= found[1] / drawn_m <= 1.35:
            return run
        edges, base_m = found
        if max(_longest_straight_m(self._network.edges[number].coords) for number, _ in edges) > _STRAIGHT_M:
            self._supersede([number for number, _ in edges])
        # no track is shorter than the straight way through its waypoints
        scale = max(base_m / drawn_m, 1.0)
        return [Segment(s.line, s.section, s.start, s.end, s.grade, s.coords, s.length_m * scale) for s in run]

    def _supersede(self, edges: list[int]) -> None:
        """Mark the edges as replaced if nothing branches off between their ends."""
        if self._network is None:
            return
        inner = {self._network.edges[n].start for n in edges} & {self._network.edges[n].end for n in edges}
        if all(np.diff(self._network.matrix.indptr)[node] == 2 for node in inner):
            self.superseded |= set(edges)


def _longest_straight_m(coords: Coords) -> float:
    return max(line_length_m(coords[place : place + 2]) for place in range(len(coords) - 1))
