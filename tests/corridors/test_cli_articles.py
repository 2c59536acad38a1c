"""articles, review, coverage, show and build --articles as other programs use them."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import fiona
import pytest
from click.testing import CliRunner, Result

from corridors.atlas import Atlas
from corridors.cli import main
from corridors.coverage import coverage_json
from corridors.evidence import mention_lines, mention_texts, mentions_json, with_leg_mentions
from corridors.review import review_items
from geo.layer import layer_faults
from layers.articles.decisions import Decisions
from layers.mentions import mentions_table

TEXT = (
    "New service through Khorgos\n\nMay 24, 2023\n\nA train left Xi’an for Almaty on Monday. "
    "It will cross the border at Khorgos, where Kazakhstan changes the gauge. "
    "Critics say that Centreal Asia needs the Wakhan Corridor as well. "
    "Beijing spoke of the China–Kyrgyzstan–Uzbekistan railway.\n"
)


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRIDORS_CACHE", str(tmp_path_factory.getbasetemp() / "cli-cache"))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run_json(*arguments: str | Path) -> Any:  # noqa: ANN401 - JSON of several shapes
    return json.loads(run(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has taken one good article in, and refused one."""
    folder = tmp_path_factory.mktemp("articles")
    inbox = folder / "in"
    inbox.mkdir()
    (inbox / "=service.txt").write_text(TEXT, encoding="utf-8")
    (inbox / "bomb.txt").write_bytes(b"PK\3\4")
    assert run("new", folder / "study").exit_code == 0
    result = run("articles", inbox, "--study", folder / "study", "--export", folder / "export", "--json")
    assert result.exit_code == 1
    (folder / "answer.json").write_text(result.stdout, encoding="utf-8")
    return folder


def test_articles_json_has_the_promised_keys(study: Path) -> None:
    document = json.loads((study / "answer.json").read_text(encoding="utf-8"))
    (article,) = document["articles"]
    assert set(article) >= {"id", "file", "sha256", "reference", "mentions", "events", "figures"}
    promised = {"start", "end", "surface", "kind", "target", "sense", "match", "confidence", "status", "boilerplate"}
    assert all(set(mention) >= promised for mention in article["mentions"])
    assert all(TEXT[m["start"] : m["end"]] == m["surface"] for m in article["mentions"])
    assert "line:cku-railway" in {mention["target"] for mention in article["mentions"]}
    (failed,) = document["failed"]
    assert "ZIP archive" in failed["error"]


def test_records_out_are_records_in(study: Path) -> None:
    (article,) = json.loads((study / "answer.json").read_text(encoding="utf-8"))["articles"]
    found = len(article["mentions"]) + len(article["events"]) + len(article["figures"])
    export = study / "export"
    annotations = json.loads((export / "annotations.jsonld").read_text(encoding="utf-8"))
    assert annotations["total"] == len(annotations["first"]["items"]) == found
    with (export / "mentions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(int(r["start"]), r["surface"]) for r in rows] == [(m["start"], m["surface"]) for m in article["mentions"]]
    with fiona.open(export / "mentions.gpkg") as layer:
        features = list(layer)
    assert [f.properties["surface"] for f in features] == [m["surface"] for m in article["mentions"]]
    at = {f.properties["target"]: f.geometry for f in features}
    assert at["place:xian"] is not None
    assert at["country:KAZ"] is None
    places = json.loads((export / "places.lpf.json").read_text(encoding="utf-8"))
    wanted = {m["target"] for m in article["mentions"] if m["kind"] in ("place", "city", "country") and m["target"]}
    assert {feature["@id"].removeprefix("urn:corridors:") for feature in places["features"]} == wanted
    for feature in places["features"]:
        assert feature["properties"]["title"]
        assert feature["properties"]["fclasses"]
        assert any(name.get("citations") for name in feature["names"])


def test_csv_is_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    from layers.articles.exports import write_mentions_csv
    from layers.articles.library import Library
    from layers.articles.records import Annotated, Article, Mention

    hostile = tuple(
        Mention(n, n + 1, f"{sign}1+cmd|x", "unmatched", "", "place", "exact", "r", 0.5)
        for n, sign in enumerate("=+-@\t\r")
    )
    write_mentions_csv(Library({"a": Annotated(Article("a", "x", "", "en", {}), hostile)}), tmp_path / "m.csv")
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row["surface"] for row in csv.DictReader(stream)]
    assert [cell[0] for cell in cells] == ["'"] * len(hostile)
    assert [cell[1:] for cell in cells] == [mention.surface for mention in hostile]


def test_review_lists_decides_and_offers_again(study: Path, tmp_path: Path) -> None:
    folder = study / "study"
    document = run_json("review", "--study", folder)
    mine = {item["surface"]: item for item in document["items"] if item["article"] == "service"}
    assert mine["Centreal Asia"]["reason"] == "fuzzy"
    assert mine["Wakhan Corridor"]["reason"] == "unmatched"
    assert "Critics say that" in mine["Centreal Asia"]["before"]
    fuzzy, unmatched = mine["Centreal Asia"]["item"], mine["Wakhan Corridor"]["item"]
    assert run("review", "--study", folder, "confirm", fuzzy).exit_code == 0
    refused = run("review", "--study", folder, "confirm", unmatched)
    assert refused.exit_code == 1
    assert "has no target to confirm" in refused.stderr
    assert run("review", "--study", folder, "retarget", unmatched, "no-such-thing").exit_code == 1
    assert run("review", "--study", folder, "retarget", unmatched, "middle-corridor").exit_code == 0
    left = {item["surface"] for item in run_json("review", "--study", folder)["items"] if item["article"] == "service"}
    assert not {"Centreal Asia", "Wakhan Corridor"} & left
    evidence = run_json("show", "middle-corridor", "--study", folder)["mentions"]
    assert any(m["surface"] == "Wakhan Corridor" and m["status"] == "confirmed" for m in evidence)
    # another article with the same name: what was decided is offered
    (tmp_path / "second.txt").write_text("Traders in Osh hope for Centreal Asia and more trains.", encoding="utf-8")
    assert run("articles", tmp_path / "second.txt", "--study", folder).exit_code == 0
    again = [item for item in run_json("review", "--study", folder)["items"] if item["article"] == "second"]
    assert again[0]["offered"][0]["verdict"] == "confirm"
    assert run("review", "--study", folder, "reject", again[0]["item"], "--everywhere").exit_code == 0
    assert run("review", "confirm", fuzzy).exit_code == 2


def test_a_reviewed_name_that_is_lost_is_an_orphan_with_an_exit_code(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    run("new", folder)
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    assert run("articles", tmp_path / "a.txt", "--study", folder).exit_code == 0
    item = next(
        i for i in run_json("review", "--study", folder)["items"] if i["article"] == "a" and "Centreal" in i["surface"]
    )
    assert run("review", "--study", folder, "confirm", item["item"]).exit_code == 0
    (tmp_path / "a.txt").write_text(TEXT.replace("Critics say that Centreal Asia needs", "All need"), encoding="utf-8")
    result = run("articles", tmp_path / "a.txt", "--study", folder)
    assert result.exit_code == 1
    assert "lost" in result.stderr
    listed = run("review", "--study", folder)
    assert listed.exit_code == 1
    assert "orphan" in listed.stdout


def test_a_folder_that_is_no_study_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    result = run("articles", tmp_path / "a.txt", "--study", tmp_path)
    assert result.exit_code == 1
    assert "corridors new" in result.stderr
    nothing = run("articles", tmp_path / "none.txt", "--json")
    assert nothing.exit_code == 1
    assert nothing.stdout == ""


def test_a_run_that_is_killed_leaves_a_study_that_opens(tmp_path: Path) -> None:
    folder, inbox = tmp_path / "study", tmp_path / "in"
    run("new", folder)
    inbox.mkdir()
    for number in range(16):
        (inbox / f"a{number:02}.txt").write_text(TEXT * 10, encoding="utf-8")
    command = [sys.executable, "-m", "corridors.cli", "articles", str(inbox), "--study", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(600):
            if len(list((folder / "articles").glob("a*"))) >= 3 or process.poll() is not None:
                break
            time.sleep(0.05)
        process.kill()
    done = len(list((folder / "articles").glob("a*")))
    assert done >= 3
    document = run_json("review", "--study", folder)
    assert document["damaged"] == []
    assert run_json("articles", inbox, "--study", folder)["unchanged"] >= done


# the shipped evidence


def test_show_tells_who_names_a_line_with_date_and_position(atlas: Atlas) -> None:
    mentions = mentions_json(atlas.library, "line:cku-railway")
    cited = [m for m in mentions if m["article"].startswith("ankasam")]
    assert cited
    assert cited[0]["before"] == ""
    briefs = [m for m in mentions if m["article"].startswith("corridors-2026")]
    assert all(m["before"] or m["after"] for m in briefs)
    assert all(m["date"] and m["end"] > m["start"] for m in mentions if m["article"] in atlas.catalogue.sources)
    assert any(line.startswith("mention: ankasam-2023") for line in mention_texts(mentions))


def test_the_mentions_table_is_whole_and_can_be_written(atlas: Atlas) -> None:
    table = mentions_table(atlas.library)
    assert layer_faults(table) == []
    assert len(table.features) == sum(len(a.mentions) for a in atlas.library.articles.values())
    assert {feature.properties["article"] for feature in table.features} <= set(atlas.cited.sources)


def test_panels_of_lines_events_and_figures_quote_the_briefs(atlas: Atlas) -> None:
    lines = mention_lines(atlas.library, "line:cku-railway")
    assert any(line.before and line.position is not None for line in lines)
    events = [key for key in atlas.catalogue.events if mention_lines(atlas.library, f"event:{key}")]
    assert events


def test_legs_tell_how_often_their_lines_are_named(atlas: Atlas) -> None:
    document = {"routes": [{"legs": [{"lines": ["cku-railway", "no-such-line"]}]}]}
    (leg,) = with_leg_mentions(document, atlas.library)["routes"][0]["legs"]
    assert leg["mentions"]["cku-railway"] == len(atlas.library.mentions_of["line:cku-railway"])
    assert leg["mentions"]["no-such-line"] == 0


def test_coverage_counts_each_feature_once_and_ages_support(atlas: Atlas) -> None:
    import datetime as dt

    document = coverage_json(atlas.catalogue, atlas.library, dt.date(2026, 11, 1))
    named = {feature["target"] for feature in document["features"]}
    unnamed = {feature["target"] for feature in document["unmentioned"]}
    assert not named & unnamed
    assert len(named) + len(unnamed) == len(atlas.catalogue.lines) + len(atlas.catalogue.corridors)
    cku = next(feature for feature in document["features"] if feature["target"] == "line:cku-railway")
    assert cku["newest"] <= "2026-11-01"
    assert 0 <= cku["age_years"] < 3
    assert all(row["articles"] for row in document["not_in_catalogue"])


def test_the_shipped_articles_have_something_to_review(atlas: Atlas) -> None:
    items = list(review_items(atlas.library, Decisions()))
    assert "ambiguous" in {item.reason for item in items}
    assert all(item.mention.status != "orphan" for item in items)


DOCUMENT = Path(__file__).parents[2] / "docs" / "articles.md"
COMMANDS = re.findall(r"^\.venv/bin/corridors (.+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)


def test_commands_of_the_document_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "layers").symlink_to(DOCUMENT.parents[1] / "layers")
    assert len(COMMANDS) == 5
    for command in COMMANDS:
        result = run(*shlex.split(command))
        assert result.exit_code == 0, (command, result.stderr)
        assert result.stdout
