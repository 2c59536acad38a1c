"""All articles at hand with their evidence, looked up from both sides: by article and by target.

The map page, ``show``, ``route`` and the coverage report read only this. Three things fill it, in this order:

1. the references shipped with the catalogue: stand-off records of texts we may not print, with full text only where
   the user supplies it, and the original briefs, whose text is shipped;
2. texts the user names (``--articles DIR``);
3. the articles of a study.

>>> from layers.articles.records import Annotated, Article, Mention
>>> text = "The railway reached Kashgar in 1999."
>>> named = Mention(20, 27, "Kashgar", "place", "place:kashgar", "place", "exact", "name", 0.99)
>>> article = Article("a", text, "", "en", {"id": "a", "title": "A"})
>>> library = Library({"a": Annotated(article, (named,))})
>>> library.mentions_of["place:kashgar"][0].before
'The railway reached '
>>> library.may_show("a"), library.mentions_in("a") == (named,)
(True, True)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from layers.articles.records import Annotated, FoundEvent, FoundFigure, Mention

# characters of context on each side of a quote
QUOTE_WIDTH = 90
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mention of a target with where it stands; ``before`` and ``after`` are empty where no text may be shown."""

    article: str
    """Id of the article, which is that of its reference."""
    mention: Mention
    before: str = ""
    after: str = ""


@dataclass(frozen=True, eq=False)
class Library:
    """Annotated articles by id, in the order they were loaded; empty is a library too."""

    articles: Mapping[str, Annotated] = field(default_factory=dict)

    def may_show(self, article: str) -> bool:
        """Whether the text is at hand and its reference does not forbid showing it (``custom.show_text: false``)."""
        found = self.articles.get(article)
        if found is None or not found.article.text:
            return False
        custom = found.article.reference.get("custom")
        return not (isinstance(custom, Mapping) and custom.get("show_text") is False)

    def mentions_in(self, article: str) -> tuple[Mention, ...]:
        """All mentions of one article in the order of its text, those rejected or orphaned included."""
        return self.articles[article].mentions

    @cached_property
    def mentions_of(self) -> Mapping[str, tuple[Evidence, ...]]:
        """Evidence by target: mentions that are not rejected; an orphan is kept, without a quote."""
        found: dict[str, list[Evidence]] = {}
        for key, annotated in self.articles.items():
            shown = self.may_show(key)
            for mention in annotated.mentions:
                if mention.target and mention.status != "rejected":
                    before, after = ("", "")
                    if shown and mention.status != "orphan":
                        before, after = quote_context(annotated.article.text, mention.start, mention.end)
                    found.setdefault(mention.target, []).append(Evidence(key, mention, before, after))
        return MappingProxyType({target: tuple(evidence) for target, evidence in found.items()})

    @cached_property
    def events_of(self) -> Mapping[str, tuple[tuple[str, FoundEvent], ...]]:
        """Article id and what it tells, by id of the catalogue's event."""
        found: dict[str, list[tuple[str, FoundEvent]]] = {}
        for key, annotated in self.articles.items():
            for event in annotated.events:
                if event.event:
                    found.setdefault(event.event, []).append((key, event))
        return MappingProxyType({event: tuple(told) for event, told in found.items()})

    @cached_property
    def figures_of(self) -> Mapping[str, tuple[tuple[str, FoundFigure], ...]]:
        """Article id and what it tells, by ``figure:…`` or ``claim:…`` it was compared with."""
        found: dict[str, list[tuple[str, FoundFigure]]] = {}
        for key, annotated in self.articles.items():
            for figure in annotated.figures:
                if figure.compared_with:
                    found.setdefault(figure.compared_with, []).append((key, figure))
        return MappingProxyType({figure: tuple(told) for figure, told in found.items()})


def quote_context(text: str, start: int, end: int, *, width: int = QUOTE_WIDTH) -> tuple[str, str]:
    """Return what stands before and after a position within its paragraph, cut between words, on one line."""
    before = text[max(0, start - width) : start].rpartition("\n\n")[2]
    after = text[end : end + width].partition("\n\n")[0]
    if start > width and len(before) == width:
        before = before.partition(" ")[2] if " " in before[:-1] else before
    if end + width < len(text) and len(after) == width:
        after = after.rpartition(" ")[0] if " " in after[1:] else after
    return _SPACES.sub(" ", before), _SPACES.sub(" ", after)
