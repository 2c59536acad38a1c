"""``corridors check`` as other programs use it, and what must hold for the shipped catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from corridors.atlas import Atlas
from corridors.build import draw_layers, make_report
from corridors.check import check_atlas, print_check
from corridors.cli import main

KEYS = ["errors", "warnings", "lengths", "part_lengths", "grades", "components", "claims", "names"]


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One compiled network for all commands of this run, away from the user's own."""
    monkeypatch.setenv("CORRIDORS_CACHE", str(tmp_path_factory.getbasetemp() / "cli-cache"))


@pytest.fixture(scope="module")
def document(atlas: Atlas) -> dict[str, Any]:
    return check_atlas(atlas)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def test_shipped_catalogue_has_no_errors(document: dict[str, Any]) -> None:
    assert document["errors"] == []


def test_json_has_the_promised_keys(document: dict[str, Any]) -> None:
    result = run("--json")
    assert list(json.loads(result.stdout)) == KEYS
    assert json.loads(result.stdout) == document
    assert result.stderr == ""
    assert result.exit_code == (1 if document["errors"] else 0)


def test_every_finding_says_what_and_where(document: dict[str, Any]) -> None:
    for finding in [*document["errors"], *document["warnings"]]:
        assert list(finding) == ["check", "subject", "message"]
        assert finding["check"]
        assert finding["message"]


def test_lengths_are_published_and_drawn(document: dict[str, Any]) -> None:
    rows = {row["subject"]: row for row in document["lengths"]}
    row = rows["line:cku-railway"]
    assert list(row) == ["subject", "claim_km", "routed_km", "ratio"]
    assert row["ratio"] == pytest.approx(row["routed_km"] / row["claim_km"], abs=2e-4)
    assert {subject.partition(":")[0] for subject in rows} == {"line", "corridor"}


def test_report_of_a_build_holds_the_same_findings(atlas: Atlas, document: dict[str, Any]) -> None:
    assert make_report(atlas, draw_layers(atlas))["check"] == document


def test_tables_for_people_come_without_control_characters(
    document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = {"check": "length", "subject": "line:a\x1b[31m", "message": "red"}
    print_check(document | {"errors": [hostile]}, lambda text: text.replace("\x1b", ""))
    printed = capsys.readouterr().out
    assert "error: length: line:a[31m red" in printed
    assert "\x1b" not in printed
    assert "rail" in printed
    assert "1 errors" in printed


def test_catalogue_without_any_claim_is_no_error(atlas: Atlas, capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace

    bare = Atlas(replace(atlas.catalogue, claims=(), length_exceptions=()), atlas.fingerprint)
    document = check_atlas(bare)
    assert document["lengths"] == []
    print_check(document, str)
    assert "–" in capsys.readouterr().out


def test_exception_of_a_study_that_does_not_apply_is_an_error(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / "catalogue").mkdir(parents=True)
    (study / "catalogue" / "length_exceptions.csv").write_text(
        "subject,reason\nline:tashkent-samarkand,counts branches\n", encoding="utf-8"
    )
    result = run("--study", str(study))
    assert result.exit_code == 1
    assert "error: length-exception: line:tashkent-samarkand" in result.stdout


def test_exception_for_an_unknown_subject_is_refused_at_load(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / "catalogue").mkdir(parents=True)
    (study / "catalogue" / "length_exceptions.csv").write_text("subject,reason\nline:nowhere,none\n", encoding="utf-8")
    result = run("--study", str(study))
    assert result.exit_code == 1
    assert "unknown target 'line:nowhere'" in result.stderr
