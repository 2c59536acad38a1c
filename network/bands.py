"""Bands of time and cost: seeded draws of the parameters a route uses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from layers.schema import Parameter
from network.costs import CostModel
from network.search import Step
from network.table import Floats, Ints

DRAWS = 1000
SEED = 20260101
# part of the variance that hours, or prices, share: in 2021 CPMM saw nearly every border, line and fee worsen at once.
# The one figure set by looking at published times, at all of them together (docs/validation.md)
COMMON_SHARE = 0.75
# what moves together, and which way: slow lines and long waits are one bad season
_FAMILIES = {"speed": ("time", -1.0), "hours": ("time", 1.0), "tariff": ("price", 1.0), "fee": ("price", 1.0)}


@dataclass(frozen=True, slots=True)
class Band:
    """The 10th, 50th and 90th percentile."""

    p10: float
    p50: float
    p90: float

    @classmethod
    def of(cls, values: Floats) -> Band:
        """Return the band of one or more draws, linear between neighbours.

        >>> Band.of(np.arange(11.0))
        Band(p10=1.0, p50=5.0, p90=9.0)
        """
        ranks = np.asarray([0.1, 0.5, 0.9]) * (len(values) - 1)
        return cls(*np.interp(ranks, np.arange(len(values)), np.sort(values)).tolist())


def draws_of(parameter: Parameter, *, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return triangular draws (draws,) of one parameter between low and high around central.

    They depend on the seed and the parameter alone: draw n is the same world for every route and scenario, so routes
    are compared pair by pair, and another row in the table moves no draw of this one. A slow year is slow everywhere:
    hours share :data:`COMMON_SHARE` of their variance with each other, and so do prices (a Gaussian copula).
    """
    ends = (parameter.low, parameter.central, parameter.high)
    return _triangular(parameter.id, parameter.quantity, ends, draws, seed)


@lru_cache(maxsize=4096)
def _triangular(name: str, quantity: str, ends: tuple[float, float, float], draws: int, seed: int) -> Floats:
    low, central, high = ends
    share = _ranks(name, quantity, draws, seed)
    width = high - low
    rising = low + np.sqrt(share * width * (central - low))
    falling = high - np.sqrt((1.0 - share) * width * (high - central))
    drawn: Floats = np.where(share * width < central - low, rising, falling)
    drawn.flags.writeable = False
    return drawn


def _ranks(name: str, quantity: str, draws: int, seed: int) -> Floats:
    """Return the even shares (½, 1½, 2½ …) ÷ draws, shuffled: each parameter by itself is drawn evenly."""
    family, sign = _FAMILIES.get(quantity, (name, 1.0))
    own, common = (_stream(key, seed).standard_normal(draws) for key in (name, f"common {family}"))
    mixed = np.sqrt(COMMON_SHARE) * sign * common + np.sqrt(1.0 - COMMON_SHARE) * own
    shares = np.empty(draws)
    shares[np.argsort(mixed, kind="stable")] = (np.arange(draws) + 0.5) / draws
    return shares


def _stream(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")])


def bands(model: CostModel, steps: Sequence[Step], *, draws: int = DRAWS, seed: int = SEED) -> tuple[Band, Band]:
    """Return the bands of hours and of USD per TEU of a route."""
    hours, usd = draw_amounts(model, steps, draws=draws, seed=seed)
    return Band.of(hours), Band.of(usd)


def draw_amounts(
    model: CostModel, steps: Sequence[Step], *, draws: int = DRAWS, seed: int = SEED
) -> tuple[Floats, Floats]:
    """Return hours and USD per TEU of a route in each draw; draws of two routes with one seed are pairs."""
    links = np.asarray([step.link for step in steps], dtype=np.int64)
    once = np.ones(len(links))
    km = model.length_km[links] * np.asarray([step.share for step in steps])

    def total(quantity: str, amounts: Floats, *, is_divided: bool = False) -> Floats:
        """Sum amount × parameter, or amount ÷ parameter, over the links."""
        rows, sums = _sums(model.use[quantity][links], amounts)
        result = np.zeros(draws)
        # one by one, not as a matrix product: its order of summation may change with the number of threads
        for row, amount in zip(rows.tolist(), sums.tolist(), strict=True):
            drawn = draws_of(model.parameters[row], draws=draws, seed=seed)
            result += amount / drawn if is_divided else amount * drawn
        return result

    hours = total("speed", km / model.factor("speed", links), is_divided=True)
    for quantity in ("hours", "wait"):
        hours += total(quantity, once * model.factor(quantity, links))
    hours += float(np.sum(model.extra_h(links) * once))
    usd = total("tariff", km * model.factor("tariff", links)) + total("fee", once)
    return hours, usd


def best_shares(drawn: Sequence[Floats]) -> tuple[float, ...]:
    """Return for each of several options the share of the draws in which it is the least; equals share alike.

    >>> best_shares([np.asarray([1.0, 2.0]), np.asarray([3.0, 2.0])])
    (0.75, 0.25)
    """
    table = np.stack(drawn)
    # what differs by less than rounding is equal
    is_least = table <= table.min(axis=0) * (1 + 1e-9)
    return tuple((is_least / is_least.sum(axis=0)).mean(axis=1).tolist())


def _sums(rows: Ints, amounts: Floats) -> tuple[Ints, Floats]:
    """Sum amounts by parameter row; rows of −1 have no parameter."""
    used = rows >= 0
    found, place = np.unique(rows[used], return_inverse=True)
    return found, np.bincount(place, weights=amounts[used], minlength=len(found)).astype(np.float64)
