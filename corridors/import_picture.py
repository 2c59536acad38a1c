"""Draw what an import brought, repaired and joined as one small SVG, made of our own shapes and escaped text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.atlas import Atlas
from geo.boundaries import load_outlines
from geo.geodesy import Coords, LonLat
from geo.reading.records import Report, printable
from layers.import_store import StoredRow, reading
from layers.imported import vertex_at
from network.joining import Plan
from network.table import LinkKind

_WIDTH, _HEIGHT, _MARGIN = 900.0, 560.0, 24.0
# more rows than this are thinned out, evenly: a picture of a million lines shows no line
_MOST_ROWS = 20_000
_MOST_LINKS = 8_000
_MOST_LABELS = 12
# Okabe–Ito colours, told apart by width, dash and shape too
_STYLE = """
.land{fill:#f4f1e8;stroke:#b6aa96;stroke-width:.8}.net{fill:none;stroke:#8d8d8d;stroke-width:1}
.line,.repaired{fill:none;stroke:#0072b2;stroke-width:2.4}.repaired{stroke:#e69f00;stroke-dasharray:7 4}
.area{fill:#56b4e9;fill-opacity:.25;stroke:#0072b2}.place{fill:#0072b2}
.mended{stroke:#e69f00;stroke-width:2.4;stroke-dasharray:7 4}
.join{fill:#fff;stroke:#d55e00;stroke-width:2.2}
.post{fill:#009e73;stroke:#fff}.wall{fill:none;stroke:#cc0000;stroke-width:2.4}
text{font:12px sans-serif;fill:#222;paint-order:stroke;stroke:#fff;stroke-width:3px}
"""


@dataclass(frozen=True)
class _View:
    """A window on the map, equirectangular about its middle."""

    west: float
    north: float
    scale_x: float
    scale_y: float
    box: tuple[float, float, float, float]

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> _View:
        pad = max(east - west, north - south, 0.05) * 0.08
        west, south, east, north = west - pad, south - pad, east + pad, north + pad
        squeeze = max(float(np.cos(np.radians((south + north) / 2))), 0.05)
        # show more land on two sides rather than leave them blank
        shape = (_WIDTH - 2 * _MARGIN) / (_HEIGHT - 2 * _MARGIN)
        wider = max((north - south) * shape / squeeze - (east - west), 0.0) / 2
        taller = max((east - west) * squeeze / shape - (north - south), 0.0) / 2
        west, south, east, north = west - wider, south - taller, east + wider, north + taller
        scale = (_HEIGHT - 2 * _MARGIN) / (north - south)
        return cls(west, north, scale * squeeze, scale, (west, south, east, north))

    def spot(self, lon_lat: LonLat | Coords) -> tuple[float, float]:
        x = _MARGIN + (float(lon_lat[0]) - self.west) * self.scale_x
        return round(x, 1), round(_MARGIN + (self.north - float(lon_lat[1])) * self.scale_y, 1)

    def path(self, shape: BaseGeometry) -> str:
        """Return the data of an SVG path, without vertices closer than a pixel."""
        steps = []
        for part in shapely.get_parts(shape.simplify(0.5 / self.scale_y)):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for ring in rings:
                spots = [self.spot(point) for point in shapely.get_coordinates(ring)]
                steps.append("M" + "L".join(f"{x:g} {y:g}" for x, y in spots))
        return "".join(steps)


def draw_picture(store: Path, atlas: Atlas, plan: Plan, report: Report) -> str:
    """Return the SVG of an import: its rows, the network around, joints, borders and repaired rows."""
    repaired = {row for row, _ in report.repaired}
    with reading(store) as reader:
        found = {table: list(_thinned(reader.rows(table))) for table in ("areas", "lines", "places")}
    shapes = [row.geometry for rows in found.values() for row in rows]
    if not shapes:
        return ""
    view = _View.around(*shapely.total_bounds(np.asarray(shapes, dtype=object)).tolist())
    parts = [
        *_ground(view, atlas),
        *(_path("area mended" if row.row in repaired else "area", view.path(row.geometry)) for row in found["areas"]),
        *(_path("repaired" if row.row in repaired else "line", view.path(row.geometry)) for row in found["lines"]),
        *(_dot(view, row) for row in found["places"]),
        *_joints(view, plan, {row.id: row.geometry for row in found["lines"]}),
        *_legend(found["lines"], found["areas"], found["places"]),
    ]
    size = f"{_WIDTH:g} {_HEIGHT:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" '
        f'aria-label="What was imported and where it joins the network"><style>{_STYLE}</style>\n'
        + "\n".join(part for part in parts if part)
        + "\n</svg>\n"
    )


def _thinned(rows: Iterable[StoredRow]) -> Iterator[StoredRow]:
    """Give at most twice the most rows: every one, or every n-th of a longer table."""
    kept = list(islice(rows, _MOST_ROWS))
    yield from kept
    yield from (row for number, row in enumerate(rows) if number % 50 == 0)


def _ground(view: _View, atlas: Atlas) -> Iterator[str]:
    """Yield the land and the network in the window."""
    window = shapely.box(*view.box)
    for shape in load_outlines("countries_50m").values():
        if shape.intersects(window):
            yield _path("land", view.path(shapely.clip_by_rect(shape, *view.box)))
    links = atlas.network.links
    plain = links.kind.is_in(frozenset({LinkKind.RAIL.value, LinkKind.ROAD.value, LinkKind.PIPELINE.value}))
    start = links.shape_offsets[:-1]
    low = np.minimum.reduceat(links.shape_coords, start, axis=0)
    high = np.maximum.reduceat(links.shape_coords, start, axis=0)
    west, south, east, north = view.box
    inside = plain & (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    for link in np.flatnonzero(inside)[:_MOST_LINKS].tolist():
        yield _path("net", view.path(shapely.clip_by_rect(shapely.LineString(links.shape(link)), *view.box)))


def _joints(view: _View, plan: Plan, lines: dict[str, BaseGeometry]) -> Iterator[str]:
    """Yield connectors with their length, and borders: a square where they are passed, a cross where not."""
    for number, joint in enumerate(plan.connectors):
        x, y = view.spot((joint.lon, joint.lat))
        yield f'<circle class="join" cx="{x:g}" cy="{y:g}" r="5"/>'
        if number < _MOST_LABELS:
            text = _safe(f"{joint.label.split(',')[0]}, {joint.km:.2f} km", length=60)
            anchor = "end" if x > _WIDTH * 0.7 else "start"
            yield f'<text x="{x + (-9 if anchor == "end" else 9):g}" y="{y - 7:g}" text-anchor="{anchor}">{text}</text>'
    for key, stop in plan.stops:
        if stop.is_border and key in lines:
            coords = shapely.get_coordinates(shapely.get_parts(lines[key])[stop.part])
            x, y = view.spot(vertex_at(coords, stop.at))
            if stop.crossing:
                yield f'<rect class="post" x="{x - 5:g}" y="{y - 5:g}" width="10" height="10"/>'
            else:
                yield _path("wall", f"M{x - 5:g} {y - 5:g}L{x + 5:g} {y + 5:g}M{x - 5:g} {y + 5:g}L{x + 5:g} {y - 5:g}")


def _legend(lines: list[StoredRow], areas: list[StoredRow], places: list[StoredRow]) -> Iterator[str]:
    entries = [
        ('<path class="line" d="M0 0H24"/>', "imported", bool(lines)),
        ('<path class="repaired" d="M0 0H24"/>', "repaired", bool(lines or areas)),
        ('<rect class="area" x="0" y="-6" width="24" height="12"/>', "area", bool(areas)),
        ('<circle class="place" cx="12" cy="0" r="4"/>', "place", bool(places)),
        ('<circle class="join" cx="12" cy="0" r="5"/>', "joined", True),
        ('<rect class="post" x="7" y="-5" width="10" height="10"/>', "border passed", bool(lines)),
        ('<path class="wall" d="M7 -5L17 5M7 5L17 -5"/>', "border not passed", bool(lines)),
        ('<path class="net" d="M0 0H24"/>', "network", True),
    ]
    shown = [(mark, text) for mark, text, is_shown in entries if is_shown]
    height = 18 * len(shown) + 8
    yield f'<rect x="8" y="{_HEIGHT - height - 8:g}" width="150" height="{height}" fill="#fff" fill-opacity=".85"/>'
    for number, (mark, text) in enumerate(shown):
        y = _HEIGHT - height + 8 + 18 * number
        yield f'<g transform="translate(16 {y:g})">{mark}<text x="34" y="4">{text}</text></g>'


def _safe(text: str, *, length: int = 80) -> str:
    """Escape for SVG; marks that Markdown acts on become numbers, since the drawing may stand in Markdown."""
    return escape(printable(text, length=length)).translate({ord(mark): f"&#{ord(mark)};" for mark in "[]()*_`~|{}!\\"})


def _path(kind: str, steps: str) -> str:
    return f'<path class="{kind}" d="{steps}"/>' if steps else ""


def _dot(view: _View, row: StoredRow) -> str:
    x, y = view.spot(shapely.get_coordinates(row.geometry)[0])
    name = _safe(row.values["name"])
    return f'<circle class="place" cx="{x:g}" cy="{y:g}" r="4"><title>{name}</title></circle>'
