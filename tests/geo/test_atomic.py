"""An output is replaced as a whole: the old one or the new one is there, also after a kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geo import atomic
from geo.atomic import MANIFEST, manifest_faults, recover_directory, replace_directory, replace_file
from geo.errors import LayerError, WriteError

ROOT = Path(__file__).parents[2]
# a process starts within them, writes a few hundred files, and is killed at a moment no one chose
DELAYS_S = (0.0, 0.003, 0.007, 0.012, 0.019, 0.031, 0.057)


def writer(text: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.write_text(text, encoding="utf-8")

    return write


def filler(text: str) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        (folder / "layers").mkdir()
        for name in ("map.html", "layers/railways.geojson"):
            (folder / name).write_text(text, encoding="utf-8")

    return fill


def refuse(_: Path) -> None:
    raise LayerError("not what was expected")


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def content(folder: Path) -> str:
    assert manifest_faults(folder) == []
    return (folder / "map.html").read_text(encoding="utf-8")


# files


def test_file_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    replace_file(tmp_path / "a.txt", writer("new"))
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("error", [LayerError, KeyboardInterrupt, RuntimeError])
def test_failing_writer_leaves_the_old_file_alone(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")

    def half(file: Path) -> None:
        file.write_text("ha", encoding="utf-8")
        file.with_name(file.name + "-journal").touch()
        raise error

    with pytest.raises(error):
        replace_file(target, half)
    assert names(tmp_path) == ["a.txt"]
    assert target.read_text(encoding="utf-8") == "old"


def test_file_that_fails_its_verification_is_not_put_in_place(tmp_path: Path) -> None:
    with pytest.raises(LayerError):
        replace_file(tmp_path / "a.txt", writer("new"), refuse)
    assert names(tmp_path) == []


def test_system_error_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match=r"cannot write .*a\.txt: No space left on device; .*Check free space"):
        replace_file(tmp_path / "a.txt", full)


def test_writer_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="No such file"):
        replace_file(tmp_path / "a.txt", lambda _: None)


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="does not exist; create it first"):
        replace_file(tmp_path / "no" / "a.txt", writer("new"))


def test_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="a folder has that name"):
        replace_file(tmp_path, writer("new"))


def test_permissions_are_kept_or_follow_the_umask(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    replace_file(tmp_path / "new", writer("x"))
    (tmp_path / "shared").touch()
    (tmp_path / "shared").chmod(0o664)
    replace_file(tmp_path / "shared", writer("x"))
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o664


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("a.txt")
    replace_file(tmp_path / "link.txt", writer("new"))
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new"


def test_leftovers_of_killed_runs_go_once_they_are_old(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".a.txt.00000000.part.txt", tmp_path / ".a.txt.11111111.part.txt"
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    replace_file(tmp_path / "a.txt", writer("new"))
    assert names(tmp_path) == [fresh.name, "a.txt"]


# directories


@pytest.fixture(params=["exchange", "renames"])
def swap(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of putting a directory in place, where the file system has both."""
    way = str(request.param)
    if way == "renames":
        monkeypatch.setattr(atomic, "_exchange", lambda _first, _second: False)
    elif not can_exchange(tmp_path):
        pytest.skip("this file system cannot exchange two directories in one step")
    return way


def can_exchange(folder: Path) -> bool:
    one, two = folder / "one", folder / "two"
    one.mkdir()
    two.mkdir()
    able = atomic._exchange(one, two)
    one.rmdir()
    two.rmdir()
    return able


@pytest.mark.usefixtures("swap")
def test_directory_is_replaced_with_its_manifest_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_directory(target, filler("old"))
    replace_directory(target, filler("new"))
    assert names(tmp_path) == ["out"]
    assert content(target) == "new"
    assert set(json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]) == {
        "layers/railways.geojson",
        "map.html",
    }


def test_same_files_give_the_same_manifest(tmp_path: Path) -> None:
    replace_directory(tmp_path / "a", filler("x"))
    replace_directory(tmp_path / "b", filler("x"))
    assert (tmp_path / "a" / MANIFEST).read_bytes() == (tmp_path / "b" / MANIFEST).read_bytes()


@pytest.mark.usefixtures("swap")
def test_failed_filling_or_verification_leaves_the_old_directory_alone(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_directory(target, filler("old"))
    with pytest.raises(LayerError):
        replace_directory(target, refuse)
    with pytest.raises(LayerError):
        replace_directory(target, filler("new"), refuse)
    assert names(tmp_path) == ["out"]
    assert content(target) == "old"


def test_failed_second_rename_puts_the_old_directory_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    replace_directory(target, filler("old"))
    rename = Path.rename

    def failing(self: Path, to: Path) -> Path:
        if self.suffix == ".new":
            raise PermissionError(13, "Permission denied")
        return rename(self, to)

    monkeypatch.setattr(atomic, "_exchange", lambda _first, _second: False)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(WriteError, match="Permission denied"):
        replace_directory(target, filler("new"))
    assert names(tmp_path) == ["out"]
    assert content(target) == "old"


def killed_between_renames(target: Path) -> Path:
    """Leave what a kill between the two renames leaves: no target, ``.new`` and ``.old`` beside it."""
    replace_directory(target, filler("new"))
    new = target.with_name(".out.0123abcd.new")
    target.rename(new)
    replace_directory(target, filler("old"))
    target.rename(new.with_suffix(".old"))
    return new


def test_recovery_finishes_an_exchange_that_was_cut_in_two(tmp_path: Path) -> None:
    killed_between_renames(tmp_path / "out")
    assert recover_directory(tmp_path / "out")
    assert names(tmp_path) == ["out"]
    assert content(tmp_path / "out") == "new"


@pytest.mark.parametrize("harm", ["changed", "missing", "gone"])
def test_recovery_puts_the_old_directory_back_when_the_new_one_is_damaged(tmp_path: Path, harm: str) -> None:
    new = killed_between_renames(tmp_path / "out")
    if harm == "changed":
        (new / "map.html").write_text("half", encoding="utf-8")
    elif harm == "missing":
        (new / MANIFEST).unlink()
    else:
        shutil.rmtree(new)
    assert recover_directory(tmp_path / "out")
    assert content(tmp_path / "out") == "old"


def test_next_run_recovers_by_itself(tmp_path: Path) -> None:
    killed_between_renames(tmp_path / "out")
    with pytest.raises(LayerError):
        replace_directory(tmp_path / "out", refuse)
    assert content(tmp_path / "out") == "new"


def test_files_of_others_are_never_removed(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_directory(target, filler("old"))
    (target / "my project.qgz").touch()
    with pytest.raises(WriteError, match=r"1 file\(s\) this program did not write \('my project\.qgz'\); move"):
        replace_directory(target, filler("new"))
    assert (target / "my project.qgz").exists()


def test_folder_that_was_not_written_here_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    (tmp_path / MANIFEST).write_text('{"files": {"photo.jpg": {"sha256": ""}}}', encoding="utf-8")
    with pytest.raises(WriteError, match=r"photo\.jpg"):
        replace_directory(tmp_path, filler("new"))


def test_empty_folder_and_side_files_of_sqlite_may_go(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    replace_directory(target, filler("old"))
    (target / "map.html-wal").touch()
    replace_directory(target, filler("new"))
    assert content(target) == "new"


@pytest.mark.parametrize("make", [lambda d: (d / MANIFEST).touch(), lambda d: (d / "link").symlink_to("/")])
def test_filling_with_a_manifest_or_a_link_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    with pytest.raises(WriteError):
        replace_directory(tmp_path / "out", make)
    assert names(tmp_path) == []


def test_manifest_tells_missing_extra_and_changed_files(tmp_path: Path) -> None:
    replace_directory(tmp_path / "out", filler("x"))
    (tmp_path / "out" / "map.html").write_text("y", encoding="utf-8")
    (tmp_path / "out" / "layers" / "railways.geojson").rename(tmp_path / "out" / "roads.geojson")
    assert manifest_faults(tmp_path / "out") == [
        "layers/railways.geojson is missing",
        f"roads.geojson is not in {MANIFEST}",
        "map.html was changed",
    ]
    assert manifest_faults(tmp_path) == [f"{MANIFEST} is missing or unreadable"]


# kills

LOOP = """
import itertools, sys
from pathlib import Path
from geo import atomic
kind, target = sys.argv[1], Path(sys.argv[2])
if kind == "renames":
    atomic._exchange = lambda first, second: False
def fill(folder):
    for name in ("map.html", "b", "c", "d"):
        (folder / name).write_text(f"{number:06}" * 5000)
def write(file):
    file.write_text(f"{number:06}" * 50000)
print("ready", flush=True)
for number in itertools.count(1):
    atomic.replace_file(target, write) if kind == "file" else atomic.replace_directory(target, fill)
"""


def run_and_kill(kind: str, target: Path, delay_s: float) -> None:
    process = subprocess.Popen([sys.executable, "-c", LOOP, kind, str(target)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    with process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("delay_s", DELAYS_S)
def test_killed_file_writer_leaves_a_whole_file(tmp_path: Path, delay_s: float) -> None:
    target = tmp_path / "a.txt"
    target.write_text("000000" * 50000, encoding="utf-8")
    run_and_kill("file", target, delay_s)
    text = target.read_text(encoding="utf-8")
    assert text == text[:6] * 50000


@pytest.mark.parametrize("delay_s", DELAYS_S)
def test_killed_directory_writer_leaves_a_whole_directory(tmp_path: Path, swap: str, delay_s: float) -> None:
    target = tmp_path / "out"
    replace_directory(target, filler("old"))
    run_and_kill(swap, target, delay_s)
    if swap == "renames":
        recover_directory(target)
    assert manifest_faults(target) == []
    texts = {file.read_text(encoding="utf-8") for file in target.rglob("*") if file.is_file()}
    assert len(texts) == 2, "all files of one run, and the manifest"
