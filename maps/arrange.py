"""From exported layers to the switches of a page: group, targets, what is on at first.

The same layer value is exported and shown; only what the page adds is said here.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.layer import GeometryType, Layer
from maps.content import GeometryKind, MapLayer

_KINDS: dict[GeometryType, GeometryKind] = {"Point": "point", "MultiLineString": "line", "MultiPolygon": "area"}


@dataclass(frozen=True)
class _Place:
    """Where a known layer stands in the panel."""

    group: str
    target_kind: str
    is_visible: bool = True
    is_itemised: bool = False


_PLACES = {
    "corridors": _Place("corridors", "corridor", is_visible=False, is_itemised=True),
    "belts": _Place("corridors", "corridor", is_visible=False),
    "railways": _Place("network", "line"),
    "roads": _Place("network", "line"),
    "ferries": _Place("network", "line"),
    "sea_routes": _Place("network", "line"),
    "pipelines": _Place("network", "line"),
    "air_links": _Place("network", "line", is_visible=False),
    "places": _Place("places", "place"),
    "events": _Place("evidence", "event", is_visible=False),
    "figures": _Place("evidence", "figure", is_visible=False),
    "countries": _Place("areas", "country"),
}


def map_layer(layer: Layer, *, group: str = "", note: str = "") -> MapLayer:
    """Give the switch of one exported layer; an unknown one is a user's own and opens under its own group.

    Parameters
    ----------
    layer
        A layer with geometry, in lon/lat.
    group
        Heading for a layer that is not one of ours; its title where empty.
    note
        One line below the switch.

    Raises
    ------
    ValueError
        For a plain table, which a map cannot show.
    """
    if layer.geometry_type is None:
        raise ValueError(f"layer {layer.name!r} is a table without geometry; a map cannot show it")
    place = _PLACES.get(layer.name, _Place(group or layer.title, layer.name))
    return MapLayer(
        key=layer.name,
        group=place.group,
        title=layer.title,
        geometry=_KINDS[layer.geometry_type],
        features=layer.features,
        target_kind=place.target_kind,
        is_visible=place.is_visible,
        is_itemised=place.is_itemised,
        note=note,
    )
