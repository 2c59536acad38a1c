"""What a link takes: hours, USD per TEU, grams of CO2e per TEU, each from the parameter table.

Central values weigh the search; low, central and high of the same parameters give the bands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.errors import CatalogueError
from layers.catalogue import Catalogue
from layers.schema import Parameter, PlaceKind
from network.table import Floats, Ints, LinkKind, Network

# quantities whose parameter multiplies a link's kilometres, divides them, or counts once
_PER_KM = ("speed", "tariff", "emission")
_ONCE = ("hours", "wait", "fee")
_NONE = -1
_ALL = slice(None)
ASSUMED = "assumed"
"""Source of a parameter that nobody has published."""


class Objective(StrEnum):
    """What a route minimises."""

    TIME = "time"
    COST = "cost"
    DISTANCE = "distance"
    CO2 = "co2"


# weights are whole numbers of these units: seconds, cents, metres, grams
UNITS_PER = {Objective.TIME: 3600.0, Objective.COST: 100.0, Objective.DISTANCE: 1.0, Objective.CO2: 1000.0}
"""Weights in one h, USD, metre or kg."""


@dataclass(frozen=True)
class CostModel:
    """For each link, which parameter row gives each quantity; −1 where none applies."""

    parameters: tuple[Parameter, ...]
    use: Mapping[str, Ints]
    """Quantity → parameter row per link."""
    length_km: Floats
    factors: Mapping[str, Floats] = field(default_factory=dict)
    """Quantity → factor per link that a scenario lays over it; a missing quantity is as it is."""
    added_h: Floats | None = None
    """Hours per link that a scenario adds."""

    def factor(self, quantity: str, links: Ints | slice = _ALL) -> Floats | float:
        """Return what a scenario multiplies a quantity of some links by; 1 without one."""
        return self.factors[quantity][links] if quantity in self.factors else 1.0

    def extra_h(self, links: Ints | slice = _ALL) -> Floats | float:
        """Return the hours a scenario adds to some links; 0 without one."""
        return 0.0 if self.added_h is None else self.added_h[links]

    def touched(self, links: Ints) -> npt.NDArray[np.bool_]:
        """Return a mask of the given links whose hours or tariff a scenario changes."""
        changed = np.zeros(len(links), dtype=bool)
        for factor in self.factors.values():
            changed |= factor[links] != 1.0
        return changed if self.added_h is None else changed | (self.added_h[links] != 0.0)

    def values(self, attribute: str = "central") -> Floats:
        """Return one value per parameter: ``low``, ``central`` or ``high``."""
        return np.asarray([getattr(parameter, attribute) for parameter in self.parameters], dtype=np.float64)

    @cached_property
    def is_sourced(self) -> npt.NDArray[np.bool_]:
        """Whether each parameter has a source; one more place, false, stands for no parameter (row −1)."""
        return np.asarray([parameter.source != ASSUMED for parameter in self.parameters] + [False])

    @cached_property
    def rests_on(self) -> Ints:
        """Parameter rows of hours and costs, (quantities, links)."""
        return np.stack([self.use[quantity] for quantity in ("speed", "hours", "wait", "tariff", "fee")])

    def sourced_hours(self, links: Ints) -> Floats:
        """Return the central hours of whole links whose parameter has a source; what a scenario changes has none."""
        central = self.values()
        speed = self.use["speed"][links]
        hours = self.length_km[links] / _pick(central, speed, np.inf) * self.is_sourced[speed]
        for quantity in ("hours", "wait"):
            rows = self.use[quantity][links]
            hours = hours + _pick(central, rows, 0.0) * self.is_sourced[rows]
        return np.where(self.touched(links), 0.0, hours)

    def hours(self, values: Floats) -> Floats:
        """Return hours per link under the given parameter values."""
        speed = _pick(values, self.use["speed"], np.inf) * self.factor("speed")
        once = self.extra_h()
        for quantity in ("hours", "wait"):
            once = once + _pick(values, self.use[quantity], 0.0) * self.factor(quantity)
        return np.asarray(self.length_km / speed + once)

    def usd(self, values: Floats) -> Floats:
        """Return USD per TEU per link."""
        per_km = _pick(values, self.use["tariff"], 0.0) * self.factor("tariff")
        return np.asarray(self.length_km * per_km + _pick(values, self.use["fee"], 0.0))

    def co2_kg(self, values: Floats) -> Floats:
        """Return kilograms of CO2e per TEU per link."""
        return np.asarray(self.length_km * _pick(values, self.use["emission"], 0.0))

    def amounts(self, objective: Objective, values: Floats) -> Floats:
        """Return the objective's amount per link: h, USD, km or kg."""
        match objective:
            case Objective.TIME:
                return self.hours(values)
            case Objective.COST:
                return self.usd(values)
            case Objective.CO2:
                return self.co2_kg(values)
            case Objective.DISTANCE:
                return self.length_km * 1000.0

    def weights(self, objective: Objective) -> Ints:
        """Return whole-number weights of at least 1 per link under the central values."""
        exact = self.amounts(objective, self.values()) * UNITS_PER[objective]
        return np.maximum(np.rint(exact), 1.0).astype(np.int64)


def _pick(values: Floats, rows: Ints, missing: float) -> Floats:
    return np.where(rows >= 0, values[np.maximum(rows, 0)], missing)


def build_cost_model(network: Network, catalogue: Catalogue) -> CostModel:
    """Find the most specific parameter of each quantity for every link.

    Raises
    ------
    CatalogueError
        A mode, border, transfer or gauge change on the network has no parameter.
    """
    finder = _Finder(network, catalogue)
    use = {quantity: finder.rows(quantity) for quantity in (*_PER_KM, *_ONCE)}
    if finder.missing:
        lacking = ", ".join(sorted(finder.missing))
        raise CatalogueError(f"parameters.csv has no value for: {lacking}; add a row for each, assumed if need be")
    return CostModel(tuple(catalogue.parameters.values()), use, network.links.length_m / 1000)


class _Finder:
    """Looks up parameter rows by scope, asking once for each distinct kind of link."""

    def __init__(self, network: Network, catalogue: Catalogue) -> None:
        self._network = network
        self._catalogue = catalogue
        self._row = {(p.quantity, p.scope): n for n, p in enumerate(catalogue.parameters.values())}
        self._unions = {
            kind: [frozenset(g.members) for g in catalogue.groups.values() if g.kind == kind]
            for kind in ("free-movement", "customs-union")
        }
        # the smaller group says more about its members
        self._groups = sorted(catalogue.groups.values(), key=lambda group: (len(group.members), group.id))
        self.missing: set[str] = set()

    def rows(self, quantity: str) -> Ints:
        """Return the parameter row per link, looked up once for each distinct kind of link."""
        distinct, inverse = self._kinds
        found = [self._find(quantity, row) for row in distinct]
        return np.asarray(found, dtype=np.int64)[inverse]

    @cached_property
    def _kinds(self) -> tuple[list[tuple[int, ...]], Ints]:
        """The distinct combinations of columns that decide a parameter, and which one each link has."""
        links, nodes = self._network.links, self._network.nodes
        at = nodes.mode.codes
        columns = (
            links.kind.codes,
            links.mode.codes,
            links.country.codes,
            links.crossing.codes,
            at[links.a],
            at[links.b],
            np.where(links.kind.matches(LinkKind.TRANSFER.value.__eq__), nodes.place.codes[links.a], 0),
            np.where(links.kind.matches(LinkKind.FERRY.value.__eq__) | self._has_own_speed, links.lines.codes, 0),
        )
        # one number per combination: sorting rows of eight is ten times slower
        sizes = tuple(int(column.max(initial=0)) + 1 for column in columns)
        numbers = np.ravel_multi_index(columns, sizes)
        distinct, inverse = np.unique(numbers, return_inverse=True)
        rows = np.column_stack(np.unravel_index(distinct, sizes))
        return [tuple(row) for row in rows.tolist()], np.asarray(inverse, dtype=np.int64)

    @property
    def _has_own_speed(self) -> npt.NDArray[np.bool_]:
        """Tell which links run on a line that has a parameter of its own."""
        own = {scope.split(":")[1] for _, scope in self._row if scope.startswith("line:")}
        return self._network.links.lines.matches(lambda text: not own.isdisjoint(text.split(";")))

    def _find(self, quantity: str, codes: Sequence[int]) -> int:
        links, nodes = self._network.links, self._network.nodes
        kind = LinkKind(links.kind.words[codes[0]])
        mode = links.mode.words[codes[1]]
        country = links.country.words[codes[2]]
        crossing = links.crossing.words[codes[3]]
        ends = {nodes.mode.words[codes[4]], nodes.mode.words[codes[5]]}
        # the one thing besides its countries that sets a transfer or a sailing apart
        name = nodes.place.words[codes[6]] if kind is LinkKind.TRANSFER else links.lines.words[codes[7]]
        scopes, is_needed = self._scopes(quantity, kind, mode, country, crossing, ends, name)
        # "wait" is an hours parameter beside the main one
        of_row = "hours" if quantity == "wait" else quantity
        for scope in scopes:
            if (of_row, scope) in self._row:
                return self._row[of_row, scope]
        if scopes and is_needed:
            self.missing.add(f"{of_row} of {scopes[-1]}")
        return _NONE

    def _scopes(  # noqa: PLR0911, PLR0913, PLR0917 - the columns that decide, one rule per kind of link
        self, quantity: str, kind: LinkKind, mode: str, country: str, crossing: str, ends: set[str], name: str
    ) -> tuple[list[str], bool]:
        """Return scopes from the most to the least specific, and whether one must exist."""
        if quantity in _PER_KM:
            if kind in (LinkKind.TRANSFER, LinkKind.GAUGE_CHANGE):
                return [], False
            # pipelines take amounts, not boxes: their speed and tariff are asked for all the same
            codes = [code for code in country.split(";") if code]
            groups = [f"group:{group.id}:{mode}" for group in self._groups if not {*codes}.isdisjoint(group.members)]
            own = [f"line:{line}:{mode}" for line in name.split(";")]
            return [*own, *(f"country:{code}:{mode}" for code in codes), *groups, mode], True
        if quantity == "wait":
            if kind is LinkKind.FERRY:
                return [*(f"line:{line}:wait" for line in name.split(";")), "port-wait:ferry"], True
            is_sea = kind is LinkKind.TRANSFER and "sea" in ends
            return ([f"place:{name}:wait", "port-wait:sea"], False) if is_sea else ([], False)
        if kind is LinkKind.BORDER:
            return self._border_scopes(mode, country, crossing), True
        if kind is LinkKind.GAUGE_CHANGE:
            return [f"crossing:{crossing}:gauge-change", "gauge-change"], True
        if kind is LinkKind.TRANSFER:
            return [f"place:{name}:transfer", f"transfer:{self._terminal_kind(name)}"], True
        return [], False

    def _border_scopes(self, mode: str, country: str, crossing: str) -> list[str]:
        pair = set(country.split(";"))
        scopes = [f"crossing:{crossing}:{mode}"]
        if any(pair <= members for members in self._unions["free-movement"]):
            scopes.append(f"border-free:{mode}")
        elif any(pair <= members for members in self._unions["customs-union"]):
            scopes.append(f"border-union:{mode}")
        # what a group has among its own members goes before what one of them has at all its outer borders
        scopes += [f"group:{group.id}:border:{mode}" for group in self._groups if pair <= {*group.members}]
        scopes += [f"country:{code}:border:{mode}" for code in sorted(pair)]
        return [*scopes, f"border:{mode}"]

    def _terminal_kind(self, place: str) -> str:
        kind = self._catalogue.places[place].kind
        return {PlaceKind.PORT: "port", PlaceKind.AIRPORT: "airport"}.get(kind, "terminal")
