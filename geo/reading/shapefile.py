"""A Shapefile's parts made ready: sizes held against each other, names and encoding taken from the table's head.

GDAL believes what the heads say. Here they are checked first, and the table's column names are decoded by us.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from geo.reading.drafts import FileFault
from geo.reading.encodings import hint
from geo.reading.records import printable

_HEAD_BYTES: Final = 100
_END_OF_COLUMNS: Final = 0x0D
_DESCRIPTOR_BYTES: Final = 32
_SAMPLE_BYTES: Final = 64_000
# the table's language byte, as ESRI writes it (only those that name one code page)
_LANGUAGES: Final = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x08: "cp865", 0x09: "cp437", 0x0B: "cp437", 0x0D: "cp437",
    0x13: "cp932", 0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852", 0x26: "cp866", 0x4D: "gbk",
    0x4E: "cp949", 0x4F: "cp950", 0x50: "cp874", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852",
    0x65: "cp866", 0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x78: "cp950", 0x79: "cp949",
    0x7A: "gbk", 0x7B: "cp932", 0x7C: "cp874", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253",
    0xCC: "cp1257",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shapefile:
    """What the parts say: which rows are to come, column names, the encoding of texts, the reference system."""

    has_shape: npt.NDArray[np.bool_]
    """For each row that is to come, whether the file has a geometry for it."""
    names: list[str] | None
    encoding: str
    crs: str | None
    warnings: list[str]


def prepared(shp: Path, encoding: str | None) -> Shapefile:
    """Check the parts of a private copy and take the column names out of it.

    Raises
    ------
    FileFault
        When a part is missing, shorter than it says, or its texts are in no known encoding.
    """
    has_shape = _records(shp)
    warnings: list[str] = []
    names: list[str] | None = None
    said = encoding or _stated_encoding(shp)
    used = said or "ascii"
    table = shp.with_suffix(".dbf")
    if table.exists():
        if said is None:
            _refuse_letters(table)
        names, deleted = _table(table, len(has_shape), used)
        warnings += _warnings(names, deleted)
        names, has_shape = _unique(names, warnings), has_shape[~deleted]
    else:
        warnings.append("has no .dbf beside it: the rows have no attributes")
    projection = shp.with_suffix(".prj")
    crs = (
        projection.read_text(encoding="utf-8", errors="replace").strip("\ufeff \r\n\0") if projection.exists() else None
    )
    # GDAL is to read neither: texts stay bytes, and definitions may name files
    for part in (projection, shp.with_suffix(".cpg")):
        part.unlink(missing_ok=True)
    return Shapefile(has_shape, names, used, crs or None, warnings)


def _records(shp: Path) -> npt.NDArray[np.bool_]:
    """Hold each record against the index and the head; tell which have a shape. GDAL gives none for a damaged one."""
    index = shp.with_suffix(".shx")
    if not index.exists():
        raise FileFault("has no .shx beside it; give all parts of the Shapefile: .shp, .shx, .dbf, .prj")
    for part in (shp, index):
        size = part.stat().st_size
        stated = 2 * struct.unpack(">i", _head(part)[24:28])[0]
        if stated != size:
            raise FileFault(f"its {part.suffix} says it has {stated} bytes and has {size}; it is damaged or cut off")
    places = 2 * np.fromfile(index, dtype=">i4", offset=_HEAD_BYTES).astype(np.int64)
    starts, lengths = places[: len(places) // 2 * 2].reshape(-1, 2).T
    content = np.memmap(shp, dtype=np.uint8, mode="r")
    wrong = (starts < _HEAD_BYTES) | (lengths < 4) | (starts + 8 + lengths > len(content))
    if not wrong.any():
        kinds = _words(content, starts + 8, "<i4")
        kind = struct.unpack("<i", _head(shp)[32:36])[0]
        wrong = (2 * _words(content, starts + 4, ">i4") != lengths) | ((kinds != kind) & (kinds != 0))
    if wrong.any():
        raise FileFault(f"its record {int(wrong.argmax())} is not where or what its index says; it is damaged")
    return np.asarray(kinds != 0)


def _words(content: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], kind: str) -> npt.NDArray[np.int64]:
    """Take a number of four bytes from each place."""
    taken = content[places[:, None] + np.arange(4)]
    return np.ascontiguousarray(taken).view(kind).ravel().astype(np.int64)


def _head(part: Path) -> bytes:
    with part.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or not head.startswith(b"\x00\x00\x27\x0a"):
        raise FileFault(f"its {part.suffix} does not begin like a part of a Shapefile")
    return head


def _stated_encoding(shp: Path) -> str | None:
    """Give the encoding that the .cpg names, else the table's language byte."""
    page = shp.with_suffix(".cpg")
    if page.exists():
        text = page.read_text(encoding="ascii", errors="replace").strip("\ufeff \r\n\0").lower()
        for name in (text, f"cp{text.removeprefix('ansi ')}", text.replace("ansi ", "cp")):
            known = _codec(name)
            if known:
                return known
        raise FileFault(
            f"its .cpg names the encoding '{printable(text)}', which is not known; say the encoding of the file"
        )
    table = shp.with_suffix(".dbf")
    if not table.exists():
        return None
    with table.open("rb") as stream:
        head = stream.read(_DESCRIPTOR_BYTES)
    return _LANGUAGES.get(head[29]) if len(head) > 29 else None


def _refuse_letters(table: Path) -> None:
    """Refuse a table in no said encoding whose first rows are not ASCII; later ones are refused row by row."""
    with table.open("rb") as stream:
        rows = int.from_bytes(stream.read(10)[8:10], "little")
        stream.seek(rows)
        sample = stream.read(_SAMPLE_BYTES)
    if not sample.isascii():
        raise FileFault(f"has texts that are not ASCII and no .cpg; say the encoding of the file{hint(sample)}")


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # only encodings of text; the registry also has compressors and the like
    return found.name if found._is_text_encoding else None  # noqa: SLF001  no public way


def _table(table: Path, rows: int, encoding: str) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Check the table's head against its size; give the column names and which rows are marked as deleted.

    The names in the copy become plain, for GDAL.
    """
    content = table.stat().st_size
    with table.open("rb+") as stream:
        head = stream.read(_DESCRIPTOR_BYTES)
        if len(head) < _DESCRIPTOR_BYTES:
            raise FileFault("its .dbf is shorter than a head")
        stated, start, width = struct.unpack("<IHH", head[4:12])
        descriptors = stream.read(max(start - _DESCRIPTOR_BYTES, 0))
        if stated != rows:
            raise FileFault(f"its .dbf says {stated} rows and its .shx {rows}; they do not belong together")
        if width < 1 or start + stated * width > content + 1:
            raise FileFault(f"its .dbf says {stated} rows of {width} bytes, more than it has; it is damaged or cut off")
        names = []
        for at in range(0, len(descriptors) - _DESCRIPTOR_BYTES + 1, _DESCRIPTOR_BYTES):
            if descriptors[at] == _END_OF_COLUMNS:
                break
            names.append(_name(descriptors[at : at + 11], encoding))
            stream.seek(_DESCRIPTOR_BYTES + at)
            stream.write(f"F{len(names)}".encode().ljust(11, b"\0"))
        return names, _deleted(stream, start, width, stated)


def _warnings(names: list[str], deleted: npt.NDArray[np.bool_]) -> list[str]:
    marked = int(deleted.sum())
    found = [f"{marked} rows are marked as deleted in the .dbf and are not read"] if marked else []
    return found if names else [*found, "its .dbf has no columns"]


def _name(raw: bytes, encoding: str) -> str:
    try:
        return raw.split(b"\0")[0].decode(encoding)
    except UnicodeDecodeError:
        raise FileFault(f"a column name of its .dbf is not {encoding}; say the encoding of the file") from None


def _unique(names: list[str], warnings: list[str]) -> list[str]:
    seen: list[str] = []
    for name in names:
        new, number = name, 2
        while new in seen:
            new, number = f"{name}_{number}", number + 1
        if new != name:
            warnings.append(
                f"column name '{printable(name)}' is given twice; the later one is read as '{printable(new)}'"
            )
        seen.append(new)
    return seen


def _deleted(stream: BinaryIO, start: int, width: int, rows: int) -> npt.NDArray[np.bool_]:
    """Tell which rows are marked as deleted; GDAL passes over them."""
    stream.seek(start)
    marks = bytearray()
    step = max(1, (1 << 20) // width)
    for first in range(0, rows, step):
        marks += stream.read(width * min(step, rows - first))[::width]
    return np.asarray(np.frombuffer(bytes(marks), dtype=np.uint8) == ord("*"))
