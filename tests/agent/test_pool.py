"""Worker processes: all items are done, and the one that kills its process is found."""

from __future__ import annotations

import os

import pytest

from dataclaw.agent.pool import Died, pooled


def double(number: int) -> int:
    if number == 13:
        os._exit(9)
    if number < 0:
        raise ValueError("negative")
    return 2 * number


def test_every_item_is_done_once():
    assert dict(pooled(double, list(range(8)), 2)) == {n: 2 * n for n in range(8)}
    assert list(pooled(double, [], 2)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_the_item_that_kills_its_process_is_found(workers: int):
    found = dict(pooled(double, [1, 13, 2, 3, 4, 5], workers))
    assert isinstance(found.pop(13), Died)
    assert found == {n: 2 * n for n in (1, 2, 3, 4, 5)}


def test_what_the_work_raises_is_raised():
    with pytest.raises(ValueError, match="negative"):
        list(pooled(double, [1, -1], 2))
