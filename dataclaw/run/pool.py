"""Many items in several processes, one task each; an item that kills its process is found, and the others are done."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Died:
    """The worker process died on an item that it had to itself."""

    reason: str = "the worker process died on it (out of memory, or a decoder crash)."


def map_in_processes(
    work: Callable[[T], R],
    items: Sequence[T],
    workers: int,
    *,
    begin: Callable[..., None] | None = None,
    given: tuple[object, ...] = (),
) -> Iterator[tuple[T, R | Died]]:
    """What `work` makes of every item, as it is finished.

    When a worker dies, the items that it may have died of are tried again alone, after all the others.

    Args:
        work: a function that processes can be sent (of a module, or a partial of one).
        items: what to do.
        workers: processes, at least 1.
        begin: called once in each process, before its first item.
        given: arguments of `begin`.

    Yields:
        Each item once, with its result. Whatever `work` raises is raised here.
    """
    suspects: list[T] = []
    for batch, size in ((list(items), workers), (suspects, 1)):
        while batch:
            left, lost = yield from _until_broken(work, batch, size, begin, given)
            batch = left
            if size > 1:
                suspects.extend(lost)
            else:
                yield from ((item, Died()) for item in lost)


def _until_broken(
    work: Callable[[T], R],
    items: list[T],
    workers: int,
    begin: Callable[..., None] | None,
    given: tuple[object, ...],
) -> Generator[tuple[T, R], None, tuple[list[T], list[T]]]:
    """Results until all is done or a worker dies; what had not begun, and what was under way."""
    waiting = list(items)
    flying: dict[Future[R], T] = {}
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(begin, given)) as pool:
        try:
            while waiting or flying:
                while waiting and len(flying) < (2 * workers if workers > 1 else 1):
                    item = waiting.pop(0)
                    flying[pool.submit(work, item)] = item
                finished, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in finished:
                    try:
                        result = future.result()
                    except BrokenProcessPool:
                        return waiting, list(flying.values())
                    yield flying.pop(future), result
        except (KeyboardInterrupt, GeneratorExit):
            # nobody waits for what is under way; a pool that is left to itself would leave semaphores behind
            for worker in active_children():
                worker.terminate()
            pool.shutdown(cancel_futures=True)
            raise
    return [], []


def end_with_parent() -> None:
    """Have this process end when the one that started it does, however that ends."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _begin(begin: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    end_with_parent()
    if begin is not None:
        begin(*given)


def _end_with(parent: BaseProcess) -> None:
    """A process that waits for its next item would never learn that whoever gave it the last one was killed."""
    parent.join()
    os._exit(1)
