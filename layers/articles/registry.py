"""All names that the engine knows, with what they may mean, ready to be found in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import ahocorasick

from layers.articles.cities import GazetteerCity, gazetteer_cities
from layers.articles.declension import adjective_forms, cases
from layers.articles.fold import name_key
from layers.articles.tables import Tables, tables
from layers.catalogue import Catalogue
from layers.names import country_names, populations
from layers.schema import LANGUAGES, Names, PlaceKind

_NUMBERED = re.compile(r"[\s-]*(\d{1,2}|[IVX]{1,4})$")
_CODE = re.compile(r"[A-Z0-9]{2,3}")
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
INFRASTRUCTURE = frozenset({"line", "corridor"})


@dataclass(frozen=True, slots=True)
class Entity:
    """Something a name may mean."""

    target: str
    kind: str
    names: tuple[str, ...]
    countries: tuple[str, ...] = ()
    lon_lat: tuple[float, float] | None = None
    population: int = 0
    rank: int = 0
    """Among places: cities before ports, stations and mere waypoints."""
    mode: str = ""
    is_capital: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one target."""

    target: str
    """Empty for a mask."""
    kind: str
    name: str
    role: str
    """``main``, ``alias``, ``inflected``, ``adjective``, ``people``, ``initials`` or ``mask``."""
    language: str = ""


@dataclass(frozen=True, eq=False)
class Registry:
    """Names and what they may mean; immutable."""

    entities: Mapping[str, Entity]
    entries: Mapping[str, tuple[Entry, ...]]
    """By comparable form of the name (``fold.name_key``)."""
    automaton: Any
    initials: Mapping[str, tuple[Entry, ...]]
    """Initials that count only inside names of lines, such as KR, as they are written."""
    common_words: frozenset[str]
    capitals: Mapping[str, str]
    """Country code → target of its capital."""

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

    def cities(self, key: str) -> tuple[GazetteerCity, ...]:
        """Return cities of the gazetteer by comparable name, the most populous first."""
        return self._gazetteer.get(key, ())

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
            entries.setdefault(key, {}).setdefault((entry.target, entry.kind), entry)
    frozen = {key: tuple(found.values()) for key, found in entries.items()}
    automaton = ahocorasick.Automaton()
    for key in frozen:
        automaton.add_word(key, key)
    automaton.make_automaton()
    initials: dict[str, tuple[Entry, ...]] = {}
    for row in rows.countries:
        for short in row.abbreviations:
            initials[short] = (*initials.get(short, ()), Entry(f"country:{row.id}", "country", short, "initials", "en"))
    return Registry(
        entities=MappingProxyType(entities),
        entries=MappingProxyType(frozen),
        automaton=automaton,
        initials=MappingProxyType(initials),
        common_words=rows.common_words,
        capitals=MappingProxyType({code: f"place:{country.capital}" for code, country in catalogue.countries.items()}),
    )


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
    for group in catalogue.groups.values():
        kind = group_kind(group.kind)
        yield Entity(f"{kind}:{group.id}", kind, (group.name,), group.members)
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
        for name in mask.names:
            yield Entry("", mask.kind, name, "mask")
    for code, names in country_names().items():
        yield from _named(f"country:{code}", names, ())
    for row in rows.countries:
        yield from _aliases(f"country:{row.id}", row.aliases)
        for short in row.abbreviations:
            if len(short) > 2 or short in {"US", "UK"}:
                yield Entry(f"country:{row.id}", "country", short, "alias", "en")
    for people in rows.demonyms:
        target = f"country:{people.id}"
        for name in people.adjectives:
            yield Entry(target, "country", name, "adjective", "en")
        for name in people.people:
            yield Entry(target, "country", name, "people", "en")
        for name in people.adjectives_ru:
            for form in adjective_forms(name):
                yield Entry(target, "country", form, "adjective", "ru")
        for name in people.adjectives_tr:
            yield Entry(target, "country", name, "adjective", "tr")
    for place in catalogue.places.values():
        aliases = [alias for alias in place.aliases if not _CODE.fullmatch(alias)]
        yield from _named(f"place:{place.id}", place.names, aliases)
    for line in catalogue.lines.values():
        yield from _named(f"line:{line.id}", line.names, line.aliases)
    for corridor in catalogue.corridors.values():
        yield from _named(f"corridor:{corridor.id}", corridor.names, corridor.aliases)
    for group in catalogue.groups.values():
        kind = group_kind(group.kind)
        yield Entry(f"{kind}:{group.id}", kind, group.name, "main", "en")
    for kind, named in _tabled(rows):
        for row in named:
            yield from _named(f"{kind}:{row.id}", row.names, row.aliases)
            for name in getattr(row, "adjectives", ()):
                yield Entry(f"{kind}:{row.id}", kind, name, "adjective", "en")


def _named(target: str, names: Names, aliases: Iterable[str]) -> Iterator[Entry]:
    kind = target.partition(":")[0]
    for language in (*LANGUAGES, "local"):
        name = getattr(names, language)
        if not name:
            continue
        yield Entry(target, kind, name, "main", language)
        short = _short(name)
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
