"""A QGIS project is written without QGIS: groups, looks, relations, relative paths, nothing a text could break."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest
from defusedxml import ElementTree

from geo.errors import LayerError
from geo.geopackage import write_geopackage
from geo.layer import Feature
from geo.qgis_project import LayerGroup, Project, project_text, write_qgis_project
from geo.relations import Relation
from tests.geo.samples import all_kinds

GROUPS = (
    LayerGroup("Points & more", ("points", "absent"), detailed=frozenset({"points"})),
    LayerGroup("Empty", ("absent",)),
    LayerGroup("Lines", ("railways", "ferries"), hidden=frozenset({"ferries"})),
)
PROJECT = Project(
    "Corridors <of> Eurasia",
    GROUPS,
    (Relation("claims", "name", "railways", "name"), Relation("claims", "name", "absent", "name")),
    (20.0, 10.0, 140.0, 60.0),
)


def document(project: Project = PROJECT):  # type: ignore[no-untyped-def]  # noqa: ANN201 - no element type
    return ElementTree.fromstring(project_text(project, all_kinds(), geopackage="a.gpkg").encode())


def test_groups_come_in_order_and_layers_in_no_group_at_the_end() -> None:
    tree = document().find("layer-tree-group")
    assert [(child.get("name"), child.get("checked")) for child in tree] == [
        ("Points & more", "Qt::Checked"),
        ("Lines", "Qt::Checked"),
        ("Belts", "Qt::Checked"),
        ("Claims", "Qt::Checked"),
        ("Sources", "Qt::Checked"),
    ]
    assert [child.get("checked") for child in tree[1]] == ["Qt::Checked", "Qt::Unchecked"]


def test_every_path_is_relative_and_the_project_says_so() -> None:
    root = document()
    sources = [element.text for element in root.iter("datasource")]
    assert sources == [f"./a.gpkg|layername={layer.name}" for layer in all_kinds()]
    assert root.findtext("properties/Paths/Absolute") == "false"
    assert root.findtext("properties/SpatialRefSys/ProjectionsEnabled") == "1"


def test_ids_are_long_enough_for_qgis_and_meet_in_tree_layers_and_relations() -> None:
    root = document()
    ids = {element.text for element in root.findall("projectlayers/maplayer/id")}
    assert all(len(str(layer_id)) > 10 for layer_id in ids)
    assert {element.get("id") for element in root.iter("layer-tree-layer")} == ids
    relations = root.findall("relations/relation")
    assert len(relations) == 1
    assert {relations[0].get("referencingLayer"), relations[0].get("referencedLayer")} <= ids


def test_layer_has_its_look_and_metadata() -> None:
    railways, points = document().findall("projectlayers/maplayer")[:2]
    assert railways.find("renderer-v2").get("attr") == "name"
    metadata = railways.find("resourceMetadata")
    assert metadata.findtext("license") == "ODbL-1.0"
    assert [link.get("url") for link in metadata.iter("link")] == ["", "https://example.org/a?b=1&c=<2>"]
    assert (railways.get("minScale"), points.get("minScale")) == (None, "15000000")


def test_feature_is_called_by_its_caption_its_name_or_its_id() -> None:
    project = dataclasses.replace(PROJECT, captions={"points": "\"name\" || ' & more'"})
    captions = [element.text for element in document(project).iter("previewExpression")]
    assert captions == ['"name"', "\"name\" || ' & more'", '"name"', '"name"', '"name"', '"id"']


def test_long_texts_have_several_lines_in_the_form() -> None:
    long = dataclasses.replace(all_kinds()[1], features=(Feature("a", None, {"name": "word " * 40}),))
    root = ElementTree.fromstring(project_text(PROJECT, [long], geopackage="a.gpkg").encode())
    assert [field.get("name") for field in root.iter("field")] == ["name"]


def test_relation_to_a_missing_field_is_refused() -> None:
    project = dataclasses.replace(PROJECT, relations=(Relation("claims", "subject", "railways", "target"),))
    with pytest.raises(LayerError, match=r"claims\.subject, railways\.target"):
        document(project)


def test_project_in_the_geopackage_is_the_one_beside_it(tmp_path: Path) -> None:
    write_geopackage(all_kinds(), tmp_path / "a.gpkg", title="T", project=PROJECT)
    write_qgis_project(PROJECT, all_kinds(), tmp_path / "a.qgs", geopackage="a.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        ((name, content),) = database.execute("SELECT name, content FROM qgis_projects").fetchall()
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
        assert archive.namelist() == [f"{name}.qgs"]
        assert archive.read(f"{name}.qgs") == (tmp_path / "a.qgs").read_bytes()


def test_geopackage_with_a_project_has_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_geopackage(all_kinds(), tmp_path / name / "x.gpkg", title="T", project=PROJECT)
    assert (tmp_path / "a" / "x.gpkg").read_bytes() == (tmp_path / "b" / "x.gpkg").read_bytes()
