"""What is told of an import: the first few of a kind one by one, the rest as a count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from geo.geodesy import LonLat

TOLD = 20
"""Things of one kind that are told one by one."""


@dataclass
class Told:
    """Tells things of one kind; ``warnings`` grows."""

    warnings: list[str]
    what: str
    count: int = 0

    def add(self, tell: Callable[[], str]) -> None:
        """Count one, and tell it if it is among the first: finding the reason may take long."""
        self.count += 1
        if self.count <= TOLD:
            self.warnings.append(tell())

    def finish(self) -> None:
        """Tell how many more there were."""
        if self.count > TOLD:
            self.warnings.append(f"… and {self.count - TOLD:,} more {self.what} of this kind")


def tell_assumed(warnings: list[str], what: str) -> None:
    """Tell, once, what only the user says (changes ``warnings``)."""
    text = f"assumed in this study, as you state it: {what}"
    if text not in warnings:
        warnings.append(text)


def spot_text(lon_lat: LonLat) -> str:
    """Return ``lon,lat`` to about a metre.

    >>> spot_text((73.9, 39.68))
    '73.90000,39.68000'
    """
    return f"{lon_lat[0]:.5f},{lon_lat[1]:.5f}"
