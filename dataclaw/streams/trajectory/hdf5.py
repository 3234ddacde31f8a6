"""Demonstrations in HDF5 as robosuite, robomimic and LIBERO write them: each group `data/demo_N` is a stream.

Times are the simulation's where states hold them, otherwise steps of the control rate, otherwise steps alone.
Rewards and ends are labels and become annotations. `next_obs` repeats `obs` and is passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.packets import check_size
from dataclaw.streams.trajectory.episode import TextRuns
from dataclaw.streams.trajectory.files import inside
from dataclaw.streams.trajectory.hdf5_file import MAX_ROWS, SIGNATURE, attributes, blocks, hdf5, members, refusal_of
from dataclaw.streams.trajectory.images import AlbumFrames
from dataclaw.streams.trajectory.mujoco import read_model, state_columns
from dataclaw.streams.trajectory.numbers import (
    MAX_COLUMNS,
    Clock,
    Recorder,
    clock_times,
    collect_series,
    is_measured,
)
from dataclaw.streams.trajectory.robosuite import (
    ACTIONS,
    OUTCOMES,
    declared_columns,
    instruction,
    known_columns,
    settings,
)
from dataclaw.streams.trajectory.robot_model import with_model
from dataclaw.streams.trajectory.roles import main_camera, roles_of
from dataclaw.streams.video import natural
from dataclaw.types import Event, Frames, Json, Series, Stream

_ROBOT = re.compile(r"^(?:Sawyer|Baxter|Panda|Jaco|Kinova3|IIWA|UR5e)(?=[A-Z])")
"""A robot before the name of a task, as robosuite's first versions have it."""


def _claims(path: Path) -> bool:
    return path.suffix.lower() in {".hdf5", ".h5"} and head_of(path, 8) == SIGNATURE


def _demos(opened: Any) -> list[str]:
    """Names of the demonstrations, in the order of their numbers."""
    found, _ = members(opened)
    group = found.get("data")
    if group is None or not hasattr(group, "keys"):
        return []
    inner, _ = members(group)
    return sorted((name for name, node in inner.items() if hasattr(node, "keys")), key=natural)


def _demos_in(path: Path) -> list[str]:
    with hdf5(path) as opened:
        return _demos(opened)


def _open(path: Path, index: int, sampling: Sampling) -> Stream:
    with hdf5(path) as opened:
        demos = _demos(opened)
        if not demos:
            raise StreamError("has no group /data with demonstrations in it.", place=path,
                              remedy="Give a file of robosuite, robomimic or LIBERO, or convert it.")  # fmt: skip
        demo = _Demo(path, opened["data"], demos[index])
        demo.read()
    frames, camera = demo.frames(sampling)
    stream = Stream(
        id=content_id([path], "hdf5", demos[index], sorted(demo.columns.items()), salt_of(sampling)),
        kind="trajectory",
        name=f"{path.name}#{index}" if len(demos) > 1 else path.name,
        path=str(path.absolute()),
        format="hdf5",
        duration=demo.times[-1] + (demo.step if demo.timed else 1.0),
        clock="seconds" if demo.timed else "index",
        frames=frames,
        events=demo.events(),
        series=demo.series,
        meta={
            **({"fps": 1 / demo.step} if demo.timed and demo.step else {}),
            "robot": demo.settings["robot"],
            "environment": demo.settings["environment"],
            "episode": demos[index],
            "camera": camera,
            "cameras": list(demo.cameras),
            "roles": roles_of(demo.series, action=[name for name in demo.series if name in ACTIONS]),
        },
        annotations=demo.annotations(),
        problems=tuple(demo.problems),
    )
    return with_model(stream, demo.model)


class _Demo:
    """One demonstration, read.

    Attributes:
        settings: what the file says of all demonstrations.
        timed: whether its times are seconds.
        times: time of each row kept by the clock [s].
        step: usual distance of two rows [s].
        series: its numbers.
        cameras: size `(width, height)` [px] of its pictures, by name.
        columns: columns of each series.
        model: text of the model that was simulated, "" where it is not there.
        problems: what was wrong.
    """

    def __init__(self, path: Path, data: Any, name: str) -> None:
        self.settings = settings(attributes(data))
        self.problems: list[str] = []
        self.model = ""
        self.series: dict[str, Series] = {}
        self.cameras: dict[str, tuple[int, int]] = {}
        self.columns: dict[str, tuple[str, ...]] = {}
        self.times: list[float] = []
        self.timed = True
        self.step = 0.0
        self._path = path
        self._group = data[name]
        self._name = name
        self._own = attributes(self._group)
        self._outcomes: dict[str, Json] = {}
        self._kept: list[int] = []

    def read(self) -> None:
        """Read its numbers, and where its pictures lie.

        Raises:
            StreamError: it holds no table of numbers.
        """
        self.model = self._read_model()
        tables = self._tables()
        lengths = [table.shape[0] for table in tables.values()]
        rows = max(set(lengths), key=lengths.count, default=0)
        if not 0 < rows <= MAX_ROWS:
            raise StreamError(f"{self._name} holds no rows.", place=self._path, remedy="Leave it out.")
        for name in [name for name, table in tables.items() if table.shape[0] != rows]:
            self.problems.append(f"{name!r} has {tables.pop(name).shape[0]} rows and not {rows}; left out.")
        self._keep_time(tables, rows)
        recorders = [
            self._record(name, table, rows) for name, table in tables.items() if not self._picture(name, table)
        ]
        self.series, problems = collect_series(recorder for recorder in recorders if recorder)
        self.problems += problems
        if not any(name in ACTIONS for name in self.series):
            self.problems.append("There are no actions: what was commanded is not known, only what was measured.")

    def _tables(self) -> dict[str, Any]:
        """Data sets that can be read, by name; those of `obs` are named `obs/...`."""
        found, links = members(self._group)
        inner = found.pop("obs", None)
        if inner is not None and hasattr(inner, "keys"):
            seen, more = members(inner)
            found.update({f"obs/{name}": node for name, node in seen.items()})
            links += [f"obs/{name}" for name in more]
        if links:
            self.problems.append(f"{len(links)} link(s) ({', '.join(links[:5])}) lead elsewhere; not followed.")
        tables = {name: node for name, node in found.items() if hasattr(node, "shape") and 0 not in node.shape}
        for name in [name for name, table in tables.items() if refusal_of(table)]:
            self.problems.append(f"{name!r} {refusal_of(tables.pop(name))}; left out.")
        return tables

    def _picture(self, name: str, table: Any) -> bool:
        """Whether it is pictures `(rows, height, width, 3)`, which are noted and not read."""
        if table.ndim != 4 or table.shape[3] != 3 or table.dtype != np.uint8:
            return False
        height, width = table.shape[1:3]
        try:
            check_size(width, height, f"{self._path}: {name}")
        except StreamError as error:
            self.problems.append(f"{error} Left out.")
        else:
            self.cameras[name] = (width, height)
        return True

    def _keep_time(self, tables: Mapping[str, Any], rows: int) -> None:
        clock = Clock()
        stamps = self._stamps(tables, rows)
        for row, time in enumerate(clock_times(clock, stamps)):
            if time is not None:
                self.times.append(time)
                self._kept.append(row)
        if not self.times:
            raise StreamError(f"{self._name} has no row with a time.", place=self._path, remedy="Leave it out.")
        self.step = float(np.median(np.diff(self.times))) if len(self.times) > 1 else 0.0
        self.problems += clock.problems

    def _stamps(self, tables: Mapping[str, Any], rows: int) -> Iterator[float]:
        states, rate = tables.get("states"), self.settings["rate"]
        if self.settings["timed"] and states is not None and states.ndim == 2:
            for start in range(0, rows, 1024):
                yield from np.asarray(states[start : start + 1024, 0], dtype=np.float64).tolist()
            return
        self.timed = bool(rate)
        yield from (row / (rate or 1.0) for row in range(rows))

    def _record(self, name: str, table: Any, rows: int) -> Recorder | None:
        width = math.prod(table.shape[1:])
        if name in OUTCOMES:
            self._outcome(name, table, rows)
            return None
        if not 0 < width <= MAX_COLUMNS:
            self.problems.append(f"{name!r} has {width:,} numbers a row, more than {MAX_COLUMNS}; left out.")
            return None
        columns, units = declared_columns(attributes(table), width) or self._name_columns(name, width)
        skip = width - len(columns)  # the time among the states is the clock
        recorder = Recorder(name, columns, units)
        self.columns[name] = recorder.columns
        times = dict(zip(self._kept, self.times, strict=True))
        row = 0
        for block in blocks(table, rows):
            for values in block:
                if row in times:
                    recorder.add(times[row], values[skip:])
                row += 1
        return recorder

    def _name_columns(self, name: str, width: int) -> tuple[Sequence[str], Sequence[str] | str]:
        if name == "states" and self.settings["timed"]:
            columns, units = state_columns(self.model, width)
            return columns[1:], units[1:]
        return known_columns(name, width, self.settings["controller"])

    def _read_model(self) -> str:
        """The model that was simulated: in the file itself, or in the folder `models` beside it."""
        text = self._own.get("model_file")
        if not isinstance(text, str) or "<mujoco" in text[:2000]:
            return text if isinstance(text, str) else ""
        try:
            return read_model(inside(self._path.parent, f"models/{text}"))
        except StreamError as error:
            self.problems.append(f"{error} The states have no names.")
            return ""

    def _outcome(self, name: str, table: Any, rows: int) -> None:
        if table.ndim == 1:
            last, total = 0.0, 0.0
            for block in blocks(table, rows):
                if not is_measured(block):
                    self.problems.append(f"{name!r} holds numbers that nothing measures; left out.")
                    return
                last, total = float(block[-1, 0]), total + float(block.sum())
            self._outcomes[name] = {"last": last, "sum": total}

    def frames(self, sampling: Sampling) -> tuple[Frames | None, str]:
        """The frames of the main camera and its name ("" without any)."""
        if not self.cameras:
            return None, ""
        camera = main_camera(list(self.cameras))
        album = _Pictures(self._path, f"data/{self._name}/{camera}", tuple(self._kept))
        return AlbumFrames(album, self.times, self.cameras[camera], sampling.max_frames), camera

    def events(self) -> tuple[Event, ...]:
        """The instruction, for all of it; where there is none, the task by which robosuite calls the environment."""
        runs = TextRuns()
        name = _ROBOT.sub("", self.settings["environment"])
        task = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) if name[:1].isupper() else ""
        for time in (self.times[0], self.times[-1]):
            runs.add(time, self._instruction or task)
        return runs.events(f"{self._path}:data/{self._name}")

    @property
    def _instruction(self) -> str:
        return instruction(self._own) or self.settings["instruction"]

    def annotations(self) -> dict[str, Json]:
        """Ground truth: the task, which is the instruction or the environment's name, and the outcomes."""
        task = self._instruction or self.settings["environment"]
        return {**({"task": task} if task else {}), **self._outcomes}


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Pictures of a data set, by row; implements `images.Album`."""

    file: Path
    name: str
    rows: tuple[int, ...]

    def pictures(self, numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        """As `Album.pictures`."""
        with hdf5(self.file) as opened:
            for number in numbers:
                yield np.ascontiguousarray(opened[self.name][self.rows[number]], dtype=np.uint8)


HDF5 = Loader("hdf5", "trajectory", _claims, _open, count_of(_demos_in))
