"""What a process takes of a machine, sampled from /proc, and a line through it that says whether it grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BLOCKS, WITHIN = 12, 2.23
"""Into so many means a course is cut, as neighbours are alike; and Student's t for 95 % of so many less two."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through the last two thirds of a course.

    Attributes:
        mean: of that part.
        slope: how much it rises an hour, `low` and `high` its 95 % interval.
        least: a rise within the time of the course that counts.
        hours: that time [h].
    """

    mean: float
    slope: float
    low: float
    high: float
    least: float
    hours: float

    @property
    def grows(self) -> bool:
        """Whether it surely rises, and by what counts."""
        return self.low > 0 and self.slope * self.hours >= self.least


def trend(times: Sequence[float], values: Sequence[float], least: float) -> Trend:
    """The trend of a course.

    Args:
        times: when it was sampled [s].
        values: what was found.
        least: a rise that counts.
    """
    first = len(times) // 3
    parts = np.array_split(np.column_stack([np.asarray(times) / 3600, values])[first:], BLOCKS)
    x, y = np.array([part.mean(axis=0) for part in parts if len(part)]).T
    apart = x - x.mean()
    spread = float((apart**2).sum()) or 1.0
    slope = float((apart * y).sum()) / spread
    left = y - y.mean() - slope * apart
    error = float(np.sqrt((left**2).sum() / max(1, len(x) - 2) / spread))
    return Trend(float(y.mean()), slope, slope - WITHIN * error, slope + WITHIN * error, least, float(x[-1] - x[0]))


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a server takes at a time.

    Attributes:
        at: when [s since the start].
        memory: of the server itself [MiB].
        descriptors: open files and connections of it.
        threads: of it.
        helper: memory of the process that opens streams [MiB].
        processes: processes of its tree.
    """

    at: float
    memory: float
    descriptors: int
    threads: int
    helper: float
    processes: int


def footprint(pid: int, at: float) -> Footprint:
    """What a server takes now.

    Raises:
        OSError: it is gone.
    """
    begun = tree(pid)
    told = _status(pid)
    helper = max((_status(child)["VmRSS"] for child in begun if _is_helper(child)), default=0.0)
    return Footprint(at, told["VmRSS"] / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())), int(told["Threads"]),
                     helper / 1024, len(begun) + 1)  # fmt: skip


def tree(pid: int) -> list[int]:
    """Processes that a process began, and those that these began."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    except OSError:  # it ended meanwhile
        return []
    return [one for child in children for one in (child, *tree(child))]


def _status(pid: int) -> dict[str, float]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return defaultdict(float)
    pairs = (line.split(":", 1) for line in lines)
    found = {name: value.split()[0] for name, value in pairs if name in {"VmRSS", "Threads"}}
    return defaultdict(float, {name: float(value) for name, value in found.items()})


def _is_helper(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
