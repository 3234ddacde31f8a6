"""What an intent asks of a lesson: number, topic, span and language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.education.intents import MOST, parse_intent

ALL = (float("-inf"), float("inf"))


@pytest.mark.parametrize(
    ("intent", "count"),
    [
        ("make 5 quiz questions about rivers", 5),
        ("three short questions, please", 3),
        ("cinco preguntas sobre la clase", 5),
        ("出五道概念题", 5),
        ("生成10个问答", 10),
        ("one question per slide", 0),
        ("summarise the first 2 minutes", 0),
        ("900 questions", MOST),
        ("questions with answers", 0),
    ],
)
def test_count(intent: str, count: int) -> None:
    assert parse_intent(intent, (0, 60)).count == count


@pytest.mark.parametrize(
    ("intent", "topic"),
    [
        ("questions about the Fourier transform from this lecture", ("fourier", "transform")),
        ("summary of the part on 'convex sets'", ("convex", "sets")),
        ("I am stuck at angle KML, tutor me", ("angle", "kml")),
        ("preguntas sobre vectores", ("vectores",)),
        ("关于行列式的题", ("行", "列", "式")),
        ("make a quiz on this lesson", ()),
        ("everything about this lecture", ()),
        ("turn the lecture into notes", ()),
    ],
)
def test_topic(intent: str, topic: tuple[str, ...]) -> None:
    assert parse_intent(intent, (0, 60)).topic == topic


@pytest.mark.parametrize(
    ("intent", "span"),
    [
        ("only the first 2 minutes", (0.0, 120.0)),
        ("the last half a minute", (870.0, float("inf"))),
        ("between 2:30 and 10:00", (150.0, 600.0)),
        ("minutes 3 to 5", (180.0, 300.0)),
        ("from 30 s to 90 s", (30.0, 90.0)),
        ("after 1:00:00", (3600.0, float("inf"))),
        ("before 5 minutes", (float("-inf"), 300.0)),
        ("前2分钟", (0.0, 120.0)),
        ("all of it", ALL),
    ],
)
def test_span(intent: str, span: tuple[float, float]) -> None:
    assert parse_intent(intent, (0, 900)).span == span


@pytest.mark.parametrize(
    ("intent", "language"),
    [("a quiz in Spanish", "es"), ("preguntas en español", "es"), ("use the English subtitles", "en"), ("a quiz", "")],
)
def test_language(intent: str, language: str) -> None:
    assert parse_intent(intent, (0, 60)).language == language


def test_the_topic_is_named_as_it_was_written() -> None:
    assert parse_intent("Questions about the Fourier transform, please", (0, 60)).name == "Fourier transform"


def test_an_angle_is_the_same_read_from_either_end() -> None:
    asked = parse_intent("stuck at angle KML", (0, 60))
    assert asked.renames("Angle LMK is 48")
    assert not asked.renames("Angle KLO is 48")


@given(st.text(max_size=200))
def test_any_intent_is_read(intent: str) -> None:
    asked = parse_intent(intent, (0.0, 60.0))
    assert 0 <= asked.count <= MOST
    assert asked.concerns("anything", "en") or asked.topic


@pytest.mark.parametrize("intent", ["写一个讲义", "用一段视频做教材", "做一张图文卡"])
def test_a_chinese_article_numbers_nothing(intent: str) -> None:
    assert parse_intent(intent, (0, 60)).count == 0


@pytest.mark.parametrize(
    ("intent", "span"),
    [("前半部分的图文讲义", (0.0, 30.0)), ("the second half as a lesson", (30.0, float("inf"))),
     ("a lesson of the first half", (0.0, 30.0))],
)  # fmt: skip
def test_halves(intent: str, span: tuple[float, float]) -> None:
    assert parse_intent(intent, (0, 60)).span == span
