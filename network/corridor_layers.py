"""Corridors as drawn concepts: centrelines routed over the network, and belts around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.file_geometry import repaired_area
from geo.geodesy import GEOD, Coords, distance_m, geodesic_points
from geo.layer import Feature, Field, Layer, LayerStyle, Value
from layers.catalogue import Catalogue
from layers.features import (
    LINE_FIELDS,
    OSM_ATTRIBUTION,
    OSM_LICENCE,
    OWN_ATTRIBUTION,
    OWN_LICENCE,
    STATUS_STYLE,
    adopted_length,
    line_geometry,
    name_properties,
)
from layers.schema import Corridor, CorridorSection, Mode
from layers.tracing import Grade, Tracks
from network.costs import Objective
from network.route import Router
from network.search import SearchGraph
from network.table import LinkKind

_MAX_DETOUR = 3.0
_DETOUR_SLACK_M = 300_000.0
_BELT_STEP_DEG = 10.0


@dataclass(frozen=True, slots=True)
class DrawnSection:
    """One section of a corridor with its course."""

    corridor: str
    branch: str
    mode: Mode
    coords: tuple[Coords, ...]
    length_m: float
    lines: tuple[str, ...]
    gaps: tuple[tuple[str, str], ...]
    """Pairs of places the network does not join; there the course is a geodesic, graded schematic."""


def draw_corridors(router: Router, tracks: Tracks) -> dict[str, tuple[DrawnSection, ...]]:
    """Return corridor id → its drawn sections in order."""
    graphs = _CourseGraphs(router)
    return {
        corridor.id: tuple(_draw(router, tracks, corridor, section, graphs) for section in corridor.sections)
        for corridor in router.catalogue.corridors.values()
    }


class _CourseGraphs:
    """One search graph per mode and state: what is open goes before a plan, even where the plan is shorter."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._graphs: dict[Mode, tuple[SearchGraph, SearchGraph]] = {}

    def of(self, mode: Mode) -> tuple[SearchGraph, SearchGraph]:
        if mode not in self._graphs:
            network, links = self._router.network, self._router.network.links
            in_mode = links.mode.matches(mode.value.__eq__) & ~links.kind.matches(LinkKind.TRANSFER.value.__eq__)
            is_open = in_mode & links.status.matches("open".__eq__)
            weights = self._router.costs.weights(Objective.DISTANCE)
            open_graph, any_graph = (SearchGraph.build(network, weights, mask) for mask in (is_open, in_mode))
            self._graphs[mode] = (open_graph, any_graph)
        return self._graphs[mode]


def _draw(
    router: Router, tracks: Tracks, corridor: Corridor, section: CorridorSection, graphs: _CourseGraphs
) -> DrawnSection:
    if section.line is not None:
        segments = tracks.segments[section.line]
        coords = tuple(shapely.get_coordinates(part) for part in line_geometry(segments).geoms)
        length_m = sum(segment.length_m for segment in segments)
        mode = router.catalogue.lines[section.line].mode
        return DrawnSection(corridor.id, section.branch or "", mode, coords, length_m, (section.line,), ())
    pieces: list[Coords] = []
    lines: dict[str, None] = {}
    gaps: list[tuple[str, str]] = []
    length_m = 0.0
    for start, end in pairwise(section.path):
        found = _course(router, start, end, section.mode, graphs.of(section.mode))
        if found is None:
            gaps.append((start, end))
            a, b = router.catalogue.places[start], router.catalogue.places[end]
            pieces.append(np.asarray(geodesic_points((a.lon, a.lat), (b.lon, b.lat))))
            length_m += distance_m((a.lon, a.lat), (b.lon, b.lat))
            continue
        pieces.extend(found[0])
        length_m += found[1]
        lines |= dict.fromkeys(found[2])
    return DrawnSection(
        corridor.id, section.branch or "", section.mode, tuple(pieces), length_m, tuple(lines), tuple(gaps)
    )


def _course(
    router: Router, start: str, end: str, mode: Mode, graphs: Sequence[SearchGraph]
) -> tuple[list[Coords], float, list[str]] | None:
    """Return the shortest course between two places by one mode in the first graph that has one, or None."""
    links = router.network.links
    places = [router.catalogue.places[place_id] for place_id in (start, end)]
    ends = [_nodes_of(router, place_id, mode) for place_id in (start, end)]
    span_m = distance_m((places[0].lon, places[0].lat), (places[1].lon, places[1].lat))
    # a way round three times as long is not the corridor, but a gap in it
    limit = max(_MAX_DETOUR * span_m, span_m + _DETOUR_SLACK_M)
    courses = (graph.path(ends[0], ends[1], limit=limit) for graph in graphs)
    steps = next((course for course in courses if course is not None), None)
    if steps is None:
        return None
    shapes = [links.shape(step.link)[:: -1 if step.is_backward else 1] for step in steps]
    length_m = sum(float(links.length_m[step.link]) for step in steps)
    lines = [name for step in steps for name in links.lines[step.link].split(";") if name]
    return [shape for shape in shapes if (shape[0] != shape[-1]).any() or len(shape) > 2], length_m, lines


def _nodes_of(router: Router, place_id: str, mode: Mode) -> list[int]:
    nodes = router.network.nodes_of_place.get(place_id, ())
    return [node for node in nodes if router.network.nodes.mode[node] == mode.value]


def corridors_of_lines(drawn: Mapping[str, Sequence[DrawnSection]]) -> dict[str, list[str]]:
    """Return line id → sorted ids of the corridors that run over it."""
    found: dict[str, set[str]] = {}
    for corridor, sections in drawn.items():
        for section in sections:
            for line in section.lines:
                found.setdefault(line, set()).add(corridor)
    return {line: sorted(corridors) for line, corridors in found.items()}


def centreline(sections: Sequence[DrawnSection]) -> MultiLineString:
    """Return the course of a corridor, adjoining pieces merged."""
    lines = [LineString(coords) for section in sections for coords in section.coords if len(coords) > 1]
    lines = [line for line in lines if line.length > 0]
    merged = shapely.line_merge(MultiLineString(lines)) if lines else MultiLineString()
    parts = [part for part in shapely.get_parts(merged) if part.geom_type == "LineString"]
    return MultiLineString(parts)


def belt(course: BaseGeometry, half_width_km: float) -> MultiPolygon:
    """Return all points within a geodesic distance of a course, to about 2 % of the width.

    The buffer is taken in azimuthal equidistant patches, each true to scale around its own centre.
    """
    patches = []
    for line in shapely.get_parts(course):
        for piece in _pieces(line):
            lon, lat = shapely.get_coordinates(shapely.centroid(piece))[0]
            patches.append(_buffer_around(piece, float(lon), float(lat), half_width_km))
    return repaired_area(shapely.union_all(patches))


def _pieces(line: BaseGeometry) -> list[BaseGeometry]:
    """Cut a line into runs of at most ten degrees, simplified far below the width of any belt."""
    coords = shapely.get_coordinates(line.simplify(0.02))
    pieces: list[BaseGeometry] = []
    start = 0
    for place in range(1, len(coords)):
        is_long = np.ptp(coords[start : place + 1], axis=0).max() > _BELT_STEP_DEG
        if is_long or place == len(coords) - 1:
            pieces.append(LineString(coords[start : place + 1]))
            start = place
    return pieces


def _buffer_around(piece: BaseGeometry, lon: float, lat: float, half_width_km: float) -> BaseGeometry:
    def project(coords: Coords) -> Coords:
        azimuth, _, metres = GEOD.inv(np.full(len(coords), lon), np.full(len(coords), lat), coords[:, 0], coords[:, 1])
        angle = np.radians(azimuth)
        return np.column_stack([np.asarray(metres) * np.sin(angle), np.asarray(metres) * np.cos(angle)])

    def unproject(coords: Coords) -> Coords:
        azimuth = np.degrees(np.arctan2(coords[:, 0], coords[:, 1]))
        metres = np.hypot(coords[:, 0], coords[:, 1])
        lons, lats, _ = GEOD.fwd(np.full(len(coords), lon), np.full(len(coords), lat), azimuth, metres)
        return np.column_stack([lons, lats])

    flat = shapely.transform(piece, project)
    area = shapely.segmentize(shapely.buffer(flat, half_width_km * 1000, quad_segs=8), 50_000)
    return shapely.transform(area, unproject)


def corridors_layer(catalogue: Catalogue, drawn: Mapping[str, Sequence[DrawnSection]]) -> Layer:
    """Return one feature per corridor."""
    features = []
    for corridor in sorted(catalogue.corridors.values(), key=lambda corridor: corridor.id):
        sections = drawn[corridor.id]
        gaps = [f"{start}–{end}" for section in sections for start, end in section.gaps]
        main_m = sum(section.length_m for section in sections if not section.branch)
        length = adopted_length(catalogue, f"corridor:{corridor.id}")
        modes = dict.fromkeys(section.mode.value for section in sections)
        note = "; ".join(part for part in (corridor.note, f"not joined: {', '.join(gaps)}" if gaps else "") if part)
        properties: dict[str, Value] = {
            **name_properties(corridor.names),
            "kind": corridor.kind,
            "mode": ";".join(modes),
            "status": corridor.status.value,
            "opened": corridor.since,
            "gauge_mm": None,
            "length_km": round(length[0] if length else main_m / 1000, 1),
            "length_source": length[1] if length else "measured",
            "drawn_km": round(main_m / 1000, 1),
            "grade": (Grade.SCHEMATIC if gaps else Grade.TRACED).value,
            "spacing_km": None,
            "countries": ";".join(corridor.countries),
            "corridors": corridor.part_of or "",
            "sources": ";".join(corridor.sources),
            "note": note or None,
        }
        features.append(Feature(corridor.id, centreline(sections), properties))
    return Layer(
        "corridors",
        "Corridors",
        "Named corridors as they run over the network",
        LINE_FIELDS,
        tuple(features),
        "MultiLineString",
        OSM_ATTRIBUTION,
        OSM_LICENCE,
        LayerStyle("status", STATUS_STYLE, colour="#cc5a1a", width_mm=1.2),
    )


def belts_layer(catalogue: Catalogue, drawn: Mapping[str, Sequence[DrawnSection]]) -> Layer:
    """Return a belt polygon for each corridor that is drawn as one."""
    features = []
    for corridor in sorted(catalogue.corridors.values(), key=lambda corridor: corridor.id):
        if corridor.belt_km is not None:
            area = belt(centreline(drawn[corridor.id]), corridor.belt_km)
            properties: dict[str, Value] = {
                **name_properties(corridor.names),
                "corridor": corridor.id,
                "half_width_km": corridor.belt_km,
                "note": "the width is ours and assumed: no source gives one",
            }
            features.append(Feature(f"{corridor.id}-belt", area, properties))
    fields = (
        *LINE_FIELDS[:5],
        Field("corridor", "text", "corridor id"),
        Field("half_width_km", "real", "geodesic distance from the centreline", "km"),
        Field("note", "text", "remark"),
    )
    return Layer(
        "belts",
        "Belts",
        "Geodesic buffers around corridor centrelines",
        fields,
        tuple(features),
        "MultiPolygon",
        OWN_ATTRIBUTION,
        OWN_LICENCE,
        LayerStyle(colour="#b98b1e", fill_opacity=0.2),
    )


def air_links_layer(router: Router) -> Layer:
    """Return the great circles between cargo airports; which pairs are served is assumed."""
    links, nodes, places = router.network.links, router.network.nodes, router.catalogue.places
    features = []
    for link in np.flatnonzero(links.kind.matches(LinkKind.AIR.value.__eq__)).tolist():
        ends = [places[nodes.place[int(node)]] for node in (links.a[link], links.b[link])]
        length_km = round(float(links.length_m[link]) / 1000, 1)
        properties: dict[str, Value] = {
            "name": " – ".join(end.name_en for end in ends),
            "kind": Mode.AIR.value,
            "mode": Mode.AIR.value,
            "status": "open",
            "length_km": length_km,
            "length_source": "measured",
            "drawn_km": length_km,
            "grade": Grade.SCHEMATIC.value,
            "countries": ";".join(dict.fromkeys(end.country for end in ends)),
            "corridors": "",
            "sources": "",
            "note": "great circle; that the pair is served is assumed",
        }
        features.append(
            Feature(f"{ends[0].id}-{ends[1].id}", MultiLineString([LineString(links.shape(link))]), properties)
        )
    return Layer(
        "air_links",
        "Air links",
        "Great circles between cargo airports",
        LINE_FIELDS,
        tuple(sorted(features, key=lambda feature: feature.id)),
        "MultiLineString",
        "airportsdata; corridors catalogue",
        OWN_LICENCE,
        LayerStyle(colour="#a3548c", width_mm=0.2),
    )
