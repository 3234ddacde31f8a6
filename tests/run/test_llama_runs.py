"""Whole runs against llama.cpp's own server, which is killed in the middle and comes back elsewhere.

Lessons are the quickest; `DATACLAW_LLAMA=all` runs a task of every domain, eleven minutes on two idle cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dataclaw.models.weights import EMBEDDED, models_folder
from dataclaw.worlds import Scene, SceneSpec, find_world
from dataclaw.worlds.maker import Maker

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(1800)]

TRACES = Path(__file__).parents[2] / "examples/traces"
SERVE = """
from dataclaw.agent.policy.embedded import Embedded
model = Embedded(threads=2)
print(model.address, flush=True)
input()
"""
GUI, QUICK = "gui.action_sequence", "education.lecture_summary"
WORLDS = {
    "aigc.edit_plan": "cuts",
    "daily.temporal_qa": "chores",
    QUICK: "talk",
    "embodied.interleaved_tutorial": "bench",
}


@contextmanager
def llama() -> Generator[tuple[str, subprocess.Popen[str]]]:
    """llama.cpp's server in a process of its own: its address, and the process."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"{process.stdout.readline().strip()}/v1", process
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    if not (models_folder() / EMBEDDED.member.rsplit("/", 1)[-1]).is_file():
        pytest.skip("no weights: dataclaw models get embedded")
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))


def streams(name: str, folder: Path) -> tuple[list[str], str]:
    """Two streams of a task, and what is asked of both."""
    if name == GUI:
        return [str(path) for path in sorted(TRACES.iterdir()) if path.is_dir()], "every step with its coordinates"
    found: list[str] = []
    intent = ""
    with Maker(folder) as maker:
        for number in (3, 4):
            scene = maker.make(SceneSpec(WORLDS[name], number, 1, "held"))
            assert isinstance(scene, Scene)
            asks = find_world(WORLDS[name]).requests(scene, 12)
            intent = intent or next(ask.intent for ask in asks if ask.task == name.partition(".")[2])
            found.append(str(scene.path))
    return found, intent


def begin(name: str, sources: list[str], intent: str, url: str, out: Path) -> subprocess.Popen[str]:
    domain, _, task = name.partition(".")
    asked = ["-d", domain, "-t", task, "-i", intent, "-m", "openai:embedded", "--base-url", url, "--mode", "choose"]
    calm = ["--concurrency", "1", "--tries", "2", "--timeout", "600", "--answer-tokens", "300", "--no-images"]
    command = [sys.executable, "-m", "dataclaw.cli", "run", *asked, *calm, "--json", "--no-report", "--out", str(out)]
    return subprocess.Popen([*command, *sources], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", [GUI, *WORLDS] if os.environ.get("DATACLAW_LLAMA") == "all" else [QUICK])
def test_a_run_goes_on_at_another_address_after_its_server_was_killed(name: str, tmp_path: Path) -> None:
    sources, intent = streams(name, tmp_path / "scenes")
    out = tmp_path / "out"
    with llama() as (url, server):
        run = begin(name, sources, intent, url, out)
        while run.poll() is None and not list((out / "done").glob("*.json")):
            time.sleep(0.2)
        server.kill()
        told, said = run.communicate()
    first: dict[str, Any] = json.loads(told)
    assert "Traceback" not in said
    assert run.returncode == 1
    assert any("gives no answer" in one["reason"] for one in first["rejected"])
    with llama() as (url, _):
        told, said = begin(name, sources, intent, url, out).communicate()
    whole: dict[str, Any] = json.loads(told)
    print(name, {key: whole[key] for key in ("accepted", "totals", "usage")})
    assert not any("gives no answer" in one["reason"] for one in whole["rejected"])
    assert whole["accepted"] == len(sources), whole["rejected"]
    traces = [json.loads(file.read_text()) for file in (out / "traces").glob("*.json")]
    assert all(trace["usage"]["requests"] for trace in traces)
