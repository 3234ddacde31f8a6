"""Coordinates: the sizes of the model's own processor, and points that land on what was clicked."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataclaw.export.coordinates import LEAST, MOST, Coordinates, model_size
from dataclaw.export.example import Pinpoint
from tests.export.conftest import Exporter, lines
from tests.export.recordings import CLICKS, SCREEN

SIDE = st.integers(1, 9000)


@example(9, 9, LEAST)
@given(SIDE, SIDE, st.integers(LEAST, MOST))
def test_sizes_are_those_of_the_models_own_processor(width: int, height: int, most: int):
    qwen = pytest.importorskip("transformers.models.qwen2_vl.image_processing_pil_qwen2_vl")
    if max(width, height) / min(width, height) > 200:
        with pytest.raises(ValueError, match="too narrow"):
            model_size((width, height), most=most)
        return
    high, wide = qwen.smart_resize(height, width, factor=28, min_pixels=LEAST, max_pixels=most)
    assert model_size((width, height), most=most) == (wide, high)


@given(st.floats(0, 1), st.floats(0, 1), SIDE, SIDE, st.sampled_from(["pixels", "thousandths", "fractions"]))
def test_a_point_is_told_to_half_a_unit(x: float, y: float, width: int, height: int, convention: str):
    numbers = Coordinates(convention).numbers(Pinpoint((x, y), (width, height)))  # type: ignore[arg-type]
    units = {"pixels": (width, height), "thousandths": (1000, 1000), "fractions": (1, 1)}[convention]
    least = 0.00005 if convention == "fractions" else 0.5
    for number, value, unit in zip(numbers, (x, y), units, strict=True):
        assert abs(number - value * unit) <= least + 1e-9


@pytest.mark.parametrize(
    ("convention", "sides", "unit"),
    [
        ("pixels", SCREEN, "in pixels"),
        ("thousandths", (1000, 1000), "in thousandths"),
        ("fractions", (1, 1), "as fractions 0..1"),
        ("qwen2.5-vl", model_size(SCREEN), "in pixels"),
    ],
)
def test_points_of_a_row_lie_on_what_was_clicked(export: Exporter, convention: str, sides: tuple[int, int], unit: str):
    boxes = [box for _, _, box in CLICKS]
    (row,) = lines(export("llamafactory", "actions", coordinates=convention) / "train.jsonl")
    assert f"Points and boxes are x, y {unit}" in row["messages"][0]["content"]
    answer = json.loads(row["messages"][-1]["content"])
    points = [action["point"] for action in answer["actions"] if "point" in action]
    rows = lines(export("llamafactory", "steps", coordinates=convention) / "train.jsonl")
    said = [json.loads(row["messages"][-1]["content"])["code"] for row in rows]
    calls = [found for code in said if (found := re.search(r"click\(x=([\d.]+), y=([\d.]+)\)", code))]
    for told in (points, [(float(found[1]), float(found[2])) for found in calls]):
        assert len(told) == len(boxes)
        for (x, y), (x0, y0, x1, y1) in zip(told, boxes, strict=True):
            assert x0 < x * SCREEN[0] / sides[0] < x1
            assert y0 < y * SCREEN[1] / sides[1] < y1


def test_a_trainer_that_is_given_boxes_is_told_no_unit(export: Exporter):
    (row,) = lines(export("swift", "actions") / "train.jsonl")
    assert row["objects"]["bbox"] == [[(x0 + x1) // 2, (y0 + y1) // 2] for _, _, (x0, y0, x1, y1) in CLICKS]
    assert row["objects"]["image_id"] == [0, 2, 3]
    assert "lie in the picture, from its top left" in row["messages"][0]["content"]
    assert "thousandths" not in row["messages"][0]["content"]
    (told,) = lines(export("swift", "actions", coordinates="thousandths") / "train.jsonl")
    assert "objects" not in told
    assert "[250, 188]" in told["messages"][-1]["content"]
