"""Which of the things a name may mean is meant: told by the text around it, never by population alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from layers.articles.cities import AREA_OF_INTEREST, SMALL_CITY
from layers.articles.matching import Hit, Reading
from layers.articles.records import Match
from layers.articles.registry import Entity, Entry, Registry
from layers.articles.sentences import Sentences


@dataclass(frozen=True, slots=True)
class Choice:
    """What a name means and why."""

    target: str
    kind: str
    role: str
    match: Match
    rule: str
    confidence: float
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What else the text names."""

    text: str
    sentences: Sentences
    countries: dict[int, frozenset[str]]
    """Countries named in each sentence."""
    all_countries: frozenset[str]
    capitals: frozenset[str]

    @classmethod
    def of(cls, hits: Sequence[Hit], reading: Reading, registry: Registry, sentences: Sentences) -> Context:
        """Gather the context of a text."""
        named: dict[int, set[str]] = {}
        for hit in hits:
            codes = {entry.target.partition(":")[2] for entry in hit.entries if entry.kind == "country"}
            if codes:
                number = sentences.number(reading.squeezed.starts[hit.start])
                named.setdefault(number, set()).update(codes)
        countries = {number: frozenset(codes) for number, codes in named.items()}
        return cls(
            reading.squeezed.raw,
            sentences,
            countries,
            frozenset(code for codes in countries.values() for code in codes),
            frozenset(registry.capitals.values()),
        )

    def around(self, start: int, end: int) -> tuple[str, str]:
        """Return the text of the same sentence before and after a stretch, at most 80 characters each."""
        first, last = self.sentences.span(start)
        return self.text[max(first, start - 80) : start], self.text[end : min(max(last, end), end + 80)]

    def named_with(self, start: int) -> frozenset[str]:
        """Return countries named in the sentence at a position."""
        return self.countries.get(self.sentences.number(start), frozenset())


def choose(hit: Hit, reading: Reading, registry: Registry, context: Context) -> Choice | None:
    """Return what a name means; None where it means nothing of the registry here."""
    if not hit.entries:
        return _city(hit, reading, registry, context)
    entries = hit.entries
    targets = tuple(dict.fromkeys(entry.target for entry in entries if entry.target))
    entry = entries[0]
    match: Match = {"main": "exact", "inflected": "inflected"}.get(entry.role, "alias")  # type: ignore[assignment]
    if len(targets) == 1:
        return Choice(targets[0], entry.kind, entry.role, match, f"{entry.role}-name", 0.95)
    start = reading.squeezed.starts[hit.start]
    named = context.named_with(start)
    fitting = [target for target in targets if named & set(registry.countries_of(target))]
    if len(fitting) == 1:
        return Choice(fitting[0], fitting[0].partition(":")[0], entry.role, "context", "country-in-sentence", 0.85, targets)
    return Choice("", entry.kind, entry.role, match, "several-targets", 0.4, targets)


def _city(hit: Hit, reading: Reading, registry: Registry, context: Context) -> Choice | None:
    start = reading.squeezed.starts[hit.start]
    named = context.named_with(start)
    fitting = [city for city in hit.cities if city.country in named]
    city = fitting[0] if fitting else hit.cities[0]
    if city.population < SMALL_CITY and (city.country not in AREA_OF_INTEREST or not fitting):
        return None
    return Choice(city.target, "city", "main", "context" if fitting else "exact", "gazetteer", 0.7)
