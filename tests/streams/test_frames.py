"""The frame given for a time is the last one shown by then, whatever the container and the order of asking."""

from __future__ import annotations

import pickle
import random
from pathlib import Path

import numpy as np
import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.decoder import Decoder
from dataclaw.streams.frames import FrameSpan, VideoFrames, group_heads
from dataclaw.streams.grid import shown_at
from dataclaw.streams.packets import read_packets
from dataclaw.streams.video import open_recording
from tests.streams.conftest import number_of, numbered, write_picture, write_video

UNEVEN = [0, 1, 2, 10, 11, 12, 13, 40, 80, 81, 82, 83, 84, 85, 200, 201, 205, 210, 215, 216, 300, 301, 302, 303, 400]
DENSE = Sampling(fill_fps=100)
VIDEOS = {
    "h264.mp4": {},
    "bframes.mp4": {"options": {"bf": "3", "g": "12"}},
    "pyramid.mkv": {"options": {"x264-params": "bframes=5:b-pyramid=normal:keyint=20:min-keyint=20:ref=4"}},
    "open_gop.ts": {"options": {"x264-params": "open-gop=1:keyint=10:min-keyint=10:bframes=3:scenecut=0"}},
    "bframes.avi": {"options": {"bf": "2"}},
    "mpeg4.avi": {"codec": "mpeg4"},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "moving.gif": {"codec": "gif", "pix_fmt": "rgb8"},
}


@pytest.mark.parametrize("name", VIDEOS)
def test_every_frame_in_any_order_is_the_one_asked_for(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, **VIDEOS[name])
    packets = read_packets(path)
    assert len(packets.pts) == 50
    rng = random.Random(name)
    decoder = Decoder(path, packets)
    for _ in range(12):
        wanted = rng.sample(range(50), rng.randint(1, 9))
        found = decoder.read(wanted)
        assert {index: number_of(picture) for index, picture in found.items()} == {index: index for index in wanted}
    decoder.close()


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_plays_from_any_frame_to_any_other_in_one_pass(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, **VIDEOS[name])
    packets = read_packets(path)
    for first, last in ((0, 49), (17, 33), (5, 5), (31, 49)):
        decoder = Decoder(path, packets)
        played = [(index, number_of(picture)) for index, picture in decoder.play(first, last)]
        assert played == [(index, index) for index in range(first, last + 1)]
        decoder.close()


def test_a_clip_ends_where_a_frame_is_broken_and_names_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", range(300), options={"g": "30"})
    frames = open_stream(path).frames
    assert isinstance(frames, VideoFrames)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[: start + 2000] + b"\xff" * 2000 + data[start + 4000 :])
    with pytest.raises(StreamError, match=r"the recorded frame at \d\.\d+ s cannot be decoded"):
        list(frames.clip(0.0, 3.0))


def test_heads_of_groups_decode_alone_and_tell_what_others_cost(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", range(90), options={"g": "30", "sc_threshold": "0"})
    frames = open_stream(path, sampling=DENSE).frames
    assert frames is not None
    heads = list(group_heads(frames, 0.0, 1.0, (48, 16)))
    assert [head.time for head in heads] == pytest.approx([0.0, 0.3, 0.6])
    assert all(head.picture.shape == (16, 48, 3) and 0 < head.usual <= head.largest for head in heads)
    inner = FrameSpan(frames, 10, [2.0 + 0.01 * k for k in range(60)])
    assert [head.time for head in group_heads(inner, 0.0, 9.0, (48, 16))] == pytest.approx([2.2, 2.5])


def test_far_seeks_and_small_steps_agree(tmp_path: Path) -> None:
    path = write_video(tmp_path / "long.mp4", range(1500), options={"g": "100", "bf": "3", "preset": "ultrafast"})
    decoder = Decoder(path, read_packets(path))
    for wanted in ([3, 1400], [0], [1499], [700, 701, 650], [702], [703, 1100], [2]):
        assert {k: number_of(p) for k, p in decoder.read(wanted).items()} == {k: k for k in wanted}
    decoder.close()


@pytest.mark.parametrize("name", ["uneven.mp4", "uneven.mkv"])
def test_uneven_times_give_the_last_frame_shown_by_then(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, UNEVEN, options={"bf": "2", "g": "8"})
    packets = read_packets(path)
    assert packets.times == pytest.approx(np.array(UNEVEN) / 100, abs=1e-3)
    moments = [0.0, 0.005, 0.11, 0.2, 0.79, 0.80, 1.99, 2.0, 3.5, 9.0]
    shown = shown_at(packets.times, moments)
    assert shown == [max(k for k, pts in enumerate(UNEVEN) if pts / 100 <= t + 1e-3) for t in moments]
    decoder = Decoder(path, packets)
    assert [number_of(picture) for _, picture in sorted(decoder.read(shown).items())] == sorted(set(shown))
    decoder.close()


def test_frames_follow_the_order_asked_for_and_repeat(tmp_path: Path) -> None:
    frames = open_recording(write_video(tmp_path / "a.mp4"), DENSE).frames
    assert len(frames.times) == 50
    assert [number_of(picture) for picture in frames.read([7, 3, 7, 49, 0])] == [7, 3, 7, 49, 0]
    assert frames.read([]) == []


def test_a_picture_that_is_given_out_twice_cannot_be_changed(tmp_path: Path) -> None:
    frames = open_recording(write_video(tmp_path / "a.mp4"), DENSE).frames
    with pytest.raises(ValueError, match="read-only"):
        frames.read([0])[0][0, 0] = 1


@pytest.mark.parametrize("index", [-1, 50])
def test_an_index_beyond_the_frames_is_an_error(tmp_path: Path, index: int) -> None:
    frames = open_recording(write_video(tmp_path / "a.mp4"), DENSE).frames
    with pytest.raises(IndexError, match="frames 0 to 49"):
        frames.read([index])


def test_frames_travel_to_other_processes(tmp_path: Path) -> None:
    stream = open_stream(write_video(tmp_path / "a.mp4"), sampling=DENSE)
    assert stream.frames is not None
    stream.frames.read([20])
    copy = pickle.loads(pickle.dumps(stream))
    assert number_of(copy.frames.read([21])[0]) == 21
    for k in range(3):
        write_picture(tmp_path / "shots" / f"{k}.png", k)
    shots = open_stream(tmp_path / "shots")
    assert shots.frames is not None
    shots.frames.read([0])
    assert number_of(pickle.loads(pickle.dumps(shots)).frames.read([2])[0]) == 2


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_a_phone_held_sideways_is_shown_upright(tmp_path: Path, rotation: int) -> None:
    path = write_video(tmp_path / "phone.mp4", rotation=rotation)
    frames = open_recording(path, DENSE).frames
    width, height = numbered(0).shape[1::-1]
    assert frames.size == ((width, height) if rotation == 180 else (height, width))
    turned = np.rot90(frames.read([37])[0], -rotation // 90)
    assert number_of(turned) == 37


def test_a_span_counts_from_its_own_first_frame(tmp_path: Path) -> None:
    frames = open_recording(write_video(tmp_path / "a.mp4"), DENSE).frames
    span = FrameSpan(frames, 10, [0.0, 0.01, 0.02])
    assert span.size == frames.size
    assert [number_of(picture) for picture in span.read([2, 0])] == [12, 10]
    with pytest.raises(IndexError):
        span.read([3])


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    frames = open_recording(path, DENSE).frames
    path.unlink()
    with pytest.raises(StreamError, match=r"a\.mp4"):
        frames.read([5])
