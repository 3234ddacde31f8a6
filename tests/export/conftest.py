"""Real runs to export, made once: steps and actions of a screen, a film's clip, a cut in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor
from dataclaw.export.write import ExportSettings, ExportSummary, export_runs
from tests.export.recordings import captioned_film, screen_recording

CUT = Path(__file__).parents[2] / "examples" / "cuts" / "violin_workshop.edl"
Exporter = Callable[..., Path]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of finished runs by what they are about."""
    root = tmp_path_factory.mktemp("runs")
    screen, film = screen_recording(root / "in" / "shop"), captioned_film(root / "in" / "film")
    asked = {
        "steps": (screen, "Training steps for a GUI agent with pyautogui code", "gui"),
        "actions": (screen, "Extract the ordered UI actions with coordinates", "gui"),
        "film": (film, "video generation clips with motion prompts", "aigc"),
        "cut": (CUT, "a cut list", "aigc"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATACLAW_CACHE", str(root / "cache"))
        for name, (source, intent, domain) in asked.items():
            outcomes = tailor(str(source), intent, out=root / name, domain=domain)
            assert [len(outcome.samples) for outcome in outcomes] == [1], outcomes
    return {name: root / name for name in asked}


@pytest.fixture(scope="session")
def export(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Exporter:
    """Writes runs (by name, all by default) in a format; the folder. Equal wishes share one."""
    made: dict[str, Path] = {}

    def write(to: str, *names: str, **settings: Any) -> Path:
        key = repr((to, names, sorted(settings.items())))
        if key not in made:
            made[key] = tmp_path_factory.mktemp(to) / "data"
            export_runs([runs[name] for name in names or runs], made[key], ExportSettings(to, **settings))
        return made[key]

    return write


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def samples(run: Path) -> list[dict[str, Any]]:
    return lines(run / "samples.jsonl")


__all__ = ["Exporter", "ExportSummary", "lines", "samples"]
