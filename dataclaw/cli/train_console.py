"""Stopping a training: ctrl-C or a request to end (SIGTERM) lets the step be finished and kept; a second does not."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclaw.train.loop import TrainProgress

STOPPED = "stopped; the same command goes on from the last checkpoint"


def until_asked(news: Generator[TrainProgress]) -> Iterator[TrainProgress]:
    """The news of a run, until somebody asks it to end.

    Raises:
        KeyboardInterrupt: somebody did.
    """
    from dataclaw.train.loop import StopTraining

    asked = 0

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        del number, frame
        asked += 1
        if asked > 1:
            raise KeyboardInterrupt

    before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        for one in news:
            yield one
            if asked:
                _leave(news, StopTraining())
                raise KeyboardInterrupt
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _leave(news: Generator[TrainProgress], leave: Exception) -> None:
    try:
        news.throw(leave)
    except (StopIteration, type(leave)):  # a note before the first step has nothing to keep
        return
