"""Numbers from a source with a clock of its own: one steady clock, and at most so many rows kept while they stream by.

Nothing here knows a format. What is left out or mended is counted, and said in one sentence each (`problems`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.values import LEAST, MOST
from dataclaw.types import Series

T = TypeVar("T")

MAX_ROWS = 32_768
"""Most rows that a series keeps."""
MAX_COLUMNS = 1_024
"""Most columns that a series may have."""
_MAX_VALUES = 8 * 2**20
"""Most numbers that a series keeps; wide ones keep fewer rows."""
MOST_TIME = 1e12
"""Latest time that a clock shows [s]; those of the epoch are far below."""
_BACK = 1.0
"""A clock that runs back by more has been set anew [s]; by less, a row came late."""
_AHEAD = 3600.0
"""A gap of more is taken for a clock that was set, not for a pause [s]."""
_ASTRAY = 2.0
"""A time is astray when the next one lies so many steps before it, and still after the one before it."""
_LEAST = 1e-6
"""Least distance of the rows around it [s]."""
GAP, GAP_STEPS = 1.0, 20.0
"""Rows are missing where there is none for so long [s], and for so many usual steps."""
_FIRST_STEP = 0.1
"""Step put in place of a jump when no step is known yet [s]."""


_RATES = (1e-4, 1e5)
"""Least and greatest rate of a recording [1/s]."""
_NAMES = re.compile(r"#?\s*(t|time|times|timestamp|timestamps|stamp|time_?stamp|secs?|seconds)[_ ]?(s|ms|us|ns)?",
                    re.IGNORECASE)  # fmt: skip
_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
# stamps between the years 1980 and 2100 tell their unit by their size
_EPOCH = (3e8, 4.2e9)


def rate_of(value: object) -> float:
    """Rows per second [1/s] that a source says; 0.0 for anything that is no rate of a recording."""
    return float(value) if isinstance(value, int | float) and _RATES[0] <= value <= _RATES[1] else 0.0


def is_measured(values: NDArray[np.float64]) -> bool:
    """Whether all numbers are such as are measured: finite, and not beyond `MOST`."""
    return bool((np.abs(values) <= MOST).all())


def is_time(name: str) -> bool:
    """Whether a column of this name holds times."""
    return _NAMES.fullmatch(name.strip()) is not None


def scale(name: str, unit: str, first: float) -> float:
    """Seconds per unit of a time column.

    Args:
        name: its name, which may end in the unit ("time_ns").
        unit: its unit where the source says it, or "".
        first: its first value; a date tells whether it counts seconds, or thousandths, ... of them.
    """
    match = _NAMES.fullmatch(name.strip())
    said = unit or (match[2] if match and match[2] else "")
    if said.lower() in _UNITS:
        return _UNITS[said.lower()]
    for factor in _UNITS.values():
        if _EPOCH[0] <= first * factor <= _EPOCH[1]:
            return factor
    return 1.0


class Clock:
    """Seconds since the first row, strictly increasing, out of times that may repeat, jump or be no numbers.

    Rows that are not later than the one before are left out. A single time that is far off, after which the clock goes
    on as if nothing had been, is put between its neighbours. Where the clock was set (back by more than a second, or
    ahead by more than an hour) time goes on by the step before.
    """

    def __init__(self, *, shared: bool = False) -> None:
        """Start a clock.

        Args:
            shared: rows of several sources come mixed, so that times may repeat and run a little back; they are given
                out as they are, and each source's `Recorder` sees to its own order.
        """
        self._shared = shared
        self._shift: float | None = None
        self._last = 0.0
        self._step = _FIRST_STEP
        self._unusable = 0
        self._late = 0
        self._rows = 0
        self._astray: list[tuple[float, float]] = []
        self._gaps: list[tuple[float, float]] = []
        self._jumps: list[tuple[float, float]] = []

    def at(self, time: float, after: float | None = None) -> float | None:
        """Time [s] since the first row of a row stamped `time` [s]; None for one that is to be left out.

        Args:
            time: its stamp.
            after: the next row's stamp, where that is known: it tells a single wrong stamp from a clock that was set.
        """
        if not abs(time) <= MOST_TIME:
            self._unusable += 1
            return None
        if self._shift is None:
            self._shift = time
            return 0.0
        now = time - self._shift
        step = now - self._last
        following = math.nan if after is None else after - self._shift
        if self._strays(now, following):
            self._astray.append((self._last, step)) if len(self._astray) < MAX_ROWS else None
            self._last = self._later(min(self._step, (following - self._last) / 2))
            self._rows += 1
            return self._last
        if -_BACK < step <= 0 and self._shared:
            return max(0.0, now)
        if -_BACK < step <= 0:
            self._late += 1
            return None
        if not 0 < step <= _AHEAD:
            self._jumps.append((self._last, step)) if len(self._jumps) < MAX_ROWS else None
            self._shift, now = time - self._last - self._step, self._later(self._step)
        elif step > max(GAP, GAP_STEPS * self._last / max(1, self._rows)) and self._last:
            self._gaps.append((self._last, now)) if len(self._gaps) < MAX_ROWS else None
        else:
            self._step = step
        self._rows += 1
        self._last = now
        return now

    def _later(self, step: float) -> float:
        """The time that many seconds on; later than the last one, however small the step."""
        return max(self._last + step, math.nextafter(self._last, math.inf))

    def _strays(self, now: float, following: float) -> bool:
        """Whether a time is wrong by itself: the next one is right after the one before it."""
        back = now - self._last <= -_BACK
        goes_on = _LEAST < following - self._last <= max(GAP, GAP_STEPS * self._step)
        return not self._shared and goes_on and (back or now - following > _ASTRAY * self._step)

    @property
    def problems(self) -> tuple[str, ...]:
        """What was wrong with the times, one sentence each."""
        said: list[str] = []
        if self._unusable:
            said.append(f"{self._unusable} row(s) have a time that is no number, or beyond any clock; left out.")
        if self._late:
            said.append(f"{self._late} row(s) are not later than the row before them; left out.")
        if self._astray:
            at, by = self._astray[0]
            more = f"; so are {len(self._astray) - 1} more" if len(self._astray) > 1 else ""
            said.append(
                f"The time of the row after {at:.2f} s is off by {by:+.6g} s{more}; put between its neighbours."
            )
        if self._gaps and not self._shared:
            t0, t1 = self._gaps[0]
            more = f" (the first of {len(self._gaps)} gaps)" if len(self._gaps) > 1 else ""
            said.append(f"There is no row from {t0:.2f} to {t1:.2f} s{more}: what happens there is not known.")
        if self._jumps:
            at, by = self._jumps[0]
            more = f" (the first of {len(self._jumps)} jumps)" if len(self._jumps) > 1 else ""
            said.append(f"The clock jumps by {by:+.6g} s at {at:.2f} s{more}; time goes on by the usual step there.")
        return tuple(said)


def with_next(items: Iterable[T]) -> Iterator[tuple[T, T | None]]:
    """Each item with the one after it, None after the last."""
    waiting: list[T] = []
    for item in items:
        if waiting:
            yield waiting.pop(), item
        waiting.append(item)
    if waiting:
        yield waiting.pop(), None


def clock_times(clock: Clock, stamps: Iterable[float]) -> Iterator[float | None]:
    """What a clock makes of stamps [s], each seen with the one after it."""
    return (clock.at(stamp, after) for stamp, after in with_next(stamps))


class Recorder:
    """One series as it streams by: every row until there are too many, then every second, fourth, ... of them.

    Attributes:
        name: name of the series.
        columns: its columns.
    """

    def __init__(self, name: str, columns: Sequence[str], units: Sequence[str] | str = "") -> None:
        if len(columns) > MAX_COLUMNS:
            raise StreamError(f"{name!r} has {len(columns):,} columns; at most {MAX_COLUMNS:,} can be read.",
                              remedy="Keep the columns that matter in a copy.")  # fmt: skip
        self.name = name
        self.columns = tuple(columns)
        self._units = (units,) * len(columns) if isinstance(units, str) else tuple(units)
        self._limit = max(2, min(MAX_ROWS, _MAX_VALUES // max(1, len(columns))))
        self._times: list[float] = []
        self._rows: list[NDArray[np.float64]] = []
        self._every = 1
        self._seen = 0
        self._looked = 0
        self._unfit = 0
        self._beyond = np.zeros(len(columns), dtype=np.int64)
        self._late = 0
        self._last = 0.0

    def add(self, time: float, row: Sequence[float] | NDArray[np.float64]) -> None:
        """Take a row; numbers that are infinite, or beyond what is measured, become NaN.

        Rows that are not later than the last one kept are passed over.

        Raises:
            StreamError: the row has another number of columns.
        """
        if len(row) != len(self.columns):
            raise StreamError(f"{self.name!r} has {len(row)} numbers at {time:.3f} s, not {len(self.columns)}.",
                              remedy="Record or convert it again.")  # fmt: skip
        if self._seen and time <= self._last:
            self._late += 1
            return
        self._last = time
        if self._seen % self._every == 0:
            self._keep(time, np.array(row, dtype=np.float64))
        self._seen += 1

    def _keep(self, time: float, values: NDArray[np.float64]) -> None:
        finite = np.isfinite(values)
        if not finite.all():
            values[~finite] = np.nan
            self._unfit += 1
        beyond = np.abs(values) > MOST
        self._beyond += beyond
        values[beyond] = np.nan
        values[np.abs(values) < LEAST] = 0.0
        self._looked += 1
        self._times.append(time)
        self._rows.append(values)
        if len(self._times) > self._limit:
            self._times, self._rows, self._every = self._times[::2], self._rows[::2], self._every * 2

    def series(self) -> Series:
        """The rows kept so far, without the columns whose numbers are mostly beyond what is measured."""
        kept = self._measured
        values = np.array(self._rows, dtype=np.float64).reshape(len(self._rows), len(self.columns))[:, kept]
        columns, units = (tuple(told[k] for k in kept) for told in (self.columns, self._units))
        return Series(self.name, np.array(self._times), values, columns, units, self._every)

    @property
    def _measured(self) -> list[int]:
        return np.flatnonzero(2 * self._beyond <= self._looked).tolist()

    @property
    def problems(self) -> tuple[str, ...]:
        """What was wrong with the numbers, one sentence each."""
        said: list[str] = []
        if self._unfit:
            said.append(
                f"{self._unfit} of {self._looked} rows of {self.name!r} hold NaN or infinite numbers; they read as NaN."
            )
        if beyond := int(self._beyond[self._measured].sum()):
            said.append(f"{beyond} number(s) of {self.name!r} are beyond {MOST:,.0f}; they read as NaN.")
        if gone := [name for k, name in enumerate(self.columns) if k not in self._measured]:
            named = ", ".join(map(repr, gone[:5])) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
            said.append(f"Numbers in column(s) {named} of {self.name!r} are mostly beyond {MOST:,.0f}; left out.")
        if self._late:
            said.append(f"{self._late} row(s) of {self.name!r} are not later than the row before them; left out.")
        return tuple(said)


def collect_series(recorders: Iterable[Recorder]) -> tuple[dict[str, Series], tuple[str, ...]]:
    """The series that have rows, by name, and what was wrong with them."""
    series: dict[str, Series] = {}
    problems: list[str] = []
    for recorder in recorders:
        made = recorder.series()
        if len(made.times):
            problems += recorder.problems
        if made.values.size:
            series[made.name] = made
    return series, tuple(problems)
