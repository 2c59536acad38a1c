"""What a layer rests on travels with each of its features."""

from __future__ import annotations

import pytest

from corridors.atlas import Atlas
from geo.layer import Layer
from layers.citations import RELATIONS, TARGET_KINDS, citation, cite_layers
from layers.features import claims_table, events_layer, figures_layer, places_layer, sources_table


@pytest.fixture(scope="module")
def cited(atlas: Atlas) -> dict[str, Layer]:
    catalogue = atlas.catalogue
    made = (places_layer, events_layer, figures_layer, claims_table, sources_table)
    return cite_layers({(layer := make(catalogue)).name: layer for make in made}, catalogue, date="2026-11-21")


def test_every_feature_with_sources_cites_them_all(cited: dict[str, Layer], atlas: Atlas) -> None:
    for name, column in (("events", "sources"), ("figures", "source"), ("claims", "source"), ("places", "source")):
        for feature in cited[name].features:
            wanted = [citation(atlas.catalogue.sources[key]) for key in str(feature.properties[column]).split(";")]
            assert set(wanted) <= set(str(feature.properties["citations"]).split(" | ")), feature.id


def test_layer_lists_what_its_features_cite_and_its_date(cited: dict[str, Layer]) -> None:
    for layer in cited.values():
        words = {text for f in layer.features for text in str(f.properties["citations"] or "").split(" | ") if text}
        assert words == set(layer.sources)
        assert layer.date == "2026-11-21"


def test_targets_are_those_claims_are_about(atlas: Atlas) -> None:
    catalogue = atlas.catalogue
    kinds = {subject.partition(":")[0] for subject in catalogue.claims_by_subject}
    # crossings and parameters are no layers of their own
    assert kinds <= set(TARGET_KINDS.values()) | {"parameter", "crossing"}


def test_figure_is_called_by_its_target_and_its_source_is_a_relation(cited: dict[str, Layer]) -> None:
    figure = cited["figures"].features[0]
    assert figure.properties["target"] == f"figure:{figure.id}"
    names = {(relation.child, relation.child_field, relation.parent) for relation in RELATIONS}
    assert ("figures", "source", "sources") in names
    assert figure.properties["source"] in {source.id for source in cited["sources"].features}
