"""What the applications are made of: the names, people, things and sentences of `vocabulary.toml`."""

from __future__ import annotations

import random
from collections.abc import Sequence

from dataclaw_worlds.words import words

VOCABULARY = words("gui/vocabulary.toml")
_FIRST, _LAST = VOCABULARY.phrases("first_names"), VOCABULARY.phrases("last_names")
PEOPLE = tuple(f"{a} {b}" for i, a in enumerate(_FIRST) for b in (_LAST[i % 30], _LAST[(i * 7 + 11) % 30]))
STREETS = tuple(f"{name} {('Street', 'Lane', 'Road')[i % 3]}" for i, name in enumerate(VOCABULARY.phrases("streets")))


def one_of(rng: random.Random, name: str) -> str:
    """Draw an item of the vocabulary of that name."""
    return rng.choice(VOCABULARY.phrases(name))


def brands(kind: str) -> list[str]:
    """Names for an application of a kind."""
    tails = VOCABULARY.phrases("tails", kind)
    return [f"{stem} {tail}" for i, stem in enumerate(VOCABULARY.phrases("brands")) for tail in tails[i % 2 :: 2]]


def objects(kind: str) -> Sequence[str]:
    """What the applications of a kind hold."""
    return PEOPLE if kind == "contacts" else VOCABULARY.phrases("objects", "mail" if kind == "chat" else kind)
