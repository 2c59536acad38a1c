# ruff: noqa: E501 - a pattern is one row of a table
"""Find numbers with units in English, Russian, Chinese and Turkish text and bring them to base units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from layers.articles.nearby import Nearby

_SCALES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "mln": 10**6, "mn": 10**6, "bln": 10**9, "bn": 10**9, "tn": 10**12, "trn": 10**12,
    "тыс": 10**3, "тысяч": 10**3, "тысячи": 10**3, "тысячу": 10**3,
    "млн": 10**6, "миллион": 10**6, "миллиона": 10**6, "миллионов": 10**6,
    "млрд": 10**9, "миллиард": 10**9, "миллиарда": 10**9, "миллиардов": 10**9,
    "трлн": 10**12, "триллион": 10**12, "триллиона": 10**12, "триллионов": 10**12,
    "万亿": 10**12, "千万": 10**7, "百万": 10**6, "十亿": 10**9, "万": 10**4, "亿": 10**8,
    "bin": 10**3, "milyon": 10**6, "milyar": 10**9, "trilyon": 10**12,
}  # fmt: skip
_UNITS = (
    # name of the group, base unit, factor, pattern; the longer spelling first
    ("USD", "USD", 1, r"(?:US|U\.S\.)\s?dollars?|US\$|USD|dollars?|долл\w*(?:\.? США)?|美元|ABD doları|dolar\w*"),
    ("EUR", "EUR", 1, r"euros?|EUR|евро|欧元|avro"),
    ("CNY", "CNY", 1, r"(?:Chinese )?yuan|CNY|RMB|renminbi|юан\w+|人民币|元"),
    ("RUB", "RUB", 1, r"roubles?|rubles?|RUB|рубл\w+|卢布"),
    ("KZT", "KZT", 1, r"tenge|KZT|тенге|坚戈"),
    ("bcm", "m3", 10**9, r"bcm"),
    ("m3", "m3", 1, r"cubic[ -](?:met(?:re|er)s?|m)|cu\.? ?m|m3|m³|кубометр\w*|куб\. ?м\w*|кубическ\w+ метр\w*|立方米|metreküp"),
    ("TEU", "TEU", 1, r"TEUs?|twenty-foot(?: equivalent)?(?: units?| containers?)|ДФЭ|标准?箱"),
    ("Mt", "t", 10**6, r"Mt(?![\w/]?\w)"),
    ("t", "t", 1, r"(?:metric )?(?:tonnes?|tons?)|тонн\w*|т(?![\w-])|吨|ton"),
    ("bbl", "bbl", 1, r"barrels?|баррел\w+|桶|varil"),
    ("km", "km", 1, r"km|kilomet(?:re|er)s?|км|километр\w*|公里|千米|kilometre\w*"),
    ("mi", "km", Decimal("1.609344"), r"miles?"),
    ("trains", "trains", 1, r"(?:(?:freight|container|block|return|cargo) )?trains?|поезд\w*|列(?:班列|火车)?|tren(?:i|ler)?"),
    ("boxes", "containers", 1, r"containers?|контейнер\w*|集装箱|konteyner"),
    ("projects", "projects", 1, r"(?:\w{1,20} ){0,2}projects|проект\w*|个项目|proje"),
    ("percent", "%", 1, r"%|per ?cent|процент\w*"),
    ("d", "d", 1, r"days?|дн(?:я|ей)|день|сут(?:ок|ки)|天|gün"),
    ("h", "h", 1, r"hours?|час(?:а|ов)?|小时|saat"),
)  # fmt: skip
_SYMBOLS = {
    "US$": "USD",
    "$": "USD",
    "€": "EUR",
    "¥": "CNY",
    "₽": "RUB",
    "USD": "USD",
    "EUR": "EUR",
    "RMB": "CNY",
    "CNY": "CNY",
    "%": "%",
    "YÜZDE": "%",
}
_BASE = MappingProxyType({name: (unit, Decimal(factor)) for name, unit, factor, _ in _UNITS})
_SMALL = {
    word: number
    for number, word in enumerate(re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"))
}  # fmt: skip
_TENS = {
    word: 10 * number
    for number, word in enumerate(re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety"), 2)
}
_SPACE = "[ \u00a0\u202f]"
_NUM = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d+)?(?!\d)|\d{{1,15}}(?:[.,]\d{{1,6}})?)"
_WORD_NUM = rf"(?:(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(list(_SMALL)[1:10])}))?|{'|'.join(list(_SMALL)[2:])})"
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_RATE = (
    rf"{_SPACE}?(?:(?:per|a|each|every)[ -](?:year|annum)|annually|yearly|/{_SPACE}?(?:year|yr|y|a|г(?:од)?)\b|в год|ежегодно|p\.a\.)"
    rf"|{_SPACE}?(?:per|a)[ -]day\b|{_SPACE}?/{_SPACE}?day\b|{_SPACE}?в сутки|{_SPACE}?/年|{_SPACE}?每年"
)
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, _, _, pattern in _UNITS)
_AMOUNT = re.compile(
    rf"(?:(?P<symbol>US\$|\$|€|¥|₽|(?:USD|EUR|RMB|CNY)(?=\s?\d)|%(?=\d)|\byüzde(?=\s\d)){_SPACE}?)?"
    rf"(?<![A-Za-zА-Яа-яЁё\d_.,/+])(?:(?P<low>{_NUM}){_SPACE}?(?:[-–—~]|to|до|至|到){_SPACE}?(?:US\$|\$|€|¥)?)?"
    rf"(?P<num>{_NUM}|\b{_WORD_NUM}\b)"
    rf"(?:{_SPACE}?(?P<scale>{_SCALE}|[mbk](?![\w]))(?:\.|(?![a-zа-яё])))?"
    rf"(?:(?:{_SPACE}|-)?(?:{_UNIT})(?![A-Za-zА-Яа-яёЁ0-9]))?(?P<rate>{_RATE})?",
    re.IGNORECASE,
)
_LETTER_SCALES = {"m": 10**6, "b": 10**9, "k": 10**3}
_YEARLY_BEFORE = re.compile(
    r"(?:annual\w*|yearly|a year|ежегодн\w*|годов\w+|每年|年|yılda|yıllık)\s?\S{0,20}\s?$", re.IGNORECASE
)
_SPEED = re.compile(rf"{_SPACE}?(?:/{_SPACE}?h\b|/ч|per hour|an hour|в час|小时)")
_DECIMAL_COMMA = re.compile(r"[а-яё]|milyon|milyar|metreküp|trilyon|dolar|avro|gün|saat|konteyner", re.IGNORECASE)


_URL = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(frozen=True, slots=True)
class Amount:
    """One number with its unit."""

    start: int
    end: int
    surface: str
    value: float
    unit: str
    """Base unit: ``USD``, ``t``, ``m3``, ``km``, ``TEU``, ``trains``, ``%`` …, with ``/a`` or ``/d`` for a rate."""
    tolerance: float
    """Half of the last digit that is told, in the base unit."""
    role: str = ""
    """``low`` or ``high`` for the two ends of a range."""


def find_amounts(text: str) -> tuple[Amount, ...]:
    """Return the numbers that carry a unit or a currency, in the order of the text.

    Examples
    --------
    >>> [(one.value, one.unit) for one in find_amounts("$70.2bn in trade, 54 bcm per year, 700亿美元")]
    [(70200000000.0, 'USD'), (54000000000.0, 'm3/a'), (70000000000.0, 'USD')]
    """
    return tuple(_amounts(text))


def _amounts(text: str) -> Iterator[Amount]:
    hidden = Nearby(_Stretch(url.start(), url.end()) for url in _URL.finditer(text))
    last: tuple[str, Decimal, str, int] | None = None
    for match in _AMOUNT.finditer(text):
        if any(match.start() < url.end for url in hidden.within(match.start() - 2000, match.start() + 1)):
            continue
        unit = _unit_of(match) or _carried(text, match, last)
        if unit is None or _SPEED.match(text, match.end()):
            continue
        name, factor = unit
        letter = (match["scale"] or "").casefold()
        if letter in _LETTER_SCALES and not match["symbol"]:
            continue
        last = (name, factor, letter, match.end())
        factor *= _LETTER_SCALES.get(letter, _SCALES.get(letter, 1))
        if name not in {"%", "km", "d", "h"}:
            name += _rate(text, match)
        has_comma = bool(_DECIMAL_COMMA.search(match[0]))
        ends = [("low", match["low"]), ("high", match["num"])] if match["low"] else [("", match["num"])]
        numbers = [(role, _read(written, has_comma=has_comma)) for role, written in ends]
        if match["low"] and numbers[0][1][0] >= numbers[1][1][0]:
            numbers = [("", numbers[1][1])]
        # a full stop after billion ends the sentence
        surface = match[0].removesuffix(".") if letter.isascii() else match[0]
        for role, (number, step) in numbers:
            value, half = float(number * factor), float(step * factor / 2)
            yield Amount(match.start(), match.start() + len(surface), surface, value, name, half, role)


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    end: int


def _carried(text: str, match: re.Match[str], last: tuple[str, Decimal, str, int] | None) -> tuple[str, Decimal] | None:
    """Return the unit of the number before in a list: ``2.7 million tonnes in 2023, 4.5 million in 2024``."""
    if last is None or not match["scale"] or match["scale"].casefold() != last[2]:
        return None
    between = text[last[3] : match.start()]
    is_list = len(between) <= 40 and re.search(r"[,;]|\b(?:and|to|from|against|after)\b", between)
    return last[:2] if is_list and not re.search(r"[.!?]\s", between) else None


def _unit_of(match: re.Match[str]) -> tuple[str, Decimal] | None:
    groups = match.groupdict()
    named = next((name for name in _BASE if groups[name]), None)
    if match["symbol"]:
        return _SYMBOLS[match["symbol"].upper()], Decimal(1)
    if named is None or (named == "t" and match["t"].casefold() == "т" and not match["scale"]):
        return None
    return _BASE[named]


def _rate(text: str, match: re.Match[str]) -> str:
    rate = (match["rate"] or "").casefold()
    if rate:
        return "/d" if "day" in rate or "сутки" in rate else "/a"
    return "/a" if _YEARLY_BEFORE.search(text, max(0, match.start() - 28), match.start()) else ""


@lru_cache(maxsize=4096)
def _read(written: str, *, has_comma: bool) -> tuple[Decimal, Decimal]:
    """Return a number and the size of its last told digit; trailing zeros beyond two digits tell nothing."""
    word = written.casefold()
    if word[0].isalpha():
        tens, _, ones = word.partition("-")
        return Decimal(_TENS.get(tens, _SMALL.get(tens, 0)) + _SMALL.get(ones, 0)), Decimal(1)
    plain = re.sub(_SPACE, "", written)
    if has_comma and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    number = Decimal(plain.replace(",", ""))
    if "." in plain:
        places = len(plain.replace(",", "").partition(".")[2])
        return number, Decimal(1).scaleb(-places)
    digits = str(int(number))
    kept = max(len(digits.rstrip("0")), 2)
    return number, Decimal(1).scaleb(max(len(digits) - kept, 0))


def base_unit(unit: str) -> tuple[str, float] | None:
    """Return the base unit and factor of a unit as the catalogue writes it; None where the two cannot be compared.

    Examples
    --------
    >>> base_unit("bcm/y"), base_unit("bn USD")
    (('m3/a', 1000000000.0), ('USD', 1000000000.0))
    """
    stem, _, rate = unit.replace("year", "y").partition("/")
    scale, _, name = stem.rpartition(" ")
    factor = {"": 1.0, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "thousand": 1e3}.get(scale)
    known = {"Mt": ("t", 1e6), "bcm": ("m3", 1e9), "barrels": ("bbl", 1.0), "days": ("d", 1.0), "1": ("trains", 1.0)}
    base, own = known.get(name, (name, 1.0))
    if factor is None or base not in {
        "USD",
        "EUR",
        "CNY",
        "RUB",
        "KZT",
        "t",
        "m3",
        "TEU",
        "bbl",
        "km",
        "trains",
        "projects",
        "vehicles",
        "%",
        "d",
        "h",
    }:
        return None
    suffix = {"": "", "a": "/a", "y": "/a", "d": "/d", "day": "/d"}.get(rate)
    return None if suffix is None else (base + suffix, factor * own)
