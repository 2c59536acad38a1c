"""What is known of an article and what was found in it.

Positions are Unicode code points into the raw text (JavaScript counts UTF-16 units: convert there), ``end`` exclusive.
A *target* is ``kind:id``: ``country:KAZ``, ``place:xian``, ``region:central-asia``, ``line:cku-railway``,
``corridor:middle-corridor``, ``organisation:sco``, ``initiative:bri``, ``group:central-asia-5``, ``event:…``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Sense = Literal["place", "government", "demonym", "adjective"]
Match = Literal["exact", "alias", "inflected", "composed", "context", "fuzzy", "review"]
"""How the name led to its target: main name, another curated name, an inflected form, a composition pattern,
a choice by context among several targets, a spelling one edit away, or a decision of a reviewer."""
MentionStatus = Literal["auto", "ambiguous", "confirmed", "rejected", "orphan"]
Comparison = Literal["agree", "differ", "new"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One name at one place of a text."""

    start: int
    end: int
    surface: str
    """The text at the position, as it stands there."""
    kind: str
    """First half of the target: ``country``, ``place``, ``region``, ``line``, ``corridor`` …; also ``unmatched``."""
    target: str
    """``kind:id``; empty while ambiguous or unmatched."""
    sense: Sense
    match: Match
    rule: str
    """Name of the rule that made it, for the reader who asks why."""
    confidence: float
    status: MentionStatus = "auto"
    boilerplate: bool = False
    """Stands in a menu, an author box, a list of related articles or a footnote."""
    candidates: tuple[str, ...] = ()
    """Other targets that the name fits; all of them while ambiguous. Where one name covers several sections of a line,
    the target is the first section and these are the others."""
    sense_rule: str = "default"
    """What in the text told the sense; ``default`` where nothing did."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """A dated happening told by an article."""

    start: int
    end: int
    name: str
    kind: str
    date: str
    """EDTF; empty where the text gives none: a year is never guessed and never taken from the dateline."""
    places: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    number: str = ""
    comparison: Comparison = "new"
    event: str = ""
    """Id of the event in the catalogue that it agrees with or differs from."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FoundFigure:
    """A number told by an article, in its base unit."""

    start: int
    end: int
    surface: str
    value: float
    unit: str
    measure: str = ""
    """``trade``, ``investment``, ``freight``, ``length`` …; empty where the subject is not told."""
    subject: str = ""
    """Target of the thing measured, where it is one feature."""
    countries: tuple[str, ...] = ()
    period: str = ""
    """EDTF."""
    change_percent: float | None = None
    comparison: Comparison = "new"
    compared_with: str = ""
    """``figure:…`` or ``claim:…`` of the catalogue that it agrees with or differs from."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One text with its reference."""

    id: str
    text: str
    """Raw, as decoded; positions count in it. Empty where only the stand-off file is at hand."""
    sha256: str
    """Of the raw text as UTF-8."""
    language: str
    reference: Mapping[str, Any]
    """CSL-JSON."""
    file: str = ""
    """Name of the file it was read from, without its folder."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """An article with everything found in it, in the order of the text."""

    article: Article
    mentions: tuple[Mention, ...] = ()
    events: tuple[FoundEvent, ...] = ()
    figures: tuple[FoundFigure, ...] = ()
    duplicates: tuple[str, ...] = field(default=())
    """Ids of articles with the same or nearly the same text."""
