"""A QGIS project over a GeoPackage: groups, looks, metadata and relations, written without QGIS.

Paths are relative, so file and project move together. The same document serves as ``.qgs`` beside the GeoPackage and,
zipped, inside it (table ``qgis_projects``). Built with ElementTree, never by joining text.
"""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from geo.atomic import replace_text
from geo.errors import LayerError, WriteError
from geo.layer import GeometryType, Layer, LayerStyle
from geo.metadata import layer_metadata, metadata_text
from geo.qml import qml_text
from geo.relations import Relation

_VERSION = "3.22.0-Białowieża"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_DETAIL_SCALE = "15000000"
# characters that fit on a line of a form
_LINE = 80
_GEOMETRIES: Mapping[GeometryType | None, tuple[str, str]] = MappingProxyType(
    {
        "Point": ("Point", "Point"),
        "MultiLineString": ("Line", "MultiLineString"),
        "MultiPolygon": ("Polygon", "MultiPolygon"),
        None: ("No geometry", "NoGeometry"),
    }
)


@dataclass(frozen=True, slots=True)
class LayerGroup:
    """A heading in the layer tree and the layers below it, both from the top.

    ``hidden`` ones are there, switched off; ``detailed`` ones are drawn from 1:15 million on, so that many points do
    not cover a map of a continent.
    """

    title: str
    layers: tuple[str, ...]
    hidden: frozenset[str] = frozenset()
    detailed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Project:
    """What a project shows beside the layers themselves.

    ``extent`` is what it opens on: west, south, east, north in degrees. ``captions`` gives, by layer, the QGIS
    expression that a feature is called by in lists and forms; without one it is its name, or else its id.
    """

    title: str
    groups: tuple[LayerGroup, ...]
    relations: tuple[Relation, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    captions: Mapping[str, str] = field(default_factory=dict)


def write_qgis_project(project: Project, layers: Sequence[Layer], path: Path | str, *, geopackage: str) -> None:
    """Write a ``.qgs`` file, whole or not at all, over the GeoPackage of that file name in the same folder.

    Raises
    ------
    LayerError
        When a group or relation names something that is not there.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    text = project_text(project, layers, geopackage=geopackage)
    replace_text(path, text, lambda file: _verify(file, layers))


def project_text(project: Project, layers: Sequence[Layer], *, geopackage: str) -> str:
    """Give the project document, for QGIS 3.18 and later.

    Layers in no group stand at the end; groups and relations keep only the layers that are there.

    Raises
    ------
    LayerError
        When a relation names a field its layer lacks.
    """
    by_name = {layer.name: layer for layer in layers}
    relations = [r for r in project.relations if r.child in by_name and r.parent in by_name]
    _require_fields(relations, by_name)
    root = ET.Element("qgis", projectname=project.title, version=_VERSION)
    ET.SubElement(root, "homePath", path="")
    ET.SubElement(root, "title").text = project.title
    _add_crs(ET.SubElement(root, "projectCrs"))
    ids = _add_tree(root, project, by_name, geopackage)
    _add_relations(root, relations, by_name)
    parent = ET.SubElement(root, "projectlayers")
    detailed = {name for group in project.groups for name in group.detailed}
    for layer in layers:
        element = _add_layer(parent, layer, geopackage, is_detailed=layer.name in detailed)
        ET.SubElement(element, "previewExpression").text = project.captions.get(layer.name) or _caption(layer)
    order = ET.SubElement(root, "layerorder")
    for layer_id in ids:
        ET.SubElement(order, "layer", id=layer_id)
    _add_properties(root)
    if project.extent is not None:
        _add_view(root, project.extent)
    ET.indent(root)
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def project_row(
    project: Project, layers: Sequence[Layer], *, geopackage: str, last_change: str
) -> tuple[str, str, str]:
    """Give name, metadata and content of a row of ``qgis_projects``; the content is zipped, in hexadecimal."""
    name = re.sub(r"[^\w -]", "_", project.title) or "project"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        # without a date of its own the entry has 1980-01-01, the same in every build
        entry = zipfile.ZipInfo(f"{name}.qgs")
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        content.writestr(entry, project_text(project, layers, geopackage=geopackage))
    metadata = json.dumps({"last_modified_time": last_change[:19], "last_modified_user": ""})
    return name, metadata, archive.getvalue().hex()


def _require_fields(relations: Sequence[Relation], by_name: Mapping[str, Layer]) -> None:
    ends = [end for r in relations for end in ((r.child, r.child_field), (r.parent, r.parent_field))]
    missing = [
        f"{layer}.{field}" for layer, field in ends if field not in {"id", *(f.name for f in by_name[layer].fields)}
    ]
    if missing:
        raise LayerError(f"relations name fields that are not there: {', '.join(sorted(set(missing)))}")


def _add_crs(parent: ET.Element) -> None:
    crs = ET.SubElement(parent, "spatialrefsys")
    for name, value in (
        ("proj4", "+proj=longlat +datum=WGS84 +no_defs"),
        ("srid", "4326"),
        ("authid", "EPSG:4326"),
        ("description", "WGS 84"),
        ("projectionacronym", "longlat"),
        ("ellipsoidacronym", "EPSG:7030"),
        ("geographicflag", "true"),
    ):
        ET.SubElement(crs, name).text = value


def _add_tree(root: ET.Element, project: Project, by_name: Mapping[str, Layer], geopackage: str) -> list[str]:
    """Add the layer tree and return the ids of its layers from the top."""
    tree = ET.SubElement(root, "layer-tree-group")
    left = dict(by_name)
    for group in project.groups:
        members = [left.pop(name) for name in group.layers if name in left]
        if members:
            parent = ET.SubElement(tree, "layer-tree-group", name=group.title, expanded="1", checked="Qt::Checked")
            for layer in members:
                _add_tree_layer(parent, layer, geopackage, is_hidden=layer.name in group.hidden)
    for layer in left.values():
        _add_tree_layer(tree, layer, geopackage, is_hidden=False)
    return [element.get("id", "") for element in tree.iter("layer-tree-layer")]


def _add_tree_layer(parent: ET.Element, layer: Layer, geopackage: str, *, is_hidden: bool) -> None:
    ET.SubElement(
        parent,
        "layer-tree-layer",
        id=_id(layer.name),
        name=layer.title,
        source=_source(layer, geopackage),
        providerKey="ogr",
        expanded="0",
        checked="Qt::Unchecked" if is_hidden else "Qt::Checked",
    )


def _id(name: str) -> str:
    # QGIS replaces ids of ten characters and less by new ones, and then misses the layers of the tree and relations
    return f"vector_layer_{name}"


def _source(layer: Layer, geopackage: str) -> str:
    return f"./{geopackage}|layername={layer.name}"


def _add_relations(root: ET.Element, relations: Sequence[Relation], by_name: Mapping[str, Layer]) -> None:
    parent = ET.SubElement(root, "relations")
    for relation in relations:
        element = ET.SubElement(
            parent,
            "relation",
            id=f"{relation.parent}_{relation.child}_{relation.child_field}",
            name=by_name[relation.child].title,
            referencingLayer=_id(relation.child),
            referencedLayer=_id(relation.parent),
            strength="Association",
        )
        ET.SubElement(element, "fieldRef", referencingField=relation.child_field, referencedField=relation.parent_field)


def _add_layer(parent: ET.Element, layer: Layer, geopackage: str, *, is_detailed: bool) -> ET.Element:
    geometry, wkb_type = _GEOMETRIES[layer.geometry_type]
    element = ET.SubElement(
        parent, "maplayer", type="vector", geometry=geometry, wkbType=wkb_type, styleCategories="AllStyleCategories"
    )
    if is_detailed:
        # the farthest scale, as QGIS means it, is the smallest
        element.attrib |= {"hasScaleBasedVisibilityFlag": "1", "minScale": _DETAIL_SCALE, "maxScale": "0"}
    ET.SubElement(element, "id").text = _id(layer.name)
    ET.SubElement(element, "datasource").text = _source(layer, geopackage)
    ET.SubElement(element, "layername").text = layer.title
    if layer.geometry_type is not None:
        _add_crs(ET.SubElement(element, "srs"))
    _add_metadata(element, layer)
    ET.SubElement(element, "provider", encoding="UTF-8").text = "ogr"
    if layer.geometry_type is not None:
        style = ET.fromstring(qml_text(layer.style or LayerStyle(), layer.geometry_type))  # noqa: S314 - our own text
        element.extend(style.findall("renderer-v2"))
    _add_long_texts(element, layer)
    return element


def _caption(layer: Layer) -> str:
    return '"name"' if any(field.name == "name" for field in layer.fields) else '"id"'


def _add_long_texts(element: ET.Element, layer: Layer) -> None:
    """Give texts too long for one line a field of several lines in the form."""
    configuration = ET.SubElement(element, "fieldConfiguration")
    for column in layer.fields:
        values = (feature.properties.get(column.name) for feature in layer.features)
        if column.kind == "text" and any(len(value) > _LINE for value in values if isinstance(value, str)):
            parent = ET.SubElement(configuration, "field", name=column.name)
            widget = ET.SubElement(parent, "editWidget", type="TextEdit")
            options = ET.SubElement(ET.SubElement(widget, "config"), "Option", type="Map")
            ET.SubElement(options, "Option", name="IsMultiline", type="bool", value="true")


def _add_metadata(parent: ET.Element, layer: Layer) -> None:
    metadata = ET.SubElement(parent, "resourceMetadata")
    known = layer_metadata(layer)
    for name, text in (
        ("identifier", layer.name),
        ("type", "dataset"),
        ("title", layer.title),
        ("abstract", metadata_text(layer)),
        ("rights", layer.attribution),
        ("license", layer.licence),
    ):
        ET.SubElement(metadata, name).text = text
    links = ET.SubElement(metadata, "links")
    for attributes in _links(layer):
        ET.SubElement(links, "link", attributes)
    ET.SubElement(metadata, "history").text = f"Data of {known['date']}" if "date" in known else ""
    ET.SubElement(metadata, "encoding").text = "UTF-8"
    if layer.geometry_type is not None:
        _add_crs(ET.SubElement(metadata, "crs"))


def _links(layer: Layer) -> Iterator[dict[str, str]]:
    for citation in layer.sources:
        address = re.search(r"https?://\S+$", citation)
        yield {
            "name": citation,
            "type": "WWW:LINK",
            "description": "",
            "url": address.group() if address else "",
            "format": "",
            "mimeType": "",
            "size": "",
        }


def _add_properties(root: ET.Element) -> None:
    properties = ET.SubElement(root, "properties")
    for group, name, kind, value in (
        ("SpatialRefSys", "ProjectionsEnabled", "int", "1"),
        ("Paths", "Absolute", "bool", "false"),
    ):
        ET.SubElement(ET.SubElement(properties, group), name, type=kind).text = value


def _add_view(root: ET.Element, extent: tuple[float, float, float, float]) -> None:
    settings = ET.SubElement(root, "ProjectViewSettings", UseProjectScales="0", rotation="0")
    corners = zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True)
    view = ET.SubElement(settings, "DefaultViewExtent", {corner: f"{degrees:g}" for corner, degrees in corners})
    _add_crs(view)


def _verify(file: Path, layers: Sequence[Layer]) -> None:
    root = ET.parse(file).getroot()  # noqa: S314 - our own text
    found = [element.findtext("id") for element in root.iter("maplayer")]
    if found != [_id(layer.name) for layer in layers]:
        raise WriteError(f"{file} was not written whole: read back {len(found)} of {len(layers)} layers")
