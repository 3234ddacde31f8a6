"""The mode "choose": a model answers a plan's choice points and words its draft; the plan does the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataclaw import tailor
from dataclaw.run.ledger import Outcome
from dataclaw.testing import Asked, Fault, ModelServer, Reply

CUT = Path(__file__).parents[2] / "examples/cuts/violin_workshop.edl"
INTENT = "a cut list of the two longest talking heads"
DECLARED = "list the clips of this cut with source and record times"
Answer = Callable[[Asked], Any]


def made(answer: Answer, intent: str = INTENT, **options: Any) -> tuple[Outcome, ModelServer]:
    with ModelServer(answer) as server:
        asked = {"model": "openai:m", "base_url": server.url, "mode": "choose", "tries": 1, **options}
        (outcome,) = tailor(CUT, intent, domain="aigc", task="edit_plan", **asked)
    return outcome, server


def is_choice(asked: Asked) -> bool:
    return asked.texts[0].startswith("You decide")


def ids(asked: Asked, word: str) -> list[str]:
    """Ids of the facts with a word."""
    rows = [line.split("|") for text in asked.texts for line in text.split("\n") if "|" in line]
    return [row[0] for row in rows if word in row[-1]]


def places(asked: Asked) -> list[str]:
    """Places that the model may word."""
    return [line.split(" ")[0] for text in asked.texts for line in text.split("\n") if line.startswith("/")]


def texts(said: dict[str, str]) -> Reply:
    return Reply(json.dumps({"texts": [{"place": place, "text": text} for place, text in said.items()]}))


def test_the_model_decides_what_is_kept_and_says_it() -> None:
    def answer(asked: Asked) -> Reply:
        if is_choice(asked):
            return Reply(json.dumps({"keep": [*ids(asked, "talking head")[:2], "e999"], "why": "the first two"}))
        return texts({"/cot/0/text": "Two talking\nheads stay.", "/operations/0/name": "forged"})

    outcome, server = made(answer)
    assert len(outcome.samples) == 1, outcome.rejected
    (sample,) = outcome.samples
    assert len(server.asked) == outcome.usage.requests == 2
    assert len(sample["data"]["operations"]) == 2
    assert sample["cot"][0] == "Two talking\nheads stay."
    assert "forged" not in json.dumps(sample), "what is copied from the stream is not the model's to say"
    assert sample["made_by"]["policy"] == "openai:m"
    turns = [turn for turn in outcome.traces[0]["turns"] if turn["action"] and turn["action"]["tool"] == "choose"]
    assert turns[0]["action"]["args"]["answer"]["by"] == "openai:m"


def test_a_request_that_the_task_declares_needs_no_choice() -> None:
    outcome, server = made(lambda _: texts({}), DECLARED)
    assert outcome.samples[0]["intent"]["template"]
    assert [is_choice(asked) for asked in server.asked] == [False]


ODD = ["no idea", "{}", '{"keep": "e1"}', '{"keep": [], "texts": [{"place": "/cot/0/text"}]}', "[1]"]
CUT_OFF = Reply('{"keep": ["e1"], "texts": [{"place": "/cot/0/text", "text": "So"}]}', finish="length")


@pytest.mark.parametrize("said", [*map(Reply, ODD), CUT_OFF])
def test_an_answer_that_is_none_leaves_the_plan_as_it_is(said: Reply) -> None:
    (plain,) = tailor(CUT, INTENT, domain="aigc", task="edit_plan", choose="rules")
    outcome, _ = made(lambda _: said, choose="rules")
    assert outcome.samples[0]["data"] == plain.samples[0]["data"]
    assert outcome.samples[0]["cot"] == plain.samples[0]["cot"]


def test_words_that_the_rules_hold_are_asked_for_again_and_then_the_plans_stand() -> None:
    def answer(asked: Asked) -> Reply:
        if is_choice(asked):
            return Reply(json.dumps({"keep": ids(asked, "talking head")[:2], "why": ""}))
        return texts(dict.fromkeys(places(asked), "e1 e2 e3"))

    outcome, server = made(answer)
    assert outcome.samples, outcome.rejected
    wordings = [asked for asked in server.asked if not is_choice(asked)]
    assert len(wordings) == 2
    assert "Your last wording was rejected" in wordings[1].texts[-1]
    assert outcome.samples[0]["made_by"]["repairs"] == 2
    assert "e1 e2 e3" not in json.dumps(outcome.samples[0]["cot"])


def test_a_server_of_ones_own_is_told_what_there_is_to_choose_from() -> None:
    _, server = made(lambda _: Reply("{}"))
    choice, wording = (next(one for one in server.asked if is_choice(one) == which) for which in (True, False))
    keep = choice.body["response_format"]["json_schema"]["schema"]["properties"]["keep"]
    assert set(ids(choice, "talking head")) <= set(keep["items"]["enum"])
    assert keep["maxItems"] == len(keep["items"]["enum"])
    said = wording.body["response_format"]["json_schema"]["schema"]["properties"]["texts"]
    assert said["items"]["properties"]["place"]["enum"] == places(wording)


def test_a_provider_that_is_down_ends_the_rollout() -> None:
    outcome, _ = made(lambda _: Fault(503))
    assert not outcome.samples
    assert outcome.rejected[0]["passing"]
