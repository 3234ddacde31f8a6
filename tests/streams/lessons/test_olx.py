"""Open edX courses: units become lessons, exercises keep their answers, and no course leads out of its folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from dataclaw.errors import StreamError
from dataclaw.streams import Source, discover, open_stream
from dataclaw.streams.files import xml_of
from dataclaw.streams.lessons.olx import MAX_NESTING
from dataclaw.streams.lessons.olx_problems import Exercise, exercises_of

SRT = "0\n00:00:01,000 --> 00:00:04,000\nfirst\n\n1\n00:00:05,000 --> 00:00:07,000\nsecond\n"
CHOICE = """<problem display_name="Q"><multiplechoiceresponse><label>Which animal?</label><choicegroup>
<choice correct="true">Lion</choice><choice correct="false">Tiger <choicehint>No stripes.</choicehint></choice>
</choicegroup><solution><p>Explanation</p><p>Rome liked lions.</p></solution></multiplechoiceresponse>
<demandhint><hint>It roars.</hint></demandhint></problem>"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def course(root: Path, vertical: str, more: dict[str, str] | None = None) -> Path:
    files = {
        "course.xml": '<course url_name="run" org="o" course="c"/>',
        "course/run.xml": '<course display_name="Course"><chapter url_name="ch"/></course>',
        "chapter/ch.xml": '<chapter display_name="Week 1"><sequential url_name="se"/></chapter>',
        "sequential/se.xml": '<sequential display_name="Part"><vertical url_name="ve"/></sequential>',
        "vertical/ve.xml": f'<vertical display_name="Unit">{vertical}</vertical>',
    }
    return write(root, files | (more or {}))


def exercises(xml: str) -> tuple[list[Exercise], list[str]]:
    return exercises_of(xml_of(xml.encode(), "problem.xml"))


def test_a_unit_with_a_video_has_its_clock(tmp_path: Path) -> None:
    video = (
        '<video url_name="v" display_name="Talk" youtube_id_1_0="abc"><transcript language="en" src="t.srt"/></video>'
    )
    unit = '<html url_name="h"/><video url_name="v"/><problem url_name="p"/>'
    more = {"video/v.xml": video, "static/t.srt": SRT, "problem/p.xml": CHOICE,
            "html/h.xml": '<html filename="h" display_name="Read"/>',
            "html/h.html": "<h2>Intro</h2><p>Lions &amp; more</p><script>bad()</script>"}  # fmt: skip
    root = course(tmp_path, unit, more)
    assert discover([root]) == [root]
    stream = open_stream(root)
    assert (stream.kind, stream.format, stream.clock, stream.duration) == ("lesson", "olx", "seconds", 7)
    assert [(e.kind, e.t0, e.t1, e.text) for e in stream.events] == [
        ("page", 0, 0, "Intro Lions & more"),
        ("cue", 1, 4, "first"),
        ("cue", 5, 7, "second"),
        ("exercise", 7, 7, "Which animal?"),
    ]
    exercise = stream.events[3].attrs
    assert exercise["choices"] == [
        {"text": "Lion", "correct": True},
        {"text": "Tiger", "correct": False, "feedback": "No stripes."},
    ]
    assert exercise["explanation"] == "Rome liked lions."
    assert exercise["hints"] == ["It roars."]
    assert exercise["timed"] is False
    assert stream.meta["course"] == ["Course", "Week 1", "Part", "Unit"]
    assert stream.problems == ()


def test_only_the_part_of_the_video_that_the_unit_shows(tmp_path: Path) -> None:
    video = (
        '<video url_name="v" start_time="00:00:05" end_time="00:00:06"><transcript language="en" src="t.srt"/></video>'
    )
    stream = open_stream(course(tmp_path, '<video url_name="v"/>', {"video/v.xml": video, "static/t.srt": SRT}))
    assert [(e.t0, e.t1, e.text) for e in stream.events] == [(0, 1, "second")]
    assert stream.meta["videos"][0]["start"] == 5
    assert "1 cue(s) outside the unit's part of the video were left out." in stream.problems


def test_pictures_of_the_unit_are_frames(tmp_path: Path) -> None:
    question = '<stringresponse answer="x"><label>Q?</label></stringresponse>'
    problem = f'<problem><p><img src="/static/a.png"/></p>{question}</problem>'
    root = course(tmp_path, '<problem url_name="p"/>', {"problem/p.xml": problem, "static/readme": ""})
    Image.new("RGB", (40, 30), "red").save(root / "static/a.png")
    stream = open_stream(root)
    assert stream.frames is not None
    assert stream.frames.size == (40, 30)
    assert stream.events[0].attrs["pictures"] == ["a.png"]


def test_units_are_numbered_and_loose_exercises_come_last(tmp_path: Path) -> None:
    root = course(tmp_path, CHOICE, {"problem/loose.xml": CHOICE.replace("Which animal?", "Which other?")})
    assert discover([root]) == [Source(root, 0), Source(root, 1)]
    assert [open_stream(Source(root, k)).events[0].text for k in (0, 1)] == ["Which animal?", "Which other?"]
    with pytest.raises(StreamError, match="holds 2 streams"):
        open_stream(root)


@pytest.mark.parametrize(
    ("xml", "kind", "answers"),
    [
        ("<choiceresponse><label>Q</label><checkboxgroup><choice correct='true'>a</choice><choice correct='false'>b"
         "</choice><choice correct='true'>c</choice></checkboxgroup></choiceresponse>", "checkbox", ("a", "c")),
        ("<optionresponse><label>Q</label><optioninput options=\"('a','b')\" correct='b'/></optionresponse>",
         "dropdown", ("b",)),
        ("<optionresponse><label>Q</label><optioninput><option correct='True'>a</option><option correct='False'>b"
         "</option></optioninput></optionresponse>", "dropdown", ("a",)),
        ("<numericalresponse answer='600'><label>Q</label><responseparam type='tolerance' default='5'/>"
         "</numericalresponse>", "numerical", ("600",)),
        ("<stringresponse answer='Doc' type='ci'><label>Q</label><additional_answer answer='Sleepy'/></stringresponse>",
         "text", ("Doc", "Sleepy")),
        ("<formularesponse answer='a*b'><label>Q</label></formularesponse>", "formula", ("a*b",)),
    ],
)  # fmt: skip
def test_kinds_of_questions(xml: str, kind: str, answers: tuple[str, ...]) -> None:
    found, left = exercises(f"<problem>{xml}</problem>")
    assert [(e.kind, e.question, e.answers) for e in found] == [(kind, "Q", answers)]
    assert left == []


def test_questions_in_a_table_are_told_apart() -> None:
    choice = "<optioninput options=\"('Mendeleev','Einstein')\" correct='Einstein'/>"
    row = f"<tr><td>Relativity</td><td><optionresponse>{choice}</optionresponse></td></tr>"
    head = "<tr><th>What</th><th>Who</th></tr>"
    xml = f"<problem><p>Who found it?</p><table>{head}{row}</table></problem>"
    assert [e.question for e in exercises(xml)[0]] == ["Who found it? Relativity: Who"]


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<script>z = 1</script><p>What is z?</p><numericalresponse answer='$z'/>", "worked out by a script"),
        ("<p>Say it.</p><stringresponse answer='..bble' type='ci regexp'/>", "no answer"),
        ("<p>Click.</p><imageresponse><imageinput src='a.png' rectangle='(1,2)-(3,4)'/></imageresponse>", "no answer"),
        ("<numericalresponse answer='3'/>", "asks nothing"),
        ("<p>Q?</p><multiplechoiceresponse><choicegroup><choice correct='false'>a</choice></choicegroup>"
         "</multiplechoiceresponse>", "no answer"),
        ("<p>Q?</p><optionresponse><optioninput options=\"__import__('os').system('id')\" correct='x'/>"
         "</optionresponse>", "no answer"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_named(xml: str, reason: str) -> None:
    found, left = exercises(f"<problem>{xml}</problem>")
    assert found == []
    assert reason in left[0]


def test_formulas_keep_their_braces() -> None:
    xml = r"<problem><p>Find \(\frac{\rho\omega^2}{E}\), if x &lt; y.</p><numericalresponse answer='1'/></problem>"
    assert exercises(xml)[0][0].question == r"Find \(\frac{\rho\omega^2}{E}\), if x < y."


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "..", "a\\..\\..\\b", "x" * 5000])
def test_a_name_that_leads_out_is_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.xml").write_text(CHOICE)
    root = course(tmp_path / "in", f'<problem url_name="{name}"/>{CHOICE}')
    stream = open_stream(root)
    assert len(stream.events) == 1
    assert stream.problems


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.xml").write_text(CHOICE)
    root = course(tmp_path / "in", f'<problem url_name="s"/>{CHOICE}', {"problem/readme": ""})
    (root / "problem/s.xml").symlink_to(tmp_path / "secret.xml")
    with pytest.raises(StreamError, match=r"link that leads out of it, 'problem/s\.xml'"):
        open_stream(root)


def test_missing_includes_are_named_together(tmp_path: Path) -> None:
    gone = "".join(f'<html url_name="h{k}"/>' for k in range(5))
    stream = open_stream(course(tmp_path, gone + CHOICE))
    assert stream.problems == ("Missing and left out: html/h0.xml, html/h1.xml, html/h2.xml and 2 more.",)


def test_a_circle_ends(tmp_path: Path) -> None:
    more = {"conditional/c.xml": '<conditional><vertical url_name="ve"/><conditional url_name="c"/></conditional>'}
    stream = open_stream(course(tmp_path, f'<conditional url_name="c"/>{CHOICE}', more))
    assert len(stream.events) == 1
    assert sum("lies in itself" in problem for problem in stream.problems) == 2


def test_a_course_that_widens_without_end_is_refused(tmp_path: Path) -> None:
    more = {
        f"wrapper/w{k}.xml": "<wrapper>" + f'<wrapper url_name="w{k + 1}"/>' * 10 + "</wrapper>"
        for k in range(MAX_NESTING)
    }
    with pytest.raises(StreamError, match="elements"):
        open_stream(course(tmp_path, '<wrapper url_name="w0"/>', more))


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE course [<!ENTITY a "ha">]><course url_name="run">&a;</course>'
    root = course(tmp_path, CHOICE, {"course.xml": bomb})
    with pytest.raises(StreamError, match="document type"):
        open_stream(root)
    stream = open_stream(course(tmp_path / "b", '<problem url_name="p"/>' + CHOICE, {"problem/p.xml": bomb}))
    assert "document type" in stream.problems[0]


def test_a_course_with_nothing_in_it(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="has no unit"):
        open_stream(course(tmp_path, '<html url_name="gone"/>'))
