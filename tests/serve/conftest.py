from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]


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
        """End it, and everything that it started where it is killed."""
        self.process.send_signal(with_signal)
        return self.process.wait(60)


Start = Callable[..., Face]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a program that prints its address first; ended with the test, if it is not by then."""
    begun: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATACLAW_CACHE": str(tmp_path / "cache"),
    }

    def begin(*command: object, cwd: Path = tmp_path, **more: str) -> Face:
        process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            cwd=cwd,
            env={**environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        words = [word for word in line.split() if word.startswith("http://")]
        assert words, line + process.stdout.read()
        return Face(process, words[-1])

    yield begin
    for process in begun:
        process.kill()
        process.communicate()
