from __future__ import annotations

import itertools
import json
import re
from importlib.resources import files

import pytest

from layers.schema import Mode, PlaceKind, Status
from maps.content import LANGUAGES
from maps.style import TableName, line_style, style_table, styles

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
_DEFICIENCIES = {
    "none": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}
_LAND = {"colour": "#faf6ec", "dark": "#2b3036"}


_FAMILIES: dict[str, TableName] = {"mode": "mode", "status": "status", "kind": "place"}


def _linear(colour: str) -> tuple[float, ...]:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lab(colour: str, deficiency: str) -> tuple[float, float, float]:
    seen = [
        max(0.0, min(1.0, sum(a * b for a, b in zip(row, _linear(colour), strict=True))))
        for row in _DEFICIENCIES[deficiency]
    ]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    xyz = [sum(a * b for a, b in zip(row, seen, strict=True)) / w for row, w in zip(matrix, white, strict=True)]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_every_mode_status_and_kind_of_the_catalogue_has_a_style() -> None:
    assert set(styles("mode")) == {mode.value for mode in Mode} | {"other"}
    assert set(styles("status")) == {status.value for status in Status}
    assert {kind.value for kind in PlaceKind} <= set(styles("place"))


def test_every_style_has_a_word_in_the_four_languages() -> None:
    strings = json.loads(files("maps").joinpath("static/strings.json").read_text(encoding="utf-8"))

    keys = [f"{family}.{key}" for family, table in _FAMILIES.items() for key in styles(table)]

    assert [key for key in keys if key not in strings] == []
    assert [key for key, entry in strings.items() if set(entry) != set(LANGUAGES) or not all(entry.values())] == []


def test_every_text_the_scripts_ask_for_exists() -> None:
    strings = json.loads(files("maps").joinpath("static/strings.json").read_text(encoding="utf-8"))
    scripts = [
        entry.read_text(encoding="utf-8")
        for entry in files("maps").joinpath("static").iterdir()
        if entry.name.endswith(".js")
    ]

    asked = {key for script in scripts for key in re.findall(r'C\.t\("([^"]+)"', script)}

    assert asked - set(strings) == set()


def test_status_is_told_by_dashes_and_not_by_colour() -> None:
    dashes = [style.dash for style in styles("status").values()]

    assert len(set(dashes)) == len(dashes)
    assert {style.colour for style in styles("status").values()} == {""}


def test_place_kinds_of_one_colour_differ_in_marker_or_size() -> None:
    looks = [(style.marker, style.size, style.colour) for style in styles("place").values()]

    assert len(set(looks)) == len(looks)


def test_colours_are_written_as_six_hex_digits() -> None:
    for style in style_table():
        if style.table != "status":
            assert re.fullmatch(r"#[0-9a-f]{6}", style.colour), style
            assert re.fullmatch(r"#[0-9a-f]{6}", style.dark), style


@pytest.mark.parametrize("theme", ["colour", "dark"])
@pytest.mark.parametrize("deficiency", _DEFICIENCIES)
def test_line_modes_stay_apart_for_the_colour_blind(theme: str, deficiency: str) -> None:
    modes = [style for style in styles("mode").values() if style.key != "other"]

    for one, two in itertools.combinations(modes, 2):
        a, b = (_lab(getattr(style, theme), deficiency) for style in (one, two))
        distance = sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5
        assert distance > 9, (one.key, two.key, round(distance, 1))


@pytest.mark.parametrize("theme", ["colour", "dark"])
def test_lines_stand_out_from_the_land(theme: str) -> None:
    """WCAG 1.4.11 asks 3:1 of graphical objects."""
    land = _luminance(_LAND[theme])
    for style in styles("mode").values():
        line = _luminance(getattr(style, theme))
        contrast = (max(land, line) + 0.05) / (min(land, line) + 0.05)
        assert contrast >= 3, (style.key, round(contrast, 2))


def test_an_unknown_mode_is_drawn_as_other() -> None:
    assert line_style(mode="camel", status="open")[0] == styles("mode")["other"].colour
