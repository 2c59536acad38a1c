# ruff: noqa: E501 - a case is one row

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.atlas import Atlas
from layers.articles.amounts import base_unit, find_amounts
from layers.articles.engine import find_mentions
from layers.articles.figures import find_figures
from layers.articles.records import FoundFigure
from layers.articles.registry import build_registry
from layers.catalogue import Catalogue
from tests.layers.articles.marked import article, marked

Find = Callable[[str], tuple[FoundFigure, ...]]
FindInArticle = Callable[[int], tuple[FoundFigure, ...]]

C5 = ("CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB")


@pytest.fixture
def told(atlas: Atlas) -> Find:
    def find(text: str) -> tuple[FoundFigure, ...]:
        return find_figures(*marked(text), atlas.catalogue)

    return find


@pytest.fixture(scope="module")
def in_article(atlas: Atlas) -> FindInArticle:
    registry = build_registry(atlas.catalogue)

    def find(number: int) -> tuple[FoundFigure, ...]:
        text = article(number)
        return find_figures(text, find_mentions(text, registry), atlas.catalogue)

    return find


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$70.2bn", 70.2e9, "USD"),
        ("70 billion dollars", 70e9, "USD"),
        ("70.2 billion US dollars", 70.2e9, "USD"),
        ("US$5m", 5e6, "USD"),
        ("€10bn", 10e9, "EUR"),
        ("RMB 286.42 billion", 286.42e9, "CNY"),
        ("54 bcm per year", 54e9, "m3/a"),
        ("54 billion cubic metres", 54e9, "m3"),
        ("523 km", 523.0, "km"),
        ("1,985 kilometres", 1985.0, "km"),
        ("15 million tonnes", 15e6, "t"),
        ("fifteen million tonnes", 15e6, "t"),
        ("4.5 Mt", 4.5e6, "t"),
        ("33,000 TEU", 33000.0, "TEU"),
        ("1.14 million TEU", 1.14e6, "TEU"),
        ("17,000 trains", 17000.0, "trains"),
        ("12 trains a day", 12.0, "trains/d"),
        ("26%", 26.0, "%"),
        ("40 per cent", 40.0, "%"),
        ("2 трлн рублей", 2e12, "RUB"),
        ("14,6 млрд долларов США", 14.6e9, "USD"),
        ("54 млрд куб. м в год", 54e9, "m3/a"),
        ("1 500 000 тонн", 1.5e6, "t"),
        ("700亿美元", 70e9, "USD"),
        ("70.2亿立方米", 7.02e9, "m3"),
        ("全长523公里", 523.0, "km"),
        ("1.5万列", 15000.0, "trains"),
        ("70,2 milyar dolar", 70.2e9, "USD"),
        ("yüzde 26", 26.0, "%"),
        ("twenty-five days", 25.0, "d"),
    ],
)
def test_a_number_comes_in_its_base_unit(text: str, value: float, unit: str) -> None:
    (found,) = find_amounts(text)
    assert found.value == pytest.approx(value)
    assert found.unit == unit


@pytest.mark.parametrize("text", ["250 km/h", "C5+1", "in 2023", "5m", "4+1", "page 14", "version 2.5.1", "the 1990s"])
def test_other_numbers_are_no_figures(text: str) -> None:
    assert find_amounts(text) == ()


def test_a_range_has_two_ends(told: Find) -> None:
    low, high = told("It can carry 10-12 million tonnes a year.")
    assert (low.value, high.value, low.unit) == (10e6, 12e6, "t/a")
    assert ("low end" in low.note, "high end" in high.note) == (True, True)


@given(st.integers(1, 10**9), st.sampled_from([("km", "km"), ("tonnes", "t"), ("TEU", "TEU")]))
def test_whole_numbers_are_read_back(number: int, unit: tuple[str, str]) -> None:
    for written in (f"{number}", f"{number:,}", f"{number:,}".replace(",", "\u00a0")):
        (found,) = find_amounts(f"It was {written} {unit[0]}.")
        assert (found.value, found.unit) == (number, unit[1])


@given(st.decimals(min_value="0.01", max_value=999, places=2))
def test_decimals_are_told_to_their_last_digit(number: object) -> None:
    (found,) = find_amounts(f"${number} billion")
    assert found.value == pytest.approx(float(str(number)) * 1e9)
    assert found.tolerance == pytest.approx(0.005e9)


@given(st.text(max_size=200))
def test_any_text_gives_figures_at_their_places(text: str) -> None:
    for found in find_amounts(text):
        assert text[found.start : found.end] == found.surface


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("Trade reached $70.2 billion, up 40 percent.", 40.0),
        ("Freight grew by 26% to 4 million tonnes.", 26.0),
        ("Freight grew, 26% of it in boxes, and reached 4 million tonnes.", None),
        ("Exports were $5 billion (a fall of 12 per cent).", -12.0),
        ("Freight was 4 million tonnes and containers doubled.", 100.0),
        ("The route carried 50,500 TEU, having grown 2.6 times.", 160.0),
        ("Товарооборот составил 70 млрд долларов, рост на 40 %.", 40.0),
        ("贸易额达到700亿美元，增长40%。", 40.0),
    ],
)
def test_a_change_belongs_to_the_figure_before_it(told: Find, text: str, change: float | None) -> None:
    found = [one for one in told(text) if one.unit != "%"]
    assert [one.change_percent for one in found] == [change]


def test_a_change_without_a_figure_stands_alone(told: Find) -> None:
    rise, fall = told("Transit saw a 40 per cent rise. Exports declined by 12%.")
    assert (rise.change_percent, fall.change_percent) == (40.0, -12.0)
    (share,) = told("That was 40 percent of the total.")
    assert share.change_percent is None


def test_subject_and_countries_may_stand_in_the_sentence_before(told: Find) -> None:
    (found,) = told(
        "Trade between {China|CHN.g} and {Central Asia|R:central-asia} has grown. Last year this came to 70.2 billion US dollars."
    )
    assert (found.measure, found.countries, found.period) == ("trade", C5, "")
    assert "last year" in found.note
    (length,) = told("The {CKU railway|L:cku-railway} is being built. It will be 523 km long.")
    assert (length.subject, length.measure) == ("line:cku-railway", "length")


@pytest.mark.parametrize("value", ["$70.2bn", "$70bn", "70 billion dollars", "70.2 billion US dollars"])
def test_70_and_70_point_2_billion_agree_and_both_are_shown(told: Find, value: str) -> None:
    (found,) = told(f"Trade of {{China|CHN.g}} and {{Central Asia|R:central-asia}} was {value} in 2022.")
    assert (found.comparison, found.period) == ("agree", "2022")
    assert "70200000000 USD" in found.note
    assert "70000000000 USD" in found.note


def test_another_value_of_the_same_year_differs_and_shows_the_published_one(told: Find) -> None:
    (found,) = told("Trade of {China|CHN.g} and {Central Asia|R:central-asia} was $75bn in 2022.")
    assert found.comparison == "differ"
    assert found.compared_with.startswith("figure:trade-c5-2022")
    assert "70200000000 USD, 2022" in found.note


def test_a_year_without_a_published_value_is_new(told: Find) -> None:
    (found,) = told("Trade of {China|CHN.g} and {Central Asia|R:central-asia} was $1bn in 1995.")
    assert (found.comparison, found.compared_with) == ("new", "")


def test_without_a_year_nothing_is_said_to_differ(told: Find) -> None:
    (found,) = told("Trade of {China|CHN.g} and {Central Asia|R:central-asia} was $1bn.")
    assert found.comparison == "new"


@pytest.mark.parametrize(
    ("text", "comparison", "claim"),
    [
        ("The {CKU railway|L:cku-railway} is 523 km long.", "agree", "claim:line:cku-railway/length/"),
        ("The {CKU railway|L:cku-railway} is 700 km long.", "differ", "claim:line:cku-railway/length"),
        (
            "{Power of Siberia 2|L:power-of-siberia-2} has a planned capacity of 50 bcm a year.",
            "agree",
            "claim:line:power-of-siberia-2/capacity",
        ),
        (
            "The {Middle Corridor|C:middle-corridor} carried 2.76 million tonnes of cargo in 2023.",
            "agree",
            "figure:freight-middle-corridor-2023",
        ),
        (
            "The {Middle Corridor|C:middle-corridor} carried 9 million tonnes of cargo in 2023.",
            "differ",
            "figure:freight-middle-corridor-2023",
        ),
        (
            "Over the {Middle Corridor|C:middle-corridor} a box takes 13 to 15 days.",
            "agree",
            "claim:corridor:middle-corridor/travel-time",
        ),
    ],
)
def test_figures_are_held_against_claims_of_their_subject(told: Find, text: str, comparison: str, claim: str) -> None:
    for found in told(text):
        assert found.comparison == comparison
        assert found.compared_with.startswith(claim)


def test_units_of_the_catalogue_are_understood_or_left_alone(atlas: Atlas) -> None:
    catalogue: Catalogue = atlas.catalogue
    assert all(base_unit(figure.unit) for figure in catalogue.figures.values())
    known = {claim.unit for claim in catalogue.claims if claim.unit and base_unit(claim.unit)}
    assert {
        "km",
        "bcm/y",
        "Mt/a",
        "Mt/year",
        "bn USD",
        "billion EUR",
        "TEU/year",
        "h",
        "d",
        "million barrels/day",
    } <= known


# -- the five articles


def test_the_trade_of_2022_agrees_in_two_articles(in_article: FindInArticle) -> None:
    (first,) = [one for one in in_article(3) if one.unit == "USD"]
    assert (first.value, first.change_percent, first.countries) == (70.2e9, 40.0, C5)
    assert (first.measure, first.period, first.comparison) == ("trade", "", "agree")
    second = next(one for one in in_article(4) if one.value == 70e9)
    assert (second.period, second.comparison) == ("2022", "agree")
    for found in (first, second):
        assert "figure:trade-c5-2022 (70200000000 USD, 2022)" in found.note
        assert "figure:trade-c5-2022-commerce-ministry (70000000000 USD, 2022)" in found.note


def test_stock_contracts_and_loans_agree_with_the_figures_taken_from_them(in_article: FindInArticle) -> None:
    found = {one.value: one for one in in_article(4) if one.unit == "USD"}
    assert found[15e9].compared_with == "figure:fdi-stock-c5-2023-03"
    assert found[63.9e9].compared_with == "figure:contracts-c5-2023-03"
    assert found[14.6e9].compared_with == "figure:loans-sco-consortium"
    assert found[27e9].countries == ("KAZ",)
    assert found[27e9].compared_with == "figure:projects-kazakhstan-2023"


def test_a_rise_of_months_without_a_year_keeps_its_year_open(in_article: FindInArticle) -> None:
    rise = next(one for one in in_article(4) if one.unit == "%" and one.change_percent)
    assert (rise.change_percent, rise.period) == (22.0, "XXXX-01/XXXX-03")


def test_articles_without_figures_give_none(in_article: FindInArticle) -> None:
    assert in_article(1) == ()
