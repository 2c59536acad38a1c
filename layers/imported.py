"""Layers a user brought into a study: records of their rows, and how their lines join the network.

A study keeps each import whole in ``imports/ID``: ``layer.gpkg`` with the geometry of the file and what was decided
about it, ``import.json`` with its name, sha256, options and report. Removing the folder removes the import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from geo.geodesy import Coords, segment_lengths_m
from layers.schema import Record, Slug

STATED = "study:"
"""How the name of a border post or change of gauge begins that a user stated for an import: ``study:IMPORT:PLACE``."""
IMPORTS_DIR = "imports"
MAX_JOINED_LINES = 100_000
"""Rows of one kind that an import may have to be joined to the network; a larger one is kept, but not routed over."""


class Area(Record):
    """An area of a user's own, for scenarios to close."""

    id: Slug
    name: Annotated[str, Field(min_length=1)]
    sources: tuple[Slug, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a part of an imported line is cut: ``at`` counts vertices, 2.25 is a quarter behind the third one."""

    part: int
    at: float
    node: str
    """Name within the import; parts that share it are joined there. Empty at a border."""
    country: str = ""
    """Country of the course from here on, where it changes; set at the start of each part."""
    crossing: str = ""
    """At a border: the listed crossing, regime or stated post by which trains pass; empty where they may not."""
    is_border: bool = False


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """The course of one imported line, WGS 84 lon/lat, as the file has it."""

    id: str
    parts: tuple[Coords, ...]
    stops: tuple[Stop, ...]
    """Sorted by part and place; the ends of each part are stops."""

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries it runs in, in the order of its course."""
        return tuple(dict.fromkeys(stop.country for stop in self.stops if stop.country))

    @property
    def spacing_km(self) -> float:
        """Longest stretch without a vertex."""
        return max(float(segment_lengths_m(part).max()) for part in self.parts) / 1000


@dataclass(frozen=True, slots=True)
class Connector:
    """A joint between a node of an import and the network, or between two of its nodes."""

    node: str
    lon: float
    lat: float
    """Where it meets the network."""
    km: float
    mode: str
    gauge_mm: int
    lines: tuple[str, ...]
    """Imported lines that meet at the node; empty for a place."""
    target: str
    """``place:ID``, ``track`` (the nearest track there), or ``node:NAME`` of the same import."""
    label: str
    """What it meets, for people."""
    crossing: str = ""
    """Set where the two nodes stand on both sides of a border: by what it is passed."""


@dataclass(frozen=True, slots=True)
class ImportedLayer:
    """One import of a study."""

    id: str
    file: str
    counts: Mapping[str, int]
    """``lines``, ``places``, ``areas`` kept in the study."""
    is_joined: bool
    """False where it is too large to be joined: its rows are kept, but are no records of the catalogue."""
    lines: Mapping[str, ImportedLine] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    shapes: Mapping[str, BaseGeometry] = field(default_factory=dict)
    """Area id → polygon."""
    connectors: tuple[Connector, ...] = ()
    gauge_changes: tuple[str, ...] = ()
    """Places where the user says that gauges change."""


def vertex_at(coords: Coords, at: float) -> tuple[float, float]:
    """Return the point of a course at a vertex number with fraction."""
    first = min(int(at), len(coords) - 1)
    share = at - first
    point = coords[first] if not share else coords[first] + (coords[first + 1] - coords[first]) * share
    return float(point[0]), float(point[1])


def course_between(coords: Coords, start: float, end: float) -> Coords:
    """Return the course between two vertex numbers with fractions, ``start`` before ``end``.

    >>> course_between(np.asarray([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]), 0.5, 2.0).tolist()
    [[0.5, 0.0], [1.0, 0.0], [2.0, 0.0]]
    """
    inner = coords[int(np.floor(start)) + 1 : int(np.ceil(end))]
    return np.concatenate([[vertex_at(coords, start)], inner, [vertex_at(coords, end)]])
