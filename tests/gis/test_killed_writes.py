"""Killed at any moment, a writer leaves the old output or the new one, whole.

Each kill: a child writes versions b and a of one output in turn, gets SIGKILL after some milliseconds, and what stands
there must be one of the two, byte for byte. CORRIDORS_KILLS says how often for each writer (3 unless given).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sys
import time
from pathlib import Path

import pytest

from corridors.exchange import write_export
from geo.atomic import manifest_faults, recover_directory
from tests.gis.killed import EXPORT_FORMATS, WRITERS, export_once, small_export, version, write_for_ever

KILLS = int(os.environ.get("CORRIDORS_KILLS", "3"))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither SIGKILL nor forkserver")


@pytest.fixture(scope="module")
def context() -> multiprocessing.context.ForkServerContext:
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.gis.killed"])
    return found


def content(output: Path) -> dict[str, bytes]:
    files = [output] if output.is_file() else sorted(file for file in output.rglob("*") if file.is_file())
    return {file.relative_to(output.parent).as_posix(): file.read_bytes() for file in files}


def unfinished(out: Path) -> list[Path]:
    return [entry for entry in out.iterdir() if entry.name.startswith(".")]


@pytest.mark.parametrize("writer", WRITERS)
def test_old_or_new_output_stands_after_a_kill(
    writer: str, context: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    output = WRITERS[writer].output
    wanted = []
    for letter in "ab":
        (tmp_path / letter).mkdir()
        start = time.perf_counter()
        WRITERS[writer].write(version(letter), tmp_path / letter)
        seconds = time.perf_counter() - start
        wanted.append(content(tmp_path / letter / output))
    assert wanted[0] != wanted[1]
    out = tmp_path / "out"
    shutil.copytree(tmp_path / "a", out)
    chance = random.Random(writer)
    seen = interrupted = 0
    for _ in range(KILLS):
        ready, told = context.Pipe(duplex=False)
        child = context.Process(target=write_for_ever, args=(writer, out, told))
        child.start()
        ready.recv()
        time.sleep(chance.uniform(0.0, 3 * seconds))
        child.kill()
        child.join()
        interrupted += bool(unfinished(out))
        if not (out / output).is_file():
            recover_directory(out / output)
            assert manifest_faults(out / output) == []
        found = content(out / output)
        assert found in wanted
        seen += found == wanted[1]
        for leftover in unfinished(out):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    sys.stdout.write(f"{writer}: {KILLS} kills, {interrupted} within a write, {seen} after a new version stood\n")
    # with many kills some must have hit a write, and some writes must have come through
    if KILLS >= 20:
        assert interrupted > 0
        assert 0 < seen < KILLS


def test_export_cut_again_and_again_ends_as_if_it_had_never_been(
    context: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    start = time.perf_counter()
    write_export(small_export(), EXPORT_FORMATS, tmp_path / "whole")
    seconds = time.perf_counter() - start
    chance = random.Random("resume")
    out = tmp_path / "cut"
    for _ in range(KILLS):
        ready, told = context.Pipe(duplex=False)
        child = context.Process(target=export_once, args=(out, told))
        child.start()
        ready.recv()
        time.sleep(chance.uniform(0.0, seconds))
        child.kill()
        child.join()
    written = write_export(small_export(), EXPORT_FORMATS, out, resume=True)
    sys.stdout.write(f"export: {KILLS} kills, at the end {sum(written.values())} of {len(written)} left to write\n")
    assert {path: data for path, data in content(out).items() if "/." not in path} == {
        path.replace("whole", "cut", 1): data for path, data in content(tmp_path / "whole").items()
    }
