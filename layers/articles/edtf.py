"""Compare dates written as EDTF: the days they span, whether two may be the same."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_PART = re.compile(r"(?P<year>[0-9X]{4})(?:-(?P<month>\d\d|XX))?(?:-(?P<day>\d\d|XX))?[?~%]?")
_LEAP = 2024
"""Stands for a year that is not told, so that 29 February is a day."""
_SEASON_MONTHS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 12)}


@dataclass(frozen=True, slots=True)
class Span:
    """The days an EDTF date may mean, both ends included."""

    first: date
    last: date
    precision: str
    """``day``, ``month`` or ``year``: the coarser of the two ends."""
    has_year: bool = True

    def in_year(self, year: int) -> Span:
        """Return the same days in another year, for a date whose year is not told."""
        return Span(_moved(self.first, year), _moved(self.last, year), self.precision, has_year=False)


def _moved(day: date, year: int) -> date:
    longest = calendar.monthrange(year, day.month)[1]
    return date(year, day.month, min(day.day, longest))


def span(edtf: str) -> Span | None:
    """Return the days of a date; None for an empty or open one, or one with unspecified digits in its year.

    Examples
    --------
    >>> span("2023-04").last
    datetime.date(2023, 4, 30)
    >>> span("XXXX-05-18/XXXX-05-19").has_year
    False
    """
    first, slash, last = edtf.partition("/")
    low, high = _ends(first), _ends(last if slash else first)
    if low is None or high is None:
        return None
    order = ("day", "month", "year")
    precision = max(low[2], high[2], key=order.index)
    return Span(low[0], high[1], precision, has_year=low[3] and high[3])


def _ends(part: str) -> tuple[date, date, str, bool] | None:  # noqa: PLR0911 - one answer for each precision
    match = _PART.fullmatch(part)
    if match is None or ("X" in match["year"] and match["year"] != "XXXX"):
        return None
    has_year = match["year"] != "XXXX"
    year = int(match["year"]) if has_year else _LEAP
    month, day = match["month"], match["day"]
    if month is None or month == "XX":
        return (date(year, 1, 1), date(year, 12, 31), "year", has_year) if has_year else None
    if int(month) in _SEASON_MONTHS:
        low, high = _SEASON_MONTHS[int(month)]
        return date(year, low, 1), date(year, high, calendar.monthrange(year, high)[1]), "month", has_year
    if not 1 <= int(month) <= 12:
        return None
    longest = calendar.monthrange(year, int(month))[1]
    if day is None or day == "XX":
        return date(year, int(month), 1), date(year, int(month), longest), "month", has_year
    if not 1 <= int(day) <= longest:
        return None
    only = date(year, int(month), int(day))
    return only, only, "day", has_year


def aligned(told: Span, known: Span) -> Span:
    """Return the told days in the year of the known ones where the text leaves the year out."""
    return told if told.has_year else told.in_year(known.first.year)


def overlap(told: Span, known: Span) -> bool:
    """Tell whether two dates may be the same; a year that is not told fits any."""
    told = aligned(told, known)
    return told.first <= known.last and known.first <= told.last


def same(told: Span, known: Span) -> bool:
    """Tell whether two dates say the same: equal as far as the coarser of them goes."""
    moved = aligned(told, known)
    if moved.precision == known.precision:
        return (moved.first, moved.last) == (known.first, known.last)
    return overlap(told, known)


def days_between(told: Span, known: Span) -> int:
    """Return how many days lie between two dates, 0 where they overlap."""
    told = aligned(told, known)
    if overlap(told, known):
        return 0
    return max((known.first - told.last).days, (told.first - known.last).days)
