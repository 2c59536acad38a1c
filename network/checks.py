"""What may be wrong with a catalogue as drawn and joined; the checks are told in ``docs/check.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.geodesy import Coords, distance_m, segment_lengths_m
from layers.catalogue import DATA_YEAR, Catalogue
from layers.claims import conflicts
from layers.schema import LANGUAGES, Mode, Names, Status
from layers.tracing import Grade, Segment, Tracks
from network.corridor_layers import DrawnSection
from network.table import LinkKind, Network

STALE_YEARS = 10

# a course may be shorter than its great circle by this part, and by what the rounding of base coordinates makes
_SHORTFALL = 0.01
_ROUNDING_M = 25.0
# links that are neither base track nor a segment of a line, both looked at before
_LINKS_WITHOUT_BASE = frozenset({LinkKind.BORDER.value, LinkKind.AIR.value})
_JOINT_M = 1_000.0
_BARE_STRETCH_M = 60_000.0
# attributes whose values change with the years, alone or before a hyphen (freight-rail, flow-to-europe)
_CHANGING = (
    "capacity",
    "delivered",
    "flow",
    "freight",
    "share-of-trade",
    "through-rate",
    "trade",
    "trains",
    "travel-time",
    "voyages",
)
# … unless they tell what was meant to be, which stays as it was said
_INTENDED = ("-planned", "-target", "-design")
_EDTF_YEAR = re.compile(r"(?:^|/)(-?[0-9X]{4})")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is, or may be, wrong."""

    check: str
    """Which check found it: ``length``, ``corridor-gap``, ``stale-claim`` …"""
    subject: str
    """Target it is about, such as ``line:tapi-pakistan``; empty where it is about none."""
    message: str


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the open railway network without a way to the rest."""

    length_km: float
    countries: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingNames:
    """How many records of one table have no name in one language."""

    table: str
    language: str
    missing: int
    records: int


Drawn = Mapping[str, Sequence[DrawnSection]]
"""Corridor id → its drawn sections."""


def find_short_courses(tracks: Tracks, drawn: Drawn, network: Network) -> Iterator[Finding]:
    """Yield segments, corridor sections, base track and other links shorter than the great circle between their ends.

    Transfers and gauge changes stand for a place, not for a way, and are not looked at.
    """
    links = network.links
    courses: list[tuple[str, str, Sequence[Coords], float]] = [
        (f"line:{segment.line}", f"{segment.start}–{segment.end}", [segment.coords], segment.length_m)
        for segment in _segments(tracks)
    ]
    courses += [
        (f"corridor:{corridor}", f"section {number}", section.coords, section.length_m)
        for corridor, sections in drawn.items()
        for number, section in enumerate(sections, start=1)
    ]
    courses += [
        ("", f"{mode} track {_where(edge.coords)}", [edge.coords], edge.length_m)
        for mode, base in tracks.networks.items()
        for edge in base.edges
    ]
    courses += [
        ("", f"{links.kind[link]} link {_where(links.shape(link))}", [links.shape(link)], float(links.length_m[link]))
        for link in np.flatnonzero(links.kind.is_in(_LINKS_WITHOUT_BASE)).tolist()
    ]
    for subject, what, pieces, length_m in courses:
        direct_m = _direct_m(pieces)
        if length_m < direct_m * (1 - _SHORTFALL) - _ROUNDING_M:
            message = f"{what} is {length_m / 1000:,.1f} km long, its great circle {direct_m / 1000:,.1f} km"
            yield Finding("shorter-than-great-circle", subject, message)


def _direct_m(pieces: Sequence[Coords]) -> float:
    """Return the great circle in metres from the first point of several pieces to the last."""
    drawn = [piece for piece in pieces if len(piece)]
    if not drawn:
        return 0.0
    (lon, lat), (end_lon, end_lat) = drawn[0][0].tolist(), drawn[-1][-1].tolist()
    return distance_m((lon, lat), (end_lon, end_lat))


def _where(coords: Coords) -> str:
    (lon, lat), (end_lon, end_lat) = coords[0], coords[-1]
    return f"from {lon:.3f},{lat:.3f} to {end_lon:.3f},{end_lat:.3f}"


def find_open_joints(tracks: Tracks) -> Iterator[Finding]:
    """Yield places where one segment of a section ends and the next does not begin."""
    for before, after in pairwise(_segments(tracks)):
        if (before.line, before.section) != (after.line, after.section):
            continue
        (lon, lat), (next_lon, next_lat) = before.coords[-1], after.coords[0]
        gap_m = distance_m((lon, lat), (next_lon, next_lat))
        if gap_m > _JOINT_M:
            message = f"section {before.section + 1} is broken at {before.end}: {gap_m / 1000:,.1f} km are missing"
            yield Finding("open-joint", f"line:{before.line}", message)


def find_unsourced_claims(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield claims whose source is not in the catalogue; loading refuses them, values made in code may have them."""
    for claim in catalogue.claims:
        if claim.source not in catalogue.sources:
            yield Finding("claim-source", claim.subject, f"{claim.attribute} cites unknown source {claim.source}")


def find_bare_stretches(catalogue: Catalogue, tracks: Tracks) -> Iterator[Finding]:
    """Yield segments of open railways and roads whose shape is lost over a long stretch."""
    for segment in _segments(tracks):
        line = catalogue.lines[segment.line]
        status = line.sections[segment.section].status or line.status
        if line.mode not in {Mode.RAIL, Mode.ROAD} or status is not Status.OPEN or segment.grade is Grade.SCHEMATIC:
            continue
        # points between two waypoints of a traced segment are drawn, not known
        is_track = segment.grade is Grade.TRACK and len(segment.coords) > 1
        stretch_m = float(segment_lengths_m(segment.coords).max()) if is_track else segment.length_m
        if stretch_m > _BARE_STRETCH_M:
            message = (
                f"{segment.start}–{segment.end} runs {stretch_m / 1000:,.0f} km without a vertex ({segment.grade})"
            )
            yield Finding("bare-stretch", f"line:{segment.line}", message)


def rail_components(network: Network) -> tuple[Component, ...]:
    """Return the connected parts of the open railway network, longest first; gauge changes and borders join."""
    links, nodes = network.links, network.nodes
    is_rail = links.mode.matches(Mode.RAIL.value.__eq__) & links.status.matches(Status.OPEN.value.__eq__)
    is_rail &= ~links.kind.matches(LinkKind.TRANSFER.value.__eq__)
    a, b = links.a[is_rail], links.b[is_rail]
    size = len(nodes)
    _, part = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(size, size)), directed=False)
    length_km = np.bincount(part[a], weights=links.length_m[is_rail], minlength=size) / 1000
    members: dict[int, tuple[set[str], set[str]]] = {}
    for node in np.unique(np.concatenate([a, b])).tolist():
        countries, places = members.setdefault(int(part[node]), (set(), set()))
        countries.add(nodes.country[node])
        places.add(nodes.place[node])
    found = [
        Component(float(length_km[number]), tuple(sorted(countries - {""})), tuple(sorted(places - {""})))
        for number, (countries, places) in members.items()
    ]
    return tuple(sorted(found, key=lambda part: (-part.length_km, part.countries, part.places)))


def find_cut_off_places(components: Sequence[Component]) -> Iterator[Finding]:
    """Yield parts of the railway network that hold catalogue places but are not its longest part."""
    for part in components[1:]:
        if part.places:
            shown = ", ".join(part.places[:5]) + (f" and {len(part.places) - 5} more" if len(part.places) > 5 else "")
            message = (
                f"no open railway leads from {shown} to the rest ({part.length_km:,.0f} km, {' '.join(part.countries)})"
            )
            yield Finding("rail-component", f"place:{part.places[0]}", message)


def find_corridor_gaps(drawn: Drawn) -> Iterator[Finding]:
    """Yield pairs of places on a corridor that the network does not join."""
    for corridor, sections in drawn.items():
        for section in sections:
            for start, end in section.gaps:
                message = f"{start}–{end} is not joined by {section.mode} and drawn straight"
                yield Finding("corridor-gap", f"corridor:{corridor}", message)


def find_unused_crossings(catalogue: Catalogue, network: Network) -> Iterator[Finding]:
    """Yield listed crossings that no link of the network uses."""
    used = {network.links.crossing.words[code] for code in np.unique(network.links.crossing.codes)}
    for crossing in catalogue.crossings.values():
        if crossing.id not in used:
            message = f"no link between {crossing.a} and {crossing.b} uses it ({crossing.status})"
            yield Finding("unused-crossing", f"crossing:{crossing.id}", message)


def find_uncited_sources(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield sources that no record cites."""
    cited = set(_cited_sources(catalogue))
    for source in catalogue.sources.values():
        if source.id not in cited:
            yield Finding("uncited-source", f"source:{source.id}", "no record cites it")


def _cited_sources(catalogue: Catalogue) -> Iterator[str]:
    tables = [getattr(catalogue, table.name) for table in fields(catalogue)]
    for table in tables:
        for record in table.values() if isinstance(table, Mapping) else table:
            yield getattr(record, "source", None) or ""
            yield from getattr(record, "sources", ())
            yield from (step.source for step in getattr(record, "history", ()))


def find_stale_claims(catalogue: Catalogue, *, data_year: int = DATA_YEAR) -> Iterator[Finding]:
    """Yield values of what changes with the years for which there is nothing newer than ten years."""
    newest: dict[tuple[str, str], int | None] = {}
    for claim in catalogue.claims:
        if not _changes(claim.attribute):
            continue
        key, year = (claim.subject, claim.attribute), _last_year(claim.as_of)
        known = newest.get(key, year)
        # an undated value may be of any year: nothing is said about it
        newest[key] = None if year is None or known is None else max(year, known)
    for (subject, attribute), year in newest.items():
        if year is not None and year < data_year - STALE_YEARS:
            yield Finding("stale-claim", subject, f"the newest {attribute} is of {year}")


def _changes(attribute: str) -> bool:
    is_changing = any(attribute == name or attribute.startswith(f"{name}-") for name in _CHANGING)
    return is_changing and not attribute.endswith(_INTENDED)


def _last_year(edtf: str | None) -> int | None:
    """Return the last year an EDTF date names; an unspecified digit counts as 9, for the benefit of the doubt."""
    years = [int(year.replace("X", "9")) for year in _EDTF_YEAR.findall(edtf or "")]
    return max(years, default=None)


def grade_lengths(catalogue: Catalogue, tracks: Tracks) -> dict[str, dict[str, float]]:
    """Return mode → grade → km of all lines, whatever their status; modes without lines are left out."""
    found: dict[str, dict[str, float]] = {}
    for segment in _segments(tracks):
        of_mode = found.setdefault(catalogue.lines[segment.line].mode.value, dict.fromkeys(map(str, Grade), 0.0))
        of_mode[segment.grade.value] += segment.length_m / 1000
    return {mode: found[mode] for mode in sorted(found)}


def count_conflicts(catalogue: Catalogue) -> int:
    """Return the number of attributes, over all subjects, with two or more values that differ."""
    return sum(len(conflicts(claims)) for claims in catalogue.claims_by_subject.values())


def missing_names(catalogue: Catalogue) -> tuple[MissingNames, ...]:
    """Return how many places, lines and corridors have no name, by language."""
    tables: dict[str, list[Names]] = {
        "places": [place.names for place in catalogue.places.values()],
        "lines": [line.names for line in catalogue.lines.values()],
        "corridors": [corridor.names for corridor in catalogue.corridors.values()],
    }
    return tuple(
        MissingNames(table, language, sum(not getattr(names, language) for names in records), len(records))
        for table, records in tables.items()
        for language in LANGUAGES
    )


def _segments(tracks: Tracks) -> Iterator[Segment]:
    for segments in tracks.segments.values():
        yield from segments
