"""Find a quote again in a text that has changed, or say that it is lost.

A quote is searched in the folded text; each occurrence is scored by how alike what stands before and after it is to
what was recorded. Position only breaks ties. The rules are strict on purpose: a lost quote is seen and mended, one
that moved to a look-alike is a false statement nobody sees.

* An occurrence counts from a likeness of 0.8 on; 0.9 for quotes under 12 characters.
* One occurrence belongs to one quote at most: that which fits it clearly better than any other.
* Numbers of the context must be there: two sentences that differ in a year are two sentences.
* Where contexts are alike (repeated passages) or cut short by the end of the text, an occurrence must stand just where
  its neighbours moved to.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from layers.articles.fold import fold

CONTEXT = 32
"""Characters recorded on each side of a quote."""
_ACCEPT, _ACCEPT_SHORT, _SHORT = 0.8, 0.9, 12
# two scores nearer than this are a tie: a typing error in 64 characters of context makes 0.016
_MARGIN = 0.05
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?!\d|$)")


@dataclass(frozen=True, slots=True)
class Quote:
    """A recorded stretch of text: position in code points, what stood there, and what stood around it."""

    start: int
    exact: str
    prefix: str = ""
    suffix: str = ""
    context_sha256: str = ""
    """`context_sha256` of the place, where the context itself may not be passed on; then it must be just the same."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    score: float


def quote_at(text: str, start: int, end: int) -> Quote:
    """Return the quote at a position with its context.

    >>> quote = quote_at("from Kashgar to Osh", 5, 12)
    >>> quote.prefix, quote.exact, quote.suffix
    ('from ', 'Kashgar', ' to Osh')
    """
    return Quote(start, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def reanchor(text: str, quotes: Sequence[Quote], *, old: str = "") -> list[tuple[int, int] | None]:
    """Return for each quote its start and end in the text, or None where it is lost.

    Quotes are judged together: give all of one text at once, as they compete for the same places.

    Parameters
    ----------
    old
        The text the quotes were recorded in, where it is at hand: then every other place where the same words stood
        competes too, so that a few quotes are as safe as all.

    Examples
    --------
    >>> old = "The trains to the south of the Tian Shan stop at Kashgar before they go on to Osh and to Andijan."
    >>> reanchor(old.replace("The", "Now all", 1), [quote_at(old, 49, 56), Quote(49, "Kashgar")])
    [(53, 60), None]
    """
    distinct = list(dict.fromkeys((*quotes, *_all_alike(old, quotes))))
    spans = dict(zip(distinct, _reanchor(text, distinct), strict=True))
    return [spans[quote] for quote in quotes]


def _all_alike(old: str, quotes: Sequence[Quote]) -> Iterator[Quote]:
    """Yield every place of the old text where the words of one of the quotes stand."""
    folded = fold(old)
    for words in {fold(quote.exact): None for quote in quotes if old}:
        for match in re.finditer(re.escape(words), folded):
            yield quote_at(old, match.start(), match.end())


def context_sha256(text: str, start: int, end: int) -> str:
    """Return the hash of what stands around a position: it identifies the place and gives nothing of the text away."""
    before, after = _context(fold(text), start, end)
    return hashlib.sha256(f"{before[-CONTEXT:]}\0{after[:CONTEXT]}".encode()).hexdigest()


def _reanchor(text: str, quotes: Sequence[Quote]) -> list[tuple[int, int] | None]:
    folded = fold(text)
    candidates = [_candidates(folded, quote) for quote in quotes]
    rivals: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for number, found in enumerate(candidates):
        for candidate in found:
            rivals.setdefault((candidate.start, candidate.end), []).append((number, candidate.score))
    result: list[tuple[int, int] | None] = [None] * len(quotes)
    unsure: list[int] = []
    for number, found in enumerate(candidates):
        best = _clear_winner(found)
        sole = best is not None and _has_no_rival(rivals[best.start, best.end], number, best.score)
        if best is not None and sole and not _is_at_an_end(quotes[number]):
            result[number] = (best.start, best.end)
        elif found:
            unsure.append(number)
    _settle_by_position(quotes, candidates, unsure, result)
    return result


def _candidates(folded: str, quote: Quote) -> list[_Candidate]:
    """Return the occurrences whose context is alike enough, the best first."""
    needle = fold(quote.exact).split()
    if not needle:
        return []
    pattern = re.compile(r"\s+".join(re.escape(word) for word in needle))
    least = _ACCEPT_SHORT if len(quote.exact) < _SHORT else _ACCEPT
    found = []
    for match in pattern.finditer(folded):
        score = _score(quote, folded, match.start(), match.end())
        if score >= least:
            found.append(_Candidate(match.start(), match.end(), score))
    return sorted(found, key=lambda candidate: -candidate.score)


def _score(quote: Quote, folded: str, start: int, end: int) -> float:
    """Return how alike the surroundings of a place are to those recorded, 0 to 1."""
    if quote.context_sha256:
        return float(context_sha256(folded, start, end) == quote.context_sha256)
    # both sides are read away from the quote, so that the near end comes first
    recorded = _plain(fold(quote.prefix)).lstrip()[::-1], _plain(fold(quote.suffix)).rstrip()
    before, after = _context(folded, start, end)
    pairs = tuple(zip(recorded, (before[::-1], after), strict=True))
    if not all(_joins(old, new) and _has_numbers(old, new) for old, new in pairs):
        return 0.0
    return _likeness(*((old, new[: len(old)]) for old, new in pairs))


def _joins(recorded: str, found: str) -> bool:
    """Whether a word ends at the edge of the quote in both texts, or in neither: Osh is not in Oshkosh."""
    return recorded[:1].isalnum() == found[:1].isalnum()


def _has_numbers(recorded: str, found: str) -> bool:
    """Whether the nearest numbers are those recorded: passages that differ in a year or a sum are others."""
    # a number at the far edge may be cut
    numbers = _NUMBER.findall(recorded[:-1])
    return _NUMBER.findall(found)[: len(numbers)] == numbers


def _context(folded: str, start: int, end: int) -> tuple[str, str]:
    # twice the width, since runs of white space shrink
    before, after = folded[max(0, start - 2 * CONTEXT) : start], folded[end : end + 2 * CONTEXT]
    return _plain(before).lstrip(), _plain(after).rstrip()


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text)


def _likeness(*pairs: tuple[str, str]) -> float:
    """Return 1 minus the edits per recorded character; 0 without context: a quote alone is not enough."""
    length = sum(len(recorded) for recorded, _ in pairs)
    if length == 0:
        return 0.0
    edits = sum(Levenshtein.distance(recorded, found) for recorded, found in pairs)
    return max(0.0, 1.0 - edits / length)


def _clear_winner(found: Sequence[_Candidate]) -> _Candidate | None:
    if not found or (len(found) > 1 and found[1].score > found[0].score - _MARGIN):
        return None
    return found[0]


def _is_at_an_end(quote: Quote) -> bool:
    """Whether the text began or ended just there, so that half of the context is missing."""
    return not quote.context_sha256 and min(len(quote.prefix), len(quote.suffix)) < CONTEXT


def _has_no_rival(claims: Iterable[tuple[int, float]], number: int, score: float) -> bool:
    return all(other == number or claimed <= score - _MARGIN for other, claimed in claims)


def _settle_by_position(
    quotes: Sequence[Quote],
    candidates: Sequence[Sequence[_Candidate]],
    unsure: Sequence[int],
    result: list[tuple[int, int] | None],
) -> None:
    """Place quotes whose contexts are alike where their placed neighbours moved to (changes ``result``)."""
    placed = sorted((quotes[n].start, span[0] - quotes[n].start) for n, span in enumerate(result) if span is not None)
    taken = {span for span in result if span is not None}
    for number in unsure:
        expected = _expected_starts(placed, quotes[number].start)
        spans = {(found.start, found.end) for found in candidates[number] if found.start in expected} - taken
        if len(spans) == 1:
            taken |= spans
            (result[number],) = spans


def _expected_starts(placed: Sequence[tuple[int, int]], start: int) -> set[int]:
    """Return where a start would be if it moved as the placed quote before it and as the one after it did."""
    index = bisect_left(placed, (start, 0))
    # before the first one stands the start of the text, which does not move
    before = placed[index - 1] if index else (0, 0)
    return {start + shift for _, shift in (before, *placed[index : index + 1])}
