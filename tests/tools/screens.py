"""Small streams for the tools' tests: screens drawn with PIL, events made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dataclaw.errors import StreamError
from dataclaw.tools import ToolContext
from dataclaw.types import Event, Stream

SIZE = (1280, 720)


@dataclass
class Screen:
    """A desktop with a title bar, labelled buttons and loose text; `draw` gives its pixels."""

    title: str = "Fernhill Supply"
    buttons: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    ticked: tuple[int, int] | None = None
    caret: tuple[int, int] | None = None
    pointer: tuple[int, int] | None = None
    clock: str = ""
    colour: tuple[int, int, int] = (244, 245, 247)

    def draw(self) -> NDArray[np.uint8]:
        image = Image.new("RGB", SIZE, self.colour)
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 0, SIZE[0], 40), fill=(40, 60, 90))
        pen.text((16, 8), self.title, fill=(255, 255, 255), font=font(18))
        pen.rectangle((0, SIZE[1] - 36, SIZE[0], SIZE[1]), fill=(30, 30, 34))
        pen.text((SIZE[0] - 80, SIZE[1] - 28), self.clock, fill=(255, 255, 255), font=font(14))
        for label, box in self.buttons.items():
            pen.rectangle(box, fill=(225, 228, 232), outline=(120, 124, 130))
            pen.text((box[0] + 10, box[1] + 8), label, fill=(20, 20, 20), font=font(15))
        for place, text in self.texts.items():
            pen.text(place, text, fill=(30, 30, 30), font=font(15))
        if self.ticked:
            x, y = self.ticked
            pen.line([(x, y + 5), (x + 4, y + 9), (x + 11, y)], fill=(10, 10, 10), width=2)
        if self.caret:
            x, y = self.caret
            pen.line([(x, y), (x, y + 16)], fill=(0, 0, 0), width=1)
        if self.pointer:
            x, y = self.pointer
            pen.polygon([(x, y), (x, y + 17), (x + 12, y + 12)], fill=(255, 255, 255), outline=(0, 0, 0))
        return np.asarray(image, dtype=np.uint8)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


class ListFrames:
    """Frames held in memory; counts what was read."""

    def __init__(self, pictures: Sequence[NDArray[np.uint8]], times: Sequence[float]) -> None:
        self.times = list(times)
        self.size = (pictures[0].shape[1], pictures[0].shape[0])
        self._pictures = list(pictures)
        self.reads = 0
        self.broken: set[int] = set()

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        self.reads += len(indices)
        for i in indices:
            if i in self.broken:
                raise StreamError(f"frame {i} cannot be decoded.", place="memory")
        return [self._pictures[i] for i in indices]


_count = 0


def stream(
    screens: Sequence[Screen | NDArray[np.uint8]] = (),
    events: Sequence[Event] = (),
    *,
    times: Sequence[float] | None = None,
    **more: object,
) -> Stream:
    """A stream of these screens; every call gives another id."""
    global _count
    _count += 1
    pictures = [s.draw() if isinstance(s, Screen) else s for s in screens]
    at = list(times) if times is not None else [float(i) for i in range(len(pictures))]
    frames = ListFrames(pictures, at) if pictures else None
    ends = [*at, *(e.t1 for e in events), 0.0]
    values: dict[str, object] = {"kind": "gui", "name": "test", "path": "memory", "format": "test"}
    values |= {"duration": max(ends), "frames": frames, "events": tuple(events)} | more
    return Stream(id=f"{_count:016x}", **values)  # type: ignore[arg-type]


def context(source: Stream, window: tuple[float, float] | None = None, **more: object) -> ToolContext:
    return ToolContext(source, window or (0.0, source.duration), **more)  # type: ignore[arg-type]


def click(index: int, t: float, x: float, y: float, **more: object) -> Event:
    return Event(index, "click", t, t + 0.1, **({"frame": index, "point": (x, y)} | more))  # type: ignore[arg-type]


def write(index: int, t: float, text: str, **more: object) -> Event:
    return Event(index, "write", t, t + 0.5, **({"frame": index, "text": text} | more))  # type: ignore[arg-type]
