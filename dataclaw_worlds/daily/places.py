"""Rooms by name and by what they are for, things by colour and make: the words of the world `house`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw_worlds.words import words

_WORDS = words("daily/places.toml")

ROOMS = cast("Mapping[str, str]", _WORDS["rooms"])
"""Names and what the rooms are for."""
COLOURS = cast("Mapping[str, tuple[float, float, float]]", _WORDS["colours"])
"""Red, green and blue, 0 to 1."""
THINGS: Sequence[str] = tuple(f"{colour} {make}" for colour in COLOURS for make in _WORDS.phrases("makes"))
"""Things by colour and make; `floor` builds them."""
WALLS, FLOORS = _WORDS.phrases("walls"), _WORDS.phrases("floors")
"""Textures of MiniWorld."""
PLANS: Sequence[str] = tuple(f"plan {k}" for k in range(240))
"""Ground plans; each is a seed of its own."""
ROOM_TOPICS = cast("Mapping[str, str]", _WORDS["room_topics"])
"""Topics that name the room, and their words."""
THING_TOPICS = cast("Mapping[str, str]", _WORDS["thing_topics"])
"""Topics that name things in sight, and their words."""
