"""A row between a format's reader and the checks that all formats share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from shapely.geometry.base import BaseGeometry

from geo.layer import Field, Value


class RowFault(ValueError):  # noqa: N818  the reason why one row is refused
    """One row cannot be used; the message says why and what to do."""


class FileFault(ValueError):  # noqa: N818  the reason why a whole file is refused
    """A file cannot be used; the message says why and what to do."""


@dataclass(slots=True)
class Draft:
    """One row as its format gives it: geometry in the file's own reference system, perhaps 3D, perhaps invalid.

    With a ``fault`` the row is refused and the rest is of no account. ``repairs`` are sentences for the report,
    ``notices`` are counted and told once for the file.
    """

    row: int
    id: str | None = None
    geometry: BaseGeometry | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    fault: str | None = None


class Source(Protocol):
    """One layer of one file in its format."""

    format: str
    name: str | None
    crs: str | None
    """What the file says of its reference system: an ``AUTHORITY:CODE``, a WKT or PROJJSON text; None: nothing."""
    fields: tuple[Field, ...] | None
    described: Mapping[str, Field]
    """Meaning, unit and kind of columns, where the file says them beside its rows."""
    metadata: Mapping[str, str]
    repairs: list[str]
    """What was repaired in the file as a whole."""
    warnings: list[str]

    def drafts(self) -> Iterator[Draft]:
        """Give the rows in the order of the file; may add to ``repairs`` and ``warnings`` on the way."""
        ...


def counted(notices: Mapping[str, list[int]]) -> list[str]:
    """Tell each notice once, with how many rows it is about; ``notices`` gives the first row and the count."""
    return [
        f"{notice} ({count} rows, first row {row})" if count > 1 else f"{notice} (row {row})"
        for notice, (row, count) in notices.items()
    ]
