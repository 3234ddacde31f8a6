"""What the rules of lessons take for true: words cut at the border of a cue, passages that go on about their topic."""

from dataclaw.domains.education.rules import chapters, requested_scope, to_the_point
from dataclaw.plugins import load_domain
from dataclaw.rewards.base import Case
from dataclaw.types import Anchor, Event, Json

SAID = (
    "Let us turn to the heart of the whale.",
    "The heart of a blue whale beats only eight times a",
    "minute. It pumps two hundred litres",
    "of blood. Now to the eye of the owl.",
)
EVENTS = tuple(Event(k, "cue", 5.0 * k, 5.0 * k + 4.5, text=text) for k, text in enumerate(SAID))
ANCHORS = {
    f"e{e.index}": Anchor(f"e{e.index}", "event", e.text, e.t0, e.t1, attrs={"verb": "cue", "text": e.text})
    for e in EVENTS
}
TASKS = {task.name: task for task in load_domain("education").tasks.values()}


def case(task: str, draft: Json, intent: str = "") -> Case:
    return Case("", draft, TASKS[task].schema, ANCHORS, events=EVENTS, window=(0.0, 20.0), intent=intent)


def pair(answer: str, cite: list[str], passage: str = "", through: list[str] | None = None) -> Json:
    body: dict[str, Json] = {"cite": cite, "kind": "number", "question": "How often?", "answer": answer}
    return body | ({"evidence": {"cite": through or cite, "text": passage}} if passage else {})


def pairs(*items: Json) -> Json:
    return {"cot": [], "pairs": list(items), "left_out": []}


def test_the_last_word_of_a_sentence_may_stand_in_a_cue_of_its_own() -> None:
    whole = "The heart of a blue whale beats only eight times a minute."
    assert to_the_point.judge(case("concept_qa", pairs(pair(whole, ["e1", "e2"])))).value == 1.0
    assert to_the_point.judge(case("concept_qa", pairs(pair(whole, ["e1", "e3"])))).value == 0.5


def test_an_answer_may_cite_what_its_evidence_quotes() -> None:
    whole = "The heart of a blue whale beats only eight times a minute."
    short = pair("Eight times a minute.", ["e1", "e2"], whole)
    assert to_the_point.judge(case("concept_qa", pairs(short))).value == 1.0
    other = pair("Eight times a minute.", ["e0", "e1"], whole, ["e1", "e2"])
    assert to_the_point.judge(case("concept_qa", pairs(other))).value == 0.75


def test_a_passage_goes_on_about_what_it_began_with() -> None:
    drafted = pairs(pair("It pumps two hundred litres of blood.", ["e2", "e3"]))
    asking = "questions about the whale"
    assert requested_scope.judge(case("concept_qa", drafted, asking), items="pairs", passage=120.0).value == 1.0
    assert requested_scope.judge(case("concept_qa", drafted, asking), items="pairs").value == 0.0
    assert (
        requested_scope.judge(
            case("concept_qa", drafted, "questions about the shark"), items="pairs", passage=120.0
        ).value
        == 0.0
    )


def test_a_sentence_may_end_in_the_cue_that_the_next_chapter_begins_in() -> None:
    def drafted(cite: list[str]) -> Json:
        sentence: Json = {"cite": cite, "text": "It pumps two hundred litres of blood."}
        first: Json = {"cite": ["e0"], "start": 0.0, "title": "The heart of the whale", "sentences": [sentence]}
        second: Json = {"cite": ["e3"], "start": 15.0, "title": "The eye of the owl", "sentences": []}
        return {"cot": [], "title": {}, "chapters": [first, second], "left_out": []}

    assert chapters.judge(case("lecture_summary", drafted(["e2", "e3"]))).value == 1.0
    below = chapters.judge(case("lecture_summary", drafted(["e3"]))).value
    assert below is not None
    assert below < 1.0
