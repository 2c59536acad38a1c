"""Layers as GeoPandas tables, for those who work in Python."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layer import Layer


def layer_frame(layer: Layer) -> gpd.GeoDataFrame:
    """Return a layer as a GeoDataFrame indexed by feature id, in WGS 84 (EPSG:4326).

    Columns are the layer's fields in order, then ``geometry``; a plain table has an empty geometry column.

    Examples
    --------
    >>> from shapely import Point
    >>> from geo.layer import Feature, Field
    >>> xian = Feature("xian", Point(108.93, 34.26), {"name": "Xi'an"})
    >>> frame = layer_frame(Layer("places", "Places", "", (Field("name", "text", ""),), (xian,), "Point", "a", "l"))
    >>> frame.loc["xian", "name"], str(frame.crs)
    ("Xi'an", 'EPSG:4326')
    """
    names = [field.name for field in layer.fields]
    rows = [[feature.properties.get(name) for name in names] for feature in layer.features]
    table = pd.DataFrame(rows, columns=names, index=pd.Index([feature.id for feature in layer.features], name="id"))
    shapes = gpd.GeoSeries(
        np.asarray([feature.geometry for feature in layer.features], dtype=object), index=table.index, crs="EPSG:4326"
    )
    return gpd.GeoDataFrame(table, geometry=shapes)
