"""What stands on the screen before and after each step, and from it the names of what was clicked.

The screen before the first step is read whole, later ones only where they changed; lines that did not change are
carried on from the screen on which they were first read, so that nothing is cited from a later moment than it was seen.
Streams that have texts of their own instead of pictures are read through the same tool.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import median
from typing import TypeAlias

from rapidfuzz import fuzz

from dataclaw.domains.gui.language import is_common, is_known, is_words
from dataclaw.domains.gui.recording import (
    FIELDS,
    SURE_TEXT,
    Asking,
    GuiRecording,
    Step,
    clean,
    distance,
    in_list_row,
    labels_icon,
)
from dataclaw.types import Action, Anchor, Box, Point

READ = 30
"""Most screens that are read in one recording."""

AT_ONCE, CALLS = 24, 3
"""Events that are read in one call, and most such calls, where screens are not read whole."""

MOST = 0.5
"""When more of the screen than this has changed, all of it is read."""

NEAR_PX = 260.0
"""A text this close to the pointer tells where it is [px on frames up to 1920 px wide]."""

SURE = 0.85
"""Least confidence of a line that is told as what the screen shows."""

TALL = 1.3
"""A heading is so many times as high as the usual line."""

LinesOf: TypeAlias = dict[tuple[str, int], tuple[Anchor, ...]]
"""Lines by ("frame", frame) and ("event", index)."""

HEADING = 48
"""Longest heading [characters]."""

ACTS = frozenset({"move", "wait"})
"""Verbs after which the screen is as it was."""


@dataclass(slots=True)
class Screens:
    """Lines by frame.

    Attributes:
        lines: the lines of each frame that was read.
        calls: screens read so far.
    """

    lines: dict[int, tuple[Anchor, ...]] = field(default_factory=dict[int, tuple[Anchor, ...]])
    calls: int = 0


def look_at_screens(steps: Sequence[Step], recording: GuiRecording, frames: int) -> Asking[list[Step]]:
    """The steps with what stood on the screen before and after them, and the texts at their pointers.

    Args:
        steps: the steps that are kept, in order.
        recording: the trace.
        frames: number of pictures.
    """
    before = (yield from _read_frames(steps, recording)) if frames else (yield from _read_texts(steps))
    size = recording.size
    last = _last_frame(steps[-1], recording) if frames and steps else None
    final = before.get(("frame", last), ()) if last is not None else ()
    known = [before.get(("event", step.index), ()) for step in steps]
    following = [*known[1:], final]
    told: list[Step] = []
    for at, step in enumerate(steps):
        later = at + 1 == len(steps) or _is_later(step, steps[at + 1])
        after = _new_lines(known[at], following[at]) if known[at] and following[at] and later else ()
        told.append(replace(step, lines=known[at], after=without_taskbar(after, size)))
    return (yield from name_targets(compare_neighbours(told, size), frames > 0, size))


def compare_neighbours(steps: Sequence[Step], size: tuple[int, int] | None) -> list[Step]:
    """The steps with what is new on the screen since the one before, and those that their picture does not show."""
    found: list[Step] = []
    for at, step in enumerate(steps):
        before = steps[at - 1].lines if at and not _shares_picture(steps, at) else ()
        fresh = _new_lines(before, step.lines) if before else ()
        found.append(replace(step, fresh=without_taskbar(fresh, size), shares=_hidden_steps(steps, at)))
    return found


def name_targets(steps: Sequence[Step], pictures: bool, size: tuple[int, int] | None) -> Asking[list[Step]]:
    """The steps with the texts at their pointers: of the screen where it was read, else read around the pointer."""
    pointed = [s for s in steps if s.point is not None and s.verb not in {"scroll", "move"}]
    unread = [s.index for s in pointed if not s.lines and _needs_reading(s, pictures)]
    near: dict[int, list[Anchor]] = {}
    for start in range(0, min(len(unread), AT_ONCE * CALLS), AT_ONCE):
        seen = yield Action("read_text", {"events": unread[start : start + AT_ONCE]})
        for anchor in seen.anchors if seen.ok else ():
            near.setdefault(int(anchor.attrs.get("event") or 0), []).append(tidy_line(anchor) if pictures else anchor)
    reach = NEAR_PX * max(1.0, size[0] / 1920 if size else 1.0)
    here = {s.index for s in pointed}
    return [
        replace(s, near=_texts_near(_outside_field(s, near.get(s.index) or s.lines), s, reach))
        if s.index in here
        else s
        for s in steps
    ]


def is_telling(line: Anchor) -> bool:
    """Whether a line may be told as what a screen shows: surely read, words, no labels side by side read as one."""
    text = line.content
    mixed = re.search(r"[\u4e00-\u9fff]", text) and re.search(r"[a-zA-Z]{3}|\d{4}", text)
    first, *rest = re.findall(r"[^\W_]+", text) or [""]
    menu = len(rest) >= MENU - 1 and all(word.istitle() and len(word) < 12 for word in [first, *rest])
    cut = menu or (first[:1].islower() and (not rest or len(first) < 3 or not is_known(first)))
    numbers = sum(c.isdigit() for c in text) > sum(c.isalpha() for c in text)
    return line.confidence >= SURE and is_words(text) and not numbers and not mixed and (line.frame is None or not cut)


MENU = 4
"""A line of so many single capitalised words and more is a menu bar."""


def tidy_line(line: Anchor) -> Anchor:
    """A line without the icon that was read as a letter before it, or the scrap of a neighbour behind it.

    Two words that were read as one are two again.
    """
    return replace(line, content=_tidy(line.content))


@lru_cache(maxsize=4096)
def _tidy(text: str) -> str:
    words = [part for word in _ICON_LETTER.sub("", text).split() for part in _word_parts(word)]
    while len(words) > 1 and words[-1].islower() and len(words[-1]) <= SCRAP and not is_known(words[-1]):
        words.pop()
    return " ".join(words)


_ICON_LETTER = re.compile(r"^(?:[B-HJ-Z]|[^\W\d_a-zA-Z]|[^\w\s@#$€£&(\[«»<>+−-]+)\s+(?=[A-Z][a-z]|[\u4e00-\u9fff]{2})")


def _word_parts(word: str) -> list[str]:
    """A word that is none as the two common words that it is made of, `Keepchanges`."""
    if len(word) < 8 or not word[1:].islower() or not word.isalpha() or is_known(word.lower()):
        return [word]
    cuts = [k for k in range(3, len(word) - 2) if is_common(word[:k].lower()) and is_common(word[k:])]
    return [word[: cuts[0]], word[cuts[0] :]] if len(cuts) == 1 else [word]


SCRAP = 4
"""Longest word that may be a scrap [letters]."""
TASKBAR = 0.94
"""Below this share of the height of a wide screen stands what is there all the time: task bar, dock, clock."""


def without_taskbar(lines: Sequence[Anchor], size: tuple[int, int] | None) -> tuple[Anchor, ...]:
    """The lines without those of the strip at the bottom of a wide screen."""
    if size is None or size[0] <= size[1]:
        return tuple(lines)
    return tuple(a for a in lines if a.frame is None or a.box is None or a.box[1] < TASKBAR * size[1])


def heading_of(lines: Sequence[Anchor]) -> Anchor | None:
    """The largest line of words in the upper half, when it is larger than the usual line; the upper one of equals."""
    boxes = [line.box for line in lines if line.box is not None]
    if len(boxes) < 3:
        return None
    usual = median(box[3] - box[1] for box in boxes)
    middle = (min(box[1] for box in boxes) + max(box[3] for box in boxes)) / 2
    lines = [a for a in lines if a.box is not None and a.box[3] <= middle]
    tall = [
        a
        for a in lines
        if a.box is not None and a.box[3] - a.box[1] >= TALL * usual and is_telling(a) and len(a.content) <= HEADING
    ]
    return max(tall, key=lambda a: (_height(a), -(a.box or (0, 0))[1]), default=None)


def most_telling(lines: Sequence[Anchor], limit: int) -> list[Anchor]:
    """The largest lines of words, at most so many, in the order of the screen."""
    telling = {clean(a.content): a for a in reversed([a for a in lines if is_telling(a)])}
    chosen = sorted(telling.values(), key=lambda a: (-_height(a), -min(len(a.content), 40)))[:limit]
    return sorted(chosen, key=lambda a: a.box[1] if a.box else 0.0)


def holds_text(lines: Sequence[Anchor], text: str) -> Anchor | None:
    """The line that shows a typed text, None when none does."""
    wanted = " ".join(text.split())
    if len(wanted) < 2:
        return None
    return next((a for a in lines if fuzz.partial_ratio(wanted, a.content) >= 85 and len(a.content) >= len(wanted) / 2),
                None)  # fmt: skip


def relation(text: Box, point: Point) -> str:
    """Where a point lies beside a text: "on_of", "right_of", "below_of", ..., "below_right_of" where it is both."""
    dx = max(text[0] - point[0], 0.0, point[0] - text[2])
    dy = max(text[1] - point[1], 0.0, point[1] - text[3])
    if not dx and not dy:
        return "on_of"
    height = text[3] - text[1]
    if min(dx, dy) > height:
        return f"{'above' if point[1] < text[1] else 'below'}_{'left' if point[0] < text[0] else 'right'}_of"
    if dx >= dy:
        return "left_of" if point[0] < text[0] else "right_of"
    return "above_of" if point[1] < text[1] else "below_of"


def _height(line: Anchor) -> float:
    return line.box[3] - line.box[1] if line.box is not None else 0.0


def _read_frames(steps: Sequence[Step], recording: GuiRecording) -> Asking[LinesOf]:
    """Lines by frame and by event, of at most `READ` frames."""
    wanted = sorted({s.event.frame for s in steps if s.event.frame is not None})
    last = _last_frame(steps[-1], recording) if steps else None
    wanted = sorted({*wanted, last} if last is not None else {*wanted})
    screens = Screens()
    before: int | None = None
    for frame in wanted:
        if screens.calls >= READ:
            break
        yield from _read_frame(screens, frame, before, recording)
        before = frame if frame in screens.lines else before
    found: LinesOf = {("frame", frame): lines for frame, lines in screens.lines.items()}
    found |= {("event", s.index): screens.lines[s.event.frame] for s in steps if s.event.frame in screens.lines}
    return found


def _read_frame(screens: Screens, frame: int, before: int | None, recording: GuiRecording) -> Asking[None]:
    """Read a frame, only what changed since the frame before it where that is little."""
    box = None if before is None else _changed_since(before, frame, recording)
    known = screens.lines.get(before, ()) if before is not None else ()
    if before is not None and box is None:
        screens.lines[frame] = known
        return
    box = _with_cut_lines(box, known) if box is not None else None
    size = recording.size or (1, 1)
    small = box is not None and (box[2] - box[0]) * (box[3] - box[1]) <= MOST * size[0] * size[1]
    args = {"box": [round(v) for v in box]} if small and box is not None else {"region": "full"}
    seen = yield Action("read_text", {"frame": frame, **args})
    screens.calls += 1
    if not seen.ok:
        return
    read = [tidy_line(a) for a in seen.anchors if a.confidence >= SURE_TEXT]
    kept = [a for a in known if small and box is not None and not _overlap(a.box, box)]
    lines = sorted([*kept, *read], key=lambda a: (a.box or (0, 0))[1])
    screens.lines[frame] = tuple(lines)


def _changed_since(before: int, frame: int, recording: GuiRecording) -> Box | None:
    """The box around everything that changed between two frames, None when nothing did."""
    boxes = [
        a.box
        for a in recording.changes
        if a.box is not None and int(a.attrs["after"]) > before and int(a.attrs["before"]) < frame
    ]
    return _hull(boxes) if boxes else None


def _with_cut_lines(box: Box, lines: Sequence[Anchor]) -> Box:
    """The box, widened to hold all of every line that reaches into it."""
    return _hull([box, *(a.box for a in lines if a.box is not None and _overlap(a.box, box))])


def _hull(boxes: Sequence[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _overlap(a: Box | None, b: Box) -> bool:
    return a is not None and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _last_frame(last: Step, recording: GuiRecording) -> int | None:
    """The first frame after everything that the last step changed, None when there is none."""
    frames = [int(c.attrs["after"]) for c in last.changes]
    if frames:
        return frames[-1]
    frame = last.event.frame
    later = [f for f in recording.states if frame is not None and f > frame]
    return later[0] if later and last.seen else None


def _read_texts(steps: Sequence[Step]) -> Asking[LinesOf]:
    """Lines by event, from a stream that keeps the texts of its pages; nothing from one that has none."""
    found: LinesOf = {}
    indices = [step.index for step in steps]
    for start in range(0, min(len(indices), AT_ONCE * CALLS), AT_ONCE):
        seen = yield Action("read_text", {"events": indices[start : start + AT_ONCE], "region": "full"})
        if not seen.ok:
            break
        for anchor in seen.anchors:
            key = ("event", int(anchor.attrs.get("event") or 0))
            found[key] = (*found.get(key, ()), anchor)
    return found


def _is_later(step: Step, following: Step) -> bool:
    """Whether what stands before the following step was seen after this one."""
    if step.event.frame is None or following.event.frame is None:
        return step.event.frame is following.event.frame is None
    return following.event.frame > step.event.frame


def _shares_picture(steps: Sequence[Step], at: int) -> bool:
    return at > 0 and steps[at].event.frame is not None and steps[at].event.frame == steps[at - 1].event.frame


def _hidden_steps(steps: Sequence[Step], at: int) -> tuple[Step, ...]:
    """Earlier steps that acted after the picture was taken which this step has."""
    first = at
    while _shares_picture(steps, first):
        first -= 1
    return tuple(step for step in steps[first:at] if step.verb not in ACTS)


def _new_lines(before: Sequence[Anchor] | None, after: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """The lines of a screen that were not on the one before; OCR reads one line a little differently each time."""
    old = [clean(a.content) for a in before or ()]
    known = {a.id for a in before or ()}
    fresh = [a for a in after if a.id not in known and not _is_old_line(clean(a.content), old)]
    return tuple(fresh)


def _is_old_line(line: str, old: Sequence[str]) -> bool:
    return any(len(line) <= len(o) + 2 and fuzz.ratio(line, o) >= 70 for o in old)


def _needs_reading(step: Step, pictures: bool) -> bool:
    """Whether the texts around a pointer must be read: the recorder named nothing, or an icon at best."""
    nameless = not step.event.attrs.get("target") or step.role == "icon"
    return nameless and (not pictures or step.event.frame is not None)


def _outside_field(step: Step, texts: Sequence[Anchor]) -> Sequence[Anchor]:
    """The texts without those in the field that was clicked."""
    box = step.event.box
    if box is None or step.role not in FIELDS:
        return texts
    return [a for a in texts if a.box is None or not _overlap(a.box, box)]


def _texts_near(texts: Sequence[Anchor], step: Step, reach: float) -> tuple[Anchor, ...]:
    """Texts around a step's pointer, nearest first; what names its row or icon before all, at its left before above."""
    point = step.point
    sure = [a for a in texts if a.confidence >= SURE_TEXT and distance(a, point) <= reach]
    labels = {a.id for a in sure if labels_icon(a, point, step.verb)}
    good = [a for a in sure if _is_name(a.content) or a.id in labels]
    first = labels | {a.id for a in good if in_list_row(a, good, point)}
    return tuple(sorted(good, key=lambda a: (a.id not in first, distance(a, point) + _off_row(a, point), a.id)))


def _off_row(text: Anchor, point: Point | None) -> float:
    """How much a text that is not in the pointer's row counts as further away [px]."""
    if text.box is None or point is None or distance(text, point) == 0:
        return 0.0
    in_row = text.box[1] - 4 <= point[1] <= text.box[3] + 4
    return 0.0 if in_row and text.box[0] <= point[0] else 30.0


def _is_name(text: str) -> bool:
    """Whether a text may name something: words, a short word that is all letters, a number, a size, a time."""
    plain = text.strip()
    if is_words(plain) or (sum(c.isalpha() for c in plain) >= 3 and plain.isascii()):
        return True
    return plain in {"OK", "Ok", "Go", "No", "Up", "On"} or bool(
        re.fullmatch(r"\d+(?:[.:]\d+)?\s?%?|\d+\s?[x×]\s?\d+|@\w+|[\u4e00-\u9fff]{1,2}", plain)
    )
