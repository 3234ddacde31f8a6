"""The truth at the choice points: what a request means is kept, and the plans write it with what is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from dataclaw.agent import steps
from dataclaw.choosing import ChoicePoint, Chooser, Chosen
from dataclaw.plugins import load_domain
from dataclaw.streams.load import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.worlds import Request, find_world
from dataclaw.worlds.base import Scene
from dataclaw.worlds.experts import KnowingExpert, answer, expert_of
from dataclaw_worlds.daily.chores_truth import chores_truth_of, rows_for
from dataclaw_worlds.daily.known import know
from dataclaw_worlds.daily.known_walk import know as know_walk
from tests.dataclaw_worlds.daily.conftest import Make


@dataclass
class Listening:
    """Notes what a chooser answers."""

    chooser: Chooser
    seen: dict[str, tuple[ChoicePoint, Chosen]] = field(default_factory=dict[str, tuple[ChoicePoint, Chosen]])

    def choose(self, point: ChoicePoint) -> Chosen:
        """The answer of the chooser."""
        found = self.chooser.choose(point)
        self.seen[point.name] = point, found
        return found


def answered(scene: Scene, request: Request) -> tuple[dict[str, Any], dict[str, tuple[ChoicePoint, Chosen]]]:
    """The expert's draft, and what was asked and answered at its choice points."""
    expert = expert_of(find_world(scene.spec.world), scene, request)
    listening = Listening(expert.chooser)
    state, _ = answer(load_domain("daily"), open_stream(scene.path), request, Cache(),
                      KnowingExpert(expert.plan, listening))  # fmt: skip
    best = steps.best(state)
    assert best is not None, state.error
    assert best.verdict.passed
    return cast("dict[str, Any]", best.draft), listening.seen


@pytest.mark.parametrize("seed", [0, 1])
def test_the_truth_keeps_what_the_request_means_and_only_that_is_written(seed: int, make: Make) -> None:
    scene = make("chores", seed, 3)
    rows = {row.id: row for row in chores_truth_of(scene).rows}
    for request in find_world("chores").requests(scene, 9):
        draft, seen = answered(scene, request)
        assert all(chosen.by == "truth" for _, chosen in seen.values())
        cited = {name for entry in draft["answer"] for name in entry["cite"] if name in rows}
        means = {row.id for row in rows_for(chores_truth_of(scene), request.meaning)}
        assert all(name in means or rows[name].role == "heading" for name in cited if "about" not in request.meaning)
        if request.task == "procedural_tutorial":
            assert cited == set(seen["daily.told"][1].kept)
            starts = [entry["cite"][0] for entry in draft["answer"]]
            assert set(seen["daily.steps"][1].kept) <= set(starts)


def test_one_question_about_one_action_is_the_one_that_is_meant(make: Make) -> None:
    scene = make("chores", 1, 3)
    asked = [r for r in find_world("chores").requests(scene, 60) if r.meaning.get("about")]
    assert asked
    for request in asked:
        draft, seen = answered(scene, request)
        point, chosen = seen["daily.questions"]
        assert len(draft["items"]) == len(chosen.kept) == 1
        (option,) = [o for o in point.options if o.id == chosen.kept[0]]
        about = cast("list[str]", request.meaning["about"])[0]
        assert about in cast("list[str]", option.attrs["cites"])


def test_what_is_known_beside_the_words(make: Make) -> None:
    scene = make("chores", 0, 5)
    truth = chores_truth_of(scene)
    told = know(scene, Request("procedural_tutorial", "", {"procedures": [0]}))
    events = {event.id: event for event in _anchors(scene)}
    by_id = {one.id: one for one in told.narrate(list(events.values()))}
    for row in truth.rows:
        one = by_id[row.id]
        assert (one.order, one.purpose, one.relevant) == (row.order, row.purpose, row.useful or row.role == "heading")
        assert (one.aside == "") == (row.role == "step")
    assert told.goal_of([by_id[row.id] for row in truth.rows if row.procedure == 0]) == truth.procedures[0].goal


def _anchors(scene: Scene) -> list[Any]:
    from dataclaw.types import Anchor

    stream = open_stream(scene.path)
    return [Anchor(f"e{e.index}", "event", e.text, e.t0, e.t1, attrs={"text": e.text}) for e in stream.events]


def test_a_walk_leaves_detours_out_and_names_the_rooms_that_are_entered(make: Make) -> None:
    told = 0
    for seed in (0, 1, 2):
        scene = make("house", seed, 3)
        for request in find_world("house").requests(scene, 8):
            if request.task != "vln_navigation":
                continue
            draft, seen = answered(scene, request)
            truth = know_walk(scene, request).truth
            point, kept = seen["daily.route"]
            spans = [(o.t0, o.t1) for o in point.options if o.id in kept.kept]
            inside = [v for v in truth.visits if v.detour and v.told] if request.meaning.get("direct") else []
            assert not any(a < (v.told[0].t0 + v.told[-1].t1) / 2 < b for v in inside for a, b in cast("Any", spans))
            rooms = [p for p in truth.places if p.id in seen["daily.landmarks"][1].kept and p.kind == "room"]
            words = " ".join(entry["text"] for entry in draft["answer"])
            assert all(truth.names[p.room] in words for p in rooms)
            told += len(rooms)
    assert told
