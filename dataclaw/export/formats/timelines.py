"""OpenTimelineIO: the cut that an edit plan describes, for editors to open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from dataclaw.export.example import Example, LeftOutExample
from dataclaw.export.formats.base import ExportTarget, Format, without_extra
from dataclaw.schema import fields_of, number_of, objects_of
from dataclaw.types import Json

Timeline: TypeAlias = Any
Track: TypeAlias = Any
"""The library has no types."""
RATE = 1000.0
"""Times are written in milliseconds, as exactly as the sample has them."""
SHORTEST = 0.0005
"""Gaps below this [s] are rounding."""


class Otio(Format):
    """One `.otio` file a sample below `train/` and `validation/`: tracks of clips, gaps and transitions."""

    name = "otio"
    summary = "OpenTimelineIO: the cut of each edit plan as a timeline"
    whole = True

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        try:
            import opentimelineio
        except ImportError:
            raise without_extra("Timelines are written with opentimelineio") from None
        self._kit = cast("Any", opentimelineio)

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Write one timeline."""
        operations = objects_of(fields_of(example.sample.data).get("operations"))
        placed = [
            entry
            for entry in operations
            if entry.get("kind") == "clip" and number_of(entry.get("record_in")) is not None
        ]
        if not placed:
            return LeftOutExample(example.id, "its answer is no cut")
        timeline = self._timeline(example.id, operations)
        file = self.target.root / side / f"{example.id}.otio"
        file.parent.mkdir(exist_ok=True)
        self._kit.adapters.write_to_file(timeline, str(file))
        return None

    def close(self) -> None:
        """Nothing is open."""

    def _timeline(self, name: str, operations: Sequence[dict[str, Json]]) -> Timeline:
        """The timeline: a track for each name of one, and another where clips of one track overlap."""
        timeline = self._kit.schema.Timeline(name=name)
        clips = [entry for entry in operations if entry.get("kind") == "clip"]
        tracks: dict[str, list[Track]] = {}
        for entry in sorted(clips, key=lambda clip: float(clip["record_in"])):
            label = _track(entry)
            free = next(
                (track for track in tracks.get(label, []) if _end(track) <= entry["record_in"] + SHORTEST), None
            )
            if free is None:
                kind = self._kit.schema.TrackKind.Audio if label.startswith("A") else self._kit.schema.TrackKind.Video
                free = self._kit.schema.Track(name=label, kind=kind)
                tracks.setdefault(label, []).append(free)
            self._place(free, entry)
        for track in (track for named in tracks.values() for track in named):
            timeline.tracks.append(track)
        for entry in operations:
            if entry.get("kind") == "transition":
                self._transition(timeline, entry)
        return timeline

    def _place(self, track: Track, entry: dict[str, Json]) -> None:
        """Put a clip at its time, behind a gap where there is one."""
        start, stop = float(entry["record_in"]), float(entry["record_out"])
        if start > _end(track) + SHORTEST:
            track.append(self._kit.schema.Gap(source_range=self._range(0.0, start - _end(track))))
        speed = number_of(entry.get("speed"), 1.0)
        first = number_of(entry.get("source_in"), 0.0)
        media = str(entry.get("media") or "")
        clip = self._kit.schema.Clip(
            name=str(entry.get("name", "")),
            media_reference=self._kit.schema.ExternalReference(media) if media else None,
            source_range=self._range(first, stop - start),
        )
        clip.enabled = entry.get("enabled", True) is not False
        if speed != 1.0:
            clip.effects.append(self._kit.schema.LinearTimeWarp(time_scalar=speed))
        track.append(clip)

    def _transition(self, timeline: Timeline, entry: dict[str, Json]) -> None:
        """Put a transition before the clip that it leads to."""
        for track in cast("Sequence[Any]", timeline.tracks):
            for index, child in enumerate(track):
                if child.name == entry.get("to") and index and _track(entry) == track.name:
                    start = child.range_in_parent().start_time.to_seconds()
                    before = max(0.0, start - float(entry["record_in"]))
                    made = self._kit.schema.Transition(
                        name=str(entry.get("name", "")),
                        transition_type=str(entry.get("transition") or entry.get("name") or "SMPTE_Dissolve"),
                        in_offset=self._time(before),
                        out_offset=self._time(max(0.0, float(entry["record_out"]) - start)),
                    )
                    track.insert(index, made)
                    return

    def _time(self, seconds: float) -> object:
        return self._kit.opentime.RationalTime(round(seconds * RATE), RATE)

    def _range(self, start: float, length: float) -> object:
        return self._kit.opentime.TimeRange(self._time(start), self._time(length))


def _track(entry: dict[str, Json]) -> str:
    return str(entry.get("track") or "V")


def _end(track: Track) -> float:
    """Where a track ends so far [s]."""
    return track.available_range().duration.to_seconds()
