"""The bench: its truth against its streams, its requests, and what its experts hand in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataclaw.domains.embodied.episode import Segment
from dataclaw.domains.embodied.intents import parse_intent
from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import CitedDraft, DraftSetting, score_all
from dataclaw.evals.rollouts import cited_draft, rollout_summary, setting_of
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Anchor
from dataclaw.worlds import Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Maker
from dataclaw_worlds.embodied.acts import EpisodeAct
from dataclaw_worlds.embodied.evidence import STATE, group_segments, primary_groups
from dataclaw_worlds.embodied.instruction import chinese_goal, draw_instruction, goal
from dataclaw_worlds.embodied.phrases import EpisodeNames, does, question
from dataclaw_worlds.embodied.skills import chinese_of, skills, things
from dataclaw_worlds.words import words

WORLD = find_world("bench")
SPECS = (SceneSpec("bench", 2, 1), SceneSpec("bench", 11, 3, "held"), SceneSpec("bench", 4, 5))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    with Maker(tmp_path_factory.mktemp("bench")) as maker:
        made = [maker.make(spec) for spec in SPECS]
    assert all(isinstance(scene, Scene) for scene in made), made
    return [scene for scene in made if isinstance(scene, Scene)]


def acts(scene: Scene) -> list[EpisodeAct]:
    return [EpisodeAct(**act) for act in scene.facts["acts"]]


def column(scene: Scene, name: str) -> np.ndarray:
    series = open_stream(scene.path).series[STATE]
    return series.values[:, series.columns.index(name)]


def test_a_spec_made_twice_gives_the_same_scene(scenes: list[Scene], tmp_path: Path) -> None:
    with Maker(tmp_path) as maker:
        again = maker.make(SPECS[0])
    assert isinstance(again, Scene)
    assert (again.folder / "truth.json").read_bytes() == (scenes[0].folder / "truth.json").read_bytes()
    assert open_stream(again.path).id == open_stream(scenes[0].path).id


def test_an_episode_opens_with_pictures_numbers_and_names(scenes: list[Scene]) -> None:
    for scene in scenes:
        stream = open_stream(scene.path)
        facts = scene.facts
        assert (stream.kind, stream.clock, stream.problems) == ("trajectory", "seconds", ())
        assert stream.frames is not None
        assert len(stream.frames.times) == facts["rows"] == len(stream.series[STATE].times)
        assert np.ptp(np.asarray(stream.frames.read([0])[0], dtype=float)) > 100
        assert {e.text for e in stream.events} == ({facts["instruction"]["text"]} - {""})
        assert facts["skill"] not in Path(scene.path).name
        assert f"touch_{str(facts['thing']).replace(' ', '_')}" in stream.series[STATE].columns


def test_acts_cover_an_episode_and_agree_with_what_is_recorded(scenes: list[Scene]) -> None:
    for scene in scenes:
        found = acts(scene)
        assert [a.first for a in found[1:]] == [a.last + 1 for a in found[:-1]]
        assert (found[0].first, found[-1].last) == (0, scene.facts["rows"] - 1)
        name = str(scene.facts["thing"]).replace(" ", "_")
        at = np.stack([column(scene, f"{name}_{axis}") for axis in "xyz"], axis=1)
        touch = column(scene, f"touch_{name}")
        for act in found:
            moved = float(np.linalg.norm(at[act.last] - at[max(act.first - 1, 0)]))
            assert moved == pytest.approx(act.moved, abs=0.002)
        done = [a for a in found if a.kind in ("move", "lift")]
        assert scene.facts["success"]
        assert sum(a.moved for a in done) > 0.02
        assert max(touch[a.first : a.last + 1].max() for a in done) == 1
        assert touch[0] == 0


def segment(t0: float, t1: float, *, stall: bool = False) -> Segment:
    anchor = Anchor(f"s{t0:g}", "segment", "", t0, t1)
    return Segment(anchor, None, None, "idle" if stall else "approach", "", stall, stall, False, "")


def test_segments_are_given_to_the_acts_they_show() -> None:
    happened = [EpisodeAct("reach", 0, 19, 1), EpisodeAct("wait", 20, 39, 1, cause="stall"),
                EpisodeAct("move", 40, 59, 1, 0.2), EpisodeAct("wait", 60, 79, 1, cause="rest")]  # fmt: skip
    parts = [segment(0, 1), segment(1, 2), segment(2, 4, stall=True), segment(4, 7.4)]
    groups = group_segments(parts, happened, 10.0)
    assert [(g.key, len(g.segments)) for g in groups] == [("reach", 2), ("stall", 1), ("move", 1)]
    assert [a.kind for a in groups[-1].acts] == ["move", "wait"]  # it rests in a good part of it as well
    assert [g.key for g in primary_groups(groups)] == ["reach", "move"]
    assert len(primary_groups(groups)[0].segments) == 3


def test_every_skill_can_be_worded_in_both_languages_and_both_splits() -> None:
    assert len(skills()) > 45
    found: dict[str, dict[str, set[str]]] = {}
    for split in ("train", "held"):
        specs = [SceneSpec("bench", seed, 1 + seed % 5, split) for seed in range(60)]  # pyright: ignore[reportArgumentType]
        names = {"skill": set(specs[0].pool([s.name for s in skills()], "skill"))}
        names["object"] = {thing for skill in skills() for thing in specs[0].pool(things(skill), "object")}
        instructions = [draw_instruction(spec, skill, things(skill)[0], chinese_of(things(skill)[0], skill.nouns))
                for spec, skill in zip(specs, skills() * 2, strict=False)]  # fmt: skip
        names["instruction"] = {t.template for t in instructions if t.template}
        assert {t.kind for t in instructions} == {"exact", "typo", "chinese", "vague", "wrong", "none"}
        found[split] = names
    for kind, names in found["train"].items():
        assert names, kind
        assert found["held"][kind], kind
        assert not names & found["held"][kind], kind
    for skill in skills():
        thing = things(skill)[0]
        assert thing in goal(skill, thing)
        assert "{" not in goal(skill, thing) + chinese_goal(skill, chinese_of(thing, skill.nouns))


def test_requests_vary_and_mean_what_they_say(scenes: list[Scene]) -> None:
    requests = [(scene, request) for scene in scenes for request in WORLD.requests(scene, 40)]
    assert {request.task for _, request in requests} == set(WORLD.experts)
    assert {request.style for _, request in requests} == {"template", "paraphrase", "typo", "fuzzy"}
    assert {request.language for _, request in requests} == {"en", "zh"}
    assert len({request.intent for _, request in requests}) > 80
    train = {request.template for scene, request in requests if scene.spec.split == "train"}
    held = {request.template for scene, request in requests if scene.spec.split == "held"}
    assert not train & held
    for scene in scenes:
        assert WORLD.requests(scene, 12) == WORLD.requests(scene, 12)
    for scene, request in requests:
        wish = parse_intent(request.intent, (0.0, open_stream(scene.path).duration))
        assert wish.chinese == (request.language == "zh"), request
        if request.task == "fault_recovery" and wish.family:
            assert wish.family == request.meaning["family"]


def test_experts_are_accepted_and_need_few_calls(scenes: list[Scene], tmp_path: Path) -> None:
    domain, cache = load_domain("embodied"), Cache(tmp_path / "tools.sqlite")
    accepted: dict[str, int] = {}
    for scene in scenes:
        stream = open_stream(scene.path)
        for request in WORLD.requests(scene, 10):
            run = rollout_summary(answer(domain, stream, request, cache, expert_of(WORLD, scene, request))[0], 0.0)
            assert run.accepted or "held by" not in run.why, (scene.spec, request, run.why)
            assert run.calls <= 10
            accepted[request.task] = accepted.get(request.task, 0) + run.accepted
    assert set(accepted) == set(WORLD.experts)
    assert all(accepted.values()), accepted
    assert sum(accepted.values()) >= 24


@pytest.mark.slow
def test_the_planner_stays_below_the_experts(scenes: list[Scene], tmp_path: Path) -> None:
    domain, cache = load_domain("embodied"), Cache(tmp_path / "tools.sqlite")
    items: list[tuple[CitedDraft, CitedDraft, DraftSetting]] = []
    for scene in scenes:
        stream = open_stream(scene.path)
        for request in WORLD.requests(scene, 10):
            expert, session = answer(domain, stream, request, cache, expert_of(WORLD, scene, request))
            if rollout_summary(expert, 0.0).accepted:
                planner, _ = answer(domain, stream, request, cache)
                items.append((cited_draft(planner), cited_draft(expert), setting_of(expert, session)))
    totals = [scores.total for scores in score_all(items, find_similarity("fuzzy"))]
    assert sum(totals) / len(totals) < 0.7


def test_every_task_has_whole_intents_in_both_halves_and_every_form_can_be_filled() -> None:
    for task, templates in words("embodied/intents.toml").table("whole").items():
        for split in ("train", "held"):
            assert len(SceneSpec("bench", 0, 1, split).pool(templates, "template")) > 1, (task, split)  # pyright: ignore[reportArgumentType]
    names = EpisodeNames(skills()[0], "red ring", "红色圆环")
    for voice in range(12):
        spoken = replace(names, voice=str(voice))
        for key in words("embodied/voices.toml")["does"]:
            for chinese in (False, True):
                said = [does(spoken, key, chinese=chinese, again=True), question(spoken, key, "?", chinese=chinese)]
                assert not any("{" in text for text in said), said
    texts = [does(replace(names, voice=str(v)), "move", partly=True) for v in range(12)]
    assert all(text.endswith("to fit the red ring onto the peg") for text in texts)
    assert len(set(texts)) > 1


def test_whole_intents_ask_for_no_span_by_accident() -> None:
    for task, templates in words("embodied/intents.toml").table("whole").items():
        for template in templates:
            wish = parse_intent(template.replace("{time}", "3.2 s").replace("{n}", "3"), (0.0, 15.0))
            assert wish.span == (0.0, 15.0), (task, template)
            assert not wish.only | wish.without, (task, template)
