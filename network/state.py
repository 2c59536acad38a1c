"""The network under one request: what may run, what it takes, and the way through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from network.costs import CostModel
from network.engine import Engine, Metric
from network.request import Request
from network.table import Floats, Ints, LinkKind, Network

_STANDING = frozenset({LinkKind.TRANSFER.value, LinkKind.GAUGE_CHANGE.value})


@dataclass(frozen=True)
class State:
    """What follows from a request alone; nobody changes it, so every question under that request may share it."""

    network: Network
    engine: Engine
    request: Request
    usable: npt.NDArray[np.bool_]
    costs: CostModel

    @cached_property
    def weights(self) -> Ints:
        """Whole-number weights of the objective per link."""
        return self.costs.weights(self.request.objective)

    @cached_property
    def metric(self) -> Metric:
        """Finds least paths by the objective."""
        return self.engine.metric(self.weights, self.usable)

    @cached_property
    def amounts(self) -> Floats:
        """Central hours, USD, km and kg CO2e per link, a column each, as the legs of a route count them."""
        central = self.costs.values()
        moves = ~self.network.links.kind.is_in(_STANDING)
        hours, usd, co2_kg = self.costs.hours(central), self.costs.usd(central), self.costs.co2_kg(central)
        return np.column_stack([hours, usd, self.network.links.length_m / 1000 * moves, co2_kg * moves])
