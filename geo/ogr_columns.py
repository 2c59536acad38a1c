"""Columns of a layer as the GDAL-based writers hand them over: typed arrays with masks, geometry as WKB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fiona
import numpy as np
import numpy.typing as npt
import pyogrio
import pyogrio.raw
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import WriteError
from geo.geojson import column_value
from geo.layer import Feature, Field, FieldKind, Layer

ID_FIELD = Field("id", "text", "Stable id")

_DTYPES: dict[FieldKind, Any] = {"text": object, "integer": np.int64, "real": np.float64, "boolean": np.bool_}
_BLANKS: dict[FieldKind, Any] = {"text": None, "integer": 0, "real": 0.0, "boolean": False}


def write_with_gdal(
    layer: Layer,
    geometries: Sequence[BaseGeometry | None],
    file: Path,
    *,
    driver: str,
    layer_options: dict[str, str],
    **more: object,
) -> None:
    """Write the table of a layer with GDAL: column ``id``, then the fields; nulls stay nulls.

    Parameters
    ----------
    geometries
        As `geo.geojson.file_geometries` gives them: WGS 84 lon/lat, one per feature.
    more
        Further arguments of ``pyogrio.raw.write``.

    Raises
    ------
    WriteError
        When GDAL refuses.
    """
    fields = (ID_FIELD, *layer.fields)
    columns = [_column(field, layer.features) for field in fields]
    place: dict[str, Any] = {"geometry": None, "geometry_type": None}
    if layer.geometry_type is not None:
        # an object array also where it is empty or all null
        wkb = np.array([*shapely.to_wkb(np.array(geometries, dtype=object)), None], dtype=object)[:-1]
        place = {"geometry": wkb, "geometry_type": layer.geometry_type, "crs": "EPSG:4326"}
    try:
        pyogrio.raw.write(
            file,
            fields=[field.name for field in fields],
            field_data=[values for values, _ in columns],
            field_mask=[mask for _, mask in columns],
            layer=layer.name,
            driver=driver,
            encoding="UTF-8",
            layer_options=layer_options,
            **place,
            **more,
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as fault:
        raise WriteError(f"GDAL could not write layer {layer.name} to {file}: {fault}") from fault


def verify_ids(file: Path, layer: Layer) -> None:
    """Read every row back, one at a time, with the GDAL of another library than the one that wrote them.

    Raises
    ------
    WriteError
        When the layer or a row is missing, or their order differs.
    """
    try:
        # without PAM, or GDAL leaves an .aux.xml file beside the one it reads
        with fiona.Env(GDAL_PAM_ENABLED="NO"), fiona.open(file, layer=layer.name) as rows:
            found = [row.properties["id"] for row in rows]
    except (fiona.errors.FionaError, ValueError) as fault:
        raise WriteError(f"{file} was not written whole: layer {layer.name} is missing; write it again") from fault
    if found != [feature.id for feature in layer.features]:
        raise WriteError(
            f"{file} was not written whole: {layer.name} has {len(found)} of {len(layer.features)} features"
        )


def _column(field: Field, features: Sequence[Feature]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Values of one column and where it is null."""
    values = [feature.id if field.name == "id" else feature.properties.get(field.name) for feature in features]
    blank = _BLANKS[field.kind]
    data = np.empty(len(values), dtype=_DTYPES[field.kind])
    data[:] = [blank if value is None else column_value(value, field.kind) for value in values]
    return data, np.array([value is None for value in values], dtype=bool)
