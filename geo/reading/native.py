"""Binary formats, read by a program of its own with little memory and time: `geo.reading.worker`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.layer import Field, FieldKind, Value
from geo.reading.drafts import Draft, FileFault
from geo.reading.records import Limits, printable
from geo.reading.wkb import is_too_deep

# what exact readers keep (RFC 8259 § 6)
_EXACT: Final = 2**53
# curves are "not implemented" to shapely
_WKB_FAULTS: Final = (shapely.errors.GEOSException, ValueError, TypeError, NotImplementedError)
_STALL_S: Final = 60
_FAULT_STATUS: Final = 3
# every vector driver of the GDAL wheels we know; the worker refuses to run beside any other
_VECTOR_DRIVERS: Final = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,Arrow,CAD,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,"
    "Elasticsearch,FlatGeobuf,GDALG,GML,GMLAS,GPKG,GPSBabel,GPX,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HDF5,HTTP,"
    "Idrisi,Interlis1,Interlis2,JML,JP2OpenJPEG,JSONFG,KML,LIBKML,LVBAG,MBTiles,MVT,MapML,MiraMonVector,"
    "MongoDBv3,NAS,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,"
    "PLSCENES,PMTiles,Parquet,S57,SQLite,SVG,SXF,Selafin,Tiger,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLS,XLSX,"
    "XODR,XPlane,netCDF,ESRI Shapefile,MapInfo File,UK .NTF"
)
_KEPT_DRIVER: Final = {"Shapefile": "ESRI Shapefile", "FlatGeobuf": "FlatGeobuf"}
_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from geo.reading.worker import main; main()"


@dataclass(slots=True)
class NativeSource:
    """One layer of a binary file, as the worker gives it."""

    format: str
    name: str | None
    crs: str | None
    fields: tuple[Field, ...] | None
    metadata: Mapping[str, str]
    warnings: list[str]
    reader: Any
    pipe: _Pipe
    described: Mapping[str, Field] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    rows: int | None = None
    """How many rows are to come, where the file's own lists tell."""
    has_shape: npt.NDArray[np.bool_] | None = None
    """For each row that is to come, whether the file has a geometry for it; None where the format has no such list."""

    def drafts(self) -> Iterator[Draft]:
        """Give the rows in the order of the file."""
        from pyarrow import ArrowException

        row = 0
        try:
            for batch in self.reader:
                batch.validate(full=True)
                yield from self._drafts(batch, row)
                row += len(batch)
        except (ArrowException, OSError, ValueError) as fault:
            raise self.pipe.fault(fault) from None
        self.pipe.finish()
        if self.rows is not None and row != self.rows:
            raise FileFault(f"says it has {self.rows} rows and gives {row}; it is damaged or cut off")

    def _drafts(self, batch: Any, first: int) -> Iterator[Draft]:  # noqa: ANN401  an Arrow batch
        ids, faults = batch.column("id").to_pylist(), batch.column("fault").to_pylist()
        shapes, wrong = _geometries(batch.column("geometry").to_numpy(zero_copy_only=False, writable=True))
        fields = self.fields or ()
        columns = [self._values(batch.column(str(index)), index) for index in range(len(fields))]
        names = [one.name for one in fields]
        for index, values in enumerate(zip(*columns, strict=True) if columns else [()] * len(batch)):
            draft = Draft(first + index, ids[index], shapes[index], dict(zip(names, values, strict=True)))
            draft.fault = faults[index] or wrong.get(index) or _value_fault(draft.properties)
            if draft.geometry is None and draft.fault is None and self._has_shape(draft.row):
                draft.fault = "geometry is damaged"
            yield draft

    def _has_shape(self, row: int) -> bool:
        return self.has_shape is not None and row < len(self.has_shape) and bool(self.has_shape[row])

    def _values(self, column: Any, index: int) -> list[Value]:  # noqa: ANN401  an Arrow array
        values: list[Value] = column.to_pylist()
        fields = list(self.fields or ())
        if fields[index].kind == "integer" and any(
            value is not None and not -_EXACT < int(value) < _EXACT for value in values
        ):
            fields[index] = Field(fields[index].name, "text", fields[index].description, fields[index].unit)
            self.fields = tuple(fields)
            self.warnings.append(f"column '{printable(fields[index].name)}' holds integers beyond 2^53, kept as text")
        if fields[index].kind == "text":
            return [value if value is None or isinstance(value, str) else str(value) for value in values]
        return values


def _value_fault(properties: Mapping[str, Value]) -> str | None:
    for name, value in properties.items():
        if isinstance(value, float) and not np.isfinite(value):
            return f"column '{printable(name)}' holds {value}, which is no number"
    return None


def _geometries(wkb: Any) -> tuple[list[Any], dict[int, str]]:  # noqa: ANN401  an array of bytes
    """Geometries of a batch; those that are no WKB are told by their index."""
    deep = {
        index: "geometry is nested too deeply" for index, one in enumerate(wkb) if one is not None and is_too_deep(one)
    }
    for index in deep:
        wkb[index] = None
    try:
        return shapely.from_wkb(wkb).tolist(), deep
    except _WKB_FAULTS:
        found: list[Any] = []
        faults = deep
        for index, shape in enumerate(wkb):
            try:
                found.append(shapely.from_wkb(shape))
            except _WKB_FAULTS as fault:
                found.append(None)
                faults[index] = f"geometry cannot be read: {printable(fault)}"
        return found, faults


class _Pipe:
    """The worker's output, read as long as it keeps coming."""

    def __init__(self, process: subprocess.Popen[bytes], messages: IO[bytes], limits: Limits) -> None:
        self._process = process
        self._messages = messages
        self._limits = limits
        self._stalled = False
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Read exactly ``size`` bytes, fewer at the end only."""
        output = self._process.stdout
        parts: list[bytes] = []
        while size and output is not None:
            if os.name == "posix" and not select.select([output], [], [], _STALL_S)[0]:
                self._stalled = True
                self._process.kill()
                break
            chunk = os.read(output.fileno(), min(size, 1 << 20) if size > 0 else 1 << 20)
            if not chunk:
                break
            parts.append(chunk)
            size -= len(chunk) if size > 0 else 0
        return b"".join(parts)

    def finish(self) -> None:
        """Refuse a file whose worker did not end well."""
        try:
            status = self._process.wait(timeout=_STALL_S)
        except subprocess.TimeoutExpired:
            self._stalled, status = True, None
            self._process.kill()
        if status != 0:
            raise self.fault(None)

    def fault(self, cause: BaseException | None) -> FileFault:
        """Say why the worker stopped."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        status = self._process.poll()
        self._messages.seek(0)
        for line in self._messages.read(1_000_000).splitlines()[::-1]:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return FileFault(printable(json.loads(line)["fault"], length=500))
        if self._stalled:
            return FileFault(f"gave nothing for {_STALL_S} s; it may be damaged")
        if status == -24:  # SIGXCPU
            return FileFault(f"took more than {self._limits.seconds} s of computing; split it, or raise the limit")
        if status in (0, None):
            return FileFault(f"cannot be read, it may be damaged: {printable(cause)}")
        return FileFault(
            f"ended the program that reads it (status {status}); it is damaged, made to do harm, "
            f"or needs more than {self._limits.memory_bytes / 1e9:g} GB of memory"
        )


@contextlib.contextmanager
def native_source(  # noqa: PLR0913  what the worker has to be told
    file: Path,
    format_name: str,
    *,
    layer: str | None,
    encoding: str | None,
    limits: Limits,
    names: list[str] | None = None,
) -> Iterator[NativeSource]:
    """Start the worker on a private copy and give what it reads; it is ended on leaving."""
    import pyarrow as pa

    request = {
        "file": str(file), "format": format_name, "layer": layer, "encoding": encoding, "names": names,
        "memory_bytes": limits.memory_bytes, "seconds": limits.seconds, "max_row_bytes": limits.max_row_bytes,
    }  # fmt: skip
    root = str(Path(__file__).parents[2])
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and our own program
            [sys.executable, "-I", "-c", _START, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            cwd=file.parent,
            env=_environment(file.parent, format_name),
        )
        pipe = _Pipe(process, messages, limits)
        try:
            _send(process, json.dumps(request))
            try:
                reader = pa.ipc.open_stream(pa.PythonFile(pipe, mode="r"))
                header = json.loads(reader.schema.metadata[b"layer"])
            except (pa.ArrowException, OSError, ValueError, TypeError) as fault:
                raise pipe.fault(fault) from None
            yield _source(format_name, header, reader, pipe)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _send(process: subprocess.Popen[bytes], text: str) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
            stdin.write(text.encode())


def _source(format_name: str, header: dict[str, Any], reader: Any, pipe: _Pipe) -> NativeSource:  # noqa: ANN401
    kinds: dict[str, FieldKind] = {"text": "text", "integer": "integer", "real": "real", "boolean": "boolean"}
    fields = tuple(
        Field(column["name"], kinds[column["kind"]], column["description"], column["unit"])
        for column in header["columns"]
    )
    return NativeSource(
        format_name, header["name"], header["crs"], fields, header["metadata"], list(header["warnings"]), reader, pipe
    )


def _environment(folder: Path, format_name: str) -> dict[str, str]:
    """Give the whole environment of the worker: nothing of the caller's but what a program needs to start."""
    kept = _KEPT_DRIVER.get(format_name)
    skipped = [name for name in _VECTOR_DRIVERS.split(",") if name != kept]
    ours = {
        # names with blanks need commas between all of them
        "GDAL_SKIP": ",".join(skipped),
        "OGR_ENABLE_PARTIAL_REPROJECTION": "NO",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_VRT_ENABLE_PYTHON": "NO",
        "GDAL_PAM_ENABLED": "NO",
        "PROJ_NETWORK": "OFF",
        # texts of a Shapefile come as bytes, we decode them
        "SHAPE_ENCODING": "",
        # GDAL's own Arrow stream of this format goes wrong where a geometry is null
        "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(folder),
    }
    return {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ} | ours
