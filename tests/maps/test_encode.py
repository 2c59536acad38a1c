from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from geo.layer import Feature
from maps.basemap import borders_and_coast
from maps.content import ArticleMention, ArticlePage, MapLayer, SearchEntry
from maps.encode import ALPHABET, decode_run, encode_run, island, island_text
from tests.maps.sample import PLACES, position, sample_content

LON_LAT = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(st.lists(LON_LAT, max_size=50), st.integers(2, 6))
def test_a_run_comes_back_rounded_to_its_decimals(points: list[tuple[float, float]], decimals: int) -> None:
    decoded = decode_run(encode_run(points, decimals=decimals), decimals=decimals)

    scale = 10**decimals
    assert decoded == [(round(x * scale) / scale, round(y * scale) / scale) for x, y in points]


def test_the_alphabet_needs_no_escaping_in_json_html_or_templates() -> None:
    assert len(set(ALPHABET)) == 64
    assert set(ALPHABET).isdisjoint("\"'<>&{}%#\\`$")


@given(st.text(alphabet=st.characters(categories=None), max_size=40))
def test_any_text_survives_the_island_as_inert_ascii(text: str) -> None:
    written = island_text({"name": text})

    assert written.isascii()
    assert set(written).isdisjoint("<>&")
    # json.dumps pairs two lone surrogates that stand together; JavaScript reads them the same way
    assert json.loads(written)["name"].encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_not_finite_never_reaches_the_page(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        island_text({"length_km": number})


def test_an_unknown_property_is_left_out_not_written_as_nothing() -> None:
    feature = Feature("x", Point(1, 2), {"name": "X", "opened": None, "length_km": math.nan, "note": ""})
    layer = MapLayer("places", "places", "Places", "point", (feature,), "place")

    record = island(replace(sample_content(), layers=(layer,)))["layers"][0]["features"][0]

    assert record["p"] == {"name": "X"}


def test_a_feature_without_geometry_stays_listed() -> None:
    layer = MapLayer("events", "evidence", "Events", "point", (Feature("online-summit", None, {}),), "event")

    records = island(replace(sample_content(), layers=(layer,)))["layers"][0]["features"]

    assert records == [{"t": "event:online-summit", "g": [], "p": {"name": "online-summit"}}]


def test_every_feature_of_the_content_is_in_the_island_with_its_target() -> None:
    content = sample_content()

    tree = island(content)

    targets = {record["t"] for layer in tree["layers"] for record in layer["features"]}
    assert sum(len(layer["features"]) for layer in tree["layers"]) == sum(
        len(layer.features) for layer in content.layers
    )
    assert {f"place:{key}" for key in PLACES} <= targets
    assert "line:cku-railway" in targets


def test_claims_keep_conflicting_values_and_which_one_is_adopted() -> None:
    claims = island(sample_content())["details"]["line:cku-railway"]["claims"]

    assert [(claim["value"], claim["adopted"]) for claim in claims if claim["attribute"] == "length"] == [
        ("523", True),
        ("454", False),
    ]


def test_lines_are_simplified_within_the_stated_tolerance() -> None:
    course = LineString([(0.001 * i, 0.0004 * (i % 2)) for i in range(1000)])
    layer = MapLayer("railways", "network", "Railways", "line", (Feature("x", course, {}),), "line")

    record = island(replace(sample_content(), layers=(layer,)))["layers"][0]

    drawn = LineString(decode_run(record["features"][0]["g"][0], decimals=record["decimals"]))
    assert len(drawn.coords) < 10
    # half a unit of the last decimal comes on top by rounding
    assert drawn.hausdorff_distance(course) <= record["tolerance_deg"] + 0.0001


def test_places_keep_five_decimals() -> None:
    places = next(layer for layer in island(sample_content())["layers"] if layer["key"] == "places")

    assert places["features"][0]["g"] == [list(position("xian"))]


def test_names_are_grouped_by_target_and_placed_only_where_nothing_is_drawn() -> None:
    plain = sample_content()
    entry = SearchEntry("region:fergana", "Fergana", "en", 71.0, 40.5, (69.0, 39.5, 73.5, 41.5))

    names = island(replace(plain, names=(*plain.names, entry)))["names"]

    assert names["of"]["place:xian"] == ["Xi'an", "Сиань", "西安", "Şian", "Shian"]
    assert names["where"] == {"region:fergana": [69.0, 39.5, 73.5, 41.5]}


def test_a_place_knows_how_many_lines_pass_it() -> None:
    places = next(layer for layer in island(sample_content())["layers"] if layer["key"] == "places")

    passing = {record["t"]: record.get("n", 0) for record in places["features"]}

    assert passing["place:tashkent"] == 2
    assert passing["place:osh"] == 1


def test_borders_are_what_two_countries_share_and_coast_what_one_has() -> None:
    borders, coast = borders_and_coast([box(0, 0, 1, 1), box(1, 0, 2, 1), box(5, 5, 6, 6)])

    assert [line.bounds for line in borders] == [(1, 0, 1, 1)]
    assert sum(line.length for line in coast) == pytest.approx(10)


def test_the_cut_along_the_antimeridian_is_no_coast() -> None:
    _, coast = borders_and_coast([box(170, 60, 180, 70), box(-180, 60, -170, 70)])

    assert sum(line.length for line in coast) == pytest.approx(60)


@given(st.text(alphabet=st.characters(categories=None), max_size=30), st.data())
def test_positions_are_those_of_javascript(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    mention = ArticleMention(start, end, text[start:end], "", "place")

    (article,) = island(replace(sample_content(), articles=(ArticlePage("a", "en", text, (mention,)),)))["articles"]

    units = text.encode("utf-16-le", "surrogatepass")
    (found,) = article["mentions"]
    part = units[2 * found["start"] : 2 * found["end"]]
    assert part == text[start:end].encode("utf-16-le", "surrogatepass")
    assert found["at"] == start
