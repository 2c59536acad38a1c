"""The strict JSON reader, features of RFC 7946, lines and text sequences."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.door import Limits, Report, Row, open_layer
from geo.errors import ImportRefusedError
from geo.layer import Field
from geo.reading.json_text import Doubled, JsonFault, JsonStream, depth, parse

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class _Trickle(io.BytesIO):
    """A file that gives a few bytes at a time, whatever is asked for."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self._step = step

    def read(self, _size: int | None = -1) -> bytes:
        return super().read(self._step)


def _read(
    tmp_path: Path, text: str, *, ending: str = ".geojson", skip_invalid: bool = False
) -> tuple[list[Row], Report]:
    file = tmp_path / f"layer{ending}"
    file.write_text(text, encoding="utf-8")
    with open_layer(file, skip_invalid=skip_invalid) as opened:
        return list(opened), opened.report


def _feature(properties: str = "{}", geometry: str = '{"type":"Point","coordinates":[1,2]}', more: str = "") -> str:
    return f'{{"type":"Feature",{more}"properties":{properties},"geometry":{geometry}}}'


def _collection(*features: str, more: str = "") -> str:
    return f'{{"type":"FeatureCollection",{more}"features":[{",".join(features)}]}}'


@given(
    value=_JSON,
    step=st.integers(1, 7),
    options=st.fixed_dictionaries({"ensure_ascii": st.booleans(), "indent": st.none() | st.integers(0, 2)}),
)
def test_a_stream_gives_what_the_whole_text_gives(value: object, step: int, options: dict[str, Any]) -> None:
    text = json.dumps(value, **options)

    stream = JsonStream(_Trickle(text.encode("utf-8", "surrogatepass"), step), Limits())
    found, _ = stream.value()
    stream.end()

    assert found == value or found != found  # noqa: PLR0124


@given(content=st.binary(max_size=60), step=st.integers(1, 7))
def test_a_stream_takes_what_the_standard_library_takes(content: bytes, step: int) -> None:
    try:
        expected = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        expected = JsonFault

    try:
        stream = JsonStream(_Trickle(content, step), Limits())
        found, _ = stream.value()
        stream.end()
    except JsonFault:
        found = JsonFault

    assert found == expected


def _refuse(name: str) -> None:
    raise ValueError(name)


def test_a_member_given_twice_is_kept_in_mind() -> None:
    doubled = parse('{"a": 1, "b": 2, "a": 3}')

    assert isinstance(doubled, Doubled)
    assert doubled.name == "a"


@pytest.mark.parametrize(
    ("text", "levels"), [("1", 0), ("[]", 1), ('{"a":[1,{"b":2}]}', 3), ("[" * 300 + "]" * 300, 257)]
)
def test_depth_counts_no_further_than_its_limit(text: str, levels: int) -> None:
    assert depth(parse(text), 256) == levels


def test_a_fault_tells_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match=r"line 3, column 3: no JSON: expecting"):
        _read(tmp_path, '{"type":"FeatureCollection",\n"features":[\n  oops]}')


def test_a_cut_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="was it cut off"):
        _read(tmp_path, _collection(_feature())[:-30])


def test_bytes_that_are_no_utf_8_tell_their_line(tmp_path: Path) -> None:
    file = tmp_path / "layer.geojson"
    file.write_bytes(b'{"type":"FeatureCollection",\n"name":"\xe9","features":[]}')

    with pytest.raises(ImportRefusedError, match="line 2: no UTF-8, found byte 0xe9"), open_layer(file):
        pass


def test_rows_carry_id_values_and_place(tmp_path: Path) -> None:
    rows, report = _read(tmp_path, _collection(_feature('{"a":1,"b":null,"c":"x","d":1.5,"e":true}', more='"id":7,')))

    assert (rows[0].row, rows[0].id) == (0, "7")
    assert rows[0].properties == {"a": 1, "b": None, "c": "x", "d": 1.5, "e": True}
    assert rows[0].geometry is not None
    assert rows[0].geometry.wkt == "POINT (1 2)"
    assert (report.read, report.kept, report.crs) == (1, 1, "OGC:CRS84")


def test_columns_are_as_wide_as_their_values(tmp_path: Path) -> None:
    file = tmp_path / "layer.geojson"
    features = [_feature('{"i":1,"r":1,"m":1,"n":null}'), _feature('{"i":2,"r":1.5,"m":"x","b":false}')]
    file.write_text(_collection(*features), encoding="utf-8")

    with open_layer(file) as opened:
        before = opened.fields
        list(opened)

    assert before is None
    assert {field.name: field.kind for field in opened.fields or ()} == {
        "i": "integer", "r": "real", "m": "text", "n": "text", "b": "boolean",
    }  # fmt: skip
    assert opened.report.warnings == ["column 'm' holds several kinds of values, read as text"]


def test_values_that_fit_no_column_become_text_and_are_told(tmp_path: Path) -> None:
    rows, report = _read(tmp_path, _collection(_feature('{"big":123456789012345678901,"list":[1,{"a":"й"}]}')))

    assert rows[0].properties == {"big": "123456789012345678901", "list": '[1, {"a": "й"}]'}
    assert report.warnings == [
        "property 'big' holds integers beyond 2^53, kept as text (row 0)",
        "property 'list' holds lists or objects, kept as JSON text (row 0)",
    ]


def test_half_a_character_is_replaced_and_told(tmp_path: Path) -> None:
    rows, report = _read(tmp_path, _collection(_feature('{"a":"x\\ud800","b\\udc00":"\\ud83d\\ude00"}')))

    assert rows[0].properties == {"a": "x\ufffd", "b\ufffd": "😀"}
    assert report.repaired == [(0, "half of a character (lone surrogate) replaced by U+FFFD")]


def test_names_that_half_characters_make_equal_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="twice"):
        _read(tmp_path, _collection(_feature('{"\\ud800":1,"\\ud801":2}')))


def test_refused_rows_are_listed_all_at_once(tmp_path: Path) -> None:
    bad = [_feature(geometry='{"type":"Point","coordinates":[1]}')] * 25

    with pytest.raises(ImportRefusedError) as refusal:
        _read(tmp_path, _collection(_feature(), *bad))

    lines = str(refusal.value).splitlines()
    assert "25 rows are refused and nothing was taken" in lines[0]
    assert lines[1] == "  row 1: Point has a position with 1 numbers; it needs longitude and latitude"
    assert len(lines) == 22
    assert lines[-1] == "  … and 5 more"


def test_rows_beside_refused_ones_are_kept_when_asked(tmp_path: Path) -> None:
    rows, report = _read(tmp_path, _collection(_feature(), "null", _feature()), skip_invalid=True)

    assert [row.row for row in rows] == [0, 2]
    assert report.refused == [(1, "is no object; expected a Feature")]
    assert (report.read, report.kept) == (3, 2)


def test_heights_are_dropped_and_counted(tmp_path: Path) -> None:
    rows, report = _read(tmp_path, _collection(*[_feature(geometry='{"type":"Point","coordinates":[1,2,3]}')] * 3))

    assert rows[0].geometry is not None
    assert not rows[0].geometry.has_z
    assert report.warnings == ["heights (Z) are not kept (3 rows, first row 0)"]


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n"])
def test_lines_are_rows(tmp_path: Path, separator: str) -> None:
    rows, report = _read(tmp_path, separator.join([_feature()] * 3), ending=".geojsonl")

    assert [row.row for row in rows] == [0, 1, 2]
    assert report.format == "GeoJSONL"


def test_a_text_sequence_is_read_and_its_cut_text_told(tmp_path: Path) -> None:
    text = "".join(f"\x1e{feature}\n" for feature in (_feature(), _feature()[:-9], _feature()))

    rows, report = _read(tmp_path, text, ending=".geojsons", skip_invalid=True)

    assert [row.row for row in rows] == [0, 2]
    assert report.format == "GeoJSON text sequence"
    assert report.refused[0][0] == 1


def test_a_file_of_lines_that_is_one_collection_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match=r"row 0: type is 'FeatureCollection'; expected 'Feature'"):
        _read(tmp_path, _collection(_feature()), ending=".geojsonl")


def test_a_file_of_our_own_gives_its_texts_back(tmp_path: Path) -> None:
    file = tmp_path / "layer.geojson"
    more = (
        '"name":"ports","title":"Ports","licence":"CC0-1.0","fields":[{"name":"depth","kind":"real",'
        '"unit":"m","description":"Depth"}],'
    )
    file.write_text(_collection(_feature('{"depth":10}'), more=more), encoding="utf-8")

    with open_layer(file) as opened:
        list(opened)

    assert opened.name == "ports"
    assert dict(opened.metadata) == {"title": "Ports", "licence": "CC0-1.0"}
    assert opened.fields == (Field("depth", "real", "Depth", "m"),)
