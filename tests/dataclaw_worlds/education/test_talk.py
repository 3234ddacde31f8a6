"""Lectures: their truth against their streams, what is asked of them, and what experts and planner make of it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from dataclaw.domains.education.questions import answers
from dataclaw.domains.education.words import stems, tokens
from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import CitedDraft, DraftSetting, score_all
from dataclaw.evals.rollouts import cited_draft, rollout_summary, setting_of
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.worlds import Request, Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw_worlds.education.frames import vary_topic
from dataclaw_worlds.education.script import write_script
from dataclaw_worlds.education.topics import topics
from tests.dataclaw_worlds.scenes import assert_same_again, make_scenes

WORLD = find_world("talk")
DOMAIN = load_domain("education")
SPECS = (SceneSpec("talk", 0, 1), SceneSpec("talk", 4, 3, "held"), SceneSpec("talk", 3, 5), SceneSpec("talk", 2, 3))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    return make_scenes(tmp_path_factory.mktemp("talk"), SPECS)


def test_equal_specs_give_equal_scenes(scenes: list[Scene], tmp_path: Path) -> None:
    assert_same_again(scenes[0], tmp_path)


def test_a_lecture_opens_as_a_lesson_that_says_what_is_true(scenes: list[Scene]) -> None:
    for scene in scenes:
        stream = open_stream(scene.path)
        assert stream.kind == "lesson"
        heard = " ".join(tokens(" ".join(event.text for event in stream.events if event.kind == "cue")))
        assert all(" ".join(tokens(line["text"])) in heard for line in scene.facts["said"])
        assert (stream.frames is not None) == bool(scene.facts["slides"])
        assert scene.spec.name in Path(stream.path).name


def test_lectures_come_in_several_forms(scenes: list[Scene]) -> None:
    assert {"video", "course"} <= {scene.facts["form"] for scene in scenes}


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.name)
def test_facts_answer_their_questions(topic: object) -> None:
    known = next(t for t in topics() if t == topic)
    assert len(tokens(known.title)) >= 3
    assert known.facts[0].kind == "definition"
    for fact in known.facts:
        asked, passage = set(stems(fact.question, "en")), set(stems(fact.sentence, "en"))
        assert fact.answer in fact.sentence
        assert fact.slip != fact.sentence
        assert len(asked & passage) >= len(asked) / 2, fact.question
        assert answers(fact.question, fact.answer, "en"), fact.question


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.name)
def test_facts_keep_their_answers_in_other_words(topic: object) -> None:
    known = next(t for t in topics() if t == topic)
    for seed in range(8):
        for before, fact in zip(known.facts, vary_topic(known, random.Random(seed)).facts, strict=True):
            assert (fact.question, fact.answer) == (before.question, before.answer)
            assert " ".join(tokens(fact.answer)) in " ".join(tokens(fact.sentence))
            asked, passage = set(stems(fact.question, "en")), set(stems(fact.sentence, "en"))
            assert len(asked & passage) >= len(asked) / 2, fact.sentence
            assert not fact.slip or fact.sentence == before.sentence


def test_train_and_held_specs_share_no_source() -> None:
    used: dict[str, set[str]] = {"train": set(), "held": set()}
    for split in ("train", "held"):
        for seed in range(40):
            script = write_script(SceneSpec("talk", seed, 1 + seed % 5, split))
            used[split] |= {topic.name for topic in script.topics} | set(script.digressions)
    assert not used["train"] & used["held"]
    assert len(used["held"]) > 15


def test_a_slip_is_put_right_before_the_topic_ends() -> None:
    slips = 0
    for seed in range(20):
        lines = write_script(SceneSpec("talk", seed, 4)).lines
        for at, line in enumerate(lines):
            if line.role == "slip":
                slips += 1
                later = [o for o in lines[at:] if (o.topic, o.fact, o.role) == (line.topic, line.fact, "fact")]
                assert later
    assert slips > 10


def test_requests_are_varied(scenes: list[Scene]) -> None:
    found = [request for scene in scenes for request in WORLD.requests(scene, 18)]
    assert {request.task for request in found} == set(WORLD.experts)
    assert {request.language for request in found} == {"en", "zh"}
    assert len({request.style for request in found}) == 4
    assert len({request.template for request in found}) > len(found) / 2
    assert len({request.meaning["meaning"] for request in found}) > 8
    train = {a.template for s in scenes if s.spec.split == "train" for a in WORLD.requests(s, 40)}
    held = {a.template for s in scenes if s.spec.split == "held" for a in WORLD.requests(s, 40)}
    assert not train & held


@pytest.mark.parametrize("at", range(len(SPECS)))
def test_experts_are_accepted(scenes: list[Scene], at: int) -> None:
    scene, stream, cache = scenes[at], open_stream(scenes[at].path), Cache()
    done: Counter[str] = Counter()
    for request in WORLD.requests(scene, 9):
        state, _ = answer(DOMAIN, stream, request, cache, expert_of(WORLD, scene, request))
        made = rollout_summary(state, 0.0)
        assert made.accepted, (request, made.why)
        assert made.calls <= 12
        done[request.task] += 1
    assert len(done) >= 2


def test_the_planner_stays_below_the_expert(scenes: list[Scene]) -> None:
    scene = next(s for s in scenes if s.facts["form"] == "course")
    stream, cache = open_stream(scene.path), Cache()
    items: list[tuple[CitedDraft, CitedDraft, DraftSetting]] = []
    for request in WORLD.requests(scene, 8):
        expert, session = answer(DOMAIN, stream, request, cache, expert_of(WORLD, scene, request))
        planner, _ = answer(DOMAIN, stream, request, cache)
        items.append((cited_draft(planner), cited_draft(expert), setting_of(expert, session)))
    totals = [scores.total for scores in score_all(items, find_similarity("fuzzy"))]
    assert sum(totals) / len(totals) < 0.8


def test_a_lesson_teaches_what_is_clear_and_shows_no_stories(scenes: list[Scene]) -> None:
    scene = max((s for s in scenes if s.facts["slides"]), key=lambda s: s.spec.difficulty)
    request = Request("interleaved_lesson", "illustrated lecture notes, slide by slide", {"meaning": "all"})
    state, _ = answer(DOMAIN, open_stream(scene.path), request, Cache(), expert_of(WORLD, scene, request))
    made = rollout_summary(state, 0.0).draft
    told = " ".join(tokens(" ".join(paragraph["text"] for paragraph in made["answer"])))
    lines = [(line["role"], " ".join(tokens(line["text"]))) for line in scene.facts["said"]]
    assert not [text for role, text in lines if role in {"slip", "digression", "notice", "filler"} and text in told]
    facts = [f for topic in scene.facts["topics"] for f in topic["facts"] if f["told"] and not f["unclear"]]
    assert sum(" ".join(tokens(f["sentence"])) in told for f in facts) > 0.8 * len(facts)


def test_an_expert_leaves_out_slips_and_stories(scenes: list[Scene]) -> None:
    scene = scenes[2]
    stream, cache = open_stream(scene.path), Cache()
    request = Request("concept_qa", "8 questions with answers, please", {"meaning": "count", "count": 8})
    state, _ = answer(DOMAIN, stream, request, cache, expert_of(WORLD, scene, request))
    asked = {pair["question"] for pair in rollout_summary(state, 0.0).draft["pairs"]}
    assert asked <= {fact["question"] for topic in scene.facts["topics"] for fact in topic["facts"]}
