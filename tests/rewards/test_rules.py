"""Hand-computed cases of the smaller rules: format, place, media, coverage, efficiency, reference."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.rewards import Score, library
from dataclaw.rewards.efficiency import reasoning_length, reference_range
from dataclaw.rewards.reference import field_score
from dataclaw.types import Anchor
from tests.rewards.cases import case, draft, steps

RULES = library()
DIAGONAL = math.hypot(1920, 1080)


def judge(rule: str, draft: Any, reference: Any = None, **params: Any) -> Score:
    return RULES[rule].judge(case(draft, reference=reference), **params)


def test_format():
    assert judge("json", {}).value == 1.0
    assert judge("json", None).value == judge("json", [1]).value == 0.0
    [finding] = RULES["json"].judge(case(None, text='{"a": }')).findings
    assert "line 1 column 7" in finding.message
    assert judge("schema", draft()).value == 1.0
    wrong = judge("schema", {**draft(), "extra": 1, "clip": [99]})
    assert wrong.value == 0.0
    assert {finding.path for finding in wrong.findings} == {"", "/clip/0"}


def test_point_in_box():
    def value(step: dict[str, Any]) -> float | None:
        return RULES["point_in_box"].judge(steps(step), paths="/steps/*/point").value

    assert value({"cite": ["t1"], "point": [500, 60]}) == 1.0
    assert value({"cite": ["t1"], "point": [500, 80 + 0.01 * DIAGONAL]}) == pytest.approx(math.exp(-1))
    assert value({"cite": ["e0", "t1"], "point": [101, 100]}) == pytest.approx(math.exp(-1 / (0.01 * DIAGONAL)))
    assert value({"cite": ["s1"], "point": [500, 60]}) == value({"point": [1, 1]}) == 0.0
    assert value({"cite": ["t1"], "point": None}) is None


def test_iou():
    def value(step: dict[str, Any]) -> float | None:
        return RULES["iou"].judge(steps(step), paths=["/steps/*/box"]).value

    assert value({"cite": ["t1"], "box": [400, 50, 600, 80]}) == 1.0
    assert value({"cite": ["t1"], "box": [400, 50, 600, 65]}) == pytest.approx(0.5)
    assert value({"box": [400, 50, 600, 80]}) == 1.0
    assert value({"cite": ["e0"], "box": [400, 50, 600, 80]}) == 0.0
    assert value({"cite": ["t1"], "box": [1, 2, 3]}) == 0.0
    assert value({"cite": ["t1"], "box": [-1e308, -1e308, 1e308, 1e308]}) == 0.0


def test_text_on_screen():
    def value(*texts: Any) -> float | None:
        items = [{"note": text} for text in texts]
        return RULES["text_on_screen"].judge(steps(*items), paths="/steps/*/note").value

    assert value("Add to Cart", "1 item") == 1.0
    assert value("blue mugs") == pytest.approx(2 * (16 / 17) - 1)
    assert value("blue mug", "zzzz") == 0.5
    assert value("", None) is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 1.0),
        ({"clip": [0, 7]}, 1.0),
        ({"clip": [7, 8]}, 9 / 10),
        ({"clip": [-1, 1.5]}, 8 / 10),
        ({"clip": [5, 3]}, 10 / 11),  # as a span, beside its two frames and the eight values of the steps
    ],
)
def test_media_ranges(changed: dict[str, Any], expected: float):
    spans = ["/clip"] if changed.get("clip") == [5, 3] else []
    assert judge("media_ranges", {**draft(), **changed}, spans=spans).value == pytest.approx(expected)


def test_media_spans_may_be_objects_and_times_lie_in_the_window():
    spans = {"a": {"t0": 1, "t1": 2}, "b": {"t0": 2, "t1": 1}, "c": {"t0": 1}, "d": None}
    assert judge("media_ranges", spans, spans="/*", ends=["t0", "t1"]).value == pytest.approx(1 / 3)
    assert judge("media_ranges", {"steps": [{"time": 8.0005}, {"time": 8.1}]}).value == 0.5
    assert judge("media_ranges", {}).value is None


@pytest.mark.parametrize(
    ("kept", "left_out", "expected"),
    [
        (["e0", "e1", "e2", "e3"], ["e4"], 1.0),
        (["s1", "e3"], ["e4"], 1.0),
        (["e0"], ["w1"], 4 / 5),  # e0 both kept and left out
        (["w1", "e0"], [], 1 / 5),  # a window stands for its events only when left out
        (["e0", "e1"], [], 2 / 5),
        ([], ["w1"], 0.0),
        (["t1"], [], 0.0),
        (["e77"], ["e4"], 0.0),
    ],
)
def test_coverage(kept: list[str], left_out: list[str], expected: float):
    told = {"cot": [{"cite": ["e0", "e1"]}], "steps": [{"cite": kept}], "left_out": [{"cite": left_out}]}
    assert judge("coverage", told).value == pytest.approx(expected)
    assert RULES["coverage"].judge(case(told, events=())).value is None


def test_an_anchor_of_any_tool_stands_for_the_events_that_it_names():
    spell = Anchor("m1", "spell", "frost", 0.0, 3.0, attrs={"first": 1, "last": 3})
    told = {"steps": [{"cite": ["m1"]}]}
    judged = case(told)
    anchors = {**judged.anchors, "m1": spell}
    assert RULES["coverage"].judge(replace(judged, anchors=anchors)).value == pytest.approx(3 / 5)
    vague = {**anchors, "m1": replace(spell, attrs={"first": 1})}
    assert RULES["coverage"].judge(replace(judged, anchors=vague)).value == 0.0


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 2), (3, 4)], 1.0),
        ([(3, 4), (0, 2)], 1.0),
        ([(0, 4)], 1.0),
        ([(0, 1), (3, 4)], 4 / 5),
        ([(0, 3), (3, 4)], 4 / 5),
        ([(0, 4), (0, 4)], 0.0),
        ([(0, 4), (9, 10)], 5 / 6),
        ([(2, 0), (0, 4)], 5 / 6),
        ([], 0.0),
        ([("a", None)], 0.0),
    ],
)
def test_partition(spans: list[tuple[Any, Any]], expected: float):
    told = {"fragments": [{"first": first, "last": last} for first, last in spans]}
    assert judge("partition", told).value == pytest.approx(expected)


def length(own: int, lengths: list[int], totals: list[float]) -> float | None:
    told = {"cot": [{"cite": ["e1"], "text": "x" * own}]}
    return RULES["group_length"].judge(case(told, group_lengths=lengths, group_totals=totals)).value


def test_group_length():
    lengths, totals = [100, 200, 900, 10], [1.0, 0.9, 0.5, 0.1]
    assert reference_range(lengths, totals) == (100, 200)
    assert length(150, lengths, totals) == length(100, lengths, totals) == length(200, lengths, totals) == 1.0
    assert length(220, lengths, totals) == length(90, lengths, totals) == 1.0
    assert length(320, lengths, totals) == pytest.approx(math.exp(-(0.6 - 0.1) / 0.5))
    assert length(40, lengths, totals) == pytest.approx(math.exp(-(0.6 - 0.1) / 0.5))
    # ties with the last of the top half belong to it; of an odd group the larger half
    assert reference_range(lengths, [1.0, 0.5, 0.5, 0.5]) == (10, 900)
    assert reference_range([1, 2, 3], [3.0, 2.0, 1.0]) == (1, 2)
    assert length(5, [5], [1.0]) is None
    assert length(50, [0, 0], [1.0, 1.0]) == pytest.approx(0.0, abs=1e-9)


def test_reasoning_is_measured_without_its_citations():
    assert reasoning_length({"cot": [{"cite": ["e1", "e2"], "text": "abc"}, "de", 3, None], "goal": "xxxx"}) == 5
    assert reasoning_length(None) == reasoning_length({"cot": 3}) == reasoning_length([]) == 0


@given(
    st.lists(st.tuples(st.integers(0, 900), st.floats(0, 2)), min_size=2, max_size=9),
    st.integers(0, 2000),
    st.integers(1, 500),
)
def test_farther_from_the_better_half_never_scores_higher(group: list[tuple[int, float]], own: int, more: int):
    lengths, totals = [g[0] for g in group], [g[1] for g in group]
    low, high = reference_range(lengths, totals)
    outer = own + more if own >= high else max(own - more, 0) if own <= low else own
    assert (length(outer, lengths, totals) or 0.0) <= (length(own, lengths, totals) or 0.0)


def test_field_recall_is_the_papers():
    truth = {"question": "", "answer": "", "output_image": [], "cot": []}
    assert field_score(truth, truth) == 1.0
    assert field_score({"Question": 1, "outputImage": 1, "output-image ": 2, "x": 3}, truth) == pytest.approx(
        0.7 * 2 / 4 + 0.3 * (1 - 1 / 3)
    )
    assert field_score({}, truth) == pytest.approx(0.3)
    assert field_score({"a": 1}, truth) == pytest.approx(0.0, abs=1e-6)
    assert field_score([], truth) == field_score(truth, {}) == 0.0
    assert judge("field_recall", truth, truth).value == 1.0
    assert judge("field_recall", truth, []).value is None


def test_cited_facts():
    truth = {"steps": [{"cite": ["e1"]}, {"cite": ["e2", "e3"]}], "cot": [{"cite": ["e9"]}]}
    assert judge("cited_facts", truth, truth).value == 1.0
    half = {"steps": [{"cite": ["e1", "e5"]}], "left_out": [{"cite": ["e2", "e3"]}]}
    assert judge("cited_facts", half, truth).value == pytest.approx(2 / 5)
    assert "not cited: e2, e3; not wanted: e5" in judge("cited_facts", half, truth).findings[0].message
    assert judge("cited_facts", {}, truth).value == 0.0
    assert judge("cited_facts", truth, {"cot": [{"cite": ["e9"]}]}).value is None


def test_value_match():
    truth = {"a": {"n": 3, "s": "blue mug", "b": True}, "l": [1, 2]}
    assert judge("value_match", truth, truth, paths=["/a", "/l"]).value == 1.0
    assert judge("value_match", {"a": {"n": 4, "s": "blue mug", "b": 1}}, truth, paths="/a").value == pytest.approx(
        (math.exp(-1) + 1 + 0) / 3
    )
    assert judge("value_match", {"l": [1, 2, 2]}, truth, paths="/l/*").value == pytest.approx(2 / 3)
    assert judge("value_match", {}, truth, paths="/l").value == 0.0
    assert judge("value_match", {"z": 1}, truth, paths="/z").value is None
