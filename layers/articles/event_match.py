"""Hold a told happening against the events of the catalogue: which one it is, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from layers.articles.edtf import Span, aligned, days_between, overlap, same, span
from layers.articles.records import FoundEvent
from layers.catalogue import Catalogue
from layers.schema import Event

_KINDS = {
    "summit": {"summit", "meeting"},
    "meeting": {"meeting", "summit"},
    "visit": {"meeting", "speech"},
    "agreement": {"agreement", "document", "meeting"},
    "opening": {"opening", "launch", "organisation"},
    "founding": {"organisation", "document"},
    "construction": {"construction-start"},
    "proposal": {"speech", "launch", "document"},
    "unrest": frozenset[str](),
}
_KIND_TOLD = {"founding": "organisation", "construction": "construction-start", "proposal": "speech"}
_ENOUGH = 4.5
_NEAR_DAYS = 20
_CLEAR = 1.0
"""A happening without date and count is tied to an event only when no other comes this close."""
_SAME_ROUND_DAYS = 120


@dataclass(frozen=True, slots=True)
class Told:
    """A happening as the text tells it."""

    start: int
    end: int
    word: str
    family: str
    level: str
    """``ministers``, ``leaders`` or empty."""
    date: str
    places: tuple[str, ...]
    parties: frozenset[str]
    subjects: frozenset[str]
    number: int | None
    written_number: str
    format: str
    is_video: bool
    is_future: bool
    is_aside: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """An event of the catalogue, ready to be compared."""

    event: Event
    span: Span | None
    parties: frozenset[str]
    level: str
    number: int | None
    is_video: bool


@lru_cache(maxsize=4)
def _known(catalogue: Catalogue) -> tuple[_Known, ...]:
    found = []
    for event in catalogue.events.values():
        parties: set[str] = set()
        for party in event.participants:
            parties |= catalogue.members(party) or {party}
        level = "ministers" if "minister" in event.name.casefold() else "leaders" if event.kind == "summit" else ""
        number = int(event.number) if event.number and event.number.isdigit() else None
        is_video = "video" in f"{event.name} {event.note or ''}".casefold()
        found.append(_Known(event, span(event.date), frozenset(parties), level, number, is_video))
    return tuple(found)


def link(told: Sequence[Told], catalogue: Catalogue, *, issued: str = "") -> list[FoundEvent]:
    """Return each happening with the event it agrees with or differs from; in the order given.

    Parameters
    ----------
    issued
        EDTF date of the article itself, to see what it tells as still to come.
    """
    ranked = [_ranked(one, catalogue, issued) for one in told]
    sure = [_settled(one, candidates) for one, candidates in zip(told, ranked, strict=True)]
    anchors = [known.span for known in sure if known and known.span]
    linked = []
    for one, candidates, known in zip(told, ranked, sure, strict=True):
        nearest = known or _of_same_round(one, candidates, anchors)
        note = "no date told; the one nearest to the other meetings of the text" if nearest and not known else ""
        linked.append(_found(one, nearest, catalogue, issued=issued, note=note))
    return linked


def _ranked(told: Told, catalogue: Catalogue, issued: str) -> list[tuple[float, _Known]]:
    scored = (
        (_score(told, known), known)
        for known in _known(catalogue)
        # what a text tells as past had happened when it was published
        if told.is_future or known.span is None or not _is_before(issued, known.span)
    )
    return sorted(((score, known) for score, known in scored if score > 0), key=lambda pair: -pair[0])


def _settled(told: Told, ranked: Sequence[tuple[float, _Known]]) -> _Known | None:
    if not ranked or ranked[0][0] < _ENOUGH:
        return None
    is_dated = bool(told.date) or told.number is not None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < (0.1 if is_dated else _CLEAR):
        return None
    return ranked[0][1]


def _of_same_round(told: Told, ranked: Sequence[tuple[float, _Known]], anchors: Sequence[Span]) -> _Known | None:
    """Return, for a meeting told without a date, the likely event nearest to those the text dates."""
    if told.date or told.family not in {"summit", "meeting"} or told.number is not None or not anchors:
        return None
    near = [
        (min(days_between(anchor, known.span) for anchor in anchors), known)
        for score, known in ranked
        if score >= 3 and known.span and known.level == told.level
    ]
    best = min(near, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] <= _SAME_ROUND_DAYS else None


def _score(told: Told, known: _Known) -> float:
    """Return how well an event fits; 0 where it cannot be the one."""
    if known.event.kind not in _KINDS[told.family]:
        return 0.0
    if told.level and known.level and told.level != known.level:
        return 0.0
    is_same_about = bool(told.subjects & set(known.event.subjects))
    shared = (
        len(told.parties & known.parties) / len(told.parties | known.parties) if told.parties or known.parties else 0.0
    )
    if not is_same_about and shared < 0.34 and not (not told.parties and _is_same_day_and_place(told, known)):
        return 0.0
    score = 3.0 * is_same_about + (3.0 if shared >= 0.8 else 1.5 if shared >= 0.5 else 0.0)
    is_same_count = told.number is not None and told.number == known.number
    if told.number is not None and known.number is not None:
        score += 2.0 if is_same_count else -1.5
    score += _score_of_date(told, known, is_same_count=is_same_count and shared >= 0.8)
    if told.places and known.event.places:
        score += 1.5 if set(told.places) & set(known.event.places) else -1.0
    if told.is_video:
        score += 2.0 if known.is_video else -1.0
    elif known.is_video and not told.date:
        score -= 0.25
    return score - (0.5 if told.level == "" and known.level == "leaders" else 0.0)


def _is_same_day_and_place(told: Told, known: _Known) -> bool:
    days = span(told.date) if told.date else None
    if days is None or known.span is None or not days.has_year or days.precision != "day":
        return False
    return overlap(days, known.span) and bool(set(told.places) & set(known.event.places))


def _score_of_date(told: Told, known: _Known, *, is_same_count: bool) -> float:
    days = span(told.date) if told.date else None
    if days is None or known.span is None:
        return 0.0
    if overlap(days, known.span):
        return {"day": 4.0, "month": 3.0, "year": 1.0}[days.precision] - (0.0 if days.has_year else 0.5)
    if days.has_year and days_between(days, known.span) <= _NEAR_DAYS:
        return 0.0
    return -1.5 if is_same_count else -4.0


def _found(told: Told, known: _Known | None, catalogue: Catalogue, *, issued: str, note: str) -> FoundEvent:
    notes = [note] if note else []
    if told.is_aside:
        notes.append("stands outside the article's own prose")
    if told.format and told.format not in {"C+C5", "C5+1"}:
        notes.append(f"format told as {told.format}")
    differences = _differences(told, known, catalogue, issued=issued) if known else []
    places = ", ".join(catalogue.places[place].name_en for place in told.places)
    return FoundEvent(
        start=told.start,
        end=told.end,
        name=known.event.name if known else f"{told.word}, {places}" if places else told.word,
        kind=known.event.kind if known else _KIND_TOLD.get(told.family, told.family),
        date=told.date,
        places=told.places,
        participants=tuple(sorted(told.parties)),
        number="" if told.number is None else str(told.number),
        comparison="new" if known is None else "differ" if differences else "agree",
        event=known.event.id if known else "",
        note="; ".join([*differences, *notes]),
    )


def _differences(told: Told, known: _Known, catalogue: Catalogue, *, issued: str) -> list[str]:
    event, found = known.event, []
    days = span(told.date) if told.date else None
    if days and known.span and not same(days, known.span):
        found.append(f"date {told.date} here, {event.date} in the catalogue")
    if told.number is not None and known.number is not None and told.number != known.number:
        found.append(f"counted {told.written_number} here, {known.number} in the catalogue")
    if told.places and event.places and not set(told.places) & set(event.places):
        here, there = (
            ", ".join(catalogue.places[place].name_en for place in places) for places in (told.places, event.places)
        )
        found.append(f"place {here} here, {there} in the catalogue")
    others = len(known.parties) - 1
    if told.format[:1].isdigit() and others > 1 and int(told.format[0]) != others:
        found.append(f"{told.format} here, {len(known.parties)} participants in the catalogue")
    if told.is_future and known.span and _is_after(issued, known.span):
        found.append(f"told as still to come in a text of {issued}, held {event.date}")
    return found


def _is_before(issued: str, known: Span) -> bool:
    day = span(issued) if issued else None
    return day is not None and day.has_year and day.last < known.first


def _is_after(issued: str, known: Span) -> bool:
    day = span(issued) if issued else None
    return day is not None and day.has_year and aligned(day, known).first > known.last
