"""Layers for other programs: which files an export consists of, written one after the other and resumed after a kill.

``export.json`` is renewed after each finished format. It says from what the files were made and holds their sha256, so
a second run with ``resume`` keeps the formats that are whole and still true, and writes the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from geo.atomic import MANIFEST, manifest_faults, recover_directory, replace_directory, replace_text
from geo.csv_text import write_csv
from geo.datapackage import write_data_package
from geo.errors import WriteError
from geo.file_geometry import bounding_box, file_geometry
from geo.flatgeobuf import write_flatgeobuf
from geo.geojson import write_geojson, write_geojson_lines
from geo.geopackage import write_geopackage
from geo.geoparquet import write_geoparquet
from geo.kml import write_kml
from geo.layer import Layer
from geo.qgis_project import LayerGroup, Project, write_qgis_project
from layers.citations import RELATIONS
from layers.features import OSM_ATTRIBUTION, OSM_LICENCE
from network.public_graph import write_graphml
from network.table import Network

Format = Literal["geojson", "geojsonl", "gpkg", "fgb", "parquet", "kml", "csv", "graphml", "qgis"]
FORMATS: tuple[Format, ...] = get_args(Format)
TITLE = "corridors"
GEOPACKAGE = "corridors.gpkg"
RECORD = "export.json"
GROUPS = (
    LayerGroup(
        "Places and events",
        ("places", "events", "figures"),
        hidden=frozenset({"events", "figures"}),
        detailed=frozenset({"places"}),
    ),
    LayerGroup(
        "Lines",
        ("railways", "roads", "ferries", "sea_routes", "pipelines", "air_links"),
        hidden=frozenset({"air_links"}),
    ),
    LayerGroup("Corridors", ("corridors", "belts", "areas")),
    LayerGroup("Countries", ("countries",)),
    LayerGroup("Evidence", ("claims", "sources", "mentions")),
)

# what a row of a table is called in the form of the feature it belongs to
_CAPTIONS = {
    "claims": """"attribute" || ': ' || "value" || coalesce(' ' || "unit", '') || ' – ' || "source\"""",
    "figures": """"measure" || ' ' || "period\"""",
    "mentions": """"surface" || ' – ' || "article\"""",
    "sources": '"title"',
}
_GRAPH_METADATA = {
    "title": "Multimodal network of Eurasia",
    "attribution": f"{OSM_ATTRIBUTION}; SeaRoute; airportsdata",
    "licence": OSM_LICENCE,
}

Progress = Callable[[str], None]
_WriteLayer = Callable[[Layer, Path], None]


@dataclass(frozen=True, slots=True)
class _Folder:
    """A format of one file per layer, in a folder that is swapped in whole."""

    name: str
    write: _WriteLayer
    suffix: str


_FOLDERS: Mapping[Format, _Folder] = {
    "geojson": _Folder("layers", write_geojson, "geojson"),
    "geojsonl": _Folder("geojsonl", write_geojson_lines, "geojsonl"),
    "fgb": _Folder("flatgeobuf", write_flatgeobuf, "fgb"),
    "parquet": _Folder("parquet", write_geoparquet, "parquet"),
    "csv": _Folder("csv", write_csv, "csv"),
}
# what each format leaves in the output folder
OUTPUTS: Mapping[Format, tuple[str, ...]] = {
    **{name: (folder.name,) for name, folder in _FOLDERS.items()},
    "gpkg": (GEOPACKAGE,),
    "qgis": (GEOPACKAGE, "corridors.qgs"),
    "kml": ("corridors.kml",),
    "graphml": ("network.graphml",),
}


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported, drawn when it is first asked for, and from which data.

    ``names`` are the layers that ``layers`` gives, in their order; ``network`` is what ``graphml`` holds. ``date`` is a
    UTC time such as ``2026-03-01T00:00:00.000Z``; ``fingerprint`` changes with the data or the program.
    """

    names: tuple[str, ...]
    layers: Callable[[], Mapping[str, Layer]]
    network: Callable[[], Network]
    date: str
    fingerprint: str


def write_export(
    export: Export,
    formats: Sequence[Format],
    out: Path,
    *,
    resume: bool = False,
    progress: Progress = lambda _: None,
) -> dict[Format, bool]:
    """Write the formats into ``out``, which is made where it is absent.

    Parameters
    ----------
    resume
        Keep what an earlier run of the same export has finished.

    Returns
    -------
    dict
        Format → whether it was written; False where it was kept.

    Raises
    ------
    LayerError
        When a layer cannot be written without loss.
    WriteError
        When an output could not be written; the one that stood there before is untouched.
    """
    out.mkdir(parents=True, exist_ok=True)
    key = _key(export)
    done = _finished(out, key) if resume else {}
    written: dict[Format, bool] = {}
    for name in dict.fromkeys(formats):
        written[name] = name not in done
        if written[name]:
            progress(f"writing {name}")
            write_format(export, name, out)
            done[name] = _digests(out, name)
            _record(out, key, done)
    return written


def folders_print(folders: Iterable[Path]) -> str:
    """Return the sha256 over names and bytes of all files in some folders, compiled Python left out."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                name = path.relative_to(folder).as_posix()
                digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_format(export: Export, name: Format, out: Path) -> None:
    """Write one format into an existing folder; errors are those of :func:`write_export`."""
    if name == "graphml":
        write_graphml(export.network(), out / "network.graphml", metadata=_GRAPH_METADATA | {"date": export.date[:10]})
        return
    layers = list(export.layers().values())
    if name in _FOLDERS:
        folder = _FOLDERS[name]
        replace_directory(out / folder.name, partial(_fill, layers=layers, folder=folder))
    elif name == "kml":
        write_kml(layers, out / "corridors.kml", title=TITLE)
    else:
        project = make_project(export.layers())
        write_geopackage(layers, out / GEOPACKAGE, title=TITLE, last_change=export.date, project=project)
        if name == "qgis":
            write_qgis_project(project, layers, out / "corridors.qgs", geopackage=GEOPACKAGE)


def make_project(layers: Mapping[str, Layer]) -> Project:
    """Return the QGIS project over these layers; it opens on the corridors where they are among them."""
    seen = layers["corridors"].features if "corridors" in layers else ()
    box = bounding_box([file_geometry(f.geometry) for f in seen if f.geometry is not None])
    extent = box if box is not None and box[0] < box[2] else None
    return Project(TITLE, GROUPS, RELATIONS, extent, _CAPTIONS)


def _fill(target: Path, *, layers: Sequence[Layer], folder: _Folder) -> None:
    for layer in layers:
        folder.write(layer, target / f"{layer.name}.{folder.suffix}")
    write_data_package(layers, target, name=TITLE, suffix=folder.suffix, relations=RELATIONS)


# what was finished before


def _key(export: Export) -> str:
    """Tell one export from another: by data, program and layers."""
    parts = [export.fingerprint, export.date, *export.names]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _digests(out: Path, name: Format) -> dict[str, str]:
    """Give the sha256 of each output of a format; for a folder that of its manifest, which lists the files."""
    found = {}
    for output in OUTPUTS[name]:
        file = out / output / MANIFEST if name in _FOLDERS else out / output
        with file.open("rb") as stream:
            found[output] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def _record(out: Path, key: str, done: Mapping[Format, Mapping[str, str]]) -> None:
    text = json.dumps({"export": key, "formats": done}, indent=1, sort_keys=True) + "\n"
    replace_text(out / RECORD, text)


def _finished(out: Path, key: str) -> dict[Format, dict[str, str]]:
    """Return the formats an earlier run of the same export has finished and nobody has changed since."""
    try:
        record: dict[str, Any] = json.loads((out / RECORD).read_text(encoding="utf-8"))
        known = record["formats"] if record["export"] == key else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return {name: known[name] for name in FORMATS if name in known and _is_whole(out, name, known[name])}


def _is_whole(out: Path, name: Format, digests: object) -> bool:
    try:
        if name in _FOLDERS:
            recover_directory(out / _FOLDERS[name].name)
            if manifest_faults(out / _FOLDERS[name].name):
                return False
        return _digests(out, name) == digests
    except (OSError, WriteError):
        return False
