"""Unpack a zip or KMZ ourselves: bounded, flat, and only if there is exactly one layer in it."""

from __future__ import annotations

import posixpath
import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Final

from geo.reading.drafts import FileFault
from geo.reading.intake import SIBLINGS
from geo.reading.records import Limits, printable

_CHUNK_BYTES: Final = 1 << 20
_UNPACKED_BYTES: Final = 200_000_000
# a few bytes of text pack well; the ratio says something of larger members only
_RATIO_FROM_BYTES: Final = 1_000_000
_ARCHIVES: Final = frozenset({".zip", ".kmz", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".jar", ".zst"})
_LAYERS: Final = frozenset(
    {".geojson", ".json", ".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl", ".gpkg", ".shp", ".fgb",
     ".parquet", ".geoparquet", ".kml", ".gpx", ".csv", ".tsv"}
)  # fmt: skip
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_DEVICE: Final = re.compile(r"^[A-Za-z]:")


def unpacked(archive: Path, limits: Limits) -> tuple[Path, str]:
    """Unpack the one layer of an archive beside it; give its copy and the name it had.

    Raises
    ------
    FileFault
        When a member's name leads out, a member is a link, encrypted or an archive itself, something is too large, or
        there is not exactly one layer.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.filename.endswith("/")]
            _check_members(members, limits)
            return _extract(opened, members, archive.parent, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
        OverflowError,
    ) as fault:
        if isinstance(fault, FileFault):
            raise
        raise FileFault(f"is a damaged archive: {printable(fault)}") from None


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.archive_members:
        raise FileFault(f"has {len(members)} members; {limits.archive_members} are allowed")
    seen: set[str] = set()
    for member in members:
        name = member.filename
        shown = printable(name)
        parts = name.replace("\\", "/").split("/")
        if (
            not name
            or name.startswith(("/", "\\"))
            or ".." in parts
            or _DEVICE.match(name)
            or "\0" in member.orig_filename
        ):
            raise FileFault(f"member '{shown}' has a name that leads out of the archive")
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise FileFault(f"member '{shown}' is a link or a device")
        if member.flag_bits & 0x1:
            raise FileFault(f"member '{shown}' is encrypted; unpack it and give the file")
        if _ending(name) in _ARCHIVES:
            raise FileFault(f"member '{shown}' is an archive itself; unpack it")
        if member.compress_type not in _METHODS:
            raise FileFault(f"member '{shown}' is packed in an unknown way; unpack it and give the file")
        if name.lower() in seen:
            raise FileFault(f"member '{shown}' is there twice")
        seen.add(name.lower())
    _check_sizes(members, limits)


def _check_sizes(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    allowed = limits.max_bytes or _UNPACKED_BYTES
    if sum(member.file_size for member in members) > allowed:
        raise FileFault(
            f"unpacks to more than {allowed / 1e6:,.0f} MB; unpack it and give the file, or raise the limit"
        )
    for member in members:
        if member.file_size > max(_RATIO_FROM_BYTES, limits.archive_ratio * member.compress_size):
            raise FileFault(f"member '{printable(member.filename)}' is packed more than {limits.archive_ratio} times")


def _extract(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, limits: Limits) -> tuple[Path, str]:
    layers = [member for member in members if _ending(member.filename) in _LAYERS and not _is_beside(member.filename)]
    if len(layers) != 1:
        names = ", ".join(f"'{printable(member.filename)}'" for member in layers[:10]) or "none"
        raise FileFault(f"has {len(layers)} layers ({names}); give an archive with exactly one, or the file itself")
    layer = layers[0]
    stem = posixpath.splitext(layer.filename)[0]
    wanted = [layer]
    siblings = SIBLINGS.get(_ending(layer.filename), ())
    wanted += [
        one for one in members if posixpath.splitext(one.filename)[0] == stem and _ending(one.filename) in siblings
    ]
    # headers may lie about sizes, so what comes out is counted too
    left = limits.max_bytes or _UNPACKED_BYTES
    for member in wanted:
        left = _write(opened, member, folder / f"inner{_ending(member.filename)}", left)
    return folder / f"inner{_ending(layer.filename)}", posixpath.basename(layer.filename)


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    with opened.open(member) as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise FileFault("unpacks to more than it says")
            writing.write(chunk)
    return left


def _ending(name: str) -> str:
    return posixpath.splitext(name)[1].lower()


def _is_beside(name: str) -> bool:
    # what macOS and Windows put beside the files of an archive
    return name.startswith("__MACOSX/") or posixpath.basename(name).startswith("._")
