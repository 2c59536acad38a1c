"""Where lines of a file meet borders, and by which crossing, if any, they pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely

from geo.boundaries import country_index
from geo.geodesy import Coords, LonLat, distance_m, line_length_m
from layers.catalogue import Catalogue
from layers.imported import STATED, Stop, course_between, vertex_at
from layers.schema import Mode
from network.ground import LAND_MODES, regime_of
from network.telling import Told, spot_text, tell_assumed
from network.topology import FileLine, place_on

CROSSING_REACH_KM = 15.0
"""A line passes a listed or stated crossing if it meets the border this near to it."""
# outlines are coarse: a line abroad for less than this, between stretches in one country, has not left it
_WEAVE_M = 10_000.0
_SAMPLE_KM = 5.0


@dataclass(frozen=True, slots=True)
class StatedCrossing:
    """A place where, the user says, imported lines may pass a border."""

    label: str
    lon_lat: LonLat


@dataclass(frozen=True)
class BorderFinder:
    """Finds the borders that the lines of one import meet; ``warnings`` grows."""

    catalogue: Catalogue
    stated: Sequence[StatedCrossing]
    name: str
    warnings: list[str]

    def stops(self, lines: Sequence[FileLine]) -> Iterator[tuple[tuple[str, int], list[Stop]]]:
        """Yield for each (line, part) the stop at its start, with its country, and one at each border it meets."""
        keys = [(line, number) for line in lines for number in range(len(line.parts))]
        touched = country_index().countries_of_lines(shapely.LineString(line.parts[n]) for line, n in keys)
        told = Told(self.warnings, "border(s)")
        for (line, number), codes in zip(keys, touched, strict=True):
            coords = line.parts[number]
            if len(codes) == 1 or Mode(line.mode) not in LAND_MODES:
                start = codes[0] if len(codes) == 1 else _country(vertex_at(coords, 0.0))
                yield (line.id, number), [Stop(number, 0.0, "", country=start)]
            else:
                yield (line.id, number), list(self._border_stops(line, number, told))
        told.finish()

    def _border_stops(self, line: FileLine, number: int, told: Told) -> Iterator[Stop]:
        coords = line.parts[number]
        changes = _country_changes(coords)
        here = changes[0][1] if changes else ""
        yield Stop(number, 0.0, "", country=here)
        for at, country in changes[1:]:
            spot = vertex_at(coords, at)
            crossing, why = self.post(line.mode, (here, country), spot)
            if why:
                where = f"{line.id} meets the border {here}–{country} at {spot_text(spot)}"
                told.add(partial(str, f"{where} and is not joined there: {why}"))
            yield Stop(number, at, "", country=country, crossing=crossing, is_border=True)
            here = country

    def post(self, mode: str, pair: tuple[str, str], spot: LonLat) -> tuple[str, str]:
        """Return the crossing by which a line passes a border, or empty and the reason why it does not."""
        reach_m = CROSSING_REACH_KM * 1000
        listed = []
        for crossing in self.catalogue.crossings.values():
            a, b = (self.catalogue.places[place] for place in (crossing.a, crossing.b))
            if mode in crossing.modes and {a.country, b.country} == set(pair):
                chord = np.asarray([(a.lon, a.lat), (b.lon, b.lat)])
                listed.append((place_on(chord, spot)[1], crossing.id))
        if listed and min(listed)[0] <= reach_m:
            return min(listed)[1], ""
        regime = regime_of(self.catalogue, *pair)
        if regime:
            return regime, ""
        stated = min(((distance_m(post.lon_lat, spot), post.label) for post in self.stated), default=None)
        if stated and stated[0] <= reach_m:
            post = f"{STATED}{self.name}:{stated[1]}"
            tell_assumed(self.warnings, f"the border {'–'.join(pair)} is passed at {spot_text(spot)}, crossing {post}")
            return post, ""
        near = min(listed, default=None)
        what = f"the nearest listed crossing, {near[1]}, is {near[0] / 1000:.0f} km off" if near else "none is listed"
        return "", f"{what}; --crossing {spot_text(spot)} states one"


def _country(lon_lat: LonLat) -> str:
    return country_index().countries_of_points([lon_lat[0]], [lon_lat[1]])[0]


def _country_changes(coords: Coords) -> list[tuple[float, str]]:
    """Return (vertex number with fraction, country) at the start of a course and where it enters another country."""
    samples = _samples(coords)
    points = np.asarray([vertex_at(coords, at) for at in samples])
    codes = country_index().countries_of_points(points[:, 0], points[:, 1])
    changes: list[tuple[float, str]] = []
    for at, code in zip(samples, codes, strict=True):
        if code and (not changes or changes[-1][1] != code):
            changes.append((at, code))
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
