"""Published transit times lie where the model says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridors.api import Corridors
from corridors.atlas import Atlas
from corridors.validation import TimeCheck, check_times, share_inside
from layers.schema import PublishedTime, TimeBasis
from network.bands import Band

# the days a documented band may be off before its page must be made anew: the catalogue grows by the week
_DRIFT_D = 1.5


@pytest.fixture(scope="module")
def checks(atlas: Atlas) -> tuple[TimeCheck, ...]:
    return check_times(Corridors(atlas))


def test_four_in_five_published_times_lie_inside_their_band(checks: tuple[TimeCheck, ...]) -> None:
    assert sum(check.is_counted for check in checks) >= 25
    assert share_inside(checks) >= 0.8


def test_eight_routes_planners_ask_for_are_among_them(checks: tuple[TimeCheck, ...]) -> None:
    asked = {(check.published.origin, check.published.destination) for check in checks}
    assert asked >= {
        ("xian", "duisburg"),
        ("chongqing", "duisburg"),
        ("altynkol", "constanta-port"),
        ("kashgar", "tashkent"),
        ("yiwu", "madrid"),
        ("shanghai-port", "rotterdam-port"),
        ("mumbai-port", "moscow"),
        ("karachi", "tashkent"),
    }


def test_document_tells_what_the_model_answers(checks: tuple[TimeCheck, ...], root: Path) -> None:
    page = (root / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(checks)
    told = {tuple(row.split(" | ")[:2]): row for row in rows}
    for check in checks:
        published = check.published
        words = f"{published.origin} {published.destination} {published.options}".strip()
        of_request = [row for (request, _), row in told.items() if request == f"| `{words}`"]
        assert of_request, words
        days = re.search(r"([\d.]+)–([\d.]+)–([\d.]+) d", of_request[0])
        assert days is not None
        ours = [hours / 24 for hours in (check.band_h.p10, check.band_h.p50, check.band_h.p90)]
        assert [float(text) for text in days.groups()] == pytest.approx(ours, abs=_DRIFT_D), (
            f"{words}: write the tables anew with python -m corridors.validation"
        )


def test_range_counts_by_its_middle_and_a_best_run_not_at_all() -> None:
    published = PublishedTime(
        origin="a", destination="b", low=8, high=10, unit="d", basis=TimeBasis.BEST, source="somebody"
    )
    check = TimeCheck(published, Band(8.5 * 24, 9.5 * 24, 11 * 24))
    assert check.middle_h == 9 * 24
    assert check.is_inside
    assert not check.is_counted


def test_time_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="above high"):
        PublishedTime(origin="a", destination="b", low=3, high=2, unit="d", basis=TimeBasis.RUN, source="somebody")
