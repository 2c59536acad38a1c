"""The network as columns: nodes, undirected links and their shapes, quick to weigh, cut and store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.geodesy import Coords

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NEVER = 9999
"""Year of an opening that nobody has announced."""
ALWAYS = -9999
"""Year of an opening before memory."""


class LinkKind(StrEnum):
    """What a link stands for; also the ``kind`` of a route's legs."""

    RAIL = "rail"
    ROAD = "road"
    SEA = "sea"
    FERRY = "ferry"
    AIR = "air"
    PIPELINE = "pipeline"
    BORDER = "border"
    GAUGE_CHANGE = "gauge_change"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the public graph."""

    name: str
    kind: str
    unit: str
    description: str


NODE_ATTRIBUTES = (
    Attribute("x", "float", "degree", "longitude, WGS 84"),
    Attribute("y", "float", "degree", "latitude, WGS 84"),
    Attribute("place", "text", "", "id of the catalogue place, empty for a plain node of the base network"),
    Attribute("mode", "text", "", "rail, road, sea, ferry, air, gas or oil"),
    Attribute("gauge_mm", "integer", "mm", "railway gauge, 0 for other modes"),
    Attribute("country", "text", "", "ISO 3166-1 alpha-3, empty at sea"),
)
EDGE_ATTRIBUTES = (
    Attribute("length", "float", "m", "length along the course"),
    Attribute("kind", "text", "", "rail, road, sea, ferry, air, pipeline, border, gauge_change or transfer"),
    Attribute("mode", "text", "", "mode of the vehicle on it"),
    Attribute("gauge_mm", "integer", "mm", "railway gauge, 0 for other modes"),
    Attribute("country", "text", "", "country that runs it, or both of a border joined with ;"),
    Attribute("countries", "text", "", "all countries its drawn shape touches, joined with ;"),
    Attribute("lines", "text", "", "ids of the catalogue lines on it, joined with ;"),
    Attribute("status", "text", "", "open, construction, planned, proposed, suspended or closed"),
    Attribute("opens", "integer", "year", "first year of traffic; -9999 unknown but open, 9999 not announced"),
    Attribute("grade", "text", "", "track, traced or schematic"),
    Attribute("crossing", "text", "", "id of the listed crossing, or the control regime of an unlisted border"),
    Attribute("passage", "text", "", "strait or canal"),
    Attribute("geometry", "linestring", "degree", "course, WGS 84 lon/lat"),
)


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as codes into a short vocabulary."""

    codes: npt.NDArray[np.int32]
    words: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Coded:
        """Code texts; the vocabulary is sorted, so equal columns are equal bytes."""
        words = sorted(set(texts))
        number = {word: place for place, word in enumerate(words)}
        return cls(np.fromiter((number[text] for text in texts), dtype=np.int32, count=len(texts)), tuple(words))

    def __getitem__(self, row: int) -> str:
        return self.words[int(self.codes[row])]

    def is_in(self, wanted: frozenset[str], rows: Ints | slice = slice(None)) -> npt.NDArray[np.bool_]:
        """Return a mask of the rows, or of some of them, whose text is wanted."""
        return self.matches(wanted.__contains__, rows)

    def matches(self, test: Callable[[str], object], rows: Ints | slice = slice(None)) -> npt.NDArray[np.bool_]:
        """Return a mask of the rows, or of some of them, whose text passes a test, asked once per word."""
        verdict = np.fromiter((bool(test(word)) for word in self.words), dtype=bool, count=len(self.words))
        codes = self.codes[rows]
        return verdict[codes] if len(verdict) else np.zeros(len(codes), dtype=bool)


@dataclass(frozen=True)
class Nodes:
    """Columns of the nodes."""

    ids: tuple[str, ...]
    lon: Floats
    lat: Floats
    mode: Coded
    gauge_mm: Ints
    country: Coded
    place: Coded

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Links:
    """Columns of the links; a link runs both ways between nodes ``a`` and ``b``, its shape from ``a`` to ``b``."""

    a: Ints
    b: Ints
    length_m: Floats
    gauge_mm: Ints
    opens: Ints
    kind: Coded
    mode: Coded
    country: Coded
    countries: Coded
    lines: Coded
    status: Coded
    grade: Coded
    crossing: Coded
    passage: Coded
    shape_offsets: Ints
    shape_coords: Coords

    def __len__(self) -> int:
        return len(self.a)

    def shape(self, link: int) -> Coords:
        """Return the lon/lat course of a link from ``a`` to ``b``."""
        return self.shape_coords[self.shape_offsets[link] : self.shape_offsets[link + 1]]


@dataclass(frozen=True)
class Network:
    """Nodes and links of all modes, with notes about what could not be joined."""

    nodes: Nodes
    links: Links
    warnings: tuple[str, ...] = ()

    @cached_property
    def nodes_of_place(self) -> Mapping[str, tuple[int, ...]]:
        """Place id → its nodes, one per mode and gauge."""
        found: dict[str, list[int]] = {}
        for node, code in enumerate(self.nodes.place.codes.tolist()):
            word = self.nodes.place.words[code]
            if word:
                found.setdefault(word, []).append(node)
        return {place: tuple(nodes) for place, nodes in found.items()}
