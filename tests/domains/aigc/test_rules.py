"""The domain's rules on drafts made by hand: what they pay for, what they hold, and that nothing breaks them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataclaw.domains.aigc import edit_rules, film_rules, wording
from dataclaw.domains.aigc import operations as facts
from dataclaw.kit.fixtures import FixtureSession, fixtures_of
from dataclaw.types import Anchor, Event
from tests.domains.aigc.streams import DOMAIN, case

SHOT = Anchor("m1", "shot", "one shot", 0.0, 6.0, attrs={"first_frame": 0, "last_frame": 59})
CLEAN = Anchor("m2", "clean", "clean pictures", 0.0, 5.0)
MOVES = Anchor("r1", "motion", "camera static; subject active", 1.0, 4.0, attrs={
    "camera": "static", "subject": "active", "subject_direction": "up", "first_frame": 10, "last_frame": 40,
})  # fmt: skip
STILL = Anchor("r2", "motion", "camera static; subject still", 1.0, 4.0, attrs={
    "camera": "static", "subject": "still", "subject_direction": "", "first_frame": 10, "last_frame": 40,
})  # fmt: skip
ANCHORS = (SHOT, CLEAN, MOVES, STILL)


def segment(start: Any = 10, end: Any = 40, cite: list[str] | None = None) -> dict[str, Any]:
    return {"output_video": {"cite": ["m1", "m2", "r1"] if cite is None else cite, "start": start, "end": end}}


def test_a_segment_in_one_clean_shot_that_moves_is_right():
    assert film_rules.segment.judge(case(segment(), ANCHORS)).value == 1.0


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (segment(end=55), "no cited clean span"),
        (segment(end=62), "no cited shot"),
        (segment(end=14), "lasts 0.40 s"),
        (segment(cite=["m1", "m2", "r2"]), "nothing moves"),
        (segment(cite=["m1", "m2"]), "covers 0.00"),
        (segment(cite=["m2", "r1"]), "no cited shot"),
        (segment(start=40, end=10), "no clip"),
        (segment(end=500), "no clip"),
        (segment(start="10"), "no clip"),
    ],
)
def test_what_is_wrong_with_a_segment_is_said(draft: dict[str, Any], said: str):
    score = film_rules.segment.judge(case(draft, ANCHORS))
    assert score.value is not None
    assert score.value < 1.0
    assert any(said in finding.message for finding in score.findings)


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"camera": "pan left"}, False),
        ({"subject": "still"}, False),
        ({"end": 55}, False),
        ({"cite": ["m1"]}, False),
        ({"text": "The camera pans to the left; the subject moves up."}, False),
        ({"text": "The camera holds still; the subject moves down."}, False),
        ({"text": "The subject moves slowly up."}, True),
    ],
)
def test_motion_is_told_as_it_was_measured(change: dict[str, Any], right: bool):
    entry = {"cite": ["r1"], "start": 10, "end": 40, "camera": "static", "subject": "active", "text": "up"} | change
    assert film_rules.motion.judge(case({"motion_plan": [entry]}, ANCHORS)).value == float(right)


def test_pictures_run_from_the_first_frame_of_their_clip_to_its_last():
    draft = segment() | {"output_image": [{"frame": 10}, {"frame": 20}, {"frame": 40}]}
    assert film_rules.pictures.judge(case(draft, ANCHORS)).value == 1.0
    for frames in ([20, 40], [10, 20], [10, 20, 20, 40], [10, 50, 40]):
        wrong = segment() | {"output_image": [{"frame": f} for f in frames]}
        score = film_rules.pictures.judge(case(wrong, ANCHORS)).value
        assert score is not None
        assert score < 1.0


def clip(index: int, t0: float, t1: float, **attrs: Any) -> Event:
    given = {"track": "V1", "track_kind": "video", "rate": 25.0, "source_in": 5.0, "source_out": 5.0 + t1 - t0}
    return Event(index, "clip", t0, t1, text=f"shot {index}", attrs={**given, "speed": 1.0, "enabled": True} | attrs)


CUT = (clip(0, 0.0, 2.0), clip(1, 2.0, 5.0), clip(2, 5.0, 6.0))


def told(events: tuple[Event, ...]) -> dict[str, Any]:
    return {"operations": [{"cite": [f"e{e.index}"], **facts.of_event(e)} for e in events]}


@given(st.integers(0, 2), st.sampled_from(["record_in", "record_out", "source_in"]), st.floats(-3, 3, allow_nan=False))
def test_times_agree_to_half_a_frame(which: int, name: str, frames: float):
    draft = told(CUT)
    draft["operations"][which][name] += frames / 25.0
    score = edit_rules.timecodes.judge(case(draft, (), CUT)).value
    assert score is not None
    assert (score == 1.0) == (abs(frames) <= 0.5) or 0.499 < abs(frames) < 0.501


def test_a_clip_longer_than_its_record_contradicts_itself():
    odd = clip(0, 0.0, 2.0, source_out=9.0)
    score = edit_rules.timecodes.judge(case(told((odd,)), (), (odd,)))
    assert score.value is not None
    assert score.value < 1.0
    assert "the source lasts 4.00 s, the record 2.00 s" in score.findings[0].message
    assert not facts.disagreement(facts.of_event(clip(0, 0.0, 2.0, source_out=9.0, speed=2.0)), 25.0)
    assert not facts.disagreement(facts.of_event(clip(0, 0.0, 2.0, source_out=5.04, speed=0.0)), 25.0)


def test_operations_are_complete_and_in_order():
    judge = edit_rules.operations.judge
    assert judge(case(told(CUT), (), CUT)).value == 1.0
    missing = judge(case(told(CUT[:2]), (), CUT))
    assert missing.value is not None
    assert missing.value < 1.0
    assert missing.findings[0].message == "e2 is neither told nor left out"
    named = told(CUT[:2]) | {"left_out": [{"cite": ["e2"], "reason": "not_asked"}]}
    assert judge(case(named, (), CUT)).value == 1.0
    turned = {"operations": told(CUT)["operations"][::-1]}
    score = judge(case(turned, (), CUT)).value
    assert score is not None
    assert score < 1.0


def test_what_the_intent_does_not_ask_for_is_not_to_be_told():
    score = edit_rules.operations.judge(case(told(CUT), (), CUT, intent="only the first 4 seconds"))
    assert [f.message for f in score.findings] == ["e2 is outside the span asked for"]
    assert edit_rules.operations.judge(case(told(CUT[:2]), (), CUT, intent="only the first 4 seconds")).value == 1.0


def test_a_field_that_the_event_does_not_have_is_wrong():
    draft = told(CUT)
    draft["operations"][0]["transition"] = "wipe"
    score = edit_rules.operations.judge(case(draft, (), CUT))
    assert score.findings[0].path == "/operations/0/transition"


def test_an_instruction_stands_word_for_word():
    event = Event(0, "instruction", 0.0, 1.0, text="Make the mug red.")
    node = Event(1, "node", 1.0, 1.0, text="CLIPTextEncode", attrs={"inputs": {"text": "a snowy mountain\n"}})

    def score(cite: str, text: str) -> float | None:
        return edit_rules.instruction.judge(
            case({"instruction": {"cite": [cite], "text": text}}, (), (event, node))
        ).value

    assert score("e0", "Make the mug red.") == 1.0
    assert score("e0", "Make the mug") == 0.0
    assert score("e0", "make the cup red.") == 0.0
    assert score("e1", "a snowy mountain") == 1.0
    assert score("e1", "CLIPTextEncode") == 0.0
    assert score("e9", "Make the mug red.") == 0.0
    assert score("e0", "") == 0.0


def test_a_region_overlaps_the_change_it_cites():
    change = Anchor("c1", "change", "20% changed", 0.0, 1.0, frame=1, box=(100.0, 100.0, 200.0, 200.0))
    for region, right in (([100, 100, 200, 200], 1.0), ([110, 100, 200, 200], 1.0), ([0, 0, 90, 90], 0.0)):
        draft = {"operations": [{"cite": ["c1"], "name": "local", "region": region}]}
        assert edit_rules.regions.judge(case(draft, (change,))).value == right


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["cite", "start", "end", "frame", "text", "operations", "parameters", "record_in", "source_in", "region",
         "name", "kind", "camera", "subject", "left_out", "reason"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip
BENCHES = {row.task: FixtureSession(DOMAIN.task(row.task), row) for row in fixtures_of(DOMAIN)}


@pytest.mark.parametrize("task", sorted(DOMAIN.tasks))
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_stand_any_draft(task: str, data: st.DataObject):
    """The schema's gate would stop most of these; the rules must stand them on their own."""
    bench = BENCHES[task]
    gold: dict[str, Any] = json.loads(json.dumps(bench.row.gold))
    gold[data.draw(st.sampled_from(sorted(gold)))] = data.draw(JSON)
    rules = [film_rules.segment, film_rules.motion, film_rules.pictures, film_rules.transition, edit_rules.operations,
             edit_rules.instruction, edit_rules.answer_lines, edit_rules.regions, edit_rules.timecodes]  # fmt: skip
    anchors = tuple(bench.state.anchors.values())
    for rule in rules:
        value = rule.judge(case(gold, anchors, bench.session.stream.events)).value
        assert value is None or 0.0 <= value <= 1.0


def test_a_tilt_that_comes_to_nothing_is_told_as_a_camera_that_holds_still() -> None:
    attrs: dict[str, Any] = dict(MOVES.attrs) | {
        "camera": "tilt up",
        "tilt": 0.003,
        "oscillation": False,
        "subject_box": None,
    }
    anchor = Anchor("r1", "motion", "camera tilt up 0.00 picture heights", 1.0, 4.0, attrs=attrs)
    assert wording.motion(anchor, (100, 100)) == (
        "The camera holds still; what moves is somewhere in the picture and goes up."
    )
    assert wording.camera_of(attrs | {"tilt": 0.03}) == "tilt up"
    assert wording.camera_of({"camera": "static"}) == "static"


def test_all_that_the_camera_does_is_said_once_and_what_is_unsure_is_not() -> None:
    def moved(camera: str, sure: float, **more: Any) -> Anchor:
        return Anchor(
            "r1", "motion", "", 1.0, 2.0, confidence=sure, attrs=dict(MOVES.attrs) | {"camera": camera} | more
        )

    held, pan = moved("static", 0.9), moved("pan left", 0.8, pan=-0.4)
    doubtful, lost, on = moved("tilt up", 0.3, tilt=0.4), moved("lost", 0.1), moved("forward", 0.9)
    assert wording.camera_course([held, held, pan, doubtful, lost, on]) == (
        "the camera holds still, then pans to the left by 0.40 picture widths, then moves forward"
    )
    assert wording.camera(doubtful) == "the camera seems to tilt up by 0.40 picture heights"
    assert wording.camera_course([lost]) == ""
