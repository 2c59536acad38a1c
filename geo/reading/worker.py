"""A program of its own that parses binary formats, so that a fault in GDAL, SQLite or Arrow ends it and not us.

It is started by `geo.reading.native` with little memory, time and environment, reads one private copy, and writes an
Arrow stream to its standard output: a batch per some thousand rows with columns ``id``, ``geometry`` (WKB), ``fault``
and ``0``, ``1``, … for the attributes; what the file says of itself stands as JSON in the stream's metadata. A file
that is refused gives a line of JSON on standard error and status 3.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any, Final

from geo.reading.worker_stream import Batch, Header, WorkerFault, write_stream

FAULT_STATUS: Final = 3
_HELD_OPEN: Final = 64


def _limit(request: dict[str, Any]) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: the stall watch of the other side is what is left
    limits = (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_CPU, request["seconds"]),
        # nothing is written but the stream and a line of error
        (resource.RLIMIT_FSIZE, 1_000_000),
        (resource.RLIMIT_NOFILE, _HELD_OPEN),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, value in limits:
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # macOS knows some of these limits and does not let them be set
        with contextlib.nullcontext() if sys.platform == "linux" else contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


def _opened(request: dict[str, Any]) -> tuple[Header, Iterator[Batch]]:
    if request["format"] == "GeoPackage":
        from geo.reading.worker_geopackage import read
    elif request["format"] == "GeoParquet":
        from geo.reading.worker_parquet import read
    else:
        from geo.reading.worker_gdal import read
    return read(request)


def main() -> None:
    """Read the request (JSON) from standard input and stream the layer it asks for."""
    request = json.loads(sys.stdin.read())
    _limit(request)
    # whatever a library prints must not get between the batches
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        write_stream(*_opened(request), output)
        output.flush()
    except BrokenPipeError:
        os._exit(0)
    except WorkerFault as fault:
        _refuse(str(fault))
    except MemoryError:
        _refuse(f"needs more than {request['memory_bytes'] / 1e9:g} GB of memory; split it, or raise the limit")
    except Exception as fault:  # noqa: BLE001  whatever a library throws at a damaged file
        _refuse(f"cannot be read, it may be damaged: {type(fault).__name__}: {fault}")


def _refuse(why: str) -> None:
    sys.stderr.write("\n" + json.dumps({"fault": why[:2000]}) + "\n")
    sys.stderr.flush()
    os._exit(FAULT_STATUS)
