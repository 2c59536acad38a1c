"""The notebook of examples/ runs, and is kept without outputs."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples" / "planning.ipynb"


@pytest.mark.filterwarnings("ignore")
def test_notebook_runs_from_top_to_bottom(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = os.environ.get("CORRIDORS_CACHE") or str(tmp_path_factory.mktemp("notebook-cache"))
    monkeypatch.setenv("CORRIDORS_CACHE", cache)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat is typed in parts
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parents[1])}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    views = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert sum("<svg" in view for view in views) >= 3
    told = "".join(output.data.get("text/plain", "") for output in outputs if "data" in output)
    assert "it opens if you allow RUS" in told


def test_notebook_is_kept_without_outputs_and_machine_paths() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat is typed in parts
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert not any(f"/{folder}/" in text for folder in ("home", "root", "tmp", "work"))
