"""Plan how the lines and places of a file join the network: every joint is a connector, every refusal has a reason.

Rails join rails of their gauge; another gauge is met only at a station where gauges change, by the catalogue or by the
user's own word. A line passes a border only at a listed crossing, inside a union, or where the user says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import shapely

from geo.geodesy import LonLat, distance_m
from layers.catalogue import Catalogue
from layers.imported import STATED, Connector, Stop, vertex_at
from layers.schema import Mode
from network.border_posts import CROSSING_REACH_KM, BorderFinder, StatedCrossing
from network.ground import LAND_MODES
from network.nearby import Near, TrackFinder
from network.table import Network
from network.telling import Told, spot_text, tell_assumed
from network.topology import FileLine, FileNode, Topology, find_topology, place_on

# track crossed this near to a joint is joined already
_AT_JOINT_M = 200.0


@dataclass(frozen=True, slots=True)
class JoinOptions:
    """How an import joins the network; nothing beyond ``snap_km`` is joined."""

    snap_km: float = 1.0
    snap_ends_m: float = 0.0
    connect_crossings: bool = False
    gauge_changes: tuple[str, ...] = ()
    crossings: tuple[StatedCrossing, ...] = ()


@dataclass(frozen=True, slots=True)
class FilePoint:
    """A place of the file."""

    id: str
    lon_lat: LonLat
    country: str


@dataclass
class Plan:
    """Cuts and connectors to be kept, and what is to be told."""

    stops: list[tuple[str, Stop]] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)
    gauge_changes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused: list[tuple[FileLine, str]] = field(default_factory=list)
    """Lines left out, and why."""


def plan_joins(  # noqa: PLR0913 - the network, and what is to join it
    network: Network,
    catalogue: Catalogue,
    lines: Sequence[FileLine],
    points: Sequence[FilePoint],
    options: JoinOptions,
    *,
    name: str,
) -> Plan:
    """Return how an import joins the network that is there without it.

    Parameters
    ----------
    lines
        ``gauge_mm`` 0 stands for the usual gauge of the country a railway runs in; one that runs through countries of
        different gauges is refused.
    name
        Id of the import.
    """
    planner = _Planner(network, catalogue, options, name)
    return planner.run(lines, points)


class _Planner:
    """Plans one import; ``plan`` grows step by step."""

    def __init__(self, network: Network, catalogue: Catalogue, options: JoinOptions, name: str) -> None:
        self._catalogue = catalogue
        self._options = options
        self._name = name
        self._tracks = TrackFinder(network, catalogue)
        self._listed_changes = {p for crossing in catalogue.crossings.values() for p in crossing.gauge_change_at}
        self._courses: dict[tuple[str, int], list[Stop]] = {}
        self._topology = Topology()
        self._country: dict[str, str] = {}
        self.plan = Plan()
        self._borders = BorderFinder(catalogue, options.crossings, name, self.plan.warnings)

    def run(self, lines: Sequence[FileLine], points: Sequence[FilePoint]) -> Plan:
        self._courses = dict(self._borders.stops(lines))
        lines = self._with_gauges(lines)
        self._topology = find_topology(
            self._name,
            lines,
            snap_ends_m=self._options.snap_ends_m,
            connect_crossings=self._options.connect_crossings,
        )
        self.plan.warnings += self._topology.warnings
        self._part_at_borders()
        self._join_snapped()
        self._join_ends()
        self._join_tracks_crossed(lines)
        self._join_points(lines, points)
        self._check_stated()
        # a node on a border stands behind it, in the country the course enters
        self.plan.stops = sorted(
            self._all_stops(lines), key=lambda item: (item[0], item[1].part, item[1].at, not item[1].is_border)
        )
        return self.plan

    def _with_gauges(self, lines: Sequence[FileLine]) -> list[FileLine]:
        """Give railways without a gauge that of their country; leave out those whose countries differ."""
        usual = {code: country.gauge_mm or 0 for code, country in self._catalogue.countries.items()}
        found, assumed = [], 0
        for line in lines:
            if line.mode != Mode.RAIL or line.gauge_mm:
                found.append(line)
                continue
            codes = {s.country for n in range(len(line.parts)) for s in self._courses[line.id, n] if s.country}
            gauges = {usual.get(code, 0) for code in codes} - {0}
            if len(gauges) == 1:
                found.append(replace(line, gauge_mm=gauges.pop()))
                assumed += 1
            else:
                where = ", ".join(sorted(codes)) or "no known country"
                why = f"{line.id} has no gauge and runs in {where}; give --gauge-mm or a column gauge_mm"
                self.plan.refused.append((line, why))
                for number in range(len(line.parts)):
                    del self._courses[line.id, number]
        if assumed:
            self.plan.warnings.append(f"{assumed} railway(s) without a gauge take the usual one of their country")
        return found

    # joints

    def _country_at(self, key: tuple[str, int], at: float) -> str:
        """Return the country a part is in at a place on its course."""
        return [stop.country for stop in self._courses[key] if stop.at <= at][-1]

    def _part_at_borders(self) -> None:
        """Give lines that meet on a border a node in each country: the border is passed, or not, between them."""
        told = Told(self.plan.warnings, "border(s)")
        met: dict[str, dict[str, list[tuple[tuple[str, int], float]]]] = {}
        for key, cuts in self._topology.stops.items():
            for at, name in cuts.items():
                met.setdefault(name, {}).setdefault(self._country_at(key, at), []).append((key, at))
        for name, countries in met.items():
            node = self._topology.nodes[name]
            home, *abroad = countries
            self._country[name] = home
            for code in abroad if Mode(node.mode) in LAND_MODES and home else ():
                lines = tuple(dict.fromkeys(line for (line, _), _ in countries[code]))
                other = replace(node, name=f"{name}@{code.lower()}", lines=lines)
                self._topology.nodes[other.name] = other
                self._country[other.name] = code
                for key, at in countries[code]:
                    self._topology.stops[key][at] = other.name
                self._pass_between(node, other, told)
        told.finish()

    def _pass_between(self, node: FileNode, other: FileNode, told: Told) -> None:
        """Join two nodes on both sides of a border where it may be passed, else tell why not."""
        pair = (self._country[node.name], self._country[other.name])
        if "" in pair or pair[0] == pair[1]:
            self._connect(
                other, Near(distance_m(node.lon_lat, other.lon_lat), node.lon_lat, f"node:{node.name}", "sea")
            )
            return
        crossing, why = self._borders.post(node.mode, pair, node.lon_lat)
        where = f"border {'–'.join(pair)} at {spot_text(node.lon_lat)}"
        if why:
            told.add(
                partial(str, f"{other.lines[0]} and {node.lines[0]} meet on the {where} and are not joined: {why}")
            )
            return
        near = Near(distance_m(node.lon_lat, other.lon_lat), node.lon_lat, f"node:{node.name}", where)
        self._connect(other, near, crossing=crossing)

    def _connect(self, node: FileNode, near: Near, *, crossing: str = "") -> None:
        self.plan.connectors.append(
            Connector(
                node.name,
                near.lon_lat[0],
                near.lon_lat[1],
                near.metres / 1000,
                node.mode,
                node.gauge_mm,
                node.lines,
                near.target,
                near.label,
                crossing,
            )
        )

    def _join_snapped(self) -> None:
        told = Told(self.plan.warnings, "border(s)")
        for snap in self._topology.snaps:
            node, other = self._topology.nodes[snap.a], self._topology.nodes[snap.b]
            if self._country[node.name] != self._country[other.name] and Mode(node.mode) in LAND_MODES:
                self._pass_between(other, node, told)
                continue
            label = f"{', '.join(other.lines[:2])} at {spot_text(other.lon_lat)}"
            near = Near(snap.metres, other.lon_lat, f"node:{other.name}", label)
            self._connect(replace(node, lines=tuple(dict.fromkeys((*node.lines, *other.lines)))), near)
        told.finish()

    def _join_ends(self) -> None:
        """Join loose ends to the network; where lines of the file meet each other, only to a station."""
        told = Told(self.plan.warnings, "end(s)")
        for node in self._topology.nodes.values():
            if not node.is_end:
                continue
            country = self._country[node.name]
            near = self._meeting(node, country)
            is_loose = node.degree == 1
            if near is not None and (is_loose or near.target.startswith("place:")):
                self._connect(node, near)
            elif near is None and is_loose:
                told.add(partial(self._not_joined, node, country))
        told.finish()

    def _meeting(self, node: FileNode, country: str) -> Near | None:
        """Return where a node meets the network, or None."""
        reach_m = self._options.snap_km * 1000
        mode = Mode(node.mode)
        if mode not in LAND_MODES:
            near = self._tracks.terminal(mode, node.lon_lat, reach_m)
            if near is None and mode in (Mode.GAS, Mode.OIL, Mode.SEA):
                near = self._tracks.nearest(mode, 0, node.lon_lat, reach_m)
            return near
        near = self._tracks.nearest(mode, node.gauge_mm, node.lon_lat, reach_m, country=country)
        if near is not None or mode is not Mode.RAIL:
            return near
        allowed = self._listed_changes | set(self._options.gauge_changes)
        station = self._tracks.station_of_other_gauge(node.gauge_mm, node.lon_lat, reach_m, allowed, country=country)
        if station is not None and station.target.removeprefix("place:") not in self._listed_changes:
            place = station.target.removeprefix("place:")
            self.plan.gauge_changes = sorted({*self.plan.gauge_changes, place})
            tell_assumed(self.plan.warnings, f"gauges change at {place}, crossing {STATED}{self._name}:{place}")
        return station

    def _not_joined(self, node: FileNode, country: str) -> str:
        why = self._why_not(node, country)
        return f"{node.lines[0]} ends at {spot_text(node.lon_lat)} and is not joined: {why}"

    def _why_not(self, node: FileNode, country: str) -> str:
        reach_m = self._options.snap_km * 1000
        if Mode(node.mode) not in LAND_MODES:
            return f"no {node.mode} terminal or line within {self._options.snap_km:g} km"
        gauge = f"{node.gauge_mm} mm " if node.gauge_mm else ""
        other = self._tracks.nearest(Mode(node.mode), None, node.lon_lat, reach_m)
        if other is not None and other.gauge_mm == node.gauge_mm:
            return f"the nearest track ({other.label}, {other.metres / 1000:.1f} km) is across a border from {country}"
        if other is not None:
            station = self._tracks.station_of_other_gauge(node.gauge_mm, node.lon_lat, reach_m, None, country=country)
            place = station.target.removeprefix("place:") if station else ""
            hint = f"--gauge-change-at {place} states one" if place else "no station lies within --snap-km"
            return (
                f"the track there has {other.gauge_mm} mm, the line {node.gauge_mm} mm, and no change is listed; {hint}"
            )
        far = self._tracks.nearest(Mode(node.mode), node.gauge_mm or None, node.lon_lat, 200_000.0)
        where = f"the nearest is {far.metres / 1000:.1f} km off ({far.label})" if far else "none within 200 km"
        return f"no {gauge}{node.mode} track within {self._options.snap_km:g} km; {where}"

    def _join_tracks_crossed(self, lines: Sequence[FileLine]) -> None:
        """Tell, or join, where lines of the file cross the network's own track."""
        crossed, joined, first = 0, 0, None
        ends = [(c.lon, c.lat) for c in self.plan.connectors]
        parts = [(line, number) for line in lines for number in range(len(line.parts))]
        for mode in dict.fromkeys(Mode(line.mode) for line in lines):
            rows = [row for row, (line, _) in enumerate(parts) if line.mode == mode.value]
            courses = [parts[row][0].parts[parts[row][1]] for row in rows]
            for which, spot, near in self._tracks.crossings(mode, courses):
                line, number = parts[rows[which]]
                if near.gauge_mm != line.gauge_mm or any(_is_at(spot, end) for end in ends):
                    continue
                crossed += 1
                first = first or spot
                if self._options.connect_crossings:
                    self._cut_and_connect(line, number, spot, near)
                    joined += 1
        if crossed and first and not joined:
            self.plan.warnings.append(
                f"track of the network is crossed at {crossed} point(s) without a joint (first at {spot_text(first)}); "
                "--connect-crossings joins them"
            )

    def _cut_and_connect(self, line: FileLine, number: int, spot: LonLat, near: Near) -> None:
        at = place_on(line.parts[number], spot)[0]
        cuts = self._topology.stops[line.id, number]
        name = cuts.setdefault(at, f"{self._name}~x{len(self.plan.connectors) + 1}")
        node = FileNode(name, spot, line.mode, line.gauge_mm, (line.id,), 2, is_end=False)
        self._topology.nodes.setdefault(name, node)
        self._connect(node, near)

    def _join_points(self, lines: Sequence[FileLine], points: Sequence[FilePoint]) -> None:
        """Join each place to the nearest road and railway, and to the nearest line of its own file."""
        reach_m = self._options.snap_km * 1000
        parts = [(line, number) for line in lines for number in range(len(line.parts))]
        tree = shapely.STRtree([shapely.LineString(line.parts[number]) for line, number in parts])
        told = Told(self.plan.warnings, "place(s)")
        for point in points:
            found = [
                (near, "")
                for mode in LAND_MODES
                if (near := self._tracks.nearest(mode, None, point.lon_lat, reach_m, country=point.country))
            ]
            own = self._nearest_part(tree, parts, point, reach_m)
            if own is not None:
                found.append(own)
            for near, line in found:
                lon, lat = near.lon_lat
                names = (line,) if line else ()
                self.plan.connectors.append(
                    Connector(
                        f"place:{point.id}",
                        lon,
                        lat,
                        near.metres / 1000,
                        near.mode,
                        near.gauge_mm,
                        names,
                        near.target,
                        near.label,
                    )
                )
            if not found:
                reach = f"no road or railway within {self._options.snap_km:g} km"
                told.add(partial(str, f"{point.id} stands on no network: {reach}"))
        told.finish()

    def _nearest_part(
        self, tree: shapely.STRtree, parts: Sequence[tuple[FileLine, int]], point: FilePoint, reach_m: float
    ) -> tuple[Near, str] | None:
        """Return the nearest line of the file in the country of a place, cut there."""
        best: tuple[float, int, float] | None = None
        for row in sorted(tree.query(_box_around(point.lon_lat, reach_m)).tolist()):
            line, number = parts[row]
            at, metres = place_on(line.parts[number], point.lon_lat)
            is_home = self._country_at((line.id, number), at) in ("", point.country)
            if is_home and metres <= reach_m and (best is None or metres < best[0]):
                best = (metres, row, at)
        if best is None:
            return None
        line, number = parts[best[1]]
        cuts = self._topology.stops[line.id, number]
        name = cuts.setdefault(best[2], f"{self._name}~p{len(self.plan.connectors) + 1}")
        spot = vertex_at(line.parts[number], best[2])
        node = FileNode(name, spot, line.mode, line.gauge_mm, (line.id,), 2, is_end=False)
        self._topology.nodes.setdefault(name, node)
        return Near(best[0], spot, f"node:{name}", line.id, line.mode, line.gauge_mm), line.id

    def _check_stated(self) -> None:
        """Tell what the user stated and no line made use of."""
        used = {stop.crossing.rpartition(":")[2] for stops in self._courses.values() for stop in stops if stop.crossing}
        idle = [post.label for post in self._options.crossings if post.label not in used]
        stations = {c.target.removeprefix("place:") for c in self.plan.connectors if c.target.startswith("place:")}
        idle += [place for place in self._options.gauge_changes if place not in stations]
        if idle:
            self.plan.warnings.append(
                f"stated, but met by no line: {', '.join(idle)} (crossings within {CROSSING_REACH_KM:g} km of the "
                f"border, changes of gauge within {self._options.snap_km:g} km of an end)"
            )

    def _all_stops(self, lines: Sequence[FileLine]) -> Iterator[tuple[str, Stop]]:
        """Yield nodes and borders of every part; the first stop also tells the country of the start."""
        for line in lines:
            for number in range(len(line.parts)):
                start, *borders = self._courses[line.id, number]
                for at, name in self._topology.stops[line.id, number].items():
                    yield line.id, Stop(number, at, name, country=start.country if at == 0.0 else "")
                for border in borders:
                    yield line.id, border


def _is_at(spot: LonLat, joint: LonLat) -> bool:
    # the first test spares most of the second, which is a hundred times slower
    return abs(spot[1] - joint[1]) < 0.01 and distance_m(spot, joint) < _AT_JOINT_M


def _box_around(lon_lat: LonLat, reach_m: float) -> shapely.Polygon:
    high = reach_m / 111_000
    wide = high / max(float(np.cos(np.radians(lon_lat[1]))), 0.05)
    return shapely.box(lon_lat[0] - wide, lon_lat[1] - high, lon_lat[0] + wide, lon_lat[1] + high)
