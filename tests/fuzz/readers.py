"""Fuzz the readers: whatever comes in, it is refused with a reason or gives rows that keep the door's promises.

Coverage-guided with atheris, from the root of the checkout, until a fault is found or time is over::

    python -m tests.fuzz.readers geojson -max_total_time=120
    python -m tests.fuzz.readers all -runs=3000 -seed=1

Readers: geojson, geojsonl, kml, gpx, csv, zip, kmz, gpkg, parquet, fgb, shp. The binary ones run here in this very
process; `door` sends damaged binary files through the door and its worker, without coverage, since that is slow::

    python -m tests.fuzz.readers door 200
"""

from __future__ import annotations

import os
import random
import struct
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.door import OpenedLayer

TEXTS = ("geojson", "geojsonl", "kml", "gpx", "csv", "zip", "kmz")
BINARIES = ("gpkg", "parquet", "fgb", "shp")
_SECONDS = 10
# far below the bounds of real files, so that the fuzzer meets them
_MAX_BYTES = 300_000


def check(name: str, content: bytes, folder: Path) -> str:
    """Read a file with this content and hold what comes out against the promises; gives what happened."""
    from geo.door import Limits, open_layer
    from geo.errors import ImportRefusedError

    file = folder / f"input.{name}"
    if name == "shp":
        _write_parts(content, folder)
    else:
        file.write_bytes(content)
    start = _computed()
    try:
        with open_layer(file, skip_invalid=True, limits=Limits(max_bytes=_MAX_BYTES, max_row_bytes=100_000)) as opened:
            rows = list(opened)
            _hold(rows, opened)
            return "kept" if rows else "nothing kept"
    except ImportRefusedError as refusal:
        _hold_message(str(refusal))
        return "refused"
    finally:
        assert _computed() - start < _SECONDS, f"took {_computed() - start:.1f} s"


def _computed() -> float:
    """Seconds of computing so far, in this process and the workers that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _hold_message(text: str) -> None:
    assert all(line.isprintable() for line in text.split("\n")), text


def _hold(rows: list[Any], opened: OpenedLayer) -> None:
    import numpy as np
    import shapely

    report = opened.report
    assert report.read == report.kept + len(report.refused), report
    assert report.kept == len(rows)
    assert opened.fields is not None
    names = {field.name for field in opened.fields}
    for row in rows:
        assert set(row.properties) <= names, (row, names)
        assert all(value is None or isinstance(value, (str, int, float)) for value in row.properties.values()), row
        if row.geometry is not None:
            assert row.geometry.is_valid, row
            assert not row.geometry.is_empty, row
            assert not shapely.has_z(row.geometry), row
            assert (np.abs(shapely.get_coordinates(row.geometry)) <= (180, 90)).all(), row


def _write_parts(content: bytes, folder: Path) -> None:
    """Write the parts of a Shapefile, of which a fuzzer sees one text: each with its length before it."""
    for part in ("shp", "shx", "dbf"):
        length = int.from_bytes(content[:2], "little")
        (folder / f"input.{part}").write_bytes(content[2 : 2 + length])
        content = content[2 + length :]
    (folder / "input.prj").write_text("EPSG:4326", encoding="ascii")


def read_here(name: str, content: bytes, folder: Path) -> None:
    """Read a binary file as the worker does, but in this process; faults it would have told are fine."""
    from geo.reading.drafts import FileFault
    from geo.reading.flatgeobuf import feature_count
    from geo.reading.shapefile import prepared
    from geo.reading.worker_stream import WorkerFault, write_stream

    if not content:
        return
    file = folder / f"input.{name}"
    formats = {"gpkg": "GeoPackage", "parquet": "GeoParquet"}
    try:
        if name == "shp":
            _write_parts(content, folder)
            prepared(file, None)
            return
        file.write_bytes(content)
        if name == "fgb":
            feature_count(file)
            return
        read = _worker(name)
        request = {
            "file": str(file),
            "format": formats[name],
            "layer": None,
            "encoding": None,
            "max_row_bytes": 100_000,
        }
        with (folder / "output").open("wb") as output:
            header, batches = read(request)
            write_stream(header, batches, output)
    except (FileFault, WorkerFault, MemoryError):
        pass
    except Exception as fault:
        # what Arrow and SQLite throw at damaged files, the worker turns into a refusal
        if not type(fault).__module__.startswith(("pyarrow", "sqlite3")) and not isinstance(
            fault, (OSError, ValueError)
        ):
            raise


def _worker(name: str) -> Callable[[dict[str, Any]], Any]:
    if name == "gpkg":
        from geo.reading.worker_geopackage import read
    else:
        from geo.reading.worker_parquet import read
    return read


def mutations(name: str, count: int, *, seed: int) -> Iterator[bytes]:
    """Give damaged copies of the seeds of a format: bytes changed, dropped, doubled, cut off."""
    from tests.fuzz.seeds import seeds

    chance = random.Random(seed)
    originals = seeds(name)
    for number in range(count):
        content = bytearray(originals[number % len(originals)])
        for _ in range(chance.choice((1, 1, 2, 5, 20))):
            at = chance.randrange(len(content)) if content else 0
            kind = chance.random()
            if kind < 0.6 and content:
                content[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            elif kind < 0.8:
                content[at : at + 4] = struct.pack(
                    "<I", chance.choice((0, 1, 2**31 - 1, 2**32 - 1, chance.randrange(2**32)))
                )
            elif kind < 0.9:
                del content[at : at + chance.randrange(1, 40)]
            else:
                del content[at:]
        yield bytes(content)


def _through_the_door(count: int) -> None:
    for name in BINARIES:
        results: Counter[str] = Counter()
        with tempfile.TemporaryDirectory() as folder:
            for content in mutations(name, count, seed=count):
                results[check(name, content, Path(folder))] += 1
        print(name, dict(results))  # noqa: T201  a program


def main() -> None:
    """Fuzz the reader that the command line names."""
    if sys.argv[1] == "door":
        _through_the_door(int(sys.argv[2]))
        return
    import atheris

    with atheris.instrument_imports(include=["geo.reading", "geo.door", "json", "csv", "zipfile"]):
        import geo.door
        import geo.reading.worker
        import geo.reading.worker_geopackage
        import geo.reading.worker_parquet  # noqa: F401
    from tests.fuzz.seeds import seeds

    wanted = [*TEXTS, "gpkg", "parquet", "shp", "fgb"] if sys.argv[1] == "all" else [sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, name in enumerate(wanted):
            for index, seed in enumerate(seeds(name)):
                (corpus / f"{name}-{index}").write_bytes(bytes([number]) + seed)

        def one(data: bytes) -> None:
            if data:
                name = wanted[data[0] % len(wanted)]
                (check if name in TEXTS else read_here)(name, data[1:], Path(folder))

        atheris.Setup(
            [sys.argv[0], *sys.argv[2:], "-timeout=20", "-rss_limit_mb=3000", "-max_len=150000", str(corpus)], one
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
