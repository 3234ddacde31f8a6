"""What a run's end tells is counted while it works, and needs no memory for whole samples."""

from __future__ import annotations

from typing import Any

from dataclaw.cli.run_console import RunTally
from dataclaw.run.ledger import Outcome

LONG = "a long answer " * 1000


def outcome(key: str, source: str, **more: Any) -> Outcome:
    sample: dict[str, Any] = {
        "domain": "gui",
        "answer": LONG,
        "stream": {"id": key, "path": source},
        "intent": {"unused": [], "text": LONG},
        "made_by": {"repairs": 1},
        "verdict": {"total": 0.8, "failed": {}, "rules": LONG},
        "left_out": {"events": 3, "by_reason": {"idle": 1}},
    }
    return Outcome(key, source, samples=(sample,), traces=({"turns": LONG},), artifacts=({"text": LONG},), **more)


def test_no_more_is_kept_than_is_told() -> None:
    tally = RunTally()
    tally.note(outcome("a", "a.json", seconds=2.0))
    assert LONG not in repr(tally)
    assert tally.samples[0]["verdict"] == {"total": 0.8, "failed": {}}
    assert (tally.rate(), tally.exit_code(1.0)) == ("yield 1/1, 0.50 samples/s", 0)


def test_one_content_counts_once_whatever_it_is_called() -> None:
    tally = RunTally()
    tally.note(outcome("a", "a.json", seconds=2.0))
    tally.note(outcome("a", "b.json", same_as="a.json", again=True))
    assert (tally.streams, tally.made, len(tally.samples)) == (2, 1, 1)
    assert tally.same == [{"source": "b.json", "same_as": "a.json"}]


def test_a_stream_without_a_sample_and_too_few_of_them_are_failures() -> None:
    tally = RunTally()
    tally.note(outcome("a", "a.json"))
    row: dict[str, Any] = {"stream": {"path": "b.json"}, "verdict": None, "reason": "empty", "remedy": "Record it."}
    tally.note(Outcome("b", "b.json", samples=tally.once["a"].samples, rejected=(row,)))
    assert (tally.exit_code(0.5), tally.exit_code(0.9)) == (0, 1)
    tally.note(Outcome("c", "c.json", rejected=(row,)))
    assert tally.exit_code(0.0) == 1
    assert tally.rejected[0]["reason"] == "empty"
