"""A layer is checked as a whole, once, before any writer opens a file."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon

from geo.errors import CorridorsError, LayerError
from geo.layer import Feature, Field, Layer, LayerStyle, StyleCategory, layer_faults, validate_layer

FIELDS = (
    Field("name", "text", "Common English name"),
    Field("length_km", "real", "Length of the line", "km"),
    Field("gauge_mm", "integer", "Track gauge", "mm"),
    Field("electrified", "boolean", "Electrified over its whole length"),
)
LINE = LineString([(73.4, 45.0), (76.9, 43.2)])
GOOD = Layer(
    name="railways",
    title="Railways",
    description="Trunk railways",
    fields=FIELDS,
    features=(
        Feature("moyynty-almaty", LINE, {"name": "Moyynty-Almaty", "length_km": 670, "gauge_mm": 1520}),
        Feature("unlocated", None, {"electrified": None}),
    ),
    geometry_type="MultiLineString",
    attribution="OpenStreetMap contributors",
    licence="ODbL-1.0",
    style=LayerStyle("gauge_mm", (StyleCategory(1520, "1520 mm", "#0072B2", 0.6),)),
)


def changed(**members: Any) -> Layer:  # noqa: ANN401 - any member of a layer
    return dataclasses.replace(GOOD, **members)


def with_feature(**members: Any) -> Layer:  # noqa: ANN401 - any member of a feature
    return changed(features=(dataclasses.replace(GOOD.features[0], **members),))


def line_to(lon: float) -> LineString:
    with np.errstate(invalid="ignore"):
        return LineString([(0, 0), (lon, 1)])


def test_sound_layer_has_no_faults() -> None:
    assert layer_faults(GOOD) == []


def test_layers_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.name = "roads"  # type: ignore[misc]  # the point of the test


def test_all_faults_are_told_in_one_error() -> None:
    broken = changed(
        title=" ",
        features=(
            Feature("a", LINE, {"speed": 1, "gauge_mm": "1520"}),
            Feature("a", Point(0, 0), {}),
            Feature("c", LineString([(200, 0), (201, 0)]), {"length_km": float("nan")}),
        ),
    )
    with pytest.raises(LayerError) as raised:
        validate_layer(broken)
    lines = str(raised.value).splitlines()
    assert lines[0] == "layer 'railways' cannot be written, 7 faults:"
    assert [line.strip().split(";")[0] for line in lines[1:]] == [
        "title is empty",
        "feature 'a': id is given 2 times",
        "feature 'a': property 'speed' is not among the fields",
        "feature 'a': property 'gauge_mm': expected an integer, found str",
        "feature 'a': expected LineString or MultiLineString, found Point",
        "feature 'c': property 'length_km': nan is not finite",
        "feature 'c': point 200, 0 is outside ±180, ±90 degrees",
    ]
    assert isinstance(raised.value, (CorridorsError, ValueError))


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("name", 5, "expected text, found int"),
        ("name", "a\0b", "NUL"),
        ("name", "a\ud800b", "lone surrogate"),
        ("gauge_mm", True, "expected an integer, found bool"),
        ("gauge_mm", 1520.0, "expected an integer, found float"),
        ("gauge_mm", 2**53, "has 54 bits, readers keep 53"),
        ("length_km", True, "expected a number, found bool"),
        ("length_km", float("inf"), "inf is not finite"),
        ("length_km", 10**400, "has 1329 bits"),
        ("length_km", "670", "expected a number, found str"),
        ("electrified", 1, "expected true or false, found int"),
    ],
)
def test_wrong_value_is_told_with_its_field(name: str, value: Any, fault: str) -> None:  # noqa: ANN401 - wrong types
    (found,) = layer_faults(with_feature(properties={name: value}))
    assert found.startswith(f"feature 'moyynty-almaty': property '{name}': ")
    assert fault in found


@pytest.mark.parametrize(
    ("geometry", "fault"),
    [
        (LineString(), "empty"),
        (shapely.from_wkt("MULTILINESTRING ((0 0, 1 1), EMPTY)"), "empty"),
        (MultiPoint([(0, 0)]), "found MultiPoint"),
        (LineString([(0, 0, 5), (1, 1, 5)]), "heights"),
        (line_to(float("nan")), "not a finite number"),
        (line_to(float("inf")), "not a finite number"),
        (LineString([(45, 100), (46, 100)]), "is it lon/lat"),
    ],
)
def test_unusable_geometry_is_told(geometry: shapely.geometry.base.BaseGeometry, fault: str) -> None:
    (found,) = layer_faults(with_feature(geometry=geometry))
    assert fault in found


def test_plain_table_refuses_geometry() -> None:
    (fault,) = layer_faults(changed(geometry_type=None, features=GOOD.features[:1]))
    assert fault == "feature 'moyynty-almaty': a plain table has no geometry, found LineString"


@pytest.mark.parametrize("identifier", ["", "a\0", "\udfff"])
def test_unstorable_id_is_refused(identifier: str) -> None:
    assert len(layer_faults(with_feature(id=identifier))) == 1


@pytest.mark.parametrize("name", ["", "Railways", "rail ways", "gpkg_contents", "layer_styles", "../x", "a" * 64, "é"])
def test_layer_name_must_be_a_free_table_and_file_name(name: str) -> None:
    assert len(layer_faults(changed(name=name))) == 1


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ((Field("id", "text", ""),), 1),
        ((Field("FID", "text", ""),), 1),
        ((Field("Name", "text", ""), Field("name", "text", "")), 2),
        ((Field(" ", "text", ""),), 1),
        ((Field("a", "json", ""),), 1),  # type: ignore[arg-type]  # the point of the case
        ((Field("Имя линии {{x}}", "text", ""),), 0),
    ],
)
def test_field_names_must_survive_every_format(fields: tuple[Field, ...], count: int) -> None:
    assert len(layer_faults(changed(fields=fields, features=(), style=None))) == count


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        (LayerStyle("speed"), "'speed' is not a field"),
        (LayerStyle(None, (StyleCategory("a", "a", "#000000", 1),)), "no attribute"),
        (LayerStyle("name", colour="red"), "'red'"),
        (LayerStyle("name", fill_opacity=1.5), "opacity"),
        (LayerStyle("name", (StyleCategory("a", "a", "#000000", float("nan")),)), "millimetres"),
        (LayerStyle("name", (StyleCategory("", "a", "#000000", 1),)), "all others"),
        (LayerStyle("name", (StyleCategory("a", "bell \x07", "#000000", 1),)), "control character"),
        (LayerStyle("name", (StyleCategory("a", "a", "#000000", 1), StyleCategory("a", "b", "#000000", 1))), "2 cat"),
        (LayerStyle("name", (StyleCategory("a", "a", "#000000", 1, "wave"),)), "dash"),  # type: ignore[arg-type]  # the point
    ],
)
def test_style_that_cannot_be_drawn_is_told(style: LayerStyle, fault: str) -> None:
    faults = layer_faults(changed(style=style))
    assert faults
    assert all(fault in found for found in faults)


def test_message_shows_hostile_ids_in_plain_ascii() -> None:
    (fault,) = layer_faults(with_feature(id="\x1b[31m\u202e", geometry=Polygon()))
    assert fault.isascii()
    assert "\x1b" not in fault


def test_import_is_light() -> None:
    code = "import sys, geo.layer, geo.atomic, geo.geojson; print({'pandas', 'pyogrio'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert found.strip() == "set()"
