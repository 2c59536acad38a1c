"""Lengths of parts of lines: which places a claim names, and the course between them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors.atlas import Atlas
from layers.tracing import Grade
from network.part_lengths import drawn_part, ends_of_part, published_parts


@pytest.mark.parametrize(
    ("attribute", "ends"),
    [
        ("length-mary-serhetabat", ("mary", "serhetabat")),
        ("length-say-utes-beyneu", ("say-utes", "beyneu")),
        ("length-kaz", None),
        ("length", None),
        ("travel-time-mary-serhetabat", None),
        ("length-mary-atlantis", None),
    ],
)
def test_an_attribute_names_two_places_of_the_catalogue(
    atlas: Atlas, attribute: str, ends: tuple[str, str] | None
) -> None:
    assert ends_of_part(attribute, atlas.catalogue.places) == ends


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_parts_add_up_in_both_directions(atlas: Atlas, data: st.DataObject) -> None:
    lines = [line for line in atlas.catalogue.lines.values() if line.mode == "rail" and line.status == "open"]
    line = data.draw(st.sampled_from(lines))
    section = data.draw(st.sampled_from(line.sections))
    places = list(dict.fromkeys(point for point in section.waypoints if isinstance(point, str)))
    ends = sorted(data.draw(st.lists(st.integers(0, len(places) - 1), min_size=3, max_size=3))) if places else []
    if not ends:
        return
    one, two, three = (places[place] for place in ends)
    parts = [drawn_part(atlas.tracks, line, *pair) for pair in ((one, two), (two, three), (one, three), (three, one))]
    assert all(part is not None for part in parts)
    near, far, whole, back = (part[0] for part in parts if part is not None)
    assert near + far == pytest.approx(whole, abs=0.01)
    assert whole == back


def test_a_place_that_the_line_only_passes_counts(atlas: Atlas) -> None:
    """Places on the track are found though the line does not name them."""
    line = atlas.catalogue.lines["trans-siberian-railway"]
    names = {point for section in line.sections for point in section.waypoints}
    found = [
        place
        for place in atlas.tracks.attached[line.mode]
        if place in atlas.catalogue.places and place not in names and drawn_part(atlas.tracks, line, place, "omsk")
    ]
    assert found
    assert drawn_part(atlas.tracks, line, "omsk", "tashkent") is None


def test_the_worst_grade_between_the_ends_counts(atlas: Atlas) -> None:
    line = next(line for line in atlas.catalogue.lines.values() if line.is_schematic and line.status == "open")
    ends = [point for point in line.sections[0].waypoints if isinstance(point, str)]
    drawn = drawn_part(atlas.tracks, line, ends[0], ends[-1])
    assert drawn is not None
    assert drawn[1] is Grade.SCHEMATIC


def test_published_parts_are_positive_and_named_by_their_ends(atlas: Atlas) -> None:
    for line in atlas.catalogue.lines.values():
        for attribute, start, end, km in published_parts(atlas.catalogue, line):
            assert attribute == f"length-{start}-{end}"
            assert km > 0
