"""A request for a part gets the part: facts choose it where they decide, and telling all instead is judged low."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor
from dataclaw.domains.aigc import edit_rules
from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.intents import parse_intent, part_of
from dataclaw.types import Anchor, Event
from tests.domains.aigc.streams import case, made

LONG = (0.0, 60.0)
CUT = """TITLE: Cut
001 A V C 00:00:10:00 00:00:12:00 00:00:00:00 00:00:02:00
* FROM CLIP NAME: harbour
002 B V C 00:00:10:00 00:00:14:00 00:00:02:00 00:00:04:00
M2 B 048.0 00:00:10:00
* FROM CLIP NAME: boat
003 C V C 00:00:10:00 00:00:11:00 00:00:04:00 00:00:06:00
M2 C 012.0 00:00:10:00
* FROM CLIP NAME: gulls
*ASC_SOP (0.1 0.2 0.3) (1.0 1.0 1.0) (1.0 0.0 1.0)
*ASC_SAT 0.9
"""
GRAPH = {
    "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "base.safetensors"}},
    "2": {"class_type": "LoadImage", "inputs": {"image": "mountains.png"}},
    "3": {"class_type": "VAEEncode", "inputs": {"pixels": ["2", 0]}},
    "4": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "latent_image": ["3", 0], "seed": 3, "steps": 20}},
}


def cut(folder: Path) -> Path:
    (folder / "cut.edl").write_text(CUT)
    return folder / "cut.edl"


def names(outcome: Any) -> list[str]:
    (sample,) = outcome.samples
    return [operation["name"] for operation in sample["data"]["operations"]]


@pytest.mark.parametrize(
    ("intent", "traits"),
    [
        ("which shots run slower than they were filmed", "slow"),
        ("clips that are faster or backwards", "fast backwards"),
        ("only what was retimed", "retimed"),
        ("everything but the shots in slow motion", ""),
        ("the shots in which time is sped up on purpose while filming", ""),
        ("which clips, transitions and speed changes make this sequence", ""),
        ("every loader of weights", "loads_model"),
        ("Teach a model the way in of the loaded picture", ""),
        ("慢动作镜头", "slow"),
        ("加载模型的节点", "loads_model"),
    ],
)
def test_traits_are_read_off_the_request(intent: str, traits: str):
    assert parse_intent(intent, LONG).traits == set(traits.split())


@pytest.mark.parametrize(
    ("intent", "part"),
    [
        ("just the exposure and colour steps, please", "the exposure and colour steps"),
        ("the steps that change the light", "change the light"),
        ("list every clip of this cut", ""),
        ("only exposure and crop steps", "exposure and crop steps"),
        ("only the clips with drones", "the with drones"),
        ("only the dissolves on the video track", "the on the"),
        ("just explain the workflow", ""),
    ],
)
def test_what_tells_a_part_is_read_off_the_request(intent: str, part: str):
    assert part_of(intent) == part


@pytest.mark.parametrize(
    ("kind", "details", "fits"),
    [
        ("clip", {"speed": 0.5}, "slow retimed"),
        ("clip", {"speed": 0.0}, "slow still retimed"),
        ("clip", {"speed": -2.0}, "fast backwards retimed"),
        ("clip", {"speed": 1.0}, ""),
        ("clip", {}, ""),
        ("gap", {"speed": 0.5}, ""),
        ("node", {"inputs": {"lora_name": "Ink.SAFETENSORS"}}, "loads_model"),
        ("node", {"inputs": {"image": "mountains.png", "seed": 3}}, ""),
    ],
)
def test_facts_decide_traits(kind: str, details: dict[str, Any], fits: str):
    assert {name for name, (of, has) in facts.TRAITS.items() if kind == of and has(details)} == set(fits.split())


def test_a_trait_of_clips_refuses_no_node():
    slow = parse_intent("what runs slower than it was shot", LONG)
    assert not facts.refusal("node", LONG, {}, slow)
    assert "slow" in facts.refusal("gap", LONG, {}, slow)
    assert "slow" in facts.refusal("clip", LONG, {"speed": 2.0}, slow)


def test_clips_of_another_speed_are_told_alone(tmp_path: Path):
    outcome = made(cut(tmp_path), "edit_plan", "which shots run slower or faster than they were filmed?")
    assert names(outcome) == ["boat", "gulls"]
    (sample,) = outcome.samples
    assert '"boat" and "gulls"' in sample["question"]


GAPS = """TITLE: Gaps
001 A V C 00:00:10:00 00:00:12:00 00:00:00:00 00:00:02:00
* FROM CLIP NAME: harbour
002 B V C 00:00:10:00 00:00:14:00 00:00:03:00 00:00:07:00
* FROM CLIP NAME: boat
003 C V C 00:00:10:00 00:00:12:00 00:00:09:00 00:00:11:00
* FROM CLIP NAME: gulls
"""


@pytest.mark.parametrize("chooser", ["rules", "learned"])
def test_gaps_are_told_alone(tmp_path: Path, chooser: str):
    (tmp_path / "gaps.edl").write_text(GAPS)
    (outcome,) = tailor(tmp_path / "gaps.edl", "only the gaps", domain="aigc", task="edit_plan", choose=chooser)
    (sample,) = outcome.samples
    assert [one["kind"] for one in sample["data"]["operations"]] == ["gap", "gap"]
    assert sample["verdict"]["total"] == 1.0


def test_a_part_that_facts_do_not_find_is_declined(tmp_path: Path):
    (rejected,) = made(cut(tmp_path), "edit_plan", "only the clips that run backwards").rejected
    assert "none of its 3 operations" in rejected["reason"]


@pytest.mark.parametrize("task", ["edit_plan", "edit_instruction"])
def test_nodes_that_load_weights_are_told_alone(tmp_path: Path, task: str):
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH))
    outcome = made(tmp_path / "graph.json", task, "the nodes by which models are brought in: every loader of weights")
    assert names(outcome) == ["UNETLoader"]


def test_colour_decisions_are_called_so(tmp_path: Path):
    (sample,) = made(cut(tmp_path), "edit_plan", "all three clips with their colour decisions").samples
    assert sample["intent"]["unused"] == []
    assert sample["verdict"]["total"] == 1.0


STEPS = ("exposure: 0.5 EV", "temperature: red 2.1", "crop: left 3", "flip: as the camera says")


def told(intent: str, left_out: tuple[int, ...] = (), reason: str = "not_asked", count: int = 4) -> float | None:
    """The score of a draft that tells all steps but those left out."""
    events = [Event(at, "operation", at, at, text=text.partition(":")[0]) for at, text in enumerate(STEPS[:count])]
    anchors = [Anchor(f"e{at}", "event", f"step {at + 1} {text}", at, at, attrs={"verb": "operation"})
               for at, text in enumerate(STEPS[:count])]  # fmt: skip
    draft = {
        "operations": [{"cite": [a.id]} for at, a in enumerate(anchors) if at not in left_out],
        "left_out": [{"cite": [f"e{at}" for at in left_out], "reason": reason}] if left_out else [],
    }
    known = frozenset({"operations", "steps", "picture", "led"})
    return edit_rules.fit_to_part.judge(case(draft, anchors, events, intent=intent, vocabulary=known)).value


@pytest.mark.parametrize(
    ("intent", "left_out", "score"),
    [
        ("only the exposure steps", (), 0.25),
        ("only the exposure and crop steps", (), 0.5),
        ("the steps that sharpen it", (), 0.0),
        ("only the exposure steps", (1, 2, 3), 1.0),
        ("the steps that sharpen it", (0,), 1.0),
        ("every step with its exposure", (), None),
        ("the operations that led to this picture", (), None),
        ("only what runs backwards", (), None),
    ],
)
def test_telling_all_where_a_part_is_asked_for_costs(intent: str, left_out: tuple[int, ...], score: float | None):
    assert told(intent, left_out) == score


def test_what_has_one_word_of_two_is_no_such_part():
    names = ("LoadImage", "SaveImage", "VAELoader", "KSampler")
    anchors = [Anchor(f"e{at}", "event", name, at, at, attrs={"verb": "node"}) for at, name in enumerate(names)]
    events = [Event(at, "node", at, at, text=name) for at, name in enumerate(names)]
    draft = {"operations": [{"cite": [anchor.id]} for anchor in anchors], "left_out": []}
    asked = case(draft, anchors, events, intent="the nodes that load an image", vocabulary=frozenset({"node"}))
    assert edit_rules.fit_to_part.judge(asked).value == 0.25


def test_steps_left_out_for_another_reason_do_not_make_a_part():
    assert told("only the exposure steps", (3,), "disabled") == pytest.approx(1 / 3)
    assert told("only the exposure steps", count=1) is None
