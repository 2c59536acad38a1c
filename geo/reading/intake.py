"""Take a copy of a file to a private directory: only what is a regular file under exactly that name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from geo.reading.drafts import FileFault
from geo.reading.records import Limits, printable, refusal

# strings that GDAL would follow: an address, a driver prefix, a virtual file, a member of an archive
_FOLLOWED: Final = re.compile(
    r"^[A-Za-z][A-Za-z0-9+._ -]*:|[/\\]vsi|^vsi[a-z0-9_]*[/\\]|\.(?:zip|kmz|gz|tgz|tar|7z|rar|jar)!", re.IGNORECASE
)
_WINDOWS_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_ENDING: Final = re.compile(r"\.[a-z0-9]{1,12}")
_CHUNK_BYTES: Final = 1 << 20
# one text or an archive; rows one after the other
_TEXT_BYTES: Final = 200_000_000
_ROWS_BYTES: Final = 4_000_000_000
_ROW_ENDINGS: Final = frozenset(
    {
        ".geojsonl",
        ".geojsons",
        ".geojsonseq",
        ".ndjson",
        ".jsonl",
        ".csv",
        ".tsv",
        ".gpkg",
        ".shp",
        ".fgb",
        ".parquet",
        ".geoparquet",
    }
)
# what a Shapefile consists of, and what GDAL writes beside a CSV; other siblings are not looked at
SIBLINGS: Final = {".shp": (".shx", ".dbf", ".prj", ".cpg"), ".csv": (".csvt", ".prj"), ".tsv": (".csvt", ".prj")}


@dataclass(frozen=True, slots=True)
class Copy:
    """A private copy: where it is, under which name it came, the sum of its bytes, and what was noticed beside it."""

    path: Path
    name: str
    sha256: str
    warnings: tuple[str, ...] = ()


def byte_limit(ending: str, limits: Limits) -> int:
    """Give how many bytes a file with this ending may have."""
    return limits.max_bytes or (_ROWS_BYTES if ending in _ROW_ENDINGS else _TEXT_BYTES)


@contextlib.contextmanager
def private_copy(path: Path | str, limits: Limits) -> Iterator[Copy]:
    """Copy a file, and a Shapefile's siblings, to a directory that only this user can read; removed on leaving.

    The copy is named ``layer`` with the ending in lower case, so that no name of theirs reaches another program.

    Raises
    ------
    FileFault, ImportRefusedError
        When it is no regular file, is too large, or its name is one that programs follow elsewhere.
    """
    source = _checked(path)
    ending = source.suffix.lower()
    if not _ENDING.fullmatch(ending):
        raise FileFault("its name has no ending that tells the format, such as .geojson")
    with tempfile.TemporaryDirectory(prefix="corridors-") as folder:
        target = Path(folder) / f"layer{ending}"
        sha256 = _copy(source, target, byte_limit(ending, limits))
        for sibling in _siblings(source, SIBLINGS.get(ending, ())):
            _copy(sibling, target.with_suffix(sibling.suffix.lower()), byte_limit(ending, limits))
        yield Copy(target, source.name, sha256, _log_warnings(source, ending))


def _checked(path: Path | str) -> Path:
    text = os.fspath(path)
    followed = _FOLLOWED.search(text) and not (os.name == "nt" and _WINDOWS_DRIVE.match(text))
    if "\0" in text or followed:
        raise refusal(
            text,
            "only a plain file name is read: no address, no archive with '!', no virtual file; "
            "save the file and give its name",
        )
    return Path(text)


def _open(source: Path) -> BinaryIO:
    """Open a regular file for reading, without following a link in its place and without waiting for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        found = source.lstat()
        if stat.S_ISLNK(found.st_mode):
            raise FileFault("is a symbolic link; give the file it leads to")
        if not stat.S_ISREG(found.st_mode):
            raise FileFault("is no regular file; give a file")
        descriptor = os.open(source, flags)
    except FileNotFoundError:
        raise FileFault("is not there; check the name") from None
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise FileFault(f"cannot be read: {reason}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileFault("is no regular file; give a file")
    return os.fdopen(descriptor, "rb")


def _copy(source: Path, target: Path, limit: int) -> str:
    """Copy bytes up to a limit and give their sha256."""
    digest = hashlib.sha256()
    left = limit
    with _open(source) as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise FileFault(f"is larger than {limit / 1e6:,.0f} MB; split it, or raise the limit")
            digest.update(chunk)
            writing.write(chunk)
    if left == limit:
        raise FileFault("is empty")
    return digest.hexdigest()


def _siblings(source: Path, endings: tuple[str, ...]) -> list[Path]:
    if not endings:
        return []
    found = [
        entry
        for entry in sorted(source.parent.iterdir())
        if entry.stem == source.stem and entry.suffix.lower() in endings
    ]
    if ".csvt" in endings and not any(entry.suffix.lower() == ".csvt" for entry in found):
        # a .prj beside a CSV may belong to another file, such as a Shapefile of that name
        found = []
    if len({entry.suffix.lower() for entry in found}) < len(found):
        raise FileFault("has siblings whose names differ in upper and lower case only; keep one of each")
    return found


def _log_warnings(source: Path, ending: str) -> tuple[str, ...]:
    """Tell when a GeoPackage's newest rows stand in the write-ahead log beside it, which is not read."""
    log = source.with_name(f"{source.name}-wal")
    if ending != ".gpkg" or not log.is_file() or not log.stat().st_size:
        return ()
    what = "holds changes that are not in the file and are not read; close the program that has it open"
    return (f"{printable(log.name)} beside it {what}",)
