"""Plugins that raise, hang, print or exit: the call comes back, and only the plugin is blamed."""

from __future__ import annotations

import contextvars
import sys
import threading
import time
from collections.abc import Callable

import pytest

from dataclaw.errors import MissingExtraError, PluginError
from dataclaw.plugins import guard
from dataclaw.plugins.guard import Limit, OverrunError, call_guarded

QUICK = Limit(cpu=0.2, wall=1.0)
WHO = "rule shop.complete"


def test_what_a_plugin_gives_comes_through() -> None:
    assert call_guarded(WHO, QUICK, lambda a, *, b: a + b, 1, b=2) == 3


@pytest.mark.parametrize("error", [KeyError("steps"), MissingExtraError("no OCR."), StopIteration(3)])
def test_what_a_plugin_raises_comes_through(error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        call_guarded(WHO, QUICK, fail)
    assert caught.value is error


def endless() -> None:
    while True:
        pass


def stubborn() -> None:
    while True:
        try:
            time.sleep(0.001)
        except Exception:  # noqa: BLE001
            continue


@pytest.mark.parametrize("forever", [endless, lambda: time.sleep(60), stubborn, threading.Event().wait])
def test_what_never_ends_is_stopped_and_named(forever: object) -> None:
    start = time.monotonic()
    with pytest.raises(OverrunError, match=r"rule shop\.complete: took more than .* and was stopped"):
        call_guarded(WHO, QUICK, forever)  # type: ignore[arg-type]
    assert time.monotonic() - start < 10
    assert call_guarded(WHO, QUICK, lambda: "still here") == "still here"


def test_an_endless_loop_really_ends() -> None:
    turns = [0]

    def count() -> None:
        while True:
            turns[0] += 1

    with pytest.raises(OverrunError):
        call_guarded(WHO, QUICK, count)
    time.sleep(0.3)
    seen = turns[0]
    time.sleep(0.2)
    assert turns[0] == seen


class _Swallows:
    """Takes what is thrown while it goes, as finalisers and callbacks of the garbage collector do."""

    def __del__(self) -> None:
        until = time.thread_time() + 0.5
        while time.thread_time() < until:
            pass


def test_what_is_swallowed_is_thrown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, told = [0], list[object]()
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    def count() -> None:
        _Swallows()
        while True:
            turns[0] += 1

    with pytest.raises(OverrunError):
        call_guarded(WHO, QUICK, count)
    assert _waits_until(lambda: len(told) == 1)
    assert _waits_until(lambda: turns[0] > 0)
    assert _waits_until(lambda: _rests(turns))


def _rests(turns: list[int]) -> bool:
    seen = turns[0]
    time.sleep(0.2)
    return turns[0] == seen


def _waits_until(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def test_work_that_ends_late_is_too_late_whatever_it_gives() -> None:
    def busy() -> int:
        until = time.thread_time() + 0.1
        while time.thread_time() < until:
            pass
        return 1

    with pytest.raises(OverrunError, match=r"took .* of CPU time"):
        call_guarded(WHO, Limit(cpu=0.05, wall=5.0), busy)


@pytest.mark.parametrize("end", [sys.exit, lambda: (_ for _ in ()).throw(KeyboardInterrupt), lambda: sys.exit("bye")])
def test_a_plugin_cannot_end_the_process(end: object) -> None:
    with pytest.raises(PluginError, match="tried to end the process"):
        call_guarded(WHO, QUICK, end)  # type: ignore[arg-type]


def test_what_a_plugin_prints_is_kept_from_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    guard.printed.clear()
    before = sys.stdout

    def chatty() -> None:
        print("{ not JSON")
        sys.stdout.write("more")

    call_guarded(WHO, QUICK, chatty)
    call_guarded(WHO, QUICK, chatty)
    print("ours")
    assert capsys.readouterr().out == "ours\n"
    assert sys.stdout is before
    assert guard.printed == {WHO: "{ not JSON\nmore"}


def test_others_may_print_while_a_plugin_runs(capsys: pytest.CaptureFixture[str]) -> None:
    started = threading.Event()
    threading.Thread(target=lambda: (started.wait(), print("from another thread"))).start()
    call_guarded(WHO, QUICK, lambda: (started.set(), time.sleep(0.1), print("from the plugin")))
    assert capsys.readouterr().out == "from another thread\n"


def test_calls_may_nest_and_run_side_by_side() -> None:
    assert call_guarded("outer", QUICK, lambda: call_guarded("inner", QUICK, lambda: 7)) == 7
    results: list[int] = []
    threads = [threading.Thread(target=lambda n=n: results.append(call_guarded(WHO, QUICK, int, n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(8))


def test_context_variables_are_seen() -> None:
    here: contextvars.ContextVar[str] = contextvars.ContextVar("here")
    here.set("yes")
    assert call_guarded(WHO, QUICK, here.get) == "yes"
