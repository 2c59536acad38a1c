"""QGIS styles: well-formed whatever the labels say, and no meaning by colour alone."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from geo.layer import DASHES, GeometryType, LayerStyle, StyleCategory
from geo.qml import qml_text

HOSTILE = "</category><script>&amp;]]>\"'{{x}}<!-- Шёлк 🐫"
STYLE = LayerStyle(
    "status {{x}} \"'",
    tuple(StyleCategory(dash + HOSTILE, HOSTILE, "#0072B2", 0.6, dash) for dash in DASHES),
    fill_opacity=0.5,
)


def renderer(style: LayerStyle, geometry_type: GeometryType) -> ET.Element:
    found = ET.fromstring(qml_text(style, geometry_type)).find("renderer-v2")  # noqa: S314 - our own text
    assert found is not None
    return found


def options(parent: ET.Element, number: int) -> dict[str, str]:
    found = parent.findall(f"symbols/symbol[@name='{number}']/layer/Option/Option")
    return {option.get("name", ""): option.get("value", "") for option in found}


def test_hostile_labels_and_values_stay_text() -> None:
    found = renderer(STYLE, "MultiLineString")
    assert found.get("attr") == STYLE.attribute
    categories = found.findall("categories/category")
    assert [category.get("value") for category in categories] == [*(dash + HOSTILE for dash in DASHES), ""]
    assert [category.get("label") for category in categories] == [HOSTILE] * 4 + ["other"]


@pytest.mark.parametrize(
    ("geometry_type", "layer_class", "option", "shapes"),
    [
        ("MultiLineString", "SimpleLine", "line_style", ["solid", "dash", "dot", "dash dot"]),
        ("MultiPolygon", "SimpleFill", "outline_style", ["solid", "dash", "dot", "dash dot"]),
        ("Point", "SimpleMarker", "name", ["circle", "square", "triangle", "diamond"]),
    ],
)
def test_each_dash_shows_in_every_kind_of_symbol(
    geometry_type: GeometryType, layer_class: str, option: str, shapes: list[str]
) -> None:
    found = renderer(STYLE, geometry_type)
    assert {layer.get("class") for layer in found.findall("symbols/symbol/layer")} == {layer_class}
    assert [options(found, number)[option] for number in range(4)] == shapes


def test_every_category_has_its_symbol() -> None:
    found = renderer(STYLE, "Point")
    used = [category.get("symbol") for category in found.findall("categories/category")]
    assert used == [symbol.get("name") for symbol in found.findall("symbols/symbol")]


def test_colours_are_written_as_qgis_reads_them() -> None:
    assert options(renderer(STYLE, "MultiLineString"), 0)["line_color"] == "0,114,178,255"
    assert options(renderer(STYLE, "MultiPolygon"), 0)["color"] == "0,114,178,128"


def test_values_keep_their_type() -> None:
    values = (1520, True, "open")
    style = LayerStyle("gauge_mm", tuple(StyleCategory(value, "x", "#000000", 1) for value in values))
    found = renderer(style, "MultiLineString").findall("categories/category")
    assert [(category.get("value"), category.get("type")) for category in found[:3]] == [
        ("1520", "integer"),
        ("true", "bool"),
        ("open", "string"),
    ]


def test_style_without_attribute_is_one_symbol() -> None:
    found = renderer(LayerStyle(colour="#ff0000"), "Point")
    assert found.get("type") == "singleSymbol"
    assert len(found.findall("symbols/symbol")) == 1
    assert found.find("categories") is None
