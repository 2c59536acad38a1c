"""A look at WKB before GEOS gets it: GEOS follows parts within parts until its stack, and the program, ends."""

from __future__ import annotations

import struct
from typing import Final

# levels of nesting that are read: a collection of multi parts has two
_LEVELS: Final = 16
# shorter texts have no room for a nesting that does harm
_HARMLESS_BYTES: Final = 16_000


def is_too_deep(wkb: bytes) -> bool:
    r"""Tell whether parts of a geometry nest deeper than is read; of damaged WKB it says nothing.

    Examples
    --------
    >>> is_too_deep(b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 10_000)
    True
    """
    if len(wkb) < _HARMLESS_BYTES:
        return False
    # parts still to come on each level
    left = [1]
    at = 0
    try:
        while left:
            if left[-1] == 0:
                left.pop()
                continue
            left[-1] -= 1
            at, parts = _skip(wkb, at)
            if parts:
                left.append(parts)
            if len(left) > _LEVELS:
                return True
    except struct.error:
        return False
    return False


def _skip(wkb: bytes, at: int) -> tuple[int, int]:
    """Step over one geometry without its parts; gives where it ends and how many parts follow."""
    order = "<" if wkb[at : at + 1] == b"\x01" else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, at + 1)
    at += 5
    if code & 0x20000000:
        at += 4  # an SRID, as PostGIS writes it
    kind = (code & 0xFFFF) % 1000
    iso = (code & 0xFFFF) // 1000
    axes = 2 + bool(code & 0x80000000) + bool(code & 0x40000000) + (0, 1, 1, 2)[min(iso, 3)]
    if kind == 1:
        return at + 8 * axes, 0
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    if kind in (2, 8):
        return at + 8 * axes * count, 0
    if kind in (3, 17):
        for _ in range(count):
            (points,) = struct.unpack_from(f"{order}I", wkb, at)
            at += 4 + 8 * axes * points
        return at, 0
    return at, count
