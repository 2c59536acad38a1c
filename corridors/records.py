"""JSON documents of ``show`` and ``search``."""

from __future__ import annotations

from typing import Any

import shapely

from corridors.atlas import Atlas
from corridors.evidence import claim_mentions, mentions_json
from geo.errors import NameNotFoundError
from layers.claims import adopted, conflicts
from layers.names import Match, country_names, name_index
from layers.schema import Names

_TABLES = ("place", "line", "corridor", "crossing", "event", "figure", "source", "group", "area")


def search_json(query: str, matches: list[Match]) -> dict[str, Any]:
    """Return the ``search --json`` document."""
    return {
        "query": query,
        "results": [
            {
                "id": match.id,
                "target": match.target,
                "name": match.name,
                "kind": match.kind,
                "lon": match.lon,
                "lat": match.lat,
                "match": match.match,
                "language": match.language,
            }
            for match in matches
        ],
    }


def find_target(atlas: Atlas, text: str) -> str:
    """Return the target (``line:cku-railway``) of an id, a target or a name.

    Raises
    ------
    NameNotFoundError
        Nothing has this id or name.
    """
    catalogue = atlas.catalogue
    kind, colon, key = text.partition(":")
    wanted = ((kind, key),) if colon else tuple((table, text) for table in _TABLES)
    for table, name in wanted:
        if table in _TABLES and name in getattr(catalogue, f"{table}s"):
            return f"{table}:{name}"
    code = (key if colon else text).upper()
    if kind in ("country", text) and code in catalogue.countries:
        return f"country:{code}"
    index = name_index(catalogue)
    matches = [match for match in index.search(text) if match.match in ("exact", "alias")]
    if matches:
        return matches[0].target
    suggestions = index.suggestions(text)
    hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else "; try 'corridors search'"
    raise NameNotFoundError(f"nothing is called {text!r}{hint}")


def show_json(atlas: Atlas, target: str) -> dict[str, Any]:
    """Return a record with its claims, conflicts, history, sources, grade and geometry."""
    catalogue = atlas.catalogue
    kind, _, key = target.partition(":")
    tables = {"country": catalogue.countries} | {name: getattr(catalogue, f"{name}s") for name in _TABLES}
    record = tables[kind][key]
    document: dict[str, Any] = {"target": target, **record.model_dump(mode="json")}
    if kind == "country":
        document["names"] = country_names().get(key, Names(en=key)).model_dump()
        document["groups"] = sorted(group.id for group in catalogue.groups.values() if key in group.members)
    claims = catalogue.claims_by_subject.get(target, ())
    chosen = adopted(claims, catalogue.sources)
    document["claims"] = [
        {
            **claim.model_dump(mode="json", include={"attribute", "value", "low", "high", "unit", "as_of", "source"}),
            "locator": claim.locator,
            "note": claim.note,
            "adopted": chosen[claim.attribute] is claim,
            "mentions": claim_mentions(atlas.library, claim),
        }
        for claim in claims
    ]
    document["conflicts"] = sorted(conflicts(claims))
    document["mentions"] = mentions_json(atlas.library, target)
    document["history"] = document.get("history", [])
    document["grade"] = None
    document["geometry"] = None
    document["events"] = [event.id for event in catalogue.events.values() if target in event.subjects]
    _add_geometry(atlas, kind, key, document)
    cited = {claim.source for claim in claims} | set(document.get("sources", ()))
    document["references"] = [
        {"id": source, "title": catalogue.sources[source].title, "url": catalogue.sources[source].URL}
        for source in sorted(cited)
    ]
    return document


def _add_geometry(atlas: Atlas, kind: str, key: str, document: dict[str, Any]) -> None:
    """Fill grade and geometry of lines and places (changes ``document``)."""
    if kind == "line":
        from layers.features import line_geometry, line_grade
        from network.corridor_layers import corridors_of_lines, draw_corridors

        segments = atlas.tracks.segments[key]
        parts = [[[round(x, 6), round(y, 6)] for x, y in part.coords] for part in line_geometry(segments).geoms]
        document["grade"] = line_grade(segments).value
        document["drawn_km"] = round(sum(segment.length_m for segment in segments) / 1000, 1)
        document["geometry"] = {"type": "MultiLineString", "coordinates": parts}
        # as in the layers: a corridor that names its places only still runs over the lines between them
        document["corridors"] = corridors_of_lines(draw_corridors(atlas.router, atlas.tracks)).get(key, [])
    elif kind == "area":
        shape = next(layer.shapes[key] for layer in atlas.catalogue.imports if key in layer.shapes)
        document["geometry"] = shapely.geometry.mapping(shape)
    elif kind == "place":
        document["geometry"] = {"type": "Point", "coordinates": [document["lon"], document["lat"]]}
