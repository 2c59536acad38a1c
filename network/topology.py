"""Where the lines of one file meet, and the faults that files of lines are known for.

Lines of one mode and gauge are joined where they share a vertex, to a hundredth of a metre; nothing else is joined
unless it was asked for. What looks like a joint and is none is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.basenet import nearest_on_line
from geo.geodesy import EARTH_RADIUS_M, Coords, LonLat, distance_m
from layers.imported import vertex_at
from network.table import Ints
from network.telling import spot_text

# vertices this near (1e-7 degree, about 1 cm) are one
_PER_DEGREE = 1e7
NEAR_M = 50.0
"""Ends this near to each other, or to another line, without meeting are reported."""
_SAME_M = 0.05
# a feature of this many parts with this many forks is a network, not a line
_MANY_PARTS = 10
_MANY_FORKS = 3


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file: its course, and what decides with which others it may be joined."""

    id: str
    row: int
    name: str
    mode: str
    gauge_mm: int
    parts: tuple[Coords, ...]


@dataclass(frozen=True, slots=True)
class FileNode:
    """A point where parts end or meet."""

    name: str
    lon_lat: LonLat
    mode: str
    gauge_mm: int
    lines: tuple[str, ...]
    degree: int
    """How many pieces of line leave it."""
    is_end: bool


@dataclass(frozen=True, slots=True)
class Snap:
    """Two nodes of a file to be joined over a gap."""

    a: str
    b: str
    metres: float


@dataclass
class Topology:
    """Nodes of a file, where its lines are cut, and what was noticed."""

    nodes: dict[str, FileNode] = field(default_factory=dict)
    stops: dict[tuple[str, int], dict[float, str]] = field(default_factory=dict)
    """(line, part) → vertex number with fraction → node."""
    snaps: list[Snap] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    line: FileLine
    number: int
    coords: Coords


def find_topology(
    prefix: str, lines: Sequence[FileLine], *, snap_ends_m: float = 0.0, connect_crossings: bool = False
) -> Topology:
    """Return nodes, cuts and faults of the lines of a file.

    Parameters
    ----------
    prefix
        What node names begin with.
    snap_ends_m
        Ends at most this far from another end or line are joined to it, over a connector; at most 50 m.
    connect_crossings
        Lines that cross without a common vertex are joined there.
    """
    return _Finder(prefix, lines, snap_ends_m, connect_crossings=connect_crossings).run()


class _Finder:
    """Finds the topology of one file; ``found`` grows step by step."""

    def __init__(self, prefix: str, lines: Sequence[FileLine], snap_ends_m: float, *, connect_crossings: bool) -> None:
        self._prefix = prefix
        self._parts = [_Part(line, n, coords) for line in lines for n, coords in enumerate(line.parts)]
        self._snap_ends_m = snap_ends_m
        self._connect_crossings = connect_crossings
        self._node_of: dict[tuple[int, int, int], str] = {}
        groups = sorted({(line.mode, line.gauge_mm) for line in lines})
        self._group = {key: number for number, key in enumerate(groups)}
        self._shapes = np.asarray([shapely.LineString(part.coords) for part in self._parts], dtype=object)
        self.found = Topology()

    def run(self) -> Topology:
        if self._parts:
            self._join_shared_vertices()
            tree = shapely.STRtree(self._shapes)
            self._look_at_ends(tree)
            self._look_at_crossings(tree)
            self._look_at_duplicates()
        return self.found

    # shared vertices

    def _join_shared_vertices(self) -> None:
        counts = np.asarray([len(part.coords) for part in self._parts])
        coords = np.concatenate([part.coords for part in self._parts])
        owner = np.repeat(np.arange(len(self._parts)), counts)
        place = np.arange(len(coords)) - np.repeat(np.cumsum(counts) - counts, counts)
        group = np.asarray([self._group[part.line.mode, part.line.gauge_mm] for part in self._parts])[owner]
        fine = np.rint(coords * _PER_DEGREE).astype(np.int64)
        is_end = (place == 0) | (place == counts[owner] - 1)
        repeats = np.concatenate([[False], (np.diff(fine, axis=0) == 0).all(axis=1) & (np.diff(owner) == 0)])
        key = _number_rows(np.column_stack([group, fine]))
        occurrences = np.bincount(key[~repeats])
        has_end = np.zeros(len(occurrences), dtype=bool)
        has_end[key[is_end]] = True
        chosen = np.flatnonzero((has_end | (occurrences > 1))[key] & (is_end | ~repeats))
        members: dict[int, list[int]] = {}
        for row in chosen.tolist():
            members.setdefault(int(key[row]), []).append(row)
        for rows in members.values():
            self._add_shared(rows, owner, place, is_end, coords)
        self._tell_mixed(_number_rows(fine[chosen]), group[chosen])

    def _add_shared(
        self, rows: list[int], owner: Ints, place: Ints, is_end: npt.NDArray[np.bool_], coords: Coords
    ) -> None:
        parts = [self._parts[int(owner[row])] for row in rows]
        line = parts[0].line
        node = FileNode(
            name=self._next_name(),
            lon_lat=(float(coords[rows[0]][0]), float(coords[rows[0]][1])),
            mode=line.mode,
            gauge_mm=line.gauge_mm,
            lines=tuple(dict.fromkeys(part.line.id for part in parts)),
            degree=sum(1 if is_end[row] else 2 for row in rows),
            is_end=any(bool(is_end[row]) for row in rows),
        )
        self.found.nodes[node.name] = node
        for row, part in zip(rows, parts, strict=True):
            self.found.stops.setdefault((part.line.id, part.number), {})[float(place[row])] = node.name

    def _next_name(self) -> str:
        return f"{self._prefix}~{len(self.found.nodes) + 1}"

    def _tell_mixed(self, spots: Ints, group: Ints) -> None:
        pairs = np.unique(np.column_stack([spots, group]), axis=0)
        mixed = int((np.bincount(pairs[:, 0]) > 1).sum())
        if mixed:
            self.found.warnings.append(
                f"at {mixed} point(s) lines of different mode or gauge meet and are not joined: gauges change at a "
                "listed station or one you state, modes at a terminal"
            )

    # ends near to something

    def _look_at_ends(self, tree: shapely.STRtree) -> None:
        ends = [node for node in self.found.nodes.values() if node.is_end]
        near = [*self._near_ends(ends), *self._ends_near_lines(tree, [node for node in ends if node.degree == 1])]
        joined, left = 0, []
        root: dict[str, str] = {}
        for snap in sorted(near, key=lambda snap: (snap.metres, snap.a, snap.b)):
            if not self._is_snapped(snap.metres):
                left.append(snap)
                continue
            a, b = _root(root, snap.a), _root(root, snap.b)
            if a != b:
                root[max(a, b)] = min(a, b)
                self.found.snaps.append(snap)
                joined += 1
        if joined:
            self.found.warnings.append(
                f"{joined} end(s) at most {self._snap_ends_m:g} m from another end or line were joined to it"
            )
        if left:
            at = ", ".join(spot_text(self.found.nodes[snap.a].lon_lat) for snap in left[:3])
            metres = "–".join(dict.fromkeys(f"{snap.metres:.1f}" for snap in (left[0], left[-1])))
            self.found.warnings.append(
                f"{len(left)} end(s) lie {metres} m from another end or line without meeting it and are not joined "
                f"(first at {at}); --snap-ends-m {NEAR_M:g} joins them"
            )
        self._tell_backwards()
        self._tell_whole_networks()

    def _is_snapped(self, metres: float) -> bool:
        return self._snap_ends_m > 0 and metres <= self._snap_ends_m

    def _near_ends(self, ends: Sequence[FileNode]) -> Iterator[Snap]:
        if len(ends) < 2:
            return
        points = _on_sphere(np.asarray([node.lon_lat for node in ends]))
        together = {frozenset((cuts[min(cuts)], cuts[max(cuts)])) for cuts in self.found.stops.values()}
        for i, j in sorted(map(tuple, cKDTree(points).query_pairs(NEAR_M, output_type="ndarray").tolist())):
            a, b = ends[i], ends[j]
            if (a.mode, a.gauge_mm) == (b.mode, b.gauge_mm) and frozenset((a.name, b.name)) not in together:
                yield Snap(a.name, b.name, distance_m(a.lon_lat, b.lon_lat))

    def _ends_near_lines(self, tree: shapely.STRtree, ends: Sequence[FileNode]) -> Iterator[Snap]:
        if not ends:
            return
        lon, lat = np.asarray([node.lon_lat for node in ends]).T
        high = NEAR_M / 111_000
        wide = high / np.maximum(np.cos(np.radians(lat)), 0.05)
        boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
        for number, row in zip(*tree.query(boxes, predicate="intersects").tolist(), strict=True):
            node, part = ends[number], self._parts[row]
            cuts = self.found.stops[part.line.id, part.number]
            if (part.line.mode, part.line.gauge_mm) != (node.mode, node.gauge_mm) or node.name in cuts.values():
                continue
            segment, foot, metres = nearest_on_line(part.coords, node.lon_lat)
            others = [distance_m(self.found.nodes[name].lon_lat, node.lon_lat) for name in cuts.values()]
            if metres > NEAR_M or min(others) <= NEAR_M:
                continue
            if self._is_snapped(metres):
                other = self._cut(part, position_at(part.coords, segment, foot))
                yield Snap(node.name, other, metres)
            else:
                yield Snap(node.name, node.name, metres)

    def _cut(self, part: _Part, at: float) -> str:
        """Cut a part and return the name of the node there."""
        node = FileNode(
            self._next_name(),
            vertex_at(part.coords, at),
            part.line.mode,
            part.line.gauge_mm,
            (part.line.id,),
            2,
            is_end=False,
        )
        self.found.nodes[node.name] = node
        self.found.stops[part.line.id, part.number][at] = node.name
        return node.name

    def _tell_backwards(self) -> None:
        """Report chains whose neighbours are digitised head to head or tail to tail."""
        heads: dict[str, list[tuple[str, bool]]] = {}
        for part in self._parts:
            cuts = self.found.stops[part.line.id, part.number]
            name = part.line.name or part.line.id
            heads.setdefault(cuts[min(cuts)], []).append((name, True))
            heads.setdefault(cuts[max(cuts)], []).append((name, False))
        count = sum(
            1
            for node, ends in heads.items()
            if len(ends) == 2 and self.found.nodes[node].degree == 2 and ends[0] == ends[1]
        )
        if count:
            self.found.warnings.append(
                f"at {count} point(s) neighbours of one name are digitised against each other; links run both ways, so "
                "routes do not depend on it"
            )

    def _tell_whole_networks(self) -> None:
        forks: dict[str, set[str]] = {}
        size: dict[str, int] = {}
        for part in self._parts:
            size[part.line.id] = size.get(part.line.id, 0) + 1
            found = (name for name in self.found.stops[part.line.id, part.number].values())
            forks.setdefault(part.line.id, set()).update(n for n in found if self.found.nodes[n].degree > 2)
        for part in self._parts:
            line = part.line
            if part.number == 0 and size[line.id] >= _MANY_PARTS and len(forks[line.id]) >= _MANY_FORKS:
                self.found.warnings.append(
                    f"row {line.row} is one line of {size[line.id]} parts with {len(forks[line.id])} forks: a whole "
                    "network in one feature; it is opened, closed and timed as one line"
                )

    # crossings

    def _look_at_crossings(self, tree: shapely.STRtree) -> None:
        one, other = tree.query(self._shapes, predicate="intersects")
        ordered = one < other
        one, other = one[ordered], other[ordered]
        left = joined = apart = 0
        first: LonLat | None = None
        shapes = shapely.intersection(self._shapes[one], self._shapes[other])
        for i, j, shape in zip(one.tolist(), other.tolist(), shapes, strict=True):
            a, b = self._parts[i], self._parts[j]
            for spot in self._unmet(a, b, shape):
                if a.line.mode != b.line.mode:
                    continue
                if a.line.gauge_mm != b.line.gauge_mm:
                    apart += 1
                elif self._connect_crossings:
                    self._join_crossing(a, b, spot)
                    joined += 1
                else:
                    left += 1
                    first = first or spot
        if left and first:
            self.found.warnings.append(
                f"{left} crossing(s) without a common vertex stay crossings (first at {spot_text(first)}); "
                "--connect-crossings joins them"
            )
        if joined:
            self.found.warnings.append(f"{joined} crossing(s) without a common vertex were joined")
        if apart:
            self.found.warnings.append(f"{apart} crossing(s) of lines of different gauge stay crossings")

    def _unmet(self, a: _Part, b: _Part, shape: BaseGeometry) -> list[LonLat]:
        """Return the points of an intersection that are no node, of those that stand alone."""
        points = [item for item in shapely.get_parts(shape) if item.geom_type == "Point"]
        cuts = [self.found.stops[part.line.id, part.number].values() for part in (a, b)]
        nodes = [self.found.nodes[name].lon_lat for names in cuts for name in names]
        spots = [(float(point.x), float(point.y)) for point in points]
        return [spot for spot in spots if all(distance_m(spot, node) > _SAME_M for node in nodes)]

    def _join_crossing(self, a: _Part, b: _Part, spot: LonLat) -> None:
        name = self._cut(a, place_on(a.coords, spot)[0])
        self.found.stops[b.line.id, b.number][place_on(b.coords, spot)[0]] = name

    def _look_at_duplicates(self) -> None:
        seen: dict[bytes, int] = {}
        for part in self._parts:
            fine = np.rint(part.coords * _PER_DEGREE).astype(np.int64)
            key = min(fine.tobytes(), fine[::-1].tobytes())
            seen[key] = seen.get(key, 0) + 1
        twice = sum(count - 1 for count in seen.values())
        if twice:
            self.found.warnings.append(
                f"{twice} line(s) lie on another from end to end: the same course is there twice"
            )


def position_at(coords: Coords, segment: int, foot: LonLat) -> float:
    """Return vertex number with fraction of a point on a segment of a course."""
    span = coords[segment + 1] - coords[segment]
    step = np.asarray(foot) - coords[segment]
    size = float((span**2).sum())
    return segment + min(max(float((step * span).sum()) / size, 0.0), 1.0) if size else float(segment)


def place_on(coords: Coords, spot: LonLat) -> tuple[float, float]:
    """Return vertex number with fraction of the nearest point of a course, and its distance in metres."""
    segment, foot, metres = nearest_on_line(coords, spot)
    return position_at(coords, segment, foot), metres


def _number_rows(rows: Ints) -> Ints:
    """Give equal rows the same number."""
    order = np.lexsort(rows.T[::-1])
    fresh = np.concatenate([[0], (np.diff(rows[order], axis=0) != 0).any(axis=1).astype(np.int64)])
    numbers = np.empty(len(rows), dtype=np.int64)
    numbers[order] = np.cumsum(fresh)
    return numbers


def _on_sphere(lon_lat: Coords) -> Coords:
    """Return points in metres from the Earth's centre: chords of 50 m are as long as their arcs."""
    lon, lat = np.radians(lon_lat).T
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return np.asarray(unit * EARTH_RADIUS_M)


def _root(parents: Mapping[str, str], name: str) -> str:
    while name in parents:
        name = parents[name]
    return name
