"""Areas whose status is disputed: hatched on the map, and named when a route passes one."""

from __future__ import annotations

from collections.abc import Iterator

import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundaries import load_outlines
from geo.layer import Feature
from layers.catalogue import Catalogue
from layers.schema import DisputedArea


def disputed_shapes(
    catalogue: Catalogue, *, outlines: str = "countries_10m"
) -> Iterator[tuple[DisputedArea, BaseGeometry]]:
    """Yield each disputed area with its polygon (WGS 84) on one of the sets of outlines."""
    shapes = load_outlines(outlines)
    for area in catalogue.disputed.values():
        shape = shapes.get(area.outline)
        if shape is not None:
            yield area, shape if area.clip is None else shapely.intersection(shape, shapely.box(*area.clip))


def disputed_features(catalogue: Catalogue, *, outlines: str) -> Iterator[Feature]:
    """Yield disputed areas as features with their names, for the map."""
    for area, shape in disputed_shapes(catalogue, outlines=outlines):
        properties = {
            "name": area.name_en,
            "name_ru": area.name_ru,
            "name_zh": area.name_zh,
            "name_tr": area.name_tr,
            "kind": "disputed",
            "administered_by": area.administered_by,
            "claimed_by": area.claimed_by,
            "source": area.source,
            "note": area.note,
        }
        yield Feature(area.id, shape, properties)
