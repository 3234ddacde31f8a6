"""The planner on lessons in words: the intent matters, and what cannot be made is declined with the reason."""

from typing import Any, cast

import pytest

from dataclaw.domains.education.lessons import reflow
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import PlayedFixture, fixtures_of, play
from dataclaw.plugins import load_domain
from dataclaw.types import Json

DOMAIN = load_domain("education")
TOLD = {row.task: row for row in reversed(fixtures_of(DOMAIN)) if not row.stream.pictures}


def run(task: str, intent: str, **stream: Any) -> PlayedFixture:
    row = TOLD.get(task, next(iter(TOLD.values())))
    described = row.stream.model_dump() | stream
    return play(DOMAIN, Fixture.model_validate({"task": task, "intent": intent, "stream": described, "gold": {}}))


def draft(done: PlayedFixture) -> dict[str, Any]:
    assert done.is_accepted, done.why
    return cast("dict[str, Any]", done.draft)


def cues(*texts: str) -> list[dict[str, Json]]:
    return [{"kind": "cue", "t0": 4.0 * k, "t1": 4.0 * k + 3.5, "text": text} for k, text in enumerate(texts)]


def test_as_many_questions_as_asked_for() -> None:
    assert len(draft(run("concept_qa", "one question, with its answer"))["pairs"]) == 1


def test_questions_about_a_topic_only() -> None:
    pairs = draft(run("concept_qa", "questions about the light"))["pairs"]
    assert len(pairs) == 3
    assert all("light" in f"{p['question']} {p['answer']}" for p in pairs)


def test_a_span_keeps_what_lies_in_it_and_names_the_rest() -> None:
    made = draft(run("concept_qa", "questions on the first 20 seconds"))
    assert [p["cite"] for p in made["pairs"]] == [["e2", "e3"]]
    (outside,) = [entry for entry in made["left_out"] if entry["reason"] == "other_time"]
    assert "e10" in outside["cite"]


def test_exercises_come_first() -> None:
    (pair,) = draft(run("concept_qa", "a single question"))["pairs"]
    assert (pair["kind"], pair["answer"]) == ("exercise", "Carbon dioxide")


def test_as_many_chapters_as_asked_for() -> None:
    assert len(draft(run("lecture_summary", "summarise it in 3 chapters"))["chapters"]) == 3


def test_greetings_and_hesitations_are_not_quoted() -> None:
    made = draft(run("lecture_summary", "summarise it"))
    said = " ".join(s["text"] for chapter in made["chapters"] for s in chapter["sentences"])
    assert "welcome" not in said
    assert "um" not in said.split()


def test_chapters_of_a_transcript_without_sentence_marks_quote_nothing() -> None:
    texts = ["and so we look at the river and its valley", "the river cuts the valley into the rock"] * 12
    made = draft(run("lecture_summary", "summarise it", events=cues(*texts), duration=100.0))
    assert all(not chapter["sentences"] for chapter in made["chapters"])
    assert "no sentence marks" in made["cot"][0]["text"]


@pytest.mark.parametrize(
    ("task", "intent", "stream", "why"),
    [
        ("concept_qa", "questions about volcanoes", {}, 'no question of this lesson is about "volcanoes"'),
        ("concept_qa", "a quiz in Spanish", {}, "the lesson is in English, and Spanish was asked for"),
        ("concept_qa", "a quiz", {"events": []}, "neither a transcript nor exercises"),
        (
            "concept_qa",
            "a quiz",
            {"events": cues(*["so this goes on and on without any mark"] * 9)},
            "no sentence marks",
        ),
        (
            "concept_qa",
            "a quiz",
            {"events": cues(*["La vie est dans les mots que nous avons pour elle."] * 9)},
            "French",
        ),
        ("lecture_summary", "summary of the part about volcanoes", {}, "no chapter"),
        ("lecture_summary", "summarise it", {"events": []}, "it has no speech"),
        ("interleaved_lesson", "notes with pictures", {}, "it has no pictures"),
        ("stuck_point_tutoring", "tutor me", {}, "no picture of a step"),
    ],
)
def test_what_cannot_be_made_is_declined_with_the_reason(
    task: str, intent: str, stream: dict[str, Any], why: str
) -> None:
    done = run(task, intent, **stream)
    assert not done.is_accepted
    assert why in done.why


def test_lines_of_a_slide_are_read_on_where_they_go_on() -> None:
    assert reflow(["• Spoilage of products that", "are too old", "• Damages"]) == [
        "Spoilage of products that are too old",
        "Damages",
    ]
    wide = "Packaging means the wrapping or bottling of products"
    assert reflow([wide, "to make them safe.", "it is new"]) == [f"{wide} to make them safe.", "it is new"]
    assert reflow(["Art, Science and Technology", "involves in Packaging"]) == [
        "Art, Science and Technology involves in Packaging"
    ]
    assert reflow(["The delta", "flat land"]) == ["The delta", "flat land"]
