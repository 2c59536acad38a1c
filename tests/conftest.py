"""What many tests need: the shipped atlas, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridors.atlas import Atlas, load_atlas
from network.route import Router


@pytest.fixture(scope="session")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """The shipped catalogue; its compiled network is kept for this run only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_CACHE", str(tmp_path_factory.mktemp("cache")))
        loaded = load_atlas()
        assert loaded.network.nodes
    return loaded


@pytest.fixture(scope="session")
def router(atlas: Atlas) -> Router:
    return atlas.router


@pytest.fixture
def root() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parents[1]
