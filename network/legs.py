"""Steps over links told as legs, with bands, evidence and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo.geodesy import Coords, segment_lengths_m
from layers.catalogue import Catalogue
from network.bands import Band, bands
from network.search import Step
from network.state import State
from network.table import Floats, Ints, LinkKind

# every border, change of gauge and transfer is a leg of its own
_ALONE = frozenset({LinkKind.BORDER.value, LinkKind.GAUGE_CHANGE.value, LinkKind.TRANSFER.value})
# at sea and in a pipeline a leg does not end at a border
_BORDERLESS = frozenset({LinkKind.SEA.value, LinkKind.PIPELINE.value})
_LANDING = frozenset({LinkKind.FERRY.value, LinkKind.AIR.value})


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
    """Catalogue lines it runs over, the one with most kilometres first."""
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
    probability_fastest: float | None = None
    """Share of the paired draws in which it is the fastest route of its answer; None where it is the only one."""
    probability_cheapest: float | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of a route as columns."""

    steps: tuple[Step, ...]
    rows: Ints
    share: Floats
    is_backward: Ints

    @classmethod
    def of(cls, steps: Sequence[Step]) -> _Run:
        ends = np.asarray([(step.link, step.start, step.end) for step in steps], dtype=np.float64).reshape(-1, 3)
        run = ends[:, 2] - ends[:, 1]
        return cls(tuple(steps), ends[:, 0].astype(np.int64), np.abs(run), (run < 0).astype(np.int64))


@dataclass(frozen=True)
class Describer:
    """Tells the steps of a route as legs."""

    catalogue: Catalogue
    state: State

    def describe(self, steps: Sequence[Step], rank: int) -> Route:
        """Return the route that runs over the steps."""
        run = _Run.of(steps)
        amounts = self.state.amounts[run.rows] * run.share[:, None]
        bounds = self._bounds(run)
        legs = self._legs(run, amounts, bounds)
        time_h, cost = bands(self.state.costs, steps)
        total_h = float(amounts[:, 0].sum())
        sourced_h = float((self.state.costs.sourced_hours(run.rows) * run.share).sum())
        return Route(
            rank=rank,
            distance_km=sum(leg.distance_km for leg in legs),
            time_h=time_h,
            cost_usd_per_teu=cost,
            co2_kg_per_teu=sum(leg.co2_kg_per_teu for leg in legs),
            countries=tuple(dict.fromkeys(code for leg in legs for code in leg.countries)),
            evidence_share=min(sourced_h / total_h, 1.0) if total_h else 0.0,
            legs=legs,
            steps=run.steps,
        )

    def _bounds(self, run: _Run) -> list[int]:
        """Return where each leg begins, and the number of steps."""
        links, rows = self.state.network.links, run.rows
        country = np.where(links.kind.is_in(_BORDERLESS, rows), -1, links.country.codes[rows])
        keys = np.stack([links.kind.codes[rows], links.mode.codes[rows], links.gauge_mm[rows], country])
        is_alone = links.kind.is_in(_ALONE, rows)
        is_new = (keys[:, 1:] != keys[:, :-1]).any(axis=0) | is_alone[1:] | is_alone[:-1]
        return [0, *(np.flatnonzero(is_new) + 1).tolist(), len(rows)] if len(rows) else []

    def _legs(self, run: _Run, amounts: Floats, bounds: Sequence[int]) -> tuple[Leg, ...]:
        links, costs = self.state.network.links, self.state.costs
        coords = self._coords(run, bounds)
        kinds = [links.kind[int(run.rows[first])] for first in bounds[:-1]]
        countries = self._countries(run, bounds)
        names = self._names(run, bounds, kinds, countries, coords)
        touched, rests_on = costs.touched(run.rows), costs.rests_on[:, run.rows]
        lines, gauges = links.lines.codes[run.rows], links.gauge_mm[run.rows].tolist()
        legs = []
        for number, (first, last) in enumerate(pairwise(bounds)):
            used = sorted(set(rests_on[:, first:last].ravel().tolist()) - {-1})
            hours, usd, km, co2 = amounts[first:last].sum(axis=0).tolist()
            kind = kinds[number]
            leg = Leg(
                kind=kind,
                start=names[number][0],
                end=names[number][1],
                countries=countries[number],
                distance_km=km,
                time_h=hours,
                cost_usd_per_teu=usd,
                co2_kg_per_teu=co2,
                gauge_mm=gauges[first] or None,
                lines=_by_share(links.lines.words, lines[first:last], amounts[first:last, 2]),
                crossing=links.crossing[int(run.rows[first])]
                if kind in (LinkKind.BORDER, LinkKind.GAUGE_CHANGE)
                else "",
                assumed=not costs.is_sourced[used].all() or bool(touched[first:last].any()),
                claims=tuple(costs.parameters[row].id for row in used),
                coords=coords[number],
                steps=run.steps[first:last],
            )
            legs.append(leg)
        return tuple(legs)

    def _countries(self, run: _Run, bounds: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the countries of each leg in the order of travel."""
        links, nodes = self.state.network.links, self.state.network.nodes
        is_back = run.is_backward == 1
        begins = nodes.country.codes[np.where(is_back, links.b[run.rows], links.a[run.rows])]
        # a ferry or an aircraft lands in another country than it starts from, without a border leg
        lands = nodes.country.codes[np.where(is_back, links.a[run.rows], links.b[run.rows])]
        lands = np.where(links.kind.is_in(_LANDING, run.rows), lands, -1)
        seen = np.stack([links.country.codes[run.rows], links.countries.codes[run.rows], begins, lands])
        is_new = np.ones(len(run.rows), dtype=bool)
        is_new[1:] = (seen[:, 1:] != seen[:, :-1]).any(axis=0)
        is_new[list(bounds[:-1])] = True
        places = np.flatnonzero(is_new)
        found: list[dict[str, None]] = [{} for _ in bounds[:-1]]
        leg_of = np.searchsorted(bounds, places, side="right") - 1
        for leg, (run_by, touched, begin, landing) in zip(leg_of.tolist(), seen[:, places].T.tolist(), strict=True):
            start = nodes.country.words[begin]
            codes = (links.country.words[run_by] or links.countries.words[touched]).split(";")
            if landing >= 0:
                codes = [start, nodes.country.words[landing]]
            found[leg] |= dict.fromkeys(sorted(filter(None, codes), key=lambda code: (code != start, code)))
        return [tuple(codes) for codes in found]

    def _coords(self, run: _Run, bounds: Sequence[int]) -> list[Coords]:
        """Return the course of each leg in the direction of travel, no point twice in a row."""
        links = self.state.network.links
        low, count = (
            links.shape_offsets[run.rows],
            np.diff(links.shape_offsets[np.stack([run.rows, run.rows + 1])], axis=0)[0],
        )
        ends = np.cumsum(count)
        # forwards from the first point of a shape, backwards from its last
        first, way = low + (count - 1) * run.is_backward, 1 - 2 * run.is_backward
        steps = np.repeat(np.stack([first, way, ends - count]), count, axis=1)
        joined = links.shape_coords[steps[0] + steps[1] * (np.arange(steps.shape[1]) - steps[2])]
        begins = [0, *ends[np.asarray(bounds[1:], dtype=np.int64) - 1].tolist()] if len(bounds) > 1 else []
        is_part = run.share != 1.0
        found = []
        for (first_step, last_step), (begin, end) in zip(pairwise(bounds), pairwise(begins), strict=True):
            piece = joined[begin:end]
            if is_part[first_step:last_step].any():
                piece = np.concatenate([self._part(one) for one in run.steps[first_step:last_step]])
            is_fresh = np.ones(len(piece), dtype=bool)
            is_fresh[1:] = (piece[1:, 0] != piece[:-1, 0]) | (piece[1:, 1] != piece[:-1, 1])
            found.append(piece[is_fresh] if is_fresh[1:].any() else piece[[0, -1]])
        return found

    def _part(self, step: Step) -> Coords:
        shape = self.state.network.links.shape(step.link)
        if step.share < 1.0:
            shape = _between(shape, min(step.start, step.end), max(step.start, step.end))
        return shape[::-1] if step.is_backward else shape

    def _names(
        self,
        run: _Run,
        bounds: Sequence[int],
        kinds: Sequence[str],
        countries: Sequence[tuple[str, ...]],
        coords: Sequence[Coords],
    ) -> list[tuple[str, str]]:
        """Return the names of both ends of each leg; a nameless end is named after the border or place it meets."""
        starts = [self._node_name(run.steps[first], at_start=True) for first in bounds[:-1]]
        ends = [self._node_name(run.steps[last - 1], at_start=False) for last in bounds[1:]]
        for leg, kind in enumerate(kinds):
            if not starts[leg]:
                starts[leg] = ends[leg - 1] if leg else _lon_lat(coords[leg][0])
            if ends[leg]:
                continue
            following = leg + 1 if leg + 1 < len(kinds) else None
            border = leg if kind == LinkKind.BORDER.value else following
            if following is not None and starts[following]:
                ends[leg] = starts[following]
            elif border is not None and kinds[border] == LinkKind.BORDER.value:
                ends[leg] = f"border {'–'.join(countries[border])}"
            else:
                ends[leg] = _lon_lat(coords[leg][-1])
        return list(zip(starts, ends, strict=True))

    def _node_name(self, step: Step, *, at_start: bool) -> str:
        """Return the place at an end of a step, ``""`` at a plain node or in the middle of a link."""
        at = step.start if at_start else step.end
        if at not in (0.0, 1.0):
            return ""
        network = self.state.network
        node = int(network.links.a[step.link] if at == 0.0 else network.links.b[step.link])
        place = network.nodes.place[node]
        return self.catalogue.places[place].name_en if place else ""


def _by_share(words: Sequence[str], codes: npt.NDArray[np.int32], km: Floats) -> tuple[str, ...]:
    """Return the lines that steps run over, the one with most kilometres first."""
    shares: dict[str, float] = {}
    for code, length in zip(codes.tolist(), km.tolist(), strict=True):
        for line in words[code].split(";"):
            shares[line] = shares.get(line, 0.0) + length
    shares.pop("", None)
    return tuple(sorted(shares, key=lambda line: (-shares[line], line)))


def _lon_lat(point: Coords) -> str:
    return f"{point[0]:.3f},{point[1]:.3f}"


def _between(coords: Coords, start: float, end: float) -> Coords:
    """Return the part of a polyline between two shares of its length."""
    lengths = segment_lengths_m(coords)
    along = np.concatenate([[0.0], np.cumsum(lengths)]) / max(lengths.sum(), 1e-9)
    ends = [[np.interp(at, along, coords[:, axis]) for axis in (0, 1)] for at in (start, end)]
    inner = coords[(along > start) & (along < end)]
    return np.concatenate([[ends[0]], inner, [ends[1]]])
