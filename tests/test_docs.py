"""Every Python example in docs/ runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
BLOCKS = [
    (page.name, block)
    for page in sorted(DOCS.glob("*.md"))
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.fixture(scope="session")
def docs_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One compiled network for all examples."""
    return tmp_path_factory.mktemp("docs-cache")


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[page for page, _ in BLOCKS])
def test_example_runs(page: str, block: str, monkeypatch: pytest.MonkeyPatch, docs_cache: Path) -> None:
    monkeypatch.setenv("CORRIDORS_CACHE", str(docs_cache))
    exec(compile(block, page, "exec"), {})  # noqa: S102 - our own documentation
