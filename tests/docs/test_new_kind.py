"""A reader follows `docs/new-kind.md` word for word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.docs.following import follow_page, run_tests

PAGE = "docs/new-kind.md"


@pytest.mark.timeout(300)
def test_following_the_page_word_for_word_works(place: Path) -> None:
    follow_page(PAGE, place)
    lines = (place / "week" / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["left_out"]["count"] for line in lines] == [0, 0], "phases stand for their events"
    monday, tuesday = (json.loads(line)["answer"]["phases"] for line in lines)
    assert [(phase["what"], phase["lowest"]) for phase in monday] == [
        ("cold phase", 1.6), ("mild phase", 6.4), ("warm phase", 26.3), ("mild phase", 24.1),
    ]  # fmt: skip
    assert [phase["lowest"] for phase in tuesday] == [7.2]
    assert "frost damage" not in "".join(file.read_text() for file in (place / "week" / "traces").rglob("*.jsonl"))
    run_tests("greenhouse", place)
