"""What a reviewer decided, kept beside the articles in one plain file, and applied to whatever the engine finds.

A decision is about one mention, found again by its quote when the text changes, or about a name in all articles of the
study. The file is YAML, one decision a block, sorted, so that a change of mind is one line in a comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated as Marked
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo.atomic import replace_text
from geo.errors import ArticleError
from layers.articles.anchoring import Quote, quote_at, reanchor
from layers.articles.fold import fold
from layers.articles.records import Annotated, Mention

Verdict = Literal["confirm", "reject", "retarget"]
_FILE = "decisions.yaml"
_HEAD = """\
# Decisions about names in the articles beside this file, made with 'corridors review'.
# 'article' is empty where a decision holds for the name in all articles.
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; ``article`` is empty for one about a name wherever it stands."""

    article: str
    name: str
    """The words as they stand in the text."""
    verdict: Verdict
    target: str = ""
    """What the name means; empty when rejected."""
    was: str = ""
    """What the engine had said."""
    start: int = 0
    prefix: str = ""
    suffix: str = ""

    @property
    def quote(self) -> Quote:
        """The words with their surroundings, to find them again."""
        return Quote(self.start, self.name, self.prefix, self.suffix)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str = ""
    name: Marked[str, Field(min_length=1, max_length=500)]
    verdict: Verdict
    target: str = ""
    was: str = ""
    start: Marked[int, Field(ge=0)] = 0
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions of a study."""

    rows: tuple[Decision, ...] = ()

    def target_for(self, surface_folded: str) -> str | None:
        """Return what a name means in all articles, by decision; None where there is none."""
        row = self._general(surface_folded)
        return row.target if row is not None and row.verdict != "reject" else None

    def is_rejected(self, surface_folded: str) -> bool:
        """Whether a name means nothing of the registry in all articles, by decision."""
        row = self._general(surface_folded)
        return row is not None and row.verdict == "reject"

    def _general(self, surface_folded: str) -> Decision | None:
        return next((row for row in self.rows if not row.article and fold(row.name) == surface_folded), None)

    def offers(self, surface: str) -> tuple[Decision, ...]:
        """Return what was decided for the same name elsewhere, the last decision first."""
        wanted = fold(surface)
        return tuple(row for row in reversed(self.rows) if fold(row.name) == wanted)

    def with_decision(self, decision: Decision) -> Decisions:
        """Return the decisions with one more; it replaces one about the same place, or the same name."""
        key = _key(decision)
        return Decisions((*(row for row in self.rows if _key(row) != key), decision))


def _key(row: Decision) -> tuple[object, ...]:
    return (row.article, fold(row.name), row.start if row.article else 0)


def read_decisions(folder: Path) -> Decisions:
    """Return the decisions kept in a folder of articles; none when it has no such file.

    Raises
    ------
    ArticleError
        The file is not what `write_decisions` writes; the message says where.
    """
    file = folder / _FILE
    if not file.is_file():
        return Decisions()
    try:
        rows = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # plain data only
        if not isinstance(rows or [], list):
            raise ArticleError(f"{file}: expected a list of decisions, each starting with '- article: …'")
        checked = [_Row.model_validate(row) for row in rows or []]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ArticleError(f"{file}: not valid YAML: {' '.join(str(error).split())[:300]}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise ArticleError(f"{file}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    return Decisions(tuple(Decision(**row.model_dump()) for row in checked))


def write_decisions(folder: Path, decisions: Decisions) -> None:
    """Write the decisions, whole or not at all.

    Raises
    ------
    WriteError
        The file cannot be written; the old one is untouched.
    """
    rows = [{key: value for key, value in asdict(row).items() if value not in ("", 0)} for row in decisions.rows]
    text = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=10_000) if rows else "[]\n"
    replace_text(folder / _FILE, _HEAD + text)


def decision_on(mention: Mention, article: str, text: str, verdict: Verdict, target: str = "") -> Decision:
    """Return the decision about one mention of one article.

    Parameters
    ----------
    article
        Id of the article; empty for a decision about the name in all of them.
    target
        What it means; empty keeps what the mention says.
    """
    meant = "" if verdict == "reject" else target or mention.target
    if not article:
        return Decision("", mention.surface, verdict, meant, mention.target)
    quote = quote_at(text, mention.start, mention.end)
    return Decision(article, mention.surface, verdict, meant, mention.target, mention.start, quote.prefix, quote.suffix)


def apply_decisions(annotated: Annotated, decisions: Decisions) -> Annotated:
    """Return an article with what was decided in the place of what the engine found.

    A decision about a place goes before one about a name. One whose place is lost is added as an orphan, unless it was
    a rejection: there is nothing left to reject.
    """
    article = annotated.article
    rows = [row for row in decisions.rows if row.article == article.id]
    spans = _places(article.text, rows)
    placed = {span: row for row, span in zip(rows, spans, strict=False) if span is not None}
    mentions = [_decided(mention, placed, decisions) for mention in annotated.mentions]
    known = {(mention.start, mention.end) for mention in mentions}
    for row, span in zip(rows, spans, strict=False):
        if row.verdict != "reject" and span not in known:
            mentions.append(_of_decision(row, span))
    mentions.sort(key=lambda mention: (mention.start, -mention.end))
    return replace(annotated, mentions=tuple(mentions))


def _places(text: str, rows: Sequence[Decision]) -> list[tuple[int, int] | None]:
    """Return where decisions stand; those made without a text at hand stand at their position, proven by its hash."""
    recorded = [(row.start, row.start + len(row.name)) for row in rows]
    if not text:
        return list(recorded)
    return [
        span if row.prefix or row.suffix else (at if text[at[0] : at[1]] == row.name else None)
        for row, at, span in zip(rows, recorded, reanchor(text, [row.quote for row in rows]), strict=True)
    ]


def _decided(mention: Mention, placed: Mapping[tuple[int, int], Decision], decisions: Decisions) -> Mention:
    row = placed.get((mention.start, mention.end))
    if row is not None:
        return _with(mention, row.verdict, row.target)
    name = fold(mention.surface)
    target = decisions.target_for(name)
    if target is not None:
        return _with(mention, "confirm", target)
    return _with(mention, "reject", "") if decisions.is_rejected(name) else mention


def _with(mention: Mention, verdict: Verdict, target: str) -> Mention:
    if verdict == "reject":
        return replace(mention, status="rejected", rule="decision")
    moved = target != mention.target
    return replace(
        mention,
        target=target,
        kind=target.partition(":")[0],
        match="review" if moved else mention.match,
        rule="decision",
        confidence=1.0,
        status="confirmed",
        candidates=_unused(mention, target) if moved else mention.candidates,
    )


def _unused(mention: Mention, target: str) -> tuple[str, ...]:
    others = dict.fromkeys((*mention.candidates, mention.target))
    return tuple(other for other in others if other not in ("", target))


def _of_decision(row: Decision, span: tuple[int, int] | None) -> Mention:
    start, end = span or (row.start, row.start + len(row.name))
    kind = row.target.partition(":")[0]
    status: Literal["confirmed", "orphan"] = "confirmed" if span else "orphan"
    return Mention(start, end, row.name, kind, row.target, "place", "review", "decision", 1.0, status)


def move_decisions(decisions: Decisions, article: str, old: str, new: str) -> Decisions:
    """Return the decisions with those about one article set to where its words went; a lost one stays as it was."""
    rows = [row for row in decisions.rows if row.article == article]
    spans = dict(zip(rows, reanchor(new, [row.quote for row in rows], old=old), strict=True))
    return Decisions(tuple(_moved(row, spans.get(row), new) for row in decisions.rows))


def _moved(row: Decision, span: tuple[int, int] | None, text: str) -> Decision:
    if span is None:
        return row
    quote = quote_at(text, *span)
    return replace(row, name=quote.exact, start=quote.start, prefix=quote.prefix, suffix=quote.suffix)


def lost_decisions(annotated: Iterable[Annotated], decisions: Decisions) -> Sequence[Decision]:
    """Return the decisions about articles that are not there any more."""
    known = {item.article.id for item in annotated}
    return [row for row in decisions.rows if row.article and row.article not in known]
