"""Sea lanes and ports from the SeaRoute network, with the named straits and canals it marks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from geo.boundaries import CountryIndex
from geo.geodesy import distance_m
from geo.prepare.inputs import EXTENT, read_json_input
from geo.prepare.tracks import Mesh, contract_chains, drop_scraps, write_tracks
from geo.store import write_table

# wider than the land extent: without the Cape of Good Hope a closed Suez would cut Asia from Europe by sea
SEA_EXTENT = (-30.0, -40.0, 180.0, 78.0)


def prepare_sea_lanes(archives: Path, directory: Path, index: CountryIndex) -> dict[str, int]:
    """Write ``sea_lanes.npz``; lengths are geodesic, passages keep their name."""
    mesh = Mesh([], [], [])
    numbers: dict[tuple[float, float], int] = {}
    passages: dict[tuple[int, int], str] = {}

    def node(lon: float, lat: float) -> int:
        key = (round(lon, 4), round(lat, 4))
        if key not in numbers:
            numbers[key] = len(mesh.lon)
            mesh.lon.append(key[0])
            mesh.lat.append(key[1])
            mesh.country.append("")
        return numbers[key]

    west, south, east, north = SEA_EXTENT
    for feature in read_json_input("sea_lanes", archives)["features"]:
        geometry = feature["geometry"]
        lines = [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]
        for start, end in (pair for line in lines for pair in pairwise(line)):
            if all(west <= lon <= east and south <= lat <= north for lon, lat in (start, end)):
                a, b = node(*start), node(*end)
                if a != b:
                    mesh.add(a, b, distance_m((start[0], start[1]), (end[0], end[1])) / 1000, [])
                    if feature["properties"].get("passage"):
                        passages[(min(a, b), max(a, b))] = feature["properties"]["passage"]
    keep = frozenset(number for pair in passages for number in pair)
    drop_scraps(mesh, 500)
    contract_chains(mesh, keep)
    return write_tracks(directory / "sea_lanes.npz", mesh, index=index, simplify_deg=0.0, passages=passages)


def prepare_ports(archives: Path, directory: Path) -> dict[str, int]:
    """Write ``ports.csv.gz``: UN/LOCODE, name, lon, lat of the ports of the extent."""
    west, south, east, north = EXTENT
    rows = {
        (
            feature["properties"]["port"] or "",
            feature["properties"]["name"] or "",
            round(feature["geometry"]["coordinates"][0], 4),
            round(feature["geometry"]["coordinates"][1], 4),
        )
        for feature in read_json_input("sea_ports", archives)["features"]
    }
    inside = sorted(row for row in rows if west <= row[2] <= east and south <= row[3] <= north)
    write_table(directory / "ports.csv.gz", ("unlocode", "name", "lon", "lat"), inside)
    return {"ports": len(inside)}
