"""Plan how the lines and places of a file join the network: every joint is a connector, every refusal has a reason.

Rails join rails of their gauge; another gauge is met only at a station where gauges change, by the catalogue or by the
user's own word. A line passes a border only at a listed crossing, inside a union, or where the user says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from geo.basenet import nearest_on_line
from geo.boundaries import country_index
from geo.errors import ImportRefusedError
from geo.geodesy import Coords, LonLat, distance_m, line_length_m
from layers.catalogue import Catalogue
from layers.imported import STATED, Connector, Stop, course_between, vertex_at
from layers.schema import Mode
from network.ground import LAND_MODES, regime_of
from network.nearby import Near, TrackFinder
from network.table import Network
from network.topology import FileLine, FileNode, Topology, find_topology, position_at

# a line passes a listed or stated crossing if it meets the border this near to it
_CROSSING_REACH_KM = 15.0
# outlines are coarse: a line abroad for less than this, between stretches in one country, has not left it
_WEAVE_M = 10_000.0
_SAMPLE_KM = 5.0
# unjoined ends, borders and crossings are told one by one up to this many, then counted
_TOLD = 20


@dataclass(frozen=True, slots=True)
class StatedCrossing:
    """A place where, the user says, imported lines may pass a border."""

    label: str
    lon_lat: LonLat


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
        ``gauge_mm`` 0 stands for the usual gauge of the country a railway runs in.
    name
        Id of the import.

    Raises
    ------
    ImportRefusedError
        A railway without a gauge runs through countries of different gauges.
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
        self.plan = Plan()

    def run(self, lines: Sequence[FileLine], points: Sequence[FilePoint]) -> Plan:
        self._courses = dict(self._find_borders(lines))
        lines = self._with_gauges(lines)
        self._topology = find_topology(
            self._name,
            lines,
            snap_ends_m=self._options.snap_ends_m,
            connect_crossings=self._options.connect_crossings,
        )
        self.plan.warnings += self._topology.warnings
        self._join_snapped()
        self._join_ends()
        self._join_tracks_crossed(lines)
        self._join_points(lines, points)
        self._check_stated()
        self.plan.stops = sorted(self._all_stops(lines), key=lambda item: (item[0], item[1].part, item[1].at))
        return self.plan

    # countries and borders

    def _find_borders(self, lines: Sequence[FileLine]) -> Iterator[tuple[tuple[str, int], list[Stop]]]:
        """Yield for each part the stops at its start and at the borders it meets."""
        keys = [(line, number) for line in lines for number in range(len(line.parts))]
        touched = country_index().countries_of_lines(shapely.LineString(line.parts[n]) for line, n in keys)
        told = _Told(self.plan.warnings, "border(s)")
        for (line, number), codes in zip(keys, touched, strict=True):
            coords = line.parts[number]
            if len(codes) == 1 or Mode(line.mode) not in LAND_MODES:
                start = codes[0] if len(codes) == 1 else _country(vertex_at(coords, 0.0))
                yield (line.id, number), [Stop(number, 0.0, "", country=start)]
                continue
            yield (line.id, number), list(self._border_stops(line, number, told))
        told.finish()

    def _border_stops(self, line: FileLine, number: int, told: _Told) -> Iterator[Stop]:
        coords = line.parts[number]
        here = ""
        for at, country in _country_changes(coords):
            if not here:
                here = country
                yield Stop(number, 0.0, "", country=country)
                continue
            spot = vertex_at(coords, at)
            crossing, why = self._border_post(line, (here, country), spot)
            if why:
                told.add(f"{line.id} meets the border {here}–{country} at {_spot(spot)} and is not joined there: {why}")
            yield Stop(number, at, "", country=country, crossing=crossing, is_border=True)
            here = country
        if not here:
            yield Stop(number, 0.0, "", country="")

    def _border_post(self, line: FileLine, pair: tuple[str, str], spot: LonLat) -> tuple[str, str]:
        """Return the crossing by which a line passes a border, or empty and the reason why it does not."""
        reach_m = _CROSSING_REACH_KM * 1000
        stated = [(distance_m(post.lon_lat, spot), post.label) for post in self._options.crossings]
        listed = []
        for crossing in self._catalogue.crossings.values():
            a, b = (self._catalogue.places[place] for place in (crossing.a, crossing.b))
            if line.mode in crossing.modes and {a.country, b.country} == set(pair):
                chord = np.asarray([(a.lon, a.lat), (b.lon, b.lat)])
                listed.append((_metres_to(chord, spot), crossing.id))
        if listed and min(listed)[0] <= reach_m:
            return min(listed)[1], ""
        regime = regime_of(self._catalogue, *pair)
        if regime:
            return regime, ""
        if stated and min(stated)[0] <= reach_m:
            post = f"{STATED}{self._name}:{min(stated)[1]}"
            self._assume(f"the border {'–'.join(pair)} is passed at {_spot(spot)}, crossing {post}")
            return post, ""
        near = min(listed, default=None)
        what = f"the nearest listed crossing, {near[1]}, is {near[0] / 1000:.0f} km off" if near else "none is listed"
        return "", f"{what}; --crossing {_spot(spot)} states one"

    def _with_gauges(self, lines: Sequence[FileLine]) -> list[FileLine]:
        """Give railways without a gauge that of their country."""
        usual = {code: country.gauge_mm or 0 for code, country in self._catalogue.countries.items()}
        found, faults, assumed = [], [], 0
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
                faults.append(f"row {line.row}: {line.id} has no gauge and runs in {where}")
        if faults:
            raise ImportRefusedError(
                f"{len(faults)} railway(s) have no gauge that follows from their country; give --gauge-mm or a column "
                "gauge_mm:\n  " + "\n  ".join(faults[:_TOLD])
            )
        if assumed:
            self.plan.warnings.append(f"{assumed} railway(s) without a gauge take the usual one of their country")
        return found

    # joints

    def _country_of(self, node: FileNode) -> str:
        """Return the country of a node, from the course of a line that meets there."""
        for number in range(1_000_000):
            cuts = self._topology.stops.get((node.lines[0], number))
            if cuts is None:
                return ""
            for at, name in cuts.items():
                if name == node.name:
                    course = [stop for stop in self._courses[node.lines[0], number] if stop.at <= at]
                    return course[-1].country if course else ""
        return ""

    def _connect(self, node: FileNode, near: Near) -> None:
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
            )
        )

    def _join_snapped(self) -> None:
        for snap in self._topology.snaps:
            node, other = self._topology.nodes[snap.a], self._topology.nodes[snap.b]
            label = f"{', '.join(other.lines[:2])} at {_spot(other.lon_lat)}"
            near = Near(snap.metres, other.lon_lat, f"node:{other.name}", label)
            self._connect(replace(node, lines=tuple(dict.fromkeys((*node.lines, *other.lines)))), near)

    def _join_ends(self) -> None:
        """Join loose ends to the network; where lines of the file meet each other, only to a station."""
        told = _Told(self.plan.warnings, "end(s)")
        for node in self._topology.nodes.values():
            if not node.is_end:
                continue
            country = self._country_of(node)
            near, why = self._meeting(node, country)
            is_loose = node.degree == 1
            if near is not None and (is_loose or near.target.startswith("place:")):
                self._connect(node, near)
            elif is_loose and why:
                told.add(f"{node.lines[0]} ends at {_spot(node.lon_lat)} and is not joined: {why}")
        told.finish()

    def _meeting(self, node: FileNode, country: str) -> tuple[Near | None, str]:
        """Return where a node meets the network, or the reason why it does not."""
        reach_m = self._options.snap_km * 1000
        mode = Mode(node.mode)
        if mode not in LAND_MODES:
            near = self._tracks.terminal(mode, node.lon_lat, reach_m)
            if near is None and mode in (Mode.GAS, Mode.OIL, Mode.SEA):
                near = self._tracks.nearest(mode, 0, node.lon_lat, reach_m)
            return near, "" if near else f"no {mode} terminal or line within {self._options.snap_km:g} km"
        near = self._tracks.nearest(mode, node.gauge_mm, node.lon_lat, reach_m, country=country)
        if near is not None or mode is not Mode.RAIL:
            return near, "" if near else self._why_not(node, country)
        allowed = self._listed_changes | set(self._options.gauge_changes)
        station = self._tracks.station_of_other_gauge(node.gauge_mm, node.lon_lat, reach_m, allowed)
        if station is not None and station.target.removeprefix("place:") not in self._listed_changes:
            place = station.target.removeprefix("place:")
            self.plan.gauge_changes = sorted({*self.plan.gauge_changes, place})
            self._assume(f"gauges change at {place}, crossing {STATED}{self._name}:{place}")
        return station, "" if station else self._why_not(node, country)

    def _why_not(self, node: FileNode, country: str) -> str:
        reach_m = self._options.snap_km * 1000
        gauge = f"{node.gauge_mm} mm " if node.gauge_mm else ""
        other = self._tracks.nearest(Mode(node.mode), None, node.lon_lat, reach_m)
        if other is not None and other.gauge_mm == node.gauge_mm:
            return f"the nearest track ({other.label}, {other.metres / 1000:.1f} km) is across a border from {country}"
        if other is not None:
            station = self._tracks.station_of_other_gauge(node.gauge_mm, node.lon_lat, reach_m, None)
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
        for line in lines:
            for number, coords in enumerate(line.parts):
                for spot, near in self._tracks.crossings(Mode(line.mode), coords):
                    if near.gauge_mm != line.gauge_mm or any(distance_m(spot, end) < 200.0 for end in ends):
                        continue
                    crossed += 1
                    first = first or spot
                    if self._options.connect_crossings:
                        self._cut_and_connect(line, number, spot, near)
                        joined += 1
        if crossed and first and not joined:
            self.plan.warnings.append(
                f"tracks of the network are crossed at {crossed} point(s) without a joint (first at {_spot(first)}); "
                "--connect-crossings joins them"
            )

    def _cut_and_connect(self, line: FileLine, number: int, spot: LonLat, near: Near) -> None:
        at = _place_on(line.parts[number], spot)[0]
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
        told = _Told(self.plan.warnings, "place(s)")
        for point in points:
            found = [
                (near, "")
                for mode in LAND_MODES
                if (near := self._tracks.nearest(mode, None, point.lon_lat, reach_m, country=point.country))
            ]
            own = self._nearest_part(tree, parts, point.lon_lat, reach_m)
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
                told.add(f"{point.id} stands on no network: no road or railway within {self._options.snap_km:g} km")
        told.finish()

    def _nearest_part(
        self, tree: shapely.STRtree, parts: Sequence[tuple[FileLine, int]], lon_lat: LonLat, reach_m: float
    ) -> tuple[Near, str] | None:
        best: tuple[float, int, float] | None = None
        for row in sorted(tree.query(_box_around(lon_lat, reach_m)).tolist()):
            line, number = parts[row]
            at, metres = _place_on(line.parts[number], lon_lat)
            if metres <= reach_m and (best is None or metres < best[0]):
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

    def _assume(self, what: str) -> None:
        text = f"assumed in this study, as you state it: {what}"
        if text not in self.plan.warnings:
            self.plan.warnings.append(text)

    def _check_stated(self) -> None:
        """Tell what the user stated and no line made use of."""
        used = {stop.crossing.rpartition(":")[2] for stops in self._courses.values() for stop in stops if stop.crossing}
        idle = [post.label for post in self._options.crossings if post.label not in used]
        stations = {c.target.removeprefix("place:") for c in self.plan.connectors if c.target.startswith("place:")}
        idle += [place for place in self._options.gauge_changes if place not in stations]
        if idle:
            self.plan.warnings.append(
                f"stated, but met by no line: {', '.join(idle)} (crossings within {_CROSSING_REACH_KM:g} km of the "
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


@dataclass
class _Told:
    """Tells things one by one, and counts those beyond the first few."""

    warnings: list[str]
    what: str
    count: int = 0

    def add(self, text: str) -> None:
        self.count += 1
        if self.count <= _TOLD:
            self.warnings.append(text)

    def finish(self) -> None:
        if self.count > _TOLD:
            self.warnings.append(f"… and {self.count - _TOLD} more {self.what} of this kind")


def _country(lon_lat: LonLat) -> str:
    return country_index().countries_of_points([lon_lat[0]], [lon_lat[1]])[0]


def _country_changes(coords: Coords) -> list[tuple[float, str]]:
    """Return (vertex number with fraction, country) where a course starts and where it enters another country."""
    samples = _samples(coords)
    points = np.asarray([vertex_at(coords, at) for at in samples])
    codes = country_index().countries_of_points(points[:, 0], points[:, 1])
    runs: list[list[object]] = []
    for at, code in zip(samples, codes, strict=True):
        if code and (not runs or runs[-1][1] != code):
            runs.append([at, code])
    changes = [(float(str(at)), str(code)) for at, code in runs]
    return [
        (_border_between(coords, samples, at, code) if number else at, code)
        for number, (at, code) in enumerate(_ironed(coords, changes))
    ]


def _ironed(coords: Coords, changes: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Drop short stretches abroad between stretches in one country."""
    kept: list[tuple[float, str]] = []
    for number, (at, code) in enumerate(changes):
        following = changes[number + 1] if number + 1 < len(changes) else None
        is_weave = (
            kept
            and following
            and following[1] == kept[-1][1]
            and line_length_m(course_between(coords, at, following[0])) < _WEAVE_M
        )
        if not is_weave and (not kept or kept[-1][1] != code):
            kept.append((at, code))
    return kept


def _samples(coords: Coords) -> list[float]:
    """Return vertex numbers with fractions at most about 5 km apart."""
    found: list[float] = []
    for number in range(len(coords) - 1):
        steps = max(int(np.ceil(distance_m(tuple(coords[number]), tuple(coords[number + 1])) / (_SAMPLE_KM * 1000))), 1)
        found += [number + step / steps for step in range(steps)]
    return [*found, float(len(coords) - 1)]


def _border_between(coords: Coords, samples: Sequence[float], at: float, code: str) -> float:
    """Return where a country begins, between a sample in it and the one before, to a few metres."""
    inside, outside = at, max((sample for sample in samples if sample < at), default=at)
    for _ in range(12):
        middle = (inside + outside) / 2
        if _country(vertex_at(coords, middle)) == code:
            inside = middle
        else:
            outside = middle
    return inside


def _place_on(coords: Coords, spot: LonLat) -> tuple[float, float]:
    """Return vertex number with fraction of the nearest point of a course, and its distance in metres."""
    segment, foot, metres = nearest_on_line(coords, spot)
    return position_at(coords, segment, foot), metres


def _metres_to(coords: Coords, spot: LonLat) -> float:
    return _place_on(coords, spot)[1]


def _box_around(lon_lat: LonLat, reach_m: float) -> shapely.Polygon:
    high = reach_m / 111_000
    wide = high / max(float(np.cos(np.radians(lon_lat[1]))), 0.05)
    return shapely.box(lon_lat[0] - wide, lon_lat[1] - high, lon_lat[0] + wide, lon_lat[1] + high)


def _spot(lon_lat: LonLat) -> str:
    return f"{lon_lat[0]:.5f},{lon_lat[1]:.5f}"
