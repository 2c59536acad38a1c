"""How fast, and in how much memory, the door reads a million lines, beside plain pyogrio in the same run.

Each measurement is a process of its own, so that its peak memory is its own (for binary formats the worker's is added).
Seconds are of computing, in all processes together, so that other work on the machine does not count. A number of
features may be given: ``python benchmarks/reading.py 100000``.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FEATURES = 1_000_000
FORMATS = {"GeoJSONL": "geojsonl", "GeoJSON": "geojson", "GeoPackage": "gpkg", "FlatGeobuf": "fgb"}
_POINTS = 8


def _features(count: int) -> Iterator[str]:
    chance = random.Random(1)
    for number in range(count):
        lon, lat = chance.uniform(30, 140), chance.uniform(-50, 70)
        steps = [(chance.uniform(-0.01, 0.01), chance.uniform(-0.01, 0.01)) for _ in range(_POINTS)]
        line = [
            [round(lon + east * index, 6), round(lat + north * index, 6)]
            for index, (east, north) in enumerate(steps, 1)
        ]
        properties = {"name": f"Line {number}", "gauge_mm": 1520, "speed_kmh": 80.5, "electrified": number % 2 == 0}
        geometry = {"type": "LineString", "coordinates": line}
        yield json.dumps({"type": "Feature", "id": f"line-{number}", "properties": properties, "geometry": geometry})


def _write(folder: Path, count: int) -> None:
    with (folder / "lines.geojsonl").open("w") as lines, (folder / "lines.geojson").open("w") as collection:
        collection.write('{"type":"FeatureCollection","features":[\n')
        for number, feature in enumerate(_features(count)):
            lines.write(feature + "\n")
            collection.write((",\n" if number else "") + feature)
        collection.write("\n]}\n")
    for ending, driver in (("gpkg", "GPKG"), ("fgb", "FlatGeobuf")):
        command = ["ogr2ogr", "-f", driver, f"lines.{ending}", "lines.geojsonl"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603  our own arguments


def _measure(way: str, file: Path) -> tuple[float, float, int]:
    """Give seconds, peak memory in MB, and rows, of one process."""
    command = [sys.executable, __file__, way, str(file)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own program
    seconds, memory, rows = answer.stdout.split()
    return float(seconds), float(memory), int(rows)


def _by_door(file: Path) -> int:
    from geo.door import Limits, open_layer

    with open_layer(file, limits=Limits(max_bytes=8_000_000_000)) as opened:
        return sum(1 for _ in opened)


def _by_pyogrio(file: Path) -> int:
    import pyogrio

    return len(pyogrio.read_dataframe(file))


def _one(way: str, file: Path) -> None:
    rows = (_by_door if way == "door" else _by_pyogrio)(file)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(sum(one.ru_utime + one.ru_stime for one in used), sum(one.ru_maxrss for one in used) / 1000, rows)


def main() -> None:
    if len(sys.argv) == 3:
        _one(sys.argv[1], Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) == 2 else FEATURES
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), count)
        print(f"{count:,} lines of {_POINTS} points, read whole\n")
        print(
            f"{'format':<12}{'MB':>7}{'door s':>9}{'peak MB':>9}{'pyogrio s':>11}{'peak MB':>9}{'time':>8}{'memory':>8}"
        )
        for name, ending in FORMATS.items():
            file = Path(folder) / f"lines.{ending}"
            door, plain = _measure("door", file), _measure("pyogrio", file)
            if not door[2] == plain[2] == count:
                sys.exit(f"{name}: {door[2]} and {plain[2]} rows of {count}")
            print(
                f"{name:<12}{file.stat().st_size / 1e6:>7.0f}{door[0]:>9.1f}{door[1]:>9.0f}"
                f"{plain[0]:>11.1f}{plain[1]:>9.0f}{door[0] / plain[0]:>8.1f}{door[1] / plain[1]:>8.2f}"
            )


if __name__ == "__main__":
    main()
