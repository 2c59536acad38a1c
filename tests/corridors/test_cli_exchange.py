"""``corridors export``: which files it writes, and what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result

from corridors.atlas import Atlas
from corridors.build import DATA_DATE, LAYER_ORDER, make_export
from corridors.cli import main
from corridors.exchange import FORMATS, OUTPUTS, Export
from geo.layer import Layer
from layers.citations import cite_layers
from layers.features import claims_table, places_layer

DOCUMENT = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/corridors (.+)$", DOCUMENT, re.MULTILINE)


@pytest.fixture
def _two_layers(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command with two quickly made layers instead of all fifteen."""

    def make(_atlas: Atlas, names: Sequence[str]) -> Export:
        names = names or LAYER_ORDER
        made = {layer.name: layer for layer in (places_layer(atlas.catalogue), claims_table(atlas.catalogue))}

        def layers() -> dict[str, Layer]:
            return cite_layers({name: made[name] for name in names if name in made}, atlas.catalogue, date="2026-11-21")

        return Export(tuple(names), layers, lambda: atlas.network, DATA_DATE, "print")

    monkeypatch.setattr("corridors.build.make_export", make)
    monkeypatch.setattr("corridors.atlas.load_atlas", lambda _study: atlas)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.usefixtures("_two_layers")
def test_several_formats_are_written_at_once_and_kept_when_resumed(tmp_path: Path) -> None:
    arguments = ("export", "--format", "parquet,csv", "--format", "gpkg", "--out", str(tmp_path / "a" / "b"))
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 3
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == {
        "parquet",
        "csv",
        "corridors.gpkg",
        "export.json",
    }
    assert len(gpd.read_parquet(tmp_path / "a" / "b" / "parquet" / "places.parquet")) > 1000
    assert run(*arguments, "--resume").stdout.count(", kept\n") == 3


@pytest.mark.usefixtures("_two_layers")
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_document_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*shlex.split(command))
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("option", "value"), [("--format", "geojson,dxf"), ("--layers", "places,dragons")])
def test_unknown_format_or_layer_is_wrong_usage_and_lists_the_known(option: str, value: str, tmp_path: Path) -> None:
    result = run("export", option, value, "--out", str(tmp_path))
    assert result.exit_code == 2
    assert value.partition(",")[2] in result.stderr
    assert "railways" in result.stderr or "parquet" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_document_and_help_list_every_format() -> None:
    table = re.findall(r"^\| `(\w+)` \| (.+?) \|", DOCUMENT, re.MULTILINE)
    described = {name: text for name, text in table if name in FORMATS}
    assert set(described) == set(FORMATS)
    for name, outputs in OUTPUTS.items():
        assert all(output in described[name] for output in outputs)
    assert all(name in run("export", "--help").stdout for name in FORMATS)


def test_export_names_its_layers_before_it_draws_them(atlas: Atlas) -> None:
    assert make_export(atlas).names == LAYER_ORDER
