"""What each check finds, on the shipped catalogue with one thing made wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from corridors.atlas import Atlas
from layers.catalogue import Catalogue
from layers.schema import Claim, Mode, Source, Status
from layers.tracing import Grade, Segment, Tracks
from network import checks
from network.checks import Drawn, Finding
from network.table import Network


def segment(
    *points: tuple[float, float], grade: Grade = Grade.TRACK, length_m: float = 1e5, number: int = 0
) -> Segment:
    """A piece of the railway Beyneu–Mangystau–Aktau that is drawn through the given points."""
    return Segment("beyneu-mangystau-aktau", number, "a", "b", grade, np.asarray(points), length_m)


def only(tracks: Tracks, *segments: Segment) -> Tracks:
    return replace(tracks, networks={}, segments={segments[0].line: segments})


def claim(attribute: str, value: str, as_of: str | None, subject: str = "line:cku-railway") -> Claim:
    return Claim(subject=subject, attribute=attribute, value=value, unit="km", as_of=as_of, source="geonames")


def subjects(findings: Iterable[Finding]) -> list[str]:
    return [finding.subject for finding in findings]


# courses


def test_segment_shorter_than_its_great_circle_is_found(tracks: Tracks, router_network: Network) -> None:
    # one degree of latitude at 45° N is 111.1 km
    ends = ((60.0, 45.0), (60.0, 46.0))
    right, wrong = segment(*ends, length_m=110_500), segment(*ends, length_m=109_000)
    found = list(checks.find_short_courses(only(tracks, right, wrong), {}, router_network))
    assert [finding.message for finding in found if finding.subject] == [
        "a–b is 109.0 km long, its great circle 111.1 km"
    ]


def test_base_track_shorter_than_its_great_circle_is_found(tracks: Tracks, router_network: Network) -> None:
    base = tracks.networks[Mode.SEA]
    number = max(range(len(base.edges)), key=lambda n: base.edges[n].length_m)
    edges = tuple(replace(edge, length_m=1.0) if n == number else edge for n, edge in enumerate(base.edges))
    broken = replace(tracks, networks={Mode.SEA: replace(base, edges=edges)}, segments={})
    (found, *rest) = checks.find_short_courses(broken, {}, router_network)
    assert found.check == "shorter-than-great-circle"
    assert found.message.startswith("sea track from")
    assert not [finding for finding in rest if "sea" in finding.message]


def test_corridor_section_shorter_than_its_great_circle_is_found(
    tracks: Tracks, drawn: Drawn, router_network: Network
) -> None:
    whole = drawn["middle-corridor"][0]
    short = {"middle-corridor": (whole, replace(whole, length_m=1000.0))}
    found = checks.find_short_courses(replace(tracks, networks={}, segments={}), short, router_network)
    messages = [finding.message for finding in found if finding.subject == "corridor:middle-corridor"]
    assert len(messages) == 1
    assert messages[0].startswith("section 2 is 1.0 km long")


def test_gap_within_a_section_is_found_and_one_between_sections_is_not(tracks: Tracks) -> None:
    # 0.02° of longitude at 45° N are 1.6 km
    first, apart = segment((60.0, 45.0), (61.0, 45.0)), segment((61.02, 45.0), (62.0, 45.0))
    (found,) = checks.find_open_joints(only(tracks, first, apart))
    assert found.message == "section 1 is broken at b: 1.6 km are missing"
    assert not list(checks.find_open_joints(only(tracks, first, replace(apart, section=1))))
    near = segment((61.01, 45.0), (62.0, 45.0))
    assert not list(checks.find_open_joints(only(tracks, first, near)))


def test_long_stretch_without_a_vertex_is_found_on_track_and_traced_segments(
    catalogue: Catalogue, tracks: Tracks
) -> None:
    # 79 km
    ends = ((60.0, 45.0), (61.0, 45.0))
    bare = segment(*ends, length_m=80_000)
    bent = segment(ends[0], (60.5, 45.1), ends[1], length_m=80_000)
    rough = segment(*ends, grade=Grade.SCHEMATIC, length_m=80_000)
    # the points of a traced segment are drawn between its waypoints, not known
    traced = segment(ends[0], (60.5, 45.0), ends[1], grade=Grade.TRACED, length_m=80_000)
    found = list(checks.find_bare_stretches(catalogue, only(tracks, bare, bent, rough, traced)))
    assert [finding.message for finding in found] == [
        "a–b runs 79 km without a vertex (track)",
        "a–b runs 80 km without a vertex (traced)",
    ]


def test_stretch_of_a_line_that_is_not_open_is_not_looked_at(catalogue: Catalogue, tracks: Tracks) -> None:
    bare = replace(segment((60.0, 45.0), (61.0, 45.0)), line="cku-railway")
    assert catalogue.lines["cku-railway"].status is not Status.OPEN
    assert not list(checks.find_bare_stretches(catalogue, only(tracks, bare)))


# network


@pytest.fixture(scope="module")
def router_network(atlas: Atlas) -> Network:
    return atlas.network


def test_components_share_out_the_open_railways(router_network: Network) -> None:
    links = router_network.links
    is_rail = links.mode.matches("rail".__eq__) & links.status.matches("open".__eq__)
    is_rail &= ~links.kind.matches("transfer".__eq__)
    parts = checks.rail_components(router_network)
    assert sum(part.length_km for part in parts) == pytest.approx(float(links.length_m[is_rail].sum()) / 1000)
    assert [part.length_km for part in parts] == sorted((part.length_km for part in parts), reverse=True)
    places = [place for part in parts for place in part.places]
    assert len(places) == len(set(places))


def test_japan_is_cut_off_from_the_railways_of_the_continent(router_network: Network) -> None:
    parts = checks.rail_components(router_network)
    assert {"xian", "moscow", "duisburg"} <= set(parts[0].places)
    found = list(checks.find_cut_off_places(parts))
    assert [finding.message for finding in found if "(" in finding.message and finding.message.endswith("JPN)")]
    assert not any("xian" in finding.message.split(" to the rest")[0].split() for finding in found)


def test_gap_of_a_corridor_is_found(drawn: Drawn) -> None:
    section = replace(drawn["middle-corridor"][0], gaps=(("baku", "tbilisi"),))
    (found,) = checks.find_corridor_gaps({"middle-corridor": (section,)})
    assert found == Finding(
        "corridor-gap", "corridor:middle-corridor", "baku–tbilisi is not joined by rail and drawn straight"
    )


def test_crossing_that_no_link_uses_is_found(catalogue: Catalogue, router_network: Network) -> None:
    stray = catalogue.crossings["khorgos-altynkol"].model_copy(update={"id": "nowhere"})
    known = {"khorgos-altynkol": catalogue.crossings["khorgos-altynkol"], "nowhere": stray}
    found = checks.find_unused_crossings(replace(catalogue, crossings=known), router_network)
    assert subjects(found) == ["crossing:nowhere"]


# records


def test_claim_without_a_known_source_is_found(catalogue: Catalogue) -> None:
    lost = claim("length", "500", "2020").model_copy(update={"source": "nowhere"})
    assert subjects(checks.find_unsourced_claims(replace(catalogue, claims=(lost,)))) == ["line:cku-railway"]
    assert not list(checks.find_unsourced_claims(catalogue))


def test_source_that_no_record_cites_is_found(catalogue: Catalogue) -> None:
    idle = Source(id="idle", type="webpage", title="Nobody reads this")
    before = subjects(checks.find_uncited_sources(catalogue))
    after = subjects(checks.find_uncited_sources(replace(catalogue, sources={**catalogue.sources, "idle": idle})))
    assert after == [*before, "source:idle"]
    assert "source:geonames" not in before


@pytest.mark.parametrize(
    ("attribute", "years", "is_stale"),
    [
        ("flow", ["2015"], True),
        ("flow-to-europe", ["2010/2015"], True),
        ("travel-time", ["2015~"], True),
        ("flow", ["2016"], False),
        ("flow", ["2012/2016"], False),
        ("flow", ["2010", "2020"], False),
        ("flow", ["2010", None], False),
        ("flow", ["201X"], False),
        ("length", ["1990"], False),
        ("capacity-planned", ["1990"], False),
        ("flowers", ["1990"], False),
    ],
)
def test_value_that_changes_is_stale_when_nothing_is_newer_than_ten_years(
    catalogue: Catalogue, attribute: str, years: list[str | None], *, is_stale: bool
) -> None:
    claims = tuple(claim(attribute, "1", year) for year in years)
    found = list(checks.find_stale_claims(replace(catalogue, claims=claims), data_year=2026))
    assert bool(found) == is_stale


def test_conflicts_are_counted_by_attribute(catalogue: Catalogue) -> None:
    claims = (
        claim("length", "1", "2020"),
        claim("length", "2", "2020"),
        claim("length", "3", "2020"),
        claim("cost", "1", "2020"),
        claim("cost", "2", "2021"),
        claim("length", "1", "2020", "line:other"),
    )
    assert checks.count_conflicts(replace(catalogue, claims=claims)) == 1


def test_grades_add_up_to_the_drawn_length(catalogue: Catalogue, tracks: Tracks) -> None:
    grades = checks.grade_lengths(catalogue, tracks)
    total = sum(part.length_m for parts in tracks.segments.values() for part in parts) / 1000
    assert sum(km for of_mode in grades.values() for km in of_mode.values()) == pytest.approx(total)
    assert list(grades["rail"]) == ["track", "traced", "schematic"]


def test_missing_names_are_counted_by_table_and_language(catalogue: Catalogue) -> None:
    place = catalogue.places["xian"].model_copy(update={"name_ru": None, "name_zh": "西安"})
    rows = checks.missing_names(replace(catalogue, places={"xian": place}))
    missing = {(row.table, row.language): (row.missing, row.records) for row in rows}
    assert missing["places", "ru"] == (1, 1)
    assert missing["places", "zh"] == (0, 1)
    assert {table for table, _ in missing} == {"places", "lines", "corridors"}
    assert {language for _, language in missing} == {"en", "ru", "zh", "tr"}
