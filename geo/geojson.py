"""Write a layer as GeoJSON that keeps to RFC 7946, the same bytes for the same layer.

One feature stands on each line, so that versions can be compared. Beside the members of the standard the collection
carries ``name``, ``title``, ``description``, ``attribution``, ``licence``, ``fields`` and, where known, ``date``,
``accuracy`` and ``sources`` (foreign members, §6.1). A feature's id is its ``id`` member and, since GDAL, QGIS and
geopandas drop or rename that, a property too. The newline-delimited form is the same features, one a line, without a
collection round them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from geo.atomic import replace_text
from geo.errors import GeometryError, LayerError, WriteError
from geo.file_geometry import bounding_box, file_geometry
from geo.layer import Feature, Field, FieldKind, Layer, Value, raise_faults, validate_layer


def write_geojson(layer: Layer, path: Path | str) -> None:
    """Write one layer to ``path``, whole or not at all, and verify it by reading it back.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    text = geojson_text(layer)
    replace_text(path, text, lambda file: _verify(file, [feature.id for feature in layer.features]))


def write_geojson_lines(layer: Layer, path: Path | str) -> None:
    """Write one layer as newline-delimited GeoJSON: one feature a line, for programs that read as they go.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    text = "".join(f"{line}\n" for line in _feature_lines(layer, file_geometries(layer)))
    replace_text(path, text, lambda file: _verify_lines(file, [feature.id for feature in layer.features]))


def geojson_text(layer: Layer) -> str:
    """Give the FeatureCollection of a layer (WGS 84 lon/lat) as text that ends with a newline.

    A plain table gives features with null geometry, a layer without features an empty list and no bbox.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.

    Examples
    --------
    >>> from shapely.geometry import Point
    >>> ports = (Feature("poti", Point(41.65, 42.15), {}),)
    >>> layer = Layer("ports", "Ports", "Sea ports", (), ports, "Point", "corridors", "CC-BY-4.0")
    >>> print(geojson_text(layer).splitlines()[1])
    {"type":"Feature","id":"poti","geometry":{"type":"Point","coordinates":[41.65,42.15]},"properties":{"id":"poti"}}
    """
    geometries = file_geometries(layer)
    header = _json(_collection_members(layer, [geometry for geometry in geometries if geometry is not None]))
    lines = _feature_lines(layer, geometries)
    # the features list is the last member, opened here to give each feature a line
    return header[:-1] + ',"features":[\n' + ",\n".join(lines) + ("\n]}\n" if lines else "]}\n")


def file_geometries(layer: Layer) -> list[BaseGeometry | None]:
    """Validate a layer and give each feature's geometry as it is to be written.

    Raises
    ------
    LayerError
        When the layer, or the geometry of a feature once it is rounded and cut, cannot be written.
    """
    validate_layer(layer)
    geometries: list[BaseGeometry | None] = []
    faults: list[str] = []
    for feature in layer.features:
        try:
            geometries.append(None if feature.geometry is None else file_geometry(feature.geometry))
        except GeometryError as fault:
            faults.append(f"feature {feature.id!a}: {fault}")
    raise_faults(layer.name, faults)
    return geometries


def checked_geometries(layers: Iterable[Layer], faults: Iterable[str] = ()) -> list[list[BaseGeometry | None]]:
    """Give the geometries of several layers for one file, or one error with ``faults`` and those of all layers.

    Raises
    ------
    LayerError
        When there is any fault; each stands on lines of its own.
    """
    geometries, found = [], list(faults)
    for layer in layers:
        try:
            geometries.append(file_geometries(layer))
        except LayerError as fault:
            found.append(str(fault))
    if found:
        raise LayerError("\n".join(found))
    return geometries


def column_value(value: Value, kind: FieldKind) -> Value:
    """Give a property as its column holds it: a whole number in a real column becomes a float in every format."""
    return float(value) if kind == "real" and value is not None else value


def _feature_lines(layer: Layer, geometries: list[BaseGeometry | None]) -> list[str]:
    return [_json(_feature_object(*row, layer.fields)) for row in zip(layer.features, geometries, strict=True)]


def _collection_members(layer: Layer, geometries: list[BaseGeometry]) -> dict[str, object]:
    texts = ("name", "title", "description", "attribution", "licence")
    members: dict[str, object] = {"type": "FeatureCollection"} | {name: getattr(layer, name) for name in texts}
    members |= {name: value for name in ("date", "accuracy", "sources") if (value := getattr(layer, name))}
    members["fields"] = [
        {"name": field.name, "kind": field.kind, "unit": field.unit, "description": field.description}
        for field in layer.fields
    ]
    if box := bounding_box(geometries):
        members["bbox"] = box
    return members


def _feature_object(feature: Feature, geometry: BaseGeometry | None, fields: tuple[Field, ...]) -> dict[str, object]:
    values = {field.name: column_value(feature.properties.get(field.name), field.kind) for field in fields}
    return {
        "type": "Feature",
        "id": feature.id,
        "geometry": None if geometry is None else shapely.geometry.mapping(geometry),
        "properties": {"id": feature.id, **values},
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _verify(file: Path, ids: list[str]) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    _require_ids(file, content["features"], ids)


def _verify_lines(file: Path, ids: list[str]) -> None:
    with file.open(encoding="utf-8", newline="\n") as lines:
        _require_ids(file, [json.loads(line) for line in lines], ids)


def _require_ids(file: Path, features: list[dict[str, object]], ids: list[str]) -> None:
    found = [feature["id"] for feature in features]
    if found != ids:
        raise WriteError(f"{file} was not written whole: read back {len(found)} of {len(ids)} features; write it again")
