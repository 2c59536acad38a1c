"""Write layers and tables into one GeoPackage that QGIS opens with names, sources, units and styles.

Beside each layer's own table the file holds, by its table: title, description, attribution, licence, date and accuracy
(``gpkg_contents``), the meaning and unit of every column (``gpkg_data_columns``) and the look (``layer_styles``, the
table QGIS reads default styles from). A QGIS project may stand in it too (``qgis_projects``). Geometry is WGS 84
lon/lat (EPSG:4326), as `geo.file_geometry` gives it.
The same layers give the same bytes: dates are an argument, and the order of features is kept.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyogrio
from shapely.geometry.base import BaseGeometry

from geo.atomic import replace_file
from geo.errors import WriteError
from geo.geojson import checked_geometries
from geo.layer import Layer, is_xml_text
from geo.metadata import metadata_text
from geo.ogr_columns import verify_ids, write_with_gdal
from geo.qgis_project import Project, project_row
from geo.qml import qml_text

# not today, so that two builds are equal; who publishes passes the date of the data
DEFAULT_LAST_CHANGE = "2000-01-01T00:00:00.000Z"

_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# tables of the schema extension, as the GeoPackage 1.2 standard defines them (annex F.9)
_SCHEMA_EXTENSION = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
INSERT INTO gpkg_extensions VALUES
  ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec120/#extension_schema', 'read-write'),
  ('gpkg_data_column_constraints', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec120/#extension_schema',
   'read-write');
"""
# columns as QGIS creates them when it saves a style into a GeoPackage
_STYLE_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""
# columns as QGIS creates them when it saves a project into a GeoPackage
_PROJECT_TABLE = "CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"


def write_geopackage(
    layers: Sequence[Layer],
    path: Path | str,
    *,
    title: str,
    last_change: str = DEFAULT_LAST_CHANGE,
    project: Project | None = None,
) -> None:
    """Write all layers into one file at ``path``, whole or not at all, and verify it by reading it back.

    A layer without features becomes an empty table; ``geometry_type`` None gives an attribute table.

    Parameters
    ----------
    layers
        In the order in which they are to be listed; names and titles must differ.
    path
        Ends with ``.gpkg``.
    title
        Of the whole file, kept in its metadata.
    last_change
        UTC time written wherever the standard wants one, such as ``2026-03-01T00:00:00.000Z``.
    project
        Kept in the file for QGIS: groups, looks and relations of these layers.

    Raises
    ------
    LayerError
        When a layer cannot be written without loss; it lists every fault of every layer.
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    if Path(path).suffix != ".gpkg":
        raise WriteError(f"cannot write {path}: QGIS and GDAL know a GeoPackage by its ending; name it .gpkg")
    geometries = _checked(layers, title, last_change)

    def write(file: Path) -> None:
        with _gdal_date(last_change):
            for layer, column in zip(layers, geometries, strict=True):
                _write_layer(layer, column, file, title)
        _add_tables(layers, file, last_change)
        if project is not None:
            row = project_row(project, layers, geopackage=Path(path).name, last_change=last_change)
            _add_project(row, file)

    replace_file(path, write, lambda file: _verify(file, layers))


def _checked(layers: Sequence[Layer], title: str, last_change: str) -> list[list[BaseGeometry | None]]:
    """Geometries of all layers, or one error with the faults of all."""
    faults = []
    if not layers:
        faults.append("a GeoPackage needs at least one layer, found none")
    if not is_xml_text(title):
        faults.append(f"title {title!a} holds a control character or lone surrogate; remove it")
    if not _UTC_TIME.fullmatch(last_change):
        faults.append(f"last change {last_change!a} is not a UTC time such as {DEFAULT_LAST_CHANGE}")
    for member in ("name", "title"):
        counts = Counter(getattr(layer, member) for layer in layers)
        faults += [
            f"{member} {text!a} is given to {n} layers; it must be unique" for text, n in counts.items() if n > 1
        ]
    return checked_geometries(layers, faults)


@contextlib.contextmanager
def _gdal_date(last_change: str) -> Iterator[None]:
    """Let GDAL write this time instead of now; GDAL's options are global, so the old one is put back."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": last_change})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_layer(layer: Layer, geometries: list[BaseGeometry | None], file: Path, title: str) -> None:
    options = {"IDENTIFIER": layer.title, "DESCRIPTION": metadata_text(layer)}
    if layer.geometry_type is not None:
        options |= {"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"}
    write_with_gdal(
        layer,
        geometries,
        file,
        driver="GPKG",
        layer_options=options,
        dataset_options={"VERSION": "1.2"},
        dataset_metadata={"TITLE": title},
    )


# what GDAL does not write


def _add_tables(layers: Sequence[Layer], file: Path, last_change: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        for layer in layers:
            # unique ids, held by the file itself
            database.execute(f'CREATE UNIQUE INDEX "idx_{layer.name}_id" ON "{layer.name}" (id)')
        database.executescript(_SCHEMA_EXTENSION)
        database.executemany("INSERT INTO gpkg_data_columns VALUES (?, ?, NULL, ?, ?, NULL, NULL)", _meanings(layers))
        _add_styles(layers, database, last_change)


def _meanings(layers: Sequence[Layer]) -> list[tuple[str, str, str, str]]:
    return [
        (layer.name, field.name, f"{field.name} ({field.unit})" if field.unit else field.name, field.description)
        for layer in layers
        for field in layer.fields
    ]


def _add_styles(layers: Sequence[Layer], database: sqlite3.Connection, last_change: str) -> None:
    database.executescript(_STYLE_TABLE)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles that QGIS applies on opening', ?, 0)",
        (last_change,),
    )
    rows = [
        (layer.name, "geom", layer.name[:30], qml_text(layer.style, layer.geometry_type), layer.title, last_change)
        for layer in layers
        if layer.style is not None and layer.geometry_type is not None
    ]
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
        "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
        rows,
    )


def _add_project(row: tuple[str, str, str], file: Path) -> None:
    # not listed in gpkg_contents: the standard wants an integer key of tables there, QGIS a text
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute(_PROJECT_TABLE)
        database.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", row)


# verification


def _verify(file: Path, layers: Sequence[Layer]) -> None:
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        health = database.execute("PRAGMA integrity_check").fetchone()[0]
    if health != "ok":
        raise WriteError(f"{file} was not written whole: integrity check says {health}; write it again")
    for layer in layers:
        verify_ids(file, layer)
