"""The third-party example: small, sound, and found by its entry point when it is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import av
import pytest

from dataclaw.kit.check import check_domain
from dataclaw.kit.drawn_frames import draw
from dataclaw.kit.fixture_form import DescribedPictures
from dataclaw.kit.fixtures import fixtures_of, play
from dataclaw.plugins import load_domain

EXAMPLE = Path(__file__).parents[2] / "examples" / "domain_dashcam"
FOLDER = EXAMPLE / "domain_dashcam"
OWN = ("domain.toml", "plan_ahead.json", "plans.py", "rules.py")
INTENT = "what does the car do next"


def test_it_takes_at_most_75_lines_of_its_own() -> None:
    lines = [line.strip() for name in OWN for line in (FOLDER / name).read_text().splitlines()]
    assert sum(bool(line) and not line.startswith("#") for line in lines) <= 75
    assert {path.name for path in FOLDER.glob("*.*")} == {*OWN, "__init__.py", "fixtures.jsonl"}


def test_it_passes_its_check_without_a_warning() -> None:
    report = check_domain(str(FOLDER))
    assert report.problems == ()
    assert [row.draft for row in report.drafts if row.accepted] == ["gold"]


def test_the_planner_sees_the_drive() -> None:
    domain = load_domain(str(FOLDER))
    (row,) = fixtures_of(domain)
    assert play(domain, row).draft == row.gold


def script() -> ModuleType:
    """The script that draws the fixture."""
    spec = importlib.util.spec_from_file_location("make_fixtures", EXAMPLE / "make_fixtures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_fixture_is_what_the_script_draws() -> None:
    assert json.loads(json.dumps(script().fixture())) == json.loads((FOLDER / "fixtures.jsonl").read_text())


def film(path: Path) -> None:
    """The same drive as a real video of ten pictures a second."""
    drawn = DescribedPictures.model_validate({"size": script().SIZE, "frames": script().drive(0.1)})
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = *drawn.size, "yuv420p"
        for frame in drawn.frames:
            container.mux(video.encode(av.VideoFrame.from_ndarray(draw(frame, drawn.size), format="rgb24")))
        container.mux(video.encode(None))


@pytest.mark.slow
def test_installed_it_is_found_checked_and_run(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([sys.executable, *install, "--target", str(site), str(EXAMPLE)], check=True, cwd=tmp_path)
    environment = os.environ | {"PYTHONPATH": str(site), "DATACLAW_CACHE": str(tmp_path / "cache"), "COLUMNS": "200"}

    def dataclaw(*words: str) -> str:
        command = [sys.executable, "-m", "dataclaw.cli", *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "entry point of domain-dashcam" in dataclaw("domain", "list")
    assert json.loads(dataclaw("domain", "check", "dashcam", "--json"))["problems"] == []
    film(tmp_path / "drive.mp4")
    dataclaw("run", "--domain", "dashcam", "--intent", INTENT, "--out", "out", "drive.mp4")
    (sample,) = [json.loads(line) for line in (tmp_path / "out" / "samples.jsonl").read_text().splitlines()]
    assert sample["question"] == "What does the car do next?"
    assert sample["answer"] == "Next it turns right, then stands."
    assert [one["does"] for one in sample["data"]["manoeuvres"]] == ["turns right", "stands"]
    assert sample["input_video"]
    artifacts = [json.loads(line) for line in (tmp_path / "out" / "artifacts.jsonl").read_text().splitlines()]
    clip = next(row for row in artifacts if row["role"] == "input_video")
    with av.open(str(tmp_path / "out" / clip["path"])) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 30
