"""Signs that a known word is not the place here: a person, a university, a river, an everyday word, other initials."""

from __future__ import annotations

import re

from layers.articles.choose import Context
from layers.articles.entries import INFRASTRUCTURE
from layers.articles.fold import name_key
from layers.articles.matching import Hit
from layers.articles.registry import Registry

_BODY = (
    r"University|Institute|Academy|College|School|Bank|Foundation|Council|Association|Society|Corporation|Company"
    r"|Holdings?|Group|Ltd|LLC|LLP|JSC|Inc|PLC|"
    r"Daily|Times|Post|News|Herald|Tribune|Journal|Review|Gazette|Telegraph|Airlines?|Airways|Stadium|Hotel"
    r"|Museum|Hospital|Press|Fund|Exchange|Opera|"
    r"FC|Observatory|Chamber|Barometer|Monitor|Watch|Studies|Üniversitesi|Enstitüsü|Bankası"
)
_BODY_AFTER = re.compile(
    rf"(?:[ \u00a0]+(?:[A-ZÇĞİÖŞÜ][\w’'-]*|of|and|for|&)){{0,4}}?[ \u00a0]+(?:{_BODY})\b(?![’']s? (?:of|in)\b)"
)
_BODY_BEFORE = re.compile(
    r"\b(?:University|Institute|Academy|College|School|Cent(?:er|re)|Bank|Museum)\s+(?:of"
    r"|for)\s+(?:the\s+)?(?:[A-Z]\w+\s+)?$"
)
_NATURE = re.compile(
    r"[ \u00a0]+(?:[Rr]iver|[Ll]akes?|[Bb]asin|[Ss]ea|[Mm]ountains?|[Vv]alley|[Dd]esert|[Gg]lacier|[Pp]lain"
    r"|[Pp]eninsula|[Ss]trait|[Cc]anal|[Dd]am|[Rr]eservoir|[Ff]ield|[Gg]as field|[Oo]il field|[Mm]ine"
    r"|[Dd]eposit)\b"
)
_PROVINCE = re.compile(
    r"[ \u00a0]+(?:[Rr]egions?|[Oo]blasts?|[Pp]rovinces?|[Dd]istricts?|[Pp]refectures?|[Gg]overnorates?|[Cc]ounty"
    r"|[Aa]utonomous|[Tt]erritory|[Kk]rai|[Vv]iloyat|область|области|областью|провинци\w+|省|州|vilayeti|eyaleti)\b"
)
_TITLES = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|Lord|General|Gen|Colonel|Senator|Minister|President|Ambassador"
    r"|Secretary|Chairman|Director|Analyst|analyst|Spokes\w+|spokes\w+|Judge|King|Queen|Prince|Saint|St)\.?\s+$"
)
_KIN = re.compile(
    r"\b(?:brothers?|sisters?|sons?|daughters?|friends?|named|called|uncle|aunt|husband|wife|father|mother|cousin"
    r"|colleague|chef|coach|singer|actor|engineer|driver)\s+$",
    re.IGNORECASE,
)
_CAPITAL_WORD_BEFORE = re.compile(r"(?:^|[\s(“\"'‘])([A-ZÀ-ÞÇĞİÖŞÜ][\w’'-]*[a-zà-ÿ][\w’'-]*)\s+$")
_CAPITAL_WORD_AFTER = re.compile(r"[ \u00a0]([A-ZÀ-ÞÇĞİÖŞÜ][\w’'-]*[a-zà-ÿ][\w’'-]*)")
_OFFICES = frozenset(
    [
        "President",
        "Prime",
        "Minister",
        "Ministers",
        "Foreign",
        "Ministry",
        "Deputy",
        "Ambassador",
        "Government",
        "Embassy",
        "State",
        "Summit",
        "Border",
        "Railway",
        "Railways",
        "Railroad",
        "Corridor",
        "Pipeline",
        "Port",
        "Airport",
        "City",
        "Region",
        "Province",
        "Declaration",
        "Agreement",
        "Forum",
        "Meeting",
        "Conference",
        "Initiative",
        "Council",
        "Route",
        "Road",
        "Highway",
        "Express",
        "Relations",
        "Trade",
        "Economic",
        "Secretary",
        "Parliament",
        "Senate",
        "Customs",
        "Sea",
        "Dry",
        "International",
        "Special",
        "Free",
        "Industrial",
        "Logistics",
        "Terminal",
        "Station",
        "Is",
        "Are",
        "Was",
        "Has",
        "Have",
        "And",
        "To",
        "In",
        "Of",
        "On",
        "At",
        "For",
        "With",
        "As",
        "But",
        "Or",
        "From",
        "The",
        "By",
        "Via",
        "New",
        "Old",
        "Greater",
        "Downtown",
        "Central",
        "Northern",
        "Southern",
        "Eastern",
        "Western",
        "North",
        "South",
        "East",
        "West",
        "Upper",
        "Lower",
        "Mayor",
        "Governor",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Both",
        "While",
        "When",
        "After",
        "Before",
        "Between",
        "Through",
        "Unlike",
        "Like",
        "Under",
        "Over",
        "Since",
        "Its",
        "Their",
        "His",
        "Her",
        "This",
        "That",
        "These",
        "Those",
    ]
)
_FIRST_NAMES = frozenset(
    {
        "mary",
        "sofia",
        "milan",
        "vladimir",
        "florence",
        "douglas",
        "victoria",
        "sydney",
        "wellington",
        "jordan",
        "chad",
        "georgia",
        "israel",
        "chelsea",
        "kenya",
        "india",
        "paris",
    }
)
_WEAK = re.compile(r"[A-Z]{2,4}|[A-Z]{1,2}-?\d+|Line [A-Z]|[A-Z]{2,3}-?\d|One (?:Road|Belt)")
_PIPE_WORD = re.compile(
    r"pipeline|\bgas\b|\boil\b|crude|газ|нефт|трубопр|管道|天然气|原油|boru hatt|doğal ?gaz|petrol", re.IGNORECASE
)
_RAIL_WORD = re.compile(r"railway|railroad|\brail\b|\btrains?\b|железн|поезд|铁路|班列|demiryol", re.IGNORECASE)
_ROAD_WORD = re.compile(
    r"highway|\broads?\b|expressway|motorway|\btrucks?\b|\blorr|автодорог|шоссе|трасс|公路|karayol", re.IGNORECASE
)
ANY_LINE_WORD = re.compile(
    r"corridor|route|transit|freight|cargo|container|shipping|коридор|маршрут|транзит|груз|走廊|运输|koridor|güzergâh"
    r"|taşıma"
    rf"|{_RAIL_WORD.pattern}|{_ROAD_WORD.pattern}|{_PIPE_WORD.pattern}",
    re.IGNORECASE,
)
_LINE_WORDS = {"gas": _PIPE_WORD, "oil": _PIPE_WORD, "rail": _RAIL_WORD, "road": _ROAD_WORD}


def is_other(hit: Hit, start: int, end: int, context: Context) -> str:  # noqa: C901, PLR0911 - one return per reason
    """Return why a known word does not mean what the registry knows by it; empty where it may."""
    registry = context.registry
    before, after = context.around(start, end, 60)
    kinds = {entry.kind for entry in hit.entries if entry.target}
    roles = {entry.role for entry in hit.entries}
    homonym = registry.homonyms.get(hit.key)
    if homonym and any(homonym.search(part) for part in context.around(start, end, 300)):
        return "homonym"
    if kinds <= INFRASTRUCTURE and kinds:
        return ""
    if kinds & {"organisation", "initiative", "group"}:
        return ""
    if _BODY_AFTER.match(after) or _BODY_BEFORE.search(before):
        return "body"
    if "country" in kinds or "region" in kinds:
        return "person" if hit.key in _FIRST_NAMES and _is_person(before, after, hit, registry) else ""
    if _NATURE.match(after):
        return "nature"
    if registry.homonyms["*"].match(after.removeprefix(",").lstrip()) and after.startswith(","):
        return "homonym"
    if roles & {"main", "alias"} or not hit.entries:
        if context.reading.is_title_line(start) and hit.entries:
            return ""
        if _TITLES.search(before) or _is_person(before, after, hit, registry):
            return "person"
        if hit.key in registry.common_words and not _is_signed(before, after):
            return "common word"
    return ""


def is_province(start: int, end: int, text: str) -> bool:
    """Tell whether a name of a city stands for the province around it."""
    return bool(_PROVINCE.match(text, end)) and not text[start:end].isupper()


def is_weak_line(surface: str) -> bool:
    """Tell whether a name of a line is mere initials or a number, which mean other things elsewhere."""
    return bool(_WEAK.fullmatch(" ".join(surface.split())))


def has_line_word(hit: Hit, start: int, end: int, text: str, registry: Registry) -> bool:
    """Tell whether a word for the kind of line that a name means stands near it."""
    around = text[max(0, start - 200) : start] + " " + text[end : end + 200]
    modes = {entity.mode for entry in hit.entries if (entity := registry.entity(entry.target))}
    return any(_LINE_WORDS.get(mode, ANY_LINE_WORD).search(around) for mode in modes)


def _is_person(before: str, after: str, hit: Hit, registry: Registry) -> bool:
    """Tell whether an unknown capitalised word stands right beside, as in the name of a person."""
    if not hit.entries or hit.key in _FIRST_NAMES or hit.key in registry.common_words:
        if _KIN.search(before):
            return True
        beside = (_CAPITAL_WORD_BEFORE.search(before), _CAPITAL_WORD_AFTER.match(after))
        if any(word and word.group(1).lower() in _FIRST_NAMES for word in beside):
            return True
        follower = _CAPITAL_WORD_AFTER.match(after)
        if follower and _is_unknown(follower.group(1), registry):
            return True
    leader = _CAPITAL_WORD_BEFORE.search(before)
    if leader is None or not _is_unknown(leader.group(1), registry):
        return False
    # the first word of a sentence has its capital anyway
    is_first = before.strip() == leader.group(1) and len(before) < 60
    return not is_first or (not hit.entries and hit.key in registry.common_words)


def _is_unknown(word: str, registry: Registry) -> bool:
    bare = re.split(r"[’']", word)[0] if re.search(r"[’']\w{0,4}$", word) else word
    return bare not in _OFFICES and name_key(bare) not in registry.entries and not bare.isupper()


def _is_signed(before: str, after: str) -> bool:
    """Tell whether the words around say that a place is named: "in Van", "the city of Van", "Bar–Belgrade"."""
    return bool(
        re.search(r"\b(?:in|at|near|from|to|via|city of|town of|port of|between|through)\s+$|[\w][–—-]$", before)
        or re.match(r"[–—-][A-Z]|,\s+[A-Z]|\s+(?:city|port|station|railway|province)\b", after)
    )
