"""``corridors check``: what is wrong with the catalogue and what may be, as one document or as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from corridors.atlas import Atlas
from corridors.cli_common import make_console
from network import checks, lengths
from network.corridor_layers import DrawnSection, draw_corridors


def check_atlas(atlas: Atlas) -> dict[str, Any]:
    """Return the findings of all checks, with corridors drawn anew."""
    return check_json(atlas, draw_corridors(atlas.router, atlas.tracks))


def check_json(atlas: Atlas, sections: Mapping[str, Sequence[DrawnSection]]) -> dict[str, Any]:
    """Return errors, warnings and summaries as the document ``corridors check --json`` prints.

    Parameters
    ----------
    atlas
        The catalogue with its lines traced and its network joined.
    sections
        Corridor id → its drawn sections.
    """
    catalogue, tracks, network = atlas.catalogue, atlas.tracks, atlas.network
    measured = lengths.length_checks(catalogue, tracks, sections)
    components = checks.rail_components(network)
    errors = [
        *checks.find_short_courses(tracks, sections, network),
        *checks.find_open_joints(tracks),
        *checks.find_unsourced_claims(catalogue),
        *lengths.find_idle_exceptions(catalogue, measured),
    ]
    warnings = [
        *lengths.find_wrong_lengths(catalogue, measured),
        *checks.find_bare_stretches(catalogue, tracks),
        *checks.find_cut_off_places(components),
        *checks.find_corridor_gaps(sections),
        *checks.find_unused_crossings(catalogue, network),
        *checks.find_stale_claims(catalogue),
        *checks.find_uncited_sources(catalogue),
        *(checks.Finding("network", "", warning) for warning in network.warnings),
    ]
    return {
        "errors": [asdict(finding) for finding in errors],
        "warnings": [asdict(finding) for finding in warnings],
        "lengths": [_length_row(check) for check in measured if not check.part],
        "part_lengths": [{"part": check.part} | _length_row(check) for check in measured if check.part],
        "grades": {
            mode: {grade: round(km, 1) for grade, km in of_mode.items()}
            for mode, of_mode in checks.grade_lengths(catalogue, tracks).items()
        },
        "components": _component_summary(components),
        "claims": {
            "total": len(catalogue.claims),
            "by_subject": _sorted_counts(claim.subject.partition(":")[0] for claim in catalogue.claims),
            "by_attribute": _sorted_counts(claim.attribute for claim in catalogue.claims),
            "conflicting_attributes": checks.count_conflicts(catalogue),
            "length_shares": [asdict(share) for share in lengths.length_shares(catalogue, measured)],
        },
        "names": [asdict(row) for row in checks.missing_names(catalogue)],
    }


def _length_row(check: lengths.LengthCheck) -> dict[str, Any]:
    return {
        "subject": check.subject,
        "claim_km": round(check.claim_km, 1),
        "routed_km": round(check.routed_km, 1),
        "ratio": round(check.ratio, 4),
    }


def _component_summary(components: Sequence[checks.Component]) -> dict[str, Any]:
    total_km = sum(part.length_km for part in components)
    return {
        "count": len(components),
        "with_places": sum(bool(part.places) for part in components),
        "largest_share": round(components[0].length_km / total_km, 4) if total_km else None,
        "sizes_km": [round(part.length_km, 1) for part in components],
    }


def _sorted_counts(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def print_check(document: Mapping[str, Any], clean: Callable[[str], str]) -> None:
    """Print a document of ``check_json`` as short tables; ``clean`` makes text from data fit for a terminal."""
    from rich.table import Table
    from rich.text import Text

    console = make_console()
    for header, rows in _tables(document):
        if rows:
            table = Table(*header, box=None, pad_edge=False)
            for row in rows:
                table.add_row(*(Text(clean(str(cell))) for cell in row))
            console.print(table)
            console.print()
    for error in document["errors"]:
        console.print(Text(clean(f"error: {error['check']}: {error['subject']} {error['message']}")))
    counts = f"{len(document['errors'])} errors, {len(document['warnings'])} warnings"
    console.print(Text(f"{counts}; all of them: corridors check --json"))


Table = tuple[tuple[str, ...], list[tuple[object, ...]]]


def _tables(document: Mapping[str, Any]) -> list[Table]:
    """Return headers and rows of what is printed, in order."""
    return [
        _length_table(document["claims"]["length_shares"]),
        _grade_table(document["grades"]),
        _fact_table(document),
        _name_table(document["names"]),
        _warning_table(document["warnings"]),
    ]


def _length_table(shares: Sequence[Mapping[str, Any]]) -> Table:
    header = ("length of open lines", "published", "schematic", "excepted", "compared", "within 3 %", "within 5 %")
    return header, [
        (
            share["group"],
            *(share[name] for name in ("lines", "schematic", "excepted", "compared")),
            *(_percent(share[f"within_{limit}_percent"], share["compared"]) for limit in (3, 5)),
        )
        for share in shares
    ]


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _grade_table(grades: Mapping[str, Mapping[str, float]]) -> Table:
    names = list(next(iter(grades.values()), {}))
    rows: list[tuple[object, ...]] = [
        (mode, *(f"{of_mode[name]:,.0f}" for name in names)) for mode, of_mode in grades.items()
    ]
    return ("km drawn", *names), rows


def _fact_table(document: Mapping[str, Any]) -> Table:
    components, claims = document["components"], document["claims"]
    share = components["largest_share"]
    by_subject = ", ".join(f"{count} {kind}" for kind, count in claims["by_subject"].items())
    largest = ", ".join(f"{km:,.0f}" for km in components["sizes_km"][:5])
    return ("what", "how many", "of which"), [
        (
            "parts of the open railways",
            components["count"],
            f"{components['with_places']} with places; the longest, km: {largest}"
            + ("" if share is None else f"; the first holds {share:.0%}"),
        ),
        (
            "claims",
            claims["total"],
            f"{by_subject}; {claims['conflicting_attributes']} attributes with values that differ",
        ),
    ]


def _name_table(names: Sequence[Mapping[str, Any]]) -> Table:
    languages = list(dict.fromkeys(row["language"] for row in names))
    missing = {(row["table"], row["language"]): row["missing"] for row in names}
    records = {row["table"]: row["records"] for row in names}
    rows: list[tuple[object, ...]] = [
        (table, count, *(missing[table, language] for language in languages)) for table, count in records.items()
    ]
    return ("names missing", "records", *languages), rows


def _warning_table(warnings: Sequence[Mapping[str, str]]) -> Table:
    first: dict[str, str] = {}
    for warning in warnings:
        first.setdefault(warning["check"], f"{warning['subject']} {warning['message']}".strip())
    counts = Counter(warning["check"] for warning in warnings)
    return ("warnings", "count", "first"), [(check, counts[check], text) for check, text in first.items()]
