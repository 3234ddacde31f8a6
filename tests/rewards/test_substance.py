"""Answers that say something, legibly, each thing once."""

from typing import Any

import pytest

from dataclaw.rewards import Case, library
from dataclaw.rewards.substance import misread
from dataclaw.types import Anchor, Event

RULES = library()
SEEN = {
    "e0": Anchor("e0", "event", 'narration "peel onion"', 0.0, 4.0, attrs={"text": "peel onion"}),
    "e1": Anchor("e1", "event", 'narration "chop celery"', 4.0, 9.0, attrs={"text": "chop celery"}),
    "r1": Anchor("r1", "motion", "camera static; subject slow", 0.0, 9.0, 0),
}
LOG = (Event(0, "narration", 0.0, 4.0, text="peel onion"), Event(1, "narration", 4.0, 9.0, text="chop celery"))


def judge(name: str, *texts: str, cite: Any = None, **given: Any) -> float | None:
    answer = [{"cite": cite or ["e0"], "text": text} for text in texts]
    case = Case("", {"answer": answer}, {}, SEEN, events=given.pop("events", LOG), **{"inputs": {}, **given})
    return RULES[name].judge(case, **PARAMS.get(name, {})).value


PARAMS: dict[str, dict[str, Any]] = {}


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Peel the onion.", 1.0),
        ("The subject on the right moves in place, in medium light, mostly black and brown.", 0.0),
        ("Conjure a unicorn.", 0.0),
        ("A robust, scalable and innovative onion.", 0.0),
        ('Click "7".', 0.0),
    ],
)
def test_what_fits_any_stream_says_nothing(text: str, score: float):
    assert judge("substance", text) == score


def test_what_is_said_again_counts_once():
    generic, telling = "The subject moves right.", "Peel the onion."
    assert judge("substance", generic, telling) == 0.5
    assert judge("substance", generic, telling, "peel the  onion.", f"<video_gen> {telling}") == 0.5
    assert judge("substance", generic, telling, f"<video_gen> {generic}", generic) == 0.5


def test_what_only_a_picture_shows_counts_half():
    assert judge("substance", "A woman puts on mascara.", cite=["r1"]) == 0.5


def test_the_question_may_name_what_the_answer_shows():
    asked = 'The task is "peel onion". How is it done?'
    assert judge("substance", "Approach: move 0.05 m down.", question=asked, inputs={"output_image": [1]}) == 0.6
    assert judge("substance", "Approach: move 0.05 m down.", question=asked, inputs={"input_video": [0, 3]}) == 0.4
    assert judge("substance", "Approach: move 0.05 m down.", question=asked) == 0.0


def test_a_name_of_one_sign_counts_where_an_element_is_called_so():
    assert judge("substance", 'Click "7".', events=(Event(0, "click", 0.0, 0.0, target="7"),)) == 1.0


def test_a_sentence_over_the_proof_of_another_is_not_borne_out():
    assert judge("borne_out", "Peel the onion.", "Chop the celery.", cite=["e0"]) == 0.5
    assert judge("borne_out", "A woman puts on mascara.", cite=["r1"]) is None


def test_nothing_happens_where_a_text_says_so():
    texts = ("Carry on: move 0.00 m.", "The area at the top changes.", "It rests 0.67 s.", "Lift it by 0.05 m.")
    assert judge("happens", *texts) == 0.5


def test_clauses_are_said_once():
    assert (
        judge("no_repeats", "1. Peel the onion.", "2. Chop the celery. Peel the onion.", "3. Peeling the onions.")
        == 0.5
    )
    assert judge("no_repeats", "Peel the onion.") is None


def test_a_list_of_keywords_is_no_title():
    case = Case(
        "",
        {"title": "How matrices multiply", "chapters": [{"title": "Term; area"}, {"title": "Cube"}, {"title": "cube"}]},
        {},
    )
    assert RULES["titles"].judge(case, paths=["/title", "/chapters/*/title"]).value == 0.5
    assert RULES["titles"].judge(case, paths="/nothing").value is None


def test_lists_are_not_empty_and_procedures_have_steps():
    case = Case("", {"chapters": [{"sentences": []}, {"sentences": ["one"]}], "steps": [{}]}, {})
    assert RULES["not_empty"].judge(case, paths="/chapters/*/sentences").value == 0.5
    assert RULES["several"].judge(case, path="/steps/*").value == 0.5
    assert RULES["several"].judge(case, path="/chapters/*").value == 1.0


def test_misread_joined_and_cut_words_are_named():
    assert (
        judge("legible", "Make produets safe.", "Sweep the dust pa.", "Add the pancakeinside.", "Peel the onion in it.")
        == 0.25
    )
    assert judge("legible", "Open the produets tab.", events=(Event(0, "click", 0.0, 0.0, target="Produets"),)) == 1.0


@pytest.mark.parametrize("word", ["determinant", "parallelogram", "calfskin", "quicksort", "onions", "zaprwhg", "lion"])
def test_rare_words_are_not_misread(word: str):
    assert misread(word) == ""
