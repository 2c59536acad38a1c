"""How an asked-for place reaches the network: its own nodes and terminals, or the nearest road or railway."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.basenet import nearest_on_line, share_before
from geo.errors import RouteRefusedError
from geo.geodesy import LonLat, distance_m, haversine_m
from layers.catalogue import Catalogue
from layers.schema import Mode, PlaceKind
from network.request import Request
from network.search import Access
from network.table import Network

# a point given by coordinates must lie this near a road or railway
_POINT_REACH_KM = 50.0
# a port or airport this near to a city is the city's own: Alat is 70 km from Baku, Yangshan as far from Shanghai
_OWN_TERMINAL_KM = 75.0
_TERMINAL_KINDS = frozenset({PlaceKind.PORT, PlaceKind.AIRPORT})
_TERMINAL_MODES = frozenset({Mode.SEA.value, Mode.FERRY.value, Mode.AIR.value})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a route starts or ends: a catalogue place, or any point."""

    id: str
    name: str
    lon: float
    lat: float
    is_place: bool


@dataclass(frozen=True)
class AccessFinder:
    """Finds accesses on one network."""

    network: Network
    catalogue: Catalogue

    def accesses(self, point: Endpoint, request: Request, usable: npt.NDArray[np.bool_]) -> list[Access]:
        """Return how an endpoint reaches the network under a request.

        Raises
        ------
        RouteRefusedError
            It stands on no network of the allowed modes.
        """
        if point.is_place:
            allowed = {mode.value for mode in request.modes}
            nodes = self.groups.get(point.id, ())
            found = [Access(node) for node in nodes if self.network.nodes.mode[node] in allowed]
        else:
            found = self._nearest_links((point.lon, point.lat), request, usable)
        if not found:
            hints = self._nearest_hint(point, request) + self._other_modes(point)
            raise RouteRefusedError(
                f"{point.name} ({point.lon:.3f}, {point.lat:.3f}) stands on no network of the modes "
                f"{', '.join(request.modes)} within reach; {hints}"
            )
        return found

    @cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Place id → the nodes by which it is reached, whatever the mode; places on no network are left out."""
        own = self._terminals_of_cities
        found = {
            place: (*self.network.nodes_of_place.get(place, ()), *own.get(place, ())) for place in self.catalogue.places
        }
        return {place: nodes for place, nodes in found.items() if nodes}

    @cached_property
    def _terminals_of_cities(self) -> dict[str, list[int]]:
        """City → the ship and aircraft nodes of its own ports and airports: there boxes are handed over."""
        places, mode = self.catalogue.places, self.network.nodes.mode
        terminals = sorted({one.place for one in self.catalogue.terminals if places[one.place].kind in _TERMINAL_KINDS})
        lon, lat = (np.asarray([getattr(places[one], axis) for one in terminals]) for axis in ("lon", "lat"))
        found = {}
        for city in places.values():
            if city.kind is not PlaceKind.CITY:
                continue
            # the sphere is within 0.6 % of the ellipsoid: it rules out, the geodesic decides
            near = np.flatnonzero(haversine_m(lon, lat, (city.lon, city.lat)) <= _OWN_TERMINAL_KM * 1010)
            own = [
                terminal
                for terminal in (places[terminals[at]] for at in near.tolist())
                if terminal.country == city.country
                and distance_m((city.lon, city.lat), (terminal.lon, terminal.lat)) <= _OWN_TERMINAL_KM * 1000
            ]
            nodes = [node for one in own for node in self.network.nodes_of_place.get(one.id, ())]
            found[city.id] = [node for node in nodes if mode[node] in _TERMINAL_MODES]
        return found

    def _nearest_links(self, lon_lat: LonLat, request: Request, usable: npt.NDArray[np.bool_]) -> list[Access]:
        """Return the nearest usable link of each land mode within reach."""
        links = self.network.links
        found = []
        for mode in (Mode.RAIL, Mode.ROAD):
            if mode not in request.modes:
                continue
            candidates = np.flatnonzero(usable & links.kind.matches(mode.value.__eq__))
            best: tuple[float, int, int, LonLat] | None = None
            for link in self._links_near(candidates, lon_lat):
                segment, foot, metres = nearest_on_line(links.shape(link), lon_lat)
                if metres <= _POINT_REACH_KM * 1000 and (best is None or metres < best[0]):
                    best = (metres, link, segment, foot)
            if best is not None:
                _, link, segment, foot = best
                found.append(Access(-1, link, share_before(links.shape(link), segment, foot)))
        return found

    def _links_near(self, candidates: npt.NDArray[np.intp], lon_lat: LonLat) -> list[int]:
        """Return candidates with a vertex, or the run between two, possibly within reach."""
        west, south, east, north = self._boxes
        reach = _POINT_REACH_KM / 111.2
        wide = reach / max(np.cos(np.radians(lon_lat[1])), 0.1)
        lon, lat = lon_lat
        near = (west <= lon + wide) & (east >= lon - wide) & (south <= lat + reach) & (north >= lat - reach)
        return [int(link) for link in candidates[near[candidates]]]

    @cached_property
    def _boxes(self) -> tuple[npt.NDArray[np.float64], ...]:
        links = self.network.links
        start = links.shape_offsets[:-1]
        low = np.minimum.reduceat(links.shape_coords, start, axis=0)
        high = np.maximum.reduceat(links.shape_coords, start, axis=0)
        return low[:, 0], low[:, 1], high[:, 0], high[:, 1]

    def _other_modes(self, point: Endpoint) -> str:
        """Name the modes that do reach a place."""
        found = sorted({self.network.nodes.mode[node] for node in self.groups.get(point.id, ())})
        return f"; {' and '.join(found)} reach{'es' if len(found) == 1 else ''} {point.name}" if found else ""

    def _nearest_hint(self, point: Endpoint, request: Request) -> str:
        nodes = self.network.nodes
        allowed = frozenset(mode.value for mode in request.modes)
        named = np.flatnonzero(nodes.mode.is_in(allowed) & nodes.place.matches(bool))
        if not len(named):
            return "no place has these modes"
        metres = haversine_m(nodes.lon[named], nodes.lat[named], (point.lon, point.lat))
        best = int(metres.argmin())
        place = self.catalogue.places[nodes.place[int(named[best])]]
        return f"the nearest place that does is {place.name_en}, {metres[best] / 1000:.0f} km away"
