"""A person-like hand: moves, clicks, scrolls and types through the browser's own input, and keeps the truth.

Why: a trace is only useful as an example when its events are real (trusted input, listened to where it arrives) and
when what each action was for is known. The hand decides timing and aim with a seeded generator; `Truth` rows say which
recorded events belong to which scripted action. Not covered: writing files (`recorder.files`).
"""

import math
import random
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import FrameLocator, Locator, Page

Purpose = Literal["needed", "detour", "undone", "unrelated"]

NOTCH_PX = 100  # one notch of a mouse wheel
STEP_MS = 14  # between two pointer positions
IS_ON_TOP = """(node, [dx, dy]) => {
  const box = node.getBoundingClientRect();
  return node.contains(document.elementFromPoint(box.left + dx, box.top + dy));
}"""
SHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))


@dataclass
class Truth:
    """One scripted action: what it was, why it was done, and the recorded events [first_event, end_event)."""

    action: Literal["click", "scroll", "type", "press"]
    purpose: Purpose
    application: str
    first_event: int = 0
    end_event: int = 0
    element: dict[str, Any] | None = None
    clicks: int = 1
    times: int = 1
    text: str | None = None
    key_names: list[str] = field(default_factory=list)


class Hand:
    """Acts on one page. `elements` holds (epoch seconds, element) as seen right before each mouse press."""

    def __init__(self, page: Page, rng: random.Random) -> None:
        self.page = page
        self.rng = rng
        self.truth: list[Truth] = []
        self.elements: list[tuple[float, dict[str, Any]]] = []
        self._at = (640.0, 360.0)

    def window(self, application_id: str) -> FrameLocator:
        """The content of one application's window ("mail", "shop" or "calendar")."""
        return self.page.frame_locator(f"iframe[name={application_id}]")

    def pause(self, seconds: float) -> None:
        """Does nothing for about so long, as a reader does."""
        self.page.wait_for_timeout(1000 * seconds * self.rng.uniform(0.9, 1.1))

    def click(self, target: Locator, purpose: Purpose = "needed", clicks: int = 1) -> None:
        """Moves to the target, presses and releases; `clicks=2` is a double click. Raises when something covers it."""
        x, y = self._aim(target)
        self._move(x, y)
        self.pause(self.rng.uniform(0.14, 0.26))
        with self._action(Truth("click", purpose, self._application(), clicks=clicks)) as truth:
            truth.element = self._element_at(x, y)
            for count in range(1, clicks + 1):
                self.page.mouse.down(click_count=count)
                self.page.wait_for_timeout(self.rng.uniform(60, 115))
                self.page.mouse.up(click_count=count)
                self.page.wait_for_timeout(90 if count < clicks else 0)
        self.pause(self.rng.uniform(0.45, 0.75))

    def scroll(self, over: Locator, notches: int, purpose: Purpose = "needed") -> None:
        """Turns the wheel over the target; positive notches show what lies further down."""
        self._move(*self._aim(over))
        self.pause(0.2)
        with self._action(Truth("scroll", purpose, self._application())):
            for _ in range(abs(notches)):
                self.page.mouse.wheel(0, math.copysign(NOTCH_PX, notches))
                self.page.wait_for_timeout(self.rng.uniform(110, 260))
        self.pause(0.5)

    def type(self, text: str, purpose: Purpose = "needed") -> None:
        """Types text key by key into whatever has the focus; capitals and signs hold shift."""
        with self._action(Truth("type", purpose, self._application(), text=text)):
            for character in text:
                self._key(character)
        self.pause(0.15)

    def press(self, *keys: str, times: int = 1, purpose: Purpose = "needed") -> None:
        """Presses a key, or a chord such as ("Control", "c"), so many times."""
        names = [key_name(key, f"{key}Left") for key in keys]  # the browser presses the left one of a pair
        with self._action(Truth("press", purpose, self._application(), times=times, key_names=names)):
            for _ in range(times):
                for key in keys:
                    self.page.keyboard.down(key)
                    self.page.wait_for_timeout(self.rng.uniform(35, 65))
                for key in reversed(keys):
                    self.page.keyboard.up(key)
                self.page.wait_for_timeout(self.rng.uniform(60, 120))
        self.pause(0.3)

    def _key(self, character: str) -> None:
        shift = character.isupper() or character in SHIFTED
        if shift:
            self.page.keyboard.down("Shift")
        self.page.keyboard.down(character)
        self.page.wait_for_timeout(self.rng.uniform(22, 45))
        self.page.keyboard.up(character)
        if shift:
            self.page.keyboard.up("Shift")
        self.page.wait_for_timeout(self.rng.uniform(25, 75))

    def _application(self) -> str:
        return self.page.title().split(" — ")[0]

    @contextmanager
    def _action(self, truth: Truth) -> Generator[Truth]:
        truth.first_event = self._count()
        yield truth
        truth.end_event = self._count()
        self.truth.append(truth)

    def _count(self) -> int:
        return self.page.evaluate("recording.events.length")

    def _element_at(self, x: int, y: int) -> dict[str, Any]:
        element = self.page.evaluate("([x, y]) => recording.elementAt(x, y)", [x, y])
        self.elements.append((time.time(), element))
        return element

    def _aim(self, target: Locator) -> tuple[int, int]:
        """A point in the middle part of the target, as a person would hit it."""
        target.wait_for(state="visible", timeout=3000)
        box = target.bounding_box()
        height = self.page.evaluate("innerHeight")
        if box is None or box["y"] < 0 or box["y"] + box["height"] > height:
            raise RuntimeError(f"{target} is not wholly on the screen ({box}); scroll to it first in the script")
        dx, dy = (size * min(max(self.rng.gauss(0.5, 0.12), 0.25), 0.75) for size in (box["width"], box["height"]))
        if not target.evaluate(IS_ON_TOP, [dx, dy]):
            raise RuntimeError(f"{target} is covered by something else where the hand wants to go")
        return round(box["x"] + dx), round(box["y"] + dy)

    def _move(self, x: int, y: int) -> None:
        """Along a slightly bent path with a minimum-jerk speed profile; the duration follows Fitts's law."""
        x0, y0 = self._at
        distance = math.hypot(x - x0, y - y0)
        duration = 0.18 + 0.11 * math.log2(distance / 40 + 1)
        bend = self.rng.uniform(-0.08, 0.08)
        start = time.monotonic()
        while (s := (time.monotonic() - start) / duration) < 1:
            eased = s**3 * (10 - 15 * s + 6 * s * s)  # Flash and Hogan (1985): the minimum-jerk trajectory
            aside = bend * math.sin(math.pi * eased)
            self.page.mouse.move(
                round(x0 + (x - x0) * eased - (y - y0) * aside), round(y0 + (y - y0) * eased + (x - x0) * aside)
            )
            self.page.wait_for_timeout(STEP_MS)
        self.page.mouse.move(x, y)
        self._at = (x, y)


# The names of pynput: its left shift is "shift", its left control "ctrl_l".
MODIFIERS = {"ShiftLeft": "shift", "ShiftRight": "shift_r", "ControlLeft": "ctrl_l", "ControlRight": "ctrl_r"}
SPECIAL = {" ": "space", "Backspace": "backspace", "Enter": "enter", "Tab": "tab", "Escape": "esc", "Delete": "delete"}


def key_name(key: str, code: str) -> str:
    """The name pynput gives a key, from the browser's `key` (what it means) and `code` (where it sits)."""
    if name := MODIFIERS.get(code) or SPECIAL.get(key):
        return name
    if len(key) > 1:
        raise ValueError(f"no name for the key {key!r}; add it to SPECIAL")
    return key
