"""``flow`` and ``chokepoints`` as other programs use them."""

from __future__ import annotations

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


def test_flow_json_tells_total_bounds_and_what_a_scenario_adds() -> None:
    result = run("flow", "--commodity", "gas", "--to", "CHN", "--scenario", "power-of-siberia-2", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["unit"] == "bcm/y"
    assert document["against"]["adds"] == 50
    assert document["total"] == document["against"]["total"] + 50
    assert document["is_upper_limit"] is True
    binding = {line["line"]: line for line in document["binding"]}
    assert binding["soyuz-vostok"]["basis"] == "planned"
    assert all(line["is_binding"] and line["source"] for line in document["binding"])
    assert sum(one["flow"] for one in document["deliveries"]) == pytest.approx(document["total"])


def test_flow_for_people_says_what_binds() -> None:
    result = run("flow", "--to", "CHN")
    assert result.exit_code == 0, result.output
    assert "gas to CHN, today: at most 105.0 bcm/y" in result.stdout
    assert "binds" in result.stdout
    assert "note: an upper limit" in result.stdout


def test_flow_takes_capacities_from_a_scenario_file(tmp_path: Path) -> None:
    file = tmp_path / "raised.yaml"
    file.write_text(
        "- {id: raised, name: Raised, extends: today, capacity: {power-of-siberia-1-china: 44, "
        "power-of-siberia-1-chayanda-blagoveshchensk: 44}}\n",
        encoding="utf-8",
    )
    result = run("flow", "--to", "CHN", "--scenario", str(file), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["against"]["adds"] == 6


def test_chokepoints_json_and_areas(tmp_path: Path) -> None:
    places, file = tmp_path / "places.txt", tmp_path / "chokepoints.geojson"
    places.write_text("Xi'an\nAlmaty\nTashkent\nIstanbul\nDuisburg\n", encoding="utf-8")
    result = run("chokepoints", "--places", str(places), "--modes", "rail", "--geojson", str(file), "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["unit"] == "h"
    assert document["pairs"] + document["unjoined_pairs"] == 10
    kinds = {one["kind"] for one in document["chokepoints"]}
    assert {"line", "crossing", "country"} <= kinds
    first = document["chokepoints"][0]
    assert {"id", "pairs", "share", "unreachable", "added_total", "added_mean", "worst"} <= set(first)
    assert len(json.loads(file.read_text(encoding="utf-8"))["features"]) == len(document["chokepoints"])


def test_chokepoints_for_people_lists_the_worst_first(tmp_path: Path) -> None:
    places = tmp_path / "places.txt"
    places.write_text("Xi'an\nAlmaty\nTashkent\n", encoding="utf-8")
    result = run("chokepoints", "--places", str(places), "--kinds", "crossing,strait", "--limit", "2")
    assert result.exit_code == 0, result.output
    assert "3 places, 3 pairs by time, today" in result.stdout
    assert result.stdout.count("crossing ") <= 2


def test_routes_for_people_say_their_odds_against_each_other() -> None:
    several = run("route", "Almaty", "Istanbul", "--alternatives", "2")
    assert several.exit_code == 0, several.output
    assert several.stdout.count("; fastest of these in ") == 2
    assert "fastest of these" not in run("route", "Almaty", "Istanbul").stdout


def test_matrix_takes_all_amounts_and_processes(tmp_path: Path) -> None:
    file = tmp_path / "m.parquet"
    result = run(
        "matrix",
        "--places",
        "south-caucasus",
        "--modes",
        "rail",
        "--amounts",
        "all",
        "--processes",
        "1",
        "--out",
        str(file),
    )
    assert result.exit_code == 0, result.output
    assert set(json.loads(result.stdout)) == {"rows", "unreachable", "seconds"}
    assert file.stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("flow",), 2, "--to"),
        (("flow", "--to", "MNG"), 1, "if you open soyuz-vostok"),
        (("flow", "--to", "CHN", "--commodity", "water"), 2, "water"),
        (("flow", "--to", "Atlantis-on-Sea"), 1, "Atlantis"),
        (("chokepoints", "--kinds", "tunnel"), 2, "tunnel"),
        (("chokepoints", "--places", "dragons"), 1, "no group"),
        (
            ("matrix", "--places", "KAZ", "--out", "m.csv", "--scheduler", "tcp://x:1", "--processes", "2"),
            2,
            "not both",
        ),
    ],
)
def test_a_no_is_one_line_on_stderr_with_its_exit_code(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stdout == ""
