"""Base networks and the drawn parts of catalogue lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from geo.basenet import BaseNetwork, Edge, nearest_on_line
from layers.catalogue import Catalogue
from layers.features import adopted_length
from layers.schema import Crossing, Line, LineSection, Mode, Status
from layers.tracing import Grade, Segment
from network.builder import LinkRow
from network.ground import KIND_OF_MODE, LAND_MODES, Ground, opening_year
from network.table import ALWAYS, LinkKind

# a line drawn over a border does so at a listed crossing if the line between its two places is this near
_CROSSING_REACH_M = 60_000.0
# a drawn line's excursion abroad shorter than this is coarseness of waypoints or outlines
_WEAVE_M = 30_000.0
# a published length more than this above the drawn one is of another line, not of the bends the drawing leaves out
_MOST_BENDS = 1.5


def add_base_networks(ground: Ground) -> None:
    """Add every base edge with the lines that run on it, and a node per gauge there."""
    for mode, network in ground.tracks.networks.items():
        users = _users_of_edges(ground, mode)
        for number, edge in enumerate(network.edges):
            all_users = users.get(number, ())
            used_by = [user for user in all_users if not user[0].passengers_only]
            # track that only trains without freight use is no way for a box
            if number in ground.tracks.superseded[mode] or (all_users and not used_by):
                continue
            for gauge_mm, lines in _gauges_of_edge(ground, mode, network, edge, used_by):
                _add_base_edge(ground, mode, edge, gauge_mm, lines)
        for place in sorted(ground.tracks.attached[mode]):
            node = ground.tracks.attached[mode][place].node
            if place in ground.catalogue.places and ground.owner[mode][node] != place:
                country = network.country[node]
                ground.place_node(place, mode, ground.gauge_of_country.get(country, 0) if mode is Mode.RAIL else 0)


def _users_of_edges(ground: Ground, mode: Mode) -> dict[int, list[tuple[Line, LineSection]]]:
    users: dict[int, list[tuple[Line, LineSection]]] = {}
    for line in ground.catalogue.lines.values():
        if line.mode is mode:
            for segment in ground.tracks.segments[line.id]:
                for number, _ in segment.edges:
                    users.setdefault(number, []).append((line, line.sections[segment.section]))
    return users


def _gauges_of_edge(
    ground: Ground, mode: Mode, network: BaseNetwork, edge: Edge, users: Sequence[tuple[Line, LineSection]]
) -> Iterator[tuple[int, list[Line]]]:
    """Yield each gauge of a base edge with the lines of that gauge on it."""
    if mode is not Mode.RAIL:
        yield 0, [line for line, _ in users]
        return
    usual = ground.gauge_of_country.get(network.country[edge.start], 0)
    by_gauge: dict[int, list[Line]] = {}
    for line, section in users:
        by_gauge.setdefault(section.gauge_mm or usual, []).append(line)
    # lines that are not open run beside the track that is there, not instead of it
    if not any(line.status is Status.OPEN for lines in by_gauge.values() for line in lines):
        by_gauge.setdefault(usual, [])
    yield from sorted(by_gauge.items())


def _add_base_edge(ground: Ground, mode: Mode, edge: Edge, gauge_mm: int, lines: list[Line]) -> None:
    network = ground.tracks.networks[mode]
    usual = ground.gauge_of_country.get(network.country[edge.start], 0)
    is_new_gauge = mode is Mode.RAIL and gauge_mm != usual
    status, opens, names = _state_of_track(lines, is_new_gauge=is_new_gauge)
    ground.build.link(
        LinkRow(
            ground.base_node(mode, edge.start, gauge_mm),
            ground.base_node(mode, edge.end, gauge_mm),
            KIND_OF_MODE[mode],
            mode.value,
            max(edge.length_m, 1.0),
            edge.coords,
            gauge_mm=gauge_mm,
            country=network.country[edge.start],
            # a cut piece of an edge near a border may touch fewer countries than the whole did
            countries=edge.touched if edge.touched is not None and len(edge.touched) <= 1 else None,
            lines=names,
            status=status.value,
            opens=opens,
            passage=edge.passage,
        )
    )


def add_drawn_segments(ground: Ground) -> None:
    """Add the parts of lines that the base network lacks."""
    excepted = {exception.subject for exception in ground.catalogue.length_exceptions}
    for line in ground.catalogue.lines.values():
        if line.id in ground.catalogue.imported_lines:
            continue
        segments: Sequence[Segment] = ground.tracks.segments[line.id]
        if f"line:{line.id}" not in excepted:
            segments = with_published_length(ground.catalogue, line, segments)
        if line.mode is Mode.FERRY:
            # one link per sailing: waiting for the ship is paid once
            segments = _sailings(segments, ground.catalogue)
        for segment, countries in zip(segments, _countries_along(ground, segments), strict=True):
            if not segment.edges:
                _add_drawn(ground, line, segment, countries)


def with_published_length(catalogue: Catalogue, line: Line, segments: Sequence[Segment]) -> Sequence[Segment]:
    """Give the schematic parts of a line the length that the drawing leaves out of the published one.

    Such a part is drawn through few points, so it is shorter than what lies in the ground; distances, times and costs
    over it are those of the published length. The drawing, and the check of it, stay as they are.
    """
    published = adopted_length(catalogue, f"line:{line.id}")
    drawn_m = sum(segment.length_m for segment in segments)
    loose_m = sum(segment.length_m for segment in segments if segment.grade is Grade.SCHEMATIC)
    if published is None or not loose_m:
        return segments
    factor = 1 + (published[0] * 1000 - drawn_m) / loose_m
    if not 1 < factor <= _MOST_BENDS:
        return segments
    return [
        replace(segment, length_m=segment.length_m * factor) if segment.grade is Grade.SCHEMATIC else segment
        for segment in segments
    ]


def _countries_along(ground: Ground, segments: Sequence[Segment]) -> list[tuple[str, str]]:
    """Return the countries at both ends of each segment; a short weave over a border is ironed out.

    A bare waypoint off the track takes its country from the outlines, which are coarse: a run of such waypoints
    abroad, shorter than :data:`_WEAVE_M` and between waypoints of one country, counts as that country's.
    """
    mode = ground.catalogue.lines[segments[0].line].mode if segments else Mode.RAIL
    found = [
        [ground.country_at(s.start, s.coords[0], mode), ground.country_at(s.end, s.coords[-1], mode)] for s in segments
    ]
    ends = [(number, side) for number in range(len(segments)) for side in (0, 1)]
    home = ""
    run: list[tuple[int, int]] = []
    for number, side in ends:
        segment = segments[number]
        is_named = ground.has_country(segment.end if side else segment.start, mode)
        country = found[number][side]
        if not home or country == home or is_named:
            if country == home and run and _run_m(segments, run) < _WEAVE_M:
                for place, end in run:
                    found[place][end] = home
            home, run = country, []
        else:
            run.append((number, side))
    return [(start, end) for start, end in found]


def _run_m(segments: Sequence[Segment], run: Sequence[tuple[int, int]]) -> float:
    return sum(segments[number].length_m for number in {number for number, side in run if side == 0})


def _add_drawn(ground: Ground, line: Line, segment: Segment, countries: tuple[str, str]) -> None:
    section = line.sections[segment.section]
    status = section.status or line.status
    country, there = countries
    crossing = ""
    gauge_mm = 0
    if line.mode is Mode.RAIL:
        gauge_mm = section.gauge_mm or ground.gauge_of_country.get(country) or 0
    kind = KIND_OF_MODE[line.mode]
    if line.mode in LAND_MODES and country != there and country and there:
        listed = _crossing_near(ground, countries, line.mode, segment)
        if listed is None and status is Status.OPEN and not ground.regime(country, there):
            ground.build.warnings.append(
                f"line {line.id}: {segment.start}–{segment.end} crosses from {country} to {there} "
                "at no listed crossing and is not joined there"
            )
            return
        # a line still to be built brings its own border post
        if listed is not None:
            ground.used_crossings.add((listed.id, line.mode))
        crossing = listed.id if listed else ground.regime(country, there) or f"{segment.start}-{segment.end}"
        if listed is not None and status is Status.OPEN:
            status = listed.status
        kind, country = LinkKind.BORDER, ";".join(sorted((country, there)))
    ground.build.link(
        LinkRow(
            ground.waypoint_node(line, segment.start, line.mode, gauge_mm),
            ground.waypoint_node(line, segment.end, line.mode, gauge_mm),
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


def _crossing_near(ground: Ground, countries: tuple[str, str], mode: Mode, segment: Segment) -> Crossing | None:
    """Return the listed crossing of a mode and pair of countries nearest to a segment, within reach."""
    middle = segment.coords[len(segment.coords) // 2]
    found: list[tuple[float, str]] = []
    for crossing in ground.catalogue.crossings.values():
        ends = [ground.catalogue.places[place] for place in (crossing.a, crossing.b)]
        if mode in crossing.modes and {end.country for end in ends} == set(countries):
            chord = np.asarray([(end.lon, end.lat) for end in ends])
            found.append((nearest_on_line(chord, (float(middle[0]), float(middle[1])))[2], crossing.id))
    nearest = min(found, default=None)
    if nearest is None or nearest[0] > _CROSSING_REACH_M:
        return None
    return ground.catalogue.crossings[nearest[1]]


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
