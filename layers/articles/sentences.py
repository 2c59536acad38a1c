"""Where sentences and lines of a text begin, and how each line is written."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_BREAK = re.compile(
    r"(?:(?<![.!?…])[.!?…]++[\"'’”»)\]]*(?:\[\^?[\w-]{1,80}\])*\s++(?=[\"'“«(\[‘]?[A-ZА-ЯЁ0-9ÇĞİÖŞÜ“«‘])|[。！？]+[”」』]?|(?<!\s)[^\S\n]*+\n\s*+)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|Gen|Sen|Rep|St|No|vs|Jr|Sr|Co|Corp|Inc|Ltd|approx|ca|cf|e\.g|i\.e|U\.S|U\.K|U\.N|C|Art|Fig|г|гг|им|тыс|т\.е|т\.д)|\b[A-Z])\.$"
)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Starts of sentences, the first one 0."""

    starts: tuple[int, ...]
    length: int

    def span(self, position: int) -> tuple[int, int]:
        """Return start and end of the sentence at a position."""
        number = bisect_right(self.starts, position) - 1
        end = self.starts[number + 1] if number + 1 < len(self.starts) else self.length
        return self.starts[number], end

    def number(self, position: int) -> int:
        """Return which sentence a position lies in."""
        return bisect_right(self.starts, position) - 1


def find_sentences(text: str) -> Sentences:
    """Split a text into sentences; headings and list items count as sentences."""
    starts = [0]
    for found in _BREAK.finditer(text):
        before = text[max(0, found.start() - 8) : found.start() + 1]
        if text[found.start()] == "." and _ABBREVIATION.search(before):
            continue
        if found.end() > starts[-1]:
            starts.append(found.end())
    return Sentences(tuple(starts), len(text))
