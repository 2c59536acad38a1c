"""The file an import is kept in: a GeoPackage, written row by row so that its size never has to fit into memory."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import BaseDataError
from geo.reading.wkb import is_too_deep
from layers.imported import Connector, Stop

LAYER_FILE = "layer.gpkg"
INFO_FILE = "import.json"
_BATCH = 5_000
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
# GeoPackage 1.2: application id "GPKG", and a header of 8 bytes before the WKB: magic, version, flags, SRS
_APPLICATION_ID = 0x47504B47
_BLOB_HEADER = struct.pack("<2sBBi", b"GP", 0, 1, 4326)
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]]'
)
# no clock: the same file imported twice gives the same bytes
_DATE = "1970-01-01T00:00:00.000Z"
NAME_COLUMNS = ("name", "name_ru", "name_zh", "name_tr", "name_local")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "lines": (*NAME_COLUMNS, "mode", "status", "opened", "gauge_mm", "speed_kmh", "length_km", "note"),
    "places": (*NAME_COLUMNS, "kind", "country", "aliases", "note"),
    "areas": ("name", "note"),
}
_INTEGERS = frozenset({"gauge_mm"})
_REALS = frozenset({"speed_kmh", "length_km"})
_GEOMETRY = {"lines": "MULTILINESTRING", "places": "POINT", "areas": "MULTIPOLYGON"}
_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE taken (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stops (fid INTEGER PRIMARY KEY, line TEXT NOT NULL, part INTEGER NOT NULL, at REAL NOT NULL,
  node TEXT NOT NULL, country TEXT NOT NULL, crossing TEXT NOT NULL, is_border INTEGER NOT NULL);
CREATE TABLE connectors (fid INTEGER PRIMARY KEY, node TEXT NOT NULL, lon REAL NOT NULL, lat REAL NOT NULL,
  km REAL NOT NULL, mode TEXT NOT NULL, gauge_mm INTEGER NOT NULL, lines TEXT NOT NULL, target TEXT NOT NULL,
  label TEXT NOT NULL, crossing TEXT NOT NULL);
CREATE INDEX stops_of_line ON stops (line, part, at);
"""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row kept: its id, its number in the file, its geometry and the columns of its table."""

    id: str
    row: int
    geometry: BaseGeometry
    values: Mapping[str, Any]


@dataclass
class StoreWriter:
    """Writes rows in batches; ids are made unique within the import."""

    connection: sqlite3.Connection
    _pending: dict[str, list[StoredRow]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))

    def claim_id(self, wanted: str) -> str:
        """Return the id, with a number behind it where another row has it already."""
        number, free = 1, wanted
        while not self.connection.execute("INSERT OR IGNORE INTO taken VALUES (?)", (free,)).rowcount:
            number += 1
            free = f"{wanted}-{number}"
        return free

    def add(self, table: str, row: StoredRow) -> None:
        """Keep a row."""
        self._pending[table].append(row)
        self.counts[table] += 1
        if len(self._pending[table]) >= _BATCH:
            self._write(table)

    def discard(self, table: str, ids: Iterable[str]) -> None:
        """Take rows out again."""
        self._write(table)
        for key in ids:
            # the name of the table is a constant of this module
            self.counts[table] -= self.connection.execute(f"DELETE FROM {table} WHERE id = ?", (key,)).rowcount  # noqa: S608

    def plan(self, stops: Iterable[tuple[str, Stop]], connectors: Iterable[Connector]) -> None:
        """Keep how lines are cut and joined."""
        self.connection.executemany(
            "INSERT INTO stops (line, part, at, node, country, crossing, is_border) VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((line, s.part, s.at, s.node, s.country, s.crossing, int(s.is_border)) for line, s in stops),
        )
        self.connection.executemany(
            "INSERT INTO connectors (node, lon, lat, km, mode, gauge_mm, lines, target, label, crossing)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (c.node, c.lon, c.lat, c.km, c.mode, c.gauge_mm, ";".join(c.lines), c.target, c.label, c.crossing)
                for c in connectors
            ),
        )

    def flush(self) -> None:
        """Write what is pending, so that it can be read."""
        for table in COLUMNS:
            self._write(table)

    def _write(self, table: str) -> None:
        rows = self._pending[table]
        if not rows:
            return
        wkb = shapely.to_wkb(np.asarray([row.geometry for row in rows], dtype=object), byte_order=1)
        marks = ", ".join("?" * (3 + len(COLUMNS[table])))
        # the names of table and columns are constants of this module
        self.connection.executemany(
            f"INSERT INTO {table} (geom, id, row, {', '.join(COLUMNS[table])}) VALUES ({marks})",  # noqa: S608
            (
                (_BLOB_HEADER + blob, row.id, row.row, *(row.values.get(column) for column in COLUMNS[table]))
                for row, blob in zip(rows, wkb, strict=True)
            ),
        )
        self._pending[table] = []


@contextmanager
def writing(path: Path) -> Iterator[StoreWriter]:
    """Open a new store for writing; it is complete when the block ends well."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # the folder around it is written anew as a whole: a journal would protect nothing
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"application_id = {_APPLICATION_ID}"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA user_version = 10200")
        connection.executescript(_SCHEMA)
        for table, columns in COLUMNS.items():
            typed = ", ".join(f"{name} {_column_type(name)}" for name in columns)
            connection.execute(
                f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB, "
                f"id TEXT NOT NULL, row INTEGER NOT NULL, {typed})"
            )
        connection.execute("BEGIN")
        writer = StoreWriter(connection)
        yield writer
        writer.flush()
        _describe(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _column_type(name: str) -> str:
    return "INTEGER" if name in _INTEGERS else "REAL" if name in _REALS else "TEXT"


def _describe(connection: sqlite3.Connection) -> None:
    """Fill the tables that tell a GIS program what the file holds."""
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined Cartesian", -1, "NONE", -1, "undefined", ""),
            ("Undefined geographic", 0, "NONE", 0, "undefined", ""),
            ("WGS 84", 4326, "EPSG", 4326, _WGS84, "longitude, latitude"),
        ],
    )
    for table, kind in _GEOMETRY.items():
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id)"
            " VALUES (?, 'features', ?, ?, 4326)",
            (table, table, _DATE),
        )
        connection.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)", (table, kind))
    connection.execute("DROP TABLE taken")


@dataclass(frozen=True)
class StoreReader:
    """Reads a store; rows come as they are asked for."""

    connection: sqlite3.Connection

    def rows(self, table: str, ids: Sequence[str] | None = None) -> Iterator[StoredRow]:
        """Yield the rows of a table in the order of the file, or only those with the given ids."""
        columns = COLUMNS[table]
        asked = f"SELECT geom, id, row, {', '.join(columns)} FROM {table}"  # noqa: S608 - constants
        if ids is not None:
            asked += f" WHERE id IN ({', '.join('?' * len(ids))})"
        cursor = self.connection.execute(asked + " ORDER BY fid", tuple(ids or ()))
        while batch := cursor.fetchmany(_BATCH):
            blobs = [item[0][len(_BLOB_HEADER) :] for item in batch]
            if any(is_too_deep(blob) for blob in blobs):
                raise BaseDataError(f"a geometry of {table} is nested too deeply")
            shapes = shapely.from_wkb(blobs)
            # an empty or a missing geometry has no bounds
            if not (np.abs(shapely.bounds(shapes)) <= (180, 90, 180, 90)).all():
                raise BaseDataError(f"a geometry of {table} is empty or not on Earth")
            for shape, item in zip(shapes, batch, strict=True):
                yield StoredRow(item[1], item[2], shape, dict(zip(columns, item[3:], strict=True)))

    def stops(self) -> dict[str, list[Stop]]:
        """Return line id → its stops in order."""
        found: dict[str, list[Stop]] = {}
        asked = "SELECT line, part, at, node, country, crossing, is_border FROM stops ORDER BY line, part, at, fid"
        for line, part, at, node, country, crossing, is_border in self.connection.execute(asked):
            found.setdefault(line, []).append(Stop(part, at, node, country, crossing, bool(is_border)))
        return found

    def connectors(self) -> Iterator[Connector]:
        """Yield the connectors in order."""
        asked = "SELECT node, lon, lat, km, mode, gauge_mm, target, label, crossing, lines FROM connectors ORDER BY fid"
        for node, lon, lat, km, mode, gauge_mm, target, label, crossing, lines in self.connection.execute(asked):
            names = tuple(name for name in lines.split(";") if name)
            yield Connector(node, lon, lat, km, mode, gauge_mm, names, target, label, crossing)


@contextmanager
def reading(path: Path) -> Iterator[StoreReader]:
    """Open a store for reading.

    Raises
    ------
    BaseDataError
        It is missing or damaged.
    """
    connection = None
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        _distrust(connection)
        yield StoreReader(connection)
    except (sqlite3.Error, shapely.errors.ShapelyError, BaseDataError) as error:
        raise BaseDataError(f"{path} cannot be read ({error}); import the file again, or remove its folder") from error
    finally:
        if connection is not None:
            connection.close()


def _distrust(connection: sqlite3.Connection) -> None:
    """Let nothing run that a study of somebody else brings: its tables are read as they lie.

    Raises
    ------
    BaseDataError
        A table is missing, or is a view or a virtual table.
    """
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")
    plain = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
    if missing := {*COLUMNS, "stops", "connectors"} - {name for (name,) in plain}:
        raise BaseDataError(f"it has no table {', '.join(sorted(missing))}")
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY)


def read_info(folder: Path) -> dict[str, Any]:
    """Return what ``import.json`` of an import says.

    Raises
    ------
    BaseDataError
        It is missing or damaged.
    """
    path = folder / INFO_FILE
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise BaseDataError(f"{path} cannot be read ({error}); import the file again, or remove its folder") from error
