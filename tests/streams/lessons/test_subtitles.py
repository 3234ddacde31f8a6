"""Subtitle files as they come: tagged, escaped, in old encodings, broken on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams.lessons.cues import MAX_TEXT
from dataclaw.streams.lessons.subtitles import Subtitles, is_subtitles, read_subtitles

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\nfriend\n\n2\n00:00:03,000 --> 00:00:04,000\n1984\n"


def read(tmp_path: Path, text: str | bytes, name: str = "talk.srt") -> Subtitles:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_subtitles(file)


def said(found: Subtitles) -> list[tuple[float, float, str]]:
    return [(round(c.t0, 3), round(c.t1, 3), c.text) for c in found.cues]


def test_subrip(tmp_path: Path) -> None:
    found = read(tmp_path, SRT)
    assert said(found) == [(1, 2.5, "Hello there friend"), (3, 4, "1984")]
    assert [c.place for c in found.cues] == ["talk.srt:2", "talk.srt:7"]
    assert found.problems == ()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_number_at_the_end_is_text_unless_it_counts(tmp_path: Path, ending: str) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nsince\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\nno blank\n3\n"
    text += "00:00:05,000 --> 00:00:06,000\nend\n"
    assert [c.text for c in read(tmp_path, text.replace("\n", ending)).cues] == ["since 1984", "no blank", "end"]


def test_vtt_without_notes_names_and_styles(tmp_path: Path) -> None:
    text = (
        "WEBVTT\nKind: captions\nLanguage: es\n\nNOTE one\n\nSTYLE\n::cue{}\n\nname\n"
        "00:02.220 --> 00:05.800 align:start\n"
        "<v Roger>ok <00:00:03.000><c>voy</c>\n\nNOTE two\n\n00:06.300 --> 00:09.270\nsu trabajo\n"
    )
    found = read(tmp_path, text, "talk.vtt")
    assert said(found) == [(2.22, 5.8, "ok voy"), (6.3, 9.27, "su trabajo")]
    assert found.language == "es"


def test_hours_beyond_a_day(tmp_path: Path) -> None:
    assert said(read(tmp_path, "1\n100:00:01,000 --> 100:00:02,000\nlate\n")) == [(360001, 360002, "late")]


def test_times_that_are_none(tmp_path: Path) -> None:
    found = read(tmp_path, SRT + "\n3\n-00:00:09,000 --> 00:00:02,000\nminus\n\n4\nNaN --> NaN\nnone\n")
    assert len(found.cues) == 2
    assert found.problems == ("2 cue(s) without usable times were left out.",)


@pytest.mark.parametrize(
    ("encoding", "problem"),
    [
        ("utf-8-sig", ()),
        ("utf-16", ("The file is UTF-16; read as that.",)),
        ("cp1252", ("The file is not UTF-8; read as Windows-1252.",)),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, problem: tuple[str, ...]) -> None:
    found = read(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\ntraído año\n".encode(encoding))
    assert found.cues[0].text == "traído año"
    assert found.problems == problem


def test_fifty_megabytes_in_one_cue(tmp_path: Path) -> None:
    found = read(tmp_path, b"1\n00:00:01,000 --> 00:00:02,000\n" + b"<b>a " * 10_000_000)
    assert len(found.cues[0].text) <= MAX_TEXT
    assert "cut" in found.problems[0]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "talk.srt"
    with file.open("wb") as out:
        out.truncate(65 * 2**20)
    with pytest.raises(StreamError, match="limit"):
        read_subtitles(file)


def test_nothing_in_it(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="no cue"):
        read(tmp_path, "just words")


TTML = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="en">
<head><metadata><desc>not said</desc></metadata></head><body>{body}</body></tt>"""


@pytest.mark.parametrize(
    ("times", "span"),
    [
        ('begin="00:00:02.220" end="00:00:05.800"', (2.22, 5.8)),
        ('begin="00:00:00:02.220" end="00:00:05,800"', (2.22, 5.8)),
        ('begin="2s" dur="500ms"', (2, 2.5)),
        ('begin="00:00:02:05" end="75f"', (2.2, 3)),
        ('begin="1m" end="0.02h"', (60, 72)),
    ],
)
def test_ttml_times(tmp_path: Path, times: str, span: tuple[float, float]) -> None:
    body = f"<div><p {times}>brought <span>in</span><br/>because</p></div>"
    assert said(read(tmp_path, TTML.format(body=body), "talk.dfxp")) == [(*span, "brought in because")]


def test_ttml_prefers_english_and_adds_up_times(tmp_path: Path) -> None:
    body = (
        '<div xml:lang="es"><p begin="0s" end="1s">hola</p></div>'
        '<div xml:lang="en" begin="10s"><p begin="1s" end="2s">hello</p><p begin="x" end="2s">lost</p></div>'
    )
    found = read(tmp_path, TTML.format(body=body), "talk.ttml")
    assert said(found) == [(11, 12, "hello")]
    assert found.language == "en"
    assert found.problems == (
        "Cues in 'es' were left out; 'en' is read.",
        "1 cue(s) without usable times were left out.",
    )


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE tt [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><tt><body><p begin="0s" end="1s">&b;</p></body></tt>'
    with pytest.raises(StreamError, match="document type"):
        read(tmp_path, bomb, "talk.dfxp")


def test_ttml_that_is_too_deep(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="levels deep"):
        read(tmp_path, "<tt>" + "<div>" * 5000 + "</div>" * 5000 + "</tt>", "talk.dfxp")


def test_substation(tmp_path: Path) -> None:
    head = "[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name\nStyle: Default\n[Events]\n"
    lines = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    lines += r"Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\pos(1,2)}Up\Nhere" + "\n"
    lines += "Comment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,not said\n"
    assert said(read(tmp_path, head + lines, "talk.ass")) == [(1, 2, "Up here")]


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", ["t.srt", "t.vtt", "t.dfxp", "t.ass"])
def test_garbage_is_refused_and_never_crashes(tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(b"[Script Info]\n[Events]\n" * (name == "t.ass") + data + b"\n00:01.000 --> x\n")
    is_subtitles(file)
    try:
        found = read_subtitles(file)
    except StreamError:
        return
    assert all(0 <= c.t0 <= c.t1 for c in found.cues)


def test_what_the_xml_reader_says_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="is not XML") as caught:
        read(tmp_path, f'<?xml version="1.0" encoding="utf{"9" * 5000}"?><tt/>', "talk.ttml")
    assert len(str(caught.value)) < 600
