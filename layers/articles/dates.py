"""Find dates in English, Russian, Chinese and Turkish text and write them as EDTF; what is not told stays open.

A year that the text leaves out is written ``XXXX``; a date told only from where the writer stands (``last year``)
has no EDTF.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Relation = Literal["on", "since", "by", "as of"]
_Anchor = Literal["month", "figure", "word"]
_Build = Callable[[re.Match[str]], str | None]

_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "January Jan января январе январь январю январём Ocak",
        "February Feb февраля феврале февраль февралю февралём Şubat",
        "March Mar марта марте март марту мартом Mart",
        "April Apr апреля апреле апрель апрелю апрелем Nisan",
        "May мая мае май маю маем Mayıs",
        "June Jun июня июне июнь июню июнем Haziran",
        "July Jul июля июле июль июлю июлем Temmuz",
        "August Aug августа августе август августу августом Ağustos",
        "September Sept Sep сентября сентябре сентябрь сентябрю сентябрём Eylül",
        "October Oct октября октябре октябрь октябрю октябрём Ekim",
        "November Nov ноября ноябре ноябрь ноябрю ноябрём Kasım",
        "December Dec декабря декабре декабрь декабрю декабрём Aralık",
    ),
    start=1,
):
    _MONTHS.update(dict.fromkeys((name.casefold() for name in _names.split()), _number))
# words that mean something else in lower case
_UNSURE = frozenset({"may", "march", "mar", "sep", "dec", "jan", "mart", "ocak", "ekim"})
_M = "(?:" + "|".join(sorted((re.escape(name) for name in _MONTHS), key=len, reverse=True)) + r")\b\.?"
_DASH = r"\s*(?:[-–—]|to|through|and|по|до|и|ile|ila|ve)\s*"
_Y = r"(?:1[5-9]|20)\d\d(?!\d|[.,]\d|[-–]?(?:km|км)\b)"
_D = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|-е|-го)?"
# what may stand between month and year, and after a Russian year
_TO_YEAR = r"(?:\s*,\s*|\s+of\s+|\s+)"
_NUMBER_WORDS = {
    name: number
    for number, names in {
        1: "first one I первом первый первого первое ilk birinci 一 第一",
        2: "second two II втором второй второго второе ikinci 二 第二",
        3: "third three III третьем третий третьего üçüncü 三 第三",
        4: "fourth four IV четвёртом четвертом четвёртый четвертый dördüncü 四 第四",
        5: "five",
        6: "six",
        7: "seven",
        8: "eight",
        9: "nine",
        10: "ten",
        11: "eleven",
    }.items()
    for name in names.casefold().split()
}
_WORD = re.compile(r"\d+|[^\W\d_]+")
_REACH = 48
_DATE_WORDS = frozenset(
    (  # noqa: SIM905 - a list of words reads better so
        "quarter quarters half months month year years week spring summer autumn winter q"
        " квартал квартала квартале кварталу полугодие полугодии полугодию месяцев месяца году"
        " yıl aylarında ayında ayda çeyrek çeyreği çeyreğinde"
    ).split()
)
_URL = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """One date at its place in the text."""

    start: int
    end: int
    edtf: str
    """Empty for a date told only from where the writer stands."""
    relation: Relation = "on"

    @property
    def has_year(self) -> bool:
        """True where the year is told."""
        return bool(self.edtf) and not self.edtf.startswith("XXXX")


def find_dates(text: str) -> tuple[FoundDate, ...]:
    """Return the dates of a text, in its order, without overlaps; addresses of web pages are left out.

    Examples
    --------
    >>> [found.edtf for found in find_dates("It met on 26-27 April 2023, and again in May.[1]")]
    ['2023-04-26/2023-04-27', 'XXXX-05']
    """
    taken = bytearray(len(text))
    for url in _URL.finditer(text):
        taken[url.start() : url.end()] = b"\1" * (url.end() - url.start())
    found = []
    windows = _windows(text)
    for anchor, pattern, build in _RULES:
        for lo, hi in windows[anchor]:
            for match in pattern.finditer(text, lo, hi):
                if any(taken[match.start() : match.end()]):
                    continue
                edtf = build(match)
                if edtf is None:
                    continue
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                found.append(_related(text, match.start(), match.end(), edtf))
    return tuple(sorted(found, key=lambda one: one.start))


def _windows(text: str) -> dict[_Anchor, list[tuple[int, int]]]:
    """Return where a month, a figure or another word of dates stands, with some text around it.

    The patterns run there only: over the whole text they take ten times as long.
    """
    windows: dict[_Anchor, list[tuple[int, int]]] = {"month": [], "figure": [], "word": []}
    for word in _WORD.finditer(text):
        if word[0][0].isdigit():
            anchor: _Anchor = "figure"
        elif (folded := word[0].casefold()) in _MONTHS:
            anchor = "month"
        elif folded in _DATE_WORDS or "年" in folded or "月" in folded:
            anchor = "word"
        else:
            continue
        lo, hi, spans = max(0, word.start() - _REACH), word.end() + _REACH, windows[anchor]
        if spans and spans[-1][1] >= lo:
            spans[-1] = (spans[-1][0], hi)
        else:
            spans.append((lo, hi))
    return windows


_SINCE = re.compile(r"(?:\b(?:since|starting|beginning|с|со|начиная с)\s+(?:the\s+)?|自|从)$", re.IGNORECASE)
_BY = re.compile(
    r"(?:\b(?:by|until|till|up to|before|no later than|к|до)\s+(?:the\s+)?(?:end\s+of\s+|концу\s+|конца\s+)?|到|至)$",
    re.IGNORECASE,
)
_SINCE_AFTER = re.compile(r"(?:['’]?[dt][ea]n\s+(?:beri|bu yana|itibaren)|年?以来|年?起)", re.IGNORECASE)
_BY_AFTER = re.compile(r"['’]?[ey]?[ea]\s+kadar|年?(?:前|之前)", re.IGNORECASE)
_AS_OF = re.compile(r"\bas (?:of|at)\s+(?:the\s+)?(?:end\s+of\s+)?$|по состоянию на\s+$|截至$", re.IGNORECASE)


def _related(text: str, start: int, end: int, edtf: str) -> FoundDate:
    before, after = text[max(0, start - 24) : start], text[end : end + 14]
    if _AS_OF.search(before):
        return FoundDate(start, end, edtf, "as of")
    if not edtf or "/" in edtf:
        return FoundDate(start, end, edtf)
    if _SINCE_AFTER.match(after) or _SINCE.search(before):
        return FoundDate(start, end, f"{edtf}/..", "since")
    if _BY_AFTER.match(after) or _BY.search(before):
        return FoundDate(start, end, f"../{edtf}", "by")
    return FoundDate(start, end, edtf)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTHS[name.casefold().rstrip(".")]


def _day(year: str, month: int, day: str) -> str | None:
    """Return one day as EDTF, or None where the calendar has no such day."""
    number = int(re.match(r"\d+", day)[0])  # type: ignore[index]  # every pattern gives a digit first
    longest = calendar.monthrange(int(year) if year.isdigit() else 2024, month)[1]
    return f"{year}-{month:02d}-{number:02d}" if 1 <= number <= longest else None


def _year_of(match: re.Match[str]) -> str:
    return match.groupdict().get("year") or "XXXX"


def _interval(first: str | None, last: str | None) -> str | None:
    if first is None or last is None:
        return first or last
    return f"{first}/{last}" if first < last else None


def _days(match: re.Match[str]) -> str | None:
    """Day or days of one month."""
    month = _month_in(match)
    if month is None:
        return None
    year, first, last = _year_of(match), match["day"], match.groupdict().get("day2")
    if last is None:
        return _day(year, month, first)
    return _interval(_day(year, month, first), _day(year, month, last))


def _month_in(match: re.Match[str]) -> int | None:
    """Return the month, or None where the word means something else or the number is none."""
    name = match["month"]
    if name in _UNSURE and not match.groupdict().get("year"):
        return None
    return _month(name) if 1 <= _month(name) <= 12 else None


def _days_over_months(match: re.Match[str]) -> str | None:
    year, month, month2 = _year_of(match), _month_in(match), _month(match["month2"])
    if month is None or not 1 <= month2 <= 12:
        return None
    first_year = match.groupdict().get("year1") or year
    return _interval(_day(first_year, month, match["day"]), _day(year, month2, match["day2"]))


def _month_alone(match: re.Match[str]) -> str | None:
    month = _month_in(match)
    return f"{_year_of(match)}-{month:02d}" if month else None


def _months(match: re.Match[str]) -> str | None:
    year, first, last = _year_of(match), _month_in(match), _month(match["month2"])
    return f"{year}-{first:02d}/{year}-{last:02d}" if first and first < last <= 12 else None


def _part_of_year(months: int) -> _Build:
    """Return a reader of the nth part of a year, of so many months."""

    def read(match: re.Match[str]) -> str | None:
        number = _NUMBER_WORDS.get(match["nth"].casefold()) or (int(match["nth"]) if match["nth"].isdigit() else 0)
        year, first = _year_of(match), (number - 1) * months + 1
        return f"{year}-{first:02d}/{year}-{first + months - 1:02d}" if 1 <= first <= 13 - months else None

    return read


def _first_months(match: re.Match[str]) -> str | None:
    count = _NUMBER_WORDS.get(match["nth"].casefold()) or (int(match["nth"]) if match["nth"].isdigit() else 0)
    year = _year_of(match)
    return f"{year}-01/{year}-{count:02d}" if 2 <= count <= 12 else None


def _numeric(match: re.Match[str]) -> str | None:
    """Day, month and year in figures; with slashes either order is used, so only a day above 12 settles it."""
    first, second, year = match["a"], match["b"], match["year"]
    if match["sep"] == "/" and int(first) <= 12 and int(second) <= 12 and int(first) != int(second):
        return f"{year}-XX-XX"
    if int(second) > 12:
        first, second = second, first
    return _day(year, int(second), first) if 1 <= int(second) <= 12 else None


def _iso(match: re.Match[str]) -> str | None:
    return _day(match["year"], int(match["month"]), match["day"]) if 1 <= int(match["month"]) <= 12 else None


def _week(match: re.Match[str]) -> str | None:
    monday = _days(match)
    if monday is None or monday.startswith("XXXX"):
        return monday
    first = date.fromisoformat(monday)
    return f"{first.isoformat()}/{(first + timedelta(days=6)).isoformat()}"


def _years(match: re.Match[str]) -> str | None:
    first, last = match["year"], match["year2"]
    if len(last) == 2:
        last = first[:2] + last
    return f"{first}/{last}" if first < last else None


def _year_alone(match: re.Match[str]) -> str | None:
    return match["year"]


def _season(match: re.Match[str]) -> str | None:
    return f"{match['year']}-{_SEASONS[match['season'].casefold()]}"


def _about(match: re.Match[str]) -> str | None:
    return f"{match['year']}~"


def _decade(match: re.Match[str]) -> str | None:
    return f"{match['year'][:3]}X"


def _nothing(_: re.Match[str]) -> str | None:
    return ""


_SEASONS = {
    name: number
    for number, names in {
        21: "spring весной весна весны 春季 春天 ilkbahar",
        22: "summer летом лето лета 夏季 夏天 yaz",
        23: "autumn fall осенью осень осени 秋季 秋天 sonbahar",
        24: "winter зимой зима зимы 冬季 冬天 kış",
    }.items()
    for name in names.split()
}
_RU_YEAR = r"(?:\s*(?:г\.|года|году|год|гг\.))?"
_NTH = r"(?P<nth>\d{1,2}|[^\W\d_]{1,20})(?:st|nd|rd|th|-й|-м)?"
_SEASON = "|".join(_SEASONS)


def _rules() -> Iterator[tuple[_Anchor, re.Pattern[str], _Build]]:
    def rule(pattern: str, build: _Build, anchor: _Anchor = "figure") -> tuple[_Anchor, re.Pattern[str], _Build]:
        return anchor, re.compile(pattern, re.IGNORECASE), build

    month, month2 = rf"(?P<month>{_M})", rf"(?P<month2>{_M})"
    day, day2, year = rf"(?<![\d.,/$€£])(?P<day>{_D})", rf"(?P<day2>{_D})", rf"(?P<year>{_Y})"
    the_year = rf"(?:{_TO_YEAR}{year}{_RU_YEAR})"
    # the week that holds or starts on a day
    yield rule(rf"\bweek\s+(?:of|beginning|starting)\s+{day}\s+{month}{the_year}?", _week, "month")
    yield rule(rf"\bweek\s+(?:of|beginning|starting)\s+{month}\s+(?P<day>{_D})(?!\d){the_year}?", _week, "month")
    # days over two months, then days of one
    yield rule(
        rf"{day}\s+{month}(?:\s+(?P<year1>{_Y}))?{_DASH}{day2}\s+{month2}{the_year}?", _days_over_months, "month"
    )
    yield rule(rf"\b{month}\s+(?P<day>{_D}){_DASH}{month2}\s+{day2}(?!\d){the_year}?", _days_over_months, "month")
    yield rule(rf"{day}{_DASH}{day2}\s+(?:of\s+)?{month}{the_year}?", _days, "month")
    yield rule(rf"{day}\s+(?:of\s+)?{month}{the_year}?", _days, "month")
    yield rule(rf"\b{month}\s+(?P<day>{_D}){_DASH}{day2}(?![\d%]|[.,]\d){the_year}?", _days, "month")
    yield rule(rf"\b{month}\s+(?P<day>{_D})(?![\d%]|[.,:]\d){the_year}?", _days, "month")
    # Chinese
    zh_year = r"(?:(?P<year>(?:1[89]|20)\d\d)年)"
    zh_day = r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"
    zh_to = r"(?:[至到]|\s*[—–-]\s*)"
    yield rule(rf"{zh_year}?{zh_day}{zh_to}(?P<month2>\d{{1,2}})月(?P<day2>\d{{1,2}})[日号]", _days_over_months)
    yield rule(rf"{zh_year}?{zh_day}?{zh_to}(?P<day2>\d{{1,2}})[日号]", _days)
    yield rule(rf"{zh_year}?{zh_day}", _days)
    yield rule(rf"{zh_year}(?P<month>\d{{1,2}})月?[至到—–-](?P<month2>\d{{1,2}})月", _months)
    yield rule(rf"{zh_year}前(?P<nth>\d{{1,2}}|[三六九十]+)个?月", _first_months)
    yield rule(rf"{zh_year}(?P<month>\d{{1,2}})月", _month_alone)
    yield rule(rf"{zh_year}?第?(?P<nth>[一二三四])季度", _part_of_year(3))
    yield rule(rf"{zh_year}上半年(?P<nth>)", lambda match: f"{match['year']}-01/{match['year']}-06")
    yield rule(rf"{zh_year}", _year_alone)
    yield rule(r"去年|今年|明年|上个?月|本月", _nothing, "word")
    # figures only
    yield rule(r"(?<![\d-])(?P<year>20\d\d|19\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])", _iso)
    yield rule(r"(?<![\d./])(?P<a>\d{1,2})(?P<sep>[./])(?P<b>\d{1,2})(?P=sep)(?P<year>(?:19|20)\d\d)(?!\d)", _numeric)
    # parts of years
    yield rule(rf"\b{_NTH}\s+(?:quarter|квартал[аеу]?|çeyre\w+)(?:{_TO_YEAR}{year}|\b)", _part_of_year(3), "word")
    yield rule(rf"\bQ(?P<nth>[1-4])(?:{_TO_YEAR}{year}|\b)", _part_of_year(3))
    yield rule(rf"{year}['’]?\w{{0,4}}\s+{_NTH}\s+çeyre\w+", _part_of_year(3), "word")
    yield rule(
        rf"\b{_NTH}\s+(?:half(?:\s+of)?(?:\s+the\s+year)?|полугоди[еию])(?:{_TO_YEAR}{year}|\b)",
        _part_of_year(6),
        "word",
    )
    yield rule(
        rf"\b(?:first|за|первые|ilk)\s+(?:первые\s+)?{_NTH}\s+(?:months|месяц\w*|ay\w*)(?:\s+of)?{the_year}?",
        _first_months,
        "word",
    )
    yield rule(rf"\b{month}{_DASH}{month2}{the_year}?", _months, "month")
    yield rule(rf"\b(?P<season>{_SEASON})(?:\s+of)?\s+{year}", _season, "word")
    yield rule(rf"\b(?:early|late|mid|around|about|circa|конце|начале|середине)[-\s]+{year}{_RU_YEAR}", _about)
    yield rule(r"(?<![\d.,$€£-])(?P<year>(?:19|20)\d0)['’]?(?:s\b|-[ехм]+\b|年代)", _decade)
    # month, with a year or with a word that shows it is one
    yield rule(rf"\b{month}{the_year}", _month_alone, "month")
    yield rule(
        rf"(?:(?<=\bin )|(?<=\bsince )|(?<=\bby )|(?<=\buntil )|(?<=\blast )|(?<=\bof )|(?<=\bthis )"
        rf"|(?<=\bв )|(?<=\bс )|(?<=\bдо ))(?-i:{_capital_months()})\b(?!\s+\d)",
        _month_alone,
        "month",
    )
    # years
    yield rule(rf"(?<![\d.,$€£])(?:from\s+|between\s+|с\s+)?{year}{_DASH}(?P<year2>{_Y}|\d\d(?![\d.,%]))", _years)
    yield rule(
        rf"(?<![\d.,$€£¥/+-]){year}(?!\s*(?:km|км|公里|million|billion|TEU|tonnes|tons|trains|млн|млрд|%|percent|people|men))"
        rf"(?:\s*(?:г\.|года|году|год|гг\.))?",
        _year_alone,
    )
    yield rule(
        r"\b(?:last|this|next|the past|previous) (?:year|month|week|spring|summer|autumn|winter)\b"
        r"|\bв прошлом году\b|\bв этом году\b|\bgeçen yıl\b|\bbu yıl\b",
        _nothing,
        "word",
    )


def _capital_months() -> str:
    names = [name for name in _MONTHS if not re.match(r"[а-яё]", name)]
    russian = [name for name in _MONTHS if re.match(r"[а-яё]", name)]
    full = [name.capitalize() for name in names if len(name) > 3 or name == "may"]
    return "(?P<month>" + "|".join(sorted([*full, *russian], key=len, reverse=True)) + ")"


_RULES = tuple(_rules())
