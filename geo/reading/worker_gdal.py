"""Read Shapefile and FlatGeobuf with GDAL, all of whose other drivers are switched off."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from geo.reading.arrow_columns import Column, column_of
from geo.reading.records import printable
from geo.reading.worker_stream import BATCH_ROWS, Batch, Header, WorkerFault

DRIVERS: Final = {"Shapefile": "ESRI Shapefile", "FlatGeobuf": "FlatGeobuf"}


def read(request: dict[str, Any]) -> tuple[Header, Iterator[Batch]]:
    """Open the one layer of the file."""
    pyogrio = _pyogrio()
    driver = DRIVERS[request["format"]]
    # the list of drivers to skip is written for the GDAL we know; another may have more
    others = sorted(set(pyogrio.list_drivers()) - {driver, "MEM", "Memory"})
    if others:
        raise WorkerFault(
            f"GDAL was started with more than its driver for {request['format']}: {', '.join(others[:5])}"
        )
    encoding = request["encoding"] if request["format"] == "Shapefile" else None
    try:
        opened = pyogrio.raw.open_arrow(
            request["file"], use_pyarrow=True, batch_size=BATCH_ROWS, return_fids=False, datetime_as_string=True
        )
        meta, reader = opened.__enter__()
    except pyogrio.errors.DataSourceError as fault:
        raise WorkerFault(f"cannot be read as {request['format']}: {fault}") from None
    geometry = meta["geometry_name"] or "wkb_geometry"
    shape = [one for one in reader.schema if one.name != geometry]
    names = request["names"] or [one.name for one in shape]
    columns = [column_of(one, name, encoding) for one, name in zip(shape, names, strict=True)]
    header = Header(None, meta["crs"], [])
    kept: list[Column] = []
    for column in columns:
        if column.kind is None:
            header.warnings.append(f"column '{printable(column.name)}' holds {column.what} and is left out")
        else:
            kept.append(column)
            header.columns.append({"name": column.name, "kind": column.kind, "description": "", "unit": ""})
    return header, _batches(opened, reader, geometry, kept)


def _pyogrio() -> Any:  # noqa: ANN401  a module
    """Import pyogrio without GeoPandas, which it would import where it is: a start is twice as fast without."""
    blocked = [name for name in ("geopandas", "pandas") if name not in sys.modules]
    # None is how Python marks a blocked import
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(blocked))
    import pyogrio.raw

    for name in blocked:
        del sys.modules[name]
    return pyogrio


def _batches(opened: Any, reader: Any, geometry: str, columns: list[Column]) -> Iterator[Batch]:  # noqa: ANN401
    # `opened` keeps the data source alive while its reader is used
    del opened
    for table in reader:
        shapes = table.column(geometry) if geometry in table.schema.names else pa.nulls(len(table), pa.binary())
        batch = Batch([None] * len(table), pc.cast(shapes, pa.binary()), [])
        for column in columns:
            batch.values.append(column.values(table.column(column.source), batch.faults))
        yield batch
