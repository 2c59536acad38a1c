"""The shipped layers in every format, as GDAL, GeoPandas and web maps read them."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd
import pytest

from corridors.build import LAYER_ORDER
from corridors.exchange import FORMATS, OUTPUTS, Export, folders_print, write_export
from geo.atomic import manifest_faults
from geo.errors import WriteError
from geo.layer import Layer
from network.table import Network
from tests.geo.samples import all_kinds
from tests.gis.conftest import Exported

FOLDERS = {"layers": "geojson", "geojsonl": "geojsonl", "flatgeobuf": "fgb", "parquet": "parquet", "csv": "csv"}
ROOT = Path(__file__).parents[2]
WRITE = """
import sys
from pathlib import Path
from corridors.exchange import FORMATS, Export, write_export
from tests.geo.samples import all_kinds
layers = {layer.name: layer for layer in all_kinds() if layer.name not in {"claims", "sources"}}
made = Export(tuple(layers), lambda: layers, None, "2026-11-21T00:00:00.000Z", "")
write_export(made, [name for name in FORMATS if name != "graphml"], Path(sys.argv[1]))
"""


def layers_of(exported: Exported) -> dict[str, Layer]:
    return dict(exported.export.layers())


def test_every_format_and_layer_is_there_and_listed(exported: Exported) -> None:
    names = {output for outputs in OUTPUTS.values() for output in outputs}
    assert {entry.name for entry in exported.folder.iterdir()} == names | {"export.json"}
    for folder, suffix in FOLDERS.items():
        assert {file.stem for file in (exported.folder / folder).glob(f"*.{suffix}")} == set(LAYER_ORDER)
        assert manifest_faults(exported.folder / folder) == []
        assert (exported.folder / folder / "datapackage.json").is_file()


@pytest.mark.gdal
@pytest.mark.parametrize("file", ["*.geojson", "*.geojsonl", "*.fgb", "*.csv", "corridors.kml", "corridors.gpkg"])
def test_gdal_reads_counts_crs_and_fields(file: str, exported: Exported) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed (Debian package gdal-bin)")
    layers = layers_of(exported)
    by_title = {layer.title: layer for layer in layers.values()}
    found = set()
    for path in sorted(exported.folder.rglob(file)):
        if path.stat().st_size == 0:
            continue  # newline-delimited GeoJSON without features: GDAL opens no empty file
        done = subprocess.run(["ogrinfo", "-so", "-al", "-ro", str(path)], capture_output=True, encoding="utf-8")  # noqa: PLW1510
        assert (done.returncode, done.stderr) == (0, "")
        for text in done.stdout.split("\nLayer name: ")[1:]:
            name = text.partition("\n")[0]
            layer = layers.get(name) or by_title.get(name)
            if layer is None:
                assert name == "layer_styles"
                continue
            found.add(layer.name)
            assert f"Feature Count: {len(layer.features)}\n" in text
            assert layer.geometry_type is None or "WGS 84" in text
            fields = {line.lower() for line in re.findall(r"^(\w+): \w+ ?\(", text, re.MULTILINE)}
            assert {"id", *(field.name for field in layer.fields)} - fields == set() or not layer.features
    assert len(found) >= len([layer for layer in layers.values() if layer.geometry_type])


def test_geopandas_reads_every_parquet_with_its_sources(exported: Exported) -> None:
    for name, layer in layers_of(exported).items():
        path = exported.folder / "parquet" / f"{name}.parquet"
        if layer.geometry_type is None:
            assert len(pd.read_parquet(path)) == len(layer.features)
            continue
        frame = gpd.read_parquet(path)
        assert frame.crs == "OGC:CRS84"
        assert frame["id"].tolist() == [feature.id for feature in layer.features]
        assert frame["citations"].notna().sum() == sum(bool(f.properties["citations"]) for f in layer.features)


@pytest.mark.parametrize("name", LAYER_ORDER)
def test_web_maps_take_the_geojson_as_it_is(name: str, exported: Exported) -> None:
    """As kepler.gl, deck.gl and Leaflet do: a collection, flat values, the same columns in each, finite numbers."""
    content = json.loads((exported.folder / "layers" / f"{name}.geojson").read_text(encoding="utf-8"))
    assert content["type"] == "FeatureCollection"
    columns = {tuple(feature["properties"]) for feature in content["features"]}
    assert len(columns) <= 1
    for feature in content["features"]:
        assert all(value is None or isinstance(value, str | int | float) for value in feature["properties"].values())
        assert all(math.isfinite(value) for value in feature["properties"].values() if isinstance(value, float))


def test_every_line_carries_grade_and_citations_in_every_format(exported: Exported) -> None:
    railway = next(f for f in layers_of(exported)["railways"].features if f.id == "cku-railway")
    words = str(railway.properties["citations"]).split(" | ")[-1]
    for path in (
        "layers/railways.geojson",
        "geojsonl/railways.geojsonl",
        "csv/railways.csv",
        "flatgeobuf/railways.fgb",
    ):
        content = (exported.folder / path).read_text(encoding="utf-8", errors="replace")
        assert words in content, path
        assert str(railway.properties["grade"]) in content
    for path in ("parquet/railways.parquet", "corridors.gpkg"):
        frame = (gpd.read_parquet if path.endswith("parquet") else lambda p: gpd.read_file(p, layer="railways"))(
            exported.folder / path
        )
        assert words in str(frame.set_index("id").loc["cku-railway", "citations"])


def test_graph_says_whose_it_is(exported: Exported) -> None:
    with (exported.folder / "network.graphml").open(encoding="utf-8") as lines:
        head = "".join(line for _, line in zip(range(60), lines, strict=False))
    graph: nx.Graph[str] = nx.parse_graphml(head.partition("<node")[0] + "</graph></graphml>")
    assert graph.graph["licence"] == "ODbL-1.0"
    assert "OpenStreetMap" in graph.graph["attribution"]


# resuming, determinism


def small_export(names: tuple[str, ...] = ("railways", "points")) -> Export:
    layers = {layer.name: layer for layer in all_kinds() if layer.name in names}

    def no_network() -> Network:
        raise AssertionError

    return Export(tuple(layers), lambda: layers, no_network, "2026-11-21T00:00:00.000Z", "print")


def test_export_that_was_cut_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            "corridors.exchange.write_kml", lambda *_, **__: (_ for _ in ()).throw(WriteError("disk is full"))
        )
        with pytest.raises(WriteError, match="disk is full"):
            write_export(small_export(), ["geojson", "fgb", "kml", "csv"], tmp_path)
    written = write_export(small_export(), ["geojson", "fgb", "kml", "csv"], tmp_path, resume=True)
    assert written == {"geojson": False, "fgb": False, "kml": True, "csv": True}
    assert not any(write_export(small_export(), ["geojson", "kml"], tmp_path, resume=True).values())


def test_resuming_writes_anew_what_was_changed_or_is_of_other_layers(tmp_path: Path) -> None:
    formats = ["geojson", "gpkg"]
    write_export(small_export(), formats, tmp_path)  # type: ignore[arg-type]  # two of the formats
    (tmp_path / "layers" / "railways.geojson").write_text("{}", encoding="utf-8")
    written = write_export(small_export(), formats, tmp_path, resume=True)  # type: ignore[arg-type]  # as above
    assert written == {"geojson": True, "gpkg": False}
    (tmp_path / "corridors.gpkg").unlink()
    written = write_export(small_export(), formats, tmp_path, resume=True)  # type: ignore[arg-type]  # as above
    assert written == {"geojson": False, "gpkg": True}
    assert all(write_export(small_export(("railways",)), ["geojson"], tmp_path, resume=True).values())


def test_other_data_is_another_export(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("one", encoding="utf-8")
    first = folders_print([tmp_path])
    (tmp_path / "articles" / "a.pyc").write_text("compiled", encoding="utf-8")
    assert folders_print([tmp_path]) == first
    (tmp_path / "articles" / "a.txt").write_text("two", encoding="utf-8")
    assert folders_print([tmp_path]) != first


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", WRITE, tmp_path / seed], check=True, env=environment, cwd=ROOT)
    files = sorted(path.relative_to(tmp_path / "0") for path in (tmp_path / "0").rglob("*") if path.is_file())
    assert len(files) > 30
    for file in files:
        assert (tmp_path / "0" / file).read_bytes() == (tmp_path / "4242" / file).read_bytes(), file


def test_formats_are_those_the_command_lists() -> None:
    assert set(FORMATS) == set(OUTPUTS)
