"""Read GeoParquet (1.0, 1.1, WKB) with Arrow, one row group after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.reading.arrow_columns import Column, column_of
from geo.reading.records import printable
from geo.reading.worker_stream import BATCH_ROWS, Batch, Header, WorkerFault

_TEXTS: Final = ("title", "description", "attribution", "licence")


def read(request: dict[str, Any]) -> tuple[Header, Iterator[Batch]]:
    """Open the file as one layer."""
    file = pq.ParquetFile(request["file"], memory_map=False, thrift_string_size_limit=100_000_000)
    geo = _geo_metadata(file)
    primary = str(geo.get("primary_column", "geometry"))
    described = geo.get("columns", {}).get(primary)
    shape = file.schema_arrow
    if not isinstance(described, dict) or primary not in shape.names:
        raise WorkerFault("is damaged: its GeoParquet metadata names no geometry column that it has")
    if described.get("encoding") != "WKB":
        raise WorkerFault(f"keeps geometry as {printable(described.get('encoding'))}; write it as GeoParquet with WKB")
    texts = {name: text for name in _TEXTS if (text := _text(shape.metadata, name.encode()))}
    header = Header(_text(shape.metadata, b"name") or None, _crs(described), [], metadata=texts)
    if described.get("edges", "planar") != "planar":
        header.warnings.append("edges are spherical in the file; they are read as straight in longitude and latitude")
    kept: list[Column] = []
    covering = _covering(described)
    for field in shape:
        column = column_of(field)
        if field.name in {primary, *covering}:
            continue
        if column.kind is None:
            what = "another geometry" if field.name in geo["columns"] else column.what
            header.warnings.append(f"column '{printable(field.name)}' holds {what} and is left out")
            continue
        kept.append(column)
        header.columns.append(
            {
                "name": field.name,
                "kind": column.kind,
                "description": _text(field.metadata, b"description"),
                "unit": _text(field.metadata, b"unit"),
            }
        )
    return header, _batches(file, primary, kept)


def _geo_metadata(file: pq.ParquetFile) -> dict[str, Any]:
    raw = (file.schema_arrow.metadata or {}).get(b"geo")
    if raw is None:
        raise WorkerFault("is Parquet without GeoParquet metadata: it does not say which column is geometry")
    try:
        geo = json.loads(raw)
    except (ValueError, RecursionError):
        geo = None
    if not isinstance(geo, dict) or not isinstance(geo.get("columns", {}), dict):
        raise WorkerFault("has GeoParquet metadata that cannot be read")
    return {"columns": {}, **geo}


def _crs(described: dict[str, Any]) -> str | None:
    # absent means OGC:CRS84, null means unknown
    crs = described.get("crs", "OGC:CRS84")
    if isinstance(crs, dict):
        known = crs.get("id")
        if isinstance(known, dict) and known.get("authority") in ("EPSG", "OGC", "ESRI"):
            return f"{known['authority']}:{known.get('code')}"
        return json.dumps(crs)
    return crs if isinstance(crs, str) else None


def _covering(described: dict[str, Any]) -> set[str]:
    """Columns that only repeat the bounds of the geometry."""
    covering = described.get("covering")
    box = covering.get("bbox") if isinstance(covering, dict) else None
    paths = box.values() if isinstance(box, dict) else ()
    return {str(path[0]) for path in paths if isinstance(path, list) and path}


def _text(metadata: dict[bytes, bytes] | None, key: bytes) -> str:
    return bytes((metadata or {}).get(key, b"")).decode("utf-8", errors="replace")


def _batches(file: pq.ParquetFile, primary: str, columns: list[Column]) -> Iterator[Batch]:
    names = [primary, *(column.source for column in columns)]
    for table in file.iter_batches(batch_size=BATCH_ROWS, columns=names, use_threads=False):
        batch = Batch([None] * len(table), pc.cast(table.column(primary), pa.binary()), [])
        for column in columns:
            batch.values.append(column.values(table.column(column.source), batch.faults))
        yield batch
