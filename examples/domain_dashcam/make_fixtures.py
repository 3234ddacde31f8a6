"""Draws the drive of `domain_dashcam/fixtures.jsonl`: a street of coloured signs, seen from a car. Run it to redo it.

The car drives on (the signs grow), turns right (they slide to the left) and stands (they stay).
"""

from __future__ import annotations

import json
import random
from pathlib import Path

SIZE = (240, 136)
STEP = 0.4
"""Time between two frames [s]."""
COLOURS = ("#f8f8f8", "#c03030", "#30a040", "#3040c0", "#e0c030", "#101010")
OUT = Path(__file__).parent / "domain_dashcam" / "fixtures.jsonl"


def signs() -> list[tuple[float, float, float, str]]:
    """`(x, y, side, colour)` of the signs, in pixels from the middle of the first view."""
    rng = random.Random(7)
    return [(rng.uniform(-160, 420), rng.uniform(-62, 62), rng.uniform(5, 13), rng.choice(COLOURS)) for _ in range(90)]


def frame(time: float, shift: float, zoom: float) -> dict[str, object]:
    """The view when the car has turned by `shift` pixels and the signs have grown by `zoom`."""
    shapes: list[dict[str, object]] = []
    for x, y, side, colour in signs():
        cx, cy, r = SIZE[0] / 2 + x * zoom - shift, SIZE[1] / 2 + y * zoom, side * zoom / 2
        if -r < cx < SIZE[0] + r and -r < cy < SIZE[1] + r:
            shapes.append({"box": [round(cx - r), round(cy - r), round(cx + r), round(cy + r)], "color": colour})
    return {"t": round(time, 2), "fill": "#707880", "shapes": shapes}


def drive(step: float = STEP) -> list[dict[str, object]]:
    """Four seconds on, four to the right, four standing; a frame every `step` seconds."""
    times = [k * step for k in range(round(12 / step))]
    return [frame(t, 35.0 * min(max(t - 4, 0.0), 4.0), 1.06 ** (min(t, 4.0) / STEP)) for t in times]


def fixture() -> dict[str, object]:
    """The drive with its right answer and three wrong ones."""
    seen = {"cite": ["r1"], "start": 0, "end": 10}
    turn = {"cite": ["r2"], "start": 10, "end": 20, "does": "turns right"}
    stand = {"cite": ["r3"], "start": 20, "end": 29, "does": "stands"}
    said = {"cite": ["r2", "r3"], "text": "Next it turns right, then stands."}
    left = {"manoeuvres": [{**turn, "does": "turns left"}, stand], "answer": said}
    one = {"manoeuvres": [turn], "answer": {"cite": ["r2"], "text": "Next it turns right."}}
    other = {"manoeuvres": [turn, stand], "answer": {**said, "text": "Next it drives on, then stands."}}
    return {
        "task": "plan_ahead",
        "intent": "what does the car do next",
        "stream": {"kind": "video", "duration": 12.0, "pictures": {"size": SIZE, "frames": drive()}},
        "look": [{"tool": "track_motion"}],
        "gold": {"input_video": seen, "manoeuvres": [turn, stand], "answer": said},
        "wrong": [
            {"why": "the other way", "draft": {"input_video": seen, **left}},
            {"why": "a manoeuvre is missing", "draft": {"input_video": seen, **one}},
            {"why": "the words say something else", "draft": {"input_video": seen, **other}},
        ],
    }


if __name__ == "__main__":
    OUT.write_text(json.dumps(fixture(), separators=(",", ":")) + "\n", encoding="utf-8")
