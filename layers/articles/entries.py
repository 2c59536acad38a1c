"""A thing that a name may mean, and one name of it."""

from __future__ import annotations

from dataclasses import dataclass

INFRASTRUCTURE = frozenset({"line", "corridor"})


@dataclass(frozen=True, slots=True)
class Entity:
    """Something a name may mean."""

    target: str
    kind: str
    names: tuple[str, ...]
    countries: tuple[str, ...] = ()
    lon_lat: tuple[float, float] | None = None
    population: int = 0
    rank: int = 0
    """Among places: cities before ports, stations and mere waypoints."""
    mode: str = ""
    is_capital: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one target."""

    target: str
    """Empty for a mask."""
    kind: str
    name: str
    role: str
    """``main``, ``alias``, ``inflected``, ``adjective``, ``people``, ``initials``, ``family`` (a name without its
    number) or ``mask``."""
    language: str = ""
