"""Takes joined to one recording, with the faults of real ones: black, frozen, garbled and shaken pictures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc.arena_engine import HEIGHT, RATE, WIDTH
from dataclaw_worlds.aigc.arena_script import Deed, Take

BLOCK = 16
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class DamageSpan:
    """A span of damaged pictures.

    Attributes:
        what: "black", "frozen", "garbled" or "shaken".
        first: its first picture.
        last: its last picture.
    """

    what: str
    first: int
    last: int


@dataclass(slots=True)
class Reel:
    """The recording.

    Attributes:
        pictures: all pictures, in order.
        pressed: buttons held at each picture, none between takes.
        deeds: `(number of the take, deed)`; the deeds' pictures are numbered over the whole recording.
        damage: damaged spans.
        starts: first picture of each take.
    """

    pictures: list[Pixels] = field(default_factory=list[Pixels])
    pressed: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    deeds: list[tuple[int, Deed]] = field(default_factory=list[tuple[int, Deed]])
    damage: list[DamageSpan] = field(default_factory=list[DamageSpan])
    starts: list[int] = field(default_factory=list[int])


def join_takes(spec: SceneSpec, takes: Sequence[Take]) -> Reel:
    """Join takes to a recording, with a cut or about a second of black between them, and damage some pictures."""
    rng = spec.rng("film")
    reel = Reel()
    for number, take in enumerate(takes):
        if number and rng.random() < 0.12 * spec.difficulty:
            dark = [np.full((HEIGHT, WIDTH, 3), 3, np.uint8)] * rng.randint(6, 9)
            reel.damage.append(DamageSpan("black", len(reel.pictures), len(reel.pictures) + len(dark) - 1))
            reel.pictures += dark
            reel.pressed += [()] * len(dark)
        start = len(reel.pictures)
        reel.starts.append(start)
        for deed in take.deeds:
            moved = Deed(deed.verb, deed.first + start, deed.last + start)
            moved.before, moved.after, moved.side, moved.outcome = deed.before, deed.after, deed.side, deed.outcome
            reel.deeds.append((number, moved))
        reel.pictures += take.pictures
        reel.pressed += take.pressed
    for _ in range(spec.difficulty // 2 + (rng.random() < 0.4)):
        _damage_deed(reel, rng)
    reel.damage.sort(key=lambda damage: damage.first)
    return reel


def _damage_deed(reel: Reel, rng: random.Random) -> None:
    """Damage part of a deed that has no damage yet."""
    sound = [d for _, d in reel.deeds if not any(x.first <= d.last and x.last >= d.first for x in reel.damage)]
    if len(sound) < 3:
        return
    deed = rng.choice(sound)
    what = rng.choice(("frozen", "garbled", "shaken", "shaken"))
    length = min(round({"frozen": 1.1, "garbled": 0.6, "shaken": 1.5}[what] * RATE), deed.last - deed.first)
    first = rng.randint(deed.first, deed.last - length)
    last = first + length - 1
    reel.damage.append(DamageSpan(what, first, last))
    for at in range(first, last + 1):
        reel.pictures[at] = _DAMAGES[what](reel.pictures[first] if what == "frozen" else reel.pictures[at], rng)


def _freeze(picture: Pixels, rng: random.Random) -> Pixels:
    del rng
    return picture


def _garble(picture: Pixels, rng: random.Random) -> Pixels:
    """Put blocks out of place, with hard edges, as a decoder does that missed some data."""
    made = picture.copy()
    for _ in range(60):
        x, y = rng.randrange(0, WIDTH, BLOCK), rng.randrange(0, HEIGHT, BLOCK)
        u, v = rng.randrange(0, WIDTH, BLOCK), rng.randrange(0, HEIGHT, BLOCK)
        made[y : y + BLOCK, x : x + BLOCK] = picture[v : v + BLOCK, u : u + BLOCK] ^ np.uint8(rng.choice((0, 64, 128)))
    return made


def _shake(picture: Pixels, rng: random.Random) -> Pixels:
    return np.roll(picture, (rng.randint(-4, 4), rng.randint(-6, 6)), axis=(0, 1))


_DAMAGES = {"frozen": _freeze, "garbled": _garble, "shaken": _shake}
