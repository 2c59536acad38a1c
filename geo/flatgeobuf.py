"""Write a layer as FlatGeobuf.

No spatial index is written: building one sorts the features along a curve, and these files are small enough to be
read whole. The order of features is kept, null geometry and plain tables are possible, and the same layer gives the
same bytes. Title, description, licence and sources stand in the header.
"""

from __future__ import annotations

from pathlib import Path

from geo.atomic import replace_file
from geo.geojson import file_geometries
from geo.layer import Layer
from geo.metadata import layer_metadata
from geo.ogr_columns import verify_ids, write_with_gdal


def write_flatgeobuf(layer: Layer, path: Path | str) -> None:
    """Write one layer (WGS 84 lon/lat) to ``path``, whole or not at all, and verify it by reading it back.

    Raises
    ------
    LayerError
        When the layer cannot be written without loss; it lists every fault.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    geometries = file_geometries(layer)
    metadata = layer_metadata(layer)
    # the header has members of its own for these two
    options = {"TITLE": metadata.pop("title"), "DESCRIPTION": metadata.pop("description", ""), "SPATIAL_INDEX": "NO"}

    def write(file: Path) -> None:
        write_with_gdal(layer, geometries, file, driver="FlatGeobuf", layer_options=options, layer_metadata=metadata)

    replace_file(path, write, lambda file: verify_ids(file, layer))
