"""Attacks: each makes the draft that it says, none makes the gold answer."""

from __future__ import annotations

from typing import Any

from dataclaw.kit.attacks import ATTACKS, Target, attacks, cites_of, main_list
from dataclaw.kit.fixtures import FixtureSession, fixtures_of
from dataclaw.plugins import load_domain
from dataclaw.schema import is_valid

GUI = load_domain("gui")
ROW = next(row for row in fixtures_of(GUI) if row.task == "how_to")
BENCH = FixtureSession(GUI.task("how_to"), ROW)
SCHEMA = BENCH.session.schema(BENCH.state)
TARGET = Target(ROW.gold, SCHEMA, BENCH.state.anchors, [{"other": 1}])
MADE: dict[str, Any] = attacks(TARGET)


def test_every_attack_is_made_and_none_is_gold() -> None:
    assert set(MADE) == {"no object", *ATTACKS} - {"no words"}, "the schema lets no text be empty"
    assert ROW.gold not in MADE.values()


def test_meaningless_drafts_are_valid() -> None:
    for name in ("filler", "prompt echo", "shuffled", "duplicated", "truncated", "everything cited"):
        assert is_valid(MADE[name], SCHEMA), name
    assert "x" in str(MADE["filler"])
    description = SCHEMA["properties"]["steps"]["items"]["properties"]["instruction"]["description"]
    assert MADE["prompt echo"]["steps"][0]["instruction"] == description


def test_the_list_that_was_asked_for_is_shuffled_repeated_and_cut() -> None:
    assert main_list(ROW.gold) == "steps"
    steps = ROW.gold["steps"]
    assert MADE["shuffled"]["steps"] == steps[::-1]
    assert MADE["duplicated"]["steps"] == [step for step in steps for _ in range(2)]
    assert MADE["truncated"]["steps"] == steps[: -(-len(steps) // 3)]
    assert MADE["empty lists"]["steps"] == []
    assert main_list({"cot": [1, 2], "left_out": [1, 2, 3], "answer": [1]}) is None


def test_what_is_in_no_order_of_time_is_not_shuffled() -> None:
    backwards = {**ROW.gold, "steps": ROW.gold["steps"][::-1]}
    assert "shuffled" not in attacks(Target(backwards, SCHEMA, BENCH.state.anchors))


def test_evidence_is_moved_or_heaped() -> None:
    gold, moved = list(cites_of(ROW.gold)), list(cites_of(MADE["evidence of others"]))
    assert all(a != b and len(a) == len(b) for a, b in zip(gold, moved, strict=True))
    heaped = list(cites_of(MADE["everything cited"]))
    assert all(set(a) <= set(b) for a, b in zip(gold, heaped, strict=True))
    assert min(map(len, heaped)) > max(map(len, gold)) - 1


def test_reasoning_is_made_longer_with_the_same_words() -> None:
    long = MADE["over-long reasoning"]["cot"]
    assert len(str(long)) > 5 * len(str(ROW.gold["cot"]))
    said = {word for step in ROW.gold["cot"] for word in step["text"].split()}
    assert all(set(step["text"].split()[:-1]) <= said for step in long), "the last word may be cut"


def test_an_attack_that_gives_gold_is_none() -> None:
    made = attacks(Target({"answer": {"cite": ["e0"], "text": "x"}}, {}, {}))
    assert set(made) == {"no object", "empty"} | {name for name in made if made[name] != {}}


def test_words_are_left_out_where_the_schema_lets_them_be() -> None:
    gold = {"kind": "click", "text": "Click the button.", "cite": ["e0 or so"]}
    made = attacks(Target(gold, {"type": "object"}, {}))
    assert made["no words"] == {"kind": "click", "text": "", "cite": ["e0 or so"]}
