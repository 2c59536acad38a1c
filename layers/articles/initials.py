"""Initials that a text explains itself: "Caspian Policy Center (CPC)", "CPC - Caspian Policy Center"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from layers.articles.matching import Hit, Reading

_DEFINITION = re.compile(
    r"\(\s?[“\"']?([A-Z][A-Za-z+&]{1,7})[”\"']?\s?\)|^[ \t]{0,4}([A-Z]{2,6})[ ]{1,3}[-–—][ ]{1,3}(?=[A-Z])",
    re.MULTILINE,
)
_TOKEN = re.compile(r"(?<![\w-])[A-Z][A-Za-z+&]{1,7}(?![\w-])")
_LIGHT = frozenset({"of", "the", "and", "for", "on", "in", "de", "&"})
_REACH = 160


@dataclass(frozen=True, slots=True)
class LocalInitials:
    """Initials that the text itself explains."""

    other: frozenset[str]
    """They stand for something that the registry does not know."""
    means: Mapping[str, Hit]
    """They stand for a name of the registry that stands before them."""


def local_initials(text: str, hits: Sequence[Hit], reading: Reading) -> LocalInitials:
    """Find initials that the text explains."""
    ends = {reading.squeezed.raw_span(hit.start, hit.end)[1]: hit for hit in hits}
    other: set[str] = set()
    means: dict[str, Hit] = {}
    for found in _DEFINITION.finditer(text):
        short = found.group(1) or found.group(2)
        if found.group(2):
            line = text[found.end() : found.end() + _REACH].split("\n", maxsplit=1)[0]
            if _spells(re.findall(r"\w+", line), short, is_first=True):
                other.add(short)
            continue
        begin = max(0, found.start() - _REACH)
        before = re.sub(r"[’']s$", "", text[begin : found.start()].rstrip())
        hit = ends.get(begin + len(before))
        if hit is not None and not hit.is_mask and _may_be_short(hit, short):
            means.setdefault(short, hit)
        elif _spells(re.findall(r"[\w’'+]+", before), short, is_first=False):
            other.add(short)
    return LocalInitials(frozenset(other), means)


def _may_be_short(hit: Hit, short: str) -> bool:
    """Tell whether initials may stand for a name; those of a place must spell it ("Republic of Korea (ROK)")."""
    if not all(entry.kind in {"country", "place", "region"} for entry in hit.entries):
        return True
    return _spells(hit.key.split(), short, is_first=True)


def initials_in(text: str, initials: LocalInitials) -> Iterator[tuple[str, int, int]]:
    """Yield the explained initials of a text with their positions."""
    if initials.means:
        for found in _TOKEN.finditer(text):
            if found.group() in initials.means:
                yield found.group(), found.start(), found.end()


def _spells(words: Sequence[str], short: str, *, is_first: bool) -> bool:
    """Tell whether the words next to initials begin with their letters."""
    letters = [letter.lower() for letter in short if letter.isalpha()]
    heavy = [word for word in words if word.lower() not in _LIGHT]
    part = heavy[: len(letters)] if is_first else heavy[-len(letters) :]
    return len(part) == len(letters) and [word[0].lower() for word in part] == letters
