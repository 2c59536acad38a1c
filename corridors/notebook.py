"""Answers as HTML for notebooks: a table and a small drawn map; nothing is fetched, every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Document = dict[str, Any]

_WIDTH_PX, _HEIGHT_PX = 640.0, 300.0
_MARGIN_PX = 14.0
# a point nearer than this to the one before it does not show
_STEP_PX = 0.8
_SHOWN = 20


def routes_html(document: Document) -> str:
    """Return a route document as a map, a line per route and a table of the legs of the best one."""
    ends = f"{document['origin']['name']} – {document['destination']['name']}"
    lines = [f"{route['rank']}. {_route_line(route)}" for route in document["routes"]]
    legs = document["routes"][0]["legs"]
    rows = [
        (
            leg["kind"].replace("_", " "),
            leg["from"],
            leg["to"],
            f"{leg['distance_km']:,.0f}",
            f"{leg['time_h']:,.1f}",
            f"{leg['cost_usd_per_teu']:,.0f}",
            leg["gauge_mm"] or "",
            "assumed" if leg["assumed"] else "sourced",
        )
        for leg in legs
    ]
    head = ("leg", "from", "to", "km", "h", "USD/TEU", "gauge", "figures")
    ways = [(route["geometry"]["coordinates"], number > 0) for number, route in enumerate(document["routes"])]
    return _block(
        ends,
        _map(ends, ways, (document["origin"], document["destination"])),
        _list(lines),
        _table(head, rows),
        document,
    )


def _route_line(route: Document) -> str:
    hours, usd = route["time_h"], route["cost_usd_per_teu"]
    return (
        f"{route['distance_km']:,.0f} km, {hours['p50'] / 24:.1f} days "
        f"({hours['p10'] / 24:.1f}–{hours['p90'] / 24:.1f}), "
        f"{usd['p50']:,.0f} USD/TEU ({usd['p10']:,.0f}–{usd['p90']:,.0f}), {route['co2_kg_per_teu']:,.0f} kg CO2e/TEU, "
        f"{' '.join(route['countries'])}, {route['evidence_share']:.0%} of the hours rest on sources"
    )


def comparison_html(document: Document) -> str:
    """Return a comparison as its sentence, a map of both routes and a row per scenario."""
    ends = f"{document['origin']['name']} – {document['destination']['name']}"
    ways, lines = [], []
    for number, (name, answer) in enumerate(document["scenarios"].items()):
        if answer["routes"]:
            ways.append((answer["routes"][0]["geometry"]["coordinates"], number == 0))
            lines.append(f"{name}: {_route_line(answer['routes'][0])}")
        else:
            lines.append(f"{name}: {'; '.join(answer['notes'])}")
    drawn = _map(ends, ways, (document["origin"], document["destination"]))
    return _block(ends, f"<p>{escape(document['sentence'])}</p>", drawn, _list(lines), document)


def matrix_html(document: Document) -> str:
    """Return a matrix as a table of days, places down and across."""
    places = document["places"][:_SHOWN]
    hours = {(row["origin"], row["destination"]): row.get("time_h") for row in document["rows"]}
    rows = [
        (place["name"], *(_days(hours.get((place["id"], other["id"])), place is other) for other in places))
        for place in places
    ]
    title = f"{len(document['rows']):,} pairs, {document['unreachable']:,} without a route; days"
    return _block(title, _table(("from \\ to", *(place["name"] for place in places)), rows), document)


def _days(hours: float | None, is_same: bool) -> str:  # noqa: FBT001 - one private cell
    return "" if is_same else "–" if hours is None else f"{hours / 24:.1f}"


def reach_html(document: Document) -> str:
    """Return a reach as its limits and the places farthest within."""
    rows = [
        (place["name"], place["kind"], place["country"], f"{place['hours']:,.0f}")
        for place in document["places"][-_SHOWN:]
    ]
    lines = [f"{limit['hours']:g} h: {len(limit['places']):,} places" for limit in document["limits"]]
    title = f"Reach from {document['origin']['name']}"
    return _block(title, _list(lines), _table(("farthest places", "kind", "country", "h"), rows), document)


def search_html(document: Document) -> str:
    """Return search results as a table."""
    rows = [(found["target"], found["name"], found["kind"], found["match"]) for found in document["results"][:_SHOWN]]
    return _block(f"“{document['query']}”", _table(("target", "name", "kind", "match"), rows), document)


def record_html(document: Document) -> str:
    """Return a record as its name, its shape if it is a line, and its claims."""
    names = document.get("names") or {}
    title = str(names.get("en") or document.get("name") or document.get("title") or document["target"])
    rows = [
        (
            claim["attribute"],
            claim["value"],
            claim["unit"] or "",
            claim["as_of"] or "",
            claim["source"],
            "adopted" if claim["adopted"] else "",
        )
        for claim in document["claims"]
    ]
    drawn = ""
    geometry = document["geometry"]
    if geometry is not None and geometry["type"] == "MultiLineString":
        drawn = _map(title, [(geometry["coordinates"], False)], ())
    table = _table(("attribute", "value", "unit", "as of", "source", ""), rows) if rows else ""
    return _block(f"{title} ({document['target']})", drawn, table, document)


def _block(title: str, *parts: str | Document) -> str:
    """Join a title, pieces of HTML and the notes of a document, which comes last."""
    notes = parts[-1].get("notes", []) if isinstance(parts[-1], dict) else []
    pieces = [part for part in parts if isinstance(part, str)]
    told = "".join(f"<p><small>{escape(note)}</small></p>" for note in notes)
    return f"<div><p><strong>{escape(title)}</strong></p>{''.join(pieces)}{told}</div>"


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _map(title: str, ways: Sequence[tuple[Sequence[Any], bool]], ends: Sequence[Document]) -> str:
    """Draw lines (lon/lat), those marked second dashed, over country outlines in a plain cylindrical projection."""
    courses = [(np.asarray(part, dtype=float), is_second) for parts, is_second in ways for part in parts if len(part)]
    if not courses:
        return ""
    to_px = _projection(np.concatenate([course for course, _ in courses]))
    frame = (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {_WIDTH_PX:g} {_HEIGHT_PX:g}" '
        f'width="{_WIDTH_PX:g}" style="max-width:100%;height:auto" xmlns="http://www.w3.org/2000/svg">'
    )
    pieces = [frame]
    borders = " ".join(_path(to_px(ring)) for ring in _outlines(to_px))
    pieces.append(f'<path d="{borders}" fill="none" stroke="currentColor" stroke-opacity="0.3" stroke-width="0.6"/>')
    for is_second in (True, False):
        drawn = " ".join(_path(to_px(course)) for course, second in courses if second is is_second)
        if drawn:
            look = 'stroke="#0b4f94" stroke-dasharray="5 3"' if is_second else 'stroke="#a8350b"'
            pieces.append(f'<path d="{drawn}" fill="none" {look} stroke-width="2"/>')
    for end in ends:
        (x, y), *_ = to_px(np.asarray([[end["lon"], end["lat"]]]))
        side = "end" if x > _WIDTH_PX / 2 else "start"
        pieces.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="currentColor"/>'
            f'<text x="{x:.1f}" y="{y - 6:.1f}" text-anchor="{side}" font-size="12" fill="currentColor">'
            f"{escape(end['name'])}</text>"
        )
    return "".join([*pieces, "</svg>"])


Points = npt.NDArray[np.float64]


class _projection:  # noqa: N801 - called like the function it stands for
    """Turns lon/lat into pixels of a view that holds some points; longitudes west of the view come round."""

    def __init__(self, points: Points) -> None:
        lon, lat = points[:, 0], points[:, 1]
        # a way over 180° is drawn in one piece
        self.is_round = bool(np.ptp(lon) > 180)
        lon = np.where(self.is_round & (lon < 0), lon + 360, lon)
        self.middle = ((lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2)
        self.squeeze = max(float(np.cos(np.radians(self.middle[1]))), 0.2)
        spans = (np.ptp(lon) * self.squeeze, np.ptp(lat))
        room = (_WIDTH_PX - 2 * _MARGIN_PX, _HEIGHT_PX - 2 * _MARGIN_PX)
        self.scale = min(size / max(span, 0.5) for size, span in zip(room, spans, strict=True))

    def __call__(self, points: Points) -> Points:
        lon = np.where(self.is_round & (points[:, 0] < 0), points[:, 0] + 360, points[:, 0])
        x = (lon - self.middle[0]) * self.squeeze * self.scale + _WIDTH_PX / 2
        y = (self.middle[1] - points[:, 1]) * self.scale + _HEIGHT_PX / 2
        return np.column_stack([x, y])

    @property
    def view(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the view in degrees."""
        wide, high = _WIDTH_PX / 2 / self.scale / self.squeeze, _HEIGHT_PX / 2 / self.scale
        return self.middle[0] - wide, self.middle[1] - high, self.middle[0] + wide, self.middle[1] + high


def _outlines(to_px: _projection) -> list[Points]:
    """Return the rings (lon/lat) of the countries in view, as coarse as the drawing."""
    from geo.boundaries import load_outlines

    west, south, east, north = to_px.view
    shapes = np.asarray(list(load_outlines("countries_50m").values()), dtype=object)
    coarse = shapely.simplify(shapes, _STEP_PX / to_px.scale, preserve_topology=False)
    clipped = shapely.clip_by_rect(coarse, max(west, -180.0), south, min(east, 180.0), north)
    lines = shapely.get_parts(shapely.boundary(clipped[~shapely.is_empty(clipped)]))
    return [shapely.get_coordinates(line) for line in lines if shapely.get_num_coordinates(line) > 3]


def _path(points: Points) -> str:
    """Return SVG path data, leaving out points too near to show."""
    kept = [points[0]]
    for point in points[1:-1]:
        if np.hypot(*(point - kept[-1])) >= _STEP_PX:
            kept.append(point)
    kept.append(points[-1])
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept)
