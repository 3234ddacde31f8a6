from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bad_input.files import agentnet

INTENT = "Extract the ordered UI actions with coordinates"
COMMAND = [sys.executable, "-m", "dataclaw.cli"]
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "DATACLAW_CACHE": str(tmp_path / "cache"), "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path) -> Cli:
    """The command in a process of its own, in an empty folder; a user's error must never show a traceback."""

    def call(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)], cwd=tmp_path, env=environment, input=stdin, capture_output=True, text=True
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return call


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    file = tmp_path / "trace.jsonl"
    file.write_text(agentnet())
    return file


def samples(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "samples.jsonl").read_text().split("\n") if line]
