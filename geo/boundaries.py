"""Country outlines as prepared from Natural Earth (de facto lines), and which country a geometry lies in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.store import decode_texts, read_arrays

_COORDINATE_SCALE = 1e5
# countries are cut into cells of this size: small polygons answer many point and line questions fast
_CELL_DEG = 2.0


@cache
def load_outlines(name: str) -> Mapping[str, BaseGeometry]:
    """Return polygons by country code in WGS 84: ``countries_10m`` or ``countries_50m``."""
    data = read_arrays(name)
    coords = np.cumsum(data["coords"], axis=0, dtype=np.int64) / _COORDINATE_SCALE
    offsets = (data["rings"], data["polygons"], data["multis"])
    shapes = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, coords, offsets)
    return dict(zip(decode_texts(data["code_bytes"], data["code_offsets"]), shapes, strict=True))


@dataclass(frozen=True)
class CountryIndex:
    """Answers which countries points and lines lie in, on one set of outlines."""

    codes: tuple[str, ...]
    tree: shapely.STRtree
    piece_country: npt.NDArray[np.intp]

    @classmethod
    def build(cls, outlines: Mapping[str, BaseGeometry]) -> CountryIndex:
        """Cut the outlines into cells and index the pieces."""
        pieces: list[BaseGeometry] = []
        owner: list[int] = []
        for number, shape in enumerate(outlines.values()):
            for piece in _cells(shape):
                pieces.append(piece)
                owner.append(number)
        return cls(tuple(outlines), shapely.STRtree(pieces), np.asarray(owner, dtype=np.intp))

    def countries_of_points(self, lon: npt.ArrayLike, lat: npt.ArrayLike, *, reach_deg: float = 0.3) -> list[str]:
        """Return the country of each point; the nearest within ``reach_deg`` off the coast, else ``""``."""
        points: npt.NDArray[np.object_] = np.asarray(
            shapely.points(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)), dtype=object
        )
        result = np.full(len(points), -1, dtype=np.intp)
        found, piece = self.tree.query(points, predicate="intersects")
        # a point on a shared border goes to the first country in code order, always the same one
        order = np.lexsort((self.piece_country[piece], found))[::-1]
        result[found[order]] = self.piece_country[piece[order]]
        missing = np.flatnonzero(result < 0)
        if len(missing):
            source, near = self.tree.query_nearest(points[missing], max_distance=reach_deg, all_matches=False)
            result[missing[source]] = self.piece_country[near]
        return [self.codes[number] if number >= 0 else "" for number in result]

    def countries_of_lines(self, lines: Iterable[BaseGeometry]) -> list[tuple[str, ...]]:
        """Return the sorted codes of all countries each geometry touches."""
        geometries = np.asarray(list(lines), dtype=object)
        touched: list[set[str]] = [set() for _ in geometries]
        found, piece = self.tree.query(geometries, predicate="intersects")
        for number, owner in zip(found.tolist(), self.piece_country[piece].tolist(), strict=True):
            touched[number].add(self.codes[owner])
        return [tuple(sorted(codes)) for codes in touched]


def _cells(shape: BaseGeometry) -> list[BaseGeometry]:
    """Cut a polygon along a grid; empty and line-like remains are dropped."""
    west, south, east, north = shape.bounds
    cells: list[BaseGeometry] = []
    for part in shapely.get_parts(shape):
        west, south, east, north = part.bounds
        if east - west <= _CELL_DEG and north - south <= _CELL_DEG:
            cells.append(part)
            continue
        shapely.prepare(part)
        for lon in np.arange(np.floor(west / _CELL_DEG), np.ceil(east / _CELL_DEG)) * _CELL_DEG:
            for lat in np.arange(np.floor(south / _CELL_DEG), np.ceil(north / _CELL_DEG)) * _CELL_DEG:
                cell = shapely.box(lon, lat, lon + _CELL_DEG, lat + _CELL_DEG)
                if part.contains_properly(cell):
                    cells.append(cell)
                elif part.intersects(cell):
                    piece = shapely.intersection(part, cell)
                    cells.extend(item for item in shapely.get_parts(piece) if item.geom_type == "Polygon")
    return cells


@cache
def country_index() -> CountryIndex:
    """Return the index over the 1:10m outlines."""
    return CountryIndex.build(load_outlines("countries_10m"))
