"""Steps in other words: what is done and why, as different teachers say it."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from dataclaw_worlds.education.problems import Problem
from dataclaw_worlds.words import words

_WORDS = words("education/rewording.toml")


def reword(problem: Problem, rng: random.Random) -> Problem:
    """A problem with some of its steps put in other words."""
    steps = [replace(step, move=_put(step.move, "moves", rng), reason=_put(step.reason, "reasons", rng))
             for step in problem.steps]  # fmt: skip
    return replace(problem, steps=tuple(steps))


def _put(text: str, kind: str, rng: random.Random) -> str:
    for pattern, others in _WORDS.table(kind).items():
        match = re.fullmatch(pattern, text)
        if match is not None:
            return rng.choice((text, *(match.expand(other) for other in others)))
    return text
