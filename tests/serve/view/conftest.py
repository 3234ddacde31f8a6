from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw import tailor
from dataclaw.agent import steps
from dataclaw.agent.steps import Draft, dump_state
from dataclaw.run.rescore import Rescorer, read_trace
from dataclaw.serve.view.open_run import OpenRun
from tests.serve.conftest import start as start
from tests.streams.conftest import write_video

EXAMPLES = Path(__file__).parents[3] / "examples"
CALENDAR = EXAMPLES / "traces" / "calendar_only"
CUT = EXAMPLES / "cuts" / "violin_workshop.edl"

Copy = Callable[[str], Path]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real runs: of a trace, the same with another intent, of a cut, of a video that is rejected."""
    folder = tmp_path_factory.mktemp("runs")
    tailor(str(CALENDAR), "list every action", domain="gui", task="action_sequence", out=folder / "gui")
    tailor(str(CALENDAR), "only what led to the final state", domain="gui", task="action_sequence", out=folder / "less")
    tailor(str(CUT), "a cut list of the two longest talking heads", domain="aigc", out=folder / "cut")
    (folder / "recordings").mkdir()
    video = write_video(folder / "recordings" / "numbers.mp4", range(0, 500, 4))
    tailor(str(video), "questions", domain="daily", task="temporal_qa", out=folder / "video")
    _send_back_once(folder / "gui")
    return folder


def _send_back_once(out: Path) -> None:
    """Give the rollout of a run a draft that was sent back before the one that was accepted."""
    (file,) = (out / "traces").glob("*.json")
    state, facts = read_trace(file)
    best = steps.best(state)
    assert best is not None
    worse = json.loads(json.dumps(best.draft))
    worse["actions"][0]["point"] = [1.0, 1.0]
    sample = json.loads((out / "samples.jsonl").read_text())
    judge = Rescorer()
    judge.revise(state, facts, sample, worse)
    verdict = (
        replace(judged)
        if (judged := judge.judge(replace(state, drafts=(replace(best, draft=worse),)), facts))
        else None
    )
    assert verdict is not None
    first = Draft(worse, replace(verdict.after, held=("evidence",)), cited=best.cited)
    told = replace(state, drafts=(first, replace(best, repairs=1)))
    file.write_text(json.dumps({**dump_state(told), "facts": facts.to_json()}), encoding="utf-8")


@pytest.fixture
def copy_of(made: Path, tmp_path: Path) -> Copy:
    """A copy of one of the runs, to be written into."""

    def take(name: str) -> Path:
        return Path(shutil.copytree(made / name, tmp_path / name))

    return take


@pytest.fixture
def gui(copy_of: Copy, tmp_path: Path) -> Iterator[OpenRun]:
    run = OpenRun.at(copy_of("gui"), tmp_path / "cache", Rescorer())
    run.refresh()
    yield run
    run.index.close()
