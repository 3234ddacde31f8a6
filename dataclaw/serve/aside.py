"""Work on files of strangers in a process of its own: what crashes or hangs there ends there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from http import HTTPStatus
from multiprocessing import get_context
from threading import Lock
from typing import ParamSpec, TypeVar

from dataclaw.errors import StreamError
from dataclaw.run.pool import end_with_parent
from dataclaw.serve.problem import RefusedError

P = ParamSpec("P")
T = TypeVar("T")


class Aside:
    """One process for quick work, started when it is first needed; calls wait for each other.

    Args:
        seconds: how long a call may take [s].
    """

    def __init__(self, seconds: float = 120.0) -> None:
        self.seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._turn = Lock()

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a function of a module returns or raises there.

        Raises:
            RefusedError: others wait already.
            StreamError: the process died of it, or it took too long.
        """
        if not self._turn.acquire(timeout=self.seconds / 4):
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "the server is busy.", remedy="Ask again in a minute.")
        try:
            self._pool = self._pool or ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin)
            return self._pool.submit(work, *args, **kwargs).result(self.seconds)
        except BrokenProcessPool:
            self._end()
            raise StreamError("the process that opened it died.", remedy="Check the file, or send another.") from None
        except TimeoutError:
            self._end()
            raise StreamError(
                f"it took longer than {self.seconds:g} s.", remedy="Ask for less of it, or send less."
            ) from None
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list(pool._processes.values()):  # pyright: ignore[reportPrivateUsage] - there is no public way
            process.kill()
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the server, which ends this process
    os.dup2(2, 1)  # what a library prints must not get into an answer that the server writes to its own output
