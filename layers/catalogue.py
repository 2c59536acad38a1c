"""The catalogue in memory: load, check and look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel

from geo.errors import CatalogueError
from layers.imported import Area, ImportedLayer, ImportedLine
from layers.records import check_record, read_records
from layers.schema import (
    Claim,
    Corridor,
    Country,
    Crossing,
    DisputedArea,
    Event,
    Figure,
    Group,
    LengthException,
    Line,
    Mode,
    Parameter,
    Place,
    PublishedTime,
    Source,
    Terminal,
)

CATALOGUE_DIR = Path(__file__).parent / "catalogue"
DATA_YEAR = 2026
"""Year of which the shipped records tell what is open."""

# what the scope of a parameter may say besides the ids of records
_SCOPE_WORDS = frozenset(Mode) | {
    "border",
    "border-union",
    "border-free",
    "gauge-change",
    "transfer",
    "port",
    "terminal",
    "airport",
    "port-wait",
    "wait",
}

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All records, keyed by id in file order; claims, terminals and length exceptions stay lists.

    Every reference between records has been checked.
    """

    groups: Mapping[str, Group]
    countries: Mapping[str, Country]
    places: Mapping[str, Place]
    lines: Mapping[str, Line]
    corridors: Mapping[str, Corridor]
    crossings: Mapping[str, Crossing]
    sources: Mapping[str, Source]
    events: Mapping[str, Event]
    figures: Mapping[str, Figure]
    parameters: Mapping[str, Parameter]
    disputed: Mapping[str, DisputedArea]
    claims: tuple[Claim, ...] = ()
    terminals: tuple[Terminal, ...] = field(default=())
    length_exceptions: tuple[LengthException, ...] = ()
    published_times: tuple[PublishedTime, ...] = ()
    areas: Mapping[str, Area] = field(default_factory=dict)
    imports: tuple[ImportedLayer, ...] = ()
    """Layers a user brought into a study; their records stand in the other tables too."""

    @cached_property
    def imported_lines(self) -> Mapping[str, ImportedLine]:
        """Line id → its course, for the lines that came from a file."""
        return MappingProxyType({key: line for layer in self.imports for key, line in layer.lines.items()})

    @cached_property
    def claims_by_subject(self) -> Mapping[str, tuple[Claim, ...]]:
        """Claims grouped by subject target, in file order."""
        grouped: dict[str, list[Claim]] = {}
        for claim in self.claims:
            grouped.setdefault(claim.subject, []).append(claim)
        return MappingProxyType({subject: tuple(claims) for subject, claims in grouped.items()})

    def members(self, group: str) -> frozenset[str]:
        """Countries of a group; empty for an unknown group."""
        found = self.groups.get(group)
        return frozenset(found.members) if found else frozenset()


def load_catalogue(*directories: Path) -> Catalogue:
    """Load the shipped catalogue, or the given directories, later ones adding records.

    Raises
    ------
    CatalogueError
        Any record breaks its schema, an id is given twice, or a reference leads nowhere.
        The message lists every fault found, each with file and line.
    """
    faults: list[str] = []
    roots = directories or (CATALOGUE_DIR,)
    read = _Reader(roots, faults)
    catalogue = Catalogue(
        groups=read.keyed("groups", Group),
        countries=read.keyed("countries", Country),
        places=read.keyed("places", Place),
        lines=read.keyed("lines", Line),
        corridors=read.keyed("corridors", Corridor),
        crossings=read.keyed("crossings", Crossing),
        sources=read.keyed("sources", Source),
        events=read.keyed("events", Event),
        figures=read.keyed("figures", Figure),
        parameters=read.keyed("parameters", Parameter),
        disputed=read.keyed("disputed", DisputedArea),
        claims=tuple(read.listed("claims", Claim)),
        terminals=tuple(read.listed("terminals", Terminal)),
        length_exceptions=tuple(read.listed("length_exceptions", LengthException)),
        published_times=tuple(read.listed("published_times", PublishedTime)),
    )
    if not faults:
        faults.extend(_broken_references(catalogue))
    if faults:
        raise CatalogueError(f"{len(faults)} fault(s) in the catalogue:\n" + "\n".join(faults))
    return catalogue


@dataclass
class _Reader:
    """Reads one kind of record from all roots: a folder, or a single file, of that name."""

    roots: tuple[Path, ...]
    faults: list[str]

    def _checked(self, name: str, model: type[R]) -> Iterable[tuple[str, R]]:
        for root in self.roots:
            for path in (root / name, *(root / f"{name}{suffix}" for suffix in (".csv", ".yaml", ".json"))):
                if not path.exists():
                    continue
                try:
                    raws = list(read_records(path))
                except ValueError as error:
                    self.faults.append(str(error))
                    continue
                for raw in raws:
                    record = check_record(raw, model, faults=self.faults)
                    if record is not None:
                        yield f"{raw.file.name}:{raw.line}", record

    def listed(self, name: str, model: type[R]) -> list[R]:
        return [record for _, record in self._checked(name, model)]

    def keyed(self, name: str, model: type[R]) -> Mapping[str, R]:
        records: dict[str, R] = {}
        for where, record in self._checked(name, model):
            key = str(record.id)  # type: ignore[attr-defined]  # every keyed model has an id
            if key in records:
                self.faults.append(f"{where}: id {key!r} is given twice in {name}")
            records[key] = record
        return MappingProxyType(records)


def _broken_references(catalogue: Catalogue) -> list[str]:  # noqa: C901, PLR0912 - one short loop per table
    """List each reference that leads nowhere, as ``record: field: missing id``."""
    faults: list[str] = []

    def need(where: str, ids: Iterable[str], known: Mapping[str, object] | Callable[[str], bool], kind: str) -> None:
        test = known if callable(known) else known.__contains__
        faults.extend(f"{where}: unknown {kind} {key!r}" for key in ids if not test(key))

    cat = catalogue
    for group in cat.groups.values():
        need(f"group {group.id}", [group.source] if group.source else [], cat.sources, "source")
    for country in cat.countries.values():
        need(f"country {country.id}", [country.capital], cat.places, "place")
    for place in cat.places.values():
        need(f"place {place.id}", [place.source], cat.sources, "source")
        need(f"place {place.id}", [place.country], cat.countries, "country")
    for line in cat.lines.values():
        where = f"line {line.id}"
        need(where, line.sources, cat.sources, "source")
        need(where, [step.source for step in line.history], cat.sources, "source")
        waypoints = [point for section in line.sections for point in section.waypoints if isinstance(point, str)]
        need(where, waypoints, cat.places, "place")
    for corridor in cat.corridors.values():
        where = f"corridor {corridor.id}"
        need(where, corridor.sources, cat.sources, "source")
        need(where, corridor.countries, cat.countries, "country")
        need(where, [section.line for section in corridor.sections if section.line], cat.lines, "line")
        need(where, [place for section in corridor.sections for place in section.path], cat.places, "place")
        need(where, [corridor.part_of] if corridor.part_of else [], cat.corridors, "corridor")
    for crossing in cat.crossings.values():
        where = f"crossing {crossing.id}"
        need(where, [crossing.a, crossing.b, *crossing.gauge_change_at], cat.places, "place")
        need(where, [crossing.source], cat.sources, "source")
    for terminal in cat.terminals:
        need(f"terminal {terminal.place}", [terminal.place], cat.places, "place")
        need(f"terminal {terminal.place}", [terminal.source], _known_source(cat), "source")
    for area in cat.disputed.values():
        need(f"disputed area {area.id}", [area.source], cat.sources, "source")
    for event in cat.events.values():
        need(f"event {event.id}", event.places, cat.places, "place")
        need(f"event {event.id}", event.sources, cat.sources, "source")
        need(f"event {event.id}", event.subjects, _is_target(cat), "target")
    for figure in cat.figures.values():
        need(f"figure {figure.id}", [figure.source], cat.sources, "source")
        need(f"figure {figure.id}", figure.countries, cat.countries, "country")
    for claim in cat.claims:
        where = f"claim {claim.subject} {claim.attribute}"
        need(where, [claim.subject], _is_target(cat), "target")
        need(where, [claim.source], cat.sources, "source")
    for exception in cat.length_exceptions:
        need(f"length exception {exception.subject}", [exception.subject.partition("/")[0]], _is_target(cat), "target")
    for time in cat.published_times:
        need(f"published time {time.origin}–{time.destination}", [time.source], cat.sources, "source")
    for parameter in cat.parameters.values():
        need(f"parameter {parameter.id}", [parameter.source], _known_source(cat), "source")
        need(f"parameter {parameter.id}", parameter.sources, cat.sources, "source")
        need(f"parameter {parameter.id}", [parameter.scope], _is_scope(cat), "scope")
    return faults


def _known_source(catalogue: Catalogue) -> Callable[[str], bool]:
    return lambda key: key == "assumed" or key in catalogue.sources


def _is_scope(catalogue: Catalogue) -> Callable[[str], bool]:
    """Return a test of parameter scopes: a misspelt one would silently hold nowhere."""
    tables: dict[str, Mapping[str, object]] = {
        "country": catalogue.countries,
        "group": catalogue.groups,
        "crossing": catalogue.crossings,
        "place": catalogue.places,
        "line": catalogue.lines,
    }

    def known(scope: str) -> bool:
        kind, *rest = scope.split(":")
        words = (kind, *rest)
        if kind in tables:
            words = tuple(rest[1:])
            return bool(words) and rest[0] in tables[kind] and all(word in _SCOPE_WORDS for word in words)
        return all(word in _SCOPE_WORDS for word in words)

    return known


def _is_target(catalogue: Catalogue) -> Callable[[str], bool]:
    tables: dict[str, Mapping[str, object]] = {
        "line": catalogue.lines,
        "corridor": catalogue.corridors,
        "place": catalogue.places,
        "country": catalogue.countries,
        "crossing": catalogue.crossings,
        "group": catalogue.groups,
        "event": catalogue.events,
    }

    def known(target: str) -> bool:
        kind, _, key = target.partition(":")
        return kind in tables and key in tables[kind]

    return known
