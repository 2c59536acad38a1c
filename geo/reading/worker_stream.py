"""What the worker of binary formats hands over: headers and batches of rows as one Arrow stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Final

import pyarrow as pa

BATCH_ROWS: Final = 2000


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
