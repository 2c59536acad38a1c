"""Replace an output as a whole: killed at any moment, the old one or the new one is there, never half of one.

A file is written beside its target under a hidden name, verified, flushed to disk and renamed over the target in one
step. A directory cannot be renamed over one that holds files, so it takes more care:

1. the new directory is filled beside the target as ``.NAME.TOKEN.new``; ``manifest.json`` with the sha256 of every
   file is written last, and all of it is flushed to disk;
2. Linux and macOS can exchange two directories in one step: then the target is never absent;
3. elsewhere the old one is renamed aside to ``.NAME.TOKEN.old`` and the new one renamed in. A kill between the two
   leaves no target, but both parts beside it, whole. `recover_directory`, which every `replace_directory` calls first
   and any reader may call, then finishes the exchange (or puts the old one back if the new one is damaged);
4. the old directory is removed.

Because the old directory is removed, one that holds files its manifest does not list is refused: they may be a user's.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from geo.errors import CorridorsError, WriteError

MANIFEST = "manifest.json"
_WRITER = "corridors"
# what a killed run left behind is removed once no run can still be at it; every write refreshes the time
_STALE_AFTER_S = 3600.0
# SQLite and QGIS put these beside a database that is, or was, open
_SQLITE_SIDE_FILES = ("-journal", "-wal", "-shm")

PathAction = Callable[[Path], None]


def replace_file(path: Path | str, write: PathAction, verify: PathAction | None = None) -> None:
    """Put a new file in the place of ``path``, whole or not at all.

    Parameters
    ----------
    path
        Target; a symbolic link is followed. Its folder must exist.
    write
        Creates the file at the path it is given (same folder and suffix as the target).
    verify
        Reopens that path and raises when something is missing.

    Raises
    ------
    WriteError
        When the system refuses; what stood at ``path`` is untouched. Errors of ``write`` and ``verify`` pass through.
    """
    target = _resolved(path)
    if target.is_dir():
        raise WriteError(f"cannot write {target}: a folder has that name; choose another name")
    _remove_stale(target, "part")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part{target.suffix}")
    try:
        with _explained(target):
            write(temporary)
            if verify is not None:
                verify(temporary)
            _flush(temporary)
            _keep_mode(target, temporary)
            temporary.replace(target)
            _flush_directory(target.parent)
    finally:
        _remove_with_side_files(temporary)


def replace_text(path: Path | str, text: str, verify: PathAction | None = None) -> None:
    """Write a UTF-8 text file whole or not at all, as :func:`replace_file` does; line ends stay as they are.

    Raises
    ------
    WriteError
        As :func:`replace_file`.
    """
    replace_file(path, lambda temporary: _write_text(temporary, text), verify)


def _write_text(file: Path, text: str) -> None:
    # newline="\n": the bytes must not depend on the system
    file.write_text(text, encoding="utf-8", newline="\n")


def replace_directory(path: Path | str, fill: PathAction, verify: PathAction | None = None) -> None:
    """Put a new directory in the place of ``path``, whole or not at all, with a manifest of its files.

    Parameters
    ----------
    path
        Target; absent, empty, or written by this function before.
    fill
        Writes all files into the empty directory it is given. It must not write ``manifest.json``.
    verify
        Checks the filled directory and raises when something is missing.

    Raises
    ------
    WriteError
        When the target holds files that its manifest does not list, or the system refuses; what stood there is
        untouched. Errors of ``fill`` and ``verify`` pass through.
    """
    target = _resolved(path)
    recover_directory(target)
    _refuse_strangers(target)
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        with _explained(target):
            new.mkdir()
            fill(new)
            if verify is not None:
                verify(new)
            _write_manifest(new)
            _swap(new, target)
            _flush_directory(target.parent)
    finally:
        # after an exchange this is the old directory, after a failure the unfinished one
        shutil.rmtree(new, ignore_errors=True)


def recover_directory(path: Path | str) -> bool:
    """Finish an exchange that a kill cut in two, and remove what killed runs left; True if the target was restored.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recover_directory(Path(folder) / "nothing-was-ever-written")
    False
    """
    target = _resolved(path)
    with _explained(target):
        restored = not os.path.lexists(target) and _restore(target)
        if target.is_dir():
            for old in _leftovers(target, "old"):
                shutil.rmtree(old, ignore_errors=True)
        _remove_stale(target, "new")
    return restored


def manifest_faults(directory: Path | str) -> list[str]:
    """List the files that are missing, extra or changed against a directory's manifest; empty when it is whole."""
    folder = Path(directory)
    listed = _listed(folder)
    if listed is None:
        return [f"{MANIFEST} is missing or unreadable"]
    present = {_relative(file, folder): file for file in _files(folder) if file != folder / MANIFEST}
    faults = [f"{name} is missing" for name in sorted(listed.keys() - present.keys())]
    faults += [f"{name} is not in {MANIFEST}" for name in sorted(present.keys() - listed.keys())]
    both = sorted(listed.keys() & present.keys())
    return faults + [f"{name} was changed" for name in both if _sha256(present[name]) != listed[name]]


def _resolved(path: Path | str) -> Path:
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise WriteError(f"cannot write {target}: folder {target.parent} does not exist; create it first")
    return target


@contextlib.contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turn an error of the system into one that says what stands where and what to do."""
    try:
        yield
    except CorridorsError:
        raise
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise WriteError(
            f"cannot write {target}: {reason}; what stood there is untouched. "
            "Check free space and permissions, and that no program holds it open"
        ) from fault


def _keep_mode(target: Path, temporary: Path) -> None:
    # a replaced file keeps its permissions; a new one has those of the user's umask
    if target.exists():
        shutil.copymode(target, temporary)


def _flush(file: Path) -> None:
    # opened for writing, since Windows does not flush a file opened for reading
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _flush_directory(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder; its renames are journaled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _leftovers(target: Path, kind: str) -> list[Path]:
    pattern = re.compile(re.escape(f".{target.name}.") + rf"[0-9a-f]{{8}}\.{kind}.*")
    return sorted(entry for entry in target.parent.iterdir() if pattern.fullmatch(entry.name))


def _remove_stale(target: Path, kind: str) -> None:
    for leftover in _leftovers(target, kind):
        with contextlib.suppress(OSError):
            if time.time() - leftover.lstat().st_mtime < _STALE_AFTER_S:
                continue
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _remove_with_side_files(file: Path) -> None:
    for suffix in ("", *_SQLITE_SIDE_FILES):
        with contextlib.suppress(OSError):
            file.with_name(file.name + suffix).unlink()


def _swap(new: Path, target: Path) -> None:
    """Put ``new`` in the place of ``target``; afterwards ``new`` is the old directory, or gone."""
    if not target.exists():
        new.rename(target)
    elif not _exchange(new, target):
        _swap_by_two_renames(new, target)


def _swap_by_two_renames(new: Path, target: Path) -> None:
    old = new.with_suffix(".old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if not target.exists():
            old.rename(target)
        raise
    _flush_directory(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two directories in one step; False where the system or the file system cannot."""
    if os.name != "posix":
        return False
    import ctypes

    library = ctypes.CDLL(None)
    paths = os.fsencode(first), os.fsencode(second)
    # Linux: renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE); macOS: renamex_np with RENAME_SWAP
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return bool(library.renameat2(-100, paths[0], -100, paths[1], 2) == 0)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return bool(library.renamex_np(*paths, 2) == 0)
    return False


def _restore(target: Path) -> bool:
    for old in _leftovers(target, "old"):
        new = old.with_suffix(".new")
        # the old one is set aside only after the new one is complete, so the new one wins if it proves so
        if new.is_dir() and not manifest_faults(new):
            new.rename(target)
        else:
            old.rename(target)
        _flush_directory(target.parent)
        return True
    return False


def _files(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.rglob("*") if entry.is_symlink() or not entry.is_dir())


def _relative(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_manifest(folder: Path) -> None:
    files = _files(folder)
    if folder / MANIFEST in files:
        raise WriteError(f"cannot write {folder}: {MANIFEST} is written last, by the program itself; use another name")
    for link in (file for file in files if file.is_symlink()):
        raise WriteError(f"cannot write {folder}: {link.name} is a symbolic link; write a file")
    for file in files:
        _flush(file)
    entries = {_relative(file, folder): {"bytes": file.stat().st_size, "sha256": _sha256(file)} for file in files}
    manifest = folder / MANIFEST
    text = json.dumps({"written_by": _WRITER, "files": entries}, indent=1, sort_keys=True, ensure_ascii=False)
    manifest.write_text(text + "\n", encoding="utf-8", newline="\n")
    _flush(manifest)
    for directory in (*(entry for entry in folder.rglob("*") if entry.is_dir()), folder):
        _flush_directory(directory)


def _listed(folder: Path) -> dict[str, str] | None:
    """File names and their sha256 from a directory's manifest; None when there is none to trust."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if content["written_by"] != _WRITER:
            return None
        return {str(name): str(entry["sha256"]) for name, entry in content["files"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _refuse_strangers(target: Path) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise WriteError(f"cannot write folder {target}: a file has that name; choose another name")
    known = {MANIFEST, *(_listed(target) or {})}
    known |= {name + suffix for name in known for suffix in _SQLITE_SIDE_FILES}
    strangers = [name for name in (_relative(file, target) for file in _files(target)) if name not in known]
    if strangers:
        shown = ", ".join(ascii(name) for name in strangers[:5]) + (", …" if len(strangers) > 5 else "")
        raise WriteError(
            f"cannot replace folder {target}: it holds {len(strangers)} file(s) this program did not write ({shown}); "
            "move them away or choose another folder"
        )
