"""Recorded players: pictures and lines of the log agree with what was done, experts cut what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.worlds import SceneSpec
from dataclaw.worlds.experts import answer
from dataclaw.worlds.maker import Maker
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc.arena import WORLD
from dataclaw_worlds.aigc.arena_things import MAPS, TEMPERS, THINGS
from tests.dataclaw_worlds.aigc.checks import (
    accepted_rollouts,
    aigc,
    check_disjoint,
    check_same_twice,
    draft_of,
    rollouts,
    scene_and_stream,
)


def test_equal_specs_give_equal_recordings(maker: Maker, tmp_path: Path) -> None:
    check_same_twice(maker, [SceneSpec("arena", 3, 1)], tmp_path)


def test_the_recording_is_what_was_played(maker: Maker) -> None:
    scene, stream = scene_and_stream(maker, SceneSpec("arena", 1, 2))
    assert (stream.kind, stream.format) == ("video", "captioned")
    assert stream.duration == pytest.approx(scene.facts["duration"], abs=0.2)
    lines = scene.facts["told"]
    assert [(t["t0"], tuple(t["keys"])) for t in lines] == [(e.t0, e.keys) for e in stream.events]
    for line in lines:
        if line["deed"] >= 0 and line["named"]:
            assert scene.facts["deeds"][line["deed"]]["thing"] in stream.events[line["event"]].text


def test_a_turn_is_seen_as_one(maker: Maker) -> None:
    """What a player does shows in the pictures: those of a turn differ more than those of a stand."""
    scene, _ = scene_and_stream(maker, SceneSpec("arena", 1, 2))
    frames = open_stream(scene.path).frames
    assert frames is not None
    for fact in scene.facts["deeds"]:
        if not fact["verb"].startswith("turn"):
            continue
        inside = [i for i, t in enumerate(frames.times) if fact["clear"][0] < t < fact["clear"][1]]
        first, last = (p.astype(int) for p in frames.read([inside[0], inside[-1]]))
        assert abs(last - first).mean() > 4.0


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "held"])
def test_the_experts_are_accepted_everywhere(maker: Maker, split: str) -> None:
    specs = [SceneSpec("arena", seed, difficulty, split) for difficulty in (1, 3, 5) for seed in range(3)]  # pyright: ignore[reportArgumentType]
    found = rollouts(maker, specs, 4)
    assert {request.task for request, _ in found} == {"video_generation_segment", "world_model_transition"}
    assert len(accepted_rollouts(found)) >= 0.9 * len(found)


def test_the_expert_cuts_the_deed_and_the_planner_another_part(maker: Maker) -> None:
    spec = SceneSpec("arena", 1, 2)
    scene, stream = scene_and_stream(maker, spec)
    assert stream.frames is not None
    elsewhere = 0
    found = accepted_rollouts(rollouts(maker, [spec], 4))
    assert found
    for request, state in found:
        if request.task == "video_generation_segment":
            clip = draft_of(state)["output_video"]
            fact = scene.facts["deeds"][request.meaning["deed"]]
            start, end = clip["start"], clip["end"]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]
            assert fact["t0"] - 0.2 <= stream.frames.times[start] <= stream.frames.times[end] <= fact["t1"] + 0.2
            planned, _ = answer(aigc(), stream, request, Cache())
            elsewhere += draft_of(planned)["output_video"] != clip
    assert elsewhere


def test_halves_share_no_source(maker: Maker) -> None:
    train = [scene_and_stream(maker, SceneSpec("arena", seed, 1))[0] for seed in (1, 3)]
    held = [scene_and_stream(maker, SceneSpec("arena", seed, 1, "held"))[0] for seed in (1, 3)]
    check_disjoint(train, held)
    templates = [{request.template for s in side for request in WORLD.requests(s, 8)} for side in (train, held)]
    assert not templates[0] & templates[1]


def test_vocabularies_are_rich_in_both_halves() -> None:
    for split in ("train", "held"):
        spec = SceneSpec("arena", 0, 1, split)
        assert len(spec.pool(MAPS, "map")) >= 10
        there = [t for t in THINGS if t.name in spec.pool([t.name for t in THINGS], "object")]
        assert any(t.alive for t in there)
        assert any(t.taken for t in there)
        assert any(not t.alive and not t.taken for t in there)


@pytest.mark.parametrize("verb", sorted({verb for row in TEMPERS.values() for verb in row}))
def test_deeds_are_described_in_both_languages(verb: str) -> None:
    fact = {"verb": verb, "thing": "imp", "zh": "小恶魔", "alive": True, "before": 0.0, "after": 0.02, "outcome": ""}
    assert "imp" in deeds.describe(fact)
    assert "imp" not in deeds.describe(fact, named=False)
    assert "小恶魔" in deeds.describe_zh(fact)
    assert deeds.OPPOSITE[verb] in deeds.CAPTION_VERBS
