"""Cities that the catalogue does not list, from the shipped gazetteer and a short table of far ones."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from geo.errors import BaseDataError
from geo.store import DATA_DIR
from layers.articles.fold import name_key
from layers.articles.tables import tables

AREA_OF_INTEREST = frozenset(
    ["AFG", "ARM", "AZE", "BLR", "CHN", "GEO", "IRN", "KAZ", "KGZ", "MNG", "PAK", "RUS", "TJK", "TKM", "TUR", "UZB"]
)
SMALL_CITY = 100_000
"""Below this many inhabitants a city is looked for only inside the area of interest."""


@dataclass(frozen=True, slots=True)
class GazetteerCity:
    """A city of GeoNames."""

    geonames_id: int
    name: str
    country: str
    lon: float
    lat: float
    population: int

    @property
    def target(self) -> str:
        """``city:geonames-…``."""
        return f"city:geonames-{self.geonames_id}"


@cache
def gazetteer_cities() -> Mapping[str, tuple[GazetteerCity, ...]]:
    """Return cities by comparable name, the most populous first."""
    found: dict[str, list[GazetteerCity]] = {}
    iso3 = _iso3()
    for geonames_id, name, iso2, lon, lat, population, alternates in _rows():
        people, country = int(population), iso3.get(iso2, "")
        if people < SMALL_CITY and country not in AREA_OF_INTEREST:
            continue
        city = GazetteerCity(int(geonames_id), name, country, float(lon), float(lat), people)
        main = name_key(name)
        found.setdefault(main, []).append(city)
        if people >= SMALL_CITY:
            # letters only: the gazetteer also lists codes and transcriptions without vowels, in lower case
            other = {name_key(alias) for alias in alternates.split(";") if alias[:1].isupper() and len(alias) > 3}
            for key in other - {main}:
                found.setdefault(key, []).append(city)
    for row in tables().far_cities:
        city = GazetteerCity(row.id, row.name, row.country, row.lon, row.lat, row.population)
        for key in {name_key(name) for name in (row.name, *row.aliases)}:
            found.setdefault(key, []).append(city)
    return MappingProxyType(
        {key: tuple(sorted(cities, key=lambda city: -city.population)) for key, cities in found.items()}
    )


def populations() -> dict[int, int]:
    """Return inhabitants by GeoNames id."""
    return {int(row[0]): int(row[5]) for row in _rows()}


@cache
def _rows() -> tuple[tuple[str, ...], ...]:
    path = DATA_DIR / "gazetteer.csv.gz"
    try:
        text = gzip.decompress(path.read_bytes()).decode()
    except (OSError, EOFError) as error:
        raise BaseDataError(f"{path} cannot be read ({error}); run 'make data'") from error
    rows = csv.reader(io.StringIO(text))
    next(rows)
    return tuple(map(tuple, rows))


def _iso3() -> dict[str, str]:
    with (DATA_DIR / "country_names.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: row["iso3"] for row in csv.DictReader(file)}
