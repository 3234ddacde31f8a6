"""Questions that sentences answer: well put, answered in the lecturer's words, and none where a sentence leans."""

import pytest

from dataclaw.domains.education.exercises import exercise_of, passage_for, unfit
from dataclaw.domains.education.questions import answers, pairs_of
from dataclaw.domains.education.ranking import weights_of
from dataclaw.domains.education.sentences import CitedCue, sentences_of
from dataclaw.types import Anchor, Json


def asked(*texts: str, language: str = "en") -> list[tuple[str, str, str]]:
    said = sentences_of([CitedCue(f"e{k}", text, 4.0 * k, 4.0 * k + 3.8) for k, text in enumerate(texts)])
    return [(p.kind, p.question, p.answer) for p in pairs_of(said, language, weights_of(said, language))]


@pytest.mark.parametrize(
    ("said", "kind", "question"),
    [
        ("So a large language model is a function that predicts the next word.", "definition",
         "What is a large language model?"),
        ("Resonance means that a small push adds up over time.", "meaning", "What does resonance mean?"),
        ("The determinant, though, tells you how areas scale.", "meaning", "What does the determinant tell you?"),
        ("Backpropagation is used to tweak all of the weights of the model.", "purpose",
         "What is backpropagation used for?"),
        ("The drag and drop editor allows you to create a course quickly.", "purpose",
         "What does the drag and drop editor allow you to do?"),
        ("There's about 7.3 billion people on Earth.", "number", "How many people are there on Earth?"),
        ("The Milky Way has somewhere between 100 and 400 billion stars.", "number",
         "How many stars does the Milky Way have?"),
        ("The University of Oxford was founded in 1096 by scholars.", "number",
         "In which year was the University of Oxford founded?"),
        ("If you multiply two matrices together, the determinant of the result is the product.", "consequence",
         "What happens if you multiply two matrices together?"),
        ("To find the area of a triangle, you multiply half of its base by its height.", "procedure",
         "How do you find the area of a triangle?"),
        ("What makes transformers unique is their reliance on attention.", "reason", "What makes transformers unique?"),
        ("The determinant of a matrix is 0 if it squishes space onto a line.", "condition",
         "When is the determinant of a matrix 0?"),
    ],
)  # fmt: skip
def test_a_sentence_is_asked_about(said: str, kind: str, question: str) -> None:
    ((found, put, answer),) = asked(said)
    assert (found, put) == (kind, question)
    assert answer.rstrip(".").casefold() in said.casefold()


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (
            "La fotosíntesis es el proceso con el que una planta convierte la luz en energía.",
            "¿Qué es la fotosíntesis?",
        ),
        (
            "Las plantas cierran los estomas porque perderían demasiada agua.",
            "¿Por qué las plantas cierran los estomas?",
        ),
        ("Si quitamos la luz, la planta deja de fabricar azúcar.", "¿Qué pasa si quitamos la luz?"),
    ],
)
def test_a_spanish_sentence_is_asked_about(said: str, question: str) -> None:
    assert [q for _, q, _ in asked(said, language="es")] == [question]


@pytest.mark.parametrize(
    "said",
    [
        "This is a very important idea in mathematics.",
        "It is the factor by which areas are scaled.",
        "The key idea is a function of two variables.",
        "The problem is a lack of water in the soil.",
        "The matrix here is a rotation of the plane.",
        "I think the reason is that plants need water to live.",
        "If you look over here, the vector moves to the right side.",
        "If you'll recall, most of our time was spent on the proof.",
        "Let's say that a vector is a list of numbers.",
        "A graph is um a picture of a function.",
        "Thank you for watching, a lesson is a gift to everyone.",
        "Sum is.",
    ],
)
def test_what_leans_on_the_lecture_is_not_asked_about(said: str) -> None:
    assert asked(said) == []


def test_the_lecturers_own_question_is_answered_by_what_follows() -> None:
    found = asked("So what does a negative determinant mean?", "Space is turned over by a negative determinant.")
    assert found[0] == (
        "question",
        "What does a negative determinant mean?",
        "Space is turned over by a negative determinant.",
    )


def test_languages_without_patterns_ask_nothing() -> None:
    assert asked("Une planète est un corps qui tourne autour du soleil.", language="fr") == []


@pytest.mark.parametrize(
    ("question", "answer", "enough"),
    [
        ("What is a leaf?", "A leaf is a flat organ of a plant.", True),
        ("What is a flat leaf?", "A leaf is flat.", False),
        ("How many legs has a spider?", "A spider has 8 legs.", True),
    ],
)
def test_an_answer_says_more_than_its_question(question: str, answer: str, enough: bool) -> None:
    assert answers(question, answer, "en") is enough


def exercise(question: str, **details: object) -> Anchor:
    return Anchor("e9", "event", question, 5.0, 5.0, attrs={"verb": "exercise", "text": question, "details": details})


CHOICES = [{"text": "A. Bronchi", "correct": False}, {"text": "B. Epiglottis", "correct": True}]


def test_an_exercise_loses_its_letters_and_the_answer_before_its_explanation() -> None:
    found = exercise_of(
        exercise("Which?", choices=CHOICES, explanation="Answer: B. Epiglottis It covers the trachea when we swallow.")
    )
    assert found is not None
    assert (found.choices, found.answer) == (("Bronchi", "Epiglottis"), "Epiglottis")
    assert found.explanation == "It covers the trachea when we swallow."


@pytest.mark.parametrize(
    ("anchor", "reason"),
    [
        (exercise("Which structure is it?", choices=CHOICES), ""),
        (exercise("What do you think?", kind="text"), "no_answer"),
        (exercise("What do you think?", answers=[".*."]), "no_answer"),
        (exercise("Which?", choices=[{"text": "A", "correct": False}]), "no_answer"),
        (exercise("What number is shown above?", answers=["17"]), "needs_picture"),
        (exercise("What kind of fish is this?", choices=CHOICES), "needs_picture"),
        (exercise("zealous pilgrimage Where is the speaker going on their pilgrimage?", choices=CHOICES), "unclear"),
        (exercise("What does it mean?", choices=CHOICES, explanation="In line 6 it is a journey."), "unclear"),
        (exercise("return { 'ok': 1 } Write a query.", answers=["SELECT 1"]), "unclear"),
    ],
)
def test_exercises_that_cannot_be_asked_say_why(anchor: Anchor, reason: str) -> None:
    assert unfit(anchor) == reason


def test_the_passage_of_an_exercise_has_its_answer() -> None:
    said = sentences_of(
        [CitedCue("e0", "The epiglottis covers the trachea when we swallow. Bronchi are branches.", 0, 4)]
    )
    found = exercise_of(exercise("What covers the trachea?", choices=CHOICES))
    assert found is not None
    assert passage_for(found, said, "en") == said[0]
    assert passage_for(found, said[1:], "en") is None


def pairs_in(text: str, language: str = "en") -> list[tuple[str, str]]:
    said = sentences_of([CitedCue("e0", text, 0.0, 4.0)])
    return [(pair.question, pair.answer) for pair in pairs_of(said, language, weights_of(said, language))]


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("The order of the columns decides which queries the index can serve.",
         "What does the order of the columns decide?", "Which queries the index can serve."),
        ("Dough rises in a warm kitchen because the gas is caught in a net of gluten.",
         "Why does Dough rise in a warm kitchen?", "Because the gas is caught in a net of gluten."),
        ("The value of the determinant, though, still tells you the factor by which areas have been scaled.",
         "What does the value of the determinant tell you?", "The factor by which areas have been scaled."),
        ("Magma holds dissolved water and carbon dioxide, and it rises.",
         "What does Magma hold?", "Dissolved water and carbon dioxide."),
    ],
)  # fmt: skip
def test_an_answer_is_what_is_said_of_the_subject_and_no_more(text: str, question: str, answer: str) -> None:
    assert pairs_in(text) == [(question, answer)]


def test_questions_of_german_and_chinese_lessons() -> None:
    assert pairs_in("Inflation ist der anhaltende Anstieg des allgemeinen Preisniveaus.", "de") == [
        ("Was ist Inflation?", "Der anhaltende Anstieg des allgemeinen Preisniveaus.")
    ]
    assert pairs_in("光合作用是一种把光能变成化学能的过程。", "zh") == [
        ("什么是光合作用？", "一种把光能变成化学能的过程。")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The Open platform is an innovative, robust and scalable tool for everyone.",
        "The remedy is an index on the expression itself and nothing else.",
        "If you take this graph, it shows that the mass is on the right side.",
        "Every crack is a small earthquake that they can hear from here.",
    ],
)
def test_praise_and_what_leans_is_not_asked_about(text: str) -> None:
    assert pairs_in(text) == []


def written_exercise(text: str, *right: str) -> Anchor:
    details: dict[str, Json] = {"answers": list(right)}
    return Anchor("e0", "event", text, 0.0, 0.0, attrs={"verb": "exercise", "text": text, "details": details})


def test_how_a_page_is_used_is_no_part_of_a_question() -> None:
    made = exercise_of(
        written_exercise("What is 120 times 5? For demonstration purposes, your answer may be 5 higher.", "600")
    )
    assert made is not None
    assert made.question == "What is 120 times 5?"


def test_a_cell_of_a_table_is_asked_for_by_its_row_and_column() -> None:
    text = "For each of the following discoveries, identify the discoverer and their country. Relativity: Discoverer"
    made = exercise_of(written_exercise(text, "Einstein"))
    assert made is not None
    assert made.question == "Relativity: Discoverer"


def test_one_of_several_right_answers_is_no_answer() -> None:
    assert (
        unfit(written_exercise("In the field below, enter one of the names of the seven dwarfs.", "Doc")) == "unclear"
    )
