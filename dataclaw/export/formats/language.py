"""LeRobot 3.1: what a robot does as language columns, at the exact times of the recorded frames."""

from __future__ import annotations

import re
from typing import Any, cast

from dataclaw.export.example import Example, LeftOutExample
from dataclaw.export.formats.base import ExportTarget, Format, without_extra
from dataclaw.schema import fields_of, number_of, objects_of
from dataclaw.types import Json

_EPISODE = re.compile(r"#(\d+)$")
LISTS = ("segments", "steps")


class LeRobot(Format):
    """`language_train.parquet`: a row an episode frame, to be joined to the dataset by `episode_index, frame_index`.

    `language_persistent` is the same on every frame of an episode: its subtasks (style "subtask"), each from the frame
    that it begins with, and the plan that they make (style "plan"). These styles are about no camera. The styles of
    `language_events` are about one camera's picture or a word of the user, which no sample is, so it is empty.
    """

    name = "lerobot"
    summary = "LeRobot 3.1: the language columns of episodes, subtasks at exact frame times"
    whole = True

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError:
            raise without_extra("Language columns are written with pyarrow") from None
        self._kit, self._parquet = cast("Any", pyarrow), cast("Any", parquet)
        self._rows: dict[str, dict[int, list[dict[str, Any]]]] = {}

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Take the parts of an answer that are told with their times."""
        sample = example.sample
        episode = _EPISODE.search(sample.stream.name)
        clips = example.files.inputs
        if not sample.stream.format.startswith("lerobot") or episode is None:
            return LeftOutExample(example.id, "its stream is no episode of a LeRobot dataset")
        told = [entry for key in LISTS for entry in objects_of(fields_of(sample.data).get(key))]
        if not told or len(told) != len(sample.answer_parts or []) or not clips:
            return LeftOutExample(example.id, "its answer has no parts with times")
        rows = self._rows.setdefault(side, {})
        if int(episode[1]) in rows:
            return LeftOutExample(example.id, "its episode has language by another sample")
        rows[int(episode[1])] = _frames(
            int(episode[1]), told, sample.answer_parts or [], clips[0].rate, sample.stream.window
        )
        return None

    def close(self) -> None:
        """Write a table a side, episodes in order."""
        for side, episodes in self._rows.items():
            rows = [row for _, frames in sorted(episodes.items()) for row in frames]
            self._parquet.write_table(
                self._kit.Table.from_pylist(rows, self._schema()), self.target.root / f"language_{side}.parquet"
            )

    def _schema(self) -> Any:
        kit = self._kit
        text = kit.string()
        said = [("role", text), ("content", text), ("style", text)]
        rest = [("camera", text), ("tool_calls", kit.list_(text))]
        return kit.schema(
            [
                ("episode_index", kit.int64()),
                ("frame_index", kit.int64()),
                ("timestamp", kit.float32()),
                ("language_persistent", kit.list_(kit.struct([*said, ("timestamp", kit.float32()), *rest]))),
                ("language_events", kit.list_(kit.struct([*said, *rest]))),
            ]
        )


def _frames(
    episode: int, told: list[dict[str, Json]], parts: list[str], rate: float, window: tuple[float, float] | None
) -> list[dict[str, Any]]:
    """Rows of an episode's frames."""
    start, stop = window or (0.0, 0.0)
    begins = {
        round(number_of(entry.get("t0"), 0.0) * rate): _plain(text) for entry, text in zip(told, parts, strict=True)
    }
    plan = "\n".join(f"{number}. {text}" for number, (_, text) in enumerate(sorted(begins.items()), 1))
    told_at = [
        (round(start * rate), "plan", plan),
        *((frame, "subtask", text) for frame, text in sorted(begins.items())),
    ]
    shared = [_language_row(text, style, frame / rate) for frame, style, text in told_at]
    return [
        {
            "episode_index": episode,
            "frame_index": frame,
            "timestamp": frame / rate,
            "language_persistent": shared,
            "language_events": [],
        }
        for frame in range(round(start * rate), round(stop * rate) + 1)
    ]


def _language_row(text: str, style: str, t: float) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": text,
        "style": style,
        "timestamp": t,
        "camera": None,
        "tool_calls": None,
    }


def _plain(text: str) -> str:
    """A part without its number, its times and marks of media."""
    bare = re.sub(r"^\d+\.\s+|\s*<(?:image_recall|video_gen)>", "", text)
    return re.sub(r"^From [\d.]+ to [\d.]+ s: ", "", bare)
