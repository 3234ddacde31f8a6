"""How many tokens a picture costs a model that is asked over a network, by the rule of its family.

Sources: OpenAI, "Images and vision" (tiles of 512 px after scaling into 2,048 px and to a short side of 768; patches of
32 px for the smaller models, 1,536 at most); Anthropic, "Vision" (width x height / 750, longest side 1,568 px); Google,
"Understand and count tokens" (258 for a picture within 384 px, else for each tile of 768 px); Qwen3-VL and Qwen3.5,
`preprocessor_config.json` (patches of 16 px, four merged, so a token for 32 x 32 px).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import Literal

Family = Literal["tiles", "patches", "area", "big_tiles"]
LOW = 512
"""Longest side of a picture of low detail [px]."""
SIDE = 1280
"""Longest side of a picture of high detail [px]: what small writing on a screen needs."""


@dataclass(frozen=True, slots=True)
class ImageRule:
    """How a family of models counts a picture.

    Attributes:
        family: its way of counting.
        base: tokens of any picture ("tiles").
        each: tokens of a tile or of a patch.
    """

    family: Family
    base: float = 0.0
    each: float = 1.0

    def tokens(self, width: int, height: int) -> int:
        """Tokens of a picture of so many pixels."""
        if self.family == "area":
            return ceil(width * height / 750)
        if self.family == "big_tiles":
            return 258 if max(width, height) <= 384 else 258 * ceil(width / 768) * ceil(height / 768)
        if self.family == "patches":
            return ceil(self.each * min(1536, ceil(width / 32) * ceil(height / 32)))
        scale = min(1.0, 2048 / max(width, height))
        scale *= min(1.0, 768 / (min(width, height) * scale))
        return ceil(self.base + self.each * ceil(width * scale / 512) * ceil(height * scale / 512))


PATCHES = ImageRule("patches")
_RULES = (
    (r"^anthropic:|claude", ImageRule("area")),
    (r"^google|gemini", ImageRule("big_tiles")),
    (r"gpt-4\.1-mini|gpt-5[\w.]*-mini", ImageRule("patches", each=1.62)),
    (r"gpt-4\.1-nano|gpt-5[\w.]*-nano", ImageRule("patches", each=2.46)),
    (r"o4-mini", ImageRule("patches", each=1.72)),
    (r"gpt-4o-mini", ImageRule("tiles", base=2833, each=5667)),
    (r"^openai[\w-]*:(gpt-4|chatgpt|o1|o3)", ImageRule("tiles", base=85, each=170)),
    (r"^openai[\w-]*:gpt", ImageRule("tiles", base=70, each=140)),
)


def image_rule(model: str) -> ImageRule:
    """The rule of a model by its name (`provider:model`); patches of 32 px where the family is not known."""
    return next((rule for pattern, rule in _RULES if re.search(pattern, model.lower())), PATCHES)


def text_tokens(text: str) -> int:
    """About how many tokens a text has: a fourth of its letters, and two thirds of those beyond ASCII."""
    beyond = sum(1 for char in text if ord(char) > 127) if not text.isascii() else 0
    return ceil((len(text) - beyond) / 4 + beyond / 1.5)
