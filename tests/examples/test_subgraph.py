from __future__ import annotations

from pathlib import Path

import pytest

from examples.subgraph import main

ROOT = Path(__file__).parents[2]


def test_the_graph_runs_as_a_node_of_another_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path))
    end = main(str(ROOT / "examples" / "traces" / "calendar_only"))
    assert end["summary"].startswith("1 sample(s), 0 rejected\naction_sequence: 12 actions, reward")
    assert end["samples"][0]["domain"] == "gui"
