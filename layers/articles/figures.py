# ruff: noqa: E501 - a pattern is one row of a table
"""Find the figures that a text tells: value in its base unit, what is measured, of whom, when, and how it changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from layers.articles.amounts import Amount, find_amounts
from layers.articles.boilerplate import find_boilerplate
from layers.articles.dates import FoundDate, find_dates
from layers.articles.figure_match import NOT_SURE, candidates_by_target, compare
from layers.articles.nearby import Nearby, is_citation, sentence_around
from layers.articles.records import FoundFigure, Mention
from layers.articles.sentences import Sentences, find_sentences
from layers.catalogue import Catalogue

_MONEY = frozenset({"USD", "EUR", "CNY", "RUB", "KZT"})
_VOLUME = frozenset({"t", "m3", "TEU", "bbl", "trains", "containers"})
# what the words near a number say of it; the first that fits wins among words equally near
_MEASURES: tuple[tuple[str, frozenset[str], str], ...] = (
    ("contracts-turnover", _MONEY, r"contract\w* turnover|turnover of contract\w*|оборот\w* по контракт\w*|承包.{0,6}营业额"),
    ("fdi-stock", _MONEY, r"(?:direct )?investments? stock|stock of (?:\w+ )?(?:direct )?investments?|FDI stock|накопленн\w+ \S* ?инвестиц\w+|投资存量"),
    ("loans", _MONEY, r"loans?|lending|кредит\w*|贷款|kredi\w*"),
    ("trade", _MONEY, r"trade|товарооборот\w*|торговл\w*|贸易|ticaret\w*"),
    ("exports", _MONEY, r"exports?|экспорт\w*|出口|ihracat\w*"),
    ("imports", _MONEY, r"imports?|импорт\w*|进口|ithalat\w*"),
    ("pledge", _MONEY, r"pledge[ds]?|commitments?|обязательств\w*|taahhü\w*"),
    ("cost", _MONEY, r"costs?|price tag|priced|budget|стоимост\w*|стоит|造价|总投资|maliyet\w*"),
    ("investment-cumulative", _MONEY, r"invest\w*|инвестиц\w*|投资|yatırım\w*"),
    ("projects", _MONEY, r"projects?|проект\w*|项目|proje\w*"),
    ("capacity", _VOLUME, r"capacity|capable|throughput|мощност\w*|пропускн\w+|运力|输气能力|年输\w?|kapasite\w*"),
    ("containers", frozenset({"TEU", "containers"}), r"TEU|containers?|контейнер\w*|箱"),
    ("gas-exports", frozenset({"m3"}), r"gas|deliver\w*|suppl\w+|export\w*|pumped|газ\w*|поставк\w*|天然气|gaz\w*"),
    ("oil-exports", frozenset({"t", "bbl"}), r"oil|crude|нефт\w*|原油|petrol\w*"),
    ("freight", frozenset({"t"}), r"freight|cargo|goods|tonnage|carried|shipped|transported|traffic|груз\w*|перевоз\w*|货运|运量|货物|yük\w*|taşı\w*"),
    ("trains", frozenset({"trains"}), r"trains?|поезд\w*|班列|tren\w*"),
    ("length", frozenset({"km"}), r"km|kilomet\w+|км|километр\w*|公里|千米"),
    ("travel-time", frozenset({"d", "h"}), r"days?|hours?|transit|journey|voyage|дн\w+|сут\w+|час\w*|天|小时|gün|saat"),
    ("projects", frozenset({"projects"}), r"projects?|проект\w*|项目|proje\w*"),
)  # fmt: skip
_MEASURE_RULES = tuple(
    (name, units, re.compile(rf"(?<![^\W\d_])(?:{pattern})" if pattern.isascii() else pattern, re.IGNORECASE))
    for name, units, pattern in _MEASURES
)
_RISE = (
    r"\bup\b|\brose\b|\brise[ns]?\b|\brising\b|\bgrew\b|\bgrown\b|\bgrow(?:s|ing)?\b|\bgrowth\b|increas\w+|\bjump\w*|\bsurg\w+|\bclimb\w*|\bsoar\w*"
    r"|\bgain\w*|\bhigher\b|\bexpand\w*|вырос\w*|увелич\w*|рост\w*|прирост\w*|增长|增加|上升|同比增|\bart(?:tı|ış|arak)\w*|\byüksel\w*"
)
_FALL = r"\bdown\b|\bfell\b|\bfall\w*|declin\w+|\bdrop\w*|decreas\w+|\blower\b|\bshr[aiu]nk\w*|снизи\w*|сократи\w*|упал\w*|паден\w*|下降|减少|\bazal\w*|\bdüş\w*"
_TURN = re.compile(rf"(?P<rise>{_RISE})|(?P<fall>{_FALL})", re.IGNORECASE)
# words that say a number may be of a part of the line
_PART = re.compile(r"\b(?:part|section|stretch|segment|leg|of it|of which|участ\w+|kesim\w*)\b|段", re.IGNORECASE)
_SHARE = re.compile(r"\s*(?:of|share|от|доли|的)\b|\s*share", re.IGNORECASE)
_MULTIPLE = re.compile(
    r"(?P<word>\b(?:doubled|tripled|quadrupled|halved)\b|удвои\w+|утрои\w+|翻了?一番|\bikiye katla\w+)"
    r"|(?P<times>\d+(?:[.,]\d+)?)(?:[ -](?:times|fold)\b| раз[а]?\b|倍)",
    re.IGNORECASE,
)
_MULTIPLES = {"doubled": 100.0, "tripled": 200.0, "quadrupled": 300.0, "halved": -50.0}
_TO = re.compile(r",?\s*(?:to|reaching|totall?ing|до|至|达到?|至到)\s*(?:about |over |almost )?", re.IGNORECASE)
_BETWEEN = frozenset({"trade", "exports", "imports"})
_ATTACHED = 70
"""Characters between a figure and the change that belongs to it."""
_LOOK = 45
_WORDS_REACH = 250


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    mentions: Sequence[Mention]
    dates: Sequence[FoundDate]
    amounts: Sequence[Amount]


def find_figures(text: str, mentions: Sequence[Mention], catalogue: Catalogue) -> tuple[FoundFigure, ...]:
    """Return the figures told by a text, in its order, each held against figures and claims of the catalogue.

    Parameters
    ----------
    text
        Raw text of an article.
    mentions
        What the engine found in it, positions in code points of ``text``.
    catalogue
        Its figures and claims are the ones to agree with or differ from.

    Notes
    -----
    Measure, subject and countries come from the sentence of the number or, where it names none, from the one before.
    Two values agree when they are equal as far as the less precise of them is told: 70.2 and 70 billion do.
    """
    amounts = find_amounts(text)
    around = _Around(Nearby(mentions), Nearby(find_dates(text)), Nearby(amounts), find_sentences(text))
    candidates = candidates_by_target(mentions)
    found = []
    aside = find_boilerplate(text)
    for amount in amounts:
        figure = _figure(text, amount, around, catalogue)
        if figure is None or is_citation(text, amount.start):
            continue
        if aside.covers(amount.start):
            figure = replace(
                figure, note="; ".join(filter(None, (figure.note, "stands outside the article's own prose")))
            )
        found.append(compare(figure, amount, candidates, catalogue))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a text holds, by position."""

    mentions: Nearby[Mention]
    dates: Nearby[FoundDate]
    amounts: Nearby[Amount]
    sentences: Sentences

    def sentence(self, start: int, end: int) -> _Sentence:
        lo, hi = sentence_around(self.sentences, start, end)
        return _Sentence(lo, hi, self.mentions.within(lo, hi), self.dates.within(lo, hi), self.amounts.within(lo, hi))


def _figure(text: str, amount: Amount, around: _Around, catalogue: Catalogue) -> FoundFigure | None:
    here = around.sentence(amount.start, amount.end)
    before = around.sentence(here.start - 1, here.start) if here.start else None
    change = _own_change(text, amount, here) if amount.unit == "%" else _attached_change(text, amount, here)
    if amount.unit == "%" and change is not None and _belongs_to_another(text, amount, here):
        return None
    measure = _measure(text, amount, here) or (_measure(text, amount, before, whole=True) if before else "")
    subject = _subject(amount, here)
    is_from_before = not subject and before is not None and bool(subject := _subject(amount, before))
    countries = _countries_by(amount, here, catalogue, least=2 if measure in _BETWEEN else 1)
    if before and (not countries or (measure in _BETWEEN and len(countries) < 2)):
        countries |= _countries(before.mentions, catalogue)
    period, relative = _period(text, amount, here)
    notes = [f"{amount.role} end of a range" if amount.role else "", f"period told as “{relative}”" if relative else ""]
    if subject and (is_from_before or _PART.search(text, here.start, here.end)):
        notes.append(NOT_SURE)
    return FoundFigure(
        start=amount.start,
        end=amount.end,
        surface=amount.surface,
        value=amount.value,
        unit=amount.unit,
        measure=measure,
        subject=subject,
        countries=tuple(sorted(countries)),
        period=period,
        change_percent=change,
        note="; ".join(note for note in notes if note),
    )


def _measure(text: str, amount: Amount, sentence: _Sentence, *, whole: bool = False) -> str:
    """Return what the words of a sentence say is measured: the word nearest to the number, before it rather than after."""
    stem = amount.unit.partition("/")[0]
    lo, hi = max(sentence.start, amount.start - 2 * _WORDS_REACH), min(sentence.end, amount.end + _WORDS_REACH)
    best: tuple[float, str] | None = None
    for name, units, pattern in _MEASURE_RULES:
        if stem != "%" and stem not in units:
            continue
        if stem == "%" and name not in {
            "trade",
            "exports",
            "imports",
            "freight",
            "containers",
            "trains",
            "gas-exports",
        }:
            continue
        for match in pattern.finditer(text, lo, hi):
            if whole:
                distance = float(sentence.end - match.start())
            elif match.start() >= amount.end:
                distance = 1.5 * (match.start() - amount.end)
            else:
                distance = float(max(amount.start - match.end(), 0))
            if best is None or distance < best[0]:
                best = (distance, name)
    if best is None:
        return {"km": "length", "TEU": "containers", "trains": "trains"}.get(stem, "") if whole else ""
    return best[1]


def _subject(amount: Amount, sentence: _Sentence) -> str:
    """Return the line or corridor nearest to the number, before it rather than after."""
    lines = [one for one in sentence.mentions if one.kind in {"line", "corridor"} and (one.target or one.candidates)]
    if not lines:
        return ""
    nearest = min(
        lines,
        key=lambda one: (amount.start - one.end) if one.end <= amount.start else 2 * (one.start - amount.end) + 20,
    )
    return nearest.target or nearest.candidates[0]


def _countries(mentions: Sequence[Mention], catalogue: Catalogue) -> set[str]:
    found: set[str] = set()
    lines = [one for one in mentions if one.kind in {"line", "corridor"}]
    for one in mentions:
        kind, _, key = one.target.partition(":")
        if any(line.start <= one.start and one.end <= line.end for line in lines):
            continue
        if kind == "country":
            found.add(key)
        elif kind == "place" and one.sense == "government" and key in catalogue.places:
            found.add(catalogue.places[key].country)
        elif key in {"central-asia", "central-asia-5"}:
            found |= catalogue.members("central-asia-5")
    return found


def _countries_by(amount: Amount, sentence: _Sentence, catalogue: Catalogue, *, least: int) -> set[str]:
    """Return the countries between the figures before and after, or those of the sentence where they are too few."""
    others = [one for one in sentence.amounts if one.start != amount.start]
    lo = max((one.end for one in others if one.end <= amount.start), default=sentence.start)
    hi = min((one.start for one in others if one.start >= amount.end), default=sentence.end)
    near = _countries([one for one in sentence.mentions if lo <= one.start < hi], catalogue)
    return near if len(near) >= least else _countries(sentence.mentions, catalogue)


def _period(text: str, amount: Amount, sentence: _Sentence) -> tuple[str, str]:
    """Return the date nearest to a number as EDTF, or the words of one that is only relative."""
    told = [one for one in sentence.dates if not amount.start <= one.start < amount.end]
    if not told:
        return "", ""
    nearest = min(told, key=lambda one: (not one.edtf, _distance(text, amount, one)))
    if nearest.edtf:
        return (f"../{nearest.edtf}" if nearest.relation == "as of" else nearest.edtf), ""
    return "", text[nearest.start : nearest.end].casefold()


def _distance(text: str, amount: Amount, told: FoundDate) -> int:
    """Return how far a date is from a number: ``2.7 million in 2023`` is nearer than ``in 2022, 2.7 million``."""
    if told.start >= amount.end:
        return told.start - amount.end
    between = text[told.end : amount.start]
    return max(len(between), 0) + (10 if "," in between or ";" in between or "，" in between else 0)


def _turn(text: str, lo: int, hi: int, *, last: bool) -> int:
    """Return 1 or -1 for a word of rise or fall in a stretch of text, 0 for none."""
    turns = list(_TURN.finditer(text, lo, hi))
    if not turns:
        return 0
    return 1 if turns[-1 if last else 0]["rise"] else -1


def _own_change(text: str, amount: Amount, sentence: _Sentence) -> float | None:
    """Return the change a percentage tells: ``up 26%``, ``a 40 per cent rise``; None for a share of something."""
    if _SHARE.match(text, amount.end):
        return None
    turn = _turn(text, max(sentence.start, amount.start - _LOOK), amount.start, last=True)
    turn = turn or _turn(text, amount.end, min(sentence.end, amount.end + 20), last=False)
    return turn * amount.value if turn else None


def _belongs_to_another(text: str, percent: Amount, sentence: _Sentence) -> bool:
    return _owner(text, percent.start, sentence) is not None or any(
        _leads_to(text, percent, one) for one in sentence.amounts
    )


def _leads_to(text: str, percent: Amount, amount: Amount) -> bool:
    """Tell whether a change comes just before its figure: ``grew by 26% to 4 million tonnes``."""
    if amount.unit == "%" or not 0 <= amount.start - percent.end <= _ATTACHED:
        return False
    return bool(_TO.fullmatch(text, percent.end, amount.start))


def _owner(text: str, position: int, sentence: _Sentence) -> Amount | None:
    """Return the figure just before a change, when nothing but a few words of the same clause stand between."""
    before = [one for one in sentence.amounts if one.end <= position and one.unit not in {"%", "d", "h", "km"}]
    if not before or position - before[-1].end > _ATTACHED:
        return None
    between = text[before[-1].end : position]
    return None if re.search(r"[;:。]|\b(?:and|while|but|whereas|а|но)\b", between) else before[-1]


def _attached_change(text: str, amount: Amount, sentence: _Sentence) -> float | None:
    for percent in sentence.amounts:
        if percent.unit != "%" or percent.start - amount.end > _ATTACHED:
            continue
        if percent.start < amount.start and _leads_to(text, percent, amount):
            return _own_change(text, percent, sentence)
        if percent.start >= amount.end and _owner(text, percent.start, sentence) == amount:
            change = _own_change(text, percent, sentence)
            if change is not None:
                return change
    for match in _MULTIPLE.finditer(text, amount.end, min(sentence.end, amount.end + _ATTACHED)):
        if match["word"]:
            return _MULTIPLES.get(match["word"].casefold(), -50.0 if "halv" in match["word"].casefold() else 100.0)
        times = float(match["times"].replace(",", "."))
        turn = _turn(text, max(amount.end, match.start() - _LOOK), match.start(), last=True)
        if turn > 0 and times > 1:
            return round((times - 1) * 100, 6)
    return None
