"""What the plans know of a trace: its events, what each one changed, and the names of what was clicked.

Filled by calling tools, a generator step at a time; everything here comes from anchors, so that it can be cited.
"""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar, cast

from rapidfuzz import fuzz

from dataclaw.domains.gui.intents import ScopedEvent, applications
from dataclaw.domains.gui.language import LANGUAGES, is_words, language_of
from dataclaw.planning import decline
from dataclaw.types import Action, Anchor, Brief, Json, Observation, Point

T = TypeVar("T")
Asking = Generator[Action, Observation, T]

PAGES = 12
"""Most pages of events that are read; what lies behind them is not described."""

NAMED_AT_ONCE, NAMING_CALLS = 24, 3
"""Pointers that are read in one call, and most such calls."""

ON_PX = 6.0
"""A text whose box the pointer is in, or misses by no more, is what it is on [px on frames up to 1920 px wide]."""

SURE_TEXT, SURE_OVER = 0.6, 0.85
"""Least confidence of a text that is used as a name, and of one that is believed rather than the recorder's name."""

ALIKE = 60.0
"""A recorder's name and the text under the pointer that are less alike than this are two names [0..100]."""


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
        lines: texts on the screen before it; empty where that was not read.
        fresh: those of them that were not there before the last action.
        after: texts that appeared after it.
        shares: earlier steps since the picture of the screen before it was taken: the picture shows none of them.
        shown: text anchor of its target on an earlier screen, where a visit in between was left out; the sentences then
            speak of that screen.
        merged: further events that it stands for (typing in several goes).
        text: text it wrote, corrected where `merged` is not empty.
        language: language of the sentences.
    """

    event: Anchor
    page: str
    leads_to: str = ""
    leads_cite: str = ""
    changes: tuple[Anchor, ...] = ()
    seen: bool = False
    near: tuple[Anchor, ...] = ()
    lines: tuple[Anchor, ...] = ()
    fresh: tuple[Anchor, ...] = ()
    after: tuple[Anchor, ...] = ()
    shares: tuple[Step, ...] = ()
    shown: Anchor | None = None
    merged: tuple[Anchor, ...] = ()
    text: str = ""
    language: str = "en"

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
        """Name of the target: the recorder's, unless another text stands at the pointer; else that text; else ""."""
        if self.event.attrs.get("target") and not self._stale:
            return " ".join(str(self.event.attrs["target"]).split())
        return clean(self.near[0].content) if self.near and self._on else ""

    @property
    def beside(self) -> Anchor | None:
        """The text next to the pointer, where nothing names what is under it."""
        return None if self.name or not self.near else self.near[0]

    @property
    def name_cite(self) -> tuple[str, ...]:
        """The text anchor that `name` or `beside` was read from, when it was."""
        given = self.event.attrs.get("target") and not self._stale
        return (self.near[0].id,) if self.near and not given else ()

    @property
    def _on(self) -> bool:
        """Whether the nearest text names what is under the pointer; what stands in a field is no name of it."""
        return self.role not in FIELDS and is_name_at(self.near[0], self.near, self.point, self.verb)

    @property
    def _stale(self) -> bool:
        """Whether the recorder's name is another than the sure text at the pointer; a field has its own text in it."""
        if not self.near or self.role in FIELDS or self.near[0].confidence < SURE_OVER or not self._on:
            return False
        given, read = str(self.event.attrs.get("target") or "").casefold(), self.near[0].content.casefold()
        telling = self.near[0].frame is not None and len(read) > 3 and is_words(read)
        return bool(given) and telling and fuzz.partial_ratio(given, read) < ALIKE

    @property
    def outcomes(self) -> Sequence[Mapping[str, str]]:
        """What the source says to hold afterwards, see `pyautogui_trace_parsers.Outcome`."""
        return cast("Sequence[Mapping[str, str]]", self.event.attrs.get("outcomes") or ())

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
        complete: whether every event was join_texts.
        changes: every change of the screen that was found.
        task: the task's own words, where the user lets them be seen, else "".
        failed: why the recorded attempt counts as failed, "" when it does not.
        language: language of the sentences.
        foreign: whether the intent is in a language that is not written here.
        final: texts on the last screen.
    """

    steps: tuple[Step, ...]
    windows: tuple[Anchor, ...] = ()
    size: tuple[int, int] | None = None
    states: Mapping[int, int] = field(default_factory=dict[int, int])
    application: Mapping[str, str] = field(default_factory=dict[str, str])
    complete: bool = True
    changes: tuple[Anchor, ...] = ()
    task: str = ""
    failed: str = ""
    language: str = "en"
    foreign: bool = False
    final: tuple[Anchor, ...] = ()

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


def record(brief: Brief, *, compare: bool = True) -> Asking[GuiRecording]:
    """Look at the stream: overview, every event, every change.

    Args:
        brief: what is asked.
        compare: whether to look for what each event changed on the screen.

    Raises:
        PolicyError: nothing is done in it, or in this part of it.
    """
    overview = yield Action("overview", {})
    events, complete = yield from _events()
    if not events:
        raise decline("no action is recorded in this part of the trace", "Cut it into fewer --samples.")
    changed = (yield Action("detect_changes", {})) if compare and brief.frames > 1 else None
    seen = changed if changed is not None and changed.ok else None
    windows = tuple(a for a in overview.anchors if a.kind == "window")
    asked = language_of(brief.intent)
    language = asked if asked in LANGUAGES else "en"
    steps = [replace(step, language=language) for step in steps_of(events, windows, seen)]
    size = cast("Sequence[int] | None", overview.data.get("size") or overview.data.get("screen_size"))
    return GuiRecording(
        steps=tuple(steps),
        windows=windows,
        size=(int(size[0]), int(size[1])) if size else None,
        states=_states(seen),
        application=applications([step.page for step in steps if step.page]),
        complete=complete,
        changes=tuple(a for a in seen.anchors if a.kind == "change") if seen else (),
        task=" ".join(str(overview.data.get("task") or "").split()),
        failed=str(overview.data.get("failed") or ""),
        language=language,
        foreign=asked not in LANGUAGES,
    )


def pair(value: Json) -> tuple[float, float] | None:
    """Two numbers, or None."""
    if not isinstance(value, list | tuple) or len(cast("Sequence[Json]", value)) != 2:
        return None
    first, second = cast("Sequence[Json]", value)
    return float(first), float(second)


def clean(text: str) -> str:
    """A text off the screen as a name: no icon read as a sign before it, spaces put right, at most 80 characters."""
    plain = " ".join(text.replace('"', "'").split())
    return (_SIGNS.sub("", plain) or plain)[:80].strip()


_SIGNS = re.compile(r"^(?:[^\w\s'$€£#@&()\[\]<>«»←→↑↓+−-]+\s*)+(?=\w)")


def distance(text: Anchor, point: Point | None) -> float:
    """Distance of a text from a point [px], 0 inside it."""
    if "distance" in text.attrs:
        return float(text.attrs["distance"])
    if text.box is None or point is None:
        return float("inf")
    dx = max(text.box[0] - point[0], 0.0, point[0] - text.box[2])
    dy = max(text.box[1] - point[1], 0.0, point[1] - text.box[3])
    return math.hypot(dx, dy)


def in_list_row(text: Anchor, others: Sequence[Anchor], point: Point | None) -> bool:
    """Whether a point right of a text lies in the same row of a list.

    A list is three texts or more that begin at the same place or an icon further, close below each other; nothing but
    its texts may be closer to the point.
    """
    if text.box is None or point is None or not (text.box[1] - 4 <= point[1] <= text.box[3] + 4):
        return False
    left, height = text.box[0], text.box[3] - text.box[1]
    gap = point[0] - text.box[2]
    if not 0 <= gap <= ROW * height:
        return False
    rows = [a for a in others if a.box is not None and a is not text and abs(a.box[0] - left) <= height]
    closer = [a for a in others if a is not text and distance(a, point) < gap]
    near_rows = sum(0 < abs((a.box or text.box)[1] - text.box[1]) <= 4 * height for a in rows)
    return near_rows >= 2 and all(a in rows for a in closer)


def labels_icon(text: Anchor, point: Point | None, verb: str) -> bool:
    """Whether a text is the label of an icon: it stands close below what is opened, or whose menu is, and centred."""
    if text.box is None or point is None or verb not in {"double_click", "right_click"}:
        return False
    left, top, right, bottom = text.box
    reach = 1.5 * (bottom - top)
    return (
        0 <= top - point[1] <= reach and abs((left + right) / 2 - point[0]) <= reach / 2 and len(text.content) <= LABEL
    )


def is_name_at(text: Anchor, others: Sequence[Anchor], point: Point | None, verb: str) -> bool:
    """Whether a text names what a pointer is on: it is under it, or names the row of a list or the icon that it is in.

    Args:
        text: the text.
        others: the texts around it.
        point: of the pointer.
        verb: what is done there.
    """
    there = distance(text, point) <= ON_PX or in_list_row(text, others, point)
    return there or labels_icon(text, point, verb)


ROW, LABEL = 12.0, 24
"""A row of a list reaches so many times its height to the right of its text; longest label of an icon [characters]."""
FIELDS = frozenset({"field", "search field", "list"})
"""Kinds of elements that hold a text of their own."""


def plain_role(role: str) -> str:
    """A source's word for a kind of element in plain English; "" when it says nothing to a person."""
    word = role.lower().removesuffix("control")
    return _ROLES.get(word, "")


_ROLES = {
    "button": "button", "input": "field", "edit": "field", "textbox": "field", "searchbox": "search field", "a": "link",
    "hyperlink": "link", "link": "link", "checkbox": "checkbox", "radio": "option", "radiobutton": "option",
    "combobox": "list", "select": "list", "listitem": "entry", "option": "option", "menuitem": "menu item",
    "tab": "tab", "tabitem": "tab", "slider": "slider", "image": "picture", "img": "picture", "treeitem": "entry",
    "spinbutton": "field", "icon": "icon", "input_text": "field", "input_password": "field", "input_date": "field",
    "input_time": "field", "input_number": "field", "input_email": "field", "input_checkbox": "checkbox",
    "input_radio": "option", "input_button": "button", "input_submit": "button", "scrollbar": "scroll bar",
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
    seen = bool(frames) and frame is not None and upto is not None and upto > frame
    if not following.page or following.page == step.page or not step.page:
        return replace(step, seen=seen)
    cite = next((w.id for w in windows if w.attrs.get("name") == following.page and _inside(w, following.index)), "")
    return replace(step, seen=seen, leads_to=following.page, leads_cite=cite)


def _inside(window: Anchor, index: int) -> bool:
    first, last = cast("Sequence[int]", window.attrs["events"])
    return first <= index <= last


def _states(seen: Observation | None) -> dict[int, int]:
    return {int(f): int(s) for f, s in cast("Mapping[str, Json]", seen.data.get("states", {})).items()} if seen else {}
