"""KML: every placemark with a point, line, area or track; nothing that a document links to is fetched."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.layer import Field, Value
from geo.reading.drafts import Draft, FileFault, RowFault
from geo.reading.geojson_geometry import HEIGHTS_DROPPED
from geo.reading.records import Limits, printable
from geo.reading.xml_elements import Elements, child, local, text

_LonLats = npt.NDArray[np.float64]
_LINKS: Final = ("NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_WANTED: Final = frozenset({"Placemark", "Schema", *_LINKS})

_PLAIN: Final = ("name", "description", "address", "phoneNumber")
_SHAPES: Final = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model"}
)
_TYPES: Final[dict[str, type]] = {
    "int": int, "uint": int, "short": int, "ushort": int, "float": float, "double": float, "bool": bool,
}  # fmt: skip
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class Kml:
    """The placemarks of one document, in order; ``layer`` takes only those of the folder or document of that name."""

    format = "KML"
    crs: str | None = "OGC:CRS84"
    fields: tuple[Field, ...] | None = None
    described: Mapping[str, Field] = {}
    metadata: Mapping[str, str] = {}

    def __init__(self, file: Path, layer: str | None, limits: Limits) -> None:
        self._file = file
        self._layer = layer
        self._limits = limits
        self.name = layer
        self.repairs: list[str] = []
        self.warnings: list[str] = []
        self._kinds: dict[str, type] = {}

    def drafts(self) -> Iterator[Draft]:
        """Give the placemarks in order."""
        elements = Elements(self._file, _WANTED, self._limits)
        links: dict[str, int] = {}
        row = 0
        for element in elements:
            kind = local(element)
            if kind == "Schema":
                self._learn(element)
            elif kind != "Placemark":
                links[kind] = links.get(kind, 0) + 1
            elif self._layer is None or self._layer in elements.names:
                yield self._placemark(row, element, [name for name in elements.names if name])
                row += 1
        self._finish(elements, links, row)

    def _finish(self, elements: Elements, links: dict[str, int], rows: int) -> None:
        if "kml" not in elements.others:
            raise FileFault("is XML, but no KML: its outermost element is another")
        if self._layer is not None and not rows:
            raise FileFault(f"has no folder '{printable(self._layer)}' with placemarks")
        for kind, count in links.items():
            self.warnings.append(
                f"{count} {kind}{'s' if count > 1 else ''} left out: nothing that a file links to is fetched"
            )

    def _learn(self, schema: Element) -> None:
        for one in schema:
            name, kind = one.get("name"), one.get("type", "")
            if local(one) == "SimpleField" and name and kind in _TYPES:
                self._kinds[f"{schema.get('id')}#{name}"] = _TYPES[kind]

    def _placemark(self, row: int, element: Element, folders: list[str]) -> Draft:
        draft = Draft(row, id=element.get("id"))
        shapes = [one for one in element if local(one) in _SHAPES]
        try:
            draft.properties = self._properties(element, folders, draft)
            draft.geometry = _shape(shapes[0], draft, 0) if shapes else None
        except RowFault as fault:
            draft.fault = str(fault)
        if len(shapes) > 1:
            draft.fault = "has several geometries; put them into one MultiGeometry"
        return draft

    def _properties(self, element: Element, folders: list[str], draft: Draft) -> dict[str, Value]:
        values: dict[str, Value] = {
            name: value for name in _PLAIN if (value := _content(child(element, name))) is not None
        }
        if folders:
            values["folder"] = "/".join(folders)
        for stamp in element:
            if local(stamp) in ("TimeStamp", "TimeSpan"):
                values |= {local(one): value for one in stamp if (value := text(one)) is not None}
        extended = child(element, "ExtendedData")
        for one in extended if extended is not None else ():
            if local(one) == "Data":
                _put(values, one.get("name"), _raw(child(one, "value")), draft)
            elif local(one) == "SchemaData":
                schema = (one.get("schemaUrl") or "").rpartition("#")[2]
                for simple in one:
                    name = simple.get("name")
                    _put(values, name, _typed(simple, self._kinds.get(f"{schema}#{name}"), draft), draft)
        return values


def _content(element: Element | None) -> str | None:
    """Give the text of an element, with that of markup inside it."""
    if element is None:
        return None
    return "".join(element.itertext()).strip() or None


def _raw(element: Element | None) -> str | None:
    """Give the text right inside an element as it stands, None where there is nothing but blanks."""
    return element.text if element is not None and text(element) is not None else None


def _put(values: dict[str, Value], name: str | None, value: Value, draft: Draft) -> None:
    if not name:
        draft.notices.append("extended data without a name is left out")
    elif name in values and values[name] != value and name not in _PLAIN:
        raise RowFault(f"has the value '{printable(name)}' twice")
    else:
        values[name] = value


def _typed(element: Element, kind: type | None, draft: Draft) -> Value:
    content = text(element)
    if content is None or kind is None:
        return _raw(element)
    if kind is bool and content.lower() in ("true", "false", "1", "0"):
        return content.lower() in ("true", "1")
    if kind is int and re.fullmatch(r"[+-]?\d{1,15}", content):
        return int(content)
    if kind is float and _NUMBER.fullmatch(content) and abs(float(content)) < float("inf"):
        return float(content)
    draft.notices.append(f"value '{printable(element.get('name'))}' is not of the kind its schema says, kept as text")
    return content


# geometry


def _shape(element: Element, draft: Draft, level: int) -> BaseGeometry | None:
    kind = local(element)
    if kind == "Model":
        draft.notices.append("a 3D model is left out")
        return None
    if kind in ("MultiGeometry", "MultiTrack"):
        if level > 16:
            raise RowFault("MultiGeometries are nested more than 16 deep")
        parts = [_shape(one, draft, level + 1) for one in element if local(one) in _SHAPES]
        return _together([part for part in parts if part is not None])
    return _SINGLE.get(kind, _simple)(element, draft)


def _simple(element: Element, draft: Draft) -> BaseGeometry | None:
    """Make the geometry of a Point, LineString or LinearRing."""
    kind = local(element)
    points = _positions(text(child(element, "coordinates")), draft)
    if not len(points):
        draft.repairs.append(f"{kind} without coordinates read as null geometry")
        return None
    if kind != "Point":
        return _line(points, kind)
    if len(points) > 1:
        raise RowFault(f"Point has {len(points)} positions")
    return Point(points[0])


def _line(points: _LonLats, kind: str) -> BaseGeometry:
    if len(points) < 2:
        raise RowFault(f"{kind} has 1 position; it needs 2")
    return LineString(points)


def _together(parts: list[BaseGeometry]) -> BaseGeometry | None:
    if not parts:
        return None
    assemble = _MULTI.get(parts[0].geom_type) if len({part.geom_type for part in parts}) == 1 else None
    if assemble is not None:
        return assemble(parts)
    return GeometryCollection([single for part in parts for single in shapely.get_parts(part)])


_MULTI: Final[dict[str, Callable[[Any], BaseGeometry]]] = {
    "Point": MultiPoint,
    "LineString": MultiLineString,
    "Polygon": MultiPolygon,
}


def _track(element: Element, draft: Draft) -> BaseGeometry | None:
    points = _array(((one.text or "").split() for one in element if local(one) == "coord"), draft)
    if not len(points):
        draft.repairs.append("Track without positions read as null geometry")
        return None
    draft.notices.append("times of a track's points are not kept")
    return _line(points, "Track")


def _polygon(element: Element, draft: Draft) -> BaseGeometry:
    rings = [
        _ring(one, draft)
        for name in ("outerBoundaryIs", "innerBoundaryIs")
        for side in element
        if local(side) == name
        for one in side
    ]
    outers = sum(len(side) for side in element if local(side) == "outerBoundaryIs")
    if outers != 1:
        raise RowFault(f"Polygon has {outers} outer boundaries; it needs one")
    return Polygon(rings[0], rings[1:])


def _ring(element: Element, draft: Draft) -> _LonLats:
    points = _positions(text(child(element, "coordinates")), draft)
    if len(points) < 4:
        raise RowFault(f"linear ring has {len(points)} positions; it needs 4")
    if (points[0] != points[-1]).any():
        points = np.vstack([points, points[:1]])
        draft.repairs.append("open ring closed")
    return points


def _positions(content: str | None, draft: Draft) -> _LonLats:
    # some programs put a blank behind the comma
    tuples = re.sub(r"\s*,\s*", ",", content or "")
    return _array((one[0].split(",") for one in re.finditer(r"\S+", tuples)), draft)


def _array(positions: Iterable[list[str]], draft: Draft) -> _LonLats:
    """Give (n, 2) lon/lat; numbers are packed one by one, a line of millions is no list of millions."""
    packed = array("d")
    for numbers in positions:
        packed.extend(_position(numbers, draft))
    return np.frombuffer(packed, dtype=np.float64).reshape(-1, 2)


def _position(numbers: list[str], draft: Draft) -> tuple[float, float]:
    if not 2 <= len(numbers) <= 3 or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise RowFault(f"'{printable(','.join(numbers[:4]), length=40)}' is no position longitude,latitude[,height]")
    if len(numbers) == 3 and HEIGHTS_DROPPED not in draft.notices:
        draft.notices.append(HEIGHTS_DROPPED)
    return float(numbers[0]), float(numbers[1])


_SINGLE: Final = {"Track": _track, "Polygon": _polygon}
