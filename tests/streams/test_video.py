from __future__ import annotations

import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.packets import bursts, read_packets
from tests.streams.conftest import number_of, numbered, write_picture, write_video

DENSE = Sampling(fill_fps=100)


def test_garbage_at_the_end_is_left_out_and_said(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", range(100), options={"g": "20", "bf": "2"})
    data = bytearray(path.read_bytes())
    packets = read_packets(path)
    end = int(packets.sizes[:70].sum())
    data[end:] = bytes((k * 37 + 11) % 256 for k in range(len(data) - end))
    path.write_bytes(data)
    stream = open_stream(path, sampling=DENSE)
    assert stream.problems
    assert stream.frames is not None
    count = len(stream.frames.times)
    assert 20 <= count < 100
    assert [number_of(p) for p in stream.frames.read(range(count))] == [round(t * 100) for t in stream.frames.times]


def test_damaged_packets_without_a_damaged_container_are_noticed(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "a.mp4", range(60), options={"g": "20", "bf": "0"}, container_options={"movflags": "faststart"}
    )
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    sizes = read_packets(path).sizes
    at = start + int(sizes[:52].sum())
    data[at:] = b"\xff" * (len(data) - at)
    path.write_bytes(data)
    stream = open_stream(path, sampling=DENSE)
    assert stream.frames is not None
    assert any("cannot be decoded" in problem for problem in stream.problems)
    assert 40 <= len(stream.frames.times) <= 52
    last = len(stream.frames.times) - 1
    assert number_of(stream.frames.read([last])[0]) == last


def test_a_video_cut_short_keeps_what_is_there(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", range(100), options={"g": "10"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    stream = open_stream(path, sampling=DENSE)
    assert stream.frames is not None
    count = len(stream.frames.times)
    assert 20 <= count < 100
    assert number_of(stream.frames.read([count - 1])[0]) == round(stream.frames.times[-1] * 100)
    assert any("announces" in problem or "breaks off" in problem for problem in stream.problems)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp4", b"", "the file is empty."),
        ("text.mp4", b"not a video at all\n" * 50, "is named like a video, but holds text."),
        ("zeros.mkv", bytes(5000), "is no trace, and not a video that can be opened"),
        (
            "head.mp4",
            b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(100),
            "is no trace, and not a video that can be opened",
        ),
        ("playlist.mp4", b"#EXTM3U\n#EXTINF:4,\na.mp4\n#EXT-X-ENDLIST\n", "is named like a video, but holds text."),
        ("concat.mp4", b"ffconcat version 1.0\nfile a.mp4\n", "is named like a video, but holds text."),
    ],
)
def test_what_is_no_video_is_refused_for_what_it_is(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    write_video(tmp_path / "a.mp4", range(3))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StreamError) as caught:
        open_stream(tmp_path / name)
    assert name in caught.value.place
    assert caught.value.remedy
    assert caught.value.message.startswith(reason)


def test_the_name_does_not_decide(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    renamed = path.rename(tmp_path / "recording.txt")
    assert open_stream(renamed).format == "video"


def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.mkv"
    with av.open(str(path), "w") as container:
        track = container.add_stream("libx264", rate=10)
        track.width, track.height, track.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    with pytest.raises(StreamError, match=r"no frame|End of file"):
        open_stream(path)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mkv"
    with av.open(str(path), "w") as container:
        track = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(track.encode(frame))
    with pytest.raises(StreamError, match="no pictures"):
        open_stream(path)


def test_the_id_follows_the_content_and_the_sampling(tmp_path: Path) -> None:
    one = write_video(tmp_path / "a.mp4")
    other = tmp_path / "elsewhere" / "b.mp4"
    other.parent.mkdir()
    other.write_bytes(one.read_bytes())
    assert open_stream(one).id == open_stream(other).id
    assert len(open_stream(one).id) == 16
    assert open_stream(one).id != open_stream(one, sampling=DENSE).id
    assert open_stream(one).id != open_stream(write_video(tmp_path / "c.mp4", range(49))).id


def test_bursts_are_where_the_picture_changes(tmp_path: Path) -> None:
    path = tmp_path / "screen.mp4"
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        track = container.add_stream("libx264", rate=10, options={"sc_threshold": "0", "g": "250"})
        track.width, track.height, track.pix_fmt = 320, 192, "yuv420p"
        picture = numbered(0, (320, 192))
        for number in range(200):
            if number in (60, 150):
                picture = rng.integers(0, 255, (192, 320, 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    found = bursts(read_packets(path))
    assert sorted(t0 for t0, _ in found[:2]) == pytest.approx([6.0, 15.0], abs=0.45)  # B-frames blur it a little
    times = open_stream(path, sampling=Sampling(fill_fps=0)).frames.times  # pyright: ignore[reportOptionalMemberAccess]
    assert any(14.4 <= t < 15.0 for t in times)
    assert any(15.0 <= t < 15.6 for t in times)


def test_pictures_in_a_folder_are_in_natural_order(tmp_path: Path) -> None:
    for number in range(12):
        write_picture(tmp_path / f"shot{number}.png", number)
    (tmp_path / "notes.txt").write_text("side file")
    stream = open_stream(tmp_path)
    assert (stream.format, stream.clock, stream.duration) == ("pictures", "index", 12.0)
    assert stream.frames is not None
    assert [number_of(p) for p in stream.frames.read(range(12))] == list(range(12))


def test_seconds_in_names_are_times(tmp_path: Path) -> None:
    for number, t in enumerate((4.5, 6.0, 11.25)):
        write_picture(tmp_path / f"v_frame_{number:05d}_{t}s.png", number)
    stream = open_stream(tmp_path)
    assert stream.clock == "seconds"
    assert stream.frames is not None
    assert list(stream.frames.times) == [0.0, 1.5, 6.75]


def test_odd_pictures_are_stretched_and_broken_ones_left_out(tmp_path: Path) -> None:
    for number in range(4):
        write_picture(tmp_path / f"{number}.png", number)
    write_picture(tmp_path / "4.png", 4, (384, 128))
    (tmp_path / "5.png").write_bytes(b"not a picture")
    stream = open_stream(tmp_path)
    assert stream.frames is not None
    assert {p.shape for p in stream.frames.read(range(5))} == {(64, 192, 3)}
    assert any("stretched" in problem for problem in stream.problems)
    assert any("5.png" in problem for problem in stream.problems)


def test_a_truncated_picture_is_named_when_it_is_read(tmp_path: Path) -> None:
    for number in range(2):
        path = write_picture(tmp_path / f"{number}.png", number, (640, 480))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    stream = open_stream(tmp_path)
    assert stream.frames is not None
    with pytest.raises(StreamError, match=r"1\.png"):
        stream.frames.read([1])


def test_a_picture_of_absurd_size_is_refused_from_its_header(tmp_path: Path) -> None:
    write_picture(tmp_path / "0.png")
    data = bytearray((tmp_path / "0.png").read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "0.png").unlink()
    with pytest.raises(StreamError, match=r"pictures of more than .* px are over the limit\. Scale it down"):
        open_stream(tmp_path)
