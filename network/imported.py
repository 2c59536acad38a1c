"""Put the imports of a study on the network as planned: pieces of line, borders, connectors, stated changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import shapely

from geo.basenet import nearest_on_line, share_before
from geo.geodesy import Coords, LonLat, distance_m, line_length_m
from layers.imported import STATED, Connector, ImportedLayer, ImportedLine, Stop, course_between
from layers.schema import Line, Mode, Status
from layers.tracing import TRACED_SPACING_KM, Grade
from network.builder import LinkRow, NodeRow
from network.ground import KIND_OF_MODE, Ground, node_id, opening_year
from network.table import ALWAYS, LinkKind
from network.topology import position_at

# a planned joint finds its track again this near; farther off the base data has changed
_TRACK_M = 50.0
_AT_END_M = 1.0


def add_imports(ground: Ground) -> None:
    """Add all imports: first every line, so that connectors may join one import to another."""
    for layer in ground.catalogue.imports:
        if not layer.is_joined:
            ground.build.warnings.append(
                f"import {layer.id}: its {layer.counts['lines']:,} lines are kept, but too many to be joined; "
                "import a part of them to route over it"
            )
        for line in layer.lines.values():
            _add_line(ground, line)
    for layer in ground.catalogue.imports:
        _add_connectors(ground, layer)
        for place in layer.gauge_changes:
            _add_stated_change(ground, layer, place)


def _gauge_of(ground: Ground, line: Line, course: ImportedLine) -> int:
    if line.mode is not Mode.RAIL:
        return 0
    stated = line.sections[0].gauge_mm
    return stated or next((ground.gauge_of_country.get(code, 0) for code in course.countries), 0)


def _add_line(ground: Ground, course: ImportedLine) -> None:
    line = ground.catalogue.lines[course.id]
    gauge_mm = _gauge_of(ground, line, course)
    for number, coords in enumerate(course.parts):
        stops = [stop for stop in course.stops if stop.part == number]
        country = stops[0].country
        start = _node(ground, line, stops[0], coords, gauge_mm, country)
        for here, there in pairwise(stops):
            end = _node(ground, line, there, coords, gauge_mm, country)
            _add_piece(ground, line, (start, end), course_between(coords, here.at, there.at), gauge_mm, country)
            start = end
            if there.is_border:
                start = _pass_border(ground, line, there, coords, end, gauge_mm, country)
                country = there.country


def _node(ground: Ground, line: Line, stop: Stop, coords: Coords, gauge_mm: int, country: str) -> int:  # noqa: PLR0913, PLR0917
    lon, lat = course_between(coords, stop.at, stop.at)[0].tolist()
    name = stop.node or f"{line.id}~{stop.part}.{stop.at:.6f}.{country}"
    return ground.build.node(
        NodeRow(node_id(name, line.mode, gauge_mm), lon, lat, line.mode.value, gauge_mm, country, "")
    )


def _add_piece(  # noqa: PLR0913, PLR0917 - what makes a link
    ground: Ground, line: Line, ends: tuple[int, int], coords: Coords, gauge_mm: int, country: str
) -> None:
    length_m = line_length_m(coords)
    if ends[0] == ends[1] and length_m < _AT_END_M:
        return
    ground.build.link(
        LinkRow(
            *ends,
            KIND_OF_MODE[line.mode],
            line.mode.value,
            max(length_m, 1.0),
            coords,
            gauge_mm=gauge_mm,
            country=country,
            countries=None,
            lines=(line.id,),
            status=line.status.value,
            opens=opening_year(line.status, line.opened),
            grade=(Grade.SCHEMATIC if length_m / (len(coords) - 1) > TRACED_SPACING_KM * 1000 else Grade.TRACED).value,
        )
    )


def _pass_border(  # noqa: PLR0913, PLR0917 - what makes a link
    ground: Ground, line: Line, stop: Stop, coords: Coords, before: int, gauge_mm: int, country: str
) -> int:
    """Return the node behind a border, linked to the one before it where trains may pass."""
    behind = _node(ground, line, stop, coords, gauge_mm, stop.country)
    if stop.crossing:
        listed = ground.catalogue.crossings.get(stop.crossing)
        status = listed.status if listed and line.status is Status.OPEN else line.status
        point = course_between(coords, stop.at, stop.at)[0]
        ground.build.link(
            LinkRow(
                before,
                behind,
                LinkKind.BORDER,
                line.mode.value,
                1.0,
                np.asarray([point, point]),
                gauge_mm=gauge_mm,
                country=";".join(sorted((country, stop.country))),
                countries=tuple(sorted((country, stop.country))),
                lines=(line.id,),
                status=status.value,
                opens=opening_year(line.status, line.opened),
                grade=Grade.TRACED.value,
                crossing=stop.crossing,
            )
        )
    return behind


def _add_connectors(ground: Ground, layer: ImportedLayer) -> None:
    tracks = _TrackCutter(ground, layer)
    for connector in layer.connectors:
        node = _start_of(ground, connector)
        target = _target_of(ground, connector, tracks)
        if node is None or target is None:
            ground.build.warnings.append(
                f"import {layer.id}: {connector.label} is no longer there, {connector.node} is not joined to it; "
                "import the file again"
            )
            continue
        lines = [ground.catalogue.lines[key] for key in connector.lines]
        is_open = not lines or any(line.status is Status.OPEN for line in lines)
        a, b = ground.build.nodes[node], ground.build.nodes[target]
        mode = Mode(connector.mode)
        pair = tuple(sorted((a.country, b.country)))
        ground.build.link(
            LinkRow(
                node,
                target,
                LinkKind.BORDER if connector.crossing else KIND_OF_MODE[mode],
                mode.value,
                max(distance_m((a.lon, a.lat), (b.lon, b.lat)), 1.0),
                np.asarray([(a.lon, a.lat), (b.lon, b.lat)]),
                gauge_mm=connector.gauge_mm,
                country=";".join(pair) if connector.crossing else a.country or b.country,
                countries=pair if connector.crossing else None,
                lines=connector.lines,
                status=(Status.OPEN if is_open else lines[0].status).value,
                opens=min((opening_year(line.status, line.opened) for line in lines), default=ALWAYS),
                grade=Grade.TRACED.value,
                crossing=connector.crossing,
            )
        )
    tracks.finish()


def _start_of(ground: Ground, connector: Connector) -> int | None:
    mode = Mode(connector.mode)
    if connector.node.startswith("place:"):
        return ground.place_node(connector.node.removeprefix("place:"), mode, connector.gauge_mm)
    return ground.build.find(node_id(connector.node, mode, connector.gauge_mm))


def _target_of(ground: Ground, connector: Connector, tracks: _TrackCutter) -> int | None:
    kind, _, name = connector.target.partition(":")
    mode = Mode(connector.mode)
    if kind == "place":
        return ground.place_node(name, mode, connector.gauge_mm) if name in ground.catalogue.places else None
    if kind == "node":
        return ground.build.find(node_id(name, mode, connector.gauge_mm))
    return tracks.node_at((connector.lon, connector.lat), mode, connector.gauge_mm, connector.lines)


class _TrackCutter:
    """Cuts links of the network where connectors of one import meet them."""

    def __init__(self, ground: Ground, layer: ImportedLayer) -> None:
        self._ground = ground
        self._layer = layer
        self._index: dict[tuple[Mode, int], tuple[list[int], shapely.STRtree]] = {}
        self._cuts: dict[int, list[tuple[float, int]]] = {}

    def node_at(self, lon_lat: LonLat, mode: Mode, gauge_mm: int, own: Iterable[str]) -> int | None:
        """Return the node on the nearest track at a point, which is cut there by and by; None if there is none."""
        rows, tree = self._indexed(mode, gauge_mm)
        wide = _TRACK_M / 111_000 / max(float(np.cos(np.radians(lon_lat[1]))), 0.05)
        box = shapely.box(lon_lat[0] - wide, lon_lat[1] - wide, lon_lat[0] + wide, lon_lat[1] + wide)
        best: tuple[float, int, int, LonLat] | None = None
        for place in sorted(tree.query(box, predicate="intersects").tolist()):
            link = self._ground.build.links[rows[place]]
            if set(own) & set(link.lines):
                continue
            segment, foot, metres = nearest_on_line(link.coords, lon_lat)
            if metres <= _TRACK_M and (best is None or metres < best[0]):
                best = (metres, rows[place], segment, foot)
        return None if best is None else self._cut(best[1], best[2], best[3])

    def _cut(self, row: int, segment: int, foot: LonLat) -> int | None:
        link, nodes = self._ground.build.links[row], self._ground.build.nodes
        for end, spot in ((link.a, link.coords[0]), (link.b, link.coords[-1])):
            if distance_m((float(spot[0]), float(spot[1])), foot) <= _AT_END_M:
                return end
        if link.kind is LinkKind.BORDER:
            return None
        at = position_at(link.coords, segment, foot)
        for _, node in self._cuts.get(row, ()):
            if distance_m((nodes[node].lon, nodes[node].lat), foot) <= _AT_END_M:
                return node
        name = node_id(f"{self._layer.id}~{row}.{at:.6f}", Mode(link.mode), link.gauge_mm)
        country = link.country if ";" not in link.country else ""
        node = self._ground.build.node(NodeRow(name, foot[0], foot[1], link.mode, link.gauge_mm, country, ""))
        self._cuts.setdefault(row, []).append((at, node))
        return node

    def finish(self) -> None:
        """Replace every link that was cut by its pieces."""
        links = self._ground.build.links
        for row, cuts in sorted(self._cuts.items()):
            first, *others = _pieces(links[row], sorted(cuts))
            links[row] = first
            links.extend(others)

    def _indexed(self, mode: Mode, gauge_mm: int) -> tuple[list[int], shapely.STRtree]:
        key = (mode, gauge_mm)
        if key not in self._index:
            kind = KIND_OF_MODE[mode]
            rows = [
                row
                for row, link in enumerate(self._ground.build.links)
                if link.kind in (kind, LinkKind.BORDER) and link.mode == mode.value and link.gauge_mm == gauge_mm
            ]
            self._index[key] = (
                rows,
                shapely.STRtree([shapely.LineString(self._ground.build.links[r].coords) for r in rows]),
            )
        return self._index[key]


def _pieces(link: LinkRow, cuts: Sequence[tuple[float, int]]) -> list[LinkRow]:
    """Cut a link; its length is shared out along its course."""
    last = float(len(link.coords) - 1)
    ends = [(0.0, link.a), *cuts, (last, link.b)]
    shares = [_share(link.coords, at) for at, _ in ends]
    # a piece of a link that touches several countries may touch fewer
    countries = link.countries if link.countries is not None and len(link.countries) <= 1 else None
    return [
        replace(
            link,
            a=a,
            b=b,
            length_m=max(link.length_m * (shares[n + 1] - shares[n]), 1.0),
            coords=course_between(link.coords, start, end),
            countries=countries,
        )
        for n, ((start, a), (end, b)) in enumerate(pairwise(ends))
    ]


def _share(coords: Coords, at: float) -> float:
    segment = min(int(at), len(coords) - 2)
    point = course_between(coords, at, at)[0]
    return share_before(coords, segment, (float(point[0]), float(point[1])))


def _add_stated_change(ground: Ground, layer: ImportedLayer, place: str) -> None:
    """Join the gauges that meet at a station where the user says they change."""
    found = [
        (gauge, node)
        for gauge in sorted(ground.gauges_at.get(place, ()))
        if (node := ground.build.find(node_id(place, Mode.RAIL, gauge))) is not None
    ]
    country = ground.catalogue.places[place].country
    for (gauge_mm, a), (_, b) in combinations(found, 2):
        spots = [(ground.build.nodes[node].lon, ground.build.nodes[node].lat) for node in (a, b)]
        ground.build.link(
            LinkRow(
                a,
                b,
                LinkKind.GAUGE_CHANGE,
                Mode.RAIL.value,
                1.0,
                np.asarray(spots),
                gauge_mm=gauge_mm,
                country=country,
                countries=(country,),
                crossing=f"{STATED}{layer.id}:{place}",
            )
        )
