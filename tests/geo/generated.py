"""Fields and generated features that the writers of every format are tested with."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from shapely import Point

from geo.layer import Feature, Field

FIELDS = (
    Field("name", "text", "Name"),
    Field("gauge_mm", "integer", "Gauge", "mm"),
    Field("length_km", "real", "Length", "km"),
    Field("electrified", "boolean", "Electrified"),
)
_INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
_POINTS = st.none() | st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))


def features_with(hostile: Sequence[str]) -> st.SearchStrategy[tuple[Feature, ...]]:
    """Up to eight features with distinct ids; texts are the hostile ones or any that can be stored."""
    texts = st.sampled_from(hostile) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    properties = st.fixed_dictionaries(
        {},
        optional={
            "name": st.none() | texts,
            "gauge_mm": st.none() | _INTEGERS,
            "length_km": st.none() | st.floats(allow_nan=False, allow_infinity=False) | _INTEGERS,
            "electrified": st.none() | st.booleans(),
        },
    )
    found = st.builds(Feature, texts.filter(bool), _POINTS, properties)
    return st.lists(found, max_size=8, unique_by=lambda feature: feature.id).map(tuple)
