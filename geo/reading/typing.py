"""What kind a column has, found by widening over the values of a file that declares none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from geo.layer import Field, FieldKind, Value

_KINDS: Final[dict[type, FieldKind]] = {str: "text", int: "integer", float: "real", bool: "boolean"}


class Columns:
    """The columns seen so far, in order of appearance, each with the narrowest kind that holds every value."""

    def __init__(self) -> None:
        self._kinds: dict[str, FieldKind | None] = {}
        self._mixed: set[str] = set()

    def add(self, properties: Mapping[str, Value]) -> None:
        """Widen the columns by one row."""
        kinds = self._kinds
        for name, value in properties.items():
            found = None if value is None else _KINDS[type(value)]
            known = kinds.setdefault(name, found)
            if found is not None and found != known:
                self._widen(name, known, found)

    def _widen(self, name: str, known: FieldKind | None, found: FieldKind) -> None:
        if known is None:
            self._kinds[name] = found
        elif {known, found} == {"integer", "real"}:
            self._kinds[name] = "real"
        else:
            self._kinds[name] = "text"
            self._mixed.add(name)

    def fields(self, described: Mapping[str, Field]) -> tuple[Field, ...]:
        """Give the columns, with what the file says of them; a kind it says is taken where it holds every value."""
        return tuple(_described(name, kind, described.get(name)) for name, kind in self._kinds.items())

    @property
    def mixed(self) -> list[str]:
        """Names of columns that hold values of several kinds and therefore are text."""
        return [name for name in self._kinds if name in self._mixed]


def _described(name: str, found: FieldKind | None, said: Field | None) -> Field:
    if said is None:
        return Field(name, found or "text", "")
    fits = found in (None, said.kind) or (found == "integer" and said.kind == "real")
    return Field(name, said.kind if fits else found or "text", said.description, said.unit)


def as_kind(value: Value, kind: FieldKind) -> Value:
    """Give a value as the column's kind holds it.

    Examples
    --------
    >>> as_kind(3, "real"), as_kind(True, "text"), as_kind(1.5, "text"), as_kind(None, "text")
    (3.0, 'true', '1.5', None)
    """
    if value is None:
        return None
    if kind == "text" and not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    return float(value) if kind == "real" else value
