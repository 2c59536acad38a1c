"""The network as a ``networkx.MultiDiGraph`` in OSMnx conventions, and its GraphML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
from shapely import LineString

from geo.atomic import replace_file
from network.table import Network


def to_networkx(network: Network, *, with_geometry: bool = True) -> nx.MultiDiGraph[str]:
    """Return the public graph: ``x``, ``y`` in degrees, ``length`` in metres, ``geometry`` in WGS 84.

    Every link gives one edge in each direction; the key counts parallel links between two nodes. Attributes are those
    of :data:`network.table.NODE_ATTRIBUTES` and :data:`network.table.EDGE_ATTRIBUTES`.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(crs="epsg:4326", name="corridors", simplified=True)
    nodes, links = network.nodes, network.links
    for number, key in enumerate(nodes.ids):
        graph.add_node(
            key,
            x=float(nodes.lon[number]),
            y=float(nodes.lat[number]),
            place=nodes.place[number],
            mode=nodes.mode[number],
            gauge_mm=int(nodes.gauge_mm[number]),
            country=nodes.country[number],
        )
    for link in range(len(links)):
        start, end = nodes.ids[int(links.a[link])], nodes.ids[int(links.b[link])]
        attributes = _edge_attributes(network, link)
        shape = links.shape(link)
        for tail, head, coords in ((start, end, shape), (end, start, shape[::-1])):
            graph.add_edge(tail, head, **attributes, **({"geometry": LineString(coords)} if with_geometry else {}))
    return graph


def _edge_attributes(network: Network, link: int) -> dict[str, Any]:
    links = network.links
    return {
        "length": float(links.length_m[link]),
        "kind": links.kind[link],
        "mode": links.mode[link],
        "gauge_mm": int(links.gauge_mm[link]),
        "country": links.country[link],
        "countries": links.countries[link],
        "lines": links.lines[link],
        "status": links.status[link],
        "opens": int(links.opens[link]),
        "grade": links.grade[link],
        "crossing": links.crossing[link],
        "passage": links.passage[link],
    }


def write_graphml(network: Network, path: Path) -> None:
    """Write the public graph without shapes as GraphML, which networkx, OSMnx, igraph and Gephi read.

    Shapes are left out: they are in the GeoPackage, and as text they would make the file several times as large.
    """
    graph = to_networkx(network, with_geometry=False)
    # empty texts say nothing, and there are a million of them
    for attributes in (*(data for _, data in graph.nodes(data=True)), *(data for *_, data in graph.edges(data=True))):
        for name in [name for name, value in attributes.items() if value == ""]:
            del attributes[name]
    replace_file(path, lambda temporary: nx.write_graphml(graph, temporary, encoding="utf-8", prettyprint=False))
