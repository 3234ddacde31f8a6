import base64
import io
import zipfile
from pathlib import Path

import pytest

from pyautogui_trace_parsers import Scroll, Target, TraceError, parse, read_media
from pyautogui_trace_parsers.formats import windows_psr

REPORT = (Path(__file__).parents[1] / "fixtures" / "windows_psr" / "report.xml").read_text()


def mht(report: str) -> str:
    picture = base64.b64encode(b"not really a picture").decode()
    return (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n'
        '----b\r\nContent-Type: text/html; charset="UTF-8"\r\nContent-Location: main.htm\r\n\r\n'
        f"<html><body><script id='myXML' type='text/xml'>{report}</script></body></html>\r\n"
        "----b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: screenshot0001.JPEG\r\n\r\n{picture}\r\n----b--\r\n"
    )


def packed(report: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Recording.mht", mht(report))
    return buffer.getvalue()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "steps.zip"
    path.write_bytes(packed(REPORT))
    return path


def test_steps_become_events_after_midnight_too(recording: Path):
    trace = parse(recording)
    assert [(e.t0, e.t1, e.verb, e.point, e.end_point, e.source.line) for e in trace.events] == [
        (0, 0, "click", (50, 60), None, 0),
        (1, 1, "write", None, None, 1),
        (4, 5, "drag", (100, 100), (200, 200), 2),
        (6, 6, "scroll", (200, 200), None, 4),
        (7, 7, "other", None, None, 5),
    ]
    assert (trace.format, trace.screen_size) == ("windows_psr", (800, 600))
    assert trace.events[3].scroll == Scroll(0, 1, "clicks")


def test_the_element_is_the_innermost_level_and_the_highlight(recording: Path):
    event = parse(recording).events[0]
    assert event.target == Target("File", "MenuItem", (40, 50, 80, 70))
    assert event.raw == 'Linksklick auf "Datei"'


def test_pictures_are_read_out_of_the_web_archive(recording: Path):
    trace = parse(recording)
    assert [screen.file for screen in trace.screens] == ["steps.zip!Recording.mht!screenshot0001.JPEG"]
    assert read_media(trace, trace.screens[0].file) == b"not really a picture"
    assert [p.source.line for p in trace.problems] == [4, 5]


def test_the_web_archive_alone_is_read_too(tmp_path: Path):
    path = tmp_path / "steps.mht"
    path.write_text(mht(REPORT))
    trace = parse(path)
    assert len(trace.events) == 5
    assert read_media(trace, trace.screens[0].file) == b"not really a picture"


def test_entities_are_never_expanded(tmp_path: Path):
    # between <Report and </Report>, where the log is
    bomb = REPORT.replace("<Report>", '<Report><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>&c;')
    path = tmp_path / "a.zip"
    path.write_bytes(packed(bomb))
    with pytest.raises(TraceError):
        windows_psr.parse(path)
    with pytest.raises(TraceError, match="document type"):
        windows_psr._Log("a").read('<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>')


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('Time="23:59:58"', 'Time="late"', "HH:MM:SS"),
        ("150,60", "150", "not 2 numbers"),
        ("100,0,800,600", "100,0,0,600", "no size"),
        ("<Report>", "<Report>" + "<a>" * 100, "nested too deeply"),
        ("</Report>", "</Rep", "no recorded steps"),
    ],
)
def test_a_broken_log_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, reason: str):
    path = tmp_path / "a.zip"
    path.write_bytes(packed(REPORT.replace(old, new)))
    with pytest.raises(TraceError, match=reason):
        windows_psr.parse(path)


def test_damage_inside_the_zip(survives_text_damage):
    survives_text_damage(windows_psr, REPORT, packed)


def test_damage_of_the_web_archive(survives_text_damage):
    survives_text_damage(windows_psr, mht(REPORT))
