"""Mouse and keyboard, heard through pynput. Tried on X11; on Windows and macOS the same calls, not tried."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from dataclaw.errors import UsageError, did_you_mean
from dataclaw.record.inbox import Inbox, Input

SHORTCUTS = frozenset({"ctrl", "cmd"} if sys.platform == "darwin" else {"ctrl", "cmd", "alt"})
"""Keys with which a character is no typed text."""

KEYSYMS = {0xFE20: "tab", 0xFE03: "alt_gr"}
"""Keys of X11 that pynput does not know: Tab with Shift, and what AltGr is on most layouts."""


class Listeners:
    """Hears the mouse inside a monitor, and the keyboard.

    Args:
        inbox: takes what is heard.
        box: the monitor; what happens outside it is not recorded.
        hotkeys: what to do at certain keys, by pynput's names; these keys are not recorded.

    Raises:
        UsageError: there is no such key.
    """

    def __init__(self, inbox: Inbox, box: Mapping[str, int], hotkeys: Mapping[str, Callable[[], None]]) -> None:
        from pynput import keyboard, mouse

        for name in hotkeys:
            if name not in keyboard.Key.__members__:
                raise UsageError(f"no key is called {name!r}.", remedy=did_you_mean(name, keyboard.Key.__members__))
        self._inbox, self._box, self._hotkeys = inbox, box, hotkeys
        self._third_level = _third_level() if sys.platform == "linux" else None
        self._held: set[str] = set()
        self._buttons: set[str] = set()
        self._threads = [
            mouse.Listener(on_move=self._move, on_click=self._click, on_scroll=self._scroll),
            keyboard.Listener(on_press=self._press, on_release=self._release),
        ]
        for thread in self._threads if sys.platform == "linux" else ():
            thread.run = _until_the_display_goes(thread.run)

    def start(self) -> None:
        """Begin to listen; comes back when all are heard."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.wait()

    def alive(self) -> bool:
        """Whether all still listen; they stop when the display goes away."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Listen no more."""
        for thread in self._threads:
            if thread.is_alive():
                thread.stop()

    def _put(self, action: str, row: Mapping[str, Any], *, typed: bool = False) -> None:
        self._inbox.put(Input(time.monotonic(), action, row, typed))

    def _place(self, x: float, y: float, *, clip: bool = False) -> dict[str, int]:
        """Where that is in the monitor; {} outside it, or the nearest place in it."""
        left, top = round(x) - self._box["left"], round(y) - self._box["top"]
        inside = min(max(left, 0), self._box["width"] - 1), min(max(top, 0), self._box["height"] - 1)
        return {"x": inside[0], "y": inside[1]} if clip or inside == (left, top) else {}

    def _move(self, x: float, y: float) -> None:
        if place := self._place(x, y):
            self._put("move", place)

    def _click(self, x: float, y: float, button: Any, pressed: bool) -> None:
        name, place = str(button.name), self._place(x, y, clip=not pressed)  # a drag that leaves ends at the edge
        if place and (pressed or name in self._buttons):
            (self._buttons.add if pressed else self._buttons.remove)(name)
            self._put("click", {**place, "button": name, "pressed": pressed})

    def _scroll(self, x: float, y: float, dx: float, dy: float) -> None:
        if place := self._place(x, y):
            self._put("scroll", {**place, "dx": dx, "dy": dy})

    def _name(self, key: Any) -> str:
        name = key_name(key)
        if self._third_level and len(name) == 1 and "alt_gr" in self._held:
            return self._third_level(key.vk, "shift" in self._held)
        return name

    def _press(self, key: Any) -> None:
        name = self._name(key)
        if name in self._hotkeys:
            self._hotkeys[name]()
            return
        self._held.add(_family(name))
        shortcut = self._held & SHORTCUTS
        types = len(name) == 1 or name in ("space", "unknown")
        self._put_key("press", name, typed=types and (not shortcut or {"ctrl", "alt"} <= shortcut))  # that is AltGr

    def _release(self, key: Any) -> None:
        self._held.discard(_family(name := self._name(key)))
        self._put_key("release", name)

    def _put_key(self, action: str, name: str, *, typed: bool = False) -> None:
        row = {"name": name, "pynput_key": repr(name) if len(name) == 1 else f"Key.{name}"}
        self._put(action, row, typed=typed)


def key_name(key: Any) -> str:
    """The name that pynput gives a key, or the character that it types; "unknown" where pynput does not know."""
    if (name := getattr(key, "name", None)) is not None:
        return str(name)
    char = getattr(key, "char", None)
    if char and str(char).isprintable():
        return str(char)
    code = getattr(key, "vk", None) or 0
    if code in KEYSYMS:
        return KEYSYMS[code]
    return chr(code).lower() if ord("A") <= code <= ord("Z") else "unknown"  # Ctrl+C is "\x03" on Windows


def _until_the_display_goes(run: Callable[[], None]) -> Callable[[], None]:
    """The same without a traceback when the display goes away, which `alive` tells."""

    def listen() -> None:
        with suppress(import_module("Xlib.error").ConnectionClosedError):
            run()

    return listen


def _third_level() -> Callable[[int, bool], str]:
    """What a key types with AltGr on X11, by its keysym without: pynput does not look there."""
    display: Any = import_module("Xlib.display").Display()
    symbols: Any = import_module("pynput._util.xorg_keysyms")

    def look_up(keysym: int, shift: bool) -> str:
        code = next((code for code, _ in display.keysym_to_keycodes(keysym)), 0)
        name = symbols.KEYSYMS.get(display.keycode_to_keysym(code, 4 + shift) if code else 0)
        return str(symbols.SYMBOLS[name][1]) if name in symbols.SYMBOLS else "unknown"

    return look_up


def _family(name: str) -> str:
    """`ctrl` of `ctrl_l`; the key that types a third character stays itself."""
    return name if name == "alt_gr" else name.partition("_")[0]
