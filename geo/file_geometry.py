"""Geometry as vector files want it (RFC 7946): cut at 180°, six decimals, multi parts, rings counter-clockwise.

Both exchange formats take their geometry from here, so a feature is the same in each. All coordinates are WGS 84
lon/lat degrees. Between two points a line is straight in longitude and latitude (planar, RFC 7946 §3.1.1), also where
it is cut; the lines of this project have segments short enough for that to be the geodesic within their accuracy.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.errors import GeometryError

# six decimals are 0.11 m at the equator, finer than any source we have (RFC 7946 §11.2)
DECIMALS = 6
_GRID_DEG = 10.0**-DECIMALS

_Coordinates = npt.NDArray[np.float64]
_LonLat = tuple[float, float]


def file_geometry(geometry: BaseGeometry) -> BaseGeometry:
    """Give the Point, MultiLineString or MultiPolygon to be written for a geometry of WGS 84 lon/lat.

    Raises
    ------
    GeometryError
        When a part is no line or no area after rounding, a polygon is invalid, or a ring goes round a pole.

    Examples
    --------
    >>> file_geometry(shapely.from_wkt("LINESTRING (179 60, -179 62)")).wkt
    'MULTILINESTRING ((179 60, 180 61), (-180 61, -179 62))'
    """
    if isinstance(geometry, Point):
        return Point(_rounded(shapely.get_coordinates(geometry)))
    parts = list(shapely.get_parts(geometry))
    if isinstance(parts[0], LineString):
        return MultiLineString([piece for part in parts for piece in _line_pieces(part)])
    return _areas(parts)


def repaired_area(geometry: BaseGeometry) -> MultiPolygon:
    """Cut an area (WGS 84 lon/lat) at 180° and repair it, for source data that is not valid as it comes.

    Repairing before the cut is a trap: a ring that crosses 180° looks like one that runs round the whole map, and the
    repair then keeps that band. Nothing is rounded.

    Raises
    ------
    GeometryError
        When a ring goes round a pole.
    """
    flat = [shapely.make_valid(_unwrapped_polygon(part), method="structure") for part in shapely.get_parts(geometry)]
    pieces = [piece for area in flat for polygon in _multi(area).geoms for piece in _cut_polygon(polygon)]
    return _multi(shapely.union_all(pieces))


def bounding_box(geometries: Iterable[BaseGeometry]) -> tuple[float, float, float, float] | None:
    """Give west, south, east, north of a small box round geometries of `file_geometry`; None without any.

    West is greater than east where the box crosses the antimeridian and spans no more than half the world
    (RFC 7946 §5.2).

    Examples
    --------
    >>> bounding_box([Point(177, -18), Point(-178, -16)])
    (177.0, -18.0, -178.0, -16.0)
    """
    boxes = shapely.bounds([part for geometry in geometries for part in shapely.get_parts(geometry)]).reshape(-1, 4)
    if not len(boxes):
        return None
    west, east = _longitudes(sorted(zip(boxes[:, 0].tolist(), boxes[:, 2].tolist(), strict=True)))
    return west, float(boxes[:, 1].min()), east, float(boxes[:, 3].max())


def _longitudes(intervals: Sequence[_LonLat]) -> tuple[float, float]:
    """West and east of the shortest arc over sorted intervals: all but the widest gap, that over 180° on a tie.

    An arc of more than half the world is not worth a box that readers may take for turned round: it gets the plain one.
    """
    first, reach = intervals[0]
    gaps = []
    for start, end in intervals[1:]:
        if start > reach:
            gaps.append((start - reach, start, reach))
        reach = max(reach, end)
    # with equal gaps max() keeps the earlier one, so the ordinary box stands first
    gap, west, east = max(((first + 360 - reach, first, reach), *gaps), key=lambda gap: gap[0])
    return (west, east) if west <= east or gap >= 180 else (first, reach)


def _rounded(lon_lat: _Coordinates) -> _Coordinates:
    # adding zero turns -0.0 into 0.0, which would else be two texts for one place
    result: _Coordinates = np.round(lon_lat, DECIMALS) + 0.0
    return result


def _distinct(lon_lat: _Coordinates) -> _Coordinates:
    """Round, and drop every point that falls on the one before it."""
    points = _rounded(lon_lat)
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = (points[1:] != points[:-1]).any(axis=1)
    return points[kept]


def _unwrapped(lon_lat: _Coordinates) -> _Coordinates:
    """Continue longitudes past ±180 where neighbours are more than 180° apart, so that a line has no jump."""
    steps = np.diff(lon_lat[:, 0])
    # an edge along a pole is the border of the world map, as in outlines that were cut before, and no crossing
    along_pole = (np.abs(lon_lat[1:, 1]) == 90) & (np.abs(lon_lat[:-1, 1]) == 90)
    turns = np.where(along_pole, 0, (steps < -180).astype(int) - (steps > 180).astype(int))
    if not turns.any():
        return lon_lat
    return np.column_stack([lon_lat[:, 0] + 360 * np.concatenate([[0], np.cumsum(turns)]), lon_lat[:, 1]])


# lines


def _line_pieces(line: LineString) -> list[LineString]:
    points = _distinct(_unwrapped(_rounded(shapely.get_coordinates(line))))
    if len(points) < 2:
        raise GeometryError(
            f"line part at {points[0, 0]}, {points[0, 1]} is shorter than {_GRID_DEG:.6f}°; remove that part"
        )
    if np.abs(points[:, 0]).max() <= 180:
        return [LineString(points)]
    return [LineString(piece) for piece in _cut_line([(lon, lat) for lon, lat in points.tolist()])]


def _cut_line(points: Sequence[_LonLat]) -> Iterator[_Coordinates]:
    """Pieces of a line with continued longitudes, each moved back into ±180."""
    piece, world = [points[0]], 0
    for segment in _segments(points):
        now = _world(segment, world)
        if now != world and len(piece) > 1:
            yield _distinct(np.array(piece) - (360 * world, 0))
        if now != world:
            piece, world = [segment[0]], now
        piece.append(segment[1])
    yield _distinct(np.array(piece) - (360 * world, 0))


def _segments(points: Sequence[_LonLat]) -> Iterator[tuple[_LonLat, _LonLat]]:
    """Segments of a line, those across the antimeridian in two."""
    for start, end in itertools.pairwise(points):
        # points of one segment are at most 180° apart, so it crosses one border at most
        border = 360 * math.floor((max(start[0], end[0]) + 180) / 360) - 180
        if min(start[0], end[0]) < border < max(start[0], end[0]):
            share = (border - start[0]) / (end[0] - start[0])
            middle = (float(border), start[1] + share * (end[1] - start[1]))
            yield start, middle
            yield middle, end
        else:
            yield start, end


def _world(segment: tuple[_LonLat, _LonLat], before: int) -> int:
    """How many turns from ±180 a segment lies; one along the border stays with the segment before it."""
    middle = (segment[0][0] + segment[1][0]) / 2
    on_border = segment[0][0] == segment[1][0] and (middle + 180) % 360 == 0
    return before if on_border else math.floor((middle + 180) / 360)


# areas


def _areas(polygons: Sequence[Polygon]) -> MultiPolygon:
    whole = MultiPolygon([_unwrapped_polygon(polygon) for polygon in polygons])
    _require_valid(whole)
    rounded = MultiPolygon([part for polygon in whole.geoms for part in _rounded_polygons(polygon)])
    # rounding may bring two parts to touch along an edge: they become one
    if not rounded.is_valid:
        rounded = _on_grid(whole)
    pieces = MultiPolygon([piece for polygon in rounded.geoms for piece in _cut_polygon(polygon)])
    _require_valid(pieces)
    return shapely.orient_polygons(pieces)


def _on_grid(area: BaseGeometry) -> MultiPolygon:
    """Let GEOS round an area to a valid one, where rounding its points one by one does not."""
    return _multi(shapely.transform(shapely.set_precision(area, _GRID_DEG), _rounded))


def _require_valid(areas: MultiPolygon) -> None:
    if not areas.is_valid:
        raise GeometryError(f"polygon is invalid: {shapely.is_valid_reason(areas)}; repair it with shapely.make_valid")


def _unwrapped_polygon(polygon: Polygon) -> Polygon:
    shell = _unwrapped_ring(shapely.get_coordinates(polygon.exterior))
    holes = [_unwrapped_ring(shapely.get_coordinates(hole)) for hole in polygon.interiors]
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    # a hole may have been written on the other side of 180 than the shell starts on
    turns = [round((middle - hole[:, 0].mean()) / 360) for hole in holes]
    return Polygon(shell, [hole + np.array([360 * turn, 0]) for hole, turn in zip(holes, turns, strict=True)])


def _unwrapped_ring(lon_lat: _Coordinates) -> _Coordinates:
    ring = _unwrapped(lon_lat)
    if ring[0, 0] != ring[-1, 0]:
        raise GeometryError(
            f"ring from {lon_lat[0, 0]}, {lon_lat[0, 1]} goes round a pole; cut it along the antimeridian to the pole"
        )
    return ring


def _rounded_polygons(polygon: Polygon) -> Sequence[Polygon]:
    """Round one polygon; a neck narrower than the grid closes and gives two."""
    rings = [_distinct(shapely.get_coordinates(ring)) for ring in (polygon.exterior, *polygon.interiors)]
    for ring in rings:
        if len(ring) < 4 or Polygon(ring).area == 0:
            raise _too_narrow(ring)
    rounded = Polygon(rings[0], rings[1:])
    parts = (rounded,) if rounded.is_valid else tuple(_on_grid(polygon).geoms)
    if not parts:
        raise _too_narrow(rings[0])
    return parts


def _too_narrow(ring: _Coordinates) -> GeometryError:
    place = f"{ring[0, 0]}, {ring[0, 1]}"
    return GeometryError(f"ring at {place} is narrower than {_GRID_DEG:.6f}°; remove that part or hole")


def _cut_polygon(polygon: Polygon) -> Iterator[Polygon]:
    """Pieces of a polygon with continued longitudes, each moved back into ±180; slivers below the grid are dropped."""
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        yield polygon
        return
    for world in range(math.floor((west + 180) / 360), math.ceil((east + 180) / 360)):
        border = 360.0 * world
        window = box(border - 180, -90, border + 180, 90)
        for piece in _multi(shapely.intersection(polygon, window)).geoms:
            yield from _moved(piece, border)


def _moved(piece: Polygon, border: float) -> Iterator[Polygon]:
    rings = [_distinct(shapely.get_coordinates(ring) - (border, 0)) for ring in (piece.exterior, *piece.interiors)]
    areas = [ring for ring in rings if len(ring) >= 4 and Polygon(ring).area > 0]
    if areas and areas[0] is rings[0]:
        yield Polygon(areas[0], areas[1:])


def _multi(geometry: BaseGeometry) -> MultiPolygon:
    """Only the areas of a geometry: where a polygon touches a border, its intersection holds lines and points too."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return MultiPolygon([part for part in parts if isinstance(part, Polygon) and not part.is_empty])
