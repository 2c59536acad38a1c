"""Articles as the reading pane of the page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from layers.articles.library import Library
from layers.articles.records import Annotated, FoundEvent, FoundFigure, Mention
from layers.articles.registry import group_kind
from layers.articles.tables import tables
from layers.catalogue import Catalogue
from maps.content import ArticleFinding, ArticleMention, ArticlePage


def article_pages(library: Library, catalogue: Catalogue) -> tuple[ArticlePage, ...]:
    """Return all articles; a text only where it may be shown, a mention unless a reviewer rejected it."""
    names = _names_beside_the_map(catalogue)
    return tuple(
        ArticlePage(
            source_id=key,
            language=annotated.article.language,
            text=annotated.article.text if library.may_show(key) else "",
            mentions=tuple(_mention(each, names) for each in annotated.mentions if each.status != "rejected"),
            findings=tuple(_findings(annotated)),
        )
        for key, annotated in library.articles.items()
    )


def _names_beside_the_map(catalogue: Catalogue) -> Mapping[str, str]:
    """Return the names of targets that are no feature; those of features the page has already."""
    names = {f"{group_kind(group.kind)}:{group.id}": group.name for group in catalogue.groups.values()}
    rows = tables()
    for kind, named in (
        ("region", rows.regions),
        ("organisation", rows.organisations),
        ("initiative", rows.initiatives),
    ):
        names |= {f"{kind}:{row.id}": row.name_en for row in named}
    return names


def _mention(mention: Mention, names: Mapping[str, str]) -> ArticleMention:
    return ArticleMention(
        start=mention.start,
        end=mention.end,
        surface=mention.surface,
        name=names.get(mention.target, ""),
        kind=mention.kind,
        target=mention.target,
        sense=mention.sense,
        status=mention.status,
        is_boilerplate=mention.boilerplate,
        candidates=mention.candidates,
    )


def _findings(annotated: Annotated) -> Iterator[ArticleFinding]:
    found: list[FoundEvent | FoundFigure] = [*annotated.events, *annotated.figures]
    for item in sorted(found, key=lambda item: item.start):
        if isinstance(item, FoundEvent):
            yield ArticleFinding(
                item.start,
                "event",
                ", ".join(part for part in (item.name, item.date) if part),
                item.comparison,
                f"event:{item.event}" if item.event else "",
                item.note,
            )
        else:
            yield ArticleFinding(
                item.start, "figure", _figure_text(item), item.comparison, _figure_target(item), item.note
            )


def _figure_text(figure: FoundFigure) -> str:
    about = [figure.measure.replace("-", " "), ", ".join(figure.countries), figure.period]
    change = "" if figure.change_percent is None else f"{figure.change_percent:+g} %"
    return " · ".join(part for part in (figure.surface, *about, change) if part)


def _figure_target(figure: FoundFigure) -> str:
    return figure.compared_with if figure.compared_with.startswith("figure:") else figure.subject
