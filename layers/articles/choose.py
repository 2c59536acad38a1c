"""Which of the things a name may mean is meant: told by the text around it, never by population alone.

In this order: a name of the curated catalogue goes before one of the gazetteer; a country named in the same sentence;
the main name before another one; a country named in the article; the area of interest; the number of inhabitants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from geo.geodesy import distance_m
from layers.articles.cities import AREA_OF_INTEREST, SMALL_CITY
from layers.articles.entries import INFRASTRUCTURE, Entity, Entry
from layers.articles.fold import name_key
from layers.articles.matching import Hit, Reading
from layers.articles.records import Match
from layers.articles.registry import Registry
from layers.articles.sentences import Sentences, find_sentences

_MATCHES: dict[str, Match] = {"main": "exact", "inflected": "inflected"}
_PORT = re.compile(r"\b(?:sea)?ports?\b|\bharbou?r\b|порт|港|liman", re.IGNORECASE)
_BORDER = re.compile(
    r"border|crossing|checkpoint|customs|dry port|gateway|land port|special economic zone|погран|пропуск|口岸|sınır",
    re.IGNORECASE,
)
_RAIL = re.compile(r"rail|train|track|ferrov|железн|поезд|铁路|班列|demiryol", re.IGNORECASE)
_CORRIDOR = re.compile(r"corridor|route|коридор|走廊|koridor", re.IGNORECASE)
_NEAR_KM = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """What a name means and why."""

    target: str
    """Empty where several things fit and nothing tells which."""
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
    reading: Reading
    registry: Registry
    sentences: Sentences
    countries: dict[int, frozenset[str]]
    """Countries named in each sentence."""
    all_countries: frozenset[str]

    @classmethod
    def of(cls, every: Iterable[Hit], masked: Sequence[Hit], reading: Reading, registry: Registry) -> Context:
        """Gather the context of a text from all names in it, also those inside longer ones but for masks."""
        sentences = find_sentences(reading.squeezed.raw)
        hidden = {position for hit in masked for position in range(hit.start, hit.end)}
        named: dict[int, set[str]] = {}
        for hit in every:
            codes = {entry.target.partition(":")[2] for entry in hit.entries if entry.kind == "country"}
            if codes and hit.start not in hidden:
                number = sentences.number(reading.squeezed.starts[hit.start])
                named.setdefault(number, set()).update(codes)
        countries = {number: frozenset(codes) for number, codes in named.items()}
        everywhere = frozenset(code for codes in countries.values() for code in codes)
        return cls(reading.squeezed.raw, reading, registry, sentences, countries, everywhere)

    def around(self, start: int, end: int, reach: int = 80) -> tuple[str, str]:
        """Return the text of the same sentence before and after a stretch, at most ``reach`` characters each."""
        first, last = self.sentences.span(start)
        return self.text[max(first, start - reach) : start], self.text[end : min(max(last, end), end + reach)]

    def named_with(self, start: int) -> frozenset[str]:
        """Return countries named in the sentence at a position."""
        return self.countries.get(self.sentences.number(start), frozenset())


def choose(hit: Hit, start: int, end: int, context: Context) -> Choice | None:
    """Return what a name means; None where it means nothing of the registry here."""
    entries = [entry for entry in hit.entries if entry.target]
    kinds = {entry.kind for entry in entries}
    if not entries:
        return _gazetteer_choice(hit, start, end, context)
    if kinds <= {"place"}:
        return _place_choice(entries, hit, (start, end), context)
    if "place" in kinds and "country" in kinds:
        before, after = context.around(start, end, 20)
        if not (_PORT.search(before[-12:]) or _PORT.match(after.strip())):
            entries = [entry for entry in entries if entry.kind == "country"]
    return _thing_choice(entries, start, end, context)


def _thing_choice(entries: Sequence[Entry], start: int, end: int, context: Context) -> Choice:
    targets = tuple(dict.fromkeys(entry.target for entry in entries))
    entry = entries[0]
    match = _MATCHES.get(entry.role, "alias")
    if len(targets) == 1 and entry.role != "family":
        return Choice(targets[0], entry.kind, entry.role, match, f"{entry.role} name", _confidence(entry))
    if {entry.kind for entry in entries} <= INFRASTRUCTURE:
        return choose_line(entries, context.text[start:end], " ".join(context.around(start, end, 60)), context.registry)
    named = context.named_with(start)
    fitting = [target for target in targets if named & set(context.registry.countries_of(target))]
    if len(fitting) == 1:
        return _by_context(fitting[0], entry.role, "country in the sentence", targets)
    return Choice("", entry.kind, entry.role, match, "several things of this name", 0.4, targets)


def choose_line(entries: Sequence[Entry], surface: str, around: str, registry: Registry) -> Choice:
    """Return which line or corridor a name means: by its kind, else all sections of one line, else none."""
    targets = list(dict.fromkeys(entry.target for entry in entries))
    kept = _of_kind(targets, surface, around, registry)
    role = entries[0].role
    families = {entry.target for entry in entries if entry.role == "family"}
    curated = [target for target in kept if target not in families]
    kind = kept[0].partition(":")[0]
    match = _MATCHES.get(role, "alias")
    if len(kept) == 1 and curated:
        rest = tuple(target for target in targets if target != kept[0])
        how: Match = "context" if rest else match
        return Choice(kept[0], kind, role, how, "kind of line" if rest else f"{role} name", 0.9, rest)
    modes = {getattr(registry.entity(target), "mode", "") for target in kept}
    if len(modes) == 1 and kept == curated and kind == "line":
        # one curated name for all of them: sections of one line
        return Choice(kept[0], kind, role, match, "name of several sections", 0.85, tuple(kept[1:]))
    lines = [target for target in curated if target.startswith("line:")]
    if len(lines) == 1 and len(kept) == len(curated):
        rest = tuple(target for target in targets if target != lines[0])
        return Choice(lines[0], "line", role, "context", "the line rather than the corridor over it", 0.6, rest)
    return Choice("", kind, role, match, "several lines of this name", 0.4, tuple(kept))


def _of_kind(targets: list[str], surface: str, around: str, registry: Registry) -> list[str]:
    """Return the targets that fit the word for the kind of line, in the name or else beside it; all if none does."""
    for text in (surface, around):
        for pattern, fits in _KINDS:
            if pattern.search(text):
                fitting = [target for target in targets if fits(target, registry)]
                if fitting:
                    return fitting
    return targets


def _mode(target: str, registry: Registry) -> str:
    entity = registry.entity(target)
    return entity.mode if entity else ""


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str, Registry], bool]], ...] = (
    (re.compile(r"oil pipeline|нефтепровод|原油|petrol boru", re.IGNORECASE), lambda t, r: _mode(t, r) == "oil"),
    (re.compile(r"gas pipeline|газопровод|天然气|gaz boru", re.IGNORECASE), lambda t, r: _mode(t, r) == "gas"),
    (re.compile(r"pipeline|трубопровод|管道|boru hatt", re.IGNORECASE), lambda t, r: _mode(t, r) in {"gas", "oil"}),
    (_CORRIDOR, lambda t, _: t.startswith("corridor:")),
    (_RAIL, lambda t, r: _mode(t, r) == "rail"),
    (
        re.compile(r"\broads?\b|highway|expressway|motorway|автодорог|шоссе|公路|karayolu", re.IGNORECASE),
        lambda t, r: _mode(t, r) == "road",
    ),
    (re.compile(r"ferry|паром|轮渡|feribot", re.IGNORECASE), lambda t, r: _mode(t, r) == "ferry"),
)


def fits_generic(target: str, generic: str, registry: Registry) -> bool:
    """Tell whether a line or corridor is of the kind that a word such as "railway" says."""
    wanted = [fits for pattern, fits in _KINDS if pattern.search(generic)]
    return not wanted or wanted[0](target, registry)


def _place_choice(entries: Sequence[Entry], hit: Hit, span: tuple[int, int], context: Context) -> Choice:
    (start, end), registry = span, context.registry
    before, after = context.around(start, end, 60)
    beside = _country_beside(before, after, registry)
    places = [(entry, entity) for entry in entries if (entity := registry.entity(entry.target))]
    if beside and not any(beside & set(entity.countries) for _, entity in places):
        other = [city for city in hit.cities or registry.cities(hit.key) if city.country in beside]
        if other:
            targets = tuple(entity.target for _, entity in places)
            return _by_context(registry.city_target(other[0]), "main", "country beside the name", targets)
    named = context.named_with(start)
    role = entries[0].role
    targets = tuple(dict.fromkeys(entry.target for entry in entries))
    if len(targets) == 1:
        entry = entries[0]
        return Choice(
            entry.target, "place", entry.role, _MATCHES.get(role, "alias"), f"{role} name", _confidence(entry)
        )
    rules: tuple[tuple[str, Callable[[Entry, Entity], bool]], ...] = (
        ("country beside the name", lambda _, entity: bool(beside & set(entity.countries))),
        ("kind of place", lambda _, entity: _fits_kind(entity, before, after)),
        ("country in the sentence", lambda _, entity: bool(named & set(entity.countries))),
        ("main name", lambda entry, _: entry.role == "main"),
        ("country in the article", lambda _, entity: bool(context.all_countries & set(entity.countries))),
    )
    told = ""
    for rule, fits in rules:
        fitting = [(entry, entity) for entry, entity in places if fits(entry, entity)]
        if fitting and len(fitting) < len(places):
            places, told = fitting, told or rule
        if len(places) == 1:
            break
    places.sort(key=lambda pair: (pair[1].rank, -pair[1].population))
    entry, entity = places[0]
    others = tuple(target for target in targets if target != entity.target)
    if not told and all(_is_near(entity, other) for _, other in places[1:]):
        return Choice(entity.target, "place", entry.role, _MATCHES.get(role, "alias"), "kind of place", 0.85, others)
    return Choice(entity.target, "place", entry.role, "context", told or "population", 0.8 if told else 0.55, others)


def _fits_kind(entity: Entity, before: str, after: str) -> bool:
    beside = before[-25:] + " " + after[:25]
    if _PORT.search(beside) and not re.search(r"dry port|land port", beside, re.IGNORECASE):
        return entity.mode == "port"
    if _BORDER.search(beside):
        return entity.mode in {"border", "dry-port"}
    if re.search(r"\bstation\b|станци|站", beside):
        return entity.mode == "station"
    return entity.mode == "city"


def _country_beside(before: str, after: str, registry: Registry) -> frozenset[str]:
    """Return the country that a name is said to lie in: "Poti, Georgia", "Georgia's Poti", "Poti in Georgia"."""
    codes: set[str] = set()
    right = re.match(
        r"(?:,| in| \()\s+?(?:(?:north|south|east|west)\w*\s+|the\s+)?((?:[A-ZÇİŞ][\w’'.-]+\s?){1,3})", after
    )
    left = re.search(
        r"((?:[A-ZÇİŞ][\w.-]+\s?){1,3})(?:['’]s|’)?\s+(?:(?:\w+\s+){0,2}(?:cit(?:y|ies)|ports?|hub"
        r"|capital)\s+(?:of\s+)?)?$",
        before,
    )
    for found in (right, left):
        if not found:
            continue
        words = found.group(1).split()
        for length in range(len(words), 0, -1):
            part = words[:length] if found is right else words[-length:]
            code = _country_called(" ".join(part), registry)
            if code:
                codes.add(code)
                break
    return frozenset(codes)


def _country_called(name: str, registry: Registry) -> str:
    for entry in registry.entries.get(name_key(name).rstrip("'.,;:)").removesuffix("'s"), ()):
        if entry.kind == "country":
            return entry.target.partition(":")[2]
    return ""


def _gazetteer_choice(hit: Hit, start: int, end: int, context: Context) -> Choice | None:
    """Return the city of the gazetteer that is meant; small ones only in the area of interest and with a sign."""
    registry = context.registry
    before, after = context.around(start, end, 60)
    beside = _country_beside(before, after, registry)
    named = context.named_with(start)
    is_located = bool(
        re.search(
            r"\b(?:in|at|near|from|to|of|via|through|towards?|between|around|outside|and|в|из"
            r"|около)\s+(?:the\s+)?(?:city of\s+|town of\s+|port of\s+)?$|[–—-]$",
            before,
        )
    )
    told = "population"
    cities = list(hit.cities)
    for rule, wanted in (
        ("country beside the name", beside),
        ("country in the sentence", named),
        ("area of interest", AREA_OF_INTEREST if context.all_countries & AREA_OF_INTEREST else frozenset()),
    ):
        fitting = [city for city in cities if city.country in wanted]
        if fitting:
            cities, told = fitting, rule
            break
    city = cities[0]
    if city.population < SMALL_CITY and not (
        city.country in AREA_OF_INTEREST and (city.country in beside or (city.country in named and is_located))
    ):
        return None
    if told == "population" and not is_located and city.population < 3 * SMALL_CITY:
        return None
    target = registry.city_target(city)
    candidates = tuple(dict.fromkeys(t for other in hit.cities if (t := registry.city_target(other)) != target))[:5]
    match: Match = "alias" if city.name != context.text[start:end] else "exact"
    if told != "population":
        match = "context" if candidates else match
        return Choice(target, target.partition(":")[0], "main", match, told, 0.8, candidates)
    rule = "only by population" if candidates else "gazetteer"
    return Choice(target, target.partition(":")[0], "main", match, rule, 0.5 if candidates else 0.75, candidates)


def _is_near(one: Entity, other: Entity) -> bool:
    if one.lon_lat is None or other.lon_lat is None:
        return False
    return float(distance_m(one.lon_lat, other.lon_lat)) < _NEAR_KM * 1000


def _by_context(target: str, role: str, rule: str, targets: Iterable[str]) -> Choice:
    others = tuple(other for other in targets if other != target)
    return Choice(target, target.partition(":")[0], role, "context", rule, 0.8, others)


def _confidence(entry: Entry) -> float:
    return {"main": 0.97, "inflected": 0.9, "family": 0.5}.get(entry.role, 0.93)
