"""Streams as bytes: everything that is known of one but its pictures, of which small ones may come along.

A stream is three members: `stream.json` (events, frame grid, facts), `series.bin` (its numbers, exact) and `frames.bin`
(thumbnails). Annotations are left out. Members come from a stranger: each is checked before it is believed, and no text
in them is ever used as a path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from pydantic import TypeAdapter, ValidationError

from dataclaw.corpus.packs.frames import PackedFootage, PackedFrames, Thumbnails
from dataclaw.corpus.packs.xz import AGAIN
from dataclaw.errors import StreamError
from dataclaw.streams.packets import check_size
from dataclaw.types import Event, Footage, Frames, Json, Series, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import loads

STREAM, SERIES, FRAMES = "stream.json", "series.bin", "frames.bin"
MAX_BYTES: Mapping[str, int] = {STREAM: 64 * 2**20, SERIES: 256 * 2**20, FRAMES: 64 * 2**20}
"""Largest size of each member, unpacked."""
MAX_FRAMES = 100_000
MAX_PARTS = 64
Pictures: TypeAlias = Mapping[tuple[str, int], bytes]
"""Encoded thumbnails by part ("" for the stream itself) and frame."""
Member: TypeAlias = Callable[[str], bytes]
"""Reads a member by its name."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Sampled frames: times [s], size [px], recorded frames a second where known, `(frame, bytes)` of pictures."""

    times: tuple[float, ...]
    size: tuple[int, int]
    rate: float | None = None
    thumbnails: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A series; its rows lie in `series.bin`, first the times, then column by column."""

    name: str
    columns: tuple[str, ...]
    units: tuple[str, ...]
    rows: int
    every: int = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A stream as `stream.json` has it."""

    id: str
    kind: str
    name: str
    format: str
    duration: float
    clock: Literal["seconds", "index"]
    grid: Grid | None = None
    events: tuple[Event, ...] = ()
    series: tuple[Numbers, ...] = ()
    meta: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problems: tuple[str, ...] = ()
    parts: Mapping[str, Saved] = field(default_factory=dict[str, "Saved"])


def pack_stream(stream: Stream, pictures: Pictures) -> dict[str, bytes]:
    """The members of a stream, empty ones left out; equal streams give equal bytes.

    Raises:
        StreamError: a number of it is not finite, or a text cannot be written.
    """
    try:
        text = json.dumps(_to_json(stream, "", pictures), ensure_ascii=False, allow_nan=False, default=_plain)
        data = {STREAM: text.encode()}
    except (ValueError, TypeError) as error:
        raise StreamError(f"cannot be packed: {error}.", place=stream.name, remedy="Leave the stream out.") from None
    whole = [("", stream), *stream.parts.items()]
    data[SERIES] = b"".join(_numbers(series) for _, s in whole for series in s.series.values())
    data[FRAMES] = b"".join(picture for label, _ in whole for _, picture in _thumbnails(label, pictures))
    for name, member in data.items():
        if len(member) > MAX_BYTES[name]:
            reason = f"its {name} has {len(member):,} bytes, the limit is {MAX_BYTES[name]:,}"
            raise StreamError(f"cannot be packed: {reason}.", place=stream.name, remedy="Leave the stream out.")
    return {name: member for name, member in data.items() if member}


def unpack_stream(member: Member, place: str) -> Stream:
    """The stream of `pack_stream`; its thumbnails are read when they are first asked for.

    Args:
        member: reads a member by its name, `MAX_BYTES` of it at most.
        place: how the stream is named in errors, and the unpacked stream's `path`.

    Raises:
        StreamError: a member is damaged; the message names it.
    """
    text = member(STREAM).decode(errors="replace")
    try:
        raw = cast("dict[str, Any]", loads(text, f"{place}/{STREAM}"))
        saved = _adapter().validate_json(text, strict=True)
    except (TraceError, ValidationError) as error:
        raise _damage(place, STREAM, _first(error)) from None
    streams = {"": (saved, raw), **{label: (part, raw["parts"][label]) for label, part in saved.parts.items()}}
    _check(saved, place)
    numbers = _series([part for part, _ in streams.values()], member, place)
    blob = _ThumbnailBytes(member, place, [part.grid for part, _ in streams.values()])
    made = {
        label: _stream(*said, place, series, blob)
        for (label, said), series in zip(streams.items(), numbers, strict=True)
    }
    return replace(made.pop(""), parts=made)


def _to_json(stream: Stream, label: str, pictures: Pictures) -> dict[str, Json]:
    return {
        "id": stream.id,
        "kind": stream.kind,
        "name": stream.name,
        "format": stream.format,
        "duration": stream.duration,
        "clock": stream.clock,
        "grid": _grid(stream.frames, label, pictures) if stream.frames is not None else None,
        "events": [_event(event) for event in stream.events],
        "series": [_head(series) for series in stream.series.values()],
        "meta": dict(stream.meta),
        "problems": list(stream.problems),
        "parts": {name: _to_json(part, name, pictures) for name, part in stream.parts.items()},
    }


def _grid(frames: Frames, label: str, pictures: Pictures) -> dict[str, Json]:
    shown = [[frame, len(data)] for frame, data in _thumbnails(label, pictures)]
    rate = float(frames.rate) if isinstance(frames, Footage) else None
    return {"times": [float(t) for t in frames.times], "size": list(frames.size), "rate": rate, "thumbnails": shown}


def _thumbnails(label: str, pictures: Pictures) -> list[tuple[int, bytes]]:
    return sorted((frame, data) for (part, frame), data in pictures.items() if part == label)


def _event(event: Event) -> dict[str, Json]:
    """Its fields, those that say nothing left out."""
    said: dict[str, Json] = {}
    for one in fields(event):
        value = getattr(event, one.name)
        if value != one.default and (value or one.name != "attrs"):
            said[one.name] = value
    return said


def _head(series: Series) -> dict[str, Json]:
    rows = len(series.times)
    return {"name": series.name, "columns": series.columns, "units": series.units, "rows": rows, "every": series.every}


def _numbers(series: Series) -> bytes:
    """Times and columns as little-endian float64, byte by byte of all numbers, which compresses far better."""
    columns = np.concatenate([series.times[None, :], series.values.T]).astype("<f8")
    return np.ascontiguousarray(columns).view(np.uint8).reshape(-1, 8).T.tobytes()


def _series(streams: Sequence[Saved], member: Member, place: str) -> list[dict[str, Series]]:
    sizes = [[8 * one.rows * (1 + len(one.columns)) for one in saved.series] for saved in streams]
    total = sum(map(sum, sizes))
    data = member(SERIES) if total else b""
    if len(data) != total:
        raise _damage(place, SERIES, f"has {len(data):,} bytes instead of {total:,}")
    found: list[dict[str, Series]] = []
    at = 0
    for saved, lengths in zip(streams, sizes, strict=True):
        found.append({})
        for one, length in zip(saved.series, lengths, strict=True):
            columns = np.frombuffer(data, np.uint8, length, at).reshape(8, -1).T.copy().view("<f8")
            times, *rest = columns.reshape(1 + len(one.columns), one.rows).astype(np.float64)
            values = np.stack(rest, axis=1) if rest else np.empty((one.rows, 0))
            found[-1][one.name] = Series(one.name, times, values, one.columns, one.units, one.every)
            at += length
    return found


class _ThumbnailBytes:
    """The thumbnails of a stream and its parts, read together the first time that one is asked for."""

    def __init__(self, member: Member, place: str, grids: Sequence[Grid | None]) -> None:
        self._member = member
        self._place = place
        self._starts: dict[tuple[int, int], tuple[int, int]] = {}
        self._total = 0
        for grid in grids:
            for frame, length in grid.thumbnails if grid else ():
                self._starts[id(grid), frame] = (self._total, self._total + length)
                self._total += length
        self._data: bytes | None = None

    def of(self, grid: Grid) -> Callable[[int], bytes]:
        """Reads the thumbnail of a frame of this grid."""
        starts = {frame: self._starts[id(grid), frame] for frame, _ in grid.thumbnails}

        def read(frame: int) -> bytes:
            if self._data is None:
                data = self._member(FRAMES)
                if len(data) != self._total:
                    raise _damage(self._place, FRAMES, f"has {len(data):,} bytes instead of {self._total:,}")
                self._data = data
            start, end = starts[frame]
            return self._data[start:end]

        return read


def _stream(
    saved: Saved, raw: Mapping[str, Any], place: str, series: Mapping[str, Series], blob: _ThumbnailBytes
) -> Stream:
    return Stream(
        id=saved.id,
        kind=saved.kind,
        name=saved.name,
        path=place,
        format=saved.format,
        duration=raw["duration"],
        clock=saved.clock,
        frames=_frames(saved.grid, place, blob) if saved.grid else None,
        events=tuple(map(_with_plain_numbers, saved.events, raw.get("events", ()))),
        series=series,
        meta=saved.meta,
        problems=saved.problems,
    )


def _frames(grid: Grid, place: str, blob: _ThumbnailBytes) -> PackedFrames:
    shown = Thumbnails(frozenset(frame for frame, _ in grid.thumbnails), blob.of(grid), f"{place}/{FRAMES}")
    frames = PackedFrames(grid.times, grid.size, shown)
    return frames if grid.rate is None else PackedFootage(frames, grid.rate)


def _with_plain_numbers(event: Event, raw: Mapping[str, Any]) -> Event:
    """The event with its numbers as they were written: a whole number stays one, which tells cached results apart."""
    plain = {name: raw[name] for name in ("t0", "t1")}
    tuples = {name: tuple(raw[name]) for name in ("point", "end_point", "box", "scroll") if raw.get(name) is not None}
    return replace(event, **plain, **tuples)


def _check(saved: Saved, place: str) -> None:
    """What types do not say.

    Raises:
        StreamError: something contradicts something else.
    """
    if len(saved.parts) > MAX_PARTS or any(part.parts for part in saved.parts.values()):
        raise _damage(place, STREAM, f"has more than {MAX_PARTS} parts, or parts of parts")
    for one in (saved, *saved.parts.values()):
        grid, events = one.grid, one.events
        frames = len(grid.times) if grid else 0
        if grid:
            check_size(*grid.size, place)
            _check_grid(grid, place)
        if [event.index for event in events] != list(range(len(events))):
            raise _damage(place, STREAM, "does not count its events from 0")
        wrong = next((e.index for e in events if e.t1 < e.t0 or not (e.frame is None or 0 <= e.frame < frames)), None)
        if wrong is not None:
            raise _damage(place, STREAM, f"event {wrong} ends before it starts, or names no frame")
        if any(len(s.columns) != len(s.units) or s.rows < 0 or s.every < 1 for s in one.series):
            raise _damage(place, STREAM, "has a series whose columns do not have a unit each")


def _check_grid(grid: Grid, place: str) -> None:
    shown = [frame for frame, _ in grid.thumbnails]
    if not 1 <= len(grid.times) <= MAX_FRAMES or any(b <= a for a, b in zip(grid.times, grid.times[1:], strict=False)):
        raise _damage(place, STREAM, f"frame times are not 1 to {MAX_FRAMES:,} rising numbers")
    if grid.rate is not None and grid.rate <= 0:
        raise _damage(place, STREAM, "has a frame rate that is not above 0")
    if len(set(shown)) < len(shown) or any(not 0 <= frame < len(grid.times) for frame in shown):
        raise _damage(place, STREAM, "has thumbnails of no frame, or two of one")
    if any(length < 1 for _, length in grid.thumbnails):
        raise _damage(place, STREAM, "has an empty thumbnail")


def _damage(place: str, name: str, reason: str) -> StreamError:
    return StreamError(f"{name} {reason}.", place=place, remedy=AGAIN)


def _first(error: TraceError | ValidationError) -> str:
    if isinstance(error, TraceError):
        return error.reason
    one = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, one['loc']))[:100]}: {one['msg']}"


def _plain(value: object) -> Json:
    if isinstance(value, np.generic):
        return cast("Json", value.item())
    raise TypeError(f"{type(value).__name__} is no JSON")


@cache
def _adapter() -> TypeAdapter[Saved]:
    return TypeAdapter(Saved)
