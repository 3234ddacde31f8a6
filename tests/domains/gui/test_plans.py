"""A draft that comes back is mended where the findings say how, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw import tailor
from dataclaw.domains.gui.plans import without_unproven
from dataclaw.types import Finding

DRAFT = {
    "cot": [{"cite": ["e1", "e2", "e3"], "text": "a"}, {"cite": ["e4", "e5", "e6"], "text": "b"}],
    "actions": [{"cite": ["e1", "w1", "t1"], "verb": "click", "target": "OK", "time": 1.0}],
}


def test_what_proves_nothing_goes() -> None:
    findings = (
        Finding("/cot/0/cite", "3 of 3 prove nothing", "sparing", 0.67),
        Finding("/actions/0/cite", "1 of 3 proves nothing", "sparing", 0.9),
        Finding("/actions/0/target", "not there", "evidence", 0.0),
    )
    mended = without_unproven(DRAFT, findings)
    assert mended["cot"] == [{"cite": ["e1", "e2"], "text": "a"}, DRAFT["cot"][1]]
    assert mended["actions"] == [{"cite": ["e1", "w1", "t1"], "verb": "click", "time": 1.0}], "values keep their proof"


def test_without_findings_a_draft_stays_as_it_is() -> None:
    assert without_unproven(DRAFT, ()) == DRAFT
    assert without_unproven(DRAFT, (Finding("/cot/0/cite", "?", "order", 0.0),)) == DRAFT


@pytest.mark.parametrize("task", ["how_to", "test_steps", "navigation_sft"])
def test_a_pointer_that_only_moves_teaches_nothing(tmp_path: Path, task: str) -> None:
    script = tmp_path / "hover.py"
    script.write_text("import pyautogui\npyautogui.moveTo(100, 200)\n")
    (outcome,) = tailor(script, "how to do this", domain="gui", task=task)
    (row,) = outcome.rejected
    assert row["reason"].startswith("nothing that is done in the recording leads to anything")
    assert "action_sequence" in row["remedy"]


def test_clicks_that_nothing_names_are_told_by_their_points_at_once(tmp_path: Path) -> None:
    script = tmp_path / "clicks.py"
    script.write_text("import pyautogui\n" + "".join(f"pyautogui.click({8 * k}, {5 * k})\n" for k in range(1, 61)))
    (outcome,) = tailor(script, "list every action", domain="gui", task="action_sequence")
    (sample,) = outcome.samples
    assert [action["point"] for action in sample["answer"]["actions"]] == [[8 * k, 5 * k] for k in range(1, 61)]
    assert outcome.traces[0]["spent"]["repairs"] == 0
