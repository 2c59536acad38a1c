"""The geometry objects of RFC 7946, checked member by member and made into shapely geometries.

What a parser may mend without guessing is mended and told (an open ring, a fourth number, an empty list); the rest is
refused. Coordinates are not judged here: their reference system and range come later.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.reading.drafts import Draft, RowFault
from geo.reading.json_text import Doubled
from geo.reading.records import printable

HEIGHTS_DROPPED: Final = "heights (Z) are not kept"
_Coordinates = npt.NDArray[np.float64]
# § 7.1: members of one kind of object must not stand in another
_FOREIGN: Final = ("geometry", "properties", "features")
_NUMBERS: Final = frozenset({int, float})


def geometry(value: object, draft: Draft, *, level: int = 0) -> BaseGeometry | None:
    """Make the geometry of a parsed geometry object, None where it is empty; ``draft`` is told what was mended.

    Raises
    ------
    RowFault
        When it is no geometry object of RFC 7946.
    """
    if not isinstance(value, dict):
        raise RowFault(f"geometry is {_kind(value)}; expected an object or null")
    if isinstance(value, Doubled):
        raise RowFault(f"geometry has the member '{printable(value.name)}' twice")
    kind = value.get("type")
    maker = _MAKERS.get(kind) if isinstance(kind, str) else None
    if maker is None and kind != "GeometryCollection":
        raise RowFault(f"geometry type {_shown(kind)} is not one of GeoJSON's seven (upper and lower case count)")
    if foreign := [name for name in _FOREIGN if name in value]:
        raise RowFault(f"a geometry must not have the member '{foreign[0]}' (RFC 7946 § 7.1)")
    if maker is None:
        found = _collection(value, draft, level)
    else:
        if "coordinates" not in value:
            raise RowFault(f"{kind} has no coordinates")
        if value["coordinates"] == [] and isinstance(value["coordinates"], list):
            draft.repairs.append(f"{kind} without coordinates read as null geometry")
            found = None
        else:
            found = maker(value["coordinates"], draft)
    check_bbox(value, found, draft)
    return found


def _collection(value: dict[str, object], draft: Draft, level: int) -> BaseGeometry | None:
    members = value.get("geometries")
    if not isinstance(members, list):
        raise RowFault(f"GeometryCollection has {_kind(members)} for geometries; expected a list")
    if "coordinates" in value:
        raise RowFault("a GeometryCollection must not have the member 'coordinates'")
    if level > 16:
        raise RowFault("GeometryCollections are nested more than 16 deep")
    parts = [geometry(member, draft, level=level + 1) for member in members]
    if level:
        draft.repairs.append("nested GeometryCollection made flat")
    elif not members:
        draft.notices.append("empty GeometryCollection read as null geometry")
    flat = [part for geometry in parts if geometry is not None for part in _flattened(geometry)]
    return GeometryCollection(flat) if flat else None


def _flattened(part: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_parts(part)) if part.geom_type == "GeometryCollection" else [part]


# coordinates


def _positions(value: object, draft: Draft, *, least: int, what: str) -> _Coordinates:
    """Give an array (n, 2) of positions, each a list of at least two numbers."""
    if not isinstance(value, list):
        raise RowFault(f"{what} is {_kind(value)}; expected a list of positions")
    if set(map(type, value)) - {list}:
        wrong = next(position for position in value if type(position) is not list)
        raise RowFault(f"{what} has {_kind(wrong)} where a position [longitude, latitude] belongs")
    lengths = set(map(len, value))
    if lengths and min(lengths) < 2:
        raise RowFault(f"{what} has a position with {min(lengths)} numbers; it needs longitude and latitude")
    numbers = list(chain.from_iterable(value))
    if not set(map(type, numbers)) <= _NUMBERS:
        wrong = next(number for number in numbers if type(number) not in _NUMBERS)
        raise RowFault(f"{what} has {_kind(wrong)} where a number belongs")
    if len(value) < least:
        raise RowFault(f"{what} has {_count(len(value), 'position')}; it needs {least}")
    if lengths - {2}:
        _note_dimensions(lengths, draft)
        numbers = list(chain.from_iterable([position[:2] for position in value]))
    # integers are bounded by the parser, so that none is beyond a float
    return np.array(numbers, dtype=np.float64).reshape(-1, 2)


def _note_dimensions(lengths: set[int], draft: Draft) -> None:
    if HEIGHTS_DROPPED not in draft.notices:
        draft.notices.append(HEIGHTS_DROPPED)
    if max(lengths) > 3:
        note = "numbers after the third of a position dropped"
        if note not in draft.repairs:
            draft.repairs.append(note)


def _point(value: object, draft: Draft) -> BaseGeometry:
    return Point(_positions([value], draft, least=1, what="Point")[0])


def _line(value: object, draft: Draft) -> BaseGeometry:
    return LineString(_positions(value, draft, least=2, what="LineString"))


def _polygon(value: object, draft: Draft) -> BaseGeometry:
    rings = [_ring(ring, draft) for ring in _list(value, "Polygon", "linear rings")]
    return Polygon(rings[0], rings[1:])


def _ring(value: object, draft: Draft) -> _Coordinates:
    ring = _positions(value, draft, least=4, what="linear ring")
    if (ring[0] != ring[-1]).any():
        ring = np.vstack([ring, ring[:1]])
        draft.repairs.append("open ring closed")
    elif isinstance(value, list) and value[0] != value[-1]:
        draft.repairs.append("ring closed at different heights, heights dropped")
    return ring


def _list(value: object, kind: str, of: str) -> list[object]:
    if not isinstance(value, list):
        raise RowFault(f"{kind} has {_kind(value)} for coordinates; expected a list of {of}")
    return value


def _parts(
    make: Callable[[object, Draft], BaseGeometry], kind: str, of: str
) -> Callable[[object, Draft], BaseGeometry]:
    assemble: Callable[[Any], BaseGeometry] = MultiLineString if kind == "MultiLineString" else MultiPolygon

    def parts(value: object, draft: Draft) -> BaseGeometry:
        found = [make(part, draft) for part in _list(value, kind, of) if part != []]
        if len(found) < len(_list(value, kind, of)):
            draft.repairs.append(f"empty part of a {kind} dropped")
        if not found:
            raise RowFault(f"every part of the {kind} is empty")
        return assemble(found)

    return parts


def _multipoint(value: object, draft: Draft) -> BaseGeometry:
    return MultiPoint(_positions(value, draft, least=1, what="MultiPoint"))


_MAKERS: Final[dict[str, Callable[[object, Draft], BaseGeometry]]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _multipoint,
    "MultiLineString": _parts(_line, "MultiLineString", "lines"),
    "MultiPolygon": _parts(_polygon, "MultiPolygon", "polygons"),
}


# bounding boxes: they can be derived, so a wrong one is told and left out


def check_bbox(value: dict[str, object], found: BaseGeometry | None, draft: Draft) -> None:
    """Tell ``draft`` when an object's ``bbox`` is no box, or does not hold its geometry."""
    if "bbox" in value and (fault := bbox_fault(value["bbox"], found)):
        draft.repairs.append(f"bbox left out: {fault}")


def bbox_fault(box: object, found: BaseGeometry | None) -> str | None:
    """Say what is wrong with a bounding box, None when it is right."""
    if not isinstance(box, list) or set(map(type, box)) - _NUMBERS:
        return "it is no list of numbers"
    if len(box) not in (4, 6):
        return f"it has {len(box)} numbers instead of 4 or 6"
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    if south > north:
        return "its south is greater than its north"
    if found is None:
        return None
    left, bottom, right, top = shapely.bounds(found)
    # west may be greater than east across the antimeridian; such a box is taken as it is
    beside = west <= east and (left < west - _BOX_DEG or right > east + _BOX_DEG)
    return "it does not hold the geometry" if beside or bottom < south - _BOX_DEG or top > north + _BOX_DEG else None


# boxes are often rounded more than the coordinates
_BOX_DEG: Final = 0.01


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"the text {_shown(value)}"
    names = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _shown(value: object) -> str:
    return f"'{printable(value, length=40)}'" if isinstance(value, str) else _kind(value)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
