"""What the door promises of every format: limits, one error with all that is wrong, nothing left behind."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import pytest

from geo.door import Limits, open_layer
from geo.errors import CorridorsError, ImportRefusedError
from geo.reading.records import printable

POINT = '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}'


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "layer.geojsonl"
    file.write_text("\n".join([POINT] * 5), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing.geojson", "is not there"),
        ("layer", "no ending"),
        ("layer.xlsx", "not one that is read; convert it to one of .geojson"),
    ],
)
def test_what_cannot_be_a_layer_is_refused(tmp_path: Path, name: str, why: str) -> None:
    if "missing" not in name:
        (tmp_path / name).write_text("x", encoding="utf-8")

    with pytest.raises(ImportRefusedError) as refusal, open_layer(tmp_path / name):
        pass

    assert why in str(refusal.value)
    assert str(refusal.value).startswith(str(tmp_path / name))
    assert isinstance(refusal.value, CorridorsError)
    assert isinstance(refusal.value, ValueError)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layer.geojson").touch()

    with pytest.raises(ImportRefusedError, match="is empty"), open_layer(tmp_path / "layer.geojson"):
        pass


def test_a_file_above_the_limit_is_refused_and_below_it_read(lines: Path) -> None:
    size = lines.stat().st_size

    with (
        pytest.raises(ImportRefusedError, match="is larger than"),
        open_layer(lines, limits=Limits(max_bytes=size - 1)),
    ):
        pass
    with open_layer(lines, limits=Limits(max_bytes=size)) as opened:
        assert len(list(opened)) == 5


def test_rows_above_the_limit_are_refused(lines: Path) -> None:
    with (
        pytest.raises(ImportRefusedError, match="more than 4 rows"),
        open_layer(lines, limits=Limits(max_rows=4)) as opened,
    ):
        list(opened)


def test_rows_are_read_once(lines: Path) -> None:
    with open_layer(lines) as opened:
        list(opened)
        with pytest.raises(RuntimeError, match="can be read once"):
            iter(opened)


def test_the_report_tells_the_file_and_its_sum(lines: Path) -> None:
    with open_layer(lines) as opened:
        list(opened)

    assert opened.report.file == "layer.geojsonl"
    assert opened.report.layer == opened.name == "layer"
    assert opened.report.sha256 == hashlib.sha256(lines.read_bytes()).hexdigest()


def test_the_private_copy_is_removed_even_after_an_error(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def fail() -> None:
        with open_layer(lines) as opened:
            assert len(list(temporary.iterdir())) == 1
            assert next(iter(opened)).row == 0
            raise KeyError("of the caller")

    with pytest.raises(KeyError):
        fail()
    assert list(temporary.iterdir()) == []


def test_a_change_of_the_file_after_opening_changes_nothing(lines: Path) -> None:
    with open_layer(lines) as opened:
        lines.write_text("{}", encoding="utf-8")
        assert len(list(opened)) == 5


@pytest.mark.parametrize("crs", ["EPSG:999999", "nonsense", "+proj=longlat", "EPSG:4978", ""])
def test_a_reference_system_that_is_none_is_refused(lines: Path, crs: str) -> None:
    if not crs:
        with open_layer(lines, crs=crs) as opened:
            assert opened.report.crs == "OGC:CRS84"
        return
    with pytest.raises(ImportRefusedError, match="reference system"), open_layer(lines, crs=crs):
        pass


def test_a_layer_of_a_format_that_has_one_is_refused(lines: Path) -> None:
    with pytest.raises(ImportRefusedError, match="has one layer only"), open_layer(lines, layer="a"):
        pass


def test_a_report_is_plain_data(lines: Path) -> None:
    with open_layer(lines, skip_invalid=True) as opened:
        list(opened)
    report = opened.report

    assert json.loads(json.dumps([report.read, report.kept, report.repaired, report.refused, report.warnings])) == [
        5,
        5,
        [],
        [],
        [],
    ]


def test_text_for_a_message_is_one_short_line() -> None:
    assert printable("a\nb\x1b[2J\u202e\u0000c") == "a\ufffdb\ufffd[2J\ufffd\ufffdc"
    assert printable("x" * 100) == "x" * 79 + "…"
    assert printable("Шёлковый путь 铁路") == "Шёлковый путь 铁路"
