"""Makes text in pictures and clips unreadable, and reads again what came of it before it is believed.

A line is read with its box; of what is personal in it, the part of the box in proportion to the characters is hidden,
two characters wider on both sides. Where a second reading still finds something, the whole line is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataclaw.export.example import Medium
from dataclaw.export.personal import Personal
from dataclaw.streams.clips import write_clip
from dataclaw.tools.ocr import Engine, Line
from dataclaw.types import Box

Pixels: TypeAlias = "NDArray[np.uint8]"
Finder: TypeAlias = Callable[[str], Sequence[Personal]]
"""What is personal in a line off a screen; a `Personal` over all of it hides the line."""
WIDER = 2
"""Characters that are hidden beside what is personal, since letters differ in width."""
ROUNDS = 3
"""Readings after which a picture that still shows something is hidden line by line, whole."""
MOVED, CHANGED = 12, 0.0005
"""A pixel that differs by more than the first [0..255] has changed; a frame with a larger share of them is read."""
QUALITY = 92


@dataclass(frozen=True, slots=True)
class HiddenBox:
    """A hidden part of a picture.

    Attributes:
        box: where [px].
        personal: what was there.
        frame: index of the frame of a clip, 0 in a picture.
    """

    box: Box
    personal: Personal
    frame: int = 0


@dataclass
class Blurrer:
    """Hides what is personal in pictures and clips.

    Attributes:
        engine: reads text.
        find: finds what is personal in a line.
    """

    engine: Engine
    find: Finder
    _read: dict[str, list[Line]] = field(default_factory=dict[str, "list[Line]"])

    def lines(self, medium: Medium) -> list[Line]:
        """Lines of a picture, or of the frames of a clip that show something new."""
        if medium.sha256 not in self._read:
            frames = [_pixels(medium.path)] if medium.kind == "image" else [p for p, new in _new(medium.path) if new]
            self._read[medium.sha256] = [line for pixels in frames for line in self.engine.read(pixels)]
        return self._read[medium.sha256]

    def write(self, medium: Medium, target: Path) -> list[HiddenBox]:
        """Write a copy in which nothing personal can be read; what was hidden.

        Raises:
            StreamError: a clip cannot be encoded.
            OSError: disk full, or the file is gone.
        """
        if medium.kind == "image":
            pixels, hidden = self._hide(_pixels(medium.path), self.lines(medium))
            Image.fromarray(pixels).save(target, format="JPEG", quality=QUALITY)
            return hidden
        hidden: list[HiddenBox] = []
        write_clip(self._frames(medium, hidden), medium.rate, target)
        return hidden

    def _frames(self, medium: Medium, hidden: list[HiddenBox]) -> Iterator[Pixels]:
        """The frames of a clip with what is hidden in them; boxes stand until the picture changes."""
        boxes: list[HiddenBox] = []
        for index, (pixels, new) in enumerate(_new(medium.path)):
            if new:
                done, boxes = self._hide(pixels, self.engine.read(pixels))
                hidden += [HiddenBox(one.box, one.personal, index) for one in boxes]
            else:
                done = pixels.copy()
                for one in boxes:
                    _hide_box(done, one.box)
            yield done

    def _hide(self, pixels: Pixels, lines: Sequence[Line]) -> tuple[Pixels, list[HiddenBox]]:
        """A picture with everything personal hidden, checked by reading it again."""
        done, hidden = pixels.copy(), list[HiddenBox]()
        for round_ in range(ROUNDS):
            found = [(line, personal) for line in lines for personal in self.find(line.text)]
            if not found:
                break
            for line, personal in found:
                box = line.box if round_ else _part(line, personal)
                _hide_box(done, box)
                hidden.append(HiddenBox(box, personal))
            lines = self.engine.read(done)
        return done, hidden


def _part(line: Line, personal: Personal) -> Box:
    """The part of a line's box that some of its characters take up."""
    x0, y0, x1, y1 = line.box
    wide = (x1 - x0) / max(len(line.text), 1)
    start, end = max(0, personal.start - WIDER), min(len(line.text), personal.end + WIDER)
    return x0 + start * wide, y0, x0 + end * wide, y1


def _hide_box(pixels: Pixels, box: Box) -> None:
    """Blur a box in place until no letter is left: to blocks as high as a line, then smooth."""
    height, width = pixels.shape[:2]
    x0, y0 = max(0, int(box[0]) - 2), max(0, int(box[1]) - 2)
    x1, y1 = min(width, int(np.ceil(box[2])) + 2), min(height, int(np.ceil(box[3])) + 2)
    part = pixels[y0:y1, x0:x1]
    if not part.size:
        return
    tall, wide = part.shape[:2]
    coarse = cv2.resize(part, (max(1, wide // max(tall, 1)), 1), interpolation=cv2.INTER_AREA)
    pixels[y0:y1, x0:x1] = cv2.resize(coarse, (wide, tall), interpolation=cv2.INTER_LINEAR)


def _pixels(file: Path) -> Pixels:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))


def _new(file: Path) -> Iterator[tuple[Pixels, bool]]:
    """Frames of a clip, and whether each shows something that the last one that did has not."""
    import av

    last: Pixels | None = None
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            pixels = cast("Pixels", frame.to_ndarray(format="rgb24"))
            new = last is None or share_of_change(pixels, last) > CHANGED
            last = pixels if new else last
            yield pixels, new


def share_of_change(one: Pixels, other: Pixels) -> float:
    """Share of the pixels that differ."""
    differing = cast("NDArray[np.bool_]", cv2.absdiff(one, other).max(axis=2) > MOVED)
    return float(differing.mean())
