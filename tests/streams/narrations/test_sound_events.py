"""Tables of sound events: one stream per recording, labels as people read them, other tables left alone."""

from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
from dataclaw.streams.grid import Sampling
from dataclaw.streams.narrations.sound_events import LOADER, claims, clean_label
from tests.streams.conftest import write_video

DCASE = "filename\tonset\toffset\tevent_label\n"
ROWS = "a.wav\t0.5\t3.2\tSpeech\nb.wav\t1.0\t1.6\tRunning_water\na.wav\t4.0\t4.5\tDog\n"


def saved(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_one_stream_per_recording(tmp_path: Path) -> None:
    file = saved(tmp_path / "strong.tsv", DCASE + ROWS)
    assert discover([tmp_path]) == [Source(file, 0), Source(file, 1)]
    stream = open_stream(Source(file, 0))
    assert (stream.kind, stream.format, stream.name, stream.duration) == ("narration", "sound_events", "a", 4.5)
    assert [(e.kind, e.t0, e.t1, e.text) for e in stream.events] == [
        ("message", 0.5, 3.2, "speech"), ("message", 4.0, 4.5, "dog"),
    ]  # fmt: skip
    assert all(e.attrs["sound"] is True for e in stream.events)
    assert stream.events[0].place == "strong.tsv:2"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "filename,onset,offset,event_label\na.wav,0,1,Dog\n"),
        ("b.tsv", "segment_id\tstart_time_seconds\tend_time_seconds\tlabel\nx_0\t0.0\t1.0\tDog\n"),
        ("c.csv", "file,start,end,label\ntake1.flac,0,1,door\n"),
        ("d.txt", "0.5\t1.25\tdoor slam\n2.0\t3.0\train\n"),
    ],
)
def test_tables_of_sounds_are_claimed(tmp_path: Path, name: str, text: str) -> None:
    file = saved(tmp_path / name, text)
    assert claims(file)
    assert len(LOADER.open(file, 0, Sampling()).events) >= 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "start,end,label\n0,1,cut\n"),
        ("b.csv", "file,start,end,label\nclip.mp4,0,1,cut\n"),
        ("c.txt", "0.0 1.0 2.0 0 0 0 0 1\n"),
        ("d.txt", "once upon a time\n"),
        ("e.csv", "time,x,y\n0,1,2\n"),
        ("f.tsv", ""),
    ],
)
def test_other_tables_are_left_alone(tmp_path: Path, name: str, text: str) -> None:
    assert not claims(saved(tmp_path / name, text))


def test_rows_without_times_are_left_out_and_named(tmp_path: Path) -> None:
    file = saved(tmp_path / "strong.tsv", DCASE + "a.wav\tNaN?\t3.2\tSpeech\n" + ROWS)
    assert open_stream(Source(file, 0)).problems == ("1 narration(s) without usable times were left out.",)
    with pytest.raises(StreamError, match="no row with an onset"):
        LOADER.open(saved(tmp_path / "empty.tsv", DCASE), 0, Sampling())


def test_a_video_beside_the_table_gives_pictures(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4")
    stream = open_stream(Source(saved(tmp_path / "strong.tsv", DCASE + ROWS), 0))
    assert stream.frames is not None


def test_labels_as_people_read_them() -> None:
    assert [clean_label(text) for text in ("Alarm_bell_ringing", "TV", " Male speech, man ")] == [
        "alarm bell ringing", "TV", "male speech, man",
    ]  # fmt: skip
