from __future__ import annotations

import pytest
from shapely.geometry import Point

from geo.layer import Feature, Layer
from maps.arrange import map_layer
from maps.encode import target_of

LAYER = Layer("places", "Places", "", (), (Feature("xian", Point(108.9, 34.3), {}),), "Point", "GeoNames", "CC BY 4.0")


def test_a_known_layer_takes_its_group_and_targets() -> None:
    shown = map_layer(LAYER)

    assert (shown.group, shown.geometry, shown.is_visible) == ("places", "point", True)
    assert target_of(LAYER.features[0], shown) == "place:xian"


def test_a_users_own_layer_opens_under_its_title() -> None:
    own = Layer("wells", "Our wells", "", (), LAYER.features, "Point", "us", "CC0-1.0")

    shown = map_layer(own)

    assert (shown.group, shown.target_kind) == ("Our wells", "wells")


def test_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="without geometry"):
        map_layer(Layer("claims", "Claims", "", (), (), None, "us", "CC0-1.0"))
