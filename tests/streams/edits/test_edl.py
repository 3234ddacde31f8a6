"""Edit decision lists: their rate is found in their time codes, and what does not agree is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import open_stream
from dataclaw.streams.edits.edl import parse_edl
from dataclaw.streams.edits.timecode import Counting, TimeCode, find_counting, parse_code
from dataclaw.tools.operations import operation_sentences
from dataclaw.types import Stream

HEAD = "TITLE: Cut\nFCM: NON-DROP FRAME\n"


def opened(tmp_path: Path, body: str | bytes) -> Stream:
    path = tmp_path / "cut.edl"
    path.write_bytes(body if isinstance(body, bytes) else (HEAD + body).encode())
    return open_stream(path)


def test_record_times_become_seconds_from_the_first(tmp_path: Path) -> None:
    stream = opened(
        tmp_path,
        "001  R1 V C 01:00:00:00 01:00:01:00 10:00:00:00 10:00:01:00\n* FROM CLIP NAME: one\n"
        "002  R1 V C 00:00:02:00 00:00:03:12 10:00:02:00 10:00:03:12\n* FROM CLIP: S:\\x\\two.mov\n"
        "003  R2 A2 C 00:00:00:00 00:00:00:13 10:00:00:12 10:00:01:01\n",
    )
    assert [(e.kind, e.text, e.attrs["track"], e.t0, e.t1) for e in stream.events] == [
        ("clip", "one", "V", 0.0, 1.0),
        ("clip", "R2", "A2", 0.5, pytest.approx(25 / 24)),
        ("gap", "", "V", 1.0, 2.0),
        ("clip", "S:\\x\\two.mov", "V", 2.0, 3.5),
    ]
    two = stream.events[3]
    assert (two.attrs["media"], two.attrs["source_in"], two.place) == ("two.mov", 2.0, "line 5")
    assert stream.meta["start_timecode"] == 36_000
    assert "24 frames/s is inferred" in stream.problems[0]


def test_a_rate_that_cannot_be_told_is_said_to_be_assumed(tmp_path: Path) -> None:
    stream = opened(tmp_path, "001 R V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n")
    assert stream.problems == ("The list says no rate; 24 frames/s is assumed, and 25, 30, 50, 60 would fit as well.",)


@pytest.mark.parametrize(("frame", "rate"), [(24, 25.0), (29, 30.0), (49, 50.0), (59, 60.0)])
def test_the_largest_frame_number_bounds_the_rate(tmp_path: Path, frame: int, rate: float) -> None:
    stream = opened(tmp_path, f"001 R V C 00:00:00:00 00:00:00:{frame} 00:00:00:00 00:00:00:{frame}\n")
    assert stream.meta["rate"] == rate


def test_no_rate_has_so_many_frames(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="frame 75"):
        opened(tmp_path, "001 R V C 00:00:00:00 00:00:00:75 00:00:00:00 00:00:00:75\n")


def test_drop_frame_follows_the_clock() -> None:
    counting = Counting(30, drop=True)
    hour = parse_code("01:00:00;00")
    assert hour is not None
    assert counting.seconds(hour) == pytest.approx(3600, abs=0.004)  # SMPTE ST 12-1: 107,892 frames an hour
    assert hour.count(30, drop=True) == 107_892
    assert TimeCode(60, 2).count(30, drop=True) == TimeCode(59, 29).count(30, drop=True) + 1
    assert find_counting(29, lambda _: 0, drop=True).rate == pytest.approx(29.97, abs=0.001)


@settings(deadline=None)
@given(frames=st.integers(0, 24 * 107_892 - 1))
def test_drop_frame_codes_count_every_frame_once(frames: int) -> None:
    tens, rest = divmod(frames, 17_982)
    shown = frames + 18 * tens + (2 * ((rest - 2) // 1798) if rest > 1 else 0)
    assert TimeCode(shown // 30, shown % 30).count(30, drop=True) == frames


def test_speed_and_freeze_frames(tmp_path: Path) -> None:
    stream = opened(
        tmp_path,
        "001 R V C 00:00:00:00 00:00:02:00 00:00:00:00 00:00:01:00\nM2   R   048.0   00:00:00:00\n"
        "002 R V C 00:00:05:00 00:00:05:01 00:00:01:00 00:00:02:00\nM2 R 000.0 00:00:05:00\n* * FREEZE FRAME\n"
        "003 R V C 00:00:09:00 00:00:10:00 00:00:02:00 00:00:03:00\nM2 R -024.0 00:00:09:00\n"
        "004 R V C 00:00:00:00 00:00:01:01 00:00:03:00 00:00:04:01\n",
    )
    assert [e.attrs["speed"] for e in stream.events] == [2.0, 0.0, -1.0, 1.0]
    assert not any("the record is kept" in p for p in stream.problems)


def test_a_picture_that_goes_on_after_its_dissolve_is_one_shot(tmp_path: Path) -> None:
    stream = opened(
        tmp_path,
        "001 R V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n* FROM CLIP NAME: one\n"
        "002 R V C 00:00:01:00 00:00:01:00 00:00:01:00 00:00:01:00\n"
        "002 S V D 012 00:00:00:00 00:00:00:12 00:00:01:00 00:00:01:12\n"
        "* FROM CLIP NAME: one\n* TO CLIP NAME: two\n"
        "003 S V C 00:00:00:12 00:00:02:00 00:00:01:12 00:00:03:00\n* FROM CLIP NAME: two\n"
        "004 S V C 00:00:02:00 00:00:03:00 00:00:03:00 00:00:04:00\n* FROM CLIP NAME: two\n",
    )
    clips = [(e.text, e.t0, e.t1, e.attrs["source_out"]) for e in stream.events if e.kind == "clip"]
    assert clips == [("one", 0.0, 1.0, 1.0), ("two", 1.0, 3.0, 2.0), ("two", 3.0, 4.0, 3.0)]


def test_a_remark_is_said_of_sound_and_picture_of_one_event(tmp_path: Path) -> None:
    stream = opened(
        tmp_path,
        "001 R V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
        "001 R A C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n* FROM CLIP NAME: one\n",
    )
    assert [(e.text, e.attrs["track"], e.t0) for e in stream.events] == [("one", "V", 0.0), ("one", "A", 0.0)]


def test_a_dissolve_names_both_sides(tmp_path: Path) -> None:
    stream = opened(
        tmp_path,
        "001 R V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n* FROM CLIP NAME: one\n"
        "002 R V C 00:00:01:00 00:00:01:00 00:00:01:00 00:00:01:00\n"
        "002 S V D 012 00:00:00:00 00:00:02:00 00:00:01:00 00:00:03:00\n"
        "* FROM CLIP NAME: one\n* TO CLIP NAME: two\n"
        "003 T V W001 006 00:00:00:00 00:00:01:00 00:00:03:00 00:00:04:00\n* FROM CLIP NAME: three\n",
    )
    dissolve, wipe = (e for e in stream.events if e.kind == "transition")
    assert (dissolve.text, dissolve.t0, dissolve.t1) == ("SMPTE_Dissolve", 1.0, 1.5)
    assert (dissolve.attrs["from"], dissolve.attrs["to"]) == ("one", "two")
    assert (wipe.text, wipe.attrs["from"], wipe.attrs["to"]) == ("SMPTE_Wipe", "two", "three")
    assert [e.text for e in stream.events if e.kind == "clip"] == ["one", "two", "three"]


def test_events_that_end_before_they_start_overlap_or_cannot_be_read_are_named(tmp_path: Path) -> None:
    stream = opened(
        tmp_path,
        "001 R V C 00:00:00:00 00:00:01:00 00:00:05:00 00:00:04:00\n"
        "002 R V C 00:00:03:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
        "003 R V C 00:00:00:00 00:00:01:00 00:00:00:12 00:00:01:12\n"
        "004 R V C 00:00:00:00 00:00:01:00 00:00:02:00 00:00:03:00\n"
        "005 R V C 00:00:00:00 00:00:99:00 00:00:03:00 00:00:04:00\n",
    )
    said = " ".join(stream.problems)
    assert "Event 1 (line 3) ends before it starts; left out." in said
    assert "Event 2 (line 4): its source ends 48 frames before it starts." in said
    assert "overlap on track V by 12 frames" in said
    assert "Line 7 is no event that can be read" in said
    assert len([e for e in stream.events if e.kind == "clip"]) == 3


def test_time_codes_that_agree_nowhere_are_refused_with_the_line(tmp_path: Path) -> None:
    rows = "".join(f"00{k} R V C 00:00:00:00 00:00:0{k}:00 00:00:0{k}:00 00:00:0{k}:10\n" for k in range(1, 5))
    with pytest.raises(StreamError, match=r"cut\.edl:3: in 4 of 4 events"):
        opened(tmp_path, rows)


def test_a_list_in_another_encoding_is_read_and_said(tmp_path: Path) -> None:
    body = (HEAD + "001 R V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n* FROM CLIP NAME: Fünf\n").encode(
        "cp1252"
    )
    stream = opened(tmp_path, body)
    assert stream.events[0].text == "Fünf"
    assert "not UTF-8 (byte 0xfc at offset" in stream.problems[0]


def test_a_list_in_utf16_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="UTF-16"):
        opened(tmp_path, (HEAD + "001 R V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n").encode("utf-16"))


def test_a_list_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="holds no event"):
        opened(tmp_path, "* nothing\n")


_LINES = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"\A00[1-4]  R V (C|D|W001|K)\s+(012 )?(0\d:[0-6]\d:[0-6]\d:[0-3]\d ){4}\Z"),
    st.from_regex(r"\A(M2 R -?[0-9.]{1,6} 00:00:00:00|\* LOC: .{0,20}|\* FROM CLIP NAME: .{0,20})\Z"),
)


@settings(deadline=None)
@given(lines=st.lists(_LINES, max_size=12))
def test_any_text_is_a_list_or_none(lines: list[str]) -> None:
    listing = parse_edl("\n".join(lines), "x.edl")
    assert all(row.line >= 1 for row in listing.rows)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "clips", "rate"),
    [("25fps", 4, 25), ("avid_example", 2, 24), ("cdl", 2, 24), ("dissolve_test", 2, 24), ("gap_test", 3, 24),
     ("screening_example", 9, 24), ("speed_effects_small", 5, 24), ("timecode_mismatch", 20, 25)],
)  # fmt: skip
def test_every_real_list_opens_at_its_rate(shared: Path, name: str, clips: int, rate: float) -> None:
    stream = open_stream(shared / f"aigc/edl_cmx3600/{name}.edl")
    assert len([e for e in stream.events if e.kind == "clip"]) == clips
    assert stream.meta["rate"] == rate
    assert any("frames/s is" in p for p in stream.problems)


@pytest.mark.shared
def test_the_wrong_time_codes_of_the_real_list_are_named(shared: Path) -> None:
    stream = open_stream(shared / "aigc/edl_cmx3600/timecode_mismatch.edl")
    wrong = {e.attrs["event"]: e.attrs["mismatch_frames"] for e in stream.events if "mismatch_frames" in e.attrs}
    assert wrong == {4: -2, 5: 25, 9: 4, 10: -4}
    assert "Event 9 (line 28): the source lasts 51 frames, the record 55; the record is kept." in stream.problems


@pytest.mark.shared
@pytest.mark.parametrize(("name", "rate"), [("25fps", 25), ("cdl", 24), ("gap_test", 24), ("screening_example", 24)])
def test_the_adapter_puts_clips_at_the_same_times(shared: Path, name: str, rate: int) -> None:
    otio = pytest.importorskip("opentimelineio")
    path = shared / f"aigc/edl_cmx3600/{name}.edl"
    (track,) = otio.adapters.read_from_file(str(path), rate=rate).tracks
    clips = [(c, track.range_of_child(c)) for c in track if isinstance(c, otio.schema.Clip)]
    found = [e for e in open_stream(path).events if e.kind == "clip"]
    assert [(e.text, e.t0, e.attrs["source_in"]) for e in found] == [
        (c.name, pytest.approx(at.start_time.to_seconds()), pytest.approx(c.source_range.start_time.to_seconds()))
        for c, at in clips
    ]


def test_effects_are_read_and_other_remarks_are_told(tmp_path: Path) -> None:
    lines = ["001  AX V C 01:00:04:01 01:00:05:12 00:00:00:00 00:00:01:11", "* FROM CLIP NAME:  mug", "* mug",
             "* AVX2 EFFECT, RESIZE", "EFFECTS NAME IS BLUR", "* COLOUR BY HAND"]  # fmt: skip
    (tmp_path / "a.edl").write_text("TITLE: a\n" + "\n".join(lines) + "\n")
    stream = open_stream(tmp_path / "a.edl")
    (clip,) = stream.events
    assert [effect["name"] for effect in clip.attrs["effects"]] == ["RESIZE", "BLUR"]
    assert [p for p in stream.problems if "remark" in p] == [
        "Line 7 is a remark that is not understood ('* COLOUR BY HAND'); left out."
    ]
    assert clip.attrs["rate_said"] == "assumed"
    said = operation_sentences(stream.events, stream.meta["rate"])[0].content
    assert "source 3604.042-3605.5 s" in said
    assert "effect RESIZE, effect BLUR" in said
