# ruff: noqa: E501 - a pattern is one row of a table
"""Find the happenings that a text tells: meetings, agreements, openings, with date, place, participants and number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layers.articles.boilerplate import Boilerplate, find_boilerplate
from layers.articles.dates import FoundDate, find_dates
from layers.articles.event_match import Told, link
from layers.articles.nearby import Nearby, is_citation, sentence_around
from layers.articles.records import FoundEvent, Mention
from layers.articles.sentences import Sentences, find_sentences
from layers.catalogue import Catalogue

_TRIGGERS = {
    "summit": r"\bsummits?\b|саммит\w*|峰会|\bzirve\w*",
    "meeting": r"\b(?:meetings?|talks|forum|conference|met|meet|convene[ds]?|gathered)\b|\bвстреч\w+|\bвстретил\w+|заседани\w+"
    r"|\bфорум\w*|会晤|会议|外长会|会谈|论坛|\btoplantı\w*|\bgörüşme\w*|\bforum\w*",
    "visit": r"\b(?:visit(?:ed|s)?|trip)\b|\bвизит\w*|访问|\bziyaret\w*",
    "agreement": r"\b(?:signed|signing|signs|sign|agreed|agreement|memorandum|treaty|protocol)\b"
    r"|подписа\w+|соглашени\w+|меморандум\w*|签署|签订|协定|协议|\bimzala\w+|\banlaşma\w*",
    "opening": r"\b(?:opened|inaugurated|commissioned|launched|(?:began|started|entered) (?:operations?|service|deliveries))\b"
    r"|\b(?:открыт\w*|открыл\w*|запущен\w*|введ[её]н\w*)|开通|通车|投产|\baçıl(?:dı|an)\b",
    "construction": r"\bconstruction (?:\w{1,20} ){0,4}?(?:began|started|begins|starts)\b|\b(?:began|started) (?:the )?construction\b"
    r"|\bwork (?:\w{1,20} ){0,6}?(?:began|started)\b|\bwas started\b|\bbroke ground\b|\bground-?breaking\b|\bстроительств\w{1,4} (?:\S{1,20} ){0,4}?начал\w+|\bначал\w{1,6} строительств\w+|开工|动工|\btemeli\b.{0,20}\batıl",
    "founding": r"\b(?:founded|established|set up)\b|\bоснован\w*|\bсоздан\w*|成立|\bkurul(?:du|an)\b",
    "proposal": r"\b(?:proposed|unveiled|proposes)\b|\bпредложил\w*|\bвыдвинул\w*|提出|\bönerdi\b",
    "unrest": r"\b(?:violence|unrest|clashes|riots?)\b|\bбеспорядк\w+|\bстолкновени\w+|骚乱|\bçatışma\w*",
}
_TRIGGER = re.compile("|".join(f"(?P<{family}>{pattern})" for family, pattern in _TRIGGERS.items()), re.IGNORECASE)
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first inaugural первый первая первое первого первой первом первую 一 ilk birinci",
            "second второй вторая второе второго втором вторую 二 ikinci",
            "third третий третья третье третьего третьем 三 üçüncü",
            "fourth четвёртый четвертый четвёртая четвёртое четвёртого четвёртом четвертое 四 dördüncü",
            "fifth пятый пятая пятое пятого пятом 五 beşinci",
            "sixth шестой шестая шестое шестого шестом 六 altıncı",
            "seventh седьмой седьмого седьмом 七 yedinci",
            "eighth восьмой восьмого восьмом 八 sekizinci",
            "ninth девятый девятого девятом 九 dokuzuncu",
            "tenth десятый десятого десятом 十 onuncu",
        ),
        start=1,
    )
    for word in words.split()
}
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}
_WORDS = "|".join(sorted((word for word in _ORDINALS if not re.match(r"[一-龥]", word)), key=len, reverse=True))
_ORDINAL = re.compile(
    rf"\b(?P<digits>\d{{1,2}})(?:st|nd|rd|th|-[йяея])\b|\b(?P<roman>[IVX]{{1,4}})\b\.?(?=\s)|\b(?P<word>{_WORDS})\b"
    r"|第(?P<zh>[一二三四五六七八九十]|\d{1,2})[届次]|(?P<zh_first>首)[届次]|(?<![\d.,])(?P<dotted>\d{1,2})\.(?=\s+[A-ZÇĞİÖŞÜ])",
    re.IGNORECASE,
)
_NOT_COUNTING = re.compile(
    r"[,;:!?。，；]|\b(?:half|quarter|months?|years?|time|trip|phase|stage|anniversary)\b", re.IGNORECASE
)
_NTH_TIME = re.compile(rf"[^,;.]{{0,20}}\bfor the (?P<word>{_WORDS}) time\b", re.IGNORECASE)
_POINTING = re.compile(r"\b(?:this|that|these|such|each|every|any|the|after|эт\w+)\s+$", re.IGNORECASE)
_MINISTERS = re.compile(
    r"\bministers?\b|\bministerial\b|\bминистр\w*|\bглав\w* мид\b|外长|部长|\bbakan(?:lar|ları)?\w*", re.IGNORECASE
)
_LEADERS = re.compile(
    r"\bleaders?\b|\bheads? of state\b|\bpresidents?\b|\bпрезидент\w*|元首|\bliderler\w*", re.IGNORECASE
)
_VIDEO = re.compile(r"\b(?:video|virtual|online)\b|видео\w*|视频|\bçevrim\s?içi\b", re.IGNORECASE)
_FUTURE = re.compile(
    r"\b(?:will|to be held|is to|are to|is due|is scheduled|upcoming|planned for|is expected)\b|\bсостоится\b|\bпройдёт\b|将|\bdüzenlenecek\b"
    r"|\byapılacak\b",
    re.IGNORECASE,
)
# where a happening takes place, before the name or, in Turkish, after it; "and" joins a second place
_IN = re.compile(
    r"(?:\b(?:in|at|near|outside|в|во|под|около)\s+(?:the\s+)?(?:(?:city|capital|port|town)\s+of\s+|городе\s+)?|在|于)[\"“«]?$",
    re.IGNORECASE,
)
_IN_AFTER = re.compile(r"['’][dt][ae](?![a-zçğıöşü])|(?:市|州)?(?:举行|召开|签署)")
_FORMAT = re.compile(r"(?<![\w+])(?P<format>\d ?\+ ?1|C ?\+ ?C5|C5 ?\+ ?1)(?![\w+])")
_OF_PARTIES = re.compile(r"\s+(?:of|between|among)\b")
_DATELINE_WORDS = re.compile(
    r"[\s,.:;|•()/–—-]+|\b(?:published|updated|posted|date|on|by|issued|дата|опубликовано|tarih)\b", re.IGNORECASE
)
_AGENCY = re.compile(r"\s*\.?\s*(?:\([^)\n]{2,40}\)|/[^/\n]{2,20}/)?\s*(?:—|–|--?|:)\s")
_LONGEST_DATELINE = 200
_HEAD = 1500
"""Characters at the start of a text where a line with nothing but a date tells when it was published."""


def find_events(
    text: str, mentions: Sequence[Mention], catalogue: Catalogue, *, issued: str = ""
) -> tuple[FoundEvent, ...]:
    """Return the happenings told by a text, in its order, each held against the events of the catalogue.

    Parameters
    ----------
    text
        Raw text of an article.
    mentions
        What the engine found in it, positions in code points of ``text``.
    catalogue
        Its events are the ones to agree with or differ from.
    issued
        EDTF date of the article, to see what it tells as still to come; where empty, the line that dates it in the text.

    Notes
    -----
    A date comes from the sentence that tells the happening, never from the line that dates the article.
    A happening told again with the same particulars is returned once.
    """
    dates, datelines = _split_datelines(text, find_dates(text))
    issued = issued or next((found.edtf for found in datelines if found.has_year), "")
    told = _told(text, mentions, dates, catalogue)
    linked = link(told, catalogue, issued=issued)
    return tuple(_unrepeated([one for one in linked if one.event or one.date or one.number or "format" in one.note]))


def find_dateline(text: str) -> str:
    """Return the date in the head of a text that says when it was published, as EDTF; empty where there is none."""
    _, datelines = _split_datelines(text, find_dates(text[: 2 * _HEAD]))
    return next((found.edtf for found in datelines if found.has_year), "")


def _split_datelines(text: str, dates: Sequence[FoundDate]) -> tuple[list[FoundDate], list[FoundDate]]:
    told: list[FoundDate] = []
    datelines: list[FoundDate] = []
    for found in dates:
        (datelines if _is_dateline(text, found) else told).append(found)
    return told, datelines


def _is_dateline(text: str, found: FoundDate) -> bool:
    if found.start > _HEAD:
        return False
    start = text.rfind("\n", 0, found.start) + 1
    end = text.find("\n", found.end)
    end = len(text) if end < 0 else end
    before, after = text[start : found.start], text[found.end : min(end, found.end + 80)]
    is_short = end - start <= _LONGEST_DATELINE
    if is_short and not _DATELINE_WORDS.sub("", before + text[found.end : end]):
        return True
    # BISHKEK, 18 May (Agency) —
    return len(before) < 40 and bool(re.fullmatch(r"\s*\w[\w .’'-]*,?\s*", before)) and bool(_AGENCY.match(after))


@dataclass(frozen=True, slots=True)
class _Sight:
    """One word that may tell a happening, with its sentence."""

    family: str
    start: int
    end: int
    sentence: tuple[int, int]
    number: int | None
    number_start: int
    written_number: str


def _told(text: str, mentions: Sequence[Mention], dates: Sequence[FoundDate], catalogue: Catalogue) -> list[Told]:
    sentences, aside = find_sentences(text), find_boilerplate(text)
    near, dated = Nearby(mentions), Nearby(dates)
    found = []
    for sight in _sights(text, sentences):
        if is_citation(text, sight.start):
            continue
        told = _particulars(text, sight, near, dated, catalogue, sentences, aside)
        if told.date or told.number is not None or told.format or told.places:
            found.append(told)
    return found


def _sights(text: str, sentences: Sentences) -> Iterator[_Sight]:
    """Yield the word that tells most in each sentence: one that is counted, before one that is not."""
    by_sentence: dict[int, list[_Sight]] = {}
    for match in _TRIGGER.finditer(text):
        family = match.lastgroup or ""
        start, end = sentence_around(sentences, match.start(), match.end())
        number = _number(text, start, match)
        if number is None and _POINTING.search(text, max(start, match.start() - 12), match.start()):
            is_told_more = any(letter.isdigit() for letter in text[start:end]) or _OF_PARTIES.match(text, match.end())
            if not is_told_more:
                continue
        value, position, written = number or (None, match.start(), "")
        sight = _Sight(family, match.start(), match.end(), (start, end), value, position, written)
        by_sentence.setdefault(sentences.number(match.start()), []).append(sight)
    for sights in by_sentence.values():
        by_topic: dict[str, _Sight] = {}
        for sight in sights:
            topic = "meeting" if sight.family in {"summit", "meeting", "visit"} else sight.family
            best = by_topic.get(topic)
            if best is None or _telling(sight) > _telling(best):
                by_topic[topic] = sight
        yield from sorted(by_topic.values(), key=lambda sight: sight.start)


def _telling(sight: _Sight) -> tuple[bool, int]:
    return sight.number is not None, {"summit": 2, "meeting": 1}.get(sight.family, 0)


def _number(text: str, start: int, trigger: re.Match[str]) -> tuple[int, int, str] | None:
    """Return the count of a meeting, where it stands and how it is written: ``4th``, ``VI.``, ``first``."""
    if trigger.lastgroup not in {"summit", "meeting"}:
        return None
    after = _NTH_TIME.match(text, trigger.end())
    if after:
        return _ORDINALS[after["word"].casefold()], trigger.start(), after["word"]
    best = None
    # a full stop after VI. or 4. may have been taken for the end of a sentence
    for match in _ORDINAL.finditer(text, max(0, start - 8, trigger.start() - 90), trigger.start()):
        if match.start() < start and not (match["roman"] or match["dotted"]):
            continue
        between = text[match.end() : trigger.start()]
        if not _NOT_COUNTING.search(between) and len(between.split()) <= 8:
            best = match
    if best is None:
        return None
    if best["roman"]:
        value = _ROMAN.get(best["roman"]) if best["roman"].isupper() and best["roman"] != "I" else None
    elif best["digits"] or best["dotted"]:
        value = int(best["digits"] or best["dotted"])
    else:
        word = (best["word"] or best["zh"] or "一").casefold()
        value = int(word) if word.isdigit() else _ORDINALS.get(word)
    return None if value is None else (value, best.start(), best[0].strip())


def _particulars(  # noqa: PLR0913, PLR0917 - everything known of the text at this point
    text: str,
    sight: _Sight,
    mentions: Nearby[Mention],
    dates: Nearby[FoundDate],
    catalogue: Catalogue,
    sentences: Sentences,
    aside: Boilerplate,
) -> Told:
    start, end = sight.sentence
    sentence = text[start:end]
    inside = mentions.within(start, end)
    lines = [mention for mention in inside if mention.kind in {"line", "corridor"}]
    free = [one for one in inside if one in lines or not any(_holds(line, one) for line in lines)]
    format_ = _FORMAT.search(sentence)
    around = text[max(start, sight.start - 100) : min(end, sight.end + 100)]
    after = _OF_PARTIES.match(text, sight.end)
    parties = _parties([one for one in free if one.start >= sight.end], catalogue) if after else frozenset()
    if len(parties) < 2:
        named = [
            one for one in free if format_ is None or not start + format_.start() <= one.start < start + format_.end()
        ]
        parties = _parties(named, catalogue, format_["format"] if format_ else "")
    if sight.family in {"summit", "meeting"}:
        parties = _parties_before(parties, sight, mentions, catalogue, sentences)
    places = tuple(
        dict.fromkeys(
            one.target.partition(":")[2]
            for one in free
            if one.kind == "place"
            and _is_site(text, sight, one)
            and one.target
            and one.target.partition(":")[2] in catalogue.places
        )
    )
    return Told(
        start=min(sight.start, sight.number_start),
        end=sight.end,
        word=text[sight.start : sight.end].casefold(),
        family=sight.family,
        level=_level(sight, around),
        date=_date_for(sight, dates),
        places=places,
        parties=parties,
        subjects=_subjects(lines) or _subjects_before(sight, mentions, sentences),
        number=sight.number,
        written_number=sight.written_number,
        format=re.sub(r"\s", "", format_["format"]) if format_ else "",
        is_video=bool(_VIDEO.search(around)),
        is_future=bool(_FUTURE.search(text, max(start, sight.start - 60), min(end, sight.end + 220))),
        is_aside=aside.covers(sight.start),
    )


def _subjects(lines: Sequence[Mention]) -> frozenset[str]:
    return frozenset(target for line in lines for target in (line.target, *line.candidates) if target)


def _subjects_before(sight: _Sight, mentions: Nearby[Mention], sentences: Sentences) -> frozenset[str]:
    """Return the lines of the sentence before: ``A memorandum on both was signed``."""
    start = sight.sentence[0]
    if start == 0 or sight.family not in {"agreement", "opening", "construction"}:
        return frozenset()
    lo, _ = sentence_around(sentences, start - 1, start)
    return _subjects([one for one in mentions.within(lo, start) if one.kind in {"line", "corridor"}])


def _parties_before(
    parties: frozenset[str], sight: _Sight, mentions: Nearby[Mention], catalogue: Catalogue, sentences: Sentences
) -> frozenset[str]:
    """Return the parties, with those of up to three sentences before where the own one names fewer than two."""
    start = sight.sentence[0]
    for _ in range(3):
        if len(parties) >= 2 or start == 0:
            break
        lo, hi = sentence_around(sentences, start - 1, start)
        parties |= _parties([one for one in mentions.within(lo, min(hi, start)) if not one.boilerplate], catalogue)
        start = lo
    return parties


def _is_site(text: str, sight: _Sight, place: Mention) -> bool:
    """Tell whether a place is where it happens: ``in Samarkand``, ``Samarkand zirvesi``, not one a train passes."""
    if place.sense != "place":
        return False
    is_named_after = 0 <= sight.start - place.end <= 2
    before = text[max(0, place.start - 24) : place.start]
    return is_named_after or bool(_IN.search(before)) or bool(_IN_AFTER.match(text, place.end))


def _holds(outer: Mention, inner: Mention) -> bool:
    return outer is not inner and outer.start <= inner.start and inner.end <= outer.end


def _level(sight: _Sight, around: str) -> str:
    if sight.family == "summit":
        return "leaders"
    if _MINISTERS.search(around):
        return "ministers"
    return "leaders" if _LEADERS.search(around) else ""


def _date_for(sight: _Sight, dates: Nearby[FoundDate]) -> str:
    inside = [one for one in dates.within(*sight.sentence) if one.edtf and one.relation == "on"]
    if not inside:
        return ""
    return min(inside, key=lambda one: max(one.start - sight.end, sight.start - one.end, 0)).edtf


def _parties(mentions: Sequence[Mention], catalogue: Catalogue, format_: str = "") -> frozenset[str]:
    found: set[str] = set()
    for mention in mentions:
        kind, _, key = mention.target.partition(":")
        if kind == "country":
            found.add(key)
        elif kind == "place" and mention.sense == "government" and key in catalogue.places:
            found.add(catalogue.places[key].country)
        elif key in {"eu", "sco"}:
            found.add(key.upper())
        elif key in {"central-asia", "central-asia-5", "turkic-states", "c-plus-c5", "c5-plus-1"}:
            found |= catalogue.members("central-asia-5" if key == "central-asia" else key)
    compact = re.sub(r"\s", "", format_)
    if compact in {"C+C5", "C5+1"}:
        found |= catalogue.members("c-plus-c5" if compact == "C+C5" else "c5-plus-1")
    return frozenset(found)


def _unrepeated(events: Sequence[FoundEvent]) -> Iterator[FoundEvent]:
    seen = set()
    for event in events:
        particulars = (event.event or event.name, event.kind, event.date, event.number, event.places, event.note)
        if particulars not in seen:
            seen.add(particulars)
            yield event
