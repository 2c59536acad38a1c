"""Give track whose shape was lost in the base data its course back, from the stations that stand on it.

``scgraph_data`` keeps the true length of an edge but drops the vertices between distant junctions, so that a desert
line is one straight stroke. A station lies on such an edge only if the way over it is no longer than the edge: the true
length is the test.
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

from geo.geodesy import GEOD, LonLat, distance_m

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STATIONS = Path(__file__).with_name("stations.csv")

_BARE_KM = 5.0
"""Edges with a chord at least this long have lost their shape."""
_OWN_KM = 0.8
"""A station this near to track that kept its shape stands on that track."""
_ROUNDING_KM = 0.5
"""Coordinates of the base data have three decimals, and stations lie beside the track."""
_STRETCH = 1.004
_NEAR_END_KM = 1.5
"""A station this near to an end of the edge is the end."""
_RIVAL_KM = 0.4
"""Edges whose detours to a station differ by no more than this both run past it: two tracks of one line."""
_SPIKE_DEG = 95.0
"""No railway turns back as sharply as this at a station of the open line."""


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes and edges of the base data before anything is joined or thinned."""

    lon_lat: Floats
    """Degrees, one row per node."""
    ends: Ints
    """Two nodes per edge."""
    km: Floats
    """True length per edge."""


def read_stations(path: Path = STATIONS) -> list[LonLat]:
    """Return the positions (WGS 84) of the stations of a CSV with the columns ``lon`` and ``lat``."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]


def restore_shapes(network: Network, stations: Sequence[LonLat]) -> tuple[Network, int]:
    """Bend shapeless edges through their stations; return the network and how many stations it took up.

    Stations off all other track come first; those beside track that kept its shape may belong to a parallel line and
    only fill what is then still bare.
    """
    free, beside = _by_shaped_track(network, stations)
    courses = find_courses(network, free, {})
    courses |= find_courses(network, beside, courses)
    _drop_turns_at_joints(network, courses)
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


def find_courses(
    network: Network, stations: Sequence[LonLat], known: Mapping[int, Sequence[LonLat]]
) -> dict[int, list[LonLat]]:
    """Return edge → the stations between its ends in order, with those in ``known``, for edges that run past any."""
    courses = {}
    for edge, points in _owners(network, stations).items():
        inner = _course(_way(network, edge, known.get(edge, ())), points, float(network.km[edge]))[1:-1]
        if inner:
            courses[edge] = inner
    return courses


def _drop_turns_at_joints(network: Network, courses: dict[int, list[LonLat]]) -> None:
    """Drop (in place) stations next to a joint of edges from which the line could go on to none of the others.

    Such a station stands on a parallel line.
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
                if widest < _SPIKE_DEG <= plain:
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


def _chords_km(network: Network) -> Floats:
    a, b = network.lon_lat[network.ends[:, 0]], network.lon_lat[network.ends[:, 1]]
    return np.asarray(GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]) / 1000


def _by_shaped_track(network: Network, stations: Sequence[LonLat]) -> tuple[list[LonLat], list[LonLat]]:
    """Divide the stations into those off all track that kept its shape, and those beside some."""
    shaped = network.ends[_chords_km(network) < _BARE_KM]
    tree = shapely.STRtree(np.asarray(shapely.linestrings(network.lon_lat[shaped])))
    free: list[LonLat] = []
    beside: list[LonLat] = []
    for lon, lat in stations:
        high, wide = _OWN_KM / 111.2, _OWN_KM / 111.2 / max(float(np.cos(np.radians(lat))), 0.1)
        found = tree.query(shapely.box(lon - wide, lat - high, lon + wide, lat + high), predicate="intersects")
        (beside if len(found) else free).append((lon, lat))
    return free, beside


def _owners(network: Network, stations: Sequence[LonLat]) -> dict[int, list[LonLat]]:
    """Return edge → the stations it can run past: those that need the smallest detour of all shapeless edges."""
    chord_km = _chords_km(network)
    bare = np.flatnonzero(chord_km >= _BARE_KM)
    lines = shapely.linestrings(network.lon_lat[network.ends[bare]])
    reach_km = np.sqrt(np.maximum((network.km[bare] + _ROUNDING_KM) ** 2 - chord_km[bare] ** 2, 0)) / 2
    middle = shapely.get_coordinates(shapely.centroid(lines))
    scale = np.maximum(np.cos(np.radians(middle[:, 1])), 0.1)
    tree = shapely.STRtree(shapely.buffer(lines, reach_km / 111.2 / scale, quad_segs=2))
    owners: dict[int, list[LonLat]] = {}
    for point in stations:
        detours = []
        for edge in bare[tree.query(shapely.Point(point))].tolist():
            start, end = _way(network, edge, ())
            parts_km = distance_m(start, point) / 1000, distance_m(point, end) / 1000
            is_inside = min(parts_km) >= _NEAR_END_KM
            if is_inside and sum(parts_km) <= network.km[edge] * _STRETCH + _ROUNDING_KM:
                detours.append((sum(parts_km) - float(chord_km[edge]), edge))
        for detour, edge in detours:
            if detour <= min(detours)[0] + _RIVAL_KM:
                owners.setdefault(edge, []).append(point)
    return owners


def _course(way: Sequence[LonLat], points: Sequence[LonLat], km: float) -> list[LonLat]:
    """Return the way past the points too, without those that make it longer than the edge or turn back."""
    known, way = frozenset(way), list(way)
    for point in sorted(points, key=lambda p: -_detour_m(way[0], p, way[-1])):
        gaps = [_detour_m(here, point, there) for here, there in pairwise(way)]
        way.insert(int(np.argmin(gaps)) + 1, point)
    while len(way) > len(known):
        places = [place for place in range(1, len(way) - 1) if way[place] not in known]
        detours = {place: _detour_m(way[place - 1], way[place], way[place + 1]) for place in places}
        angles = {place: _angle_deg(way[place - 1], way[place], way[place + 1]) for place in places}
        length_km = sum(distance_m(here, there) for here, there in pairwise(way)) / 1000
        if length_km > km * _STRETCH + _ROUNDING_KM:
            del way[max(places, key=detours.__getitem__)]
        elif min(angles.values()) < _SPIKE_DEG:
            del way[min(places, key=angles.__getitem__)]
        else:
            break
    return way


def _detour_m(one: LonLat, point: LonLat, other: LonLat) -> float:
    return distance_m(one, point) + distance_m(point, other) - distance_m(one, other)


def _angle_deg(one: LonLat, point: LonLat, other: LonLat) -> float:
    """Return the angle at the point: 180 where the way goes straight on."""
    back, on = GEOD.inv(*point, *one)[0], GEOD.inv(*point, *other)[0]
    return abs((float(back) - float(on) + 180) % 360 - 180)
