"""Commands that ask what if: ``compare``, ``reach`` and ``matrix``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli_common import (
    by_option,
    clean,
    commodity_option,
    find_endpoint,
    json_option,
    make_console,
    modes_option,
    open_atlas,
    print_json,
    read_request,
    scenario_option,
    study_option,
)

if TYPE_CHECKING:
    from network.compare import Comparison
    from network.reach import Reach


def add_commands(group: click.Group) -> None:
    """Add the commands of this module to a group, which it changes."""
    for command in (compare, reach, matrix):
        group.add_command(command)


def _hours(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not numbers with commas between, such as 72,120,240") from error


@click.command()
@click.argument("origin")
@click.argument("destination")
@click.option("--scenario", "scenarios", multiple=True, help="Name or YAML file; twice, or once against today.")
@by_option
@commodity_option
@modes_option
@study_option
@json_option
def compare(  # noqa: PLR0913 - one parameter per option of the contract
    *,
    origin: str,
    destination: str,
    scenarios: tuple[str, ...],
    by: str,
    commodity: str,
    modes: tuple[str, ...],
    study: Path | None,
    as_json: bool,
) -> None:
    """Say what a scenario changes between ORIGIN and DESTINATION."""
    from network.compare import compare as run
    from network.compare import comparison_json

    if not 1 <= len(scenarios) <= 2:
        raise click.UsageError("give --scenario twice, or once to compare with today")
    names = scenarios if len(scenarios) == 2 else ("today", *scenarios)
    atlas = open_atlas(study)
    notes: list[str] = []
    ends = [find_endpoint(atlas, text, notes) for text in (origin, destination)]
    before, after = (
        (
            name,
            read_request(atlas, by=by, commodity=commodity, modes=modes, avoid=(), year=None, scenario=name),
        )
        for name in names
    )
    comparison = run(atlas.router, ends[0], ends[1], before, after)
    if as_json:
        print_json({**comparison_json(comparison), "notes": notes})
    else:
        _print_comparison(comparison, notes)


def _print_comparison(comparison: Comparison, notes: list[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    from network.compare import sentence

    table = Table("scenario", "days", "USD/TEU", "km", "countries", "sources", box=None, pad_edge=False)
    for outcome in (comparison.before, comparison.after):
        route = outcome.route
        cells = (
            ("no route", "", "", "", "")
            if route is None
            else (
                f"{route.time_h.p50 / 24:.1f} ({route.time_h.p10 / 24:.1f}–{route.time_h.p90 / 24:.1f})",
                f"{route.cost_usd_per_teu.p50:,.0f}",
                f"{route.distance_km:,.0f}",
                " ".join(route.countries),
                f"{route.evidence_share:.0%}",
            )
        )
        table.add_row(*(Text(clean(cell)) for cell in (outcome.name, *cells)))
    console = make_console()
    console.print(table)
    for what, lines in (("no longer over", comparison.lines_gone), ("now over", comparison.lines_new)):
        if lines:
            console.print(Text(clean(f"{what}: {', '.join(lines)}")))
    console.print(Text(clean(sentence(comparison))))
    for note in notes:
        console.print(Text(clean(f"note: {note}")))


@click.command()
@click.argument("origin")
@click.option("--hours", callback=_hours, default="72,120,240", show_default=True, help="Limits, comma between.")
@commodity_option
@modes_option
@scenario_option
@click.option("--geojson", type=click.Path(path_type=Path, dir_okay=False), help="Write an area per limit.")
@study_option
@json_option
def reach(  # noqa: PLR0913 - one parameter per option of the contract
    *,
    origin: str,
    hours: tuple[float, ...],
    commodity: str,
    modes: tuple[str, ...],
    scenario: str,
    geojson: Path | None,
    study: Path | None,
    as_json: bool,
) -> None:
    """List the places that can be reached from ORIGIN within some hours."""
    from network.reach import find_reach, reach_json, reach_layer

    atlas = open_atlas(study)
    notes: list[str] = []
    start = find_endpoint(atlas, origin, notes)
    request = read_request(atlas, by="time", commodity=commodity, modes=modes, avoid=(), year=None, scenario=scenario)
    found = find_reach(atlas.router, start, request, hours)
    if geojson is not None:
        from geo.geojson import write_geojson

        write_geojson(reach_layer(atlas.router, found), geojson)
    if as_json:
        print_json(reach_json(found, notes))
    else:
        _print_reach(found, notes)


def _print_reach(found: Reach, notes: list[str]) -> None:
    from rich.text import Text

    console = make_console()
    shown: set[str] = set()
    for limit in found.limits_h:
        within = found.within(limit)
        cities = [place for place in within if place.kind == "city" and place.id not in shown]
        shown |= {place.id for place in within}
        named = ", ".join(f"{place.name} {place.hours:.0f} h" for place in cities[-12:])
        console.print(Text(clean(f"{limit:g} h: {len(within)} places; farthest new cities: {named or 'none'}")))
    for note in notes:
        console.print(Text(clean(f"note: {note}")))


@click.command()
@click.option("--places", required=True, help="Group or country code (its cities), or a file with a name per line.")
@by_option
@commodity_option
@modes_option
@scenario_option
@click.option(
    "--amounts",
    type=click.Choice(["objective", "all"]),
    default="objective",
    show_default=True,
    help="What --by asks for alone, or hours, cost, km and CO2e of each route, which takes longer.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="FILE.csv or FILE.parquet.")
@click.option("--scheduler", help="Address of a Dask scheduler whose workers share the work.")
@click.option("--processes", type=click.IntRange(1, 256), help="Processes of this computer that share the work.")
@study_option
def matrix(  # noqa: PLR0913 - one parameter per option of the contract
    *,
    places: str,
    by: str,
    commodity: str,
    modes: tuple[str, ...],
    scenario: str,
    amounts: str,
    out: Path,
    scheduler: str | None,
    processes: int | None,
    study: Path | None,
) -> None:
    """Write the best route's figures between many places; stdout is one JSON document."""
    from network.matrix import check_output, make_matrix, places_of, write_matrix
    from network.spread import Spread

    if scheduler and processes:
        raise click.UsageError("give --scheduler or --processes, not both")
    check_output(out)
    atlas = open_atlas(study)
    chosen = places_of(atlas.catalogue, places)
    request = read_request(atlas, by=by, commodity=commodity, modes=modes, avoid=(), year=None, scenario=scenario)
    with ExitStack() as stack:
        is_spread = scheduler is not None or (processes or 1) > 1
        spread = stack.enter_context(Spread(scheduler, processes=processes or 1)) if is_spread else None
        found = make_matrix(
            atlas.router, chosen, request, is_full=amounts == "all", spread=spread, progress=_progress(len(chosen))
        )
    write_matrix(found, out)
    print_json({"rows": found.rows, "unreachable": found.unreachable, "seconds": round(found.seconds, 3)})


def _progress(total: int) -> Callable[[int], None]:
    """Return what tells a person at a terminal how far the work is, on stderr."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda done: click.echo(f"\r{done}/{total} origins" + ("\n" if done == total else ""), err=True, nl=False)
