"""What a scenario changes between two places: the same question under two states of the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.errors import RouteRefusedError
from network.access import Endpoint
from network.answer import answer_json
from network.bands import draw_amounts
from network.legs import Route
from network.request import Request
from network.route import Answer, Router


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scenario gives: an answer, or the reason why there is none."""

    name: str
    request: Request
    answer: Answer | None
    refusal: str = ""

    @property
    def route(self) -> Route | None:
        """The best route, or None."""
        return self.answer.routes[0] if self.answer is not None else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question under two scenarios."""

    origin: Endpoint
    destination: Endpoint
    before: Outcome
    after: Outcome
    faster_share: float | None
    """Share of the paired draws in which the second is faster; None when one refuses."""
    cheaper_share: float | None

    @property
    def is_same_way(self) -> bool:
        """True when both run over the same links."""
        return None not in (self.before.route, self.after.route) and _steps(self.before) == _steps(self.after)

    @property
    def difference(self) -> dict[str, float | None]:
        """Second minus first: medians of hours and cost, and km; None when one refuses."""
        first, second = self.before.route, self.after.route
        if first is None or second is None:
            return {"time_h": None, "cost_usd_per_teu": None, "distance_km": None}
        return {
            "time_h": round(second.time_h.p50 - first.time_h.p50, 1) + 0.0,
            "cost_usd_per_teu": round(second.cost_usd_per_teu.p50 - first.cost_usd_per_teu.p50, 1) + 0.0,
            "distance_km": round(second.distance_km - first.distance_km, 1) + 0.0,
        }

    @property
    def lines_gone(self) -> tuple[str, ...]:
        """Lines only the first runs over, in order of travel."""
        return tuple(line for line in _lines(self.before) if line not in _lines(self.after))

    @property
    def lines_new(self) -> tuple[str, ...]:
        """Lines only the second runs over, in order of travel."""
        return tuple(line for line in _lines(self.after) if line not in _lines(self.before))


def compare(
    router: Router, origin: Endpoint, destination: Endpoint, before: tuple[str, Request], after: tuple[str, Request]
) -> Comparison:
    """Return the answers to one question under two named scenarios.

    Raises
    ------
    RouteRefusedError
        Both refuse; the message gives both reasons.
    """
    first, second = (_outcome(router, origin, destination, name, request) for name, request in (before, after))
    if first.answer is None and second.answer is None:
        reasons = dict.fromkeys((first.refusal, second.refusal))
        raise RouteRefusedError(f"neither {first.name} nor {second.name} has a route: {'; '.join(reasons)}")
    shares = _paired_shares(router, first, second)
    return Comparison(origin, destination, first, second, *shares)


def _outcome(router: Router, origin: Endpoint, destination: Endpoint, name: str, request: Request) -> Outcome:
    try:
        return Outcome(name, request, router.route(origin, destination, request))
    except RouteRefusedError as refusal:
        return Outcome(name, request, None, str(refusal))


def _paired_shares(router: Router, first: Outcome, second: Outcome) -> tuple[float | None, float | None]:
    """Compare draw by draw: a slow year is slow under both scenarios, so bands that overlap prove nothing."""
    if first.route is None or second.route is None:
        return None, None
    drawn = [
        draw_amounts(router.costs_of(outcome.request), outcome.route.steps)
        for outcome in (first, second)
        if outcome.route is not None
    ]
    (hours, usd), (other_hours, other_usd) = drawn
    return float(np.mean(other_hours < hours)), float(np.mean(other_usd < usd))


def _steps(outcome: Outcome) -> tuple[object, ...]:
    return outcome.route.steps if outcome.route is not None else ()


def _lines(outcome: Outcome) -> tuple[str, ...]:
    legs = outcome.route.legs if outcome.route is not None else ()
    return tuple(dict.fromkeys(line for leg in legs for line in leg.lines))


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return the ``compare --json`` document; a scenario without a route has no routes and its reason in the notes."""
    ends = {
        name: {"id": point.id, "name": point.name, "lon": round(point.lon, 6), "lat": round(point.lat, 6)}
        for name, point in (("origin", comparison.origin), ("destination", comparison.destination))
    }
    return {
        **ends,
        "scenarios": {
            outcome.name: _outcome_json(comparison, outcome) for outcome in (comparison.before, comparison.after)
        },
        "difference": comparison.difference,
        "lines": {"gone": list(comparison.lines_gone), "new": list(comparison.lines_new)},
        "faster_share": None if comparison.faster_share is None else round(comparison.faster_share, 3),
        "cheaper_share": None if comparison.cheaper_share is None else round(comparison.cheaper_share, 3),
        "sentence": sentence(comparison),
    }


def _outcome_json(comparison: Comparison, outcome: Outcome) -> dict[str, Any]:
    answer = outcome.answer or Answer(
        comparison.origin, comparison.destination, outcome.request, (), (outcome.refusal,)
    )
    return answer_json(answer)


def sentence(comparison: Comparison) -> str:
    """Say in one sentence what changes, and how sure that is."""
    before, after = comparison.before, comparison.after
    ends = f"{comparison.origin.name}–{comparison.destination.name}"
    if before.route is None or after.route is None:
        lost, kept = (before, after) if before.route is None else (after, before)
        found = kept.route
        told = (
            f" it takes {_days(found.time_h.p50)} days and {found.cost_usd_per_teu.p50:,.0f} USD/TEU" if found else ""
        )
        return f"{ends}: under {kept.name}{told}; under {lost.name} there is none: {lost.refusal}."
    both_h = (before.route.time_h.p50, after.route.time_h.p50)
    # days that round to the same figure tell nothing
    are_close = _days(both_h[0]) == _days(both_h[1])
    show_time: Callable[[float], str] = (lambda h: f"{h:.1f} h") if are_close else (lambda h: f"{_days(h)} days")
    changes = [
        _change("takes", before.route.time_h.p50, after.route.time_h.p50, show_time),
        _change(
            "costs",
            before.route.cost_usd_per_teu.p50,
            after.route.cost_usd_per_teu.p50,
            lambda usd: f"{usd:,.0f} USD/TEU",
        ),
        _change("runs", before.route.distance_km, after.route.distance_km, lambda km: f"{km:,.0f} km"),
    ]
    changed = [change for change in changes if change]
    if not changed:
        way = "the same way" if comparison.is_same_way else "another way of the same length, time and cost"
        return f"{ends}: no change; {way} under {before.name} and {after.name}."
    how = "by the same way " if comparison.is_same_way else ""
    return f"{ends}: under {after.name} instead of {before.name} it {how}{_joined(changed)}{_certainty(comparison)}."


def _change(verb: str, first: float, second: float, show: Callable[[float], str]) -> str:
    """Tell one figure's change, or nothing where it rounds to none."""
    if abs(second - first) < 0.05:
        return ""
    per_cent = f" ({(second - first) / first:+.0%})" if first else ""
    return f"{verb} {show(second)} instead of {show(first)}{per_cent}"


def _joined(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _days(hours: float) -> str:
    return f"{hours / 24:.1f}"


def _certainty(comparison: Comparison) -> str:
    share = comparison.faster_share
    first, second = comparison.before.route, comparison.after.route
    if share is None or first is None or second is None or abs(second.time_h.p50 - first.time_h.p50) < 0.05:
        return ""
    is_faster = second.time_h.p50 < first.time_h.p50
    sure = share if is_faster else 1.0 - share
    return f"; it is {'faster' if is_faster else 'slower'} in {sure:.0%} of the paired draws"
