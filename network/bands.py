"""Bands of time and cost: seeded draws of the parameters a route uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from network.costs import CostModel
from network.search import Step
from network.table import Floats

DRAWS = 1000
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Band:
    """The 10th, 50th and 90th percentile."""

    p10: float
    p50: float
    p90: float

    @classmethod
    def of(cls, values: Floats) -> Band:
        """Return the band of many draws."""
        p10, p50, p90 = np.percentile(values, [10, 50, 90])
        return cls(float(p10), float(p50), float(p90))


def draw_values(model: CostModel, *, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return an array (draws, parameters) of triangular draws between low and high around central.

    One draw holds a parameter equal on all links that use it: a slow year is slow everywhere.
    """
    low, central, high = (model.values(name) for name in ("low", "central", "high"))
    # numpy refuses a triangle without width: widen nothing, keep the constant instead
    is_wide = high > low
    rng = np.random.default_rng(seed)
    wide = rng.triangular(low[is_wide], central[is_wide], high[is_wide], size=(draws, int(is_wide.sum())))
    result = np.tile(central, (draws, 1))
    result[:, is_wide] = wide
    return result


def bands(model: CostModel, steps: Sequence[Step], *, draws: int = DRAWS, seed: int = SEED) -> tuple[Band, Band]:
    """Return the bands of hours and of USD per TEU of a route."""
    hours, usd = draw_amounts(model, steps, draws=draws, seed=seed)
    return Band.of(hours), Band.of(usd)


def draw_amounts(
    model: CostModel, steps: Sequence[Step], *, draws: int = DRAWS, seed: int = SEED
) -> tuple[Floats, Floats]:
    """Return hours and USD per TEU of a route in each draw; draws of two routes with one seed are pairs."""
    links = np.asarray([step.link for step in steps], dtype=np.int64)
    shares = np.asarray([step.share for step in steps])
    km = model.length_km[links] * shares
    values = draw_values(model, draws=draws, seed=seed)
    hours = np.full(draws, float(np.sum(model.extra_h(links) * np.ones(len(links)))))
    usd = np.zeros(draws)
    for parameter, amount in _amounts(model.use["speed"][links], km / model.factor("speed", links)):
        hours += amount / values[:, parameter]
    for quantity in ("hours", "wait"):
        for parameter, amount in _amounts(
            model.use[quantity][links], model.factor(quantity, links) * np.ones(len(links))
        ):
            hours += amount * values[:, parameter]
    for quantity, amount_of in (("tariff", km * model.factor("tariff", links)), ("fee", np.ones(len(links)))):
        for parameter, amount in _amounts(model.use[quantity][links], amount_of):
            usd += amount * values[:, parameter]
    return hours, usd


def _amounts(rows: np.ndarray[tuple[int], np.dtype[np.int64]], amounts: Floats) -> list[tuple[int, float]]:
    """Sum amounts by parameter row; rows of −1 have no parameter."""
    used = rows >= 0
    if not used.any():
        return []
    totals = np.bincount(rows[used], weights=amounts[used])
    return [(int(row), float(totals[row])) for row in np.flatnonzero(totals)]
