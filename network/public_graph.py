"""The network as a ``networkx.MultiDiGraph`` in OSMnx conventions, and its GraphML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

import networkx as nx
from shapely import LineString

from geo.atomic import replace_file
from geo.errors import WriteError
from geo.xml_count import count_elements
from network.table import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, Coded, Links, Network, Nodes

_GRAPH_ATTRIBUTES: Mapping[str, str] = MappingProxyType({"crs": "epsg:4326", "name": "corridors", "simplified": "True"})
_GRAPHML_TYPES: Mapping[str, str] = MappingProxyType({"text": "string", "float": "double", "integer": "int"})
# attribute of the public graph → column of the tables
_NODE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"x": "lon", "y": "lat", "place": "place", "mode": "mode", "gauge_mm": "gauge_mm", "country": "country"}
)
_EDGE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {a.name: {"length": "length_m"}.get(a.name, a.name) for a in EDGE_ATTRIBUTES if a.kind != "linestring"}
)


def to_networkx(network: Network) -> nx.MultiDiGraph[str]:
    """Return the public graph: ``x``, ``y`` in degrees, ``length`` in metres, ``geometry`` in WGS 84.

    Every link gives one edge in each direction; the key counts parallel links between two nodes. Attributes are those
    of :data:`network.table.NODE_ATTRIBUTES` and :data:`network.table.EDGE_ATTRIBUTES`.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(crs="epsg:4326", name="corridors", simplified=True)
    nodes, links = network.nodes, network.links
    node_rows = _rows(nodes, _NODE_COLUMNS)
    graph.add_nodes_from(zip(nodes.ids, node_rows, strict=True))
    for link, attributes in enumerate(_rows(links, _EDGE_COLUMNS)):
        start, end = nodes.ids[int(links.a[link])], nodes.ids[int(links.b[link])]
        shape = links.shape(link)
        graph.add_edge(start, end, **attributes, geometry=LineString(shape))
        graph.add_edge(end, start, **attributes, geometry=LineString(shape[::-1]))
    return graph


def _rows(table: Nodes | Links, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the attributes of each row as plain Python values."""
    values = []
    for column in columns.values():
        found = getattr(table, column)
        is_text = isinstance(found, Coded)
        values.append([found.words[code] for code in found.codes.tolist()] if is_text else found.tolist())
    for row in zip(*values, strict=True):
        yield dict(zip(columns, row, strict=True))


def write_graphml(network: Network, path: Path, *, metadata: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write the public graph without shapes as GraphML, which networkx, OSMnx, igraph and Gephi read.

    Shapes are left out: they are in the GeoPackage, and as text they would make the file several times as large.
    Empty texts are left out too. Written from the columns: networkx's own writer takes ten times as long here.
    ``metadata``, such as attribution and licence, becomes attributes of the graph.

    Raises
    ------
    WriteError
        When the file cannot be written; what stood there is untouched.
    """
    replace_file(
        path, lambda temporary: _write_text(temporary, _graphml(network, metadata)), lambda file: _verify(file, network)
    )


def _verify(file: Path, network: Network) -> None:
    """Parse the file again and count; building a graph of it takes many times as long."""
    counts = count_elements(file, ("node", "edge"))
    wanted = {"node": len(network.nodes), "edge": 2 * len(network.links)}
    if counts != wanted:
        raise WriteError(f"{file} was not written whole: read back {counts} of {wanted}; write it again")


def _write_text(path: Path, pieces: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


def _graphml(network: Network, metadata: Mapping[str, str]) -> Iterator[str]:
    """Yield the document in pieces; keys are named after their attributes."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    edge_attributes = [attribute for attribute in EDGE_ATTRIBUTES if attribute.kind != "linestring"]
    for of, attributes in (("node", NODE_ATTRIBUTES), ("edge", edge_attributes)):
        for attribute in attributes:
            yield (
                f'<key id="{of}-{attribute.name}" for="{of}" attr.name="{attribute.name}" '
                f'attr.type="{_GRAPHML_TYPES[attribute.kind]}"/>\n'
            )
    graph_attributes = {**_GRAPH_ATTRIBUTES, **metadata}
    for name in graph_attributes:
        yield f'<key id="graph-{name}" for="graph" attr.name="{name}" attr.type="string"/>\n'
    yield '<graph edgedefault="directed">\n'
    for name, value in graph_attributes.items():
        yield f'<data key="graph-{name}">{escape(value)}</data>\n'
    nodes, links = network.nodes, network.links
    ids = [escape(key, {'"': "&quot;"}) for key in nodes.ids]
    columns = _node_columns(nodes)
    for number, key in enumerate(ids):
        yield f'<node id="{key}">{"".join(column[number] for column in columns)}</node>\n'
    columns = [_data_column("edge", a.name, _EDGE_COLUMNS[a.name], links) for a in edge_attributes]
    seen: dict[tuple[int, int], int] = {}
    for number, (a, b) in enumerate(zip(links.a.tolist(), links.b.tolist(), strict=True)):
        data = "".join(column[number] for column in columns)
        for tail, head in ((a, b), (b, a)):
            parallel = seen.get((tail, head), 0)
            seen[tail, head] = parallel + 1
            yield f'<edge source="{ids[tail]}" target="{ids[head]}" id="{parallel}">{data}</edge>\n'
    yield "</graph>\n</graphml>\n"


def _node_columns(nodes: Nodes) -> list[list[str]]:
    return [_data_column("node", a.name, _NODE_COLUMNS[a.name], nodes) for a in NODE_ATTRIBUTES]


def _data_column(of: str, name: str, column: str, table: Nodes | Links) -> list[str]:
    """Return the ``data`` element of one attribute for each row; empty texts give none."""
    values = getattr(table, column)
    start = f'<data key="{of}-{name}">'
    if isinstance(values, Coded):
        elements = [f"{start}{escape(word)}</data>" if word else "" for word in values.words]
        return [elements[code] for code in values.codes.tolist()]
    return [f"{start}{value!r}</data>" for value in values.tolist()]
