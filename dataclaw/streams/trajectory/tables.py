"""Trajectories as text: TUM poses (`t x y z qx qy qz qw`), and CSV with a header, a time column and numbers.

A line that does not fit is left out and counted; the first one is named.
Source of the pose format: TUM RGB-D benchmark, "File formats".
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader
from dataclaw.streams.trajectory.files import lines_of
from dataclaw.streams.trajectory.numbers import MAX_COLUMNS, Clock, Recorder, collect_series, is_time, scale, with_next
from dataclaw.streams.trajectory.roles import roles_of
from dataclaw.types import Series, Stream

_POSE = ("x", "y", "z", "qx", "qy", "qz", "qw")
_POSE_UNITS = ("m", "m", "m", "1", "1", "1", "1")
_UNIT = re.compile(r"(.+?)\s*[\[(]([^\])]{0,20})[\])]")
_MONOCULAR = re.compile(r"(?<![a-z])mono(cular)?(?![a-z])", re.IGNORECASE)
"""How files of trajectories call what one camera alone saw, which gives no scale."""
_ACTION = re.compile(r"(actions?|cmd|command|target)([_. /\[]|$)", re.IGNORECASE)


def _fields(line: str) -> list[str]:
    return line.replace(",", " ").split()


def _numbers(fields: Sequence[str]) -> list[float] | None:
    """Numbers of the fields, NaN for an empty one; None when one is a word."""
    try:
        return [float(field) for field in fields]
    except ValueError:  # an empty field, or a word
        pass
    try:
        return [float(field) if field.strip() else math.nan for field in fields]
    except ValueError:
        return None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbers and texts of the lines that are no comments; raises as `lines_of`."""
    for number, line in lines_of(path):
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").strip()
        if text and (number == 1 or not text.startswith("#")):
            yield number, text


class _Unfit:
    """Lines that were left out, and what to say of them."""

    def __init__(self, wanted: str) -> None:
        self.count = 0
        self._first = 0
        self._wanted = wanted

    def add(self, number: int) -> None:
        """Count a line."""
        self._first = self._first or number
        self.count += 1

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence, when there are any."""
        if not self.count:
            return ()
        return (f"{self.count} line(s) do not hold {self._wanted}, the first is line {self._first}; left out.",)


def _tum_claims(path: Path) -> bool:
    if path.suffix.lower() not in {".txt", ".tum"}:
        return False
    lines = head_of(path, 2**16).decode("utf-8", errors="replace").splitlines()
    data = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return len(_fields(data[:1000])) == 8 and _numbers(_fields(data[:1000])) is not None


def _tum_open(path: Path, _index: int, sampling: Sampling) -> Stream:
    mono = _MONOCULAR.search(path.stem) is not None
    recorder = Recorder("pose", _POSE, ("", "", "", "1", "1", "1", "1") if mono else _POSE_UNITS)
    clock, unfit = Clock(), _Unfit("8 numbers")
    lines = ((number, _numbers(_fields(line))) for number, line in _lines(path) if not line.startswith("#"))
    for values, after in with_next(_fit(lines, 8, unfit)):
        time = clock.at(values[0], after[0] if after else None)
        if time is not None:
            recorder.add(time, values[1:])
    scale = ("A monocular trajectory has no metres: its distances are in units of unknown scale.",) if mono else ()
    return _stream(path, "tum", [recorder], sampling, (*scale, *unfit.problems, *clock.problems))


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    mark = "\t" if path.suffix.lower() == ".tsv" else ","
    for number, line in _lines(path):
        try:
            yield number, next(csv.reader([line], delimiter=mark))
        except csv.Error:
            yield number, []


def _csv_claims(path: Path) -> bool:
    if path.suffix.lower() not in {".csv", ".tsv"}:
        return False
    lines = head_of(path, 2**16).decode("utf-8-sig", errors="replace").splitlines()[:2]
    mark = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        header, *data = csv.reader(lines, delimiter=mark)
    except (csv.Error, ValueError):
        return False
    numbers = _numbers(data[0]) if data else None
    return any(is_time(_name_and_unit(name)[0]) for name in header) and len(header) > 1 and numbers is not None


def _name_and_unit(text: str) -> tuple[str, str]:
    """Name and unit of a column, of "p_x [m]" or "time (s)"."""
    match = _UNIT.fullmatch(text.strip())
    return (match[1].strip(), match[2].strip()) if match else (text.strip(), "")


def _csv_open(path: Path, _index: int, sampling: Sampling) -> Stream:
    rows = _csv_rows(path)
    header = next(rows, (0, list[str]()))[1]
    if len(header) > MAX_COLUMNS + 1:
        raise StreamError(f"has {len(header):,} columns; at most {MAX_COLUMNS:,} can be read.", place=path,
                          remedy="Keep the columns that matter in a copy.")  # fmt: skip
    named = [_name_and_unit(name) for name in header]
    stamps = [k for k, (name, _) in enumerate(named) if is_time(name)]
    if not stamps or len({name for name, _ in named}) < len(named):
        raise StreamError("its header has no time column, or a name twice.", place=path,
                          remedy="Name the columns in the first line, one of them 'time'.")  # fmt: skip
    table = _Table(path, named, stamps[0])
    unfit = _Unfit(f"{len(header)} numbers")
    for values, after in with_next(_fit(((n, _numbers(fields)) for n, fields in rows), len(header), unfit)):
        table.add(values, after)
    return _stream(path, "csv", table.recorders, sampling, (*unfit.problems, *table.clock.problems))


def _fit(rows: Iterable[tuple[int, list[float] | None]], width: int, unfit: _Unfit) -> Iterator[list[float]]:
    """The rows that have so many numbers; the others are counted."""
    for number, values in rows:
        if values is None or len(values) != width:
            unfit.add(number)
        else:
            yield values


class _Table:
    """The columns of a CSV file: those that are named as commands are a series of their own."""

    def __init__(self, path: Path, named: Sequence[tuple[str, str]], stamp: int) -> None:
        self.clock = Clock()
        self.recorders: list[Recorder] = []
        self._columns: list[list[int]] = []
        self._stamp = stamp
        self._name, self._unit = named[stamp]
        self._scale = 0.0
        others = [k for k in range(len(named)) if k != stamp]
        for name, commanded in ((path.stem, False), ("action", True)):
            columns = [k for k in others if bool(_ACTION.match(named[k][0])) == commanded]
            if columns:
                self.recorders.append(Recorder(name, [named[k][0] for k in columns], [named[k][1] for k in columns]))
                self._columns.append(columns)

    def add(self, values: Sequence[float], after: Sequence[float] | None = None) -> None:
        """Take a row, and see the one after it."""
        self._scale = self._scale or scale(self._name, self._unit, values[self._stamp])
        following = None if after is None else after[self._stamp] * self._scale
        time = self.clock.at(values[self._stamp] * self._scale, following)
        if time is not None:
            for recorder, columns in zip(self.recorders, self._columns, strict=True):
                recorder.add(time, [values[k] for k in columns])


def _stream(
    path: Path, form: str, recorders: Sequence[Recorder], sampling: Sampling, problems: tuple[str, ...]
) -> Stream:
    series, more = collect_series(recorders)
    if not series:
        raise StreamError("holds no row that can be read.", place=path,
                          remedy="Check its separators, and that each line has a number for each column.")  # fmt: skip
    return Stream(
        id=content_id([path], form, path.stem, salt_of(sampling)),
        kind="trajectory",
        name=path.name,
        path=str(path.absolute()),
        format=form,
        duration=max(float(one.times[-1]) for one in series.values()),
        series=series,
        meta={"fps": _rate(series), "camera": "", "cameras": [], "roles": roles_of(series, action=["action"])},
        problems=(*problems, *more),
    )


def _rate(series: dict[str, Series]) -> float:
    """Rows per second [1/s] in the middle; 0 when there is only one."""
    first = next(iter(series.values()))
    return first.every / float(np.median(np.diff(first.times))) if len(first.times) > 1 else 0.0


TUM = Loader("tum", "trajectory", _tum_claims, _tum_open)
CSV = Loader("csv", "trajectory", _csv_claims, _csv_open)
