"""The plans on the recorded traces that ship with the project, against the truth that the script wrote down."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dataclaw.plugins import load_domain
from dataclaw.rewards import Verdict
from dataclaw.schema import narrow
from dataclaw.streams import cut_fragments, open_stream
from dataclaw.types import Stream
from tests.domains.gui.driver import Run, brief_for, case_of, run

TRACES = Path(__file__).parents[3] / "examples" / "traces"
DOMAIN = load_domain("gui")
pytestmark = pytest.mark.skipif(not TRACES.is_dir(), reason="the example traces are not here")


@cache
def trace(name: str) -> Stream:
    return open_stream(TRACES / name)


@cache
def made(name: str, task: str, intent: str) -> tuple[Run, Verdict]:
    return judged(trace(name), task, intent)


def judged(stream: Stream, task: str, intent: str) -> tuple[Run, Verdict]:
    known = DOMAIN.task(task)
    assert known.plan is not None
    brief = brief_for(stream, intent, task, known.schema)
    done = run(known.plan, stream, brief)
    schema = narrow(
        known.schema, frames=brief.frames, window=brief.window, anchor_ids=tuple(done.anchors), labels=brief.labels
    )
    return done, known.rubric.score(case_of(done, stream, brief, schema))


def purposes(name: str) -> dict[int, str]:
    """Purpose by event index: of the truth rows whose time an event covers, "needed" when any was."""
    stream = trace(name)
    start = json.loads((TRACES / name / "metadata.json").read_text())["video_start_timestamp"]
    rows = [json.loads(r) for r in (TRACES / name / "reduced_events_complete.jsonl").read_text().splitlines()]
    found: dict[int, str] = {}
    for event in stream.events:
        inside = [
            r["purpose"] for r in rows if event.t0 - 0.1 <= r["start_time"] - start <= max(event.t1, event.t0) + 0.1
        ]
        found[event.index] = "needed" if "needed" in inside else inside[0]
    return found


def events_of(items: list[dict[str, Any]]) -> set[int]:
    return {int(cite[1:]) for item in items for cite in item["cite"] if cite.startswith("e")}


FIVE = [
    ("action_sequence", "everything"),
    ("action_sequence", "only the shop window"),
    ("action_sequence", "only what led to the final state"),
    ("how_to", "a tutorial for a person"),
    ("test_steps", "test steps for an agent"),
]


@pytest.mark.parametrize(
    ("task", "intent"), [*FIVE, ("navigation_sft", "data for a GUI agent"), ("multi_event_decomposition", "split it")]
)
def test_every_draft_passes_its_rubric(task: str, intent: str) -> None:
    done, verdict = made("shop_and_mail", task, intent)
    assert verdict.passed, verdict.findings()
    assert not done.failures
    assert len(done.calls) <= DOMAIN.task(task).budget.tool_calls


def test_five_intents_give_five_different_drafts() -> None:
    drafts = [json.dumps(made("shop_and_mail", task, intent)[0].draft) for task, intent in FIVE]
    assert len(set(drafts)) == 5


def test_everything_is_everything() -> None:
    draft = made("shop_and_mail", "action_sequence", "everything")[0].draft
    assert [a["time"] for a in draft["actions"]] == [round(e.t0, 3) for e in trace("shop_and_mail").events]
    assert draft["left_out"] == []


def test_only_the_shop_is_only_the_shop() -> None:
    draft = made("shop_and_mail", "action_sequence", "only the shop window")[0].draft
    assert {a["window"].split(" — ")[0] for a in draft["actions"]} == {"Fernhill Supply"}
    assert {entry["reason"] for entry in draft["left_out"]} == {"other_window"}


@pytest.mark.parametrize("name", ["shop_and_mail", "calendar_only"])
def test_what_led_to_the_final_state_is_what_the_script_needed(name: str) -> None:
    draft = made(name, "action_sequence", "only what led to the final state")[0].draft
    truth = purposes(name)
    needed = {index for index, purpose in truth.items() if purpose == "needed"}
    kept = events_of(draft["actions"])
    assert needed <= kept
    assert len(kept - needed) <= 1, f"kept though not needed: {sorted(kept - needed)}"
    assert events_of(draft["left_out"]) == set(truth) - kept


def test_orders_on_the_screen_are_not_followed() -> None:
    """The newsletter says what to output; the draft for everything shows it as a page and nothing more."""
    for task, intent in FIVE:
        text = json.dumps(made("shop_and_mail", task, intent)[0].draft)
        assert '"success"' not in text
        assert "reward" not in text


def test_goals_of_the_two_traces() -> None:
    session = made("shop_and_mail", "multi_event_decomposition", "split it")[0].draft
    assert session["relation"] == "sequential"
    assert [(f["first"], f["last"]) for f in session["fragments"]] == [(0, 1), (2, 27), (28, 35), (36, 39)]
    calendar = made("calendar_only", "multi_event_decomposition", "split it")[0].draft
    assert calendar["relation"] == "parallel"
    assert [f["first"] for f in calendar["fragments"]] == [0, 8]


def test_the_plan_is_deterministic() -> None:
    stream = trace("calendar_only")
    first, _ = judged(stream, "how_to", "a tutorial")
    again, _ = judged(replace(stream, name="again"), "how_to", "a tutorial")
    assert first.calls == again.calls


@pytest.mark.parametrize("seed", range(2))
def test_cut_and_shuffled_trace_is_put_back(seed: int) -> None:
    puzzle = cut_fragments(trace("shop_and_mail"), parts=3, seed=seed)
    done, verdict = judged(puzzle, "long_horizon_reconstruction", "order the fragments")
    assert verdict.passed, verdict.findings()
    assert done.draft["ordered_fragment_labels"] == puzzle.annotations["ordered_fragment_labels"]


@pytest.mark.shared
def test_fragments_of_the_papers_case() -> None:
    folder = Path(__file__).parents[4] / "shared" / "data" / "paper_cases" / "gui_shopping"
    if not folder.is_dir():
        pytest.skip("the sample data are not here")
    stream = open_stream(folder)
    done, verdict = judged(stream, "long_horizon_reconstruction", "order the fragments")
    assert verdict.passed, verdict.findings()
    assert done.draft["ordered_fragment_labels"] == stream.annotations["ordered_fragment_labels"]
    assert [entry["fragment"] for entry in done.draft["left_out"]] == ["D"]
