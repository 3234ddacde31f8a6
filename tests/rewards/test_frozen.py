"""Frozen copies read like the originals and cannot be changed; a plugin's rule judges one."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataclaw.kit.fixtures import fixtures_of, judge, play
from dataclaw.plugins import load_domain
from dataclaw.rewards.base import Case
from dataclaw.rewards.frozen import FrozenValueError, freeze, frozen_case
from dataclaw.schema import is_valid
from dataclaw.types import Anchor, Event
from tests.kit.own_rule import new_domain_with_rule

DRAFT = {"steps": [{"cite": ["e0"], "at": 1.5}, {"cite": [], "at": None}], "title": "x"}
SCHEMA = {"type": "object", "properties": {"steps": {"type": "array", "items": {"type": "object"}}}}


def test_a_frozen_value_reads_like_the_original_and_its_copies_are_plain() -> None:
    value = freeze(DRAFT)
    assert value == DRAFT
    assert json.dumps(value) == json.dumps(DRAFT)
    assert isinstance(value, dict)
    assert isinstance(value["steps"], list)
    assert is_valid(value, freeze(SCHEMA))
    for plain in (copy.deepcopy(value), pickle.loads(pickle.dumps(value)), json.loads(json.dumps(value))):
        plain["steps"].append(1)
    for plain in (list(value["steps"]), value["steps"][:], value["steps"].copy(), sorted(value["steps"], key=str)):
        plain.append(1)
    for plain in (dict(value), value.copy(), {**value}, value | {"new": 1}):
        plain["more"] = 1
    assert value == DRAFT


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(x=1),
        lambda d: d.pop("title"),
        lambda d: d.setdefault("x", 1),
        lambda d: d.clear(),
        lambda d: d.__setitem__("title", "y"),
        lambda d: d.__delitem__("title"),
        lambda d: d.__ior__({"x": 1}),
        lambda d: d["steps"].append(1),
        lambda d: d["steps"].sort(key=str),
        lambda d: d["steps"].reverse(),
        lambda d: d["steps"].__iadd__([1]),
        lambda d: d["steps"].insert(0, 1),
        lambda d: d["steps"].extend([1]),
        lambda d: d["steps"].__delitem__(slice(0, 1)),
        lambda d: d["steps"][0].update(at=2),
        lambda d: d["steps"][0]["cite"].remove("e0"),
    ],
)
def test_whoever_changes_one_is_told_so(change: Callable[[Any], object]) -> None:
    value = freeze(DRAFT)
    with pytest.raises(FrozenValueError, match="work on a copy"):
        change(value)
    assert value == DRAFT


def test_nothing_of_a_case_can_be_changed() -> None:
    anchor = Anchor("e0", "event", "click", 0.0, 1.0, attrs={"keys": ["a"]})
    event = Event(0, "click", 0.0, 1.0, attrs={"keys": ["a"]})
    case = frozen_case(Case("{}", DRAFT, SCHEMA, {"e0": anchor}, events=(event,), inputs={"input_text": "x"}))
    assert case.anchors["e0"] == anchor
    assert list(case.anchors) == ["e0"]
    assert case.events == (event,)
    for change in (
        lambda: case.draft["steps"].pop(),
        lambda: case.schema["properties"].clear(),  # type: ignore[attr-defined]
        lambda: case.anchors["e0"].attrs["keys"].append("b"),
        lambda: case.events[0].attrs["keys"].append("b"),
        lambda: case.inputs.update(input_text=""),  # type: ignore[union-attr]
    ):
        with pytest.raises(FrozenValueError):
            change()
    with pytest.raises(TypeError):
        case.anchors["e1"] = anchor  # type: ignore[index]


MUTATING = '''"""A rule that leaves one moment and calls it good."""

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Makes the draft fit."""
    del case.draft["moments"][1:]
    return Score(1.0)
'''


def test_a_rule_of_a_plugin_cannot_change_what_is_written(tmp_path: Path) -> None:
    new_domain_with_rule("shop", tmp_path)
    (tmp_path / "shop" / "rules.py").write_text(MUTATING)
    shop = load_domain(str(tmp_path / "shop"))
    (row,) = fixtures_of(shop)
    draft = copy.deepcopy(row.gold)
    verdict = judge(shop.task(row.task), row, draft)
    assert draft == row.gold
    assert "must not change what it judges" in verdict.failed["shop.complete"]
    assert len(play(shop, row).draft["moments"]) == 4
