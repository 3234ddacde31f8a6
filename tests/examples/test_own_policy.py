from __future__ import annotations

from pathlib import Path

import pytest

from examples.own_policy import main

ROOT = Path(__file__).parents[2]


def test_a_policy_of_ones_own_decides_and_is_recorded(
    capsys: pytest.CaptureFixture[str],
):
    end = main(str(ROOT / "examples" / "traces" / "calendar_only"))
    assert [sample["made_by"]["policy"] for sample in end["samples"]] == ["mine"]
    first, *others = capsys.readouterr().err.splitlines()
    assert " messages, " in first
    assert others
