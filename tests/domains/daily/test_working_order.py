"""Work that goes round is told once, from an occurrence at which a person needs it; the rest is left out by name."""

from typing import Any

import pytest

from dataclaw.domains.daily.wording import clause
from dataclaw.domains.daily.working_order import choose_occurrences, is_housekeeping, is_under_way, sense_of
from tests.domains.daily.streams import draft_of, narrated, played, texts

TASK = "procedural_tutorial"
STEP: dict[str, Any] = {"level": 1, "relevant": "essential"}
ROUND = (
    "remove waffle from pan", "put waffle on plate", "stir batter in bowl", "fry batter in pan", "flip waffle in pan",
)  # fmt: skip


def rounds(count: int) -> list[tuple[float, float, str, dict[str, Any]]]:
    told = [text for _ in range(count) for text in ROUND]
    return [(10.0 * k, 10.0 * k + 9, text, STEP) for k, text in enumerate(told)]


def test_a_recording_that_begins_in_the_middle_is_told_in_the_order_of_the_work() -> None:
    draft = draft_of(TASK, "step by step tutorial", narrated(*rounds(4), goal="make waffles"))
    assert [text.split(" ", 1)[1] for text in texts(draft["answer"])] == [
        "What comes before is not shown. Stir the batter in the bowl.",
        "Fry the batter in the pan.",
        "Flip the waffle in the pan.",
        "Remove the waffle from the pan.",
        "Put the waffle on the plate.",
    ]
    assert "already under way" in draft["question"]["text"]
    assert [(entry["reason"], len(entry["cite"])) for entry in draft["left_out"]] == [("duplicate", 15)]


def test_what_is_done_once_stays_where_it_is() -> None:
    actions = [clause(text) for text in ("fry egg", "cut bread", "serve egg", "flip egg")]
    assert choose_occurrences(actions, "", [1] * 4) == [[0], [1], [2], [3]]


def test_the_fullest_account_is_told() -> None:
    actions = [clause(text) for text in ("prepare dressing", "wash lettuce", "prepare dressing")]
    assert choose_occurrences(actions, "", [1, 1, 4])[0] == [2, 0]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("knead dough with hands", "kneads the dough with the mixer", True),
        ("add some water to the dough in the mixer", "add water into dough mixer", True),
        ("turn over the waffle", "flip waffles", True),
        ("stir soup in pot", "stir soup in bowl", False),
        ("add salt", "add oil", False),
    ],
)
def test_what_comes_to_the_same(one: str, other: str, alike: bool) -> None:
    assert sense_of(clause(one)).is_like(sense_of(clause(other))) is alike


def test_housekeeping_is_no_step_unless_it_is_what_is_done() -> None:
    assert is_housekeeping(clause("wash hands"))
    assert is_housekeeping(clause("dispose wrapper in bin"))
    assert not is_housekeeping(clause("wash celery"))
    dirty = (
        (0, 5, "wash celery", STEP),
        (5, 9, "sweep floor", STEP),
        (9, 15, "cut celery", STEP),
        (16, 18, "dry hands", STEP),
    )
    draft = draft_of(TASK, "a tutorial", narrated(*dirty, (20, 30, "make salad", STEP), goal="make salad"))
    assert texts(draft["answer"]) == ["1. Wash the celery.", "2. Cut the celery."]
    chores = narrated((0, 5, "sweep floor", STEP), (5, 9, "wash dishes", STEP), goal="clean the kitchen")
    assert texts(draft_of(TASK, "a tutorial", chores)["answer"]) == ["1. Sweep the floor.", "2. Wash the dishes."]


def test_what_belongs_to_an_irrelevant_step_is_irrelevant() -> None:
    aside = (0, 9, "decorate chair", STEP | {"relevant": "irrelevant"})
    part = (0, 4, "loosen rope", {"level": 2, "parent": 0, "relevant": "essential"})
    steps = ((10, 20, "boil rice", STEP), (21, 30, "serve rice", STEP))
    draft = draft_of(TASK, "a tutorial", narrated(aside, part, *steps, goal="cook rice"))
    assert texts(draft["answer"]) == ["1. Boil the rice.", "2. Serve the rice."]


def test_a_goal_that_the_steps_do_not_serve_is_declined() -> None:
    steps = ((10, 20, "stir soup", STEP), (21, 30, "serve rice", STEP))
    why = played(TASK, "a tutorial", narrated(*steps, goal="Making food arrangements")).why
    assert 'the goal is "Making food arrangements", but the steps name nothing of it' in why
    other = draft_of(TASK, "a tutorial", narrated(*steps, goal="make papadums"))
    assert other["title"]["text"] == "How to stir the soup and serve the rice"


def test_a_recording_without_a_goal_keeps_to_one_work() -> None:
    cooking = ("peel potato", "cut potato", "boil potato in pot", "drain potato", "mash potato", "season potato")
    other = (
        "open letter",
        "read letter",
        "close window",
        "tie shoe",
        "answer phone",
        "feed cat",
        "iron shirt",
        "draw a map",
    )
    told = [(3.0 * k, 3.0 * k + 2, text) for k, text in enumerate(cooking + other)]
    draft = draft_of(TASK, "a tutorial", narrated(*told))
    assert "letter" not in " ".join(texts(draft["answer"]))
    assert texts(draft["answer"])[0].startswith("1. Peel the potato")
    moved = narrated((0, 2, "open door"), (3, 5, "pick up pot"), (6, 8, "open tap"))
    assert "what is done makes no one thing" in played(TASK, "a tutorial", moved).why


@pytest.mark.parametrize(
    ("goal", "title"),
    [
        ("Making a flatbread recipe", "How to make a flatbread"),
        ("Preparing Onion", "How to prepare onions"),
        ("make salad", "How to make salad"),
        ("Making a tortillas", "How to make tortillas"),
        ("make sandwich", "How to make a sandwich"),
    ],
)
def test_titles_have_the_articles_that_their_things_need(goal: str, title: str) -> None:
    words = (
        (0, 5, "cut the onions", STEP),
        (6, 9, "fold the tortillas, flatbread and sandwich", STEP),
        (9, 12, "toss salad", STEP),
    )
    assert draft_of(TASK, "a tutorial", narrated(*words, goal=goal))["title"]["text"] == title


def test_a_dish_named_after_how_it_is_cooked_is_not_under_way() -> None:
    assert is_under_way(clause("stir boiling pasta"), "pasta")
    assert is_under_way(clause("take out pancake from pan"), "pancake")
    assert not is_under_way(clause("heat frying pan"), "rice")
    assert not is_under_way(clause("flip dough"), "bread")
