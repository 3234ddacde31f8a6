"""What comes between: interruptions, remarks, slips and how they are put right, and words that were misheard."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.words import words

_WORDS = words("daily/noise.toml")
_VISITORS = words("daily/vocabulary.toml").phrases("visitors")
BREAKS, REMARKS = _WORDS.phrases("breaks"), _WORDS.phrases("remarks")
"""Instructions that serve nothing, and remarks that have nothing to do with the work."""
SLIPS: Mapping[str, str] = dict(_WORDS["slips"])
"""Mistakes, each with how it is put right."""
MISHEARD = cast("Mapping[str, str]", _WORDS["misheard"])
"""What a machine hears in place of a word."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake and how it is put right, as instructions."""

    wrong: str
    right: str


def draw_slip(spec: SceneSpec, rng: random.Random) -> tuple[Slip, str]:
    """A slip of the spec's split, and its pattern."""
    wrong = rng.choice(spec.pool(list(SLIPS), "slip"))
    thing = {slot: rng.choice(options) for slot, options in _WORDS.table("fill").items()}
    return Slip(wrong.format(**thing), SLIPS[wrong].format(**thing)), wrong


def draw_interruption(spec: SceneSpec, rng: random.Random) -> tuple[str, str]:
    """An interruption of the spec's split, and its pattern."""
    pattern = rng.choice(spec.pool(BREAKS, "interruption"))
    return pattern.format(who=rng.choice(_VISITORS)), pattern


def mishear(text: str, rng: random.Random) -> tuple[str, tuple[str, str] | None]:
    """The text with one word misheard, and `(said, meant)`; unchanged where no word is easily misheard."""
    words = re.findall(r"[A-Za-z']+", text)
    known = [word for word in words if word in MISHEARD]
    if not known or len({w for w in words if len(w) > 2 and w not in {"the", "with", "and", "into"}}) < 3:
        return text, None
    word = rng.choice(known)
    return re.sub(rf"\b{word}\b", MISHEARD[word], text, count=1), (MISHEARD[word], word)
