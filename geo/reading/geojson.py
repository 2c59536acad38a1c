"""GeoJSON (RFC 7946) as one text, as lines (GeoJSONL, NDJSON) and as text sequence (RFC 8142), feature by feature."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from geo.layer import Field, FieldKind
from geo.reading.crs import registered_code
from geo.reading.drafts import Draft, FileFault
from geo.reading.geojson_feature import feature_draft
from geo.reading.geojson_geometry import bbox_fault
from geo.reading.json_text import Doubled, JsonFault, JsonStream, depth, parse
from geo.reading.records import Limits, printable

CRS84: Final = "OGC:CRS84"
_TEXTS: Final = ("title", "description", "attribution", "licence")
_MARK: Final = b"\xef\xbb\xbf"
_RECORD: Final = b"\x1e"
_KINDS: Final[dict[str, FieldKind]] = {"text": "text", "integer": "integer", "real": "real", "boolean": "boolean"}
_CHUNK_BYTES: Final = 1 << 20


class GeoJsonText:
    """One GeoJSON text: a collection, whose features are read one by one, a Feature or a geometry."""

    format = "GeoJSON"
    fields: tuple[Field, ...] | None = None

    def __init__(self, file: Path, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.repairs: list[str] = []
        self.warnings: list[str] = []
        with file.open("rb") as stream:
            self._head = self._members_before_features(stream)
        self.crs = _crs_name(self._head)
        if self.crs is None:
            self.warnings.append("the member 'crs' is null, a link or unreadable; nothing was looked up")
        elif "crs" in self._head and registered_code(self.crs) != CRS84:
            self.repairs.append(f"obsolete member 'crs' ({printable(self.crs)}) taken at its word")
        name = self._head.get("name")
        self.name = name if isinstance(name, str) else None
        self.described: Mapping[str, Field] = _described(self._head.get("fields"))
        self.metadata: Mapping[str, str] = {
            text: value for text in _TEXTS if isinstance(value := self._head.get(text), str)
        }

    def drafts(self) -> Iterator[Draft]:
        """Give the features in order."""
        with self._file.open("rb") as stream, _explained():
            yield from self._document(JsonStream(stream, self._limits))

    def _members_before_features(self, stream: BinaryIO) -> dict[str, object]:
        """Read the members of the outermost object up to the features; past them only where a 'crs' may follow."""
        with _explained():
            text = JsonStream(stream, self._limits)
            text.take("{")
            members: dict[str, object] = {}
            features = False
            for name in _names(text):
                if name == "features" and text.peek() == "[":
                    features = True
                    if "crs" in members or not self._names_crs():
                        return members
                    for _ in _items(text):
                        pass
                elif features or name not in members:
                    members[name] = text.value()[0]
            return members

    def _names_crs(self) -> bool:
        # on a stream of its own: the other one goes on where it is
        with self._file.open("rb") as stream:
            return _holds(stream, b'"crs"')

    def _document(self, text: JsonStream) -> Iterator[Draft]:
        if text.has_mark:
            self.repairs.append("byte order mark at the start skipped")
        text.take("{")
        members: dict[str, object] = {}
        escaped = streamed = False
        for name in _names(text):
            if name in members:
                raise JsonFault(f"the outermost object has the member '{printable(name)}' twice")
            members[name] = None
            if name == "features" and text.peek() == "[" and members.get("type") in ("FeatureCollection", None):
                streamed = True
                for row, (value, odd) in enumerate(_items(text)):
                    yield feature_draft(row, value, self._limits, escaped=odd)
            else:
                members[name], odd = text.value()
                escaped |= odd
        text.end()
        if members.get("type") == "FeatureCollection":
            self._check_collection(members, streamed=streamed)
        elif streamed or "features" in members:
            raise JsonFault("only a FeatureCollection has 'features', and its type must say so")
        else:
            yield feature_draft(0, members, self._limits, escaped=escaped)

    def _check_collection(self, members: dict[str, object], *, streamed: bool) -> None:
        if not streamed:
            raise JsonFault("a FeatureCollection needs the member 'features', a list")
        for name in ("coordinates", "geometries", "geometry", "properties"):
            if name in members:
                raise JsonFault(f"a FeatureCollection must not have the member '{name}' (RFC 7946 § 7.1)")
        if max(depth(member, self._limits.max_depth) for member in members.values()) >= self._limits.max_depth:
            raise JsonFault(f"nested more than {self._limits.max_depth} deep")
        if "crs" in members and _crs_name(members) != self.crs:
            raise JsonFault("the member 'crs' stands behind the features; put it first, or better leave it out")
        if "bbox" in members and (fault := bbox_fault(members["bbox"], None)):
            self.repairs.append(f"bbox of the collection left out: {fault}")


class _Texts:
    """Rows that each are a GeoJSON text of their own."""

    name: str | None = None
    crs: str | None = CRS84
    fields: tuple[Field, ...] | None = None
    described: Mapping[str, Field] = {}
    metadata: Mapping[str, str] = {}

    def __init__(self, file: Path, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.repairs: list[str] = []
        self.warnings: list[str] = []

    def _draft(self, row: int, raw: bytes) -> Draft:
        if len(raw) > self._limits.max_row_bytes:
            raise FileFault(f"row {row} is longer than {self._limits.max_row_bytes // 1_000_000} MB of text")
        try:
            text = raw.decode("utf-8")
            value = parse(text)
        except UnicodeDecodeError as fault:
            return Draft(row, fault=f"no UTF-8, found byte 0x{raw[fault.start]:02x}; convert the file")
        except JsonFault as fault:
            return Draft(row, fault=f"{fault}; was the row cut off?")
        return feature_draft(row, value, self._limits, escaped="\\u" in text)


class GeoJsonLines(_Texts):
    """One feature on each line; empty lines count for nothing."""

    format = "GeoJSONL"

    def drafts(self) -> Iterator[Draft]:
        """Give the features in order."""
        row = 0
        with self._file.open("rb") as stream:
            if stream.read(3) != _MARK:
                stream.seek(0)
            else:
                self.repairs.append("byte order mark at the start skipped")
            while line := stream.readline(self._limits.max_row_bytes + 1):
                if line.strip():
                    yield self._draft(row, line)
                    row += 1


class GeoJsonSequence(_Texts):
    """Texts that each begin with the character RS (RFC 8142)."""

    format = "GeoJSON text sequence"

    def drafts(self) -> Iterator[Draft]:
        """Give the features in order."""
        row = 0
        with self._file.open("rb") as stream:
            for text in self._records(stream):
                if text.strip():
                    yield self._draft(row, text)
                    row += 1

    def _records(self, stream: BinaryIO) -> Iterator[bytes]:
        held = b""
        while chunk := stream.read(_CHUNK_BYTES):
            *whole, held = (held + chunk).split(_RECORD)
            yield from whole
            if len(held) > self._limits.max_row_bytes:
                yield held
        yield held


def _names(text: JsonStream) -> Iterator[str]:
    """Names of an object's members, after its brace was taken; the caller takes each value before the next name."""
    if text.peek() == "}":
        text.take("}")
        return
    while True:
        if text.peek() != '"':
            text.take('"')
        name = str(text.value()[0])
        text.take(":")
        yield name
        if text.take(",}") == "}":
            return


def _items(text: JsonStream) -> Iterator[tuple[object, bool]]:
    """Items of a list, each with whether its text held an escape."""
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        yield text.value()
        if text.take(",]") == "]":
            return


def _described(value: object) -> dict[str, Field]:
    """Read the foreign member ``fields`` of our own files; what is not of its form says nothing."""
    found: dict[str, Field] = {}
    for one in value if isinstance(value, list) else ():
        texts = {member: text for member, text in one.items() if isinstance(text, str)} if isinstance(one, dict) else {}
        kind = _KINDS.get(texts.get("kind", ""))
        if kind and "name" in texts:
            found[texts["name"]] = Field(texts["name"], kind, texts.get("description", ""), texts.get("unit", ""))
    return found


def _holds(stream: BinaryIO, needle: bytes) -> bool:
    """Tell whether bytes occur anywhere in the file."""
    kept = b""
    while chunk := stream.read(_CHUNK_BYTES):
        if needle in kept + chunk:
            return True
        kept = chunk[-len(needle) :]
    return False


def _crs_name(members: dict[str, object]) -> str | None:
    """Give the name in the obsolete member 'crs', CRS 84 without one, None where it says no name."""
    if "crs" not in members:
        return CRS84
    crs = members["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) and crs.get("type") == "name" else None
    name = properties.get("name") if isinstance(properties, dict) and not isinstance(properties, Doubled) else None
    return name if isinstance(name, str) else None


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn a fault of the text into the fault of the file."""
    try:
        yield
    except JsonFault as fault:
        raise FileFault(str(fault)) from None
