"""Which texts of a draft are free to be worded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.schema.free import FreeText, free_texts, with_texts

STATEMENT = {
    "type": "object",
    "properties": {
        "cite": {"type": "array", "items": {"type": "string", "maxLength": 90}},
        "text": {"type": "string", "maxLength": 200, "description": "what is done"},
    },
}
SCHEMA = {
    "type": "object",
    "$defs": {"said": STATEMENT},
    "properties": {
        "goal": {"$ref": "#/$defs/said"},
        "steps": {
            "type": "array",
            "items": {
                "allOf": [{"$ref": "#/$defs/said"}],
                "properties": {
                    "target": {"type": "string", "maxLength": 160, "x-support": "target"},
                    "verb": {"enum": ["click"]},
                    "code": {"type": "string", "maxLength": 300, "pattern": "^pyautogui"},
                    "short": {"type": "string", "maxLength": 20},
                },
            },
        },
    },
}
DRAFT = {
    "goal": {"cite": ["e1"], "text": "a"},
    "steps": [
        {"cite": ["e1"], "text": "b", "target": "OK", "verb": "click", "code": "pyautogui.click()", "short": "x"}
    ],
    "other": "not in the schema",
}


def test_texts_that_are_not_copied_are_free() -> None:
    assert free_texts(DRAFT, SCHEMA) == {
        "/goal/text": FreeText(200, "what is done"),
        "/steps/0/text": FreeText(200, "what is done"),
    }


def test_only_texts_are_put_where_texts_are() -> None:
    changed = with_texts(DRAFT, {"/steps/0/text": "c", "/steps": "gone", "/nowhere": "x"})
    assert changed == {**DRAFT, "steps": [{**DRAFT["steps"][0], "text": "c"}]}  # pyright: ignore[reportGeneralTypeIssues]


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(VALUES)
def test_any_draft_has_its_free_texts(draft: object) -> None:
    for place in free_texts(draft, SCHEMA):
        assert place.startswith(("/goal", "/steps"))
    assert with_texts(draft, {}) == draft
