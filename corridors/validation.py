"""Published transit times against the bands of the model, and the tables of docs/validation.md.

``python -m corridors.validation`` writes the tables anew.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corridors.api import Corridors, load
from geo.atomic import replace_text
from geo.errors import CorridorsError
from layers.schema import PublishedTime, TimeBasis
from network.bands import Band

START, END = "<!-- made by corridors/validation.py -->", "<!-- end -->"
# a best run shows what is possible, not what to count on: it is told, but not counted
COUNTED = (TimeBasis.TYPICAL, TimeBasis.RUN, TimeBasis.PLAN)
_HOURS = {"d": 24.0, "h": 1.0}


@dataclass(frozen=True, slots=True)
class TimeCheck:
    """One published time beside the band of its request."""

    published: PublishedTime
    band_h: Band
    url: str = ""
    """Where the source can be read."""

    @property
    def middle_h(self) -> float:
        """The published time in hours; of a range, its middle."""
        return (self.published.low + self.published.high) / 2 * _HOURS[self.published.unit]

    @property
    def is_inside(self) -> bool:
        """Say whether it lies between p10 and p90."""
        return self.band_h.p10 <= self.middle_h <= self.band_h.p90

    @property
    def is_counted(self) -> bool:
        """Say whether it is more than a best run."""
        return self.published.basis in COUNTED


def check_times(atlas: Corridors) -> tuple[TimeCheck, ...]:
    """Ask every request of the table of published times.

    Raises
    ------
    CorridorsError
        A request is refused; the message names it.
    """
    return tuple(_check(atlas, published) for published in atlas.catalogue.published_times)


def _check(atlas: Corridors, published: PublishedTime) -> TimeCheck:
    from corridors.cli import route

    words = [published.origin, published.destination, *shlex.split(published.options)]
    # the command line itself reads the options: what stands in the table can be typed
    chosen = route.make_context("route", words).params
    try:
        best = atlas.route(
            chosen["origin"],
            chosen["destination"],
            by=chosen["by"],
            modes=chosen["modes"],
            avoid=chosen["avoid"],
            via=chosen["via"],
            year=chosen["year"],
            scenario=chosen["scenario"],
        ).best
    except CorridorsError as error:
        raise type(error)(f"corridors route {shlex.join(words)}: {error}") from error
    return TimeCheck(published, best.time_h, atlas.catalogue.sources[published.source].URL or "")


def share_inside(checks: Sequence[TimeCheck]) -> float:
    """Return the part of the counted times that lie inside their bands."""
    counted = [check for check in checks if check.is_counted]
    return sum(check.is_inside for check in counted) / len(counted)


def tables(checks: Sequence[TimeCheck]) -> str:
    """Return the sentence and the two tables of docs/validation.md."""
    counted = [check for check in checks if check.is_counted]
    best = [check for check in checks if not check.is_counted]
    inside = sum(check.is_inside for check in counted)
    lines = [
        f"**{inside} of {len(counted)} published times ({share_inside(checks):.0%}) lie inside p10–p90.**",
        "",
        *_table(counted),
        "",
        "Records, express and demonstration runs, not counted:",
        "",
        *_table(best),
    ]
    return "\n".join(lines)


def _table(checks: Sequence[TimeCheck]) -> Iterator[str]:
    yield "| request of `corridors route` | published | p10–p50–p90 | inside | basis | as of | source | note |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for check in checks:
        published = check.published
        words = f"{published.origin} {published.destination} {published.options}".strip()
        cells = (
            f"`{words}`",
            _published(published),
            "–".join(f"{hours / 24:.1f}" for hours in (check.band_h.p10, check.band_h.p50, check.band_h.p90)) + " d",
            "yes" if check.is_inside else ("**too slow**" if check.band_h.p10 > check.middle_h else "**too fast**"),
            published.basis.value,
            published.as_of or "",
            f"[{published.source}]({check.url})" if check.url else published.source,
            (published.note or "").replace("|", "/"),
        )
        yield "| " + " | ".join(cells) + " |"


def _published(published: PublishedTime) -> str:
    ends = dict.fromkeys((f"{published.low:g}", f"{published.high:g}"))
    return f"{'–'.join(ends)} {published.unit}"


def write_tables(page: Path, checks: Sequence[TimeCheck]) -> None:
    """Put the tables between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    head, tail = text.split(START)[0], text.split(END)[1]
    replace_text(page, f"{head}{START}\n\n{tables(checks)}\n\n{END}{tail}")


def main() -> None:
    """Write the tables of docs/validation.md of this checkout."""
    page = Path(__file__).parent.parent / "docs" / "validation.md"
    checks = check_times(load())
    write_tables(page, checks)
    sys.stdout.write(f"{page.name}: {share_inside(checks):.0%} inside\n")


if __name__ == "__main__":
    main()
