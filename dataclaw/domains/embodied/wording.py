"""How measured motion is told: one wording for questions, answers and reasoning.

Sentences repeat what an anchor says and add nothing: what is held, reached or meant is not in the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dataclaw.domains.embodied import wording_zh
from dataclaw.domains.embodied.episode import ObservedEpisode, Segment
from dataclaw.planning import capitalise
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
_PLAIN = frozenset({"move", "idle", ""})
"""Phases that say nothing of a robot; "" where only pictures are known."""
_UNDER_WAY: Mapping[str, str] = {
    "approach": "is approaching",
    "grasp": "is grasping",
    "lift": "is lifting with the gripper closed",
    "transport": "is carrying on with the gripper closed",
    "release": "is letting go",
    "retreat": "is moving away",
    "adjust": "is adjusting",
    "idle": "is at rest",
    "move": "is moving",
    "": "is moving",
}
"""What a robot does in a phase while that is not done."""
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
_CARRIES = frozenset({"lift", "transport"})
"""Phases of which `DOES` says that the gripper is closed."""
_ORDERS: Mapping[str, str] = {"moves": "move", "turns": "turn", "rests": "rest", "goes": "go", "is": "be"}
_RANGE = re.compile(r"\((\S+) to (\S+)\)")
_CHANGE = re.compile(r"(?<=\w)(?<!\bto) (?=[+-]\d)")
_AXIS = re.compile(r"(?<=\w) (?=[+-][xyz]\b)")


def task_of(instruction: Anchor | None, *, chinese: bool = False) -> str:
    """The instruction as a quotation, `The task is "...". `, or ""."""
    if instruction is None:
        return ""
    told = str(instruction.attrs["text"]).replace('"', "'").strip().rstrip(".")
    return (f'任务是"{told}"。' if chinese else f'The task is "{told}". ') if told else ""


def measured_text(segment: Segment) -> str:
    """What moves, in the words of prose: `right elbow by +0.58, right gripper closes from 0.73 to 0.5`."""
    text = _RANGE.sub(r"from \1 to \2", _CHANGE.sub(" by ", segment.text))
    if segment.phase in _CARRIES:
        text = text.replace(", gripper closed", "")
    return _AXIS.sub(" along ", text, count=1) if text.startswith("moves ") else text


def _acts(text: str) -> bool:
    return text.partition(" ")[0] in _ORDERS


def motion_clause(segment: Segment, *, chinese: bool = False) -> str:
    """What happens in a segment, a clause without a stop: `it approaches (moves 0.21 m down)`, `it rests 2 s`."""
    if chinese:
        return wording_zh.motion_clause(segment)
    text = measured_text(segment)
    if segment.phase in _PLAIN:
        return f"it {text}" if _acts(text) else text
    return f"it {DOES[segment.phase]} ({text})"


def unfinished_clause(segment: Segment, *, chinese: bool = False) -> str:
    """What happens in a part of a segment, without figures: those are of all of it. `it is approaching`.

    What is seen in pictures has no figures and stays as it is.
    """
    if "subject" in segment.anchor.attrs:
        return motion_clause(segment, chinese=chinese)
    if chinese:
        return wording_zh.unfinished_clause(segment)
    return f"it {_UNDER_WAY[segment.phase]}"


def motion_sentence(segment: Segment, *, chinese: bool = False) -> str:
    """What happens in a segment, a sentence: `The robot approaches: ...`, `It moves ...` where it may be a camera."""
    if chinese:
        return f"{wording_zh.motion_clause(segment)}。"
    text = measured_text(segment)
    if segment.phase not in _PLAIN:
        return f"The robot {DOES[segment.phase]}: {'it ' if _acts(text) else ''}{text}."
    if _acts(text):
        return f"It {text}."
    told = text if text.startswith("the ") else f"the joints move: {text}"
    return f"{capitalise(told)}."


def imperative(segment: Segment, *, chinese: bool = False) -> str:
    """A segment as a step to follow: `Lift: move 0.20 m up.`, `Watch: ...` where only pictures are known."""
    if chinese:
        return f"{wording_zh.motion_clause(segment)}。"
    text = measured_text(segment)
    verb, _, rest = text.partition(" ")
    text = f"{_ORDERS[verb]} {rest}".strip() if verb in _ORDERS else text
    return f"{DO[segment.phase]}: {text}." if segment.phase else f"Watch: {text}."


def span_text(episode: ObservedEpisode, t0: float, t1: float) -> str:
    """A span in words: `from 1.2 to 3.4 s`, `from step 2 to step 8`."""
    low, high = seconds(t0), seconds(t1)
    if episode.brief.clock == "seconds":
        return f"{low} 到 {high} 秒" if episode.intent.chinese else f"from {low} to {high} s"
    return f"第 {low} 到 {high} 步" if episode.intent.chinese else f"from step {low} to step {high}"
