"""Streams as bytes and back: exact, without truth, and without the pictures that are not there."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dataclaw.corpus.packs.frames import MediaWatch, seal
from dataclaw.corpus.packs.stream_codec import MAX_BYTES, pack_stream, unpack_stream
from dataclaw.errors import StreamError
from dataclaw.streams.clips import clip_rate
from dataclaw.types import Event, Footage, Series, Stream

SIZE = (40, 30)


class Plain:
    """Frames of one grey each."""

    def __init__(self, times: Sequence[float]) -> None:
        self.times = times
        self.size = SIZE

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        return [np.full((30, 40, 3), 10 * i, np.uint8) for i in indices]


class Recorded(Plain):
    """The same, out of a recording."""

    rate = 12.5

    def clip(self, t0: float, t1: float):
        return iter(())


def made(frames: Plain | None) -> Stream:
    events = (
        Event(0, "click", 1, 2, frame=0, point=(3, 4.5), box=(0, 1, 2, 3), keys=("ctrl", "s"), attrs={"n": 1, "x": []}),
        Event(1, "scroll", 1.5, 1.5, scroll=(0, -2), text="\u2028 <|end|> 中", place="log:3"),
    )
    values = np.array([[1.0, np.nan], [-0.0, 1e-300], [np.inf, np.pi]])
    return Stream(
        id="0123456789abcdef",
        kind="gui",
        name="made",
        path="/somewhere/made",
        format="made",
        duration=7,
        clock="index",
        frames=frames,
        events=events,
        series={"pose": Series("pose", np.array([0.0, 0.1, 0.3]), values, ("x", "y"), ("m", ""), 4)},
        meta={"rate": 25, "title": "a", "nested": {"a": [1, 2.5, None]}},
        annotations={"truth": 1},
        problems=("one",),
    )


def picture(grey: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (grey, grey, grey)).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def again(stream: Stream, pictures: dict[tuple[str, int], bytes]) -> Stream:
    members = pack_stream(stream, pictures)
    assert members == pack_stream(stream, pictures)
    assert b"truth" not in members["stream.json"]
    assert b"/somewhere" not in members["stream.json"]
    return unpack_stream(lambda name: members[name], "pack#made")


def test_everything_but_truth_and_pictures_comes_back_exactly() -> None:
    stream = made(Plain([0, 1.25]))
    back = again(stream, {})
    assert back.events == stream.events
    assert [type(v) for v in (back.events[0].t0, back.duration, *(back.events[0].point or ()))] == [
        int,
        int,
        int,
        float,
    ]
    assert (back.id, back.kind, back.format, back.clock, back.problems) == ("0123456789abcdef", *stream_facts(stream))
    assert back.meta == stream.meta
    assert (back.path, back.annotations) == ("pack#made", {})
    series, was = back.series["pose"], stream.series["pose"]
    assert series.times.tobytes() == was.times.tobytes()
    assert series.values.tobytes() == was.values.tobytes()
    assert (series.columns, series.units, series.every) == (was.columns, was.units, was.every)


def stream_facts(stream: Stream) -> tuple[object, ...]:
    return stream.kind, stream.format, stream.clock, stream.problems


def test_frames_are_thumbnails_where_there_are_some() -> None:
    parts = {"A": replace(made(Recorded([0.0, 1.0, 2.0])), meta={}), "B": made(Plain([0.0, 5.0]))}
    stream = replace(made(None), parts=parts, events=())
    back = again(stream, {("B", 1): picture(200), ("A", 2): picture(90), ("A", 0): picture(30)})
    a, b = back.parts["A"].frames, back.parts["B"].frames
    assert a is not None
    assert b is not None
    assert isinstance(a, Footage)
    assert not isinstance(b, Footage)
    assert clip_rate(a) == 12.5
    assert [int(p[0, 0, 0]) for p in a.read([2, 0, 2])] == [90, 30, 90]
    assert b.read([1])[0].shape == (30, 40, 3)
    with pytest.raises(StreamError, match=r"pack#made/frames\.bin: frame 1 is not in the pack"):
        a.read([1])
    with pytest.raises(StreamError, match="the recording from 0 to 1 s is not in the pack"):
        a.clip(0, 1)
    with pytest.raises(IndexError):
        a.read([-1])


def test_sealed_streams_tell_who_asked_for_pictures() -> None:
    stream = again(made(Recorded([0.0, 1.0])), {("", 0): picture(1)})
    watch = MediaWatch()
    shut = seal(stream, watch).frames
    assert isinstance(shut, Footage)
    assert (list(shut.times), shut.size, shut.rate) == ([0.0, 1.0], SIZE, 12.5)
    assert shut.read([]) == []
    with pytest.raises(IndexError):
        shut.read([2])
    assert not watch.media_needed
    with pytest.raises(StreamError, match="not in the pack"):
        shut.read([0])
    assert watch.media_needed
    other = MediaWatch()
    with pytest.raises(StreamError, match="not in the pack"):
        isinstance(shut := seal(stream, other).frames, Footage) and shut.clip(0, 1)
    assert other.media_needed
    assert seal(stream, watch).path == "<packed>"


def test_what_cannot_be_packed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StreamError, match="cannot be packed: Out of range float"):
        pack_stream(replace(made(None), meta={"a": float("nan")}), {})
    with pytest.raises(StreamError, match="cannot be packed: object is no JSON"):
        pack_stream(replace(made(None), meta={"a": object()}), {})
    with pytest.raises(StreamError, match="cannot be packed: 'utf-8'"):
        pack_stream(replace(made(None), name="\ud800"), {})
    monkeypatch.setattr("dataclaw.corpus.packs.stream_codec.MAX_BYTES", {**MAX_BYTES, "series.bin": 10})
    with pytest.raises(StreamError, match=r"its series\.bin has 72 bytes, the limit is 10"):
        pack_stream(made(None), {})


def test_numpy_numbers_are_numbers() -> None:
    stream = replace(made(None), events=(Event(0, "a", np.float64(1.5), 2.0, attrs={"n": np.int64(3)}),))  # type: ignore[arg-type]
    assert again(stream, {}).events[0].attrs == {"n": 3}
