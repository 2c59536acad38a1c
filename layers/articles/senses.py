"""What a country or capital stands for where it is named: the place, its government, its people, or a quality.

Two thirds of the countries named in articles on this subject are governments acting, so that is the default for the
name of a country; the reader is told where nothing but the default spoke (``sense_rule``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.articles.choose import Choice
from layers.articles.records import Sense
from layers.articles.registry import Registry

_PLACE_BEFORE = re.compile(
    r"\b(?:in|inside|within|into|across|through|throughout|via|near|around|at|from|to|towards?|over|along|outside"
    r"|onto|"
    r"(?:north|south|east|west)(?:ern)?(?: of)?|central|cit(?:y|ies) of|capital of|provinces? of|regions? of"
    r"|territory of|borders? (?:of|with|between)|soil of|"
    r"leav(?:e|es|ing)|enter(?:s|ed|ing)?|cross(?:es|ed|ing)?|reach(?:es|ed|ing)?|visit(?:s|ed|ing)?(?: to)?"
    r"|transit(?:s|ed|ing)?|bypass(?:es|ed|ing)?|travers(?:e|es|ed|ing)|link(?:s|ed|ing)?|connect(?:s|ed|ing)?"
    r"|join(?:s|ed|ing)?)"
    r"\s+(?:the\s+|mainland\s+|neighbou?ring\s+|(?:north|south|east|west)\w*\s+)?$",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"\b(?:invit\w+|loans?|aid|assistance|grants?|according|thank\w*|response|threat|challenge|relevance"
    r"|importance|guarantee|oppos\w+|offer\w*|belong\w*|respond\w*|due|owed?|lent|"
    r"ambassador|envoy|pressure|security|message|strategy|commitment|important|crucial|vital|appeal\w*|look\w*"
    r"|ties|thanks|interests?)\s+(?:to|towards?|from|in|over|of)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_TERRITORY = re.compile(
    r"['’]s?\s+(?:(?:[A-Z]\w+|largest|biggest|main|second|own|only|busiest|oldest|new|vast|(?:north|south|east"
    r"|west)\w*|central)\s+){0,2}"
    r"(?:capital|territory|soil|borders?|frontier|north|south|east|west|coast|shores?|ports?|provinces?|regions?"
    r"|cit(?:y|ies)|mountains?|steppes?|deserts?|railways?|roads?|network|interior|hinterland)\b"
    r"|\s+(?:borders?|territory|soil|sections?|segment|stretch|leg|transit)\b",
)
_ACTS = re.compile(
    r"(?:,\s+(?:which|who)\b[^,]*,|,\s+too,)?\s+(?:(?:also|now|still|both|once|finally|quietly|largely|then|again"
    r"|never|only|already|recently|repeatedly|alone|itself|each|publicly|officially|long|therefore|thus"
    r"|however,)\s+)*"
    r"(?:has|have|had|is|was|were|are|will|would|should|could|can|may|might|must|does|did|do|[a-z]+(?:s|ed)"
    r"|wants?|sees?|said|told|made|took|saw|sought|held|gave|put|kept|began|chose|spoke|bought|sold|met|led|won"
    r"|lost|paid|went|came)\b"
    r"(?!\s+(?:as the capital))",
)
_PAIR_AFTER = re.compile(r"\s?[-–—]\s?[A-Z]|\s[A-Z]")
_THE = re.compile(r"\bthe\s+$", re.IGNORECASE)
_OFFICE = re.compile(r"\s+(?:government|administration|authorities|leadership|regime|officials?)\b", re.IGNORECASE)
_NO_VERB = re.compile(
    r"\s+(?:across|towards|besides|sometimes|always|perhaps|as|its|this|us|less|plus|versus|crisis|crises|process"
    r"|access|business|analysts|experts|leaders|ministers|officials|companies|sources|troops|forces|talks"
    r"|relations|ties"
    r"|trains|exports|imports|railways|ports|roads|pipelines|borders|markets|days|hours|times|services|containers"
    r"|goods|routes)\b"
)
_RELATION = re.compile(
    r"\b(?:with|by|against|between|than|for|on|about|toward|under|among|pressure from|relations? (?:between"
    r"|with))\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_CITY_BEFORE = re.compile(
    r"\b(?:in|at|near|to|from|into|via|through|around|outside|over|past|beyond|(?:trains?|line|railway|road|route"
    r"|flights?|link|distance|pipeline|corridor|section|stretch|cargo|traffic|services?|freight|journey"
    r"|way)\s+between|cit(?:y|ies) of|capital,?|capital of|leav\w+|reach\w*|enter\w*|downtown|link\w*|connect\w*"
    r"|visit\w*)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_SUBJECT_BEFORE = re.compile(
    r"(?:^|[.;:,—–(“\"'‘]|\b(?:and|but|while|whereas|that|because|since|as|if|when|where|what|which|both|why"
    r"|whether|although|though|so|than|yet|until|unless|or|nor|says?|said))\s*[“\"'‘]?\s*$",
    re.IGNORECASE,
)
_RU_PLACE = re.compile(
    r"(?<!\w)(?:через|в|во|из|на|от|до|к|у|под|по|вдоль|внутри|близ|около|минуя|территори\w+|границ\w+(?:\s+с)?"
    r"|север\w*|юг\w*|запад\w*|восток\w*|город\w*|столиц\w*|связыва\w+|соединя\w+|(?:связыва"
    r"|соединя)\w+\s+\w+\s+с)\s+$",
    re.IGNORECASE,
)
_RU_SAYS = re.compile(
    r"\s+(?:\w+\s+)?(?:считают|рады|заявили|заявляют|говорят|надеются|опасаются|ожидают|полагают|подчеркнули"
    r"|объявили|намерены|обещают|готовы|отрицают|предлагают|недовольны|довольны)\b"
)
_ZH_PLACE = re.compile(r"(?:从|经|经由|由|在|到|至|往|进入|抵达|穿越|途经|位于|通过|连接|境内|运往|运到|前往|出发)$")
_ZH_TERRITORY = re.compile(r"(?:境内|首都|领土|边境|口岸|的?(?:北部|南部|东部|西部|城市|港口))")
_TR_PLACE = re.compile(
    r"['’](?:[dt][ae]n?|y?[ae]|n[ae])(?:ki)?\b|\s+(?:üzerinden|topraklar\w+|sınır\w*|içinden|aracılığıyla)"
    r"|['’]n?[ıiuü]n\s+(?:[A-ZÇĞİÖŞÜ]\w+|topraklar\w+|liman\w+|kuzey\w*|güney\w*|doğu\w*|batı\w*|başkent\w*)"
)
_TR_SAYS = re.compile(r"['’](?:y?[ae])\s+göre\b")


@dataclass(frozen=True, slots=True)
class Told:
    """A sense and what told it."""

    sense: Sense
    cue: str
    """``default`` where nothing in the text tells."""


def sense_of(choice: Choice, before: str, after: str, *, language: str, registry: Registry) -> Told:
    """Return what a name stands for.

    Parameters
    ----------
    before, after
        Text of the same sentence on both sides.
    """
    if choice.kind in {"organisation", "group"}:
        return Told("government", "body")
    if choice.role == "people":
        return Told("demonym", "people")
    if choice.role == "adjective":
        is_people = re.search(r"\bthe\s+$", before, re.IGNORECASE) and re.match(
            r"\s*(?:[.,;:!?)]|$|are\b|were\b|have\b|who\b)", after
        )
        return Told("demonym", "the people") if is_people else Told("adjective", "adjective")
    if choice.kind == "country" or choice.target == "region:west":
        return _country(choice, before, after, language)
    entity = registry.entity(choice.target) if choice.kind == "place" else None
    if entity is not None and entity.is_capital:
        return _capital(choice, before, after, language)
    return Told("place", "kind of thing")


def _country(choice: Choice, before: str, after: str, language: str) -> Told:  # noqa: C901, PLR0911 - one per cue
    if language == "ru":
        return _russian(choice, before, after, is_capital=False)
    if language == "zh":
        if _ZH_PLACE.search(before) or _ZH_TERRITORY.match(after):
            return Told("place", "preposition")
        return Told("government", "default")
    if language == "tr":
        if _TR_PLACE.match(after) and not _TR_SAYS.match(after):
            return Told("place", "suffix")
        return Told("government", "default")
    if _RECIPIENT.search(before):
        return Told("government", "recipient")
    if _TERRITORY.match(after):
        return Told("place", "territory")
    if re.match(r"['’]s?\s", after):
        return Told("government", "possessive")
    if _PAIR_AFTER.match(after) and _THE.search(before):
        # "in the China–Central Asia partnership"
        return Told("government", "relation")
    if _PLACE_BEFORE.search(before):
        return Told("place", "preposition")
    if _RELATION.search(before):
        return Told("government", "relation")
    if _is_subject(before, after):
        return Told("government", "acts")
    return Told("government", "default")


def _capital(choice: Choice, before: str, after: str, language: str) -> Told:  # noqa: PLR0911 - one per cue
    """Return what the name of a capital stands for: the city, or the government that sits there."""
    if language == "ru":
        return _russian(choice, before, after, is_capital=True)
    if language == "tr":
        is_place = _TR_PLACE.match(after) and not _TR_SAYS.match(after)
        has_suffix = re.match(r"['’]", after) and not re.match(r"['’](?:n?[ıiuü]n)\s", after)
        acts = _TR_SAYS.match(after) or (
            not has_suffix
            and re.match(r",?\s+[a-zçğıöşü]|\s+ve\s", after)
            and not re.match(r"\s+(?:üzerinden|ile|yakın\w*|kent\w*|şehr\w*)", after)
        )
        return Told("place", "suffix") if is_place or not acts else Told("government", "acts")
    if language == "zh":
        return Told("place", "default")
    if _CITY_BEFORE.search(before) and not _RECIPIENT.search(before):
        return Told("place", "preposition")
    if re.match(r"['’]s?\s", after) and not _TERRITORY.match(after):
        return Told("government", "possessive")
    if _OFFICE.match(after):
        return Told("government", "office")
    if _is_subject(before, after):
        return Told("government", "acts")
    if _RELATION.search(before):
        return Told("government", "relation")
    return Told("place", "default")


def _is_subject(before: str, after: str) -> bool:
    """Tell whether a verb follows and the name is not the object of something before it."""
    if _NO_VERB.match(after) or not _ACTS.match(after):
        joined = re.match(r"\s+(?:and|or)\s+[A-Z]\w+(?P<rest>\s.*)", after, re.DOTALL)
        return bool(
            joined
            and _SUBJECT_BEFORE.search(before)
            and _ACTS.match(joined["rest"])
            and not _NO_VERB.match(joined["rest"])
        )
    return True


def _russian(choice: Choice, before: str, after: str, *, is_capital: bool) -> Told:
    """Return the sense in Russian: a nominative acts, other cases and prepositions tell a place."""
    if _RU_SAYS.match(after) and re.search(r"(?<!\w)в\s+$", before, re.IGNORECASE):
        return Told("government", "acts")
    if _RU_PLACE.search(before):
        return Told("place", "preposition")
    if choice.match == "inflected":
        is_addressed = is_capital and re.search(
            r"(?:предлага\w+|ответи\w+|предложи\w+|требова\w+|помога\w+)\s+$", before
        )
        return Told("government", "addressed") if is_addressed else Told("place", "case")
    if is_capital and not re.match(r"\s+[а-яё]|,", after):
        return Told("place", "default")
    return Told("government", "default")
