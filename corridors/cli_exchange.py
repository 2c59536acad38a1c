"""Commands that hand layers to other programs: ``export``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from corridors.cli_common import study_option


def add_commands(group: click.Group) -> None:
    """Add the commands of this module to a group, which it changes."""
    group.add_command(export)


def _comma_lists(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


@click.command()
@click.option(
    "--format",
    "formats",
    multiple=True,
    default=("geojson",),
    show_default=True,
    callback=_comma_lists,
    help="geojson, geojsonl, gpkg, fgb, parquet, kml, csv, graphml, qgis; several with commas between.",
)
@click.option(
    "--layers", "names", multiple=True, callback=_comma_lists, help="Layers, comma between; all unless given."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("out"), show_default=True)
@study_option
@click.option("--resume", is_flag=True, help="Keep what an earlier run of the same export has finished.")
def export(*, formats: tuple[str, ...], names: tuple[str, ...], out: Path, study: Path | None, resume: bool) -> None:
    """Write layers for GIS programs."""
    from corridors.atlas import load_atlas
    from corridors.build import layer_names, make_export
    from corridors.exchange import FORMATS, OUTPUTS, write_export

    _require_known(formats, FORMATS, "format", "--format")
    atlas = load_atlas(study)
    _require_known(names, layer_names(atlas.catalogue), "layer", "--layers")
    chosen = [name for name in FORMATS if name in formats]
    made = make_export(atlas, names)
    written = write_export(made, chosen, out, resume=resume, progress=_progress)
    for name in chosen:
        files = ", ".join(f"{out}/{output}" for output in OUTPUTS[name])
        what = "the whole graph" if name == "graphml" else f"{len(made.names)} layers"
        click.echo(f"{files}: {what}{'' if written[name] else ', kept'}")


def _require_known(given: tuple[str, ...], known: tuple[str, ...], what: str, option: str) -> None:
    if unknown := [name for name in given if name not in known]:
        raise click.BadParameter(f"no {what} {', '.join(unknown)}; there are {', '.join(known)}", param_hint=option)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(text, err=True)
