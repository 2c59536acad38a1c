"""A child that writes two versions of one output in turn, for ever, until it is killed.

Imported by a clean server process (`multiprocessing`, method forkserver), so that a child is there within milliseconds.
"""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import geo.atomic
from corridors.exchange import GEOPACKAGE, Export, Format, write_export, write_format
from geo.csv_text import write_csv
from geo.flatgeobuf import write_flatgeobuf
from geo.geojson import write_geojson, write_geojson_lines
from geo.geopackage import write_geopackage
from geo.geoparquet import write_geoparquet
from geo.kml import write_kml
from geo.layer import Layer
from geo.qgis_project import LayerGroup, Project, write_qgis_project
from network.table import Network
from tests.geo.samples import all_kinds

DATE = "2026-11-21T00:00:00.000Z"


def version(letter: str) -> list[Layer]:
    """The same layers, of another description: every output then has other bytes."""
    return [dataclasses.replace(layer, description=f"version {letter}", title=f"{layer.title} {letter}")
            for layer in all_kinds()]  # fmt: skip


def _no_network() -> Network:
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Writer:
    """How to write some layers into a folder, and what the output is called."""

    write: Callable[[list[Layer], Path], None]
    output: str
    prepare: Callable[[], None] = lambda: None


def _format(name: Format, output: str, prepare: Callable[[], None] = lambda: None) -> Writer:
    def write(layers: list[Layer], out: Path) -> None:
        by_name = {layer.name: layer for layer in layers}
        write_format(Export(tuple(by_name), lambda: by_name, _no_network, DATE, ""), name, out)

    return Writer(write, output, prepare)


def _cannot_exchange(first: Path, second: Path) -> bool:
    del first, second
    return False


def _without_exchange() -> None:
    """Do as where the system cannot exchange two folders in one step; only ever called in a child."""
    geo.atomic._exchange = _cannot_exchange


def _write_lines(layers: list[Layer], out: Path) -> None:
    write_geojson_lines(_marked(layers[0]), out / "a.geojsonl")


def _write_project(layers: list[Layer], out: Path) -> None:
    project = Project("T", (LayerGroup("All", tuple(layer.name for layer in layers)),))
    write_geopackage(layers, out / GEOPACKAGE, title="T", project=project)
    write_qgis_project(project, layers, out / "a.qgs", geopackage=GEOPACKAGE)


WRITERS: Mapping[str, Writer] = {
    "geojson": Writer(lambda layers, out: write_geojson(layers[0], out / "a.geojson"), "a.geojson"),
    "geojsonl": Writer(_write_lines, "a.geojsonl"),
    "csv": Writer(lambda layers, out: write_csv(_marked(layers[0]), out / "a.csv"), "a.csv"),
    "fgb": Writer(lambda layers, out: write_flatgeobuf(layers[0], out / "a.fgb"), "a.fgb"),
    "parquet": Writer(lambda layers, out: write_geoparquet(layers[0], out / "a.parquet"), "a.parquet"),
    "kml": Writer(lambda layers, out: write_kml(layers, out / "a.kml", title="T"), "a.kml"),
    "gpkg": Writer(lambda layers, out: write_geopackage(layers, out / GEOPACKAGE, title="T"), GEOPACKAGE),
    "qgs": Writer(_write_project, "a.qgs"),
    "folder": _format("geojson", "layers"),
    "folder, exchanged by two renames": _format("geojsonl", "geojsonl", _without_exchange),
}


def _marked(layer: Layer) -> Layer:
    """A layer whose ids carry its title, for formats that have no place for a title."""
    features = tuple(dataclasses.replace(feature, id=f"{feature.id} {layer.title}") for feature in layer.features)
    return dataclasses.replace(layer, features=features)


def write_for_ever(writer: str, out: Path, ready: Connection) -> None:
    """Write once elsewhere, since a first write takes longer; say so; then write version b, then a, then b …"""
    WRITERS[writer].prepare()
    versions = [version(letter) for letter in "ba"]
    with tempfile.TemporaryDirectory() as elsewhere:
        WRITERS[writer].write(versions[0], Path(elsewhere))
    ready.send(None)
    for layers in itertools.cycle(versions):
        WRITERS[writer].write(layers, out)


# a whole export, cut and resumed

EXPORT_FORMATS: tuple[Format, ...] = ("geojson", "geojsonl", "fgb", "parquet", "csv", "gpkg", "kml")


def small_export() -> Export:
    """Layers with geometry of the samples."""
    by_name = {layer.name: layer for layer in all_kinds()[:4]}
    return Export(tuple(by_name), lambda: by_name, _no_network, DATE, "print")


def export_once(out: Path, ready: Connection) -> None:
    """Say that it starts, then write all formats, keeping what is finished."""
    ready.send(None)
    write_export(small_export(), EXPORT_FORMATS, out, resume=True)
