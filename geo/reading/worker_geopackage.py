"""Read a layer of a GeoPackage with SQLite itself: tables only, read-only, nothing of the file's own code is run."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from geo.reading.records import printable
from geo.reading.worker_stream import BATCH_ROWS, Batch, Header, WorkerFault

# what a reader may do: select from tables, ask for their columns; no functions but this one, no pragmas, no attaching
_ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_INTEGERS: Final = frozenset({"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "BIGINT"})
_REALS: Final = frozenset({"FLOAT", "DOUBLE", "REAL", "DOUBLE PRECISION"})
_ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64)
_TEXTS: Final = {"text": str, "integer": int, "real": (float, int), "boolean": int}


def read(request: dict[str, Any]) -> tuple[Header, Iterator[Batch]]:
    """Open the layer a request asks for."""
    database = sqlite3.connect(f"{Path(request['file']).as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
        database.execute(f"PRAGMA {pragma}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, request["max_row_bytes"])
    database.text_factory = bytes
    try:
        table = _table(database, request["layer"])
        columns = _columns(database, table)
        header, geometry = _header(database, table, columns)
    except sqlite3.DatabaseError as fault:
        raise WorkerFault(f"is a damaged GeoPackage: {fault}") from None
    # from here on rows only
    database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
    return header, _batches(database, table, geometry, columns, header)


def _rows(database: sqlite3.Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    found = database.execute(statement, values).fetchmany(100_000)
    return [tuple(_text(value) if isinstance(value, bytes) else value for value in row) for row in found]


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def _tables(database: sqlite3.Connection) -> set[str]:
    """Names of what is a table, and neither view nor virtual table."""
    # the master table itself is safe to read; its rows are texts of the file
    found = _rows(database, "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
    return {
        name
        for name, sql in found
        if isinstance(name, str) and not re.match(r"\s*CREATE\s+VIRTUAL", str(sql), re.IGNORECASE)
    }


def _table(database: sqlite3.Connection, wanted: str | None) -> str:
    tables = _tables(database)
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= tables:
        raise WorkerFault("is a SQLite database, but no GeoPackage with vector layers: its tables are missing")
    listed = _rows(database, "SELECT table_name, data_type FROM gpkg_contents")
    layers = [name for name, kind in listed if kind == "features" and isinstance(name, str)]
    if wanted is not None:
        if wanted not in {name for name, kind in listed if kind in ("features", "attributes")}:
            raise WorkerFault(f"has no layer '{printable(wanted)}'; it has {_names(layers)}")
        if wanted not in tables:
            raise WorkerFault(
                f"layer '{printable(wanted)}' is a view or virtual table; only tables are read, save it as one"
            )
        return wanted
    readable = [name for name in layers if name in tables]
    if not layers:
        raise WorkerFault("has no vector layer")
    if len(layers) > 1:
        raise WorkerFault(
            f"has {len(layers)} layers: {_names(layers)}; say which, as in layer='{printable(layers[0])}'"
        )
    if not readable:
        raise WorkerFault(
            f"layer '{printable(layers[0])}' is a view or virtual table; only tables are read, save it as one"
        )
    return readable[0]


def _names(layers: list[str]) -> str:
    shown = ", ".join(f"'{printable(name)}'" for name in layers[:10])
    return (shown + (", …" if len(layers) > 10 else "")) or "none"


def _columns(database: sqlite3.Connection, table: str) -> list[tuple[str, str, bool]]:
    """Name, declared type in capitals and whether it is the key, of each column that is stored and not computed."""
    found = _rows(database, "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", table)
    return [
        (str(name), re.sub(r"\(.*", "", str(kind)).strip().upper(), bool(key))
        for name, kind, key, hidden in found
        if hidden == 0
    ]


def _header(
    database: sqlite3.Connection, table: str, columns: list[tuple[str, str, bool]]
) -> tuple[Header, str | None]:
    described = _rows(database, "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", table)
    names = {name.lower(): name for name, _, _ in columns}
    geometry, srs_id = (names.get(str(described[0][0]).lower()), described[0][1]) if described else (None, None)
    if described and geometry is None:
        raise WorkerFault(f"layer '{printable(table)}' lists a geometry column that it does not have")
    listed = _rows(database, "SELECT identifier, description FROM gpkg_contents WHERE table_name = ?", table)
    texts = listed[0] if listed else ()
    header = Header(table, _crs(database, srs_id) if geometry else "OGC:CRS84", [])
    header.metadata = {
        name: text for name, text in zip(("title", "description"), texts, strict=False) if isinstance(text, str)
    }
    meanings = _meanings(database, table)
    for name, kind, key in columns:
        if name == geometry or (key and kind in _INTEGERS):
            continue
        if kind.endswith("BLOB"):
            header.warnings.append(f"column '{printable(name)}' holds binary data and is left out")
            continue
        title, description = meanings.get(name, ("", ""))
        unit = re.fullmatch(re.escape(name) + r" \((.*)\)", title)
        header.columns.append(
            {"name": name, "kind": _kind(kind), "description": description, "unit": unit[1] if unit else ""}
        )
    return header, geometry


def _meanings(database: sqlite3.Connection, table: str) -> dict[str, tuple[str, str]]:
    if "gpkg_data_columns" not in _tables(database):
        return {}
    found = _rows(database, "SELECT column_name, title, description FROM gpkg_data_columns WHERE table_name = ?", table)
    return {str(name): (str(title or ""), str(description or "")) for name, title, description in found}


def _kind(declared: str) -> str:
    if declared == "BOOLEAN":
        return "boolean"
    return "integer" if declared in _INTEGERS else "real" if declared in _REALS else "text"


def _crs(database: sqlite3.Connection, srs_id: object) -> str | None:
    if srs_id in (0, -1, None):
        return None
    found = _rows(
        database,
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        srs_id,
    )
    if not found:
        return None
    organisation, code, definition = found[0]
    if str(organisation).upper() in ("EPSG", "ESRI", "OGC"):
        return f"{str(organisation).upper()}:{code}"
    return str(definition)


def _batches(
    database: sqlite3.Connection, table: str, geometry: str | None, columns: list[tuple[str, str, bool]], header: Header
) -> Iterator[Batch]:
    key = next((name for name, kind, is_key in columns if is_key and kind in _INTEGERS), None)
    wanted = [key, geometry, *(column["name"] for column in header.columns)]
    names = ", ".join("NULL" if name is None else '"' + name.replace('"', '""') + '"' for name in wanted)
    table_name = '"' + table.replace('"', '""') + '"'
    kinds = [column["kind"] for column in header.columns]
    try:
        cursor = database.execute(f"SELECT {names} FROM {table_name} NOT INDEXED")  # noqa: S608  names are quoted
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield _batch(rows, header, kinds)
    except sqlite3.DatabaseError as fault:
        raise WorkerFault(f"is a damaged GeoPackage: {fault}; rows were lost") from None


def _batch(rows: list[tuple[Any, ...]], header: Header, kinds: list[str]) -> Batch:
    ids = [None if row[0] is None else str(row[0]) for row in rows]
    batch = Batch(ids, [], [])
    shapes: list[bytes | None] = []
    for index, row in enumerate(rows):
        try:
            shapes.append(None if row[1] is None else _wkb(row[1]))
        except ValueError as fault:
            shapes.append(None)
            batch.faults[index] = str(fault)
    batch.geometry = shapes
    for number, kind in enumerate(kinds):
        batch.values.append(
            [
                _value(row[number + 2], kind, index, header.columns[number]["name"], batch)
                for index, row in enumerate(rows)
            ]
        )
    return batch


def _value(value: Any, kind: str, index: int, name: str, batch: Batch) -> Any:  # noqa: ANN401  what SQLite holds
    if value is None:
        return None
    if kind == "text":
        if isinstance(value, bytes):
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                batch.faults[index] = f"column '{printable(name)}' holds no UTF-8"
                return None
        return str(value)
    if isinstance(value, (int, float)) and not (kind == "integer" and isinstance(value, float)):
        return bool(value) if kind == "boolean" else float(value) if kind == "real" else value
    batch.faults[index] = f"column '{printable(name)}' is declared {kind} and holds something else"
    return None


def _wkb(blob: object) -> bytes | None:
    """Take the WKB out of a GeoPackage geometry, None where that is empty."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP" or blob[2] != 0:
        raise ValueError("geometry is no GeoPackage geometry")
    flags = blob[3]
    envelope = flags >> 1 & 7
    if flags & 0x20 or envelope > 4:
        raise ValueError("geometry is of an extended kind that is not read")
    wkb = blob[8 + _ENVELOPE_BYTES[envelope] :]
    return None if flags & 0x10 and not wkb else wkb
