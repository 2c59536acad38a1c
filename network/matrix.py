"""Many places to many: the figures of the best route of each pair, as a table of columns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geo.atomic import replace_file
from geo.errors import NameNotFoundError, RequestError
from layers.catalogue import Catalogue
from layers.schema import PlaceKind
from network.access import Endpoint
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Router, check_request
from network.spread import Problem, Spread, solve
from network.table import Floats

_FORMULA_STARTS = ("=", "+", "-", "@")
# origins asked for at a time in this process: many enough to be quick, few enough to show progress
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of figures: its name, and the objective it is the amount of."""

    name: str
    objective: Objective


FIGURES = (
    Figure("time_h", Objective.TIME),
    Figure("cost_usd_per_teu", Objective.COST),
    Figure("distance_km", Objective.DISTANCE),
    Figure("co2_kg_per_teu", Objective.CO2),
)


@dataclass(frozen=True)
class Matrix:
    """All ordered pairs of different places."""

    places: tuple[Endpoint, ...]
    figures: tuple[Figure, ...]
    values: Floats
    """Figures (origins, destinations, figures) of the best route of each pair; not a number where there is none."""
    seconds: float

    @property
    def rows(self) -> int:
        """Number of pairs."""
        return len(self.places) * (len(self.places) - 1)

    @property
    def unreachable(self) -> int:
        """Number of pairs without a route."""
        return int(np.isnan(self.values[..., 0]).sum()) - len(self.places)

    def value(self, origin: str, destination: str, figure: str) -> float | None:
        """Return a figure of a pair of place ids, None where there is no route."""
        number = {place.id: at for at, place in enumerate(self.places)}
        column = [one.name for one in self.figures].index(figure)
        found = float(self.values[number[origin], number[destination], column])
        return None if np.isnan(found) else found


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


def make_matrix(  # noqa: PLR0913 - what is asked, and how the work is done
    router: Router,
    places: Sequence[Endpoint],
    request: Request,
    *,
    is_full: bool = False,
    spread: Spread | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Matrix:
    """Return figures of the best route for all ordered pairs of different places.

    Parameters
    ----------
    is_full
        All four figures of each route, not only the one of the objective; some thirty times slower.
    spread
        Runs the blocks elsewhere (``network.spread``); in this process unless given.
    progress
        Hears the number of origins done.

    Raises
    ------
    RequestError
        A mode does not carry the commodity, or the workers cannot take the work.
    """
    check_request(request)
    started = time.perf_counter()
    state = router.under(request)
    problem = Problem.of(state, [router.access.groups.get(place.id, ()) for place in places], is_full=is_full)
    figures = FIGURES if is_full else tuple(one for one in FIGURES if one.objective is request.objective)
    blocks = _blocks(len(places), _BLOCK if spread is None else len(places) // (spread.workers * 4))
    done: Iterator[Floats]
    if spread is None:
        done = (solve(problem, block.start, block.stop, state.metric) for block in blocks)
    else:
        done = spread.run(problem, blocks)
    values = np.full((len(places), len(places), len(figures)), np.nan)
    for block, found in zip(blocks, done, strict=True):
        values[block.start : block.stop] = found
        progress(block.stop)
    if not is_full and request.objective is Objective.DISTANCE:
        values /= 1000
    values[np.diag_indices(len(places))] = np.nan
    return Matrix(tuple(places), figures, np.round(values, 2), time.perf_counter() - started)


def _blocks(count: int, size: int) -> list[range]:
    step = max(size, 1)
    return [range(first, min(first + step, count)) for first in range(0, count, step)]


def check_output(path: Path) -> None:
    """Refuse an output that could not be written, before the work is done.

    Raises
    ------
    RequestError
        The suffix is neither .csv nor .parquet.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise RequestError(f"--out {path} must end in .csv or .parquet")


def write_matrix(matrix: Matrix, path: Path) -> None:
    """Write all pairs as CSV or Parquet, by suffix, whole or not at all.

    In CSV a text that a spreadsheet would run as a formula gets an apostrophe before it.

    Raises
    ------
    RequestError
        The suffix is neither.
    WriteError
        The file cannot be written; what stood there is untouched.
    """
    check_output(path)
    write = _write_csv if path.suffix == ".csv" else _write_parquet
    replace_file(path, lambda temporary: write(matrix, temporary))


def _write_csv(matrix: Matrix, path: Path) -> None:
    from pyarrow import csv

    csv.write_csv(_table(matrix, neutral), path)


def _write_parquet(matrix: Matrix, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(_table(matrix, str), path)


def _table(matrix: Matrix, tell: Callable[[str], str]) -> Any:  # noqa: ANN401 - pyarrow publishes no types
    """Return the pairs as a ``pyarrow.Table``: both ends, by order of places, then a column per figure."""
    import pyarrow as pa

    count = len(matrix.places)
    origin, destination = (codes.ravel()[~np.eye(count, dtype=bool).ravel()] for codes in np.indices((count, count)))
    columns = {}
    for end, codes in (("origin", origin), ("destination", destination)):
        for suffix, texts in (("", [p.id for p in matrix.places]), ("_name", [p.name for p in matrix.places])):
            columns[f"{end}{suffix}"] = pa.array([tell(text) for text in texts], pa.string()).take(pa.array(codes))
    for number, figure in enumerate(matrix.figures):
        values = matrix.values[origin, destination, number]
        columns[figure.name] = pa.array(values, mask=np.isnan(values))
    return pa.table(columns)


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("Almaty")
    ("'=1+1", 'Almaty')
    """
    # a carriage return inside a cell is a new row to some readers, a tab before a formula is skipped by others
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line
