"""Parameters: which scope wins, what the bands make of it, and that a misspelt scope is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from geo.errors import CatalogueError
from layers.catalogue import CATALOGUE_DIR, load_catalogue
from layers.schema import Mode, Parameter
from network.bands import COMMON_SHARE, draws_of
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Router


def claims(router: Router, origin: str, destination: str, mode: Mode, *, kind: str) -> set[str]:
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in (origin, destination)]
    legs = router.route(ends[0], ends[1], Request(modes=(mode,))).routes[0].legs
    return {claim for leg in legs if leg.kind == kind for claim in leg.claims}


def parameter(name: str, quantity: str, low: float, central: float, high: float) -> Parameter:
    return Parameter(
        id=name, quantity=quantity, scope="rail", low=low, central=central, high=high, unit="h", source="assumed"
    )


def test_a_country_goes_before_its_group_and_the_group_before_the_mode(router: Router) -> None:
    assert "speed-country-chn-rail" in claims(router, "Xi'an", "Lanzhou", Mode.RAIL, kind="rail")
    assert "speed-group-eu-rail" in claims(router, "Warsaw", "Berlin", Mode.RAIL, kind="rail")
    assert "speed-group-eaeu-rail" in claims(router, "Almaty", "Astana", Mode.RAIL, kind="rail")
    assert "speed-rail" in claims(router, "Lahore", "Karachi", Mode.RAIL, kind="rail")


def test_a_crossing_goes_before_its_union_its_group_and_its_country(router: Router) -> None:
    crossing = claims(router, "Urumqi", "Almaty", Mode.RAIL, kind="border")
    assert crossing & {"hours-crossing-khorgos-altynkol-rail", "hours-crossing-dostyk-alashankou-rail"}
    assert "hours-border-union-rail" in claims(router, "Petropavl", "Omsk", Mode.RAIL, kind="border")
    of_group = claims(router, "Tashkent", "Shymkent", Mode.RAIL, kind="border")
    assert "hours-group-central-asia-5-border-rail" in of_group
    assert "hours-country-blr-border-rail" in claims(router, "Minsk", "Warsaw", Mode.RAIL, kind="border")
    assert "hours-country-chn-border-rail" in claims(router, "Harbin", "Chita", Mode.RAIL, kind="border")


def test_a_ferry_with_a_timetable_has_a_wait_of_its_own(router: Router) -> None:
    poti = claims(router, "poti-port", "constanta-port", Mode.FERRY, kind="ferry")
    assert "hours-line-poti-constanta-ferry-wait" in poti
    assert "hours-port-wait-ferry" in claims(router, "aktau-port", "alat-port", Mode.FERRY, kind="ferry")


@pytest.mark.parametrize(
    ("old", "new"),
    [("group:eu:rail", "group:eux:rail"), ("country:CHN:rail", "country:CHN:train"), ("air,", "aeroplane,")],
)
def test_a_scope_that_names_nothing_is_an_error(tmp_path: Path, old: str, new: str) -> None:
    copy = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE_DIR, copy)
    table = copy / "parameters.csv"
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(f"speed,{old}", f"speed,{new}"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="unknown scope"):
        load_catalogue(copy)


def test_draws_of_one_parameter_keep_its_own_triangle() -> None:
    drawn = draws_of(parameter("a", "hours", 2.0, 5.0, 14.0), draws=10_000)
    assert drawn.min() >= 2
    assert drawn.max() <= 14
    assert drawn.mean() == pytest.approx((2 + 5 + 14) / 3, rel=0.01)
    assert np.median(drawn) == pytest.approx(14 - np.sqrt(0.5 * 12 * 9), rel=0.01)


def test_a_bad_season_is_bad_everywhere_and_prices_go_their_own_way() -> None:
    border, other = (draws_of(parameter(name, "hours", 1, 5, 20), draws=5_000) for name in ("a", "b"))
    speed = draws_of(parameter("c", "speed", 10, 30, 50), draws=5_000)
    price = draws_of(parameter("d", "tariff", 0.1, 0.5, 1.0), draws=5_000)
    assert np.corrcoef(border, other)[0, 1] == pytest.approx(COMMON_SHARE, abs=0.1)
    assert np.corrcoef(border, speed)[0, 1] == pytest.approx(-COMMON_SHARE, abs=0.1)
    assert abs(np.corrcoef(border, price)[0, 1]) < 0.06
