"""Carries out acts in the browser and records them in AgentNet's raw form, by a clock that the script turns.

The browser's own times are thrown away. Input takes as long as a hand needs for it, drawn from the spec, so that equal
specs give equal files.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.clips import write_clip
from dataclaw.types import Json
from dataclaw_worlds.gui.app import App
from dataclaw_worlds.gui.browser import HEIGHT, WIDTH, Browser, PageInput
from dataclaw_worlds.gui.script import UserAct

T = TypeVar("T")
RATE = 2.0
"""Frames per second of the video [1/s]."""
TOP, BOTTOM = 28.0, HEIGHT - 38.0
"""Upper and lower edge of the window's content on the screen [px]."""
BEFORE_PRESS, TAIL = 0.25, 2.5
"""Least time of the way to a target, and what is recorded after the last act [s]."""
_NAMES = {
    "Enter": "enter", "Backspace": "backspace", "Shift": "shift", "Control": "ctrl_l", "Tab": "tab", " ": "space",
    "Alt": "alt_l", "Escape": "esc",
}  # fmt: skip


@dataclass(slots=True)
class DoneAct:
    """An act that was carried out.

    Attributes:
        act: the act.
        goal: index of the goal it was for, -1 for none.
        app: index of the application in front before it.
        t0: when its input begins [s].
        t1: when it ends [s].
        before: window title before it.
        after: window title after it.
        name: name of what was clicked, whether the recorder saw it or not.
    """

    act: UserAct
    goal: int
    app: int
    t0: float
    t1: float
    before: str
    after: str
    name: str = ""


@dataclass(slots=True)
class SessionRecorder:
    """Records a session.

    Attributes:
        browser: what it happens in.
        apps: the applications on the desktop.
        rng: of the hand: how fast, which way.
        nameless: chance that the recorder misses what was clicked, 0..1.
        pauses: chance of a long pause before an act, 0..1.
    """

    browser: Browser
    apps: Sequence[App]
    rng: random.Random
    nameless: float = 0.0
    pauses: float = 0.0
    front: int = 0
    clock: float = 1.5
    done: list[DoneAct] = field(default_factory=list[DoneAct])
    rows: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    elements: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    windows: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    shots: list[tuple[float, bytes]] = field(default_factory=list[tuple[float, bytes]])
    hand: tuple[float, float] = (WIDTH / 2, HEIGHT / 2)

    def begin(self) -> None:
        """Show the desktop."""
        self.browser.start()
        self._show(styled=True, keep=False)
        self._shoot(0.0)

    @property
    def app(self) -> App:
        """The application in front."""
        return self.apps[self.front]

    def switch(self, at: int, goal: int, act: UserAct) -> None:
        """Bring an application to the front by its button on the desktop."""
        if at != self.front:
            self.carry_out(act, goal, at)

    def carry_out(self, act: UserAct, goal: int, to: int = -1) -> None:
        """Do an act; first scroll to its target where that is out of sight."""
        if act.does == "click" and not act.key.startswith("task:"):
            self._bring_into_view(act, goal)
        self.clock += self._thinking_time()
        before, came_from = self.app.title(), self.front
        t0 = self.clock
        if act.does == "click":
            self._click(act)
        elif act.does == "type":
            self.browser.type(act.text)
        elif act.does == "keys":
            self.browser.keys(act.text)
        elif act.does == "wheel":
            self._wheel(act.notches)
        else:
            self._blank()
        page_input = self.browser.drain()
        self._log(act, page_input)
        self._follow(act, page_input, to)
        name = next((str(i["at"]["name"]) for i in page_input.log if i["a"] == "down" and i["at"]), "")
        self.done.append(DoneAct(act, goal, came_from, t0, self.clock, before, self.app.title(), name))
        self._shoot(self.clock)

    # what the hand does

    def _click(self, act: UserAct) -> None:
        box = self.browser.place(act.key)
        if box is None:
            raise StreamError(
                f"the page has no element {act.key!r}.", place=self.app.title(), remedy="Correct the script."
            )
        x0, y0, x1, y1 = box
        share = (self.rng.uniform(0.25, 0.75), self.rng.uniform(0.3, 0.7))
        self._move(round(x0 + share[0] * (x1 - x0)), round(y0 + share[1] * (y1 - y0)))
        self.browser.press(*self.hand)

    def _blank(self) -> None:
        self._move(round(self.rng.uniform(560, 1000)), round(self.rng.uniform(6, 22)))
        self.browser.press(*self.hand)

    def _wheel(self, notches: int) -> None:
        self._move(round(self.rng.uniform(420, 640)), round(self.rng.uniform(260, 380)))
        self.browser.wheel(*self.hand, notches)

    def _move(self, x: float, y: float) -> None:
        """Move the pointer in four steps."""
        (x0, y0), start = self.hand, self.clock
        self.clock += BEFORE_PRESS + self.rng.uniform(0.05, 0.35)
        for k in range(1, 5):
            share = 1 - (1 - k / 4) ** 2
            at = {"x": round(x0 + share * (x - x0)), "y": round(y0 + share * (y - y0))}
            self.rows.append({"time_stamp": _stamp(start + (self.clock - start) * k / 5), "action": "move", **at})
        self.hand = (x, y)

    def _bring_into_view(self, act: UserAct, goal: int) -> None:
        for _ in range(8):
            box = self.browser.place(act.key)
            if box is None or (box[1] >= TOP + 2 and box[3] <= BOTTOM - 2):
                return
            gap = box[3] - BOTTOM + 60 if box[3] > BOTTOM - 2 else box[1] - TOP - 60
            notches = round(gap / 100) or (1 if gap > 0 else -1)
            tag = "need" if act.tag == "need" else "detour"
            scroll = UserAct(
                "wheel", notches=notches, tag=tag, why="What comes next is out of sight.", seen="The page moves"
            )
            self.carry_out(scroll, goal)

    def _thinking_time(self) -> float:
        if self.rng.random() < self.pauses:
            return self.rng.uniform(4.0, 9.0)
        return self.rng.uniform(0.9, 2.0)

    # what is recorded of it

    def _log(self, act: UserAct, page_input: PageInput) -> None:
        """Record the trusted input with the script's times; the clock then stands at its end."""
        if not page_input.log:
            raise StreamError(f"the page received no input for {act}.", place=self.app.title(), remedy="Report it.")
        for item in page_input.log:
            kind = item["a"]
            if kind == "down":
                self._press(act, item)
            elif kind == "up":
                self.clock += 0.09
                self._row("click", x=item["x"], y=item["y"], button="left", pressed=False)
            elif kind == "wheel":
                self.clock += self.rng.uniform(0.12, 0.3)
                self._row("scroll", x=item["x"], y=item["y"], dx=item["dx"], dy=-item["dy"])
            else:
                self._key(item["key"], down=kind == "key")

    def _press(self, act: UserAct, item: dict[str, Any]) -> None:
        element: dict[str, Any] | None = item["at"]
        if act.does == "click" and (element is None or element["k"] != act.key):
            raise StreamError(f"{act.key!r} was hidden by {element}.", place=self.app.title(), remedy="Report it.")
        self._row("click", x=item["x"], y=item["y"], button="left", pressed=True)
        if element is not None and self.rng.random() >= self.nameless:
            edges = dict(zip(("left", "top", "right", "bottom"), element["box"], strict=True))
            tree = {"Name": element["name"], "ControlType": element["role"], "BoundingRectangle": edges}
            self.elements.append({"time_stamp": _stamp(self.clock), "a11y_tree": {**tree, "Depth": 0, "Children": []}})

    def _key(self, key: str, *, down: bool) -> None:
        name = _NAMES.get(key, key)
        self.clock += self.rng.uniform(0.03, 0.11) if down else 0.02
        self._row(
            "press" if down else "release",
            name=name.lower() if len(name) > 1 or (name.isalpha() and not key.isupper()) else name,
        )

    def _row(self, action: str, **fields: Json) -> None:
        self.rows.append({"time_stamp": _stamp(self.clock), "action": action, **fields})

    def _follow(self, act: UserAct, page_input: PageInput, to: int) -> None:
        """Let the application react to the input."""
        app = self.app
        if to >= 0:
            app.draft.update({k: v for k, v in page_input.values.items() if k not in {"find", "cell"}})
            self.front = to
            self._show(styled=True, keep=False)
            return
        before = app.title()
        if act.does == "click" and not act.key.startswith(("f:", "in")) and act.key != "find":
            app.click(act.key, page_input.values)
        elif act.does == "keys" and act.text == "Enter":
            app.enter(page_input.values)
        else:
            return
        self._show(styled=False, keep=app.title() == before)

    def _show(self, *, styled: bool, keep: bool) -> None:
        app = self.app
        tasks = "".join(
            f"<button data-k='task:{i}' class='{'on' if i == self.front else ''}'>{escape(a.brand)}</button>"
            for i, a in enumerate(self.apps)
        )
        self.browser.show(app.title(), app.html(), tasks, app.style.css() if styled else None, keep=keep)
        if not self.windows or self.windows[-1][1] != app.title():
            self.windows.append((self.clock if self.windows else 0.0, app.title()))

    def _shoot(self, t: float) -> None:
        self.shots.append((t, self.browser.picture()))

    def save(self, folder: Path, span: tuple[float, float] | None = None) -> None:
        """Write the recording, or a span of it [s] as a recording that begins at 0."""
        folder.mkdir(parents=True)
        start, end = span or (0.0, self.clock + TAIL)
        rows = sorted((r for r in self.rows if _inside(r, start, end)), key=_when)
        _write_lines(folder / "events.jsonl", [{**_shift(row, start), "event_idx": k} for k, row in enumerate(rows)])
        elements = [r for r in self.elements if _inside(r, start, end)]
        _write_lines(folder / "element.jsonl", [_shift(r, start) for r in elements])
        _write_lines(folder / "top_window.jsonl", self._titles(start, end))
        facts = {
            "system": "Chromium on Linux", "screen_width": WIDTH, "screen_height": HEIGHT, "model": "headless",
            "scroll_direction": 1, "video_start_timestamp": _stamp(0.0), "stop_time": _stamp(end - start),
        }  # fmt: skip
        (folder / "metadata.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        write_clip(film(_cut(self.shots, start, end), end - start), RATE, folder / "screen.mp4")

    def _titles(self, start: float, end: float) -> list[dict[str, Json]]:
        shown = _cut(self.windows, start, end)
        return [{"time_stamp": _stamp(t), "top_window_name": name} for t, name in shown]


_START = 1000.0
"""The recorder's clock at the start of the video [s]."""


def _stamp(t: float) -> float:
    return round(_START + t, 3)


def _when(row: dict[str, Json]) -> float:
    return float(row["time_stamp"])


def _inside(row: dict[str, Json], start: float, end: float) -> bool:
    return start <= _when(row) - _START < end


def _shift(row: dict[str, Json], start: float) -> dict[str, Json]:
    return {**row, "time_stamp": round(_when(row) - start, 3)}


def _cut(timed: Sequence[tuple[float, T]], start: float, end: float) -> list[tuple[float, T]]:
    """What is shown in a span, timed from its start; first comes what was shown before it."""
    before = [what for t, what in timed if t <= start][-1:]
    return [*((0.0, what) for what in before), *((t - start, what) for t, what in timed if start < t < end)]


def film(shots: Sequence[tuple[float, bytes]], end: float) -> Iterator[NDArray[np.uint8]]:
    """The frames of a video: at each moment the newest screen by then."""
    from PIL import Image

    at, shown = 0, np.asarray(Image.open(io.BytesIO(shots[0][1])).convert("RGB"), dtype=np.uint8)
    for k in range(int(end * RATE) + 1):
        newest = at
        while newest + 1 < len(shots) and shots[newest + 1][0] <= k / RATE:
            newest += 1
        if newest != at:
            at, shown = newest, np.asarray(Image.open(io.BytesIO(shots[newest][1])).convert("RGB"), dtype=np.uint8)
        yield shown


def _write_lines(path: Path, rows: Sequence[dict[str, Json]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
