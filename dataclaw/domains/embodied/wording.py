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
    "idle": "stands still",
    "move": "moves",
}
"""What a robot does in a phase."""
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
    """What happens in a segment, a clause without a stop: `it approaches: moves 0.21 m down`."""
    return f"it {DOES[segment.phase]}: {segment.text}" if segment.phase else segment.text


def sentence(segment: Segment) -> str:
    """What happens in a segment, a sentence: `The robot approaches: ...` or `The camera stands still and ...`."""
    if segment.phase and segment.phase != "move":
        return f"The robot {DOES[segment.phase]}: {segment.text}."
    text = f"motion: {segment.text}" if segment.phase else segment.text
    return f"{text[:1].upper()}{text[1:]}."


def request(segment: Segment) -> str:
    """A segment as a step to follow: `Grasp: ...`, `Watch: ...` where only pictures are known."""
    return f"{DO[segment.phase]}: {segment.text}." if segment.phase else f"Watch: {segment.text}."


def when(scene: Scene, t0: float, t1: float) -> str:
    """A span in words: `from 1.2 to 3.4 s`, `from step 2 to step 8`."""
    if scene.brief.clock == "seconds":
        return f"from {seconds(t0)} to {seconds(t1)} s"
    return f"from step {seconds(t0)} to step {seconds(t1)}"
