"""Many streams at once in one process, for policies that wait for a server: news of all as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")
N = TypeVar("N")
LEAVE = 2.0
"""How long threads may take to end where the others are given up [s]."""
Tidings: TypeAlias = tuple[list[N], BaseException | None, bool]
"""News, what an item raised, and whether it is done."""


def in_threads(
    work: Callable[[T], Iterable[N]], items: Iterable[T], most: int, give_up: Callable[[], None] = lambda: None
) -> Iterator[N]:
    """The news of `work` on every item, of at most so many items at a time.

    An item is begun when another is done, in order. Threads end with the process: one that waits for a server does not
    keep it.

    Args:
        work: tells what happens to an item.
        items: what to do.
        most: items at a time, at least 1.
        give_up: ends what threads wait for, where they are to end before their time.

    Yields:
        News, in the order in which it comes. Whatever `work` raises is raised here; items that go on are given up at
        their next news.
    """
    crew, waiting = _Crew(work), iter(items)
    crew.begin(islice(waiting, most))
    try:
        while crew.going:
            news, error, done = crew.tidings.get()
            if error is not None:
                raise error
            yield from news
            if done:
                crew.going -= 1
                crew.begin(islice(waiting, 1))
    finally:
        crew.leave(give_up)


class _Crew(Generic[T, N]):
    """Threads that do one item each, and what they tell."""

    def __init__(self, work: Callable[[T], Iterable[N]]) -> None:
        self.tidings: SimpleQueue[Tidings[N]] = SimpleQueue()
        self.going = 0
        self._work = work
        self._stopped = Event()
        self._threads: list[Thread] = []

    def begin(self, items: Iterable[T]) -> None:
        """A thread for each item."""
        for item in items:
            thread = Thread(target=self._run, args=(item,), name="dataclaw-stream", daemon=True)
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            self.going += 1
            thread.start()

    def leave(self, give_up: Callable[[], None]) -> None:
        """Wait a little for those that go on."""
        self._stopped.set()
        if self.going:
            give_up()
        until = time.monotonic() + LEAVE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self, item: T) -> None:
        try:
            for one in self._work(item):
                self.tidings.put(([one], None, False))
                if self._stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the news is read
            self.tidings.put(([], error, True))
        else:
            self.tidings.put(([], None, True))
