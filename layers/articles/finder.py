"""One text on its way from known names to mentions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from layers.articles.choose import Choice, Context, choose, choose_line
from layers.articles.compose import Composed, find_composed
from layers.articles.entries import INFRASTRUCTURE, Entry
from layers.articles.fold import squeeze
from layers.articles.fuzzy import find_misspelt
from layers.articles.guards import ANY_LINE_WORD, has_line_word, is_other, is_province, is_weak_line
from layers.articles.initials import LocalInitials, initials_in, local_initials
from layers.articles.marks import Marks, cut_points
from layers.articles.matching import Hit, Reading, find_cities, find_names, longest, read
from layers.articles.records import Match, Mention, Sense
from layers.articles.registry import Registry
from layers.articles.senses import sense_of
from layers.articles.unmatched import formats, unknown_lines

_NUMBER_AFTER = re.compile(
    r"[\s–-]{0,2}(\d{1,2}|II|III|IV|VI?)(?![\w%]|[.,]\d|\s{0,2}(?:%|per ?cent|bcm|billion|million|km|GW|gas field))"
)
_SECOND_BEFORE = re.compile(r"\b(?:second|2nd)\s+[“\"'‘]?$", re.IGNORECASE)
_DASH_BEFORE = re.compile(r"[^\W\d]\s?[-‐‑‒–—―−]\s?$")
_DASH_AFTER = re.compile(r"\s?[-‐‑‒–—―−]\s?[^\W\d]")
_TRANS = re.compile(r"(?:trans|транс)-?$|跨$", re.IGNORECASE)
_PLACES = frozenset({"country", "place", "region"})
# in Russian the word for the kind of line stands before the name, declined by the sentence, and is no part of it
_RU_GENERIC = re.compile(
    r"(?:железн\w+\s+дорог\w*|(?:газо|нефте|трубо)провод\w*|авто(?:дорог|магистрал)\w*|магистрал\w*|паром\w*)"
    r"\s+[«\"“]?(?=[^-–—]+[-–—])",
    re.IGNORECASE,
)
_CHINA_FORMAT, _US_FORMAT = "organisation:c-plus-c5", "organisation:c5-plus-1"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finder:
    """A text with the known names found in it."""

    text: str
    registry: Registry
    reading: Reading
    every_hit: tuple[Hit, ...]
    """All names at word boundaries by start, overlapping ones too: the nested pass looks here."""
    hits: tuple[Hit, ...]
    """Names that do not overlap, masks and other things of the same name taken out."""
    masks: tuple[Span, ...]
    context: Context
    initials: LocalInitials

    @classmethod
    def of(cls, text: str, registry: Registry, language: str) -> Finder:
        """Find the known names of a text and leave out what only looks like one."""
        reading = read(squeeze(text), language)
        found = [*find_names(reading, registry), *find_cities(reading, registry)]
        every = sorted((_settled(hit, reading) for hit in found), key=lambda hit: (hit.start, hit.end))
        chosen = longest(every)
        initials = local_initials(text, chosen, reading)
        masked = [hit for hit in chosen if hit.is_mask or any(entry.kind == "organisation" for entry in hit.entries)]
        context = Context.of(every, masked, reading, registry)
        kept: list[Hit] = []
        masks: list[Span] = []
        for hit in chosen:
            start, end = reading.squeezed.raw_span(hit.start, hit.end)
            if _is_explained_otherwise(hit, initials.means.get(text[start:end])):
                continue
            if hit.is_mask or (text[start:end] in initials.other and not hit.cities):
                masks.append((start, end))
            elif _is_line(hit) or not _TRANS.search(text, max(0, start - 6), start):
                reason = is_other(hit, start, end, context)
                if not reason:
                    kept.append(hit)
                elif reason in {"body", "nature"}:
                    masks.append((start, end))
        return cls(text, registry, reading, tuple(every), tuple(kept), tuple(masks), context, initials)

    def span(self, hit: Hit) -> Span:
        """Return the raw positions of a name."""
        return self.reading.squeezed.raw_span(hit.start, hit.end)

    def mentions(self) -> Iterator[Mention]:
        """Yield all mentions, in no particular order."""
        misspelt = self._misspelt()
        wrong = Marks(len(self.text), (self.span(hit) for hit in misspelt))
        others = [hit for hit in self.hits if not _is_line(hit) and not wrong.overlaps(*self.span(hit))]
        busy = Marks(len(self.text))
        yield from self._of_lines(self._sure_lines(), find_composed(others, self.reading, self.registry), busy)
        beside = Marks(len(self.text))
        for start, end in self._unknown_lines(busy, others):
            beside.add(start, end)
            yield self._unmatched(start, end, "unknown name of a line")
        taken = Marks(len(self.text), [*self.masks, *(self.span(hit) for hit in self.hits)])
        for hit in others:
            start, end = self.span(hit)
            if not busy.overlaps(start, end):
                yield from self._of_name(hit, start, end)
        for hit in misspelt:
            start, end = self.span(hit)
            if not busy.overlaps(start, end) and not beside.overlaps(start, end):
                taken.add(start, end)
                yield from self._of_misspelt(hit, start, end)
        yield from self._of_initials(taken, busy)
        yield from self._of_formats(taken, busy)

    # names of lines

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

    def _of_lines(self, lines: Sequence[Hit], composed: Sequence[Composed], busy: Marks) -> Iterator[Mention]:
        """Yield names of lines, literal or composed; of two that overlap the longer, and take their positions."""
        found: list[tuple[int, int, Hit | Composed]] = [(*self.span(hit), hit) for hit in lines]
        found += [(one.start, one.end, one) for one in composed]
        by_span: dict[Span, Hit] | None = None
        for start, end, one in sorted(
            found, key=lambda item: (item[0] - item[1], isinstance(item[2], Composed), item[0])
        ):
            if busy.overlaps(start, end):
                continue
            busy.add(start, end)
            if isinstance(one, Hit):
                yield from self._of_literal(one, start, end)
            else:
                by_span = by_span if by_span is not None else self._by_span()
                yield from self._of_composed(one, by_span)

    def _by_span(self) -> dict[Span, Hit]:
        # names of the registry go before those of the gazetteer at the same place
        return {self.span(hit): hit for hit in sorted(self.every_hit, key=lambda hit: bool(hit.entries))}

    def _of_composed(self, one: Composed, by_span: Mapping[Span, Hit]) -> Iterator[Mention]:
        if one.targets:
            entries = [Entry(target, target.partition(":")[0], "", "alias") for target in one.targets]
            choice = choose_line(entries, self.text[one.start : one.end], "", self.registry)
            confidence = (0.88 if one.is_exact else 0.75) if choice.target else 0.4
            rule = "parts of its name" if one.is_exact else "ends of its course"
            yield self._mention(one.start, one.end, replace(choice, match="composed", rule=rule, confidence=confidence))
        else:
            yield self._unmatched(one.start, one.end, "joins places as no known line does")
        for element in one.elements:
            if element.entries and element.entries[0].role == "initials":
                entry = element.entries[0]
                choice = Choice(entry.target, entry.kind, "main", "alias", "initials in the name of a line", 0.85)
                yield self._nested(element.start, element.end, choice)
            else:
                yield from self._nested_hit(by_span[element.start, element.end])

    def _of_literal(self, hit: Hit, start: int, end: int) -> Iterator[Mention]:
        number = _NUMBER_AFTER.match(self.text, end)
        is_family = any(entry.role == "family" for entry in hit.entries)
        if number and is_family:
            candidates = tuple(dict.fromkeys(entry.target for entry in hit.entries))
            yield replace(self._unmatched(start, number.end(), "unknown number of a known name"), candidates=candidates)
            return
        choice = choose(hit, start, end, self.context)
        if choice is None:
            return
        if is_family and _SECOND_BEFORE.search(self.text, max(0, start - 10), start):
            second = self.registry.entries.get(f"{hit.key} 2", ())
            if len({entry.target for entry in second}) == 1:
                choice = Choice(
                    second[0].target, second[0].kind, "alias", "composed", "number told before the name", 0.85
                )
        generic = _RU_GENERIC.match(self.text, start, end)
        yield self._mention(generic.end() if generic else start, end, choice)
        parts = longest(self._inside(hit))
        for part in parts:
            is_adjective = all(entry.role == "adjective" for entry in part.entries)
            # "Trans-Afghan railway" and "Turkish Stream" name no country beside others
            is_alone = is_adjective and len(parts) < 2
            if not is_alone and not _TRANS.search(self.text, start, self.span(part)[0]):
                yield from self._nested_hit(part)

    def _inside(self, hit: Hit) -> Iterator[Hit]:
        first = bisect_left(self.every_hit, hit.start, key=lambda other: other.start)
        for other in self.every_hit[first:]:
            if other.start >= hit.end:
                return
            if other.end <= hit.end and other.key != hit.key and not _is_line(other) and not other.is_mask:
                yield other

    def _nested_hit(self, hit: Hit) -> Iterator[Mention]:
        """Yield the place inside the name of a line: countries and cities, regions where dashes join them."""
        kinds = {entry.kind for entry in hit.entries if entry.target}
        if hit.entries and not kinds & _PLACES:
            return
        start, end = self.span(hit)
        is_joined = _DASH_BEFORE.search(self.text, max(0, start - 4), start) or _DASH_AFTER.match(self.text, end)
        if ("region" in kinds or not hit.entries) and not is_joined:
            return
        entries = tuple(entry for entry in hit.entries if entry.kind in _PLACES)
        choice = choose(replace(hit, entries=entries), start, end, self.context)
        if choice is not None and choice.target:
            yield self._nested(start, end, choice)

    def _nested(self, start: int, end: int, choice: Choice) -> Mention:
        mention = self._mention(start, end, choice)
        sense: Sense = "adjective" if choice.role == "adjective" else "place"
        return replace(mention, sense=sense, sense_rule="inside the name of a line")

    def _unknown_lines(self, busy: Marks, others: Sequence[Hit]) -> Iterator[Span]:
        spans = [self.span(hit) for hit in others] + list(self.masks)
        cuts, whole = cut_points(spans, len(self.text)), set(spans)
        bodies = Marks(len(self.text), (self.span(hit) for hit in others if _is_body(hit)))
        taken = Marks(len(self.text))
        for start, end in unknown_lines(self.text, self.registry):
            is_cut = cuts[start] or cuts[end] or (start, end) in whole
            if not is_cut and not any(marks.overlaps(start, end) for marks in (bodies, busy, taken)):
                taken.add(start, end)
                yield start, end

    # other names

    def _of_name(self, hit: Hit, start: int, end: int) -> Iterator[Mention]:
        choice = choose(hit, start, end, self.context)
        if choice is None:
            return
        if choice.kind in {"place", "city"} and is_province(start, end, self.text):
            # "Navoi region" is not the city; the province itself is in no table
            choice = Choice("", "region", "main", choice.match, "province of that name", 0.4)
        yield self._mention(start, end, choice)

    def _of_initials(self, taken: Marks, busy: Marks) -> Iterator[Mention]:
        """Yield initials that the text explains by a name of the registry and that the registry does not know."""
        for short, start, end in initials_in(self.text, self.initials):
            if taken.overlaps(start, end) or busy.overlaps(start, end):
                continue
            hit = self.initials.means[short]
            choice = choose(hit, *self.span(hit), self.context)
            if choice is not None:
                taken.add(start, end)
                told = replace(choice, match="alias", rule="initials explained in the text", confidence=0.85)
                yield self._mention(start, end, told)

    def _of_formats(self, taken: Marks, busy: Marks) -> Iterator[Mention]:
        """Yield formats of meetings: "5+1" is China's or the United States', "4+1" neither."""
        for start, end in formats(self.text):
            if taken.overlaps(start, end) or busy.overlaps(start, end):
                continue
            if re.sub(r"\s", "", self.text[start:end]) != "5+1":
                yield self._unmatched(start, end, "format of meetings")
                continue
            named = self.context.named_with(start) & {"CHN", "USA"} or self.context.all_countries & {"CHN", "USA"}
            target = {frozenset({"CHN"}): _CHINA_FORMAT, frozenset({"USA"}): _US_FORMAT}.get(named, "")
            rest = tuple(other for other in (_CHINA_FORMAT, _US_FORMAT) if other != target)
            rule = "country in the text" if target else "several formats of this name"
            choice = Choice(target, "organisation", "main", "context", rule, 0.7 if target else 0.4, rest)
            yield self._mention(start, end, choice)

    def _misspelt(self) -> list[Hit]:
        """Return names one letter off; where they cover a known name, as in "Centreal Asia", they go before it."""
        lines = (self.span(hit) for hit in self.hits if _is_line(hit))
        taken = Marks(len(self.text), [*self.masks, *lines])
        found = []
        for hit in find_misspelt(self.hits, self.reading, self.registry):
            start, end = self.span(hit)
            if not taken.overlaps(start, end) and not is_other(hit, start, end, self.context):
                found.append(hit)
        return found

    def _of_misspelt(self, hit: Hit, start: int, end: int) -> Iterator[Mention]:
        choice = choose(hit, start, end, self.context)
        if choice is not None:
            match: Match = "fuzzy"
            confidence = min(choice.confidence, 0.6)
            yield self._mention(start, end, replace(choice, match=match, rule="one letter off", confidence=confidence))

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
    start = reading.squeezed.starts[hit.start]
    around = reading.squeezed.raw[max(0, start - 60) : start + len(hit.key) + 60]
    is_line = " " in hit.key or bool(ANY_LINE_WORD.search(around))
    return replace(hit, entries=tuple(entry for entry in hit.entries if (entry.kind in INFRASTRUCTURE) == is_line))


def _is_explained_otherwise(hit: Hit, meant: Hit | None) -> bool:
    """Tell whether the text explains initials as another thing than the registry: "Communist Party of China (CPC)"."""
    return meant is not None and not {e.target for e in meant.entries} & {e.target for e in hit.entries}


def _is_line(hit: Hit) -> bool:
    return bool(hit.entries) and all(entry.kind in INFRASTRUCTURE for entry in hit.entries)


def _is_body(hit: Hit) -> bool:
    return any(entry.kind in {"organisation", "initiative"} for entry in hit.entries)
