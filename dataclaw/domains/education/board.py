"""The steps of a board read: what each wrote, what stood there before, and what is said meanwhile."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from dataclaw.domains.education.equations import LineStep, step_between, worked_out
from dataclaw.domains.education.lessons import Lesson
from dataclaw.domains.education.sentences import Sentence, clean
from dataclaw.domains.education.words import TALK, tokens
from dataclaw.planning import Asking, ask
from dataclaw.types import Anchor
from dataclaw.words import words_beside

BEFORE, BEHIND = 2.0, 2.0
"""What begins so little before a step or after it is said of it [s]."""

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

_PATTERNS = words_beside(__file__).patterns


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A line on the board as it is quoted.

    Attributes:
        text: its formula, or its figure.
        cites: ids of what shows it.
        read: all of the line as it was read, "" where it was not.
    """

    text: str
    cites: tuple[str, ...]
    read: str = ""


@dataclass(frozen=True, slots=True)
class BoardStep:
    """A step on the board with what was read and said of it.

    Attributes:
        step: ink added to the board.
        written: new lines with a formula or a figure, in reading order.
        frame: the frame they were read on, None without any.
        point: letter in the picture that the first of them, a figure, stands at, or None.
        label: the exercise that they answer, as printed above them, or None.
        reached: the last formula on the board before the step, or None.
        spoken: what is said meanwhile.
        twin: a figure of the same size as the one that is written, and the letter that it stands at, or None.
        old: all that was read on the board before it.
        new: all that was read on the board after it.
        subject: what sort of exercise it belongs to, with its article; "" where that is not known.
        warning: the sentence by which it is said to be hard, or None.
    """

    step: Anchor
    written: tuple[BoardLine, ...]
    frame: int | None
    point: Anchor | None
    label: Anchor | None
    reached: BoardLine | None
    spoken: tuple[Sentence, ...]
    twin: tuple[Anchor, Anchor] | None = None
    old: tuple[Anchor, ...] = ()
    new: tuple[Anchor, ...] = ()
    subject: str = ""
    warning: Sentence | None = None

    @property
    def deed(self) -> LineStep | None:
        """What leads from the line that was reached to the one that is written; None where the board does not say."""
        line = self.written[0].text if self.written and self.point is None else ""
        before = self.reached.text if self.reached else ""
        return (step_between(before, line) or worked_out(line)) if line else None

    @property
    def teaches(self) -> bool:
        """Whether it can be said why it is the next step, and not only that it is."""
        return bool(self.spoken or self.deed or (self.written and self.twin))

    @property
    def text(self) -> str:
        """Every text that may name its topic."""
        label = [self.label.content] if self.label else []
        lines = [line.read for line in (*self.written, self.reached) if line]
        return " ".join([*label, *lines, *(s.text for s in self.spoken)])


@dataclass
class BoardReader:
    """Reads the lines of frames, each frame once.

    Attributes:
        frames: number of frames.
        known: lines of those that were read, from top to bottom.
    """

    frames: int
    known: dict[int, list[Anchor]] = field(default_factory=dict[int, list[Anchor]])

    def lines(self, frame: int) -> Asking[list[Anchor]]:
        """Lines read on a frame, from top to bottom."""
        if frame not in self.known:
            read = yield from ask("read_text", frame=frame, region="full")
            self.known[frame] = sorted(read.anchors, key=_top) if read.ok else []
        return self.known[frame]


def read_step(step: Anchor, seen: Lesson, reader: BoardReader) -> Asking[BoardStep]:
    """Read what a step wrote: in the frame after it, or in a later one when the board is scrolled."""
    at, frame = int(step.attrs["before"]), int(step.attrs["after"])
    before = yield from reader.lines(at)
    new = lines = yield from reader.lines(frame)
    fresh = readable_lines(_new_lines(lines, before), lines)
    for later in range(frame + 1, min(frame + AFTER, reader.frames)):
        if fresh:
            break
        frame, lines = later, (yield from reader.lines(later))
        follows = not before or any(_same(line, before[-1]) for line in lines)
        fresh = readable_lines(_new_lines(lines, before), lines) if follows else []
    for earlier in range(max(0, at - EARLIER), at if fresh else 0):
        known = yield from reader.lines(earlier)
        fresh = [line for line in fresh if not any(_same(line, other) for other in known if formula(other.content))]
    spoken = [s for s in seen.sentences if step.t0 - BEFORE <= s.t0 <= step.t1 + BEHIND]
    spoken = [s for s in spoken if clean(s) and not TALK.search(s.text)][:3]
    last = next((line for line in reversed(before) if "=" in line.content), None)
    reached = last and _tells(last) and not is_half_fraction(last, before)
    beside = {line.id: letter for line in fresh for letter in [_letter(line, lines)] if letter}
    written = [line for line in fresh if formula(line.content) or line.id in beside][:3]
    first = written[0] if written else None
    return BoardStep(
        step=step,
        written=tuple(_quotable(line, beside.get(line.id)) for line in written),
        frame=frame if written else None,
        point=beside.get(first.id) if first else None,
        label=_above(first, lines) if first and formula(first.content) else None,
        reached=_quotable(last) if last and reached else None,
        spoken=tuple(spoken),
        twin=_find_twin(first, lines) if first and first.id in beside else None,
        old=tuple(before),
        new=tuple(new),
    )


def _quotable(line: Anchor, letter: Anchor | None = None) -> BoardLine:
    cites = (line.id, *([letter.id] if letter else []))
    return BoardLine(formula(line.content) or line.content.strip(), cites, line.content)


def _find_twin(figure: Anchor, lines: Sequence[Anchor]) -> tuple[Anchor, Anchor] | None:
    """Another angle of the picture of the same size, with the letter that it stands at."""
    size = figure.content.strip().removesuffix("°")
    for line in lines:
        if line is not figure and line.content.strip() == f"{size}°" and line.confidence >= SURE_FIGURE:
            letter = _letter(line, lines)
            if letter is not None:
                return line, letter
    return None


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


def readable_lines(fresh: Sequence[Anchor], lines: Sequence[Anchor]) -> list[Anchor]:
    """The new lines that were read well, up to the first formula that was not: later lines would skip it."""
    readable: list[Anchor] = []
    for line in fresh:
        good = _tells(line) and not is_half_fraction(line, lines)
        if not good and "=" in line.content:
            break
        readable += [line] if good else []
    return readable


def is_half_fraction(line: Anchor, lines: Sequence[Anchor]) -> bool:
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
