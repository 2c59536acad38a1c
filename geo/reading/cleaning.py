"""The checks every row passes, whatever its format: reference system, range, 180°, validity; batch by batch.

Most rows need nothing and are checked together; only those that fall out of a check are looked at one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import GeometryCollection, MultiLineString, MultiPoint, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.reading.crs import Reference
from geo.reading.drafts import Draft, FileFault, RowFault
from geo.reading.geojson_geometry import HEIGHTS_DROPPED
from geo.reading.mending import mended, needs_mending
from geo.reading.records import printable

MEASURES_DROPPED: Final = "measures (M) are not kept"
# rows and points checked together, and the rows by which the file's reference system is judged
_BATCH_ROWS: Final = 2000
_BATCH_POINTS: Final = 100_000
_FIRST_ROWS: Final = 200
_TYPES: Final = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}
)
_Coordinates = npt.NDArray[np.float64]
_Geometries = npt.NDArray[np.object_]


def cleaned(drafts: Iterable[Draft], reference: Reference, *, stated: bool) -> Iterator[Draft]:
    """Give each draft with a valid 2D geometry in WGS 84 lon/lat, or with the fault for which it is refused.

    ``stated``: the reference system was said by the caller and is not doubted.

    Raises
    ------
    FileFault
        When the numbers contradict the reference system, such as metres in a file that says degrees.
    """
    judged = stated
    for batch in _batched(drafts):
        placed = [draft for draft in batch if draft.geometry is not None and draft.fault is None]
        if placed:
            _clean(placed, reference, judge=not judged)
            judged = True
        yield from batch


def _batched(drafts: Iterable[Draft]) -> Iterator[tuple[Draft, ...]]:
    """Give some rows at a time, fewer where they have many points each."""
    source = iter(drafts)
    size = _FIRST_ROWS
    while batch := tuple(itertools.islice(source, size)):
        points = int(shapely.get_num_coordinates([draft.geometry for draft in batch]).sum())
        size = max(1, min(_BATCH_ROWS, _BATCH_POINTS * len(batch) // max(points, 1)))
        yield batch


def _clean(drafts: list[Draft], reference: Reference, *, judge: bool) -> None:
    geometries = np.array([None] * len(drafts), dtype=object)
    for index, draft in enumerate(drafts):
        geometries[index] = draft.geometry
    geometries = _flat(drafts, geometries)
    if judge:
        _judge(geometries, reference)
    if reference.to_lon_lat is not None:
        geometries = shapely.transform(geometries, reference.to_lon_lat)
    _refuse_outside(drafts, geometries)
    geometries[[draft.fault is not None for draft in drafts]] = None
    wrong = needs_mending(geometries)
    for index, draft in enumerate(drafts):
        if draft.fault is not None:
            continue
        try:
            draft.geometry = mended(geometries[index], draft) if wrong[index] else geometries[index]
        except RowFault as fault:
            draft.fault = str(fault)
        except shapely.errors.GEOSException as fault:
            draft.fault = f"geometry cannot be repaired: {printable(fault)}"


def _flat(drafts: list[Draft], geometries: _Geometries) -> _Geometries:
    """Drop heights and measures, and geometries without a point; refuse kinds that are not simple."""
    heights, measures, empty = shapely.has_z(geometries), shapely.has_m(geometries), shapely.is_empty(geometries)
    for index in np.flatnonzero(heights | measures | empty).tolist():
        notices = drafts[index].notices
        if heights[index] and HEIGHTS_DROPPED not in notices:
            notices.append(HEIGHTS_DROPPED)
        if measures[index] and MEASURES_DROPPED not in notices:
            notices.append(MEASURES_DROPPED)
        if empty[index]:
            drafts[index].repairs.append("empty geometry read as none")
            geometries[index] = None
    for index, geometry in enumerate(geometries):
        if geometry is not None and geometry.geom_type not in _TYPES:
            drafts[index].fault = f"geometry is a {geometry.geom_type}; write points, lines or polygons"
            geometries[index] = None
    _drop_empty_parts(drafts, geometries)
    return shapely.force_2d(geometries) if (heights | measures).any() else geometries


def _drop_empty_parts(drafts: list[Draft], geometries: _Geometries) -> None:
    parts, owner = shapely.get_parts(geometries, return_index=True)
    leaves, part = shapely.get_parts(parts, return_index=True)
    with_empty = {*owner[shapely.is_empty(parts)].tolist(), *owner[part[shapely.is_empty(leaves)]].tolist()}
    for index in with_empty:
        found = [one for one in _leaves(geometries[index]) if not one.is_empty]
        kind = geometries[index].geom_type
        geometries[index] = _ASSEMBLED[kind](found)
        drafts[index].repairs.append(f"empty part of a {kind} dropped")


def _leaves(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(geometry):
        if part is geometry or part.geom_type in _SINGLE:
            yield part
        else:
            yield from _leaves(part)


_SINGLE: Final = frozenset({"Point", "LineString", "Polygon"})
_ASSEMBLED: Final[dict[str, Callable[[Any], BaseGeometry]]] = {
    "MultiPoint": MultiPoint,
    "MultiLineString": MultiLineString,
    "MultiPolygon": MultiPolygon,
    "GeometryCollection": GeometryCollection,
}


def _judge(geometries: _Geometries, reference: Reference) -> None:
    """Refuse a file whose numbers are of another kind than its reference system, as far as the first rows tell."""
    bounds = shapely.bounds(geometries)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return
    west, south, east, north = bounds.T
    box = f"x {west.min():.9g} to {east.max():.9g}, y {south.min():.9g} to {north.max():.9g}"
    if reference.is_geographic:
        metres = (np.maximum(-west, east) > 1000) | (np.maximum(-south, north) > 1000)
        if metres.mean() > 0.5:
            raise FileFault(
                f"coordinates look like metres ({box}) but the file is taken to be in degrees ({reference.name}); "
                "say which reference system they are in, as in crs='EPSG:32643'"
            )
        swapped = (
            (np.maximum(-south, north) > 90) & (np.maximum(-south, north) <= 180) & (np.maximum(-west, east) <= 90)
        )
        if swapped.mean() > 0.5:
            raise FileFault(
                f"latitude seems to stand before longitude ({box}); write longitude first, in every position"
            )
    # metres would put the whole file on a field of 360 m round the origin of the projection
    elif (np.abs(bounds) <= (180, 90, 180, 90)).all():
        raise FileFault(
            f"coordinates look like degrees ({box}) but the file says {reference.name}, which counts in metres; "
            "say which reference system they are in, as in crs='EPSG:4326'"
        )


def _refuse_outside(drafts: list[Draft], geometries: _Geometries) -> None:
    """Refuse geometries (lon/lat degrees) with a point that is no place on Earth; ±360° of longitude can be mended."""
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    finite = np.asarray(np.isfinite(coordinates).all(axis=1))
    _refuse(drafts, coordinates, owner, ~finite, "has no finite place (x {0:g}, y {1:g})")
    inside = np.asarray((np.abs(coordinates) <= (360, 90)).all(axis=1))
    _refuse(
        drafts,
        coordinates,
        owner,
        finite & ~inside,
        "longitude {0:g}, latitude {1:g} is no place; is it lon/lat in degrees?",
    )


def _refuse(
    drafts: list[Draft], coordinates: _Coordinates, owner: npt.NDArray[Any], wrong: npt.NDArray[np.bool_], why: str
) -> None:
    if not wrong.any():
        return
    for position in np.flatnonzero(wrong)[::-1].tolist():
        drafts[int(owner[position])].fault = why.format(*coordinates[position])
