"""Input on its way to the file: held back for a moment, masked where it is a secret, thinned where it says nothing.

The moment is what a system needs to tell that the focus has moved into a password field. Times are monotonic seconds.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HELD = 1.0
"""So long [s] input is held back."""
MOVES = 0.05
"""Moves of the pointer closer together than this [s] are thinned; where it comes to rest is always kept."""
MASK = "•"
STAYS = frozenset({"backspace", "delete", "left", "right", "home", "end", "caps_lock", "alt_gr", "shift", "shift_r"})
"""Keys that type nothing, and do not take the keyboard to another field either."""


@dataclass(frozen=True, slots=True)
class Input:
    """One event of a listener.

    Attributes:
        t: when it came.
        action: move, click, scroll, press or release.
        row: its row in the file, without time and action.
        typed: whether it is a key that types a character.
    """

    t: float
    action: str
    row: Mapping[str, Any]
    typed: bool = False

    @property
    def may_leave(self) -> bool:
        """Whether it may take the keyboard to another field."""
        key = self.action == "press" and not self.typed and self.row["name"] not in STAYS
        return key or self.action == "click"


@dataclass(slots=True)
class Focus:
    """When the keyboard went to a password field and when it left; `tell` comes in order of time, from any thread."""

    times: list[float] = field(default_factory=lambda: [float("-inf")])
    secret: list[bool] = field(default_factory=lambda: [False])

    def tell(self, t: float, secret: bool) -> None:
        """From now on the keyboard goes to a password field, or to something else."""
        self.secret.append(secret)
        self.times.append(t)

    def is_secret(self, t: float, until: float) -> bool:
        """Whether a password field had the keyboard at `t`, or got it before `until`."""
        return any(self.secret[bisect_right(self.times, t) - 1 : bisect_right(self.times, until)])


class Inbox:
    """Takes input from the threads of listeners, and gives it out in order, ready to be written.

    Attributes:
        paused: while it is set, what comes is dropped.
        state: how many deeds came (all but moves), and where the pointer is.
        moved: when the pointer came there.
        press: of the last press of a button, when it was, and `state` before and after it.

    Args:
        focus: where the keyboard goes.
        mask_keys: mask every typed character.
    """

    def __init__(self, focus: Focus, *, mask_keys: bool) -> None:
        self.paused = threading.Event()
        self.state, self.moved = (0, -1, -1), 0.0
        self.press: tuple[float, tuple[int, int, int], tuple[int, int, int]] | None = None
        self._focus, self._mask_keys = focus, mask_keys
        self._waiting: list[Input] = []
        self._masked: dict[str, bool] = {}
        self._last_move = float("-inf")
        self._lock = threading.Lock()

    def put(self, given: Input) -> None:
        """Take one event."""
        with self._lock:
            if self.paused.is_set():
                return
            self._waiting.append(given)
            deeds, *place = self.state
            x, y = given.row.get("x", place[0]), given.row.get("y", place[1])
            before = (deeds, x, y)
            self.state = (deeds + (given.action != "move"), x, y)
            self.moved = given.t if [x, y] != place else self.moved
            if given.row.get("pressed"):
                self.press = given.t, before, self.state

    def forget_keys(self) -> None:
        """Drop the keys that are still held back: the Ctrl-C that ended the recording is no part of it."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one.action not in ("press", "release")]

    def take(self, before: float) -> list[dict[str, Any]]:
        """The rows of what came before a time, masked and thinned."""
        with self._lock:
            self._waiting.sort(key=lambda one: one.t)
            ready = bisect_right(self._waiting, before, key=lambda one: one.t)
            rows = [self._row(index, one) for index, one in enumerate(self._waiting[:ready])]
            self._waiting = self._waiting[ready:]
        return [row for row in rows if row]

    def _row(self, index: int, one: Input) -> dict[str, Any]:
        row = {"time_stamp": round(one.t, 6), "action": one.action, **one.row}
        if one.action == "move":
            return {} if self._is_passing(index, one) else row
        if one.action not in ("press", "release"):
            return row
        name = str(one.row["name"])
        if one.action == "press":
            self._masked[name] = one.typed and (self._mask_keys or self._is_secret(index, one.t))
        masked = self._masked.get(name) if one.action == "press" else self._masked.pop(name, None)
        if masked is None:
            return {}  # it was down before the recording began
        return {**row, "name": MASK, "pynput_key": repr(MASK)} if masked else row

    def _is_passing(self, index: int, move: Input) -> bool:
        """Whether the pointer was there on its way only, and was seen shortly before."""
        after = self._waiting[index + 1 : index + 2]
        passing = bool(after) and after[0].action == "move" and after[0].t - move.t < MOVES
        if passing and move.t - self._last_move < MOVES:
            return True
        self._last_move = move.t
        return False

    def _is_secret(self, index: int, t: float) -> bool:
        """The focus is told late; what was done before it was told took it there, or else it was there before."""
        leaves = next((one.t for one in self._waiting[index + 1 :] if one.may_leave), float("inf"))
        return self._focus.is_secret(t, min(t + HELD, leaves))
