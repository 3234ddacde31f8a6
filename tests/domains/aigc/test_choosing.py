"""What a chooser keeps is what is written, and what somebody knows beside the stream stands in the draft."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.aigc import edits, timelines
from dataclaw.domains.aigc.telling import ToldOfEdit
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Anchor, Brief, Intent, Plan
from tests.domains.aigc.streams import DOMAIN, made
from tests.domains.aigc.test_edits import GRAPH
from tests.domains.aigc.test_film import captioned
from tests.domains.aigc.test_timelines import edl, shot
from tests.tools.films import film, scene

NAMES = ("harbour", "quay", "boats", "nets")
Keeps = Callable[[ChoicePoint], Sequence[str]]


@dataclass(frozen=True)
class Picks:
    """A chooser that keeps what a function says."""

    keeps: Keeps

    def choose(self, point: ChoicePoint) -> Chosen:
        return Chosen(self.keeps(point), "somebody")


def rollout(path: Path, task: str, keeps: Keeps, plan: Plan | None = None, intent: str = "a part of it") -> State:
    stream, declared = open_stream(str(path)), DOMAIN.task(task)
    declared = replace(declared, plan=plan) if plan else declared
    state = State("one", "aigc", task, Intent(intent), (0.0, stream.duration), budget=declared.budget)
    (done,) = run_batch([(state, Session(stream, declared, Cache(), chooser=Picks(keeps)))], Planner())
    return done


def draft_of(done: State) -> Any:
    best = steps.best(done)
    assert best is not None, done.error
    assert best.verdict.passed, best.verdict
    return best.draft


def cut(folder: Path) -> Path:
    """Four shots, of which the third contradicts itself."""
    lines = [shot(k + 1, name, f"{10 * k + 10}:00", f"{k:02}:00") for k, name in enumerate(NAMES)]
    lines[2] = lines[2].replace("00:00:31:00", "00:00:33:00")
    return edl(folder / "cut.edl", *lines)


def keep_ids(*names: str) -> Keeps:
    return lambda point: [option.id for option in point.options if option.id in names]


def test_the_shots_that_a_chooser_keeps_are_written(tmp_path: Path) -> None:
    draft = draft_of(rollout(cut(tmp_path), "edit_plan", keep_ids("e1", "e3")))
    assert [entry["name"] for entry in draft["operations"]] == ["quay", "nets"]
    assert draft["left_out"] == [{"cite": ["e0", "e2"], "reason": "not_asked"}]
    question = 'Where do "quay" and "nets" lie in this cut, and which parts of their sources do they show?'
    assert draft["question"]["text"].startswith(question)
    assert {"e1", "e3"} <= {*draft["question"]["cite"]}


def test_the_steps_that_a_chooser_keeps_are_asked_for_by_name(tmp_path: Path) -> None:
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH))

    def keep_samplers(point: ChoicePoint) -> Sequence[str]:
        return [option.id for option in point.options if "KSampler" in str(option.attrs.get("text"))]

    for task in ("edit_plan", "edit_instruction"):
        draft = draft_of(rollout(tmp_path / "graph.json", task, keep_samplers))
        asked = draft["question"]["text"]
        assert re.fullmatch(r"What are the inputs and parameters of step \d+ KSampler in this workflow\?", asked)


def test_a_wanted_shot_that_contradicts_itself_is_named(tmp_path: Path) -> None:
    draft = draft_of(rollout(cut(tmp_path), "edit_plan", keep_ids("e2", "e3")))
    assert [entry["name"] for entry in draft["operations"]] == ["nets"]
    assert {entry["reason"]: entry["cite"] for entry in draft["left_out"]} == {
        "timecodes_disagree": ["e2"],
        "not_asked": ["e0", "e1"],
    }


def test_who_keeps_nothing_gets_nothing(tmp_path: Path) -> None:
    assert "none of its 4 operations" in rollout(cut(tmp_path), "edit_plan", keep_ids()).error


class Knows(ToldOfEdit):
    """Knows what the shots show and what the change is."""

    asked, by = "the shots of the harbour", "names"

    def does(self, operation: Anchor) -> str:
        return f"the harbour at {operation.attrs['text']}"

    def order(self, changes: Sequence[Anchor]) -> str:
        return "Turn the mug green."

    def became(self, change: Anchor, read: object) -> str:
        return "The mug is green now."


def test_what_is_known_of_a_cut_is_asked_thought_and_told(tmp_path: Path) -> None:
    def plan(brief: Brief) -> Any:
        yield from timelines.edit_plan(brief, Knows())

    draft = draft_of(rollout(cut(tmp_path), "edit_plan", keep_ids("e0", "e1"), plan))
    assert draft["question"]["text"].startswith("Which parts of this cut are the shots of the harbour, in order")
    assert draft["cot"][0]["text"].startswith(
        'The shots of the harbour, by names: "harbour" and "quay", from 0.00 to 2.00 s'
    )
    assert draft["answer"][1]["text"].startswith('1.000-2.000 s: the harbour at quay, shot 2 of 4 on V: "quay"')


def test_a_chinese_request_is_answered_in_chinese(tmp_path: Path) -> None:
    (sample,) = made(cut(tmp_path), "edit_plan", "把时间线整理成剪辑计划,带入点和出点").samples
    assert sample["question"].startswith("这个剪辑依次由哪些镜头组成")
    assert sample["answer_parts"][0] == '0.000-1.000 秒:V第1个镜头"harbour",1 秒,素材10-11 秒'
    assert any("不采用" in thought for thought in sample["cot"])


def mugs(folder: Path) -> Path:
    """Two pictures of a table on which two mugs changed their colours."""
    rng = np.random.default_rng(5)
    before = np.full((240, 320, 3), (216, 208, 192), np.uint8) + rng.integers(0, 8, (240, 320, 3), dtype=np.uint8)
    before[30:90, 30:90] = before[150:210, 230:290] = (48, 80, 176)
    after = before.copy()
    after[30:90, 30:90], after[150:210, 230:290] = (192, 32, 32), (32, 160, 32)
    folder.mkdir()
    for name, picture in (("before", before), ("after", after)):
        Image.fromarray(picture).save(folder / f"{name}.png")
    return folder


def test_the_changes_that_a_chooser_keeps_are_told(tmp_path: Path) -> None:
    draft = draft_of(rollout(mugs(tmp_path / "mugs"), "edit_instruction", lambda point: [point.options[0].id]))
    (operation,) = draft["operations"]
    assert operation["cite"] == ["c1"]
    assert draft["left_out"] == [{"cite": ["c2"], "reason": "not_asked"}]
    told = [line["text"] for line in draft["answer"]]
    assert told[0] == "<image_recall> is the picture after the edit."
    assert told[1] in ("In the upper left, blue became red.", "In the lower right, blue became green.")


def test_what_is_known_of_a_change_is_ordered_and_told(tmp_path: Path) -> None:
    def plan(brief: Brief) -> Any:
        yield from edits.edit_instruction(brief, Knows())

    done = rollout(mugs(tmp_path / "mugs"), "edit_instruction", lambda point: [point.options[0].id], plan)
    assert done.drafts[-1].draft["question"]["text"] == "Turn the mug green."
    assert [line["text"] for line in done.drafts[-1].draft["answer"]][1:] == ["The mug is green now."]


@pytest.mark.parametrize(("caption", "low", "high"), [("e0", 0.0, 2.4), ("e1", 2.4, 5.5)])
def test_a_segment_lies_where_the_chooser_says(tmp_path: Path, caption: str, low: float, high: float) -> None:
    film(tmp_path / "film.mp4", scene(21, 60, speed=3) + scene(22, 75, speed=2))
    rows = [
        {"start": 0.2, "end": 2.3, "text": "A square is pushed."},
        {"start": 2.5, "end": 4.9, "text": "A disc is dragged."},
    ]
    (tmp_path / "captions.json").write_text(json.dumps({"captions": {"film.mp4": rows}}))
    done = rollout(tmp_path / "film.mp4", "video_generation_segment", keep_ids(caption))
    clip = draft_of(done)["output_video"]
    times = {a.frame: a.t0 for a in done.anchors.values() if a.kind == "frame"}
    assert low <= times[clip["start"]] < times[clip["end"]] < high


def test_nothing_kept_of_a_film_is_declined(tmp_path: Path) -> None:
    path = captioned(tmp_path / "film.mp4", scene(21, 80, speed=3))
    assert "lie in one shot" in rollout(path, "video_generation_segment", lambda _: []).error
    assert "lie in one shot" in rollout(path, "world_model_transition", lambda _: []).error


def test_what_follows_begins_where_the_kept_part_ends(tmp_path: Path) -> None:
    path = captioned(tmp_path / "film.mp4", scene(27, 160, speed=1.2))

    def keeps(point: ChoicePoint) -> Sequence[str]:
        motions = [o.id for o in point.options if o.kind == "motion"]
        return motions[:1] if point.name == "aigc.span" else motions

    draft = draft_of(rollout(path, "world_model_transition", keeps))
    assert draft["output_video"]["start"] == draft["input_video"]["end"] + 1
