"""The command line: few verbs, one clear line for every "no", JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli_analysis import add_commands as _add_analysis
from corridors.cli_articles import add_commands as _add_articles
from corridors.cli_common import (
    clean,
    comma_list,
    find_endpoint,
    json_option,
    make_console,
    open_atlas,
    print_json,
    read_request,
    study_option,
)
from corridors.cli_exchange import add_commands as _add_exchange
from corridors.cli_import import add_commands as _add_import
from corridors.cli_planning import add_commands as _add_planning
from geo.errors import CorridorsError, NameNotFoundError, RequestError

if TYPE_CHECKING:
    from corridors.atlas import Atlas
    from network.route import Answer

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Group(click.Group):
    """Turns project errors into one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except CorridorsError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"corridors: {clean(str(error))}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the whole trace of an error.")
@click.version_option(package_name="corridors")
def main(*, debug: bool) -> None:
    """How Eurasia is connected, with evidence: routes, maps and layers from a sourced catalogue."""
    # read back by _Group.invoke through the context
    del debug


@main.command()
@click.argument("study", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), show_default=True)
@click.option("--lang", type=click.Choice(["en", "ru", "zh", "tr"]), default="en", show_default=True)
@click.option(
    "--articles", "texts", type=click.Path(path_type=Path, exists=True), help="Texts whose quotes the map shows."
)
def build(study: Path | None, out: Path, lang: str, texts: Path | None) -> None:
    """Write the map, the layers, the graph and a report."""
    from corridors.build import build as run
    from corridors.cli_articles import tell_orphans, with_texts

    atlas, faults = with_texts(open_atlas(study), texts)
    report = _with_progress(
        lambda progress: run(atlas, out, language=lang, progress=progress)  # type: ignore[arg-type]  # one of four
    )
    if report["warnings"]:
        click.echo(f"{len(report['warnings'])} warnings about the network are in {out}/report.json", err=True)
    counts = ", ".join(f"{count} {name}" for name, count in report["layers"].items() if count)
    click.echo(f"{out}/: map.html, layers/, corridors.gpkg, corridors.qgs, network.graphml, report.json ({counts})")
    if tell_orphans(atlas, faults):
        click.get_current_context().exit(1)


def _with_progress(run: Callable[[Callable[[str], None]], dict[str, Any]]) -> dict[str, Any]:
    """Run with a spinner on stderr when it is a terminal."""
    if not sys.stderr.isatty():
        return run(lambda _: None)
    from rich.console import Console

    with Console(stderr=True).status("loading the catalogue") as status:
        return run(status.update)


@main.command()
@click.argument("origin")
@click.argument("destination")
@click.option("--by", type=click.Choice(["time", "cost", "distance", "co2"]), default="time", show_default=True)
@click.option("--commodity", type=click.Choice(["container", "gas", "oil"]), default="container", show_default=True)
@click.option("--modes", callback=comma_list, help="rail,road,sea,ferry,air; all but air unless given.")
@click.option("--avoid", callback=comma_list, help="Countries, lines, crossings, ports, straits, areas, comma between")
@click.option("--via", callback=comma_list, help="Places to pass in order, comma between.")
@click.option("--year", type=click.IntRange(1850, 2100), help="Only what is open by then.")
@click.option("--scenario", default="today", show_default=True, help="Name, or a YAML file.")
@click.option("--alternatives", type=click.IntRange(1, 10), default=1, show_default=True)
@click.option("--pareto", is_flag=True, help="All routes of which none is both slower and dearer than another.")
@click.option("--geojson", type=click.Path(path_type=Path, dir_okay=False), help="Write the legs as GeoJSON.")
@click.option("--map", "map_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a map with the route.")
@study_option
@json_option
def route(  # noqa: PLR0913 - one parameter per option of the contract
    *,
    origin: str,
    destination: str,
    by: str,
    commodity: str,
    modes: tuple[str, ...],
    avoid: tuple[str, ...],
    via: tuple[str, ...],
    year: int | None,
    scenario: str,
    alternatives: int,
    pareto: bool,
    geojson: Path | None,
    map_file: Path | None,
    study: Path | None,
    as_json: bool,
) -> None:
    """Find a route: ORIGIN and DESTINATION are a place id, a name in any language, or lon,lat."""
    from corridors.evidence import with_leg_mentions
    from network.answer import answer_json

    atlas = open_atlas(study)
    notes: list[str] = []
    ends = [find_endpoint(atlas, text, notes) for text in (origin, *via, destination)]
    request = read_request(atlas, by=by, commodity=commodity, modes=modes, avoid=avoid, year=year, scenario=scenario)
    if pareto:
        if via:
            raise RequestError("--pareto and --via cannot be combined; ask for one stretch at a time")
        answer = atlas.router.pareto(ends[0], ends[-1], request)
    else:
        answer = atlas.router.route(ends[0], ends[-1], request, via=ends[1:-1], alternatives=alternatives)
    if geojson is not None:
        _write_route_geojson(answer, geojson)
    if map_file is not None:
        _write_route_map(atlas, answer, map_file)
    document = with_leg_mentions(answer_json(answer), atlas.library)
    document["notes"] = [*notes, *document["notes"]]
    if as_json:
        print_json(document)
    else:
        _print_route(document)


def _write_route_geojson(answer: Answer, path: Path) -> None:
    from geo.atomic import replace_text
    from network.answer import answer_geojson

    text = json.dumps(answer_geojson(answer), ensure_ascii=False, allow_nan=False) + "\n"
    replace_text(path, text)


def _write_route_map(atlas: Atlas, answer: Answer, path: Path) -> None:
    from corridors.build import draw_layers
    from corridors.page_content import page_content, route_overlay
    from maps.page import write_page

    content = page_content(
        atlas.catalogue,
        atlas.tracks,
        draw_layers(atlas).layers,
        fingerprint=atlas.fingerprint,
        route=route_overlay(atlas.router, answer),
    )
    write_page(content, path)


def _odds(found: dict[str, Any]) -> str:
    """Say in how many of the paired draws a route beats the others of its answer, if there are others."""
    fastest, cheapest = found["probability_fastest"], found["probability_cheapest"]
    return "" if fastest is None else f"; fastest of these in {fastest:.0%}, cheapest in {cheapest:.0%} of the draws"


def _print_route(document: dict[str, Any]) -> None:
    """Print routes as tables for people."""
    from rich.table import Table
    from rich.text import Text

    console = make_console()
    for found in document["routes"]:
        hours, usd = found["time_h"], found["cost_usd_per_teu"]
        console.print(
            Text(
                f"{found['rank']}. {document['origin']['name']} – {document['destination']['name']}: "
                f"{found['distance_km']:,.0f} km, {hours['p50'] / 24:.1f} days ({hours['p10'] / 24:.1f}–"
                f"{hours['p90'] / 24:.1f}), {usd['p50']:,.0f} USD/TEU ({usd['p10']:,.0f}–{usd['p90']:,.0f}), "
                f"{found['co2_kg_per_teu']:,.0f} kg CO2e/TEU, {' '.join(found['countries'])}, "
                f"{found['evidence_share']:.0%} of the hours rest on sources{_odds(found)}"
            )
        )
        table = Table("leg", "from", "to", "km", "h", "USD/TEU", "gauge", "lines", "assumed", box=None, pad_edge=False)
        for leg in found["legs"]:
            table.add_row(
                *(
                    Text(clean(str(cell)))
                    for cell in (
                        leg["kind"],
                        leg["from"],
                        leg["to"],
                        f"{leg['distance_km']:,.0f}",
                        f"{leg['time_h']:,.1f}",
                        f"{leg['cost_usd_per_teu']:,.0f}",
                        leg["gauge_mm"] or "",
                        ", ".join(leg["lines"][:3]) + (" …" if len(leg["lines"]) > 3 else ""),
                        "yes" if leg["assumed"] else "",
                    )
                )
            )
        console.print(table)
    for note in document["notes"]:
        console.print(Text(f"note: {clean(note)}"))


@main.command()
@click.argument("name")
@study_option
@json_option
def show(*, name: str, study: Path | None, as_json: bool) -> None:
    """Show one record with its claims, conflicts and sources; NAME is an id, a target or a name."""
    from corridors.records import find_target, show_json

    atlas = open_atlas(study)
    document = show_json(atlas, find_target(atlas, name))
    if as_json:
        print_json(document)
    else:
        _print_record(document)


def _print_record(document: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from corridors.evidence import mention_texts

    console = make_console()
    skipped = {"claims", "geometry", "history", "references", "mentions", "conflicts", "sections"}
    for key, value in document.items():
        if key not in skipped and value not in (None, [], "", {}):
            shown = ", ".join(str(item) for item in value) if isinstance(value, list) else value
            if isinstance(value, dict):
                shown = ", ".join(f"{name}: {item}" for name, item in value.items() if item)
            console.print(Text(f"{key}: {clean(str(shown))}"))
    for step in document["history"]:
        console.print(Text(clean(f"history: {step['date']} {step['status']} [{step['source']}]")))
    if document["claims"]:
        table = Table("attribute", "value", "unit", "as of", "source", "adopted", box=None, pad_edge=False)
        for claim in document["claims"]:
            conflict = " ≠" if claim["attribute"] in document["conflicts"] else ""
            cells = (claim["attribute"] + conflict, claim["value"], claim["unit"], claim["as_of"], claim["source"])
            table.add_row(*(Text(clean(str(cell or ""))) for cell in cells), "yes" if claim["adopted"] else "")
        console.print(table)
    for line in mention_texts(document["mentions"]):
        console.print(Text(clean(line)))
    for reference in document["references"]:
        console.print(Text(clean(f"[{reference['id']}] {reference['title']} {reference['url'] or ''}")))


@main.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@study_option
@json_option
def search(*, text: str, limit: int, study: Path | None, as_json: bool) -> None:
    """Find places, lines, corridors and countries by name in any listed language."""
    from corridors.records import search_json
    from layers.names import name_index

    matches = name_index(open_atlas(study).catalogue).search(text, limit=limit)
    if as_json:
        print_json(search_json(text, matches))
    for match in matches if not as_json else ():
        where = f"{match.lon:.3f},{match.lat:.3f}" if match.lon is not None and match.lat is not None else ""
        click.echo(clean(f"{match.target}\t{match.name}\t{match.kind}\t{match.match}\t{where}"))
    if not matches:
        raise NameNotFoundError(f"nothing is called {text!r}")


@main.command()
@study_option
@json_option
def check(*, study: Path | None, as_json: bool) -> None:
    """Check lengths, joints, gaps, names and ages of the records; exit code 1 when there are errors."""
    from corridors.check import check_atlas, print_check

    document = _with_progress(lambda _: check_atlas(open_atlas(study)))
    if as_json:
        print_json(document)
    else:
        print_check(document, clean)
    if document["errors"]:
        click.get_current_context().exit(1)


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
def new(directory: Path) -> None:
    """Start a study: a folder for records of your own on top of the shipped catalogue."""
    from corridors.study import create_study

    create_study(directory)
    click.echo(f"{directory}: add records to {directory}/catalogue, then run: corridors build {directory}")


_add_analysis(main)
_add_articles(main)
_add_planning(main)
_add_exchange(main)
_add_import(main)


if __name__ == "__main__":
    main()
