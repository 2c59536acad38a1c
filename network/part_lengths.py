"""Published lengths of parts of a line, claims ``length-<a>-<b>``, beside the course drawn between the two places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from layers.catalogue import Catalogue
from layers.claims import adopted
from layers.schema import Line, Place
from layers.tracing import Grade, Segment, Tracks

PREFIX = "length-"


def ends_of_part(attribute: str, places: Mapping[str, Place]) -> tuple[str, str] | None:
    """Return the two places a claim's attribute names, or None where it names a part in another way.

    >>> from types import SimpleNamespace
    >>> ends_of_part("length-bam-zahedan", dict.fromkeys(("bam", "zahedan"), SimpleNamespace()))
    ('bam', 'zahedan')
    >>> ends_of_part("length-kaz", {}) is None
    True
    """
    words = attribute.removeprefix(PREFIX).split("-")
    if not attribute.startswith(PREFIX):
        return None
    cuts = (("-".join(words[:cut]), "-".join(words[cut:])) for cut in range(1, len(words)))
    return next(((start, end) for start, end in cuts if start in places and end in places), None)


def published_parts(catalogue: Catalogue, line: Line) -> Iterator[tuple[str, str, str, float]]:
    """Yield attribute, start, end and adopted length in km of the parts of a line that have one."""
    claims = [claim for claim in catalogue.claims_by_subject.get(f"line:{line.id}", ()) if claim.unit == "km"]
    for attribute, claim in sorted(adopted(claims, catalogue.sources).items()) if claims else ():
        ends = ends_of_part(attribute, catalogue.places)
        if ends is None:
            continue
        try:
            length_km = float(claim.value)
        except ValueError:
            continue
        if length_km > 0:
            yield attribute, *ends, length_km


def drawn_part(tracks: Tracks, line: Line, start: str, end: str) -> tuple[float, Grade] | None:
    """Return the length in km along a section of the line between two places on it, and the worst grade between them.

    None where one of them does not lie on the line.
    """
    nodes = tracks.attached.get(line.mode, {})
    wanted = [{place, nodes[place].node} if place in nodes else {place} for place in (start, end)]
    for _, section in groupby(tracks.segments[line.id], key=lambda segment: segment.section):
        course = list(_course(tracks, line, list(section)))
        marks = [next((n for n, (mark, *_) in enumerate(course) if mark in names), None) for names in wanted]
        if marks[0] is None or marks[1] is None:
            continue
        first, last = sorted((marks[0], marks[1]))
        grades = [grade for _, _, grade in course[first + 1 : last + 1]] or [Grade.TRACK]
        worst = next(grade for grade in reversed(Grade) if grade in grades)
        return (course[last][1] - course[first][1]) / 1000, worst
    return None


def _course(tracks: Tracks, line: Line, section: Sequence[Segment]) -> Iterator[tuple[str | int, float, Grade]]:
    """Yield the waypoints (keys) and base nodes (numbers) of a section in order with metres from its start.

    The grade is that of the way to them.
    """
    network = tracks.networks.get(line.mode)
    metres = 0.0
    for segment in section:
        yield segment.start, metres, segment.grade
        done = metres
        for edge, is_reversed in ((network.edges[n], back) for n, back in segment.edges) if network else ():
            done += edge.length_m
            yield edge.start if is_reversed else edge.end, done, segment.grade
        metres += segment.length_m
        yield segment.end, metres, segment.grade
