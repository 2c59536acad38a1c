"""Turn the rows of a file into records of a study; what a user states goes before what the file says."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import shapely
from pydantic import TypeAdapter, ValidationError
from shapely.geometry.base import BaseGeometry

from geo.boundaries import country_index
from geo.geodesy import line_length_m
from geo.reading.records import Row, printable
from layers.catalogue import Catalogue
from layers.import_store import NAME_COLUMNS, StoredRow
from layers.schema import Edtf, Mode, PlaceKind, Status

_LONGEST_NAME = 200
_LONGEST_ID = 60
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
E = TypeVar("E", bound=StrEnum)

_EDTF: TypeAdapter[str] = TypeAdapter(Edtf)
# words that scenarios use for something else
_RESERVED = frozenset({*(mode.value for mode in Mode), "planned"})
# a stated length this far from that of the course is told
_LENGTH_SHARE = 0.1


class RowFaultError(Exception):
    """A row cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the user says about all rows of a file; None leaves it to the file."""

    mode: Mode | None = None
    status: Status | None = None
    opened: str | None = None
    gauge_mm: int | None = None
    speed_kmh: float | None = None


@dataclass
class RowTaker:
    """Takes rows one by one; ``told`` counts what is worth a warning, ``repaired`` what was changed."""

    name: str
    stated: Stated
    catalogue: Catalogue
    claim_id: Callable[[str], str]
    told: dict[str, int] = field(default_factory=dict)
    repaired: list[tuple[int, str]] = field(default_factory=list)

    def take(self, row: Row) -> Iterator[tuple[str, StoredRow]]:
        """Yield the table and the record of each line, place or area of a row.

        Raises
        ------
        RowFaultError
            The row is none of these, or says something that cannot be.
        """
        values = {key.strip().lower(): value for key, value in row.properties.items()}
        match None if row.geometry is None else row.geometry.geom_type:
            case "LineString" | "MultiLineString":
                yield "lines", self._line(row, values)
            case "Point" | "MultiPoint":
                yield from (("places", place) for place in self._places(row, values))
            case "Polygon" | "MultiPolygon":
                yield "areas", self._area(row, values)
            case None:
                raise RowFaultError("it has no geometry; remove the row, or skip it with --skip-invalid")
            case kind:
                raise RowFaultError(f"it is a {kind}; give lines, points and polygons in rows of their own")

    def _line(self, row: Row, values: Mapping[str, Any]) -> StoredRow:
        given = shapely.get_parts(row.geometry)
        parts = given[shapely.length(given) > 0]
        if not len(parts):
            raise RowFaultError("the line has no length")
        if len(parts) < len(given):
            self.repaired.append((row.row, f"{len(given) - len(parts)} part(s) without length dropped"))
        mode = self._mode(values)
        names = self._names(row, values)
        key = self._id(row, values, names["name"])
        length_km = self._length_km(values, parts)
        record = {
            **names,
            "name": names["name"] or key,
            "mode": mode.value,
            "status": self._status(values).value,
            "opened": self._opened(values),
            "gauge_mm": self._gauge_mm(values) if mode is Mode.RAIL else None,
            "speed_kmh": self._speed_kmh(values),
            "length_km": length_km,
            "note": _text(values.get("note")),
        }
        return StoredRow(key, row.row, shapely.MultiLineString(list(parts)), record)

    def _places(self, row: Row, values: Mapping[str, Any]) -> Iterator[StoredRow]:
        names = self._names(row, values)
        kind = str(values.get("kind") or PlaceKind.WAYPOINT.value)
        if kind not in set(PlaceKind):
            self._count(f"place(s) of a kind the catalogue does not have are waypoints ({printable(kind, length=30)})")
            kind = PlaceKind.WAYPOINT.value
        for point in shapely.get_parts(row.geometry):
            key = self._id(row, values, names["name"])
            record = {
                **names,
                "name": names["name"] or key,
                "kind": kind,
                "country": self._country(values, point),
                "aliases": _text(values.get("aliases")),
                "note": _text(values.get("note")),
            }
            yield StoredRow(key, row.row, point, record)

    def _country(self, values: Mapping[str, Any], point: BaseGeometry) -> str:
        code = str(values.get("country") or "")
        if code not in self.catalogue.countries:
            lon, lat = shapely.get_coordinates(point)[0]
            code = country_index().countries_of_points([lon], [lat])[0]
        if code not in self.catalogue.countries:
            where = f"lies in {code}" if code else "lies in no country"
            raise RowFaultError(
                f"the point {where}; the catalogue has places of {len(self.catalogue.countries)} countries only"
            )
        return code

    def _area(self, row: Row, values: Mapping[str, Any]) -> StoredRow:
        name = self._names(row, values)["name"]
        key = self._id(row, values, name)
        parts = [part for part in shapely.get_parts(row.geometry) if part.geom_type == "Polygon"]
        record = {"name": name or key, "note": _text(values.get("note"))}
        return StoredRow(key, row.row, shapely.MultiPolygon(parts), record)

    # columns

    def _mode(self, values: Mapping[str, Any]) -> Mode:
        found = self.stated.mode or values.get("mode")
        if not found:
            raise RowFaultError("the line has no mode; give --mode rail (or road, sea, ferry, air, gas, oil)")
        return _one_of(Mode, found, "mode")

    def _status(self, values: Mapping[str, Any]) -> Status:
        found = self.stated.status or values.get("status")
        if not found:
            self._count("line(s) without a status are taken as proposed; --status says otherwise")
            return Status.PROPOSED
        return _one_of(Status, found, "status")

    def _opened(self, values: Mapping[str, Any]) -> str | None:
        found = self.stated.opened or values.get("opened")
        if found is None or found == "":
            return None
        text = f"{found:g}" if isinstance(found, float) else str(found).strip()
        try:
            return _EDTF.validate_python(text)
        except ValidationError:
            raise RowFaultError(f"opened {printable(text)!r} is no date such as 2032, 2032-05 or 2032~") from None

    def _gauge_mm(self, values: Mapping[str, Any]) -> int | None:
        found = self.stated.gauge_mm or values.get("gauge_mm")
        if found is None or found == "":
            return None
        number = _number(found, "gauge_mm")
        if not 500 <= number <= 2000 or number != int(number):
            raise RowFaultError(f"gauge_mm {number:g} is no gauge in whole millimetres from 500 to 2000")
        return int(number)

    def _speed_kmh(self, values: Mapping[str, Any]) -> float | None:
        found = self.stated.speed_kmh or values.get("speed_kmh")
        if found is None or found == "":
            return None
        number = _number(found, "speed_kmh")
        if not 1 <= number <= 1000:
            raise RowFaultError(f"speed_kmh {number:g} is no speed from 1 to 1000 km/h")
        return number

    def _length_km(self, values: Mapping[str, Any], parts: Iterable[BaseGeometry]) -> float | None:
        """Return the length the file states, unless it only says what was measured on the course."""
        found = values.get("length_km")
        if found is None or found == "" or values.get("length_source") == "measured":
            return None
        number = _number(found, "length_km")
        if not 0 < number < 100_000:
            raise RowFaultError(f"length_km {number:g} is no length in kilometres")
        drawn_km = sum(line_length_m(shapely.get_coordinates(part)) for part in parts) / 1000
        if abs(number - drawn_km) > _LENGTH_SHARE * drawn_km:
            self._count(
                f"line(s) state a length more than {_LENGTH_SHARE:.0%} off their course; "
                "it is kept as a claim, routes run over the course"
            )
        return number

    def _names(self, row: Row, values: Mapping[str, Any]) -> dict[str, str | None]:
        names = {column: _text(values.get(column)) for column in NAME_COLUMNS}
        names["name"] = names["name"] or _text(values.get("name_en"))
        for column, name in names.items():
            if name and len(name) > _LONGEST_NAME:
                names[column] = name[: _LONGEST_NAME - 1] + "…"
                self.repaired.append((row.row, f"{column} cut to {_LONGEST_NAME} characters"))
        return names

    def _id(self, row: Row, values: Mapping[str, Any], name: str | None) -> str:
        """Return a stable id: that of the file where it is a slug, else from the name, else from the row."""
        own = str(values.get("id") or row.id or "")
        wanted = own if _SLUG.fullmatch(own) and not own.isdigit() else slug(name or "")
        wanted = wanted[:_LONGEST_ID].strip("-") or f"{self.name}-{own if own.isdigit() else row.row}"
        if self._is_taken(wanted):
            self._count("id(s) of the catalogue begin with the name of the import")
            wanted = f"{self.name}-{wanted}"
        return self.claim_id(wanted)

    def _is_taken(self, key: str) -> bool:
        cat = self.catalogue
        tables = (cat.lines, cat.places, cat.areas, cat.crossings, cat.corridors, cat.groups, cat.events, cat.figures)
        return any(key in table for table in tables) or key.upper() in cat.countries or key in _RESERVED

    def _count(self, text: str) -> None:
        self.told[text] = self.told.get(text, 0) + 1


def slug(text: str) -> str:
    """Return a text as a lower-case slug, empty where it has no Latin letters or digits.

    >>> slug("Kashgar–Osh, direct")
    'kashgar-osh-direct'
    """
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", bare)))[:_LONGEST_ID].strip("-")


def _one_of(kind: type[E], found: object, column: str) -> E:
    try:
        return kind(str(found).strip().lower())
    except ValueError:
        known = ", ".join(kind)
        raise RowFaultError(
            f"{column} {printable(found)!r} is none of {known}; mend it, or state one for all rows with --{column}"
        ) from None


def _number(found: object, column: str) -> float:
    try:
        number = float(str(found).replace("\N{NO-BREAK SPACE}", "").strip())
    except ValueError:
        number = math.nan
    if not np.isfinite(number):
        raise RowFaultError(f"{column} {printable(found)!r} is not a number")
    return number


def _text(value: object) -> str | None:
    """Return a text on one line, or None where there is none."""
    if value is None:
        return None
    # a lone surrogate has no place in a file
    return " ".join(str(value).encode("utf-8", "replace").decode().split()) or None
