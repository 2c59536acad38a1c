"""What a planner asks for, and which links that leaves to use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field

from geo.errors import NameNotFoundError, RequestError
from layers.catalogue import CATALOGUE_DIR, Catalogue
from layers.records import check_record, read_records
from layers.schema import Mode, PlaceKind, Record, Slug
from network.costs import Objective
from network.table import NEVER, Network

COMMODITY_MODES = {
    "container": (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY, Mode.AIR),
    "gas": (Mode.GAS,),
    "oil": (Mode.OIL,),
}
SURFACE_MODES = (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY)
_UNBUILT = frozenset({"construction", "planned", "proposed"})

Targets = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(value or ()))]


class Scenario(Record):
    """A state of the world as data: which lines are open or closed, in which year."""

    id: Slug
    name: str
    description: str = ""
    extends: Slug | None = None
    year: Annotated[int | None, Field(ge=1850, le=2100)] = None
    open: Targets = ()
    """Lines that carry traffic in this scenario whatever their status; ``planned`` opens all announced by its year."""
    close: Targets = ()
    """Countries, lines, crossings, ports or straits that do not."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question; every choice travels with the call."""

    objective: Objective = Objective.TIME
    commodity: str = "container"
    modes: tuple[Mode, ...] = SURFACE_MODES
    avoid: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    year: int = 2026
    scenario: str = "today"


def load_scenarios(directory: Path = CATALOGUE_DIR / "scenarios") -> dict[str, Scenario]:
    """Load the shipped scenarios by id.

    Raises
    ------
    RequestError
        A scenario breaks its schema.
    """
    faults: list[str] = []
    found = [check_record(raw, Scenario, faults=faults) for raw in read_records(directory)]
    if faults:
        raise RequestError("scenario files are not valid:\n" + "\n".join(faults))
    return {scenario.id: scenario for scenario in found if scenario is not None}


def resolve_scenario(name: str, scenarios: dict[str, Scenario] | None = None) -> Scenario:
    """Return a scenario by id or YAML file, with what it extends folded in.

    Raises
    ------
    NameNotFoundError
        No such scenario or file.
    RequestError
        Scenarios extend each other in a circle.
    """
    known = dict(load_scenarios() if scenarios is None else scenarios)
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise NameNotFoundError(f"scenario file {name} does not exist")
        read = load_scenarios(path)
        known |= read
        name = next(reversed(read), name)
    chain: list[Scenario] = []
    step: str | None = name
    while step is not None:
        if step not in known:
            raise NameNotFoundError(f"scenario {step!r} is not known; known are: {', '.join(sorted(known))}")
        if any(scenario.id == step for scenario in chain):
            raise RequestError(f"scenario {name!r} extends itself through {step!r}")
        chain.append(known[step])
        step = known[step].extends
    years = [scenario.year for scenario in chain if scenario.year is not None]
    return chain[0].model_copy(
        update={
            "year": years[0] if years else None,
            "open": tuple(target for scenario in reversed(chain) for target in scenario.open),
            "close": tuple(target for scenario in reversed(chain) for target in scenario.close),
        }
    )


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
            result |= _links_of_line(network, target)
        elif target in catalogue.crossings:
            result |= links.crossing.matches(target.__eq__)
        else:
            raise NameNotFoundError(f"cannot open {target!r}: it is no line or crossing of the catalogue")
    return result


def links_of_target(network: Network, catalogue: Catalogue, target: str) -> npt.NDArray[np.bool_]:
    """Return a mask of the links that belong to a country, line, crossing, place or strait.

    A country takes every link that is run by it or whose drawn course touches it.

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
        return _links_of_line(network, target)
    if target in catalogue.crossings:
        return links.crossing.matches(target.__eq__)
    if target in catalogue.places:
        place = catalogue.places[target]
        if place.kind is PlaceKind.STRAIT:
            return _passage_links(network, (place.lon, place.lat))
        here = nodes.place.matches(target.__eq__)
        return here[links.a] | here[links.b]
    raise NameNotFoundError(
        f"cannot avoid {target!r}: it is no country code, line, crossing, port or strait of the catalogue"
    )


def _links_of_line(network: Network, line: str) -> npt.NDArray[np.bool_]:
    return network.links.lines.matches(lambda text: line in text.split(";"))


def _passage_links(network: Network, lon_lat: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Return the links of the named passage nearest to a strait's point."""
    links = network.links
    named = np.flatnonzero(links.passage.matches(bool))
    middle = [links.shape(int(link)).mean(axis=0) for link in named]
    nearest = min(range(len(named)), key=lambda place: float(np.hypot(*(middle[place] - lon_lat))))
    return links.passage.matches(links.passage[int(named[nearest])].__eq__)
