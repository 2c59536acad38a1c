"""Describe the files of a folder as a Frictionless Data Package, so that licence and sources stay with every format.

Formats such as CSV and newline-delimited GeoJSON have no place for a title, a licence or the unit of a column;
``datapackage.json`` beside them has, in one wording for all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.atomic import replace_text
from geo.layer import Field, FieldKind, Layer
from geo.metadata import CRS_TEXT
from geo.ogr_columns import ID_FIELD
from geo.relations import Relation

DATA_PACKAGE = "datapackage.json"

_TYPES: Mapping[FieldKind, str] = MappingProxyType(
    {"text": "string", "integer": "integer", "real": "number", "boolean": "boolean"}
)
# what CSV has beside the fields of the layer
_LON_LAT = (Field("lon", "real", "Longitude, WGS 84", "degrees"), Field("lat", "real", "Latitude, WGS 84", "degrees"))
_WKT = Field("WKT", "text", "Geometry as well-known text, WGS 84 longitude and latitude")
_MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "fgb": "application/vnd.flatgeobuf",
        "geojson": "application/geo+json",
        "geojsonl": "application/geo+json-seq",
        "parquet": "application/vnd.apache.parquet",
    }
)


def write_data_package(
    layers: Sequence[Layer], folder: Path, *, name: str, suffix: str, relations: Sequence[Relation] = ()
) -> None:
    """Write ``datapackage.json`` for files ``LAYER.suffix`` in a folder, with the relations among those layers.

    Raises
    ------
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    known = {layer.name for layer in layers}
    package = {
        "profile": "data-package",
        "name": name,
        "resources": [_resource(layer, suffix, [r for r in relations if r.parent in known]) for layer in layers],
    }
    replace_text(folder / DATA_PACKAGE, json.dumps(package, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _resource(layer: Layer, suffix: str, relations: Sequence[Relation]) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "name": layer.name,
        "path": f"{layer.name}.{suffix}",
        "profile": "tabular-data-resource" if suffix == "csv" else "data-resource",
        "title": layer.title,
        "description": layer.description,
        "format": suffix,
        "mediatype": _MEDIA_TYPES[suffix],
        "licenses": [{"name": re.sub(r"[^-a-zA-Z0-9._]", "-", layer.licence), "title": layer.licence}],
        "attribution": layer.attribution,
        "sources": [_source(text) for text in layer.sources],
        "rows": len(layer.features),
        "schema": _schema(layer, suffix, relations),
    }
    if suffix in {"csv", "geojson", "geojsonl"}:
        resource["encoding"] = "utf-8"
    if layer.geometry_type is not None:
        resource |= {"geometry_type": layer.geometry_type, "crs": CRS_TEXT}
    return resource | {name: text for name in ("date", "accuracy") if (text := getattr(layer, name))}


def _source(citation: str) -> dict[str, str]:
    address = re.search(r"https?://\S+$", citation)
    return {"title": citation} | ({"path": address.group()} if address else {})


def _schema(layer: Layer, suffix: str, relations: Sequence[Relation]) -> dict[str, Any]:
    points = _LON_LAT if layer.geometry_type == "Point" else ()
    wkt = (_WKT,) if layer.geometry_type is not None else ()
    columns = (ID_FIELD, *points, *layer.fields, *wkt) if suffix == "csv" else (ID_FIELD, *layer.fields)
    schema: dict[str, Any] = {"fields": [_field(field) for field in columns], "primaryKey": "id"}
    if suffix == "csv":
        schema["missingValues"] = [""]
    # a column that may point into any of several tables has no foreign key in this standard
    own = [relation for relation in relations if relation.child == layer.name]
    single = [r for r in own if sum(other.child_field == r.child_field for other in own) == 1]
    if single:
        schema["foreignKeys"] = [
            {"fields": r.child_field, "reference": {"resource": r.parent, "fields": r.parent_field}} for r in single
        ]
    return schema


def _field(field: Field) -> dict[str, str]:
    texts = {"name": field.name, "type": _TYPES[field.kind], "description": field.description, "unit": field.unit}
    return {name: text for name, text in texts.items() if text}
