"""Media of an export: each content once, by its hash; clips as pictures with their times."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from dataclaw.errors import UsageError
from dataclaw.export.example import Attached, Example, ExampleTurn, Medium, Spoken
from dataclaw.export.read import read_samples
from dataclaw.export.store import MediaStore, with_pictures


@pytest.fixture
def clip(runs: dict[str, Path]) -> Medium:
    ((_, _, media),) = read_samples([runs["film"]])
    return media.inputs[0]


def test_one_content_is_one_file(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
    digest = hashlib.sha256(b"same").hexdigest()
    store = MediaStore(tmp_path / "out")
    paths = {store.add(Medium(tmp_path / name, "image", digest, (1, 1))) for name in ("a", "b")}
    assert paths == {f"media/{digest[:24]}.jpg"}
    assert [file.read_bytes() for file in (tmp_path / "out" / "media").iterdir()] == [b"same"]


def test_a_clip_becomes_pictures_evenly_over_it(clip: Medium, tmp_path: Path):
    store = MediaStore(tmp_path)
    pictures = store.pictures(clip, 5)
    assert len(pictures) == 5
    times = [picture.span[0] for picture in pictures]
    assert times[0] == pytest.approx(clip.span[0])
    assert times[-1] == pytest.approx(clip.span[0] + (clip.frames - 1) / clip.rate)
    gaps = [b - a for a, b in pairwise(times)]
    assert max(gaps) - min(gaps) <= 1.01 / clip.rate
    for picture in pictures:
        with Image.open(tmp_path / store.add(picture)) as image:
            assert image.size == clip.size
        assert hashlib.sha256(picture.path.read_bytes()).hexdigest() == picture.sha256


@pytest.mark.parametrize(("count", "frames"), [(1, 1), (2, 2), (1000, None)])
def test_no_more_pictures_than_frames(clip: Medium, tmp_path: Path, count: int, frames: int | None):
    assert len(MediaStore(tmp_path).pictures(clip, count)) == (frames or clip.frames)


def test_a_broken_clip_is_named(tmp_path: Path):
    (tmp_path / "broken.mp4").write_bytes(b"no video at all")
    clip = Medium(tmp_path / "broken.mp4", "video", "0" * 64, (1, 1), span=(0, 1), rate=10, frames=10)
    with pytest.raises(UsageError, match="a clip cannot be read") as wrong:
        MediaStore(tmp_path / "out").pictures(clip, 3)
    assert wrong.value.remedy


def test_pictures_stand_where_the_clip_stood(runs: dict[str, Path], clip: Medium, tmp_path: Path):
    ((_, sample, _),) = read_samples([runs["film"]])
    turn = ExampleTurn("user", (Spoken("before "), Attached(clip), Spoken(" after")))
    shown = with_pictures(Example("x", sample, (turn,)), MediaStore(tmp_path), 3).turns[0]
    assert [medium.kind for medium in shown.media] == ["image"] * 3
    text = "".join(part.text if isinstance(part, Spoken) else "#" for part in shown.fragments)
    assert text.startswith("before 0.00 s:\n#\n")
    assert text.count("#") == 3
    assert text.endswith("#\n after")
