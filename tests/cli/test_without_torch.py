"""Commands that train, where torch is not installed: they say so at once, and how to get it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dataclaw.cli import main
from tests.docs.pages import ROOT

RECIPE = str(ROOT / "configs" / "chooser.toml")
COMMANDS = {
    "downstream": ["downstream", "run", "gui", "--small"],
    "sft": ["train", "sft", RECIPE],
    "grpo": ["train", "grpo", RECIPE],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_training_without_torch_names_the_extra(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # as Python notes what cannot be imported
    monkeypatch.setattr("sys.argv", ["dataclaw", *COMMANDS[name], "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = " ".join(capsys.readouterr().err.split())
    assert stopped.value.code == 1
    assert "torch is not installed" in said
    assert "pip install" in said
    assert not (tmp_path / "out").exists()
