"""How many features a FlatGeobuf holds, counted by their lengths: GDAL stops where a cut file ends without a word."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Final

from geo.reading.drafts import FileFault

_MAGIC_BYTES: Final = 8
_RELEASE_AFTER: Final = 50_000
_NODE_BYTES: Final = 40
# places of two members in the header's table (header.fbs of FlatGeobuf 3), and what they are where left out
_FEATURES_COUNT: Final = 8
_INDEX_NODE_SIZE: Final = 9
_DEFAULT_NODE_SIZE: Final = 16


def feature_count(file: Path) -> int:
    """Count the features.

    Raises
    ------
    FileFault
        When the lengths do not end where the file ends, or the header says another count.
    """
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        try:
            stated, at = _head(content)
            counted = 0
            while at < len(content):
                at += 4 + struct.unpack_from("<I", content, at)[0]
                counted += 1
                if counted % _RELEASE_AFTER == 0 and hasattr(content, "madvise"):
                    # else the whole file would count as memory of ours
                    content.madvise(mmap.MADV_DONTNEED)
        except struct.error:
            at, stated, counted = -1, 0, 0
        if at != len(content) or (stated and counted != stated):
            raise FileFault(
                f"says it has {stated or 'more'} features and holds {counted} whole ones; it is damaged or cut off"
            )
    return counted


def _head(content: mmap.mmap) -> tuple[int, int]:
    """Give the count that the header says (0: it does not) and where the first feature begins."""
    (length,) = struct.unpack_from("<I", content, _MAGIC_BYTES)
    start = _MAGIC_BYTES + 4
    table = start + struct.unpack_from("<I", content, start)[0]
    stated = _member(content, table, _FEATURES_COUNT, "<Q", 0)
    node_size = _member(content, table, _INDEX_NODE_SIZE, "<H", _DEFAULT_NODE_SIZE)
    return stated, start + length + (_index_bytes(stated, node_size) if stated and node_size > 1 else 0)


def _member(content: mmap.mmap, table: int, number: int, kind: str, default: int) -> int:
    """Give a member of a FlatBuffers table."""
    vtable = table - struct.unpack_from("<i", content, table)[0]
    (size,) = struct.unpack_from("<H", content, vtable)
    place = 4 + 2 * number
    offset = struct.unpack_from("<H", content, vtable + place)[0] if place < size else 0
    return int(struct.unpack_from(kind, content, table + offset)[0]) if offset else default


def _index_bytes(features: int, node_size: int) -> int:
    """Give the size of the packed tree over the features."""
    level = nodes = features
    while level > 1:
        level = -(-level // node_size)
        nodes += level
    # a single feature has a root of its own
    return _NODE_BYTES * (nodes + (features == 1))
