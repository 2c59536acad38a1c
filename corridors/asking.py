"""What people type, turned into what the router asks: one way for the command line and for Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from geo.errors import NameNotFoundError, RequestError

if TYPE_CHECKING:
    from layers.catalogue import Catalogue
    from layers.schema import Mode
    from network.access import Endpoint
    from network.request import Request


def find_ends(catalogue: Catalogue, texts: Sequence[str]) -> tuple[list[Endpoint], list[str]]:
    """Return the ends and stops of a route, and notes on how names were taken.

    Raises
    ------
    NameNotFoundError, RequestError
        One of them is no place, no name and no ``lon,lat``.
    """
    from network.endpoint import resolve_endpoint

    found = [resolve_endpoint(catalogue, text) for text in texts]
    return [endpoint for endpoint, _ in found], [note for _, notes in found for note in notes]


def make_request(  # noqa: PLR0913 - one parameter per choice
    catalogue: Catalogue,
    *,
    by: str = "time",
    commodity: str = "container",
    modes: Sequence[str] = (),
    avoid: Sequence[str] = (),
    year: int | None = None,
    scenario: str = "today",
) -> Request:
    """Return a request from names: no modes means all of the commodity but air, no year that of the scenario.

    Raises
    ------
    NameNotFoundError
        The scenario, or something to avoid, is not known; the message suggests names that are.
    RequestError
        An objective, commodity or mode is not one of those there are.
    """
    from layers.catalogue import DATA_YEAR
    from network.costs import Objective
    from network.request import COMMODITY_MODES, SURFACE_MODES, Request
    from network.scenarios import resolve_scenario

    _one_of("by", by, list(Objective))
    _one_of("commodity", commodity, list(COMMODITY_MODES))
    state = resolve_scenario(scenario)
    default = SURFACE_MODES if commodity == "container" else COMMODITY_MODES[commodity]
    closed = (*state.close, *(avoidable(catalogue, text) for text in avoid))
    return Request(
        objective=Objective(by),
        commodity=commodity,
        modes=tuple(dict.fromkeys(find_mode(name) for name in modes)) or default,
        avoid=tuple(dict.fromkeys(closed)),
        opened=state.open,
        year=year or state.year or DATA_YEAR,
        scenario=state.id,
        effects=state.effects,
    )


def find_mode(name: str) -> Mode:
    """Return a mode by name.

    Raises
    ------
    RequestError
        There is no such mode.
    """
    from layers.schema import Mode

    _one_of("mode", name, list(Mode))
    return Mode(name)


def _one_of(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise RequestError(f"{what} {value!r} is not one of {', '.join(known)}")


def avoidable(catalogue: Catalogue, text: str) -> str:
    """Return the id of a country, line, crossing, place or area given by id or name.

    Raises
    ------
    NameNotFoundError
        Nothing that can be avoided is called that; the message suggests names.
    """
    if text.upper() in catalogue.countries:
        return text.upper()
    tables = (catalogue.lines, catalogue.crossings, catalogue.places, catalogue.areas)
    if any(text in table for table in tables) or text.startswith("study:"):
        return text
    from layers.names import name_index

    index = name_index(catalogue)
    wanted = ("country", "line", "place", "area")
    matches = [m for m in index.search(text) if m.match == "exact" and m.target.partition(":")[0] in wanted]
    if matches:
        return matches[0].id
    suggestions = index.suggestions(text)
    hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else ""
    raise NameNotFoundError(
        f"cannot avoid {text!r}: no country, line, crossing, port, strait or area is called that{hint}"
    )
