"""Disputed areas are drawn and named, and nothing beside them is."""

from __future__ import annotations

from shapely import Point

from corridors.atlas import Atlas
from layers.disputed import disputed_features, disputed_shapes
from layers.schema import Mode
from network.endpoint import resolve_endpoint
from network.request import Request


def test_each_area_has_a_shape_of_its_own(atlas: Atlas) -> None:
    shapes = {area.id: shape for area, shape in disputed_shapes(atlas.catalogue)}
    assert set(shapes) == set(atlas.catalogue.disputed)
    assert shapes["crimea"].contains(Point(34.1, 45.0))
    assert not shapes["crimea"].intersects(Point(37.8, 45.2).buffer(0.5))
    assert shapes["northern-cyprus"].contains(Point(33.4, 35.25))
    assert all(not shape.is_empty for shape in shapes.values())
    assert len(list(disputed_features(atlas.catalogue, outlines="countries_50m"))) == len(shapes)


def test_a_route_through_one_says_so(atlas: Atlas) -> None:
    start, end = (resolve_endpoint(atlas.catalogue, text)[0] for text in ("33.37,44.6", "35.4,45.05"))
    answer = atlas.router.route(start, end, Request(modes=(Mode.ROAD, Mode.RAIL)))
    assert any("Crimea" in note and "disputed" in note for note in answer.notes)
    start, end = (resolve_endpoint(atlas.catalogue, text)[0] for text in ("Almaty", "Astana"))
    assert not any("disputed" in note for note in atlas.router.route(start, end, Request()).notes)
