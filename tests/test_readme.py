"""Every command the README prints runs as printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]
PROGRAM = [line for line in COMMANDS if line.startswith(".venv/bin/corridors")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which 'make map' has been: with out/ there."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "out").mkdir()
    return folder


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = {shlex.split(line, comments=True)[1] for line in COMMANDS if line.startswith("make ")}
    assert used == {"map", "test"}
    assert used <= targets


@pytest.mark.parametrize("command", PROGRAM)
def test_command_runs_as_printed(command: str, folder: Path) -> None:
    # the same program, from this environment and in a folder of its own
    arguments = shlex.split(command)[1:]
    done = subprocess.run(
        [sys.executable, "-m", "corridors.cli", *arguments],
        cwd=folder,
        env=os.environ | {"CORRIDORS_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
