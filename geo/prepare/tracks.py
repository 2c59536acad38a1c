"""Trunk railways and roads of Eurasia from OpenStreetMap as contracted in ``scgraph_data``.

The steps keep true lengths: crop, cut at country borders, drop scraps, thin the urban mesh to a t-spanner,
prune short dead ends, and contract chains of two-armed nodes to one edge with its shape.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString

from geo.boundaries import CountryIndex
from geo.geodesy import LonLat, distance_m
from geo.prepare.inputs import EXTENT, read_assignments, read_input
from geo.prepare.shapes import RAIL_SHAPES, ROAD_SHAPES, ROAD_TOWNS, STATIONS, Network, read_places, restore_shapes
from geo.store import encode_texts, write_arrays

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """How a mode's network is thinned; each figure is printed in DATA_LICENSES.md."""

    min_component_km: float
    """Components with less track are dropped: depots, islands, museum lines."""
    min_stub_km: float
    """Dead ends shorter than this are pruned, unless they end at a border."""
    stretch: float
    """A thinned-out edge has a detour at most this many times its length …"""
    slack_km: float
    """… plus this."""
    max_thinned_km: float
    """Edges longer than this are never thinned out."""
    weave_km: float
    """Track in a country shorter than this, between tracks of one other, counts as the other's: outlines are coarse."""
    simplify_deg: float
    """Tolerance of the drawn shape (Douglas–Peucker, degrees)."""
    gap_km: float = 0.0
    """A dead end this near to track of the same country that it cannot reach otherwise is joined to it."""


RAIL_OPTIONS = TrackOptions(50, 8, 1.08, 0.4, 30, 4, 0.001, gap_km=2.5)
# a gap is one only if the way round is longer than this; dead ends of yards lie beside track they can reach
_GAP_DETOUR_KM = 25.0
_BENT_KM = 20.0
"""Only strokes at least this long tell by their length that bends are lost; shorter ones are rounded."""
_UNEVEN = 0.1
"""A node stays where the lengths of its arms, over their strokes, differ by this."""
_VERTEX_EVERY_M = 15_000.0
"""A simplified shape keeps a vertex about this often where the base data has one."""
ROAD_OPTIONS = TrackOptions(100, 25, 1.15, 2.0, 60, 6, 0.003)


@dataclass
class Mesh:
    """An undirected weighted graph under preparation; edges carry their shape from the lower node to the higher."""

    lon: list[float]
    lat: list[float]
    country: list[str]
    adjacent: dict[int, dict[int, tuple[float, list[int]]]] = field(default_factory=dict)
    """node → neighbour → (length in km, nodes between the two in order)."""
    borders: list[tuple[int, int]] = field(default_factory=list)

    def add(self, start: int, end: int, length_km: float, between: list[int]) -> None:
        """Add an edge, or keep the shorter of two parallel ones."""
        known = self.adjacent.setdefault(start, {}).get(end)
        if start != end and (known is None or length_km < known[0]):
            self.adjacent[start][end] = (length_km, between)
            self.adjacent.setdefault(end, {})[start] = (length_km, between[::-1])

    def remove(self, start: int, end: int) -> None:
        """Remove an edge, and nodes left without any."""
        for one, other in ((start, end), (end, start)):
            del self.adjacent[one][other]
            if not self.adjacent[one]:
                del self.adjacent[one]

    def edges(self) -> Iterator[tuple[int, int, float, list[int]]]:
        """Yield each edge once, in node order."""
        for start in sorted(self.adjacent):
            for end in sorted(self.adjacent[start]):
                if start < end:
                    yield (start, end, *self.adjacent[start][end])


def read_edges(name: str, archives: Path) -> Network:
    """Return all nodes, and the edges inside the extent without zero edges."""
    source = read_assignments(read_input(name, archives), ("graph", "nodes"))
    lon_lat: Floats = np.asarray(source["nodes"], dtype=float)[:, ::-1]
    pairs = [
        (node, other, km)
        for node, row in enumerate(source["graph"])
        for other, km in row.items()
        if node < other or node not in source["graph"][other]
    ]
    ends = np.asarray([pair[:2] for pair in pairs], dtype=np.int64)
    km = np.asarray([pair[2] for pair in pairs], dtype=float)
    west, south, east, north = EXTENT
    lon, lat = lon_lat[:, 0], lon_lat[:, 1]
    inside = (lon >= west) & (lat >= south) & (lon <= east) & (lat <= north)
    chord_km = Network(lon_lat, ends, km).chords_km()
    # coordinates have three decimals: up to 0.15 km of a short edge is rounding, a longer shortfall is bogus
    sound = (km > 0) & (km >= chord_km * 0.97 - 0.2) & (ends[:, 0] != ends[:, 1])
    keep = inside[ends].all(axis=1) & sound
    return Network(lon_lat, ends[keep], np.maximum(km[keep], chord_km[keep]))


def build_mesh(base: Network, *, index: CountryIndex, weave_km: float) -> Mesh:
    """Assign countries to nodes and cut each edge that crosses a border in two, with a node on either side."""
    used, compact = np.unique(base.ends, return_inverse=True)
    ends = np.asarray(compact, dtype=np.int64).reshape(base.ends.shape)
    lon, lat = base.lon_lat[used, 0], base.lon_lat[used, 1]
    country = np.asarray(index.countries_of_points(lon, lat))
    country = _fill_unknown(country, ends)
    country = _straighten_weaves(country, ends, base.km, weave_km)
    mesh = Mesh(lon.tolist(), lat.tolist(), country.tolist())
    pairs = [(int(one), int(other)) for one, other in ends]
    for (one, other), length in zip(pairs, base.km.tolist(), strict=True):
        if mesh.country[one] == mesh.country[other]:
            mesh.add(one, other, length, [])
        else:
            _add_cut_edge(mesh, one, other, length, index)
    return mesh


def _fill_unknown(country: npt.NDArray[np.str_], ends: Ints) -> npt.NDArray[np.str_]:
    """Give nodes off every coast (bridges, causeways) the country of a neighbour."""
    country = country.copy()
    for _ in range(20):
        a, b = country[ends[:, 0]], country[ends[:, 1]]
        country[ends[:, 0][(a == "") & (b != "")]] = b[(a == "") & (b != "")]
        country[ends[:, 1][(b == "") & (a != "")]] = a[(b == "") & (a != "")]
        if (country != "").all():
            break
    return country


def _straighten_weaves(country: npt.NDArray[np.str_], ends: Ints, km: Floats, weave_km: float) -> npt.NDArray[np.str_]:
    """Hand small one-country patches of track to the single other country around them."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    country = country.copy()
    same = country[ends[:, 0]] == country[ends[:, 1]]
    inner = ends[same]
    matrix = coo_matrix((np.ones(len(inner)), (inner[:, 0], inner[:, 1])), shape=(len(country), len(country)))
    count, patch = connected_components(matrix, directed=False)
    patch_km = np.bincount(patch[inner[:, 0]], weights=km[same], minlength=count)
    around: dict[int, set[str]] = {}
    for start, end in ends[~same].tolist():
        around.setdefault(int(patch[start]), set()).add(str(country[end]))
        around.setdefault(int(patch[end]), set()).add(str(country[start]))
    new_owner = {
        number: next(iter(owners))
        for number, owners in around.items()
        if len(owners) == 1 and patch_km[number] < weave_km
    }
    for node in np.flatnonzero(np.isin(patch, list(new_owner))).tolist():
        country[node] = new_owner[int(patch[node])]
    return country


def _add_cut_edge(mesh: Mesh, start: int, end: int, length_km: float, index: CountryIndex) -> None:
    """Cut an edge where it leaves the country of its start (found by bisection), adding two border nodes."""
    a = np.array([mesh.lon[start], mesh.lat[start]])
    b = np.array([mesh.lon[end], mesh.lat[end]])
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        point = a + (b - a) * middle
        owner = index.countries_of_points([point[0]], [point[1]])[0]
        low, high = (middle, high) if owner == mesh.country[start] else (low, middle)
    cut = a + (b - a) * low
    near, far = len(mesh.lon), len(mesh.lon) + 1
    for owner in (mesh.country[start], mesh.country[end]):
        mesh.lon.append(float(cut[0]))
        mesh.lat.append(float(cut[1]))
        mesh.country.append(owner)
    # a border at the very node would leave a zero edge: keep at least ten metres on each side
    part_km = min(max(low * length_km, 0.01), max(length_km - 0.01, 0.01))
    mesh.add(start, near, part_km, [])
    mesh.add(far, end, max(length_km - part_km, 0.01), [])
    mesh.borders.append((near, far))


def drop_scraps(mesh: Mesh, min_km: float) -> None:
    """Remove components of ``mesh`` (in place) with less than ``min_km`` of track, borders counted as joined."""
    joined: dict[int, list[int]] = {}
    for near, far in mesh.borders:
        joined.setdefault(near, []).append(far)
        joined.setdefault(far, []).append(near)
    seen: set[int] = set()
    for root in sorted(mesh.adjacent):
        if root in seen:
            continue
        stack, members, total = [root], [root], 0.0
        seen.add(root)
        while stack:
            node = stack.pop()
            total += sum(edge[0] for edge in mesh.adjacent.get(node, {}).values()) / 2
            for other in (*mesh.adjacent.get(node, ()), *joined.get(node, ())):
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
                    members.append(other)
        if total < min_km:
            for node in members:
                mesh.adjacent.pop(node, None)


def close_gaps(mesh: Mesh, keep: frozenset[int], gap_km: float) -> int:
    """Join (in place) dead ends over small breaks in the data; return how many. Nodes in ``keep`` are no dead ends."""
    nodes = sorted(mesh.adjacent)
    points = shapely.points([mesh.lon[node] for node in nodes], [mesh.lat[node] for node in nodes])
    tree = shapely.STRtree(points)
    joined = 0
    for node in [node for node in nodes if len(mesh.adjacent[node]) == 1 and node not in keep]:
        reach = gap_km / 111.2
        wide = reach / max(float(np.cos(np.radians(mesh.lat[node]))), 0.1)
        lon, lat = mesh.lon[node], mesh.lat[node]
        close = [nodes[n] for n in tree.query(shapely.box(lon - wide, lat - reach, lon + wide, lat + reach)).tolist()]
        known = _reachable(mesh, node, _GAP_DETOUR_KM)
        found = sorted(
            (distance_m((lon, lat), (mesh.lon[other], mesh.lat[other])) / 1000, other)
            for other in close
            if other not in known and mesh.country[other] == mesh.country[node]
        )
        if found and found[0][0] <= gap_km and len(mesh.adjacent[node]) == 1:
            mesh.add(node, found[0][1], max(found[0][0], 0.01), [])
            joined += 1
    return joined


def _reachable(mesh: Mesh, start: int, limit_km: float, *, until: int | None = None) -> set[int]:
    """Return the nodes within a distance along the track (Dijkstra), or some of them once ``until`` is found."""
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        km, node = heapq.heappop(queue)
        if node == until:
            break
        if km > best[node]:
            continue
        for other, (length, _) in mesh.adjacent[node].items():
            total = km + length
            if total <= limit_km and total < best.get(other, np.inf):
                best[other] = total
                heapq.heappush(queue, (total, other))
    return set(best)


def contract_chains(mesh: Mesh, keep: frozenset[int]) -> None:
    """Join (in place) the two edges of every node with two arms, unless it is in ``keep``."""
    for node in sorted(mesh.adjacent):
        arms = mesh.adjacent.get(node)
        if arms is None or len(arms) != 2 or node in keep:
            continue
        (left, (left_km, left_way)), (right, (right_km, right_way)) = sorted(arms.items())
        if right in mesh.adjacent[left] and mesh.adjacent[left][right][0] <= left_km + right_km:
            # a shorter parallel edge exists: a distinct long loop keeps its node, a short siding goes
            if left_km + right_km > 1.3 * mesh.adjacent[left][right][0] + 5:
                continue
        elif right in mesh.adjacent[left] and mesh.adjacent[left][right][0] > 1.3 * (left_km + right_km) + 5:
            continue
        mesh.remove(node, left)
        mesh.remove(node, right)
        mesh.add(left, right, left_km + right_km, [*left_way[::-1], node, *right_way])


def uneven_nodes(mesh: Mesh) -> frozenset[int]:
    """Return the nodes with two arms at which track with its bends meets track whose bends are lost.

    Lengths along an edge are shared out by its drawn course; they come out right only if both parts stay edges.
    """

    def bends(start: int, end: int) -> float:
        chord_km = distance_m((mesh.lon[start], mesh.lat[start]), (mesh.lon[end], mesh.lat[end])) / 1000
        return mesh.adjacent[start][end][0] / chord_km if chord_km >= _BENT_KM else 1.0

    found = []
    for node, arms in mesh.adjacent.items():
        if len(arms) == 2:
            one, other = (bends(node, end) for end in arms)
            if abs(one - other) >= _UNEVEN:
                found.append(node)
    return frozenset(found)


def prune_stubs(mesh: Mesh, keep: frozenset[int], min_km: float) -> None:
    """Remove (in place) dead ends shorter than ``min_km``; nodes in ``keep`` are not dead ends."""
    queue = sorted(node for node, arms in mesh.adjacent.items() if len(arms) == 1)
    while queue:
        node = queue.pop()
        arms = mesh.adjacent.get(node)
        if arms is None or len(arms) != 1 or node in keep:
            continue
        (other, (km, _)) = next(iter(arms.items()))
        if km < min_km:
            mesh.remove(node, other)
            if len(mesh.adjacent.get(other, ())) == 1:
                queue.append(other)


def thin_to_spanner(mesh: Mesh, options: TrackOptions) -> Mesh:
    """Return the mesh without edges that a detour within stretch and slack replaces (greedy t-spanner)."""
    thin = Mesh(mesh.lon, mesh.lat, mesh.country, borders=mesh.borders)
    for start, end, km, between in sorted(mesh.edges(), key=lambda edge: (edge[2], edge[0], edge[1])):
        limit = options.stretch * km + options.slack_km
        if km > options.max_thinned_km or not _is_within(thin, start, end, limit):
            thin.add(start, end, km, between)
    return thin


def _is_within(mesh: Mesh, start: int, end: int, limit_km: float) -> bool:
    """Say whether a path no longer than the limit joins two nodes."""
    return start in mesh.adjacent and end in mesh.adjacent and end in _reachable(mesh, start, limit_km, until=end)


def keep_between(mesh: Mesh, hubs: Iterable[int], *, neighbours: int) -> Mesh:
    """Return only the edges on shortest paths from each hub to its nearest hubs: the trunk network."""
    hub_set = frozenset(hubs)
    trunk = Mesh(mesh.lon, mesh.lat, mesh.country, borders=mesh.borders)
    across: dict[int, int] = {}
    for near, far in mesh.borders:
        across[near], across[far] = far, near
    for hub in sorted(hub_set):
        for path in _paths_to_hubs(mesh, hub, hub_set, neighbours):
            for start, end in pairwise(path):
                km, between = mesh.adjacent[start][end]
                trunk.add(start, end, km, between)
    return trunk


def _paths_to_hubs(mesh: Mesh, hub: int, hubs: frozenset[int], count: int) -> Iterator[list[int]]:
    """Yield shortest paths to the nearest hubs; the search does not pass through a hub."""
    best = {hub: 0.0}
    previous: dict[int, int] = {}
    queue = [(0.0, hub)]
    found = 0
    while queue and found < count:
        km, node = heapq.heappop(queue)
        if km > best[node]:
            continue
        if node in hubs and node != hub:
            found += 1
            path = [node]
            while path[-1] != hub:
                path.append(previous[path[-1]])
            yield path
            continue
        for other, (length, _) in mesh.adjacent.get(node, {}).items():
            total = km + length
            if total < best.get(other, np.inf):
                best[other] = total
                previous[other] = node
                heapq.heappush(queue, (total, other))


def write_tracks(
    path: Path,
    mesh: Mesh,
    *,
    index: CountryIndex,
    simplify_deg: float,
    passages: Mapping[tuple[int, int], str] = MappingProxyType({}),
) -> dict[str, int]:
    """Write nodes, edges with shapes, border links and named passages (if any); return counts."""
    nodes = sorted(mesh.adjacent, key=lambda node: (mesh.country[node], mesh.lon[node], mesh.lat[node], node))
    number = {node: place for place, node in enumerate(nodes)}
    lon = np.round(np.asarray([mesh.lon[node] for node in nodes]) * 1e4).astype(np.int32)
    lat = np.round(np.asarray([mesh.lat[node] for node in nodes]) * 1e4).astype(np.int32)
    rows = []
    for start, end, km, between in mesh.edges():
        way = [start, *between, end]
        if number[start] > number[end]:
            way.reverse()
        shape = _simplified([(mesh.lon[node], mesh.lat[node]) for node in way], simplify_deg)
        name = passages.get((start, end), "")
        rows.append((number[way[0]], number[way[-1]], km, np.round(shape * 1e4), name))
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    shapes = [_drop_repeats(row[3]) for row in rows]
    touched = index.countries_of_lines(LineString(shape / 1e4) for shape in shapes)
    counts = np.asarray([len(shape) for shape in shapes])
    codes = sorted({mesh.country[node] for node in nodes})
    links = sorted((number[a], number[b]) for a, b in mesh.borders if a in number and b in number)
    write_arrays(
        path,
        {
            "node_lon": lon,
            "node_lat": lat,
            "node_country": np.asarray([codes.index(mesh.country[node]) for node in nodes], dtype=np.int16),
            "edge_ends": np.asarray([row[:2] for row in rows], dtype=np.int32),
            "edge_m": np.asarray([max(round(row[2] * 1000), 1) for row in rows], dtype=np.int32),
            "shape_offsets": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            "shape_coords": np.diff(np.concatenate(shapes).astype(np.int32), axis=0, prepend=0),
            "border_links": np.asarray(links, dtype=np.int32).reshape(-1, 2),
            **{f"code_{key}": value for key, value in encode_texts(codes).items()},
            **{f"passage_{key}": value for key, value in encode_texts([row[4] for row in rows]).items()},
            **{f"touched_{key}": value for key, value in encode_texts([";".join(item) for item in touched]).items()},
        },
    )
    return {"nodes": len(nodes), "edges": len(rows), "border_links": len(links), "vertices": int(counts.sum())}


def _simplified(way: list[LonLat], tolerance_deg: float) -> Floats:
    """Simplify (Douglas–Peucker) between vertices that stay, so that a line that is known to run straight shows it.

    Without a tolerance (sea lanes) only vertices exactly on the line go, and none has to stay.
    """
    stays, run_m = [0], 0.0
    stay_m = _VERTEX_EVERY_M if tolerance_deg else np.inf
    for place, (here, there) in enumerate(pairwise(way), start=1):
        run_m += distance_m(here, there)
        if run_m >= stay_m:
            stays.append(place)
            run_m = 0.0
    if stays[-1] != len(way) - 1:
        stays.append(len(way) - 1)
    pieces = [LineString(way[start : end + 1]).simplify(tolerance_deg) for start, end in pairwise(stays)]
    coords = [shapely.get_coordinates(piece) for piece in pieces]
    return np.concatenate([coords[0], *(piece[1:] for piece in coords[1:])])


def _drop_repeats(coords: Floats) -> Floats:
    """Drop vertices equal to their predecessor, keeping at least two."""
    fresh = np.concatenate([[True], (np.diff(coords, axis=0) != 0).any(axis=1)])
    kept = coords[fresh]
    return kept if len(kept) > 1 else np.vstack([coords[0], coords[-1]])


def prepare_railways(archives: Path, directory: Path, index: CountryIndex) -> dict[str, int]:
    """Write ``railways.npz``."""
    options = RAIL_OPTIONS
    base, stations = restore_shapes(read_edges("railways", archives), read_places(STATIONS), RAIL_SHAPES)
    mesh = build_mesh(base, index=index, weave_km=options.weave_km)
    border = frozenset(node for link in mesh.borders for node in link)
    gaps = close_gaps(mesh, border, options.gap_km)
    drop_scraps(mesh, options.min_component_km)
    kept = border | uneven_nodes(mesh)
    contract_chains(mesh, kept)
    for _ in range(2):
        mesh = thin_to_spanner(mesh, options)
        prune_stubs(mesh, border, options.min_stub_km)
        contract_chains(mesh, kept)
    counts = write_tracks(directory / "railways.npz", mesh, index=index, simplify_deg=options.simplify_deg)
    return counts | {"gaps closed": gaps, "stations that give lost shapes back": stations}


def prepare_roads(
    archives: Path, directory: Path, index: CountryIndex, hubs: list[tuple[float, float]]
) -> dict[str, int]:
    """Write ``roads.npz``: the roads on shortest paths between neighbouring hubs (lon/lat) and border points."""
    options = ROAD_OPTIONS
    base, towns = restore_shapes(read_edges("highways", archives), read_places(ROAD_TOWNS), ROAD_SHAPES)
    mesh = build_mesh(base, index=index, weave_km=options.weave_km)
    border = frozenset(node for link in mesh.borders for node in link)
    drop_scraps(mesh, options.min_component_km)
    contract_chains(mesh, border)
    mesh = thin_to_spanner(mesh, options)
    prune_stubs(mesh, border, options.min_stub_km)
    contract_chains(mesh, border)
    nodes = sorted(mesh.adjacent)
    tree = shapely.STRtree(shapely.points([mesh.lon[node] for node in nodes], [mesh.lat[node] for node in nodes]))
    near, _ = tree.query_nearest(shapely.points(hubs), max_distance=0.25, return_distance=True, all_matches=False)
    chosen = {nodes[place] for place in near[1].tolist()} | (border & set(nodes))
    mesh = keep_between(mesh, chosen, neighbours=10)
    drop_scraps(mesh, options.min_component_km)
    contract_chains(mesh, border)
    counts = write_tracks(directory / "roads.npz", mesh, index=index, simplify_deg=options.simplify_deg)
    return counts | {"towns that give lost shapes back": towns}
