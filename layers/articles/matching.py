"""Find the names of the registry in a text: at word boundaries, in the right case, the longest first."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from layers.articles.cities import SMALL_CITY, GazetteerCity
from layers.articles.entries import Entry
from layers.articles.fold import Squeezed
from layers.articles.registry import Registry

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A known name at a place of the squeezed text."""

    start: int
    end: int
    key: str
    entries: tuple[Entry, ...]
    cities: tuple[GazetteerCity, ...] = ()

    @property
    def is_mask(self) -> bool:
        """Tell whether the name only keeps others from being found in it."""
        return bool(self.entries) and not any(entry.target for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the matcher sees it."""

    squeezed: Squeezed
    language: str
    lower_lines: tuple[tuple[int, int], ...]
    """Stretches of the raw text without a capital letter, where case tells nothing."""
    title_lines: tuple[tuple[int, int], ...]
    """Headlines with a capital at nearly every word, where a capital beside a name tells nothing."""

    def raw(self, start: int, end: int) -> str:
        """Return the raw text of a stretch of the squeezed one."""
        first, last = self.squeezed.raw_span(start, end)
        return self.squeezed.raw[first:last]

    def is_lower_line(self, start: int) -> bool:
        """Tell whether a stretch of the squeezed text stands in a line without capitals."""
        return _holds(self.lower_lines, self.squeezed.starts[start])

    def is_title_line(self, position: int) -> bool:
        """Tell whether a position of the raw text lies in a headline with capitals throughout."""
        return _holds(self.title_lines, position)


def _holds(stretches: tuple[tuple[int, int], ...], position: int) -> bool:
    number = bisect_right(stretches, (position, 2**62)) - 1
    return number >= 0 and stretches[number][0] <= position < stretches[number][1]


def read(squeezed: Squeezed, language: str) -> Reading:
    """Prepare a text for matching."""
    lower, titles = [], []
    position = 0
    for line in squeezed.raw.splitlines(keepends=True):
        stretch = (position, position + len(line))
        if line.islower() and len(line.split()) > 2:
            lower.append(stretch)
        elif len(line) < 250 and _is_title(line):
            titles.append(stretch)
        position += len(line)
    return Reading(squeezed, language, tuple(lower), tuple(titles))


def _is_title(line: str) -> bool:
    words = [
        word
        for word in re.findall(r"[^\W\d_]{4,}", line)
        if word.lower() not in {"with", "from", "over", "into", "after", "amid"}
    ]
    return len(words) > 2 and not line.rstrip().endswith(".") and all(word[0].isupper() for word in words)


def find_names(reading: Reading, registry: Registry) -> list[Hit]:
    """Return all names in a text that stand at word boundaries in an acceptable case; they may overlap."""
    text = reading.squeezed.text
    hits = []
    for last, key in registry.automaton.iter(text):
        start, end = last - len(key) + 1, last + 1
        if not _at_boundary(text, start, end, reading.language):
            continue
        entries = tuple(entry for entry in registry.entries[key] if _case_fits(entry, reading, start, end))
        if entries and not _has_plain_end(key, entries, reading.raw(start, end), registry):
            hits.append(Hit(start, end, key, entries))
    return hits


def _at_boundary(text: str, start: int, end: int, language: str) -> bool:
    if _CJK.match(text, start):
        return True
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() and not _CJK.match(before):
        return False
    if after.isalnum() and not _CJK.match(after):
        return False
    if after == "'" and end + 1 < len(text) and text[end + 1].isalnum() and language != "tr":
        # "Xi'an" is not "Xi"; a possessive is
        return text[end + 1] == "s" and (end + 2 >= len(text) or not text[end + 2].isalnum())
    return True


_PLACE_ENDS = re.compile(
    r".{2,}(?: (?:pass|port|seaport|border crossing|railway station|station|dry port)|口岸)", re.IGNORECASE
)


def _has_plain_end(key: str, entries: Sequence[Entry], raw: str, registry: Registry) -> bool:
    """Tell whether a name ends in a word for its kind ("Torugart pass", "Marmaray tunnel") that can be left out."""
    is_place = all(entry.kind == "place" for entry in entries)
    if is_place and _PLACE_ENDS.fullmatch(key):
        rest = key.removesuffix("口岸")
        rest = rest if rest != key else key.rpartition(" ")[0]
        rest = rest.removesuffix(" border").removesuffix(" railway").removesuffix(" dry")
        return any(entry.kind == "place" for entry in registry.entries.get(rest, ()))
    if " " in raw and raw.rpartition(" ")[2].islower() and key.rpartition(" ")[2] not in _PLAIN_ENDS:
        rest = key.rpartition(" ")[0]
        own = {entry.target for entry in entries}
        return any(entry.target in own for entry in registry.entries.get(rest, ()))
    return False


def _case_fits(entry: Entry, reading: Reading, start: int, end: int) -> bool:  # noqa: PLR0911 - one per rule
    name = entry.name
    raw = reading.raw(start, end)
    if not _has_case(name):
        return True
    letters = [letter for letter in name if letter.isalpha()]
    if entry.language == "tr" and entry.role in {"adjective", "people", "initials"} and reading.language != "tr":
        # "Fin", "Rus" and "AB" are Turkish only
        return False
    if all(letter.isupper() for letter in letters) and len(letters) <= 6:
        # initials: "US" is a country, "us" is not; "Who" is not WHO
        return all(letter.isupper() for letter in raw if letter.isalpha()) and not _is_shouted(reading, start, end)
    if raw.isupper() and len(letters) <= 4 and " " not in name and entry.kind == "place":
        return False
    if name.islower() or raw == name:
        return True
    if reading.is_lower_line(start):
        return entry.kind in {"country", "region", "initiative", "organisation"} or " " in name
    first = next((position for position, letter in enumerate(name) if letter.isupper()), 0)
    words = raw.split()
    if first == 0:
        if not raw[0].isupper() and not raw[0].isdigit():
            return False
        if entry.kind in {"line", "corridor"} and len(words) > 1 and entry.role != "mask":
            return _is_written_as_name(name, raw)
        return True
    return any(letter.isupper() for letter in raw)


_SHOUTED = frozenset({"us", "who", "tap", "bam", "eco", "un", "in", "it"})


def _is_shouted(reading: Reading, start: int, end: int) -> bool:
    """Tell whether initials that are also a word stand among words in capitals: "CONTACT US NOW"."""
    if reading.squeezed.text[start:end] not in _SHOUTED:
        return False
    first, last = reading.squeezed.raw_span(start, end)
    beside = re.findall(r"[^\W\d_]{2,}", reading.squeezed.raw[max(0, first - 20) : first].split("\n")[-1])[-1:]
    beside += re.findall(r"[^\W\d_]{2,}", reading.squeezed.raw[last : last + 20].split("\n")[0])[:1]
    return any(word.isupper() and len(word) > 3 for word in beside)


_PLAIN_ENDS = frozenset(
    ["railway", "railroad", "corridor", "route", "pipeline", "road", "highway", "line", "ferry", "bridge", "track"]
)


def _is_written_as_name(name: str, raw: str) -> bool:
    """Tell whether each capitalised word of a line's name, but a closing "railway" and the like, is capitalised."""
    named, written = _WORD.findall(name.replace("’", "'")), _WORD.findall(raw.replace("’", "'"))
    if len(named) != len(written):
        return raw[0].isupper()
    for number, (one, other) in enumerate(zip(named, written, strict=True)):
        is_end = number == len(named) - 1 and number > 1 and other.lower() in _PLAIN_ENDS
        if one[0].isupper() and other[0].islower() and not is_end and number:
            return (
                other.lower() in _PLAIN_ENDS and any(word[0].isupper() for word in written[1:number])
            ) or number == len(named) - 1
    return True


def _has_case(name: str) -> bool:
    return name.lower() != name.upper()


def find_cities(reading: Reading, registry: Registry) -> list[Hit]:
    """Return capitalised words, up to four in a row, that are cities of the gazetteer."""
    text = reading.squeezed.text
    words = [found.span() for found in _WORD.finditer(text)]
    hits = []
    for number, (start, _) in enumerate(words):
        if not reading.squeezed.raw[reading.squeezed.starts[start]].isupper():
            continue
        for end_number in range(min(number + 4, len(words)) - 1, number - 1, -1):
            end = words[end_number][1]
            key = text[start:end]
            found = registry.cities(key)
            if not found and key.endswith("'s"):
                end -= 2
                found = registry.cities(key[:-2])
            if found:
                hits.append(Hit(start, end, text[start:end], (), found))
                break
    return hits


def longest(hits: Iterable[Hit], taken: Sequence[tuple[int, int]] = ()) -> list[Hit]:
    """Return hits that do not overlap each other, longer ones first, then those of the catalogue, in text order."""
    chosen: list[Hit] = []
    busy: set[int] = set()
    for start, end in taken:
        busy.update(range(start, end))
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, not hit.entries, hit.start)):
        if busy.isdisjoint(range(hit.start, hit.end)):
            busy.update(range(hit.start, hit.end))
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)


def is_small(city: GazetteerCity) -> bool:
    """Tell whether a city is looked for only inside the area of interest."""
    return city.population < SMALL_CITY


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each word."""
    for found in _WORD.finditer(text):
        yield found.span()
