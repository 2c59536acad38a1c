"""Collects nodes and links row by row and turns them into columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from shapely import LineString

from geo.boundaries import country_index
from geo.geodesy import Coords
from network.table import ALWAYS, Coded, LinkKind, Links, Network, Nodes


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node."""

    id: str
    lon: float
    lat: float
    mode: str
    gauge_mm: int
    country: str
    place: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link between two nodes; ``countries`` None means: to be found from the shape."""

    a: int
    b: int
    kind: LinkKind
    mode: str
    length_m: float
    coords: Coords
    gauge_mm: int = 0
    country: str = ""
    countries: tuple[str, ...] | None = ()
    lines: tuple[str, ...] = ()
    status: str = "open"
    opens: int = ALWAYS
    grade: str = "track"
    crossing: str = ""
    passage: str = ""


@dataclass
class NetworkBuilder:
    """Grows a network; node ids are unique."""

    nodes: list[NodeRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _number: dict[str, int] = field(default_factory=dict)

    def node(self, row: NodeRow) -> int:
        """Return the number of the node, adding it if its id is new."""
        number = self._number.get(row.id)
        if number is None:
            number = self._number[row.id] = len(self.nodes)
            self.nodes.append(row)
        return number

    def find(self, node_id: str) -> int | None:
        """Return the number of a node already added."""
        return self._number.get(node_id)

    def link(self, row: LinkRow) -> None:
        """Add a link."""
        self.links.append(row)

    def finish(self) -> Network:
        """Return the columns; unset ``countries`` are found from the 1:10m outlines."""
        links = self.links
        open_rows = [place for place, link in enumerate(links) if link.countries is None]
        touched = country_index().countries_of_lines(LineString(links[place].coords) for place in open_rows)
        found = dict(zip(open_rows, touched, strict=True))
        countries = [link.countries if link.countries is not None else found[n] for n, link in enumerate(links)]
        counts = [len(link.coords) for link in links]
        columns = Links(
            a=np.asarray([link.a for link in links], dtype=np.int64),
            b=np.asarray([link.b for link in links], dtype=np.int64),
            length_m=np.asarray([link.length_m for link in links], dtype=np.float64),
            gauge_mm=np.asarray([link.gauge_mm for link in links], dtype=np.int64),
            opens=np.asarray([link.opens for link in links], dtype=np.int64),
            kind=Coded.of([link.kind.value for link in links]),
            mode=Coded.of([link.mode for link in links]),
            country=Coded.of([link.country for link in links]),
            countries=Coded.of([";".join(codes) for codes in countries]),
            lines=Coded.of([";".join(link.lines) for link in links]),
            status=Coded.of([link.status for link in links]),
            grade=Coded.of([link.grade for link in links]),
            crossing=Coded.of([link.crossing for link in links]),
            passage=Coded.of([link.passage for link in links]),
            shape_offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            shape_coords=np.concatenate([link.coords for link in links]) if links else np.empty((0, 2)),
        )
        nodes = Nodes(
            ids=tuple(node.id for node in self.nodes),
            lon=np.asarray([node.lon for node in self.nodes], dtype=np.float64),
            lat=np.asarray([node.lat for node in self.nodes], dtype=np.float64),
            mode=Coded.of([node.mode for node in self.nodes]),
            gauge_mm=np.asarray([node.gauge_mm for node in self.nodes], dtype=np.int64),
            country=Coded.of([node.country for node in self.nodes]),
            place=Coded.of([node.place for node in self.nodes]),
        )
        return Network(nodes, columns, tuple(self.warnings))
