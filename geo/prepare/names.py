"""The gazetteer extract, airports and country names."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from babel import Locale

from geo.prepare.inputs import EXTENT, read_input, read_json_input
from geo.store import write_table

LANGUAGES = ("en", "ru", "zh", "tr")
# where the corridors run: here small towns count, elsewhere only larger cities
AREA_OF_INTEREST = frozenset({"KZ", "KG", "UZ", "TJ", "TM", "AF", "AZ", "GE", "AM", "MN", "IR", "PK"})
MIN_POPULATION = 15_000
MIN_POPULATION_OF_INTEREST = 1_000
# names the alternates of CLDR spell differently, or lack
_UNCODED_NAMES = {
    "XNC": ("Northern Cyprus", "Северный Кипр", "北塞浦路斯", "Kuzey Kıbrıs"),
    "XSO": ("Somaliland", "Сомалиленд", "索马里兰", "Somaliland"),
    "XSI": ("Siachen Glacier", "Сиачен", "锡亚琴冰川", "Siachen Buzulu"),
}
_SCRIPTS = ("LATIN", "CYRILLIC", "CJK")


def _script(text: str) -> str:
    """Return the one script of a name's letters, or ``""`` when they mix."""
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()}
    return scripts.pop() if len(scripts) == 1 else ""


def _alternates(names: Iterable[str], main: str) -> str:
    """Return the alternate names worth searching: Latin, Cyrillic or Han, not shouting codes, at most forty."""
    kept = sorted(
        {name for name in names if name and name != main and _script(name) in _SCRIPTS and ";" not in name}
        - {name for name in names if name.isupper() and name.isascii() and len(name) <= 4}
    )
    return ";".join(kept[:40])


def city_rows(archives: Path) -> list[tuple[object, ...]]:
    """Return id, name, country, lon, lat, population and alternates of the cities of the extent, by id."""
    west, south, east, north = EXTENT
    rows = []
    for city in read_json_input("cities", archives).values():
        floor = MIN_POPULATION_OF_INTEREST if city["countrycode"] in AREA_OF_INTEREST else MIN_POPULATION
        lon, lat = round(city["longitude"], 5), round(city["latitude"], 5)
        if city["population"] >= floor and west <= lon <= east and south <= lat <= north:
            alternates = _alternates(city["alternatenames"], city["name"])
            rows.append(
                (city["geonameid"], city["name"], city["countrycode"], lon, lat, city["population"], alternates)
            )
    return sorted(rows)


def prepare_gazetteer(archives: Path, directory: Path) -> dict[str, int]:
    """Write ``gazetteer.csv.gz``."""
    rows = city_rows(archives)
    write_table(
        directory / "gazetteer.csv.gz", ("geonames_id", "name", "iso2", "lon", "lat", "population", "alternates"), rows
    )
    return {"cities": len(rows)}


def prepare_airports(archives: Path, directory: Path) -> dict[str, int]:
    """Write ``airports.csv.gz``: the airports of the extent that have an IATA code."""
    west, south, east, north = EXTENT
    reader = csv.DictReader(io.StringIO(read_input("airports", archives).decode()))
    rows = sorted(
        (row["iata"], row["name"], row["country"], round(float(row["lon"]), 5), round(float(row["lat"]), 5))
        for row in reader
        if row["iata"] and west <= float(row["lon"]) <= east and south <= float(row["lat"]) <= north
    )
    write_table(directory / "airports.csv.gz", ("iata", "name", "iso2", "lon", "lat"), rows)
    return {"airports": len(rows)}


def prepare_country_names(archives: Path, directory: Path) -> dict[str, int]:
    """Write ``country_names.csv``: ISO codes and CLDR names in four languages."""
    codes = {entry["iso3"]: entry["iso"] for entry in read_json_input("country_codes", archives).values()}
    locales = [Locale.parse(language) for language in LANGUAGES]
    rows: list[tuple[str, ...]] = [
        (iso3, iso2, *(locale.territories.get(iso2, "") for locale in locales)) for iso3, iso2 in codes.items()
    ]
    rows = [row for row in rows if row[2]]
    rows += [(code, "", *names) for code, names in _UNCODED_NAMES.items()]
    path = directory / "country_names.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("iso3", "iso2", *(f"name_{language}" for language in LANGUAGES)))
        writer.writerows(sorted(rows))
    return {"countries": len(rows)}
