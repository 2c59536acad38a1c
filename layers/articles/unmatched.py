"""Capitalised names of lines that no registry knows, and formats of meetings such as "4+1": for review."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layers.articles.fold import name_key
from layers.articles.registry import Registry

_WORD = r"[A-ZÀ-ÖØ-ÞĀĂĄÇĞİÖŞÜŽŠČ][\w’'.]{0,40}+(?:-[a-z][\w’']{0,30}+){0,3}+"
_LINE = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_WORD}|\d+)(?:[ \u00a0]*[-–—/][ \u00a0]*{_WORD}"
    rf"|[ \u00a0]+(?:of[ \u00a0]+the[ \u00a0]+|of[ \u00a0]+|and[ \u00a0]+|the[ \u00a0]+)?{_WORD}){{0,6}})"
    r"(?P<middle>(?:[ \u00a0]+(?:gas|oil|rail|economic|transport|transit|trade|international|high-speed"
    r"|freight)){0,2})"
    r"[ \u00a0-]+(?P<generic>corridor|railway|railroad|pipeline|[Ll]and [Bb]ridge|highway)\b",
)
_LINE_TITLE = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_WORD}[ \u00a0–—-]+(?:of[ \u00a0]+the[ \u00a0]+|of[ \u00a0]+"
    rf"|and[ \u00a0]+)?){{1,6}})(?P<generic>Corridor|Railway|Railroad|Pipeline|Land Bridge|Highway|Sea Route|Trade"
    rf" Route)\b(?!s)"
)
# common words that may begin a name all the same: "Trans-Afghan", "Northern Corridor"
_PARTS_OF_NAMES = frozenset(
    ("trans", "great", "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central")
)
_NEVER_FIRST = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "its",
        "their",
        "our",
        "his",
        "her",
        "new",
        "old",
        "such",
        "each",
        "every",
        "any",
        "no",
        "one",
        "two",
        "three",
        "another",
        "other",
        "both",
        "all",
        "first",
        "second",
        "third",
        "main",
        "key",
        "major",
        "green",
        "digital",
        "economic",
        "transport",
        "transit",
        "trade",
        "rail",
        "road",
        "railway",
        "gas",
        "oil",
        "pipeline",
        "international",
        "national",
        "regional",
        "strategic",
        "proposed",
        "planned",
        "future",
        "existing",
        "modern",
        "strong",
        "safe",
        "stable",
        "high",
        "speed",
        "land",
        "overland",
        "sea",
        "air",
        "freight",
        "cargo",
        "container",
        "energy",
        "state",
        "private",
        "public",
        "joint",
        "special",
        "global",
        "local",
        "cross",
        "border",
        "multimodal",
        "as",
        "in",
        "on",
        "at",
        "for",
        "with",
        "by",
        "to",
        "from",
        "of",
        "and",
        "or",
        "if",
        "when",
        "while",
        "although",
        "however",
        "but",
        "since",
        "after",
        "before",
        "under",
        "over",
        "into",
        "ministry",
        "minister",
        "president",
        "deputy",
        "vice",
        "company",
        "group",
        "department",
        "agency",
        "authority",
        "alternative",
        "additional",
        "entire",
        "whole",
        "same",
        "natural",
        "building",
        "construction",
        "investing",
        "developing",
    ]
)
_PLAIN = _NEVER_FIRST | _PARTS_OF_NAMES
_FORMAT = re.compile(r"(?<![\w+.])(?:[A-Z]?\d{1,2}|[A-Z])\s?\+\s?(?:[A-Z]?\d{1,2}|[A-Z]\d?)(?![\w+%])")
_FORMAT_SIGN = re.compile(
    r"^[”\"'’]?\s*(?:format|framework|mechanism|platform|summit|meeting|group|dialogue|cooperation|формат|机制|format)",
    re.IGNORECASE,
)


def unknown_lines(text: str, registry: Registry) -> Iterator[tuple[int, int]]:
    """Yield start and end of names such as "Wakhan Corridor"."""
    for pattern in (_LINE_TITLE, _LINE):
        for found in pattern.finditer(text):
            start = _name_start(found, registry, is_title=pattern is _LINE_TITLE, text=text)
            if start is not None:
                yield start, found.end()


def _name_start(found: re.Match[str], registry: Registry, *, is_title: bool, text: str) -> int | None:
    """Return where the name begins after articles and the like; None where nothing but common words is left."""
    words = list(re.finditer(r"[^\s–—-]+", found.group("name")))
    at = found.start("name")
    while words and words[0].group().lower().strip(".") in _NEVER_FIRST:
        words.pop(0)
    if not words:
        return None
    own = [word for word in words if word.group().lower() not in _PLAIN and not _is_adjective(word.group(), registry)]
    if not own and not (is_title and len(words) > 1):
        return None
    own = own or words
    begin = at + words[0].start()
    if not is_title and len(own) == 1 and len(words) == 1:
        key = name_key(re.sub(r"[’']s?$", "", own[0].group()))
        starts_sentence = (
            not text[max(0, begin - 4) : begin].strip() or text[max(0, begin - 4) : begin].rstrip()[-1:] in ".!?:"
        )
        # "Khorgos railway" is a railway at Khorgos; "Siberia pipeline", "Building railway" no names
        if starts_sentence or any(
            entry.kind in {"country", "region", "organisation", "group", "initiative"}
            for entry in registry.entries.get(key, ())
        ):
            return None
    if re.search(r"[’']s?$", own[-1].group()) and own[-1] is words[-1]:
        return None
    return begin


def _is_adjective(word: str, registry: Registry) -> bool:
    key = name_key(re.sub(r"[’']s?$", "", word))
    return any(
        entry.kind in {"country", "region"} and (entry.role in {"adjective", "people"} or True)
        for entry in registry.entries.get(key, ())
    )


def formats(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of formats of meetings such as "5+1" and "C+C5"."""
    for found in _FORMAT.finditer(text):
        has_letter = any(letter.isalpha() for letter in found.group())
        quoted = text[found.start() - 1 : found.start()] in set("“\"'‘«")
        if has_letter or quoted or _FORMAT_SIGN.match(text[found.end() : found.end() + 30]):
            yield found.span()
