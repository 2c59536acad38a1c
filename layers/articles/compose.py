"""Names of lines put together from the names of places: "A–B(–C) railway", "railway linking A, B and C"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from layers.articles.choose import fits_generic
from layers.articles.entries import Entry
from layers.articles.matching import Hit, Reading
from layers.articles.registry import Registry
from layers.articles.signatures import Signature

_DASHES = "-‐‑‒–—―−/"
_DASH = re.escape(_DASHES)
_LINK = re.compile(rf"\s*[{_DASH}]\s*|\s*,\s*(?:and\s+|и\s+|ve\s+)?|\s+(?:and|to|и|ve)\s+|[和、]|·")
_DASH_LINK = re.compile(rf"\s*[{_DASH}]\s*")
_GENERIC_AFTER = re.compile(
    rf"[\s{_DASH}]*(?:\([A-Z][\w+-]{{1,7}}\)\s+)?"
    r"(?:(?:high-speed|freight|natural|gas|oil|crude|transit|transport|economic|trade|rail|road|road-rail"
    r"|multimodal|international|cross-border|container|new|planned|proposed|future|long-planned|land|overland"
    r"|railroad|railway|trans-border|strategic|energy|electric|electrified)[\s-]+){0,4}?"
    r"(?:railway(?:\s+line)?|railroad|rail(?:\s+(?:line|link|road))?|corridor|pipelines?|highway|expressway"
    r"|motorway|ferry|line|(?:trade |transport |transit |freight |rail |land )?route)\b"
    r"|\s*(?:[(（][A-Z]{2,7}[)）]\s*)?(?:天然气管道|原油管道|石油管道|输油管道|油气管道|高速铁路|铁路|高速公路|公路|管道|经济走廊|走廊|班列)"
    r"|[\s-]+(?:\([A-Z]{2,7}\)\s+)?(?:(?:ekonomik|ulaştırma|doğal gaz|doğalgaz|petrol|gaz)\s+){0,2}(?:demiryolu"
    r"|koridoru|boru hattı"
    r"|karayolu)\w*",
    re.IGNORECASE,
)
_GENERIC_BEFORE = re.compile(
    r"(?:\b(?:railway|railroad|rail line|rail link|corridor|pipeline|highway)\s+(?:(?:that\s+)?(?:will\s+"
    r"|would\s+|is\s+to\s+)?(?:linking|link|links|connecting|connect|connects|joining|between|from)\s+)"
    r"|(?:железн\w+\s+дорог\w*|железнодорожн\w+\s+(?:лини\w+|магистрал\w+)|газопровод\w*|нефтепровод\w*"
    r"|трубопровод\w*|коридор\w*|автомагистрал\w+|автодорог\w+|магистрал\w+|маршрут\w*)\s+[«\"“]?)$",
    re.IGNORECASE,
)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_MOST = 8
"""So many parts at most; lists of countries are longer."""
_ZH_SHORT = {
    "中": "CHN",
    "俄": "RUS",
    "哈": "KAZ",
    "吉": "KGZ",
    "乌": "UZB",
    "塔": "TJK",
    "土": "TKM",
    "阿": "AFG",
    "蒙": "MNG",
    "巴": "PAK",
    "伊": "IRN",
    "缅": "MMR",
    "老": "LAO",
    "泰": "THA",
    "越": "VNM",
    "印": "IND",
    "匈": "HUN",
    "塞": "SRB",
}
_ZH_COMPOUND = re.compile(
    rf"([{''.join(_ZH_SHORT)}]{{2,5}})(天然气管道|原油管道|石油管道|输油管道|油气管道|铁路|公路|管道|经济走廊|走廊)"
)


@dataclass(frozen=True, slots=True)
class Element:
    """One part of a composed name, in the raw text."""

    start: int
    end: int
    targets: frozenset[str]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A name of a line put together from parts."""

    start: int
    end: int
    generic: str
    elements: tuple[Element, ...]
    targets: tuple[str, ...]
    """What it means; several where the text does not tell them apart, none where no line joins these parts."""
    is_exact: bool
    """All parts are those of a name of the line, not only its ends or its countries."""


def find_composed(hits: Sequence[Hit], reading: Reading, registry: Registry) -> list[Composed]:
    """Return all composed names; those that mean no known line only where dashes join the parts."""
    text = reading.squeezed.raw
    found = []
    for chain in _chains(_elements(hits, reading, registry), text):
        composed = _composed(chain, text, registry)
        if composed is not None:
            found.append(composed)
    return [*found, *_chinese(text, registry)]


def _elements(hits: Sequence[Hit], reading: Reading, registry: Registry) -> list[Element]:
    text = reading.squeezed.raw
    found: dict[int, Element] = {}
    for hit in hits:
        entries = tuple(entry for entry in hit.entries if entry.kind in {"country", "place", "region"})
        targets = {entry.target for entry in entries} | {city.target for city in hit.cities}
        if targets:
            start, end = reading.squeezed.raw_span(hit.start, hit.end)
            found[start] = Element(start, end, frozenset(targets), entries)
    for word in re.finditer(rf"(?<![\w])(?:{'|'.join(map(re.escape, registry.initials))})(?=[\s{_DASH}])", text):
        # initials count only in a chain joined with dashes: "China-KR-Ruuz railway"
        beside = text[max(0, word.start() - 1) : word.start()] + text[word.end() : word.end() + 1]
        if word.start() not in found and any(letter in _DASHES for letter in beside):
            entries = registry.initials[word.group()]
            found[word.start()] = Element(word.start(), word.end(), frozenset(e.target for e in entries), entries)
    return [found[start] for start in sorted(found)]


def _chains(elements: Sequence[Element], text: str) -> Iterable[tuple[Element, ...]]:
    """Yield runs of elements joined with dashes, commas or "and", each as long as it goes."""
    chain: list[Element] = []
    for element in elements:
        if chain and _LINK.fullmatch(text, chain[-1].end, element.start):
            chain.append(element)
            continue
        if len(chain) > 1:
            yield tuple(chain)
        chain = [element]
    if len(chain) > 1:
        yield tuple(chain)


def _composed(chain: tuple[Element, ...], text: str, registry: Registry) -> Composed | None:
    after = _GENERIC_AFTER.match(text, chain[-1].end)
    before = _GENERIC_BEFORE.search(text, max(0, chain[0].start - 70), chain[0].start)
    # in a list, the parts of the name may be only the last ones: "ties with Iran, and the China–Kazakhstan pipeline"
    for first in range(max(0, len(chain) - _MOST), len(chain) - 1) if after else ():
        part = chain[first:]
        generic = after.group().strip(f" {_DASHES}") if after else ""
        is_dashed = all(_DASH_LINK.fullmatch(text, a.end, b.start) for a, b in pairwise(part))
        targets, is_exact = resolve([element.targets for element in part], generic, registry)
        if targets and (is_dashed or is_exact):
            return Composed(part[0].start, after.end() if after else 0, generic, part, targets, is_exact)
        if is_dashed and not re.search(r"\bline$", generic, re.IGNORECASE):
            return Composed(part[0].start, after.end() if after else 0, generic, part, (), is_exact=False)
    if before and not after:
        # "дорога Китай – Кыргызстан – Узбекистан", "railway linking China, Kyrgyzstan and Uzbekistan"
        generic = before.group().strip()
        for last in range(min(len(chain), _MOST), 1, -1):
            part = chain[:last]
            targets, is_exact = resolve([element.targets for element in part], generic, registry)
            if targets and is_exact:
                # in Russian the word stands before the name, declined by the sentence, and is no part of it
                start = part[0].start if _CYRILLIC.search(generic) else before.start()
                return Composed(start, part[-1].end, generic, part, targets, is_exact)
    return None


def resolve(parts: Sequence[frozenset[str]], generic: str, registry: Registry) -> tuple[tuple[str, ...], bool]:
    """Return the lines or corridors that join the parts and are of the kind of the word, and whether exactly."""
    ranked: dict[str, tuple[int, bool]] = {}
    near = {signature for target in parts[0] | parts[-1] for signature in registry.signatures.get(target, ())}
    for signature in near:
        score = _score(parts, signature)
        if score and fits_generic(signature.target, generic, registry):
            best = ranked.get(signature.target, (0, False))
            ranked[signature.target] = max(best, (score, len(parts) == len(signature.parts)))
    if not ranked:
        return (), False
    top = max(score for score, _ in ranked.values())
    order = {target: number for number, target in enumerate(registry.entities)}
    kept = sorted((target for target, (score, _) in ranked.items() if score == top), key=order.__getitem__)
    return tuple(kept), all(ranked[target][1] for target in kept)


def _score(parts: Sequence[frozenset[str]], signature: Signature) -> int:
    """Return how well parts fit a signature: all of them in either direction, or a part of them with both ends."""
    best = 0
    for own in (signature.parts, signature.parts[::-1]):
        if len(own) == len(parts) and all(a & b for a, b in zip(own, parts, strict=True)):
            best = max(best, 10 * signature.weight)
        elif len(own) == len(parts) > 2 and _is_same_set(own, parts):
            best = max(best, 10 * signature.weight - 3)
        elif (signature.weight > 1 or len(parts) > 2) and _has_same_ends(own, parts):
            best = max(best, 10 * signature.weight - 5)
    return best


def _has_same_ends(own: Sequence[frozenset[str]], parts: Sequence[frozenset[str]]) -> bool:
    is_same = own[0] & parts[0] and own[-1] & parts[-1]
    return bool(is_same) and (_is_subsequence(parts, own) or _is_subsequence(own, parts))


def _is_same_set(own: Sequence[frozenset[str]], parts: Sequence[frozenset[str]]) -> bool:
    return all(any(one & part for part in parts) for one in own) and all(
        any(part & one for one in own) for part in parts
    )


def _is_subsequence(parts: Sequence[frozenset[str]], own: Sequence[frozenset[str]]) -> bool:
    rest = iter(own)
    return all(any(part & other for other in rest) for part in parts)


def _chinese(text: str, registry: Registry) -> list[Composed]:
    """Return names such as 中吉乌铁路, in which one character stands for a country."""
    found = []
    for word in _ZH_COMPOUND.finditer(text):
        elements = tuple(
            Element(
                word.start() + number,
                word.start() + number + 1,
                frozenset({f"country:{_ZH_SHORT[letter]}"}),
                (Entry(f"country:{_ZH_SHORT[letter]}", "country", letter, "initials", "zh"),),
            )
            for number, letter in enumerate(word.group(1))
        )
        targets, is_exact = resolve([element.targets for element in elements], word.group(2), registry)
        found.append(Composed(word.start(), word.end(), word.group(2), elements, targets, is_exact))
    return found
