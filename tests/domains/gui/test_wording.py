"""Goals, thoughts and observations from small traces: what is achieved is said, and nothing that is only seen later."""

import re
import string
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.domains.gui import language
from dataclaw.domains.gui.goals import goal
from dataclaw.domains.gui.language import is_words, language_of
from dataclaw.domains.gui.plans import PLANS
from dataclaw.domains.gui.recording import GuiRecording, Step
from dataclaw.domains.gui.screens import tidy_line
from dataclaw.domains.gui.thoughts import observation, reason_of
from dataclaw.domains.gui.wording import effect
from dataclaw.errors import PolicyError
from dataclaw.types import Anchor, Stream
from tests.domains.gui.driver import brief_for, run
from tests.domains.gui.streams import event_of

PHRASES = tomllib.loads(Path(language.__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


def step(at: int, verb: str = "click", name: str = "", role: str = "", **given: Any) -> Step:
    attrs = {"verb": verb, "target": name, "role": role, "keys": given.pop("keys", []), **given.pop("attrs", {})}
    point = (50.0, 50.0) if verb == "click" else None
    event = Anchor(f"e{at}", "event", verb, float(at), float(at), frame=at, point=point, attrs=attrs)
    return replace(Step(event, ""), **given)


def typed(at: int, text: str, name: str = "", role: str = "") -> Step:
    return step(at, "write", name, role, text=text)


def value(name: str, held: str) -> dict[str, Any]:
    return {"outcomes": [{"kind": "value", "name": name, "value": held, "check": ""}]}


def box(name: str, kind: str = "checked") -> dict[str, Any]:
    return {"outcomes": [{"kind": kind, "name": name, "value": "", "check": ""}]}


def line(text: str, number: int, frame: int, y: float = 10.0) -> Anchor:
    return Anchor(
        f"t{number}", "text", text, float(frame), float(frame), frame=frame, box=(10, y, 90, y + 12), confidence=0.95
    )


def goal_of(*steps: Step, limit: int = 200, **known: Any) -> str:
    return goal(steps, GuiRecording(tuple(steps), size=(640, 360), **known), limit)[0]


def test_a_goal_names_the_value_that_clicks_in_a_calendar_made_and_no_controls() -> None:
    steps = [step(0, name="Date", role="input"), *(step(k, name="Prev") for k in (1, 2, 3)),
             step(4, name="15", attrs=value("Date", "09/15/2016")), step(5, name="Submit", role="button")]  # fmt: skip
    assert goal_of(*steps) == 'Set "Date" to "09/15/2016"'


def test_a_goal_names_what_is_ticked_at_the_end() -> None:
    steps = [step(0, name="a", attrs=box("Ann")), step(1, name="b", attrs=box("Bob")),
             step(2, name="a", attrs=box("Ann", "unchecked")), step(3, name="c", attrs=box("Cy"))]  # fmt: skip
    assert goal_of(*steps) == 'Tick "Bob" and "Cy"'


def test_an_instruction_names_what_hands_in_and_clicks_on_what_has_no_name() -> None:
    steps = [typed(0, "100", "Amount", "input"), step(1, near=(line("3", 5, 1, y=100.0),)),
             step(2, "press", keys=["2"]), step(3, name="Submit", role="button")]  # fmt: skip
    recording = GuiRecording(tuple(steps), size=(640, 360))
    told, cites = goal(steps, recording, ending=True)
    assert told == 'Enter "100" into "Amount", click the spot above "3", enter "2" and click on the "Submit" button'
    assert cites == ["e0", "t5", "e2", "e3"]
    assert goal(steps, recording)[0] == 'Enter "100" into "Amount" and enter "2"'
    long = [*steps[:1], *(step(k, near=(line("3", k, k, y=100.0),)) for k in range(4, 12)), *steps[3:]]
    assert "spot" not in goal(long, recording, ending=True)[0]


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_instructions_put_the_same_in_several_ways(language: str) -> None:
    ways: set[str] = set()
    for number in range(40):
        ann, send = step(0, name="Ann", attrs=box("Ann")), step(1, name="Send", role="button")
        send = replace(send, event=replace(send.event, content=f"click {number}"))
        steps = [replace(one, language=language) for one in (ann, send)]
        recording = GuiRecording(tuple(steps), size=(640, 360), language=language)
        told, _ = goal(steps, recording, ending=True)
        assert re.findall('["“„]([^"”“]+)["”“]', told) == ["Ann", "Send"]
        assert goal(steps, recording, ending=True)[0] == told
        ways.add(told)
    assert len(ways) >= 3


def test_a_goal_cites_the_text_that_tells_an_icon_from_its_likes() -> None:
    reply = step(0, name="reply", role="icon", near=(line("@keli", 7, 0),))
    assert goal([reply], GuiRecording((reply,))) == ('Choose the "reply" icon beside "@keli"', ["e0", "t7"])


def test_what_a_page_made_of_a_typed_text_counts() -> None:
    steps = [typed(0, "tr", "Tags", "input"), step(1, name="Trinidad", attrs=value("Tags", "Trinidad and Tobago"))]
    assert goal_of(*steps) == 'Set "Tags" to "Trinidad and Tobago"'


def test_lines_of_a_text_are_told_by_their_number_and_ends() -> None:
    steps = [s for k in range(4) for s in (typed(2 * k, f"line {k}"), step(2 * k + 1, "press", keys=["enter"]))]
    assert goal_of(*steps) == 'Enter 4 lines of text from "line 0" to "line 3"'


def test_what_does_not_fit_is_counted() -> None:
    steps = [step(k, name=f"Option number {k} of the long list") for k in range(9)]
    said = goal_of(*steps, limit=120)
    assert len(said) <= 120
    assert said.endswith(f"and {9 - said.count('Option number')} more actions")


def test_with_the_tasks_words_these_are_the_goal_and_a_failed_attempt_is_called_one() -> None:
    assert goal_of(step(0, name="Go"), task="Book a table.") == "Book a table."
    assert goal_of(step(0, name="Go"), failed="its own reward is -1") == 'Attempt that did not succeed: Choose "Go"'


def test_nothing_is_thought_or_observed_that_is_seen_only_later() -> None:
    first = replace(step(0, name="Menu"), lines=(line("Menu", 1, 0),), after=(line("Secret report", 2, 1),))
    recording = GuiRecording((first,), size=(640, 360))
    said = observation(first, [], recording, [])[0] + reason_of(first, [], recording, 'Choose "Menu"')[0]
    assert "Secret" not in said
    assert effect(first, recording)[0] == '"Secret report" can now be seen'


def test_typed_text_stands_there_only_where_it_is_seen() -> None:
    before = typed(0, "hello world")
    recording = GuiRecording((before,), size=(640, 360))
    blank = replace(step(1, "press", keys=["enter"]), lines=(line("Untitled document", 1, 1),))
    assert "hello" not in observation(blank, [before], recording, [])[0]
    shown = replace(blank, lines=(line("Hello world", 1, 1),))
    assert "stands there as typed" in observation(shown, [before], recording, [])[0]


def test_a_picture_from_before_other_actions_says_so() -> None:
    before = typed(0, "hello world")
    later = replace(step(1, "press", keys=["enter"]), shares=(before,), lines=(line("Untitled document", 1, 0),))
    said, cites = observation(later, [before], GuiRecording((before, later), size=(640, 360)), [])
    assert said.startswith('The picture was taken before this was done: type "hello world"')
    assert "e0" in cites


def test_what_just_appeared_is_a_reason_to_click_it() -> None:
    fresh = tuple(line(f"{k} hours", k, 1, 10.0 + 20 * k) for k in range(3, 7))
    chosen = replace(step(1, name="5 hours"), fresh=fresh, lines=fresh)
    said, _ = reason_of(chosen, [step(0, name="After")], GuiRecording((chosen,)), "")
    assert said == 'The list that has just opened offers "5 hours".'


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("visible", '"Total" is visible'),
        ("not visible", 'It is not so that "Total" is visible'),
        ("text", '"Total" has the text "9"'),
    ],
)
def test_what_a_test_asserts_is_told(check: str, said: str) -> None:
    outcome = {"kind": "expected", "name": "Total", "value": "9" if check == "text" else "", "check": check}
    tested = step(0, name="Pay", attrs={"outcomes": [outcome]})
    assert effect(tested, GuiRecording((tested,)))[0] == said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("clean ordered actions", "en"), ("everything", "en"), ("Schreibe eine Anleitung mit Bildern", "de"),
        ("把这个录屏整理成操作序列", "zh"), ("écris un guide pas à pas de cet enregistrement", "fr"),
        ("操作手順をまとめて", "ja"),
    ],
)  # fmt: skip
def test_the_language_of_a_request(text: str, code: str) -> None:
    assert language_of(text) == code


def test_every_language_has_every_phrase_with_the_same_values() -> None:
    fields = {
        name: {
            key: {part[1] for part in string.Formatter().parse(text) if part[1]} for key, text in PHRASES[name].items()
        }
        for name in language.LANGUAGES
    }
    assert fields["en"] == fields["zh"] == fields["de"]


def test_every_phrase_is_said_somewhere() -> None:
    code = " ".join(p.read_text(encoding="utf-8") for p in Path(language.__file__).parent.glob("*.py"))
    built = re.compile(
        r"^(?:why_(?:other|undone|no_effect|detour|not_asked|duplicate|noise|unneeded)|so_|expect_|(?:above|below|left|right|on)_)"
    )
    places = {"upper_left", "upper_right", "lower_left", "lower_right", "left", "right", "lower", "upper"}
    unused = [key for key in PHRASES["en"] if f'"{key}"' not in code and not built.match(key) and key not in places]
    assert unused == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Night light", True),
        ("Night lighs ght", False),
        ("0off", False),
        ("CardPhotoForm.pdf", True),
        ("设置窗口", True),
    ],
)
def test_scraps_of_icons_are_no_words(text: str, words: bool) -> None:
    assert is_words(text) == words


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("C Power & sleep", "Power & sleep"),
        ("Battery saver ght", "Battery saver"),
        ("Keepchanges", "Keep changes"),
        ("A day", "A day"),
    ],
)
def test_a_line_is_rid_of_icons_and_scraps(text: str, tidy: str) -> None:
    assert tidy_line(line(text, 0, 0)).content == tidy


def page_stream(events: list[dict[str, Any]], **meta: Any) -> Stream:
    """A trace without pictures, whose page texts were recorded."""
    placed = tuple(event_of(k, {"t0": float(k), "t1": float(k), **event}) for k, event in enumerate(events))
    texts = [{"t": 0.0, "texts": [{"text": "Sizes", "box": [0, 0, 40, 10]}]}]
    return Stream(
        "ab" * 8, "gui", "page", "", "miniwob", float(len(events)), events=placed, meta={"dom_texts": texts, **meta}
    )


CHOICE = [
    {"kind": "click", "target": "Size", "role": "SELECT", "point": [9, 9]},
    {"kind": "select", "target": "Size", "role": "SELECT"},
]


def test_an_entry_that_nobody_recorded_is_declined_unless_the_task_is_told() -> None:
    with pytest.raises(PolicyError, match="does not say which entry"):
        draft_of("action_sequence", page_stream(CHOICE))
    told = draft_of("action_sequence", page_stream(CHOICE, task="Choose size M."))
    assert told["goal"]["text"] == "Choose size M."
    said = [{**CHOICE[0]}, {**CHOICE[1], "text": "M"}]
    assert draft_of("action_sequence", page_stream(said))["goal"]["text"] == 'Choose "M" in "Size"'


def test_a_failed_attempt_is_marked_and_not_taught() -> None:
    events = [{"kind": "click", "target": "Go", "role": "BUTTON", "point": [9, 9]}]
    stream = page_stream(events, failed="its own reward is -1")
    draft = draft_of("action_sequence", stream)
    assert draft["goal"]["text"].startswith("Attempt that did not succeed")
    assert "its own reward is -1" in draft["cot"][0]["text"]
    with pytest.raises(PolicyError, match="the recorded attempt failed"):
        draft_of("navigation_sft", stream)


@pytest.mark.parametrize(
    ("intent", "goal_text", "note"),
    [("整理操作序列", "选择\"Go\"", ""), ("Schreibe eine Liste der Schritte", "Wähle \"Go\"", ""),
     ("écris un guide pas à pas de cet enregistrement", 'Choose "Go"', "in a language that is not written here")],
)  # fmt: skip
def test_text_is_in_the_language_of_the_intent(intent: str, goal_text: str, note: str) -> None:
    stream = page_stream([{"kind": "click", "target": "Go", "role": "BUTTON", "point": [9, 9]}])
    draft = draft_of("action_sequence", stream, intent)
    assert draft["goal"]["text"] == goal_text
    assert note in draft["cot"][0]["text"]


def draft_of(task: str, stream: Stream, intent: str = "everything") -> dict[str, Any]:
    return run(PLANS[task], stream, brief_for(stream, intent, task, {})).draft
