"""Calling a plugin's code so that it can do the run no harm: it may raise, hang, print or exit, and only it is blamed.

The call runs in a thread of ours, whose CPU time is watched. Code that outstays its limit is abandoned: an exception is
thrown into it, which ends any loop in Python, and nobody waits for it any longer. What it prints goes to the log. Code
that holds the interpreter itself (a runaway regular expression or C loop) cannot be stopped from within the process.
"""

from __future__ import annotations

import contextvars
import ctypes
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TextIO, TypeVar, cast

from dataclaw.errors import PluginError

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a call may take.

    Attributes:
        cpu: CPU time of its thread [s], so that a busy machine changes no result; not watched where the platform does
            not tell it.
        wall: time on the clock [s], for code that waits.
    """

    cpu: float
    wall: float


RULE = Limit(cpu=2.0, wall=60.0)
PLAN = Limit(cpu=5.0, wall=120.0)
"""For one decision of a plan."""
TOOL = Limit(cpu=600.0, wall=900.0)
CLAIM = Limit(cpu=2.0, wall=30.0)
"""For a loader's look at a path."""
OPEN = Limit(cpu=600.0, wall=900.0)
IMPORT = Limit(cpu=30.0, wall=120.0)

_SHOWN = 200
_AGAIN = 1.0
"""Seconds after which an exception that was thrown into a call and had no effect is thrown again."""


class OverrunError(PluginError):
    """A plugin's code took longer than it may."""


def call_guarded(who: str, limit: Limit, function: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Call `function` and give what it gives; what it raises is raised here.

    Args:
        who: the plugin and its part ("rule shop.complete"), for messages.
        limit: how long it may take.
        function: the plugin's function.
        args: its arguments.
        kwargs: its keyword arguments.

    Raises:
        OverrunError: it took too long.
        PluginError: it tried to end the process.
    """
    helper = _take()
    call = _Call(lambda: function(*args, **kwargs))
    start = helper.cpu()
    with _printing_aside(who, call.printed):
        helper.calls.put(call)
        over = _wait(call, helper, start, limit)
    if over:
        helper.stop()
        raise OverrunError(f"{over} and was stopped.", place=who, remedy="Mend the plugin, or disable it.")
    spent = helper.cpu() - start
    _idle.append(helper)
    if spent > limit.cpu:
        raise OverrunError(f"took {spent:.1f} s of CPU time, at most {limit.cpu:g} allowed.", place=who)
    return call.outcome(who)


@dataclass(slots=True)
class _Call:
    """One call on its way through a helper."""

    function: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    printed: list[str] = field(default_factory=list[str])
    result: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.context.run(self.function)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the call was made
            self.error = error
        self.done.set()

    def outcome(self, who: str) -> Any:
        """The result, or the exception; one that would end the process becomes the plugin's error."""
        if self.error is None:
            return self.result
        if isinstance(self.error, Exception):
            raise self.error
        raise PluginError(f"tried to end the process: {self.error!r}.", place=who, remedy="Mend the plugin.")


class _Stopped(BaseException):
    """Thrown into an abandoned call; no Exception, so that few catch it."""


class _Helper(threading.Thread):
    """A thread that runs one plugin call after another."""

    def __init__(self) -> None:
        super().__init__(name="dataclaw-plugin", daemon=True)
        self.calls: SimpleQueue[_Call | None] = SimpleQueue()
        self.printed: list[str] | None = None
        self.start()

    def run(self) -> None:
        """Serve until stopped."""
        try:
            while (call := self.calls.get()) is not None:
                self.printed = call.printed
                call.run()
        except _Stopped:
            return

    def cpu(self) -> float:
        """CPU time of the thread so far [s]; 0 where the platform does not tell."""
        if self.ident is None or not hasattr(time, "pthread_getcpuclockid"):
            return 0.0
        return time.clock_gettime(time.pthread_getcpuclockid(self.ident))

    def stop(self) -> None:
        """Throw an exception into what it runs, again until it ends: as soon as that runs Python again.

        Once is not enough: a finaliser or a callback of the garbage collector may be what it hits, and swallows it.
        """
        self.calls.put(None)  # what is thrown may be taken for the call's own exception: the next call is none
        threading.Thread(target=self._throw, name="dataclaw-stop", daemon=True).start()

    def _throw(self) -> None:
        while self.ident is not None and self.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(_Stopped))
            self.join(_AGAIN)


_idle: list[_Helper] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # threads do not live on in a fork


def _take() -> _Helper:
    while True:
        try:
            helper = _idle.pop()
        except IndexError:
            return _Helper()
        if helper.is_alive():
            return helper


def _wait(call: _Call, helper: _Helper, start: float, limit: Limit) -> str:
    """Wait for a call; what it has overrun, "" when it ended."""
    until = time.monotonic() + limit.wall
    while not call.done.wait(min(limit.cpu, limit.wall)):
        if helper.cpu() - start > limit.cpu:
            return f"took more than {limit.cpu:g} s of CPU time"
        if time.monotonic() >= until:
            return f"took more than {limit.wall:g} s"
    return ""


class _Aside:
    """Standard output while plugins run: what a helper's thread prints is kept, everything else passes."""

    def __init__(self, real: TextIO) -> None:
        self.real = real

    def write(self, text: str) -> int:
        thread = threading.current_thread()
        if isinstance(thread, _Helper) and thread.printed is not None:
            thread.printed.append(text)
            return len(text)
        return self.real.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


printed: dict[str, str] = {}
"""What each plugin's part printed first; it is told once a process."""
_lock = threading.Lock()
_running = 0


@contextmanager
def _printing_aside(who: str, aside: list[str]) -> Generator[None]:
    global _running  # there is one standard output
    with _lock:
        _running += 1
        if not isinstance(sys.stdout, _Aside):
            sys.stdout = _Aside(sys.stdout)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            shown = cast("object", sys.stdout)
            if not _running and isinstance(shown, _Aside):
                sys.stdout = shown.real
        if aside and who not in printed:
            printed[who] = "".join(aside).strip()
            log.warning("%s prints, which is kept from the output: %s", who, printed[who][:_SHOWN])
