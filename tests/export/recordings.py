"""Recordings small enough to run in a test: a screen with two pages, a film that cuts, and words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw

from tests.tools.films import film, scene

SCREEN = (480, 320)
RATE = 10
START = 100.0
"""Clock [s] at which the video of the screen begins."""
PAGES = ("Shop - Search", "Shop - Blue mug", "Shop - Cart")
CLICKS = (
    (1.0, "Search", (20, 40, 220, 80)),
    (3.0, "Blue mug", (40, 120, 200, 190)),
    (4.5, "Add to cart", (280, 220, 440, 270)),
)
"""Time [s], name and box [px] of what is clicked."""
TYPED, TYPED_AT = "mug", 1.6


def screen_recording(folder: Path, *, task: str = "Put a blue mug in the cart") -> Path:
    """A raw AgentNet recording of six seconds: three clicks on named buttons and a typed word."""
    folder.mkdir(parents=True)
    _write_lines(folder / "events.jsonl", sorted(_events(), key=lambda event: event["time_stamp"]))
    _write_lines(folder / "element.jsonl", [_element(t, name, box) for t, name, box in CLICKS])
    shown = zip((0.0, *(t + 0.1 for t, _, _ in CLICKS[1:])), PAGES, strict=True)
    _write_lines(folder / "top_window.jsonl", [{"time_stamp": START + t, "top_window_name": n} for t, n in shown])
    width, height = SCREEN
    meta = {"screen_width": width, "screen_height": height, "video_start_timestamp": START, "system": "Linux"}
    (folder / "metadata.json").write_text(json.dumps(meta))
    (folder / "task_name.json").write_text(json.dumps({"task_name": task, "description": ""}))
    with av.open(str(folder / "screen.mp4"), "w") as container:
        track = container.add_stream("libx264", rate=RATE, options={"crf": "18"})
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        for index in range(6 * RATE):
            container.mux(track.encode(av.VideoFrame.from_ndarray(_page(index / RATE), "rgb24")))
        container.mux(track.encode())
    return folder


def captioned_film(folder: Path) -> Path:
    """A film of two shots with a caption beside it."""
    folder.mkdir(parents=True)
    film(folder / "film.mp4", scene(21, 40, speed=0.0) + scene(22, 75, speed=3))
    caption = "A yellow square is pushed over a chequered table."
    (folder / "captions.json").write_text(json.dumps({"captions": {"film.mp4": caption}}))
    return folder / "film.mp4"


def _events() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for t, _, (x0, y0, x1, y1) in CLICKS:
        at = {"action": "click", "x": (x0 + x1) // 2, "y": (y0 + y1) // 2, "button": "left"}
        found += [{"time_stamp": START + t + wait, **at, "pressed": wait == 0} for wait in (0, 0.1)]
    for number, letter in enumerate(TYPED):
        key = {"name": letter, "pynput_key": f"'{letter}'"}
        for wait, action in ((0, "press"), (0.05, "release")):
            found.append({"time_stamp": START + TYPED_AT + 0.1 * number + wait, "action": action, **key})
    return found


def _element(t: float, name: str, box: tuple[int, int, int, int]) -> dict[str, Any]:
    sides = dict(zip(("left", "top", "right", "bottom"), box, strict=True))
    tree = {"Name": name, "ControlType": "ButtonControl", "BoundingRectangle": sides, "Depth": 0, "Children": []}
    return {"time_stamp": START + t - 0.01, "a11y_tree": tree}


def _page(t: float) -> np.ndarray:
    """What the screen shows at a time."""
    page = sum(t > clicked + 0.1 for clicked, _, _ in CLICKS[1:])
    image = Image.new("RGB", SCREEN, ("#ffffff", "#f4f6fa", "#f2faf2")[page])
    pen = ImageDraw.Draw(image)
    pen.text((20, 10), PAGES[page], fill="black", font_size=18)
    for t0, name, box in CLICKS[page : page + 1] if page else CLICKS[:2]:
        pen.rectangle(box, outline="black", fill="#dfe5ec")
        text = TYPED if name == "Search" and t > TYPED_AT + 0.3 else name
        pen.text((box[0] + 10, box[1] + 8), text, fill="black", font_size=18)
        del t0
    return np.asarray(image)


def _write_lines(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
