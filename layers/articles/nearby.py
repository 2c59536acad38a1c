"""Look up what stands in a stretch of a text without going through all of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from layers.articles.sentences import Sentences

REACH = 1500
"""Characters to either side that count as the sentence of a word, where a text has no full stops."""


class Placed(Protocol):
    """Anything with a position in a text."""

    @property
    def start(self) -> int:
        """Where it begins."""


T = TypeVar("T", bound=Placed)


class Nearby(Generic[T]):
    """Things of one text by position."""

    def __init__(self, things: Iterable[T]) -> None:
        self._things = sorted(things, key=lambda one: one.start)
        self._starts = [one.start for one in self._things]

    def within(self, start: int, end: int) -> list[T]:
        """Return the things that begin in a stretch, in order."""
        return self._things[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def is_citation(text: str, position: int) -> bool:
    """Tell whether a position lies in a line with the address of a page, as in a list of sources."""
    lo, hi = text.rfind("\n", 0, position) + 1, text.find("\n", position)
    return text.find("://", lo, len(text) if hi < 0 else hi) >= 0 and (hi if hi >= 0 else len(text)) - lo < REACH


def sentence_around(sentences: Sentences, start: int, end: int) -> tuple[int, int]:
    """Return the sentence of a stretch, cut off where it is longer than any sentence is."""
    lo, hi = sentences.span(start)
    return max(lo, start - REACH), min(max(hi, end), end + REACH)
