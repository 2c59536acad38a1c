"""A file is read in little memory however large it is: the reader may take 64 MB beyond what its imports take."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bound is set and measured as Linux does")

_FILE_BYTES = 48_000_000
_ALLOWED_BYTES = 64_000_000
_LINE = [[round(60 + index / 1000, 6), round(40 + index / 2000, 6)] for index in range(300)]
_FEATURE = json.dumps(
    {"type": "Feature", "properties": {"name": "a"}, "geometry": {"type": "LineString", "coordinates": _LINE}}
)
_PLACEMARK = (
    "<Placemark><name>a</name><LineString><coordinates>"
    + " ".join(f"{lon},{lat}" for lon, lat in _LINE)
    + "</coordinates></LineString></Placemark>"
)
_ROW = '\na,"LINESTRING (' + ", ".join(f"{lon} {lat}" for lon, lat in _LINE) + ')"'
_READ = """
import resource, sys
from geo.door import Limits, open_layer
import pyproj, shapely, mmap, csv, xml.parsers.expat, defusedxml.ElementTree
with open("/proc/self/statm") as stream:
    taken = int(stream.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + int(sys.argv[2]),) * 2)
with open_layer(sys.argv[1]) as opened:
    print(sum(1 for _ in opened))
"""


def _write(path: Path, head: str, row: str, between: str, tail: str) -> int:
    count = _FILE_BYTES // len(row)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(head)
        for number in range(count):
            stream.write((between if number else "") + row)
        stream.write(tail)
    return count


_FILES: dict[str, Callable[[Path], int]] = {
    "geojson": lambda path: _write(path, '{"type":"FeatureCollection","features":[', _FEATURE, ",\n", "]}"),
    "geojsonl": lambda path: _write(path, "", _FEATURE, "\n", "\n"),
    "kml": lambda path: _write(
        path, '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>', _PLACEMARK, "\n", "</Document></kml>"
    ),
    "csv": lambda path: _write(path, "name,wkt", _ROW, "", "\n"),
}


@pytest.mark.parametrize("ending", list(_FILES))
def test_a_large_file_is_read_in_little_memory(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"layer.{ending}"
    count = _FILES[ending](path)

    ended = subprocess.run(
        [sys.executable, "-c", _READ, str(path), str(_ALLOWED_BYTES)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr[-2000:]
    assert int(ended.stdout) == count
