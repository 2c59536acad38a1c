"""Find track, stations and terminals of the network near to a point."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.basenet import nearest_on_line
from geo.geodesy import Coords, LonLat, distance_m
from layers.catalogue import Catalogue
from layers.schema import Mode
from network.ground import KIND_OF_MODE
from network.table import Ints, LinkKind, Network

# track nearer than this to the end of a link is joined at that end
_NODE_REACH_M = 150.0
# a station this near tells people where a point on the track is
_LABEL_KM = 30.0


@dataclass(frozen=True, slots=True)
class Near:
    """Something of the network near to a point."""

    metres: float
    lon_lat: LonLat
    target: str
    """``place:ID``, ``track`` or ``node:NAME``."""
    label: str
    mode: str = ""
    gauge_mm: int = 0


class TrackFinder:
    """Finds what is near on one network; links of one mode are indexed when they are first asked for."""

    def __init__(self, network: Network, catalogue: Catalogue) -> None:
        self._network = network
        self._catalogue = catalogue
        self._index: dict[Mode, tuple[Ints, shapely.STRtree]] = {}

    def nearest(
        self, mode: Mode, gauge_mm: int | None, lon_lat: LonLat, reach_m: float, *, country: str = ""
    ) -> Near | None:
        """Return the nearest track of a mode and gauge (None: any), open track before other, or None.

        Track of another country is left out where both countries are known: a border is passed at a crossing.
        """
        links = self._network.links
        best: tuple[bool, float, int, LonLat] | None = None
        for link in self._links_near(mode, lon_lat, reach_m):
            if gauge_mm is not None and int(links.gauge_mm[link]) != gauge_mm:
                continue
            foot = self._foot(link, lon_lat, country)
            if foot is None:
                continue
            found = (links.status[link] != "open", foot[0], link, foot[1])
            if foot[0] <= reach_m and (best is None or found[:3] < best[:3]):
                best = found
        return None if best is None else self._at_foot(mode, best[2], lon_lat, best[3])

    def _foot(self, link: int, lon_lat: LonLat, country: str) -> tuple[float, LonLat] | None:
        """Return distance and nearest point of a link that may be joined; a border may be at its ends only."""
        links, nodes = self._network.links, self._network.nodes
        if links.kind[link] != LinkKind.BORDER.value:
            if country and links.country[link] not in ("", country):
                return None
            _, foot, metres = nearest_on_line(links.shape(link), lon_lat)
            return metres, foot
        ends = [n for n in (int(links.a[link]), int(links.b[link])) if not country or nodes.country[n] in ("", country)]
        spots = [(float(nodes.lon[node]), float(nodes.lat[node])) for node in ends]
        return min(((distance_m(spot, lon_lat), spot) for spot in spots), default=None)

    def _at_foot(self, mode: Mode, link: int, lon_lat: LonLat, foot: LonLat) -> Near:
        links, nodes = self._network.links, self._network.nodes
        gauge_mm = int(links.gauge_mm[link])
        for node in (int(links.a[link]), int(links.b[link])):
            here = (float(nodes.lon[node]), float(nodes.lat[node]))
            if distance_m(here, foot) <= _NODE_REACH_M:
                foot = here
                place = nodes.place[node]
                if place:
                    return Near(distance_m(here, lon_lat), here, f"place:{place}", place, mode.value, gauge_mm)
                break
        label = " ".join(
            word for word in (links.country[link], f"{gauge_mm} mm" if gauge_mm else "", mode.value) if word
        )
        label += f" track at {foot[0]:.5f},{foot[1]:.5f}{self._beside(mode, foot)}"
        return Near(distance_m(foot, lon_lat), foot, "track", label, mode.value, gauge_mm)

    def _beside(self, mode: Mode, lon_lat: LonLat) -> str:
        nodes = self._network.nodes
        named = np.flatnonzero(nodes.mode.matches(mode.value.__eq__) & nodes.place.matches(bool))
        near = named[
            (abs(nodes.lat[named] - lon_lat[1]) < _LABEL_KM / 111) & (abs(nodes.lon[named] - lon_lat[0]) < 1.0)
        ].tolist()
        found = min(((distance_m((nodes.lon[n], nodes.lat[n]), lon_lat), nodes.place[n]) for n in near), default=None)
        return f", {found[0] / 1000:.1f} km from {found[1]}" if found and found[0] <= _LABEL_KM * 1000 else ""

    def station_of_other_gauge(
        self, gauge_mm: int, lon_lat: LonLat, reach_m: float, allowed: Collection[str] | None, *, country: str = ""
    ) -> Near | None:
        """Return the nearest station of a country with rails of another gauge, of the allowed ones (None: any)."""
        nodes = self._network.nodes
        rail = nodes.mode.matches(Mode.RAIL.value.__eq__) & nodes.place.matches(bool) & (nodes.gauge_mm != gauge_mm)
        near = np.flatnonzero(rail & (abs(nodes.lat - lon_lat[1]) <= reach_m / 110_000)).tolist()
        found: list[tuple[float, str, LonLat]] = []
        for node in near:
            place = nodes.place[node]
            here = (float(nodes.lon[node]), float(nodes.lat[node]))
            metres = distance_m(here, lon_lat)
            is_abroad = country and nodes.country[node] not in ("", country)
            if metres <= reach_m and not is_abroad and (allowed is None or place in allowed):
                found.append((metres, place, here))
        if not found:
            return None
        metres, place, here = min(found)
        return Near(metres, here, f"place:{place}", place, Mode.RAIL.value, gauge_mm)

    def terminal(self, mode: Mode, lon_lat: LonLat, reach_m: float) -> Near | None:
        """Return the nearest place where a ship, aircraft or pipe of this mode may end, or None."""
        known = {terminal.place for terminal in self._catalogue.terminals if mode.value in terminal.modes}
        nodes = self._network.nodes
        known |= {nodes.place[n] for n in np.flatnonzero(nodes.mode.matches(mode.value.__eq__)).tolist()} - {""}
        places = [self._catalogue.places[key] for key in sorted(known)]
        found = min(((distance_m((p.lon, p.lat), lon_lat), p.id, (p.lon, p.lat)) for p in places), default=None)
        if found is None or found[0] > reach_m:
            return None
        return Near(found[0], found[2], f"place:{found[1]}", found[1], mode.value)

    def crossings(self, mode: Mode, courses: Sequence[Coords]) -> Iterator[tuple[int, LonLat, Near]]:
        """Yield which course crosses track of its mode, and where."""
        rows, tree = self._indexed(mode)
        shapes = np.asarray([shapely.LineString(course) for course in courses], dtype=object)
        for which, row in sorted(zip(*tree.query(shapes, predicate="crosses").tolist(), strict=True)):
            link = int(rows[row])
            if self._network.links.kind[link] == LinkKind.BORDER.value:
                continue
            meeting = shapely.intersection(shapes[which], shapely.LineString(self._network.links.shape(link)))
            for point in shapely.get_parts(meeting):
                if point.geom_type == "Point":
                    spot = (float(point.x), float(point.y))
                    yield which, spot, self._at_foot(mode, link, spot, spot)

    def _links_near(self, mode: Mode, lon_lat: LonLat, reach_m: float) -> list[int]:
        rows, tree = self._indexed(mode)
        high = reach_m / 110_000
        wide = high / max(float(np.cos(np.radians(lon_lat[1]))), 0.05)
        box = shapely.box(lon_lat[0] - wide, lon_lat[1] - high, lon_lat[0] + wide, lon_lat[1] + high)
        return [int(rows[row]) for row in sorted(tree.query(box, predicate="intersects").tolist())]

    def _indexed(self, mode: Mode) -> tuple[Ints, shapely.STRtree]:
        if mode not in self._index:
            links = self._network.links
            kinds = frozenset({KIND_OF_MODE[mode].value, LinkKind.BORDER.value})
            rows = np.flatnonzero(links.kind.is_in(kinds) & links.mode.matches(mode.value.__eq__)).astype(np.int64)
            self._index[mode] = rows, shapely.STRtree([shapely.LineString(links.shape(int(row))) for row in rows])
        return self._index[mode]
