"""The schema of the next turn stands on its own: a decoder that knows nothing else can follow it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from dataclaw.agent.batch import advance
from dataclaw.agent.policy.forms import _one_object
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, action_text, decide
from dataclaw.schema import hoist
from dataclaw.types import Action, Decision


@pytest.fixture
def seen(session: Session, state: State) -> State:
    """A rollout that has seen anchors."""
    after = advance(decide(state, Decision(action_text(Action("list_events", {"page": 1})))), session)
    assert after.anchors
    return after


def submit(cite: str) -> dict[str, Any]:
    return {"tool": "submit", "args": {"draft": {"steps": [{"cite": [cite], "verb": "click"}]}}}


def test_what_may_be_cited_is_found_from_the_top(session: Session, seen: State) -> None:
    schema = session.action_schema(seen)
    assert all(jsonschema.Draft202012Validator(form).is_valid(submit("e0")) for form in (schema, _one_object(schema)))
    assert not jsonschema.Draft202012Validator(schema).is_valid(submit("e99"))


def test_a_schema_that_refers_to_itself_still_does() -> None:
    tree = {
        "type": "object",
        "properties": {"n": {"$ref": "#/$defs/number"}, "below": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["n"],
        "$defs": {"number": {"type": "integer"}},
    }
    inner, named = hoist(tree, "draft")
    outer = {"type": "object", "properties": {"draft": inner}, "$defs": named}
    checks = jsonschema.Draft202012Validator(outer)
    assert checks.is_valid({"draft": {"n": 1, "below": [{"n": 2, "below": []}]}})
    assert not checks.is_valid({"draft": {"n": 1, "below": [{"n": "two"}]}})
    assert not checks.is_valid({"draft": {"n": 1, "below": [{}]}})
    assert hoist({"type": "object"}, "draft") == ({"type": "object"}, {})
