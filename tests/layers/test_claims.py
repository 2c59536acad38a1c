from __future__ import annotations

import doctest

import pytest

import layers.claims
from geo.errors import NameNotFoundError, RequestError
from layers.claims import adopted, conflicts
from layers.schema import Claim, Source


def source(name: str, kind: str = "webpage", year: int | None = None, issuer: str | None = None) -> Source:
    extra: dict[str, object] = {}
    if year is not None:
        extra["issued"] = {"date-parts": [[year]]}
    if issuer is not None:
        extra["custom"] = {"issuer": issuer}
    return Source.model_validate({"id": name, "type": kind, "title": name, **extra})


SOURCES = {
    record.id: record
    for record in (
        source("bank-report", "report", 2023),
        source("customs-data", "dataset", 2023),
        source("journal", "article-journal", 2023),
        source("ministry-page", "webpage", 2023, "ministry"),
        source("operator-page", "webpage", 2023, "operator"),
        source("daily", "article-newspaper", 2023),
        source("weblog", "webpage", 2023),
        source("undated-page", "webpage"),
        source("undated-report", "report"),
    )
}


def claim(value: str, source_id: str = "daily", as_of: str | None = None, **fields: object) -> Claim:
    defaults: dict[str, object] = {"subject": "line:cku-railway", "attribute": "length", "unit": "km"}
    return Claim.model_validate({**defaults, "value": value, "source": source_id, "as_of": as_of, **fields})


def adopted_value(*claims: Claim) -> str:
    return adopted(claims, SOURCES)["length"].value


def test_newer_year_beats_the_better_kind_of_source() -> None:
    assert adopted_value(claim("454", "bank-report", "2023"), claim("486", "weblog", "2024")) == "486"


def test_within_one_year_the_month_does_not_count() -> None:
    assert adopted_value(claim("486", "daily", "2024-01"), claim("523", "daily", "2024-12-27")) == "486"


def test_claim_without_date_takes_the_year_its_source_was_issued() -> None:
    assert adopted_value(claim("454", "bank-report", "2022"), claim("523", "daily")) == "523"


def test_claim_without_any_date_stands_last() -> None:
    assert adopted_value(claim("600", "undated-report"), claim("454", "weblog", "1998")) == "454"


def test_claim_without_any_date_is_adopted_when_alone() -> None:
    assert adopted_value(claim("600", "undated-page")) == "600"


def test_interval_counts_with_its_last_year() -> None:
    assert adopted_value(claim("486", "bank-report", "2024"), claim("523", "weblog", "2020/2025")) == "523"


@pytest.mark.parametrize(
    ("text", "rival"), [("202X", "2019"), ("2023?", "2022~"), ("2024/..", "2023"), ("../2024", "2023")]
)
def test_year_of_uncertain_and_open_dates_is_read(text: str, rival: str) -> None:
    assert adopted_value(claim("454", "bank-report", rival), claim("523", "weblog", text)) == "523"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("bank-report", "journal"),
        ("customs-data", "journal"),
        ("journal", "ministry-page"),
        ("journal", "operator-page"),
        ("ministry-page", "daily"),
        ("operator-page", "daily"),
        ("daily", "weblog"),
    ],
)
def test_within_one_year_the_kind_of_source_decides(better: str, worse: str) -> None:
    assert adopted_value(claim("454", worse, "2023"), claim("523", better, "2023")) == "523"


@pytest.mark.parametrize(("first", "second"), [("bank-report", "customs-data"), ("ministry-page", "operator-page")])
def test_among_equals_the_earlier_row_stays(first: str, second: str) -> None:
    assert adopted_value(claim("454", first, "2023"), claim("523", second, "2023")) == "454"


def test_each_attribute_is_decided_on_its_own() -> None:
    claims = [
        claim("523"),
        claim("2030", attribute="opened", unit=None),
        claim("12", attribute="capacity", unit="Mt/a"),
    ]
    chosen = adopted(claims, SOURCES)
    assert {attribute: one.value for attribute, one in chosen.items()} == {
        "length": "523",
        "opened": "2030",
        "capacity": "12",
    }


def test_no_claims_give_nothing() -> None:
    assert adopted([], SOURCES) == {}
    assert conflicts([]) == {}


def test_claims_about_two_subjects_are_refused() -> None:
    mixed = [claim("523"), claim("826", subject="line:btk-railway")]
    with pytest.raises(RequestError, match=r"line:btk-railway, line:cku-railway"):
        adopted(mixed, SOURCES)
    with pytest.raises(RequestError, match="one subject"):
        conflicts(mixed)


def test_unknown_source_is_named() -> None:
    with pytest.raises(NameNotFoundError, match="'nowhere'"):
        adopted([claim("523", "nowhere")], SOURCES)


def test_differing_values_of_one_year_conflict_in_file_order() -> None:
    first, second, third = claim("523", as_of="2024"), claim("454", as_of="2024-12-27"), claim("486", as_of="2024-12")
    assert conflicts([first, second, third]) == {"length": (first, second, third)}


def test_change_from_year_to_year_is_no_conflict() -> None:
    assert conflicts([claim("0.8", as_of="2020"), claim("4.1", as_of="2024")]) == {}


def test_undated_value_is_held_against_every_other() -> None:
    undated, dated = claim("454"), claim("523", as_of="2024")
    assert conflicts([undated, dated]) == {"length": (undated, dated)}


def test_only_the_claims_that_disagree_are_listed() -> None:
    old, one, other = claim("268", as_of="1997"), claim("523", as_of="2024"), claim("486", as_of="2024")
    assert conflicts([old, one, other]) == {"length": (one, other)}


def test_one_number_written_two_ways_is_no_conflict() -> None:
    assert conflicts([claim("523", as_of="2024"), claim("523.0", "weblog", as_of="2024")]) == {}


@pytest.mark.parametrize(("field", "other"), [("unit", "mi"), ("low", 500.0), ("high", 540.0)])
def test_other_unit_or_bounds_are_a_conflict(field: str, other: str | float) -> None:
    one = claim("523", as_of="2024")
    assert "length" in conflicts([one, one.model_copy(update={field: other})])


def test_conflicts_and_adoption_leave_the_claims_as_they_were() -> None:
    claims = (claim("523", as_of="2024"), claim("486", as_of="2024"))
    before = [one.model_dump() for one in claims]
    adopted(claims, SOURCES)
    conflicts(claims)
    assert [one.model_dump() for one in claims] == before


def test_docstring_example_runs() -> None:
    assert doctest.testmod(layers.claims).failed == 0
