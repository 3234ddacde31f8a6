"""Which moments of a recording become the sampled frames that everything downstream refers to.

Pure arithmetic over times: nothing here opens a file. A recording with events is seen just before each event and once
settled after it; any recording is seen at regular moments in between; one without events also around each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.types import Span

MOST_FPS = 1e6
"""Most regular frames per second that may be asked for."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How densely a recording is looked at.

    Attributes:
        max_frames: most frames that a stream may have, at least 2.
        fill_fps: regular frames per second between the events [1/s].
        short: frames that a recording without events has at least, where it has so many: in a clip of seconds,
            movements are looked at and not pages.
        before: how long before an event the frame that shows its state is taken [s].
        settle: how long after an event the picture has settled [s]; less when the next event comes sooner.
    """

    max_frames: int = 256
    fill_fps: float = 1.0
    short: int = 64
    before: float = 0.05
    settle: float = 1.0

    def __post_init__(self) -> None:
        if (
            self.max_frames < 2
            or not 0 <= self.fill_fps <= MOST_FPS
            or self.short < 0
            or self.before < 0
            or self.settle < 0
        ):
            raise ValueError(
                f"not a sampling: {self}; need max_frames >= 2, 0 <= fill_fps <= 1e6, short and times >= 0"
            )


def event_grid(events: Sequence[Span], times: NDArray[np.float64], sampling: Sampling) -> list[int]:
    """Indices into `times` for a recording with events.

    Args:
        events: start and end of each event [s], in order of start.
        times: when each frame of the recording is shown [s], strictly increasing.
        sampling: how densely to look.

    Returns:
        Strictly increasing indices, at most `sampling.max_frames`. Where that is too few, the frames before events are
        kept first, then those after, then the regular ones.
    """
    before = [t0 - sampling.before for t0, _ in events]
    after = _settle_times(events, float(times[-1]), sampling)
    return _choose([_ends(times), before, after], times, sampling)


def change_grid(changes: Sequence[Span], times: NDArray[np.float64], sampling: Sampling) -> list[int]:
    """Indices into `times` for a recording of pictures alone: around its changes, and at regular moments.

    Args:
        changes: spans in which the picture changed [s], strongest first.
        times: as in `event_grid`.
        sampling: how densely to look.
    """
    strongest = changes[: sampling.max_frames // 4]
    around = list(chain.from_iterable((t0 - sampling.before, t1) for t0, t1 in strongest))
    length = float(times[-1] - times[0])
    dense = min(sampling.short, sampling.max_frames, len(times)) / length if length > 0 else 0.0
    return _choose(
        [_ends(times), around], times, replace(sampling, fill_fps=max(sampling.fill_fps, min(dense, MOST_FPS)))
    )


def thin(count: int, limit: int) -> list[int]:
    """At most `limit` of the numbers below `count`, evenly spread, the first and the last among them."""
    if count <= limit:
        return list(range(count))
    return sorted({round(float(v)) for v in np.linspace(0, count - 1, limit)})


def ranges(numbers: Sequence[int], limit: int = 6) -> str:
    """Numbers as runs, "0-28, 31", at most `limit` of them."""
    ordered = sorted(set(numbers))
    breaks = [k for k in range(1, len(ordered)) if ordered[k] != ordered[k - 1] + 1]
    runs = [ordered[a:b] for a, b in zip([0, *breaks], [*breaks, len(ordered)], strict=True)]
    said = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:limit] if run]
    return ", ".join([*said, *(["..."] if len(runs) > limit else [])])


def _ends(times: NDArray[np.float64]) -> list[float]:
    return [float(times[0]), float(times[-1])]


def _settle_times(events: Sequence[Span], end: float, sampling: Sampling) -> list[float]:
    nexts = [t0 - sampling.before for t0, _ in events[1:]] + [end]
    return [min(t1 + sampling.settle, limit) for (_, t1), limit in zip(events, nexts, strict=False) if limit > t1]


def _choose(wanted: Iterable[Sequence[float]], times: NDArray[np.float64], sampling: Sampling) -> list[int]:
    """Take the groups in order of importance as long as there is room, then fill regularly."""
    chosen: set[int] = set()
    for moments in wanted:
        new = sorted(set(shown_at(times, moments)) - chosen)
        room = sampling.max_frames - len(chosen)
        chosen.update(new[k] for k in thin(len(new), room) if room > 0)
    _fill(chosen, times, sampling)
    return sorted(chosen)


def _fill(chosen: set[int], times: NDArray[np.float64], sampling: Sampling) -> None:
    room = sampling.max_frames - len(chosen)
    length = float(times[-1] - times[0])
    if room <= 0 or sampling.fill_fps <= 0 or length <= 0:
        return
    step = max(1 / sampling.fill_fps, length / room)
    moments = np.arange(1, int(length / step) + 1) * step + float(times[0])
    taken = np.sort(times[list(chosen)])
    near = np.searchsorted(taken, moments)
    left = np.abs(moments - taken[np.maximum(near - 1, 0)])
    right = np.abs(moments - taken[np.minimum(near, len(taken) - 1)])
    chosen.update(shown_at(times, moments[np.minimum(left, right) >= step / 2])[:room])


def shown_at(times: NDArray[np.float64], moments: Sequence[float] | NDArray[np.floating[Any]]) -> list[int]:
    """For each moment the frame on show: the last one whose time is not later, the first one before it all began."""
    # times computed from integer stamps may miss a moment that means the same by one rounding
    found = np.searchsorted(times, np.asarray(moments, dtype=np.float64) + 1e-9, side="right") - 1
    return [int(v) for v in np.maximum(found, 0)]
