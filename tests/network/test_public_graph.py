"""The public graph in the hands of networkx and OSMnx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import osmnx as ox
import pytest

from network.public_graph import to_networkx, write_graphml
from network.route import Router
from network.table import EDGE_ATTRIBUTES, NODE_ATTRIBUTES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def graph(router: Router) -> nx.MultiDiGraph[str]:
    return to_networkx(router.network)


def test_attributes_are_those_of_the_table(graph: nx.MultiDiGraph[str]) -> None:
    nodes = {attribute.name for attribute in NODE_ATTRIBUTES}
    edges = {attribute.name for attribute in EDGE_ATTRIBUTES}
    assert all(set(data) == nodes for _, data in graph.nodes(data=True))
    assert all(set(data) == edges for *_, data in graph.edges(data=True))


def test_docs_list_every_attribute_as_the_table_does() -> None:
    text = (ROOT / "docs/network.md").read_text(encoding="utf-8")
    for of, attributes in (("node", NODE_ATTRIBUTES), ("edge", EDGE_ATTRIBUTES)):
        for a in attributes:
            assert f"| {of} | `{a.name}` | {a.kind} | {a.unit} | {a.description} |" in text


def test_networkx_finds_the_same_distance_as_the_router(graph: nx.MultiDiGraph[str]) -> None:
    rail: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for a, b, data in graph.edges(data=True):
        if data["status"] == "open" and data["mode"] == "rail":
            rail.add_edge(a, b, length=data["length"])
    metres = nx.shortest_path_length(rail, "xian/rail/1435", "urumqi/rail/1435", weight="length")
    assert 2300e3 < metres < 2800e3


def test_osmnx_functions_run_on_the_graph(graph: nx.MultiDiGraph[str]) -> None:
    nodes, edges = ox.graph_to_gdfs(graph)
    assert nodes.crs == edges.crs == "epsg:4326"
    assert len(edges) == graph.number_of_edges()
    again = ox.graph_from_gdfs(nodes, edges, graph_attrs=graph.graph)
    assert again.number_of_edges() == graph.number_of_edges()
    # ids are texts, which OSMnx takes for lists of nodes: give lists
    ends: Any = ["almaty/rail/1520"], ["astana/rail/1520"]
    (path,) = ox.routing.shortest_path(graph, *ends, weight="length", cpus=1)
    assert path is not None
    assert len(ox.routing.route_to_gdf(graph, path, weight="length")) == len(path) - 1


def test_osmnx_runs_on_the_graphml_file(router: Router, tmp_path: Path) -> None:
    write_graphml(router.network, tmp_path / "network.graphml")
    # osmnx.load_graphml wants every value as text, as its own writer leaves them: networkx keeps numbers numbers
    back = nx.read_graphml(tmp_path / "network.graphml", force_multigraph=True)
    assert isinstance(back, nx.MultiDiGraph)
    assert back.number_of_nodes() == len(router.network.nodes)
    assert back.number_of_edges() == 2 * len(router.network.links)
    assert back.graph["crs"] == "epsg:4326"
    assert back.nodes["xian/rail/1435"]["country"] == "CHN"
    lengths = nx.get_edge_attributes(back, "length")
    original = to_networkx(router.network)
    assert lengths == nx.get_edge_attributes(original, "length")
    path = nx.shortest_path(back, "almaty/rail/1520", "astana/rail/1520", weight="length")
    nodes = ox.graph_to_gdfs(back, edges=False)
    assert nodes.loc[path, "country"].eq("KAZ").all()
