"""One writer at a time: commands that write a folder step by step hold it, and a second one says who has it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dataclaw.cli import main
from dataclaw.files import OWNER, is_vacant, owned_folder

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "run": ["run", "-d", "gui", "-i", "every action", "{trace}", "--out", "{out}"],
    "corpus build": ["corpus", "build", "--path", "{trace}", "--domain", "gui", "--streams", "0", "--out", "{out}"],
    "bench build": ["bench", "build", "--domain", "gui", "--count", "1", "--out", "{out}"],
    "train sft": ["train", "sft", str(ROOT / "configs/chooser.toml"), "--corpus", "{none}", "--out", "{out}"],
    "train grpo": ["train", "grpo", str(ROOT / "configs/chooser.toml"), "--corpus", "{none}", "--out", "{out}"],
    "study run": ["study", "run", str(ROOT / "configs/study.toml"), "--corpus", "{none}", "--out", "{out}"],
    "study table": ["study", "table", str(ROOT / "configs/study.toml"), "--out", "{out}"],
    "world make": ["world", "make", "cuts", "--out", "{out}"],
    "explore": ["explore", "-d", "aigc", "-i", "a cut list", "--out", "{parent}"],
    "downstream run": ["downstream", "run", "gui", "--small", "--data", "{none}", "--out", "{out}"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_second_writer_is_told_who_holds_the_folder(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.py"
    trace.write_text("import pyautogui\npyautogui.press('enter')\n")
    out = tmp_path / "explored" / "scenes" if name == "explore" else tmp_path / "out"
    places = {"trace": str(trace), "out": str(out), "none": str(tmp_path / "none"), "parent": str(out.parent)}
    monkeypatch.setattr("sys.argv", ["dataclaw", *(word.format(**places) for word in COMMANDS[name])])
    with owned_folder(out):
        before = sorted(file.name for file in out.iterdir())
        with pytest.raises(SystemExit) as stopped:
            main()
        assert sorted(file.name for file in out.iterdir()) == before == [OWNER]
    said = " ".join(capsys.readouterr().err.split())
    assert stopped.value.code == 2, said
    assert re.search(
        rf"process {os.getpid()} on \S+, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\S*, writes into this", said
    )
    assert "Wait until that is done, stop it, or name another folder." in said


def test_a_folder_that_only_names_its_owner_is_vacant(tmp_path: Path) -> None:
    assert is_vacant(tmp_path / "none")
    with owned_folder(tmp_path / "out"):
        assert is_vacant(tmp_path / "out")
    (tmp_path / "out" / "more").touch()
    assert not is_vacant(tmp_path / "out")
