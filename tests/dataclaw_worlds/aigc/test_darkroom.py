"""Invented edits: pairs differ where they were edited, and the steps of histories and graphs are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dataclaw.worlds import Scene, SceneSpec
from dataclaw.worlds.maker import Maker
from dataclaw_worlds.aigc import darkroom_pictures as pictures
from dataclaw_worlds.aigc.darkroom import WORLD
from tests.dataclaw_worlds.aigc.checks import (
    accepted_rollouts,
    check_disjoint,
    check_same_twice,
    draft_of,
    rollouts,
    scene_and_stream,
)


def scenes(maker: Maker, form: str, count: int, difficulty: int = 3) -> list[Scene]:
    """The first scenes of a form."""
    found: list[Scene] = []
    seed = 0
    while len(found) < count:
        scene, _ = scene_and_stream(maker, SceneSpec("darkroom", seed, difficulty))
        found += [scene] if scene.facts["form"] == form else []
        seed += 1
    return found


def test_equal_specs_give_equal_edits(maker: Maker, tmp_path: Path) -> None:
    check_same_twice(maker, [SceneSpec("darkroom", seed, 2) for seed in range(6)], tmp_path)


def test_pairs_differ_where_they_were_edited(maker: Maker) -> None:
    for scene in scenes(maker, "pair", 4):
        _, stream = scene_and_stream(maker, scene.spec)
        assert (stream.kind, stream.format) == ("edit", "before_after")
        assert stream.frames is not None
        before, after = (p.astype(np.int64) for p in stream.frames.read([0, 1]))
        edits = scene.facts["edits"]
        assert edits
        for edit in edits:
            x0, y0, x1, y1 = edit["box"] or (0, 0, pictures.WIDTH, pictures.HEIGHT)
            assert np.abs(after - before)[y0:y1, x0:x1].mean() > 1.0, edit
        assert ("".join(e.text for e in stream.events) == scene.facts["words"]) or not stream.events


def test_steps_are_those_of_the_file(maker: Maker) -> None:
    for form, kind in (("graph", "node"), ("history", "operation")):
        for scene in scenes(maker, form, 3):
            _, stream = scene_and_stream(maker, scene.spec)
            assert {e.kind for e in stream.events} == {kind}
            steps = scene.facts["steps"]
            assert [s["event"] for s in steps] == [e.index for e in stream.events]
            if form == "history":
                for step, event in zip(steps, stream.events, strict=True):
                    assert ("in force" in step["tags"]) == event.attrs["in_force"], step


@pytest.mark.parametrize("split", ["train", "held"])
def test_the_experts_are_accepted_everywhere(maker: Maker, split: str) -> None:
    specs = [SceneSpec("darkroom", seed, difficulty, split) for difficulty in (1, 3, 5) for seed in range(4)]  # pyright: ignore[reportArgumentType]
    found = rollouts(maker, specs, 3)
    assert {request.task for request, _ in found} == {"edit_instruction", "edit_plan"}
    assert len(accepted_rollouts(found)) >= 0.95 * len(found)


def test_a_wrong_instruction_is_not_believed(maker: Maker) -> None:
    seed = 0
    while True:
        scene, _ = scene_and_stream(maker, SceneSpec("darkroom", seed, 1))
        if scene.facts["form"] == "pair" and scene.facts["said"] == "wrong":
            break
        seed += 1
    (_, state), *_ = rollouts(maker, [scene.spec], 1)
    thoughts = str(draft_of(state)["cot"])
    assert "does not fit" in thoughts or "only in part" in thoughts or "不符" in thoughts or "只有一部分" in thoughts


def test_halves_share_no_source(maker: Maker) -> None:
    train = [scene_and_stream(maker, SceneSpec("darkroom", seed, 1))[0] for seed in range(10)]
    held = [scene_and_stream(maker, SceneSpec("darkroom", seed, 1, "held"))[0] for seed in range(10)]
    check_disjoint(train, held)
    templates = [{request.template for s in side for request in WORLD.requests(s, 6)} for side in (train, held)]
    assert not templates[0] & templates[1]


def test_requests_vary(maker: Maker) -> None:
    found = [scene_and_stream(maker, SceneSpec("darkroom", seed, 3))[0] for seed in range(12)]
    requests = [request for scene in found for request in WORLD.requests(scene, 6)]
    assert {request.language for request in requests} == {"en", "zh"}
    assert {request.style for request in requests} == {"template", "paraphrase", "typo", "fuzzy"}
    assert len({request.intent for request in requests}) > 0.8 * len(requests)


@pytest.mark.parametrize("name", sorted(pictures.SHAPES))
def test_every_thing_can_be_drawn(name: str) -> None:
    thing = pictures.DrawnThing(name, "red", (100, 80, 220, 200))
    empty, full = (
        np.asarray(pictures.draw_picture(pictures.DrawnPicture("fog", 1, things)), np.int64)
        for things in ((), (thing,))
    )
    assert np.abs(full - empty).max() > 60
