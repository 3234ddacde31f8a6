"""Many items at once: all news, in order of coming, no more at a time than may be, and a quick end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from dataclaw.run.threads import in_threads


def test_every_item_is_done_once_and_no_more_at_a_time_than_may_be() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> Iterator[tuple[int, str]]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        yield item, "begun"
        time.sleep(0.01)
        with lock:
            now -= 1
        yield item, "done"

    news = list(in_threads(work, range(20), 4))
    assert sorted(item for item, what in news if what == "done") == list(range(20))
    assert all(news.index((item, "begun")) < news.index((item, "done")) for item in range(20))
    assert 1 < most <= 4
    assert list(in_threads(work, [], 4)) == []


def test_what_an_item_raises_is_raised_and_the_others_are_given_up() -> None:
    given_up, waits = threading.Event(), threading.Event()

    def work(item: int) -> Iterator[int]:
        if item == 0:
            raise KeyError("broken")
        waits.wait(60)
        yield item

    def give_up() -> None:
        given_up.set()
        waits.set()

    with pytest.raises(KeyError, match="broken"):
        list(in_threads(work, range(10), 3, give_up))
    assert given_up.is_set()


def test_who_stops_listening_stops_the_items() -> None:
    begun: list[int] = []

    def work(item: int) -> Iterator[int]:
        begun.append(item)
        yield item
        yield item

    news = in_threads(work, range(1000), 2)
    next(news)
    news.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert len(begun) < 1000
