"""The description beside the files names each file, its columns, licence, sources and relations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geo.csv_text import csv_text
from geo.datapackage import DATA_PACKAGE, write_data_package
from geo.relations import Relation
from tests.geo.samples import all_kinds

RELATIONS = (
    Relation("claims", "name", "points", "id"),
    Relation("claims", "name", "railways", "id"),
    Relation("points", "name", "railways", "id"),
    Relation("points", "name", "elsewhere", "id"),
)


def described(folder: Path, suffix: str) -> dict[str, Any]:
    write_data_package(all_kinds(), folder, name="corridors", suffix=suffix, relations=RELATIONS)
    package = json.loads((folder / DATA_PACKAGE).read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


def test_licence_sources_and_counts_are_those_of_the_layer(tmp_path: Path) -> None:
    railways = described(tmp_path, "geojsonl")["railways"]
    assert railways["path"] == "railways.geojsonl"
    assert railways["licenses"] == [{"name": "ODbL-1.0", "title": "ODbL-1.0"}]
    assert railways["sources"][1] == {
        "title": "A page (2020). https://example.org/a?b=1&c=<2>",
        "path": "https://example.org/a?b=1&c=<2>",
    }
    assert (railways["rows"], railways["date"], railways["accuracy"]) == (2, "2026-11-21", "1 track")
    assert railways["crs"] == "WGS 84 longitude and latitude (OGC:CRS84)"


def test_schema_lists_the_columns_of_the_csv_file(tmp_path: Path) -> None:
    for layer in all_kinds():
        fields = described(tmp_path, "csv")[layer.name]["schema"]["fields"]
        assert ",".join(field["name"] for field in fields) == csv_text(layer).partition("\r\n")[0]


def test_only_a_column_that_points_at_one_table_is_a_foreign_key(tmp_path: Path) -> None:
    resources = described(tmp_path, "parquet")
    assert resources["points"]["schema"]["foreignKeys"] == [
        {"fields": "name", "reference": {"resource": "railways", "fields": "id"}}
    ]
    assert "foreignKeys" not in resources["claims"]["schema"]
