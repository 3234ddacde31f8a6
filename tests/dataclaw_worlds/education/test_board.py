"""Lessons at the board: their truth against their streams, what is asked of them, and who answers it how well."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import cast

import pytest

from dataclaw.domains.education.tools import board_steps
from dataclaw.domains.education.words import tokens
from dataclaw.evals.embedding import find_similarity
from dataclaw.evals.metrics import CitedDraft, DraftSetting, score_all
from dataclaw.evals.rollouts import cited_draft, rollout_summary, setting_of
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.base import ToolContext
from dataclaw.tools.cache import Cache
from dataclaw.worlds import Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw_worlds.education.blackboard import FAMILIES, lesson_of
from dataclaw_worlds.education.board_draw import GROUNDS
from dataclaw_worlds.education.rewording import reword
from dataclaw_worlds.words import words
from tests.dataclaw_worlds.scenes import assert_same_again, make_scenes

WORLD = find_world("board")
DOMAIN = load_domain("education")
SPECS = (SceneSpec("board", 0, 1), SceneSpec("board", 1, 3, "held"), SceneSpec("board", 3, 5))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    return make_scenes(tmp_path_factory.mktemp("board"), SPECS)


def test_equal_specs_give_equal_scenes(scenes: list[Scene], tmp_path: Path) -> None:
    assert_same_again(scenes[0], tmp_path)


def test_every_line_is_a_step_of_the_board(scenes: list[Scene]) -> None:
    for scene in scenes:
        stream = open_stream(scene.path)
        found = board_steps(ToolContext(stream, (0.0, stream.duration)), {}).anchors
        lines = [m for m in scene.facts["marks"] if m["deed"] == "write"]
        seen = [m for m in lines if any(a.t0 - 0.6 <= m["t"] <= a.t1 + 0.6 for a in found)]
        assert len(seen) >= len(lines) - 1, [m for m in lines if m not in seen]


def test_what_is_said_stands_in_the_subtitles(scenes: list[Scene]) -> None:
    for scene in scenes:
        stream = open_stream(scene.path)
        heard = " ".join(tokens(" ".join(event.text for event in stream.events)))
        assert stream.kind == "lesson"
        assert all(" ".join(tokens(line["text"])) in heard for line in scene.facts["said"])


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_problems_have_steps_that_can_be_asked_for(name: str) -> None:
    hints, chinese = (words("education/board_requests.toml")[key] for key in ("hints", "hints_zh"))
    for seed in range(25):
        problem = FAMILIES[name](random.Random(seed))
        assert 2 <= len(problem.steps) <= 5
        assert len({problem.statement, *(step.line for step in problem.steps)}) == len(problem.steps) + 1
        assert all(step.sort in hints and step.sort in chinese and step.slip != step.line for step in problem.steps)
        assert "--" not in problem.statement


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_other_words_change_no_line(name: str) -> None:
    problem = FAMILIES[name](random.Random(1))
    for seed in range(8):
        other = reword(problem, random.Random(seed))
        assert [(s.line, s.sort, s.slip) for s in other.steps] == [(s.line, s.sort, s.slip) for s in problem.steps]
        assert all(s.move and s.reason and "\\" not in s.move + s.reason for s in other.steps)


@pytest.mark.parametrize("name", ["brackets", "both_sides", "fraction_equation", "two_fractions", "proportion"])
def test_linear_equations_keep_their_solution_from_line_to_line(name: str) -> None:
    import sympy
    from sympy.parsing.sympy_parser import implicit_multiplication_application, parse_expr, standard_transformations

    x = sympy.Symbol("x")
    rules = (*standard_transformations, implicit_multiplication_application)
    for seed in range(6):
        problem = FAMILIES[name](random.Random(seed))
        lines = [problem.statement.removeprefix("Solve "), *(step.line for step in problem.steps)]
        sides = [line.split(" = ") for line in lines]
        ways = [parse_expr(a, transformations=rules) - parse_expr(b, transformations=rules) for a, b in sides]
        solved = {str(cast("object", sympy.solve(way, x))) for way in ways}
        assert len(solved) == 1, lines


def test_train_and_held_specs_share_no_source() -> None:
    used: dict[str, set[str]] = {"train": set(), "held": set()}
    for split in ("train", "held"):
        for seed in range(40):
            session = lesson_of(SceneSpec("board", seed, 1 + seed % 5, split))
            used[split] |= {*session.families, *session.stories}
    assert not used["train"] & used["held"]
    assert len(FAMILIES) >= 30


def test_boards_have_many_grounds() -> None:
    assert len(GROUNDS) >= 6


def test_requests_are_varied(scenes: list[Scene]) -> None:
    found = [request for scene in scenes for request in WORLD.requests(scene, 16)]
    assert {request.task for request in found} == set(WORLD.experts)
    assert {request.language for request in found} == {"en", "zh"}
    assert len({request.template for request in found}) > len(found) / 2
    assert {"all", "hint", "line", "topic"} <= {request.meaning["meaning"] for request in found}


@pytest.mark.parametrize("at", range(len(SPECS)))
def test_experts_are_accepted(scenes: list[Scene], at: int) -> None:
    scene, stream, cache = scenes[at], open_stream(scenes[at].path), Cache()
    done: Counter[str] = Counter()
    for request in WORLD.requests(scene, 6):
        state, _ = answer(DOMAIN, stream, request, cache, expert_of(WORLD, scene, request))
        made = rollout_summary(state, 0.0)
        assert made.accepted, (request, made.why)
        assert made.calls <= 60
        done[request.task] += 1
    assert set(done) >= {"stuck_point_tutoring", "lecture_summary"}


def test_the_step_that_is_meant_is_taught(scenes: list[Scene]) -> None:
    scene, stream, cache = scenes[2], open_stream(scenes[2].path), Cache()
    found = [one for one in WORLD.requests(scene, 12) if one.task == "stuck_point_tutoring"][:3]
    for request in found:
        state, _ = answer(DOMAIN, stream, request, cache, expert_of(WORLD, scene, request))
        step = scene.facts["problems"][request.meaning["problem"]]["steps"][request.meaning["step"]]
        draft = rollout_summary(state, 0.0).draft
        change = state.anchors[draft["input_image"][0]["cite"][0]]
        at = [m["t"] for m in scene.facts["marks"] if m["text"] == step["line"] and m["deed"] == "write"]
        assert any(change.t0 - 0.6 <= time <= change.t1 + 0.6 for time in at)
        assert step["reason"] in draft["answer"][0]["text"].replace("B", "b")
    assert found


@pytest.mark.slow
def test_the_planner_stays_below_the_expert(scenes: list[Scene]) -> None:
    scene = scenes[2]
    stream, cache = open_stream(scene.path), Cache()
    items: list[tuple[CitedDraft, CitedDraft, DraftSetting]] = []
    for request in WORLD.requests(scene, 6):
        expert, session = answer(DOMAIN, stream, request, cache, expert_of(WORLD, scene, request))
        planner, _ = answer(DOMAIN, stream, request, cache)
        items.append((cited_draft(planner), cited_draft(expert), setting_of(expert, session)))
    totals = [scores.total for scores in score_all(items, find_similarity("fuzzy"))]
    assert sum(totals) / len(totals) < 0.8
