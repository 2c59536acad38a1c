"""Data of a page as one JSON island: compact geometry, and text that no browser can mistake for markup.

A run of coordinates becomes a string: differences of integers at a stated number of decimals, zigzag, then 5 bits a
character in the URL-safe base64 alphabet, the sixth bit saying that more follow (the idea of encoded polylines, with
an alphabet that needs no escaping anywhere).
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import Any

from shapely import STRtree, maximum_inscribed_circle
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo.layer import Feature, Value
from maps.basemap import borders_and_coast
from maps.content import (
    ArticlePage,
    Basemap,
    Detail,
    GeometryKind,
    MapContent,
    MapLayer,
    RouteLeg,
    RouteOverlay,
)
from maps.style import style_table

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DECIMALS: Mapping[GeometryKind, int] = {"point": 5, "line": 4, "area": 3}
TOLERANCE_DEG: Mapping[GeometryKind, float] = {"point": 0.0, "line": 0.001, "area": 0.0}
_NETWORK_TOLERANCE_DEG = 0.01
_PASSING_DEG = 0.1
_MARKUP = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
Json = Any  # the tree that json.dumps takes


def encode_run(coordinates: Iterable[Sequence[float]], *, decimals: int) -> str:
    """Encode one run of lon/lat pairs.

    Examples
    --------
    >>> decode_run(encode_run([(108.9286, 34.2583), (-179.5, 65.0)], decimals=4), decimals=4)
    [(108.9286, 34.2583), (-179.5, 65.0)]
    """
    scale = 10**decimals
    characters: list[str] = []
    previous = (0, 0)
    for position in coordinates:
        point = (round(position[0] * scale), round(position[1] * scale))
        for value in (point[0] - previous[0], point[1] - previous[1]):
            _append_number(characters, value)
        previous = point
    return "".join(characters)


def _append_number(characters: list[str], value: int) -> None:
    rest = (value << 1) if value >= 0 else ((-value << 1) - 1)
    while rest > 31:
        characters.append(ALPHABET[(rest & 31) | 32])
        rest >>= 5
    characters.append(ALPHABET[rest])


def decode_run(text: str, *, decimals: int) -> list[tuple[float, float]]:
    """Decode what ``encode_run`` wrote; the page has the same function in JavaScript."""
    numbers: list[int] = []
    value = shift = 0
    for character in text:
        code = ALPHABET.index(character)
        value |= (code & 31) << shift
        shift += 5
        if code < 32:
            numbers.append(-((value + 1) >> 1) if value & 1 else value >> 1)
            value = shift = 0
    x = y = 0
    points = []
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / 10**decimals, y / 10**decimals))
    return points


def island_text(data: Json) -> str:
    r"""Write JSON that stays inert inside a ``<script type="application/json">`` element.

    Examples
    --------
    >>> island_text({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escape in _MARKUP.items():
        text = text.replace(character, escape)
    return text


def island(content: MapContent) -> Json:
    """Give the whole content as the tree the page's script reads."""
    return {
        "version": 1,
        "title": content.title,
        "language": content.language,
        "strings": json.loads(files("maps").joinpath("static/strings.json").read_text(encoding="utf-8")),
        "styles": _plain(style_table()),
        "basemap": _basemap(content.basemap),
        "layers": [_layer(layer, content) for layer in content.layers],
        "sources": _plain(content.sources),
        "details": _plain(content.details),
        "names": _names(content),
        "articles": [_article(article) for article in content.articles],
        "route": None if content.route is None else _route(content.route),
        "about": {
            "policy": content.policy,
            "licences": list(content.licences),
            "accuracy": content.accuracy,
            "generated_from": content.generated_from,
        },
    }


def _plain(value: Json) -> Json:
    """Give dataclasses, mappings and tuples as dicts and lists, without what is empty."""
    if is_dataclass(value):
        return _plain({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items() if not _is_empty(entry)}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return value


def _is_empty(value: Json) -> bool:
    return value is None or (isinstance(value, (str, tuple, list, Mapping)) and len(value) == 0)


def _names(content: MapContent) -> Json:
    """Give the names that find each target, and where a target lies that no layer draws."""
    drawn = {
        target_of(feature, layer)
        for layer in content.layers
        for feature in layer.features
        if feature.geometry is not None
    }
    found: dict[str, list[str]] = {}
    where: dict[str, list[float]] = {}
    for entry in content.names:
        known = found.setdefault(entry.target, [])
        if entry.name not in known:
            known.append(entry.name)
        if entry.target not in drawn:
            where[entry.target] = [*entry.bbox] if entry.bbox else [entry.lon, entry.lat]
    return {"of": found, "where": where}


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    if geometry.is_empty:
        return []
    return list(getattr(geometry, "geoms", [geometry]))


def _lines(geometry: BaseGeometry, *, decimals: int, tolerance_deg: float = 0.0) -> list[str]:
    drawn = geometry.simplify(tolerance_deg) if tolerance_deg else geometry
    return [encode_run(part.coords, decimals=decimals) for part in _parts(drawn)]


def _areas(geometry: BaseGeometry | None, *, decimals: int, tolerance_deg: float = 0.0) -> list[list[str]]:
    if geometry is None:
        return []
    drawn = geometry.simplify(tolerance_deg) if tolerance_deg else geometry
    return [
        [encode_run(ring.coords, decimals=decimals) for ring in (part.exterior, *part.interiors)]
        for part in _parts(drawn)
        if isinstance(part, Polygon)
    ]


def _points(geometry: BaseGeometry) -> list[list[float]]:
    return [[round(value, DECIMALS["point"]) for value in part.coords[0]] for part in _parts(geometry)]


def _geometry(geometry: BaseGeometry | None, kind: GeometryKind, *, tolerance_deg: float | None) -> Json:
    if geometry is None:
        return []
    tolerance = TOLERANCE_DEG[kind] if tolerance_deg is None else tolerance_deg
    if kind == "point":
        return _points(geometry)
    if kind == "line":
        return _lines(geometry, decimals=DECIMALS[kind], tolerance_deg=tolerance)
    return _areas(geometry, decimals=DECIMALS[kind], tolerance_deg=tolerance)


def _label_point(geometry: BaseGeometry) -> list[float]:
    """Middle of the widest circle in the largest part, where a name has most room."""
    largest = max((part for part in _parts(geometry) if isinstance(part, Polygon)), key=lambda part: part.area)
    rough = largest.simplify(0.1)
    # simplifying may leave nothing of a small island
    circle = maximum_inscribed_circle(rough if isinstance(rough, Polygon) and rough.area else largest, tolerance=0.2)
    lon, lat = circle.coords[0]
    return [round(lon, 2), round(lat, 2)]


def target_of(feature: Feature, layer: MapLayer) -> str:
    """Give the target a feature leads to: its ``target`` property, else the layer's kind and the feature's id."""
    given = feature.properties.get("target")
    return given if isinstance(given, str) and given else f"{layer.target_kind}:{feature.id}"


def _properties(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {
        key: value
        for key, value in properties.items()
        if value not in (None, "") and key not in ("id", "target") and not _is_not_finite(value)
    }


def _is_not_finite(value: Value) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _feature(feature: Feature, layer: MapLayer, details: Mapping[str, Detail]) -> Json:
    target = target_of(feature, layer)
    record: dict[str, Json] = {
        "t": target,
        "g": _geometry(feature.geometry, layer.geometry, tolerance_deg=layer.tolerance_deg),
        "p": _properties(feature.properties),
    }
    if layer.geometry == "area" and feature.geometry is not None and not feature.geometry.is_empty:
        record["l"] = _label_point(feature.geometry)
    if target not in details:
        record["p"].setdefault("name", feature.id)
    return record


def _lines_at_points(layer: MapLayer, content: MapContent) -> list[int]:
    """Count the lines of all other layers that pass each feature: where many meet, a name matters more."""
    drawn = [
        feature.geometry
        for other in content.layers
        if other.geometry == "line" and not other.is_itemised
        for feature in other.features
        if feature.geometry is not None
    ]
    points = [feature.geometry for feature in layer.features]
    counts = [0] * len(points)
    if drawn and any(point is not None for point in points):
        places, _ = STRtree(drawn).query(points, predicate="dwithin", distance=_PASSING_DEG)
        for place in places.tolist():
            counts[place] += 1
    return counts


def _layer(layer: MapLayer, content: MapContent) -> Json:
    tolerance = TOLERANCE_DEG[layer.geometry] if layer.tolerance_deg is None else layer.tolerance_deg
    return {
        "key": layer.key,
        "group": layer.group,
        "title": layer.title,
        "geometry": layer.geometry,
        "decimals": DECIMALS[layer.geometry],
        "tolerance_deg": tolerance,
        "visible": layer.is_visible,
        "itemised": layer.is_itemised,
        "note": layer.note,
        "features": _features(layer, content),
    }


def _features(layer: MapLayer, content: MapContent) -> list[Json]:
    records = [_feature(feature, layer, content.details) for feature in layer.features]
    if layer.geometry == "point":
        for record, count in zip(records, _lines_at_points(layer, content), strict=True):
            if count:
                record["n"] = count
    return records


def _basemap(basemap: Basemap) -> Json:
    borders, coast = borders_and_coast(basemap.outlines)
    decimals = DECIMALS["area"]
    return {
        "decimals": decimals,
        "land": [part for outline in basemap.outlines for part in _areas(outline, decimals=decimals)],
        "borders": [encode_run(line.coords, decimals=decimals) for line in borders],
        "coast": [encode_run(line.coords, decimals=decimals) for line in coast],
        "lakes": [part for lake in basemap.lakes for part in _areas(lake, decimals=decimals)],
        "disputed": [
            {"g": _areas(area.geometry, decimals=decimals), "p": _properties(area.properties)}
            for area in basemap.disputed
        ],
        "networks": [
            {
                "key": network.key,
                "title": network.title,
                "mode": network.mode,
                "visible": network.is_visible,
                "lines": [
                    run
                    for line in network.lines
                    for run in _lines(line, decimals=decimals, tolerance_deg=_NETWORK_TOLERANCE_DEG)
                ],
            }
            for network in basemap.networks
        ],
        "labels": _plain(basemap.labels),
    }


def _article(article: ArticlePage) -> Json:
    """Give an article with positions as JavaScript counts them, in UTF-16 units; ``at`` keeps the code point."""
    units = _Utf16(article.text)
    mentions = [
        {
            **_plain({field.name: getattr(mention, field.name) for field in fields(mention)}),
            "start": units.position(mention.start),
            "end": units.position(mention.end),
            "at": mention.start,
        }
        for mention in article.mentions
    ]
    findings = [
        {**_plain(finding), "start": units.position(finding.start), "at": finding.start} for finding in article.findings
    ]
    return {**_plain(article), "mentions": mentions, "findings": findings}


class _Utf16:
    """Positions in a text counted in UTF-16 units: a character beyond U+FFFF counts two."""

    def __init__(self, text: str) -> None:
        self._wide = [place for place, character in enumerate(text) if ord(character) > 0xFFFF]

    def position(self, code_point: int) -> int:
        return code_point + bisect_left(self._wide, code_point)


def _leg(leg: RouteLeg) -> Json:
    record = {field.name: getattr(leg, field.name) for field in fields(leg) if field.name != "geometry"}
    return {**_plain(record), "geometry": _leg_geometry(leg.geometry)}


def _leg_geometry(geometry: BaseGeometry) -> Json:
    if geometry.geom_type in ("Point", "MultiPoint"):
        return {"points": _points(geometry)}
    return {"lines": _lines(geometry, decimals=DECIMALS["line"], tolerance_deg=TOLERANCE_DEG["line"])}


def _route(overlay: RouteOverlay) -> Json:
    routes = []
    for route in overlay.routes:
        record = {field.name: getattr(route, field.name) for field in fields(route) if field.name != "legs"}
        routes.append({**_plain(record), "legs": [_leg(leg) for leg in route.legs]})
    return {
        "origin": _plain(overlay.origin),
        "destination": _plain(overlay.destination),
        "notes": list(overlay.notes),
        "decimals": DECIMALS["line"],
        "routes": routes,
    }
