"""RLDS data sets as TensorFlow Datasets writes them: TFRecords with an episode each, and `features.json` for shapes.

The files hold no times, so that time counts steps. Rewards, discounts and ends are labels and become annotations;
embeddings of the instruction are left out.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import StreamError
from dataclaw.streams.files import head_of, is_beside, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import derived_id, salt_of
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.pictures import decode_picture, picture_size
from dataclaw.streams.trajectory import wire
from dataclaw.streams.trajectory.episode import TextRuns, task_of
from dataclaw.streams.trajectory.files import read_json
from dataclaw.streams.trajectory.images import AlbumFrames
from dataclaw.streams.trajectory.numbers import MAX_COLUMNS, Recorder, collect_series, is_measured
from dataclaw.streams.trajectory.roles import layout, main_camera, roles_of
from dataclaw.streams.trajectory.tfrecord import TFRecord, records
from dataclaw.streams.values import list_of, object_of
from dataclaw.types import Event, Frames, Json, Series, Stream

MAX_STEPS = 1_000_000
_SHARD = re.compile(r".+\.tfrecord(-\d{5}-of-\d{5})?")
_OUTCOMES = ("reward", "discount", "is_terminal")
_MARKS = ("is_first", "is_last")
_MAX_DEPTH = 16


@dataclass(slots=True)
class _Shapes:
    """What `features.json` says of a step: numbers in each feature, names of the pictures, names of the texts."""

    numbers: dict[str, int] = field(default_factory=dict[str, int])
    images: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])


def _claims(path: Path) -> bool:
    if path.is_dir():
        return b'"featuresDict"' in head_of(path / "features.json", 2**16) and bool(_shards(path))
    return bool(_SHARD.fullmatch(path.name)) and path.is_file() and (path.parent / "features.json").is_file()


def _shards(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    try:
        return sorted(file for file in path.iterdir() if _SHARD.fullmatch(file.name) and is_beside(file))
    except OSError:
        return []


def _all(path: Path) -> list[TFRecord]:
    return [record for shard in _shards(path) for record in records(shard)]


def _open(path: Path, index: int, sampling: Sampling) -> Stream:
    folder = path if path.is_dir() else path.parent
    found = _all(path)
    if not found:
        raise StreamError("holds no records.", place=path, remedy="Copy its .tfrecord files as well.")
    shapes, dataset = _shapes(folder), _dataset(folder)
    episode = _Episode(found[index], shapes, dataset)
    frames, camera, seen = _frames(episode, sampling)
    return Stream(
        id=derived_id(episode.digest(), "rlds", dataset, sorted(shapes.numbers.items()), salt_of(sampling)),
        kind="trajectory",
        name=f"{path.name}#{index}",
        path=str(path.absolute()),
        format="rlds",
        duration=float(episode.steps),
        clock="index",
        frames=frames,
        events=episode.events(),
        series=episode.series,
        meta={
            "dataset": dataset,
            "camera": camera,
            "cameras": episode.cameras,
            "roles": roles_of(episode.series, action=[name for name in episode.series if "action" in name]),
        },
        annotations={**({"task": task} if (task := task_of(episode.events())) else {}), **episode.outcomes()},
        problems=(*episode.problems, *seen),
    )


def _dataset(folder: Path) -> str:
    path = folder / "dataset_info.json"
    name = read_json(path).get("name") if is_beside(path) else None
    return name if isinstance(name, str) and len(name) < 200 else ""


@while_unchanged(4)
def _read_shapes(path: Path) -> _Shapes:
    shapes = _Shapes()
    for name, feature in _leaves(read_json(path), "", 0):
        if not name.startswith("steps/"):
            continue
        kind = str(feature.get("pythonClassName") or feature.get("type") or "")
        if "image" in feature or kind.endswith(".Image"):
            shapes.images.append(name)
        elif "text" in feature or kind.endswith(".Text"):
            shapes.texts.append(name)
        else:
            shapes.numbers[name] = _numbers(feature)
    return shapes


def _shapes(folder: Path) -> _Shapes:
    path = folder / "features.json"
    if not is_beside(path):
        raise StreamError("is not a file of its folder.", place=path, remedy="Copy it there.")
    shapes = _read_shapes(path)
    if not shapes.numbers and not shapes.images:
        raise StreamError("describes no steps of an episode.", place=path,
                          remedy="Give a data set in RLDS form, with a 'steps' feature.")  # fmt: skip
    return shapes


def _leaves(node: Json, name: str, depth: int) -> Iterator[tuple[str, dict[str, Json]]]:
    """Names and descriptions of the features that hold values."""
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return
    feature = object_of(node)
    inner = object_of(object_of(feature.get("featuresDict")).get("features"))
    if "sequence" in feature:
        yield from _leaves(object_of(feature["sequence"]).get("feature"), name, depth + 1)
    elif inner:
        for key, value in inner.items():
            yield from _leaves(value, f"{name}/{key}" if name else key, depth + 1)
    elif name:
        yield name, feature


def _numbers(feature: Mapping[str, Json]) -> int:
    """How many numbers of it a step has; 0 when that is not said, or it is no tensor of numbers."""
    tensor = object_of(feature.get("tensor"))
    sizes = list_of(object_of(tensor.get("shape")).get("dimensions"))
    plain = str(tensor.get("encoding", "none")).lower() == "none"
    if not plain or not str(tensor.get("dtype")).startswith(("float", "int", "uint", "bool")):
        return 0
    dims = [int(size) for size in sizes if re.fullmatch(r"\d{1,9}", str(size))]
    return math.prod(dims) if len(dims) == len(sizes) else 0


class _Episode:
    """One record, read.

    Attributes:
        record: where it lies.
        steps: number of steps.
        series: its numbers.
        cameras: names of its pictures.
        problems: what was wrong.
    """

    def __init__(self, record: TFRecord, shapes: _Shapes, dataset: str) -> None:
        self.record = record
        self._shapes = shapes
        self._data = record.map_checked()
        body = self._data[record.start : record.start + record.length]
        try:
            self._features = wire.example(body)
        except wire.WireError as error:
            raise StreamError(f"the record at byte {record.start:,} is no tf.train.Example: {error}.",
                              place=record.file, remedy="Write the data set again.") from None  # fmt: skip
        self.problems: list[str] = []
        self.steps = self._steps()
        self.cameras = sorted(_short(name) for name in shapes.images if self.spans(name))
        self.series = self._series(dataset)

    def digest(self) -> str:
        """What tells it from other episodes: a hash of its bytes."""
        return hashlib.sha256(self._data[self.record.start : self.record.start + self.record.length]).hexdigest()

    def spans(self, name: str) -> list[tuple[int, int]]:
        """Where its bytes values lie in the file, one a step; [] when there are not as many as steps."""
        found = self._features.get(name, wire.ExampleFeature()).spans
        return [(a + self.record.start, b + self.record.start) for a, b in found] if len(found) == self.steps else []

    def _steps(self) -> int:
        """The number of steps that most features agree on."""
        counts = [len(feature.numbers) // width for name, feature in self._features.items()
                  if (width := self._shapes.numbers.get(name, 0)) and len(feature.numbers)]  # fmt: skip
        counts += [len(self._features[name].spans) for name in self._shapes.images if name in self._features]
        steps = max(set(counts), key=counts.count, default=0)
        if not 0 < steps <= MAX_STEPS:
            raise StreamError(f"the record at byte {self.record.start:,} has {steps:,} steps.",
                              place=self.record.file, remedy="Leave the episode out.")  # fmt: skip
        return steps

    def _series(self, dataset: str) -> dict[str, Series]:
        recorders = [recorder for name in self._shapes.numbers if (recorder := self._recorder(name, dataset))]
        if not any("action" in recorder.name for recorder in recorders):
            self.problems.append("There is no action: what was commanded is not known, only what was measured.")
        series, problems = collect_series(recorders)
        self.problems += problems
        return series

    def _recorder(self, name: str, dataset: str) -> Recorder | None:
        short, width = _short(name), self._shapes.numbers[name]
        if short in (*_OUTCOMES, *_MARKS) or "embedding" in short:
            return None
        if not 0 < width <= MAX_COLUMNS:
            self.problems.append(f"{short!r} is not a row of at most {MAX_COLUMNS} numbers a step; left out.")
            return None
        values = self._features.get(name, wire.ExampleFeature()).numbers
        if len(values) != self.steps * width:
            self.problems.append(
                f"{short!r} has {len(values):,} numbers, not {width} for each of {self.steps} steps; left out."
            )
            return None
        recorder = Recorder(short, *layout(dataset, short, width))
        for step, row in enumerate(values.reshape(self.steps, width)):
            recorder.add(float(step), row)
        return recorder

    def events(self) -> tuple[Event, ...]:
        """Its instructions, step by step."""
        for name in self._shapes.texts:
            spans = self.spans(name)
            if "instruction" in name and spans:
                runs = TextRuns()
                for step, (first, end) in enumerate(spans):
                    runs.add(float(step), bytes(self._data[first : min(end, first + 8192)]).decode(errors="replace"))
                return runs.events(str(self.record.file))
        return ()

    def outcomes(self) -> dict[str, Json]:
        """Last value and sum of what judges the episode."""
        found: dict[str, Json] = {}
        for name in _OUTCOMES:
            values = self._features.get(f"steps/{name}", wire.ExampleFeature()).numbers
            if len(values) == self.steps and is_measured(values):
                found[name] = {"last": float(values[-1]), "sum": float(values.sum())}
        return found


def _short(name: str) -> str:
    return name.removeprefix("steps/")


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Pictures in a file, by their first byte and their end; implements `images.Album`."""

    file: Path
    spans: Sequence[tuple[int, int]]
    size: tuple[int, int]

    def pictures(self, numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        """As `Album.pictures`."""
        for number in numbers:
            yield decode_picture(self.bytes(number), f"{self.file}: picture of step {number}", self.size)

    def bytes(self, number: int) -> bytes:
        """The encoded picture."""
        first, end = self.spans[number]
        try:
            with self.file.open("rb") as file:
                file.seek(first)
                return file.read(end - first)
        except OSError as error:
            raise StreamError(f"cannot be read: {error.strerror}.", place=self.file,
                              remedy="Put the file back.") from None  # fmt: skip


def _frames(episode: _Episode, sampling: Sampling) -> tuple[Frames | None, str, tuple[str, ...]]:
    """The frames of the main camera whose first picture can be read, its name, and what is wrong with the others."""
    problems: list[str] = []
    names = list(episode.cameras)
    while names:
        camera = main_camera(names)
        album = _Pictures(episode.record.file, episode.spans(f"steps/{camera}"), (1, 1))
        try:
            size = picture_size(album.bytes(0), f"{episode.record.file}: {camera}")
        except StreamError as error:
            problems.append(f"{error} The camera was left out.")
            names.remove(camera)
            continue
        album = _Pictures(album.file, album.spans, size)
        times = [float(step) for step in range(episode.steps)]
        return AlbumFrames(album, times, size, sampling.max_frames), camera, tuple(problems)
    return None, "", tuple(problems)


RLDS = Loader("rlds", "trajectory", _claims, _open, count_of(_all))
