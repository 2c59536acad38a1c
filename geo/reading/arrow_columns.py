"""Columns of an Arrow table as texts, integers, reals or booleans; whatever else they hold is written as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from geo.layer import FieldKind
from geo.reading.records import printable


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, where it stands, its kind (None: left out, since it holds ``what``), how it is turned."""

    name: str
    source: str
    kind: FieldKind | None
    what: str
    turn: Callable[[pa.Array], Any]
    encoding: str | None = None

    def values(self, array: pa.Array, faults: dict[int, str]) -> Any:  # noqa: ANN401  a list or an Arrow array
        """Give the values of a batch; rows whose value cannot be told are added to ``faults``."""
        if self.encoding is None:
            return self.turn(array)
        return [self._decoded(value, row, faults) for row, value in enumerate(pc.cast(array, pa.binary()).to_pylist())]

    def _decoded(self, value: bytes | None, row: int, faults: dict[int, str]) -> str | None:
        if value is None:
            return None
        try:
            return value.decode(self.encoding or "utf-8")
        except UnicodeDecodeError as fault:
            faults[row] = (
                f"column '{printable(self.name)}' holds byte 0x{value[fault.start]:02x}, which is not {self.encoding}; "
                "say the encoding of the file"
            )
            return None


def column_of(field: pa.Field, name: str | None = None, encoding: str | None = None) -> Column:
    """Tell how a column of an Arrow schema is read; ``encoding``: its texts are bytes still to be decoded."""
    kind, what, turn = _reading(field.type)
    return Column(
        name or field.name, field.name, kind, what, turn, encoding if kind == "text" and _is_text(field.type) else None
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _reading(kind: pa.DataType) -> tuple[FieldKind | None, str, Callable[[pa.Array], Any]]:  # noqa: PLR0911  one line a type
    types = pa.types
    if _is_text(kind) or types.is_string_view(kind):
        return "text", "", lambda array: array.cast(pa.string())
    if types.is_boolean(kind):
        return "boolean", "", _same
    if types.is_uint64(kind):
        return "text", "", _written
    if types.is_integer(kind):
        return "integer", "", lambda array: array.cast(pa.int64())
    if types.is_floating(kind):
        return "real", "", lambda array: array.cast(pa.float64())
    if types.is_null(kind):
        return "text", "", lambda array: pa.nulls(len(array), pa.string())
    if (
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    ):
        return None, "binary data", _same
    if types.is_dictionary(kind):
        inner, what, turn = _reading(kind.value_type)
        return inner, what, lambda array: turn(array.dictionary_decode())
    if types.is_temporal(kind) and not types.is_duration(kind):
        return "text", "", _dated
    return "text", "", _written


def _same(array: pa.Array) -> pa.Array:
    return array


def _written(array: pa.Array) -> list[str | None]:
    return [_as_text(value) for value in array.to_pylist()]


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict, tuple)) else str(value)


def _dated(array: pa.Array) -> list[str | None]:
    # through Arrow, whose years are not bound to those of Python
    return [None if text is None else str(text).replace(" ", "T", 1) for text in array.cast(pa.string()).to_pylist()]
