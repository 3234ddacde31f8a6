"""Both worlds: deterministic, read by the loaders, true, answered by their experts, and hard for the planner."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import cast

import pytest

from dataclaw.agent import steps
from dataclaw.plugins import load_domain
from dataclaw.streams.load import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.worlds import find_world
from dataclaw.worlds.base import Scene, SceneSpec, Split
from dataclaw.worlds.experts import answer, expert_of
from tests.dataclaw_worlds.daily.conftest import Make, facts
from tests.dataclaw_worlds.scenes import assert_same_again

WORLDS = ("chores", "house")
KINDS = {"chores": "narration", "house": "trajectory"}


def refused(scene: Scene, count: int) -> list[str]:
    """What is held against the experts' drafts, one line an request that failed."""
    world, domain, stream = find_world(scene.spec.world), load_domain("daily"), open_stream(scene.path)
    wrong: list[str] = []
    for request in world.requests(scene, count):
        state, _ = answer(domain, stream, request, Cache(), expert_of(world, scene, request))
        best = steps.best(state)
        if best is None or not best.verdict.passed:
            why = state.error if best is None else "; ".join(str(f) for f in best.verdict.findings()[:3])
            wrong.append(f"{request.task} {request.intent!r} {dict(request.meaning)}: {why}")
        assert state.spent.tool_calls <= 40, request.intent
    return wrong


@pytest.mark.parametrize("world", WORLDS)
def test_equal_specs_give_equal_scenes(world: str, make: Make, tmp_path: Path) -> None:
    scene = make(world, 0, 1)
    again = assert_same_again(scene, tmp_path)
    assert find_world(world).requests(scene, 12) == find_world(world).requests(again, 12)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("difficulty", [1, 3, 5])
def test_the_truth_agrees_with_the_stream(world: str, difficulty: int, make: Make) -> None:
    scene = make(world, 0, difficulty)
    stream = open_stream(scene.path)
    assert stream.kind == KINDS[world]
    assert not stream.annotations
    told = facts(scene)["rows" if world == "chores" else "events"]
    assert len(told) == len(stream.events)
    for event, row in zip(stream.events, told, strict=True):
        assert event.text == row["text"].strip()
        assert row["id"] == f"e{event.index}"
        assert (event.t0, event.t1) == pytest.approx((row["t0"], row["t1"]), abs=0.02)
    if stream.frames is not None:
        assert stream.frames.read([0, len(stream.frames.times) - 1])[1].std() > 2


@pytest.mark.parametrize("world", WORLDS)
def test_nothing_is_both_trained_on_and_held_out(world: str, make: Make) -> None:
    splits: tuple[Split, ...] = ("train", "held")
    scenes = {split: [make(world, seed, 3, split) for seed in (0, 1)] for split in splits}
    for kind in scenes["train"][0].sources:
        used = {split: {item for one in made for item in one.sources[kind]} for split, made in scenes.items()}
        assert not used["train"] & used["held"], kind
    asked = {
        split: {request.template for one in made for request in find_world(world).requests(one, 24)}
        for split, made in scenes.items()
    }
    assert asked["train"]
    assert asked["held"]
    assert not asked["train"] & asked["held"]


@pytest.mark.parametrize("world", WORLDS)
def test_requests_differ_in_words_styles_and_languages(world: str, make: Make) -> None:
    asked = [request for seed in (0, 1) for request in find_world(world).requests(make(world, seed, 3), 60)]
    assert {request.task for request in asked} == set(find_world(world).experts)
    assert {request.style for request in asked} == {"template", "paraphrase", "typo", "fuzzy"}
    assert {request.language for request in asked} == {"en", "zh"}
    assert len({request.template for request in asked}) > 40
    assert max(Counter(request.intent for request in asked).values()) <= 3


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("difficulty", "split"), [(1, "train"), (3, "held"), (5, "train")])
def test_experts_are_accepted(world: str, difficulty: int, split: str, make: Make) -> None:
    wrong = refused(make(world, 0, difficulty, cast("Split", split)), 9)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("split", ["train", "held"])
def test_experts_are_accepted_everywhere(world: str, split: str, make: Make) -> None:
    for difficulty in (1, 2, 3, 4, 5):
        for seed in (3, 4):
            wrong = refused(make(world, seed, difficulty, cast("Split", split)), 18)
            assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("world", WORLDS)
def test_the_planner_says_other_things_than_the_expert(world: str, make: Make) -> None:
    scene = make(world, 0, 3)
    domain, stream = load_domain("daily"), open_stream(scene.path)
    differing = 0
    asked = find_world(world).requests(scene, 6)
    for request in asked:
        ours, _ = answer(domain, stream, request, Cache(), expert_of(find_world(world), scene, request))
        theirs, _ = answer(domain, stream, request, Cache())
        one, other = steps.best(ours), steps.best(theirs)
        assert one is not None
        differing += other is None or other.draft["question"] != one.draft["question"]
    assert differing >= len(asked) - 1


def test_names_of_specs_tell_nothing() -> None:
    assert SceneSpec("chores", 7, 2, "held").name == "chores-held-2-000007"
