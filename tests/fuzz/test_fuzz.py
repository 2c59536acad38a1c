"""A short round of fuzzing; longer ones by command, see `tests.fuzz.readers`."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.readers import BINARIES, TEXTS, check, mutations, read_here
from tests.fuzz.seeds import seeds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TEXTS)
def test_damaged_texts_are_refused_or_read_well(tmp_path: Path, name: str) -> None:
    results = {check(name, content, tmp_path) for content in mutations(name, 100, seed=1)}

    assert "refused" in results


@pytest.mark.parametrize("name", TEXTS)
def test_seeds_reach_the_rows(tmp_path: Path, name: str) -> None:
    assert "kept" in {check(name, content, tmp_path) for content in seeds(name)}


@pytest.mark.parametrize("name", BINARIES)
def test_damaged_binaries_do_no_harm_where_they_are_parsed(tmp_path: Path, name: str) -> None:
    for content in mutations(name, 60, seed=2):
        read_here(name, content, tmp_path)


@pytest.mark.parametrize("name", BINARIES)
def test_damaged_binaries_are_refused_or_read_well_through_the_door(tmp_path: Path, name: str) -> None:
    for content in mutations(name, 1, seed=3):
        assert check(name, content, tmp_path) in ("kept", "nothing kept", "refused")


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris, which guides the fuzzing, is not installed here"
)
def test_guided_fuzzing_finds_nothing_in_a_short_run(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.readers", "all", "-runs=1500", "-seed=7"]

    # libFuzzer ends the program without leaving its folder tidy
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)

    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "Done 1500 runs" in ended.stderr
