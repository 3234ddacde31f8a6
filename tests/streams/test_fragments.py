from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError, UsageError
from dataclaw.streams import Sampling, cut_fragments, open_stream
from dataclaw.types import Event, Stream
from tests.streams.conftest import number_of, write_video


def made(count: int = 12, windows: int = 3) -> Stream:
    """A trace of `count` clicks, one a second, whose window changes `windows - 1` times."""
    each = count / windows
    events = tuple(
        Event(k, "click", float(k), k + 0.2, text=f"step {k}", window=f"w{int(k / each)}", place=f"f:{k}")
        for k in range(count)
    )
    spans = [{"name": f"w{k}", "t0": k * each, "t1": (k + 1) * each} for k in range(windows)]
    return Stream("s" * 16, "gui", "made", "/made", "made", float(count), events=events, meta={"windows": spans})


@given(st.integers(2, 12), st.integers(0, 3), st.integers(0, 1000))
def test_parts_in_their_true_order_are_the_stream_again(parts: int, distractors: int, seed: int) -> None:
    stream = replace(made(), annotations={"task": "do it", "reward": 1})
    others = [replace(made(20), id=f"other{k}") for k in range(distractors)]
    cut = cut_fragments(stream, parts=parts, distractors=others, seed=seed)
    order = cut.annotations["ordered_fragment_labels"]
    assert cut.kind == "fragments"
    assert cut.annotations["task"] == "do it"
    assert sorted(cut.parts) == [chr(65 + k) for k in range(parts + distractors)]
    assert [event.text for label in order for event in cut.parts[label].events] == [f"step {k}" for k in range(12)]
    assert cut.events == ()
    assert cut.frames is None


@given(st.integers(2, 6), st.integers(0, 1000))
def test_nothing_in_a_part_says_where_it_stood(parts: int, seed: int) -> None:
    cut = cut_fragments(made(), parts=parts, seed=seed)
    for part in cut.parts.values():
        assert [event.index for event in part.events] == list(range(len(part.events)))
        assert part.events[0].t0 == 0.0
        assert all(0 <= event.t0 <= event.t1 <= part.duration + 0.2 for event in part.events)
        assert not any(event.place for event in part.events)
        assert part.annotations == {}
        assert min((window["t0"] for window in part.meta["windows"]), default=0) == 0


def test_cuts_fall_where_the_window_changes() -> None:
    cut = cut_fragments(made(12, 3), parts=3, seed=5)
    assert {frozenset(event.window for event in part.events) for part in cut.parts.values()} == {
        frozenset({"w0"}),
        frozenset({"w1"}),
        frozenset({"w2"}),
    }


def test_the_same_seed_gives_the_same_cut() -> None:
    one, same, other = (cut_fragments(made(), parts=4, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.id != other.id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5, deadline=None)
@given(seed=st.integers(0, 100))
def test_a_video_is_cut_between_frames(tmp_path: Path, seed: int) -> None:
    path = write_video(tmp_path / "v.mp4", range(60))
    cut = cut_fragments(open_stream(path, sampling=Sampling(fill_fps=100)), parts=3, seed=seed)
    shown: list[int] = []
    for label in cut.annotations["ordered_fragment_labels"]:
        frames = cut.parts[label].frames
        assert frames is not None
        assert frames.times[0] == 0.0
        shown += [number_of(picture) for picture in frames.read(range(len(frames.times)))]
    assert shown == list(range(60))


@pytest.mark.parametrize("parts", [0, 1, 13])
def test_a_number_of_parts_that_cannot_be_is_refused(parts: int) -> None:
    with pytest.raises(UsageError, match="cannot cut 12 steps"):
        cut_fragments(made(), parts=parts)


def test_more_parts_than_letters_are_refused() -> None:
    with pytest.raises(UsageError, match="letters"):
        cut_fragments(made(40), parts=27)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        write_video(tmp_path / f"{name}.mp4", range(5 if name == "a" else 9))
    return tmp_path


def test_a_manifest_names_the_parts_and_their_truth(clips: Path) -> None:
    manifest = {"fragments": {"A": "b.mp4", "B": "a.mp4"}, "order": ["B", "A"], "task": "buy it"}
    (clips / "fragments.json").write_text(json.dumps(manifest))
    stream = open_stream(clips)
    assert (stream.kind, sorted(stream.parts), stream.duration) == ("fragments", ["A", "B"], pytest.approx(0.09))
    assert stream.annotations == {"ordered_fragment_labels": ["B", "A"], "task": "buy it"}
    assert stream == open_stream(clips / "fragments.json") or stream.id == open_stream(clips / "fragments.json").id


def test_files_named_as_fragments_are_parts(clips: Path) -> None:
    (clips / "a.mp4").rename(clips / "fragment-a.mp4")
    (clips / "b.mp4").rename(clips / "Fragment_B.mp4")
    assert sorted(open_stream(clips).parts) == ["A", "B"]


@pytest.mark.parametrize(
    "manifest",
    [
        "[]",
        "{",
        "{}",
        '{"fragments": {}}',
        '{"fragments": {"A": 3}}',
        '{"fragments": {"A": "missing.mp4"}}',
        '{"fragments": {"A": "../x.mp4"}}',
        '{"fragments": {"A": "/etc/hostname"}}',
        '{"fragments": {"A": "."}}',
        '{"fragments": {"A b": "a.mp4"}}',
        '{"fragments": {"A": "fragments.json"}}',
    ],
)
def test_a_wrong_manifest_is_refused(clips: Path, manifest: str) -> None:
    (clips / "fragments.json").write_text(manifest)
    with pytest.raises(StreamError) as caught:
        open_stream(clips)
    assert caught.value.remedy
    assert caught.value.place


def test_a_case_with_one_input_is_that_stream(clips: Path) -> None:
    case = {"domain": "education", "inputs": {"video": "a.mp4"}, "reference": {"question": "?"}}
    (clips / "case.json").write_text(json.dumps(case))
    stream = open_stream(clips)
    assert (stream.kind, stream.name) == ("video", clips.name)
    assert stream.annotations == {"domain": "education", "reference": {"question": "?"}}
