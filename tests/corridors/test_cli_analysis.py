"""The commands that ask what if, as other programs use them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corridors.cli import main


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One compiled network for all commands of this run, away from the user's own."""
    monkeypatch.setenv("CORRIDORS_CACHE", str(tmp_path_factory.getbasetemp() / "cli-cache"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_compare_json_keeps_its_promise() -> None:
    result = run(
        "compare", "Kashgar", "Tashkent", "--modes", "rail", "--scenario", "today", "--scenario", "cku-opens", "--json"
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert {"origin", "destination", "scenarios", "difference", "sentence"} <= set(document)
    assert list(document["scenarios"]) == ["today", "cku-opens"]
    assert set(document["difference"]) == {"time_h", "cost_usd_per_teu", "distance_km"}
    assert document["difference"]["distance_km"] < -1000
    assert document["scenarios"]["cku-opens"]["scenario"] == "cku-opens"


def test_compare_for_people_names_lines_and_ends_with_a_sentence() -> None:
    result = run("compare", "Kashgar", "Tashkent", "--modes", "rail", "--scenario", "cku-opens")
    assert result.exit_code == 0, result.output
    assert "now over: cku-railway" in result.stdout
    assert "instead of today" in result.stdout


def test_compare_takes_a_scenario_file(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("- {id: own, name: Own, extends: today, speed: {rail: 2}}\n", encoding="utf-8")
    result = run("compare", "Almaty", "Astana", "--modes", "rail", "--scenario", str(file), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["difference"]["time_h"] < 0


def test_reach_lists_places_and_writes_areas(tmp_path: Path) -> None:
    file = tmp_path / "reach.geojson"
    result = run("reach", "Almaty", "--hours", "24,12", "--modes", "rail", "--geojson", str(file), "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert [limit["hours"] for limit in document["limits"]] == [12.0, 24.0]
    assert len(json.loads(file.read_text(encoding="utf-8"))["features"]) == 2
    assert "12 h: " in run("reach", "Almaty", "--hours", "12", "--modes", "rail").stdout


def test_matrix_writes_all_pairs_and_counts_them(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    result = run("matrix", "--places", "south-caucasus", "--modes", "rail", "--out", str(file))
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert set(document) == {"rows", "unreachable", "seconds"}
    with file.open(encoding="utf-8", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == document["rows"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("compare", "Almaty", "Baku"), 2, "--scenario"),
        (("compare", "Almaty", "Baku", "--scenario", "dreams"), 1, "known are"),
        (("reach", "Almaty", "--hours", "soon"), 2, "72,120,240"),
        (("reach", "Almaty", "--hours", "-3"), 1, "above 0"),
        (("matrix", "--places", "dragons", "--out", "m.csv"), 1, "no group"),
        (("matrix", "--places", "KAZ", "--out", "m.xlsx"), 1, ".csv or .parquet"),
    ],
)
def test_a_no_is_one_line_on_stderr_with_its_exit_code(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stdout == ""
