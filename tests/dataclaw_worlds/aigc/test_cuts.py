"""Invented cuts: files that loaders read as they were invented, parts by meaning, a planner that takes too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.tools.cache import Cache
from dataclaw.worlds import SceneSpec
from dataclaw.worlds.experts import answer
from dataclaw.worlds.maker import Maker
from dataclaw_worlds.aigc.cuts import WORLD
from dataclaw_worlds.aigc.cuts_groups import find_groups
from dataclaw_worlds.aigc.cuts_story import tidy_name
from tests.dataclaw_worlds.aigc.checks import (
    accepted_rollouts,
    aigc,
    check_disjoint,
    check_same_twice,
    draft_of,
    rollouts,
    scene_and_stream,
)


def test_equal_specs_give_equal_cuts(maker: Maker, tmp_path: Path) -> None:
    check_same_twice(maker, [SceneSpec("cuts", seed, 2) for seed in range(3)], tmp_path)


def test_every_event_is_what_was_invented(maker: Maker) -> None:
    forms: set[str] = set()
    for seed in range(8):
        scene, stream = scene_and_stream(maker, SceneSpec("cuts", seed, 3))
        assert stream.kind == "timeline"
        forms.add(stream.format)
        events = scene.facts["events"]
        assert [e["event"] for e in events] == [e.index for e in stream.events]
        for fact, event in zip(events, stream.events, strict=True):
            assert (fact["kind"], fact["name"]) == (event.kind, event.text)
            assert fact["t0"] == pytest.approx(event.t0, abs=1e-3)
            if fact["kind"] == "clip" and fact["who"]:
                assert fact["who"] in fact["name"]
    assert forms == {"otio", "cmx3600", "fcp7"}


@pytest.mark.parametrize("split", ["train", "held"])
def test_the_expert_is_accepted_everywhere(maker: Maker, split: str) -> None:
    specs = [SceneSpec("cuts", seed, difficulty, split) for difficulty in (1, 3, 5) for seed in range(3)]  # pyright: ignore[reportArgumentType]
    found = rollouts(maker, specs, 4)
    assert len(found) >= 30
    assert len(accepted_rollouts(found)) == len(found)


def test_halves_share_no_source(maker: Maker) -> None:
    train = [scene_and_stream(maker, SceneSpec("cuts", seed, 1))[0] for seed in range(6)]
    held = [scene_and_stream(maker, SceneSpec("cuts", seed, 1, "held"))[0] for seed in range(6)]
    check_disjoint(train, held)
    templates = [{request.template for s in side for request in WORLD.requests(s, 8)} for side in (train, held)]
    assert not templates[0] & templates[1]


def test_requests_vary(maker: Maker) -> None:
    scenes = [scene_and_stream(maker, SceneSpec("cuts", seed, 2))[0] for seed in range(8)]
    requests = [request for scene in scenes for request in WORLD.requests(scene, 8)]
    assert {request.language for request in requests} == {"en", "zh"}
    assert {request.style for request in requests} >= {"template", "paraphrase", "typo", "fuzzy"}
    assert len({request.intent for request in requests}) > 0.95 * len(requests)
    assert len({request.meaning["key"].partition(":")[0] for request in requests}) >= 8


def test_the_expert_keeps_what_is_meant_and_the_planner_more(maker: Maker) -> None:
    scene, stream = scene_and_stream(maker, SceneSpec("cuts", 1, 2))
    requests = [request for request in WORLD.requests(scene, 8) if request.meaning["key"] != "whole"]
    more = 0
    for request, state in rollouts(maker, [SceneSpec("cuts", 1, 2)], 8):
        if request in requests:
            cited = [op["cite"][0] for op in draft_of(state)["operations"]]  # pyright: ignore[reportIndexIssue, reportGeneralTypeIssues, reportUnknownVariableType]
            assert cited == [f"e{number}" for number in request.meaning["events"]]
            planned, _ = answer(aigc(), stream, request, Cache())
            more += len(draft_of(planned)["operations"]) > len(cited)  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]
    assert more >= 0.7 * len(requests)


def test_groups_hold_what_their_keys_say(maker: Maker) -> None:
    scene, _ = scene_and_stream(maker, SceneSpec("cuts", 2, 3))
    events = scene.facts["events"]
    for group in find_groups(scene.facts):
        kind, _, value = group.key.partition(":")
        if kind == "who" and "&" not in group.key:
            assert all(events[n]["who"] == value for n in group.events)
        if kind == "shorter":
            assert all(events[n]["t1"] - events[n]["t0"] < float(value) for n in group.events)


@pytest.mark.parametrize(
    ("name", "tidied"),
    [
        ("TTL  The harbour  ", "TTL The harbour"),
        ("INT_Mara__B3", "INT_Mara_B3"),
        ("x () y", "x y"),
        ("[MX] a / / ", "[MX] a"),
    ],
)
def test_names_have_no_empty_places(name: str, tidied: str) -> None:
    assert tidy_name(name) == tidied
