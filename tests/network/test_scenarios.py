"""Scenarios: what they say is what they do, and nothing of it outlives the question."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import NameNotFoundError, RequestError, RouteRefusedError
from layers.schema import Mode
from network.answer import answer_json
from network.costs import Objective
from network.effects import costs_under
from network.endpoint import resolve_endpoint
from network.request import SURFACE_MODES, Request, usable_links
from network.route import Answer, Router
from network.scenarios import Delay, Effects, Factor, Scenario, load_scenarios, resolve_scenario
from network.table import LinkKind

RAIL = (Mode.RAIL,)
NAMES = [
    "today",
    "announced-2032",
    "cku-opens",
    "russia-closed",
    "iran-closed",
    "caspian-low-water",
    "middle-corridor-2030",
    "trans-afghan-opens",
    "suez-closed",
    "hormuz-closed",
    "khorgos-congested",
    "power-of-siberia-2",
    "line-d-opens",
    "torkham-opens",
]


def under(name: str, modes: tuple[Mode, ...] = SURFACE_MODES, commodity: str = "container") -> Request:
    state = resolve_scenario(name)
    return Request(
        commodity=commodity,
        modes=modes,
        avoid=state.close,
        opened=state.open,
        year=state.year or 2026,
        scenario=state.id,
        effects=state.effects,
    )


def ask(router: Router, origin: str, destination: str, request: Request) -> Answer:
    start, end = (resolve_endpoint(router.catalogue, text)[0] for text in (origin, destination))
    return router.route(start, end, request)


def hours(answer: Answer) -> float:
    return sum(leg.time_h for leg in answer.routes[0].legs)


def test_the_promised_scenarios_are_there() -> None:
    assert set(load_scenarios()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_target_of_a_scenario_is_known_and_has_links(router: Router, name: str) -> None:
    request = under(name, modes=tuple(Mode))
    usable = usable_links(router.network, router.catalogue, request)
    costs = router.costs_of(request)
    today = usable_links(router.network, router.catalogue, under("today", modes=tuple(Mode)))
    weights = [model.weights(Objective.TIME) for model in (router.costs, costs)]
    assert name == "today" or (usable != today).any() or (weights[0] != weights[1]).any()
    assert all((values > 0).all() for values in costs.factors.values())


def test_the_document_lists_every_scenario_and_every_field(root: Path) -> None:
    text = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shipped, schema = text.split("## Schema")
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", shipped, re.MULTILINE)) == set(load_scenarios())
    assert re.findall(r"^\| `([a-z]+)` \|", schema, re.MULTILINE) == list(Scenario.model_fields)


def test_the_documents_example_is_a_scenario(root: Path, router: Router, tmp_path: Path) -> None:
    text = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "strike.yaml"
    file.write_text(blocks[0], encoding="utf-8")
    assert hours(ask(router, "Almaty", "Constanta", under(str(file)))) > 0


def test_suez_closed_sends_ships_round_the_cape(router: Router) -> None:
    sea = (Mode.SEA,)
    before = ask(router, "Shanghai", "Rotterdam", under("today", sea)).routes[0]
    after = ask(router, "Shanghai", "Rotterdam", under("suez-closed", sea)).routes[0]
    assert before.distance_km < 20_500
    assert after.distance_km > 24_000
    assert after.time_h.p50 > before.time_h.p50


def test_russia_closed_leaves_no_russia_between_xian_and_duisburg(router: Router) -> None:
    route = ask(router, "Xi'an", "Duisburg", under("russia-closed")).routes[0]
    assert "RUS" not in route.countries


def test_cku_shortens_kashgar_tashkent_by_rail(router: Router) -> None:
    before, after = (ask(router, "Kashgar", "Tashkent", under(name, RAIL)).routes[0] for name in ("today", "cku-opens"))
    assert after.distance_km < 0.5 * before.distance_km
    assert after.time_h.p50 < before.time_h.p50


def test_hormuz_closed_cuts_the_gulf_off_by_sea(router: Router) -> None:
    sea = (Mode.SEA,)
    assert ask(router, "bandar-abbas-port", "Mumbai", under("today", sea)).routes
    with pytest.raises(RouteRefusedError, match="allow strait-of-hormuz"):
        ask(router, "bandar-imam-khomeini-port", "Mumbai", under("hormuz-closed", sea))


def test_trans_afghan_and_power_of_siberia_2_open_ways_that_today_refuses_or_lacks(router: Router) -> None:
    assert "trans-afghan" in lines(ask(router, "Termez", "Peshawar", under("trans-afghan-opens", RAIL)))
    gas = under("today", (Mode.GAS,), "gas")
    with pytest.raises(RouteRefusedError):
        ask(router, "Irkutsk", "Ulaanbaatar", gas)
    opened = ask(router, "Irkutsk", "Ulaanbaatar", under("power-of-siberia-2", (Mode.GAS,), "gas"))
    assert lines(opened) == {"power-of-siberia-2", "soyuz-vostok"}


def lines(answer: Answer) -> set[str]:
    return {line for leg in answer.routes[0].legs for line in leg.lines}


def test_congestion_adds_its_hours_once_per_passage_and_counts_as_assumed(router: Router) -> None:
    closed = Request(modes=RAIL, avoid=("dostyk-alashankou", "RUS", "MNG"))
    before = ask(router, "Urumqi", "Almaty", closed)
    after = ask(
        router,
        "Urumqi",
        "Almaty",
        Request(modes=RAIL, avoid=closed.avoid, effects=Effects(delays=(Delay("khorgos-altynkol", added_h=72),))),
    )
    assert hours(after) == pytest.approx(hours(before) + 72)
    assert after.routes[0].time_h.p10 == pytest.approx(before.routes[0].time_h.p10 + 72)
    assert after.routes[0].evidence_share < before.routes[0].evidence_share
    border = next(leg for leg in after.routes[0].legs if leg.crossing == "khorgos-altynkol")
    assert border.assumed


def test_low_water_slows_the_caspian_and_nothing_else(router: Router) -> None:
    change = router.costs_of(under("caspian-low-water")).hours(router.costs.values()) - router.costs.hours(
        router.costs.values()
    )
    links = router.network.links
    assert (change >= 0).all()
    touched = np.flatnonzero(change > 0)
    assert {links.kind[int(link)] for link in touched} == {LinkKind.FERRY.value}
    assert all("-line" in links.lines[int(link)] or "alat-ferry" in links.lines[int(link)] for link in touched)
    before, after = (
        ask(router, "aktau-port", "alat-port", under(name, (Mode.FERRY,))) for name in ("today", "caspian-low-water")
    )
    assert hours(after) > 1.5 * hours(before)
    assert after.routes[0].cost_usd_per_teu.p50 == pytest.approx(1.25 * before.routes[0].cost_usd_per_teu.p50, rel=0.01)


def test_of_several_speeds_the_most_specific_holds(router: Router) -> None:
    effects = Effects(speeds=(Factor("KAZ:rail", 2.0), Factor("rail", 0.5), Factor("KAZ", 3.0)))
    factor = costs_under(router.costs, router.network, router.catalogue, effects).factors["speed"]
    links = router.network.links
    rail, road = (links.kind.matches(kind.__eq__) for kind in ("rail", "road"))
    here = links.country.matches("KAZ".__eq__)
    assert set(factor[rail & here]) == {2.0}
    assert set(factor[road & here]) == {3.0}
    assert set(factor[rail & ~links.country.matches(lambda text: "KAZ" in text)]) == {0.5}


@pytest.mark.parametrize(
    ("effects", "error", "says"),
    [
        (Effects(delays=(Delay("atlantis", 2.0),)), NameNotFoundError, "atlantis"),
        (Effects(delays=(Delay("kokand", 2.0),)), RequestError, "nothing is handed over"),
        (Effects(speeds=(Factor("camel", 2.0),)), NameNotFoundError, "camel"),
        (Effects(tariffs=(Factor("KAZ:camel", 2.0),)), NameNotFoundError, "KAZ:camel"),
    ],
)
def test_effects_on_nothing_are_refused(router: Router, effects: Effects, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        costs_under(router.costs, router.network, router.catalogue, effects)


def test_an_extending_scenario_has_the_last_word() -> None:
    base = Scenario.model_validate(
        {"id": "a", "name": "a", "close": ["RUS", "IRN"], "speed": {"rail": 0.5}, "delay": {"x": {"hours": 1}}}
    )
    over = Scenario.model_validate(
        {"id": "b", "name": "b", "extends": "a", "open": ["RUS"], "speed": {"rail": 0.9, "road": 2}, "year": 2030}
    )
    folded = resolve_scenario("b", {"a": base, "b": over})
    assert folded.close == ("IRN",)
    assert folded.effects.speeds == (Factor("rail", 0.9), Factor("road", 2.0))
    assert folded.effects.delays == (Delay("x", 1.0, 1.0),)
    assert folded.year == 2030


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {id: a, name: a, delay: {x: {}}}", "needs a factor"),
        ("- {id: a, name: a, delay: {x: {hours: -5}}}", "greater than or equal to 0"),
        ("- {id: a, name: a, speed: {rail: 0}}", "0.01"),
        ("- {id: a, name: a, speed: {rail: .nan}}", "finite|greater"),
        ("- {id: a, name: a, capacity: 3}", "capacity"),
        ("- {id: a, name: a}\n- {id: a, name: b}", "twice"),
        ("[", "not valid YAML"),
        ("", "no scenario"),
    ],
)
def test_a_broken_scenario_file_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=says):
        resolve_scenario(str(file))


PLACES = ("xian", "almaty", "tashkent", "istanbul", "moscow", "baku", "tehran", "duisburg")
CLOSABLE = ("RUS", "KAZ", "IRN", "suez-canal", "khorgos-altynkol", "aktau-alat-ferry", "alat-port")
DELAYABLE = ("khorgos-altynkol", "dostyk-alashankou", "brest-terespol", "alat-port", "aktau-alat-ferry")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ends=st.permutations(PLACES), closed=st.sampled_from(CLOSABLE))
def test_closing_something_never_shortens(router: Router, ends: list[str], closed: str) -> None:
    before = hours(ask(router, ends[0], ends[1], Request()))
    try:
        after = hours(ask(router, ends[0], ends[1], Request(avoid=(closed,))))
    except RouteRefusedError:
        return
    # weights are whole seconds per link
    assert after >= before - 0.5


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.permutations(PLACES),
    target=st.sampled_from(DELAYABLE),
    factor=st.floats(1.0, 10.0),
    added_h=st.floats(0.0, 500.0),
)
def test_a_delay_never_speeds_up(router: Router, ends: list[str], target: str, factor: float, added_h: float) -> None:
    before = hours(ask(router, ends[0], ends[1], Request()))
    delayed = Request(effects=Effects(delays=(Delay(target, factor, added_h),)))
    assert hours(ask(router, ends[0], ends[1], delayed)) >= before - 0.5


def test_one_scenario_never_leaks_into_the_next_answer(router: Router) -> None:
    before = answer_json(ask(router, "Almaty", "Baku", under("today")))
    ask(router, "Almaty", "Baku", under("caspian-low-water"))
    assert answer_json(ask(router, "Almaty", "Baku", under("today"))) == before


def test_a_strait_delays_the_ship_that_passes_it_once_and_no_other(router: Router) -> None:
    ships = (Mode.SEA,)
    delayed = Request(modes=ships, effects=Effects(delays=(Delay("suez-canal", added_h=100.0),)))
    before = hours(ask(router, "shanghai-port", "rotterdam-port", Request(modes=ships)))
    assert hours(ask(router, "shanghai-port", "rotterdam-port", delayed)) == pytest.approx(before + 100, abs=1)
    elsewhere = [
        hours(ask(router, "singapore-port", "mumbai-port", request)) for request in (Request(modes=ships), delayed)
    ]
    assert elsewhere[0] == elsewhere[1]


def test_a_line_shares_its_delay_out_along_its_course(router: Router) -> None:
    trains = Request(modes=(Mode.RAIL,))
    late = Request(modes=(Mode.RAIL,), effects=Effects(delays=(Delay("lanxin", added_h=40.0),)))
    whole = [hours(ask(router, "lanzhou", "urumqi", request)) for request in (trains, late)]
    part = [hours(ask(router, "hami", "urumqi", request)) for request in (trains, late)]
    assert 0 < part[1] - part[0] < whole[1] - whole[0] <= 41
    slow = Request(modes=(Mode.RAIL,), effects=Effects(delays=(Delay("lanxin", factor=2.0),)))
    assert hours(ask(router, "hami", "urumqi", slow)) > part[0] + 1
