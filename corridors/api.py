"""The Python facade: everything the command line answers, as values to work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corridors.asking import find_ends, make_request
from corridors.atlas import Atlas, load_atlas
from geo.errors import RequestError

if TYPE_CHECKING:
    import networkx as nx

    from corridors.results import (
        ComparisonResult,
        MatrixResult,
        ReachResult,
        RecordResult,
        RouteResult,
        SearchResult,
    )
    from layers.catalogue import Catalogue

By = Literal["time", "cost", "distance", "co2"]
Commodity = Literal["container", "gas", "oil"]


@dataclass(frozen=True)
class Corridors:
    """A loaded catalogue to ask. It remembers no choice of any question; :func:`load` makes one.

    Places are given as on the command line: an id, a name in any listed language, or ``"lon,lat"``.
    """

    atlas: Atlas
    """What is underneath: catalogue, traced lines, network and router."""

    @property
    def catalogue(self) -> Catalogue:
        """Every record: places, lines, corridors, claims, sources and the rest."""
        return self.atlas.catalogue

    def route(  # noqa: PLR0913 - one parameter per choice
        self,
        origin: str,
        destination: str,
        *,
        by: By = "time",
        commodity: Commodity = "container",
        modes: Sequence[str] = (),
        avoid: Sequence[str] = (),
        via: Sequence[str] = (),
        year: int | None = None,
        scenario: str = "today",
        alternatives: int = 1,
    ) -> RouteResult:
        """Return the best route, and others that really differ from it.

        Parameters
        ----------
        modes
            ``rail``, ``road``, ``sea``, ``ferry``, ``air``; all but air (or all of the commodity) unless given.
        avoid
            Countries, lines, crossings, ports, straits or areas, by id or name.
        via
            Places to pass in this order.
        year
            Only what is open by then; that of the scenario unless given.
        scenario
            Id of a shipped scenario, or the path of a YAML file.
        alternatives
            How many routes at most.

        Raises
        ------
        RouteRefusedError
            There is no such route; the message says what blocks it and what would open it.
        NameNotFoundError, RequestError
            A name is not known, or the request contradicts itself.

        Examples
        --------
        >>> import corridors
        >>> corridors.load().route("Aktau", "Baku", modes=["ferry"]).best.countries
        ('KAZ', 'AZE')
        """
        from corridors.results import RouteResult

        ends, notes = find_ends(self.catalogue, (origin, *via, destination))
        request = make_request(
            self.catalogue, by=by, commodity=commodity, modes=modes, avoid=avoid, year=year, scenario=scenario
        )
        answer = self.atlas.router.route(ends[0], ends[-1], request, via=ends[1:-1], alternatives=alternatives)
        return RouteResult(answer, tuple(notes))

    def pareto(  # noqa: PLR0913 - one parameter per choice
        self,
        origin: str,
        destination: str,
        *,
        commodity: Commodity = "container",
        modes: Sequence[str] = (),
        avoid: Sequence[str] = (),
        year: int | None = None,
        scenario: str = "today",
    ) -> RouteResult:
        """Return the routes of which none is both slower and dearer than another, fastest first.

        Raises as :meth:`route` does.
        """
        from corridors.results import RouteResult

        ends, notes = find_ends(self.catalogue, (origin, destination))
        request = make_request(
            self.catalogue, commodity=commodity, modes=modes, avoid=avoid, year=year, scenario=scenario
        )
        return RouteResult(self.atlas.router.pareto(ends[0], ends[1], request), tuple(notes))

    def compare(  # noqa: PLR0913 - one parameter per choice
        self,
        origin: str,
        destination: str,
        scenario: str,
        other: str = "",
        *,
        by: By = "time",
        commodity: Commodity = "container",
        modes: Sequence[str] = (),
    ) -> ComparisonResult:
        """Return what changes from one scenario to another, or from today to the one given.

        Raises
        ------
        RouteRefusedError
            Neither has a route.
        NameNotFoundError, RequestError
            As for :meth:`route`.
        """
        from corridors.results import ComparisonResult
        from network.compare import compare

        ends, notes = find_ends(self.catalogue, (origin, destination))
        names = (scenario, other) if other else ("today", scenario)
        before, after = (
            (name, make_request(self.catalogue, by=by, commodity=commodity, modes=modes, scenario=name))
            for name in names
        )
        return ComparisonResult(compare(self.atlas.router, ends[0], ends[1], before, after), tuple(notes))

    def matrix(
        self,
        places: Sequence[str] | str,
        *,
        by: By = "time",
        commodity: Commodity = "container",
        modes: Sequence[str] = (),
        scenario: str = "today",
    ) -> MatrixResult:
        """Return hours, cost, km and CO2e between all ordered pairs of places.

        Parameters
        ----------
        places
            Names of catalogue places, or one group or country code, which stands for its cities.

        Raises
        ------
        NameNotFoundError
            A name is not known; coordinates are no place of the catalogue.
        RequestError
            Fewer than two places.
        """
        from corridors.results import MatrixResult
        from network.matrix import make_matrix, places_of

        if isinstance(places, str):
            chosen = places_of(self.catalogue, places)
        else:
            ends, _ = find_ends(self.catalogue, places)
            chosen = tuple({end.id: end for end in ends}.values())
            stray = [end.name for end in chosen if not end.is_place]
            if stray or len(chosen) < 2:
                problem = f"{', '.join(stray)} is no place of the catalogue" if stray else "give two places or more"
                raise RequestError(f"a matrix joins places of the catalogue: {problem}")
        request = make_request(self.catalogue, by=by, commodity=commodity, modes=modes, scenario=scenario)
        return MatrixResult(make_matrix(self.atlas.router, chosen, request, is_full=True))

    def reach(
        self,
        origin: str,
        hours: Sequence[float] = (72.0, 120.0, 240.0),
        *,
        commodity: Commodity = "container",
        modes: Sequence[str] = (),
        scenario: str = "today",
    ) -> ReachResult:
        """Return the places, and the areas, that can be reached within some hours.

        Raises
        ------
        NameNotFoundError, RequestError, RouteRefusedError
            The origin is not known, or stands on no network of these modes; or the limits make no sense.
        """
        from corridors.results import ReachResult
        from network.reach import find_reach

        ends, notes = find_ends(self.catalogue, (origin,))
        request = make_request(self.catalogue, commodity=commodity, modes=modes, scenario=scenario)
        found = find_reach(self.atlas.router, ends[0], request, tuple(hours))
        return ReachResult(found, self.atlas.router, tuple(notes))

    def search(self, text: str, *, limit: int = 10) -> SearchResult:
        """Return places, lines, corridors and countries by name in any listed language; none is an empty answer."""
        from corridors.results import SearchResult
        from layers.names import name_index

        return SearchResult(text, tuple(name_index(self.catalogue).search(text, limit=limit)))

    def show(self, name: str) -> RecordResult:
        """Return one record with its claims, conflicts and sources; ``name`` is an id, a target or a name.

        Raises
        ------
        NameNotFoundError
            Nothing has this id or name.
        """
        from corridors.records import find_target, show_json
        from corridors.results import RecordResult

        return RecordResult(show_json(self.atlas, find_target(self.atlas, name)))

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the public graph in OSMnx conventions (``x``, ``y``, ``length`` in metres, EPSG:4326).

        Each call makes a new one, yours to change.
        """
        from network.public_graph import to_networkx

        return to_networkx(self.atlas.network)


def load(study: str | Path | None = None) -> Corridors:
    """Load the shipped catalogue, with the records of a study folder added.

    Raises
    ------
    CatalogueError
        A record or reference is wrong, in either; the message lists all.

    Examples
    --------
    >>> import corridors
    >>> corridors.load().search("西安").results[0].id
    'xian'
    """
    return Corridors(load_atlas(Path(study) if study is not None else None))
