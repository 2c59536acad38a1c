"""Layers as they leave the house: every feature with its target and its citations, every layer with its metadata.

Inside, records point at sources by id; a file that travels alone needs the words. Added to each layer: the column
``target`` (what claims and mentions call the feature), the column ``citations``, and for the layer its date, the grades
of its geometry and the list of all it rests on.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from geo.layer import Feature, Field, Layer, Value
from geo.metadata import CITATION_SEPARATOR
from geo.relations import Relation
from layers.catalogue import Catalogue
from layers.schema import Source

# layer → kind of target its features are
TARGET_KINDS: Mapping[str, str] = {
    "countries": "country",
    "places": "place",
    "corridors": "corridor",
    "railways": "line",
    "roads": "line",
    "sea_routes": "line",
    "ferries": "line",
    "pipelines": "line",
    "areas": "area",
    "events": "event",
    "figures": "figure",
}
# tables whose rows are about targets, and the column that names the target
_ABOUT = (("claims", "subject"), ("mentions", "target"))
RELATIONS = (
    *(Relation(child, field, parent, "target") for child, field in _ABOUT for parent in TARGET_KINDS),
    Relation("claims", "source", "sources", "id"),
    Relation("figures", "source", "sources", "id"),
    Relation("mentions", "article", "sources", "id"),
    Relation("belts", "corridor", "corridors", "id"),
)
_TARGET = Field("target", "text", "what claims and mentions call this feature")
_CITATIONS = Field("citations", "text", f"what the row rests on, joined with '{CITATION_SEPARATOR}'")
# columns that hold source ids, one or several joined with ;
_SOURCE_COLUMNS = ("sources", "source", "length_source", "article")
_GRADES: Mapping[str, str] = {
    "track": "along the base network",
    "traced": "through waypoints at most some 30 km apart",
    "schematic": "straight between distant waypoints",
}


def citation(source: Source) -> str:
    """Give one source in words: authors (or publisher), year, title, publisher, address.

    Examples
    --------
    >>> citation(Source(id="x", type="webpage", title="A railway", URL="https://example.org/a"))
    'A railway (n.d.). https://example.org/a'
    """
    authors, publisher = source.authors, source.publisher_name
    head = f"{authors} ({source.year}). {source.title}" if authors else f"{source.title} ({source.year})"
    return ". ".join(part.strip().rstrip(".") for part in (head, publisher, source.URL or "") if part.strip())


def cite_layers(layers: Mapping[str, Layer], catalogue: Catalogue, *, date: str) -> dict[str, Layer]:
    """Return the layers with targets, citations and metadata; ``date`` is that of the data, in ISO 8601."""
    words = {source.id: citation(source) for source in catalogue.sources.values()}
    return {name: _cited(layer, catalogue, words, date) for name, layer in layers.items()}


def _cited(layer: Layer, catalogue: Catalogue, words: Mapping[str, str], date: str) -> Layer:
    present = {field.name for field in layer.fields}
    kind = TARGET_KINDS.get(layer.name)
    added = [_TARGET] if kind and "target" not in present else []
    added += [_CITATIONS] if "citations" not in present else []
    used: dict[str, None] = {}
    features = []
    for feature in layer.features:
        target = f"{kind}:{feature.id}" if kind else None
        sources = _sources_of(feature, layer.name, target, catalogue)
        cited = [words[source] for source in sources if source in words]
        used |= dict.fromkeys(cited)
        values: dict[str, Value] = {"target": target, "citations": CITATION_SEPARATOR.join(cited) or None}
        properties = {**feature.properties, **{field.name: values[field.name] for field in added}}
        features.append(Feature(feature.id, feature.geometry, properties))
    return dataclasses.replace(
        layer,
        fields=(*layer.fields, *added),
        features=tuple(features),
        date=date,
        accuracy=_accuracy(layer),
        sources=tuple(sorted(used)),
    )


def _sources_of(feature: Feature, layer: str, target: str | None, catalogue: Catalogue) -> Sequence[str]:
    """Ids of what a feature rests on: what its columns name, then what its claims cite."""
    if layer == "sources":
        return [feature.id]
    found: Iterable[Value] = (feature.properties.get(column) for column in _SOURCE_COLUMNS)
    named = [source for text in found if isinstance(text, str) for source in text.split(";") if source]
    corridor = feature.properties.get("corridor")
    if layer == "belts" and isinstance(corridor, str):
        named += catalogue.corridors[corridor].sources
    claims = catalogue.claims_by_subject.get(target, ()) if target else ()
    return list(dict.fromkeys((*named, *sorted({claim.source for claim in claims}))))


def _accuracy(layer: Layer) -> str:
    """Say how many lines have which grade; empty for layers without grades."""
    counts = Counter(feature.properties.get("grade") for feature in layer.features)
    return "; ".join(f"{counts[grade]} {grade} ({meaning})" for grade, meaning in _GRADES.items() if counts[grade])
