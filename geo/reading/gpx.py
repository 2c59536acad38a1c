"""GPX 1.0 and 1.1: waypoints as points, routes as lines, tracks as lines of as many parts as they have segments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

import shapely
from shapely.geometry.base import BaseGeometry

from geo.layer import Field, Value
from geo.reading.drafts import Draft, FileFault, RowFault
from geo.reading.records import Limits, printable
from geo.reading.xml_elements import Elements, local, text

# what a layer may be asked for, as GDAL names them
_LAYERS: Final = {"waypoints": "wpt", "routes": "rte", "tracks": "trk"}
_TEXTS: Final = ("name", "cmt", "desc", "src", "sym", "type", "time")
_DEGREES: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class Gpx:
    """The waypoints, routes and tracks of one file, in order; ``layer`` takes one of the three."""

    format = "GPX"
    crs: str | None = "OGC:CRS84"
    fields: tuple[Field, ...] | None = None
    described: Mapping[str, Field] = {}
    metadata: Mapping[str, str] = {}

    def __init__(self, file: Path, layer: str | None, limits: Limits) -> None:
        if layer is not None and layer not in _LAYERS:
            raise FileFault(f"has no layer '{printable(layer)}'; GPX has {', '.join(_LAYERS)}")
        self._file = file
        self._limits = limits
        self._kinds = {_LAYERS[layer]} if layer else set(_LAYERS.values())
        self.name = layer
        self.repairs: list[str] = []
        self.warnings: list[str] = []

    def drafts(self) -> Iterator[Draft]:
        """Give the elements in order; the property ``element`` tells what each is."""
        elements = Elements(self._file, frozenset(_LAYERS.values()), self._limits)
        row = 0
        for element in elements:
            if local(element) in self._kinds:
                yield _draft(row, element)
                row += 1
        if "gpx" not in elements.others:
            raise FileFault("is XML, but no GPX: its outermost element is another")


def _draft(row: int, element: Element) -> Draft:
    draft = Draft(row)
    try:
        values: dict[str, Value] = {"element": local(element)}
        values |= {
            name: value for one in element if (name := local(one)) in _TEXTS and (value := text(one)) is not None
        }
        draft.properties = values
        draft.geometry = _GEOMETRIES[local(element)](element, draft)
        if any(local(one) == "extensions" for one in element):
            draft.notices.append("extensions are left out")
    except RowFault as fault:
        draft.fault = str(fault)
    return draft


def _point(element: Element, draft: Draft) -> BaseGeometry:
    if any(local(one) == "ele" for one in element):
        draft.notices.append("heights are not kept")
    return shapely.points(_position(element))


def _route(element: Element, draft: Draft) -> BaseGeometry | None:
    return _lines([[_position(one) for one in element if local(one) == "rtept"]], "route", draft)


def _track(element: Element, draft: Draft) -> BaseGeometry | None:
    segments = [one for one in element if local(one) == "trkseg"]
    lines = [[_position(one) for one in segment if local(one) == "trkpt"] for segment in segments]
    if any(local(inner) in ("ele", "time") for segment in segments for one in segment for inner in one):
        draft.notices.append("heights and times of a track's points are not kept")
    return _lines(lines, "track", draft)


def _lines(lines: list[list[tuple[float, float]]], kind: str, draft: Draft) -> BaseGeometry | None:
    long = [line for line in lines if len(line) > 1]
    if not any(lines):
        draft.repairs.append(f"{kind} without points read as null geometry")
        return None
    if not long:
        raise RowFault(f"{kind} has no part with two points")
    if len(long) < len(lines):
        draft.repairs.append(f"{len(lines) - len(long)} of {len(lines)} parts with fewer than two points dropped")
    return shapely.multilinestrings(long) if len(lines) > 1 else shapely.linestrings(long[0])


def _position(element: Element) -> tuple[float, float]:
    lon, lat = element.get("lon", ""), element.get("lat", "")
    if not (_DEGREES.fullmatch(lon) and _DEGREES.fullmatch(lat)):
        raise RowFault(f"lon '{printable(lon, length=20)}', lat '{printable(lat, length=20)}' are no degrees")
    return float(lon), float(lat)


_GEOMETRIES: Final = {"wpt": _point, "rte": _route, "trk": _track}
