"""The bench: its truth against its streams, its requests, and what its experts hand in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dataclaw.choosing import ChoicePoint
from dataclaw.domains.embodied.episode import Segment
from dataclaw.domains.embodied.intents import parse_intent
from dataclaw.domains.embodied.wording import Wording
from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import CitedDraft, DraftSetting, score_all
from dataclaw.evals.rollouts import cited_draft, rollout_summary, setting_of
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Anchor
from dataclaw.worlds import Request, Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Maker
from dataclaw_worlds.embodied.acts import EpisodeAct
from dataclaw_worlds.embodied.instruction import chinese_goal, draw_instruction, goal
from dataclaw_worlds.embodied.skills import chinese_of, skill_of, skills, things
from dataclaw_worlds.embodied.truth import EpisodeTruth
from dataclaw_worlds.words import words

WORLD = find_world("bench")
STATE = "obs/environment_state"
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


HAPPENED = [EpisodeAct("wait", 0, 9, 1, cause="late"), EpisodeAct("reach", 10, 29, 1),
            EpisodeAct("miss", 30, 49, 1), EpisodeAct("reach", 50, 69, 2), EpisodeAct("wait", 70, 79, 2, cause="stall"),
            EpisodeAct("touch", 80, 89, 2), EpisodeAct("move", 90, 119, 2, 0.2)]  # fmt: skip


def told(task: str, intent: str = "", **meaning: object) -> EpisodeTruth:
    """The truth of a made episode, ten rows a second."""
    facts = {"acts": [act.data() for act in HAPPENED], "rate": 10.0, "success": True, "skill": "drawer-open",
             "thing": "red drawer", "thing_zh": "红色抽屉", "instruction": {"kind": "vague"}}  # fmt: skip
    request = Request(task, intent, meaning)  # pyright: ignore[reportArgumentType]
    return EpisodeTruth(Scene(SPECS[0], Path(), "", {}, facts), request)  # pyright: ignore[reportArgumentType]


def part(t0: float, t1: float, phase: str = "approach", gripper: str = "open") -> Anchor:
    attrs = {"phase": phase, "gripper": gripper, "stall": phase == "idle", "unit": "m", "moved": 0.1, "path": 0.1,
             "direction": "up", "speed": 1.0}  # fmt: skip
    return Anchor(f"s{t0:g}", "segment", "", t0, t1, attrs=attrs)


PARTS = [part(0, 1, "idle"), part(1, 3), part(3, 4, "grasp", "closes"), part(4, 5, "retreat", "opens"), part(5, 7),
         part(7, 8, "idle"), part(8, 9, "grasp", "closes"), part(9, 12, "transport", "closed")]  # fmt: skip


def answered(name: str, task: str, intent: str = "", kept: tuple[str, ...] = (), **meaning: object) -> list[str]:
    """What the truth answers where the parts are the options."""
    point = ChoicePoint(f"embodied.{name}", task, intent, PARTS, kept or [p.id for p in PARTS])
    return list(told(task, intent, **meaning).choose(point).kept)


LESSON, NEXT = "interleaved_tutorial", "predict_next_primary_subtask"


def test_the_truth_says_where_subtasks_begin_and_which_are_meant() -> None:
    assert answered("subtasks", NEXT) == ["s0", "s3", "s4", "s5", "s8", "s9"]  # pauses go with what they are beside
    assert answered("subtasks", "action_trajectory") == ["s0", "s1", "s3", "s4", "s5", "s7", "s8", "s9"]
    assert answered("segments", LESSON) == ["s5", "s7", "s8", "s9"]  # without the try that fails
    assert answered("segments", LESSON, failed=True) == [p.id for p in PARTS]
    assert answered("segments", LESSON, part="before") == ["s5", "s7", "s8"]
    assert answered("segments", "action_trajectory", part="failed") == ["s0", "s1", "s3", "s4"]
    assert answered("steps", LESSON, "in 2 steps", failed=True) == ["s8", "s9"]
    assert answered("described", "describe_subtask", act=70) == ["s7"]
    assert answered("described", "describe_subtask") == ["s9"]
    assert answered("next", NEXT, after=50) == ["s8"]
    assert answered("next", NEXT, kept=("s7",)) == ["s8"]


def test_what_left_no_segment_is_not_kept() -> None:
    assert answered("segments", "describe_subtask", act=70) == [p.id for p in PARTS]
    assert answered("segments", "describe_subtask", act=71) == []
    assert answered("segments", NEXT, after=90) == []  # nothing comes after it


def times(one: Anchor) -> dict[str, float]:
    return {"t0": one.t0, "t1": one.t1, "after": one.t1 + 1}


def test_the_truth_knows_which_fault_is_real() -> None:
    families = ("early_stagnation", "approach_stall", "approach_stall", "unstable_grasp")
    options = [
        Anchor(f"{f} {p.id}", "option", "", p.t0, p.t1, attrs={**p.attrs, "family": f} | times(p))
        for f, p in zip(families, (PARTS[0], PARTS[1], PARTS[4], PARTS[2]), strict=True)
    ]
    point = ChoicePoint("embodied.faults", "fault_recovery", "", options, [])
    assert told("fault_recovery").choose(point).kept == [
        "early_stagnation s0",
        "approach_stall s5",
        "unstable_grasp s3",
    ]
    assert told("fault_recovery", family="approach_stall").choose(point).kept == ["approach_stall s5"]
    assert told("fault_recovery", family="hesitation_loop").choose(point).kept == []


def test_the_truth_names_acts_where_a_hand_alone_tells_little() -> None:
    truth = told("action_trajectory", part="hand")
    words_of = Wording(False, "seconds", True, truth)
    segments = [
        Segment(p, 0, 1, p.attrs["phase"], p.attrs["gripper"], p.attrs["stall"], False, False, "") for p in PARTS
    ]
    assert [words_of.clause(s) for s in segments] == [
        "it stays still for 1 s before it starts",
        "it moves its open gripper 0.10 m up toward the red drawer",
        "it closes its gripper",
        "it opens its gripper",
        "it moves its open gripper 0.10 m up toward the red drawer",
        "it stays still for 1 s on its way to the red drawer",
        "it closes its gripper",
        "it pulls the red drawer open",
    ]
    assert words_of.task(None) == "The task is to pull the red drawer open. "
    assert words_of.scope == ", motions of the empty hand only"
    zh = Wording(True, "seconds", True, told("action_trajectory", "列出动作"))
    assert zh.sentence(segments[-1]) == "机器人把红色抽屉拉开。"
    assert skill_of("drawer-open").style == "hook"  # whose hand closes on nothing


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


def test_every_task_has_whole_intents_in_both_halves() -> None:
    for task, templates in words("embodied/intents.toml").table("whole").items():
        for split in ("train", "held"):
            assert len(SceneSpec("bench", 0, 1, split).pool(templates, "template")) > 1, (task, split)  # pyright: ignore[reportArgumentType]


def test_whole_intents_ask_for_no_span_by_accident() -> None:
    for task, templates in words("embodied/intents.toml").table("whole").items():
        for template in templates:
            wish = parse_intent(template.replace("{time}", "3.2 s").replace("{n}", "3"), (0.0, 15.0))
            assert wish.span == (0.0, 15.0), (task, template)
            assert not wish.only | wish.without, (task, template)
