from __future__ import annotations

import base64
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


def test_the_notebook_runs_and_shows_samples_and_pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOK.parents[1]))
    book = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells), "it is kept without its outputs"
    nbclient.NotebookClient(book, timeout=200, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    shown = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output.output_type == "error"]
    tables = [output.data["text/html"] for output in shown if "text/html" in output.get("data", {})]
    assert "Which actions are carried out" in tables[0]
    kinds = {kind for output in shown for kind in output.get("data", {})}
    assert {"image/jpeg", "image/png"} <= kinds
    last = base64.b64decode(shown[-1].data["image/png"])
    assert len(last) > 20_000
