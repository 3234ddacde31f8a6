"""Plans of cuts: what counts as content, which part of a long list is told, what is said of contradictions."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw import tailor
from dataclaw.domains.aigc.timelines import MOST, is_gibberish
from tests.domains.aigc.streams import made
from tests.streams.edits.making import clip, gap, many, timeline

TASK = "edit_plan"


def edl(path: Path, *lines: str) -> Path:
    path.write_text("TITLE: Cut\nFCM: NON-DROP FRAME\n" + "\n".join(lines) + "\n")
    return path


def shot(number: int, name: str, source: str, record: str, length: str = "01:00") -> str:
    """An event of the first minute: times are `SS:FF`."""
    second, frame = (a + b for a, b in zip(*[[*map(int, t.split(":"))] for t in (record, length)], strict=True))
    begin, end = (sum(v) for v in zip(*[[*map(int, t.split(":"))] for t in (source, length)], strict=True))
    codes = f"00:00:{source} 00:00:{begin:02}:{end:02} 00:00:{record} 00:00:{second:02}:{frame:02}"
    return f"{number:03} R{number} V C {codes}\n* FROM CLIP NAME: {name}"


def kinds_of(sample: dict) -> list[str]:
    return [operation["kind"] for operation in sample["data"]["operations"]]


def test_a_gap_between_two_shots_is_told_and_filler_is_not(tmp_path: Path):
    one = many("Track.1", "V1", [clip("a", 0, 24), gap(24), clip("b", 0, 24), gap(96)], kind="Video")
    two = many("Track.1", "V2", [gap(168)], kind="Video")
    sound = many("Track.1", "A1", [gap(48), clip("s", 0, 24), gap(24), clip("t", 0, 24)], kind="Audio")
    (sample,) = made(timeline(tmp_path / "cut.otio", one, two, sound), TASK).samples
    gaps = [(o["track"], o["record_in"]) for o in sample["data"]["operations"] if o["kind"] == "gap"]
    assert gaps == [("V1", 1.0), ("A1", 3.0)]
    assert sample["question"].startswith("Which clips and gaps make this cut")


def test_a_gap_that_another_track_fills_is_not_seen(tmp_path: Path):
    one = many("Track.1", "V1", [clip("a", 0, 24), gap(24), clip("b", 0, 24)], kind="Video")
    two = many("Track.1", "V2", [gap(20), clip("over", 0, 30)], kind="Video")
    (sample,) = made(timeline(tmp_path / "cut.otio", one, two), TASK).samples
    assert kinds_of(sample) == ["clip", "clip", "clip"]


def test_the_holes_of_an_excerpt_are_no_gaps(tmp_path: Path):
    (sample,) = made(
        edl(tmp_path / "a.edl", shot(1, "one", "10:00", "00:00"), shot(2, "two", "20:00", "50:00")), TASK
    ).samples
    assert kinds_of(sample) == ["clip", "clip"]


def test_the_sources_are_in_the_question(tmp_path: Path):
    (sample,) = made(
        edl(tmp_path / "a.edl", shot(1, "one", "10:00", "00:00"), shot(2, "two", "20:00", "01:00")), TASK
    ).samples
    assert sample["question"].endswith('Sources: "one" 10-11 s, "two" 20-21 s.')
    assert sample["answer_parts"][1].endswith('"two", 1 s (24 frames), source 20-21 s')


def test_contradictions_are_named(tmp_path: Path):
    lines = [shot(1, "one", "10:00", "00:00"), shot(2, "two", "20:00", "01:00"), shot(3, "three", "30:00", "02:00")]
    lines[1] = lines[1].replace("00:00:21:00", "00:00:23:00")
    (sample,) = made(edl(tmp_path / "a.edl", *lines), TASK).samples
    assert [o["name"] for o in sample["data"]["operations"]] == ["one", "three"]
    assert any('"two" from 1.000 to 2.000 s is left out: its source is longer' in text for text in sample["cot"])


def test_a_long_list_is_told_in_parts(tmp_path: Path):
    track = many("Track.1", "V1", [clip(f"shot{k}", k, 24) for k in range(2 * MOST + 5)], kind="Video")
    (sample,) = made(timeline(tmp_path / "cut.otio", track), TASK).samples
    assert len(kinds_of(sample)) == MOST
    assert f'give the first of its three parts, up to "shot{MOST - 1}"' in sample["question"]
    assert sample["left_out"]["by_reason"] == {"limit": MOST + 5}


def test_every_shot_of_a_cut_is_in_one_of_its_parts(tmp_path: Path):
    track = many("Track.1", "V1", [clip(f"shot{k}", k, 24) for k in range(12)], kind="Video")
    music = many("Track.1", "A1", [clip("music", 0, 288)], kind="Audio")
    path = timeline(tmp_path / "cut.otio", track, music)
    (outcome,) = tailor(path, "edit plan", domain="aigc", task=TASK, samples=3)
    assert outcome.rejected == ()
    names = [o["name"] for sample in outcome.samples for o in sample["data"]["operations"]]
    assert names == [f"shot{k}" for k in range(12)]
    assert all("Only what lies whole in the part from" in sample["question"] for sample in outcome.samples)


@pytest.mark.parametrize(("text", "junk"), [("dsf fsfsfs", True), ("fix the hair", False), ("", False), ("12", False)])
def test_letters_without_a_word_are_gibberish(text: str, junk: bool):
    assert is_gibberish(text) == junk
