"""Which column of one layer points at which column of another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of ``child`` whose ``child_field`` equals a feature's ``parent_field`` in ``parent`` belong to it."""

    child: str
    child_field: str
    parent: str
    parent_field: str
