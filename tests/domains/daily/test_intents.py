"""What an intent asks for."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.daily.intents import parse_intent, stems
from tests.domains.daily.streams import DOMAIN

WINDOW = (0.0, 600.0)
SPANS = {
    "only the first 2 minutes": (-inf, 120.0),
    "the last 30 seconds": (570.0, inf),
    "last minute only": (540.0, inf),
    "between 1:00 and 2:30": (60.0, 150.0),
    "from 10 to 20 seconds": (10.0, 20.0),
    "between 01:02:03 and 01:05:00": (3723.0, 3900.0),
    "after 3:20, please": (200.0, inf),
    "everything before 45 s": (-inf, 45.0),
    "前两分钟的步骤": (-inf, 120.0),
    "a tutorial": (-inf, inf),
}


@pytest.mark.parametrize(("intent", "span"), SPANS.items())
def test_spans(intent: str, span: tuple[float, float]) -> None:
    assert parse_intent(intent, WINDOW).span == span


@pytest.mark.parametrize(
    ("intent", "count"),
    [("five questions about it", 5), ("at most 8 steps", 8), ("3个问题", 3), ("a step by step guide", None),
     ("one question", 1), ("a single question", 1), ("10 to 20 seconds", None),
     ("写一个分步教程", None), ("一步一步教我", None), ("只问一个问题", 1), ("两个步骤", 2)],
)  # fmt: skip
def test_counts(intent: str, count: int | None) -> None:
    assert parse_intent(intent, WINDOW).count == count


def test_topics_are_words_of_the_stream_and_not_of_the_wish() -> None:
    asked = parse_intent("only the onions, without the washing, in detail", WINDOW)
    assert asked.topics == {"onion"}
    assert asked.without == {"wash"}
    assert asked.detail == "fine"
    assert not asked.refuses("peel onion", 0, 1)
    assert asked.refuses("washes the onion", 0, 1)
    assert asked.refuses("peel carrot", 0, 1)
    assert not parse_intent("only the steps that matter", WINDOW).topics


@pytest.mark.parametrize(
    "intent",
    ["questions about what comes next and why", "questions and answers about what happens", "about cause and effect",
     "questions about human activity understanding", "about how the objects are used", "teach me about cooking"],
)  # fmt: skip
def test_words_that_say_how_to_ask_are_no_topics(intent: str) -> None:
    asked = parse_intent(intent, WINDOW)
    assert not asked.topics
    assert not asked.narrow_to(["peel onion", "stir the soup"]).topics


def test_words_of_a_clause_are_topics_where_the_stream_names_them() -> None:
    asked = parse_intent("about what is done to the dough, and about washing", WINDOW)
    assert asked.hints == {"dough", "wash"}
    assert asked.narrow_to(["Kneads the dough", "stir the soup"]).topics == {"dough"}
    assert parse_intent("about the onions and why they are cut", WINDOW).topics == {"onion"}


def test_kinds_of_questions() -> None:
    assert parse_intent("why and how many times", WINDOW).kinds == ("why", "count")
    assert parse_intent("which came first", WINDOW).kinds == ("order",)
    assert parse_intent("生成关于先后顺序的问题", WINDOW).kinds == ("order",)
    assert parse_intent("生成关于先后顺序的问题", WINDOW).chinese
    without = parse_intent("questions about the plates, without why", WINDOW).kinds
    assert "why" not in without
    assert "place" in without


@pytest.mark.parametrize("intent", [i for t in DOMAIN.tasks.values() for i in t.manifest.intents if "{" not in i])
def test_no_template_restricts_what_it_does_not_name(intent: str) -> None:
    asked = parse_intent(intent, WINDOW)
    assert not asked.topics, asked.topics
    assert not asked.without


@given(st.text(max_size=200))
def test_any_intent_is_read(intent: str) -> None:
    asked = parse_intent(intent, WINDOW)
    assert asked.count is None or asked.count >= 1
    assert isinstance(asked.refuses("stir milk", 1.0, 2.0), bool)


def test_stems_meet_across_forms() -> None:
    assert stems("Slices the tomatoes") & stems("slice tomato") >= {"slice", "tomato"}
