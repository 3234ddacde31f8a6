from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.clips import Cut, clip_rate, pictures_of, write_clip
from dataclaw.streams.frames import FrameSpan, footage
from dataclaw.types import Footage
from tests.streams.conftest import number_of, numbered, write_picture, write_video

SPARSE = Sampling(max_frames=12, fill_fps=0, short=8)


def shown(path: Path) -> list[int]:
    """The number that each frame of a clip shows."""
    stream = open_stream(path, sampling=Sampling(max_frames=4096, short=4096))
    assert stream.frames is not None
    return [number_of(p) for p in stream.frames.read(range(len(stream.frames.times)))]


def test_a_clip_has_every_recorded_frame_between_two_sampled_ones(tmp_path: Path) -> None:
    stream = open_stream(write_video(tmp_path / "a.mp4", range(60)), sampling=SPARSE)
    assert isinstance(stream.frames, Footage)
    assert stream.frames.rate == pytest.approx(100)
    numbers = [number_of(p) for p in stream.frames.read(range(len(stream.frames.times)))]
    count = write_clip(pictures_of(stream.frames, Cut(1, 4)), clip_rate(stream.frames), tmp_path / "clip.mp4")
    assert count == numbers[4] - numbers[1] + 1
    assert shown(tmp_path / "clip.mp4") == list(range(numbers[1], numbers[4] + 1))
    assert open_stream(tmp_path / "clip.mp4").duration == pytest.approx(count / 100, abs=0.02)


def test_a_frozen_clip_repeats_its_frame_and_loses_none(tmp_path: Path) -> None:
    stream = open_stream(write_video(tmp_path / "a.mp4", range(60)), sampling=SPARSE)
    assert stream.frames is not None
    numbers = [number_of(p) for p in stream.frames.read(range(len(stream.frames.times)))]
    write_clip(pictures_of(stream.frames, Cut(0, 5, 3, 7)), 100, tmp_path / "frozen.mp4")
    before, frozen, after = range(numbers[3]), [numbers[3]] * 8, range(numbers[3] + 1, numbers[5] + 1)
    assert shown(tmp_path / "frozen.mp4") == [*before, *frozen, *after]


def test_the_same_clip_is_the_same_file(tmp_path: Path) -> None:
    pictures = [numbered(n) for n in range(5)]
    for name in ("one.mp4", "two.mp4"):
        write_clip(pictures, 29.97, tmp_path / name)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_odd_sides_are_padded(tmp_path: Path) -> None:
    write_clip([np.full((33, 51, 3), 90, np.uint8)] * 3, 10, tmp_path / "odd.mp4")
    frames = open_stream(tmp_path / "odd.mp4").frames
    assert frames is not None
    assert frames.size == (52, 34)


def test_numbered_pictures_are_cut_at_their_own_pace(tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    for n in range(5):
        write_picture(tmp_path / "shots" / f"shot_{n}_{n * 0.5:.2f}s.png", n)
    frames = open_stream(tmp_path / "shots").frames
    assert frames is not None
    assert clip_rate(frames) == pytest.approx(2)
    assert write_clip(pictures_of(frames, Cut(1, 3)), 2, tmp_path / "clip.mp4") == 3
    assert shown(tmp_path / "clip.mp4") == [1, 2, 3]


def test_a_span_of_frames_gives_nothing_beyond_itself(tmp_path: Path) -> None:
    base = open_stream(write_video(tmp_path / "a.mp4", range(60)), sampling=SPARSE).frames
    assert base is not None
    span = FrameSpan(base, 2, [t - base.times[2] for t in base.times[2:5]])
    found = list(footage(span, -10, 10))
    wanted = [number_of(p) for p in base.read([2, 4])]
    assert [number_of(p) for _, p in found] == list(range(wanted[0], wanted[1] + 1))
    assert found[0][0] == pytest.approx(0)


def test_no_picture_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="without a frame"):
        write_clip([], 30, tmp_path / "none.mp4")


def test_what_ffmpeg_says_is_said(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="ffmpeg"):
        write_clip((numbered(0) for _ in range(2000)), 30, tmp_path / "missing" / "clip.mp4")


@pytest.mark.parametrize("wrong", [(3, 1), (-1, 2), (0, 4, 5, 1), (0, 4, 2, -1)])
def test_a_cut_that_makes_no_sense_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="not a cut"):
        Cut(*wrong)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.01, 5), min_size=2, max_size=8), st.data())
def test_a_frozen_frame_is_shown_that_many_times_more(steps: list[float], data: st.DataObject) -> None:
    class Bare:
        times = tuple(sum(steps[:k]) for k in range(len(steps)))
        size = (4, 4)

        def read(self, indices):
            return [np.full((4, 4, 3), i, np.uint8) for i in indices]

    last = len(steps) - 1
    start = data.draw(st.integers(0, last))
    end = data.draw(st.integers(start, last))
    freeze, repeat = data.draw(st.integers(start, end)), data.draw(st.integers(0, 5))
    pictures = [int(p[0, 0, 0]) for p in pictures_of(Bare(), Cut(start, end, freeze, repeat))]
    assert sorted(set(pictures)) == list(range(start, end + 1))
    assert pictures == sorted(pictures)
    assert pictures.count(freeze) == repeat + 1
