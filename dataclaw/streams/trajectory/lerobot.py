"""LeRobot datasets, v2.x and v3.0: each episode whose table is there is a stream.

Where the files lie is read in `lerobot_meta`; here rows become series and videos become frames.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of
from dataclaw.streams.frames import FrameSpan
from dataclaw.streams.grid import Sampling, ranges, thin
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.trajectory import parquet
from dataclaw.streams.trajectory.episode import TextRuns, task_of
from dataclaw.streams.trajectory.files import reader
from dataclaw.streams.trajectory.lerobot_meta import (
    BOOKKEEPING,
    MAX_EPISODES,
    Dataset,
    DatasetFeature,
    Episode,
    EpisodeVideo,
    read_dataset,
)
from dataclaw.streams.trajectory.numbers import Clock, Recorder, collect_series, is_measured
from dataclaw.streams.trajectory.roles import main_camera, roles_of
from dataclaw.streams.video import open_recording
from dataclaw.types import Frames, Json, Stream

_VERSION = re.compile(rb'"codebase_version"\s*:\s*"(v\d)')
_SLACK = 0.25
"""Share of a frame that times of one frame may differ by in a table and in a video."""


def _version(path: Path) -> str:
    found = _VERSION.search(head_of(path / "meta" / "info.json", 2**20)) if path.is_dir() else None
    return found[1].decode() if found else ""


def _open(path: Path, index: int, sampling: Sampling) -> Stream:
    dataset = read_dataset(path)
    if not dataset.episodes:
        raise StreamError(f"none of its {len(dataset.absent)} episodes is there.", place=path,
                          remedy="Download the data folder as well.")  # fmt: skip
    episode = dataset.episodes[index]
    table = _Table(dataset, episode)
    table.read()
    frames, camera, seen = _frames(dataset, episode, table, sampling)
    series, problems = collect_series(table.recorders.values())
    events = table.instructions.events(str(episode.data)) or _whole(episode, table.end)
    files = [path / "meta" / "info.json", episode.data, *([episode.videos[camera].file] if camera else [])]
    return Stream(
        id=content_id(files, f"lerobot_{dataset.version}", episode.number, task_of(events), salt_of(sampling)),
        kind="trajectory",
        name=f"{path.name}#{index}",
        path=str(path.absolute()),
        format=f"lerobot_{dataset.version}",
        duration=table.end + 1 / dataset.fps,
        frames=frames,
        events=events,
        series=series,
        meta={
            "fps": dataset.fps,
            "robot": dataset.robot,
            "episode": episode.number,
            "camera": camera,
            "cameras": list(episode.videos),
            "extremes": {name: dict(ends) for name, ends in dataset.extremes.items() if name in series},
            "roles": roles_of(series, state=_state_names(series), action=[name for name in series if "action" in name]),
        },
        annotations=table.labels(task_of(events)),
        problems=(*_absent(dataset), *table.problems(), *problems, *seen),
    )


def _state_names(series: Mapping[str, object]) -> list[str]:
    return [name for name in series if name.startswith(("observation", "state"))]


def _whole(episode: Episode, end: float) -> tuple[Any, ...]:
    """The episode's tasks as instructions for all of it, where rows do not say which is in force."""
    runs = TextRuns()
    runs.add(0.0, "; ".join(episode.tasks))
    runs.add(end, "; ".join(episode.tasks))
    return runs.events(str(episode.data))


def _absent(dataset: Dataset) -> tuple[str, ...]:
    if not dataset.absent:
        return ()
    total = len(dataset.absent) + len(dataset.episodes)
    return (f"{len(dataset.absent)} of {total} listed episodes are not there ({ranges(dataset.absent)}); left out.",)


class _Table:
    """The rows of one episode.

    Attributes:
        recorders: numbers by feature.
        instructions: the task in force, row by row.
        times: time of each row [s].
        end: time of the last row [s].
    """

    def __init__(self, dataset: Dataset, episode: Episode) -> None:
        self.recorders: dict[str, Recorder] = {}
        self.instructions = TextRuns()
        self.count = 0
        self.end = 0.0
        self._subtasks = TextRuns()
        self._outcomes: dict[str, Json] = {}
        self._clock = Clock()
        self._dataset = dataset
        self._episode = episode
        self._said: list[str] = []

    def read(self) -> None:
        """Read them.

        Raises:
            StreamError: the table is damaged, or has no row of the episode.
        """
        with parquet.table(self._episode.data) as opened:
            names = opened.schema_arrow.names
            features = self._features(names)
            wanted = [*features, *sorted(BOOKKEEPING & set(names))]
            key = "episode_index" if "episode_index" in names else ""
            for batch in parquet.batches(opened, wanted, key, self._episode.number):
                self._batch(batch, features, key)
        if not self.count:
            raise StreamError(f"holds no row of episode {self._episode.number}.", place=self._episode.data,
                              remedy="Copy the dataset again.")  # fmt: skip

    def _features(self, names: Sequence[str]) -> dict[str, DatasetFeature]:
        listed = {name: f for name, f in self._dataset.features.items() if name not in BOOKKEEPING and f.numeric}
        for name in listed:
            if name not in names:
                self._said.append(f"The table has no column {name!r}, which info.json lists; left out.")
            elif not listed[name].columns:
                self._said.append(f"{name!r} is too wide to be a series; left out.")
        found = {name: feature for name, feature in listed.items() if name in names and feature.columns}
        if not any("action" in name for name in found):
            self._said.append("There is no action column: what was commanded is not known, only what was measured.")
        for name, feature in found.items():
            if not name.startswith("next."):
                self.recorders[name] = Recorder(name, feature.columns)
        return found

    def _batch(self, batch: Any, features: Mapping[str, DatasetFeature], key: str) -> None:
        if key:
            batch = batch.filter(reader("pyarrow.compute").equal(batch.column(key), self._episode.number))
        count = batch.num_rows
        if not count:
            return
        blocks = {name: self._block(batch.column(name), name, feature, count) for name, feature in features.items()}
        stamps, tasks, subtasks = (self._column(batch, name) for name in ("timestamp", "task_index", "subtask_index"))
        for row in range(count):
            stamp = self.count / self._dataset.fps if stamps is None else float(stamps[row])
            self.count += 1
            after = None if stamps is None or row + 1 == count else float(stamps[row + 1])
            time = self._clock.at(stamp, after)
            if time is not None:
                self._row(time, row, blocks)
                self._tell(time, tasks[row] if tasks is not None else -1, subtasks[row] if subtasks is not None else -1)

    def _row(self, time: float, row: int, blocks: Mapping[str, NDArray[np.float64]]) -> None:
        self.end = time
        for name, block in blocks.items():
            if name in self.recorders:
                self.recorders[name].add(time, block[row])
            else:  # a reward, or whether it is done: the recorder's verdict, not evidence
                last, total = float(block[row][0]), self._outcomes.get(name, {"sum": 0.0})["sum"]
                self._outcomes[name] = {"last": last, "sum": total + last}

    def _tell(self, time: float, task: float, subtask: float) -> None:
        self.instructions.add(time, _text_at(self._dataset.tasks, task))
        self._subtasks.add(time, _text_at(self._dataset.subtasks, subtask))

    def _column(self, batch: Any, name: str) -> NDArray[np.float64] | None:
        if name not in batch.schema.names:
            return None
        return self._block(batch.column(name), name, DatasetFeature("float", ("0",)), batch.num_rows)[:, 0]

    def _block(self, column: Any, name: str, feature: DatasetFeature, count: int) -> NDArray[np.float64]:
        """`(rows, columns)` of a column of numbers or of (nested) lists of them."""
        arrow = reader("pyarrow")
        flat: Any = column
        while arrow.types.is_nested(flat.type) and hasattr(flat, "flatten") and not arrow.types.is_struct(flat.type):
            flat = flat.flatten()
        try:
            values = np.asarray(flat.cast(arrow.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
            return values.reshape(count, len(feature.columns))
        except (arrow.ArrowException, ValueError, TypeError):
            raise StreamError(f"the column {name!r} does not hold {len(feature.columns)} numbers a row.",
                              place=self._episode.data,
                              remedy="Make the features of info.json fit the table.") from None  # fmt: skip

    def labels(self, task: str) -> dict[str, Json]:
        """Ground truth that came with the rows."""
        subtasks = self._subtasks.labels()
        sound = {name: ends for name, ends in self._outcomes.items() if is_measured(np.array([*ends.values()]))}
        return {**({"task": task} if task else {}), **({"subtasks": subtasks} if subtasks else {}), **sound}

    def problems(self) -> tuple[str, ...]:
        """What was wrong with the rows."""
        length = self._episode.length
        short = length and length != self.count
        said = [f"The table has {self.count} rows, the list of episodes says {length}."] if short else []
        return (*self._said, *said, *self._clock.problems)


def _text_at(texts: Mapping[int, str], index: float) -> str:
    """The text of a number in a table; "" for a number of none."""
    return texts.get(int(index), "") if 0 <= index < MAX_EPISODES else ""


def _frames(
    dataset: Dataset, episode: Episode, table: _Table, sampling: Sampling
) -> tuple[Frames | None, str, tuple[str, ...]]:
    """The main camera's frames, its name ("" without any), and what is wrong with the pictures."""
    there = [name for name, shown in episode.videos.items() if shown.file.is_file()]
    problems = [f"The video of camera {name!r} is not there; left out." for name in episode.videos if name not in there]
    problems += [
        f"The pictures of {name!r} lie in the table itself, which is not read; convert the dataset to videos."
        for name, feature in dataset.features.items()
        if feature.dtype == "image"
    ]
    if not there:
        return None, "", tuple(problems)
    camera = main_camera(there)
    frames, seen = _footage(episode.videos[camera], table, dataset.fps, sampling)
    return frames, camera, (*problems, *seen)


def _footage(shown: EpisodeVideo, table: _Table, fps: float, sampling: Sampling) -> tuple[Frames, tuple[str, ...]]:
    """The frames of an episode in its video, evenly spread; `Sampling` takes wanted moments as if they were events."""
    slack = _SLACK / fps
    last = min(shown.end - 1 / fps, shown.start + table.end)
    count = max(1, round((last - shown.start) * fps) + 1)
    wanted = [shown.start + k / fps for k in thin(count, sampling.max_frames)]
    exact = Sampling(max_frames=len(wanted) + 2, fill_fps=0, before=-0.0, settle=0)
    recording = open_recording(shown.file, exact, [(t + slack, t + slack) for t in wanted])
    times = np.array(recording.frames.times)
    inside = np.flatnonzero((times >= shown.start - slack) & (times <= last + slack))
    if not len(inside):
        raise StreamError(f"ends at {times[-1]:.2f} s, before the episode begins at {shown.start:.2f} s.",
                          place=shown.file, remedy="Copy the video again; it may be cut off.")  # fmt: skip
    problems = list(recording.problems)
    missing = last - float(times[inside[-1]])
    if missing > 1.5 / fps:
        problems.append(f"The video ends {missing:.2f} s before the table does.")
    shifted = [max(0.0, float(times[k]) - shown.start) for k in inside]
    return FrameSpan(recording.frames, int(inside[0]), shifted), tuple(problems)


_count = count_of(lambda path: read_dataset(path).episodes)
# versions that are not known are claimed as well, so that opening says what to do with them
V2 = Loader("lerobot_v2", "trajectory", lambda path: _version(path) not in {"", "v3"}, _open, _count)
V3 = Loader("lerobot_v3", "trajectory", lambda path: _version(path) == "v3", _open, _count)
