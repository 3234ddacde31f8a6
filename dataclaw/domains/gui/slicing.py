"""Which events led to the final state, judged by evidence alone; whoever is in doubt stays.

What is dropped: events that changed nothing, stretches after which the screen was what it had been before, visits to
pages that the next action did not need, scrolling that brought nothing into reach, and typing that was deleted again.
What is never dropped: text that was written and stayed, copying and pasting, and clicks whose name says that they
commit something. Not covered: reading. Somebody may have opened a page only to read it; a page whose words are written
later on is kept, any other that led back is a detour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import cast

from rapidfuzz import fuzz

from dataclaw.domains.gui.intents import CLICKS, words_of
from dataclaw.domains.gui.recording import Asking, GuiRecording, Step
from dataclaw.types import Action, Anchor

COMMIT = re.compile(
    r"\b(?:add|save|send|submit|place|order|confirm|ok|okay|apply|delete|remove|buy|pay|sign|log ?in|log ?out|register|"
    r"create|post|publish|upload|download|install|accept|agree|yes|done|finish|update|paste|copy|cut|set|subscribe|"
    r"book|share|move|rename|replace|insert|export|import|print)\b|保存|发送|提交|确认|删除|购买|添加|应用|登录|支付|下单",
    re.IGNORECASE,
)
_KEYBOARD = frozenset({"write", "press", "hotkey", "key_down", "key_up"})
_QUIET_KEYS = frozenset({"escape", "esc", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"})
_SWITCHES = frozenset({("alt", "tab"), ("alt", "left"), ("alt", "right"), ("ctrl", "tab")})
_ERASERS = frozenset({"backspace"})
_INVERSE = (
    ("more", "less"), ("+", "-"), ("+", "−"), ("increase", "decrease"), ("increment", "decrement"),
    ("next", "previous"), ("expand", "collapse"), ("show", "hide"), ("zoom in", "zoom out"),
    ("select all", "select none"), ("up", "down"),
)  # fmt: skip
_RELATIVE = re.compile(
    r"\b(?:back|previous|prev|next|up|undo|redo|forward|more|less)\b|[←→+−]|上一|下一|返回", re.IGNORECASE
)
"""Names of controls whose effect depends on where one is."""

INVERSES = 3
"""Most pairs of opposite clicks that are checked against the screen."""
CHECKS = 6
"""Most times that the screen is read to see whether a target had been there all along."""


@dataclass(slots=True)
class Slice:
    """What is kept so far.

    Attributes:
        recording: the trace.
        kept: positions kept, in order.
        dropped: reason by event id.
        shown: by position, where the target of a step stood before the visits that were left out.
    """

    recording: GuiRecording
    kept: list[int]
    shown: dict[int, Anchor] = field(default_factory=dict[int, Anchor])
    dropped: dict[str, str] = field(default_factory=dict[str, str])

    def drop(self, positions: Sequence[int], reason: str) -> None:
        """Leave out some positions."""
        for at in positions:
            self.dropped[self.recording.steps[at].id] = reason
        gone = set(positions)
        self.kept = [at for at in self.kept if at not in gone]


def steps_to_outcome(recording: GuiRecording, positions: Sequence[int]) -> Asking[tuple[list[Step], Mapping[str, str]]]:
    """The steps that led to the final state, and for every other one the reason why it is left out.

    Args:
        recording: the trace.
        positions: positions of the steps in question (what the rest of the intent keeps), in order.
    """
    cut = Slice(recording, list(positions))
    _drop_noise(cut)
    _drop_loops(cut)
    yield from _drop_visits(cut)
    yield from _drop_inverses(cut)
    _drop_page_loops(cut)
    _drop_scrolls(cut)
    _drop_without_effect(cut)
    _drop_toggles(cut)
    kept = [replace(recording.steps[at], shown=cut.shown.get(at)) for at in cut.kept]
    merged, undone = merge_typing(kept)
    return merged, {**cut.dropped, **dict.fromkeys(undone, "undone")}


def merge_typing(steps: Sequence[Step]) -> tuple[list[Step], list[str]]:
    """Put typing in several goes, with deletions between, together into the text that was left in the end.

    Returns:
        The steps, a run of typing with deletions as one, and the ids of events of which nothing remains.
    """
    found: list[Step] = []
    undone: list[str] = []
    at = 0
    while at < len(steps):
        run = _typing_run(steps, at)
        if len(run) > 1 and (whole := _remaining_text(run)) is not None:
            text, contributing = whole
            undone += [s.id for s in run if s.id not in {c.id for c in contributing}]
            if contributing:
                changes = tuple(c for s in run for c in s.changes)
                first = contributing[0]
                rest = tuple(s.event for s in contributing[1:])
                last = run[-1]
                found.append(
                    replace(first, text=text, merged=rest, changes=changes, seen=last.seen, leads_to=last.leads_to)
                )
            at += len(run)
        else:
            found.append(steps[at])
            at += 1
    return found, undone


def _typing_run(steps: Sequence[Step], at: int) -> Sequence[Step]:
    end = at
    while end < len(steps) and (steps[end].verb == "write" or _erases(steps[end])):
        end += 1
    run = steps[at:end]
    return run if any(_erases(s) for s in run) else run[:1]


def _erases(step: Step) -> bool:
    return step.verb == "press" and bool(step.keys) and set(step.keys) <= _ERASERS


def _remaining_text(run: Sequence[Step]) -> tuple[str, list[Step]] | None:
    """The text that a run of typing leaves, and the steps it came from; None when it deletes more than it wrote."""
    letters: list[tuple[str, int]] = []
    for at, step in enumerate(run):
        if step.verb == "write":
            letters += [(letter, at) for letter in step.text]
        elif len(letters) < len(step.keys):
            return None
        else:
            del letters[len(letters) - len(step.keys) :]
    sources = sorted({at for _, at in letters})
    return "".join(letter for letter, _ in letters), [run[at] for at in sources]


def _drop_noise(cut: Slice) -> None:
    """Leave out moves, waits, and clicks and scrolls outside the picture: they hit nothing that anybody can see."""
    steps = cut.recording.steps
    pictured = any(step.event.frame is not None and step.point is not None for step in steps)
    noise = [at for at in cut.kept if steps[at].verb in {"move", "wait"} or (pictured and _is_outside(steps[at]))]
    cut.drop(noise, "noise")


def _is_outside(step: Step) -> bool:
    lost = step.event.frame is not None and step.point is None and not step.event.attrs.get("target")
    return lost and step.verb in CLICKS | {"scroll"}


def _drop_visits(cut: Slice) -> Asking[None]:
    """Leave out visits to other pages of an application before a click that did not need them.

    The click must lead where it would have led anyway (to the page that it is named after, or back to the page before
    the visit), and its target must have stood at the same place before the visit. A click that only leads back is part
    of the visit.
    """
    steps, checks = cut.recording.steps, 0
    for at in list(cut.kept):
        stretch = _visit_before(cut, at) if at in cut.kept else []
        while stretch and checks < CHECKS:
            if not _leads_the_same(cut, at, stretch[0]):
                stretch = stretch[1:]
                continue
            checks += 1
            there = yield from _was_there(cut, at, stretch[0])
            if there is not None:
                back = steps[at].leads_to == steps[stretch[0]].page != ""
                cut.drop([*stretch, at] if back else stretch, "detour")
                if not back:
                    cut.shown[at] = there
                break
            stretch = stretch[1:]


def _visit_before(cut: Slice, at: int) -> list[int]:
    """Positions of the page changes and scrolls directly before a click, within one application."""
    steps, application = cut.recording.steps, cut.recording.application
    step = steps[at]
    if step.verb not in CLICKS or not step.leads_to or application.get(step.leads_to) != application.get(step.page):
        return []
    stretch: list[int] = []
    for earlier in reversed(cut.kept[: cut.kept.index(at)]):
        if application.get(steps[earlier].page) != application.get(step.page) or not _browses(steps[earlier]):
            break
        stretch.insert(0, earlier)
    return stretch if any(steps[a].verb in CLICKS for a in stretch) else []


def _browses(step: Step) -> bool:
    """Whether a step only went to another page or scrolled."""
    if step.verb == "scroll":
        return True
    return step.verb in CLICKS and bool(step.leads_to) and not COMMIT.search(step.name)


def _leads_the_same(cut: Slice, at: int, first: int) -> bool:
    step, before = cut.recording.steps[at], cut.recording.steps[first].page
    if _RELATIVE.search(step.name):
        return False
    if step.leads_to == before:
        return True
    rest = step.leads_to.replace(cut.recording.application.get(step.leads_to, ""), " ")
    return bool(set(_letters(step.name)) & set(_letters(rest)))


def _letters(text: str) -> list[str]:
    return [w for w in words_of(text) if len(w) > 2 and not w.isdigit()]


def _was_there(cut: Slice, at: int, first: int) -> Asking[Anchor | None]:
    """The target of the click at `at` on the screen before the step `first`, None when it did not stand there."""
    step, frame = cut.recording.steps[at], cut.recording.steps[first].event.frame
    if frame is None or step.point is None or not step.name:
        return None
    x, y = step.point
    box = step.event.box or (x - 60, y - 20, x + 60, y + 20)
    seen = yield Action("read_text", {"frame": frame, "box": [round(v) for v in box]})
    return next((a for a in seen.anchors if _alike(step.name, a)), None) if seen.ok else None


def _alike(name: str, text: Anchor) -> bool:
    a, b = " ".join(_letters(name)), " ".join(_letters(text.content))
    return bool(a and b) and fuzz.partial_ratio(a, b) >= 85


def _drop_loops(cut: Slice) -> None:
    """Leave out stretches after which the picture was the one before them."""
    recording = cut.recording
    at = 0
    while at < len(cut.kept):
        end = _loop_end(cut, at)
        if end is None:
            at += 1
            continue
        stretch = cut.kept[at : end + 1]
        pages = {recording.steps[a].page for a in stretch} | {recording.steps[a].leads_to for a in stretch} - {""}
        cut.drop(stretch, "undone" if len(pages) == 1 else "detour")


def _loop_end(cut: Slice, at: int) -> int | None:
    recording, kept = cut.recording, cut.kept
    before = recording.state_before(recording.steps[kept[at]])
    if before is None:
        return None
    found: int | None = None
    for end in range(at, len(kept)):
        if not _harmless(recording.steps[kept[end]]):
            break
        if end > at and recording.state_after(kept[end]) == before and not _is_used_later(cut, at, end):
            found = end
    return found


def _harmless(step: Step) -> bool:
    """Whether a step leaves nothing behind but what the screen shows."""
    if step.verb in CLICKS:
        return not COMMIT.search(step.name)
    if step.verb in {"press", "hotkey"}:
        return set(step.keys) <= _QUIET_KEYS or tuple(step.keys) in _SWITCHES
    return step.verb in {"scroll", "move", "navigate", "open_app", "window", "wait"}


def _is_used_later(cut: Slice, at: int, end: int) -> bool:
    """Whether words of a page visited in the stretch are written later: then it was read for a reason."""
    steps = cut.recording.steps
    visited = {w for a in cut.kept[at : end + 1] for w in _letters(f"{steps[a].page} {steps[a].leads_to}")}
    start = set(_letters(steps[cut.kept[at]].page))
    later = {w for a in cut.kept[end + 1 :] if steps[a].verb == "write" for w in _letters(steps[a].text)}
    return bool((visited - start) & later)


def _drop_inverses(cut: Slice) -> Asking[None]:
    """Leave out a click and the opposite one right after it, when the same texts stand there before and after both."""
    steps = cut.recording.steps
    checks = 0
    for at, nxt in list(pairwise(cut.kept)):
        if not {at, nxt} <= set(cut.kept) or checks >= INVERSES or not _opposite(steps[at], steps[nxt]):
            continue
        boxes = [c.box for s in (steps[at], steps[nxt]) for c in s.changes if c.box is not None]
        first, last = steps[at].event.frame, [int(c.attrs["after"]) for c in steps[nxt].changes][-1:]
        if not boxes or first is None or not last:
            continue
        checks += 1
        box = [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]
        before = yield Action("read_text", {"frame": first, "box": [round(v) for v in box]})
        after = yield Action("read_text", {"frame": last[0], "box": [round(v) for v in box]})
        if before.ok and after.ok and [a.content for a in before.anchors] == [a.content for a in after.anchors]:
            cut.drop([at, nxt], "undone")


def _opposite(first: Step, second: Step) -> bool:
    if first.verb not in CLICKS or second.verb not in CLICKS or first.page != second.page:
        return False
    names = (first.name.lower(), second.name.lower())
    return any(names in {pair, pair[::-1]} for pair in _INVERSE)


def _drop_page_loops(cut: Slice) -> None:
    """Leave out stretches of page changes and scrolls that end on the page where they began."""
    steps = cut.recording.steps
    at = 0
    while at < len(cut.kept):
        end = next(
            (
                end
                for end in range(len(cut.kept) - 1, at, -1)
                if all(_browses(steps[a]) for a in cut.kept[at : end + 1])
                and steps[cut.kept[at]].verb in CLICKS
                and (steps[cut.kept[end]].leads_to or steps[cut.kept[end]].page) == steps[cut.kept[at]].page != ""
                and not _is_used_later(cut, at, end)
                and cut.kept[at : end + 1] == list(range(cut.kept[at], cut.kept[end] + 1))
            ),
            None,
        )
        if end is None:
            at += 1
        else:
            cut.drop(cut.kept[at : end + 1], "detour")


def _drop_scrolls(cut: Slice) -> None:
    """Leave out scrolling when the next thing that was pointed at stood where the scrolling changed nothing.

    So is scrolling after everything else: nothing needed what it brought into view.
    """
    steps = cut.recording.steps
    while len(cut.kept) > 1 and steps[cut.kept[-1]].verb == "scroll":
        cut.drop(cut.kept[-1:], "detour")
    for place, at in list(enumerate(cut.kept)):
        if steps[at].verb != "scroll" or not steps[at].seen:
            continue
        following = next((a for a in cut.kept[place + 1 :] if steps[a].verb != "scroll" and a in cut.kept), None)
        if following is None or steps[following].point is None:
            continue
        if not any(_covers(change, steps[following]) for change in steps[at].changes):
            cut.drop([at], "detour" if steps[at].changes else "no_effect")


def _covers(change: Anchor, step: Step) -> bool:
    if change.box is None or step.point is None:
        return True
    x, y = step.point
    regions = cast("Sequence[Sequence[float]]", change.attrs.get("regions") or [change.box])
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in regions)


def _drop_without_effect(cut: Slice) -> None:
    """Leave out clicks after which nothing changed, unless the keyboard was used next (they set the focus).

    A key combination at the very end that changed nothing belongs to whoever stopped the recording.
    """
    steps = cut.recording.steps
    last = steps[cut.kept[-1]] if cut.kept else None
    if last is not None and last.verb == "hotkey" and _is_idle(last) and len(cut.kept) > 1:
        cut.drop(cut.kept[-1:], "no_effect")
    for place, at in reversed(list(enumerate(list(cut.kept)))):
        step = steps[at]
        following = steps[cut.kept[place + 1]] if place + 1 < len(cut.kept) else None
        if step.verb not in CLICKS or not _is_idle(step) or step.leads_to or following is None:
            continue
        again = (following.verb, following.name) == (step.verb, step.name) != (step.verb, "")
        if again or (not COMMIT.search(step.name) and following.verb not in _KEYBOARD | {"drag"}):
            cut.drop([at], "no_effect")


def _is_idle(step: Step) -> bool:
    """Whether nothing came of a step, by the pictures around it or by what the source says."""
    return (step.seen and not step.changes) or any(said["kind"] == "unchanged" for said in step.outcomes)


def _drop_toggles(cut: Slice) -> None:
    """Leave out ticks that a later click took back, and clicks that did nothing but take them back."""
    ticks = {at: _ticks(cut.recording.steps[at]) for at in cut.kept}
    for at in list(cut.kept):
        back = {(name, not on) for name, on in ticks[at]}
        after = cut.kept[cut.kept.index(at) + 1 :] if back and at in cut.kept else []
        following = next((a for a in after if {name for name, _ in ticks[a]} & {name for name, _ in back}), None)
        if following is not None and back <= ticks[following]:
            cut.drop([at, following] if back == ticks[following] else [at], "undone")


def _ticks(step: Step) -> set[tuple[str, bool]]:
    """Boxes that a click ticked (True) or unticked, by name; empty where it did something else as well."""
    kinds = {"checked": True, "unchecked": False}
    ticks = {(said["name"], kinds[said["kind"]]) for said in step.outcomes if said["kind"] in kinds and said["name"]}
    return ticks if len(ticks) == len(step.outcomes) else set()
