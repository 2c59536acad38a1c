"""Canaries for the attacks: a file nobody may open, a listener nobody may call, a folder that may not change."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import socket
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

MARK = "canary-5d1e0b"
SECRET = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"token":"'
    + MARK
    + '"},"geometry":{"type":"Point","coordinates":[1,2]}}]}'
)
_IN_OPEN = 0x20


class Listener:
    """A socket on the loopback address that counts who connects."""

    def __init__(self) -> None:
        # connections wait in the queue of the system until somebody counts them
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def calls(self) -> int:
        """How often somebody connected since the last call."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.accept()[0].close()
                count += 1
        return count

    def close(self) -> None:
        self._socket.close()


class Canaries:
    """A folder with a secret file beside a folder for the attack; leaving fails when a canary was touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "attack"
        self.folder.mkdir()
        (folder / "secret").mkdir()
        self.secret = folder / "secret" / "secret.geojson"
        self.secret.write_text(SECRET, encoding="utf-8")
        self.grid = folder / "secret" / "secret.gsb"
        self.grid.write_bytes(b"NUM_OREC" + bytes(200))
        self._listener = Listener()
        self.url = f"http://127.0.0.1:{self._listener.port}/layer.geojson"
        self._watch: int | None = None

    def __enter__(self) -> Self:
        self._before = _state(self.folder.parent)
        self._watch = _watch((self.secret, self.grid))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        opened = self.opened
        calls = self._listener.calls()
        if kind is None:
            assert not opened, "the secret file was opened"
            assert calls == 0, "the listener was called"
            assert _state(self.folder.parent) == self._before, "files around the attack were changed"

    def close(self) -> None:
        self._listener.close()

    @property
    def opened(self) -> bool:
        """Whether somebody opened a secret file since the canaries were set."""
        if self._watch is None:
            return False
        try:
            return bool(os.read(self._watch, 4096))
        except BlockingIOError:
            return False
        finally:
            os.close(self._watch)
            self._watch = None


def _watch(files: tuple[Path, ...]) -> int | None:
    """Watch files for being opened, where the system can."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    watch: int = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    for file in files:
        assert library.inotify_add_watch(watch, os.fsencode(file), _IN_OPEN) >= 0
    return watch


def _state(folder: Path) -> dict[str, str]:
    """Names and sums of everything in a folder; the secret file itself is known by its size, not opened."""
    found = {}
    for entry in sorted(folder.rglob("*")):
        name = entry.relative_to(folder).as_posix()
        if entry.is_symlink():
            found[name] = f"link to {entry.readlink()}"
        elif entry.is_file() and "secret/" not in name:
            found[name] = hashlib.sha256(entry.read_bytes()).hexdigest()
        else:
            # a folder's own time changes when private copies come and go beside the attack
            found[name] = "folder" if entry.is_dir() else f"{entry.lstat().st_size} {entry.lstat().st_mtime_ns}"
    return found
