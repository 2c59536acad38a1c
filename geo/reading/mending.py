"""Geometries (lon/lat degrees) that cross 180°, wind the wrong way or are invalid, mended one by one and told.

A line with neighbours more than 180° of longitude apart goes the short way round and is cut at 180°. An area is cut
likewise; a ring round a pole is carried along 180° to that pole. An area that crosses itself keeps its outline.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.reading.drafts import Draft, RowFault

_Coordinates = npt.NDArray[np.float64]
_LonLat = tuple[float, float]
_CUT: Final = "crosses 180° of longitude, cut there"
_WOUND: Final = "ring wound the other way, outer rings now run counter-clockwise"
# crossing segments beyond which a repair would take minutes and mean nothing
_CROSSINGS_PER_POINT: Final = 20
_CROSSINGS: Final = 20_000


def needs_mending(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Tell which geometries leave ±180°, seem to jump across it, are invalid, or wind their rings the wrong way."""
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    wrong = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    wrong[owner[np.abs(coordinates[:, 0]) > 180]] = True
    # a step between two parts may be taken for a jump here; mending looks at each part
    jumps = (np.abs(np.diff(coordinates[:, 0])) > 180) & (owner[1:] == owner[:-1])
    wrong[owner[1:][jumps]] = True
    areal = np.flatnonzero(np.isin(shapely.get_type_id(geometries), (3, 6, 7)))
    for index in areal.tolist():
        wrong[index] |= not _is_wound_well(geometries[index])
    return wrong


def mended(geometry: BaseGeometry, draft: Draft) -> BaseGeometry:
    """Give a geometry made valid, and tell the draft what was done.

    Raises
    ------
    RowFault
        When nothing usable is left, or no repair is certain.
    """
    if isinstance(geometry, GeometryCollection):
        return shapely.geometrycollections([mended(part, draft) for part in geometry.geoms])
    parts = shapely.get_parts(geometry)
    if isinstance(parts[0], Point):
        return _mended_points(geometry, draft)
    if isinstance(parts[0], LineString):
        return _mended_lines(geometry, draft)
    return _mended_areas(geometry, draft)


def _tell(draft: Draft, what: str) -> None:
    if what not in draft.repairs:
        draft.repairs.append(what)


# points


def _mended_points(geometry: BaseGeometry, draft: Draft) -> BaseGeometry:
    lon_lat = shapely.get_coordinates(geometry)
    outside = np.abs(lon_lat[:, 0]) > 180
    if outside.any():
        _tell(draft, f"longitude {lon_lat[outside.argmax(), 0]:g} brought within ±180")
        geometry = shapely.transform(geometry, _within)
    return geometry


def _within(lon_lat: _Coordinates) -> _Coordinates:
    lon = lon_lat[:, 0]
    return np.column_stack([np.where(np.abs(lon) > 180, (lon + 180) % 360 - 180, lon), lon_lat[:, 1]])


# lines


def _mended_lines(geometry: BaseGeometry, draft: Draft) -> BaseGeometry:
    parts = list(shapely.get_parts(geometry))
    lasting = [part for part in parts if len(np.unique(shapely.get_coordinates(part), axis=0)) > 1]
    if not lasting:
        raise RowFault("line has no length: all its points are the same")
    if len(lasting) < len(parts):
        _tell(draft, f"{len(parts) - len(lasting)} of {len(parts)} parts without length dropped")
    pieces = [piece for part in lasting for piece in _line_pieces(part, draft)]
    return pieces[0] if len(pieces) == 1 and isinstance(geometry, LineString) else MultiLineString(pieces)


def _line_pieces(line: LineString, draft: Draft) -> list[LineString]:
    lon_lat = shapely.get_coordinates(line)
    turned = _continued(lon_lat)
    west, east = turned[:, 0].min(), turned[:, 0].max()
    if west >= -180 and east <= 180:
        return [line if (turned == lon_lat).all() else _brought_within(turned, lon_lat, draft)]
    # whole turns, so that the line starts within ±180
    turned[:, 0] -= 360 * np.floor((turned[0, 0] + 180) / 360) if abs(turned[0, 0]) > 180 else 0
    pieces = [
        LineString(np.column_stack([np.clip(piece[:, 0] - 360 * world, -180, 180), piece[:, 1]]))
        for world in range(
            int(np.floor((turned[:, 0].min() + 180) / 360)), int(np.ceil((turned[:, 0].max() + 180) / 360))
        )
        for piece in _inside(turned, 360.0 * world - 180, 360.0 * world + 180)
    ]
    crosses = len(pieces) > 1 or (np.abs(np.diff(lon_lat[:, 0])) > 180).any()
    _tell(draft, _CUT if crosses else f"longitude {lon_lat[np.abs(lon_lat[:, 0]).argmax(), 0]:g} brought within ±180")
    if not pieces:
        raise RowFault("line has no length within ±180° of longitude")
    return pieces


def _brought_within(turned: _Coordinates, lon_lat: _Coordinates, draft: Draft) -> LineString:
    _tell(draft, f"longitude {lon_lat[np.abs(lon_lat[:, 0]).argmax(), 0]:g} brought within ±180")
    return LineString(turned)


def _continued(lon_lat: _Coordinates) -> _Coordinates:
    """Continue longitudes past ±180 where neighbours are more than 180° apart."""
    steps = np.diff(lon_lat[:, 0])
    # an edge of 360° along a parallel is the border of a map of the world, as is one along a pole
    along_pole = (np.abs(lon_lat[1:, 1]) == 90) & (np.abs(lon_lat[:-1, 1]) == 90)
    round_parallel = (np.abs(steps) == 360) & (np.diff(lon_lat[:, 1]) == 0)
    jumps = (np.abs(steps) > 180) & ~round_parallel & ~along_pole
    turns = np.concatenate([[0], np.cumsum(-np.round(steps / 360) * jumps)])
    return np.column_stack([lon_lat[:, 0] + 360 * turns, lon_lat[:, 1]])


def _inside(lon_lat: _Coordinates, west: float, east: float) -> list[_Coordinates]:
    """Pieces of a line between two meridians, in its own order; one along a border belongs to the west of it."""
    pieces: list[list[_LonLat]] = [[]]
    points = [(lon, lat) for lon, lat in lon_lat.tolist()]
    for start, end in itertools.pairwise(points):
        low, high = sorted((start[0], end[0]))
        along_border = low == high == east
        if (high <= west or low >= east) and not along_border:
            # the segment lies elsewhere
            if pieces[-1]:
                pieces.append([])
            continue
        if not pieces[-1]:
            pieces[-1].append(_at(start, end, west, east))
        pieces[-1].append(_at(end, start, west, east))
        if pieces[-1][-1] != end:
            pieces.append([])
    return [np.array(piece) for piece in pieces if len(set(piece)) > 1]


def _at(start: _LonLat, end: _LonLat, west: float, east: float) -> _LonLat:
    """Give the start of a segment, moved along it to the border it lies beyond."""
    border = min(max(start[0], west), east)
    if border == start[0]:
        return start
    return border, start[1] + (border - start[0]) / (end[0] - start[0]) * (end[1] - start[1])


# areas


def _is_wound_well(geometry: BaseGeometry) -> bool:
    for part in shapely.get_parts(shapely.get_parts(geometry)):
        if isinstance(part, Polygon) and not (part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors)):
            return False
    return True


def _mended_areas(geometry: BaseGeometry, draft: Draft) -> BaseGeometry:
    wound_well = _is_wound_well(geometry)
    flat = [_flattened(part, draft) for part in shapely.get_parts(geometry)]
    whole: BaseGeometry = flat[0] if len(flat) == 1 else MultiPolygon(flat)
    crosses = any((np.abs(shapely.get_coordinates(part)[:, 0]) > 180).any() for part in flat)
    # winding says nothing of a ring that was cut at 180°
    if not wound_well and not crosses:
        _tell(draft, _WOUND)
    if not whole.is_valid:
        _refuse_tangle(whole)
        why = shapely.is_valid_reason(whole)
        whole = shapely.make_valid(whole, method="structure")
        _tell(draft, f"invalid area repaired: {_lower(why)}")
    if crosses:
        whole = _cut(whole, draft)
    elif (np.abs(shapely.get_coordinates(geometry)[:, 0]) > 180).any():
        _tell(draft, "longitudes brought within ±180")
    polygons = _polygons(whole)
    if polygons and not MultiPolygon(polygons).is_valid:
        # parts that GEOS leaves side by side become one
        polygons = _polygons(shapely.union_all(polygons))
    if not polygons:
        raise RowFault("area has no surface: it is a line or a point")
    mended_area: BaseGeometry = (
        polygons[0] if len(polygons) == 1 and isinstance(geometry, Polygon) else MultiPolygon(polygons)
    )
    if not mended_area.is_valid:
        raise RowFault(f"invalid area cannot be repaired: {_lower(shapely.is_valid_reason(mended_area))}")
    return shapely.orient_polygons(mended_area)


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    return [
        part for part in shapely.get_parts(shapely.get_parts(geometry)) if isinstance(part, Polygon) and part.area > 0
    ]


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]


def _flattened(polygon: Polygon, draft: Draft) -> Polygon:
    """Give a polygon with continued longitudes: no jump at 180°, a ring round a pole carried to that pole."""
    shell = _continued_ring(shapely.get_coordinates(polygon.exterior), draft)
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    holes = [_continued_ring(shapely.get_coordinates(hole), draft) for hole in polygon.interiors]
    # a hole may have been written on the other side of 180° than the shell starts on
    turns = [round((middle - (hole[:, 0].min() + hole[:, 0].max()) / 2) / 360) for hole in holes]
    return Polygon(shell, [hole + np.array((360 * turn, 0)) for hole, turn in zip(holes, turns, strict=True)])


def _continued_ring(lon_lat: _Coordinates, draft: Draft) -> _Coordinates:
    ring = _continued(lon_lat)
    turn = ring[-1, 0] - ring[0, 0]
    if turn == 0:
        return ring
    if abs(turn) != 360:
        raise RowFault("ring runs round the globe more than once")
    # of the two areas that such a ring bounds, the smaller one is meant
    pole = 90.0 if np.trapezoid(ring[:, 1], ring[:, 0]) / turn > 0 else -90.0
    _tell(draft, f"ring round the {'north' if pole > 0 else 'south'} pole carried along 180° to it")
    return np.vstack([ring, [(ring[-1, 0], pole), (ring[0, 0], pole)], ring[:1]])


def _cut(area: BaseGeometry, draft: Draft) -> BaseGeometry:
    """Cut an area with continued longitudes at 180° and bring every piece within ±180."""
    west, _, east, _ = area.bounds
    pieces = []
    for world in range(int(np.floor((west + 180) / 360)), int(np.ceil((east + 180) / 360))):
        piece = shapely.intersection(area, shapely.box(360 * world - 180, -90, 360 * world + 180, 90))
        pieces.append(affinity.translate(piece, -360.0 * world))
    cut = sum(not piece.is_empty for piece in pieces) > 1
    _tell(draft, _CUT if cut else "longitudes brought within ±180")
    return shapely.union_all(
        [part for piece in pieces for part in shapely.get_parts(piece) if isinstance(part, Polygon)]
    )


def _refuse_tangle(area: BaseGeometry) -> None:
    """Refuse an area that crosses itself so often that a repair would take minutes; found by boxes, in bounded time."""
    coordinates, owner = shapely.get_coordinates(shapely.get_parts(shapely.get_rings(area)), return_index=True)
    within = owner[1:] == owner[:-1]
    segments = np.stack([coordinates[:-1], coordinates[1:]], axis=1)[within]
    boxes = shapely.box(*segments.min(axis=1).T, *segments.max(axis=1).T)
    tree = shapely.STRtree(boxes)
    allowed = max(_CROSSINGS, _CROSSINGS_PER_POINT * len(segments))
    met = 0
    for start in range(0, len(boxes), 200):
        met += tree.query(boxes[start : start + 200]).shape[1]
        if met > allowed:
            raise RowFault("area crosses itself too often to be repaired; mend it in a GIS")
