"""What the tests of checks and lengths look at: the shipped catalogue, traced and with its corridors drawn, once."""

from __future__ import annotations

import pytest

from corridors.atlas import Atlas
from layers.catalogue import Catalogue
from layers.tracing import Tracks
from network.checks import Drawn
from network.corridor_layers import draw_corridors


@pytest.fixture(scope="session")
def catalogue(atlas: Atlas) -> Catalogue:
    return atlas.catalogue


@pytest.fixture(scope="session")
def tracks(atlas: Atlas) -> Tracks:
    tracks: Tracks = atlas.tracks
    return tracks


@pytest.fixture(scope="session")
def drawn(atlas: Atlas) -> Drawn:
    return draw_corridors(atlas.router, atlas.tracks)
