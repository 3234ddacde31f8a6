"""A desktop of its own: an X server without a screen, a window manager, a message bus, and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("Xvfb", "xdotool", "setxkbmap", "openbox", "dbus-daemon", "chromium")
PAGE = Path(__file__).with_name("page.html")
SIZE = (1280, 720)
BOX = """id => {
  const box = document.getElementById(id).getBoundingClientRect();
  const left = window.screenX + (window.outerWidth - window.innerWidth) / 2;
  const top = window.screenY + window.outerHeight - window.innerHeight;
  return [left + box.left + box.width / 2, top + box.top + box.height / 2].map(Math.round);
}"""


@dataclass
class Deed:
    """Something that xdotool did, and between which monotonic seconds."""

    words: tuple[str, ...]
    began: float
    ended: float


@dataclass
class Desk:
    """The desktop, the hand that works on it, and the page in its browser."""

    env: dict[str, str]
    page: Any = None
    deeds: list[Deed] = field(default_factory=list)

    def do(self, *words: str | int, rest: float = 0.4) -> Deed:
        """Have xdotool do something, and wait a moment as a person would."""
        said = tuple(str(word) for word in words)
        began = time.monotonic()
        subprocess.run(["xdotool", *said], env=self.env, check=True, timeout=60)
        self.deeds.append(Deed(said, began, time.monotonic()))
        time.sleep(rest)
        return self.deeds[-1]

    def place(self, element: str) -> tuple[int, int]:
        """The middle of an element of the page, on the screen."""
        x, y = self.page.evaluate(BOX, element)
        return x, y

    def click(self, element: str) -> tuple[tuple[int, int], Deed]:
        """Go to an element, rest, and click; where, and when."""
        at = self.place(element)
        self.do("mousemove", *at)
        return at, self.do("click", 1)

    def record(self, out: Path, *options: str, until: str = "recording") -> Recording:
        """Start the recorder, and wait until it says that it records, or something else."""
        return Recording(self, out, options, until)


class Recording:
    """The recorder in a process of its own."""

    def __init__(self, desk: Desk, out: Path, options: tuple[str, ...], until: str) -> None:
        command = [sys.executable, "-m", "dataclaw", "record", str(out), "--delay", "0", "--seconds", "250", *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=desk.env, text=True, **pipes)
        self.told = ""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told += line
            if line.startswith(until):
                break
        else:
            raise AssertionError(self.told)

    def end(self) -> str:
        """What it prints when it has ended; the caller ends it."""
        said, errors = self.process.communicate(timeout=120)
        self.told += errors
        return said


def begin(
    command: list[str], env: dict[str, str], clean: ExitStack, says: str = ""
) -> tuple[subprocess.Popen[str], str]:
    """Start a program that runs until `clean` ends it, and read its first line where that says what is waited for."""
    pipe = subprocess.PIPE if says else subprocess.DEVNULL
    process = clean.enter_context(subprocess.Popen(command, env=env, text=True, stdout=pipe, stderr=subprocess.DEVNULL))
    clean.callback(process.terminate)
    line = process.stdout.readline().strip() if process.stdout else ""
    assert re.fullmatch(says, line), f"{command[0]} says {line!r}"
    return process, line


def begin_display(env: dict[str, str], clean: ExitStack) -> subprocess.Popen[str]:
    """Start an X server without a screen, and put its name into the environment."""
    size = ["-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"]
    server, number = begin(["Xvfb", "-displayfd", "1", *size, "-nolisten", "tcp", "-noreset"], env, clean, r"\d+")
    env["DISPLAY"] = f":{number}"
    return server


def need(*programs: str) -> None:
    """Skip the test where something is not installed that it needs."""
    for library in ("Xlib", "mss", "jeepney"):
        pytest.importorskip(library)
    if missing := [name for name in programs if not shutil.which(name)]:
        pytest.skip(f"not on this machine: {', '.join(missing)}")


@pytest.fixture(scope="session")
def bare_desk(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desk]:
    """The desktop with nothing on it."""
    need(*PROGRAMS)
    home = tmp_path_factory.mktemp("desk")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "WAYLAND_", "XDG_"))}
    env |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "DATACLAW_CACHE": str(home / "cache"), "COLUMNS": "200"}
    with ExitStack() as clean:
        bus = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        _, env["DBUS_SESSION_BUS_ADDRESS"] = begin(bus, env, clean, r"unix:.*")
        begin_display(env, clean)
        begin(["openbox"], env, clean)
        yield Desk(env)


def switch_on_accessibility(env: dict[str, str]) -> None:
    """What the setting "assistive technologies" does; browsers build their tree only then."""
    from jeepney import DBusAddress, Properties
    from jeepney.io.blocking import open_dbus_connection

    with open_dbus_connection(env["DBUS_SESSION_BUS_ADDRESS"]) as bus:
        status = Properties(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Status"))
        bus.send_and_get_reply(status.set("IsEnabled", "b", True), timeout=30)


@pytest.fixture(scope="module")
def desk(bare_desk: Desk) -> Generator[Desk]:
    """The desktop with a browser in front that shows the page, and an accessibility bus."""
    from playwright.sync_api import sync_playwright

    switch_on_accessibility(bare_desk.env)
    with sync_playwright() as playwright:
        quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        browser = playwright.chromium.launch(
            headless=False,
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--force-renderer-accessibility", *quiet],
            env={**bare_desk.env, "ACCESSIBILITY_ENABLED": "1"},
        )
        page = browser.new_context(no_viewport=True).new_page()
        page.goto(PAGE.as_uri())
        yield Desk(bare_desk.env, page)
        browser.close()
