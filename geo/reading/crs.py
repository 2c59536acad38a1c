"""Which reference system a file is in, and its way to WGS 84 longitude and latitude.

A definition that comes in a file is used only when it names, or equals, an entry of a public register (EPSG, ESRI,
OGC), or is a plain projection: definitions may name grid files, which PROJ would open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geo.reading.drafts import FileFault
from geo.reading.records import printable

_Coordinates = npt.NDArray[np.float64]
_CODE: Final = re.compile(r"(EPSG|ESRI|OGC|IGNF):([A-Za-z0-9.]{1,20})", re.IGNORECASE)
_URN: Final = re.compile(r"urn:(?:x-)?ogc:def:crs:(EPSG|OGC|ESRI):[^:/]{0,10}:([A-Za-z0-9]{1,20})", re.IGNORECASE)
_URL: Final = re.compile(
    r"https?://www\.opengis\.net/def/crs/(EPSG|OGC|ESRI)/[^/]{1,10}/([A-Za-z0-9]{1,20})", re.IGNORECASE
)
_LON_LAT: Final = frozenset({"OGC:CRS84", "OGC:CRS84H", "EPSG:4326", "EPSG:4979"})
# words by which a definition may lead to a file; a method named "PROJ …" is a step for PROJ, its options and files too
_LEADS_OUT: Final = re.compile(
    r"EXTENSION|PROJ4|NADGRIDS|GRIDS|PARAMETERFILE|BOUNDCRS|TOWGS84|\+proj|\.(?:gsb|tif|gtx|lla)"
    r'|(?:METHOD|PROJECTION) *[\[(] *"\s*PROJ\b',
    re.IGNORECASE,
)
_DEFINITION_CHARACTERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A file's reference system: its name for the report, whether it counts in degrees, and how to leave it.

    ``to_lon_lat`` takes and gives (n, 2) arrays, east before north; None where the file is in WGS 84 already. Points
    that cannot be told in WGS 84 become infinite.
    """

    name: str
    is_geographic: bool
    to_lon_lat: Callable[[_Coordinates], _Coordinates] | None = None
    warning: str | None = None


def reference(definition: str) -> Reference:
    """Give the reference system for an ``AUTHORITY:CODE``, a URN, a WKT or a PROJJSON text.

    Raises
    ------
    FileFault
        When it is unknown or not to be trusted.

    Examples
    --------
    >>> reference("urn:ogc:def:crs:EPSG::4326").name, reference("EPSG:3857").is_geographic
    ('EPSG:4326', False)
    """
    text = definition.strip()
    code = registered_code(text)
    if code in _LON_LAT:
        return Reference(code, is_geographic=True)
    crs = _from_code(code) if code else _from_definition(text)
    name = ":".join(crs.to_authority(min_confidence=100) or ()) or f"custom: {printable(crs.name)}"
    if code is None and name in _LON_LAT:
        return Reference(name, is_geographic=True)
    return _transformed(crs, code or name)


def registered_code(text: str) -> str | None:
    """Give ``AUTHORITY:CODE`` where a text is one, in any of the usual spellings; else None.

    Examples
    --------
    >>> registered_code("http://www.opengis.net/def/crs/OGC/1.3/CRS84"), registered_code("WGS 84")
    ('OGC:CRS84', None)
    """
    if text.upper() == "CRS84":
        return "OGC:CRS84"
    found = _CODE.fullmatch(text) or _URN.fullmatch(text) or _URL.fullmatch(text)
    return f"{found[1]}:{found[2]}".upper() if found else None


def _from_code(code: str) -> CRS:
    try:
        return CRS.from_authority(*code.split(":"))
    except CRSError:
        raise FileFault(
            f"reference system {printable(code)} is not in the register; say which it is, as in crs='EPSG:4326'"
        ) from None


def _from_definition(text: str) -> CRS:
    shown = printable(text, length=60)
    is_json = text.startswith("{")
    if not (is_json or re.match(r"[A-Za-z_]+ *\[", text)) or len(text) > _DEFINITION_CHARACTERS:
        raise FileFault(f"reference system '{shown}' is not known; say which it is, as in crs='EPSG:4326'")
    try:
        crs = CRS.from_json(text) if is_json else CRS.from_wkt(text)
        written = crs.to_wkt()
        known = crs.to_authority(min_confidence=70)
    except (CRSError, ProjError, ValueError, RecursionError):
        raise FileFault(f"reference system '{shown}' cannot be read; say which it is, as in crs='EPSG:4326'") from None
    if known:
        return CRS.from_authority(*known)
    # as PROJ writes it, JSON's escapes hide nothing
    if _LEADS_OUT.search(text) or _LEADS_OUT.search(written) or crs.is_bound:
        raise FileFault(
            f"reference system '{printable(crs.name)}' is in no register and names grids or parameters, "
            "which are not looked up; say which it is, as in crs='EPSG:4326'"
        )
    return crs


def _transformed(crs: CRS, name: str) -> Reference:
    if not (crs.is_geographic or crs.is_projected) or crs.is_geocentric:
        raise FileFault(f"reference system {name} ({printable(crs.name)}) has no east and north; convert the file")
    try:
        transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except (CRSError, ProjError):
        raise FileFault(f"reference system {name} has no known way to WGS 84; convert the file") from None
    warning = None
    if "ballpark" in transformer.description.lower():
        warning = f"the shift from {name} to WGS 84 is not known; places may be off by some 200 m"

    def to_lon_lat(coordinates: _Coordinates) -> _Coordinates:
        lon, lat = _moved(transformer, coordinates)
        return np.column_stack([lon, lat])

    return Reference(name, bool(crs.is_geographic), to_lon_lat, warning)


def _moved(transformer: Transformer, coordinates: _Coordinates) -> tuple[Any, Any]:
    lon, lat = transformer.transform(coordinates[:, 0], coordinates[:, 1], errcheck=False)
    return lon, lat
