"""Many places to many: hours, cost, kilometres and CO2e of the best route of each pair."""

from __future__ import annotations

import csv
import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from geo.atomic import replace_file
from geo.errors import NameNotFoundError, RequestError, RouteRefusedError
from layers.catalogue import Catalogue
from layers.schema import PlaceKind
from network.access import Endpoint
from network.endpoint import resolve_endpoint
from network.request import Request, usable_links
from network.route import Router
from network.search import SearchGraph
from network.table import Floats, LinkKind

_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Row:
    """One pair; central values of the best route, None where there is none."""

    origin: str
    origin_name: str
    destination: str
    destination_name: str
    time_h: float | None
    cost_usd_per_teu: float | None
    distance_km: float | None
    co2_kg_per_teu: float | None


COLUMNS = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True)
class Matrix:
    """All ordered pairs of different places."""

    rows: tuple[Row, ...]
    seconds: float

    @property
    def unreachable(self) -> int:
        """Number of pairs without a route."""
        return sum(row.time_h is None for row in self.rows)


def places_of(catalogue: Catalogue, text: str) -> tuple[Endpoint, ...]:
    """Return the cities of a group or country, or the places named line by line in a file.

    Raises
    ------
    NameNotFoundError
        It is no group, country or file, or the file names a place the catalogue does not have; all are listed.
    RequestError
        Fewer than two places.
    """
    if text in catalogue.groups:
        found = _cities(catalogue, frozenset(catalogue.groups[text].members))
    elif text.upper() in catalogue.countries:
        found = _cities(catalogue, frozenset({text.upper()}))
    elif Path(text).is_file():
        found = _places_of_file(catalogue, Path(text))
    else:
        groups = ", ".join(sorted(catalogue.groups))
        raise NameNotFoundError(f"{text!r} is no file, no country code such as KAZ and no group; groups are {groups}")
    if len(found) < 2:
        raise RequestError(f"{text!r} gives {len(found)} place(s); a matrix needs two or more")
    return found


def _cities(catalogue: Catalogue, countries: frozenset[str]) -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(place.id, place.name_en, place.lon, place.lat, is_place=True)
        for place in sorted(catalogue.places.values(), key=lambda place: place.id)
        if place.kind is PlaceKind.CITY and place.country in countries
    )


def _places_of_file(catalogue: Catalogue, file: Path) -> tuple[Endpoint, ...]:
    found: dict[str, Endpoint] = {}
    faults: list[str] = []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{file} cannot be read as UTF-8 text: {error}") from error
    for number, line in enumerate(lines, start=1):
        name = line.strip()
        if not name or name.startswith("#"):
            continue
        try:
            point, _ = resolve_endpoint(catalogue, name)
        except (NameNotFoundError, RequestError) as error:
            faults.append(f"line {number}: {error}")
            continue
        if point.is_place:
            found[point.id] = point
        else:
            faults.append(f"line {number}: {name!r} is no place of the catalogue")
    if faults:
        raise NameNotFoundError(f"{file}: " + "; ".join(faults))
    return tuple(found.values())


def make_matrix(
    router: Router,
    places: Sequence[Endpoint],
    request: Request,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> Matrix:
    """Return the best route's figures for all ordered pairs of different places.

    Every pair is one row, by order of places; ``progress`` hears the number of origins done.
    """
    started = time.perf_counter()
    usable = usable_links(router.network, router.catalogue, request)
    weights = router.costs_of(request).weights(request.objective)
    graph = SearchGraph.build(router.network, weights, usable)
    amounts = _amounts(router, request)
    nodes = [_nodes(router, place, request) for place in places]
    rows: list[Row] = []
    for number, origin in enumerate(places):
        found = _from_one(graph, nodes, number, amounts)
        for other, destination in enumerate(places):
            if other != number:
                rows.append(_row(origin, destination, found[other]))
        progress(number + 1)
    return Matrix(tuple(rows), time.perf_counter() - started)


def _nodes(router: Router, place: Endpoint, request: Request) -> list[int]:
    usable = np.zeros(len(router.network.links), dtype=bool)
    try:
        # a place of the catalogue stands on nodes, whatever is usable
        return [access.node for access in router.access.accesses(place, request, usable)]
    except RouteRefusedError:
        return []


def _amounts(router: Router, request: Request) -> Floats:
    """Return hours, USD, km and kg per link, as the legs of a route count them."""
    costs, links = router.costs_of(request), router.network.links
    central = costs.values()
    moves = ~links.kind.is_in(frozenset({LinkKind.TRANSFER.value, LinkKind.GAUGE_CHANGE.value}))
    return np.column_stack(
        [costs.hours(central), costs.usd(central), links.length_m / 1000 * moves, costs.co2_kg(central) * moves]
    )


def _from_one(
    graph: SearchGraph, nodes: Sequence[list[int]], number: int, amounts: Floats
) -> list[tuple[float, ...] | None]:
    """Return the four sums to each place from one origin, None where no path leads."""
    if not nodes[number]:
        return [None] * len(nodes)
    tree = graph.tree(nodes[number])
    sums = tree.sums(amounts)
    found: list[tuple[float, ...] | None] = []
    for targets in nodes:
        best = min(targets, key=lambda node: (tree.distance[node], node), default=-1)
        reached = best >= 0 and bool(np.isfinite(tree.distance[best]))
        found.append(tuple(float(value) for value in sums[best]) if reached else None)
    return found


def _row(origin: Endpoint, destination: Endpoint, sums: tuple[float, ...] | None) -> Row:
    figures = (None,) * 4 if sums is None else tuple(round(value, 2) for value in sums)
    return Row(origin.id, origin.name, destination.id, destination.name, *figures)


def check_output(path: Path) -> None:
    """Refuse an output that could not be written, before the work is done.

    Raises
    ------
    RequestError
        The suffix is neither .csv nor .parquet, or Parquet is asked for without pyarrow.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise RequestError(f"--out {path} must end in .csv or .parquet")
    if path.suffix == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise RequestError(
            "writing Parquet needs the package pyarrow, which is not part of corridors: install it into the same "
            "environment (python -m pip install pyarrow), or give --out with .csv"
        )


def write_matrix(matrix: Matrix, path: Path) -> None:
    """Write all pairs as CSV or Parquet, by suffix, whole or not at all.

    In CSV a text that a spreadsheet would run as a formula gets an apostrophe before it.

    Raises
    ------
    RequestError
        The suffix is neither, or Parquet is asked for without pyarrow.
    WriteError
        The file cannot be written; what stood there is untouched.
    """
    check_output(path)
    write = _write_csv if path.suffix == ".csv" else _write_parquet
    replace_file(path, lambda temporary: write(matrix, temporary))


def _write_csv(matrix: Matrix, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_cells(row) for row in matrix.rows)


def _cells(row: Row) -> Iterator[str | float]:
    for name in COLUMNS:
        value = getattr(row, name)
        yield neutral(value) if isinstance(value, str) else "" if value is None else value


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("Almaty")
    ("'=1+1", 'Almaty')
    """
    # a carriage return inside a cell is a new row to some readers, a tab before a formula is skipped by others
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def _write_parquet(matrix: Matrix, path: Path) -> None:
    import pandas as pd

    columns = {name: [getattr(row, name) for row in matrix.rows] for name in COLUMNS}
    pd.DataFrame(columns).to_parquet(path, engine="pyarrow", index=False)
