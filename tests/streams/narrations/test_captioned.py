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


def test_spans_of_captions_and_of_keys_are_events_in_order(tmp_path: Path) -> None:
    write_video(tmp_path / "play.mp4")
    spans: list[object] = [
        {"start": 0.2, "end": 0.4, "text": "The player turns left."},
        {"start": 0.1, "end": 0.9, "keys": ["TURN_LEFT", "ATTACK"]},
        {"start": 900, "end": 901, "text": "too late"},
        {"start": 0.5, "end": 0.1, "text": "ends before it starts"},
        {"start": True, "end": 1, "text": "no time"},
        {"start": 0, "end": 1, "keys": [7]},
        {"start": 0, "end": 1, "text": " "},
        "no span",
    ]
    (tmp_path / "captions.json").write_text(json.dumps({"captions": {"play.mp4": spans}}))
    stream = open_stream(tmp_path / "play.mp4")
    assert [(e.index, e.kind, e.text, e.keys, e.t0, e.t1) for e in stream.events] == [
        (0, "hold", "", ("TURN_LEFT", "ATTACK"), 0.1, 0.5),
        (1, "caption", "The player turns left.", (), 0.2, 0.4),
    ]
    assert all(e.frame is None for e in stream.events)
    assert stream.problems == ("1 caption(s) start after the video's end; left out.",)


def test_other_spans_are_another_stream(tmp_path: Path) -> None:
    write_video(tmp_path / "play.mp4")
    ids: set[str] = set()
    for said in ("a", [{"start": 0, "end": 0.5, "text": "a"}], [{"start": 0, "end": 0.6, "text": "a"}]):
        (tmp_path / "captions.json").write_text(json.dumps({"play.mp4": said}))
        ids.add(open_stream(tmp_path / "play.mp4").id)
    assert len(ids) == 3
