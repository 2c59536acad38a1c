"""The main job: from the catalogue to map, layers, graph and report in one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from corridors.atlas import Atlas
from corridors.check import check_json
from corridors.exchange import Export, Format, folders_print, write_format
from corridors.page_content import page_content
from geo.atomic import replace_text
from geo.layer import Layer
from layers.catalogue import Catalogue
from layers.citations import cite_layers
from layers.features import areas_layer, catalogue_layers
from layers.mentions import mentions_table
from maps.content import Language
from maps.page import write_page
from network.corridor_layers import (
    DrawnSection,
    air_links_layer,
    belts_layer,
    corridors_layer,
    corridors_of_lines,
    draw_corridors,
)

LAYER_ORDER = (
    "countries",
    "places",
    "corridors",
    "belts",
    "railways",
    "roads",
    "sea_routes",
    "ferries",
    "air_links",
    "pipelines",
    "events",
    "figures",
    "claims",
    "sources",
    "mentions",
)
# written where formats want a date: that of the data, so that two builds are equal
DATA_DATE = "2026-11-21T00:00:00.000Z"

# data and code that decide what an export holds; a study's records, imports and articles come on top
_DECISIVE = ("geo", "layers", "network", "corridors")
_BUILT: tuple[tuple[str, Format], ...] = (("GeoJSON", "geojson"), ("GeoPackage", "qgis"), ("the graph", "graphml"))

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Drawn:
    """All exchange layers, and the corridor sections behind them."""

    layers: Mapping[str, Layer]
    sections: Mapping[str, tuple[DrawnSection, ...]]


def draw_layers(atlas: Atlas) -> Drawn:
    """Return all layers of the exchange contract, in their order."""
    sections = draw_corridors(atlas.router, atlas.tracks)
    layers = catalogue_layers(atlas.cited, atlas.tracks, corridors_of_lines(sections))
    for layer in (
        mentions_table(atlas.library),
        corridors_layer(atlas.catalogue, sections),
        belts_layer(atlas.catalogue, sections),
        air_links_layer(atlas.router),
    ):
        layers[layer.name] = layer
    if atlas.catalogue.areas:
        layers["areas"] = areas_layer(atlas.catalogue)
    return Drawn({name: layers[name] for name in layer_names(atlas.catalogue)}, sections)


def layer_names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the layers of the exchange contract, and the areas where a study has any."""
    return (*LAYER_ORDER, "areas") if catalogue.areas else LAYER_ORDER


def make_export(atlas: Atlas, names: Sequence[str] = (), *, drawn: Drawn | None = None) -> Export:
    """Return layers by name (all unless given), with citations and metadata, and the network, ready to be written."""
    names = names or layer_names(atlas.catalogue)

    @cache
    def layers() -> Mapping[str, Layer]:
        found = (drawn or draw_layers(atlas)).layers
        return cite_layers({name: found[name] for name in names}, atlas.cited, date=DATA_DATE[:10])

    root = Path(__file__).parent.parent
    decisive = [root / name for name in _DECISIVE] + ([atlas.study] if atlas.study is not None else [])
    return Export(tuple(names), layers, lambda: atlas.network, DATA_DATE, folders_print(decisive))


def build(atlas: Atlas, out: Path, *, language: Language = "en", progress: Progress = lambda _: None) -> dict[str, Any]:
    """Write ``map.html``, ``layers/*.geojson``, ``corridors.gpkg`` with ``corridors.qgs``, graph and ``report.json``.

    Returns
    -------
    dict
        The report, as written.

    Raises
    ------
    WriteError
        An output could not be written; the one that stood there before is untouched.
    """
    out.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        progress(name)
        start = perf_counter()
        yield
        seconds[name] = round(perf_counter() - start, 2)

    with step("tracing lines"):
        tracks = atlas.tracks
    with step("joining the network"):
        _ = atlas.network
    with step("drawing layers"):
        drawn = draw_layers(atlas)
    export = make_export(atlas, drawn=drawn)
    for text, name in _BUILT:
        with step(f"writing {text}"):
            write_format(export, name, out)
    with step("writing the map"):
        content = page_content(
            atlas.cited,
            tracks,
            drawn.layers,
            fingerprint=atlas.fingerprint,
            language=language,
            library=atlas.library,
        )
        write_page(content, out / "map.html")
    report = make_report(atlas, drawn)
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    replace_text(out / "report.json", text)
    return report | {"seconds": seconds}


def make_report(atlas: Atlas, drawn: Drawn) -> dict[str, Any]:
    """Return counts, grades, gaps, warnings and checks; no times, so that equal builds give equal reports."""
    network = atlas.network
    grades: dict[str, float] = {}
    for segments in atlas.tracks.segments.values():
        for segment in segments:
            grades[segment.grade.value] = grades.get(segment.grade.value, 0.0) + segment.length_m / 1000
    gaps = [
        {"corridor": section.corridor, "from": start, "to": end}
        for sections in drawn.sections.values()
        for section in sections
        for start, end in section.gaps
    ]
    return {
        "fingerprint": atlas.fingerprint,
        "layers": {name: len(layer.features) for name, layer in drawn.layers.items()},
        "network": {
            "nodes": len(network.nodes),
            "links": len(network.links),
            "by_kind": _counts(network.links.kind.codes.tolist(), network.links.kind.words),
        },
        "grades_km": {name: round(km, 1) for name, km in sorted(grades.items())},
        "corridor_gaps": gaps,
        "warnings": list(network.warnings),
        "check": check_json(atlas, drawn.sections),
    }


def _counts(codes: list[int], words: tuple[str, ...]) -> dict[str, int]:
    counts = dict.fromkeys(words, 0)
    for code in codes:
        counts[words[code]] += 1
    return counts
