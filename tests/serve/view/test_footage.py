from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.run.report.records import StreamRecord
from dataclaw.serve.view.footage import kind_of, rate_of, recording_of
from dataclaw.streams import open_stream
from tests.streams.conftest import write_video


@pytest.fixture
def video(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_video(tmp_path / "in" / "a.mp4")


def record(video: Path, path: str | None = None, **more: str) -> StreamRecord:
    found = open_stream(video)
    told = {"id": found.id, "name": found.name, "path": path or str(video), "format": found.format}
    return StreamRecord.model_validate({**told, **more})


def test_a_recording_in_a_folder_that_is_allowed_is_found(video: Path):
    assert recording_of(record(video), [video.parent], 256) == video
    assert recording_of(record(video, "a.mp4"), [video.parent], 256) == video
    assert recording_of(record(video, "/elsewhere/a.mp4"), [video.parent], 256) == video


def test_a_recording_elsewhere_is_not_shown(video: Path, tmp_path: Path):
    (tmp_path / "other").mkdir()
    assert recording_of(record(video), [], 256) is None
    assert recording_of(record(video), [tmp_path / "other"], 256) is None
    assert recording_of(record(video, "../in/a.mp4"), [tmp_path / "other"], 256) is None
    (tmp_path / "other" / "a.mp4").symlink_to(video)
    assert recording_of(record(video, "a.mp4"), [tmp_path / "other"], 256) is None


def test_another_file_of_that_name_is_not_shown(video: Path):
    told = record(video)
    write_video(video, range(20))
    assert recording_of(told, [video.parent], 256) is None


def test_what_a_record_claims_is_not_believed(video: Path):
    secret = shutil.copy(video, video.with_name("secret.txt"))
    assert recording_of(record(video, str(secret)), [video.parent], 256) is None
    assert recording_of(record(video, format="agentnet_raw"), [video.parent], 256) is None
    assert recording_of(record(video, "a\0.mp4"), [video.parent], 256) is None
    assert recording_of(record(video, "x" * 5000 + ".mp4"), [video.parent], 256) is None
    assert recording_of(record(video), [video.parent], 64) is None, "frames are other ones where more were sampled"


def test_only_pictures_and_videos_are_served():
    assert kind_of(Path("a.JPG")) == "image/jpeg"
    assert [kind_of(Path(name)) for name in ("a.html", "a.svg", "a.js", "run.toml", "a", "a.jpg.json")] == [None] * 6


def test_the_rate_of_a_video_is_read(video: Path):
    assert rate_of(video) == pytest.approx(100, abs=1)
    video.write_bytes(b"no video")
    with pytest.raises(StreamError, match="is no video"):
        rate_of(video)
