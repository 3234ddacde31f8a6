"""Cuts as OpenTimelineIO documents, with its own library as the witness where it can read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import open_stream
from dataclaw.streams.edits.otio import read_timeline
from dataclaw.types import Event, Stream
from tests.streams.edits.making import clip, gap, many, span, time, timeline


def of_kind(stream: Stream, kind: str) -> list[Event]:
    return [event for event in stream.events if event.kind == kind]


def test_clips_gaps_and_a_dissolve_stand_at_their_times(tmp_path: Path) -> None:
    dissolve = {
        "OTIO_SCHEMA": "Transition.1", "name": "", "transition_type": "SMPTE_Dissolve",
        "in_offset": time(6), "out_offset": time(12),
    }  # fmt: skip
    media = {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///x/My%20Shot.mov"}}
    track = many("Track.1", "V", [clip("a", 48, 24, media_references=media), gap(12), clip("b", 0, 48), dissolve,
                                  clip("c", 0, 24)], kind="Video")  # fmt: skip
    stream = open_stream(timeline(tmp_path / "cut.otio", track))
    assert [(e.kind, e.text, e.t0, e.t1) for e in stream.events] == [
        ("clip", "a", 0.0, 1.0),
        ("gap", "", 1.0, 1.5),
        ("clip", "b", 1.5, 3.5),
        ("transition", "SMPTE_Dissolve", 3.25, 4.0),
        ("clip", "c", 3.5, 4.5),
    ]
    first, dissolved = stream.events[0], stream.events[3]
    assert (first.attrs["source_in"], first.attrs["source_out"], first.attrs["media"]) == (2.0, 3.0, "My Shot.mov")
    assert (dissolved.attrs["from"], dissolved.attrs["to"]) == ("b", "c")
    assert (stream.duration, stream.meta["rate"], stream.meta["title"]) == (4.5, 24.0, "Cut")


def test_a_nested_stack_is_flattened_with_its_own_track_and_speed(tmp_path: Path) -> None:
    slow = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 0.5}]
    inner = many("Stack.1", "Intro", [many("Track.1", "Titles", [clip("t", 0, 24), clip("u", 0, 24)], kind="Video")],
                 source_range=span(12, 48), effects=slow)  # fmt: skip
    stream = open_stream(timeline(tmp_path / "cut.otio", many("Track.1", "V", [clip("a", 0, 24), inner], kind="Video")))
    titles = [e for e in stream.events if e.attrs["track"] == "V/Intro/Titles"]
    assert [(e.text, e.t0, e.t1, e.attrs["speed"]) for e in titles] == [("t", 1.0, 2.0, 0.5), ("u", 2.0, 3.0, 0.5)]
    assert titles[0].attrs["source_in"] == 0.5


def test_a_freeze_frame_of_a_nested_track_holds_one_clip(tmp_path: Path) -> None:
    held = many("Track.1", "Held", [clip("x", 0, 24), clip("y", 0, 24)], kind="Video", source_range=span(30, 4),
                effects=[{"OTIO_SCHEMA": "FreezeFrame.1"}])  # fmt: skip
    stream = open_stream(timeline(tmp_path / "cut.otio", many("Track.1", "V", [held], kind="Video")))
    (shown,) = of_kind(stream, "clip")
    assert (shown.text, shown.attrs["speed"], shown.attrs["source_in"]) == ("y", 0.0, 0.25)


def test_a_reversed_clip_runs_from_its_start_back(tmp_path: Path) -> None:
    back = clip("a", 48, 24, effects=[{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": -1.0}])
    event = open_stream(timeline(tmp_path / "c.otio", many("Track.1", "V", [back], kind="Video"))).events[0]
    assert (event.attrs["speed"], event.attrs["source_in"], event.attrs["source_out"]) == (-1.0, 2.0, 1.0)


def test_old_and_new_versions_of_a_schema_are_the_same(tmp_path: Path) -> None:
    marker = {"name": "fix", "marked_range": span(30, 0), "comment": "hair"}
    old = {"OTIO_SCHEMA": "Clip.1", "name": "a", "source_range": span(24, 24), "media_reference": {
        "OTIO_SCHEMA": "ExternalReference.1", "target_url": "a.mov"}, "markers": [
        {"OTIO_SCHEMA": "Marker.1", "color": "RED", **marker}]}  # fmt: skip
    new = {"OTIO_SCHEMA": "Clip.9", "name": "a", "source_range": span(24, 24), "media_references": {"DEFAULT_MEDIA": {
        "OTIO_SCHEMA": "ExternalReference.4", "target_url": "a.mov"}}, "markers": [
        {"OTIO_SCHEMA": "Marker.3", "color": {"OTIO_SCHEMA": "Color.1", "name": "RED"}, **marker}]}  # fmt: skip
    first, second = (
        open_stream(timeline(tmp_path / f"{k}.otio", many(f"{track}.1", "V", [what], kind="Video"))).events
        for k, (track, what) in enumerate([("Sequence", old), ("Track", new)])
    )
    assert first == second
    assert (first[1].kind, first[1].t0, first[1].attrs["color"], first[1].attrs["comment"]) == (
        "marker", 0.25, "RED", "hair"
    )  # fmt: skip


def test_missing_media_and_switched_off_clips_are_said(tmp_path: Path) -> None:
    off = clip("a", 0, 24, enabled=False, media_references={"DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"}})
    lost = {"OTIO_SCHEMA": "Clip.2", "name": "nowhere", "source_range": None}
    odd = {"OTIO_SCHEMA": "Hologram.3", "name": "h", "source_range": span(0, 12)}
    stream = open_stream(timeline(tmp_path / "c.otio", many("Track.1", "V", [off, lost, odd], kind="Video")))
    (event,) = of_kind(stream, "clip")
    assert (event.attrs["media_kind"], event.attrs["enabled"]) == ("missing", False)
    assert any("'nowhere'" in p and "left out" in p for p in stream.problems)
    assert any("Hologram.3 'h' is unknown; kept as a gap" in p for p in stream.problems)
    assert of_kind(stream, "gap")[0].t1 == 1.5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (clip("a", 0, 24, 0), "rate is 0"),
        (clip("a", 0, 24, -25), "rate is -25"),
        (clip("a", 0, -24), "ends before it starts"),
        (clip("a", 0, 1e9), "h after the start"),
        (clip("a", 0, 24) | {"source_range": {"start_time": {"value": "x", "rate": 24}}}, "no number"),
    ],
)
def test_times_that_mean_nothing_are_refused_by_name(tmp_path: Path, wrong: Any, said: str) -> None:
    path = timeline(tmp_path / "c.otio", many("Track.1", "V", [wrong], kind="Video"))
    with pytest.raises(StreamError, match=said) as caught:
        open_stream(path)
    assert "'a'" in str(caught.value)


@pytest.mark.parametrize("depth", [80, 1000])
def test_a_thousand_nested_stacks_are_refused(tmp_path: Path, depth: int) -> None:
    text = '{"OTIO_SCHEMA": "Stack.1", "children": [' * depth + json.dumps(clip("a", 0, 24)) + "]}" * depth
    path = tmp_path / "deep.otio"
    path.write_text(text)
    with pytest.raises(StreamError, match="nested"):
        open_stream(path)


@pytest.mark.parametrize("text", ['{"OTIO_SCHEMA": "Timeline.1", "tracks": ', '{"OTIO_SCHEMA": "Timeline.1", "x": NaN}',
                                  '{"OTIO_SCHEMA": "Timeline.1"}', '{"OTIO_SCHEMA": "SchemaDef.1"}'])  # fmt: skip
def test_what_is_no_timeline_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.otio"
    path.write_text(text)
    with pytest.raises(StreamError):
        open_stream(path)


def test_a_collection_holds_several_cuts(tmp_path: Path) -> None:
    cuts = [{"OTIO_SCHEMA": "Timeline.1", "name": n, "tracks": many("Stack.1", "", [
        many("Track.1", "V", [clip(n, 0, 24)], kind="Video")])} for n in "ab"]  # fmt: skip
    path = tmp_path / "c.otio"
    path.write_text(json.dumps(many("SerializableCollection.1", "", cuts)))
    assert [open_stream(f"{path}#{k}").events[0].text for k in range(2)] == ["a", "b"]


def test_tracks_of_one_name_are_told_apart(tmp_path: Path) -> None:
    tracks = [many("Track.1", name, [clip("a", 0, 24)], kind="Video") for name in ("V", "V", "V #2", "", "V")]
    stream = open_stream(timeline(tmp_path / "c.otio", *tracks))
    assert [t["name"] for t in stream.meta["tracks"]] == ["V", "V #2", "V #2 #2", "V4", "V #3"]


_TIMES = st.fixed_dictionaries({"value": st.integers(-50, 200) | st.floats(), "rate": st.sampled_from([24, 25, 0, -1])})
_RANGES = st.none() | st.fixed_dictionaries({"start_time": _TIMES, "duration": _TIMES})
_ITEMS = st.recursive(
    st.fixed_dictionaries({"OTIO_SCHEMA": st.sampled_from(["Clip.2", "Gap.1", "Transition.1", "X.1"]),
                           "source_range": _RANGES, "in_offset": _TIMES, "out_offset": _TIMES,
                           "effects": st.lists(st.fixed_dictionaries({"OTIO_SCHEMA": st.just("LinearTimeWarp.1"),
                                                                      "time_scalar": st.floats(-4, 4)}), max_size=1)}),
    lambda inner: st.fixed_dictionaries({"OTIO_SCHEMA": st.sampled_from(["Stack.1", "Track.1"]),
                                         "source_range": _RANGES, "children": st.lists(inner, max_size=4)}),
)  # fmt: skip


@settings(deadline=None)
@given(item=_ITEMS)
def test_whatever_is_nested_in_what_gives_pieces_in_order_or_an_error(item: Any) -> None:
    document = {"OTIO_SCHEMA": "Timeline.1", "tracks": many("Stack.1", "", [many("Track.1", "V", [item])])}
    try:
        cut = read_timeline(document, Path("c.otio"))
    except StreamError:
        return
    assert all(piece.t0 <= piece.t1 and piece.track in cut.tracks for piece in cut.pieces)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["effects", "multitrack", "transition", "nested_example"])
def test_the_library_puts_the_clips_of_every_track_at_the_same_times(shared: Path, name: str) -> None:
    otio = pytest.importorskip("opentimelineio")
    path = shared / f"aigc/otio_timelines/{name}.otio"
    timeline = otio.adapters.read_from_file(str(path))
    expected = [
        (item.name, pytest.approx(at.start_time.to_seconds()), pytest.approx(at.end_time_exclusive().to_seconds()))
        for track in timeline.tracks
        for item in track
        if isinstance(item, otio.schema.Clip)
        for at in [track.range_of_child(item)]
    ]
    found = [(e.text, e.t0, e.t1) for e in of_kind(open_stream(path), "clip") if "/" not in e.attrs["track"]]
    assert sorted(found, key=str) == sorted(expected, key=lambda x: str((x[0], x[1].expected, x[2].expected)))


@pytest.mark.shared
def test_documents_too_new_for_the_library_are_read(shared: Path) -> None:
    folder = shared / "aigc/otio_timelines"
    premiere, screening = (open_stream(folder / f"{n}.otio") for n in ("premiere_example", "screening_example"))
    assert len(of_kind(premiere, "clip")) == 15
    assert [e.attrs["comment"] for e in of_kind(premiere, "marker") if "comment" in e.attrs] == [
        "so, this happened",
        "fsfsfs",
    ]
    listed = open_stream(shared / "aigc/edl_cmx3600/screening_example.edl")
    for kind in ("clip", "marker"):
        assert [(e.text, e.t0, e.t1) for e in of_kind(screening, kind)] == [
            (e.text, pytest.approx(e.t0), pytest.approx(e.t1)) for e in of_kind(listed, kind)
        ]


@pytest.mark.parametrize(
    ("rate", "value", "speed"),
    [
        (1e-300, 1e299, 1),
        (1e-300, 5, 1),
        (5e-324, 1, 1),
        (24, 1e300, 1),
        (24, 24, 1e200),
        (24, 10**400, 1),
        (10**400, 1, 1),
    ],
)
def test_numbers_beyond_all_recordings_are_refused(tmp_path: Path, rate: float, value: float, speed: float) -> None:
    def time(count: float) -> dict[str, object]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": count}

    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(0), "duration": time(value)}
    warps = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": speed}] * 2
    clip = {"OTIO_SCHEMA": "Clip.1", "name": "x", "effects": warps, "source_range": span}
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [clip]}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": stack}))
    with pytest.raises(StreamError, match=r"its (time|speed|rate) is") as caught:
        open_stream(path)
    assert len(str(caught.value)) < 400


def test_an_endless_transition_is_refused(tmp_path: Path) -> None:
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": {"rate": 24, "value": 0}, "duration": {"rate": 24, "value": 24}}
    clip = {"OTIO_SCHEMA": "Clip.1", "source_range": span}
    fade = {"OTIO_SCHEMA": "Transition.1", "in_offset": {"rate": 24, "value": 2}}
    fade["out_offset"] = {"rate": 1e-300, "value": 1e299}
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [clip, fade, clip]}
    path = tmp_path / "cut.otio"
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    path.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "tracks": stack}))
    with pytest.raises(StreamError, match="its rate is 1e-300 frames a second"):
        open_stream(path)
