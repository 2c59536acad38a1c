"""Lengths, points and buffers on the WGS 84 ellipsoid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
EARTH_RADIUS_M = 6_371_008.8
"""Mean Earth radius (IUGG), for quick spherical estimates only."""

LonLat = tuple[float, float]
Coords = npt.NDArray[np.float64]


def distance_m(start: LonLat, end: LonLat) -> float:
    """Return the geodesic distance in metres between two lon/lat points in degrees.

    >>> round(distance_m((0.0, 0.0), (0.0, 1.0)))
    110574
    """
    return float(GEOD.inv(*start, *end)[2])


def line_length_m(coords: Coords | Sequence[LonLat]) -> float:
    """Return the geodesic length in metres of a lon/lat polyline; 0 for fewer than two points."""
    points = np.asarray(coords, dtype=float)
    return float(GEOD.line_length(points[:, 0], points[:, 1])) if len(points) > 1 else 0.0


def segment_lengths_m(coords: Coords) -> npt.NDArray[np.float64]:
    """Return the geodesic length in metres of each segment of a lon/lat polyline."""
    return np.asarray(
        GEOD.inv(coords[:-1, 0], coords[:-1, 1], coords[1:, 0], coords[1:, 1])[2],
        dtype=np.float64,
    )


def haversine_m(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], point: LonLat | npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return spherical distances in metres from many points to one, or to one each; within 0.6 % of the geodesic."""
    lon1, lat1, lon2, lat2 = np.radians(lon), np.radians(lat), np.radians(point[0]), np.radians(point[1])
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half)))


def geodesic_points(start: LonLat, end: LonLat, *, spacing_km: float = 25.0) -> list[LonLat]:
    """Return the geodesic from start to end as lon/lat points at most ``spacing_km`` apart, both ends included."""
    count = int(np.ceil(distance_m(start, end) / (spacing_km * 1000))) - 1
    inner = GEOD.npts(*start, *end, count) if count > 0 else []
    return [start, *((float(lon), float(lat)) for lon, lat in inner), end]
