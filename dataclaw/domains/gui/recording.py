"""What the plans know of a trace: its events, what each one changed, and the names of what was clicked.

Filled by calling tools, a generator step at a time; everything here comes from anchors, so that it can be cited.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar, cast

from rapidfuzz import fuzz

from dataclaw.domains.gui.intents import ScopedEvent, applications
from dataclaw.planning import decline
from dataclaw.types import Action, Anchor, Box, Brief, Json, Observation, Point

T = TypeVar("T")
Asking = Generator[Action, Observation, T]

PAGES = 12
"""Most pages of events that are read; what lies behind them is not described."""

NAMED_AT_ONCE, NAMING_CALLS = 24, 3
"""Pointers that are read in one call, and most such calls."""

EFFECTS = 8
"""Steps whose effect is read off the screen, before and after."""
NEAR_PX = 60.0
"""A text this close to the pointer may name what was clicked [px on frames up to 1920 px wide]."""

ON_PX = 6.0
"""A text whose box the pointer is in, or misses by no more, is what it is on; one further off is beside it [px]."""

SURE_TEXT, SURE_BESIDE = 0.6, 0.9
"""Least confidence of a text that is used as a name, and of one that only tells where something is."""

HEADING = 0.3
"""Of a large change, this upper share is read: that is where the heading is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event and what belongs to it.

    Attributes:
        event: its anchor.
        page: title in front when it happened.
        leads_to: title in front afterwards when that is another one, else "".
        leads_cite: anchor that says so, "" when nothing leads anywhere.
        changes: what changed on the screen between it and the next event.
        seen: whether there is a picture of the screen after it.
        near: texts around its pointer, nearest first.
        after: texts read off what it changed.
        shown: text anchor of its target on an earlier screen, where a visit in between was left out; the sentences then
            speak of that screen.
        merged: further events that it stands for (typing in several goes).
        text: text it wrote, corrected where `merged` is not empty.
    """

    event: Anchor
    page: str
    leads_to: str = ""
    leads_cite: str = ""
    changes: tuple[Anchor, ...] = ()
    seen: bool = False
    near: tuple[Anchor, ...] = ()
    after: tuple[Anchor, ...] = ()
    shown: Anchor | None = None
    merged: tuple[Anchor, ...] = ()
    text: str = ""

    @property
    def id(self) -> str:
        """How the event is cited."""
        return self.event.id

    @property
    def index(self) -> int:
        """Its index in the stream."""
        return int(self.event.id.rpartition("e")[2])

    @property
    def verb(self) -> str:
        """What was done."""
        return str(self.event.attrs["verb"])

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys pressed."""
        return tuple(cast("Sequence[str]", self.event.attrs.get("keys") or ()))

    @property
    def role(self) -> str:
        """Kind of the target, in plain words ("button", "link"), "" when unknown."""
        return plain_role(str(self.event.attrs.get("role") or ""))

    @property
    def name(self) -> str:
        """Name of the target: from the trace, else the text under the pointer, else ""."""
        given = " ".join(str(self.event.attrs.get("target") or "").split())
        return given or (clean(self.near[0].content) if self.near and _is_on(self.near[0]) else "")

    @property
    def beside(self) -> str:
        """Text next to the pointer when nothing names what is under it and the text is sure, else ""."""
        sure = self.near and not self.name and self.near[0].confidence >= SURE_BESIDE
        return clean(self.near[0].content) if sure else ""

    @property
    def name_cite(self) -> tuple[str, ...]:
        """The text anchor that `name` or `beside` was read from, when it was."""
        return (self.near[0].id,) if self.near and not self.event.attrs.get("target") and _has_sure_text(self) else ()

    @property
    def point(self) -> Point | None:
        """Where."""
        return self.event.point

    @property
    def end_point(self) -> Point | None:
        """Where a drag ends."""
        return pair(self.event.attrs.get("end_point"))

    @property
    def scroll(self) -> tuple[float, float] | None:
        """`(dx, dy)` of a scroll, positive = right / down."""
        return pair(self.event.attrs.get("scroll"))

    @property
    def frame(self) -> int | None:
        """Frame that shows the state before it."""
        return self.event.frame if self.shown is None else self.shown.frame

    @property
    def open_page(self) -> str:
        """Title in front before it, "" where the page that was really open has been left out."""
        return self.page if self.shown is None else ""


@dataclass(frozen=True, slots=True)
class GuiRecording:
    """A trace as the plans see it.

    Attributes:
        steps: its events in order.
        windows: window anchors of `overview`.
        size: `(width, height)` [px] of the frames or of the recorded screen, None when unknown.
        states: number of the screen that each frame shows; empty without pictures.
        application: application of each window title.
        complete: whether every event was listed.
    """

    steps: tuple[Step, ...]
    windows: tuple[Anchor, ...] = ()
    size: tuple[int, int] | None = None
    states: Mapping[int, int] = field(default_factory=dict[int, int])
    application: Mapping[str, str] = field(default_factory=dict[str, str])
    complete: bool = True

    def scoped_events(self) -> list[ScopedEvent]:
        """The events as the intent's scope reads them."""
        return [scoped_event(step.event) for step in self.steps]

    def state_before(self, step: Step) -> int | None:
        """Number of the screen before a step, None when there is no picture."""
        return None if step.event.frame is None else self.states.get(step.event.frame)

    def state_after(self, at: int) -> int | None:
        """Number of the screen after the step at a position, None when unknown."""
        if at + 1 < len(self.steps):
            return self.state_before(self.steps[at + 1])
        frames = [int(c.attrs["after"]) for c in self.steps[at].changes]
        return self.states.get(frames[-1]) if frames else None


def scoped_event(event: Anchor) -> ScopedEvent:
    """An event's anchor as scoping reads it."""
    attrs = event.attrs
    words = " ".join(str(attrs.get(key) or "") for key in ("target", "role", "text"))
    return ScopedEvent(str(attrs.get("window") or ""), words, str(attrs["verb"]), event.t0)


def record(brief: Brief) -> Asking[GuiRecording]:
    """Look at the stream: overview, every event, every change.

    Raises:
        PolicyError: nothing is done in it, or in this part of it.
    """
    overview = yield Action("overview", {})
    events, complete = yield from _events()
    if not events:
        raise decline("no action is recorded in this part of the trace", "Cut it into fewer --samples.")
    changed = (yield Action("detect_changes", {})) if brief.frames > 1 and events else None
    seen = changed if changed is not None and changed.ok else None
    windows = tuple(a for a in overview.anchors if a.kind == "window")
    steps = steps_of(events, windows, seen)
    size = cast("Sequence[int] | None", overview.data.get("size") or overview.data.get("screen_size"))
    return GuiRecording(
        steps=tuple(steps),
        windows=windows,
        size=(int(size[0]), int(size[1])) if size else None,
        states=_states(seen),
        application=applications([step.page for step in steps if step.page]),
        complete=complete,
    )


def name_targets(steps: Sequence[Step], pictures: bool, size: tuple[int, int] | None) -> Asking[list[Step]]:
    """Read what stands at the pointer of the steps whose target the trace does not name."""
    nameless = [s for s in steps if not s.event.attrs.get("target") and s.point and s.event.frame is not None]
    near: dict[int, list[Anchor]] = {}
    if pictures:
        indices = [s.index for s in nameless if s.verb not in {"scroll", "move"}]
        for start in range(0, min(len(indices), NAMED_AT_ONCE * NAMING_CALLS), NAMED_AT_ONCE):
            seen = yield Action("read_text", {"events": indices[start : start + NAMED_AT_ONCE]})
            for anchor in seen.anchors if seen.ok else ():
                near.setdefault(int(anchor.attrs.get("event") or 0), []).append(anchor)
    reach = NEAR_PX * max(1.0, size[0] / 1920 if size else 1.0)
    return [replace(s, near=_names_near(near.get(s.index, []), reach)) for s in steps]


def read_effects(steps: Sequence[Step], size: tuple[int, int] | None) -> Asking[list[Step]]:
    """Read what appeared after the steps whose effect no window title tells: lines that did not stand there before."""
    following = [*steps[1:], None]
    wanted = [s for s, nxt in zip(steps, following, strict=True) if _worth_reading(s, nxt)]
    wanted = sorted(wanted, key=lambda s: -_ratio(s))[:EFFECTS]
    texts: dict[str, tuple[Anchor, ...]] = {}
    for step in sorted(wanted, key=lambda s: s.index):
        change = step.changes[-1]
        if change.box is None:
            continue
        box = [round(v) for v in heading(change.box, size)]
        before = yield Action("read_text", {"frame": int(step.changes[0].attrs["before"]), "box": box})
        after = yield Action("read_text", {"frame": int(change.attrs["after"]), "box": box})
        old = [clean(a.content) for a in before.anchors]
        lines = [a for a in after.anchors if a.confidence >= SURE_TEXT and not _is_old_line(clean(a.content), old)]
        texts[step.id] = tuple(lines) if before.ok and after.ok else ()
    return [replace(s, after=texts.get(s.id, ())) for s in steps]


def _is_old_line(line: str, old: Sequence[str]) -> bool:
    """Whether a line was there before; OCR reads the same line a little differently each time."""
    return any(len(line) <= len(o) + 2 and fuzz.ratio(line, o) >= 70 for o in old)


def _worth_reading(step: Step, following: Step | None) -> bool:
    if not step.changes or step.leads_to or step.verb in {"scroll", "move", "write"} or step.keys == ("tab",):
        return False
    return following is None or following.verb != "write"


def heading(box: Box, size: tuple[int, int] | None) -> Box:
    """The part of a changed region that is read: all of a small one, the upper part of a large one."""
    x0, y0, x1, y1 = box
    large = size is not None and (x1 - x0) * (y1 - y0) > 0.15 * size[0] * size[1]
    return (x0, y0, x1, y0 + (y1 - y0) * HEADING) if large else box


def pair(value: Json) -> tuple[float, float] | None:
    """Two numbers, or None."""
    if not isinstance(value, list | tuple) or len(cast("Sequence[Json]", value)) != 2:
        return None
    first, second = cast("Sequence[Json]", value)
    return float(first), float(second)


def clean(text: str) -> str:
    """A text off the screen as a name: spaces put right, at most 80 characters, no quotation marks of ours."""
    return " ".join(text.replace('"', "'").split())[:80].strip()


def plain_role(role: str) -> str:
    """A source's word for a kind of element in plain English; "" when it says nothing to a person."""
    word = role.lower().removesuffix("control")
    return _ROLES.get(word, "")


_ROLES = {
    "button": "button", "input": "field", "edit": "field", "textbox": "field", "searchbox": "search field", "a": "link",
    "hyperlink": "link", "link": "link", "checkbox": "checkbox", "radio": "option", "radiobutton": "option",
    "combobox": "list", "select": "list", "listitem": "entry", "option": "option", "menuitem": "menu item",
    "tab": "tab", "tabitem": "tab", "slider": "slider", "image": "picture", "img": "picture", "treeitem": "entry",
    "spinbutton": "field",
    "switch": "switch", "textarea": "field", "splitbutton": "button", "togglebutton": "button", "row": "row",
}  # fmt: skip


def _events() -> Asking[tuple[list[Anchor], bool]]:
    events: list[Anchor] = []
    page, pages = 1, 1
    while page <= min(pages, PAGES):
        seen = yield Action("list_events", {"page": page})
        if not seen.ok:
            break
        events += [a for a in seen.anchors if a.kind == "event"]
        pages, page = int(seen.data["pages"]), page + 1
    return events, page > pages


def steps_of(events: Sequence[Anchor], windows: Sequence[Anchor], seen: Observation | None = None) -> list[Step]:
    """The events as steps, with the pages they lead to and, where `detect_changes` was asked, what they changed."""
    after: dict[int, list[Anchor]] = {}
    for change in seen.anchors if seen else ():
        if change.attrs.get("event") is not None:
            after.setdefault(int(change.attrs["event"]), []).append(change)
    steps = [
        Step(e, str(e.attrs.get("window") or ""), changes=tuple(after.get(i, ())), text=str(e.attrs.get("text") or ""))
        for e in events
        for i in [int(e.id.rpartition("e")[2])]
    ]
    frames = {int(f) for f in cast("Mapping[str, Json]", seen.data.get("states", {}))} if seen else set[int]()
    following = [*(b for _, b in pairwise(steps)), None]
    return [_link_step(step, nxt, windows, frames) for step, nxt in zip(steps, following, strict=True)]


def _link_step(step: Step, following: Step | None, windows: Sequence[Anchor], frames: set[int]) -> Step:
    frame = step.event.frame
    if following is None:
        return replace(step, seen=frame is not None and any(f > frame for f in frames))
    upto = following.event.frame
    seen = frame is not None and upto is not None and upto > frame
    if not following.page or following.page == step.page or not step.page:
        return replace(step, seen=seen)
    cite = next((w.id for w in windows if w.attrs.get("name") == following.page and _inside(w, following.index)), "")
    return replace(step, seen=seen, leads_to=following.page, leads_cite=cite)


def _inside(window: Anchor, index: int) -> bool:
    first, last = cast("Sequence[int]", window.attrs["events"])
    return first <= index <= last


def _states(seen: Observation | None) -> dict[int, int]:
    return {int(f): int(s) for f, s in cast("Mapping[str, Json]", seen.data.get("states", {})).items()} if seen else {}


def _names_near(near: Sequence[Anchor], reach: float) -> tuple[Anchor, ...]:
    """Texts around the pointer, nearest first; none when the nearest is out of reach."""
    good = [a for a in near if a.confidence >= SURE_TEXT and _is_name(a.content)]
    good.sort(key=lambda a: float(a.attrs.get("distance") or 0.0))
    return tuple(good) if good and float(good[0].attrs.get("distance") or 0.0) <= reach else ()


def _is_name(text: str) -> bool:
    """Whether a text may name something: three letters at least, or a short word that is all letters or a number."""
    plain = text.strip()
    if sum(c.isalpha() for c in plain) >= 3:
        return True
    return plain in {"OK", "Ok", "Go", "No", "Up"} or bool(re.fullmatch(r"\d+\s?%?|[\u4e00-\u9fff]{1,2}", plain))


def _has_sure_text(step: Step) -> bool:
    return bool(step.name or step.beside)


def _is_on(text: Anchor) -> bool:
    return float(text.attrs.get("distance") or 0.0) <= ON_PX


def _ratio(step: Step) -> float:
    return max(float(c.attrs["ratio"]) for c in step.changes)
