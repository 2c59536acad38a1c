"""How an asked-for place reaches the network: its own nodes and terminals, or the nearest road or railway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

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
            nodes = [*self.network.nodes_of_place.get(point.id, ()), *self._terminal_nodes_of(point.id)]
            found = [Access(node) for node in nodes if self.network.nodes.mode[node] in allowed]
        else:
            found = self._nearest_links((point.lon, point.lat), request, usable)
        if not found:
            raise RouteRefusedError(
                f"{point.name} ({point.lon:.3f}, {point.lat:.3f}) stands on no network of the modes "
                f"{', '.join(request.modes)} within reach; {self._nearest_hint(point, request)}"
            )
        return found

    @cached_property
    def _terminal_nodes_of(self) -> Callable[[str], list[int]]:
        return cache(self._own_terminal_nodes)

    def _own_terminal_nodes(self, place_id: str) -> list[int]:
        """Return the ship and aircraft nodes of a city's own ports and airports: there boxes are handed over."""
        city = self.catalogue.places[place_id]
        if city.kind is not PlaceKind.CITY:
            return []
        near = sorted(
            terminal.place
            for terminal in self.catalogue.terminals
            if (place := self.catalogue.places[terminal.place]).country == city.country
            and place.kind in (PlaceKind.PORT, PlaceKind.AIRPORT)
            and distance_m((city.lon, city.lat), (place.lon, place.lat)) <= _OWN_TERMINAL_KM * 1000
        )
        mode = self.network.nodes.mode
        nodes = [node for place in near for node in self.network.nodes_of_place.get(place, ())]
        return [node for node in nodes if mode[node] in _TERMINAL_MODES]

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
