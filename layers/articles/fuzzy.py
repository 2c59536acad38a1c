"""Misspelt names: one edit away from a known one, long enough, never across digits, never another known name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from layers.articles.entries import INFRASTRUCTURE, Entry
from layers.articles.matching import Hit, Reading
from layers.articles.registry import Registry

MIN_LENGTH = 8
_MAX_LENGTH = 60
_MAX_WORDS = 5
_NUMBER = re.compile(r" ?\d")
_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Known names by what is left of them without one letter."""

    by_deletion: dict[str, tuple[str, ...]]

    def near(self, key: str) -> list[str]:
        """Return names one edit (Damerau–Levenshtein) away from a comparable name, in order."""
        found = {name for part in _deletions(key) for name in self.by_deletion.get(part, ())}
        digits = [letter for letter in key if letter.isdigit()]
        return sorted(
            name
            for name in found
            if name[0] == key[0]
            and DamerauLevenshtein.distance(key, name, score_cutoff=1) == 1
            and [letter for letter in name if letter.isdigit()] == digits
        )


def neighbours(registry: Registry) -> Neighbours:
    """Return the index of a registry, built at its first use."""
    return registry.kept("neighbours", lambda: _build(registry))


def _build(registry: Registry) -> Neighbours:
    found: dict[str, set[str]] = {}
    for key, entries in registry.entries.items():
        if MIN_LENGTH - 1 <= len(key) <= _MAX_LENGTH and any(_is_curated(entry) for entry in entries):
            for part in _deletions(key):
                found.setdefault(part, set()).add(key)
    return Neighbours({part: tuple(sorted(keys)) for part, keys in found.items()})


def _is_curated(entry: Entry) -> bool:
    return bool(entry.target) and entry.role in {"main", "alias"} and entry.name.isascii()


def _deletions(key: str) -> set[str]:
    return {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))}


def find_misspelt(hits: Sequence[Hit], reading: Reading, registry: Registry) -> Iterator[Hit]:
    """Yield hits for misspelt names; each holds the entries of the names it is near to."""
    text, raw, starts = reading.squeezed.text, reading.squeezed.raw, reading.squeezed.starts
    words = [found.span() for found in _WORD.finditer(text)]
    is_capital = [raw[starts[start]].isupper() for start, _ in words]
    inside = _covered(hits, len(text))
    is_unknown = [
        capital and not inside[start] and not _is_known(text[start:end], registry)
        for capital, (start, end) in zip(is_capital, words, strict=True)
    ]
    index = neighbours(registry)
    done = 0
    for first, (start, _) in enumerate(words):
        if start < done or not is_capital[first]:
            continue
        for last in range(min(first + _MAX_WORDS, len(words)) - 1, first - 1, -1):
            end = words[last][1]
            if not is_capital[last] or not any(is_unknown[first : last + 1]) or _is_cut(start, end, inside, text):
                continue
            key = text[start:end].removesuffix("'s")
            if len(key) < MIN_LENGTH or _is_known(key, registry):
                continue
            near = index.near(key)
            entries = tuple(entry for name in near for entry in registry.entries[name] if _is_curated(entry))
            if _NUMBER.match(text, start + len(key)):
                # "Nord Streem 3" is not a misspelt "Nord Stream"
                entries = tuple(entry for entry in entries if entry.kind not in INFRASTRUCTURE)
            if entries and not _is_trusted(entries, key, text[max(0, start - 3) : start]):
                entries = ()
            if entries:
                done = start + len(key)
                yield Hit(start, done, key, entries)
                break


def _is_trusted(entries: Sequence[Entry], key: str, before: str) -> bool:
    """Tell whether a near name is more than an everyday word: "Constants" opens a sentence, Constanta is a port."""
    starts_sentence = not before.strip() or before.rstrip()[-1:] in ".!?:" or "\n" in before
    is_place = all(entry.kind == "place" for entry in entries)
    return not (is_place and " " not in key and starts_sentence)


def _is_known(key: str, registry: Registry) -> bool:
    bare = key.removesuffix("'s")
    return bool(registry.entries.get(bare) or registry.cities(bare))


def _covered(hits: Sequence[Hit], length: int) -> bytearray:
    covered = bytearray(length + 1)
    for hit in hits:
        covered[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
    return covered


def _is_cut(start: int, end: int, inside: bytearray, text: str) -> bool:
    """Tell whether a stretch would cut a known name, or runs over a full stop, a comma or a line."""
    if (start and inside[start] and inside[start - 1]) or (end < len(text) and inside[end] and inside[end - 1]):
        return True
    return bool(re.search(r"[,;:!?()\n\"]|\. ", text[start:end]))
