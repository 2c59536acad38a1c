"""What it takes to import many lines: seconds and peak memory of one process, from the file to the study.

``python benchmarks/importing.py [ROWS …]``: 10,000, 100,000 (joined to the network) and 1,000,000 rows (kept only) of a
seeded street-like network in western Kazakhstan, as newline-delimited GeoJSON.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from corridors.study import create_study
from layers.imported import MAX_JOINED_LINES

_STEP = 0.002
_WEST, _SOUTH = 52.0, 47.0


def write_rows(path: Path, count: int, seed: int = 1) -> None:
    """Write ``count`` lines of a bent grid: neighbours share their ends, as the ways of a street network do."""
    rng = random.Random(seed)
    side = int((count / 2) ** 0.5) + 1
    bend = [[(rng.uniform(-0.2, 0.2) * _STEP, rng.uniform(-0.2, 0.2) * _STEP) for _ in range(2)] for _ in range(997)]

    def corner(x: int, y: int) -> list[float]:
        dx, dy = bend[(x * 31 + y * 17) % 997][0]
        return [round(_WEST + x * _STEP + dx, 7), round(_SOUTH + y * _STEP + dy, 7)]

    written = 0
    with path.open("w", encoding="utf-8") as file:
        for y in range(side):
            for x in range(side):
                for ends in ((corner(x, y), corner(x + 1, y)), (corner(x, y), corner(x, y + 1))):
                    if written >= count:
                        return
                    (x1, y1), (x2, y2) = ends
                    dx, dy = bend[written % 997][1]
                    middle = [round((x1 + x2) / 2 + dx / 4, 7), round((y1 + y2) / 2 + dy / 4, 7)]
                    row = {
                        "type": "Feature",
                        "id": written,
                        "properties": {"name": f"Way {written}", "mode": "road", "status": "open"},
                        "geometry": {"type": "LineString", "coordinates": [ends[0], middle, ends[1]]},
                    }
                    file.write(json.dumps(row) + "\n")
                    written += 1


_IMPORT = """
import sys
from corridors.importing import import_layer, ImportOptions
r = import_layer(sys.argv[1], sys.argv[2], ImportOptions(id="ways", snap_km=5.0))
print(f"kept {r.report.kept:,}, {len(r.connected):,} connectors")
"""
_OPEN = """
import sys
from pathlib import Path
from corridors.atlas import load_atlas
a = load_atlas(Path(sys.argv[1]))
print(f"{len(a.catalogue.lines):,} lines of the catalogue, {len(a.network.links):,} links of the network")
"""


def measured(script: str, *arguments: str) -> str:
    """Run a script in a process of its own; return what it printed, its seconds and its peak memory."""
    start = perf_counter()
    told_last = "print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    code = f"{script}\nimport resource, time\n{told_last}"
    found = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)  # noqa: S603
    told, used = found.stdout.strip().rsplit("\n", 1)
    cpu_s, peak_kb = used.split()
    took = f"{perf_counter() - start:6.1f} s ({float(cpu_s):.1f} s of one core)"
    return f"{took}, {int(peak_kb) / 1024:,.0f} MB at most; {told}"


def main() -> None:
    counts = [int(text.replace(",", "")) for text in sys.argv[1:]] or [10_000, MAX_JOINED_LINES, 1_000_000]
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            file, study = Path(folder) / "ways.geojsonl", Path(folder) / "study"
            write_rows(file, count)
            create_study(study)
            print(f"{count:,} lines, {file.stat().st_size / 1e6:,.0f} MB")
            print(f"  import: {measured(_IMPORT, str(file), str(study))}")
            kept = sum(entry.stat().st_size for entry in (study / "imports" / "ways").iterdir())
            print(f"  kept:   {kept / 1e6:,.0f} MB")
            print(f"  open:   {measured(_OPEN, str(study))}")


if __name__ == "__main__":
    main()
