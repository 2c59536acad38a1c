"""One map layer or table as a value, and the check that every writer runs before it opens a file.

Coordinates are WGS 84 longitude and latitude in degrees, longitude within ±180. A line may cross the antimeridian:
two neighbouring points more than 180° of longitude apart are read as the short way round, and the writers cut there.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import LayerError

FieldKind = Literal["text", "integer", "real", "boolean"]
GeometryType = Literal["Point", "MultiLineString", "MultiPolygon"]
Dash = Literal["solid", "dash", "dot", "dashdot"]
Value = str | int | float | bool | None

DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot")
# columns a GeoPackage or a reader adds by itself; a property of that name would be lost or doubled
RESERVED_FIELDS = frozenset({"id", "fid", "ogc_fid", "geom", "geometry"})
# single parts are accepted and written as multi parts, so that a file holds one type only
_ACCEPTED: dict[GeometryType, tuple[str, ...]] = {
    "Point": ("Point",),
    "MultiLineString": ("LineString", "MultiLineString"),
    "MultiPolygon": ("Polygon", "MultiPolygon"),
}
# what every JSON reader keeps exactly (RFC 8259 §6); QGIS and JavaScript round or clamp beyond
_SAFE_INTEGERS = range(-(2**53) + 1, 2**53)
_LAYER_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
# table names that SQLite, GeoPackage or QGIS keep for themselves
_TAKEN_NAME = re.compile(r"gpkg|rtree|sqlite|idx_|layer_styles$|qgis_projects$")
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
# SQLite and C readers end a text at NUL; a lone surrogate has no UTF-8 form
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# a layer's own texts also travel in XML (QGIS style, GDAL metadata), which has no form for these
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type and what it says; ``unit`` is empty for numbers without one and for text."""

    name: str
    kind: FieldKind
    description: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """One row; a field missing from ``properties`` is written as null.

    ``geometry`` is WGS 84 lon/lat, or None for a row of a table and for a thing without a place.
    """

    id: str
    geometry: BaseGeometry | None
    properties: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class StyleCategory:
    """How features with one value of the style's attribute look; the dash tells it to those who do not see colour."""

    value: str | int | bool
    label: str
    colour: str
    width_mm: float
    dash: Dash = "solid"


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """Look of a layer: one category per value of ``attribute``, and the default for every other value.

    Without ``attribute`` all features look alike. Colours are ``#rrggbb``, widths are millimetres on paper.
    """

    attribute: str | None = None
    categories: tuple[StyleCategory, ...] = ()
    colour: str = "#666666"
    width_mm: float = 0.4
    marker_size_mm: float = 2.0
    fill_opacity: float = 0.4


@dataclass(frozen=True, slots=True)
class Layer:
    """A named set of features with one geometry type, or a plain table where ``geometry_type`` is None.

    ``date`` is that of the data (ISO 8601 or EDTF), ``accuracy`` says how well the geometry is known, ``sources`` are
    citations of everything the features rest on; each is empty where unknown.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    features: tuple[Feature, ...]
    geometry_type: GeometryType | None
    attribution: str
    licence: str
    style: LayerStyle | None = None
    date: str = ""
    accuracy: str = ""
    sources: tuple[str, ...] = ()


def validate_layer(layer: Layer) -> None:
    """Refuse a layer that cannot be written without loss.

    Raises
    ------
    LayerError
        With every fault on a line of its own, by feature id.

    Examples
    --------
    >>> table = Layer("claims", "Claims", "", (), (Feature("", None, {}),), None, "corridors", "CC0-1.0")
    >>> validate_layer(table)
    Traceback (most recent call last):
    geo.errors.LayerError: layer 'claims' cannot be written, 1 fault:
      feature 1: id is empty; give every feature a stable id
    """
    raise_faults(layer.name, layer_faults(layer))


def raise_faults(name: str, faults: Iterable[str]) -> None:
    """Raise one LayerError with all faults of the layer called ``name``; none, and nothing happens."""
    found = list(faults)
    if found:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        raise LayerError("\n  ".join((f"layer {_shown(name)} cannot be written, {count}:", *found)))


def layer_faults(layer: Layer) -> list[str]:
    """All faults of a layer, each with its place; empty when it can be written."""
    kinds: dict[str, FieldKind] = {field.name: field.kind for field in layer.fields}
    faults = [*_header_faults(layer), *_field_faults(layer.fields), *_style_faults(layer), *_duplicate_ids(layer)]
    for row, feature in enumerate(layer.features, start=1):
        place = f"feature {_shown(feature.id)}" if feature.id else f"feature {row}"
        faults.extend(f"{place}: {fault}" for fault in _feature_faults(feature, kinds, layer.geometry_type))
    return faults


def is_xml_text(text: str) -> bool:
    r"""Tell whether a text can stand in XML, where GDAL and QGIS keep titles, labels and descriptions.

    Examples
    --------
    >>> is_xml_text("Шёлковый путь"), is_xml_text("bell \x07")
    (True, False)
    """
    return not _NOT_XML.search(text)


def _shown(text: object) -> str:
    # ascii() keeps control characters, surrogates and direction overrides out of terminals and logs
    return ascii(text)


def _header_faults(layer: Layer) -> Iterator[str]:
    if not _LAYER_NAME.fullmatch(layer.name) or _TAKEN_NAME.match(layer.name):
        yield f"name {_shown(layer.name)} is no free table name; use lower-case letters, digits, '_' such as 'railways'"
    if layer.geometry_type is not None and layer.geometry_type not in _ACCEPTED:
        yield f"geometry type {_shown(layer.geometry_type)} is not one of {', '.join(_ACCEPTED)} or None"
    for member in ("title", "attribution", "licence"):
        if not getattr(layer, member).strip():
            yield f"{member} is empty; readers of the file need it"
    for member in ("title", "description", "attribution", "licence", "date", "accuracy"):
        if _NOT_XML.search(getattr(layer, member)):
            yield f"{member} holds a control character or lone surrogate; remove it"
    if any(_NOT_XML.search(source) for source in layer.sources):
        yield "a source holds a control character or lone surrogate; remove it"


def _field_faults(fields: tuple[Field, ...]) -> Iterator[str]:
    # SQLite compares column names without regard to ASCII case
    seen: Counter[str] = Counter(field.name.lower() for field in fields)
    for field in fields:
        place = f"field {_shown(field.name)}"
        if not field.name or _NOT_XML.search(field.name) or field.name != field.name.strip():
            yield f"{place}: name is empty, has blanks at its ends or holds a control character"
        if field.name.lower() in RESERVED_FIELDS:
            yield f"{place}: name is reserved; the writers add that column themselves"
        if seen[field.name.lower()] > 1:
            yield f"{place}: name is given {seen[field.name.lower()]} times (upper and lower case count as one)"
        if field.kind not in _CHECKS:
            yield f"{place}: kind {_shown(field.kind)} is not one of {', '.join(_CHECKS)}"
        if _NOT_XML.search(field.description + field.unit):
            yield f"{place}: description or unit holds a control character or lone surrogate; remove it"


def _style_faults(layer: Layer) -> Iterator[str]:
    style = layer.style
    if style is None:
        return
    if style.attribute is None and style.categories:
        yield "style: has categories but no attribute to read them from"
    if style.attribute is not None and style.attribute not in {"id", *(field.name for field in layer.fields)}:
        yield f"style: attribute {_shown(style.attribute)} is not a field"
    if not 0 <= style.fill_opacity <= 1:
        yield f"style: fill opacity {style.fill_opacity} is not within 0 and 1"
    yield from _look_faults("style", style.colour, style.width_mm)
    yield from _look_faults("style", style.colour, style.marker_size_mm)
    yield from _category_faults(style.categories)


def _category_faults(categories: tuple[StyleCategory, ...]) -> Iterator[str]:
    counts = Counter(str(category.value) for category in categories)
    yield from (f"style {_shown(value)}: has {n} categories" for value, n in counts.items() if n > 1)
    for category in categories:
        place = f"style {_shown(category.value)}"
        yield from _look_faults(place, category.colour, category.width_mm)
        if category.dash not in DASHES:
            yield f"{place}: dash {_shown(category.dash)} is not one of {', '.join(DASHES)}"
        if category.value == "":
            yield f"{place}: the empty value stands for all others; leave it to the style's default"
        if _NOT_XML.search(category.label + str(category.value)):
            yield f"{place}: holds a control character or lone surrogate; remove it"


def _look_faults(place: str, colour: str, size_mm: float) -> Iterator[str]:
    if not _COLOUR.fullmatch(colour):
        yield f"{place}: colour {_shown(colour)} is not written as '#rrggbb'"
    if not (math.isfinite(size_mm) and size_mm >= 0):
        yield f"{place}: size {size_mm} mm is not a number of millimetres"


def _duplicate_ids(layer: Layer) -> Iterator[str]:
    counts = Counter(feature.id for feature in layer.features)
    yield from (f"feature {_shown(name)}: id is given {n} times" for name, n in counts.items() if n > 1)


def _feature_faults(
    feature: Feature, kinds: Mapping[str, FieldKind], geometry_type: GeometryType | None
) -> Iterator[str]:
    if not isinstance(feature.id, str) or not feature.id:
        yield "id is empty; give every feature a stable id"
    elif _UNSTORABLE.search(feature.id):
        yield "id holds a NUL or a lone surrogate; remove it"
    for name, value in feature.properties.items():
        if name not in kinds:
            yield f"property {_shown(name)} is not among the fields; declare it or leave it out"
        elif value is not None and (fault := _value_fault(value, kinds[name])):
            yield f"property {_shown(name)}: {fault}"
    yield from _geometry_faults(feature.geometry, geometry_type)


def _value_fault(value: object, kind: FieldKind) -> str | None:
    check = _CHECKS.get(kind)
    return check(value) if check else None


def _text_fault(value: object) -> str | None:
    if not isinstance(value, str):
        return f"expected text, found {type(value).__name__}"
    return "holds a NUL or a lone surrogate; remove it" if _UNSTORABLE.search(value) else None


def _integer_fault(value: object) -> str | None:
    # bool is an int to Python and would be written as true
    if isinstance(value, bool) or not isinstance(value, int):
        return f"expected an integer, found {type(value).__name__}"
    # the number itself may have millions of digits, so only its size is told
    return None if value in _SAFE_INTEGERS else f"has {value.bit_length()} bits, readers keep 53; write it as text"


def _real_fault(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"expected a number, found {type(value).__name__}"
    if isinstance(value, int):
        return _integer_fault(value)
    return None if math.isfinite(value) else f"{value} is not finite; leave the value out when it is unknown"


def _boolean_fault(value: object) -> str | None:
    return None if isinstance(value, bool) else f"expected true or false, found {type(value).__name__}"


_CHECKS = {"text": _text_fault, "integer": _integer_fault, "real": _real_fault, "boolean": _boolean_fault}


def _geometry_faults(geometry: BaseGeometry | None, geometry_type: GeometryType | None) -> Iterator[str]:
    if geometry is None:
        return
    if geometry_type is None:
        yield f"a plain table has no geometry, found {geometry.geom_type}"
        return
    accepted = _ACCEPTED.get(geometry_type, ())
    if geometry.geom_type not in accepted:
        yield f"expected {' or '.join(accepted)}, found {geometry.geom_type}"
    elif any(part.is_empty for part in (geometry, *shapely.get_parts(geometry))):
        yield "geometry or one of its parts is empty; use None for a feature without a place"
    else:
        yield from _coordinate_faults(geometry)


def _coordinate_faults(geometry: BaseGeometry) -> Iterator[str]:
    if shapely.has_z(geometry) or shapely.has_m(geometry):
        yield "has heights or measures; drop them with shapely.force_2d"
    lon_lat = shapely.get_coordinates(geometry)
    if not np.isfinite(lon_lat).all():
        yield "has a coordinate that is not a finite number"
    elif (outside := (np.abs(lon_lat) > (180, 90)).any(axis=1)).any():
        lon, lat = lon_lat[outside.argmax()]
        yield f"point {lon:g}, {lat:g} is outside ±180, ±90 degrees; is it lon/lat in WGS 84?"
