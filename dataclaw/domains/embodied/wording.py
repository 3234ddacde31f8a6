"""Measured motion in sentences: one wording for questions, answers and reasoning, in English or Chinese.

Sentences repeat what an anchor says and add nothing: what is held, reached or meant is not in the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dataclaw.domains.embodied import wording_zh
from dataclaw.domains.embodied.episode import ObservedEpisode, Segment
from dataclaw.planning import capitalise, decapitalise, statement
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Json
from dataclaw.words import words_beside

_DATA = words_beside(__file__).tables
DOES: Mapping[str, str] = _DATA["does"]
"""What a robot does in a phase."""
DO: Mapping[str, str] = _DATA["do"]
"""The same as a request."""
_IS_DOING: Mapping[str, str] = _DATA["is_doing"]
_IMPERATIVES: Mapping[str, str] = _DATA["imperatives"]
_PLAIN = frozenset({"move", "idle", ""})
"""Phases that say nothing of a robot; "" where only pictures are known."""
_CARRIES = frozenset({"lift", "transport"})
"""Phases of which `DOES` says that the gripper is closed."""
_RANGE = re.compile(r"\((\S+) to (\S+)\)")
_CHANGE = re.compile(r"(?<=\w)(?<!\bto) (?=[+-]\d)")
_AXIS = re.compile(r"(?<=\w) (?=[+-][xyz]\b)")


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of a draft in one language.

    Attributes:
        chinese: whether that is Chinese.
        clock: "seconds", or "steps" for a stream without a clock.
    """

    chinese: bool
    clock: str

    def phrase(self, name: str, *values: object) -> str:
        """A phrase of `wording.toml` with its places filled in."""
        return str(_DATA["zh" if self.chinese else "en"][name]).format(*values)

    def fault(self, family: str) -> tuple[str, str]:
        """What is wrong in a fault of a family, and what should be done."""
        wrong, remedy = _DATA["faults_zh" if self.chinese else "faults_en"][family]
        return wrong, remedy

    def task(self, instruction: Anchor | None) -> str:
        """The instruction as a quotation, `The task is "...". `, or ""."""
        text = "" if instruction is None else str(instruction.attrs["text"]).replace('"', "'").strip().rstrip(".")
        return self.phrase("task", text) if text else ""

    def task_thought(self, instruction: Anchor | None, until: float) -> list[Json]:
        """The reasoning's statement of the task, where the instruction was given until a time [s]; else nothing."""
        if instruction is None or instruction.t0 > until:
            return []
        return [statement(self.task(instruction).strip(), [instruction.id])]

    def clause(self, segment: Segment) -> str:
        """What happens in a segment, a clause without a stop: `it approaches (moves 0.21 m down)`, `it rests 2 s`."""
        if self.chinese:
            return wording_zh.motion_clause(segment)
        text = measured_text(segment)
        if segment.phase in _PLAIN:
            return f"it {text}" if _begins_with_verb(text) else text
        return f"it {DOES[segment.phase]} ({text})"

    def unfinished_clause(self, segment: Segment) -> str:
        """What happens in a part of a segment, without the figures of all of it: `it is approaching`.

        What is seen in pictures has no figures and stays as it is.
        """
        if "subject" in segment.anchor.attrs:
            return self.clause(segment)
        return wording_zh.unfinished_clause(segment) if self.chinese else f"it {_IS_DOING[segment.phase]}"

    def sentence(self, segment: Segment) -> str:
        """What happens in a segment: `The robot approaches: ...`, `It moves ...` where it may be a camera."""
        if self.chinese:
            return f"{wording_zh.motion_clause(segment)}。"
        text = measured_text(segment)
        if segment.phase not in _PLAIN:
            return f"The robot {DOES[segment.phase]}: {'it ' if _begins_with_verb(text) else ''}{text}."
        if _begins_with_verb(text):
            return f"It {text}."
        return f"{capitalise(text if text.startswith('the ') else f'the joints move: {text}')}."

    def following(self, segment: Segment) -> str:
        """The sentence of a segment that comes next."""
        text = self.sentence(segment)
        return self.phrase("next", text if self.chinese else decapitalise(text))

    def line(self, number: int, segment: Segment) -> str:
        """A numbered line of a list, with the segment's span: `1. From 0 to 2 s: the robot approaches ...`."""
        span, text = self.span(*segment.span), self.sentence(segment)
        if not self.chinese:
            span, text = capitalise(span), decapitalise(text)
        return self.phrase("line", number, span, text)

    def imperative(self, segment: Segment) -> str:
        """A segment as a step to follow: `Lift: move 0.20 m up.`, `Watch: ...` where only pictures are known."""
        if self.chinese:
            return f"{wording_zh.motion_clause(segment)}。"
        text = measured_text(segment)
        verb, _, rest = text.partition(" ")
        text = f"{_IMPERATIVES[verb]} {rest}".strip() if verb in _IMPERATIVES else text
        return f"{DO[segment.phase]}: {text}." if segment.phase else f"Watch: {text}."

    def span(self, t0: float, t1: float) -> str:
        """A span in words: `from 1.2 to 3.4 s`, `from step 2 to step 8`."""
        return self.phrase("seconds" if self.clock == "seconds" else "steps", seconds(t0), seconds(t1))


def wording_of(episode: ObservedEpisode) -> Wording:
    """The wording in the language of the intent."""
    return Wording(episode.intent.chinese, episode.brief.clock)


def measured_text(segment: Segment) -> str:
    """What moves, in the words of prose: `right elbow by +0.58, right gripper closes from 0.73 to 0.5`."""
    text = _RANGE.sub(r"from \1 to \2", _CHANGE.sub(" by ", segment.text))
    if segment.phase in _CARRIES:
        text = text.replace(", gripper closed", "")
    return _AXIS.sub(" along ", text, count=1) if text.startswith("moves ") else text


def _begins_with_verb(text: str) -> bool:
    return text.partition(" ")[0] in _IMPERATIVES
