"""What the name of a line joins: "China–Kyrgyzstan–Uzbekistan railway" is three countries and a word for a railway.

With it the same line is known by any writing of the parts: other dashes, commas, adjectives, initials, the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from layers.articles.entries import Entry
from layers.articles.fold import name_key
from layers.catalogue import Catalogue
from layers.schema import Names

_GENERIC = re.compile(
    r"\b(?:railways?|railroad|rail ferry|ferry|rail|road-rail|high-speed|new|natural|gas|oil|pipelines?|corridor"
    r"|economic|transport|route|road|highway|expressway|shipping line|line|sea lane|"
    r"transnational|freight trains?|train|the|north|south|second track)\b"
    r"|железная дорога|железнодорожная линия|газопровод|нефтепровод|трубопровод|автодорога|автомагистраль"
    r"|скоростная дорога|паром|линия|морской путь|экономический коридор|мультимодальный коридор|коридор|экспресс"
    r"|поезда"
    r"|天然气管道|原油管道|输油管道|高速公路|铁路|管道|公路|经济走廊|走廊|轮渡|航线|火车"
    r"|demiryolu|doğal gaz boru hattı|gaz boru hattı|petrol boru hattı|boru hattı|karayolu|otoyolu|yolu|ekonomik"
    r" koridoru|koridoru|feribotu|tren|hattı|ekspresi|karma taşıma",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s*[–—―]\s*|\s+-\s+|(?<=\w)-(?=[A-ZА-ЯЁİÇŞ])")
_PLACES = frozenset({"country", "place", "region"})


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts that a line joins, in its order."""

    target: str
    parts: tuple[frozenset[str], ...]
    """For each part the targets its name may mean."""
    weight: int
    """3 from a name of the line, 2 from the ends of its course, 1 from the countries it runs through."""


def line_signatures(catalogue: Catalogue, entries: Mapping[str, tuple[Entry, ...]]) -> dict[str, tuple[Signature, ...]]:
    """Return the signatures of all lines and corridors under each target of their first and last part."""
    found: dict[str, dict[Signature, None]] = {}
    for signature in (*_of_names(catalogue, entries), *_of_courses(catalogue)):
        for end in {*signature.parts[0], *signature.parts[-1]}:
            found.setdefault(end, {})[signature] = None
    return {end: tuple(signatures) for end, signatures in found.items()}


def parts_of(name: str) -> list[str]:
    """Return what a name joins with dashes, without words for the kind of line; one part where it joins nothing.

    >>> parts_of("Beineu–Bozoy–Shymkent gas pipeline")
    ['Beineu', 'Bozoy', 'Shymkent']
    """
    bare = re.sub(r"\s*[(（].*?[)）]|[«»]", " ", name)
    return [part for part in (_GENERIC.sub(" ", part).strip(" ,:：") for part in _DASH.split(bare)) if part]


def _of_names(catalogue: Catalogue, entries: Mapping[str, tuple[Entry, ...]]) -> Iterator[Signature]:
    for target, names, aliases in _named(catalogue):
        written = [names.en, names.ru, names.zh, names.tr, *aliases]
        for name in filter(None, written):
            for stretch in re.split(r"[:：,(（]", name):
                parts = parts_of(stretch)
                if len(parts) < 2:
                    continue
                meant = tuple(_meant(part, entries) for part in parts)
                if all(meant):
                    yield Signature(target, meant, 3)


def _named(catalogue: Catalogue) -> Iterator[tuple[str, Names, Iterable[str]]]:
    for line in catalogue.lines.values():
        yield f"line:{line.id}", line.names, line.aliases
    for corridor in catalogue.corridors.values():
        yield f"corridor:{corridor.id}", corridor.names, corridor.aliases


def _meant(part: str, entries: Mapping[str, tuple[Entry, ...]]) -> frozenset[str]:
    return frozenset(entry.target for entry in entries.get(name_key(part), ()) if entry.kind in _PLACES)


def _of_courses(catalogue: Catalogue) -> Iterator[Signature]:
    for line in catalogue.lines.values():
        points = [point for section in line.sections for point in section.waypoints if isinstance(point, str)]
        if len(points) < 2:
            continue
        target = f"line:{line.id}"
        yield Signature(target, tuple(frozenset({f"place:{point}"}) for point in (points[0], points[-1])), 2)
        codes = list(dict.fromkeys(catalogue.places[point].country for point in points))
        if len(codes) > 1:
            yield Signature(target, tuple(frozenset({f"country:{code}"}) for code in codes), 1)


def is_bare(name: str, entries: Mapping[str, tuple[Entry, ...]]) -> bool:
    """Tell whether a name only joins two places, or countries, without a word for what joins them.

    "Kazakhstan – China" alone names a relation as often as a pipeline; three cities in a row name a line.
    """
    if _GENERIC.search(name):
        return False
    meant = [_meant(part, entries) for part in parts_of(name)]
    if len(meant) < 2 or not all(meant):
        return False
    return len(meant) == 2 or all(any(target.startswith("country:") for target in part) for part in meant)
