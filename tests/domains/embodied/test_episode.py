"""How segments are put together."""

from __future__ import annotations

from dataclaw.domains.embodied.episode import Segment, primary_subtasks
from dataclaw.types import Anchor


def segment(t0: float, phase: str = "move", taken: str = "", moved: float = 0.1) -> Segment:
    attrs = {"unit": "m", "path": moved, "moved": moved, "object": taken}
    anchor = Anchor(f"s{t0:g}", "segment", "", t0, t0 + 1, attrs=attrs)
    return Segment(anchor, None, None, phase, "", phase == "idle", False, False, "")


def parts(*segments: Segment) -> list[list[str]]:
    return [[s.id for s in group] for group in primary_subtasks(segments)]


def test_what_is_pushed_is_a_subtask_of_its_own() -> None:
    way, push, away = segment(0), segment(1, taken="red drawer"), segment(2)
    assert parts(way, push, away) == [["s0"], ["s1"], ["s2"]]
    assert parts(way, segment(1), away) == [["s0", "s1", "s2"]]


def test_standing_still_and_hardly_moving_belong_to_what_was_done_before() -> None:
    assert parts(segment(0, "approach"), segment(1, "idle"), segment(2, "grasp", moved=0.001), segment(3, "lift")) == [
        ["s0", "s1", "s2"],
        ["s3"],
    ]
