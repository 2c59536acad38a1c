"""Find entities by name in any listed language and spelling."""

from __future__ import annotations

import csv
import gzip
import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from geo.errors import BaseDataError
from geo.store import DATA_DIR
from layers.catalogue import Catalogue
from layers.schema import LANGUAGES, Names, PlaceKind

# a misspelling is forgiven in names of at least this many letters, and one letter only
_FUZZY_MIN_LENGTH = 6
# when one name fits several places, the kind a reader means first
_KIND_RANK = {
    kind: rank for rank, kind in enumerate((PlaceKind.CITY, PlaceKind.BORDER, PlaceKind.PORT, PlaceKind.DRY_PORT))
}
_TARGET_RANK = {"place": 0, "country": 1, "corridor": 2, "line": 3, "area": 4}
_MATCH_RANK = {"exact": 0, "alias": 1, "fuzzy": 2}


def fold_name(text: str) -> str:
    """Return a name without case, accents, punctuation and spaces, for comparison.

    >>> fold_name("Xi’an") == fold_name("XIAN")
    True
    """
    # twice: folding case undoes some decompositions, and decomposing brings out capitals of mathematical letters
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in bare if letter.isalnum()).replace("ı", "i")


@dataclass(frozen=True, slots=True)
class Match:
    """One search result."""

    id: str
    target: str
    name: str
    kind: str
    lon: float | None
    lat: float | None
    match: str
    """``exact`` (a main name), ``alias``, or ``fuzzy`` (one letter off, or only the beginning)."""
    language: str


@dataclass(frozen=True, slots=True)
class _Entry:
    target: str
    kind: str
    rank: tuple[int, int]
    name: str
    language: str
    is_main: bool


@dataclass(frozen=True)
class NameIndex:
    """Names of all catalogue entities."""

    catalogue: Catalogue

    @cached_property
    def _entries(self) -> dict[str, list[_Entry]]:
        entries: dict[str, list[_Entry]] = {}
        for entry in self._all_entries():
            entries.setdefault(fold_name(entry.name), []).append(entry)
        return entries

    def _all_entries(self) -> Iterator[_Entry]:
        cat = self.catalogue
        for place in cat.places.values():
            rank = (_TARGET_RANK["place"], _KIND_RANK.get(place.kind, 9))
            codes = [code for code in (place.unlocode, place.iata) if code]
            aliases = [*place.aliases, place.id, *codes]
            yield from _entries_of(f"place:{place.id}", place.kind.value, rank, place.names, aliases)
        for code, names in country_names().items():
            if code in cat.countries:
                yield from _entries_of(f"country:{code}", "country", (_TARGET_RANK["country"], 0), names, [code])
        for line in cat.lines.values():
            rank = (_TARGET_RANK["line"], 0)
            yield from _entries_of(f"line:{line.id}", line.mode.value, rank, line.names, [*line.aliases, line.id])
        for corridor in cat.corridors.values():
            rank = (_TARGET_RANK["corridor"], 0)
            aliases = [*corridor.aliases, corridor.id]
            yield from _entries_of(f"corridor:{corridor.id}", corridor.kind, rank, corridor.names, aliases)
        for area in cat.areas.values():
            rank = (_TARGET_RANK["area"], 0)
            yield from _entries_of(f"area:{area.id}", "area", rank, Names(en=area.name), [area.id])

    def search(self, text: str, *, limit: int = 10) -> list[Match]:
        """Return matches from the best to the least, one per entity; empty for text without letters."""
        key = fold_name(text)
        if not key:
            return []
        hits = [(entry, "exact" if entry.is_main else "alias") for entry in self._entries.get(key, ())]
        if not hits:
            hits = [(entry, "fuzzy") for name in self._similar(key) for entry in self._entries[name]]
        if len(hits) < limit and len(key) >= 3:
            seen = {entry.target for entry, _ in hits}
            starts = sorted(name for name in self._entries if name.startswith(key))
            hits += [(e, "fuzzy") for name in starts for e in self._entries[name] if e.target not in seen]
        best: dict[str, tuple[tuple[int, tuple[int, int], str], Match]] = {}
        for entry, kind in hits:
            order = (_MATCH_RANK[kind], entry.rank, entry.target)
            if entry.target not in best or order < best[entry.target][0]:
                best[entry.target] = (order, self._match(entry, kind))
        exact = {target for target, (order, _) in best.items() if order[0] == 0}
        ordered = sorted(best.values(), key=lambda item: (item[1].target not in exact, item[0]))
        return [match for _, match in ordered[:limit]]

    def places(self, text: str) -> list[Match]:
        """Return only the places a name leads to, the likeliest first, not counting names that merely start alike."""
        key = fold_name(text)
        hits = [(entry, "exact" if entry.is_main else "alias") for entry in self._places_called(key)]
        if not hits:
            hits = [(entry, "fuzzy") for name in self._similar(key) for entry in self._places_called(name)]
        # Jalal-Abad and Jalalabad fold to one key but are two cities: the very spelling goes first
        spelling = text.strip().casefold()
        hits.sort(key=lambda hit: (hit[0].name.casefold() != spelling, _MATCH_RANK[hit[1]], hit[0].rank, hit[0].target))
        found: dict[str, Match] = {}
        for entry, kind in hits:
            found.setdefault(entry.target, self._match(entry, kind))
        return list(found.values())

    def _places_called(self, key: str) -> list[_Entry]:
        return [entry for entry in self._entries.get(key, ()) if entry.target.startswith("place:")]

    def _similar(self, key: str) -> list[str]:
        """Return known names one edit away; never across digits."""
        if len(key) < _FUZZY_MIN_LENGTH:
            return []
        digits = [letter for letter in key if letter.isdigit()]
        near = process.extract(key, list(self._entries), scorer=DamerauLevenshtein.distance, score_cutoff=1, limit=8)
        return sorted(name for name, _, _ in near if [letter for letter in name if letter.isdigit()] == digits)

    def suggestions(self, text: str) -> list[str]:
        """Return up to three names that look like the text."""
        near = process.extract(
            fold_name(text),
            list(self._entries),
            scorer=DamerauLevenshtein.normalized_similarity,
            limit=6,
            score_cutoff=0.55,
        )
        names = dict.fromkeys(self._entries[name][0].name for name, _, _ in near)
        return list(names)[:3]

    def _match(self, entry: _Entry, kind: str) -> Match:
        key = entry.target.partition(":")[2]
        place = self.catalogue.places.get(key) if entry.target.startswith("place:") else None
        return Match(
            id=key,
            target=entry.target,
            name=entry.name,
            kind=entry.kind,
            lon=place.lon if place else None,
            lat=place.lat if place else None,
            match=kind,
            language=entry.language,
        )


@lru_cache(maxsize=4)
def name_index(catalogue: Catalogue) -> NameIndex:
    """Return the index of a catalogue, the same one each time."""
    return NameIndex(catalogue)


def _entries_of(
    target: str, kind: str, rank: tuple[int, int], names: Names, aliases: Iterable[str]
) -> Iterator[_Entry]:
    for language in (*LANGUAGES, "local"):
        name = getattr(names, language)
        if name:
            yield _Entry(target, kind, rank, name, language, is_main=True)
    for alias in aliases:
        yield _Entry(target, kind, rank, alias, "", is_main=False)


@cache
def country_names() -> dict[str, Names]:
    """Return CLDR names by ISO 3166-1 alpha-3 code."""
    with (DATA_DIR / "country_names.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["iso3"]: Names(
                en=row["name_en"], ru=row["name_ru"] or None, zh=row["name_zh"] or None, tr=row["name_tr"] or None
            )
            for row in csv.DictReader(file)
        }


@dataclass(frozen=True, slots=True)
class City:
    """A city of the gazetteer that the catalogue does not list."""

    geonames_id: int
    name: str
    iso2: str
    lon: float
    lat: float
    population: int


@cache
def _gazetteer() -> dict[str, list[City]]:
    """Return gazetteer cities by folded name, the most populous first."""
    path = DATA_DIR / "gazetteer.csv.gz"
    try:
        text = gzip.decompress(path.read_bytes()).decode()
    except (OSError, EOFError) as error:
        raise BaseDataError(f"{path} cannot be read ({error}); run 'make data'") from error
    cities: dict[str, list[City]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        city = City(
            int(row["geonames_id"]),
            row["name"],
            row["iso2"],
            float(row["lon"]),
            float(row["lat"]),
            int(row["population"]),
        )
        for name in {row["name"], *row["alternates"].split(";")} - {""}:
            cities.setdefault(fold_name(name), []).append(city)
    return {name: sorted(found, key=lambda city: -city.population) for name, found in cities.items()}


def populations() -> dict[int, int]:
    """Return inhabitants by GeoNames id, for the cities of the gazetteer."""
    return {city.geonames_id: city.population for cities in _gazetteer().values() for city in cities}


def find_city(text: str) -> list[City]:
    """Return gazetteer cities of a name, the most populous first; empty when there is none."""
    return _gazetteer().get(fold_name(text), [])
