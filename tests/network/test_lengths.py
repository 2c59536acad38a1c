"""Published lengths beside drawn ones: whole lines, corridors, shares and exceptions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layers.catalogue import Catalogue
from layers.schema import Claim, LengthException, Status
from layers.tracing import Grade, Tracks
from network import lengths
from network.checks import Drawn
from network.lengths import LengthCheck


def claim(attribute: str, value: str, as_of: str | None, subject: str = "line:cku-railway") -> Claim:
    return Claim(subject=subject, attribute=attribute, value=value, unit="km", as_of=as_of, source="geonames")


def length(subject: str, claim_km: float, routed_km: float, status: Status = Status.OPEN) -> LengthCheck:
    return LengthCheck(subject, "rail", status, claim_km, routed_km)


def test_line_is_held_against_its_adopted_length(catalogue: Catalogue, tracks: Tracks, drawn: Drawn) -> None:
    claims = (claim("length", "500", "2020"), claim("length", "400", "2025"))
    found = lengths.length_checks(replace(catalogue, claims=claims), tracks, drawn)
    drawn_km = sum(part.length_m for part in tracks.segments["cku-railway"]) / 1000
    assert found == (LengthCheck("line:cku-railway", "rail", Status.CONSTRUCTION, 400.0, drawn_km, Grade.SCHEMATIC),)
    assert found[0].ratio == pytest.approx(drawn_km / 400)


def test_corridor_is_measured_without_its_branches(catalogue: Catalogue, tracks: Tracks, drawn: Drawn) -> None:
    claims = (claim("length", "7000", "2022", "corridor:middle-corridor"),)
    (found,) = lengths.length_checks(replace(catalogue, claims=claims), tracks, drawn)
    sections = drawn["middle-corridor"]
    assert any(section.branch for section in sections)
    assert found.routed_km == pytest.approx(sum(s.length_m for s in sections if not s.branch) / 1000)


def test_share_counts_open_lines_only(catalogue: Catalogue) -> None:
    found_lengths = [
        length("line:a", 100, 102),
        length("line:b", 100, 104),
        length("line:c", 100, 120),
        length("line:d", 100, 100, Status.PLANNED),
        replace(length("line:e", 100, 80), grade=Grade.SCHEMATIC),
    ]
    excepted = (LengthException(subject="line:c", reason="counts branches"),)
    shares = lengths.length_shares(replace(catalogue, length_exceptions=excepted), found_lengths)
    assert [share.group for share in shares] == ["rail", "road", "gas/oil", "ferry"]
    rail = shares[0]
    assert (rail.lines, rail.schematic, rail.excepted, rail.compared) == (4, 1, 1, 2)
    assert (rail.within_3_percent, rail.within_5_percent) == (1, 2)


def test_length_off_by_more_than_5_percent_is_found_unless_excepted(catalogue: Catalogue) -> None:
    found_lengths = [length("line:near", 100, 105), length("line:far", 100, 94), length("line:known", 100, 300)]
    excepted = (LengthException(subject="line:known", reason="counts branches"),)
    found = list(lengths.find_wrong_lengths(replace(catalogue, length_exceptions=excepted), found_lengths))
    assert [finding.subject for finding in found] == ["line:far"]
    assert "-6.0%" in found[0].message


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["line:far"], []),
        (["line:near"], ["within 5%"]),
        (["line:none"], ["no published length"]),
        (["line:far", "line:far"], ["twice"]),
    ],
)
def test_exception_that_explains_nothing_is_found(catalogue: Catalogue, rows: list[str], says: list[str]) -> None:
    found_lengths = [length("line:near", 100, 102), length("line:far", 100, 80)]
    excepted = tuple(LengthException(subject=row, reason="counts branches") for row in rows)
    found = list(lengths.find_idle_exceptions(replace(catalogue, length_exceptions=excepted), found_lengths))
    assert len(found) == len(says)
    assert all(text in finding.message for text, finding in zip(says, found, strict=True))


def test_an_exception_of_a_part_excuses_that_part_alone(catalogue: Catalogue) -> None:
    whole = length("line:a", 100, 80)
    part = replace(length("line:a", 50, 30), group="rail, parts", part="length-x-y")
    excepted = (LengthException(subject="line:a/length-x-y", reason="an older alignment"),)
    excused = replace(catalogue, length_exceptions=excepted)
    assert [finding.message[:5] for finding in lengths.find_wrong_lengths(excused, [whole, part])] == ["drawn"]
    shares = {share.group: share for share in lengths.length_shares(excused, [whole, part])}
    assert (shares["rail"].excepted, shares["rail, parts"].excepted) == (0, 1)
