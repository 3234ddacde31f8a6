"""The next action as a choice: what may be done on a page, and which option a person's action is."""

from __future__ import annotations

from pathlib import Path

from dataclaw.evals.downstream.gui.demonstrations import SUCCESS, Demonstration, Element, read_demonstration
from dataclaw.evals.downstream.gui.lessons import as_logged, at_random, by_sample, by_truth, held_rows, learned_rows
from dataclaw.evals.downstream.gui.moves import Situation, element_of, moves_of
from dataclaw.evals.downstream.gui.step_score import StepAction

USER = Element("Username", "INPUT_text", (10, 50, 90, 70))
LOGIN = Element("Login", "BUTTON", (10, 100, 50, 120))
AREA = Element("", "INPUT_text", (0, 0, 160, 210))
TASK = 'Enter the username "vina" and press login.'


def test_every_element_every_words_some_keys_and_the_end_may_come_next() -> None:
    typed = StepAction("click", (0.3, 0.28))
    fresh = moves_of(Situation(TASK, [USER, LOGIN], (160, 210)))
    kinds = [action.kind for action in fresh.actions.values()]
    assert kinds == ["click", "click", "press", "press", "press", "terminate"]
    focused = moves_of(Situation(TASK, [USER, LOGIN], (160, 210), [(typed, USER)]))
    texts = [action.text for action in focused.actions.values() if action.kind == "write"]
    assert texts[0] == "vina"
    assert {"username", "press login", "Enter the username"} <= {*texts}
    assert [option.attrs["label"] for option in focused.point.options[:2]] == ["<last>", "<fresh>"]


def test_a_click_is_the_smallest_element_under_it() -> None:
    moves = moves_of(Situation(TASK, [AREA, USER, LOGIN], (160, 210)))
    assert moves.elements[moves.fitting(StepAction("click", (0.2, 0.3)))] == USER
    assert moves.elements[moves.fitting(StepAction("click", (0.9, 0.9)))] == AREA
    assert not moves.fitting(StepAction("doubleclick", (0.2, 0.3)))
    assert moves.actions[moves.fitting(SUCCESS)] == SUCCESS
    assert not moves.fitting(StepAction("write", text="vina"))  # nothing has the keyboard


def test_what_is_typed_goes_to_the_field_that_was_clicked() -> None:
    clicked = StepAction("click", (0.2, 0.3))
    scene = Situation(
        TASK, [USER, LOGIN], (160, 210), [(clicked, element_of(clicked, Situation(TASK, [USER], (160, 210))))]
    )
    moves = moves_of(scene)
    assert moves.actions[moves.fitting(StepAction("write", text="Vina"))].text == "vina"
    assert element_of(StepAction("write", text="vina"), scene) == USER


def first(demonstrations: Path, family: str) -> Demonstration:
    return read_demonstration(sorted((demonstrations / family).iterdir())[0])


def test_a_demonstration_is_told_with_every_page(demonstrations: Path) -> None:
    one = first(demonstrations, "choose-two")
    assert (one.family, one.won, len(one.steps), one.steps[-1].done) == ("choose-two", True, 3, SUCCESS)
    assert one.task.startswith("Choose ")
    assert all(len(step.elements) == 5 + (step is not one.steps[0]) for step in one.steps)
    assert not read_demonstration(sorted((demonstrations / "choose-two").iterdir())[-1]).won


def test_a_row_for_every_step_that_is_kept(demonstrations: Path) -> None:
    one = first(demonstrations, "choose-two")
    raw, truth = as_logged(one), by_truth(one)
    assert truth is not None
    assert raw.instruction.count("click") == len(raw.events) == 2
    rows = list(learned_rows(one, truth))
    assert [row.point.intent for row in rows] == [one.task] * 3
    wanted = [next(o.content for o in row.point.options if o.id == row.wanted) for row in rows]
    assert f"Choose {wanted[0]} and then {wanted[1]}." == one.task
    assert wanted[2] == "<end>"
    kept = at_random(one, 0)
    assert set(kept.events) <= {0, 1}
    assert len(list(learned_rows(one, kept))) == len(kept.events) + 1


def test_the_right_option_of_a_tested_row_scores_one(demonstrations: Path) -> None:
    one = first(demonstrations, "choose-three")
    for row, step in zip(held_rows(one), one.steps, strict=True):
        scores = {option.id: row.judge(option.id)["clean"] for option in row.point.options}
        assert step.done is not None
        assert scores[moves_of(Situation(one.task, step.elements, one.size)).fitting(step.done)] == 1.0
        assert row.judge("") == {"clean": 0.0, "public": 0.0}


def test_what_ends_a_sample_is_no_further_action() -> None:
    steps = [{"code": "pyautogui.click(x=0.1, y=0.2)"},
             {"code": "computer.terminate(status='success')"}]  # fmt: skip
    evidence = {"/answer/steps/0/code": ["e3"], "/answer/steps/1/code": ["e3"], "/answer/steps/0/action": ["e2"]}
    told = by_sample({"answer": {"instruction": {"text": "Choose it"}, "steps": steps}, "evidence": evidence})
    assert (told.instruction, told.events) == ("Choose it", [3])
