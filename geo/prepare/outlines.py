"""Country outlines from Natural Earth TopoJSON: 1:50m for the world, 1:10m for the countries of the extent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.file_geometry import repaired_area
from geo.prepare.inputs import EXTENT, read_json_input
from geo.store import encode_texts, write_arrays

# outlines without an ISO numeric code in Natural Earth; the user-assigned codes follow common use
_UNCODED = {"Kosovo": "XKX", "N. Cyprus": "XNC", "Somaliland": "XSO", "Siachen Glacier": "XSI"}
_COORDINATE_SCALE = 1e5
# Antarctica goes round the pole, which no flat polygon can, and no corridor leads there
_SOUTHERN_LIMIT = -60.0


def _arcs(topology: dict[str, Any]) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    """Return the arcs of a quantised topology as lon/lat arrays."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [np.cumsum(np.asarray(arc, dtype=float), axis=0) * scale + translate for arc in topology["arcs"]]


def _ring(indices: list[int], arcs: list[Any]) -> Any:  # noqa: ANN401 - numpy array of shape (n, 2)
    """Join arcs to a ring; a negative index runs an arc backwards (TopoJSON ones' complement)."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _polygons(geometry: dict[str, Any], arcs: list[Any]) -> BaseGeometry:
    groups = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    # quantisation has collapsed a few islets to rings of fewer than four points: they are dropped
    rings = [[ring for ring in (_ring(indices, arcs) for indices in group) if len(ring) >= 4] for group in groups]
    polygons = [Polygon(group[0], group[1:]) for group in rings if group and group[0][:, 1].max() > _SOUTHERN_LIMIT]
    # outlines come joined across 180°: cut there before any repair, or Russia gets a band round the world
    return repaired_area(MultiPolygon(polygons))


def _iso3(geometry: dict[str, Any], by_number: dict[int, str]) -> str | None:
    number = geometry.get("id")
    return by_number.get(int(number)) if number is not None else _UNCODED.get(geometry["properties"]["name"])


def read_countries(name: str, archives: Path) -> dict[str, BaseGeometry]:
    """Return country polygons by ISO 3166-1 alpha-3 code, in code order."""
    codes = read_json_input("country_codes", archives)
    by_number = {int(entry["isonumeric"]): entry["iso3"] for entry in codes.values()}
    topology = read_json_input(name, archives)
    arcs = _arcs(topology)
    found: dict[str, list[BaseGeometry]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = _iso3(geometry, by_number)
        if code and geometry.get("arcs"):
            found.setdefault(code, []).append(_polygons(geometry, arcs))
    return {code: shapely.union_all(found[code]) for code in sorted(found)}


def _as_multi(geometry: BaseGeometry) -> MultiPolygon:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return MultiPolygon(parts)


def _rounded(geometry: BaseGeometry) -> BaseGeometry:
    """Snap to the stored grid first, so that what is computed here holds for what is read back."""
    return _as_multi(shapely.set_precision(geometry, 1 / _COORDINATE_SCALE))


def write_outlines(archives: Path, directory: Path) -> dict[str, BaseGeometry]:
    """Write ``countries_50m`` and ``countries_10m``; return the 1:10m countries."""
    fine = {
        code: _rounded(shape)
        for code, shape in read_countries("countries_10m", archives).items()
        if shape.intersects(shapely.box(*EXTENT))
    }
    coarse = {code: _rounded(shape) for code, shape in read_countries("countries_50m", archives).items()}
    _write(directory / "countries_10m.npz", fine)
    _write(directory / "countries_50m.npz", coarse)
    return fine


def _write(path: Path, shapes: dict[str, BaseGeometry]) -> None:
    _, coords, (rings, polygons, multis) = shapely.to_ragged_array([_as_multi(shape) for shape in shapes.values()])
    texts = encode_texts(list(shapes))
    write_arrays(
        path,
        {
            "code_bytes": texts["bytes"],
            "code_offsets": texts["offsets"],
            # first differences of integers deflate far better than absolute coordinates
            "coords": np.diff(np.round(coords * _COORDINATE_SCALE).astype(np.int32), axis=0, prepend=0),
            "rings": rings,
            "polygons": polygons,
            "multis": multis,
        },
    )
