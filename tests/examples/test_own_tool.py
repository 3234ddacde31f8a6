from __future__ import annotations

from pathlib import Path

from examples.own_tool import longest_pause, main

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"


def test_a_tool_of_ones_own_is_called_and_its_anchor_stands_in_the_trace():
    end = main(str(TRACE))
    assert len(end["samples"]) == 1
    first, answer = end["trace"]["turns"][:2]
    assert longest_pause.name in first["text"]
    assert "nothing for" in answer["text"]
