"""Data from an intent alone: which worlds and seeds serve it. What is made of their streams is the agent's business."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dataclaw.agent.router import likely
from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.worlds import worlds_of
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw.worlds.maker import Failure, Maker

SIFT = 3
"""Most scenes that are made for each one that is kept."""
_WORD = re.compile(r"[^\W\d_]{4,}|[\u4e00-\u9fff]{2}")


@dataclass(frozen=True, slots=True)
class Lead:
    """A world that may serve an intent.

    Attributes:
        world: the world.
        task: the task of it that the intent is most like.
        score: how like (see `agent.matching`).
    """

    world: World
    task: str
    score: float


def leads(domain: Domain, intent: str) -> list[Lead]:
    """The domain's worlds, best first: by the task that the intent is most like, then those that do little else.

    Raises:
        UsageError: the domain has no world.
    """
    tasks = likely(intent, domain)
    found = [
        Lead(world, best.task, best.score)
        for world in worlds_of(domain.name)
        for best in [choice for choice in tasks if choice.task in world.experts][:1]
    ]
    if not found:
        raise UsageError(f"domain {domain.name} has no world.", remedy="See: dataclaw world list")
    return sorted(found, key=lambda lead: (-lead.score, len(lead.world.experts)))


def explore(
    lead: Lead, intent: str, count: int, maker: Maker, *, difficulty: int, seed: int, sift: int = SIFT
) -> Iterator[Scene | Failure]:
    """Scenes for an intent, as many as asked for: those whose sources the intent names, before others.

    Seeds are tried until enough scenes have something that the intent names, or `sift` times as many were made.

    Yields:
        The failures as they come, then the scenes that are kept, best first.
    """
    made: list[Scene] = []
    for number in range(seed, seed + count * sift):
        scene = maker.make(SceneSpec(lead.world.name, number, difficulty))
        if isinstance(scene, Failure):
            yield scene
            continue
        made.append(scene)
        if sum(_overlap(intent, one) > 0 for one in made) >= count:
            break
    yield from sorted(made, key=lambda scene: -_overlap(intent, scene))[:count]


def _overlap(intent: str, scene: Scene) -> int:
    """How many words of the intent the scene's sources have."""
    return len(_words(intent) & _words(json.dumps(scene.sources, ensure_ascii=False)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def scenes_folder(out: Path) -> Path:
    """Where an exploration keeps the streams that it made."""
    return out / "scenes"
