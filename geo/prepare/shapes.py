"""Give tracks whose shape was lost in the base data their course back, from the places that are known to stand on them.

``scgraph_data`` keeps the true length of an edge but drops the vertices between distant junctions, so that a desert
line is one straight stroke. A station of a railway, or a town named as lying on a road, is on such an edge only if the
way over it is no longer than the edge: the true length is the test. Some edges have no true length, only that of the
stroke itself; those are bent by a set share at most, and are then as long as the way through the places.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from geo.geodesy import EARTH_RADIUS_M, GEOD, LonLat, distance_m, haversine_m

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STATIONS = Path(__file__).with_name("stations.csv")
ROAD_TOWNS = Path(__file__).with_name("road_towns.csv")

_OWN_KM = 0.8
"""A place this near to track that kept its shape stands on that track."""
_RIVAL_KM = 0.4
"""Edges whose detours to a place differ by no more than this both run past it: two tracks of one line."""
_TURN_DEG = 60.0
"""Nothing bends as sharply as this at a place, whatever the length says."""
_FULL_LENGTH = 0.93
"""A way shorter than this part of the true length lacks a bend."""
_SPHERE_KM = 6371.0
"""Radius with which the base data computes the length of a stroke."""
_SAME_KM = 0.01
"""An edge longer than its stroke by no more than this has the length of the stroke."""


@dataclass(frozen=True, slots=True)
class ShapeOptions:
    """How a mode's places are put on its edges; the figures are explained in DATA_LICENSES.md."""

    bare_km: float
    """Edges with a chord at least this long have lost their shape."""
    stretch: float
    """The way over the places may be this many times as long as the edge …"""
    beside_km: float
    """… plus this: the places lie beside it, and coordinates are rounded."""
    near_end_km: float
    """A place this near to an end of the edge is the end."""
    spike_deg: float
    """No line turns back as sharply as this at a place."""
    unmeasured: float
    """The same for an edge that is exactly as long as its stroke: nobody measured it along its course."""


RAIL_SHAPES = ShapeOptions(bare_km=5.0, stretch=1.004, beside_km=0.5, near_end_km=1.5, spike_deg=95.0, unmeasured=1.004)
ROAD_SHAPES = ShapeOptions(bare_km=15.0, stretch=1.02, beside_km=1.5, near_end_km=3.0, spike_deg=85.0, unmeasured=1.1)


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes and edges of the base data before anything is joined or thinned."""

    lon_lat: Floats
    """Degrees, one row per node."""
    ends: Ints
    """Two nodes per edge."""
    km: Floats
    """True length per edge."""

    def chords_km(self) -> Floats:
        """Return the geodesic distance between the ends of each edge."""
        a, b = self.lon_lat[self.ends[:, 0]], self.lon_lat[self.ends[:, 1]]
        return np.asarray(GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]) / 1000


@dataclass(frozen=True, slots=True)
class _Bare:
    """The shapeless edges of a network, to be found by the places they can run past."""

    network: Network
    options: ShapeOptions
    chord_km: Floats
    """Per edge of the network, as the next."""
    limit_km: Floats
    """How long the way over the places of an edge may be."""
    edges: Ints
    """The edges that have lost their shape."""
    tree: shapely.STRtree
    """The areas within reach of these edges, in their order."""


def read_places(path: Path) -> list[LonLat]:
    """Return the positions (WGS 84) in a CSV with the columns ``lon`` and ``lat``, such as ``STATIONS``."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]


def restore_shapes(
    network: Network, places: Sequence[LonLat], options: ShapeOptions = RAIL_SHAPES
) -> tuple[Network, int]:
    """Bend shapeless edges through their places; return the network and how many places it took up.

    Places off all other track come first; those beside track that kept its shape may belong to a parallel line and
    only fill what is then still bare.
    """
    bare = _bare_edges(network, options)
    free, beside = _by_shaped_track(bare, sorted(set(places)))
    courses = _find_courses(bare, free, {})
    courses |= _find_courses(bare, beside, courses)
    _drop_turns_at_joints(network, courses, options.spike_deg)
    lon_lat, ends, km = [network.lon_lat], [network.ends.copy()], [network.km]
    number = len(network.lon_lat)
    for edge, inner in sorted(courses.items()):
        start, end = network.ends[edge].tolist()
        nodes = [start, *range(number, number + len(inner)), end]
        pieces = np.asarray([distance_m(a, b) for a, b in pairwise(_way(network, edge, inner))])
        lon_lat.append(np.asarray(inner))
        ends.append(np.asarray(list(pairwise(nodes)), dtype=np.int64))
        km.append(pieces / pieces.sum() * max(float(network.km[edge]), float(pieces.sum()) / 1000))
        ends[0][edge] = -1
        number += len(inner)
    all_ends, all_km = np.concatenate(ends), np.concatenate(km)
    kept = all_ends[:, 0] >= 0
    return Network(np.concatenate(lon_lat), all_ends[kept], all_km[kept]), number - len(network.lon_lat)


def _bare_edges(network: Network, options: ShapeOptions) -> _Bare:
    chord_km = network.chords_km()
    limit_km = _limits_km(network, chord_km, options)
    edges = np.flatnonzero(chord_km >= options.bare_km)
    lines = shapely.linestrings(network.lon_lat[network.ends[edges]])
    reach_km = np.sqrt(np.maximum(limit_km[edges] ** 2 - chord_km[edges] ** 2, 0)) / 2
    middle = shapely.get_coordinates(shapely.centroid(lines))
    scale = np.maximum(np.cos(np.radians(middle[:, 1])), 0.1)
    tree = shapely.STRtree(shapely.buffer(lines, reach_km / 111.2 / scale, quad_segs=2))
    return _Bare(network, options, chord_km, limit_km, edges, tree)


def _limits_km(network: Network, chord_km: Floats, options: ShapeOptions) -> Floats:
    """Return how long the way over the places of an edge may be, per edge."""
    (lon, lat), end = (network.lon_lat[network.ends[:, side]].T for side in (0, 1))
    stroke_km = np.maximum(haversine_m(lon, lat, end) / EARTH_RADIUS_M * _SPHERE_KM, chord_km)
    is_measured = network.km > stroke_km + _SAME_KM
    limit: Floats = network.km * np.where(is_measured, options.stretch, options.unmeasured) + options.beside_km
    return limit


def _find_courses(
    bare: _Bare, places: Sequence[LonLat], known: Mapping[int, Sequence[LonLat]]
) -> dict[int, list[LonLat]]:
    """Return edge → the places between its ends in order, with those in ``known``, for edges that run past any."""
    courses = {}
    for edge, points in _owners(bare, places).items():
        way = _way(bare.network, edge, known.get(edge, ()))
        inner = _course(way, points, float(bare.limit_km[edge]), bare.options.spike_deg)[1:-1]
        if inner:
            courses[edge] = inner
    return courses


def _drop_turns_at_joints(network: Network, courses: dict[int, list[LonLat]], spike_deg: float) -> None:
    """Drop (in place) places next to a joint of edges from which the line could go on to none of the others.

    Such a place stands on a parallel line.
    """
    edges_at: dict[int, list[int]] = {}
    joints = {int(node) for edge in courses for node in network.ends[edge]}
    for edge, ends in enumerate(network.ends.tolist()):
        for node in ends:
            if node in joints:
                edges_at.setdefault(node, []).append(edge)
    changed = True
    while changed:
        changed = False
        for edge, inner in sorted(courses.items()):
            for at_end, node in enumerate(network.ends[edge].tolist()):
                others = [other for other in edges_at[node] if other != edge]
                if not inner or not others:
                    continue
                joint = _way(network, edge, ())[-at_end]
                onward = [_next_point(network, other, node, courses.get(other, ())) for other in others]
                widest = max(_angle_deg(inner[-at_end], joint, point) for point in onward)
                plain = max(_angle_deg(_way(network, edge, ())[at_end - 1], joint, point) for point in onward)
                if widest < spike_deg <= plain:
                    del inner[-at_end]
                    changed = True
    for edge in [edge for edge, inner in courses.items() if not inner]:
        del courses[edge]


def _next_point(network: Network, edge: int, node: int, inner: Sequence[LonLat]) -> LonLat:
    """Return the point next to a node of an edge on the way along it."""
    way = _way(network, edge, inner)
    return way[1] if int(network.ends[edge, 0]) == node else way[-2]


def _way(network: Network, edge: int, inner: Sequence[LonLat]) -> list[LonLat]:
    start, end = ((float(lon), float(lat)) for lon, lat in network.lon_lat[network.ends[edge]])
    return [start, *inner, end]


def _by_shaped_track(bare: _Bare, places: Sequence[LonLat]) -> tuple[list[LonLat], list[LonLat]]:
    """Divide the places into those off all track that kept its shape, and those beside some."""
    shaped = bare.network.ends[bare.chord_km < bare.options.bare_km]
    tree = shapely.STRtree(np.asarray(shapely.linestrings(bare.network.lon_lat[shaped])))
    free: list[LonLat] = []
    beside: list[LonLat] = []
    for lon, lat in places:
        high, wide = _OWN_KM / 111.2, _OWN_KM / 111.2 / max(float(np.cos(np.radians(lat))), 0.1)
        found = tree.query(shapely.box(lon - wide, lat - high, lon + wide, lat + high), predicate="intersects")
        (beside if len(found) else free).append((lon, lat))
    return free, beside


def _owners(bare: _Bare, places: Sequence[LonLat]) -> dict[int, list[LonLat]]:
    """Return edge → the places it can run past: those that need the smallest detour of all shapeless edges."""
    owners: dict[int, list[LonLat]] = {}
    for point in places:
        detours = []
        for edge in bare.edges[bare.tree.query(shapely.Point(point))].tolist():
            start, end = _way(bare.network, edge, ())
            parts_km = distance_m(start, point) / 1000, distance_m(point, end) / 1000
            if min(parts_km) >= bare.options.near_end_km and sum(parts_km) <= bare.limit_km[edge]:
                detours.append((sum(parts_km) - float(bare.chord_km[edge]), edge))
        for detour, edge in detours:
            if detour <= min(detours)[0] + _RIVAL_KM:
                owners.setdefault(edge, []).append(point)
    return owners


def _course(way: Sequence[LonLat], points: Sequence[LonLat], limit_km: float, spike_deg: float) -> list[LonLat]:
    """Return the way past the points too, without those that make it longer than the limit or turn back."""
    known, way = frozenset(way), list(way)
    for point in sorted(points, key=lambda p: -_detour_m(way[0], p, way[-1])):
        gaps = [_detour_m(here, point, there) for here, there in pairwise(way)]
        way.insert(int(np.argmin(gaps)) + 1, point)
    while len(way) > len(known):
        places = [place for place in range(1, len(way) - 1) if way[place] not in known]
        detours = {place: _detour_m(way[place - 1], way[place], way[place + 1]) for place in places}
        angles = {place: _angle_deg(way[place - 1], way[place], way[place + 1]) for place in places}
        length_km = sum(distance_m(here, there) for here, there in pairwise(way)) / 1000
        if length_km > limit_km:
            del way[max(places, key=detours.__getitem__)]
        else:
            sharp = min(places, key=angles.__getitem__)
            # a true bend is needed to make up the length; a turn on the spot is none
            is_needed = angles[sharp] >= _TURN_DEG and length_km - detours[sharp] / 1000 < limit_km * _FULL_LENGTH
            if angles[sharp] >= spike_deg or is_needed:
                break
            del way[sharp]
    return way


def _detour_m(one: LonLat, point: LonLat, other: LonLat) -> float:
    return distance_m(one, point) + distance_m(point, other) - distance_m(one, other)


def _angle_deg(one: LonLat, point: LonLat, other: LonLat) -> float:
    """Return the angle at the point: 180 where the way goes straight on."""
    back, on = GEOD.inv(*point, *one)[0], GEOD.inv(*point, *other)[0]
    return abs((float(back) - float(on) + 180) % 360 - 180)
