"""Real lessons through the whole agent: what comes out is what the files say."""

import re
from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor

DATA = Path(__file__).parents[3].parent / "shared" / "data"
LESSONS = DATA / "education"
CASE = DATA / "paper_cases" / "education_geometry" / "input.mp4"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not LESSONS.is_dir(), reason="the sample data are not there"),
]


def run(path: Path | str, task: str, intent: str) -> tuple[list[dict[str, Any]], list[str]]:
    outcomes = tailor(path, intent, domain="education", task=task)
    samples = [sample for outcome in outcomes for sample in outcome.samples]
    return samples, [str(r["reason"]) for outcome in outcomes for r in outcome.rejected]


def words(text: str) -> str:
    found = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(found)} "


def test_a_lecture_is_quoted_word_for_word() -> None:
    lesson = LESSONS / "3b1b_captions" / "2016" / "determinant"
    ((sample,), _) = run(lesson, "lecture_summary", "summarise it in 4 chapters")
    transcript = words((lesson / "english" / "transcript.txt").read_text(encoding="utf-8"))
    chapters = sample["answer"]["chapters"]
    quoted = [s["text"] for chapter in chapters for s in chapter["sentences"]]
    assert len(chapters) == 4
    assert len(quoted) >= 6
    assert all(words(sentence) in transcript for sentence in quoted)
    assert "determinant" in sample["answer"]["title"]["text"].casefold()


def test_questions_about_a_topic_of_a_lecture() -> None:
    lesson = LESSONS / "3b1b_captions" / "2024" / "mini-llm"
    ((sample,), _) = run(lesson, "concept_qa", "two questions about language models")
    assert [p["question"] for p in sample["answer"]["pairs"]] == ["What is a large language model?"]


def test_the_exercises_of_a_course_have_its_answers() -> None:
    samples, reasons = run(LESSONS / "openedx_demo_course", "concept_qa", "20 questions with answers")
    pairs = {p["question"]: p for s in samples for p in s["answer"]["pairs"] if p["kind"] == "exercise"}
    lungs = pairs["What is the primary function of the alveoli in the lungs?"]
    assert lungs["answer"] == "Gas exchange"
    assert lungs["evidence"]["text"].startswith("The alveoli are tiny sacs")
    assert pairs["What is the capital city of Australia?"]["answer"] == "Canberra"
    assert len(pairs) >= 20
    assert any("no sentence marks" in reason for reason in reasons)


def test_spanish_subtitles_are_summarised_in_spanish() -> None:
    file = LESSONS / "3b1b_captions" / "2016" / "3d-transformations" / "spanish" / "auto_generated.srt"
    ((sample,), _) = run(file, "lecture_summary", "resumen de la clase por capítulos, en español")
    said = " ".join(s["text"] for chapter in sample["answer"]["chapters"] for s in chapter["sentences"])
    assert "matrices" in said


@pytest.mark.slow
def test_slides_become_a_lesson_with_their_pictures() -> None:
    ((sample,), _) = run(LESSONS / "lecture_slides_frames_v3", "interleaved_lesson", "notes with 3 pictures")
    assert len(sample["output_image"]) == 3
    assert sample["answer"].count("<image_recall>") == 3
    assert "## " in sample["answer"]


@pytest.mark.slow
def test_the_papers_student_is_led_on_to_the_angle() -> None:
    ((sample,), _) = run(CASE, "stuck_point_tutoring", "I am stuck at angle KML, tutor me with this video")
    assert sample["input_image"] == [27]
    assert sample["output_image"][0] == 28
    assert '"48" is written beside "M"' in sample["answer"]
    assert "angle KML is 48 degrees" in sample["answer"]


def test_chapters_that_are_annotations_are_named_where_no_summary_can_be_made() -> None:
    (samples, reasons) = run(DATA / "education" / "paella_lecture" / "belmar", "lecture_summary", "summarise it")
    assert samples == []
    assert "5 chapters came with it, but as annotations, which no policy sees" in reasons[0]
