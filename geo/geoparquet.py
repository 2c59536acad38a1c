"""Write a layer as GeoParquet 1.1: WKB in WGS 84 lon/lat (OGC:CRS84), a covering ``bbox`` column, zstd.

Built with Arrow directly: integers and booleans with gaps keep their type, and descriptions, units, licence and
sources travel in the schema. A plain table is plain Parquet. The order of features is kept and the same layer gives
the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry.base import BaseGeometry

from geo.atomic import replace_file
from geo.errors import WriteError
from geo.file_geometry import bounding_box
from geo.geojson import column_value, file_geometries
from geo.layer import Field, FieldKind, Layer
from geo.metadata import layer_metadata
from geo.ogr_columns import ID_FIELD

_TYPES: Mapping[FieldKind, pa.DataType] = MappingProxyType(
    {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "boolean": pa.bool_()}
)
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_BBOX = pa.struct([(corner, pa.float64()) for corner in _CORNERS])


def write_geoparquet(layer: Layer, path: Path | str) -> None:
    """Write one layer to ``path``, whole or not at all, and verify it by reading it back.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    table = layer_table(layer)
    replace_file(path, lambda file: pq.write_table(table, file, compression="zstd"), lambda file: _verify(file, layer))


def layer_table(layer: Layer) -> pa.Table:
    """Give a layer as an Arrow table: ``id``, the fields, ``geometry`` (WKB) and ``bbox``, with all metadata.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.
    """
    geometries = file_geometries(layer)
    fields = (ID_FIELD, *layer.fields)
    columns = [_column(field, layer) for field in fields]
    schema = [_schema_field(field) for field in fields]
    metadata = {"name": layer.name, **layer_metadata(layer)}
    if layer.geometry_type is not None:
        columns += [pa.array(_wkb(geometries), pa.binary()), pa.array(_boxes(geometries), _BBOX)]
        schema += [pa.field("geometry", pa.binary()), pa.field("bbox", _BBOX)]
        metadata["geo"] = json.dumps(_geo_metadata(layer, geometries))
    return pa.table(columns, schema=pa.schema(schema, metadata=metadata))


def _schema_field(field: Field) -> pa.Field:
    texts = {name: text for name in ("description", "unit") if (text := getattr(field, name))}
    return pa.field(field.name, _TYPES[field.kind], nullable=field is not ID_FIELD, metadata=texts or None)


def _column(field: Field, layer: Layer) -> pa.Array:
    if field is ID_FIELD:
        return pa.array([feature.id for feature in layer.features], pa.string())
    values = [column_value(feature.properties.get(field.name), field.kind) for feature in layer.features]
    return pa.array(values, _TYPES[field.kind])


def _wkb(geometries: Sequence[BaseGeometry | None]) -> list[bytes | None]:
    found: list[bytes | None] = shapely.to_wkb(np.array(geometries, dtype=object)).tolist() if geometries else []
    return found


def _boxes(geometries: Sequence[BaseGeometry | None]) -> list[dict[str, float] | None]:
    """Covering boxes; a feature cut at 180° gets the box round both parts, which every reader understands."""
    return [None if geometry is None else dict(zip(_CORNERS, geometry.bounds, strict=True)) for geometry in geometries]


def _geo_metadata(layer: Layer, geometries: Sequence[BaseGeometry | None]) -> dict[str, Any]:
    present = [geometry for geometry in geometries if geometry is not None]
    # no "crs": the standard then reads OGC:CRS84, which is ours
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [layer.geometry_type],
        "orientation": "counterclockwise",
        "edges": "planar",
        "covering": {"bbox": {corner: ["bbox", corner] for corner in _CORNERS}},
    }
    if box := bounding_box(present):
        column["bbox"] = box
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _verify(file: Path, layer: Layer) -> None:
    found = pq.read_table(file).column("id").to_pylist()
    if found != [feature.id for feature in layer.features]:
        raise WriteError(
            f"{file} was not written whole: read back {len(found)} of {len(layer.features)} features; write it again"
        )
