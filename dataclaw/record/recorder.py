"""The recording itself: one loop takes pictures and writes what the listeners heard, until something ends it."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from dataclaw.errors import DataClawError, count_of
from dataclaw.files import owned_folder, write_atomic
from dataclaw.record.accessible import ROOT, Bus, NoAnswerError, begin_focus, watch_elements, watch_focus
from dataclaw.record.checks import check_folder
from dataclaw.record.film import Screen, ScreenFilm
from dataclaw.record.growing import GrowingFile
from dataclaw.record.inbox import HELD, Focus, Inbox
from dataclaw.record.listen import Listeners
from dataclaw.record.windows import title_reader

CTRL_C = "Ctrl-C"


@dataclass(frozen=True, slots=True)
class RecordConfig:
    """How to record.

    Attributes:
        out: a new or empty folder.
        monitor: which one, from 1; 0 is all of them as one picture.
        fps: pictures a second, at most.
        longest: the video's longest side [px], at most.
        seconds: the recording ends by itself after so long [s].
        megabytes: and when it is so large [MB].
        mask_keys: mask every typed character.
        stop_key: the key that ends it, by pynput's name.
        pause_key: the key that pauses it and goes on.
    """

    out: Path
    monitor: int = 1
    fps: float = 10.0
    longest: int = 1920
    seconds: float = 600.0
    megabytes: float = 500.0
    mask_keys: bool = False
    stop_key: str = "f10"
    pause_key: str = "f9"


class ScreenRecorder:
    """Records one monitor; made first, so that what will be recorded can be told before it begins.

    `checks` come before it: folder and system are taken to be fine here.

    Attributes:
        told: what will be recorded, as (what, how).
        why: what ended it, or "".
        failure: what went wrong and ended it early, or "".
        seconds: how long it took [s].

    Raises:
        DataClawError: it cannot begin; nothing was written.
    """

    def __init__(self, config: RecordConfig) -> None:
        self.config, self.why, self.failure = config, "", ""
        self.seconds, self._start, self._shown = 0.0, 0.0, ""
        self._ended, self._clean, self._elements = Event(), ExitStack(), SimpleQueue[dict[str, Any]]()
        self._screen = Screen(config.monitor)
        self._clean.callback(self._screen.close)
        focus, box = Focus(), self._screen.box
        self._inbox = Inbox(focus, mask_keys=config.mask_keys)
        hotkeys = {config.stop_key: lambda: self.end("the stop key"), config.pause_key: self._pause}
        self._listeners, self._title = Listeners(self._inbox, box, hotkeys), title_reader()
        self.told = [
            ("screen", f"monitor {config.monitor} of {self._screen.monitors}, {box['width']}x{box['height']} px"),
            ("pointer", "moves, clicks, drags and the wheel on that monitor"),
            *self._watch(focus),
            ("windows", "title of the window in front"),
        ]

    def _watch(self, focus: Focus) -> list[tuple[str, str]]:
        """Ask the accessibility bus from now on; what it will be asked, for `told`."""
        names, masked = (
            "of what is clicked are not recorded: ",
            "password fields are not told here: --mask-keys masks all that is typed",
        )
        try:
            focus_bus, bus = Bus(), Bus()
            told = count_of(len(bus.children(ROOT)), "application")
            names = f"of what is clicked, in {told} that tell them now"
            masked = "masked in password fields, where an application tells that it is one"
            corner = self._screen.box["left"], self._screen.box["top"]
            begin_focus(focus_bus, focus)
            Thread(target=watch_focus, args=(focus_bus, focus, self._ended), daemon=True).start()
            asked = (bus, self._inbox, self._elements.put, corner, self._ended)
            Thread(target=watch_elements, args=asked, daemon=True).start()
        except NoAnswerError as error:
            names += str(error)
        return [("keys", "all, typed text masked" if self.config.mask_keys else f"all; {masked}"), ("names", names)]

    def end(self, why: str) -> None:
        """End it, from any thread or a signal's handler; the first reason counts."""
        self.why = self.why or why
        self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Wait so long [s] unless it is ended; whether it is."""
        return self._ended.wait(max(seconds, 0.0))

    def close(self) -> None:
        """Let everything go, where it is not to be recorded after all."""
        self.end("")
        self._clean.close()

    def _pause(self) -> None:
        paused = self._inbox.paused
        (paused.clear if paused.is_set() else paused.set)()

    def record(self, tell: Callable[[str], None]) -> None:
        """Record until it is ended, a limit is reached or something fails; what was recorded is kept.

        Args:
            tell: takes "recording" and "paused", as it happens.

        Raises:
            OwnedError: somebody records into the folder.
            UsageError: it holds something.
            OSError: the folder cannot be written to at all.
            DataClawError: the screen cannot be seen at all.
        """
        out = self.config.out
        with self._clean:
            self._inbox.paused.set()
            self._listeners.start()
            self._clean.callback(self._listeners.stop)
            picture = self._screen.picture()
            self._start, began = time.monotonic(), _date()
            out.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._clean.enter_context(owned_folder(out))
            check_folder(out)  # somebody may have recorded into it since it was looked at
            self._files = {name: GrowingFile(out / f"{name}.jsonl") for name in ("events", "element", "top_window")}
            for file in self._files.values():
                self._clean.callback(file.close)
            self._film = ScreenFilm(out / "screen.mp4", picture, self.config.fps, self.config.longest)
            self._describe(start_time=began)
            self._inbox.paused.clear()
            for step in (lambda: self._loop(tell), self._rest, self._film.close):
                try:
                    step()
                except (OSError, DataClawError) as error:
                    self.failure = self.failure or str(error)
            self.end("a failure")
            self.seconds = time.monotonic() - self._start
            try:
                self._describe(start_time=began, stop_time=_date(), stopped_by=self.why)
            except OSError as error:
                self.failure = self.failure or str(error)

    def _loop(self, tell: Callable[[str], None]) -> None:
        due, said, config = self._start, "", self.config
        while not self.wait(due - time.monotonic()):
            now = time.monotonic()
            due = max(due + 1 / config.fps, now)
            state = "paused" if self._inbox.paused.is_set() else "recording"
            if state != said:
                tell(said := state)
            if state == "recording":
                picture = self._screen.picture()
                self._film.add(picture, time.monotonic() - self._start)  # what it shows had happened by then
                self._note_title()
            self._write(now - HELD)
            if now - self._start > config.seconds:
                self.end(f"the limit of {config.seconds:g} s")
            if self.size > config.megabytes * 1e6:
                self.end(f"the limit of {config.megabytes:g} MB")
            if not self._listeners.alive():
                raise DataClawError("mouse and keyboard are not heard any more: the display went away.")

    def _rest(self) -> None:
        """Write what is held back; what was typed last may yet turn out to be a secret."""
        self._listeners.stop()
        if self.why == CTRL_C:
            self._inbox.forget_keys()
        time.sleep(HELD)
        self._write(time.monotonic())

    def _note_title(self) -> None:
        title = self._title()
        if title and title != self._shown:
            self._shown = title
            row = {"time_stamp": round(time.monotonic(), 6), "top_window_name": title}
            self._files["top_window"].add_row(row)

    def _write(self, before: float) -> None:
        for row in self._inbox.take(before):
            self._files["events"].add_row(row)
        while not self._elements.empty():
            self._files["element"].add_row(self._elements.get())

    @property
    def deeds(self) -> int:
        """How much was done: presses and releases of keys and buttons, and turns of the wheel."""
        return self._inbox.state[0]

    @property
    def size(self) -> int:
        """Bytes of the recording so far."""
        return sum(file.size for file in (self._film.file, *self._files.values()))

    def _describe(self, **dates: str) -> None:
        box = self._screen.box
        facts: dict[str, Any] = {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "screen_width": box["width"],
            "screen_height": box["height"],
            "scroll_direction": 1,
            "video_start_timestamp": round(self._start, 6),
            **dates,
        }
        write_atomic(self.config.out / "metadata.json", dumps(facts, indent=2) + "\n")


def _date() -> str:
    return f"{datetime.now():%Y-%m-%d %H:%M:%S}"
