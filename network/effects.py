"""Lay the effects of a scenario over a cost model; the model itself stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.errors import NameNotFoundError, RequestError
from layers.catalogue import Catalogue
from layers.imported import STATED
from layers.schema import Mode, PlaceKind
from network.costs import CostModel
from network.request import links_of_line
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
        A delay names something at which nobody waits.
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
        scaled, longer = _waiting_links(network, catalogue, delay)
        for quantity in ("hours", "wait"):
            factors[quantity][scaled] *= delay.factor
        added_h[longer] += delay.added_h
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


def _waiting_links(network: Network, catalogue: Catalogue, delay: Delay) -> tuple[Mask, Mask]:
    """Return the links whose hours a delay multiplies, and those to which it adds, so that a passage counts once."""
    links, nodes = network.links, network.nodes
    kind = {name: links.kind.matches(name.value.__eq__) for name in LinkKind}
    target = delay.target
    if target in catalogue.crossings or target.startswith(STATED):
        here = links.crossing.matches(target.__eq__)
        border = here & kind[LinkKind.BORDER]
        # a break of gauge inside one country has no border to wait at
        return here, border if border.any() else here
    if target in catalogue.lines:
        ferry = links_of_line(network, target) & kind[LinkKind.FERRY]
        if catalogue.lines[target].mode is not Mode.FERRY:
            raise RequestError(f"cannot delay line {target!r}: only ferries wait; give a crossing, place or ferry line")
        return ferry, ferry
    if target in catalogue.places:
        if catalogue.places[target].kind is PlaceKind.STRAIT:
            raise RequestError(f"cannot delay strait {target!r}: delay its ports, or close it")
        at_place = nodes.place.matches(target.__eq__)
        here = at_place[links.a] | at_place[links.b]
        transfer = here & kind[LinkKind.TRANSFER]
        if not transfer.any():
            raise RequestError(f"cannot delay {target!r}: nothing is handed over there; give a crossing or a terminal")
        return transfer | here & kind[LinkKind.FERRY], transfer
    raise NameNotFoundError(f"cannot delay {target!r}: it is no crossing, place or ferry line of the catalogue")
