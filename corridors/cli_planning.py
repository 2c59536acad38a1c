"""Commands about what a network hangs on: ``flow`` and ``chokepoints``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli_common import (
    by_option,
    clean,
    comma_list,
    commodity_option,
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
    from collections.abc import Callable

    from network.chokepoints import Chokepoints
    from network.flows import Flow


def add_commands(group: click.Group) -> None:
    """Add the commands of this module to a group, which it changes."""
    for command in (flow, chokepoints):
        group.add_command(command)


@click.command()
@click.option("--commodity", type=click.Choice(["gas", "oil"]), default="gas", show_default=True)
@click.option(
    "--from", "sources", callback=comma_list, help="Places, country codes or groups; else all heads of pipes."
)
@click.option("--to", "targets", callback=comma_list, required=True, help="Places, country codes or groups.")
@click.option("--avoid", callback=comma_list, help="Countries or lines that carry nothing, comma between.")
@click.option("--year", type=click.IntRange(1850, 2100), help="Only what is open by then.")
@scenario_option
@study_option
@json_option
def flow(  # noqa: PLR0913 - one parameter per option
    *,
    commodity: str,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    avoid: tuple[str, ...],
    year: int | None,
    scenario: str,
    study: Path | None,
    as_json: bool,
) -> None:
    """Say how much gas or oil pipelines can bring to --to, and which of them binds."""
    from geo.errors import RouteRefusedError
    from network.flows import find_flow, flow_json

    atlas = open_atlas(study)
    ask = partial(read_request, atlas, by="distance", commodity=commodity, modes=())
    found = find_flow(atlas.router, ask(avoid=avoid, year=year, scenario=scenario), sources, targets)
    against: Flow | None = None
    notes = []
    if (scenario, avoid, year) != ("today", (), None):
        try:
            against = find_flow(atlas.router, ask(avoid=(), year=None, scenario="today"), sources, targets)
        except RouteRefusedError as refusal:
            notes.append(f"nothing to compare with: today {refusal}")
    if as_json:
        print_json(flow_json(found, against, notes))
    else:
        _print_flow(found, against, notes)


def _print_flow(found: Flow, against: Flow | None, notes: list[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    from network.flows import flow_notes

    console = make_console()
    limit = "at most " if found.unknown else ""
    told = "without a known limit" if found.total is None else f"{limit}{found.total:,.1f} {found.unit}"
    console.print(
        Text(clean(f"{found.request.commodity} to {', '.join(found.targets)}, {found.request.scenario}: {told}"))
    )
    if against is not None and against.total is not None and found.total is not None:
        change = found.total - against.total
        console.print(Text(clean(f"today {against.total:,.1f}: {change:+,.1f} {found.unit}")))
    for one in found.deliveries:
        console.print(Text(clean(f"  {one.flow:,.1f} at {one.name} ({one.country})")))
    table = Table("line", f"flow {found.unit}", "capacity", "", "source", box=None, pad_edge=False)
    for line in found.lines:
        capacity = "unknown" if line.capacity.value is None else f"{line.capacity.value:,.1f}"
        state = "binds" if line.is_binding else "full" if line.is_full else ""
        if line.relief:
            state += f"; {line.relief:,.1f} more without its limit"
        basis = "" if line.capacity.basis == "published" else line.capacity.basis
        cells = (line.line, f"{line.flow:,.1f}", f"{capacity} {basis if basis != 'unknown' else ''}", state)
        table.add_row(*(Text(clean(cell)) for cell in (*cells, line.capacity.source)))
    console.print(table)
    for note in (*notes, *flow_notes(found)):
        console.print(Text(clean(f"note: {note}")))


@click.command()
@click.option("--places", help="Group or country code (its cities), or a file; else the ends of the main corridors.")
@by_option
@commodity_option
@modes_option
@click.option("--year", type=click.IntRange(1850, 2100), help="Only what is open by then.")
@scenario_option
@click.option("--kinds", callback=comma_list, help="line,crossing,port,strait,country; all unless given.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many the text shows.")
@click.option("--geojson", type=click.Path(path_type=Path, dir_okay=False), help="Write the stretches that are used.")
@study_option
@json_option
def chokepoints(  # noqa: PLR0913 - one parameter per option of the contract
    *,
    places: str | None,
    by: str,
    commodity: str,
    modes: tuple[str, ...],
    year: int | None,
    scenario: str,
    kinds: tuple[str, ...],
    limit: int,
    geojson: Path | None,
    study: Path | None,
    as_json: bool,
) -> None:
    """Say what the best paths between places hang on, and what closing each of it costs."""
    from network.chokepoints import KINDS, chokepoints_json, chokepoints_layer, default_places, find_chokepoints
    from network.matrix import places_of

    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise click.BadParameter(f"no kind {', '.join(unknown)}; there are {', '.join(KINDS)}", param_hint="--kinds")
    atlas = open_atlas(study)
    chosen = places_of(atlas.catalogue, places) if places else default_places(atlas.catalogue)
    request = read_request(atlas, by=by, commodity=commodity, modes=modes, avoid=(), year=year, scenario=scenario)
    report = find_chokepoints(atlas.router, chosen, request, kinds=kinds or KINDS, progress=_closures_done())
    if geojson is not None:
        from geo.geojson import write_geojson

        write_geojson(chokepoints_layer(atlas.router, report), geojson)
    if as_json:
        print_json(chokepoints_json(report))
    else:
        _print_chokepoints(report, limit)


def _closures_done() -> Callable[[int, int], None]:
    """Return what tells a person at a terminal how far the work is, on stderr."""
    if not sys.stderr.isatty():
        return lambda _done, _all: None
    return lambda done, count: click.echo(
        f"\r{done}/{count} closures" + ("\n" if done == count else ""), err=True, nl=False
    )


def _print_chokepoints(report: Chokepoints, limit: int) -> None:
    from rich.table import Table
    from rich.text import Text

    console = make_console()
    unjoined = f"; {report.unjoined} pairs are not joined at all" if report.unjoined else ""
    console.print(
        Text(
            clean(
                f"{len(report.places)} places, {report.joined} pairs by {report.request.objective}, "
                f"{report.request.scenario}{unjoined}; each closed by itself, first what cuts most pairs off"
            )
        )
    )
    head = ("kind", "id", "pairs", "share", "cut off", f"{report.unit} more, mean", "worst of those joined still")
    table = Table(*head, box=None, pad_edge=False)
    for one in report.found[:limit]:
        worst = one.added[0] if one.added else None
        told = "" if worst is None else f"{worst.origin}–{worst.destination} {worst.before:,.0f} → {worst.after:,.0f}"
        mean = f"{one.added_mean:,.1f}" if one.added else ""
        cells = (one.kind, one.id, f"{one.pairs}", f"{one.pairs / report.joined:.0%}", f"{len(one.unreachable) or ''}")
        table.add_row(*(Text(clean(cell)) for cell in (*cells, mean, told)))
    console.print(table)
    if report.isolated:
        console.print(Text(clean(f"note: joined with no other place: {', '.join(report.isolated)}")))
    if len(report.found) > limit:
        console.print(Text(f"{len(report.found) - limit} more: --limit, or --json for all"))
