"""Find every name in an article and say what it means, by a registry and rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from layers.articles.boilerplate import find_boilerplate
from layers.articles.choose import Choice, Context, choose
from layers.articles.fold import fold, squeeze
from layers.articles.matching import Hit, Reading, find_cities, find_names, longest, read
from layers.articles.records import Mention
from layers.articles.registry import Registry
from layers.articles.senses import capital_sense, country_sense
from layers.articles.sentences import find_sentences


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

    Parameters
    ----------
    text
        Raw text; positions of the mentions count its code points.
    language
        Main language of the text: ``en``, ``ru``, ``zh``, ``tr``. Names of all languages are found in any text.
    decisions
        Choices of a reviewer, which go before all rules.
    """
    reading = read(squeeze(text), language)
    hits = longest([*find_names(reading, registry), *find_cities(reading, registry)])
    context = Context.of(hits, reading, registry, find_sentences(text))
    boilerplate = find_boilerplate(text)
    found = []
    for hit in hits:
        if hit.is_mask:
            continue
        mention = _mention(hit, reading, registry, context)
        if mention is not None:
            found.append(mention)
    decided = [_decided(mention, decisions) for mention in found] if decisions else found
    return tuple(sorted(_flagged(decided, boilerplate.covers), key=lambda m: (m.start, -m.end)))


def _flagged(mentions: Iterable[Mention], covers: object) -> list[Mention]:
    from dataclasses import replace

    return [replace(m, boilerplate=covers(m.start)) for m in mentions]


def _decided(mention: Mention, decisions: Decisions) -> Mention:
    from dataclasses import replace

    name = fold(mention.surface)
    target = decisions.target_for(name)
    if target is not None:
        return replace(mention, target=target, kind=target.partition(":")[0], match="review", status="confirmed", confidence=1.0)
    if decisions.is_rejected(name):
        return replace(mention, status="rejected")
    return mention


def _mention(hit: Hit, reading: Reading, registry: Registry, context: Context) -> Mention | None:
    choice = choose(hit, reading, registry, context)
    if choice is None:
        return None
    start, end = reading.squeezed.raw_span(hit.start, hit.end)
    before, after = context.around(start, end)
    sense = "place"
    if choice.kind == "country":
        sense = country_sense(before, after, choice.role, reading.squeezed.raw[start:end]).sense
    elif choice.target in context.capitals:
        sense = capital_sense(before, after).sense
    elif choice.role == "adjective":
        sense = "adjective"
    return Mention(
        start=start,
        end=end,
        surface=reading.squeezed.raw[start:end],
        kind=choice.kind,
        target=choice.target,
        sense=sense,
        match=choice.match,
        rule=choice.rule,
        confidence=choice.confidence,
        status="auto" if choice.target else "ambiguous",
        candidates=choice.candidates,
    )
