from pathlib import Path

import pytest

from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import CitedDraft, DraftSetting, score_all
from dataclaw.evals.rollouts import cited_draft, rollout_summary, setting_of
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.worlds import Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Maker
from dataclaw_worlds.gui.meaning import events_of, goals_of, select_events, selection_of, stretches
from dataclaw_worlds.gui.session import plan_session

WORLD = find_world("desk")
SPECS = (
    SceneSpec("desk", 1, 1),
    SceneSpec("desk", 3, 3, "held"),
    SceneSpec("desk", 4, 5),
    SceneSpec("desk", 6, 4, "held"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def scenes(root: Path) -> list[Scene]:
    with Maker(root) as maker:
        made = [maker.make(spec) for spec in SPECS]
    assert all(isinstance(scene, Scene) for scene in made), made
    return [scene for scene in made if isinstance(scene, Scene)]


def test_a_spec_made_twice_gives_the_same_scene(scenes: list[Scene], tmp_path: Path) -> None:
    with Maker(tmp_path) as maker:
        again = maker.make(SPECS[1])
    assert isinstance(again, Scene)
    assert (again.folder / "truth.json").read_bytes() == (scenes[1].folder / "truth.json").read_bytes()
    assert open_stream(again.path).id == open_stream(scenes[1].path).id


def test_the_truth_tells_every_event_of_the_stream(scenes: list[Scene]) -> None:
    for scene in scenes:
        stream = open_stream(scene.path)
        truths = events_of(scene.facts)
        assert stream.kind == "gui"
        assert not stream.problems
        assert [event.kind for event in stream.events] == [event["verb"] for event in truths]
        assert [event.window for event in stream.events] == [event["before"] for event in truths]
        for event, truth in zip(stream.events, truths, strict=True):
            assert event.t0 == pytest.approx(truth["t0"], abs=0.01)
            assert event.kind != "write" or event.text == truth["text"]
            assert event.target in {"", truth["name"]}
        runs = stretches(scene.facts)
        assert {goal for goal, _, _ in runs} == set(range(len(goals_of(scene.facts))))


def test_every_needed_text_is_typed(scenes: list[Scene]) -> None:
    for scene in scenes:
        for number, goal in enumerate(goals_of(scene.facts)):
            typed = {e["text"] for e in events_of(scene.facts) if e["goal"] == number and e["tag"] == "need"}
            assert str(goal["carried"]) == "" or any(str(goal["carried"]) in text for text in typed)


def test_no_source_is_in_both_splits() -> None:
    found: dict[str, dict[str, set[str]]] = {"train": {}, "held": {}}
    for split, kinds in found.items():
        for seed in range(60):
            spec = SceneSpec("desk", seed, 1 + seed % 5, "train" if split == "train" else "held")
            for key, names in plan_session(spec).sources.names().items():
                kinds.setdefault(key, set()).update(names)
    assert set(found["train"]) == set(found["held"]) == {"application", "layout", "object", "person", "theme"}
    for key, names in found["train"].items():
        assert not names & found["held"][key]
    assert len(found["train"]["application"]) > 60
    assert len(found["held"]["application"]) > 20


def test_requests_vary(scenes: list[Scene]) -> None:
    requests = [request for scene in scenes for request in WORLD.requests(scene, 40)]
    assert {request.task for request in requests} == set(WORLD.experts)
    assert {request.style for request in requests} == {"template", "paraphrase", "typo", "fuzzy"}
    assert {request.language for request in requests} == {"en", "zh"}
    assert len({request.intent for request in requests}) > 100
    for scene in scenes:
        mine = WORLD.requests(scene, 20)
        assert mine == WORLD.requests(scene, 20)
        assert len({(request.task, request.intent) for request in mine}) == len(mine)
    train = {
        a.template
        for s, spec in zip(scenes, SPECS, strict=True)
        if spec.split == "train"
        for a in WORLD.requests(s, 40)
    }
    held = {
        a.template for s, spec in zip(scenes, SPECS, strict=True) if spec.split == "held" for a in WORLD.requests(s, 40)
    }
    assert not train & held


def test_a_selection_keeps_or_leaves_out_every_event(scenes: list[Scene]) -> None:
    for scene in scenes:
        for request in WORLD.requests(scene, 20):
            kept, dropped = select_events(scene.facts, selection_of(request.meaning))
            assert sorted([*kept, *dropped]) == list(range(len(events_of(scene.facts))))


def test_experts_are_accepted(scenes: list[Scene], tmp_path: Path) -> None:
    domain, cache = load_domain("gui"), Cache(tmp_path / "tools.sqlite")
    for scene in scenes:
        stream = open_stream(scene.path)
        for request in WORLD.requests(scene, len(WORLD.experts)):
            state, _ = answer(domain, stream, request, cache, expert_of(WORLD, scene, request))
            run = rollout_summary(state, 0.0)
            assert run.accepted, (scene.spec, request, run.why)
            assert run.calls <= 10


@pytest.mark.slow
def test_the_planner_stays_below_the_experts(scenes: list[Scene], tmp_path: Path) -> None:
    domain, cache = load_domain("gui"), Cache(tmp_path / "tools.sqlite")
    items: list[tuple[CitedDraft, CitedDraft, DraftSetting]] = []
    for scene in scenes[1:3]:
        stream = open_stream(scene.path)
        for request in WORLD.requests(scene, 2 * len(WORLD.experts)):
            expert, session = answer(domain, stream, request, cache, expert_of(WORLD, scene, request))
            planner, _ = answer(domain, stream, request, cache)
            items.append((cited_draft(planner), cited_draft(expert), setting_of(expert, session)))
    totals = [scores.total for scores in score_all(items, find_similarity("fuzzy"))]
    assert 0.3 < sum(totals) / len(totals) < 0.85
