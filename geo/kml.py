"""Write layers as one KML document for people: a folder per layer, its colours, and a text per feature.

Values also stand typed in ``ExtendedData``. Descriptions are text: Google Earth shows them as HTML, so what would be
markup there is escaped once more. A plain table has no place on a globe and is left out; so is a feature's dash, which
KML has no word for. XML has no control characters: each becomes U+FFFD.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.atomic import replace_text
from geo.errors import LayerError, WriteError
from geo.geojson import checked_geometries, column_value
from geo.layer import Feature, Field, FieldKind, Layer, LayerStyle, Value, is_xml_text
from geo.metadata import metadata_text
from geo.ogr_columns import ID_FIELD
from geo.xml_count import count_elements

_TYPES: Mapping[FieldKind, str] = MappingProxyType(
    {"text": "string", "integer": "int", "real": "double", "boolean": "bool"}
)
# an int of KML has 32 bits; a double keeps every integer that a layer may hold
_INTS = range(-(2**31), 2**31)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PIXELS_PER_MM = 96 / 25.4
# KML scales its icons, whose side is about this
_ICON_MM = 8.0


def write_kml(layers: Sequence[Layer], path: Path | str, *, title: str) -> None:
    """Write all layers with geometry into one file, whole or not at all, and verify it by reading it back.

    Raises
    ------
    LayerError
        When a layer cannot be written without loss, or no layer has geometry; it lists every fault.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    text = kml_text(layers, title=title)
    count = sum(len(layer.features) for layer in layers if layer.geometry_type)
    replace_text(path, text, lambda file: _verify(file, count))


def kml_text(layers: Sequence[Layer], *, title: str) -> str:
    """Give the KML 2.2 document of all layers with geometry (WGS 84 lon/lat).

    Raises
    ------
    LayerError
        As `write_kml`.
    """
    drawn = [layer for layer in layers if layer.geometry_type is not None]
    if not drawn or not is_xml_text(title):
        raise LayerError(f"a KML document {title!a} needs a layer with geometry and a title without control characters")
    geometries = checked_geometries(drawn)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<kml xmlns="http://www.opengis.net/kml/2.2">',
            "<Document>",
            f"<name>{_text(title)}</name>",
            *(line for layer in drawn for line in _styles(layer)),
            *(line for layer in drawn for line in _schema(layer)),
            *(line for layer, column in zip(drawn, geometries, strict=True) for line in _folder(layer, column)),
            "</Document>",
            "</kml>",
            "",
        ]
    )


def _text(text: str) -> str:
    # a bare carriage return would be read back as a line feed
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


# looks


def _styles(layer: Layer) -> Iterator[str]:
    style = layer.style or LayerStyle()
    yield _style(layer.name, style.colour, style.width_mm, style)
    for number, category in enumerate(style.categories):
        yield _style(f"{layer.name}-{number}", category.colour, category.width_mm, style)


def _style(name: str, colour: str, width_mm: float, style: LayerStyle) -> str:
    line, fill = _abgr(colour, 1.0), _abgr(colour, style.fill_opacity)
    return (
        f'<Style id="{name}"><IconStyle><color>{line}</color><scale>{style.marker_size_mm / _ICON_MM:g}</scale>'
        f"</IconStyle><LabelStyle><scale>0.7</scale></LabelStyle>"
        f"<LineStyle><color>{line}</color><width>{width_mm * _PIXELS_PER_MM:.3g}</width></LineStyle>"
        f"<PolyStyle><color>{fill}</color></PolyStyle></Style>"
    )


def _abgr(colour: str, opacity: float) -> str:
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{round(255 * opacity):02x}{blue}{green}{red}".lower()


def _style_of(feature: Feature, layer: Layer) -> str:
    style = layer.style
    if style is None or style.attribute is None:
        return layer.name
    value = feature.id if style.attribute == "id" else feature.properties.get(style.attribute)
    for number, category in enumerate(style.categories):
        if value is not None and str(category.value) == str(value):
            return f"{layer.name}-{number}"
    return layer.name


# features


def _schema(layer: Layer) -> Iterator[str]:
    yield f'<Schema name="{layer.name}" id="{layer.name}-fields">'
    for field in (ID_FIELD, *layer.fields):
        shown = f"{field.name} ({field.unit})" if field.unit else field.name
        yield (
            f'<SimpleField type="{_type(field, layer)}" name={_attribute(field.name)}>'
            f"<displayName>{_text(shown)}</displayName></SimpleField>"
        )
    yield "</Schema>"


def _type(field: Field, layer: Layer) -> str:
    is_wide = field.kind == "integer" and any(
        (feature.properties.get(field.name) or 0) not in _INTS for feature in layer.features
    )
    return "double" if is_wide else _TYPES[field.kind]


def _folder(layer: Layer, geometries: Sequence[BaseGeometry | None]) -> Iterator[str]:
    yield f"<Folder><name>{_text(layer.title)}</name>"
    yield f"<description>{_text(html.escape(metadata_text(layer), quote=False))}</description>"
    for feature, geometry in zip(layer.features, geometries, strict=True):
        values = {"id": feature.id} | {
            field.name: value
            for field in layer.fields
            # an empty text and none are the same to whoever reads KML
            if (value := column_value(feature.properties.get(field.name), field.kind)) not in {None, ""}
        }
        yield (
            f"<Placemark><name>{_text(str(values.get('name') or feature.id))}</name>"
            f'<Snippet maxLines="0"></Snippet><description>{_text(_description(values))}</description>'
            f"<styleUrl>#{_style_of(feature, layer)}</styleUrl>"
            f'<ExtendedData><SchemaData schemaUrl="#{layer.name}-fields">'
        )
        yield from (
            f"<SimpleData name={_attribute(name)}>{_text(_value(value))}</SimpleData>" for name, value in values.items()
        )
        yield f"</SchemaData></ExtendedData>{_geometry(geometry)}</Placemark>"
    yield "</Folder>"


def _description(values: Mapping[str, Value]) -> str:
    lines = (f"{name}: {_value(value)}" for name, value in values.items())
    return html.escape("\n".join(lines), quote=False)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value == math.floor(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _geometry(geometry: BaseGeometry | None) -> str:
    if geometry is None:
        return ""
    if isinstance(geometry, Point):
        return f"<Point>{_coordinates(geometry)}</Point>"
    parts = shapely.get_parts(geometry).tolist()
    # tessellated, a line follows the ground instead of cutting through the globe
    return (
        "<MultiGeometry>"
        + "".join(_polygon(p) if isinstance(p, Polygon) else _line(p) for p in parts)
        + "</MultiGeometry>"
    )


def _line(line: BaseGeometry) -> str:
    return f"<LineString><tessellate>1</tessellate>{_coordinates(line)}</LineString>"


def _polygon(polygon: Polygon) -> str:
    rings = [("outer", polygon.exterior), *(("inner", hole) for hole in polygon.interiors)]
    boundaries = (
        f"<{kind}BoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></{kind}BoundaryIs>" for kind, ring in rings
    )
    return f"<Polygon><tessellate>1</tessellate>{''.join(boundaries)}</Polygon>"


def _coordinates(geometry: BaseGeometry) -> str:
    pairs = (f"{lon!r},{lat!r}" for lon, lat in shapely.get_coordinates(geometry).tolist())
    return f"<coordinates>{' '.join(pairs)}</coordinates>"


def _verify(file: Path, count: int) -> None:
    found = count_elements(file, ("Placemark",))["Placemark"]
    if found != count:
        raise WriteError(f"{file} was not written whole: read back {found} of {count} features; write it again")
