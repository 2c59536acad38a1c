"""All names that the engine knows, with what they may mean, ready to be found in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import ahocorasick

from layers.articles.cities import GazetteerCity, gazetteer_cities, populations
from layers.articles.declension import adjective_forms, cases
from layers.articles.entries import INFRASTRUCTURE, Entity, Entry
from layers.articles.fold import name_key
from layers.articles.signatures import Signature, is_bare, line_signatures
from layers.articles.tables import Tables, tables
from layers.catalogue import Catalogue
from layers.names import country_names
from layers.schema import LANGUAGES, Names, Place, PlaceKind

_NUMBERED = re.compile(r"(.{4,}?)[\s–-]*(?:№\s*)?(\d{1,2})(?:号)?$")
_IN_PARENTHESES = re.compile(r"\(([A-Z][^)]+)\)")
# one and the same line is called by several words of its kind
_SAME_KIND = (
    (" natural gas pipeline", (" gas pipeline", " pipeline")),
    (" gas pipeline", (" natural gas pipeline", " pipeline")),
    (" oil pipeline", (" crude oil pipeline", " pipeline")),
    (" railway", (" railroad", " rail line", " rail link")),
    (" economic corridor", (" corridor",)),
    (" transport corridor", (" corridor", " transit corridor")),
)
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI"}
_AIRPORT_WORDS = re.compile(r"airport|airfield|аэропорт|机场|havali|havaalan", re.IGNORECASE)
_CODE = re.compile(r"[A-Z0-9]{2,3}")
_CODE_NAME = re.compile(r"[A-Z]{1,5}[\s-]?\d+")
T = TypeVar("T")
# names of groups say in parentheses who belongs to them; what is left would be another name
_SHORTENED = frozenset({"line", "corridor", "place"})

_PLACE_RANK = {
    PlaceKind.CITY: 0,
    PlaceKind.PORT: 1,
    PlaceKind.BORDER: 1,
    PlaceKind.DRY_PORT: 2,
    PlaceKind.STRAIT: 2,
    PlaceKind.STATION: 3,
    PlaceKind.AIRPORT: 4,
    PlaceKind.FIELD: 5,
    PlaceKind.COMPRESSOR: 6,
    PlaceKind.PUMP: 6,
    PlaceKind.WAYPOINT: 7,
}


@dataclass(frozen=True, eq=False, repr=False)
class Registry:
    """Names and what they may mean; immutable."""

    entities: Mapping[str, Entity]
    entries: Mapping[str, tuple[Entry, ...]]
    """By comparable form of the name (``fold.name_key``)."""
    automaton: Any
    initials: Mapping[str, tuple[Entry, ...]]
    """Initials that count only inside names of lines, such as KR, as they are written."""
    common_words: frozenset[str]
    homonyms: Mapping[str, re.Pattern[str]]
    """Comparable name → words of the same sentence beside which it means something else."""
    places_by_geonames: Mapping[int, str]
    """GeoNames id → target of the catalogue's place."""
    capitals: Mapping[str, str]
    """Country code → target of its capital."""
    signatures: Mapping[str, tuple[Signature, ...]]
    """Lines and corridors by what their names join, see ``signatures``."""
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"<Registry of {len(self.entities)} targets>"

    @property
    def targets(self) -> tuple[str, ...]:
        """All targets, in order."""
        return tuple(self.entities)

    def names_of(self, target: str) -> tuple[str, ...]:
        """Return the names of a target as they are written, the main one first; empty for an unknown target."""
        entity = self.entities.get(target) or self._city(target)
        return entity.names if entity else ()

    def kind_of(self, target: str) -> str:
        """Return the kind of a target, the half before the colon."""
        return target.partition(":")[0]

    def location_of(self, target: str) -> tuple[float, float] | None:
        """Return longitude and latitude (WGS 84) of a place or city; None for areas, lines and bodies."""
        entity = self.entities.get(target) or self._city(target)
        return entity.lon_lat if entity else None

    def countries_of(self, target: str) -> tuple[str, ...]:
        """Return the countries of a target, ISO 3166-1 alpha-3; empty where none is known."""
        entity = self.entities.get(target) or self._city(target)
        return entity.countries if entity else ()

    def entity(self, target: str) -> Entity | None:
        """Return what is known of a target, cities of the gazetteer included."""
        return self.entities.get(target) or self._city(target)

    def city_target(self, city: GazetteerCity) -> str:
        """Return the target of a city: the catalogue's place where it lists the same."""
        return self.places_by_geonames.get(city.geonames_id, city.target)

    def cities(self, key: str) -> tuple[GazetteerCity, ...]:
        """Return cities of the gazetteer by comparable name, the most populous first."""
        return self._gazetteer.get(key, ())

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Return what was made once of this registry, such as an index over its names."""
        if name not in self._kept:
            self._kept[name] = make()
        made: T = self._kept[name]
        return made

    @cached_property
    def _gazetteer(self) -> Mapping[str, tuple[GazetteerCity, ...]]:
        return gazetteer_cities()

    @cached_property
    def _cities_by_target(self) -> dict[str, Entity]:
        return {
            city.target: Entity(
                city.target, "city", (city.name,), (city.country,), (city.lon, city.lat), city.population, 8
            )
            for cities in self._gazetteer.values()
            for city in cities
        }

    def _city(self, target: str) -> Entity | None:
        return self._cities_by_target.get(target) if target.startswith("city:") else None


@lru_cache(maxsize=4)
def build_registry(catalogue: Catalogue) -> Registry:
    """Return the registry of a catalogue, the same one each time."""
    rows = tables()
    entities = {entity.target: entity for entity in _entities(catalogue, rows)}
    entries: dict[str, dict[tuple[str, str], Entry]] = {}
    for entry in _entries(catalogue, rows):
        key = name_key(entry.name)
        if len(key) > 1:
            known = entries.setdefault(key, {})
            if known.setdefault((entry.target, entry.kind), entry).role == "family":
                # a curated name of the line itself goes before that of its family
                known[entry.target, entry.kind] = entry
    named = {key: tuple(found.values()) for key, found in entries.items()}
    # "Kazakhstan – China" alone is two countries; it names a line only beside a word such as pipeline
    kept = {
        key: rest
        for key, found in named.items()
        if (rest := tuple(e for e in found if e.kind not in INFRASTRUCTURE or not is_bare(e.name, named)))
    }
    automaton = ahocorasick.Automaton()
    for key in kept:
        automaton.add_word(key, key)
    automaton.make_automaton()
    return Registry(
        entities=MappingProxyType(entities),
        entries=MappingProxyType(kept),
        automaton=automaton,
        initials=MappingProxyType(_initials(rows)),
        common_words=rows.common_words,
        homonyms=MappingProxyType({row.name: _any_word(row.beside) for row in rows.homonyms}),
        places_by_geonames=MappingProxyType(
            {place.geonames_id: f"place:{place.id}" for place in catalogue.places.values() if place.geonames_id}
        ),
        capitals=MappingProxyType({code: f"place:{country.capital}" for code, country in catalogue.countries.items()}),
        signatures=MappingProxyType(line_signatures(catalogue, named)),
    )


def _initials(rows: Tables) -> dict[str, tuple[Entry, ...]]:
    found: dict[str, tuple[Entry, ...]] = {}
    for row in rows.countries:
        for short in row.abbreviations:
            found[short] = (*found.get(short, ()), Entry(f"country:{row.id}", "country", short, "initials", "en"))
    return found


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(word) for word in words) + r")\b")


def _entities(catalogue: Catalogue, rows: Tables) -> Iterator[Entity]:
    for code, names in country_names().items():
        yield Entity(f"country:{code}", "country", _all(names), (code,))
    capitals = {country.capital for country in catalogue.countries.values()}
    people = populations()
    for place in catalogue.places.values():
        yield Entity(
            f"place:{place.id}",
            "place",
            _all(place.names, place.aliases),
            (place.country,),
            (place.lon, place.lat),
            people.get(place.geonames_id or 0, 0),
            _PLACE_RANK.get(place.kind, 7),
            place.kind.value,
            place.id in capitals,
        )
    for line in catalogue.lines.values():
        points = [point for section in line.sections for point in section.waypoints if isinstance(point, str)]
        codes = tuple(dict.fromkeys(catalogue.places[point].country for point in points))
        yield Entity(f"line:{line.id}", "line", _all(line.names, line.aliases), codes, mode=line.mode.value)
    for corridor in catalogue.corridors.values():
        yield Entity(
            f"corridor:{corridor.id}",
            "corridor",
            _all(corridor.names, corridor.aliases),
            corridor.countries,
            mode=corridor.kind,
        )
    called = {row.id: _all(row.names, row.aliases) for row in rows.groups}
    for group in catalogue.groups.values():
        kind = group_kind(group.kind)
        own = dict.fromkeys((group.name, *called.get(group.id, ())))
        yield Entity(f"{kind}:{group.id}", kind, tuple(own), group.members)
    for kind, named in _tabled(rows):
        for row in named:
            yield Entity(f"{kind}:{row.id}", kind, _all(row.names, row.aliases))


def _tabled(rows: Tables) -> Iterable[tuple[str, Iterable[Any]]]:
    return (("region", rows.regions), ("organisation", rows.organisations), ("initiative", rows.initiatives))


def group_kind(kind: str) -> str:
    """Return how a group of the catalogue is called as a target: a body that acts, or a mere set of countries."""
    return "group" if kind == "region" else "organisation"


def _all(names: Names, aliases: Iterable[str] = ()) -> tuple[str, ...]:
    given = [getattr(names, language) for language in (*LANGUAGES, "local")]
    return tuple(dict.fromkeys([name for name in given if name] + list(aliases)))


def _entries(catalogue: Catalogue, rows: Tables) -> Iterator[Entry]:
    for mask in rows.masks:
        yield from (Entry("", mask.kind, name, "mask") for name in mask.names)
    yield from _country_entries(rows)
    for place in catalogue.places.values():
        yield from _place_entries(place)
    further = {row.id: row.aliases for row in rows.lines}
    for kind, table in (("line", catalogue.lines), ("corridor", catalogue.corridors)):
        for thing in table.values():
            target = f"{kind}:{thing.id}"
            yield from _line_entries(target, thing.names, [*thing.aliases, *further.get(target, ())])
    yield from _group_entries(catalogue, rows)
    for kind, named in _tabled(rows):
        for row in named:
            yield from _named(f"{kind}:{row.id}", row.names, row.aliases)
            yield from _turkish(f"{kind}:{row.id}", row.aliases_tr)
    for region in rows.regions:
        target = f"region:{region.id}"
        yield from (Entry(target, "region", name, "adjective", "en") for name in region.adjectives)
        for name in region.adjectives_ru:
            yield from (Entry(target, "region", form, "adjective", "ru") for form in adjective_forms(name))


def _country_entries(rows: Tables) -> Iterator[Entry]:
    for code, names in country_names().items():
        yield from _named(f"country:{code}", names, ())
    for row in rows.countries:
        yield from _aliases(f"country:{row.id}", row.aliases)
        yield from _turkish(f"country:{row.id}", row.aliases_tr)
        for short in row.abbreviations:
            if len(short) > 2 or short in {"US", "UK"}:
                yield Entry(f"country:{row.id}", "country", short, "alias", "en")
    for people in rows.demonyms:
        target = f"country:{people.id}"
        yield from (Entry(target, "country", name, "adjective", "en") for name in people.adjectives)
        yield from (Entry(target, "country", name, "people", "en") for name in people.people)
        for name in people.adjectives_ru:
            yield from (Entry(target, "country", form, "adjective", "ru") for form in adjective_forms(name))
        for name in people.adjectives_tr:
            yield Entry(target, "country", name, "adjective", "tr")
            yield Entry(target, "country", name + _plural_tr(name), "people", "tr")


def _group_entries(catalogue: Catalogue, rows: Tables) -> Iterator[Entry]:
    regions = {row.id for row in rows.regions}
    kinds = {group.id: group_kind(group.kind) for group in catalogue.groups.values()}
    for group in catalogue.groups.values():
        if group.id not in regions:
            yield Entry(f"{kinds[group.id]}:{group.id}", kinds[group.id], group.name, "main", "en")
    for row in rows.groups:
        if row.id in kinds:
            yield from _named(f"{kinds[row.id]}:{row.id}", row.names, row.aliases)
            yield from _turkish(f"{kinds[row.id]}:{row.id}", row.aliases_tr)


def _turkish(target: str, initials: Iterable[str]) -> Iterator[Entry]:
    return (Entry(target, target.partition(":")[0], short, "initials", "tr") for short in initials)


def _plural_tr(name: str) -> str:
    """Return the plural ending by vowel harmony."""
    vowels = [letter for letter in name.lower() if letter in "aeıioöuü"]
    return "lar" if vowels and vowels[-1] in "aıou" else "ler"


def _place_entries(place: Place) -> Iterator[Entry]:
    target = f"place:{place.id}"
    aliases = [alias for alias in place.aliases if not _CODE.fullmatch(alias)]
    for entry in _named(target, place.names, aliases):
        # airports are also filed under the name of their city
        if place.kind is not PlaceKind.AIRPORT or _AIRPORT_WORDS.search(entry.name):
            yield entry


def _line_entries(target: str, names: Names, aliases: Iterable[str]) -> Iterator[Entry]:
    """Yield the names of a line or corridor, numbers also in Roman, and the names of families without the number."""
    inner = [found for found in _IN_PARENTHESES.findall(names.en) if len(re.split(r"[\s–-]", found)) > 2]
    for entry in _named(target, names, [*aliases, *inner]):
        yield entry
        for ending, others in _SAME_KIND:
            if entry.language in {"", "en"} and entry.name.lower().endswith(ending):
                start = entry.name[: -len(ending)]
                yield from (Entry(target, entry.kind, start + other, "alias", entry.language) for other in others)
                break
        numbered = _NUMBERED.fullmatch(entry.name)
        if not numbered or _CODE_NAME.fullmatch(entry.name):
            continue
        family, number = numbered.groups()
        yield Entry(target, entry.kind, family.strip(), "family", entry.language)
        if number in _ROMAN:
            yield Entry(target, entry.kind, f"{family.strip()} {_ROMAN[number]}", "alias", entry.language)


def _named(target: str, names: Names, aliases: Iterable[str]) -> Iterator[Entry]:
    kind = target.partition(":")[0]
    for language in (*LANGUAGES, "local"):
        name = getattr(names, language)
        if not name:
            continue
        yield Entry(target, kind, name, "main", language)
        short = _short(name) if kind in _SHORTENED else name
        if short != name:
            yield Entry(target, kind, short, "alias", language)
        if language == "ru":
            for form in cases(short)[1:]:
                yield Entry(target, kind, form, "inflected", language)
    yield from _aliases(target, aliases)


def _aliases(target: str, aliases: Iterable[str]) -> Iterator[Entry]:
    kind = target.partition(":")[0]
    for alias in aliases:
        yield Entry(target, kind, alias, "alias")
        for form in cases(alias)[1:]:
            yield Entry(target, kind, form, "inflected", "ru")


def _short(name: str) -> str:
    """Return a name without what only tells sections or namesakes apart.

    >>> _short("Power of Siberia 1: Kovykta–Chayanda")
    'Power of Siberia 1'
    >>> _short("Khorgos (Kazakhstan)")
    'Khorgos'
    """
    return re.split(r"\s*[(:：（]|, ", name)[0].strip() or name
