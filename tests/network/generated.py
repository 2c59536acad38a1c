"""Small networks for tests: from a list of links, and drawn by hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from network.table import Coded, Links, Network, Nodes


def make_network(size: int, edges: list[tuple[int, int, int]]) -> Network:
    """A network of road nodes with the given weights as lengths in metres."""
    words = {"road": Coded.of(["road"] * size), "empty": Coded.of([""] * size)}
    nodes = Nodes(
        ids=tuple(f"n{number}" for number in range(size)),
        lon=np.arange(size, dtype=float),
        lat=np.zeros(size),
        mode=words["road"],
        gauge_mm=np.zeros(size, dtype=np.int64),
        country=words["empty"],
        place=words["empty"],
    )
    count = len(edges)
    blank, road = Coded.of([""] * count), Coded.of(["road"] * count)
    links = Links(
        a=np.asarray([edge[0] for edge in edges], dtype=np.int64),
        b=np.asarray([edge[1] for edge in edges], dtype=np.int64),
        length_m=np.asarray([edge[2] for edge in edges], dtype=np.float64),
        gauge_mm=np.zeros(count, dtype=np.int64),
        opens=np.zeros(count, dtype=np.int64),
        kind=road,
        mode=road,
        country=blank,
        countries=blank,
        lines=blank,
        status=Coded.of(["open"] * count),
        grade=blank,
        crossing=blank,
        passage=blank,
        shape_offsets=np.arange(count + 1) * 2,
        shape_coords=np.asarray([(float(end), 0.0) for edge in edges for end in edge[:2]]).reshape(-1, 2),
    )
    return Network(nodes, links)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Network, list[bool], int, int]:
    size = draw(st.integers(2, 12))
    node = st.integers(0, size - 1)
    edges = draw(
        st.lists(
            st.tuples(node, node, st.integers(1, 1000)).filter(lambda edge: edge[0] != edge[1]), min_size=1, max_size=40
        )
    )
    usable = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
    return make_network(size, edges), usable, draw(node), draw(node)
