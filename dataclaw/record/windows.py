"""The title of the window in front. Tried on X11; elsewhere asked of the system's libraries, not tried."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def title_reader() -> Callable[[], str]:
    """A function that gives the title of the window in front, "" where the system does not tell."""
    return {"win32": _windows_title, "darwin": _mac_title}.get(sys.platform) or _x11_title()


def _x11_title() -> Callable[[], str]:
    display: Any = import_module("Xlib.display").Display()
    errors: Any = import_module("Xlib.error")
    names = ("_NET_ACTIVE_WINDOW", "_NET_WM_NAME", "WM_NAME")
    active, *kinds = (display.intern_atom(name) for name in names)

    def read() -> str:
        try:
            front = display.screen().root.get_full_property(active, 0)
            window = display.create_resource_object("window", front.value[0]) if front else None
            told = (window.get_full_property(kind, 0) for kind in kinds) if window else ()
            title: bytes | str = next((one.value for one in told if one), "")
        except (errors.XError, errors.ConnectionClosedError):  # the window, or the display, went away meanwhile
            return ""
        return title.decode("utf-8", "replace") if isinstance(title, bytes) else title

    return read


def _windows_title() -> str:
    ctypes: Any = import_module("ctypes")
    text = ctypes.create_unicode_buffer(512)
    ctypes.windll.user32.GetWindowTextW(ctypes.windll.user32.GetForegroundWindow(), text, len(text))
    return str(text.value)


def _mac_title() -> str:
    """The application's name: titles of windows need a permission of their own."""
    front: Any = import_module("AppKit").NSWorkspace.sharedWorkspace().frontmostApplication()
    return str(front.localizedName()) if front else ""
