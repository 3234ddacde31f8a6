"""What rules look at: any draft, also one that the schema refuses, makes a case."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent.case import Facts, case_of
from dataclaw.domain import Domain
from dataclaw.plugins import load_domain
from dataclaw.types import Json

KEYS = st.sampled_from(["input_video", "input_image", "target_image", "question", "text", "start", "frame", "answer"])
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
