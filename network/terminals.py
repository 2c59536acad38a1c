"""Where boxes change mode or gauge, and the air links between cargo airports."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from geo.geodesy import distance_m, geodesic_points
from layers.schema import Mode, PlaceKind
from layers.tracing import Grade
from network.builder import LinkRow
from network.ground import Ground, node_id
from network.table import LinkKind


def add_air_links(ground: Ground) -> None:
    """Join all listed cargo airports with great circles; which pairs are served is assumed."""
    airports = [place for place in ground.catalogue.places.values() if place.kind is PlaceKind.AIRPORT]
    for one, other in combinations(sorted(airports, key=lambda place: place.id), 2):
        start, end = (one.lon, one.lat), (other.lon, other.lat)
        ground.build.link(
            LinkRow(
                ground.place_node(one.id, Mode.AIR, 0),
                ground.place_node(other.id, Mode.AIR, 0),
                LinkKind.AIR,
                Mode.AIR.value,
                distance_m(start, end),
                np.asarray(geodesic_points(start, end, spacing_km=250.0)),
                countries=None,
                grade=Grade.SCHEMATIC.value,
            )
        )


def add_gauge_changes(ground: Ground) -> None:
    """Add a change between each two gauges that meet at a listed station."""
    places = {place for crossing in ground.catalogue.crossings.values() for place in crossing.gauge_change_at}
    for place in sorted(places):
        crossing = next(c for c in ground.catalogue.crossings.values() if place in c.gauge_change_at)
        gauges = sorted(ground.gauges_at.get(place, ()))
        if len(gauges) < 2:
            ground.build.warnings.append(
                f"gauge change at {place}: tracks of two gauges should meet there, found {gauges or 'none'}"
            )
        for one, other in combinations(gauges, 2):
            _stay(ground, LinkKind.GAUGE_CHANGE, place, (Mode.RAIL, one), (Mode.RAIL, other), crossing=crossing.id)


def add_transfers(ground: Ground) -> None:
    """Add a transfer between each two modes that meet at a terminal."""
    for terminal in ground.catalogue.terminals:
        present = [
            (Mode(node.mode), node.gauge_mm)
            for number in _nodes_at(ground, terminal.place)
            if (node := ground.build.nodes[number]).mode in terminal.modes
        ]
        for one, other in combinations(sorted(present), 2):
            if one[0] is not other[0]:
                _stay(ground, LinkKind.TRANSFER, terminal.place, one, other)


def _nodes_at(ground: Ground, place: str) -> list[int]:
    found = []
    for mode in Mode:
        gauges = sorted(ground.gauges_at.get(place, ())) if mode is Mode.RAIL else [0]
        for gauge_mm in gauges:
            node = ground.build.find(node_id(place, mode, gauge_mm))
            if node is not None:
                found.append(node)
    return found


def _stay(  # noqa: PLR0913 - the two ends of a link within a place
    ground: Ground, kind: LinkKind, place: str, one: tuple[Mode, int], other: tuple[Mode, int], *, crossing: str = ""
) -> None:
    """Add a link of one metre within a place: a change of gauge or of mode."""
    ends = [ground.build.find(node_id(place, mode, gauge_mm)) for mode, gauge_mm in (one, other)]
    if ends[0] is None or ends[1] is None:
        return
    a, b = ground.build.nodes[ends[0]], ground.build.nodes[ends[1]]
    ground.build.link(
        LinkRow(
            ends[0],
            ends[1],
            kind,
            other[0].value if one[0] is Mode.ROAD else one[0].value,
            1.0,
            np.asarray([(a.lon, a.lat), (b.lon, b.lat)]),
            gauge_mm=one[1] or other[1],
            country=ground.catalogue.places[place].country,
            countries=(ground.catalogue.places[place].country,),
            crossing=crossing,
        )
    )
