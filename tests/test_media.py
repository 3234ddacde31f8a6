from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.media import Artifacts, media_fields
from dataclaw.streams import Sampling, open_stream
from dataclaw.types import Anchor, Stream
from tests.streams.conftest import number_of, write_video


@pytest.fixture
def stream(tmp_path: Path) -> Stream:
    return open_stream(write_video(tmp_path / "a.mp4", range(40)), sampling=Sampling(max_frames=10, short=10))


BODY = {
    "input_video": {"cite": ["s1"], "start": 0, "end": 4, "freeze_frame": 2, "freeze_repeat_count": 6},
    "output_video": {"cite": ["s2"], "start": 5, "end": 7},
    "output_image": [{"cite": ["f6"], "frame": 6}],
    "input_image": [{"cite": ["f1"], "frame": 1}],
}
CITED = {"f1": Anchor("f1", "frame", "", 0, 0, frame=1), "s1": Anchor("s1", "segment", "", 0, 0, frame=3)}


def test_media_become_frame_numbers() -> None:
    assert media_fields(BODY) == {
        "input_video": [0, 4],
        "freeze": {"frame": 2, "repeat": 6},
        "output_video": [5, 7],
        "input_image": [1],
        "output_image": [6],
    }
    assert media_fields({}) == {"input_video": None, "output_video": None, "input_image": None, "output_image": None}


def test_clips_and_pictures_are_written_and_told(stream: Stream, tmp_path: Path) -> None:
    rows = {row["id"]: row for row in Artifacts(tmp_path / "out").write("s-0", BODY, CITED, stream)}
    roles = {name.partition("/")[2]: row["role"] for name, row in rows.items()}
    assert roles == {
        "f00001": "input_image",
        "f00003": "evidence",
        "f00006": "output_image",
        "input_video": "input_video",
        "output_video": "output_video",
    }
    for row in rows.values():
        data = (tmp_path / "out" / row["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
    faulty, recovery = rows["s-0/input_video"], rows["s-0/output_video"]
    assert (faulty["freeze_frame"], faulty["freeze_repeat_count"]) == (2, 6)
    assert "freeze_frame" not in recovery
    clip = open_stream(tmp_path / "out" / recovery["path"], sampling=Sampling(short=4096, max_frames=4096)).frames
    assert clip is not None
    assert stream.frames is not None
    ends = [number_of(p) for p in stream.frames.read([5, 7])]
    assert [number_of(p) for p in clip.read(range(len(clip.times)))] == list(range(ends[0], ends[1] + 1))
    assert recovery["frames"] == ends[1] - ends[0] + 1
    assert not [p for p in (tmp_path / "out").rglob("*") if p.name.endswith(".tmp")]


def test_a_span_that_runs_backwards_cannot_be_cut(stream: Stream, tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="output_video cannot be cut"):
        list(Artifacts(tmp_path).write("s", {"output_video": {"start": 5, "end": 2}}, {}, stream))
