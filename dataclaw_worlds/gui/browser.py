"""A headless Chromium that real input events drive; one browser serves all streams of a process."""

from __future__ import annotations

import atexit
import base64
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dataclaw.errors import MissingExtraError

WIDTH, HEIGHT = 1024, 640
_PROGRAM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-smooth-scrolling",
    "--font-render-hinting=none",
    "--hide-scrollbars --disable-lcd-text --disable-partial-raster --num-raster-threads=1 --force-color-profile=srgb "
    "--disable-font-subpixel-positioning",
]
_PAGE = files("dataclaw_worlds.gui").joinpath("page.html").read_text(encoding="utf-8").removesuffix("\n")
"""The desktop: a title bar, one window and the buttons of the applications, with a log of trusted input."""


@dataclass(frozen=True, slots=True)
class PageInput:
    """The input that reached the page.

    Attributes:
        log: trusted input events in order: `a` says which, `x`, `y` [px] where, `at` the element pressed.
        values: what stands in the fields, by name.
    """

    log: Sequence[dict[str, Any]]
    values: dict[str, str]


class Browser:
    """One page of a headless Chromium."""

    def __init__(self) -> None:
        if not _PROGRAM.is_file():
            raise MissingExtraError(
                "The desktop needs Chromium, which is not installed.", remedy="Run: apt-get install chromium"
            )
        try:
            api: Any = importlib.import_module("playwright.sync_api")
        except ImportError:
            raise MissingExtraError(
                "The desktop needs playwright, which is not installed.",
                remedy='Run: pip install "dataclaw-tailor[worlds]"',
            ) from None
        self._driver: Any = api.sync_playwright().start()
        self._browser: Any = self._driver.chromium.launch(executable_path=str(_PROGRAM), args=list(_FLAGS))
        self._page: Any = self._browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        self._tools: Any = self._page.context.new_cdp_session(self._page)
        atexit.register(self.close)
        self._page.set_content(_PAGE)
        self._frames()

    def start(self) -> None:
        """Show an empty desktop with the pointer in the middle."""
        self.show("", "", "", "", keep=False)
        self._page.mouse.move(WIDTH // 2, HEIGHT // 2)
        self._page.evaluate("()=>drain()")

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()
        self._driver.stop()

    def show(self, title: str, html: str, tasks: str, css: str | None, *, keep: bool) -> None:
        """Put a window on the screen; `css` None keeps the style, `keep` keeps how far it is scrolled."""
        self._page.evaluate("s=>show(s)", {"title": title, "html": html, "tasks": tasks, "css": css, "keep": keep})

    def place(self, key: str) -> tuple[float, float, float, float] | None:
        """Box of an element [px], None when there is none."""
        found: list[float] | None = self._page.evaluate("k=>place(k)", key)
        return (found[0], found[1], found[2], found[3]) if found else None

    def press(self, x: float, y: float, times: int = 1) -> None:
        """Move to a place and click."""
        self._page.mouse.click(x, y, click_count=times)

    def wheel(self, x: float, y: float, notches: int) -> None:
        """Turn the wheel; positive notches scroll down."""
        self._page.mouse.move(x, y)
        for _ in range(abs(notches)):
            self._page.mouse.wheel(0, 100 if notches > 0 else -100)
        self._frames()

    def _frames(self) -> None:
        """Wait until what happened has been painted."""
        self._page.evaluate("()=>new Promise(f=>requestAnimationFrame(()=>requestAnimationFrame(f)))")

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        self._page.keyboard.type(text)

    def keys(self, combination: str) -> None:
        """Press a key or a combination, in Playwright's names ("Control+A")."""
        self._page.keyboard.press(combination)

    def drain(self) -> PageInput:
        """The input since the last call, and what stands in the fields."""
        found: dict[str, Any] = self._page.evaluate("()=>drain()")
        return PageInput(found["log"], found["values"])

    def picture(self) -> bytes:
        """The screen as PNG."""
        shot: dict[str, str] = self._tools.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return base64.b64decode(shot["data"])


@cache
def browser() -> Browser:
    """The browser of this process.

    Raises:
        MissingExtraError: Chromium or playwright is not installed.
    """
    return Browser()
