"""Answers as text: the same JSON with its places set apart, and marks of media put in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.export.answers import AnswerText, attach, recall
from dataclaw.export.example import Attached, Medium, Pinpoint, Spoken
from dataclaw.types import Json

SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "cite": {"type": "array"},
        "frame": {"type": "integer"},
        "point": {"type": "array", "x-support": "point"},
        "code": {"type": "string"},
        "items": {"type": "array", "items": {"type": "object", "properties": {
            "frame": {"type": "integer"}, "box": {"type": "array", "x-support": "box"}}}},
    },
}  # fmt: skip
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def picture(frame: int, size: tuple[int, int] = (200, 100), kind: Any = "image") -> Medium:
    return Medium(Path(f"{frame}.jpg"), kind, f"hash{frame}", size, frame, span=(float(frame), float(frame)))


def rendered(value: Json, *pictures: Medium) -> list[Any]:
    shown = {medium.frame: medium for medium in pictures if medium.frame is not None}
    return [*AnswerText(SCHEMA).render(value, shown, None)]


def told(value: Json, *pictures: Medium) -> Any:
    """What is read back of the text when places are written as pixels."""
    parts = rendered(value, *pictures)
    text = "".join(
        part.text if isinstance(part, Spoken)
        else json.dumps([v * part.size[i % 2] for i, v in enumerate(part.values)])
        for part in parts
    )  # fmt: skip
    return json.loads(text)


@given(PLAIN)
def test_what_has_no_places_is_the_same_json(value: Any):
    assert told(value, picture(0)) == value


def test_places_lie_in_the_picture_of_the_nearest_frame():
    answer: Json = {
        "point": [100, 50],
        "items": [{"frame": 2, "box": [0, 0, 40, 40]}, {"frame": 9, "box": [1, 1, 2, 2]}],
    }
    places = [p for p in rendered(answer, picture(1), picture(2, (400, 400))) if isinstance(p, Pinpoint)]
    assert [place.picture for place in places] == ["hash1", "hash2", "hash1"]
    assert places[0].values == (0.5, 0.5)
    assert places[1].values == (0.0, 0.0, 0.1, 0.1)
    assert told(answer, picture(1), picture(2, (400, 400))) == answer


def test_places_without_a_known_size_stay_as_they_are():
    assert not [part for part in rendered({"point": [1, 2]}) if isinstance(part, Pinpoint)]
    assert told({"point": [1, 2]}) == {"point": [1, 2]}


def test_the_x_and_y_of_a_call_are_places_and_those_of_a_text_are_not():
    (place,) = [p for p in rendered({"code": "pyautogui.click(x=0.25, y=0.5)"}, picture(0)) if isinstance(p, Pinpoint)]
    assert place == Pinpoint((0.25, 0.5), (200, 100), "hash0", named=True)
    assert not [p for p in rendered({"code": "the curve has x=0.25, y=0.5"}, picture(0)) if isinstance(p, Pinpoint)]


def test_marks_are_named_as_the_question_names_their_pictures():
    text = "First <image_recall> then <image_recall> and <image_recall>. <video_gen>"
    clip = Medium(Path("c.mp4"), "video", "c", (10, 10), span=(2.0, 5.0), rate=10, frames=31)
    said = recall(text, [picture(1), picture(3), picture(9)], [clip], {("", 1): "picture 1"})
    assert said.strip() == "First [picture 1] then [picture at 3.00 s] and."


def test_marks_are_filled_in_order_and_a_mark_too_many_stays_text():
    parts = [*attach("a <image_recall> b <image_recall>", [picture(4)], [])]
    assert [part for part in parts if isinstance(part, Attached)] == [Attached(picture(4))]
    assert "".join(part.text for part in parts if isinstance(part, Spoken)) == "a b <image_recall>"


def test_the_form_leaves_citations_out():
    assert "cite" not in AnswerText(SCHEMA).form
    assert "point" in AnswerText(SCHEMA).form
