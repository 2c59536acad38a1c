"""Draws belong to their parameter; bands and the odds between routes follow from them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.atlas import Atlas
from layers.schema import Parameter
from network.bands import DRAWS, Band, best_shares, draw_amounts, draws_of
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Answer, Router


def parameter(name: str, low: float, central: float, high: float) -> Parameter:
    return Parameter(
        id=name, quantity="hours", scope="x", low=low, central=central, high=high, unit="h", source="assumed"
    )


ENDS = st.tuples(*[st.floats(0, 1000) for _ in range(3)]).map(sorted)


@given(ends=ENDS, name=st.sampled_from(["a", "b-c", "hours-border-rail"]))
def test_draws_lie_between_low_and_high_and_around_central(ends: list[float], name: str) -> None:
    low, central, high = ends
    drawn = draws_of(parameter(name, low, central, high))
    assert drawn.shape == (DRAWS,)
    slack = 1e-9 * max(high, 1.0)
    assert low - slack <= drawn.min() <= drawn.max() <= high + slack
    assert float(drawn.mean()) == pytest.approx((low + central + high) / 3, abs=0.05 * (high - low) + slack)
    below = float(np.mean(drawn < central))
    assert high - low < slack or below == pytest.approx((central - low) / (high - low), abs=0.06)


def test_draws_of_a_parameter_do_not_depend_on_what_else_is_asked() -> None:
    one = parameter("one", 1, 2, 4)
    before = draws_of(one).copy()
    draws_of(parameter("another", 1, 2, 4))
    draws_of(one, seed=7)
    assert np.array_equal(draws_of(one), before)
    assert not np.array_equal(draws_of(parameter("another", 1, 2, 4)), before)
    assert not np.array_equal(draws_of(one, seed=7), before)


def test_nobody_can_change_a_draw() -> None:
    with pytest.raises(ValueError, match="read-only"):
        draws_of(parameter("one", 1, 2, 4))[0] = 9.0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_a_band_is_numpys_percentiles(values: list[float]) -> None:
    band = Band.of(np.asarray(values))
    assert (band.p10, band.p50, band.p90) == pytest.approx(tuple(np.percentile(values, [10, 50, 90])))


@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(st.floats(1, 100), min_size=20, max_size=20), min_size=n, max_size=n)
    )
)
def test_odds_of_all_options_sum_to_one_and_a_dominated_one_has_none(drawn: list[list[float]]) -> None:
    options = [np.asarray(values) for values in drawn]
    shares = best_shares(options)
    assert sum(shares) == pytest.approx(1.0)
    assert best_shares([*options, np.max(options, axis=0) + 1.0])[-1] == 0.0


def ask(router: Router, alternatives: int) -> Answer:
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("Almaty", "Istanbul")]
    return router.route(ends[0], ends[1], Request(), alternatives=alternatives)


def test_alternatives_say_how_probably_each_is_the_best(router: Router) -> None:
    routes = ask(router, 3).routes
    assert len(routes) == 3
    for odds in ([r.probability_fastest for r in routes], [r.probability_cheapest for r in routes]):
        assert sum(share for share in odds if share is not None) == pytest.approx(1.0)
    costs = router.costs_of(Request())
    hours = [draw_amounts(costs, route.steps)[0] for route in routes]
    assert routes[0].probability_fastest == pytest.approx(float(np.mean(hours[0] < np.minimum(hours[1], hours[2]))))
    assert ask(router, 1).routes[0].probability_fastest is None


def test_pareto_routes_say_how_probably_each_is_the_fastest(router: Router) -> None:
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("Xi'an", "Duisburg")]
    routes = router.pareto(ends[0], ends[1], Request(objective=Objective.TIME)).routes
    assert len(routes) > 1
    assert sum(route.probability_fastest or 0.0 for route in routes) == pytest.approx(1.0)


def test_draws_of_a_route_are_those_of_its_parameters_alone(router: Router) -> None:
    """Legs share parameters: drawing each leg by itself and adding up gives the whole route, draw by draw."""
    route = ask(router, 1).routes[0]
    costs = router.costs_of(Request())
    whole = draw_amounts(costs, route.steps)
    parts = [draw_amounts(costs, leg.steps) for leg in route.legs]
    for which in (0, 1):
        assert np.allclose(whole[which], np.sum([part[which] for part in parts], axis=0))


_PROGRAM = """
import hashlib, json, sys
from corridors.atlas import load_atlas
from network.answer import answer_json
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Router
atlas = load_atlas()
ends = [resolve_endpoint(atlas.catalogue, name)[0] for name in ("Xi'an", "Istanbul")]
answer = answer_json(atlas.router.route(ends[0], ends[1], Request(), alternatives=3))
print(hashlib.sha256(json.dumps(answer, sort_keys=False).encode()).hexdigest())
"""


def test_answers_do_not_depend_on_hash_seeds_or_the_number_of_threads(
    atlas: Atlas, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert atlas.network.nodes
    cache = str(tmp_path_factory.getbasetemp() / "cli-cache")
    digests = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("4242", "4")):
        counts = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        environment = {**os.environ, **counts, "PYTHONHASHSEED": seed, "CORRIDORS_CACHE": cache}
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], cwd=root, env=environment, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout)
    assert len(digests) == 1
