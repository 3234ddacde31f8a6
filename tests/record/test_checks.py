"""What is refused before anything is recorded, and what the refusal says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.record.conftest import Desk


def refused(folder: Path, *options: str, **environment: str) -> str:
    """What the command says when it must not begin."""
    command = [sys.executable, "-m", "dataclaw", "record", str(folder), "--delay", "0", "--seconds", "2", *options]
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(command, env=env | environment, capture_output=True, text=True, timeout=120)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_without_a_display(tmp_path: Path):
    assert "DISPLAY is not set. Start it in a terminal of the desktop" in refused(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_in_a_wayland_session(tmp_path: Path):
    said = refused(tmp_path / "mine", WAYLAND_DISPLAY="wayland-0")
    assert "this is a Wayland session" in said
    assert 'Choose an "Xorg" or "X11" session' in said


def test_a_display_that_is_not_there(tmp_path: Path):
    assert "the display ':4711' cannot be used" in refused(tmp_path / "mine", DISPLAY=":4711")


def test_a_folder_that_holds_something(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("keep me")
    assert "is not empty. Name a new folder" in refused(tmp_path)
    assert "is a file. Name a new folder" in refused(tmp_path / "letter.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--monitor", "4"], "--monitor: no monitor 4. There is 1 monitor; 0 means all."),
        (["--stop-key", "f99"], "no key is called 'f99'. Did you mean 'f9'"),
    ],
)
def test_what_is_not_there(options: list[str], said: str, bare_desk: Desk, tmp_path: Path):
    assert said in refused(tmp_path / "mine", *options, **bare_desk.env)
    assert not (tmp_path / "mine").exists()


def test_without_the_extra(tmp_path: Path):
    code = "import sys; sys.modules['mss'] = None; from dataclaw.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "record", str(tmp_path / "mine")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "mss not installed. Run: pip install 'dataclaw-tailor[record]'" in " ".join(done.stderr.split())
