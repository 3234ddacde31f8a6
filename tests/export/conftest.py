"""Real runs to export, made once: steps and actions of a screen, a film's clip, a cut in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor
from dataclaw.export.write import ExportSettings, export_runs
from dataclaw.testing import ModelServer
from dataclaw.types import Action
from tests.export.recordings import captioned_film, screen_recording

ACTIONS = "Extract the ordered UI actions with coordinates"
MADE = ("steps", "actions", "film", "cut")
"""Runs with a sample."""
CUT = Path(__file__).parents[2] / "examples" / "cuts" / "violin_workshop.edl"
Exporter = Callable[..., Path]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of finished runs by what they are about."""
    root = tmp_path_factory.mktemp("runs")
    screen, film = screen_recording(root / "in" / "shop"), captioned_film(root / "in" / "film")
    asked = {
        "steps": (screen, "Training steps for a GUI agent with pyautogui code", "gui"),
        "actions": (screen, ACTIONS, "gui"),
        "film": (film, "video generation clips with motion prompts", "aigc"),
        "cut": (CUT, "a cut list", "aigc"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATACLAW_CACHE", str(root / "cache"))
        for name, (source, intent, domain) in asked.items():
            outcomes = tailor(str(source), intent, out=root / name, domain=domain)
            assert [len(outcome.samples) for outcome in outcomes] == [1], outcomes
        refused_run(screen, root / "refused")
    return {name: root / name for name in (*asked, "refused")}


def refused_run(screen: Path, out: Path) -> None:
    """A run of the screen's actions by a weaker model, which tells one click of four actions and is sent back."""
    told = {"cite": ["e0"], "time": 1.0, "frame": 1, "verb": "click", "point": [120, 60], "target": "Search"}
    draft = {"goal": {"text": "Search for a mug", "cite": ["e0"]}, "actions": [told], "left_out": []}
    asked = {"domain": "gui", "task": "action_sequence", "tries": 1, "budget": {"repairs": 0}}
    with ModelServer(lambda _: Action("submit", {"draft": draft})) as server:
        (outcome,) = tailor(str(screen), ACTIONS, out=out, model="openai:m", base_url=server.url, **asked)
    assert not outcome.samples
    assert outcome.rejected[0]["draft"] == draft


@pytest.fixture(scope="session")
def export(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Exporter:
    """Writes runs (by name, all by default) in a format; the folder. Equal wishes share one."""
    made: dict[str, Path] = {}

    def write(to: str, *names: str, **settings: Any) -> Path:
        key = repr((to, names, sorted(settings.items())))
        if key not in made:
            made[key] = tmp_path_factory.mktemp(to) / "data"
            export_runs([runs[name] for name in names or MADE], made[key], ExportSettings(to, **settings))
        return made[key]

    return write


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def samples(run: Path) -> list[dict[str, Any]]:
    return lines(run / "samples.jsonl")
