"""How far one gets in so many hours: places, and areas around the roads and railways reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import RequestError, RouteRefusedError
from geo.geodesy import GEOD
from geo.layer import Feature, Field, Layer, LayerStyle, Value
from layers.schema import PlaceKind
from network.access import Endpoint
from network.costs import Objective
from network.request import Request, usable_links
from network.route import Router, check_request
from network.search import tree_from
from network.table import Floats, LinkKind

WIDTH_KM = 20.0
"""Half width of the area drawn around what is reached."""
_KM_PER_DEGREE = 111.2
_GRID_DEGREES = 0.05
_PLACE_KINDS = frozenset(
    {PlaceKind.CITY, PlaceKind.STATION, PlaceKind.BORDER, PlaceKind.PORT, PlaceKind.DRY_PORT, PlaceKind.AIRPORT}
)
# one leaves a lorry or a train anywhere; a ship or an aircraft only at a place
_DRAWN_KINDS = frozenset({LinkKind.RAIL.value, LinkKind.ROAD.value})


@dataclass(frozen=True, slots=True)
class ReachedPlace:
    """A place with the hours it takes to get there."""

    id: str
    name: str
    kind: str
    country: str
    lon: float
    lat: float
    hours: float


@dataclass(frozen=True)
class Reach:
    """What lies within some hours of an origin; central values."""

    origin: Endpoint
    request: Request
    limits_h: tuple[float, ...]
    places: tuple[ReachedPlace, ...]
    """All places within the longest limit, nearest first."""
    node_hours: Floats
    """Hours to each node of the network, infinite beyond the longest limit."""
    usable: npt.NDArray[np.bool_]

    def within(self, limit_h: float) -> tuple[ReachedPlace, ...]:
        """Return the places within a limit."""
        return tuple(place for place in self.places if place.hours <= limit_h)


def find_reach(router: Router, origin: Endpoint, request: Request, limits_h: Sequence[float]) -> Reach:
    """Return what can be reached from an origin within each of some hours.

    Raises
    ------
    RequestError
        No limit, or one that is not above 0 h, or a mode that does not carry the commodity.
    RouteRefusedError
        The origin stands on no network of the modes.
    """
    if not limits_h or not all(0 < limit <= 100_000 for limit in limits_h):
        raise RequestError("hours to reach must be numbers above 0, comma between, such as 72,120,240")
    check_request(request)
    limits = tuple(sorted(set(limits_h)))
    usable = usable_links(router.network, router.catalogue, request)
    weights = router.costs_of(request).weights(Objective.TIME)
    accesses = router.access.accesses(origin, request, usable)
    tree = tree_from(router.network, weights, usable, accesses, limit=limits[-1] * 3600)
    hours = tree.distance[: len(router.network.nodes)] / 3600
    places = _places(router, request, hours, limits[-1])
    return Reach(origin, request, limits, places, hours, usable)


def _places(router: Router, request: Request, hours: Floats, limit_h: float) -> tuple[ReachedPlace, ...]:
    found = []
    for place in router.catalogue.places.values():
        if place.kind not in _PLACE_KINDS:
            continue
        point = Endpoint(place.id, place.name_en, place.lon, place.lat, is_place=True)
        try:
            nodes = [access.node for access in router.access.accesses(point, request, np.zeros(0, dtype=bool))]
        except RouteRefusedError:
            continue
        least = min(float(hours[node]) for node in nodes)
        if least <= limit_h:
            found.append(
                ReachedPlace(place.id, place.name_en, place.kind.value, place.country, place.lon, place.lat, least)
            )
    return tuple(sorted(found, key=lambda place: (place.hours, place.id)))


def reach_layer(router: Router, reach: Reach) -> Layer:
    """Return one area per limit, longest first so that shorter ones are drawn on top."""
    features = []
    for limit in reversed(reach.limits_h):
        area = reached_area(router, reach, limit)
        within = reach.within(limit)
        properties: dict[str, Value] = {
            "origin": reach.origin.id,
            "hours": limit,
            "places": len(within),
            "area_km2": round(abs(GEOD.geometry_area_perimeter(area)[0]) / 1e6),
            "width_km": WIDTH_KM,
            "scenario": reach.request.scenario,
            "year": reach.request.year,
            "modes": ";".join(reach.request.modes),
        }
        features.append(Feature(f"reach-{limit:g}", area, properties))
    return Layer(
        name="reach",
        title=f"Reach from {reach.origin.name}",
        description=(
            f"Within about {WIDTH_KM:g} km of the roads, railways and places that central values of speed and waiting "
            "reach in the hours given; ships and aircraft carry on to the next place and draw no area"
        ),
        fields=_FIELDS,
        features=tuple(features),
        geometry_type="MultiPolygon",
        attribution="corridors; © OpenStreetMap contributors",
        licence="ODbL-1.0",
        style=LayerStyle(colour="#3b6fb6", fill_opacity=0.25),
    )


_FIELDS = (
    Field("origin", "text", "where it starts"),
    Field("hours", "real", "limit of time", "h"),
    Field("places", "integer", "places of the catalogue within the limit"),
    Field("area_km2", "integer", "geodesic area", "km²"),
    Field("width_km", "real", "half width around what is reached", "km"),
    Field("scenario", "text", "state of the world"),
    Field("year", "integer", "year"),
    Field("modes", "text", "modes that may be used"),
)


def reached_area(router: Router, reach: Reach, limit_h: float) -> BaseGeometry:
    """Return the area (WGS 84 lon/lat) within ``WIDTH_KM`` of the roads, railways and places reached within a limit."""
    points = [(place.lon, place.lat) for place in reach.within(limit_h)]
    if reach.origin.is_place is False or not points:
        points.append((reach.origin.lon, reach.origin.lat))
    segments = np.concatenate([*_reached_segments(router, reach, limit_h), _as_segments(points)])
    return _buffered(segments, WIDTH_KM)


def _reached_segments(router: Router, reach: Reach, limit_h: float) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the reached parts of links as an array (n, 2 ends, lon/lat) each; a link half reached is cut there."""
    links = router.network.links
    costs = router.costs_of(reach.request)
    hours = np.maximum(costs.hours(costs.values()), 1e-9)
    drawn = reach.usable & links.kind.is_in(_DRAWN_KINDS)
    from_a = np.clip((limit_h - reach.node_hours[links.a]) / hours, 0.0, 1.0)
    from_b = np.clip((limit_h - reach.node_hours[links.b]) / hours, 0.0, 1.0)
    whole = drawn & (from_a + from_b >= 1.0)
    for link in np.flatnonzero(whole).tolist():
        yield _pairs(links.shape(link))
    for link in np.flatnonzero(drawn & ~whole & (from_a + from_b > 0.0)).tolist():
        shape = links.shape(link)
        for coords, share in ((shape, from_a[link]), (shape[::-1], from_b[link])):
            if share > 0.0:
                yield _pairs(_first_part(coords, float(share)))


def _pairs(coords: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([coords[:-1], coords[1:]], axis=1)


def _first_part(coords: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.float64]:
    """Return the first part of a polyline, up to a share of its length."""
    steps = np.hypot(np.diff(coords[:, 0]) * np.cos(np.radians(coords[:-1, 1])), np.diff(coords[:, 1]))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    end = along[-1] * share
    last = [np.interp(end, along, coords[:, axis]) for axis in (0, 1)]
    return np.concatenate([coords[along < end], [last]]) if end > 0 else coords[[0, 0]]


def _as_segments(points: Sequence[tuple[float, float]]) -> npt.NDArray[np.float64]:
    ends = np.asarray(points, dtype=np.float64).reshape(-1, 1, 2)
    # a short stroke stands for a point: two corners of the grid
    return np.concatenate([ends, np.add(ends, [0.0, _GRID_DEGREES])], axis=1)


def _buffered(segments: npt.NDArray[np.float64], width_km: float) -> BaseGeometry:
    """Return the union of buffers, drawn in bands of one degree of latitude in which a degree of longitude is even.

    Ends are moved to a grid of a twentieth of a degree first, which makes one stroke of parallel tracks: the width is
    kept within 4 km, and between 75° S and 75° N within another 4 %. What crosses the antimeridian is cut there.
    """
    strokes = _strokes(segments[np.abs(segments[:, 0, 0] - segments[:, 1, 0]) < 180.0])
    bands = np.floor(strokes[:, :, 1].mean(axis=1)).astype(int)
    areas = []
    for band in np.unique(bands).tolist():
        squeeze = np.asarray([max(np.cos(np.radians(band + 0.5)), 0.05), 1.0])
        # many small buffers joined are several times quicker than one buffer of many lines
        lines = shapely.linestrings(strokes[bands == band] * squeeze)
        area = shapely.union_all(shapely.buffer(lines, width_km / _KM_PER_DEGREE, quad_segs=3))
        areas.append(shapely.set_coordinates(area, shapely.get_coordinates(area) / squeeze))
    joined = shapely.union_all(shapely.make_valid(areas))
    return shapely.intersection(joined, shapely.box(-180.0, -90.0, 180.0, 90.0))


def _strokes(segments: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the segments cut to lie near one band each, their ends on the grid, each of them once."""
    pieces = np.maximum(np.ceil(np.abs(segments[:, 0, 1] - segments[:, 1, 1]) / 0.5), 1).astype(int)
    row = np.repeat(np.arange(len(segments)), pieces)
    place = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start, end = segments[row, 0], segments[row, 1]
    from_share, to_share = (place / pieces[row])[:, None], ((place + 1) / pieces[row])[:, None]
    cut = np.concatenate([start + (end - start) * from_share, start + (end - start) * to_share], axis=1)
    grid = np.rint(cut / _GRID_DEGREES).astype(np.int64)
    # one direction for both ways, so that a stroke run both ways is one
    swapped = (grid[:, 0] > grid[:, 2]) | ((grid[:, 0] == grid[:, 2]) & (grid[:, 1] > grid[:, 3]))
    grid[swapped] = grid[swapped][:, [2, 3, 0, 1]]
    grid = np.unique(grid, axis=0)
    moves = (grid[:, 0] != grid[:, 2]) | (grid[:, 1] != grid[:, 3])
    return np.asarray(grid[moves] * _GRID_DEGREES, dtype=np.float64).reshape(-1, 2, 2)


def reach_json(reach: Reach, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the ``reach --json`` document."""
    origin = reach.origin
    return {
        "origin": {"id": origin.id, "name": origin.name, "lon": round(origin.lon, 6), "lat": round(origin.lat, 6)},
        "commodity": reach.request.commodity,
        "modes": [mode.value for mode in reach.request.modes],
        "year": reach.request.year,
        "scenario": reach.request.scenario,
        "limits": [{"hours": limit, "places": [place.id for place in reach.within(limit)]} for limit in reach.limits_h],
        "places": [
            {
                "id": place.id,
                "name": place.name,
                "kind": place.kind,
                "country": place.country,
                "lon": place.lon,
                "lat": place.lat,
                "hours": round(place.hours, 1),
            }
            for place in reach.places
        ],
        "notes": list(notes),
    }
