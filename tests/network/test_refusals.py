"""A refusal is one line that says what blocks a route and what would open it; what it says is true."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from geo.errors import RequestError, RouteRefusedError
from layers.schema import Mode
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Answer, Router
from network.scenarios import resolve_scenario

RAIL = (Mode.RAIL,)


def ask(router: Router, origin: str, destination: str, request: Request, via: str = "") -> Answer:
    names = [origin, *filter(None, via.split(",")), destination]
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in names]
    return router.route(ends[0], ends[-1], request, via=ends[1:-1])


def refusal(router: Router, origin: str, destination: str, request: Request, via: str = "") -> str:
    with pytest.raises(RouteRefusedError) as caught:
        ask(router, origin, destination, request, via)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 500
    return text


def test_an_avoided_country_is_named_and_allowing_it_opens_the_route(router: Router) -> None:
    request = Request(modes=RAIL, avoid=("RUS",))
    text = refusal(router, "Xi'an", "Duisburg", request)
    assert "it opens if you allow RUS" in text
    assert ask(router, "Xi'an", "Duisburg", replace(request, avoid=())).routes
    assert "add road" in text
    assert ask(router, "Xi'an", "Duisburg", replace(request, modes=(Mode.RAIL, Mode.ROAD))).routes


def test_the_nearest_points_of_the_two_parts_are_told_with_their_distance(router: Router) -> None:
    text = refusal(router, "Xi'an", "Duisburg", Request(modes=RAIL, avoid=("RUS", "AZE")))
    assert re.search(r"no rail joins .*Van.* and Tatvan, \d+ km apart at the nearest", text)


def test_a_break_of_gauge_without_a_listed_change_is_told(router: Router) -> None:
    text = refusal(router, "Kouvola", "Xi'an", Request(modes=RAIL))
    assert "1524 and 1520 mm meet" in text
    assert "Lappeenranta" in text


def test_a_closed_crossing_is_told_and_opening_it_opens_the_route(router: Router) -> None:
    text = refusal(router, "Delhi", "Lahore", Request(modes=RAIL))
    assert "open attari-wagah (closed)" in text
    assert ask(router, "Delhi", "Lahore", Request(modes=RAIL, opened=("attari-wagah",))).routes


def test_a_line_still_to_be_built_is_told_and_opening_it_opens_the_route(router: Router) -> None:
    text = refusal(router, "Kabul", "Tashkent", Request(modes=RAIL))
    assert "open trans-afghan (proposed)" in text
    assert ask(router, "Kabul", "Tashkent", Request(modes=RAIL, opened=("trans-afghan",))).routes


def test_a_year_too_early_is_told_and_the_year_named_is_the_first_that_does(router: Router) -> None:
    request = Request(modes=RAIL, avoid=("ARM", "RUS"), year=2015)
    text = refusal(router, "Tbilisi", "Kars", request)
    waited = re.search(r"wait until (\d{4})", text)
    assert waited is not None
    year = int(waited[1])
    assert year > 2015
    assert ask(router, "Tbilisi", "Kars", replace(request, year=year)).routes
    refusal(router, "Tbilisi", "Kars", replace(request, year=year - 1))


def test_two_conditions_that_are_needed_together_are_told_together(router: Router) -> None:
    request = Request(modes=RAIL, avoid=("RUS",))
    text = refusal(router, "Kabul", "Duisburg", request)
    assert "open trans-afghan (proposed) and add ferry to the modes" in text
    both = replace(request, modes=(Mode.RAIL, Mode.FERRY), opened=("trans-afghan",))
    assert ask(router, "Kabul", "Duisburg", both).routes
    for one in (replace(request, modes=both.modes), replace(request, opened=both.opened)):
        refusal(router, "Kabul", "Duisburg", one)


def test_an_end_in_an_avoided_country_contradicts_itself(router: Router) -> None:
    text = refusal(router, "Almaty", "Baku", Request(avoid=("KAZ",)))
    assert text.startswith("Almaty lies in KAZ")
    assert "allow KAZ" in text


def test_a_closing_scenario_is_named(router: Router) -> None:
    closed = resolve_scenario("russia-closed")
    request = Request(avoid=closed.close, scenario=closed.id)
    assert "closed by scenario russia-closed" in refusal(router, "Irkutsk", "Beijing", request)


def test_a_stop_in_an_avoided_country_contradicts_itself_too(router: Router) -> None:
    assert "Baku lies in AZE" in refusal(router, "Almaty", "Istanbul", Request(avoid=("AZE",)), via="Baku")


def test_the_same_place_twice_is_no_route(router: Router) -> None:
    with pytest.raises(RequestError, match="both Almaty"):
        ask(router, "Almaty", "Almaty", Request())


def test_a_place_without_these_modes_names_those_it_has(router: Router) -> None:
    text = refusal(router, "Almaty", "Baku", Request(modes=(Mode.SEA,)))
    assert "the nearest place that does is" in text
    assert re.search(r"\d+ km away", text)
    assert "rail" in text.rsplit(";", 1)[1]


def test_a_point_in_the_ocean_is_off_the_network(router: Router) -> None:
    assert "stands on no network" in refusal(router, "60.0,-60.0", "Baku", Request())


def test_a_route_changes_mode_at_a_stop_over_a_transfer_and_never_by_itself(router: Router) -> None:
    answer = ask(router, "Almaty", "Poti", Request(avoid=("RUS", "IRN", "TKM")), via="aktau-port,alat-port")
    kinds = [leg.kind for leg in answer.routes[0].legs]
    ferry = kinds.index("ferry")
    assert kinds[ferry - 1] == "transfer"
    assert kinds[ferry + 1] == "transfer"
