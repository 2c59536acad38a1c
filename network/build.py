"""Join base networks, catalogue lines, crossings and terminals into one network.

A vehicle passes a border or a break of gauge only over a listed crossing; between countries of one free-movement
area or customs union the base network's own border points serve as crossings of that cheap regime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from geo.basenet import BaseNetwork, Edge, nearest_on_line
from geo.boundaries import country_index
from geo.geodesy import Coords, distance_m, geodesic_points
from layers.catalogue import Catalogue
from layers.schema import Crossing, Line, LineSection, Mode, PlaceKind, Status
from layers.tracing import Grade, Segment, Tracks, waypoint_positions
from network.builder import LinkRow, NetworkBuilder, NodeRow
from network.table import ALWAYS, NEVER, LinkKind, Network

_LAND_MODES = (Mode.RAIL, Mode.ROAD)
_KIND_OF_MODE: Mapping[Mode, LinkKind] = {
    Mode.RAIL: LinkKind.RAIL,
    Mode.ROAD: LinkKind.ROAD,
    Mode.SEA: LinkKind.SEA,
    Mode.FERRY: LinkKind.FERRY,
    Mode.AIR: LinkKind.AIR,
    Mode.GAS: LinkKind.PIPELINE,
    Mode.OIL: LinkKind.PIPELINE,
}
# the way between the two places of a listed crossing may be longer than 1.6 times the straight line by this …
_CROSSING_SLACK_M = 60_000.0
# … or, where a gauge runs through to the other side, only by this
_BORDER_TRACK_SLACK_M = 20_000.0
# without track in the base network they are joined by a straight line if they are no farther apart than this
_CROSSING_STRAIGHT_M = 45_000.0
# a line drawn over a border does so at a listed crossing if the line between its two places is this near
_CROSSING_REACH_M = 60_000.0
# a drawn line's excursion abroad shorter than this is coarseness of waypoints or outlines
_WEAVE_M = 30_000.0


def build_network(catalogue: Catalogue, tracks: Tracks) -> Network:
    """Return the whole network of a catalogue whose lines have been traced."""
    joiner = _Joiner(catalogue, tracks)
    joiner.add_base_networks()
    joiner.add_drawn_segments()
    joiner.add_crossings()
    joiner.add_open_borders()
    joiner.add_air_links()
    joiner.add_gauge_changes()
    joiner.add_transfers()
    return joiner.build.finish()


def opening_year(status: Status, opened: str | None) -> int:
    """Return the first year of traffic from a status and an EDTF date."""
    digits = (opened or "")[:4].replace("X", "0")
    if digits.isdigit():
        return int(digits)
    return ALWAYS if status is Status.OPEN else NEVER


class _Joiner:
    """The steps of :func:`build_network`; ``build`` grows as they run."""

    def __init__(self, catalogue: Catalogue, tracks: Tracks) -> None:
        self.build = NetworkBuilder()
        self._catalogue = catalogue
        self._tracks = tracks
        self._gauge_of_country = {code: country.gauge_mm or 0 for code, country in catalogue.countries.items()}
        # per mode: base node → the place that owns it (first by id); others get a node and a connector
        self._owner: dict[Mode, dict[int, str]] = {}
        for mode, attached in tracks.attached.items():
            owner: dict[int, str] = {}
            for key in sorted(attached):
                if key in catalogue.places:
                    owner.setdefault(attached[key].node, key)
            self._owner[mode] = owner
        # places whose tracks are all given: the crossings' break-of-gauge stations
        self._gauges_at: dict[str, set[int]] = {}
        # crossings that a drawn line runs over, and border points already joined
        self._used: set[tuple[str, Mode]] = set()
        self._opened: set[tuple[Mode, frozenset[int]]] = set()

    # nodes

    def _base_node(self, mode: Mode, node: int, gauge_mm: int) -> int:
        network = self._tracks.networks[mode]
        place = self._owner[mode].get(node, "")
        stem = place or f"{network.name}-{node}"
        if place and mode is Mode.RAIL:
            self._gauges_at.setdefault(place, set()).add(gauge_mm)
        return self.build.node(
            NodeRow(
                id=_node_id(stem, mode, gauge_mm),
                lon=float(network.lon[node]),
                lat=float(network.lat[node]),
                mode=mode.value,
                gauge_mm=gauge_mm,
                country=network.country[node],
                place=place,
            )
        )

    def _place_node(self, place_id: str, mode: Mode, gauge_mm: int) -> int:
        """Return the node of a place; off the base network it stands at the place itself."""
        attachment = self._tracks.attached.get(mode, {}).get(place_id)
        if attachment is not None and self._owner[mode][attachment.node] == place_id:
            return self._base_node(mode, attachment.node, gauge_mm)
        place = self._catalogue.places[place_id]
        known = self.build.find(_node_id(place_id, mode, gauge_mm))
        if known is not None:
            return known
        if mode is Mode.RAIL:
            self._gauges_at.setdefault(place_id, set()).add(gauge_mm)
        node = self.build.node(
            NodeRow(
                _node_id(place_id, mode, gauge_mm), place.lon, place.lat, mode.value, gauge_mm, place.country, place_id
            )
        )
        if attachment is not None:
            self._connect(node, self._base_node(mode, attachment.node, gauge_mm), mode, gauge_mm)
        return node

    def _connect(self, a: int, b: int, mode: Mode, gauge_mm: int) -> None:
        """Join two nodes of one mode that stand on the same spot of the network."""
        here, there = self.build.nodes[a], self.build.nodes[b]
        coords = np.asarray([(here.lon, here.lat), (there.lon, there.lat)])
        self.build.link(
            LinkRow(
                a,
                b,
                _KIND_OF_MODE[mode],
                mode.value,
                max(distance_m((here.lon, here.lat), (there.lon, there.lat)), 1.0),
                coords,
                gauge_mm=gauge_mm,
                country=here.country,
                countries=None,
                grade=Grade.TRACED.value,
            )
        )

    def _waypoint_node(self, line: Line, key: str, mode: Mode, gauge_mm: int) -> int:
        if key in self._catalogue.places:
            return self._place_node(key, mode, gauge_mm)
        attachment = self._tracks.attached.get(mode, {}).get(key)
        if attachment is not None:
            return self._base_node(mode, attachment.node, gauge_mm)
        lon, lat = waypoint_positions(self._catalogue, line)[key]
        country = country_index().countries_of_points([lon], [lat])[0]
        return self.build.node(NodeRow(_node_id(key, mode, gauge_mm), lon, lat, mode.value, gauge_mm, country, ""))

    # links

    def add_base_networks(self) -> None:
        """Add every base edge with the lines that run on it, and a node per gauge there."""
        for mode, network in self._tracks.networks.items():
            users = self._users_of_edges(mode)
            for number, edge in enumerate(network.edges):
                if number in self._tracks.superseded[mode]:
                    continue
                for gauge_mm, lines in self._gauges_of_edge(mode, network, edge, users.get(number, ())):
                    self._add_base_edge(mode, edge, gauge_mm, lines)
            for place in sorted(self._tracks.attached[mode]):
                node = self._tracks.attached[mode][place].node
                if place in self._catalogue.places and self._owner[mode][node] != place:
                    country = network.country[node]
                    self._place_node(place, mode, self._gauge_of_country.get(country, 0) if mode is Mode.RAIL else 0)

    def _users_of_edges(self, mode: Mode) -> dict[int, list[tuple[Line, LineSection]]]:
        users: dict[int, list[tuple[Line, LineSection]]] = {}
        for line in self._catalogue.lines.values():
            if line.mode is mode:
                for segment in self._tracks.segments[line.id]:
                    for number, _ in segment.edges:
                        users.setdefault(number, []).append((line, line.sections[segment.section]))
        return users

    def _gauges_of_edge(
        self, mode: Mode, network: BaseNetwork, edge: Edge, users: tuple[()] | list[tuple[Line, LineSection]]
    ) -> Iterator[tuple[int, list[Line]]]:
        """Yield each gauge of a base edge with the lines of that gauge on it."""
        if mode is not Mode.RAIL:
            yield 0, [line for line, _ in users]
            return
        usual = self._gauge_of_country.get(network.country[edge.start], 0)
        by_gauge: dict[int, list[Line]] = {}
        for line, section in users:
            by_gauge.setdefault(section.gauge_mm or usual, []).append(line)
        # lines that are not open run beside the track that is there, not instead of it
        if not any(line.status is Status.OPEN for lines in by_gauge.values() for line in lines):
            by_gauge.setdefault(usual, [])
        yield from sorted(by_gauge.items())

    def _add_base_edge(self, mode: Mode, edge: Edge, gauge_mm: int, lines: list[Line]) -> None:
        network = self._tracks.networks[mode]
        usual = self._gauge_of_country.get(network.country[edge.start], 0)
        is_new_gauge = mode is Mode.RAIL and gauge_mm != usual
        status, opens, names = _state_of_track(lines, is_new_gauge=is_new_gauge)
        self.build.link(
            LinkRow(
                self._base_node(mode, edge.start, gauge_mm),
                self._base_node(mode, edge.end, gauge_mm),
                _KIND_OF_MODE[mode],
                mode.value,
                max(edge.length_m, 1.0),
                edge.coords,
                gauge_mm=gauge_mm,
                country=network.country[edge.start],
                # a cut piece of an edge near a border may touch fewer countries than the whole did
                countries=edge.touched if len(edge.touched) <= 1 else None,
                lines=names,
                status=status.value,
                opens=opens,
                passage=edge.passage,
            )
        )

    def add_drawn_segments(self) -> None:
        """Add the parts of lines that the base network lacks."""
        for line in self._catalogue.lines.values():
            segments: Sequence[Segment] = self._tracks.segments[line.id]
            if line.mode is Mode.FERRY:
                # one link per sailing: waiting for the ship is paid once
                segments = _sailings(segments, self._catalogue)
            for segment, countries in zip(segments, self._countries_along(segments), strict=True):
                if not segment.edges:
                    self._add_drawn(line, segment, countries)

    def _countries_along(self, segments: Sequence[Segment]) -> list[tuple[str, str]]:
        """Return the countries at both ends of each segment; a short weave over a border is ironed out.

        A bare waypoint off the track takes its country from the outlines, which are coarse: a run of such waypoints
        abroad, shorter than :data:`_WEAVE_M` and between waypoints of one country, counts as that country's.
        """
        mode = self._catalogue.lines[segments[0].line].mode if segments else Mode.RAIL
        found = [
            [self._country_at(s.start, s.coords[0], mode), self._country_at(s.end, s.coords[-1], mode)]
            for s in segments
        ]
        ends = [(number, side) for number in range(len(segments)) for side in (0, 1)]
        home = ""
        run: list[tuple[int, int]] = []
        for number, side in ends:
            segment = segments[number]
            is_named = self._has_country(segment.end if side else segment.start, mode)
            country = found[number][side]
            if not home or country == home or is_named:
                if country == home and run and self._run_m(segments, run) < _WEAVE_M:
                    for place, end in run:
                        found[place][end] = home
                home, run = country, []
            else:
                run.append((number, side))
        return [(start, end) for start, end in found]

    @staticmethod
    def _run_m(segments: Sequence[Segment], run: Sequence[tuple[int, int]]) -> float:
        return sum(segments[number].length_m for number in {number for number, side in run if side == 0})

    def _add_drawn(self, line: Line, segment: Segment, countries: tuple[str, str]) -> None:
        section = line.sections[segment.section]
        status = section.status or line.status
        country, there = countries
        crossing = ""
        gauge_mm = 0
        if line.mode is Mode.RAIL:
            gauge_mm = section.gauge_mm or self._gauge_of_country.get(country) or 0
        kind = _KIND_OF_MODE[line.mode]
        if line.mode in _LAND_MODES and country != there and country and there:
            listed = self._crossing_near(countries, line.mode, segment)
            if listed is None and status is Status.OPEN and not self._regime(country, there):
                self.build.warnings.append(
                    f"line {line.id}: {segment.start}–{segment.end} crosses from {country} to {there} "
                    "at no listed crossing and is not joined there"
                )
                return
            # a line still to be built brings its own border post
            if listed is not None:
                self._used.add((listed.id, line.mode))
            crossing = listed.id if listed else self._regime(country, there) or f"{segment.start}-{segment.end}"
            if listed is not None and status is Status.OPEN:
                status = listed.status
            kind, country = LinkKind.BORDER, ";".join(sorted((country, there)))
        self.build.link(
            LinkRow(
                self._waypoint_node(line, segment.start, line.mode, gauge_mm),
                self._waypoint_node(line, segment.end, line.mode, gauge_mm),
                kind,
                line.mode.value,
                max(segment.length_m, 1.0),
                segment.coords,
                gauge_mm=gauge_mm,
                country=country,
                countries=None,
                lines=(line.id,),
                status=status.value,
                opens=opening_year(status, section.opened or line.opened),
                grade=segment.grade.value,
                crossing=crossing,
            )
        )

    def _has_country(self, key: str, mode: Mode) -> bool:
        """Say whether a waypoint's country is known: it is a place, or stands on track whose country is known."""
        return key in self._catalogue.places or key in self._tracks.attached.get(mode, {})

    def _country_at(self, key: str, lon_lat: Coords, mode: Mode) -> str:
        if key in self._catalogue.places:
            return self._catalogue.places[key].country
        attachment = self._tracks.attached.get(mode, {}).get(key)
        if attachment is not None:
            return self._tracks.networks[mode].country[attachment.node]
        return country_index().countries_of_points([lon_lat[0]], [lon_lat[1]])[0]

    def _crossing_near(self, countries: tuple[str, str], mode: Mode, segment: Segment) -> Crossing | None:
        """Return the listed crossing of a mode and pair of countries nearest to a segment, within reach."""
        middle = segment.coords[len(segment.coords) // 2]
        found: list[tuple[float, str]] = []
        for crossing in self._catalogue.crossings.values():
            ends = [self._catalogue.places[place] for place in (crossing.a, crossing.b)]
            if mode in crossing.modes and {end.country for end in ends} == set(countries):
                chord = np.asarray([(end.lon, end.lat) for end in ends])
                found.append((nearest_on_line(chord, (float(middle[0]), float(middle[1])))[2], crossing.id))
        nearest = min(found, default=None)
        if nearest is None or nearest[0] > _CROSSING_REACH_M:
            return None
        return self._catalogue.crossings[nearest[1]]

    def add_crossings(self) -> None:
        """Add the border links of all listed crossings, one per gauge that runs through."""
        for crossing in self._catalogue.crossings.values():
            for mode in _LAND_MODES:
                ends = {self._catalogue.places[place].country for place in (crossing.a, crossing.b)}
                # a break of gauge inside one country is listed too, but is no border
                if mode in crossing.modes and len(ends) == 2:
                    self._add_crossing(crossing, mode)

    def _add_crossing(self, crossing: Crossing, mode: Mode) -> None:
        is_through = mode is Mode.ROAD or self._gauge_at(crossing.a) == self._gauge_at(crossing.b)
        joined = self._open_base_borders(crossing, mode) if is_through else self._add_border_track(crossing, mode)
        joined = joined or (is_through and self._add_border_track(crossing, mode))
        countries = [self._catalogue.places[place].country for place in (crossing.a, crossing.b)]
        joined = joined or bool(self._regime(countries[0], countries[1]))
        if not joined and (crossing.id, mode) not in self._used:
            self.build.warnings.append(
                f"crossing {crossing.id}: no {mode} track between {crossing.a} and {crossing.b} is known"
            )

    def _open_base_borders(self, crossing: Crossing, mode: Mode) -> bool:
        """Join the border points that the way between the two places runs over; say whether there are any."""
        network, attached = self._tracks.networks[mode], self._tracks.attached[mode]
        if crossing.a not in attached or crossing.b not in attached:
            return False
        nodes = self._way_between(crossing, mode, slack_m=_CROSSING_SLACK_M)
        links = {frozenset(link) for link in network.border_links}
        passed = [pair for pair in pairwise(nodes or ()) if frozenset(pair) in links]
        pair_of_crossing = {self._catalogue.places[place].country for place in (crossing.a, crossing.b)}
        if not passed or any({network.country[node] for node in pair} != pair_of_crossing for pair in passed):
            return False
        gauge_mm = self._gauge_at(crossing.a) if mode is Mode.RAIL else 0
        for near, far in passed:
            if (mode, frozenset((near, far))) not in self._opened:
                self._opened.add((mode, frozenset((near, far))))
                self._add_open_border(mode, near, far, gauge_mm, crossing=crossing)
        return True

    def _way_between(self, crossing: Crossing, mode: Mode, *, slack_m: float) -> list[int] | None:
        """Return base nodes between the two places of a crossing, not much longer than straight, or None."""
        network, attached = self._tracks.networks[mode], self._tracks.attached[mode]
        a, b = attached[crossing.a].node, attached[crossing.b].node
        span_m = distance_m((network.lon[a], network.lat[a]), (network.lon[b], network.lat[b]))
        return network.path(a, b, limit_m=span_m * 1.6 + slack_m) if a != b else None

    def _add_border_track(self, crossing: Crossing, mode: Mode) -> bool:
        """Add the run between the two places as one border link per gauge; say whether it could be drawn."""
        course = self._crossing_course(crossing, mode)
        if course is None:
            return False
        coords, length_m, grade = course
        countries = sorted({self._catalogue.places[place].country for place in (crossing.a, crossing.b)})
        for gauge_mm in self._through_gauges(crossing) if mode is Mode.RAIL else (0,):
            self.build.link(
                LinkRow(
                    self._place_node(crossing.a, mode, gauge_mm),
                    self._place_node(crossing.b, mode, gauge_mm),
                    LinkKind.BORDER,
                    mode.value,
                    max(length_m, 1.0),
                    coords,
                    gauge_mm=gauge_mm,
                    country=";".join(countries),
                    countries=None,
                    lines=self._lines_through(crossing, mode),
                    status=crossing.status.value,
                    opens=opening_year(crossing.status, crossing.opened),
                    grade=grade.value,
                    crossing=crossing.id,
                )
            )
        return True

    def _through_gauges(self, crossing: Crossing) -> tuple[int, ...]:
        """Return the gauges that run through: that of A up to a change at B, that of B up to a change at A."""
        at_a, at_b = (self._gauge_at(place) for place in (crossing.a, crossing.b))
        if at_a == at_b or not crossing.gauge_change_at:
            return (at_a,) if at_a == at_b else ()
        through = set()
        if crossing.b in crossing.gauge_change_at:
            through.add(at_a)
        if crossing.a in crossing.gauge_change_at:
            through.add(at_b)
        return tuple(sorted(through))

    def _gauge_at(self, place_id: str) -> int:
        return self._gauge_of_country.get(self._catalogue.places[place_id].country, 0)

    def _lines_through(self, crossing: Crossing, mode: Mode) -> tuple[str, ...]:
        pair = {crossing.a, crossing.b}
        return tuple(
            line.id
            for line in self._catalogue.lines.values()
            if line.mode is mode and any({s.start, s.end} == pair for s in self._tracks.segments[line.id])
        )

    def _crossing_course(self, crossing: Crossing, mode: Mode) -> tuple[Coords, float, Grade] | None:
        """Return course and length between the two places, over the base network or straight."""
        network, attached = self._tracks.networks[mode], self._tracks.attached[mode]
        if crossing.a in attached and crossing.b in attached:
            nodes = self._way_between(crossing, mode, slack_m=_BORDER_TRACK_SLACK_M)
            if nodes:
                numbers = [(network.edge_between.get((min(pair), max(pair))), pair) for pair in pairwise(nodes)]
                pieces = [
                    network.edges[n].coords[:: 1 if network.edges[n].start == pair[0] else -1]
                    for n, pair in numbers
                    if n is not None
                ]
                length_m = sum(network.edges[n].length_m for n, _ in numbers if n is not None)
                return np.concatenate(pieces), length_m, Grade.TRACK
        points = []
        for place_id in (crossing.a, crossing.b):
            place = self._catalogue.places[place_id]
            on_track = attached.get(place_id)
            points.append(
                (float(network.lon[on_track.node]), float(network.lat[on_track.node]))
                if on_track
                else (place.lon, place.lat)
            )
        span_m = distance_m(*points)
        if span_m > _CROSSING_STRAIGHT_M:
            return None
        return np.asarray(geodesic_points(*points)), span_m, Grade.TRACED

    def add_open_borders(self) -> None:
        """Join the base network's border points inside free-movement areas and customs unions."""
        for mode in _LAND_MODES:
            network = self._tracks.networks[mode]
            for near, far in network.border_links:
                regime = self._regime(network.country[near], network.country[far])
                gauges = {self._gauge_of_country.get(network.country[node], 0) for node in (near, far)}
                is_open = (mode, frozenset((near, far))) in self._opened
                if regime and not is_open and (mode is Mode.ROAD or len(gauges) == 1):
                    gauge_mm = gauges.pop() if mode is Mode.RAIL else 0
                    self._add_open_border(mode, near, far, gauge_mm, regime=regime)

    def _add_open_border(  # noqa: PLR0913 - the place, and either a listed crossing or a regime
        self,
        mode: Mode,
        near: int,
        far: int,
        gauge_mm: int,
        *,
        crossing: Crossing | None = None,
        regime: str = "",
    ) -> None:
        network = self._tracks.networks[mode]
        point = (float(network.lon[near]), float(network.lat[near]))
        self.build.link(
            LinkRow(
                self._base_node(mode, near, gauge_mm),
                self._base_node(mode, far, gauge_mm),
                LinkKind.BORDER,
                mode.value,
                1.0,
                np.asarray([point, (float(network.lon[far]), float(network.lat[far]))]),
                gauge_mm=gauge_mm,
                country=";".join(sorted((network.country[near], network.country[far]))),
                countries=tuple(sorted((network.country[near], network.country[far]))),
                status=(crossing.status if crossing else Status.OPEN).value,
                opens=opening_year(crossing.status, crossing.opened) if crossing else ALWAYS,
                crossing=crossing.id if crossing else regime,
            )
        )

    def _regime(self, one: str, other: str) -> str:
        """Return ``free-movement``, ``customs-union`` or empty for a pair of countries."""
        found = {
            group.kind for group in self._catalogue.groups.values() if one in group.members and other in group.members
        }
        return next((kind for kind in ("free-movement", "customs-union") if kind in found), "")

    def add_air_links(self) -> None:
        """Join all listed cargo airports with great circles; which pairs are served is assumed."""
        airports = [place for place in self._catalogue.places.values() if place.kind is PlaceKind.AIRPORT]
        for one, other in combinations(sorted(airports, key=lambda place: place.id), 2):
            start, end = (one.lon, one.lat), (other.lon, other.lat)
            self.build.link(
                LinkRow(
                    self._place_node(one.id, Mode.AIR, 0),
                    self._place_node(other.id, Mode.AIR, 0),
                    LinkKind.AIR,
                    Mode.AIR.value,
                    distance_m(start, end),
                    np.asarray(geodesic_points(start, end, spacing_km=250.0)),
                    countries=None,
                    grade=Grade.SCHEMATIC.value,
                )
            )

    def add_gauge_changes(self) -> None:
        """Add a change between each two gauges that meet at a listed station."""
        places = {place for crossing in self._catalogue.crossings.values() for place in crossing.gauge_change_at}
        for place in sorted(places):
            crossing = next(c for c in self._catalogue.crossings.values() if place in c.gauge_change_at)
            gauges = sorted(self._gauges_at.get(place, ()))
            if len(gauges) < 2:
                self.build.warnings.append(
                    f"gauge change at {place}: tracks of two gauges should meet there, found {gauges or 'none'}"
                )
            for one, other in combinations(gauges, 2):
                self._stay(LinkKind.GAUGE_CHANGE, place, (Mode.RAIL, one), (Mode.RAIL, other), crossing=crossing.id)

    def add_transfers(self) -> None:
        """Add a transfer between each two modes that meet at a terminal."""
        for terminal in self._catalogue.terminals:
            present = [
                (Mode(node.mode), node.gauge_mm)
                for number in self._nodes_at(terminal.place)
                if (node := self.build.nodes[number]).mode in terminal.modes
            ]
            for one, other in combinations(sorted(present), 2):
                if one[0] is not other[0]:
                    self._stay(LinkKind.TRANSFER, terminal.place, one, other)

    def _nodes_at(self, place: str) -> list[int]:
        found = []
        for mode in Mode:
            gauges = sorted(self._gauges_at.get(place, ())) if mode is Mode.RAIL else [0]
            for gauge_mm in gauges:
                node = self.build.find(_node_id(place, mode, gauge_mm))
                if node is not None:
                    found.append(node)
        return found

    def _stay(
        self, kind: LinkKind, place: str, one: tuple[Mode, int], other: tuple[Mode, int], *, crossing: str = ""
    ) -> None:
        """Add a link of one metre within a place: a change of gauge or of mode."""
        ends = [self.build.find(_node_id(place, mode, gauge_mm)) for mode, gauge_mm in (one, other)]
        if ends[0] is None or ends[1] is None:
            return
        a, b = self.build.nodes[ends[0]], self.build.nodes[ends[1]]
        self.build.link(
            LinkRow(
                ends[0],
                ends[1],
                kind,
                other[0].value if one[0] is Mode.ROAD else one[0].value,
                1.0,
                np.asarray([(a.lon, a.lat), (b.lon, b.lat)]),
                gauge_mm=one[1] or other[1],
                country=self._catalogue.places[place].country,
                countries=(self._catalogue.places[place].country,),
                crossing=crossing,
            )
        )


def _sailings(segments: Sequence[Segment], catalogue: Catalogue) -> list[Segment]:
    """Join the segments between two named places to one."""
    merged: list[Segment] = []
    for segment in segments:
        if merged and merged[-1].end not in catalogue.places:
            before = merged.pop()
            coords = np.concatenate([before.coords, segment.coords[1:]])
            length_m = before.length_m + segment.length_m
            merged.append(replace(before, end=segment.end, coords=coords, length_m=length_m))
        else:
            merged.append(segment)
    return merged


def _state_of_track(lines: Sequence[Line], *, is_new_gauge: bool) -> tuple[Status, int, tuple[str, ...]]:
    """Return status, first year and line ids of track that the base network has.

    Open lines decide; track that only closed or suspended lines use is shut; a line still planned says nothing about
    the track it will run along, unless it brings a gauge that is not there yet.
    """
    unique = {line.id: line for line in lines}
    is_open = {key: line for key, line in unique.items() if line.status is Status.OPEN}
    if is_open:
        years = [opening_year(line.status, line.opened) for line in is_open.values()]
        return Status.OPEN, min(years), tuple(sorted(is_open))
    is_shut = all(line.status in (Status.CLOSED, Status.SUSPENDED) for line in unique.values())
    if unique and (is_shut or is_new_gauge):
        first = unique[min(unique)]
        years = [opening_year(line.status, line.opened) for line in unique.values()]
        return first.status, min(years), tuple(sorted(unique))
    return Status.OPEN, ALWAYS, ()


def _node_id(stem: str, mode: Mode, gauge_mm: int) -> str:
    return f"{stem}/{mode.value}/{gauge_mm}" if gauge_mm else f"{stem}/{mode.value}"
