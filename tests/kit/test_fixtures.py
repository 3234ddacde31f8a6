"""Fixtures: what a line may say, the stream it describes, and drafts judged as the agent judges them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import ConfigError, UsageError
from dataclaw.kit.drawn_frames import DrawnFrames
from dataclaw.kit.fixture_form import DescribedPictures, DescribedStream
from dataclaw.kit.fixtures import (
    FixtureSession,
    fixture_of,
    fixtures_of,
    judge,
    play,
    read_fixtures,
    stream_of,
)
from dataclaw.plugins import load_domain
from dataclaw.types import Footage

GUI = load_domain("gui")
RED, BLUE = "#c01010", "#1020c0"
PICTURES = {
    "size": [64, 48],
    "rate": 4,
    "frames": [
        {"t": 0.0, "fill": RED},
        {"t": 1.0, "fill": BLUE, "shapes": [{"box": [8, 8, 56, 40], "color": "#ffffff", "text": "GO"}]},
    ],
}


def row(**said: Any) -> dict[str, Any]:
    return {"task": "how_to", "intent": "a tutorial", "stream": {"kind": "gui", "duration": 4}, "gold": {}} | said


def test_a_stream_has_what_its_words_say() -> None:
    said = {
        "kind": "trajectory",
        "duration": 2,
        "name": "arm",
        "events": [{"kind": "instruction", "t0": 0, "t1": 2, "text": "pick it up", "attrs": {"lang": "en"}}],
        "series": {
            "pose": {"columns": ["x", "y"], "units": ["m", "m"], "times": [0, 1], "values": [[0, None], [1, 2]]}
        },
        "meta": {"robot": "arm"},
        "pictures": PICTURES,
    }
    stream = stream_of(DescribedStream.model_validate(said))
    assert (stream.kind, stream.clock, stream.name, stream.duration) == ("trajectory", "seconds", "arm", 2)
    assert stream.events[0].index == 0
    assert stream.events[0].attrs == {"lang": "en"}
    pose = stream.series["pose"]
    assert pose.units == ("m", "m")
    assert np.isnan(pose.values[0, 1])
    assert pose.values[1].tolist() == [1, 2]
    assert stream.frames is not None
    assert stream.frames.times == [0.0, 1.0]


def test_equal_words_give_an_equal_id_and_others_another() -> None:
    one, same, other = (
        stream_of(fixture_of(json.dumps(row(stream={"kind": "gui", "duration": d})))) for d in (4, 4, 5)
    )
    assert one.id == same.id != other.id


def test_parts_are_streams() -> None:
    part = {"kind": "gui", "duration": 1, "events": [{"kind": "click", "t0": 0, "t1": 0, "point": [1, 2]}]}
    stream = stream_of(DescribedStream.model_validate({"kind": "fragments", "duration": 1, "parts": {"A": part}}))
    assert stream.parts["A"].events[0].point == (1, 2)


def test_pictures_are_drawn_the_same_each_time() -> None:
    frames = DrawnFrames(DescribedPictures.model_validate(PICTURES))
    assert isinstance(frames, Footage)
    first, second = frames.read([0, 1])
    assert first.shape == (48, 64, 3)
    assert first[0, 0].tolist() == [0xC0, 0x10, 0x10]
    assert second[0, 0].tolist() == [0x10, 0x20, 0xC0]
    assert second[10, 10].tolist() == [255, 255, 255]
    assert (second[8:41, 8:57] == 0).any(), "the words are in dark ink on white"
    assert np.array_equal(frames.read([1])[0], second)
    with pytest.raises(IndexError):
        frames.read([2])


def test_a_clip_has_every_recorded_frame_and_keeps_the_last_drawing() -> None:
    frames = DrawnFrames(DescribedPictures.model_validate(PICTURES))
    assert [t for t, _ in frames.clip(0, 1)] == [0, 0.25, 0.5, 0.75, 1.0]
    shown = dict(frames.clip(0.75, 1.0))
    assert shown[0.75][0, 0].tolist() == [0xC0, 0x10, 0x10]
    assert shown[1.0][0, 0].tolist() == [0x10, 0x20, 0xC0]
    still = DrawnFrames(DescribedPictures.model_validate({**PICTURES, "rate": None}))
    assert [t for t, _ in still.clip(0, 1)] == [0, 1]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=6, unique=True), st.sampled_from([None, 0.5, 4, 30]))
def test_sampled_times_are_recorded_ones(ticks: list[int], rate: float | None) -> None:
    said = {"size": [8, 8], "rate": rate, "frames": [{"t": tick / 10} for tick in sorted(ticks)]}
    frames = DrawnFrames(DescribedPictures.model_validate(said))
    times = [time for time, _ in frames.clip(0, 30)]
    assert times == sorted(set(times))
    assert set(frames.times) <= set(times)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{", "not valid JSON"),
        ("[]", "a JSON object"),
        (json.dumps(row(golden={})), "/golden: no such key"),
        (json.dumps({"task": "a"}), "/intent: Field required"),
        (json.dumps(row(stream={"kind": "gui", "duration": -1})), "/stream/duration"),
        (
            json.dumps(row(stream={"kind": "gui", "duration": 1, "pictures": {"size": [64, 48], "frames": []}})),
            "frames",
        ),
        (
            json.dumps(
                row(stream={"kind": "gui", "duration": 1, "pictures": {"size": [99999, 9], "frames": [{"t": 0}]}})
            ),
            "size",
        ),
        (
            json.dumps(
                row(
                    stream={
                        "kind": "gui",
                        "duration": 1,
                        "series": {"a": {"columns": ["x"], "times": [0, 0], "values": [[1], [2]]}},
                    }
                )
            ),
            "strictly increasing",
        ),
    ],
)
def test_wrong_lines_say_what_is_wrong(said: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        fixture_of(said)


def test_every_wrong_line_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "fixtures.jsonl"
    file.write_text("\n".join([json.dumps(row()), "{", "", json.dumps(row(gold=1))]))
    with pytest.raises(ConfigError, match=r"2 wrong line\(s\): line 2: .*line 4: /gold"):
        read_fixtures(file)
    file.write_text(json.dumps(row()) + "\n\n" + json.dumps(row(intent="again")))
    assert [r.line for r in read_fixtures(file)] == [1, 3]


def test_a_missing_or_torn_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="file not found"):
        read_fixtures(tmp_path / "none.jsonl")
    (tmp_path / "torn.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_fixtures(tmp_path / "torn.jsonl")


def test_drafts_are_judged_as_the_agent_does() -> None:
    example = next(r for r in fixtures_of(GUI) if r.task == "how_to")
    task = GUI.task("how_to")
    gold = judge(task, example, example.gold)
    assert gold.passed
    assert not judge(task, example, {}).passed
    bench = FixtureSession(task, example)
    assert bench.judge(example.gold) == gold
    assert {name[0] for name in bench.state.anchors} >= {"e", "w"}


def test_a_look_that_fails_is_told_with_its_line() -> None:
    example = next(r for r in fixtures_of(GUI) if r.task == "how_to")
    said = example.model_dump(mode="json") | {"look": [{"tool": "list_events", "args": {"page": 99}}]}
    lost = fixture_of(json.dumps(said), 7)
    with pytest.raises(ConfigError, match=r"fixtures.jsonl:7: its look list_events .* failed: .*no page 99"):
        FixtureSession(GUI.task("how_to"), lost)


def test_the_planner_plays_a_fixture_to_its_end() -> None:
    example = next(r for r in fixtures_of(GUI) if r.task == "how_to")
    assert play(GUI, example).is_accepted
    empty = fixture_of(json.dumps(row()))
    done = play(GUI, empty)
    assert not done.is_accepted
    assert done.why
