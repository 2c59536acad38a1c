"""Lay the effects of a scenario over a cost model; the model itself stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.errors import NameNotFoundError, RequestError
from layers.catalogue import Catalogue
from layers.schema import Mode, PlaceKind
from network.costs import CostModel
from network.request import is_stated, links_of_line, links_of_target
from network.scenarios import Delay, Effects, Factor
from network.table import Floats, LinkKind, Network

Mask = npt.NDArray[np.bool_]


def costs_under(model: CostModel, network: Network, catalogue: Catalogue, effects: Effects) -> CostModel:
    """Return the cost model with a scenario's delays, speeds and tariffs laid over it.

    Raises
    ------
    NameNotFoundError
        A delay, speed or tariff names something the catalogue does not know.
    RequestError
        A delay names a place at which nothing is handed over.
    """
    if not effects:
        return model
    count = len(network.links)
    factors = {
        "speed": _most_specific(network, catalogue, effects.speeds, "speed"),
        "tariff": _most_specific(network, catalogue, effects.tariffs, "tariff"),
        "hours": np.ones(count),
        "wait": np.ones(count),
    }
    added_h = np.zeros(count)
    for delay in effects.delays:
        found = _delayed(network, catalogue, delay)
        for quantity in ("hours", "wait"):
            factors[quantity][found.waits] *= delay.factor
        factors["speed"][found.runs] /= delay.factor
        added_h += found.shares * delay.added_h
    return replace(model, factors=factors, added_h=added_h)


def _most_specific(network: Network, catalogue: Catalogue, factors: Sequence[Factor], what: str) -> Floats:
    """Return the factor per link; of several that hold, the one of the line, country and mode, country, or mode."""
    result = np.ones(len(network.links))
    ranked = sorted(factors, key=lambda factor: _rank(catalogue, factor.scope, what))
    for factor in ranked:
        result[_in_scope(network, catalogue, factor.scope)] = factor.factor
    return result


def _rank(catalogue: Catalogue, scope: str, what: str) -> int:
    country, _, mode = scope.partition(":")
    if scope in catalogue.lines:
        return 3
    if scope in set(Mode):
        return 0
    if country in catalogue.countries and not mode:
        return 1
    if country in catalogue.countries and mode in set(Mode):
        return 2
    raise NameNotFoundError(
        f"cannot change the {what} of {scope!r}: it is no mode (rail), country (KAZ), country:mode (KAZ:rail) or line"
    )


def _in_scope(network: Network, catalogue: Catalogue, scope: str) -> Mask:
    links = network.links
    if scope in catalogue.lines:
        return links_of_line(network, scope)
    country, _, mode = scope.rpartition(":")
    if not country and scope in set(Mode):
        return links.mode.matches(scope.__eq__)
    if not country:
        country, mode = scope, ""
    inside = links.country.matches(lambda text: country in text.split(";"))
    return inside & links.mode.matches(mode.__eq__) if mode else inside


@dataclass(frozen=True, slots=True)
class _Delayed:
    """What a delay acts on."""

    waits: Mask
    """Links whose waiting hours are multiplied."""
    runs: Mask
    """Links whose hours under way are multiplied."""
    shares: Floats
    """Part of the added hours that each link takes, so that one passage takes them once."""


def _delayed(network: Network, catalogue: Catalogue, delay: Delay) -> _Delayed:
    """Return the links that a delay acts on.

    At a crossing, a terminal and before a ferry, hours are waited; on a line and in a strait they are under way, and
    added hours are shared out along it.
    """
    links, nodes = network.links, network.nodes
    kind = {name: links.kind.matches(name.value.__eq__) for name in LinkKind}
    none = np.zeros(len(links), dtype=bool)
    target = delay.target
    if target in catalogue.crossings or is_stated(network, target):
        here = links.crossing.matches(target.__eq__)
        border = here & kind[LinkKind.BORDER]
        # a break of gauge inside one country has no border to wait at
        return _Delayed(here, none, (border if border.any() else here).astype(np.float64))
    if target in catalogue.lines:
        here = links_of_line(network, target)
        if catalogue.lines[target].mode is Mode.FERRY:
            ferry = here & kind[LinkKind.FERRY]
            return _Delayed(ferry, none, ferry.astype(np.float64))
        return _Delayed(none, here, _along(network, here))
    if target in catalogue.places:
        if catalogue.places[target].kind is PlaceKind.STRAIT:
            passage = links_of_target(network, catalogue, target)
            return _Delayed(none, passage, _along(network, passage))
        at_place = nodes.place.matches(target.__eq__)
        here = at_place[links.a] | at_place[links.b]
        transfer = here & kind[LinkKind.TRANSFER]
        if not transfer.any():
            raise RequestError(f"cannot delay {target!r}: nothing is handed over there; give a crossing or a terminal")
        return _Delayed(transfer | here & kind[LinkKind.FERRY], none, transfer.astype(np.float64))
    raise NameNotFoundError(f"cannot delay {target!r}: it is no crossing, place, strait or line of the catalogue")


def _along(network: Network, mask: Mask) -> Floats:
    """Share one passage out by length, the passage being the longest way within some links."""
    # a tenth of a cold route, for scenarios that delay lines only
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    shares = np.zeros(len(network.links))
    rows = np.flatnonzero(mask)
    if len(rows):
        length_m = network.links.length_m[rows]
        nodes, ends = np.unique(np.stack([network.links.a[rows], network.links.b[rows]]), return_inverse=True)
        a, b = ends.reshape(2, -1)
        graph = coo_array((length_m, (a, b)), shape=(len(nodes), len(nodes))).tocsr()
        # the farthest point from the farthest point of anywhere: exact on a line, near enough where it has branches
        far = dijkstra(graph, directed=False, indices=int(a[0]))
        far = dijkstra(graph, directed=False, indices=int(np.where(np.isfinite(far), far, -1.0).argmax()))
        shares[rows] = length_m / max(float(far[np.isfinite(far)].max()), 1.0)
    return shares
