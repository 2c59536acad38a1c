from __future__ import annotations

import calendar
import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.articles.dates import find_dates
from layers.articles.edtf import overlap, same, span

DAYS = st.dates(date(1990, 1, 1), date(2049, 12, 31))
RUSSIAN = re.findall(r"\w+", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
TURKISH = re.findall(r"\w+", "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık")


def edtf(text: str) -> list[str]:
    return [found.edtf for found in find_dates(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They were invited in May 2023.[1] Nothing else", ["2023-05"]),
        ("It happened on May 17-18, nobody knows why.", ["XXXX-05-17/XXXX-05-18"]),
        ("the meeting of April 26-27, 2023.", ["2023-04-26/2023-04-27"]),
        ("On July 16, the ministers spoke", ["XXXX-07-16"]),
        ("July 16, 2020", ["2020-07-16"]),
        ("on the 27th of April 2023", ["2023-04-27"]),
        ("from 31 August to 1 September 2025", ["2025-08-31/2025-09-01"]),
        ("August 31-September 1, 2025", ["2025-08-31/2025-09-01"]),
        ("the week of 15 May 2023", ["2023-05-15/2023-05-21"]),
        ("the first quarter of 2024", ["2024-01/2024-03"]),
        ("Q3 2025", ["2025-07/2025-09"]),
        ("in the first half of 2023", ["2023-01/2023-06"]),
        ("in the first eleven months of 2023", ["2023-01/2023-11"]),
        ("January–November 2023", ["2023-01/2023-11"]),
        ("between January and March this year", ["XXXX-01/XXXX-03", ""]),
        ("from 2013 to 2023", ["2013/2023"]),
        ("the roadmap for 2022–27", ["2022/2027"]),
        ("spring 2023", ["2023-21"]),
        ("early 2024", ["2024~"]),
        ("in the 1990s", ["199X"]),
        ("trade since 2013", ["2013/.."]),
        ("to be built by 2030", ["../2030"]),
        ("last year and this week", ["", ""]),
        ("18.05.2023", ["2023-05-18"]),
        ("05/06/2023 is two days", ["2023-XX-XX"]),
        ("05/18/2023 is one", ["2023-05-18"]),
        ("26–27 апреля 2023 года", ["2023-04-26/2023-04-27"]),
        ("в мае и в мае 2023 года", ["XXXX-05", "2023-05"]),
        ("с 2013 года, к 2030 году", ["2013/..", "../2030"]),
        ("в первом квартале 2024 года", ["2024-01/2024-03"]),
        ("за первые 9 месяцев 2024 года", ["2024-01/2024-09"]),
        ("2023年5月18日至19日", ["2023-05-18/2023-05-19"]),
        ("2023年8月31日至9月1日", ["2023-08-31/2023-09-01"]),
        ("5月18日", ["XXXX-05-18"]),
        ("2024年第一季度和2024年上半年", ["2024-01/2024-03", "2024-01/2024-06"]),
        ("自2013年以来，到2030年", ["2013/..", "../2030"]),
        ("18-19 Mayıs 2023'te", ["2023-05-18/2023-05-19"]),
        ("2013'ten beri, 2030'a kadar", ["2013/..", "../2030"]),
    ],
)
def test_dates_are_written_as_they_are_told(text: str, expected: list[str]) -> None:
    assert edtf(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "it may 20 times a day",
        "they march 3 by 3",
        "1,985 km and 2000 trains",
        "the Tang Dynasty (618-907)",
        "31 February",
        "https://example.org/202304/26/page-2023-04-26",
        "version 20.24.1",
    ],
)
def test_other_numbers_and_words_are_no_dates(text: str) -> None:
    assert edtf(text) == []


def test_a_day_that_no_calendar_has_is_not_a_day() -> None:
    assert "2023-02-30" not in edtf("on 30 February 2023")


@given(DAYS)
def test_a_full_date_is_read_back_from_every_language(day: date) -> None:
    english = calendar.month_name[day.month]
    for text in (
        f"on {day.day} {english} {day.year}, it",
        f"on {english} {day.day}, {day.year}. It",
        f"{day.day} {RUSSIAN[day.month - 1]} {day.year} года",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.day} {TURKISH[day.month - 1]} {day.year}'de",
        f"({day.day:02d}.{day.month:02d}.{day.year})",
        day.isoformat(),
    ):
        assert edtf(text) == [day.isoformat()], text


@given(DAYS)
def test_a_date_without_a_year_never_gets_one(day: date) -> None:
    text = f"Published in the {day.year} volume. On {day.day} {calendar.month_name[day.month]} they met."
    assert edtf(text) == [str(day.year), f"XXXX-{day.month:02d}-{day.day:02d}"]


@given(st.text(max_size=300))
def test_positions_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    found = find_dates(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(not one.edtf or "XXXX" in one.edtf or one.edtf[0] in ".12" for one in found)


@given(DAYS)
def test_a_coarser_date_says_the_same_as_a_day_in_it(day: date) -> None:
    exact, month, year = (span(text) for text in (day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}"))
    assert exact
    assert month
    assert year
    assert same(month, exact)
    assert same(year, exact)
    assert overlap(exact, month)


def test_two_days_are_not_the_same_as_one_of_them() -> None:
    two, one = span("2023-04-26/2023-04-27"), span("2023-04-27")
    assert two
    assert one
    assert overlap(two, one)
    assert not same(two, one)


@pytest.mark.parametrize("edtf", ["", "2013/..", "../2030", "199X", "no date"])
def test_open_and_unspecified_dates_have_no_span(edtf: str) -> None:
    assert span(edtf) is None
