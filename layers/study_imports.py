"""Add the imports of a study to its catalogue: lines, places, areas, their source, stated lengths and speeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import shapely

from geo.errors import BaseDataError, CatalogueError
from layers.catalogue import Catalogue
from layers.import_store import INFO_FILE, LAYER_FILE, StoredRow, StoreReader, read_info, reading
from layers.imported import IMPORTS_DIR, Area, ImportedLayer, ImportedLine
from layers.schema import Claim, Line, Parameter, Place, Source


def import_folders(study: Path) -> list[Path]:
    """Return the folders of a study's imports, in name order."""
    base = study / IMPORTS_DIR
    return sorted(entry for entry in base.iterdir() if (entry / INFO_FILE).is_file()) if base.is_dir() else []


def with_imports(catalogue: Catalogue, study: Path, *, without: str = "") -> Catalogue:
    """Return the catalogue with a study's imports, but for the one named ``without``.

    Raises
    ------
    CatalogueError
        An imported id is taken by a record of the catalogue or of another import.
    BaseDataError
        A file of an import is missing or damaged.
    """
    for folder in import_folders(study):
        if folder.name != without:
            catalogue = _with_import(catalogue, folder)
    return catalogue


def _with_import(catalogue: Catalogue, folder: Path) -> Catalogue:
    info = read_info(folder)
    try:
        source = Source.model_validate(info["source"])
        with reading(folder / LAYER_FILE) as store:
            return _joined(catalogue, info, source, store)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, CatalogueError):
            raise
        raise BaseDataError(f"{folder} is damaged ({error}); import the file again, or remove the folder") from error


def _joined(catalogue: Catalogue, info: dict[str, Any], source: Source, store: StoreReader) -> Catalogue:
    is_joined = bool(info["is_joined"])
    rows = list(store.rows("lines")) if is_joined else []
    places = [_place(row, source.id) for row in store.rows("places")] if is_joined else []
    area_rows = list(store.rows("areas")) if is_joined else []
    stops = store.stops()
    layer = ImportedLayer(
        id=str(info["id"]),
        file=str(info["file"]),
        counts=dict(info["counts"]),
        is_joined=is_joined,
        lines={row.id: _course(row, tuple(stops[row.id])) for row in rows},
        places=frozenset(place.id for place in places),
        shapes={row.id: row.geometry for row in area_rows},
        connectors=tuple(store.connectors()),
        gauge_changes=tuple(info["gauge_changes"]),
    )
    return replace(
        catalogue,
        sources=_extended(catalogue.sources, {source.id: source}, "source", layer),
        lines=_extended(catalogue.lines, {row.id: _line(row, layer, source.id) for row in rows}, "line", layer),
        places=_extended(catalogue.places, {place.id: place for place in places}, "place", layer),
        areas=_extended(
            catalogue.areas,
            {
                row.id: Area(id=row.id, name=row.values["name"], sources=(source.id,), note=row.values["note"])
                for row in area_rows
            },
            "area",
            layer,
        ),
        parameters=_extended(catalogue.parameters, dict(_speeds(rows, info)), "parameter", layer),
        claims=(*catalogue.claims, *_lengths(rows, source.id)),
        imports=(*catalogue.imports, layer),
    )


def _extended(table: Any, added: dict[str, Any], kind: str, layer: ImportedLayer) -> Any:  # noqa: ANN401 - any table
    taken = sorted(added.keys() & table.keys())
    if taken:
        raise CatalogueError(
            f"import {layer.id}: {kind} {', '.join(taken[:5])} is in the catalogue already; import {layer.file} again "
            "(it then takes other ids), or remove its folder"
        )
    return MappingProxyType({**table, **added}) if added else table


def _course(row: StoredRow, stops: tuple[Any, ...]) -> ImportedLine:
    parts = tuple(shapely.get_coordinates(part) for part in shapely.get_parts(row.geometry))
    return ImportedLine(row.id, parts, stops)


def _names(row: StoredRow) -> dict[str, Any]:
    languages = {"en": "name", "ru": "name_ru", "zh": "name_zh", "tr": "name_tr", "local": "name_local"}
    return {language: row.values[column] for language, column in languages.items()}


def _line(row: StoredRow, layer: ImportedLayer, source: str) -> Line:
    course = layer.lines[row.id]
    values = row.values
    sections = [
        {
            "waypoints": (tuple(part[0].tolist()), tuple(part[-1].tolist())),
            "gauge_mm": values["gauge_mm"],
            "follow": False,
        }
        for part in course.parts
    ]
    return Line.model_validate(
        {
            "id": row.id,
            "names": _names(row),
            **{key: values[key] for key in ("mode", "status", "opened", "note")},
            "sections": sections,
            "sources": (source,),
        }
    )


def _place(row: StoredRow, source: str) -> Place:
    names = {f"name_{language}": name for language, name in _names(row).items()}
    known = {key: row.values[key] for key in ("kind", "country", "aliases", "note")}
    lon, lat = shapely.get_coordinates(row.geometry)[0].tolist()
    return Place.model_validate({"id": row.id, "lon": lon, "lat": lat, "source": source, **names, **known})


def _lengths(rows: list[StoredRow], source: str) -> Iterator[Claim]:
    for row in rows:
        km = row.values["length_km"]
        if km is not None:
            yield Claim(
                subject=f"line:{row.id}",
                attribute="length",
                value=f"{km:g}",
                unit="km",
                source=source,
                locator=f"row {row.row}, length_km",
            )


def _speeds(rows: list[StoredRow], info: dict[str, Any]) -> Iterator[tuple[str, Parameter]]:
    for row in rows:
        speed = row.values["speed_kmh"]
        if speed is not None:
            key = f"speed-line-{row.id}"
            parameter = Parameter(
                id=key,
                quantity="speed",
                scope=f"line:{row.id}:{row.values['mode']}",
                low=speed,
                central=speed,
                high=speed,
                unit="km/h",
                source="assumed",
                locator=info["source"]["id"],
                note=f"stated with the import of {info['file']}",
            )
            yield key, parameter
