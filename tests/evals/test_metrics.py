"""The benchmark's metrics: hand-computed cases, invariances, and that a worse answer never scores higher."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.metrics import (
    CitedDraft,
    DraftSetting,
    Scores,
    course,
    course_kind,
    field_score,
    fields,
    gate,
    score,
    score_all,
    sequence_score,
    texts,
)
from dataclaw.kit.fixtures import fixtures_of
from dataclaw.plugins import load_domain
from dataclaw.schema import citations
from dataclaw.types import Anchor

CITE = {"type": "array", "items": {"type": "string", "x-ref": "anchor"}}
FRAME = {"type": "integer", "x-ref": "frame"}
TEXT = {"type": "string"}


def closed(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": wanted, "additionalProperties": False}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


SAID = closed(cite=CITE, text=TEXT)
STEPS = closed(
    ["steps"],
    cot=array(SAID),
    question=SAID,
    answer=SAID,
    steps=array(closed(["text"], cite=CITE, frame=FRAME, text=TEXT)),
    left_out=array(closed(cite=CITE, frame=FRAME)),
)
SETTING = DraftSetting(STEPS, frames=11, window=(0.0, 10.0))
E = {f"e{i}": Anchor(f"e{i}", "event", f"event {i}", float(i), i + 0.5) for i in range(11)}
FUZZY = Fuzzy()


class Words:
    """Likeness by shared words, for numbers that one can work out."""

    name = "words"

    def __call__(self, pairs: Any) -> list[float]:
        return [len(set(a.split()) & set(b.split())) / len(set(a.split()) | set(b.split())) for a, b in pairs]


def said(text: str, *cite: str) -> dict[str, Any]:
    return {"cite": list(cite or ("e1",)), "text": text}


def step(text: str, frame: int, *cite: str) -> dict[str, Any]:
    return {"cite": list(cite or ("e1",)), "frame": frame, "text": text}


REFERENCE: dict[str, Any] = {
    "cot": [said("first this"), said("then that")],
    "question": said("what is done"),
    "answer": said("this and that"),
    "steps": [step("this", 0), step("that", 10)],
    "left_out": [{"cite": ["e5"], "frame": 5}],
}


def against(
    prediction: Any, reference: Any = REFERENCE, setting: DraftSetting = SETTING, similarity: Any = FUZZY
) -> Scores:
    return score(CitedDraft(prediction, E), CitedDraft(reference, E), setting, similarity)


def changed(**parts: Any) -> dict[str, Any]:
    return {**REFERENCE, **parts}


def test_the_reference_scores_exactly_100_against_itself() -> None:
    one = against(REFERENCE)
    assert (one.gate, one.field, one.semantic, one.sequence, one.total) == (1.0, 1.0, 1.0, 1.0, 1.0)
    assert one.course == "frame"
    assert one.texts == {"question": 1.0, "answer": 1.0, "cot": 1.0}
    assert one.absent == ()


def test_the_total_weighs_the_three_terms() -> None:
    prediction = {
        "question": said("what is"),
        "steps": [step("this", 5), step("that", 5)],
    }
    one = against(prediction, similarity=Words())
    wanted = {".cot", ".cot.[].text", ".question", ".question.text", ".answer", ".answer.text", ".steps"}
    wanted |= {".steps.[].frame", ".steps.[].text", ".leftout", ".leftout.[].frame"}
    assert fields(REFERENCE) == wanted
    assert one.field == pytest.approx(0.7 * 5 / 11 + 0.3)
    assert one.texts == pytest.approx({"question": 2 / 3, "answer": 2 / 3, "cot": 0.0})
    # No answer of its own: everything outside the envelope answers, "this\nthat" against "this and that".
    assert one.semantic == pytest.approx(0.4 * 2 / 3 + 0.4 * 2 / 3)
    assert one.sequence == pytest.approx(math.exp(-0.25 / 0.10), rel=0.05)
    assert one.total == pytest.approx(0.2 * one.field + 0.35 * one.semantic + 0.45 * one.sequence)


def test_a_draft_without_an_answer_answers_with_all_that_it_says() -> None:
    draft = {"steps": [step("this", 0), step("that", 10)], "cot": [said("why")]}
    assert texts(draft, STEPS) == {"answer": "this\nthat", "cot": "why"}
    assert texts(REFERENCE, STEPS)["answer"] == "this and that"


def test_semantic_is_weighed_over_the_texts_that_the_reference_has() -> None:
    reference = {"question": said("a b"), "steps": [step("c d", 0)]}
    one = against({"question": said("a b"), "steps": [step("c x", 0)]}, reference, similarity=Words())
    assert one.semantic == pytest.approx((0.4 * 1 + 0.4 * (1 / 3)) / 0.8)
    assert one.total == pytest.approx(0.2 * 1 + 0.35 * one.semantic + 0.45 * 1)


def test_field_counts_missing_and_extra_paths() -> None:
    assert field_score({"a": 1, "b": 2}, {"a": 1, "b": 2}) == 1.0
    assert field_score({"a": 1}, {"a": 1, "b": 2}) == pytest.approx(0.7 * 0.5 + 0.3)
    assert field_score({"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 1, "b": 2}) == pytest.approx(0.7 + 0.3 * 0.5)
    assert field_score({"a": [{"x": 1}, {"y": 2}]}, {"a": [{"x": 1, "y": 1}]}) == 1.0
    assert field_score({}, {"a": 1}) == pytest.approx(0.3)
    assert field_score({"a": 1}, {}) is None
    assert field_score({"Some_Key": 1, "ot-her": 2}, {"somekey": 1, "Other": 2}) == 1.0
    assert field_score({"a": {"cite": ["e1"]}}, {"a": {"cite": ["e9"], "b": 1}}) == pytest.approx(0.7 * 0.5 + 0.3)


def test_sequence_of_a_constant_shift_is_worked_out_by_hand() -> None:
    prediction = changed(steps=[step("this", 1), step("that", 10)])
    # The courses differ by 0.1 at the start and 0 at the end: 0.05 on average.
    assert against(prediction).sequence == pytest.approx(math.exp(-0.05 / 0.10))
    shifted = changed(steps=[step("this", 0), step("that", 9)])
    assert against(shifted).sequence == pytest.approx(math.exp(-0.5))
    both = changed(steps=[step("this", 1), step("that", 9)])
    grid = np.linspace(0, 1, 50)
    distance = float(np.abs(grid - (0.1 + 0.8 * grid)).mean())
    assert against(both).sequence == pytest.approx(math.exp(-distance / 0.10))


def test_what_stands_beside_the_course_does_not_count() -> None:
    assert against(changed(left_out=[{"cite": ["e1"], "frame": 10}])).sequence == 1.0
    assert course(CitedDraft(REFERENCE), SETTING, "frame") == [0.0, 1.0]


def test_a_prediction_without_a_course_gets_nothing() -> None:
    one = against({**REFERENCE, "steps": [{"text": "this"}]})
    assert one.sequence == 0.0


LABELS = closed(order=array({"type": "string", "x-ref": "label"}))


def test_labels_stand_where_the_reference_has_them() -> None:
    setting = DraftSetting(LABELS, labels=("A", "B", "C", "D"))
    reference = CitedDraft({"order": ["B", "A", "C"]})
    assert course(CitedDraft({"order": ["C", "D"]}), setting, "label", ["B", "A", "C"]) == [1.0, -1.0, -1.0, -1.0]
    assert sequence_score(reference, reference, setting) == (1.0, "label")
    assert sequence_score(CitedDraft({"order": []}), reference, setting) == (0.0, "label")
    swapped, _ = sequence_score(CitedDraft({"order": ["A", "B", "C"]}), reference, setting)
    assert swapped == pytest.approx(math.exp(-0.25 / 0.10), rel=0.05)  # 0.5, 0, 1 beside 0, 0.5, 1


def test_a_fragment_too_many_or_too_few_costs_more_than_nothing() -> None:
    setting = DraftSetting(LABELS, labels=("A", "B", "C", "D"))
    reference = CitedDraft({"order": ["A", "B", "C"]})
    for order in (["A", "C"], ["A", "B"], ["A", "B", "D"], ["A", "B", "C", "D"], ["C", "B", "A"], ["D"]):
        got, _ = sequence_score(CitedDraft({"order": order}), reference, setting)
        assert got is not None
        assert got < 0.5, order


def test_times_and_citations_are_courses_too() -> None:
    timed = closed(["parts"], parts=array(closed(cite=CITE, t={"type": "number", "x-ref": "time"})))
    setting = DraftSetting(timed, window=(10.0, 20.0))
    draft = {"parts": [{"cite": ["e1"], "t": 10.0}, {"cite": ["e2"], "t": 15.0}]}
    assert course_kind(CitedDraft(draft, E), setting) == "time"
    assert course(CitedDraft(draft, E), setting, "time") == [0.0, 0.5]
    cited = closed(["parts"], cot=array(SAID), parts=array(closed(cite=CITE, text=TEXT)))
    draft = {"cot": [said("x", "e9")], "parts": [said("a", "e2", "e1"), said("b", "e4")]}
    setting = DraftSetting(cited, window=(0.0, 10.0))
    assert course_kind(CitedDraft(draft, E), setting) == "cited"
    assert course(CitedDraft(draft, E), setting, "cited") == pytest.approx([0.1, 0.25, 0.4, 0.45])
    assert score(CitedDraft(draft, E), CitedDraft(draft, E), setting, FUZZY).total == 1.0


def test_terms_without_anything_to_measure_are_named_and_left_out() -> None:
    plain = closed([], cot=array(SAID), parts=array(closed(n={"type": "integer"})))
    setting = DraftSetting(plain)
    reference = {"parts": []}
    one = against({"parts": []}, reference, setting)
    assert one.absent == ("semantic", "sequence")
    assert one.total == 1.0
    assert against({"parts": [], "cot": []}, reference, setting).total == pytest.approx(0.7 + 0.3 * 0.5)


@pytest.mark.parametrize(
    "prediction",
    [
        None,
        "",
        "no json",
        "[]",
        [],
        {},
        {**REFERENCE, "more": 1},
        changed(steps=[step("this", 99)]),
        changed(steps=[step("this", 0, "e77")]),
        changed(question="plain"),
        '{"steps": [], "steps": []}',
    ],
)
def test_behind_a_closed_gate_everything_is_0(prediction: Any) -> None:
    one = against(prediction)
    assert (one.gate, one.field, one.semantic, one.sequence, one.total) == (0.0, 0.0, 0.0, 0.0, 0.0)
    assert not any(one.texts.values())


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```", "```\n{}\n```\n", "  {}  "])
def test_code_fences_are_stripped(fence: str) -> None:
    assert against(fence.replace("{}", json.dumps(REFERENCE))).total == 1.0


def test_the_order_of_keys_is_no_matter() -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(list(value))}
        return [turned(item) for item in value] if isinstance(value, list) else value

    reference = {"steps": [step("this", 0), step("that", 10)], "cot": [said("why")]}
    assert against(turned(reference), reference).total == 1.0


def test_many_are_scored_as_one_by_one() -> None:
    items = [
        (CitedDraft(changed(answer=said(text)), E), CitedDraft(REFERENCE, E), SETTING)
        for text in ("this", "that", "this")
    ]
    assert score_all(items, FUZZY) == [score(*item, FUZZY) for item in items]
    assert score_all([], FUZZY) == []


def test_the_gate_knows_the_stream() -> None:
    assert gate(CitedDraft(REFERENCE, E), SETTING)
    assert not gate(CitedDraft(REFERENCE, E), replace(SETTING, frames=10))
    assert not gate(CitedDraft(REFERENCE, {"e1": E["e1"]}), SETTING)


@pytest.mark.parametrize("domain", ["aigc", "daily", "education", "embodied", "gui"])
def test_gold_fixtures_score_100_against_themselves(domain: str) -> None:
    loaded = load_domain(domain)
    for row in fixtures_of(loaded):
        task = loaded.task(row.task)
        anchors = {name: Anchor(name, "event", "", float(at), float(at)) for at, name in enumerate(citations(row.gold))}
        setting = DraftSetting(task.schema, 10_000, (0.0, 100_000.0), tuple("ABCDEFGH"))
        one = score(CitedDraft(row.gold, anchors), CitedDraft(row.gold, anchors), setting, FUZZY)
        assert one.total == 1.0, (row.task, one)


frame_lists = st.lists(st.integers(0, 50), min_size=1, max_size=8)


def steps_at(frames: list[int]) -> dict[str, Any]:
    return {"steps": [step(f"s{at}", frame) for at, frame in enumerate(frames)]}


@given(frame_lists, frame_lists, st.integers(2, 9))
def test_frames_may_be_counted_on_a_finer_grid(reference: list[int], prediction: list[int], factor: int) -> None:
    finer = [[frame * factor for frame in frames] for frames in (reference, prediction)]
    coarse = against(steps_at(prediction), steps_at(reference), replace(SETTING, frames=51))
    fine = against(steps_at(finer[1]), steps_at(finer[0]), replace(SETTING, frames=50 * factor + 1))
    assert fine.sequence == pytest.approx(coarse.sequence)


@given(frame_lists, st.integers(0, 50), st.integers(0, 50))
def test_a_course_that_is_further_off_never_scores_higher(frames: list[int], near: int, far: int) -> None:
    near, far = sorted((near, far))
    setting = replace(SETTING, frames=101)
    one, other = (against(steps_at([f + by for f in frames]), steps_at(frames), setting) for by in (near, far))
    assert one.sequence is not None
    assert other.sequence is not None
    assert other.sequence <= one.sequence + 1e-12
    assert other.total <= one.total + 1e-12


@given(st.sets(st.sampled_from(["cot", "question", "answer", "left_out"])), st.sampled_from(["cot", "question"]))
def test_leaving_out_one_more_field_never_scores_higher(gone: set[str], more: str) -> None:
    fewer = {key: value for key, value in REFERENCE.items() if key not in gone}
    fewest = {key: value for key, value in fewer.items() if key != more}
    one, other = against(fewer), against(fewest)
    assert one.field is not None
    assert other.field is not None
    assert other.field <= one.field + 1e-12
    assert other.total <= one.total + 1e-12


words = st.text(alphabet="abcdefgh ", min_size=1, max_size=30)


@given(words, words, words)
def test_nothing_beats_the_reference_and_every_score_is_a_share(question: str, answer: str, thought: str) -> None:
    prediction = changed(question=said(question), answer=said(answer), cot=[said(thought)])
    one = against(prediction)
    for value in (one.field, one.semantic, one.sequence, one.total):
        assert value is not None
        assert 0.0 <= value <= 1.0
    assert one.total <= against(REFERENCE).total


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_garbage_is_no_answer(garbage: Any) -> None:
    assert against(garbage).total == 0.0
    assert against({"steps": garbage} if garbage != [] else garbage).total <= 1.0
