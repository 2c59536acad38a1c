"""Routes on the shipped network that an expert would check first."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString

from corridors.atlas import Atlas
from geo.boundaries import load_outlines
from geo.errors import NameNotFoundError, RequestError, RouteRefusedError
from layers.schema import Mode
from network.answer import answer_geojson, answer_json
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Answer, Router
from network.scenarios import resolve_scenario

KEYS = {"origin", "destination", "objective", "commodity", "year", "scenario", "routes", "notes"}
ROUTE_KEYS = {
    "rank",
    "distance_km",
    "time_h",
    "cost_usd_per_teu",
    "co2_kg_per_teu",
    "central",
    "probability_fastest",
    "probability_cheapest",
    "countries",
    "evidence_share",
    "legs",
    "geometry",
}
LEG_KEYS = {
    "kind",
    "from",
    "to",
    "countries",
    "distance_km",
    "time_h",
    "cost_usd_per_teu",
    "gauge_mm",
    "lines",
    "assumed",
    "claims",
}
RAIL = (Mode.RAIL,)


def ask(router: Router, origin: str, destination: str, **choices: object) -> Answer:
    start, end = (resolve_endpoint(router.catalogue, text)[0] for text in (origin, destination))
    return router.route(start, end, Request(**choices))  # type: ignore[arg-type]  # choices are checked by what they do


def crossings(answer: Answer) -> list[str]:
    return [leg.crossing for leg in answer.routes[0].legs if leg.kind == "border"]


def test_xian_moscow_by_rail_takes_a_real_gauge_border(router: Router) -> None:
    answer = ask(router, "Xi'an", "Moscow", modes=RAIL, objective=Objective.DISTANCE)
    route = answer.routes[0]
    assert 6500 <= route.distance_km <= 8000
    changes = [leg for leg in route.legs if leg.kind == "gauge_change"]
    assert len(changes) == 1
    assert changes[0].start in {
        "Alashankou",
        "Dostyk",
        "Khorgos",
        "Altynkol",
        "Erenhot",
        "Zamyn-Uud",
        "Manzhouli",
        "Zabaikalsk",
    }
    assert route.countries[0] == "CHN"
    assert route.countries[-1] == "RUS"
    assert {leg.gauge_mm for leg in route.legs if leg.kind == "rail"} == {1435, 1520}
    assert all(leg.kind in {"rail", "border", "gauge_change"} for leg in route.legs)


@pytest.mark.parametrize(
    ("origin", "destination", "low_km", "high_km"),
    [
        ("Xi'an", "Duisburg", 8500, 11500),
        ("Almaty", "Poti", 3500, 5500),
        ("Kashgar", "Tashkent", 700, 4500),
        ("Lanzhou", "Istanbul", 6500, 9500),
        ("Turkmenbashi", "Ashgabat", 500, 650),
        ("Tashkent", "Termez", 580, 900),
        ("Aktau", "Baku", 380, 650),
    ],
)
def test_pairs_the_open_data_fails_on_are_answered(
    router: Router, origin: str, destination: str, low_km: float, high_km: float
) -> None:
    route = ask(router, origin, destination).routes[0]
    assert low_km <= route.distance_km <= high_km
    assert route.time_h.p10 <= route.time_h.p50 <= route.time_h.p90
    assert route.cost_usd_per_teu.p10 <= route.cost_usd_per_teu.p50 <= route.cost_usd_per_teu.p90


@pytest.mark.parametrize(
    ("origin", "destination"),
    [
        ("Turkmenbashi", "Ashgabat"),
        ("Tashkent", "Termez"),
        ("Ashgabat", "Turkmenabat"),
        ("Astana", "Petropavl"),
        ("Aktau", "Astana"),
        ("Almaty", "Altynkol"),
        ("Tashkent", "Dushanbe"),
        ("Baku", "Kars"),
        ("Kars", "Istanbul"),
    ],
)
def test_mended_railways_carry_trains(router: Router, origin: str, destination: str) -> None:
    route = ask(router, origin, destination, modes=RAIL).routes[0]
    ends = [resolve_endpoint(router.catalogue, text)[0] for text in (origin, destination)]
    from geo.geodesy import distance_m

    chord_km = distance_m((ends[0].lon, ends[0].lat), (ends[1].lon, ends[1].lat)) / 1000
    assert chord_km * 0.97 <= route.distance_km <= chord_km * 3.2


def test_power_of_siberia_carries_gas_from_chayanda_to_shanghai(router: Router) -> None:
    route = ask(router, "Chayanda", "Shanghai", modes=(Mode.GAS,), commodity="gas").routes[0]
    assert {leg.kind for leg in route.legs} == {"pipeline"}
    assert all("power-of-siberia" in line for leg in route.legs for line in leg.lines)
    assert set(route.countries) == {"RUS", "CHN"}
    assert 4500 <= route.distance_km <= 6500


@pytest.mark.parametrize(
    ("origin", "destination", "avoid"),
    [
        ("Xi'an", "Duisburg", "RUS"),
        ("Almaty", "Poti", "RUS"),
        ("Lanzhou", "Istanbul", "IRN"),
        ("Beijing", "Warsaw", "RUS"),
    ],
)
def test_no_part_of_any_leg_lies_in_an_avoided_country(
    router: Router, origin: str, destination: str, avoid: str
) -> None:
    answer = ask(router, origin, destination, avoid=(avoid,))
    outline = load_outlines("countries_10m")[avoid]
    shapely.prepare(outline)
    for leg in answer.routes[0].legs:
        assert not outline.intersects(LineString(leg.coords))
        assert avoid not in leg.countries


def test_closing_a_border_reroutes_over_another(router: Router) -> None:
    before = ask(router, "Urumqi", "Almaty", modes=RAIL)
    closed = crossings(before)[0]
    after = ask(router, "Urumqi", "Almaty", modes=RAIL, avoid=(closed,))
    assert closed not in crossings(after)
    assert after.routes[0].distance_km > 0


def test_cku_railway_shortens_kashgar_tashkent_only_when_it_is_open(router: Router) -> None:
    opened = resolve_scenario("cku-opens").open
    today = ask(router, "Kashgar", "Tashkent", modes=RAIL)
    then = ask(router, "Kashgar", "Tashkent", modes=RAIL, opened=opened)
    assert then.routes[0].distance_km < 0.5 * today.routes[0].distance_km
    assert "cku-railway" in {line for leg in then.routes[0].legs for line in leg.lines}
    assert any("not open today" in note for note in then.notes)


def test_answer_has_every_promised_key_and_only_finite_numbers(router: Router) -> None:
    document = answer_json(ask(router, "Xi'an", "Duisburg"))
    assert set(document) == KEYS
    for route in document["routes"]:
        assert set(route) == ROUTE_KEYS
        assert route["geometry"]["type"] == "MultiLineString"
        assert 0 <= route["evidence_share"] <= 1
        numbers = [route["distance_km"], *route["time_h"].values(), *route["cost_usd_per_teu"].values()]
        for leg in route["legs"]:
            assert set(leg) >= LEG_KEYS
            assert leg["from"]
            assert leg["to"]
            assert leg["claims"]
            numbers += [leg["distance_km"], leg["time_h"], leg["cost_usd_per_teu"]]
        assert np.isfinite(numbers).all()
        assert min(numbers) >= 0
        assert route["distance_km"] == pytest.approx(sum(leg["distance_km"] for leg in route["legs"]), abs=2)


def test_legs_follow_each_other_without_a_jump(router: Router) -> None:
    route = ask(router, "Xi'an", "Istanbul").routes[0]
    for leg, following in zip(route.legs, route.legs[1:], strict=False):
        assert np.hypot(*(leg.coords[-1] - following.coords[0])) < 0.35
    features = answer_geojson(ask(router, "Xi'an", "Istanbul"))["features"]
    assert all(shapely.geometry.shape(feature["geometry"]).is_valid for feature in features)


def test_a_ferry_leg_lies_in_both_countries_it_joins(router: Router) -> None:
    ferry = ask(router, "Aktau", "Baku", modes=(Mode.FERRY,)).routes[0].legs[0]
    assert ferry.countries == ("KAZ", "AZE")


def test_a_point_off_the_catalogue_is_joined_to_the_nearest_line(router: Router) -> None:
    route = ask(router, "76.0,43.3", "Shymkent").routes[0]
    assert 500 < route.distance_km < 900


def test_alternatives_differ_and_pareto_never_gives_a_dominated_route(router: Router) -> None:
    start, end = (resolve_endpoint(router.catalogue, text)[0] for text in ("Xi'an", "Duisburg"))
    answer = router.route(start, end, Request(), alternatives=3)
    assert len(answer.routes) >= 2
    links = [{step.link for step in route.steps} for route in answer.routes]
    assert links[0] != links[1]
    front = router.pareto(start, end, Request()).routes
    hours = [sum(leg.time_h for leg in route.legs) for route in front]
    usd = [sum(leg.cost_usd_per_teu for leg in route.legs) for route in front]
    assert hours == sorted(hours)
    assert usd == sorted(usd, reverse=True)


def test_one_call_never_changes_the_answer_of_another(router: Router) -> None:
    before = answer_json(ask(router, "Almaty", "Poti"))
    ask(router, "Almaty", "Poti", avoid=("AZE",), modes=(Mode.RAIL, Mode.ROAD, Mode.FERRY, Mode.SEA))
    assert answer_json(ask(router, "Almaty", "Poti")) == before


def test_refusals_say_what_blocks_and_what_would_open(router: Router) -> None:
    with pytest.raises(RouteRefusedError, match="it opens if you"):
        ask(router, "Aktau", "Baku", modes=RAIL, avoid=("RUS", "IRN"))
    with pytest.raises(RouteRefusedError, match="nearest place"):
        ask(router, "50.5,42.0", "Baku", modes=RAIL)
    with pytest.raises(NameNotFoundError, match="Tashkent"):
        ask(router, "Tashkennnt", "Baku")
    with pytest.raises(RequestError, match="does not travel"):
        ask(router, "Almaty", "Baku", modes=(Mode.GAS,))
    with pytest.raises(RequestError, match="both"):
        ask(router, "Almaty", "Алматы")


@pytest.mark.parametrize("name", ["Xi'an", "Xian", "Xi’an", "Shian", "Sian", "西安", "Сиань", "XIAN", "xi an"])
def test_every_spelling_of_xian_is_xian(atlas: Atlas, name: str) -> None:
    endpoint, _ = resolve_endpoint(atlas.catalogue, name)
    assert endpoint.id == "xian"
