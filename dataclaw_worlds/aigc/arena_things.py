"""Maps, things and players of the arena, as the engine calls them and as people call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dataclaw_worlds.words import words

VOCABULARY = words("aigc/arena.toml")


@dataclass(frozen=True, slots=True)
class ArenaThing:
    """Something that stands in the arena.

    Attributes:
        name: the engine's class.
        en: what people call it, without article.
        zh: the same in Chinese.
        alive: whether it moves and can be shot.
        taken: whether a player that runs into it picks it up.
    """

    name: str
    en: str
    zh: str
    alive: bool = False
    taken: bool = False


THINGS = tuple(
    ArenaThing(name, *called, alive=kind == "alive", taken=kind == "taken")
    for kind in ("alive", "taken", "fixed")
    for name, called in VOCABULARY["things"].table(kind).items()
)
BY_NAME = {thing.name: thing for thing in THINGS}
MAPS = (
    *(f"freedoom2.wad/map{number:02d}" for number in range(1, 33)),
    *(f"freedoom1.wad/E{episode}M{level}" for episode in (1, 2, 3, 4) for level in range(1, 10)),
)
TEMPERS: Mapping[str, tuple[str, ...]] = VOCABULARY.table("tempers")
"""What a player of each temper does, in turn; the place in the row where he begins is drawn."""
