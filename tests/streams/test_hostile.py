"""Damaged files end in a stream with problems or in a StreamError that says what to do; never in anything else."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Sampling, discover, open_stream
from tests.streams.conftest import write_picture, write_video

VIDEOS = {"a.mp4": {}, "b.mkv": {"options": {"g": "10"}}, "c.gif": {"codec": "gif", "pix_fmt": "rgb8"}, "d.avi": {}}


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The data with bytes flipped, a stretch overwritten, or the end cut off."""
    copy = bytearray(data)
    kind = rng.randrange(3)
    if kind == 0:
        for _ in range(rng.randint(1, 40)):
            copy[rng.randrange(len(copy))] = rng.randrange(256)
    elif kind == 1:
        start = rng.randrange(len(copy))
        copy[start : start + 200] = rng.randbytes(200)
    else:
        del copy[rng.randrange(len(copy)) :]
    return bytes(copy)


def look_at_all(path: Path) -> None:
    complaints: list[StreamError] = []
    try:
        frames = open_stream(path, sampling=Sampling(max_frames=12)).frames
    except StreamError as error:
        frames = None
        complaints.append(error)
    for index in range(len(frames.times) if frames else 0):
        assert frames
        try:
            assert frames.read([index])[0].shape == (*frames.size[::-1], 3)
        except StreamError as error:
            complaints.append(error)
    assert all(complaint.place and complaint.remedy for complaint in complaints)


@pytest.mark.parametrize("name", VIDEOS)
def test_damaged_videos(tmp_path: Path, name: str) -> None:
    data = write_video(tmp_path / name, range(30), **VIDEOS[name]).read_bytes()
    rng = random.Random(name)
    for _ in range(25):
        (tmp_path / name).write_bytes(damaged(data, rng))
        look_at_all(tmp_path / name)


def test_damaged_pictures(tmp_path: Path) -> None:
    rng = random.Random(5)
    for name in ("0.png", "1.jpg", "2.webp", "3.bmp"):
        path = write_picture(tmp_path / name, 3)
        data = path.read_bytes()
        for _ in range(15):
            path.write_bytes(damaged(data, rng))
            look_at_all(tmp_path)


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(StreamError):
        open_stream(tmp_path / "pipe.mp4")
    write_video(tmp_path / "a.mp4", range(3))
    assert discover([tmp_path]) == [tmp_path / "a.mp4"]
