"""Names that texts use and the catalogue does not hold: regions, organisations, initiatives, adjectives, masks.

They lie in ``layers/catalogue/registry/`` and are checked when read, like the records of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from geo.errors import CatalogueError
from layers.catalogue import CATALOGUE_DIR
from layers.records import check_record, read_records
from layers.schema import Iso3, Latitude, Longitude, Names, OptionalText, Record, Slug, Texts

TABLES_DIR = CATALOGUE_DIR / "registry"

R = TypeVar("R", bound=Record)


class NamedRow(Record):
    """A thing with names in the languages of the catalogue."""

    id: Slug
    name_en: Annotated[str, Field(min_length=1)]
    name_ru: OptionalText = None
    name_zh: OptionalText = None
    name_tr: OptionalText = None
    aliases: Texts = ()
    aliases_tr: Texts = ()
    """Initials that count only in Turkish texts."""
    note: OptionalText = None

    @property
    def names(self) -> Names:
        """The names by language."""
        return Names(en=self.name_en, ru=self.name_ru, zh=self.name_zh, tr=self.name_tr)


class Region(NamedRow):
    """A part of the world that is no state: a macro-region, a sea, a province."""

    kind: str
    """``macro``, ``province``, ``area`` or ``sea``."""
    adjectives: Texts = ()
    adjectives_ru: Texts = ()
    """Masculine nominative."""
    source: OptionalText = None


class Organisation(NamedRow):
    """A body that acts: intergovernmental, a bank, a railway or pipeline company."""


class Initiative(NamedRow):
    """A programme that is no single line: Belt and Road, Global Gateway."""


class GroupNames(NamedRow):
    """Names of a group of the catalogue in all languages."""


class LineNames(Record):
    """Further names of one line or corridor of the catalogue."""

    id: Annotated[str, Field(pattern=r"^(line|corridor):[a-z0-9-]+$")]
    aliases: Texts
    note: OptionalText = None


class Homonym(Record):
    """A word that is a name, and words beside which it is another thing."""

    name: Annotated[str, Field(min_length=1)]
    beside: Texts
    note: OptionalText = None


class CountryNames(Record):
    """Further names of one country."""

    id: Iso3
    aliases: Texts = ()
    aliases_tr: Texts = ()
    """Initials that count only in Turkish texts."""
    abbreviations: Texts = ()
    """Initials; two letters count only inside names of lines, but for US and UK."""
    note: OptionalText = None


class Demonym(Record):
    """Adjectives and names of the people of one country."""

    id: Iso3
    adjectives: Texts = ()
    people: Texts = ()
    adjectives_ru: Texts = ()
    """Masculine nominative, or the first half of a compound ending in ``о``."""
    adjectives_tr: Texts = ()


class Mask(Record):
    """Names in which a place name does not mean the place: newspapers, currencies, treaties."""

    kind: Annotated[str, Field(min_length=1)]
    names: Texts


class FarCity(Record):
    """A city outside the area of the shipped gazetteer that articles name."""

    id: Annotated[int, Field(gt=0)]
    """GeoNames id."""
    name: Annotated[str, Field(min_length=1)]
    country: Iso3
    lon: Longitude
    lat: Latitude
    population: int
    aliases: Texts = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of names."""

    regions: tuple[Region, ...]
    organisations: tuple[Organisation, ...]
    initiatives: tuple[Initiative, ...]
    groups: tuple[GroupNames, ...]
    lines: tuple[LineNames, ...]
    countries: tuple[CountryNames, ...]
    demonyms: tuple[Demonym, ...]
    masks: tuple[Mask, ...]
    far_cities: tuple[FarCity, ...]
    homonyms: tuple[Homonym, ...]
    common_words: frozenset[str]
    """Names that are everyday words too; they need a sign that the place is meant."""


class _Word(Record):
    word: Annotated[str, Field(min_length=1)]


def load_tables(directory: Path = TABLES_DIR) -> Tables:
    """Read and check the tables.

    Raises
    ------
    CatalogueError
        A row breaks its schema or an id is given twice; the message lists every fault with file and line.
    """
    faults: list[str] = []

    def read(name: str, model: type[R]) -> tuple[R, ...]:
        return tuple(_rows(directory / f"{name}.csv", model, faults))

    tables = Tables(
        regions=read("regions", Region),
        organisations=read("organisations", Organisation),
        initiatives=read("initiatives", Initiative),
        groups=read("groups", GroupNames),
        lines=read("lines", LineNames),
        countries=read("countries", CountryNames),
        demonyms=read("demonyms", Demonym),
        masks=read("masks", Mask),
        far_cities=read("far_cities", FarCity),
        homonyms=read("homonyms", Homonym),
        common_words=frozenset(row.word for row in read("common_words", _Word)),
    )
    if faults:
        raise CatalogueError(f"{len(faults)} fault(s) in the tables of names:\n" + "\n".join(faults))
    return tables


def _rows(file: Path, model: type[R], faults: list[str]) -> Iterable[R]:
    seen: set[object] = set()
    try:
        raws = list(read_records(file))
    except (ValueError, OSError) as error:
        faults.append(str(error))
        return
    for raw in raws:
        record = check_record(raw, model, faults=faults)
        if record is None:
            continue
        key = getattr(record, "id", None)
        if key is not None and key in seen:
            faults.append(f"{file.name}:{raw.line}: id {key!r} is given twice")
        seen.add(key)
        yield record


@cache
def tables() -> Tables:
    """Return the shipped tables, read once."""
    return load_tables()
