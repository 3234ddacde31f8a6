"""Points and boxes in the coordinates that a model was trained on.

Models differ: Qwen2.5-VL reads pixels of the picture as it was resized for it, Qwen2-VL and Qwen3-VL thousandths of
the picture, AgentNet fractions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dataclaw.export.example import Pinpoint

Convention: TypeAlias = Literal["pixels", "thousandths", "fractions", "qwen2.5-vl", "template"]
_THOUSANDTHS = "in thousandths of the picture's width and height"
UNITS: Mapping[Convention, str] = {
    "pixels": "in pixels of the picture",
    "qwen2.5-vl": "in pixels of the picture",
    "fractions": "as fractions 0..1 of the picture's width and height",
    "thousandths": _THOUSANDTHS,
    "template": _THOUSANDTHS,
}
FACTOR = 28
"""Side [px] of what Qwen2.5-VL sees as one token: sides are resized to multiples of it."""
LEAST, MOST = 4 * FACTOR**2, 16384 * FACTOR**2
"""Pixels of a picture below and above which Qwen2.5-VL resizes it, as its processor ships."""
WIDEST = 200
"""Longest side by shortest from which the processor refuses a picture."""


@dataclass(frozen=True, slots=True)
class Coordinates:
    """How places are written.

    Attributes:
        convention: "pixels" of the file, "thousandths" of the picture, "fractions" 0..1, "qwen2.5-vl": pixels of the
            resized picture, or "template": what the trainer makes of boxes that it is given beside the text; what it
            cannot be given so is in thousandths.
        max_pixels: most pixels that the model is given, for "qwen2.5-vl".
    """

    convention: Convention = "thousandths"
    max_pixels: int = MOST

    def numbers(self, place: Pinpoint) -> list[float | int]:
        """The place's values in turn x, y, x, y."""
        match self.convention:
            case "fractions":
                return [round(value, 4) for value in place.values]
            case "thousandths" | "template":
                return [round(value * 1000) for value in place.values]
            case "pixels":
                size = place.size
            case "qwen2.5-vl":
                size = model_size(place.size, most=self.max_pixels)
        return [round(value * size[i % 2]) for i, value in enumerate(place.values)]

    def text(self, place: Pinpoint) -> str:
        """The place as it stands in a text: `[x, y]`, or `x=..., y=...` inside a call."""
        numbers = [str(number) for number in self.numbers(place)]
        return f"x={numbers[0]}, y={numbers[1]}" if place.named else f"[{', '.join(numbers)}]"

    def is_given_apart(self, place: Pinpoint) -> bool:
        """Whether a place is given to the trainer beside the text."""
        return self.convention == "template" and not place.named and bool(place.picture)

    def describe(self, places: Sequence[Pinpoint]) -> str:
        """What a prompt says of places, "" when there are none."""
        apart = [self.is_given_apart(place) for place in places]
        said = ["Points [x, y] and boxes [x0, y0, x1, y1] lie in the picture, from its top left."] if any(apart) else []
        if not all(apart):
            what = "Others, such as x and y of a call," if said else "Points and boxes"
            said.append(f"{what} are x, y {UNITS[self.convention]}, from its top left.")
        return " ".join(said)


def model_size(size: tuple[int, int], *, least: int = LEAST, most: int = MOST, factor: int = FACTOR) -> tuple[int, int]:
    """`(width, height)` [px] to which the processor of Qwen2.5-VL resizes a picture.

    Sides become multiples of `factor`; where the area leaves `least`..`most`, both are scaled by the same number first
    and rounded towards the inside. This is `smart_resize` of the model's own processor.

    Raises:
        ValueError: one side is more than 200 times the other.
    """
    width, height = size
    if max(size) / min(size) > WIDEST:
        raise ValueError(f"a picture of {width}x{height} px is too narrow for the model")
    low, high = round(width / factor) * factor, round(height / factor) * factor
    if low * high > most:
        scale = math.sqrt(width * height / most)
        low, high = (max(factor, math.floor(side / scale / factor) * factor) for side in size)
    elif low * high < least:  # in the processor's own order of operations, whose rounding counts at the edges
        scale = math.sqrt(least / (width * height))
        low, high = (math.ceil(side * scale / factor) * factor for side in size)
    return low, high
