"""Group articles that are the same text, or nearly: a report printed by ten papers is one report.

Texts are compared by their MinHash signatures: of runs of words where words are spaced, of letters where they are not.
Only the signature of a text is kept, so thousands of articles need little memory.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from layers.articles.fold import name_key

if TYPE_CHECKING:
    from datasketch import MinHash

LIKENESS = 0.8
"""Share of common runs from which two texts are near-duplicates: the same report with another headline or ending."""
_PERMUTATIONS = 64
_WORDS, _LETTERS = 4, 6


@dataclass
class DuplicateFinder:
    """Takes texts one by one and tells at the end which belong together."""

    _first_of: dict[str, str] = field(default_factory=dict)
    _signatures: dict[str, MinHash] = field(default_factory=dict)
    _same: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, text: str) -> None:
        """Add one article under its id; an id given again is ignored."""
        plain = name_key(text)
        digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
        first = self._first_of.setdefault(digest, key)
        if first != key:
            if key not in self._same.setdefault(first, []):
                self._same[first].append(key)
        elif key not in self._signatures:
            self._signatures[key] = _signature(plain)

    def has(self, key: str) -> bool:
        """Whether an article of this id was added."""
        return key in self._signatures or any(key in others for others in self._same.values())

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the groups of two and more ids, each and all sorted."""
        if len(self._signatures) + sum(map(len, self._same.values())) < 2:
            return ()
        from datasketch import MinHashLSH

        index = MinHashLSH(threshold=LIKENESS, num_perm=_PERMUTATIONS)
        leader: dict[str, str] = {}
        for key, signature in self._signatures.items():
            near = [other for other in index.query(signature) if self._signatures[other].jaccard(signature) >= LIKENESS]
            leader[key] = min((leader[other] for other in near), default=key)
            for joined in {leader[other] for other in near}:
                leader |= {member: leader[key] for member, old in leader.items() if old == joined}
            index.insert(key, signature)
        members: dict[str, list[str]] = {}
        for key, first in leader.items():
            members.setdefault(first, []).extend((key, *self._same.get(key, ())))
        return tuple(sorted(tuple(sorted(group)) for group in members.values() if len(group) > 1))


def _signature(plain: str) -> MinHash:
    from datasketch import MinHash

    # crc32 spreads runs of words well enough, and takes a fifth of the time of SHA-1
    signature = MinHash(num_perm=_PERMUTATIONS, seed=1, hashfunc=zlib.crc32)
    words = plain.split(" ")
    # a script without spaces has few words, long ones
    if len(plain) > 12 * len(words):
        runs = {plain[start : start + _LETTERS] for start in range(max(1, len(plain) - _LETTERS + 1))}
    else:
        runs = {" ".join(words[start : start + _WORDS]) for start in range(max(1, len(words) - _WORDS + 1))}
    signature.update_batch([run.encode("utf-8", "surrogatepass") for run in runs])
    return signature


def duplicates_of(groups: tuple[tuple[str, ...], ...]) -> Mapping[str, tuple[str, ...]]:
    """Return for each id of a group the other ids of it.

    >>> duplicates_of((("a", "b"),))
    {'a': ('b',), 'b': ('a',)}
    """
    return {key: tuple(other for other in group if other != key) for group in groups for key in group}
