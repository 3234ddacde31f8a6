"""Tutorials: what is kept, merged, left out, and said."""

from typing import Any

from dataclaw.kit.fixture_form import DescribedStream
from tests.domains.daily.streams import draft_of, narrated, played, texts

TASK = "procedural_tutorial"
STEP: dict[str, Any] = {"level": 1, "relevant": "essential"}


def part(parent: int) -> dict[str, Any]:
    return {"level": 2, "parent": parent, "relevant": "essential"}


def test_neighbours_that_handle_one_thing_are_one_sentence() -> None:
    onion = ((0, 1, "take onion"), (1, 3, "peel onion"), (3, 4, "put down onion"))
    stream = narrated(*onion, (5, 6, "wash beans"), (6, 7, "dry beans"))
    draft = draft_of(TASK, "write a tutorial", stream)
    assert texts(draft["answer"]) == ["1. Take the onion, peel it and put it down.", "2. Wash the beans and dry them."]


def test_repeats_and_rounds_are_told_once_and_named() -> None:
    rounds = [
        (k * 10.0 + d, k * 10.0 + d + 2, text) for k in range(4) for d, text in ((0, "knead dough"), (4, "roll wrap"))
    ]
    draft = draft_of(TASK, "write a tutorial", narrated(*rounds, (50, 55, "bake dough")))
    assert texts(draft["answer"]) == ["1. Knead the dough.", "2. Roll the wrap.", "3. Bake the dough."]
    assert [(entry["reason"], len(entry["cite"])) for entry in draft["left_out"]] == [("duplicate", 6)]


def test_what_does_not_serve_the_goal_is_left_out_with_its_reason() -> None:
    phone = (5, 9, "uses phone", STEP | {"relevant": "irrelevant"})
    parts = ((10, 12, "add salt", part(2)), (12, 14, "add salt", part(2)), (14, 16, "cover pot", part(2)))
    steps = ((0, 5, "Washes rice", STEP), phone, (9, 20, "boil rice", STEP))
    stream = narrated(*steps, *parts, goal="Cooking rice")
    draft = draft_of(TASK, "step by step please", stream)
    assert draft["title"]["text"] == "How to cook rice"
    assert texts(draft["answer"]) == ["1. Wash the rice.", "2. Boil the rice: add the salt and cover the pot."]
    reasons = {entry["reason"]: entry["cite"] for entry in draft["left_out"]}
    assert reasons == {"irrelevant": ["e1"], "duplicate": ["e4"]}


def test_detail_is_a_matter_of_the_intent() -> None:
    stream = narrated(
        (0, 9, "prepare salad", STEP), (0, 3, "wash lettuce", part(0)), (3, 9, "cut lettuce", part(0)),
        (9, 20, "serve salad", STEP),
    )  # fmt: skip
    fine = draft_of(TASK, "every single step in detail", stream)
    coarse = draft_of(TASK, "the main steps only", stream)
    assert texts(fine["answer"]) == ["1. Wash the lettuce.", "2. Cut the lettuce.", "3. Serve the salad."]
    assert texts(coarse["answer"]) == ["1. Prepare the salad.", "2. Serve the salad."]


def test_spans_and_topics_of_the_intent_are_kept_to() -> None:
    stream = narrated(
        (0, 2, "peel onion"), (3, 5, "wash pan"), (6, 8, "cut onion"), (20, 22, "fry onion"), (30, 32, "eat onion")
    )
    about = draft_of(TASK, "only the onion, before 25 s", stream)
    assert texts(about["answer"]) == ["1. Peel the onion and cut it.", "2. Fry the onion."]
    assert about["left_out"] == [{"cite": ["e1", "e4"], "reason": "not_asked"}]
    other = played(TASK, "only the car", stream)
    assert "no narration is about car" in other.why


def test_at_most_so_many_steps() -> None:
    verbs = ["cut", "wash", "peel", "fry", "boil", "bake", "stir", "dry", "mix", "fold"]
    stream = narrated(*((3 * k, 3 * k + 2, f"{verb} thing{k}") for k, verb in enumerate(verbs)))
    draft = draft_of(TASK, "at most 4 steps", stream)
    assert len(draft["steps"]) == 4
    assert draft["answer"][0]["text"].startswith("1. Cut the thing0.")
    assert all(text.count(". ") <= 3 for text in texts(draft["answer"])), "what is too much is left out, not piled up"
    assert {entry["reason"] for entry in draft["left_out"]} <= {"minor"}


def test_each_step_has_a_frame_from_inside_it() -> None:
    stream = narrated((0, 4, "cut bread"), (4.5, 9, "heat milk"), (9.2, 9.8, "eat bread"))
    frames = [{"t": float(k), "shapes": [{"box": [10 * k, 0, 10 * k + 8, 8], "color": "#ff0000"}]} for k in range(10)]
    shown = DescribedStream.model_validate(stream.model_dump() | {"pictures": {"size": [128, 64], "frames": frames}})
    draft = draft_of(TASK, "write a tutorial in detail", shown)
    assert [picture["frame"] for picture in draft["output_image"]] == [2, 7]
    assert [text.count("<image_recall>") for text in texts(draft["answer"])] == [1, 1, 0]


def test_one_step_is_no_tutorial_and_pixels_have_no_names() -> None:
    assert "only one step is told" in played(TASK, "a tutorial", narrated((0, 4, "cut bread"), (5, 6, "cut bread"))).why
    pixels = DescribedStream.model_validate(
        {"kind": "video", "duration": 2, "pictures": {"size": [64, 64], "frames": [{"t": 0}, {"t": 1}]}}
    )
    why = played(TASK, "a tutorial", pixels).why
    assert "it has no narrations and no captions" in why


def test_what_was_left_out_is_told_in_its_own_words() -> None:
    phone = (5, 9, "uses phone", STEP | {"relevant": "irrelevant"})
    stream = narrated((0, 5, "Washes rice", STEP), phone, (9, 20, "boil rice", STEP), goal="Cooking rice")
    cot = texts(draft_of(TASK, "step by step please", stream)["cot"])
    assert 'Left out, because it does not serve the goal: "uses phone".' in cot


def test_a_chinese_question_names_what_is_asked_for() -> None:
    stream = narrated((0, 2, "peel onion"), (3, 5, "wash pan"), (6, 8, "cut onion"), (20, 22, "fry onion"))
    question = draft_of(TASK, "写一个教程,前10秒", stream)["question"]["text"]
    assert question.startswith("请按步骤写出教程:")
    assert "How to" not in question
    assert "0:00 到 0:10" in question


def test_what_a_step_tells_is_not_said_to_be_left_out() -> None:
    aside = STEP | {"relevant": "irrelevant"}
    parts = ((0, 5, "weigh flour", part(0)), (5, 9, "mix flour with water", part(0)), (9, 14, "weigh flour", part(0)))
    later = ((30, 40, "bake bread", STEP), (40, 44, "Weigh flour", aside), (44, 60, "eat bread", STEP))
    draft = draft_of(TASK, "a step by step tutorial", narrated((0, 30, "make dough", STEP), *parts, *later))
    assert draft["answer"][0]["text"] == "1. Make the dough: weigh the flour and mix the flour with the water."
    named = {entry["reason"]: entry["cite"] for entry in draft["left_out"]}
    assert named == {"duplicate": ["e3"], "irrelevant": ["e5"]}
    assert not any("Left out" in text and "eigh flour" in text for text in texts(draft["cot"]))
