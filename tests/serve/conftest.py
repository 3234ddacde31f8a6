from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.bad_input.files import agentnet

ROOT = Path(__file__).parents[2]
INTENT = "Extract the ordered UI actions with coordinates"
TRACE = "traces/calendar_only"
CUT = "cuts/violin_workshop.edl"
CUT_INTENT = "a cut list of the two longest talking heads"
PATIENCE = 200.0


@dataclass
class Face:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    @property
    def url(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """End it; its exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(60)

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=PATIENCE, **more)


Start = Callable[..., Face]


@contextmanager
def program(*command: object, cwd: Path, **more: str) -> Iterator[Face]:
    """A program that prints its address first; ended at the end, if it is not by then."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATACLAW_CACHE": str(cwd.parent / "cache"),
    }
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**environment, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        words = [word for word in line.split() if word.startswith("http://")]
        assert words, line + process.stdout.read()
        yield Face(process, words[-1])
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a program that prints its address first."""
    with ExitStack() as begun:

        def begin(*command: object, cwd: Path = tmp_path, **more: str) -> Face:
            return begun.enter_context(program(*command, cwd=cwd, **more))

        yield begin


def serve(*options: object) -> list[object]:
    """The command of a server at a free port whose home is in the folder that it is started in."""
    return ["-m", "dataclaw", "serve", "--port", 0, "--home", "home", *options]


def many_traces(file: Path, count: int = 60) -> Path:
    """A file with so many different traces that a job on them takes a while."""
    line = "pyautogui.click(x=0.25, y={})"
    file.write_text("".join(agentnet([line.format((n + 1) / 1000)], task_id=f"t{n}") for n in range(count)))
    return file


def job_of(client: httpx.Client, *streams: str, **more: Any) -> str:
    """Start a job; its id."""
    answer = client.post("/v1/jobs", json={"streams": list(streams), "intent": INTENT, **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def until(client: httpx.Client, job: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The job once it is as far as asked."""
    deadline = time.monotonic() + PATIENCE
    while not reached(told := client.get(f"/v1/jobs/{job}").json()):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told


def has_ended(told: dict[str, Any]) -> bool:
    return told["ended"] is not None


def events_of(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Number (0 without one), kind and data of each server-sent event."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((int(fields.get("id", 0)), fields["event"], json.loads(fields["data"])))
    return found
