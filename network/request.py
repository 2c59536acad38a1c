"""What a planner asks for, and which links that leaves to use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import NameNotFoundError
from layers.catalogue import DATA_YEAR, Catalogue
from layers.imported import STATED
from layers.schema import Mode, PlaceKind
from network.costs import Objective
from network.scenarios import NO_EFFECTS, Effects
from network.table import NEVER, Network

COMMODITY_MODES = {
    "container": (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY, Mode.AIR),
    "gas": (Mode.GAS,),
    "oil": (Mode.OIL,),
}
SURFACE_MODES = (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY)
_UNBUILT = frozenset({"construction", "planned", "proposed"})


@dataclass(frozen=True, slots=True)
class Request:
    """One question; every choice travels with the call."""

    objective: Objective = Objective.TIME
    commodity: str = "container"
    modes: tuple[Mode, ...] = SURFACE_MODES
    avoid: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    year: int = DATA_YEAR
    scenario: str = "today"
    effects: Effects = NO_EFFECTS
    """Delays, speeds and tariffs of its scenario."""


def usable_links(network: Network, catalogue: Catalogue, request: Request) -> npt.NDArray[np.bool_]:
    """Return a mask of the links a request may use.

    Raises
    ------
    NameNotFoundError
        A closed or opened target is not known.
    """
    links = network.links
    allowed = frozenset(mode.value for mode in request.modes)
    end_modes = network.nodes.mode.is_in(allowed)
    usable = end_modes[links.a] & end_modes[links.b]
    exists = links.status.matches("open".__eq__) & (links.opens <= request.year)
    exists |= _opened_links(network, catalogue, request)
    usable &= exists
    for target in request.avoid:
        usable &= ~links_of_target(network, catalogue, target)
    return usable


def _opened_links(network: Network, catalogue: Catalogue, request: Request) -> npt.NDArray[np.bool_]:
    links = network.links
    result = np.zeros(len(links), dtype=bool)
    for target in request.opened:
        if target == "planned":
            announced = links.status.is_in(_UNBUILT) & (links.opens <= request.year) & (links.opens < NEVER)
            result |= announced
        elif target in catalogue.lines:
            result |= links_of_line(network, target)
        elif target in catalogue.crossings or is_stated(network, target):
            result |= links.crossing.matches(target.__eq__)
        elif any(layer.id == target for layer in catalogue.imports):
            result |= _links_of_import(network, catalogue, target)
        else:
            raise NameNotFoundError(f"cannot open {target!r}: it is no line or crossing of the catalogue")
    return result


def links_of_target(network: Network, catalogue: Catalogue, target: str) -> npt.NDArray[np.bool_]:
    """Return a mask of the links that belong to a country, line, crossing, place, strait or area.

    A country takes every link that is run by it or whose drawn course touches it, an area every link that touches it.

    Raises
    ------
    NameNotFoundError
        The target is none of these.
    """
    links, nodes = network.links, network.nodes
    code = target.upper()
    if code in catalogue.countries:
        in_country = nodes.country.matches(code.__eq__)
        return (
            links.countries.matches(lambda text: code in text.split(";"))
            | links.country.matches(lambda text: code in text.split(";"))
            | in_country[links.a]
            | in_country[links.b]
        )
    if target in catalogue.lines:
        return links_of_line(network, target)
    if target in catalogue.crossings or is_stated(network, target):
        return links.crossing.matches(target.__eq__)
    if target in catalogue.areas:
        return links_in_area(network, catalogue, target)
    if target in catalogue.places:
        place = catalogue.places[target]
        if place.kind is PlaceKind.STRAIT:
            return _passage_links(network, (place.lon, place.lat))
        here = nodes.place.matches(target.__eq__)
        return here[links.a] | here[links.b]
    raise NameNotFoundError(
        f"cannot avoid {target!r}: it is no country code, line, crossing, port, strait or area of the catalogue"
    )


def links_of_line(network: Network, line: str) -> npt.NDArray[np.bool_]:
    """Return a mask of the links a catalogue line runs on."""
    return network.links.lines.matches(lambda text: line in text.split(";"))


def is_stated(network: Network, target: str) -> bool:
    """Tell whether a target is a border post or change of gauge that a user stated for an import."""
    return target.startswith(STATED) and target in network.links.crossing.words


def _links_of_import(network: Network, catalogue: Catalogue, name: str) -> npt.NDArray[np.bool_]:
    lines = {line for layer in catalogue.imports if layer.id == name for line in layer.lines}
    if not lines:
        raise NameNotFoundError(f"cannot open import {name!r}: it has no lines on the network (none, or too many)")
    return network.links.lines.matches(lambda text: not lines.isdisjoint(text.split(";")))


def links_in_area(network: Network, catalogue: Catalogue, area: str) -> npt.NDArray[np.bool_]:
    """Return a mask of the links whose drawn course touches an area."""
    links = network.links
    shape = next(layer.shapes[area] for layer in catalogue.imports if area in layer.shapes)
    west, south, east, north = shape.bounds
    start = links.shape_offsets[:-1]
    low = np.minimum.reduceat(links.shape_coords, start, axis=0)
    high = np.maximum.reduceat(links.shape_coords, start, axis=0)
    near = (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    rows = np.flatnonzero(near)
    result = np.zeros(len(links), dtype=bool)
    if len(rows):
        shapely.prepare(shape)
        courses = [shapely.LineString(links.shape(int(row))) for row in rows]
        # a change of gauge or mode has no length: its end stands for it
        ends = shapely.points(links.shape_coords[start[rows]])
        result[rows] = shapely.intersects(shape, courses) | shapely.intersects(shape, ends)
    return result


def _passage_links(network: Network, lon_lat: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Return the links of the named passage nearest to a strait's point."""
    links = network.links
    named = np.flatnonzero(links.passage.matches(bool))
    middle = [links.shape(int(link)).mean(axis=0) for link in named]
    nearest = min(range(len(named)), key=lambda place: float(np.hypot(*(middle[place] - lon_lat))))
    return links.passage.matches(links.passage[int(named[nearest])].__eq__)
