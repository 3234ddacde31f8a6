"""Worker processes: all items are done, and the one that kills its process is found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dataclaw.run.pool import Died, map_in_processes


def double(number: int) -> int:
    if number == 13:
        os._exit(9)
    if number < 0:
        raise ValueError("negative")
    return 2 * number


def test_every_item_is_done_once():
    assert dict(map_in_processes(double, list(range(8)), 2)) == {n: 2 * n for n in range(8)}
    assert list(map_in_processes(double, [], 2)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_the_item_that_kills_its_process_is_found(workers: int):
    found = dict(map_in_processes(double, [1, 13, 2, 3, 4, 5], workers))
    assert isinstance(found.pop(13), Died)
    assert found == {n: 2 * n for n in (1, 2, 3, 4, 5)}


def test_what_the_work_raises_is_raised():
    with pytest.raises(ValueError, match="negative"):
        list(map_in_processes(double, [1, -1], 2))


def process(_: int) -> int:
    return os.getpid()


def test_workers_end_with_the_process_that_was_killed():
    script = (
        "import os, signal\n"
        "from dataclaw.run.pool import map_in_processes\n"
        "from tests.run.test_pool import process\n"
        "if __name__ == '__main__':\n"
        "    for _, worker in map_in_processes(process, range(100), 2):\n"
        "        print(worker, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGSTOP)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as build:
        assert build.stdout is not None
        worker = int(build.stdout.readline())
        os.kill(worker, 0)
        build.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(worker)


def _alive(process: int) -> bool:
    """Whether it runs; one that has ended may still be listed until somebody asks how."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
