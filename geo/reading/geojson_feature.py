"""Feature objects of RFC 7946, checked and made into drafts of rows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Final

from geo.layer import Value
from geo.reading.drafts import Draft, RowFault
from geo.reading.geojson_geometry import check_bbox, geometry
from geo.reading.json_text import Doubled, depth
from geo.reading.records import Limits, printable

_GEOMETRY_TYPES: Final = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}
)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# what every JSON reader keeps exactly (RFC 8259 § 6)
_EXACT: Final = 2**53
# members whose depth is checked by their form
_FLAT: Final = frozenset({"geometry", "coordinates", "bbox"})
# a feature stands three levels deep in its file
_OUTER_LEVELS: Final = 3


def feature_draft(row: int, value: object, limits: Limits, *, escaped: bool) -> Draft:
    r"""Check one parsed feature, or bare geometry, and give its draft; ``escaped``: its text held an escape ``\\u``."""
    draft = Draft(row)
    try:
        if escaped:
            value = _without_surrogates(value, draft)
        _fill(draft, value, limits)
    except RowFault as fault:
        draft.fault = str(fault)
    return draft


def _fill(draft: Draft, value: object, limits: Limits) -> None:
    if not isinstance(value, dict):
        raise RowFault("is no object; expected a Feature")
    if isinstance(value, Doubled):
        raise RowFault(f"has the member '{printable(value.name)}' twice")
    _check_depth(value, limits)
    kind = value.get("type")
    if isinstance(kind, str) and kind in _GEOMETRY_TYPES:
        draft.geometry = geometry(value, draft)
        return
    if kind != "Feature":
        shown = f"'{printable(kind, length=40)}'" if isinstance(kind, str) else "missing or no text"
        raise RowFault(f"type is {shown}; expected 'Feature' (upper and lower case count)")
    for name in ("coordinates", "geometries", "features"):
        if name in value:
            raise RowFault(f"a Feature must not have the member '{name}' (RFC 7946 § 7.1)")
    if "geometry" not in value:
        raise RowFault("has no member 'geometry'; write null for a feature without a place")
    _check_crs(value)
    draft.id = _id(value, draft)
    draft.properties = _properties(value, draft)
    if value["geometry"] is not None:
        draft.geometry = geometry(value["geometry"], draft)
        if isinstance(value["geometry"], dict):
            _check_crs(value["geometry"])
    check_bbox(value, draft.geometry, draft)


def _check_crs(value: dict[str, object]) -> None:
    if value.get("crs") is not None:
        raise RowFault("has a 'crs' of its own; only the file as a whole may name one, and better none (RFC 7946 § 4)")


def _check_depth(value: dict[str, object], limits: Limits) -> None:
    inner = value.get("geometry")
    members = [*value.items(), *(inner.items() if isinstance(inner, dict) else ())]
    nested = [member for name, member in members if isinstance(member, (dict, list)) and name not in _FLAT]
    if any(depth(member, limits.max_depth) + _OUTER_LEVELS > limits.max_depth for member in nested):
        raise RowFault(f"is nested more than {limits.max_depth} deep")


def _id(value: dict[str, object], draft: Draft) -> str | None:
    given = value.get("id")
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        if not math.isfinite(given):
            raise RowFault("id is a number too large to read")
        return repr(given)
    draft.repairs.append("id that is neither text nor number left out")
    return None


def _properties(value: dict[str, object], draft: Draft) -> Mapping[str, Value]:
    if "properties" not in value:
        draft.repairs.append("missing member 'properties' read as none")
        return {}
    given = value["properties"]
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise RowFault("properties are neither an object nor null")
    if isinstance(given, Doubled):
        raise RowFault(f"has the property '{printable(given.name)}' twice")
    return {name: _value(name, member, draft) for name, member in given.items()}


def _value(name: str, value: object, draft: Draft) -> Value:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RowFault(f"property '{printable(name)}' is a number too large to read")
        return value
    if isinstance(value, int):
        if -_EXACT < value < _EXACT:
            return value
        draft.notices.append(f"property '{printable(name)}' holds integers beyond 2^53, kept as text")
        return str(value)
    draft.notices.append(f"property '{printable(name)}' holds lists or objects, kept as JSON text")
    return _json_text(name, value)


def _json_text(name: str, value: object) -> str:
    if (doubled := _find_doubled(value)) is not None:
        raise RowFault(f"property '{printable(name)}' has the member '{printable(doubled)}' twice")
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise RowFault(f"property '{printable(name)}' holds a number too large to read") from None


def _find_doubled(value: object) -> str | None:
    if isinstance(value, Doubled):
        return value.name
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for inner in inside if (found := _find_doubled(inner)) is not None), None)


def _without_surrogates(value: object, draft: Draft) -> object:
    """Put U+FFFD for halves of characters, which no encoding can write."""
    if isinstance(value, str):
        mended = _LONE_SURROGATE.sub("\ufffd", value)
        note = "half of a character (lone surrogate) replaced by U+FFFD"
        if mended != value and note not in draft.repairs:
            draft.repairs.append(note)
        return mended
    if isinstance(value, list):
        return [_without_surrogates(inner, draft) for inner in value] if _holds_text(value) else value
    if isinstance(value, Doubled) or not isinstance(value, dict):
        return value
    pairs = [
        (str(_without_surrogates(name, draft)), _without_surrogates(inner, draft)) for name, inner in value.items()
    ]
    found = dict(pairs)
    return found if len(found) == len(pairs) else Doubled(pairs)


def _holds_text(values: list[object]) -> bool:
    # coordinates are lists of lists of numbers; only their outermost lists are looked through
    return any(not isinstance(value, (int, float)) for value in values)
