"""Find every name in an article and say what it means, by a registry and rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from layers.articles.boilerplate import find_boilerplate
from layers.articles.finder import Finder
from layers.articles.fold import fold
from layers.articles.records import Mention
from layers.articles.registry import Registry

_IN_LIST = re.compile(r",\s*(?:and\s+|or\s+|и\s+)?|\s+(?:and|or|и|или|ve|veya)\s+|[、和与]")
_LISTED_KINDS = frozenset({"country", "place", "city"})


class Decisions(Protocol):
    """What a reviewer decided about names, by folded surface (``fold.fold``)."""

    def target_for(self, surface_folded: str) -> str | None:
        """Return the confirmed target of a name."""

    def is_rejected(self, surface_folded: str) -> bool:
        """Tell whether a name was found to mean nothing of the registry."""


def find_mentions(
    text: str, registry: Registry, *, language: str = "en", decisions: Decisions | None = None
) -> tuple[Mention, ...]:
    """Return all mentions in a text, in its order; the same text gives the same mentions.

    Mentions do not overlap, but for places inside names of lines ("China–Pakistan Economic Corridor").

    Parameters
    ----------
    text
        Raw text; positions of the mentions count its code points.
    language
        Main language of the text: ``en``, ``ru``, ``zh``, ``tr``. Names of all languages are found in any text.
    decisions
        Choices of a reviewer, which go before all rules.
    """
    ordered = sorted(Finder.of(text, registry, language).mentions(), key=lambda mention: (mention.start, -mention.end))
    found = _with_neighbours(ordered, text)
    covers = find_boilerplate(text).covers
    flagged = [replace(mention, boilerplate=True) if covers(mention.start) else mention for mention in found]
    return tuple(_decided(mention, decisions) for mention in flagged) if decisions else tuple(flagged)


def _with_neighbours(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """Give names in a list the sense of the one before where nothing else tells theirs: "via Baku and Tbilisi"."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if last is None or mention.sense_rule != "default" or last.kind not in _LISTED_KINDS:
            found.append(mention)
        elif mention.start - last.end < 12 and _IN_LIST.fullmatch(text, last.end, mention.start):
            found.append(replace(mention, sense=last.sense, sense_rule=last.sense_rule))
        else:
            found.append(mention)
    return found


def _decided(mention: Mention, decisions: Decisions) -> Mention:
    name = fold(mention.surface)
    target = decisions.target_for(name)
    if target is None:
        return replace(mention, status="rejected") if decisions.is_rejected(name) else mention
    return replace(
        mention,
        target=target,
        kind=target.partition(":")[0],
        match="review",
        rule="decision of a reviewer",
        status="confirmed",
        confidence=1.0,
    )
