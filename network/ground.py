"""The ground that all joining steps stand on: nodes of places and tracks, gauges, and what has been joined."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geo.boundaries import country_index
from geo.geodesy import Coords, distance_m
from layers.catalogue import Catalogue
from layers.schema import Line, Mode, Status
from layers.tracing import Grade, Tracks, waypoint_positions
from network.builder import LinkRow, NetworkBuilder, NodeRow
from network.table import ALWAYS, NEVER, LinkKind

LAND_MODES = (Mode.RAIL, Mode.ROAD)
KIND_OF_MODE: Mapping[Mode, LinkKind] = {
    Mode.RAIL: LinkKind.RAIL,
    Mode.ROAD: LinkKind.ROAD,
    Mode.SEA: LinkKind.SEA,
    Mode.FERRY: LinkKind.FERRY,
    Mode.AIR: LinkKind.AIR,
    Mode.GAS: LinkKind.PIPELINE,
    Mode.OIL: LinkKind.PIPELINE,
}


def opening_year(status: Status, opened: str | None) -> int:
    """Return the first year of traffic from a status and an EDTF date."""
    digits = (opened or "")[:4].replace("X", "0")
    if digits.isdigit():
        return int(digits)
    return ALWAYS if status is Status.OPEN else NEVER


def node_id(stem: str, mode: Mode, gauge_mm: int) -> str:
    """Return the id of a node: ``place/mode`` or ``place/rail/gauge``."""
    return f"{stem}/{mode.value}/{gauge_mm}" if gauge_mm else f"{stem}/{mode.value}"


class Ground:
    """Catalogue, traced lines and the network under construction; ``build`` grows as the steps run."""

    def __init__(self, catalogue: Catalogue, tracks: Tracks) -> None:
        self.build = NetworkBuilder()
        self.catalogue = catalogue
        self.tracks = tracks
        self.gauge_of_country = {code: country.gauge_mm or 0 for code, country in catalogue.countries.items()}
        # per mode: base node → the place that owns it (first by id); others get a node and a connector
        self.owner: dict[Mode, dict[int, str]] = {}
        for mode, attached in tracks.attached.items():
            owner: dict[int, str] = {}
            for key in sorted(attached):
                if key in catalogue.places:
                    owner.setdefault(attached[key].node, key)
            self.owner[mode] = owner
        # places whose tracks are all given: the crossings' break-of-gauge stations
        self.gauges_at: dict[str, set[int]] = {}
        # crossings that a drawn line runs over, and border points already joined
        self.used_crossings: set[tuple[str, Mode]] = set()
        self.opened_borders: set[tuple[Mode, frozenset[int]]] = set()

    # nodes

    def base_node(self, mode: Mode, node: int, gauge_mm: int) -> int:
        """Return the node of a base network for one gauge; it bears the name of the place that stands there."""
        network = self.tracks.networks[mode]
        place = self.owner[mode].get(node, "")
        if place and mode is Mode.RAIL:
            self.gauges_at.setdefault(place, set()).add(gauge_mm)
        return self.build.node(
            NodeRow(
                id=self._base_node_id(mode, node, gauge_mm),
                lon=float(network.lon[node]),
                lat=float(network.lat[node]),
                mode=mode.value,
                gauge_mm=gauge_mm,
                country=network.country[node],
                place=place,
            )
        )

    def has_base_node(self, mode: Mode, node: int, gauge_mm: int) -> bool:
        """Say whether track of this gauge meets a node of a base network."""
        return self.build.find(self._base_node_id(mode, node, gauge_mm)) is not None

    def _base_node_id(self, mode: Mode, node: int, gauge_mm: int) -> str:
        stem = self.owner[mode].get(node, "") or f"{self.tracks.networks[mode].name}-{node}"
        return node_id(stem, mode, gauge_mm)

    def place_node(self, place_id: str, mode: Mode, gauge_mm: int) -> int:
        """Return the node of a place; off the base network it stands at the place itself."""
        attachment = self.tracks.attached.get(mode, {}).get(place_id)
        if attachment is not None and self.owner[mode][attachment.node] == place_id:
            return self.base_node(mode, attachment.node, gauge_mm)
        place = self.catalogue.places[place_id]
        known = self.build.find(node_id(place_id, mode, gauge_mm))
        if known is not None:
            return known
        if mode is Mode.RAIL:
            self.gauges_at.setdefault(place_id, set()).add(gauge_mm)
        node = self.build.node(
            NodeRow(
                node_id(place_id, mode, gauge_mm), place.lon, place.lat, mode.value, gauge_mm, place.country, place_id
            )
        )
        if attachment is not None:
            self._connect(node, self.base_node(mode, attachment.node, gauge_mm), mode, gauge_mm)
        return node

    def _connect(self, a: int, b: int, mode: Mode, gauge_mm: int) -> None:
        """Join two nodes of one mode that stand on the same spot of the network."""
        here, there = self.build.nodes[a], self.build.nodes[b]
        coords = np.asarray([(here.lon, here.lat), (there.lon, there.lat)])
        self.build.link(
            LinkRow(
                a,
                b,
                KIND_OF_MODE[mode],
                mode.value,
                max(distance_m((here.lon, here.lat), (there.lon, there.lat)), 1.0),
                coords,
                gauge_mm=gauge_mm,
                country=here.country,
                countries=None,
                grade=Grade.TRACED.value,
            )
        )

    def waypoint_node(self, line: Line, key: str, mode: Mode, gauge_mm: int) -> int:
        """Return the node of a waypoint: a place, a point on the track, or one of its own."""
        if key in self.catalogue.places:
            return self.place_node(key, mode, gauge_mm)
        attachment = self.tracks.attached.get(mode, {}).get(key)
        if attachment is not None:
            return self.base_node(mode, attachment.node, gauge_mm)
        lon, lat = waypoint_positions(self.catalogue, line)[key]
        country = country_index().countries_of_points([lon], [lat])[0]
        return self.build.node(NodeRow(node_id(key, mode, gauge_mm), lon, lat, mode.value, gauge_mm, country, ""))

    # links

    def has_country(self, key: str, mode: Mode) -> bool:
        """Say whether a waypoint's country is known: it is a place, or stands on track whose country is known."""
        return key in self.catalogue.places or key in self.tracks.attached.get(mode, {})

    def country_at(self, key: str, lon_lat: Coords, mode: Mode) -> str:
        """Return the country a waypoint is in, from its place, its track or the outlines."""
        if key in self.catalogue.places:
            return self.catalogue.places[key].country
        attachment = self.tracks.attached.get(mode, {}).get(key)
        if attachment is not None:
            return self.tracks.networks[mode].country[attachment.node]
        return country_index().countries_of_points([lon_lat[0]], [lon_lat[1]])[0]

    def gauge_at(self, place_id: str) -> int:
        """Return the main gauge of the country of a place."""
        return self.gauge_of_country.get(self.catalogue.places[place_id].country, 0)

    def regime(self, one: str, other: str) -> str:
        """Return ``free-movement``, ``customs-union`` or empty for a pair of countries."""
        return regime_of(self.catalogue, one, other)


def regime_of(catalogue: Catalogue, one: str, other: str) -> str:
    """Return ``free-movement``, ``customs-union`` or empty for a pair of countries."""
    found = {group.kind for group in catalogue.groups.values() if one in group.members and other in group.members}
    return next((kind for kind in ("free-movement", "customs-union") if kind in found), "")
