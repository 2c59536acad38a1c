"""Mentions in articles as a layer, and articles as sources of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType

from shapely import Point

from geo.layer import Feature, Field, Layer, LayerStyle
from layers.articles.library import Library
from layers.catalogue import Catalogue
from layers.schema import Source

FIELDS = (
    Field("article", "text", "source id of the article"),
    Field("target", "text", "what is mentioned; empty while ambiguous or unmatched"),
    Field("kind", "text", "country, place, line, corridor, region, organisation …, or unmatched"),
    Field("surface", "text", "the name as written"),
    Field("start", "integer", "first code point in the text"),
    Field("end", "integer", "code point after the last"),
    Field("sense", "text", "place, government, demonym or adjective: only the first is a site"),
    Field("match", "text", "how the name led there: exact, alias, inflected, composed, context, fuzzy or review"),
    Field("confidence", "real", "0 to 1"),
    Field("status", "text", "auto, ambiguous, confirmed, rejected or orphan (its place in the text is lost)"),
    Field("boilerplate", "boolean", "stands in a menu, an author box, a list of related articles or a footnote"),
    Field("candidates", "text", "other targets the name fits, joined with ;"),
)
Locate = Callable[[str], tuple[float, float] | None]
"""Target to longitude and latitude (WGS 84); None for what is no point."""


def mentions_table(library: Library) -> Layer:
    """Return every mention as a row of a plain table, in the order of articles and texts."""
    return _layer(library, "mentions", None, lambda _: None)


def mentions_layer(library: Library, locate: Locate) -> Layer:
    """Return every mention as a feature: a point where a site is meant, none for countries, lines and actors."""
    return _layer(library, "mentions", LayerStyle(colour="#7a2e62"), locate)


def _layer(library: Library, name: str, style: LayerStyle | None, locate: Locate) -> Layer:
    return Layer(
        name,
        "Mentions",
        "Places in articles that name a feature; texts are those of their authors, only names are given here",
        FIELDS,
        tuple(_features(library, locate)),
        "Point" if style else None,
        "corridors catalogue; each row names its article",
        "CC-BY-4.0",
        style,
    )


def _features(library: Library, locate: Locate) -> Iterator[Feature]:
    seen: Counter[str] = Counter()
    for key, annotated in library.articles.items():
        for mention in annotated.mentions:
            place = f"{key}#{mention.start}-{mention.end}"
            seen[place] += 1
            lon_lat = locate(mention.target) if mention.target and mention.sense == "place" else None
            yield Feature(
                place if seen[place] == 1 else f"{place}-{seen[place]}",
                Point(lon_lat) if lon_lat else None,
                {
                    "article": key,
                    "target": mention.target,
                    "kind": mention.kind,
                    "surface": mention.surface,
                    "start": mention.start,
                    "end": mention.end,
                    "sense": mention.sense,
                    "match": mention.match,
                    "confidence": mention.confidence,
                    "status": mention.status,
                    "boilerplate": mention.boilerplate,
                    "candidates": ";".join(mention.candidates),
                },
            )


def cite_articles(catalogue: Catalogue, library: Library) -> Catalogue:
    """Return the catalogue with the articles at hand among its sources, so that whatever cites one finds it."""
    articles = {
        key: Source.model_validate({"type": "document", **annotated.article.reference, "id": key})
        for key, annotated in library.articles.items()
        if key not in catalogue.sources
    }
    return replace(catalogue, sources=MappingProxyType({**catalogue.sources, **articles})) if articles else catalogue
