"""What articles say, as the page and the JSON documents show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from layers.articles.library import Evidence, Library, quote_context
from layers.articles.records import Annotated, FoundEvent, FoundFigure
from layers.articles.references import edtf_of
from layers.schema import Claim
from maps.content import MentionLine


def mention_lines(library: Library, target: str) -> tuple[MentionLine, ...]:
    """Return who names a target, for its panel: quotes where a text is at hand, names and positions otherwise."""
    kind, _, key = target.partition(":")
    named = [_line(evidence) for evidence in library.mentions_of.get(target, ())]
    if kind == "event":
        named += [_found_line(library, article, event) for article, event in library.events_of.get(key, ())]
    if kind == "figure":
        named += [_found_line(library, article, figure) for article, figure in library.figures_of.get(target, ())]
    return tuple(named)


def _line(evidence: Evidence) -> MentionLine:
    mention = evidence.mention
    return MentionLine(
        source_id=evidence.article,
        surface=mention.surface,
        before=evidence.before,
        after=evidence.after,
        sense=mention.sense,
        position=None if mention.status == "orphan" else mention.start,
    )


def _found_line(library: Library, article: str, found: FoundEvent | FoundFigure) -> MentionLine:
    before, surface, after = _quote(library, article, found)
    return MentionLine(article, surface, before, after, position=found.start if found.end else None)


def _quote(library: Library, article: str, found: FoundEvent | FoundFigure) -> tuple[str, str, str]:
    told = found.name if isinstance(found, FoundEvent) else found.surface
    if not (library.may_show(article) and found.end):
        return "", told, ""
    text = library.articles[article].article.text
    before, after = quote_context(text, found.start, found.end)
    return before, " ".join(text[found.start : found.end].split()), after


def mentions_json(library: Library, target: str) -> list[dict[str, Any]]:
    """Return the ``mentions`` of ``show --json``: article, date, position, quote and how sure it is."""
    found = [
        {
            **_article_json(library.articles[evidence.article]),
            "start": evidence.mention.start,
            "end": evidence.mention.end,
            "surface": evidence.mention.surface,
            "before": evidence.before,
            "after": evidence.after,
            "sense": evidence.mention.sense,
            "match": evidence.mention.match,
            "confidence": evidence.mention.confidence,
            "status": evidence.mention.status,
            "boilerplate": evidence.mention.boilerplate,
        }
        for evidence in library.mentions_of.get(target, ())
    ]
    kind, _, key = target.partition(":")
    told: Iterable[tuple[str, FoundEvent | FoundFigure]] = ()
    if kind == "event":
        told = library.events_of.get(key, ())
    elif kind == "figure":
        told = library.figures_of.get(target, ())
    return found + [told_json(library, article, item) for article, item in told]


def mention_texts(mentions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each mention of a ``show`` document as one line for people: who, when, where, and the words."""
    for mention in mentions:
        where = "place lost" if mention.get("status") == "orphan" else f"character {mention['start']}"
        told = mention.get("sense") or mention.get("comparison", "")
        quote = mention["surface"]
        if mention["before"] or mention["after"]:
            quote = f"…{mention['before']}[{quote}]{mention['after']}…"
        yield f"mention: {mention['article']} ({mention['date'] or 'no date'}), {where}, {told}: {quote}"


def told_json(library: Library, article: str, found: FoundEvent | FoundFigure) -> dict[str, Any]:
    """Return an event or figure that an article tells, with its quote and how it stands to the catalogue."""
    before, surface, after = _quote(library, article, found)
    return {
        **_article_json(library.articles[article]),
        "start": found.start,
        "end": found.end,
        "surface": surface,
        "before": before,
        "after": after,
        "comparison": found.comparison,
        "note": found.note,
    }


def _article_json(annotated: Annotated) -> dict[str, str]:
    reference = annotated.article.reference
    return {
        "article": annotated.article.id,
        "title": str(reference.get("title", "")),
        "date": edtf_of(reference),
    }


def claim_mentions(library: Library, claim: Claim) -> list[dict[str, Any]]:
    """Return what articles say that was compared with a claim."""
    key = f"claim:{claim.subject}/{claim.attribute}/{claim.source}"
    return [told_json(library, article, figure) for article, figure in library.figures_of.get(key, ())]


def with_leg_mentions(document: Mapping[str, Any], library: Library) -> dict[str, Any]:
    """Return a ``route --json`` document whose legs tell how often articles name each of their lines."""
    return {**document, "routes": [{**r, "legs": list(_legs(r["legs"], library))} for r in document["routes"]]}


def _legs(legs: Iterable[Mapping[str, Any]], library: Library) -> Iterator[dict[str, Any]]:
    for leg in legs:
        yield {**leg, "mentions": {line: len(library.mentions_of.get(f"line:{line}", ())) for line in leg["lines"]}}
