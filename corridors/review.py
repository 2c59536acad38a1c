"""What a reviewer should look at, and what becomes of a decision."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo.errors import ArticleError, NameNotFoundError
from layers.articles.decisions import (
    Decision,
    Decisions,
    Verdict,
    decision_on,
    lost_decisions,
    read_decisions,
    write_decisions,
)
from layers.articles.fold import fold
from layers.articles.library import Library, quote_context
from layers.articles.records import Annotated, Article, Mention
from layers.articles.store import articles_folder

UNCERTAIN_BELOW = 0.7
"""Mentions the engine is less sure of than this are listed."""
_REASONS = ("orphan", "ambiguous", "unmatched", "fuzzy", "uncertain")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at."""

    id: str
    reason: str
    article: str
    mention: Mention
    before: str = ""
    after: str = ""
    offers: tuple[Decision, ...] = ()
    """What was decided for the same name elsewhere, the last decision first."""


def reason_of(mention: Mention) -> str:
    """Return why a mention should be looked at; empty for one that is certain or was decided."""
    if mention.status in ("confirmed", "rejected"):
        return ""
    if mention.status in ("orphan", "ambiguous") and mention.kind != "unmatched":
        return mention.status
    if mention.kind == "unmatched" or not mention.target:
        return "unmatched"
    if mention.match == "fuzzy":
        return "fuzzy"
    return "uncertain" if mention.confidence < UNCERTAIN_BELOW else ""


def with_proposals(library: Library) -> Library:
    """Return the library with names that a language model sees and the registry does not know, as unmatched mentions.

    Raises
    ------
    RequestError
        The extra ``names`` is not installed.
    """
    from layers.articles.propose import propose_names

    def proposed(annotated: Annotated) -> Annotated:
        more = propose_names(annotated.article.text, annotated.mentions)
        return replace(annotated, mentions=tuple(sorted((*annotated.mentions, *more), key=lambda m: (m.start, -m.end))))

    return Library({key: proposed(annotated) for key, annotated in library.articles.items()})


def review_items(library: Library, decisions: Decisions, *, boilerplate: bool = False) -> Iterator[Item]:
    """Yield everything to look at, orphans first; mentions in menus and footnotes only when asked for."""
    found = [
        item
        for annotated in library.articles.values()
        for item in _items_of(annotated, decisions, is_shown=library.may_show(annotated.article.id))
        if boilerplate or not item.mention.boilerplate or item.reason == "orphan"
    ]
    yield from sorted(found, key=lambda item: _REASONS.index(item.reason))


def _items_of(annotated: Annotated, decisions: Decisions, *, is_shown: bool) -> Iterator[Item]:
    for key, mention in keyed_mentions(annotated):
        reason = reason_of(mention)
        if reason:
            before = after = ""
            if is_shown and mention.status != "orphan":
                before, after = quote_context(annotated.article.text, mention.start, mention.end)
            yield Item(key, reason, annotated.article.id, mention, before, after, decisions.offers(mention.surface))


def keyed_mentions(annotated: Annotated) -> Iterator[tuple[str, Mention]]:
    """Yield each mention with an id that stays while its name and its number among equal names stay."""
    seen: Counter[str] = Counter()
    for mention in annotated.mentions:
        name = fold(mention.surface)
        seen[name] += 1
        digest = hashlib.sha256(f"{annotated.article.id}\0{name}\0{seen[name]}".encode("utf-8", "surrogatepass"))
        yield digest.hexdigest()[:10], mention


def decide(  # noqa: PLR0913 - the parts of a decision
    study: Path, library: Library, item: str, verdict: Verdict, *, target: str = "", everywhere: bool = False
) -> Decision:
    """Store a decision about one item in the study; it is applied whenever the articles are read.

    Parameters
    ----------
    target
        What the name means; needed to retarget, and to confirm where the engine left it open.
    everywhere
        The decision holds for the name in all articles of the study.

    Raises
    ------
    NameNotFoundError
        No article has such an item.
    ArticleError
        There is no target to confirm.
    """
    folder = articles_folder(study)
    decisions = read_decisions(folder)
    article, mention = _find(library, item)
    if verdict != "reject" and not (target or mention.target):
        choice = f"; it may be {', '.join(mention.candidates)}" if mention.candidates else ""
        raise ArticleError(f"{mention.surface!a} has no target to confirm: use 'retarget {item} TARGET'{choice}")
    decision = decision_on(mention, "" if everywhere else article.id, article.text, verdict, target)
    folder.mkdir(exist_ok=True)
    write_decisions(folder, decisions.with_decision(decision))
    return decision


def _find(library: Library, item: str) -> tuple[Article, Mention]:
    for annotated in library.articles.values():
        for key, mention in keyed_mentions(annotated):
            if key == item:
                return annotated.article, mention
    raise NameNotFoundError(f"no article has an item {item!a}; 'corridors review' lists them")


def review_json(items: list[Item], library: Library, decisions: Decisions, faults: list[str]) -> dict[str, Any]:
    """Return the ``review --json`` document."""
    lost = lost_decisions(library.articles.values(), decisions)
    return {
        "items": [_item_json(item) for item in items],
        "counts": dict(Counter(item.reason for item in items)),
        "decisions": len(decisions.rows),
        "lost_decisions": [{"article": row.article, "name": row.name, "verdict": row.verdict} for row in lost],
        "damaged": faults,
    }


def _item_json(item: Item) -> dict[str, Any]:
    mention = item.mention
    return {
        "item": item.id,
        "reason": item.reason,
        "article": item.article,
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "before": item.before,
        "after": item.after,
        "kind": mention.kind,
        "target": mention.target or None,
        "sense": mention.sense,
        "match": mention.match,
        "confidence": mention.confidence,
        "rule": mention.rule,
        "candidates": list(mention.candidates),
        "offered": [
            {"verdict": row.verdict, "target": row.target or None, "article": row.article or None}
            for row in item.offers
        ],
    }
