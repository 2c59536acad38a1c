"""What a country or capital stands for where it is named: the place, its government, its people, or a quality."""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.articles.choose import Choice
from layers.articles.records import Sense
from layers.articles.registry import Registry

_PLACE_BEFORE = re.compile(
    r"(?:\b(?:in|inside|within|into|across|through|throughout|via|near|around|at|from|to|towards?|over|along|outside|northern|southern|eastern|western|central|"
    r"north(?:ern)? of|south(?:ern)? of|east of|west of|city of|capital of|province of|region of|territory of|borders? (?:of|with)|soil of|leaving|entering|crossing|reach(?:es|ed|ing)?|"
    r"visit(?:s|ed|ing)?(?: to)?|arriv(?:e|es|ed|ing) in|held in)\s+(?:the\s+|mainland\s+|neighbou?ring\s+)?)$",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"\b(?:invit\w+|loans?|aid|assistance|grants?|support|exports?|according|thank\w*|response|threat|challenge|relevance|importance|guarantee|opposed|offer\w*|belong\w*|respond\w*|due|owed?|lent|sold|sell\w*|"
    r"ambassador|envoy|pressure|security|income|message|strategy|view|commitment|important|crucial|vital|appeal\w*|look\w*|turn\w*|close|closer|ties|thanks|comes?|interest\w*)\s+(?:to|towards?|from|in|over|of)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_PLACE_AFTER = re.compile(
    r"^(?:['’]s?\s+(?:(?:[A-Z]\w+|largest|main|second|own|only|busiest|northern|southern|eastern|western|north\w*|south\w*)\s+){0,2}(?:capital|territory|soil|border|borders|north|south|east|west|northern|southern|eastern|western|coast|province|region|city|cities|mountains|steppe|deserts?|population|railways?|roads?|ports?|network)\b"
    r"|\s+(?:border|territory|soil|section|segment|stretch|side)\b)",
    re.IGNORECASE,
)
_GOVERNMENT_AFTER = re.compile(
    r"^(?:['’]s?\s+|\s+)(?:(?:has|have|had|is|was|will|would|also|now|still|wants?|sees?|seeks?|says?|said|signed|agreed|announced|expects?|plans?|intends?|hopes?|needs?|supports?|backs?|pushes|pushed|proposed|offers?|"
    r"offered|approved|remains|views?|considers?|recognizes?|recogni[sz]es|launched|invited|called|organized|organised|hosted|believes?|faces|fears|stands|aims|took|takes|made|makes|must|should|could|can|may|might|does|did|"
    r"government|administration|authorities|leadership|foreign|minister|president|ambassador|policy|policies|strategy|diplomacy|influence|response|interests?|position|decision|role|ties|relations?|view|approach)\b)",
    re.IGNORECASE,
)
_LOCATIVE_CAPITAL = re.compile(
    r"\b(?:in|at|near|from|to|into|via|through|of|leaving|around|outside|visited|visit|reach(?:es|ed|ing)?|city|capital,?|between|and|toward|towards|until|or|downtown|central)\s+(?:the\s+)?$|[,–—-]\s?$|^\W*$",
    re.IGNORECASE,
)
_RELATION_BEFORE = re.compile(r"\b(?:with|by|against|between|than|for|on|pressure from|ties to|relations? (?:between|with)|about|concern\w* (?:in|from)|lobb\w+)\s+(?:the\s+)?$", re.IGNORECASE)
_OFFICE = re.compile(
    r"^\s+(?:(?:deputy|vice|prime|foreign|state|first|acting|former|then|central|economic|trade|defen[cs]e|transport|energy|ruling|national)\s+)*"
    r"(?:government|governments|president|presidential|prime|minister|ministers|ministry|foreign ministry|ambassador|officials?|leader|leaders|leadership|authorities|side|delegation|diplomats?|diplomacy|parliament|"
    r"secretary|councilor|embassy|counterparts?|regime|administration|state|states|spokes\w+|army|military)\b",
    re.IGNORECASE,
)
_PEOPLE_AFTER = re.compile(r"^\s+(?:are|were|have|had|who|people)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """A sense and how it was told."""

    sense: Sense
    cue: str
    """``default`` where nothing in the text tells."""


def country_sense(before: str, after: str, role: str, surface: str) -> Told:
    """Return what the name of a country stands for, from the text around it.

    Parameters
    ----------
    before, after
        Text of the same sentence on both sides.
    role
        How the name leads to the country: ``adjective``, ``people`` or a noun.
    """
    if role == "people" and not surface.endswith(("ese", "ish", "ch", "ss")):
        return Told("demonym", "people")
    if role in {"adjective", "people"}:
        if re.search(r"\bthe\s+$", before, re.IGNORECASE) and (
            _PEOPLE_AFTER.match(after) or re.match(r"\s*[.,;:!?)]|\s*$", after)
        ):
            return Told("demonym", "the people")
        if _OFFICE.match(after):
            return Told("government", "office")
        return Told("adjective", "adjective")
    if _RECIPIENT.search(before):
        return Told("government", "recipient")
    if re.match(r"['’]s?\s", after) and not _PLACE_AFTER.match(after):
        return Told("government", "possessive")
    if _PLACE_AFTER.match(after):
        return Told("place", "territory")
    if _PLACE_BEFORE.search(before):
        return Told("place", "preposition")
    if _GOVERNMENT_AFTER.match(after):
        return Told("government", "acts")
    if _RELATION_BEFORE.search(before):
        return Told("government", "relation")
    return Told("government", "default")


def capital_sense(before: str, after: str) -> Told:
    """Return what the name of a capital stands for: the city, or the government that sits there."""
    if re.match(r"^['’]s?\s", after) and not _PLACE_AFTER.match(after) and not re.search(r"\bin\s+$", before):
        return Told("government", "possessive")
    if re.search(r"\b(?:in|at|near|to|from|into|via|through|around|outside|city of|capital,?|leaving|downtown)\s+(?:the\s+)?$", before, re.IGNORECASE):
        if _RECIPIENT.search(before):
            return Told("government", "recipient")
        return Told("place", "preposition")
    if _GOVERNMENT_AFTER.match(after):
        return Told("government", "acts")
    if _RELATION_BEFORE.search(before):
        return Told("government", "relation")
    return Told("place", "default")


def sense_of(choice: Choice, before: str, after: str, surface: str, registry: Registry) -> Told:
    """Return what a name stands for, from the text of the same sentence on both sides."""
    if choice.kind in {"organisation", "group"}:
        return Told("government", "body")
    if choice.kind == "country":
        return country_sense(before, after, choice.role, surface)
    if choice.kind == "region":
        if choice.role == "adjective" or choice.target == "region:west":
            return country_sense(before, after, choice.role, surface)
        return Told("place", "default")
    entity = registry.entity(choice.target) if choice.kind == "place" else None
    if entity is not None and entity.is_capital:
        return capital_sense(before, after)
    return Told("place", "kind of thing")
