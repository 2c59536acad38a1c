"""Which positions of a text are taken."""

from __future__ import annotations

from collections.abc import Iterable

_TAKEN = b"\x01"


class Marks:
    """Taken positions; asking whether a stretch is free takes no longer in a long text."""

    def __init__(self, length: int, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._taken = bytearray(length)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Take a stretch, ``end`` exclusive."""
        self._taken[start:end] = _TAKEN * (end - start)

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether any position of a stretch is taken."""
        return self._taken.find(_TAKEN, start, end) >= 0


def cut_points(spans: Iterable[tuple[int, int]], length: int) -> bytearray:
    """Return 1 at each position where a cut would part one of the spans."""
    points = bytearray(length + 1)
    for start, end in spans:
        points[start + 1 : end] = _TAKEN * max(0, end - start - 1)
    return points
