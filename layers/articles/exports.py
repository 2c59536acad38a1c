"""Evidence for other programs: Web Annotations, a Linked Places gazetteer and a table of mentions.

Nothing is dropped: each writer gives as many records as it is given, and its file is read back and counted.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from geo.atomic import replace_text
from geo.errors import WriteError
from layers.articles.annotations import CONTEXT_IRI, annotation_records
from layers.articles.library import Library
from layers.articles.records import Article
from layers.articles.references import edtf_of
from layers.articles.registry import Registry
from layers.catalogue import Catalogue
from layers.mentions import FIELDS, mentions_table
from layers.schema import LANGUAGES

# the context that the specification of version 1.3 names
LINKED_PLACES_CONTEXT = (
    "https://raw.githubusercontent.com/LinkedPasts/linked-places/master/linkedplaces-context-v1.1.jsonld"
)
# GeoNames feature classes, which version 1.3 requires: populated place, area, spot
_CLASSES = {"city": "P", "field": "S", "port": "S", "station": "S", "airport": "S", "border": "S", "strait": "H"}
# a spreadsheet runs a cell that begins so
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_annotations(library: Library, path: Path) -> int:
    """Write all annotations as one JSON-LD collection; return their number.

    Articles whose text is not at hand are left to their stand-off files, which hold more than could be written here.

    Raises
    ------
    WriteError
        The file cannot be written, or does not hold every record.
    """
    items = [
        record
        for annotated in library.articles.values()
        if annotated.article.text
        for record in annotation_records(annotated)
    ]
    document = {
        "@context": CONTEXT_IRI,
        "id": "urn:corridors:annotations",
        "type": "AnnotationCollection",
        "label": "Mentions, events and figures in articles",
        "total": len(items),
        "first": {"id": "urn:corridors:annotations#1", "type": "AnnotationPage", "items": items},
    }
    return _write(path, _json(document), len(items), lambda read: len(json.loads(read)["first"]["items"]))


def write_mentions_csv(library: Library, path: Path) -> int:
    """Write all mentions as CSV, safe to open in a spreadsheet; return their number.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.

    Raises
    ------
    WriteError
        The file cannot be written, or does not hold every record.
    """
    names = ["id", *(field.name for field in FIELDS)]
    features = mentions_table(library).features
    out = io.StringIO(newline="")
    # line ends as RFC 4180 has them: then a line end of any kind within a cell is quoted
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for feature in features:
        writer.writerow([_cell(feature.id), *(_cell(feature.properties[name]) for name in names[1:])])
    return _write(path, out.getvalue(), len(features), _count_rows)


def _count_rows(text: str) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def write_linked_places(library: Library, catalogue: Catalogue, registry: Registry, path: Path) -> int:
    """Write the places that articles name as Linked Places 1.3; return their number.

    Each spelling that an article uses is a name with that article as its citation.

    Raises
    ------
    WriteError
        The file cannot be written, or does not hold every place.
    """
    targets = sorted(
        target for target in library.mentions_of if target.partition(":")[0] in ("place", "city", "country")
    )
    features = [_linked_place(target, library, catalogue, registry) for target in targets]
    document = {"@context": LINKED_PLACES_CONTEXT, "type": "FeatureCollection", "features": features}
    return _write(path, _json(document), len(features), lambda text: len(json.loads(text)["features"]))


def _linked_place(target: str, library: Library, catalogue: Catalogue, registry: Registry) -> dict[str, Any]:
    kind, _, key = target.partition(":")
    place = catalogue.places.get(key) if kind == "place" else None
    names = registry.names_of(target) or (key,)
    where = registry.location_of(target)
    geonames = place.geonames_id if place else key.removeprefix("geonames-") if kind == "city" else None
    what = place.kind.value if place else kind
    feature: dict[str, Any] = {
        "@id": f"urn:corridors:{target}",
        "type": "Feature",
        "properties": {
            "title": names[0],
            "ccodes": [],
            "iso3": list(registry.countries_of(target)),
            "fclasses": ["A" if kind == "country" else _CLASSES.get(what, "S")],
        },
        "names": [*_own_names(target, catalogue, names), *_used_names(target, library)],
        "types": [{"identifier": f"corridors:{what}", "label": what}],
        "geometry": {"type": "Point", "coordinates": [round(where[0], 6), round(where[1], 6)]} if where else None,
    }
    if geonames:
        feature["links"] = [{"type": "exactMatch", "identifier": f"gn:{geonames}"}]
    return feature


def _own_names(target: str, catalogue: Catalogue, names: Iterable[str]) -> list[dict[str, Any]]:
    place = catalogue.places.get(target.partition(":")[2]) if target.startswith("place:") else None
    if place is None:
        return [{"toponym": name} for name in list(names)[:1]]
    spoken = [(getattr(place.names, language), language) for language in LANGUAGES]
    return [{"toponym": name, "lang": language} for name, language in spoken if name]


def _used_names(target: str, library: Library) -> list[dict[str, Any]]:
    """Return each spelling that articles use, with a citation for each of them."""
    articles: dict[str, dict[str, None]] = {}
    for evidence in library.mentions_of[target]:
        surface = " ".join(evidence.mention.surface.split())
        articles.setdefault(surface, {})[evidence.article] = None
    return [
        {"toponym": surface, "citations": [_citation(library.articles[key].article) for key in keys]}
        for surface, keys in articles.items()
    ]


def _citation(article: Article) -> dict[str, Any]:
    reference, key = article.reference, f"urn:corridors:article:{article.id}"
    found: dict[str, Any] = {"label": str(reference.get("title", article.id)), "@id": key}
    url = str(reference.get("URL", ""))
    if url.startswith(("https://", "http://")):
        found["@id"] = url
    year = edtf_of(reference)[:4]
    return {**found, "year": int(year)} if year.isdigit() else found


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _write(path: Path, text: str, count: int, count_again: Callable[[str], int]) -> int:
    def verify(file: Path) -> None:
        with file.open(encoding="utf-8", newline="") as stream:
            found = count_again(stream.read())
        if found != count:
            raise WriteError(f"{path} was not written whole: {found} of {count} records; write it again")

    replace_text(path, text, verify)
    return count
