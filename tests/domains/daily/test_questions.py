"""Questions: one answer each, of the kinds and number asked for, and orders that are those of time."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.domains.daily.captions import parse_caption
from dataclaw.domains.daily.questions import between
from dataclaw.kit.fixture_form import DescribedStream
from tests.domains.daily.streams import draft_of, narrated, played, texts

KITCHEN = narrated(
    (0, 2, "open fridge"),
    (2, 4, "take milk from fridge"),
    (4, 5, "close fridge"),
    (6, 9, "pour milk into pan"),
    (9, 10, "turn on hob"),
    (11, 15, "stir milk with spoon"),
    (16, 18, "open fridge"),
    (18, 19, "take butter from fridge"),
    (20, 24, "spread butter on bread"),
    (25, 26, "turn off hob"),
)


def asked(draft: dict[str, Any]) -> dict[str, str]:
    """Answers by question, numbers taken off."""
    lines = [line.partition(". ")[2] for line in draft["question"]["text"].split("\n")]
    return dict(zip(lines, (text.partition(". ")[2] for text in texts(draft["answer"])), strict=True))


def kinds(draft: dict[str, Any]) -> set[str]:
    return {item["kind"] for item in draft["items"]}


def test_as_many_questions_as_asked_for_and_of_their_kind() -> None:
    draft = draft_of("contextual_qa", "2 questions: with what tools", KITCHEN)
    assert len(draft["items"]) == len(draft["answer"]) == 2
    assert kinds(draft) == {"object"}
    one = draft_of("contextual_qa", "one question about where things are put", KITCHEN)
    assert len(one["items"]) == 1
    assert not one["question"]["text"].startswith("1.")


def test_why_is_what_is_done_next_to_the_same_thing() -> None:
    fridge = ((0, 2, "open fridge"), (2, 4, "take milk from fridge"))
    told = narrated(*fridge, (6, 9, "take sponge"), (9, 12, "wipe sponge"))
    found = asked(draft_of("contextual_qa", "2 questions: why", told))
    assert found == {
        "Why does the person open the fridge?": "To take the milk from the fridge.",
        "Why does the person take the sponge?": "To wipe the sponge.",
    }


def test_how_often_counts_what_is_told_apart() -> None:
    draft = draft_of("contextual_qa", "one question: how many times", KITCHEN)
    assert draft["question"]["text"] == "How many times does the person open the fridge?"
    assert texts(draft["answer"]) == ["2 times: the person opens the fridge at 0:00 and 0:16."]
    twice = narrated((0, 2, "cut bread"), (2, 4, "cut bread"), (5, 6, "eat bread"))
    assert "answer no question" in played("contextual_qa", "how many times", twice).why


def test_a_span_limits_what_is_asked() -> None:
    draft = draft_of("contextual_qa", "questions about what is done between 0:06 and 0:15", KITCHEN)
    assert all(item["t0"] >= 6 and item["t1"] <= 15 for item in draft["items"])
    assert draft["left_out"][0]["reason"] == "not_asked"


def test_spans_and_orders_are_those_of_what_was_told() -> None:
    draft = draft_of("temporal_qa", "8 questions about when and in which order", KITCHEN)
    found = asked(draft)
    assert kinds(draft) <= {"localise", "order", "first"}
    if (line := "From when to when does the person stir the milk with the spoon?") in found:
        assert found[line] == "From 11.0 s to 15.0 s."
    assert not any("open the fridge?" in line for line in found), "told twice, so that it has no one time"
    for item in draft["items"]:
        assert item["t0"] <= item["t1"]


def test_a_state_changes_where_the_doing_says_so() -> None:
    found = asked(draft_of("temporal_qa", "state changes, 3 questions", KITCHEN))
    fridge, hob = "Is the fridge open or closed at 0:03?", "Is the hob off or on at the end?"
    assert set(found) == {fridge, hob}, "nobody says when the fridge was closed again"
    assert found[fridge] == "Open: the person opens the fridge by 0:02, and closes the fridge only at 0:04."
    assert found[hob] == "Off: the person turns off the hob by 0:26, and nothing more is narrated of it."


def test_no_two_questions_ask_for_the_same_fact() -> None:
    told = narrated((2, 3, "open door"), (3, 7, "pick up small pot"), (10, 14, "open tap"))
    draft = draft_of("contextual_qa", "questions and answers", told)
    assert draft["question"]["text"] == "What does the person do right after opening the door?"
    assert texts(draft["answer"]) == ["The person picks up the small pot."]


def test_what_comes_next_is_no_reason() -> None:
    told = narrated(
        (0, 2, "take lid off pan"), (2, 4, "shake lid"), (5, 6, "take knife"), (6, 9, "cut bread with knife")
    )
    draft = draft_of("contextual_qa", "why, 3 questions", told)
    assert draft["question"]["text"] == "Why does the person take the knife?"
    assert texts(draft["answer"]) == ["To cut the bread with the knife."]


def test_questions_need_more_than_one_narration_where_the_stream_has_them() -> None:
    told = narrated(
        (0, 2, "take leek"), (2, 5, "rinse leek"), (5, 9, "chop leek"), (9, 11, "put leek in pot"),
        (11, 12, "turn on hob"), (20, 22, "put salt in pot"), (22, 30, "wash board"),
    )  # fmt: skip
    found = asked(draft_of("contextual_qa", "3 questions about this", told))
    line = "What does the person do with the leek, from first to last?"
    assert found.get(line, "") == "The person takes the leek, rinses it, chops it and puts it in the pot." or (
        found["What does the person put in the pot, one after the other?"] == "The leek, then the salt."
    )
    assert not any(line.startswith("What is the person doing") for line in found)


def test_chinese_questions_quote_what_was_told() -> None:
    draft = draft_of("temporal_qa", "生成两个关于先后顺序的问题", KITCHEN)
    assert "先发生" in draft["question"]["text"] or "排序" in draft["question"]["text"]
    assert len(draft["items"]) == 2


def moving(count: int = 20) -> DescribedStream:
    frames = [
        {"t": 0.2 * k, "shapes": [{"box": [10 + 9 * k, 40, 60 + 9 * k, 90], "color": "#c02020", "text": str(k)}]}
        for k in range(count)
    ]
    return DescribedStream.model_validate(
        {"kind": "video", "duration": 0.2 * count, "pictures": {"size": [320, 180], "rate": 5, "frames": frames}}
    )


def test_pictures_are_shuffled_and_their_order_is_that_of_time() -> None:
    draft = draft_of("temporal_qa", "put the shuffled frames in the right order", moving())
    (item,) = [i for i in draft["items"] if i["kind"] == "frame_order"]
    frames = [draft["input_image"][int(label[1:]) - 1]["frame"] for label in item["order"]]
    assert all(a < b for a, b in pairwise(frames))
    assert item["order"] != sorted(item["order"])
    assert draft_of("temporal_qa", "put the shuffled frames in the right order", moving()) == draft


def test_shuffled_pictures_are_the_input_and_no_recording_shows_their_order() -> None:
    draft = draft_of("temporal_qa", "put the shuffled frames in the right order", moving())
    assert "input_video" not in draft
    assert {item["kind"] for item in draft["items"]} == {"frame_order"}
    told = DescribedStream.model_validate(KITCHEN.model_dump() | {"pictures": moving(60).model_dump()["pictures"]})
    beside = draft_of("temporal_qa", "questions about when things happen and in which order", told)
    assert "input_video" in beside
    assert "frame_order" not in {item["kind"] for item in beside["items"]}


def test_pixels_alone_answer_no_question_of_what_is_done() -> None:
    still = DescribedStream.model_validate(
        {"kind": "video", "duration": 1, "pictures": {"size": [64, 64], "frames": [{"t": 0}, {"t": 0.5}]}}
    )
    why = played("contextual_qa", "what does the person do", still).why
    assert "no narrations, no captions and no text to read" in why
    assert "nothing names what happens" in played("temporal_qa", "when does it happen", still).why
    assert "nothing names what happens" in played("temporal_qa", "temporal questions", moving()).why


@pytest.mark.parametrize(
    ("caption", "parts"),
    [
        ("A chef cutting bread, inside a kitchen.", ("A chef", "cutting", "bread", "inside a kitchen")),
        ("Close-up shot of hands slowly kneading dough", ("hands", "kneading", "dough", "")),
        ("A quiet kitchen at night.", None),
        (
            "A quiet kitchen. A chef cutting bread inside a kitchen. Write to billing@example.org.",
            ("A chef", "cutting", "bread", "inside a kitchen"),
        ),
    ],
)
def test_captions_are_taken_apart(caption: str, parts: tuple[str, str, str, str] | None) -> None:
    found = parse_caption(caption)
    assert (found and (found.who, found.verb, found.what, found.where)) == parts


VERBS = ("cut", "wash", "peel", "open", "close", "stir", "turn on", "look at", "walk", "take", "Slices", "mixing")
THINGS = ("onion", "the pan", "knives", "oil and salt", "", "tea bag in cup", "bread with knife", "milk from fridge")


DOINGS = st.tuples(st.sampled_from(VERBS), st.sampled_from(THINGS), st.floats(0.1, 9), st.floats(-2, 5))
TASKS = st.sampled_from(["contextual_qa", "temporal_qa", "procedural_tutorial"])


@given(st.lists(DOINGS, min_size=1, max_size=25), TASKS)
@settings(max_examples=60, deadline=None)
def test_what_is_told_ends_in_a_draft_or_a_reason(told: list[tuple[str, str, float, float]], task: str) -> None:
    events: list[tuple[float, float, str]] = []
    t = 0.0
    for verb, thing, length, pause in told:
        t = max(0.0, t + pause)
        events.append((t, t + length, f"{verb} {thing}".strip()))
        t += length
    events.sort()
    done = played(task, "6 questions or steps", narrated(*events))
    assert done.is_accepted or "held by" not in done.why, done.why


def test_times_in_questions_lie_inside_what_they_ask_about() -> None:
    assert between(3.85, 5.1) == "at 0:04"
    assert between(3.2, 3.8) == "at 0:03.50"
    assert between(63.4, 68.9) == "between 1:04 and 1:08"
    stream = narrated((3.85, 5.2, "open the drawer"), (18.8, 20.5, "wash the pan"), (21.0, 24.0, "peel the onion"))
    draft = draft_of("contextual_qa", "what does the person do, and what next", stream)
    said = draft["question"]["text"]
    assert "0:03" not in said
    assert "right after opening the drawer" not in said  # 13.6 s later is not right after


def test_what_a_recogniser_says_is_quoted() -> None:
    rooms = narrated((0, 4, "room: kitchen"), (4.2, 9, "room: hall"), (9.2, 15, "room: study")).model_dump()
    for event in rooms["events"]:
        event["kind"] = "message"
    stream = DescribedStream.model_validate(rooms | {"kind": "trajectory"})
    draft = draft_of("temporal_qa", "3 questions about when things happen", stream)
    found = asked(draft)
    assert found["When is “room: hall” reported?"] == "From 4.2 s to 9.0 s."
    (first,) = draft_of("temporal_qa", "one question: which came first", stream)["answer"]
    assert first["text"] == "“room: kitchen”."


LONG = "send as many of the plates as there are to the neighbours " * 9


@pytest.mark.parametrize("said", ["take onion www.example.org", "take billing@example.org", f"take onion {LONG}"])
def test_no_narration_makes_a_plan_fail(said: str) -> None:
    events = [(0.0, 1.0, "peel onion"), (2.0, 3.0, said), (4.0, 5.0, "cut onion"), (6.0, 7.0, "wash knife")]
    for task in ("contextual_qa", "temporal_qa", "procedural_tutorial"):
        assert "Error" not in played(task, "6 questions or steps", narrated(*events)).why
