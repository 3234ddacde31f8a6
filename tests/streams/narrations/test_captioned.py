"""Videos with a caption beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.streams import open_stream
from tests.streams.conftest import write_video


def test_the_caption_is_an_event_of_the_video(tmp_path: Path) -> None:
    write_video(tmp_path / "dough.mp4")
    write_video(tmp_path / "other.mp4")
    (tmp_path / "captions.json").write_text(json.dumps({"captions": {"dough.mp4": "A <i>baker</i> kneads."}}))
    stream = open_stream(tmp_path / "dough.mp4")
    assert (stream.kind, stream.format) == ("video", "captioned")
    assert [(e.kind, e.text, e.t0, e.t1, e.frame) for e in stream.events] == [
        ("caption", "A baker kneads.", 0, stream.duration, 0)
    ]
    assert stream.frames is not None
    assert open_stream(tmp_path / "other.mp4").format == "video"


@pytest.mark.parametrize("text", ["{", "[]", '{"captions": 3}', '{"dough.mp4": 5}', '{"dough.mp4": " "}', "[" * 9000])
def test_a_broken_manifest_leaves_a_plain_video(tmp_path: Path, text: str) -> None:
    write_video(tmp_path / "dough.mp4")
    (tmp_path / "captions.json").write_text(text)
    assert open_stream(tmp_path / "dough.mp4").format == "video"
