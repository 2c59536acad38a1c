"""The Python facade: one way to ask, values that turn into tables, GeoJSON and a view for notebooks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import networkx as nx
import pytest

import corridors
from corridors.api import Corridors
from corridors.atlas import Atlas
from corridors.build import draw_layers
from corridors.notebook import routes_html, search_html
from corridors.results import RouteResult
from geo.errors import NameNotFoundError, RequestError, RouteRefusedError


@pytest.fixture(scope="module")
def asked(atlas: Atlas) -> Corridors:
    return Corridors(atlas)


class _Tags(HTMLParser):
    """Collects tags, attributes and text, and holds that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.attributes += attrs

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(html: str) -> _Tags:
    tags = _Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


def test_loading_gives_the_shipped_catalogue() -> None:
    assert corridors.load().catalogue.places["xian"].name_zh == "西安"


def test_route_takes_names_in_any_language_and_tells_how(asked: Corridors) -> None:
    answer = asked.route("Актау", "巴库", avoid=["RUS"])
    assert {"KAZ", "AZE"} <= set(answer.best.countries)
    assert answer.to_dict()["notes"] == list(answer.notes)
    assert answer.routes[0] is answer.best


def test_table_of_legs_adds_up_to_the_route(asked: Corridors) -> None:
    answer = asked.route("Xi'an", "Duisburg", modes=["rail"], alternatives=2)
    legs = answer.to_gdf()
    assert str(legs.crs) == "EPSG:4326"
    of_best = legs[legs["route"] == 1]
    assert of_best["distance_km"].sum() == pytest.approx(answer.best.distance_km, abs=1)
    assert of_best["countries"].iloc[0] == "CHN"
    assert len(answer.to_geojson()["features"]) == len(legs)
    assert legs.geometry.is_valid.all()


def test_pareto_and_compare_answer_alike(asked: Corridors) -> None:
    front = asked.pareto("Almaty", "Istanbul")
    assert [route.rank for route in front.routes] == list(range(1, len(front.routes) + 1))
    change = asked.compare("Kashgar", "Tashkent", "cku-opens", modes=["rail"])
    assert change.difference["distance_km"] is not None
    assert change.difference["distance_km"] < 0
    assert set(change.to_gdf()["scenario"]) == {"today", "cku-opens"}
    assert change.sentence in change.to_dict()["sentence"]


def test_matrix_is_a_table_of_ordered_pairs(asked: Corridors) -> None:
    result = asked.matrix(["Almaty", "Алматы", "Baku", "Tbilisi"])
    table = result.to_df()
    assert len(table) == 6
    assert {"time_h", "cost_usd_per_teu", "distance_km", "co2_kg_per_teu"} <= set(table.columns)
    assert len(result.to_gdf()) == 3
    json.dumps(result.to_dict(), allow_nan=False)
    assert len(asked.matrix("south-caucasus").matrix.places) > 3
    with pytest.raises(RequestError, match="no place of the catalogue"):
        asked.matrix(["Almaty", "43.2,51.1"])
    with pytest.raises(RequestError, match="two places or more"):
        asked.matrix(["Almaty"])


def test_reach_gives_areas_longest_first(asked: Corridors) -> None:
    result = asked.reach("Almaty", (24, 48))
    areas = result.to_gdf()
    assert list(areas["hours"]) == [48, 24]
    assert areas.geometry.iloc[0].area > areas.geometry.iloc[1].area
    assert result.places[0].id == "almaty"


def test_search_and_show_give_points_lines_and_claims(asked: Corridors) -> None:
    assert asked.search("西安").to_gdf().index[0] == "xian"
    assert asked.search("no such name at all").to_gdf().empty
    railway = asked.show("cku-railway")
    assert railway.to_gdf().geometry.iloc[0].geom_type == "MultiLineString"
    assert any(claim["adopted"] for claim in railway.claims)
    with pytest.raises(NameNotFoundError):
        asked.show("atlantis-railway")


def test_record_of_a_line_names_the_corridors_that_its_layer_names(asked: Corridors) -> None:
    layer = draw_layers(asked.atlas).layers["railways"]
    for line in ("lanxin", "cku-railway", "dostyk-aktogay"):
        told = next(feature for feature in layer.features if feature.id == line).properties["corridors"]
        assert asked.show(line).to_dict()["corridors"] == [part for part in str(told or "").split(";") if part]


def test_graph_is_a_new_one_each_time(asked: Corridors) -> None:
    graph = asked.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    graph.remove_node("almaty/road")
    assert "almaty/road" in asked.to_networkx()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"by": "beauty"}, "beauty"),
        ({"modes": ["boat"]}, "boat"),
        ({"commodity": "tea"}, "tea"),
        ({"scenario": "no-such"}, "no-such"),
        ({"avoid": ["Atlantis"]}, "Atlantis"),
    ],
)
def test_wrong_choice_is_told_by_name(asked: Corridors, choices: dict[str, object], message: str) -> None:
    with pytest.raises((NameNotFoundError, RequestError), match=message):
        asked.route("Almaty", "Baku", **choices)  # type: ignore[arg-type]  # wrong on purpose


def test_one_question_leaves_nothing_behind(asked: Corridors) -> None:
    before = asked.route("Almaty", "Baku").to_dict()
    with pytest.raises(RouteRefusedError):
        asked.route("Almaty", "Baku", avoid=["KAZ"])
    asked.route("Almaty", "Baku", scenario="caspian-low-water", by="cost")
    assert asked.route("Almaty", "Baku").to_dict() == before


def test_view_for_notebooks_fetches_nothing_and_is_small(asked: Corridors) -> None:
    views = [
        asked.route("Vladivostok", "Rotterdam", alternatives=2)._repr_html_(),
        asked.compare("Kashgar", "Tashkent", "cku-opens")._repr_html_(),
        asked.matrix("south-caucasus")._repr_html_(),
        asked.reach("Almaty", (24,))._repr_html_(),
        asked.search("Almaty")._repr_html_(),
        asked.show("cku-railway")._repr_html_(),
        asked.show("country:KAZ")._repr_html_(),
    ]
    for view in views:
        tags = parsed(view)
        assert len(view) < 200_000
        assert not {name for name, _ in tags.attributes} & {"src", "href", "xlink:href", "onload", "onclick"}
        assert not re.search(r"url\(|@import|<script|<style|<img|<iframe", view)


def test_text_from_data_is_escaped_in_views(asked: Corridors) -> None:
    hostile = "<img src=x onerror=alert(1)>\"&'"
    answer = asked.route("Aktau", "Baku", modes=["ferry"])
    renamed = replace(answer.answer, origin=replace(answer.answer.origin, name=hostile), notes=(hostile,))
    legs = tuple(replace(leg, start=hostile, end=hostile) for leg in answer.best.legs)
    renamed = replace(renamed, routes=(replace(answer.best, legs=legs),))
    views = [RouteResult(renamed)._repr_html_(), search_html({"query": hostile, "results": []})]
    for view in views:
        assert hostile in "".join(parsed(view).text)
        assert "<img" not in view


def test_view_over_the_antimeridian_is_drawn_in_one_piece(asked: Corridors) -> None:
    document = asked.route("Aktau", "Baku", modes=["ferry"]).to_dict()
    document["routes"][0]["geometry"]["coordinates"] = [[[170.0, 60.0], [179.9, 62.0], [-179.9, 62.1], [-170.0, 64.0]]]
    path = re.search(r'<path d="([^"]+)" fill="none" stroke="#a8350b"', routes_html(document))
    assert path is not None
    x = [float(point.split()[0]) for point in re.split("[ML]", path[1]) if point]
    assert x == sorted(x)
