"""Find every name in an article and say what it means, by a registry and rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from layers.articles.boilerplate import find_boilerplate
from layers.articles.choose import Choice, Context, choose, choose_line
from layers.articles.compose import Composed, find_composed, without_overlap
from layers.articles.entries import INFRASTRUCTURE, Entry
from layers.articles.fold import fold, squeeze
from layers.articles.fuzzy import find_misspelt
from layers.articles.guards import ANY_LINE_WORD, LocalInitials, has_line_word, is_other, is_province, is_weak_line, local_initials
from layers.articles.matching import Hit, Reading, find_cities, find_names, longest, read
from layers.articles.records import Mention
from layers.articles.registry import Registry
from layers.articles.senses import sense_of
from layers.articles.sentences import find_sentences
from layers.articles.unmatched import formats, unknown_lines

_NUMBER_AFTER = re.compile(r"[\s–-]{0,2}(\d{1,2}|II|III|IV|VI?)(?![\w%]|[.,]\d|\s*(?:%|per ?cent|bcm|billion|million|km|GW|gas field))")
_IN_LIST = re.compile(r",\s*(?:and\s+|or\s+|и\s+)?|\s+(?:and|or|и|или|ve|veya)\s+|[、和与]")
_LISTED_KINDS = frozenset({"country", "place", "city"})
_SECOND_BEFORE = re.compile(r"\b(?:second|2nd)\s+[“\"'‘]?$", re.IGNORECASE)
_DASH_BEFORE = re.compile(r"[^\W\d]\s?[-‐‑‒–—―−]\s?$")
_DASH_AFTER = re.compile(r"\s?[-‐‑‒–—―−]\s?[^\W\d]")
_TRANS = re.compile(r"(?:trans|транс)-?$|跨$", re.IGNORECASE)
_CHINA_FORMAT, _US_FORMAT = "organisation:c-plus-c5", "organisation:c5-plus-1"


class Decisions(Protocol):
    """What a reviewer decided about names, by folded surface (``fold.fold``)."""

    def target_for(self, surface_folded: str) -> str | None:
        """Return the confirmed target of a name."""

    def is_rejected(self, surface_folded: str) -> bool:
        """Tell whether a name was found to mean nothing of the registry."""


def find_mentions(
    text: str, registry: Registry, *, language: str = "en", decisions: Decisions | None = None
) -> tuple[Mention, ...]:
    """Return all mentions in a text, in its order; the same text gives the same mentions.

    Mentions do not overlap, but for places inside names of lines ("China–Pakistan Economic Corridor").

    Parameters
    ----------
    text
        Raw text; positions of the mentions count its code points.
    language
        Main language of the text: ``en``, ``ru``, ``zh``, ``tr``. Names of all languages are found in any text.
    decisions
        Choices of a reviewer, which go before all rules.
    """
    finder = _Finder.of(text, registry, language)
    found = _with_neighbours(sorted(finder.mentions(), key=lambda mention: (mention.start, -mention.end)), text)
    covers = find_boilerplate(text).covers
    flagged = [replace(mention, boilerplate=True) if covers(mention.start) else mention for mention in found]
    return tuple(_decided(mention, decisions) for mention in flagged) if decisions else tuple(flagged)


def _with_neighbours(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """Give names in a list the sense of the one before where nothing else tells theirs: "via Baku and Tbilisi"."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        is_listed = last is not None and _IN_LIST.fullmatch(text, last.end, mention.start)
        if last is not None and is_listed and mention.sense_rule == "default" and last.kind in _LISTED_KINDS:
            mention = replace(mention, sense=last.sense, sense_rule=last.sense_rule)  # noqa: PLW2901 - the same one, told
        found.append(mention)
    return found


def _decided(mention: Mention, decisions: Decisions) -> Mention:
    name = fold(mention.surface)
    target = decisions.target_for(name)
    if target is not None:
        kind = target.partition(":")[0]
        return replace(
            mention, target=target, kind=kind, match="review", rule="decision of a reviewer", status="confirmed",
            confidence=1.0,
        )  # fmt: skip
    return replace(mention, status="rejected") if decisions.is_rejected(name) else mention


@dataclass(frozen=True, slots=True)
class _Finder:
    """One text on its way from hits to mentions."""

    text: str
    registry: Registry
    reading: Reading
    every_hit: tuple[Hit, ...]
    """All names at word boundaries, overlapping ones too: the nested pass looks here."""
    hits: tuple[Hit, ...]
    """Names that do not overlap, masks and other things of the same name taken out."""
    masks: tuple[tuple[int, int], ...]
    context: Context
    initials: LocalInitials

    @classmethod
    def of(cls, text: str, registry: Registry, language: str) -> _Finder:
        reading = read(squeeze(text), language)
        every = [*find_names(reading, registry), *find_cities(reading, registry)]
        every = [_settled(hit, reading) for hit in every]
        chosen = longest(every)
        initials = local_initials(text, chosen, reading)
        masked = [hit for hit in chosen if hit.is_mask or any(e.kind == "organisation" for e in hit.entries)]
        context = Context.of(every, masked, reading, find_sentences(text))
        kept, masks = [], []
        for hit in chosen:
            start, end = reading.squeezed.raw_span(hit.start, hit.end)
            if _TRANS.search(text, max(0, start - 6), start) and not _is_line(hit):
                continue
            if hit.is_mask or (text[start:end] in initials.other and not hit.cities):
                masks.append((start, end))
                continue
            reason = is_other(hit, start, end, reading, registry, context)
            if not reason:
                kept.append(hit)
            elif reason in {"body", "nature"}:
                masks.append((start, end))
        return cls(text, registry, reading, tuple(every), tuple(kept), tuple(masks), context, initials)

    def span(self, hit: Hit) -> tuple[int, int]:
        return self.reading.squeezed.raw_span(hit.start, hit.end)

    def mentions(self) -> Iterator[Mention]:
        lines = self._sure_lines()
        misspelt = self._misspelt()
        wrong = [self.span(hit) for hit in misspelt]
        others = [hit for hit in self.hits if not _is_line(hit) and not _overlaps(*self.span(hit), wrong)]
        composed = self._kept_composed(lines, others)
        busy = [(one.start, one.end) for one in composed]
        for one in composed:
            yield from self._of_composed(one)
        for hit in lines:
            start, end = self.span(hit)
            if not _overlaps(start, end, busy):
                yield from self._of_line(hit, start, end)
                busy.append((start, end))
        unknown = self._unknown_lines(busy, others)
        for start, end in unknown:
            yield self._unmatched(start, end, "unknown name of a line")
        for hit in others:
            start, end = self.span(hit)
            if not _overlaps(start, end, busy):
                yield from self._of_name(hit, start, end)
        yield from self._explained_initials([*busy, *unknown])
        yield from self._formats(others)
        for hit in misspelt:
            start, end = self.span(hit)
            if not _overlaps(start, end, [*busy, *unknown]):
                yield from self._of_misspelt(hit, start, end)

    def _sure_lines(self) -> list[Hit]:
        """Return names of lines; initials such as CKU and "Line D" only with a sign that a line is meant."""
        lines = [hit for hit in self.hits if _is_line(hit)]
        weak = {hit for hit in lines if is_weak_line(self.text[slice(*self.span(hit))])}
        told = {entry.target for hit in lines if hit not in weak for entry in hit.entries}
        return [
            hit
            for hit in lines
            if hit not in weak
            or told & {entry.target for entry in hit.entries}
            or has_line_word(hit, *self.span(hit), self.text, self.registry)
        ]

    def _kept_composed(self, lines: Sequence[Hit], others: Sequence[Hit]) -> list[Composed]:
        """Return composed names; a literal name of a line that overlaps one goes before, unless it is shorter."""
        literal = [self.span(hit) for hit in lines]
        found = without_overlap(find_composed(others, self.reading, self.registry))
        return [
            one
            for one in found
            if all(one.end <= a or b <= one.start or one.end - one.start > b - a for a, b in literal)
        ]

    def _of_composed(self, one: Composed) -> Iterator[Mention]:
        if one.targets:
            entries = [Entry(target, target.partition(":")[0], "", "alias") for target in one.targets]
            choice = choose_line(entries, self.text[one.start : one.end], "", self.registry)
            confidence = (0.88 if one.is_exact else 0.75) if choice.target else 0.4
            rule = "parts of its name" if one.is_exact else "ends of its course"
            yield self._mention(one.start, one.end, replace(choice, match="composed", rule=rule, confidence=confidence))
        else:
            yield self._unmatched(one.start, one.end, "joins places as no known line does")
        for element in one.elements:
            hit = Hit(0, 0, "", element.entries)
            if element.entries and element.entries[0].role == "initials":
                entry = element.entries[0]
                choice = Choice(entry.target, entry.kind, "main", "alias", "initials in the name of a line", 0.85)
                yield self._nested(element.start, element.end, choice)
            else:
                hit = next(h for h in self.every_hit if self.span(h) == (element.start, element.end))
                yield from self._nested_hit(hit)

    def _of_line(self, hit: Hit, start: int, end: int) -> Iterator[Mention]:
        number = _NUMBER_AFTER.match(self.text, end)
        is_family = any(entry.role == "family" for entry in hit.entries)
        if number and is_family:
            candidates = tuple(dict.fromkeys(entry.target for entry in hit.entries))
            yield replace(self._unmatched(start, number.end(), "unknown number of a known name"), candidates=candidates)
            return
        choice = choose(hit, start, end, self.registry, self.context)
        if choice is None:
            return
        if is_family and _SECOND_BEFORE.search(self.text, max(0, start - 10), start):
            second = self.registry.entries.get(f"{hit.key} 2", ())
            if len({entry.target for entry in second}) == 1:
                entry = second[0]
                choice = Choice(entry.target, entry.kind, "alias", "composed", "number told before the name", 0.85)
        yield self._mention(start, end, choice)
        inner = [h for h in self.every_hit if hit.start <= h.start and h.end <= hit.end and h.key != hit.key]
        parts = longest(h for h in inner if not _is_line(h) and not h.is_mask)
        for part in parts:
            # "Trans-Afghan railway" holds no country beside others
            if not _TRANS.search(self.text, start, self.span(part)[0]):
                yield from self._nested_hit(part)

    def _nested_hit(self, hit: Hit) -> Iterator[Mention]:
        """Yield the place inside the name of a line: countries and cities, regions where dashes join them."""
        kinds = {entry.kind for entry in hit.entries if entry.target}
        if hit.entries and not kinds & {"country", "place", "region"}:
            return
        start, end = self.span(hit)
        is_joined = _DASH_BEFORE.search(self.text, max(0, start - 4), start) or _DASH_AFTER.match(self.text, end)
        if "region" in kinds and not is_joined:
            return
        entries = tuple(entry for entry in hit.entries if entry.kind in {"country", "place", "region"})
        choice = choose(replace(hit, entries=entries), start, end, self.registry, self.context)
        if choice is not None and choice.target:
            yield self._nested(start, end, choice)

    def _nested(self, start: int, end: int, choice: Choice) -> Mention:
        sense = "adjective" if choice.role == "adjective" else "place"
        mention = self._mention(start, end, choice)
        return replace(mention, sense=sense, sense_rule="inside the name of a line")

    def _of_name(self, hit: Hit, start: int, end: int) -> Iterator[Mention]:
        choice = choose(hit, start, end, self.registry, self.context)
        if choice is None:
            return
        if choice.kind in {"place", "city"} and is_province(start, end, self.text):
            # "Navoi region" is not the city; the province itself is in no table
            choice = Choice("", "region", "main", choice.match, "province of that name", 0.4)
        yield self._mention(start, end, choice)

    def _unknown_lines(self, busy: Sequence[tuple[int, int]], others: Sequence[Hit]) -> list[tuple[int, int]]:
        spans = [self.span(hit) for hit in others] + list(self.masks)
        kept: list[tuple[int, int]] = []
        for start, end in unknown_lines(self.text, self.registry):
            cut = any(a < start < b or a < end < b or (a, b) == (start, end) for a, b in spans)
            bodies = any(
                start <= self.span(hit)[0] < end and {e.kind for e in hit.entries} & {"organisation", "initiative"}
                for hit in others
            )
            if not cut and not bodies and not _overlaps(start, end, busy) and not _overlaps(start, end, kept):
                kept.append((start, end))
        return kept

    def _explained_initials(self, busy: Sequence[tuple[int, int]]) -> Iterator[Mention]:
        """Yield initials that the text explains by a name of the registry and that the registry does not know."""
        known = [self.span(hit) for hit in self.hits] + list(self.masks) + list(busy)
        for short, hit in self.initials.means.items():
            for found in re.finditer(rf"(?<![\w-]){re.escape(short)}(?![\w-])", self.text):
                if _overlaps(*found.span(), known):
                    continue
                choice = choose(hit, *self.span(hit), self.registry, self.context)
                if choice is not None:
                    yield self._mention(*found.span(), replace(choice, match="alias", rule="initials explained in the text", confidence=0.85))

    def _formats(self, others: Sequence[Hit]) -> Iterator[Mention]:
        """Yield formats of meetings: "5+1" is China's or the United States', "4+1" neither."""
        spans = [self.span(hit) for hit in others]
        for start, end in formats(self.text):
            if _overlaps(start, end, spans):
                continue
            if re.sub(r"\s", "", self.text[start:end]) != "5+1":
                yield self._unmatched(start, end, "format of meetings")
                continue
            both = (_CHINA_FORMAT, _US_FORMAT)
            named = self.context.named_with(start) & {"CHN", "USA"} or self.context.all_countries & {"CHN", "USA"}
            target = {frozenset({"CHN"}): both[0], frozenset({"USA"}): both[1]}.get(named, "")
            rule = "country in the text" if target else "several formats of this name"
            rest = tuple(other for other in both if other != target)
            yield self._mention(start, end, Choice(target, "organisation", "main", "context", rule, 0.7 if target else 0.4, rest))

    def _misspelt(self) -> list[Hit]:
        """Return names one letter off; where they cover a known name, as in "Centreal Asia", they go before it."""
        taken = [*self.masks, *(self.span(hit) for hit in self.hits if _is_line(hit))]
        found = []
        for hit in find_misspelt(self.hits, self.reading, self.registry):
            start, end = self.span(hit)
            if _overlaps(start, end, taken):
                continue
            if not is_other(hit, start, end, self.reading, self.registry, self.context):
                found.append(hit)
        return found

    def _of_misspelt(self, hit: Hit, start: int, end: int) -> Iterator[Mention]:
        choice = choose(hit, start, end, self.registry, self.context)
        if choice is not None:
            confidence = min(choice.confidence, 0.6)
            yield self._mention(start, end, replace(choice, match="fuzzy", rule="one letter off", confidence=confidence))

    def _unmatched(self, start: int, end: int, rule: str) -> Mention:
        return Mention(start, end, self.text[start:end], "unmatched", "", "place", "exact", rule, 0.3, "ambiguous")

    def _mention(self, start: int, end: int, choice: Choice) -> Mention:
        before, after = self.context.around(start, end)
        told = sense_of(choice, before, after, language=self.reading.language, registry=self.registry)
        return Mention(
            start=start,
            end=end,
            surface=self.text[start:end],
            kind=choice.kind,
            target=choice.target,
            sense=told.sense,
            match=choice.match,
            rule=choice.rule,
            confidence=choice.confidence,
            status="auto" if choice.target else "ambiguous",
            candidates=choice.candidates,
            sense_rule=told.cue,
        )


def _settled(hit: Hit, reading: Reading) -> Hit:
    """Keep one of the two where a name is that of a place and of a line: "Nord Stream 2", "Druzhba"."""
    kinds = {entry.kind for entry in hit.entries}
    if not (kinds & INFRASTRUCTURE and "place" in kinds):
        return hit
    around = reading.squeezed.raw[max(0, reading.squeezed.starts[hit.start] - 60) :][: 120 + len(hit.key)]
    is_line = " " in hit.key or ANY_LINE_WORD.search(around)
    return replace(hit, entries=tuple(entry for entry in hit.entries if (entry.kind in INFRASTRUCTURE) == bool(is_line)))


def _is_line(hit: Hit) -> bool:
    return bool(hit.entries) and all(entry.kind in INFRASTRUCTURE for entry in hit.entries)


def _overlaps(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)
