"""`stuck_point_tutoring`: a student is stuck before a step of a derivation; the answer shows and tells that step.

A step is ink added to a board; what it says is read off the picture, or said by the lecturer meanwhile. A step of which
nothing can be read and nothing is said cannot be taught, and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, lesson
from dataclaw.domains.education.sentences import Sentence, clean
from dataclaw.domains.education.words import TALK
from dataclaw.planning import CITES, Asking, ask, decline, said, submit
from dataclaw.types import Anchor, Brief, Json

PICTURE = "<image_recall>"
STEPS = 16
"""Steps that are read; reading a picture takes about a second."""

AFTER = 3
"""Frames behind a step in which its result may be written, when the board is scrolled for it."""

SURE, SURE_LABEL, SAME = 0.75, 0.9, 82
"""Least confidence of a formula and of a printed label, and likeness (0..100) at which two lines are the same."""

LINE = 12.0
"""A label whose top lies so little below a line's stands beside it [px]."""

_FORMULA = re.compile(
    r"(?:[∠∴△]\s*)?(?:[A-Za-z0-9][\w^²³°'()]*(?:\s?[-+×*/^]\s?[\w°()]+)*\s*)?=\s*[-+]?\s*[\w(√][\w.,^²³°()√]*"
    r"(?:\s?[-+×*/^÷]\s?[\w.(√][\w.^²³°()√]*)*°?"
)
_LABEL = re.compile(r"^(?:\(?(?:[a-h]|[ivx]{1,4}|\d{1,2})[).]\s*)+\S*[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class Found:
    """A step with what is known of it.

    Attributes:
        step: ink added to the board.
        written: lines with a formula that were not there before the step, in reading order.
        frame: the frame they were read on, None without any.
        label: the exercise that they answer, as printed above them, or None.
        reached: the last formula on the board before the step, or None.
        told: what is said meanwhile.
    """

    step: Anchor
    written: tuple[Anchor, ...]
    frame: int | None
    label: Anchor | None
    reached: Anchor | None
    told: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """Everything that names it."""
        lines = [*self.written, *(a for a in (self.label, self.reached) if a)]
        return " ".join([*(a.content for a in lines), *(s.text for s in self.told)])


def tutor(brief: Brief) -> Asking[None]:
    """Plan of `stuck_point_tutoring`."""
    if not brief.frames:
        raise decline("it has no picture of a step that a student could be stuck at", "Put the video beside it.")
    seen = yield from lesson(brief, slides=False, heard=False)
    steps = yield from ask("board_steps")
    chosen = [step for step in steps.anchors if seen.wish.within(step.t0)]
    found: list[Found] = []
    for step in _spread(chosen, STEPS):
        one = yield from _read(step, seen, brief.frames)
        found += [one] if one.written or one.told else []
    best = _best(found, seen)
    if best is None:
        raise _nothing(chosen, found, seen)
    yield from submit(_draft(best, seen, found))


def _spread(steps: Sequence[Anchor], count: int) -> list[Anchor]:
    """At most `count` steps, evenly over all of them."""
    return [steps[at * len(steps) // count] for at in range(count)] if len(steps) > count else list(steps)


def _read(step: Anchor, seen: Lesson, frames: int) -> Asking[Found]:
    """What was written in a step: in the frame behind it, or in one of the next when the board is scrolled for it."""
    before = yield from _lines(int(step.attrs["before"]))
    known = [line.content for line in before]
    after = int(step.attrs["after"])
    written: list[Anchor] = []
    label: Anchor | None = None
    frame: int | None = None
    for at in range(after, min(after + AFTER, frames)):
        lines = yield from _lines(at)
        written = [line for line in lines if formula(line.content) and not _among(line.content, known)]
        if written:
            frame, label = at, _above(written[0], lines)
            break
    told = [s for s in seen.sentences if step.t0 <= s.t0 <= step.t1 + 2 and clean(s) and not TALK.search(s.text)]
    reached = next((line for line in reversed(before) if formula(line.content)), None)
    return Found(step, tuple(written[:3]), frame, label, reached, tuple(told[:3]))


def _lines(frame: int) -> Asking[list[Anchor]]:
    """Lines read on a frame, from top to bottom."""
    read = yield from ask("read_text", frame=frame, region="full")
    return sorted(read.anchors, key=_top) if read.ok else []


def formula(text: str) -> str:
    """The formula in a line: letters and figures on both sides of a sign of equality, "" where there is none."""
    match = _FORMULA.search(text)
    said_ = match[0].strip() if match else ""
    return said_ if re.search(r"\d", said_) and len(said_) >= 4 else ""


def _among(text: str, known: Sequence[str]) -> bool:
    return any(fuzz.ratio(formula(text), formula(other)) >= SAME for other in known if formula(other))


def _above(line: Anchor, lines: Sequence[Anchor]) -> Anchor | None:
    """The printed exercise that stands nearest above a line."""
    printed = [a for a in lines if a.confidence >= SURE_LABEL and _LABEL.match(a.content)]
    over = [a for a in printed if _top(a) <= _top(line) + LINE]
    return over[-1] if over else None


def _top(line: Anchor) -> float:
    return line.box[1] if line.box else 0.0


def _best(found: Sequence[Found], seen: Lesson) -> Found | None:
    """The step that is asked for and that most is known of; the earlier one of equals."""
    fitting = [one for one in found if seen.wish.concerns(one.text, seen.language) or seen.wish.renames(one.text)]
    sure = [one for one in fitting if one.told or any(line.confidence >= SURE for line in one.written)]
    return max(sure, key=lambda one: (_known(one), -one.step.t0), default=None)


def _known(one: Found) -> int:
    sure = sum(line.confidence >= SURE for line in one.written)
    return 2 * min(sure, 2) + 2 * (one.label is not None) + (one.reached is not None) + bool(one.told)


def _draft(one: Found, seen: Lesson, found: Sequence[Found]) -> dict[str, Json]:
    step = one.step
    before, after = int(step.attrs["before"]), int(step.attrs["after"])
    shown = [{"cite": [step.id], "frame": after}]
    answer = [said(f"Look at what comes next on the board, at the {_place(step)}: {PICTURE}", [step.id])]
    if one.written:
        lines = [line for line in one.written if line.confidence >= SURE]
        quoted = ", then ".join(f'"{formula(line.content)}"' for line in lines)
        elsewhere = one.frame is not None and one.frame != after
        mark = f" {PICTURE}" if elsewhere else ""
        answer.append(said(f"From there it is written down: {quoted}.{mark}", [line.id for line in lines]))
        shown += [{"cite": [lines[0].id], "frame": one.frame}] if elsewhere else []
    if one.told:
        cites = [cite for s in one.told for cite in s.cites][:CITES]
        answer.append(said(" ".join(s.text for s in one.told), cites))
    return {
        "cot": _thoughts(one),
        "input_image": [{"cite": [step.id], "frame": before}],
        "question": _question(one),
        "answer": answer,
        "output_image": shown,
        "left_out": left_out((), other_time=seen.outside, other_step=(f.step.id for f in found if f is not one)),
    }


def _question(one: Found) -> dict[str, Json]:
    label = f' of "{one.label.content}"' if one.label else ""
    reached = formula(one.reached.content) if one.reached else ""
    so_far = f' The last line I have is "{reached}".' if reached else ""
    cites = [one.step.id, *(a.id for a in (one.label, one.reached) if a)]
    return said(
        f"I have reached the step shown in the image.{so_far} How should I continue the solution{label}?", cites
    )


def _thoughts(one: Found) -> list[Json]:
    step = one.step
    thoughts = [said(f"Between {step.t0:.1f} s and {step.t1:.1f} s something is added at the {_place(step)}, "
                     "and the rest of the board stays: that is the next step.", [step.id])]  # fmt: skip
    thoughts += [said(f'Afterwards "{formula(line.content)}" is read, which was not there before.', [line.id])
                 for line in one.written[:1]]  # fmt: skip
    return list(thoughts)


def _place(step: Anchor) -> str:
    return step.content.partition(":")[0]


def _nothing(steps: Sequence[Anchor], found: Sequence[Found], seen: Lesson) -> Exception:
    if not steps:
        return decline("no step is added to a board in it; its pictures are replaced as a whole",
                       "Ask for an interleaved_lesson or a lecture_summary.")  # fmt: skip
    if not found:
        return decline("of none of its board's steps a formula can be read or an explanation is said",
                       "Put subtitles beside the video, or raise its resolution.")  # fmt: skip
    topic = " ".join(seen.wish.topic)
    return decline(f'no step on its board is about "{topic}"', "Name it as it is written there, or ask for any step.")
