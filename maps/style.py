"""The style vocabulary: one small table that the map, its legend and other exports read.

A line takes its colour and width from its mode and its dash from its status; a place takes its marker from its kind.
So status is never told by colour, and kind never by colour alone.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

TableName = Literal["mode", "status", "place", "area", "corridor", "route"]
_TABLES: tuple[TableName, ...] = ("mode", "status", "place", "area", "corridor", "route")


@dataclass(frozen=True)
class Style:
    """How one kind of thing is drawn; sizes in CSS pixels, colours as ``#rrggbb`` for the light and the dark theme."""

    table: TableName
    key: str
    colour: str
    dark: str
    width: float
    dash: tuple[float, ...]
    marker: str
    size: float
    min_zoom: float
    order: int


def _style(row: Mapping[str, str]) -> Style:
    table = next(name for name in _TABLES if name == row["table"])
    return Style(
        table=table,
        key=row["key"],
        colour=row["colour"],
        dark=row["dark"],
        width=float(row["width"] or 1),
        dash=tuple(float(part) for part in row["dash"].split()),
        marker=row["marker"],
        size=float(row["size"] or 0),
        min_zoom=float(row["min_zoom"] or 0),
        order=int(row["order"]),
    )


@cache
def style_table() -> tuple[Style, ...]:
    """Give all rows of ``maps/style.csv``.

    Examples
    --------
    >>> len({(style.table, style.key) for style in style_table()}) == len(style_table())
    True
    """
    text = files("maps").joinpath("style.csv").read_text(encoding="utf-8")
    return tuple(_style(row) for row in csv.DictReader(text.splitlines()))


def styles(table: TableName) -> dict[str, Style]:
    """Give the rows of one table by key, in drawing and legend order.

    Examples
    --------
    >>> styles("status")["open"].dash
    ()
    >>> styles("status")["planned"].dash
    (5.0, 4.0)
    """
    rows = sorted((style for style in style_table() if style.table == table), key=lambda style: style.order)
    return {style.key: style for style in rows}


def line_style(*, mode: str, status: str, is_dark: bool = False) -> tuple[str, float, tuple[float, ...]]:
    """Give colour, width and dash of a line; an unknown mode is drawn as ``other``, an unknown status as ``open``.

    Examples
    --------
    >>> line_style(mode="rail", status="construction")
    ('#a8350b', 2.4, (10.0, 5.0))
    """
    by_mode = styles("mode").get(mode, styles("mode")["other"])
    by_status = styles("status").get(status, styles("status")["open"])
    return (by_mode.dark if is_dark else by_mode.colour, by_mode.width * by_status.width, by_status.dash)
