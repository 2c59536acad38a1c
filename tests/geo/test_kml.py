"""A KML document opens in a globe with folders, colours and texts, whatever the texts hold."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyogrio
import pytest
from defusedxml import ElementTree

from geo.errors import LayerError, WriteError
from geo.kml import kml_text, write_kml
from geo.layer import Feature
from tests.geo.samples import HOSTILE, all_kinds, points, railways

KML = {"k": "http://www.opengis.net/kml/2.2"}


def document(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - defusedxml has no element type
    return ElementTree.fromstring(text.encode()).find("k:Document", KML)


def test_each_layer_with_geometry_has_a_folder_with_its_licence() -> None:
    folders = document(kml_text(all_kinds(), title="Corridors <of> Eurasia")).findall("k:Folder", KML)
    assert [folder.findtext("k:name", "", KML) for folder in folders] == ["Railways", "Points", "Belts", "Ferries"]
    assert "Licence: ODbL-1.0" in folders[0].findtext("k:description", "", KML)


def test_values_stand_typed_and_unchanged() -> None:
    root = document(kml_text([points()], title="T"))
    types = {field.get("name"): field.get("type") for field in root.iter(f"{{{KML['k']}}}SimpleField")}
    assert types == {"id": "string", "name": "string", "gauge_mm": "int", "length_km": "double", "electrified": "bool"}
    names = [data.text for data in root.iter(f"{{{KML['k']}}}SimpleData") if data.get("name") == "name"]
    assert names == list(HOSTILE)


def test_integer_beyond_32_bits_is_declared_a_double() -> None:
    wide = dataclasses.replace(points(), features=(Feature("a", None, {"gauge_mm": 2**40}),))
    assert '<SimpleField type="double" name="gauge_mm">' in kml_text([wide], title="T")


def test_description_holds_no_markup_for_a_globe_to_show() -> None:
    marks = document(kml_text([points()], title="T")).iter(f"{{{KML['k']}}}Placemark")
    texts = [mark.findtext("k:description", "", KML) for mark in marks]
    assert "name: &lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp;amp; ]]&gt;" in texts[2]
    assert not any("<" in text for text in texts)


def test_control_character_is_shown_as_replaced() -> None:
    layer = dataclasses.replace(points(), features=(Feature("a", None, {"name": "bell \x07 and \r end"}),))
    data = list(document(kml_text([layer], title="T")).iter(f"{{{KML['k']}}}SimpleData"))
    assert data[1].text == "bell \ufffd and \r end"


def test_feature_has_the_colour_of_its_category() -> None:
    root = document(kml_text([railways()], title="T"))
    urls = [mark.findtext("k:styleUrl", "", KML) for mark in root.iter(f"{{{KML['k']}}}Placemark")]
    assert urls == ["#railways-0", "#railways"]
    style = root.find("k:Style[@id='railways-0']", KML)
    # alpha, blue, green, red
    assert style.findtext("k:LineStyle/k:color", "", KML) == "ffb27200"


def test_gdal_reads_counts_and_geometry(tmp_path: Path) -> None:
    write_kml(all_kinds(), tmp_path / "a.kml", title="T")
    assert {name: pyogrio.read_info(tmp_path / "a.kml", layer=name)["features"] for name in ("Railways", "Belts")} == {
        "Railways": 2,
        "Belts": 1,
    }


def test_tables_alone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="needs a layer with geometry"):
        write_kml(all_kinds()[-2:], tmp_path / "a.kml", title="T")


def test_broken_document_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.kml").write_text("old", encoding="utf-8")
    monkeypatch.setattr("geo.kml.kml_text", lambda _layers, *, title: f"<kml><Placemark/>{title}")
    with pytest.raises(WriteError, match="written whole"):
        write_kml([railways()], tmp_path / "a.kml", title="T")
    assert (tmp_path / "a.kml").read_text(encoding="utf-8") == "old"


def test_two_writes_are_equal() -> None:
    assert kml_text(all_kinds(), title="T") == kml_text(all_kinds(), title="T")
