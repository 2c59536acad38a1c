"""The prepared base networks (railways, roads, sea lanes) and places attached to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from geo.geodesy import Coords, LonLat, line_length_m, segment_lengths_m
from geo.store import decode_texts, read_arrays

if TYPE_CHECKING:
    # scipy.sparse takes a tenth of a cold route, which never searches here
    from scipy.sparse import csr_matrix

Ints = npt.NDArray[np.int64]

# a place nearer than this to a node of the network takes the node instead of cutting an edge
_NODE_REACH_M = 150.0
_METRES_PER_DEGREE = 111_195.0
# a straight stretch longer than this has lost its shape; a waypoint within this share of its length bends it,
# but never one farther than the last figure
_SHAPELESS_M = 20_000.0
_BEND_SHARE = 0.2
_BEND_M = 30_000.0


@dataclass(frozen=True, slots=True)
class Edge:
    """One undirected edge of a base network; ``coords`` runs from ``start`` to ``end``."""

    start: int
    end: int
    length_m: float
    coords: Coords
    touched: tuple[str, ...] | None
    """Countries whose 1:10m outline the drawn shape touches; None where the shape is new and nobody has looked."""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where a place meets the network."""

    node: int
    offset_m: float
    """Distance from the place to the node, not part of any edge."""


@dataclass(frozen=True)
class BaseNetwork:
    """Nodes, edges and border links of one mode; coordinates are WGS 84 lon/lat degrees.

    An edge lies in one country, the country of its nodes; where track crosses a border, two nodes meet
    in a border link that only a listed crossing, or a border without controls, may open.
    """

    name: str
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    country: tuple[str, ...]
    edges: tuple[Edge, ...]
    border_links: tuple[tuple[int, int], ...]

    @cached_property
    def matrix(self) -> csr_matrix:
        """Symmetric matrix of edge lengths in metres, border links joined with 1 m."""
        from scipy.sparse import coo_matrix

        metres = {pair: max(self.edges[number].length_m, 1.0) for pair, number in self.edge_between.items()}
        for one, other in self.border_links:
            metres.setdefault((min(one, other), max(one, other)), 1.0)
        pairs = np.asarray(list(metres), dtype=np.int64).reshape(-1, 2)
        size = len(self.lon)
        half = coo_matrix((list(metres.values()), (pairs[:, 0], pairs[:, 1])), shape=(size, size)).tocsr()
        return (half + half.T).tocsr()

    @cached_property
    def edge_between(self) -> Mapping[tuple[int, int], int]:
        """Number of the shortest edge between two nodes, lower node first."""
        found: dict[tuple[int, int], int] = {}
        for number, edge in enumerate(self.edges):
            key = (min(edge.start, edge.end), max(edge.start, edge.end))
            if key not in found or edge.length_m < self.edges[found[key]].length_m:
                found[key] = number
        return found

    def path(self, start: int, end: int, *, limit_m: float) -> list[int] | None:
        """Return the nodes of the shortest path no longer than ``limit_m``, or None."""
        from scipy.sparse.csgraph import dijkstra

        metres, previous = dijkstra(self.matrix, directed=False, indices=start, return_predecessors=True, limit=limit_m)
        if not np.isfinite(metres[end]):
            return None
        nodes = [end]
        while nodes[-1] != start:
            nodes.append(int(previous[nodes[-1]]))
        return nodes[::-1]

    def component_km(self) -> npt.NDArray[np.float64]:
        """Return for each node the length of track in its component, borders counted as joined."""
        from scipy.sparse.csgraph import connected_components

        _, label = connected_components(self.matrix, directed=False)
        km = np.bincount(
            label[[edge.start for edge in self.edges]], weights=[edge.length_m / 1000 for edge in self.edges]
        )
        return np.asarray(np.pad(km, (0, label.max() + 1 - len(km)))[label])


@cache
def load_base_network(name: str) -> BaseNetwork:
    """Load ``railways``, ``roads`` or ``sea_lanes``."""
    data = read_arrays(name)
    coords = np.cumsum(data["shape_coords"], axis=0, dtype=np.int64) / 1e4
    offsets = data["shape_offsets"].tolist()
    codes = decode_texts(data["code_bytes"], data["code_offsets"])
    touched = decode_texts(data["touched_bytes"], data["touched_offsets"])
    passages = decode_texts(data["passage_bytes"], data["passage_offsets"])
    edges = tuple(
        Edge(a, b, float(metres), coords[first:last], tuple(text.split(";")) if text else (), passage)
        for (a, b), metres, first, last, text, passage in zip(
            data["edge_ends"].tolist(),
            data["edge_m"].tolist(),
            offsets,
            offsets[1:],
            touched,
            passages,
            strict=False,
        )
    )
    return BaseNetwork(
        name=name,
        lon=data["node_lon"] / 1e4,
        lat=data["node_lat"] / 1e4,
        country=tuple(codes[number] for number in data["node_country"].tolist()),
        edges=edges,
        border_links=tuple((a, b) for a, b in data["border_links"].tolist()),
    )


@dataclass(frozen=True, slots=True)
class Position:
    """A point on an edge: after segment ``segment``, at ``fraction`` of the edge's length."""

    edge: int
    segment: int
    point: LonLat
    fraction: float
    offset_m: float
    is_bend: bool = False
    """True where the point is not on the edge's drawn shape, but the edge is to be drawn through it."""


def nearest_on_line(coords: Coords, point: LonLat) -> tuple[int, LonLat, float]:
    """Return segment number, nearest point and distance in metres from a polyline to a point (local plane)."""
    shrink = np.cos(np.radians(point[1]))
    local = (coords - point) * (shrink, 1.0)
    start, step = local[:-1], np.diff(local, axis=0)
    squared = np.maximum((step**2).sum(axis=1), 1e-18)
    along = np.clip(-(start * step).sum(axis=1) / squared, 0.0, 1.0)
    foot = start + step * along[:, None]
    metres = np.hypot(foot[:, 0], foot[:, 1]) * _METRES_PER_DEGREE
    best = int(metres.argmin())
    lon, lat = coords[best] + (coords[best + 1] - coords[best]) * along[best]
    return best, (float(lon), float(lat)), float(metres[best])


class EdgeLocator:
    """Finds the nearest edge of a network to a point."""

    def __init__(self, network: BaseNetwork, *, min_component_km: float = 30.0) -> None:
        """Index the edges of all components with at least ``min_component_km`` of track."""
        self._network = network
        size = network.component_km()
        self._numbers = [n for n, edge in enumerate(network.edges) if size[edge.start] >= min_component_km]
        self._tree = shapely.STRtree([shapely.LineString(network.edges[n].coords) for n in self._numbers])

    def nearest(
        self, point: LonLat, *, reach_km: float, country: str | None = None, may_bend: bool = False
    ) -> Position | None:
        """Return the nearest position within reach, on an edge of ``country`` if given, else None.

        With ``may_bend`` the point is known to lie on the track: a straight stretch whose shape was lost is drawn
        through it, even from farther away; the edge keeps its true length.
        """
        reach_m = reach_km * 1000
        lat_reach = max(reach_m, _BEND_M if may_bend else 0.0) / _METRES_PER_DEGREE
        lon_reach = lat_reach / max(np.cos(np.radians(point[1])), 0.1)
        box = shapely.box(point[0] - lon_reach, point[1] - lat_reach, point[0] + lon_reach, point[1] + lat_reach)
        best: tuple[float, int] | None = None
        found: Position | None = None
        for place in sorted(self._tree.query(box).tolist()):
            number = self._numbers[place]
            edge = self._network.edges[number]
            if country is not None and self._network.country[edge.start] not in (country, ""):
                continue
            segment, foot, metres = nearest_on_line(edge.coords, point)
            is_bend = may_bend and metres <= _bend_reach_m(edge.coords, segment)
            if (metres <= reach_m or is_bend) and (best is None or (metres, number) < best):
                best = (metres, number)
                share = share_before(edge.coords, segment, foot)
                found = Position(
                    number, segment, point if is_bend else foot, share, 0.0 if is_bend else metres, is_bend
                )
        return found


def _bend_reach_m(coords: Coords, segment: int) -> float:
    """Return how far a waypoint may lie from a stretch that is drawn straight: nothing where the shape is known."""
    metres = float(segment_lengths_m(coords[segment : segment + 2])[0])
    return min(metres * _BEND_SHARE, _BEND_M) if metres > _SHAPELESS_M else 0.0


def share_before(coords: Coords, segment: int, foot: LonLat) -> float:
    """Return the share of a polyline's geodesic length that lies before a point on it."""
    lengths = segment_lengths_m(coords)
    part = segment_lengths_m(np.asarray([coords[segment], foot]))[0]
    return float(min((lengths[:segment].sum() + part) / max(lengths.sum(), 1e-9), 1.0))


def attach(
    network: BaseNetwork,
    points: Mapping[str, tuple[LonLat, str]],
    *,
    reach_km: float,
    on_track: frozenset[str] = frozenset(),
) -> tuple[BaseNetwork, dict[str, Attachment]]:
    """Return the network with edges cut where the points meet it, and where each point found its node.

    Parameters
    ----------
    points
        Id → (lon/lat, country). A point is only attached to edges of its country; an empty country takes any.
    reach_km
        Points farther than this from every edge are left out of the result.
    on_track
        Points that lie on the track: where its shape was lost it is drawn through them.
    """
    locator = EdgeLocator(network)
    by_edge: dict[int, list[tuple[Position, str]]] = {}
    for key in sorted(points):
        point, country = points[key]
        position = locator.nearest(point, reach_km=reach_km, country=country or None, may_bend=key in on_track)
        if position is not None:
            by_edge.setdefault(position.edge, []).append((position, key))
    lon, lat, country_of = network.lon.tolist(), network.lat.tolist(), list(network.country)
    attached: dict[str, Attachment] = {}
    kept = [edge for number, edge in enumerate(network.edges) if number not in by_edge]
    for number, positions in sorted(by_edge.items()):
        edge = network.edges[number]
        cuts: list[tuple[Position, int]] = []
        for position, key in sorted(positions, key=lambda item: (item[0].fraction, item[1])):
            node = _node_at(edge, position, cuts)
            if node is None:
                node = len(lon)
                lon.append(position.point[0])
                lat.append(position.point[1])
                country_of.append(network.country[edge.start])
                cuts.append((position, node))
            attached[key] = Attachment(node, position.offset_m)
        kept.extend(_cut(edge, cuts))
    grown = replace(network, lon=np.asarray(lon), lat=np.asarray(lat), country=tuple(country_of), edges=tuple(kept))
    return grown, attached


def _node_at(edge: Edge, position: Position, cuts: Sequence[tuple[Position, int]]) -> int | None:
    """Return a node that is already at (or within reach of) the position."""
    before = position.fraction * edge.length_m
    if before <= _NODE_REACH_M:
        return edge.start
    if edge.length_m - before <= _NODE_REACH_M:
        return edge.end
    if cuts and before - cuts[-1][0].fraction * edge.length_m <= _NODE_REACH_M:
        return cuts[-1][1]
    return None


def _cut(edge: Edge, cuts: Sequence[tuple[Position, int]]) -> list[Edge]:
    """Cut an edge at positions in order; its length is shared out along the course the pieces are drawn on."""
    is_bent = any(position.is_bend for position, _ in cuts)
    nodes = [edge.start, *(node for _, node in cuts), edge.end]
    courses: list[Coords] = []
    head, done = edge.coords[:1], 0
    for position, _ in cuts:
        foot = np.asarray([position.point])
        courses.append(_distinct(np.concatenate([head, edge.coords[done + 1 : position.segment + 1], foot])))
        head, done = foot, position.segment
    courses.append(_distinct(np.concatenate([head, edge.coords[done + 1 :]])))
    drawn_m = np.asarray([line_length_m(course) for course in courses])
    if is_bent:
        # no track is shorter than the straight way through its waypoints
        lengths = drawn_m * max(edge.length_m / max(drawn_m.sum(), 1e-9), 1.0)
    else:
        lengths = np.diff([0.0, *(position.fraction for position, _ in cuts), 1.0]) * edge.length_m
    touched = None if is_bent else edge.touched
    return [
        Edge(start, end, float(metres), course, touched, edge.passage)
        for (start, end), metres, course in zip(pairwise(nodes), lengths, courses, strict=True)
    ]


def _distinct(coords: Coords) -> Coords:
    """Drop repeated vertices, keeping at least two."""
    fresh = np.concatenate([[True], (np.diff(coords, axis=0) != 0).any(axis=1)])
    kept = coords[fresh]
    return kept if len(kept) > 1 else coords[[0, -1]]
