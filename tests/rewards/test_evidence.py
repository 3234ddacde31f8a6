import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.rewards import library
from dataclaw.types import Anchor
from tests.rewards.cases import ANCHORS, case, draft, steps

RULE = library()["evidence"]
DIAGONAL = math.hypot(1920, 1080)


def value(*items: dict[str, Any], **changes: Any) -> float | None:
    return RULE.judge(steps(*items, **changes)).value


def test_a_draft_that_says_what_it_cites_scores_one_without_findings():
    score = RULE.judge(case())
    assert score.value == 1.0
    assert score.findings == ()


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        # one citation (1.0) and one value: the mean of both
        ({"cite": ["e0"], "verb": "Click"}, 1.0),
        ({"cite": ["e0"], "verb": "write"}, 0.5),
        ({"cite": ["e1", "e0"], "verb": "click"}, 1.0),
        ({"cite": ["e0"], "point": [100, 100]}, 1.0),
        ({"cite": ["e0"], "point": [100, 100 + 0.01 * DIAGONAL]}, (1 + math.exp(-1)) / 2),
        ({"cite": ["t1"], "point": [400, 80]}, 1.0),
        ({"cite": ["t1"], "point": [600 + 0.02 * DIAGONAL, 60]}, (1 + math.exp(-2)) / 2),
        ({"cite": ["s1"], "point": [1, 2]}, 0.5),
        ({"cite": ["e0"], "point": "middle"}, 0.5),
        ({"cite": ["e0"], "point": [[100, 100], [100, 100]]}, 1.0),
        ({"cite": ["t1"], "box": [400, 50, 600, 80]}, 1.0),
        ({"cite": ["t1"], "box": [500, 50, 700, 80]}, (1 + 1 / 3) / 2),
        ({"cite": ["t1"], "box": [600, 80, 400, 50]}, 0.5),
        ({"cite": ["e1"], "time": 1.05}, 1.0),
        ({"cite": ["e1"], "time": 2.05}, (1 + math.exp(-1)) / 2),
        ({"cite": ["s1"], "time": 1.7}, 1.0),
        ({"cite": ["e3"], "frame": 3}, 1.0),
        ({"cite": ["e3"], "frame": 5}, (1 + math.exp(-1)) / 2),
        ({"cite": ["s1"], "frame": 1}, 1.0),
        ({"cite": ["s1"], "frame": 7}, 0.5),
        ({"cite": ["e3"], "frame": None}, 1.0),
        ({"cite": ["e3"], "frame": True}, 0.5),
        ({"cite": ["e1"], "text": "Blue  MUG"}, 1.0),
        ({"cite": ["e1"], "text": "mug"}, (1 + 2 * 6 / 11 - 1) / 2),
        ({"cite": ["e1"], "text": ""}, 0.5),
        ({"cite": ["e0"], "text": ""}, 1.0),
        ({"cite": ["e1"], "text": "write"}, 0.5),
        ({"cite": ["t1"], "text": "1 item"}, 1.0),
        ({"cite": ["t1"], "text": "it"}, 0.5),
        ({"cite": ["t1"], "target": "your cart"}, 1.0),
        ({"cite": ["w1"], "window": "fernhill supply"}, 1.0),
        ({"cite": ["e1"], "window": "Fernhill Supply"}, 1.0),
        ({"cite": ["t1"], "window": "Fernhill Supply"}, 0.5),
        ({"cite": ["e2"], "keys": ["c", "CTRL"]}, 1.0),
        ({"cite": ["e2"], "keys": ["ctrl+c"]}, 1.0),
        ({"cite": ["e2"], "keys": ["ctrl"]}, 0.5),
        ({"cite": ["e0"], "keys": []}, 0.5),
        # a citation alone
        ({"cite": ["e0"]}, 1.0),
        ({"cite": []}, 0.0),
        ({}, 0.0),
        ({"cite": "e0"}, 0.0),
        ({"cite": ["e0", "e9"]}, 0.5),
        ({"cite": ["e0", "e0"]}, 0.5),
        ({"cite": [["e0"], {}]}, 0.0),
        ({"cite": ["e9"], "verb": "click"}, 0.0),
        ({"cite": ["e0"], "note": "not checked"}, 1.0),
    ],
)
def test_by_hand(step: dict[str, Any], expected: float):
    assert value(step) == pytest.approx(expected)


def test_a_field_that_is_wrong_everywhere_is_not_made_good_by_the_others():
    right = [{"cite": [f"e{at}"], "time": at, "verb": "click"} for at in (0, 2)]
    wrong = [step | {"window": "Elsewhere"} for step in right]
    assert RULE.judge(steps(*wrong)).value > 0.6  # in two places it may be chance
    assert RULE.judge(steps(*wrong, *wrong)).value < 0.5


def test_who_asks_the_first_anchor_alone_hears_no_other():
    where = {"type": "string", "x-support": "first_window"}
    cite = {"type": "array", "items": {"type": "string", "x-ref": "anchor"}}
    form = {"type": "object", "properties": {"cite": cite, "window": where}}
    anchors = {name: Anchor(name, "event", "", 0.0, 0.0, attrs={"window": page}) for name, page in
               (("e0", "Home"), ("e1", "Results"))}  # fmt: skip
    told = {"cite": ["e0", "e1"]}
    assert RULE.judge(case(told | {"window": "Home"}, schema=form, anchors=anchors)).value == 1.0
    assert RULE.judge(case(told | {"window": "Results"}, schema=form, anchors=anchors)).value < 0.8


def test_findings_name_the_place_the_numbers_and_the_rule():
    wrong = draft()
    wrong["steps"][3] |= {"point": [512, 300], "cite": ["t1"], "verb": "write", "frame": 0, "time": 7}
    wrong["steps"][0]["cite"] = ["e77"]
    found = {finding.path: finding.message for finding in RULE.judge(case(wrong)).findings}
    assert found["/steps/3/point"] == "(512, 300) is 220 px outside anchor t1's box (400, 50, 600, 80)"
    assert found["/steps/3/time"] == "7 s is outside anchor t1's span 3.00-3.00 s, off by 4.00 s, at most 0.05 s"
    assert found["/steps/3/frame"] == "frame 0 is neither anchor t1's frame 3 nor in its span 3.00-3.00 s"
    assert found["/steps/0/cite"] == "not seen: e77"
    assert found["/steps/0/verb"] == "nothing that was seen is cited for it"


def test_findings_are_worst_first_and_at_most_twenty():
    found = RULE.judge(steps(*({"cite": ["e0"], "point": [100 + i, 100]} for i in range(1, 40)))).findings
    assert len(found) == 20
    assert [finding.score for finding in found] == sorted(finding.score for finding in found)
    assert found[0].path == "/steps/38/point"


def test_a_schema_without_cite_is_out_of_scope_and_a_draft_without_it_is_not():
    assert RULE.judge(case({"a": 1}, schema={"type": "object"})).value is None
    for nothing in (None, {}, {"steps": []}, [], "steps"):
        assert RULE.judge(case(nothing)).value == 0.0


def test_nested_values_are_judged_by_the_nearest_cite():
    inner = {"type": "object", "properties": {"verb": {"type": "string", "x-support": "verb"}}}
    cite = {"type": "array", "items": {"type": "string", "x-ref": "anchor"}}
    step = {"type": "object", "properties": {"cite": cite, "action": inner, "next": {"$ref": "#"}}}
    nested = {"cite": ["e0"], "action": {"verb": "click"}, "next": {"cite": ["e1"], "action": {"verb": "click"}}}
    score = RULE.judge(case(nested, schema=step))
    assert score.value == pytest.approx(3 / 4)
    assert [finding.path for finding in score.findings] == ["/next/action/verb"]


def test_without_pictures_distances_are_measured_in_20_pixels():
    assert value({"cite": ["e0"], "point": [120, 100]}, frame_size=None) == pytest.approx((1 + math.exp(-1)) / 2)


def test_frames_of_a_part_are_not_looked_up_in_the_streams_times():
    part = {"A.s1": Anchor("A.s1", "segment", "", 0.0, 5.0, part="A")}
    assert value({"cite": ["A.s1"], "frame": 1}, anchors=part) == 0.5


@given(st.permutations(["cite", "verb", "time", "frame", "point", "target"]))
def test_the_order_of_keys_is_no_matter(keys: list[str]):
    shuffled = draft()
    shuffled["steps"][3] = {key: shuffled["steps"][3][key] for key in keys}
    shuffled["steps"][3]["point"] = [510, 100]
    straight = draft()
    straight["steps"][3]["point"] = [510, 100]
    assert RULE.judge(case(shuffled)) == RULE.judge(case(straight))


@given(st.floats(0, 3000), st.floats(0, 3000))
def test_farther_from_the_evidence_never_scores_higher(a: float, b: float):
    near, far = sorted((a, b))
    for key in ("point", "time", "frame"):
        values = [[100 + d, 100] if key == "point" else d if key == "time" else int(d) for d in (near, far)]
        scores = [value({"cite": ["e0"], key: v}) or 0.0 for v in values]
        assert scores[0] >= scores[1]


@given(st.sets(st.sampled_from(sorted(ANCHORS)), min_size=1), st.integers(0, 4))
def test_inventing_citations_never_helps(ids: set[str], invented: int):
    honest = value({"cite": sorted(ids), "verb": "click"})
    padded = value({"cite": [*sorted(ids), *(f"x{i}" for i in range(invented))], "verb": "click"})
    assert (padded or 0.0) <= (honest or 0.0)
