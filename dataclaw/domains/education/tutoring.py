"""`stuck_point_tutoring`: a student is stuck before a step of a derivation; the answer shows and tells that step.

A step is ink added to a board. What it says is read off the picture, or said by the lecturer meanwhile. A step without
either cannot be taught and is skipped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dataclaw.domains.education.equations import LineStep, step_between, worked_out
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, read_lesson
from dataclaw.domains.education.sentences import Sentence, clean
from dataclaw.domains.education.words import TALK, tokens
from dataclaw.errors import PolicyError
from dataclaw.planning import Asking, ask, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json
from dataclaw.words import words_beside

PICTURE = "<image_recall>"
STEPS = 8
"""Most steps that are read; reading a picture takes a second or more."""

EARLIER, AFTER = 2, 3
"""Frames before a step that are read for what was already there, and frames after it that may show its result when the
board is scrolled."""

SURE, SURE_FIGURE, SURE_LABEL, SAME = 0.75, 0.9, 0.9, 82
"""Least confidence of a formula, a figure and a printed label; likeness (0..100) at which two lines are the same."""

SHORTEST = 4
"""Fewest characters of a formula."""

HALF = 0.6
"""A figure so close below or above a line is a part of a fraction in it, as a share of the line's height."""

LINE = 12.0
"""A label whose top lies so little below a line's stands beside it [px]."""

NEAR = 0.12
"""A letter so near a figure names the point it belongs to, as a share of the frame's width."""

_WORDS = words_beside(__file__)
_PATTERNS = _WORDS.patterns
_SAYS: Mapping[str, Mapping[str, str]] = {code: _WORDS.tables[code] for code in ("en", "es")}


@dataclass(frozen=True, slots=True)
class BoardStep:
    """A step on the board with what was read and said of it.

    Attributes:
        step: ink added to the board.
        written: new lines with a formula or a figure, in reading order.
        beside: letters in the picture that figures among them stand at, by the id of the figure's line.
        frame: the frame they were read on, None without any.
        label: the exercise that they answer, as printed above them, or None.
        reached: the last formula on the board before the step, or None.
        spoken: what is said meanwhile.
        twin: a figure of the same size as the one that is written, and the letter that it stands at, or None.
    """

    step: Anchor
    written: tuple[Anchor, ...]
    beside: Mapping[str, Anchor]
    frame: int | None
    label: Anchor | None
    reached: Anchor | None
    spoken: tuple[Sentence, ...]
    twin: tuple[Anchor, Anchor] | None = None

    @property
    def deed(self) -> LineStep | None:
        """What leads from the line that was reached to the one that is written; None where the board does not say."""
        line = formula(self.written[0].content) if self.written else ""
        before = formula(self.reached.content) if self.reached else ""
        return (step_between(before, line) or worked_out(line)) if line else None

    @property
    def teaches(self) -> bool:
        """Whether it can be said why it is the next step, and not only that it is."""
        return bool(self.spoken or self.deed or (self.written and self.twin))

    @property
    def text(self) -> str:
        """Every text that may name its topic."""
        lines = [*self.written, *(a for a in (self.label, self.reached) if a)]
        return " ".join([*(a.content for a in lines), *(s.text for s in self.spoken)])


def tutor(brief: Brief) -> Asking[None]:
    """Plan of `stuck_point_tutoring`."""
    if not brief.frames:
        raise decline("it has no picture of a step that a student could be stuck at", "Put the video beside it.")
    seen = yield from read_lesson(brief, slides="never", heard=False)
    steps = yield from ask("board_steps")
    chosen = [step for step in steps.anchors if seen.intent.within(step.t0)]
    found: list[BoardStep] = []
    for step in _spread(chosen, STEPS):
        one = yield from _read(step, seen, brief.frames)
        found += [one] if one.teaches else []
    best = _best(found, seen)
    if best is None:
        raise _nothing(chosen, found, seen)
    yield from submit(_draft(best, seen, found))


def _spread(steps: Sequence[Anchor], count: int) -> list[Anchor]:
    """At most `count` steps, evenly over all of them."""
    return [steps[at * len(steps) // count] for at in range(count)] if len(steps) > count else list(steps)


def _read(step: Anchor, seen: Lesson, frames: int) -> Asking[BoardStep]:
    """Read what a step wrote: in the frame after it, or in a later one when the board is scrolled."""
    at = int(step.attrs["before"])
    before = yield from _lines(at)
    after = int(step.attrs["after"])
    fresh: list[Anchor] = []
    lines: list[Anchor] = []
    frame = after
    while not fresh and frame < min(after + AFTER, frames):
        lines = yield from _lines(frame)
        follows = frame == after or any(_same(line, before[-1]) for line in lines) if before else True
        fresh = _readable_lines(_new_lines(lines, before), lines) if follows else []
        frame += 1
    for earlier in range(max(0, at - EARLIER), at if fresh else 0):
        known = yield from _lines(earlier)
        fresh = [line for line in fresh if not any(_same(line, other) for other in known if formula(other.content))]
    spoken = [s for s in seen.sentences if step.t0 <= s.t0 <= step.t1 + 2 and clean(s) and not TALK.search(s.text)]
    reached = next((line for line in reversed(before) if "=" in line.content), None)
    reached = reached if reached and _tells(reached) and not _is_half_fraction(reached, before) else None
    beside = {line.id: letter for line in fresh for letter in [_letter(line, lines)] if letter}
    written = tuple(line for line in fresh if formula(line.content) or line.id in beside)[:3]
    label = _above(written[0], lines) if written and formula(written[0].content) else None
    twin = _find_twin(written[0], lines) if written and written[0].id in beside else None
    return BoardStep(step, written, beside, frame - 1 if written else None, label, reached, tuple(spoken[:3]), twin)


def _find_twin(figure: Anchor, lines: Sequence[Anchor]) -> tuple[Anchor, Anchor] | None:
    """Another angle of the picture of the same size, with the letter that it stands at."""
    size = figure.content.strip().removesuffix("°")
    for line in lines:
        if line is not figure and line.content.strip() == f"{size}°" and line.confidence >= SURE_FIGURE:
            letter = _letter(line, lines)
            if letter is not None:
                return line, letter
    return None


def _lines(frame: int) -> Asking[list[Anchor]]:
    """Lines read on a frame, from top to bottom."""
    read = yield from ask("read_text", frame=frame, region="full")
    return sorted(read.anchors, key=_top) if read.ok else []


def _new_lines(lines: Sequence[Anchor], before: Sequence[Anchor]) -> list[Anchor]:
    """Lines that were not there before: each earlier line accounts for one line of the same words."""
    left = list(before)
    fresh: list[Anchor] = []
    for line in sorted(lines, key=lambda a: not any(a.content == b.content for b in before)):
        twin = max((b for b in left if _same(line, b)), key=lambda b: b.content == line.content, default=None)
        if twin is None:
            fresh.append(line)
        else:
            left.remove(twin)
    return sorted(fresh, key=_top)


def _same(a: Anchor, b: Anchor) -> bool:
    one, other = formula(a.content) or a.content, formula(b.content) or b.content
    return fuzz.ratio(one, other) >= SAME or tokens(one) == tokens(other)


def _readable_lines(fresh: Sequence[Anchor], lines: Sequence[Anchor]) -> list[Anchor]:
    """The new lines that were read well, up to the first formula that was not: later lines would skip it."""
    readable: list[Anchor] = []
    for line in fresh:
        good = _tells(line) and not _is_half_fraction(line, lines)
        if not good and "=" in line.content:
            break
        readable += [line] if good else []
    return readable


def _is_half_fraction(line: Anchor, lines: Sequence[Anchor]) -> bool:
    """Whether a line is only half of a fraction: a bare figure stands close below or above its end."""
    if line.box is None:
        return False
    x0, y0, x1, y1 = line.box
    for other in lines:
        box, bare = other.box, other is not line and bool(_PATTERNS["figure"].fullmatch(other.content.strip()))
        if box is None or not bare or box[2] <= (x0 + x1) / 2 or box[0] >= x1:
            continue
        gap = max(box[1] - y1, y0 - box[3])
        if gap < HALF * (y1 - y0):
            return True
    return False


def _tells(line: Anchor) -> bool:
    """Whether a line was read well enough to quote: a formula, or a figure alone."""
    figure = bool(_PATTERNS["figure"].fullmatch(line.content.strip())) and line.confidence >= SURE_FIGURE
    return figure or (bool(formula(line.content)) and line.confidence >= SURE)


def formula(text: str) -> str:
    """The formula in a line, with a figure in it, or "" where there is none.

    Its terms are numbers, names and their products; "K0h" and "6C00" are misread letters and give "". So does a line
    that continues before or behind what can be read: "28.09+121-" is not all of it.
    """
    match = _PATTERNS["formula"].search(text)
    read = match[0].strip() if match else ""
    before, behind = (text[: match.start()], text[match.end() :]) if match else ("", "")
    while more := _PATTERNS["more"].match(behind):
        read, behind = f"{read}{more[0]}".strip(), behind[more.end() :]
    cut = (
        _PATTERNS["open"].search(before)
        or _PATTERNS["goes_on"].match(behind)
        or (read.startswith("=") and before.strip())
    )
    if cut:
        return ""
    read = read.rstrip(".,")
    right = all(_PATTERNS["term"].fullmatch(term) for term in _PATTERNS["run"].findall(read))
    return read if right and re.search(r"\d", read) and len(read) >= SHORTEST else ""


def _letter(line: Anchor, lines: Sequence[Anchor]) -> Anchor | None:
    """The capital letter in the picture beside a figure."""
    letters = [a for a in lines if re.fullmatch(r"[A-Z]", a.content.strip()) and a.confidence >= SURE_LABEL]
    if formula(line.content) or line.box is None or not letters:
        return None
    width = max(a.box[2] for a in lines if a.box)
    nearest = min(letters, key=lambda a: _apart(a, line))
    return nearest if _apart(nearest, line) <= NEAR * width else None


def _apart(a: Anchor, b: Anchor) -> float:
    """Distance of the middles of two lines [px]."""
    one, other = a.box or (0, 0, 0, 0), b.box or (0, 0, 0, 0)
    return math.hypot((one[0] + one[2] - other[0] - other[2]) / 2, (one[1] + one[3] - other[1] - other[3]) / 2)


def _above(line: Anchor, lines: Sequence[Anchor]) -> Anchor | None:
    """The printed exercise that stands nearest above a line."""
    printed = [a for a in lines if a.confidence >= SURE_LABEL and _PATTERNS["label"].match(a.content)]
    over = [a for a in printed if _top(a) <= _top(line) + LINE]
    return over[-1] if over else None


def _top(line: Anchor) -> float:
    return line.box[1] if line.box else 0.0


def _best(found: Sequence[BoardStep], seen: Lesson) -> BoardStep | None:
    """The step that is asked for and has most to teach; the earlier one of equals."""
    fitting = [one for one in found if _fits(one, seen)]
    return max(fitting, key=lambda one: (_detail_score(one), -one.step.t0), default=None)


def _fits(one: BoardStep, seen: Lesson) -> bool:
    """Whether a step is about the topic: by its words, or by a figure at the vertex of the angle asked for.

    An angle is named by three points, its vertex in the middle: "48" at M is the angle KML.
    """
    vertices = {word[1].upper() for word in seen.intent.topic if len(word) == 3}
    at = {letter.content.strip() for letter in one.beside.values()}
    intent = seen.intent
    return intent.concerns(one.text, seen.language) or intent.renames(one.text) or bool(vertices & at)


def _detail_score(one: BoardStep) -> int:
    formulas = sum(bool(formula(line.content)) for line in one.written)
    return (
        2 * min(formulas, 2)
        + 2 * (one.label is not None)
        + (one.reached is not None)
        + 2 * one.teaches
        + bool(one.spoken)
    )


def _draft(one: BoardStep, seen: Lesson, found: Sequence[BoardStep]) -> dict[str, Json]:
    step = one.step
    before, after = int(step.attrs["before"]), int(step.attrs["after"])
    elsewhere = bool(one.written) and one.frame != after
    shown: list[Json] = [{"cite": [step.id], "frame": after}]
    shown += [{"cite": [one.written[0].id], "frame": one.frame}] if elsewhere else []
    return {
        "cot": _thoughts(one, seen),
        "input_image": [{"cite": [step.id], "frame": before}],
        "question": _question(one, seen),
        "answer": _answer(one, seen, elsewhere=elsewhere),
        "output_image": shown,
        "left_out": left_out((), other_time=seen.outside, other_step=(f.step.id for f in found if f is not one)),
    }


def _answer(one: BoardStep, seen: Lesson, *, elsewhere: bool) -> list[Json]:
    """What is done next and why, and what is written by it; a second picture where the board was moved meanwhile."""
    said = _SAYS[_language(seen)]
    reason, cites = _reason(one, said)
    told = (
        [statement(" ".join(s.text for s in one.spoken), [c for s in one.spoken for c in s.cites])]
        if one.spoken
        else []
    )
    if not one.written:
        return [statement(f"{said['look'].format(place=_place(one.step))} {PICTURE}", [one.step.id]), *told]
    result = f"{reason} {_result(one, seen, said)}".strip()
    line_cites = [a.id for line in one.written for a in (line, one.beside.get(line.id)) if a]
    if not elsewhere:
        return [*told, statement(f"{result} {PICTURE}", [one.step.id, *cites, *line_cites])]
    at = one.beside.get(one.written[0].id)
    hint = said["look_at"].format(point=at.content.strip()) if at else said["look"].format(place=_place(one.step))
    opening = statement(f"{hint} {PICTURE}", [one.step.id])
    return [opening, *told, statement(f"{result} {PICTURE}", [*line_cites, *cites])]


def _reason(one: BoardStep, said: Mapping[str, str]) -> tuple[str, list[str]]:
    """Why the step is taken, with the ids that prove it."""
    deed = one.deed
    if deed is not None:
        before = one.reached if deed.deed != "compute" else None
        line = formula(before.content) if before else ""
        return said[deed.deed].format(amount=deed.amount, line=line), [before.id] if before else []
    if one.written and one.twin:
        figure, letter = one.twin
        return said["same"].format(size=figure.content.strip(), point=letter.content.strip()), [figure.id, letter.id]
    return "", []


def _result(one: BoardStep, seen: Lesson, said: Mapping[str, str]) -> str:
    """What is written, and the angle that it is where the intent names one."""
    first = one.written[0]
    at = one.beside.get(first.id)
    if at is None:
        return said["gives"].format(line=said["then"].join(f'"{formula(line.content)}"' for line in one.written))
    point = at.content.strip()
    result = said["beside"].format(figure=first.content.strip(), point=point)
    named = next((word.upper() for word in seen.intent.topic if len(word) == 3 and word[1].upper() == point), "")
    return f"{result} {said['angle'].format(name=named, size=first.content.strip())}" if named and one.twin else result


def _question(one: BoardStep, seen: Lesson) -> dict[str, Json]:
    intent, said = seen.intent, _SAYS[_language(seen)]
    label = one.label if one.label and intent.concerns(one.label.content, seen.language) else None
    asked = label.content if label else intent.name
    reached = formula(one.reached.content) if one.reached else ""
    at = one.beside.get(one.written[0].id) if one.written else None
    parts = [said["reached"].format(line=reached) if reached else said["shown"]]
    if asked:
        parts.append(said["asks_about"].format(what=f'"{asked}"' if label else asked))
    else:
        parts.append(said["asks_at"].format(point=at.content.strip()) if at else said["asks"])
    cites = [one.step.id, *(a.id for a in (label, one.reached if reached else None, None if asked else at) if a)]
    return statement(" ".join(parts), cites)


def _thoughts(one: BoardStep, seen: Lesson) -> list[Json]:
    step, said = one.step, _SAYS[_language(seen)]
    when = said["added"].format(t0=step.t0, t1=step.t1, place=_place(step))
    thoughts: list[Json] = [statement(when, [step.id])]
    reason, cites = _reason(one, said)
    if reason:
        thoughts.append(statement(reason, cites or [one.written[0].id]))
    return thoughts


def _language(seen: Lesson) -> str:
    """Language of the tutor: the lesson's, where there are words for it."""
    return seen.language if seen.language in _SAYS else "en"


def _place(step: Anchor) -> str:
    return step.content.partition(":")[0]


def _nothing(steps: Sequence[Anchor], found: Sequence[BoardStep], seen: Lesson) -> PolicyError:
    if not steps:
        remedy = "Ask for an interleaved_lesson or a lecture_summary."
        return decline("no step is added to a board in it; its pictures are replaced as a whole", remedy)
    if not found:
        remedy = "Put subtitles beside the video, or raise its resolution."
        return decline(
            "no step on its board is explained: nothing readable says why it follows, and nothing is said", remedy
        )
    topic = " ".join(seen.intent.topic)
    return decline(f'no step on its board is about "{topic}"', "Name it as it is written there, or ask for any step.")
