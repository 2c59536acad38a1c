"""A program of its own that parses binary formats, so that a fault in GDAL, SQLite or Arrow ends it and not us.

It is started by `geo.reading.native` with little memory, time and environment, reads one private copy, and writes an
Arrow stream to its standard output: a batch per some thousand rows with columns ``id``, ``geometry`` (WKB), ``fault``
and ``0``, ``1``, … for the attributes; what the file says of itself stands as JSON in the stream's metadata. A file
that is refused gives a line of JSON on standard error and status 3.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Final

import pyarrow as pa

BATCH_ROWS: Final = 2000
FAULT_STATUS: Final = 3
_HELD_OPEN: Final = 64


class WorkerFault(ValueError):  # noqa: N818  a file that is refused
    """A file cannot be read; the message says why and what to do."""


@dataclass(slots=True)
class Header:
    """What a file says of one of its layers."""

    name: str | None
    crs: str | None
    columns: list[dict[str, str]]
    """Name, kind, description and unit of each attribute."""
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """Some rows: ids, WKB and one list of values for each column; ``faults`` refuses single rows."""

    ids: Sequence[str | None] | pa.Array
    geometry: Sequence[bytes | None] | pa.Array
    values: list[Any]
    faults: dict[int, str] = field(default_factory=dict)


_TYPES: Final = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "boolean": pa.bool_()}


def schema(header: Header) -> pa.Schema:
    """Give the Arrow schema of the stream for a layer."""
    columns = [(str(index), _TYPES[column["kind"]]) for index, column in enumerate(header.columns)]
    fixed = [("id", pa.string()), ("geometry", pa.binary()), ("fault", pa.string())]
    return pa.schema([*fixed, *columns], metadata={"layer": json.dumps(asdict(header))})


def write_stream(header: Header, batches: Iterator[Batch], output: IO[bytes]) -> None:
    """Write a layer as Arrow stream."""
    shape = schema(header)
    with pa.ipc.new_stream(output, shape) as writer:
        for batch in batches:
            faults = [batch.faults.get(row) for row in range(len(batch.geometry))]
            columns = [batch.ids, batch.geometry, faults, *batch.values]
            arrays = [_array(values, member.type) for values, member in zip(columns, shape, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=shape))


def _array(values: Any, kind: pa.DataType) -> pa.Array:  # noqa: ANN401  a list or an Arrow array
    if not isinstance(values, pa.Array):
        return pa.array(values, kind)
    return values if values.type == kind else values.cast(kind)


def _limit(request: dict[str, Any]) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: the stall watch of the other side is what is left
    limits = (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_CPU, request["seconds"]),
        # nothing is written but the stream and a line of error
        (resource.RLIMIT_FSIZE, 1_000_000),
        (resource.RLIMIT_NOFILE, _HELD_OPEN),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, value in limits:
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # macOS knows some of these limits and does not let them be set
        with contextlib.nullcontext() if sys.platform == "linux" else contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


def _opened(request: dict[str, Any]) -> tuple[Header, Iterator[Batch]]:
    if request["format"] == "GeoPackage":
        from geo.reading.worker_geopackage import read
    elif request["format"] == "GeoParquet":
        from geo.reading.worker_parquet import read
    else:
        from geo.reading.worker_gdal import read
    return read(request)


def main() -> None:
    """Read the request (JSON) from standard input and stream the layer it asks for."""
    request = json.loads(sys.stdin.read())
    _limit(request)
    # whatever a library prints must not get between the batches
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        write_stream(*_opened(request), output)
        output.flush()
    except BrokenPipeError:
        os._exit(0)
    except WorkerFault as fault:
        _refuse(str(fault))
    except MemoryError:
        _refuse(f"needs more than {request['memory_bytes'] / 1e9:g} GB of memory; split it, or raise the limit")
    except Exception as fault:  # noqa: BLE001  whatever a library throws at a damaged file
        _refuse(f"cannot be read, it may be damaged: {type(fault).__name__}: {fault}")


def _refuse(why: str) -> None:
    sys.stderr.write("\n" + json.dumps({"fault": why[:2000]}) + "\n")
    sys.stderr.flush()
    os._exit(FAULT_STATUS)
