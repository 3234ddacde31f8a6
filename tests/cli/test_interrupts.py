"""A run that is asked to end at any moment ends by itself, soon, and leaves a folder to go on from."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bad_input.files import agentnet

STREAMS = 150
MOMENTS = int(os.environ.get("INTERRUPTS", "12"))
"""How many runs are interrupted; `make interrupts` asks for 300."""


def ended(folder: Path, out: Path, number: signal.Signals, moment: float, workers: int = 1) -> tuple[int, str]:
    """Exit code and stderr of a run that got a signal so many seconds after its first stream was begun."""
    command = [sys.executable, "-m", "dataclaw", "run", "-i", "list every action", "-d", "gui", "--no-report"]
    command += ["--workers", str(workers), "--out", str(out), str(folder)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    )  # fmt: skip
    while not (out / "run.toml").exists():
        assert process.poll() is None
        time.sleep(0.005)
    time.sleep(moment)
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def check(out: Path, code: int, said: str, number: signal.Signals) -> None:
    if code == 0:  # it was done before
        return
    assert code == 128 + number, said
    assert "Traceback" not in said
    assert "Run it again to go on." in said
    files = [out / f"{name}.jsonl" for name in ("samples", "rejected")]
    tables = [file.read_text() for file in files if file.exists()]  # there are none before a stream is done
    made = [json.loads(line)["stream"]["id"] for table in tables for line in table.splitlines()]
    assert sorted(made) == sorted(file.stem for file in (out / "done").glob("*.json"))


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(STREAMS):
        (folder / f"{number:02}.jsonl").write_text(agentnet([f"pyautogui.click(x=0.{number + 10}, y=0.5)"] * 9))
    return folder


@pytest.mark.timeout(600)
def test_a_request_to_end_writes_the_tables(tmp_path: Path, folder: Path):
    code, said = ended(folder, tmp_path / "out", signal.SIGTERM, 2.0)
    check(tmp_path / "out", code, said, signal.SIGTERM)
    assert code == 143
    assert list((tmp_path / "out" / "done").iterdir())


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_ctrl_c_at_any_moment_neither_hangs_nor_crashes(tmp_path: Path, folder: Path):
    draw = random.Random(18)
    for attempt in range(MOMENTS):
        out = tmp_path / f"out-{attempt}"
        code, said = ended(folder, out, signal.SIGINT, draw.uniform(0.0, 4.0), workers=1 + attempt % 2)
        check(out, code, said, signal.SIGINT)
        shutil.rmtree(out)
