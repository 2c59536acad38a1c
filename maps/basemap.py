"""Borders and coast from country outlines.

Outlines of one topology share their borders vertex by vertex, so a segment that two outlines have is a border and a
segment that one has is coast. Cuts along the antimeridian and at the pole are neither and are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from shapely import line_merge
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

_Point = tuple[float, float]
_Segment = tuple[_Point, _Point]
_DECIMALS = 6


def rings(geometry: BaseGeometry) -> Iterator[list[_Point]]:
    """Give all rings of a polygon or multipolygon as lon/lat lists, exterior first."""
    for polygon in getattr(geometry, "geoms", [geometry]):
        for ring in (polygon.exterior, *polygon.interiors):
            yield [(round(x, _DECIMALS), round(y, _DECIMALS)) for x, y in ring.coords]


def _is_cut(segment: _Segment) -> bool:
    (x1, y1), (x2, y2) = segment
    on_antimeridian = abs(x1) > 179.99 and abs(x2) > 179.99
    at_pole = y1 < -89.9 or y2 < -89.9
    return on_antimeridian or at_pole


def _segments(outlines: Iterable[BaseGeometry]) -> Counter[_Segment]:
    counts: Counter[_Segment] = Counter()
    for outline in outlines:
        for ring in rings(outline):
            counts.update((a, b) if a < b else (b, a) for a, b in pairwise(ring) if a != b)
    return counts


def _merged(segments: Sequence[_Segment]) -> tuple[BaseGeometry, ...]:
    if not segments:
        return ()
    merged = line_merge(MultiLineString(sorted(segments)))
    parts = getattr(merged, "geoms", [merged])
    return tuple(sorted(parts, key=lambda part: part.coords[0]))


def borders_and_coast(outlines: Iterable[BaseGeometry]) -> tuple[tuple[BaseGeometry, ...], tuple[BaseGeometry, ...]]:
    """Tell land borders from coast.

    Parameters
    ----------
    outlines
        Polygons or multipolygons in lon/lat that share border vertices.

    Returns
    -------
    tuple
        Border lines and coast lines, each sorted; empty for no outlines.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> borders, coast = borders_and_coast([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    >>> [line.length for line in borders], sum(line.length for line in coast)
    ([1.0], 6.0)
    """
    counts = _segments(outlines)
    borders = [segment for segment, count in counts.items() if count > 1]
    coast = [segment for segment, count in counts.items() if count == 1 and not _is_cut(segment)]
    return _merged(borders), _merged(coast)
