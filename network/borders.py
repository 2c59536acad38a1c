"""Listed crossings, and the open borders of free-movement areas and customs unions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from geo.geodesy import Coords, distance_m, geodesic_points
from layers.schema import Crossing, Mode, Status
from layers.tracing import Grade
from network.builder import LinkRow
from network.ground import LAND_MODES, Ground, opening_year
from network.table import ALWAYS, LinkKind

# the way between the two places of a listed crossing may be longer than 1.6 times the straight line by this …
_CROSSING_SLACK_M = 60_000.0
# … or, where a gauge runs through to the other side, only by this
_BORDER_TRACK_SLACK_M = 20_000.0
# without track in the base network they are joined by a straight line if they are no farther apart than this
_CROSSING_STRAIGHT_M = 45_000.0


def add_crossings(ground: Ground) -> None:
    """Add the border links of all listed crossings, one per gauge that runs through."""
    for crossing in ground.catalogue.crossings.values():
        for mode in LAND_MODES:
            ends = {ground.catalogue.places[place].country for place in (crossing.a, crossing.b)}
            # a break of gauge inside one country is listed too, but is no border
            if mode in crossing.modes and len(ends) == 2:
                _add_crossing(ground, crossing, mode)


def _add_crossing(ground: Ground, crossing: Crossing, mode: Mode) -> None:
    has_one_gauge = mode is Mode.ROAD or ground.gauge_at(crossing.a) == ground.gauge_at(crossing.b)
    # of two gauges one may run on past the border, to be changed at a station of another record
    is_through = has_one_gauge or not crossing.gauge_change_at
    joined = _open_base_borders(ground, crossing, mode) if is_through else _add_border_track(ground, crossing, mode)
    joined = joined or (is_through and _add_border_track(ground, crossing, mode))
    countries = [ground.catalogue.places[place].country for place in (crossing.a, crossing.b)]
    joined = joined or bool(ground.regime(countries[0], countries[1]))
    if not joined and (crossing.id, mode) not in ground.used_crossings:
        ground.build.warnings.append(
            f"crossing {crossing.id}: no {mode} track between {crossing.a} and {crossing.b} is known"
        )


def _open_base_borders(ground: Ground, crossing: Crossing, mode: Mode) -> bool:
    """Join the border points that the way between the two places runs over; say whether there are any."""
    network, attached = ground.tracks.networks[mode], ground.tracks.attached[mode]
    if crossing.a not in attached or crossing.b not in attached:
        return False
    nodes = _way_between(ground, crossing, mode, slack_m=_CROSSING_SLACK_M)
    links = {frozenset(link) for link in network.border_links}
    passed = [pair for pair in pairwise(nodes or ()) if frozenset(pair) in links]
    pair_of_crossing = {ground.catalogue.places[place].country for place in (crossing.a, crossing.b)}
    if not passed or any({network.country[node] for node in pair} != pair_of_crossing for pair in passed):
        return False
    gauges = [_gauge_through(ground, crossing, mode, pair) for pair in passed]
    for (near, far), gauge_mm in zip(passed, gauges, strict=True):
        if gauge_mm is not None and (mode, frozenset((near, far))) not in ground.opened_borders:
            ground.opened_borders.add((mode, frozenset((near, far))))
            _add_open_border(ground, mode, near, far, gauge_mm, crossing=crossing)
    return None not in gauges


def _gauge_through(ground: Ground, crossing: Crossing, mode: Mode, pair: tuple[int, int]) -> int | None:
    """Return the gauge of the track on both sides of a border point, 0 for roads, None where there is none."""
    if mode is not Mode.RAIL:
        return 0
    usual = {ground.gauge_at(place) for place in (crossing.a, crossing.b)}
    if len(usual) == 1:
        return usual.pop()
    both = (gauge for gauge in sorted(usual) if all(ground.has_base_node(mode, node, gauge) for node in pair))
    return next(both, None)


def _way_between(ground: Ground, crossing: Crossing, mode: Mode, *, slack_m: float) -> list[int] | None:
    """Return base nodes between the two places of a crossing, not much longer than straight, or None."""
    network, attached = ground.tracks.networks[mode], ground.tracks.attached[mode]
    a, b = attached[crossing.a].node, attached[crossing.b].node
    span_m = distance_m((network.lon[a], network.lat[a]), (network.lon[b], network.lat[b]))
    return network.path(a, b, limit_m=span_m * 1.6 + slack_m) if a != b else None


def _add_border_track(ground: Ground, crossing: Crossing, mode: Mode) -> bool:
    """Add the run between the two places as one border link per gauge; say whether it could be drawn."""
    course = _crossing_course(ground, crossing, mode)
    if course is None:
        return False
    coords, length_m, grade = course
    countries = sorted({ground.catalogue.places[place].country for place in (crossing.a, crossing.b)})
    for gauge_mm in _through_gauges(ground, crossing) if mode is Mode.RAIL else (0,):
        ground.build.link(
            LinkRow(
                ground.place_node(crossing.a, mode, gauge_mm),
                ground.place_node(crossing.b, mode, gauge_mm),
                LinkKind.BORDER,
                mode.value,
                max(length_m, 1.0),
                coords,
                gauge_mm=gauge_mm,
                country=";".join(countries),
                countries=None,
                lines=_lines_through(ground, crossing, mode),
                status=crossing.status.value,
                opens=opening_year(crossing.status, crossing.opened),
                grade=grade.value,
                crossing=crossing.id,
            )
        )
    return True


def _through_gauges(ground: Ground, crossing: Crossing) -> tuple[int, ...]:
    """Return the gauges that run through: that of A up to a change at B, that of B up to a change at A."""
    at_a, at_b = (ground.gauge_at(place) for place in (crossing.a, crossing.b))
    if at_a == at_b or not crossing.gauge_change_at:
        return (at_a,) if at_a == at_b else ()
    through = set()
    if crossing.b in crossing.gauge_change_at:
        through.add(at_a)
    if crossing.a in crossing.gauge_change_at:
        through.add(at_b)
    return tuple(sorted(through))


def _lines_through(ground: Ground, crossing: Crossing, mode: Mode) -> tuple[str, ...]:
    pair = {crossing.a, crossing.b}
    return tuple(
        line.id
        for line in ground.catalogue.lines.values()
        if line.mode is mode and any({s.start, s.end} == pair for s in ground.tracks.segments[line.id])
    )


def _crossing_course(ground: Ground, crossing: Crossing, mode: Mode) -> tuple[Coords, float, Grade] | None:
    """Return course and length between the two places, over the base network or straight."""
    network, attached = ground.tracks.networks[mode], ground.tracks.attached[mode]
    if crossing.a in attached and crossing.b in attached:
        nodes = _way_between(ground, crossing, mode, slack_m=_BORDER_TRACK_SLACK_M)
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
        place = ground.catalogue.places[place_id]
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


def add_open_borders(ground: Ground) -> None:
    """Join the base network's border points inside free-movement areas and customs unions."""
    for mode in LAND_MODES:
        network = ground.tracks.networks[mode]
        for near, far in network.border_links:
            regime = ground.regime(network.country[near], network.country[far])
            gauges = {ground.gauge_of_country.get(network.country[node], 0) for node in (near, far)}
            is_open = (mode, frozenset((near, far))) in ground.opened_borders
            if regime and not is_open and (mode is Mode.ROAD or len(gauges) == 1):
                gauge_mm = gauges.pop() if mode is Mode.RAIL else 0
                _add_open_border(ground, mode, near, far, gauge_mm, regime=regime)


def _add_open_border(  # noqa: PLR0913 - the place, and either a listed crossing or a regime
    ground: Ground,
    mode: Mode,
    near: int,
    far: int,
    gauge_mm: int,
    *,
    crossing: Crossing | None = None,
    regime: str = "",
) -> None:
    network = ground.tracks.networks[mode]
    point = (float(network.lon[near]), float(network.lat[near]))
    ground.build.link(
        LinkRow(
            ground.base_node(mode, near, gauge_mm),
            ground.base_node(mode, far, gauge_mm),
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
