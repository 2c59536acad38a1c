"""What the commands share: options, atlas and request from options, text fit for a terminal, JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.errors import RequestError

if TYPE_CHECKING:
    from corridors.atlas import Atlas
    from network.access import Endpoint
    from network.request import Request

F = TypeVar("F", bound=Callable[..., Any])

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Drop control characters and direction overrides before text from data reaches a terminal."""
    return _CONTROL.sub("", text)


def make_console() -> Any:  # noqa: ANN401 - rich is imported late, and its type with it
    """Return a console for tables; in a pipe there is no width to fit, so rows are as long as they are."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 220)


def print_json(document: object) -> None:
    """Print one document and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def comma_list(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Split the value of an option at its commas."""
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


def by_option(function: F) -> F:
    """Add ``--by``."""
    choices = click.Choice(["time", "cost", "distance", "co2"])
    return click.option("--by", type=choices, default="time", show_default=True)(function)


def commodity_option(function: F) -> F:
    """Add ``--commodity``."""
    choices = click.Choice(["container", "gas", "oil"])
    return click.option("--commodity", type=choices, default="container", show_default=True)(function)


def modes_option(function: F) -> F:
    """Add ``--modes``."""
    told = "rail,road,sea,ferry,air; all but air unless given."
    return click.option("--modes", callback=comma_list, help=told)(function)


def scenario_option(function: F) -> F:
    """Add ``--scenario``."""
    return click.option("--scenario", default="today", show_default=True, help="Name, or a YAML file.")(function)


def study_option(function: F) -> F:
    """Add ``--study``."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return click.option("--study", type=folder, help="Folder made by 'corridors new'.")(function)


def json_option(function: F) -> F:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(function)


def open_atlas(study: Path | None) -> Atlas:
    """Load the catalogue, with a study's records where one is given."""
    from corridors.atlas import load_atlas

    return load_atlas(study)


def find_endpoint(atlas: Atlas, text: str, notes: list[str]) -> Endpoint:
    """Resolve one end of a route, adding to ``notes`` what was chosen."""
    from corridors.asking import find_ends

    ends, remarks = find_ends(atlas.catalogue, [text])
    notes.extend(remarks)
    return ends[0]


def read_request(  # noqa: PLR0913 - one parameter per option of the contract
    atlas: Atlas,
    *,
    by: str,
    commodity: str,
    modes: tuple[str, ...],
    avoid: tuple[str, ...],
    year: int | None,
    scenario: str,
) -> Request:
    """Make a request from options; a mode that does not exist is wrong usage."""
    from corridors.asking import find_mode, make_request

    for name in modes:
        try:
            find_mode(name)
        except RequestError as error:
            raise click.BadParameter(str(error), param_hint="--modes") from error
    return make_request(
        atlas.catalogue, by=by, commodity=commodity, modes=modes, avoid=avoid, year=year, scenario=scenario
    )
