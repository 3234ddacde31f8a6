from __future__ import annotations

import shutil
from pathlib import Path

from examples.subgraph import make_team, summarise

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"


def test_a_supervisor_hands_each_recording_to_the_graph_and_keeps_what_comes_back(tmp_path: Path):
    shutil.copytree(TRACE, tmp_path / "again")
    end = make_team().invoke({"waiting": [str(TRACE), str(tmp_path / "again")]})
    assert [line.partition(": reward")[0] for line in end["summary"].splitlines()] == ["calendar_only", "again"]
    assert [len(sample["answer"]["actions"]) for sample in end["kept"]] == [12, 12]
    assert end["lost"] == []


def test_what_was_rejected_is_told_with_its_reason():
    lost = {"stream": {"name": "still"}, "reason": "nothing was typed.", "remedy": "Record more."}
    assert summarise({"kept": [], "lost": [lost]}) == {"summary": "still: nothing was typed. Record more."}
