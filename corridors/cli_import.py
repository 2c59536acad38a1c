"""The command that brings a user's own file into a study: ``import``."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli_common import print_json
from geo.errors import ImportRefusedError
from layers.schema import Mode, Status

if TYPE_CHECKING:
    from corridors.importing import ImportOptions, ImportResult, Progress


# what the door tells callers from Python
_SAID_IN_PYTHON = re.compile(r"\b(crs|encoding|layer)='([^'\n]+)'")


def add_commands(group: click.Group) -> None:
    """Add the commands of this module to a group, which it changes."""
    group.add_command(import_)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--study",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder made by 'corridors new'; without it the file is only tried.",
)
@click.option("--id", help="Name of the import in the study; that of the file unless given.")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="Of all lines.")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Of all lines.")
@click.option("--opened", help="Opening of all lines, as in 2032, 2032-05 or 2032~.")
@click.option("--gauge-mm", type=click.IntRange(500, 2000), help="Of all railways.")
@click.option("--speed-kmh", type=click.FloatRange(1, 1000), help="On all lines; counts as assumed.")
@click.option(
    "--snap-km", type=click.FloatRange(0, 50), default=1.0, show_default=True, help="Farthest joint with the network."
)
@click.option(
    "--snap-ends-m",
    type=click.FloatRange(0, 50),
    default=0.0,
    show_default=True,
    help="Farthest joint within the file.",
)
@click.option("--connect-crossings", is_flag=True, help="Join lines that cross without a common vertex.")
@click.option(
    "--gauge-change-at", "gauge_changes", multiple=True, metavar="PLACE", help="Assume that gauges change there."
)
@click.option(
    "--crossing", "crossings", multiple=True, metavar="PLACE|LON,LAT", help="Assume that a border is passed there."
)
@click.option("--layer", help="Which layer of a file that has several.")
@click.option("--crs", help="Reference system of a file that does not say it, as in EPSG:32642.")
@click.option("--encoding", help="Of the texts of a Shapefile or CSV that does not say it.")
@click.option("--skip-invalid", is_flag=True, help="Leave out rows that are refused, and list them.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a report: FILE.html or FILE.md.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def import_(*, file: Path, study: Path | None, report: Path | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Bring lines, places and areas of a vector FILE into a study."""
    from corridors.import_report import check_report_name, print_result, write_report
    from corridors.importing import ImportOptions

    if report is not None:
        check_report_name(report)
    try:
        result = _run(file, study, ImportOptions(**options), with_picture=report is not None)
    except ImportRefusedError as refusal:
        raise ImportRefusedError(_for_command_line(str(refusal))) from None
    if report is not None:
        write_report(result, report)
    if as_json:
        print_json(result.document)
    else:
        print_result(result)
        if result.folder is not None and result.counts.get("lines"):
            click.echo(f"Route over it with: --study {study} --scenario with:{result.id}")


def _for_command_line(message: str) -> str:
    """Say a refusal's advice as options.

    >>> _for_command_line("say it, as in crs='EPSG:4326'")
    'say it, as in --crs EPSG:4326'
    """
    message = _SAID_IN_PYTHON.sub(lambda found: f"--{found[1]} {shlex.quote(found[2])}", message)
    return message.replace("or skip invalid rows", "or leave them out with --skip-invalid")


def _run(file: Path, study: Path | None, options: ImportOptions, *, with_picture: bool) -> ImportResult:
    """Import with a spinner on stderr when it is a terminal."""
    from corridors.importing import import_layer

    def run(progress: Progress) -> ImportResult:
        return import_layer(file, study, options, progress=progress, with_picture=with_picture)

    if not sys.stderr.isatty():
        return run(lambda _: None)
    from rich.console import Console

    with Console(stderr=True).status("opening the file") as status:
        return run(status.update)
