"""The network as one file of arrays: read back in a tenth of a second, checked by a checksum."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import BaseDataError
from network.table import Coded, Links, Network, Nodes

_MAGIC = b"corridors network 1\n"
_NODE_NUMBERS = ("lon", "lat", "gauge_mm")
_NODE_TEXTS = ("mode", "country", "place")
_LINK_NUMBERS = ("a", "b", "length_m", "gauge_mm", "opens", "shape_offsets", "shape_coords")
_LINK_TEXTS = ("kind", "mode", "country", "countries", "lines", "status", "grade", "crossing", "passage")


def write_network(network: Network, path: Path) -> None:
    """Write all columns, preceded by their sha256."""
    arrays = {f"node_{name}": getattr(network.nodes, name) for name in _NODE_NUMBERS}
    arrays |= {f"link_{name}": getattr(network.links, name) for name in _LINK_NUMBERS}
    words: dict[str, object] = {"ids": network.nodes.ids, "warnings": network.warnings}
    for prefix, table, names in (("node", network.nodes, _NODE_TEXTS), ("link", network.links, _LINK_TEXTS)):
        for name in names:
            column = getattr(table, name)
            arrays[f"{prefix}_{name}"] = column.codes
            words[f"{prefix}_{name}"] = column.words
    arrays["words"] = np.frombuffer(json.dumps(words, ensure_ascii=True).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    # not compressed: the file lives in a cache, and reading speed is all it is for
    np.savez(buffer, allow_pickle=False, **arrays)
    body = buffer.getvalue()
    path.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)


def read_network(path: Path) -> Network:
    """Read what :func:`write_network` wrote.

    Raises
    ------
    BaseDataError
        The file is damaged or of another kind.
    """
    raw = path.read_bytes()
    head = len(_MAGIC)
    body = raw[head + 32 :]
    if raw[:head] != _MAGIC or hashlib.sha256(body).digest() != raw[head : head + 32]:
        raise BaseDataError(f"{path} is no sound compiled network; it will be built anew")
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    words = json.loads(arrays["words"].tobytes())

    def coded(name: str) -> Coded:
        return Coded(arrays[name], tuple(words[name]))

    columns: dict[str, Any] = {f"node_{name}": arrays[f"node_{name}"] for name in _NODE_NUMBERS}
    columns |= {f"link_{name}": arrays[f"link_{name}"] for name in _LINK_NUMBERS}
    columns |= {f"node_{name}": coded(f"node_{name}") for name in _NODE_TEXTS}
    columns |= {f"link_{name}": coded(f"link_{name}") for name in _LINK_TEXTS}
    nodes = Nodes(
        ids=tuple(words["ids"]),
        **{name: columns[f"node_{name}"] for name in (*_NODE_NUMBERS, *_NODE_TEXTS)},
    )
    links = Links(**{name: columns[f"link_{name}"] for name in (*_LINK_NUMBERS, *_LINK_TEXTS)})
    return Network(nodes, links, tuple(words["warnings"]))
