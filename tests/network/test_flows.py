"""Greatest flows: against published totals, and as a max flow must behave."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import RequestError, RouteRefusedError
from layers.claims import adopted
from network.flows import Pipes, find_flow, flow_json
from network.request import COMMODITY_MODES, Request
from network.route import Router
from network.scenarios import Effects, resolve_scenario


def request(commodity: str = "gas", scenario: str = "today", opened: tuple[str, ...] = ()) -> Request:
    state = resolve_scenario(scenario)
    return Request(
        commodity=commodity,
        modes=COMMODITY_MODES[commodity],
        avoid=state.close,
        opened=(*state.open, *opened),
        year=state.year or 2026,
        scenario=state.id,
        effects=state.effects,
    )


def published(router: Router, country: str, attribute: str) -> float:
    claims = [claim for claim in router.catalogue.claims if claim.subject == f"country:{country}"]
    return float(adopted(claims, router.catalogue.sources)[attribute].value)


def test_central_asia_can_send_china_what_is_published(router: Router) -> None:
    found = find_flow(router, request(), ("TKM", "UZB", "KAZ"), ("CHN",))
    assert found.total == published(router, "CHN", "gas-import-capacity-central-asia") == 55
    assert {line.line for line in found.binding} == {f"central-asia-china-line-{name}" for name in "abc"}


def test_china_today_is_the_sum_of_its_three_systems(router: Router) -> None:
    found = find_flow(router, request(), (), ("CHN",))
    assert found.total == 38 + 55 + 12
    assert {one.id for one in found.entries} == {"chayanda", "galkynysh", "kyaukpyu-port"}
    assert {one.country for one in found.deliveries} == {"CHN"}
    assert found.unknown == ("galkynysh-bagtyyarlyk",)


def test_line_d_and_power_of_siberia_2_add_what_they_are_planned_for(router: Router) -> None:
    today = find_flow(router, request(), (), ("CHN",)).total
    line_d = find_flow(router, request(scenario="line-d-opens"), (), ("CHN",))
    siberia = find_flow(router, request(scenario="power-of-siberia-2"), (), ("CHN",))
    assert today is not None
    assert line_d.total == today + published(router, "CHN", "gas-import-capacity-line-d")
    assert siberia.total == today + 50
    assert "soyuz-vostok" in {line.line for line in siberia.binding}


def test_russian_pipes_together_stay_near_the_published_plan(router: Router) -> None:
    """Gazprom's chairman speaks of 100 bcm; the trunk line from Sakhalin carries 5.5 of the Far Eastern Route's 12."""
    opened = ("far-eastern-route", "hulin-changchun")
    found = find_flow(
        router,
        request(scenario="power-of-siberia-2", opened=opened),
        ("chayanda", "novy-urengoy", "val-sakhalin"),
        ("CHN",),
    )
    assert found.total == 38 + 50 + 5.5
    assert found.total == pytest.approx(published(router, "CHN", "gas-import-planned-russia"), rel=0.1)
    assert "far-eastern-route" not in {line.line for line in found.binding}


def test_the_eu_gets_what_turkstream_and_tap_hand_over(router: Router) -> None:
    found = find_flow(router, request(), (), ("eu",))
    assert found.total == pytest.approx(15.75 + 11.2)
    assert {line.line for line in found.binding} == {"turkstream-bulgaria", "trans-adriatic-pipeline"}
    relief = {line.line: line.relief for line in found.binding}
    assert relief["turkstream-bulgaria"] == pytest.approx(31.5 - 15.75)


def test_oil_to_china_is_bound_by_its_own_pipes(router: Router) -> None:
    found = find_flow(router, request("oil"), (), ("CHN",))
    assert found.total == 30 + 20 + 13
    assert found.unit == "Mt/y"


def test_a_scenario_sets_what_a_pipe_carries(router: Router) -> None:
    raised = replace(
        request(),
        effects=Effects(
            capacities=(("power-of-siberia-1-china", 44.0), ("power-of-siberia-1-chayanda-blagoveshchensk", 44.0))
        ),
    )
    assert find_flow(router, raised, (), ("CHN",)).total == 105 + 6


def test_no_limit_is_told_as_no_limit(router: Router) -> None:
    found = find_flow(router, request(), ("galkynysh",), ("saman-depe",))
    assert found.total is None
    assert "no limit is known" in " ".join(flow_json(found)["notes"])


@pytest.mark.parametrize(
    ("sources", "targets", "kind", "says"),
    [
        ((), ("MNG",), RouteRefusedError, "if you open soyuz-vostok"),
        (("Almaty",), ("CHN",), RouteRefusedError, "stands on no open pipeline"),
        (("galkynysh",), ("galkynysh",), RequestError, "source and destination"),
        ((), (), RequestError, "give --to"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    router: Router, sources: tuple[str, ...], targets: tuple[str, ...], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        find_flow(router, request(), sources, targets)


def test_containers_do_not_flow(router: Router) -> None:
    with pytest.raises(RequestError, match="containers have no pipes"):
        find_flow(router, Request(), (), ("CHN",))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flow_is_conserved_fits_its_pipes_and_never_grows_by_closing_one(router: Router, data: st.DataObject) -> None:
    commodity = data.draw(st.sampled_from(["gas", "oil"]))
    target = data.draw(st.sampled_from(["CHN", "eu", "RUS", "TUR"]))
    asked = request(commodity)
    whole = find_flow(router, asked, (), (target,))
    assert whole.total is not None
    assert sum(one.flow for one in whole.entries) == pytest.approx(whole.total)
    assert sum(one.flow for one in whole.deliveries) == pytest.approx(whole.total)
    for line in whole.lines:
        assert line.capacity.value is None or line.flow <= line.capacity.value + 1e-3
    bound = [line.capacity.value for line in whole.binding if line.capacity.value is not None]
    assert whole.total <= sum(bound) + 1e-3
    closed = data.draw(st.sampled_from(sorted(Pipes(router, asked).capacities)))
    try:
        less = find_flow(router, replace(asked, avoid=(closed,)), whole.sources, (target,))
    except RouteRefusedError:
        return
    assert less.total is not None
    assert less.total <= whole.total + 1e-9


def test_pipes_run_as_their_lines_are_listed(router: Router) -> None:
    """Gas of Shanghai does not run back to Turkmenistan."""
    with pytest.raises(RouteRefusedError):
        find_flow(router, request(), ("Shanghai",), ("TKM",))


def test_the_table_of_the_document_is_what_is_found(router: Router, root: Path) -> None:
    text = (root / "docs" / "flows.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (gas|oil) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([0-9.]+) \|", text, re.MULTILINE)
    assert len(rows) >= 7
    for commodity, sources, target, scenario, total in rows:
        names = () if sources == "all" else tuple(name.strip() for name in sources.split(","))
        assert find_flow(router, request(commodity, scenario), names, (target,)).total == pytest.approx(float(total))
