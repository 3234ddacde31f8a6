"""What a LeRobot dataset's `meta` folder says: features, tasks, and where each episode lies (v2.x and v3.0).

v2.x keeps a parquet table and a video per camera for each episode. v3.0 packs many episodes into one table and one
video, and `meta/episodes/*.parquet` says which rows and which seconds are whose.
Source: LeRobot, `lerobot/datasets/utils.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dataclaw.errors import StreamError
from dataclaw.streams.trajectory import parquet
from dataclaw.streams.trajectory.files import fill_template, inside, read_json, read_lines
from dataclaw.streams.trajectory.numbers import MAX_COLUMNS, rate_of
from dataclaw.streams.values import list_of, object_of
from dataclaw.types import Json

MAX_EPISODES = 1_000_000
MAX_FEATURES = 1_000
BOOKKEEPING = frozenset({"timestamp", "frame_index", "episode_index", "index", "task_index", "subtask_index"})
_NUMBERS = ("float", "int", "uint", "bool")
_DATA_V3 = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
_VIDEO_V3 = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"


@dataclass(frozen=True, slots=True)
class DatasetFeature:
    """A column of the dataset.

    Attributes:
        dtype: "float32", "int64", "video", "image", ...
        columns: name of each of its numbers, "0", "1", ... where the source names none.
    """

    dtype: str
    columns: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        """Whether it is numbers."""
        return self.dtype.startswith(_NUMBERS)


@dataclass(frozen=True, slots=True)
class EpisodeVideo:
    """Where a camera's pictures of an episode lie.

    Attributes:
        file: the video.
        start: where the episode begins in it [s].
        end: where it ends [s], infinite when the video is its own.
    """

    file: Path
    start: float = 0.0
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode.

    Attributes:
        number: its `episode_index`.
        length: rows it should have, 0 when not said.
        data: its parquet table.
        videos: its pictures, by camera.
        tasks: the tasks it is said to show.
    """

    number: int
    length: int
    data: Path
    videos: Mapping[str, EpisodeVideo]
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A LeRobot dataset.

    Attributes:
        version: "v2" or "v3".
        fps: rows per second [1/s].
        robot: type of the robot, "" when unknown.
        features: columns by name.
        tasks: text by `task_index`.
        subtasks: text by `subtask_index`.
        episodes: those whose table is there.
        absent: numbers of those that are listed and not there.
        extremes: lowest and highest value of each column of each feature, over all episodes.
    """

    version: str
    fps: float
    robot: str
    features: Mapping[str, DatasetFeature]
    tasks: Mapping[int, str]
    subtasks: Mapping[int, str]
    episodes: Sequence[Episode]
    absent: Sequence[int]
    extremes: Mapping[str, Mapping[str, tuple[float, float]]]


def read_dataset(root: Path) -> Dataset:
    """Read the `meta` folder; kept in memory until it changes.

    Raises:
        StreamError: it is broken, of another version, or names files outside the folder.
    """
    return _read(root, _stamp(root))


def _stamp(root: Path) -> tuple[tuple[str, int], ...]:
    """What changes when the metadata or the set of episodes does."""
    files = [root / "meta", root / "data", *sorted((root / "meta").glob("*")), *sorted((root / "data").glob("*"))]
    return tuple((file.name, file.stat().st_mtime_ns) for file in files[:1000] if file.exists())


@lru_cache(maxsize=4)
def _read(root: Path, _stamped: tuple[tuple[str, int], ...]) -> Dataset:
    info = read_json(inside(root, "meta/info.json"))
    version = str(info.get("codebase_version"))[:2]
    if version not in {"v2", "v3"}:
        raise StreamError(f"a LeRobot dataset of version {str(info.get('codebase_version'))[:20]!r}.", place=root,
                          remedy="Convert it to v2.1 or v3.0 with LeRobot's own scripts.")  # fmt: skip
    fps = rate_of(info.get("fps"))
    if not fps:
        raise StreamError(f"fps is {str(info.get('fps'))[:20]}.", place=root / "meta/info.json",
                          remedy="Set the rate, rows per second from 0.0001 to 100,000.")  # fmt: skip
    features = _features(info, root)
    listed = list(_episodes_v3(root, info, features) if version == "v3" else _episodes_v2(root, info, features))
    there = [episode for episode in listed if episode.data.is_file()]
    here = {episode.number for episode in there}
    absent = [episode.number for episode in listed if episode.number not in here]
    robot = info.get("robot_type")
    return Dataset(version, fps, robot if isinstance(robot, str) else "", features, _texts(root, "task"),
                   _texts(root, "subtask"), there, absent, _extremes(root, features))  # fmt: skip


def _extremes(root: Path, features: Mapping[str, DatasetFeature]) -> dict[str, dict[str, tuple[float, float]]]:
    """Lowest and highest values by feature and column, of `stats.json` (v2.0, v3.0) or `episodes_stats.jsonl`."""
    whole, single = root / "meta" / "stats.json", root / "meta" / "episodes_stats.jsonl"
    if whole.exists():
        listed = [read_json(inside(root, "meta/stats.json"))]
    elif single.exists():
        listed = [object_of(row.get("stats")) for row in read_lines(inside(root, "meta/episodes_stats.jsonl"))]
    else:
        return {}
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name, feature in features.items():
        if not feature.numeric or name in BOOKKEEPING:
            continue
        ends = [pair for stats in listed if (pair := _ends(object_of(stats.get(name)), len(feature.columns)))]
        if ends:
            lows, highs = (np.array([pair[k] for pair in ends]) for k in (0, 1))
            columns = zip(lows.min(axis=0).tolist(), highs.max(axis=0).tolist(), strict=True)
            found[name] = dict(zip(feature.columns, columns, strict=True))
    return found


def _ends(stats: Mapping[str, Json], count: int) -> tuple[list[float], list[float]] | None:
    """Lowest and highest values of a feature's columns; None where they are not so many finite numbers."""
    ends = [[_seconds(v, math.nan, low=-math.inf) for v in list_of(stats.get(key))] for key in ("min", "max")]
    return (ends[0], ends[1]) if all(len(e) == count and all(map(math.isfinite, e)) for e in ends) else None


def _features(info: Mapping[str, Json], root: Path) -> dict[str, DatasetFeature]:
    found = object_of(info.get("features"))
    if not found:
        raise StreamError("says nothing of its features.", place=root / "meta/info.json",
                          remedy="Copy the dataset's own info.json.")  # fmt: skip
    if len(found) > MAX_FEATURES:
        raise StreamError(f"lists {len(found):,} features; at most {MAX_FEATURES:,} can be read.", place=root,
                          remedy="Leave some out.")  # fmt: skip
    return {
        name: DatasetFeature(str(object_of(value).get("dtype")), _columns(object_of(value)))
        for name, value in found.items()
    }


def _columns(feature: Mapping[str, Json]) -> tuple[str, ...]:
    """Names of a feature's numbers: `names` may be nested, or an object of lists; numbered when they do not fit."""
    sizes = [size for size in list_of(feature.get("shape")) if isinstance(size, int) and size > 0]
    count = math.prod(sizes) if sizes else 1
    if count > MAX_COLUMNS:
        return ()
    names = list(_flat(feature.get("names")))
    return tuple(names) if len(set(names)) == len(names) == count else tuple(str(k) for k in range(count))


def _flat(names: Json, depth: int = 0) -> Iterator[str]:
    if isinstance(names, str):
        yield names
    elif depth < 8:
        for item in [*object_of(names).values(), *list_of(names)]:
            yield from _flat(item, depth + 1)


def _episodes_v2(root: Path, info: Mapping[str, Json], features: Mapping[str, DatasetFeature]) -> Iterator[Episode]:
    chunk = _count(info.get("chunks_size"), 1000) or 1000
    data, video = _template(info, "data_path", root), str(info.get("video_path") or "")
    cameras = [name for name, feature in features.items() if feature.dtype == "video"]
    for row in read_lines(inside(root, "meta/episodes.jsonl")):
        number = _number(row.get("episode_index"), root)
        fields: dict[str, int | str] = {"episode_chunk": number // chunk, "episode_index": number}
        shown = {
            name: EpisodeVideo(inside(root, fill_template(video, {**fields, "video_key": name})))
            for name in cameras
            if video
        }
        tasks = row.get("tasks")
        yield Episode(
            number, _count(row.get("length"), 0), inside(root, fill_template(data, fields)), shown, _strings(tasks)
        )


def _episodes_v3(root: Path, info: Mapping[str, Json], features: Mapping[str, DatasetFeature]) -> Iterator[Episode]:
    cameras = [name for name, feature in features.items() if feature.dtype == "video"]
    where = [f"videos/{name}/{key}" for name in cameras for key in ("chunk_index", "file_index")]
    when = [f"videos/{name}/{key}" for name in cameras for key in ("from_timestamp", "to_timestamp")]
    columns = ["episode_index", "tasks", "length", "data/chunk_index", "data/file_index", *where, *when]
    tables = sorted((root / "meta" / "episodes").glob("*/*.parquet"))
    if not tables:
        raise StreamError("lists no episodes.", place=root / "meta/episodes",
                          remedy="Copy the dataset again, with its meta folder.")  # fmt: skip
    for file in tables:
        for row in parquet.rows(inside(root, str(file.relative_to(root))), columns):
            yield _episode_v3(root, info, row, cameras)


def _episode_v3(root: Path, info: Mapping[str, Json], row: Mapping[str, Json], cameras: Sequence[str]) -> Episode:
    number = _number(row["episode_index"], root)
    place = {"chunk_index": _count(row["data/chunk_index"], 0), "file_index": _count(row["data/file_index"], 0)}
    data = inside(root, fill_template(str(info.get("data_path") or _DATA_V3), place))
    template = str(info.get("video_path") or _VIDEO_V3)
    shown: dict[str, EpisodeVideo] = {}
    for name in cameras:
        chunk, file = row[f"videos/{name}/chunk_index"], row[f"videos/{name}/file_index"]
        if isinstance(chunk, int) and isinstance(file, int):
            path = inside(root, fill_template(template, {"video_key": name, "chunk_index": chunk, "file_index": file}))
            start, end = row[f"videos/{name}/from_timestamp"], row[f"videos/{name}/to_timestamp"]
            shown[name] = EpisodeVideo(path, _seconds(start, 0.0), _seconds(end, math.inf))
    return Episode(number, _count(row["length"], 0), data, shown, _strings(row["tasks"]))


def _texts(root: Path, what: str) -> dict[int, str]:
    """Text by number, of `tasks.jsonl`, or of `tasks.parquet`, whose index is the text; {} when there is neither."""
    key = f"{what}_index"
    lines, packed = root / "meta" / f"{what}s.jsonl", root / "meta" / f"{what}s.parquet"
    found: dict[int, str] = {}
    if lines.exists():
        for row in read_lines(inside(root, f"meta/{what}s.jsonl")):
            if isinstance(row.get(key), int):
                found[row[key]] = str(row.get(what, ""))
    elif packed.exists():
        for row in parquet.rows(inside(root, f"meta/{what}s.parquet"), [key, what, "__index_level_0__"]):
            text = row[what] if row[what] is not None else row["__index_level_0__"]
            if isinstance(row[key], int) and isinstance(text, str):
                found[row[key]] = text
    return found


def _template(info: Mapping[str, Json], key: str, root: Path) -> str:
    found = info.get(key)
    if not isinstance(found, str):
        raise StreamError(f"has no {key}.", place=root / "meta/info.json", remedy="Copy the dataset's info.json.")
    return found


def _number(value: Json, root: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MAX_EPISODES:
        raise StreamError(f"lists an episode numbered {str(value)[:20]}.", place=root / "meta",
                          remedy=f"Episodes are numbered from 0 to {MAX_EPISODES - 1}.")  # fmt: skip
    return value


def _count(value: Json, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def _seconds(value: Json, default: float, low: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) and value >= low else default


def _strings(value: Json) -> tuple[str, ...]:
    return tuple(text for text in list_of(value) if isinstance(text, str))
