"""Steps over links told as legs, with bands, evidence and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from geo.geodesy import Coords, segment_lengths_m
from layers.catalogue import Catalogue
from network.bands import Band, bands
from network.costs import CostModel
from network.search import Step
from network.table import LinkKind, Network

_STANDING = frozenset({LinkKind.GAUGE_CHANGE.value, LinkKind.TRANSFER.value})
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Leg:
    """Consecutive links of one kind; hours and costs are central values."""

    kind: str
    start: str
    end: str
    countries: tuple[str, ...]
    distance_km: float
    time_h: float
    cost_usd_per_teu: float
    co2_kg_per_teu: float
    gauge_mm: int | None
    lines: tuple[str, ...]
    crossing: str
    assumed: bool
    claims: tuple[str, ...]
    """Parameter ids its hours and costs rest on."""
    coords: Coords
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One way from origin to destination."""

    rank: int
    distance_km: float
    time_h: Band
    cost_usd_per_teu: Band
    co2_kg_per_teu: float
    countries: tuple[str, ...]
    evidence_share: float
    legs: tuple[Leg, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Describer:
    """Tells the steps of a route as legs."""

    network: Network
    catalogue: Catalogue
    costs: CostModel

    def describe(self, steps: Sequence[Step], rank: int) -> Route:
        """Return the route that runs over the steps."""
        central = self.costs.values()
        hours, usd, co2 = self.costs.hours(central), self.costs.usd(central), self.costs.co2_kg(central)
        amounts = {"hours": hours, "usd": usd, "co2": co2}
        legs = [self._leg(list(group), amounts) for _, group in groupby(steps, key=self._leg_key)]
        legs = _name_ends(legs)
        time_h, cost = bands(self.costs, steps)
        total_h = sum(leg.time_h for leg in legs)
        sourced_h = sum(self._sourced_hours(step) for step in steps)
        countries: dict[str, None] = {}
        for leg in legs:
            countries |= dict.fromkeys(leg.countries)
        return Route(
            rank=rank,
            distance_km=sum(leg.distance_km for leg in legs),
            time_h=time_h,
            cost_usd_per_teu=cost,
            co2_kg_per_teu=sum(leg.co2_kg_per_teu for leg in legs),
            countries=tuple(countries),
            evidence_share=min(sourced_h / total_h, 1.0) if total_h else 0.0,
            legs=tuple(legs),
            steps=tuple(steps),
        )

    def _leg_key(self, step: Step) -> tuple[str, str, int, str]:
        """Links with one key make one leg; every border, change and transfer stands alone."""
        links = self.network.links
        kind = links.kind[step.link]
        stands_alone = kind == LinkKind.BORDER.value or kind in _STANDING
        country = "" if kind in (LinkKind.SEA.value, LinkKind.PIPELINE.value) else links.country[step.link]
        return kind, links.mode[step.link], int(links.gauge_mm[step.link]), str(step.link) if stands_alone else country

    def _leg(self, steps: list[Step], amounts: dict[str, npt.NDArray[np.float64]]) -> Leg:
        links = self.network.links
        kind = links.kind[steps[0].link]
        share = np.asarray([step.share for step in steps])
        rows = [step.link for step in steps]
        is_standing = kind in _STANDING
        countries: dict[str, None] = {}
        for step in steps:
            codes = links.country[step.link] or links.countries[step.link]
            countries |= dict.fromkeys(self._in_order(step, [code for code in codes.split(";") if code]))
        used = self._parameters(rows)
        return Leg(
            kind=kind,
            start=self._node_name(steps[0], at_start=True),
            end=self._node_name(steps[-1], at_start=False),
            countries=tuple(countries),
            distance_km=0.0 if is_standing else float((links.length_m[rows] * share).sum()) / 1000,
            time_h=float((amounts["hours"][rows] * share).sum()),
            cost_usd_per_teu=float((amounts["usd"][rows] * share).sum()),
            co2_kg_per_teu=0.0 if is_standing else float((amounts["co2"][rows] * share).sum()),
            gauge_mm=int(links.gauge_mm[rows[0]]) or None,
            lines=tuple(dict.fromkeys(name for row in rows for name in links.lines[row].split(";") if name)),
            crossing=links.crossing[rows[0]] if kind in (LinkKind.BORDER.value, LinkKind.GAUGE_CHANGE.value) else "",
            assumed=any(self.costs.parameters[row].source == ASSUMED for row in used)
            or any(self.costs.is_touched(row) for row in rows),
            claims=tuple(self.costs.parameters[row].id for row in used),
            coords=_join([self._coords(step) for step in steps]),
            steps=tuple(steps),
        )

    def _in_order(self, step: Step, codes: list[str]) -> list[str]:
        """Put the two countries of a border in the order of travel."""
        nodes, links = self.network.nodes, self.network.links
        first = nodes.country[int(links.b[step.link] if step.is_backward else links.a[step.link])]
        return sorted(codes, key=lambda code: (code != first, code))

    def _parameters(self, rows: Sequence[int]) -> list[int]:
        """Return the rows of the parameters that hours and costs of some links rest on, in table order."""
        used = {
            int(row)
            for quantity in ("speed", "hours", "wait", "tariff", "fee")
            for row in self.costs.use[quantity][list(rows)]
            if row >= 0
        }
        return sorted(used)

    def _sourced_hours(self, step: Step) -> float:
        """Return the central hours of a step whose parameter has a source; what a scenario changes has none."""
        costs = self.costs
        if costs.is_touched(step.link):
            return 0.0
        hours = 0.0
        speed = int(costs.use["speed"][step.link])
        if speed >= 0 and costs.parameters[speed].source != ASSUMED:
            hours += float(costs.length_km[step.link]) * step.share / costs.parameters[speed].central
        for quantity in ("hours", "wait"):
            row = int(costs.use[quantity][step.link])
            if row >= 0 and costs.parameters[row].source != ASSUMED:
                hours += costs.parameters[row].central * step.share
        return hours

    def _coords(self, step: Step) -> Coords:
        shape = self.network.links.shape(step.link)
        if step.share == 1.0:
            return shape[::-1] if step.is_backward else shape
        part = _between(shape, min(step.start, step.end), max(step.start, step.end))
        return part[::-1] if step.is_backward else part

    def _node_name(self, step: Step, *, at_start: bool) -> str:
        """Return the place at an end of a step, ``""`` at a plain node or in the middle of a link."""
        at = step.start if at_start else step.end
        if at not in (0.0, 1.0):
            return ""
        links = self.network.links
        node = int(links.a[step.link] if at == 0.0 else links.b[step.link])
        place = self.network.nodes.place[node]
        return self.catalogue.places[place].name_en if place else ""


def _between(coords: Coords, start: float, end: float) -> Coords:
    """Return the part of a polyline between two shares of its length."""
    lengths = segment_lengths_m(coords)
    along = np.concatenate([[0.0], np.cumsum(lengths)]) / max(lengths.sum(), 1e-9)
    ends = [[np.interp(at, along, coords[:, axis]) for axis in (0, 1)] for at in (start, end)]
    inner = coords[(along > start) & (along < end)]
    return np.concatenate([[ends[0]], inner, [ends[1]]])


def _join(pieces: Sequence[Coords]) -> Coords:
    joined = np.concatenate(pieces)
    fresh = np.concatenate([[True], (np.diff(joined, axis=0) != 0).any(axis=1)])
    kept = joined[fresh]
    return kept if len(kept) > 1 else joined[[0, -1]]


def _name_ends(legs: Sequence[Leg]) -> list[Leg]:
    """Name the nameless ends of legs after the border or place they meet."""
    named = list(legs)
    for place, leg in enumerate(named):
        start, end = leg.start, leg.end
        if not start:
            start = named[place - 1].end if place else f"{leg.coords[0][0]:.3f},{leg.coords[0][1]:.3f}"
        if not end:
            following = named[place + 1] if place + 1 < len(named) else None
            border = leg if leg.kind == LinkKind.BORDER.value else following
            if following is not None and following.start:
                end = following.start
            elif border is not None and border.kind == LinkKind.BORDER.value:
                end = f"border {'–'.join(border.countries)}"
            else:
                end = f"{leg.coords[-1][0]:.3f},{leg.coords[-1][1]:.3f}"
        named[place] = replace(leg, start=start, end=end)
    return named
