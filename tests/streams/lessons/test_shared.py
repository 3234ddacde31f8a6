"""The real lessons beside the checkout."""

from __future__ import annotations

import pytest

from dataclaw.streams import discover, open_stream
from dataclaw.types import Stream
from tests.streams.conftest import SHARED

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data are not beside the checkout"),
]
EDUCATION = SHARED / "education"


def streams(name: str) -> list[Stream]:
    return [open_stream(root) for root in discover([EDUCATION / name])]


def test_every_word_is_timed() -> None:
    found = streams("3b1b_captions")
    assert [s.name for s in found] == [
        "3d-transformations", "determinant", "256-bit-security", "fourier-transforms", "wordle-2", "mini-llm"
    ]  # fmt: skip
    for stream in found:
        words = [word for e in stream.events for word in e.attrs.get("words", ())]
        assert len(words) >= sum(len(e.text.split()) for e in stream.events) * 0.95
        spans = [(e.t0, e.t1, t0, t1) for e in stream.events for _, t0, t1 in e.attrs.get("words", ())]
        assert all(start - 0.5 <= t0 <= t1 <= end + 0.5 for start, end, t0, t1 in spans)
    assert set(found[0].meta["translations"]) == {"chinese", "spanish", "thai"}
    assert found[1].problems == ("1 cue(s) end before they start; their end was set to their start.",)


def test_an_open_edx_course() -> None:
    found = streams("openedx_demo_course")
    events = [e for s in found for e in s.events]
    assert len(found) == 15
    assert sum(e.kind == "exercise" for e in events) == 28
    assert all(e.attrs["answers"] for e in events if e.kind == "exercise")
    cut = next(s for s in found if s.name == "Advanced Video Settings")
    assert (cut.duration, cut.meta["videos"][0]["start"], cut.meta["language"]) == (78, 699, "en")
    assert cut.events[0].text == "I want to talk a little bit about reach"
    assert cut.frames is not None


def test_paella_lectures() -> None:
    belmar, dual, dfxp, webvtt = streams("paella_lecture")
    assert belmar.frames is not None
    assert (len(belmar.frames.times), belmar.frames.size) == (100, (320, 180))
    assert belmar.annotations["slide_starts"] == [0, 363, 751, 854]
    assert len(belmar.annotations["chapters"]) == 5
    assert dual.frames is None
    assert (len(dfxp.events), dfxp.meta["language"]) == (153, "en")
    assert (len(webvtt.events), webvtt.meta["language"], webvtt.events[0].text[:16]) == (174, "es", "ok voy a hablar ")


def test_lecture_tables() -> None:
    found = streams("lpm_slides")
    assert len(found) == 50
    assert all(len(s.events) == len(s.annotations["slide_starts"]) for s in found)


def test_lecture_frames() -> None:
    (stream,) = streams("lecture_slides_frames_v3")
    assert stream.frames is not None
    assert (stream.kind, len(stream.frames.times), len(stream.annotations["slide_starts"])) == ("lesson", 71, 10)


def test_a_transcript_as_pdf() -> None:
    (stream,) = streams("openedx_demo_course/static/Reach of Open edX Downloadable Transcript.pdf")
    assert stream.events[0].text.startswith("Transcript - The Reach of Open edX, 2023\n")
