"""Read and write the compact array files of the base data: the same arrays always give the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import BaseDataError

DATA_DIR = Path(__file__).parent / "data"

Array = npt.NDArray[Any]

# zip members carry a date; a fixed one keeps the bytes the same from build to build
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays as a deterministic ``.npz`` file (members in name order)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


def read_arrays(name: str, directory: Path = DATA_DIR) -> dict[str, Array]:
    """Read a file of :func:`write_arrays`.

    Raises
    ------
    BaseDataError
        The file is missing or not such a file.
    """
    path = directory / f"{name}.npz"
    try:
        # opened here: numpy leaves its own handle open when the file turns out to be damaged
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise BaseDataError(f"base data {path} cannot be read ({error}); run 'make data' to prepare it anew") from error


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a gzipped CSV whose bytes depend on its rows only."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=9, mtime=0) as out:
        out.write(text.getvalue().encode())


def encode_texts(texts: list[str]) -> dict[str, Array]:
    """Pack texts as one UTF-8 byte array with offsets: object arrays would need pickle."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(item) for item in encoded], out=offsets[1:])
    return {"bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8), "offsets": offsets}


def decode_texts(data: Array, offsets: Array) -> list[str]:
    """Unpack what :func:`encode_texts` packed."""
    raw = data.tobytes()
    bounds = offsets.tolist()
    return [raw[start:end].decode() for start, end in pairwise(bounds)]
