"""How measured motion is told: one wording for questions, answers and reasoning.

Sentences repeat what an anchor says and add nothing: what is held, reached or meant is not in the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.domains.embodied.scene import Scene, Segment
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor

DOES: Mapping[str, str] = {
    "approach": "approaches",
    "grasp": "grasps",
    "lift": "lifts with the gripper closed",
    "transport": "carries on with the gripper closed",
    "release": "lets go",
    "retreat": "moves away",
    "adjust": "adjusts",
}
"""What a robot does in a phase."""
_PLAIN: Mapping[str, str] = {"move": "motion: ", "idle": "standstill: ", "": ""}
"""Phases that say nothing of a robot, and how a sentence about them begins; "" where only pictures are known."""
DO: Mapping[str, str] = {
    "approach": "Approach",
    "grasp": "Grasp",
    "lift": "Lift",
    "transport": "Carry on with the gripper closed",
    "release": "Let go",
    "retreat": "Move away",
    "adjust": "Adjust",
    "idle": "Stand still",
    "move": "Move",
}
"""The same as a request."""


def task_of(instruction: Anchor | None) -> str:
    """The instruction as a quotation, `The task is "...". `, or ""."""
    if instruction is None:
        return ""
    said = str(instruction.attrs["text"]).replace('"', "'").strip().rstrip(".")
    return f'The task is "{said}". ' if said else ""


def doing(segment: Segment) -> str:
    """What happens in a segment, a clause without a stop: `it approaches: moves 0.21 m down`, `rests 2 s`."""
    return segment.text if segment.phase in _PLAIN else f"it {DOES[segment.phase]}: {segment.text}"


def sentence(segment: Segment) -> str:
    """What happens in a segment, a sentence: `The robot approaches: ...`; what moves may be a camera: `Motion: ...`."""
    if segment.phase in _PLAIN:
        text = f"{_PLAIN[segment.phase]}{segment.text}"
        return f"{text[:1].upper()}{text[1:]}."
    return f"The robot {DOES[segment.phase]}: {segment.text}."


def request(segment: Segment) -> str:
    """A segment as a step to follow: `Grasp: ...`, `Watch: ...` where only pictures are known."""
    return f"{DO[segment.phase]}: {segment.text}." if segment.phase else f"Watch: {segment.text}."


def when(scene: Scene, t0: float, t1: float) -> str:
    """A span in words: `from 1.2 to 3.4 s`, `from step 2 to step 8`."""
    if scene.brief.clock == "seconds":
        return f"from {seconds(t0)} to {seconds(t1)} s"
    return f"from step {seconds(t0)} to step {seconds(t1)}"
