"""Comparing two scenarios tells what changes, no more and no less."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import RouteRefusedError
from layers.schema import Mode
from network.compare import Comparison, compare, comparison_json, sentence
from network.endpoint import resolve_endpoint
from network.request import SURFACE_MODES, Request
from network.route import Router
from network.scenarios import load_scenarios, resolve_scenario


def under(name: str, modes: tuple[Mode, ...] = SURFACE_MODES) -> tuple[str, Request]:
    state = resolve_scenario(name)
    return name, Request(
        modes=modes,
        avoid=state.close,
        opened=state.open,
        year=state.year or 2026,
        scenario=state.id,
        effects=state.effects,
    )


def ask(
    router: Router, origin: str, destination: str, names: tuple[str, str], modes: tuple[Mode, ...] = SURFACE_MODES
) -> Comparison:
    start, end = (resolve_endpoint(router.catalogue, text)[0] for text in (origin, destination))
    return compare(router, start, end, under(names[0], modes), under(names[1], modes))


def test_suez_closed_makes_shanghai_rotterdam_longer_slower_and_dearer(router: Router) -> None:
    found = ask(router, "Shanghai", "Rotterdam", ("today", "suez-closed"), (Mode.SEA,))
    document = comparison_json(found)
    assert list(document["scenarios"]) == ["today", "suez-closed"]
    assert document["scenarios"]["suez-closed"]["routes"][0]["distance_km"] > 24_000
    assert all(value > 0 for value in document["difference"].values())
    assert "sea-colombo-suez" in document["lines"]["gone"]
    assert "slower in 100% of the paired draws" in document["sentence"]
    assert " days instead of " in document["sentence"]


def test_a_change_smaller_than_a_tenth_of_a_day_is_told_in_hours(router: Router) -> None:
    told = sentence(ask(router, "Ürümqi", "Almaty", ("today", "khorgos-congested"), (Mode.RAIL,)))
    days = re.search(r"takes (\S+) days instead of (\S+) days", told)
    assert days is None or days[1] != days[2]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(load_scenarios())))
def test_a_scenario_against_itself_is_no_change(router: Router, name: str) -> None:
    found = ask(router, "Xi'an", "Istanbul", (name, name))
    assert found.difference == {"time_h": 0.0, "cost_usd_per_teu": 0.0, "distance_km": 0.0}
    assert "no change; the same way" in sentence(found)
    assert not (*found.lines_gone, *found.lines_new)


def test_a_scenario_elsewhere_is_no_change(router: Router) -> None:
    assert "no change" in sentence(ask(router, "Xi'an", "Duisburg", ("today", "suez-closed")))


def test_a_refusal_under_one_scenario_is_told(router: Router) -> None:
    found = ask(router, "Mazar-i-Sharif", "Kabul", ("today", "trans-afghan-opens"), (Mode.RAIL,))
    document = comparison_json(found)
    assert document["scenarios"]["today"]["routes"] == []
    assert "no route" in document["scenarios"]["today"]["notes"][0]
    assert set(document["difference"].values()) == {None}
    assert "under today there is none" in document["sentence"]
    assert document["lines"]["new"] == ["trans-afghan"]


def test_a_refusal_under_both_is_a_refusal(router: Router) -> None:
    with pytest.raises(RouteRefusedError, match="neither today nor cku-opens"):
        ask(router, "Mazar-i-Sharif", "Kabul", ("today", "cku-opens"), (Mode.RAIL,))


def test_the_same_way_with_other_figures_says_so(router: Router) -> None:
    found = ask(router, "aktau-port", "alat-port", ("today", "caspian-low-water"), (Mode.FERRY,))
    assert found.is_same_way
    assert "by the same way takes" in sentence(found)
