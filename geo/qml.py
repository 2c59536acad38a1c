"""QGIS style (QML) of a layer, so that it opens with our colours and dashes.

The file holds the symbology only: one symbol per category and one for every other value. Built with ElementTree,
never by joining text, so no label can break it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Literal

from geo.layer import Dash, GeometryType, LayerStyle, StyleCategory

_Symbol = Literal["marker", "line", "fill"]
_SYMBOLS: Mapping[GeometryType, _Symbol] = {"Point": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}
_LAYER_CLASSES: Mapping[_Symbol, str] = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_PEN_STYLES: Mapping[Dash, str] = {"solid": "solid", "dash": "dash", "dot": "dot", "dashdot": "dash dot"}
# a point has no line to dash, so its shape says what the dash says elsewhere
_MARKERS: Mapping[Dash, str] = {"solid": "circle", "dash": "square", "dot": "triangle", "dashdot": "diamond"}
_VALUE_TYPES = {str: "string", int: "integer", bool: "bool"}
_MARKER_OUTLINE = "255,255,255,255"
_MARKER_OUTLINE_MM = 0.2


def qml_text(style: LayerStyle, geometry_type: GeometryType) -> str:
    """Give the QML document of a style, for QGIS 3.18 and later.

    Examples
    --------
    >>> "categorizedSymbol" in qml_text(LayerStyle("status"), "MultiLineString")
    True
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
    kind = "singleSymbol" if style.attribute is None else "categorizedSymbol"
    renderer = ET.SubElement(root, "renderer-v2", type=kind, forceraster="0", symbollevels="0", enableorderby="0")
    # QGIS takes the empty value for "all other values"
    other = StyleCategory("", "other", style.colour, style.width_mm)
    categories = (other,) if style.attribute is None else (*style.categories, other)
    if style.attribute is not None:
        # QGIS looks for a field of exactly this name before it reads it as an expression: no quotes
        renderer.set("attr", style.attribute)
        _add_categories(renderer, categories)
    symbols = ET.SubElement(renderer, "symbols")
    for number, category in enumerate(categories):
        _add_symbol(symbols, number, _SYMBOLS[geometry_type], _options(category, style, _SYMBOLS[geometry_type]))
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"


def _add_categories(renderer: ET.Element, categories: tuple[StyleCategory, ...]) -> None:
    parent = ET.SubElement(renderer, "categories")
    for number, category in enumerate(categories):
        value = str(category.value).lower() if isinstance(category.value, bool) else str(category.value)
        kind = _VALUE_TYPES[type(category.value)]
        ET.SubElement(
            parent, "category", value=value, type=kind, label=category.label, symbol=str(number), render="true"
        )


def _add_symbol(symbols: ET.Element, number: int, kind: _Symbol, options: Iterator[tuple[str, str]]) -> None:
    symbol = ET.SubElement(symbols, "symbol", name=str(number), type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    layer = ET.SubElement(symbol, "layer", {"class": _LAYER_CLASSES[kind], "enabled": "1", "locked": "0", "pass": "0"})
    parent = ET.SubElement(layer, "Option", type="Map")
    for name, value in options:
        ET.SubElement(parent, "Option", name=name, type="QString", value=value)


def _options(category: StyleCategory, style: LayerStyle, kind: _Symbol) -> Iterator[tuple[str, str]]:
    if kind == "line":
        return _line_options(category)
    return _marker_options(category, style) if kind == "marker" else _fill_options(category, style)


def _line_options(category: StyleCategory) -> Iterator[tuple[str, str]]:
    yield "line_color", _rgba(category.colour)
    yield "line_style", _PEN_STYLES[category.dash]
    yield "line_width", _number(category.width_mm)
    yield "line_width_unit", "MM"
    yield "capstyle", "flat"
    yield "joinstyle", "round"


def _marker_options(category: StyleCategory, style: LayerStyle) -> Iterator[tuple[str, str]]:
    yield "name", _MARKERS[category.dash]
    yield "color", _rgba(category.colour)
    yield "size", _number(style.marker_size_mm)
    yield "size_unit", "MM"
    yield "outline_color", _MARKER_OUTLINE
    yield "outline_width", _number(_MARKER_OUTLINE_MM)
    yield "outline_width_unit", "MM"


def _fill_options(category: StyleCategory, style: LayerStyle) -> Iterator[tuple[str, str]]:
    yield "style", "solid"
    yield "color", _rgba(category.colour, style.fill_opacity)
    yield "outline_color", _rgba(category.colour)
    yield "outline_style", _PEN_STYLES[category.dash]
    yield "outline_width", _number(category.width_mm)
    yield "outline_width_unit", "MM"


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _number(value: float) -> str:
    return f"{value:g}"
