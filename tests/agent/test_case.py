"""What rules look at: any draft, also one that the schema refuses, makes a case."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent.case import Facts, case_of
from dataclaw.domain import Domain
from dataclaw.plugins import load_domain
from dataclaw.types import Anchor, Json

NAMES = [
    "input_video",
    "input_image",
    "target_image",
    "question",
    "text",
    "start",
    "frame",
    "answer",
    "left_out",
    "reason",
]
KEYS = st.sampled_from([*NAMES, "left_out", "reason", "cite"])
DRAFTS = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=4),
    max_leaves=12,
)
AIGC: Domain = load_domain("aigc")


def inputs(draft: Json) -> Mapping[str, Json]:
    task = AIGC.task("video_generation_segment")
    return case_of(draft, {}, Facts(), task=task, anchors={}, window=(0.0, 9.0), intent="a sample").inputs


def test_media_of_a_draft_are_the_inputs_and_what_they_lack_is_null():
    assert inputs({"input_video": {"start": 1.0, "end": 2.0}})["input_video"] == [1.0, 2.0]
    assert inputs({"input_video": {"a": 1}})["input_video"] == [None, None]


@given(DRAFTS)
def test_any_draft_makes_a_case(draft: Json):
    inputs(draft)


def test_what_is_left_out_as_outside_the_time_asked_for_is_not_shown():
    task = load_domain("education").task("lecture_summary")
    facts = Facts(tuple(map(float, range(10))), lines=tuple((float(t), f"line {t}") for t in range(10)))
    anchors = {f"e{t}": Anchor(f"e{t}", "event", f"line {t}", float(t), t + 1.5) for t in range(10)}

    def shown(reason: str) -> Mapping[str, Json]:
        out = [{"cite": ["e0", "e3"], "reason": reason}, {"cite": ["e7", "e8", "e9"], "reason": reason}]
        draft: Json = {"chapters": [{"cite": ["e4"]}, {"cite": ["e6"]}], "left_out": out}
        return case_of(draft, {}, facts, task=task, anchors=anchors, window=(0.0, 9.0), intent="a part").inputs or {}

    assert shown("other_time")["input_text"] == "line 4\nline 5\nline 6"
    assert shown("other_time")["input_video"] == [3, 7]
    assert str(shown("talk")["input_text"]).count("line") == 10
    assert shown("talk")["input_video"] == [0, 9]
