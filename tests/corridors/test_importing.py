"""A file comes into a study, whole or not at all, and routes, comparisons and areas use it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import corridors
import corridors.importing
from corridors.atlas import Atlas, load_atlas
from corridors.cli import main
from corridors.import_report import report_html, report_markdown, write_report
from corridors.importing import ImportOptions, ImportResult, import_layer, remove_import
from corridors.records import show_json
from corridors.study import create_study
from geo.errors import CorridorsError, ImportRefusedError, NameNotFoundError, RequestError, RouteRefusedError
from geo.geojson import geojson_text
from layers.catalogue import load_catalogue
from layers.features import areas_layer, line_layer
from layers.import_store import reading
from layers.names import name_index
from layers.schema import Mode
from layers.study_imports import import_folders, with_imports
from network.endpoint import resolve_endpoint
from network.request import Request, usable_links
from network.route import Answer
from network.scenarios import resolve_scenario

EXAMPLES = Path(__file__).parents[2] / "examples"
GUIDE = Path(__file__).parents[2] / "docs" / "importing.md"
STATED = ImportOptions(
    mode="rail",
    status="proposed",
    opened="2032",
    gauge_mm=1435,
    speed_kmh=80,
    snap_km=2,
    gauge_changes=("Osh",),
    crossings=("Irkeshtam",),
)
KEYS = ["file", "layer", "crs", "read", "kept", "repaired", "refused", "connected", "warnings"]


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One compiled network for all commands of this run, away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_CACHE", str(tmp_path_factory.getbasetemp() / "cli-cache"))
        yield


@pytest.fixture
def study(tmp_path: Path) -> Path:
    create_study(tmp_path / "study")
    return tmp_path / "study"


@dataclasses.dataclass(frozen=True)
class Example:
    """The worked example of docs/importing.md, its imports run as printed."""

    folder: Path
    study: Path
    plain: dict[str, Any]
    """Answer of the trial that states neither border nor gauge."""
    line: ImportResult
    """The import that states both, tried once more."""
    atlas: Atlas


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLES, folder / "examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = [run(*words) for words in commands() if words[0] in ("new", "import")]
        for result in done:
            assert result.exit_code == 0, result.output
        line = import_layer("examples/kashgar-osh.geojson", None, STATED, with_picture=True)
        yield Example(folder, folder / "study", json.loads(done[0].stdout), line, load_atlas(Path("study")))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def request_under(scenario: str, *avoid: str) -> Request:
    state = resolve_scenario(scenario)
    return Request(
        modes=(Mode.RAIL,),
        avoid=(*state.close, *avoid),
        opened=state.open,
        year=state.year or 2026,
        scenario=state.id,
        effects=state.effects,
    )


def ask(atlas: Atlas, scenario: str, *avoid: str) -> Answer:
    ends = [resolve_endpoint(atlas.catalogue, name)[0] for name in ("Kashgar", "Tashkent")]
    return atlas.router.route(ends[0], ends[1], request_under(scenario, *avoid))


def collection(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def feature(shape: str, coordinates: object, key: object = None, **properties: object) -> dict[str, Any]:
    found = {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}
    return found if key is None else {**found, "id": key}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


LINE = [[60.5, 46.9], [60.5, 46.5]]


# the worked example


def test_the_example_is_joined_at_two_stations_and_says_what_it_assumes(example: Example) -> None:
    assert list(example.line.document) == KEYS
    assert [node for node, _ in example.line.connected] == ["kashgar", "osh"]
    assert all(0 < km <= 2 for _, km in example.line.connected)
    assert (example.folder / "report.html").is_file()
    assumed = [text for text in example.line.report.warnings if text.startswith("assumed in this study")]
    assert len(assumed) == 2
    assert "border CHN–KGZ" in assumed[0]
    assert "gauges change at osh" in assumed[1]


def keeps_schema(document: dict[str, Any]) -> bool:
    schema = json.loads((corridors.SCHEMAS / "import.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid(document)


def test_the_answer_keeps_its_published_schema(example: Example, tmp_path: Path) -> None:
    rows = [feature("LineString", LINE, mode="rail"), feature("LineString", LINE, mode="funicular")]
    file = collection(tmp_path / "own.geojson", *rows)
    poor = import_layer(file, None, ImportOptions(skip_invalid=True)).document
    assert poor["refused"]
    assert keeps_schema(poor)
    assert keeps_schema(example.plain)
    assert keeps_schema(example.line.document)
    assert not keeps_schema({**poor, "more": 1})


@pytest.mark.usefixtures("example")
def test_the_example_changes_kashgar_tashkent_as_printed() -> None:
    (words,) = [words for words in commands() if words[0] == "compare"]
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "now over: kashgar-osh-direct" in result.stdout
    figures = re.search(r"runs (\S+) km instead of (\S+) km", " ".join(GUIDE.read_text(encoding="utf-8").split()))
    assert figures
    document = json.loads(run(*words, "--json").stdout)
    shown = [document["scenarios"][name]["routes"][0]["distance_km"] for name in document["scenarios"]]
    printed = [float(text.replace(",", "")) for text in reversed(figures.groups())]
    assert shown == pytest.approx(printed, rel=0.02)
    assert document["faster_share"] > 0.9


@pytest.mark.usefixtures("example")
def test_the_route_around_the_valley_runs_as_printed() -> None:
    (words,) = [words for words in commands() if words[0] == "route"]
    document = json.loads(run(*words, "--json").stdout)
    legs = document["routes"][0]["legs"]
    assert not any("kashgar-osh-direct" in leg["lines"] for leg in legs)
    assert any("Khorgos" in (leg["from"], leg["to"]) for leg in legs)


@pytest.mark.usefixtures("example")  # whose network is that of the same study
def test_the_python_example_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```py\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, GUIDE.name, "exec"), {})  # noqa: S102 - our own documentation
    assert (tmp_path / "study/imports/kashgar-osh/layer.gpkg").is_file()


def test_the_train_changes_gauge_at_osh_and_passes_the_stated_border(example: Example) -> None:
    answer = ask(example.atlas, "with:kashgar-osh-direct")
    legs = answer.routes[0].legs
    changes = [leg for leg in legs if leg.kind == "gauge_change"]
    assert [leg.start for leg in changes] == ["Osh"]
    assert changes[0].crossing == "study:kashgar-osh:osh"
    borders = [leg.crossing for leg in legs if leg.kind == "border" and set(leg.countries) == {"CHN", "KGZ"}]
    assert borders == ["study:kashgar-osh:irkeshtam"]
    assert any("assumes what its study states" in note for note in answer.notes)
    own = [leg for leg in legs if "kashgar-osh-direct" in leg.lines and leg.kind == "rail"]
    assert {leg.gauge_mm for leg in own} == {1435}
    assert all(leg.assumed for leg in own)
    assert sum(leg.distance_km for leg in own) / sum(leg.time_h for leg in own) == pytest.approx(80, rel=0.02)


def test_the_import_opens_by_its_own_name_or_by_its_announced_year(example: Example) -> None:
    by_line = ask(example.atlas, "with:kashgar-osh-direct").routes[0]
    by_import = ask(example.atlas, "with:kashgar-osh").routes[0]
    assert by_line.distance_km == by_import.distance_km
    announced = ask(example.atlas, "announced-2032").routes[0]
    assert any("kashgar-osh-direct" in leg.lines for leg in announced.legs)
    assert not any("kashgar-osh-direct" in leg.lines for leg in ask(example.atlas, "today").routes[0].legs)


def test_a_stated_crossing_can_be_closed_again(example: Example) -> None:
    shut = ask(example.atlas, "with:kashgar-osh-direct", "study:kashgar-osh:irkeshtam").routes[0]
    assert not any("kashgar-osh-direct" in leg.lines for leg in shut.legs)


def test_a_stated_crossing_can_be_delayed(example: Example, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    delay = "{'study:kashgar-osh:irkeshtam': {hours: 10}}"
    text = f"- {{id: own, name: Own, extends: today, open: [kashgar-osh], delay: {delay}}}"
    file.write_text(text, encoding="utf-8")
    hours = [
        sum(leg.time_h for leg in ask(example.atlas, name).routes[0].legs) for name in ("with:kashgar-osh", str(file))
    ]
    assert hours[1] - hours[0] == pytest.approx(10)
    file.write_text(text.replace("irkeshtam", "nowhere"), encoding="utf-8")
    with pytest.raises(NameNotFoundError, match="study:kashgar-osh:nowhere"):
        ask(example.atlas, str(file))


def test_no_leg_lies_inside_an_avoided_area(example: Example) -> None:
    (layer,) = [layer for layer in example.atlas.catalogue.imports if layer.shapes]
    shape = layer.shapes["alay-valley"]
    through = ask(example.atlas, "with:kashgar-osh-direct").routes[0]
    assert any(shapely.LineString(leg.coords).intersects(shape) for leg in through.legs)
    around = ask(example.atlas, "with:kashgar-osh-direct", "alay-valley").routes[0]
    for leg in around.legs:
        assert not shapely.LineString(leg.coords).intersects(shape)
        assert not shapely.Point(leg.coords[0]).intersects(shape)


@pytest.mark.parametrize("word", ["avoid: alay-valley", "avoid: [alay-valley]", "close: [alay-valley]"])
def test_a_scenario_file_avoids_an_area(example: Example, tmp_path: Path, word: str) -> None:
    file = tmp_path / "own.yaml"
    text = f"- {{id: own, name: Own, extends: today, open: [kashgar-osh], {word}}}\n"
    file.write_text(text, encoding="utf-8")
    route = ask(example.atlas, str(file)).routes[0]
    assert not any("kashgar-osh-direct" in leg.lines for leg in route.legs)


def test_avoid_on_the_command_line_knows_areas(example: Example) -> None:
    asked = ("route", "Kashgar", "Tashkent", "--modes", "rail", "--study", str(example.study), "--json")
    result = run(*asked, "--scenario", "with:kashgar-osh-direct", "--avoid", "Alay valley")
    assert result.exit_code == 0, result.output
    lines = {line for leg in json.loads(result.stdout)["routes"][0]["legs"] for line in leg["lines"]}
    assert "kashgar-osh-direct" not in lines
    unknown = run(*asked, "--scenario", "with:nothing-of-this-name")
    assert unknown.exit_code == 1
    assert "nothing-of-this-name" in unknown.stderr


def test_show_search_and_layers_know_the_import(example: Example) -> None:
    shown = show_json(example.atlas, "line:kashgar-osh-direct")
    assert shown["references"][0]["id"] == "file-kashgar-osh"
    assert shown["opened"] == "2032"
    drawn = json.loads((EXAMPLES / "kashgar-osh.geojson").read_text(encoding="utf-8"))["features"][0]["geometry"]
    assert shown["geometry"]["coordinates"] == [drawn["coordinates"]]
    matches = name_index(example.atlas.catalogue).search("Alay valley")
    assert [match.target for match in matches] == ["area:alay-valley"]
    railways = line_layer("railways", example.atlas.catalogue, example.atlas.tracks, {})
    (own,) = [item for item in railways.features if item.id == "kashgar-osh-direct"]
    assert own.properties["countries"] == "CHN;KGZ"
    assert own.properties["sources"] == "file-kashgar-osh"
    assert [item.id for item in areas_layer(example.atlas.catalogue).features] == ["alay-valley"]


def test_a_trial_without_a_study_gives_the_same_answer_and_keeps_nothing(example: Example, tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "kashgar-osh.geojson", tmp_path)
    result = import_layer(tmp_path / "kashgar-osh.geojson", None, STATED)
    kept = json.loads((example.study / "imports/kashgar-osh/import.json").read_text(encoding="utf-8"))
    assert result.document == kept["report"]
    assert result.folder is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["kashgar-osh.geojson"]


# what is refused, and why


def test_without_the_users_word_neither_border_nor_gauge_is_passed(example: Example) -> None:
    assert list(example.plain) == KEYS
    assert example.plain["connected"] == [{"node": "kashgar", "km": pytest.approx(0.24, abs=0.01)}]
    told = " ".join(example.plain["warnings"])
    assert re.search(r"border CHN–KGZ .* not joined there: none is listed; --crossing \d+\.\d+,\d+\.\d+", told)
    assert "1520 mm, the line 1435 mm, and no change is listed; --gauge-change-at osh states one" in told
    assert "without a status are taken as proposed" in told


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("metres.geojson", "say which reference system they are in, as in --crs EPSG:32643"),
        ("layers.gpkg", "say which, as in --layer 'my rail'"),
        ("cyrillic.csv", "perhaps --encoding cp1251"),
        ("null.geojson", "leave them out with --skip-invalid"),
        ("empty.geojson", "has no rows; nothing was imported"),
    ],
)
def test_a_refusal_names_the_option_that_helps(tmp_path: Path, name: str, advice: str) -> None:
    file = tmp_path / name
    if name == "metres.geojson":
        collection(file, feature("LineString", [[8459000, 4786000], [8104000, 4942000]]))
    elif name == "empty.geojson":
        collection(file)
    elif name == "null.geojson":
        collection(file, {"type": "Feature", "properties": {}, "geometry": None})
    elif name == "cyrillic.csv":
        file.write_text("имя,lon,lat\nЖелезная дорога,1,2\n", encoding="cp1251")
    else:
        rail = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(1, 2)], crs=4326)
        rail.to_file(file, layer="my rail")
        rail.to_file(file, layer="roads")

    answer = CliRunner().invoke(main, ["import", str(file)])

    assert answer.exit_code == 1
    assert advice in answer.stderr


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (feature("LineString", LINE), "no mode; give --mode"),
        (feature("LineString", LINE, mode="funicular"), "'funicular' is none of rail"),
        (feature("LineString", LINE, mode="rail", status="maybe"), "'maybe' is none of open"),
        (feature("LineString", LINE, mode="rail", gauge_mm="wide"), "gauge_mm 'wide' is not a number"),
        (feature("LineString", LINE, mode="rail", gauge_mm=15), "no gauge in whole millimetres"),
        (feature("LineString", LINE, mode="rail", opened="soon"), "'soon' is no date"),
        (feature("LineString", LINE, mode="rail", speed_kmh=-3), "no speed"),
        (feature("LineString", LINE, mode="rail", length_km=0), "no length"),
        (feature("LineString", [[79.0, 44.5], [82.0, 44.5]], mode="rail"), "no gauge and runs in CHN, KAZ"),
        (feature("Point", [-160.0, 0.0]), "lies in no country"),
        ({"type": "Feature", "properties": {}, "geometry": None}, "no geometry"),
    ],
)
def test_a_row_that_cannot_be_taken_leaves_the_study_as_it_was(
    study: Path, tmp_path: Path, row: dict[str, Any], why: str
) -> None:
    good = feature("LineString", LINE, mode="rail", status="open", name="Good")
    file = collection(tmp_path / "own.geojson", good, row)
    before = tree(study)
    with pytest.raises(ImportRefusedError, match=re.escape(why)):
        import_layer(file, study)
    assert tree(study) == before
    result = import_layer(file, study, ImportOptions(skip_invalid=True))
    assert result.report.kept == 1
    assert result.document["refused"][0]["row"] == 1
    assert why in result.document["refused"][0]["why"]
    assert result.lines == ["good"]
    with reading(study / "imports" / "own" / "layer.gpkg") as store:
        assert [kept.id for kept in store.rows("lines")] == ["good"]
    assert load_atlas(study).catalogue.lines["good"].mode is Mode.RAIL


def test_a_failure_half_way_leaves_the_earlier_import_as_it_was(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = collection(tmp_path / "own.geojson", feature("LineString", LINE, mode="rail", name="First"))
    import_layer(file, study)
    before = tree(study)
    collection(file, feature("LineString", LINE, mode="rail", name="Second"))
    monkeypatch.setattr("network.joining.plan_joins", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        import_layer(file, study)
    assert tree(study) == before


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (ImportOptions(mode="tram"), "mode 'tram'"),
        (ImportOptions(status="soon"), "status 'soon'"),
        (ImportOptions(opened="soon"), "opened 'soon'"),
        (ImportOptions(gauge_mm=15), "gauge 15 mm"),
        (ImportOptions(speed_kmh=0), "speed 0 km/h"),
        (ImportOptions(snap_km=-1), "snap distance -1 km"),
        (ImportOptions(snap_ends_m=51), "snap distance of ends 51 m"),
        (ImportOptions(id="../up"), "no name for an import"),
    ],
)
def test_options_out_of_range_are_refused(options: ImportOptions, why: str) -> None:
    with pytest.raises(RequestError, match=re.escape(why)):
        import_layer(EXAMPLES / "kashgar-osh.geojson", None, options)


def test_unknown_places_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NameNotFoundError, match="Atlantis"):
        import_layer(EXAMPLES / "kashgar-osh.geojson", None, ImportOptions(gauge_changes=("Atlantis",)))
    with pytest.raises(RequestError, match="is no study"):
        import_layer(EXAMPLES / "kashgar-osh.geojson", tmp_path)
    result = run("import", str(tmp_path / "none.geojson"), "--mode", "rail")
    assert result.exit_code == 1
    assert "none.geojson" in result.stderr
    result = run("import", str(EXAMPLES / "kashgar-osh.geojson"), "--report", str(tmp_path / "report.pdf"))
    assert result.exit_code == 1
    assert "name it .html or .md" in result.stderr


# repeating, replacing, removing


def test_a_fresh_study_needs_no_network_of_its_own(study: Path, tmp_path: Path, atlas: Atlas) -> None:
    assert load_atlas(study).fingerprint == atlas.fingerprint
    create_study(tmp_path / "deeper" / "other")
    assert load_atlas(tmp_path / "deeper" / "other").fingerprint == atlas.fingerprint
    (study / "catalogue/lines/own.yaml").write_text("# mine\n[]\n", encoding="utf-8")
    assert load_atlas(study).fingerprint != atlas.fingerprint


def test_the_same_file_gives_the_same_bytes_and_says_that_it_replaces(study: Path, tmp_path: Path) -> None:
    rows = [feature("LineString", LINE, mode="rail"), feature("LineString", LINE, mode="rail", name="Named")]
    file = collection(tmp_path / "My Line.geojson", *rows)
    first = import_layer(file, study)
    (folder,) = import_folders(study)
    before = (folder / "layer.gpkg").read_bytes()
    second = import_layer(file, study)
    assert (folder / "layer.gpkg").read_bytes() == before
    assert first.lines == second.lines == ["my-line-0", "named"]
    assert any("replaces the import my-line of the same file" in text for text in second.report.warnings)
    collection(file, rows[1])
    third = import_layer(file, study)
    assert any("of another file" in text for text in third.report.warnings)
    assert third.lines == ["named"]


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("DROP TABLE lines; CREATE VIEW lines AS SELECT randomblob(9) AS geom, 'a' AS id, 1 AS row", "no table lines"),
        ("DROP TABLE stops; CREATE VIRTUAL TABLE stops USING fts5(line, part)", "no table stops"),
        ("UPDATE lines SET geom = NULL", "is damaged"),
        ("UPDATE lines SET geom = x'{}'".format("00" * 8 + "010700000001000000" * 100_000), "nested too deeply"),  # noqa: S608 - of our own
        ("UPDATE lines SET geom = x'{}'".format("00" * 8 + "0101000000" + "000000000000f87f" * 2), "not on Earth"),  # noqa: S608 - of our own
        ("UPDATE lines SET mode = 'funicular'", "is damaged"),
    ],
)
def test_a_study_of_somebody_else_runs_nothing(
    example: Example, atlas: Atlas, tmp_path: Path, harm: str, why: str
) -> None:
    study = tmp_path / "study"
    shutil.copytree(example.study, study)
    layer = study / "imports" / "kashgar-osh" / "layer.gpkg"
    with contextlib.closing(sqlite3.connect(layer)) as database:
        database.executescript(harm)
    with pytest.raises(CorridorsError, match=why):
        with_imports(atlas.catalogue, study)


def test_a_removed_import_is_gone(study: Path, tmp_path: Path) -> None:
    file = collection(tmp_path / "own.geojson", feature("LineString", LINE, mode="rail", name="Mine", speed_kmh=50))
    import_layer(file, study)
    kept = load_atlas(study).catalogue
    assert "mine" in kept.lines
    assert kept.parameters["speed-line-mine"].source == "assumed"
    remove_import(study, "own")
    gone = load_atlas(study).catalogue
    assert "mine" not in gone.lines
    assert "file-own" not in gone.sources
    with pytest.raises(NameNotFoundError):
        remove_import(study, "own")
    with pytest.raises(NameNotFoundError):
        remove_import(study, "..")


def test_ids_of_the_catalogue_are_left_to_it(study: Path, tmp_path: Path) -> None:
    rows = [
        feature("LineString", LINE, "cku-railway", mode="rail"),
        feature("LineString", LINE, "own-id", mode="rail", name="A name"),
        feature("LineString", LINE, mode="rail", name="Own id"),
        feature("Point", LINE[0], name="Almaty"),
        feature("Polygon", [[[60, 46], [61, 46], [61, 47], [60, 46]]], name="KAZ"),
    ]
    import_layer(collection(tmp_path / "own.geojson", *rows), study)
    catalogue = load_atlas(study).catalogue
    assert [key for layer in catalogue.imports for key in layer.lines] == ["own-cku-railway", "own-id", "own-id-2"]
    assert catalogue.imports[0].places == {"own-almaty"}
    assert set(catalogue.areas) == {"own-kaz"}


def test_columns_of_our_own_export_are_honoured(study: Path, tmp_path: Path, atlas: Atlas) -> None:
    layer = line_layer("railways", atlas.catalogue, atlas.tracks, {})
    chosen = [item for item in layer.features if item.id in ("ayagoz-bakhty-tacheng", "almaty-bypass")]
    file = tmp_path / "exported.geojson"
    file.write_text(geojson_text(dataclasses.replace(layer, features=tuple(chosen))), encoding="utf-8")
    import_layer(file, study, ImportOptions(snap_km=0))
    catalogue = load_atlas(study).catalogue
    for item in chosen:
        line = catalogue.lines[f"exported-{item.id}"]
        assert (line.mode, line.status, line.opened) == tuple(item.properties[k] for k in ("mode", "status", "opened"))
        assert line.names.ru == item.properties["name_ru"]
        claims = catalogue.claims_by_subject.get(f"line:{line.id}", ())
        stated = [] if item.properties["length_source"] == "measured" else [item.properties["length_km"]]
        assert [float(claim.value) for claim in claims] == stated


def test_an_import_too_large_to_be_joined_is_kept_and_said_so(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, atlas: Atlas
) -> None:
    monkeypatch.setattr(corridors.importing, "MAX_JOINED_LINES", 2)
    rows = [feature("LineString", LINE, mode="rail", status="open") for _ in range(3)]
    result = import_layer(collection(tmp_path / "own.geojson", *rows), study)
    assert any("are not joined to the network" in text for text in result.report.warnings)
    catalogue = load_atlas(study).catalogue
    assert not catalogue.imports[0].is_joined
    with pytest.raises(NameNotFoundError, match="cannot open import 'own'"):
        usable_links(atlas.network, catalogue, request_under("with:own"))
    assert set(catalogue.lines) == set(load_catalogue().lines)
    assert result.folder is not None
    with reading(result.folder / "layer.gpkg") as store:
        assert len(list(store.rows("lines"))) == 3


@pytest.mark.gdal
def test_gdal_opens_what_a_study_keeps(example: Example) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed")
    file = example.study / "imports/kashgar-osh/layer.gpkg"
    told = subprocess.run(["ogrinfo", "-ro", "-al", "-so", file], capture_output=True, text=True, check=True)
    assert "Layer name: lines" in told.stdout
    assert "Feature Count: 1" in told.stdout
    assert "Extent: (72.805000, 39.451200) - (76.026500, 40.522000)" in told.stdout
    assert not told.stderr


# reports


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}`|*_[a](javascript:b)\u202eevil\x07"


def test_hostile_text_stays_text_in_every_report(tmp_path: Path) -> None:
    rows = [
        feature("Point", [60.5, 46.9], name=HOSTILE, kind="city"),
        feature("LineString", [[60.4, 46.9], [60.5, 46.5]], name=HOSTILE, mode=HOSTILE),
    ]
    file = collection(tmp_path / "<b>own.geojson", *rows)
    result = import_layer(file, None, ImportOptions(skip_invalid=True, snap_km=50), with_picture=True)
    page = _Elements()
    page.feed(report_html(result))
    known = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "tr", "td", "th"}
    known |= {"svg", "path", "circle", "rect", "g", "text"}
    assert {tag for tag, _ in page.found} <= known
    assert not any(name.startswith("on") or name in ("href", "src") for _, found in page.found for name in found)
    policies = [found["content"] for tag, found in page.found if tag == "meta" and "http-equiv" in found]
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'")
    assert "<script>alert(1)</script>" in "".join(page.text)
    markdown = report_markdown(result)
    assert "<script" not in markdown
    assert "<img" not in markdown
    assert "](javascript" not in markdown
    assert "\x07" not in markdown
    assert "\u202e" not in report_html(result)


def test_the_picture_shows_joints_and_the_border(example: Example) -> None:
    root = ET.fromstring(example.line.picture)  # noqa: S314 - our own drawing
    kinds = [item.get("class") for item in root.findall(".//{http://www.w3.org/2000/svg}*")]
    # one of each stands in the legend
    assert kinds.count("join") == 2 + 1
    assert kinds.count("post") == 1 + 1
    assert kinds.count("wall") == 0 + 1
    assert kinds.count("net") > 10


def test_reports_are_written_whole_in_both_kinds(example: Example, tmp_path: Path) -> None:
    for name in ("report.html", "report.md"):
        write_report(example.line, tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "kashgar" in text
        assert "<svg" in text
        assert example.line.report.sha256 in text


def test_the_table_for_people_names_ids_and_the_next_step(study: Path, tmp_path: Path) -> None:
    file = collection(tmp_path / "own.geojson", feature("LineString", LINE, mode="rail", name="Mine"))
    result = run("import", str(file), "--study", str(study), "--report", str(tmp_path / "r.md"))
    assert result.exit_code == 0, result.output
    assert "mine" in result.stdout
    assert "--scenario with:own" in result.stdout
    assert (tmp_path / "r.md").is_file()


def test_a_line_that_reaches_nothing_still_answers_clearly(example: Example) -> None:
    request = dataclasses.replace(request_under("with:kashgar-osh"), avoid=("CHN",))
    ends = [resolve_endpoint(example.atlas.catalogue, name)[0] for name in ("Kashgar", "Tashkent")]
    with pytest.raises(RouteRefusedError):
        example.atlas.router.route(ends[0], ends[1], request)
