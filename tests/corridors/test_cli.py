"""The command line as other programs use it."""

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


def test_route_json_prints_one_document_and_nothing_else() -> None:
    result = run("route", "Xi'an", "Moscow", "--modes", "rail", "--by", "distance", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["origin"]["id"] == "xian"
    assert document["objective"] == "distance"
    assert document["scenario"] == "today"
    assert result.stderr == ""


def test_route_for_people_is_a_table_of_legs() -> None:
    result = run("route", "Aktau", "Baku")
    assert result.exit_code == 0
    assert "km" in result.stdout
    assert "ferry" in result.stdout


def test_route_writes_geojson_and_map(tmp_path: Path) -> None:
    result = run(
        "route",
        "Almaty",
        "Poti",
        "--modes",
        "rail,ferry",
        "--avoid",
        "RUS",
        "--geojson",
        str(tmp_path / "legs.geojson"),
        "--map",
        str(tmp_path / "route.html"),
    )
    assert result.exit_code == 0, result.output
    features = json.loads((tmp_path / "legs.geojson").read_text(encoding="utf-8"))["features"]
    assert {"ferry", "border"} <= {feature["properties"]["kind"] for feature in features}
    assert (tmp_path / "route.html").stat().st_size > 100_000


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("route", "Nowhereville", "Baku"), 1, "Nowhereville"),
        (("route", "Almaty", "Baku", "--avoid", "Atlantis"), 1, "Atlantis"),
        (("route", "Almaty", "Baku", "--scenario", "dreams"), 1, "today"),
        (("route", "200,10", "Baku"), 1, "lon,lat"),
        (("route", "Almaty", "Baku", "--modes", "camel"), 2, "camel"),
        (("route", "Almaty"), 2, "Missing argument"),
        (("export", "--layers", "dragons"), 2, "dragons"),
        (("show", "no-such-thing-at-all"), 1, "no-such-thing"),
        (("search", "zzzzzzzz"), 1, "zzzzzzzz"),
    ],
)
def test_a_no_is_one_line_on_stderr_with_its_exit_code(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stdout == ""
    if code == 1:
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["西安", "Сиань", "Shian", "Xian"])
def test_search_finds_xian_in_any_language(name: str) -> None:
    document = json.loads(run("search", name, "--json").stdout)
    best = document["results"][0]
    assert best["target"] == "place:xian"
    assert set(best) == {"id", "target", "name", "kind", "lon", "lat", "match", "language"}


def test_show_lists_claims_that_disagree_with_their_sources() -> None:
    document = json.loads(run("show", "cku-railway", "--json").stdout)
    lengths = [claim for claim in document["claims"] if claim["attribute"] == "length"]
    assert len({claim["value"] for claim in lengths}) >= 2
    assert sum(claim["adopted"] for claim in lengths) == 1
    assert "length" in document["conflicts"]
    assert all(claim["source"] for claim in lengths)
    assert document["geometry"]["type"] == "MultiLineString"
    assert document["grade"] in {"track", "traced", "schematic"}
    text = run("show", "CKU").stdout
    assert "cku-railway" in text


def test_a_new_study_adds_a_line_that_routes_use(tmp_path: Path) -> None:
    study = tmp_path / "study"
    assert run("new", str(study)).exit_code == 0
    assert run("new", str(study)).exit_code == 1
    (study / "catalogue/lines/own.yaml").write_text(
        "- id: my-ferry\n  names: {en: My ferry}\n  mode: ferry\n  status: open\n"
        "  waypoints: [aktau-port, [50.6, 42.5], makhachkala-port]\n  sources: [own]\n",
        encoding="utf-8",
    )
    shown = json.loads(run("show", "my-ferry", "--study", str(study), "--json").stdout)
    assert shown["target"] == "line:my-ferry"
    found = json.loads(
        run("route", "aktau-port", "makhachkala-port", "--modes", "ferry", "--study", str(study), "--json").stdout
    )
    assert found["routes"][0]["legs"][0]["lines"] == ["my-ferry"]


def test_a_wrong_record_is_named_with_file_line_and_reason(tmp_path: Path) -> None:
    study = tmp_path / "study"
    run("new", str(study))
    (study / "catalogue/lines/own.yaml").write_text(
        "- id: My Line\n  names: {en: x}\n  mode: camel\n  status: open\n  waypoints: [xian]\n  sources: []\n",
        encoding="utf-8",
    )
    result = run("search", "Xian", "--study", str(study))
    assert result.exit_code == 1
    for word in ("own.yaml:1", "slug", "camel" if "camel" in result.stderr else "mode", "waypoints"):
        assert word in result.stderr
