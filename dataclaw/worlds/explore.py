"""Data from an intent alone: which worlds and seeds serve it. What is made of their streams is the agent's business."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dataclaw.agent.router import choices
from dataclaw.errors import UsageError
from dataclaw.plugins import Domain
from dataclaw.worlds import worlds_of
from dataclaw.worlds.base import Lot, Scene, World
from dataclaw.worlds.maker import Failure, Maker

SIFT = 3
"""Scenes that are made for each one that is kept, where the intent names things."""
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
    """The domain's worlds, best first.

    Raises:
        UsageError: the domain has no world.
    """
    found: list[Lead] = []
    for world in worlds_of(domain.name):
        tasks = {name: domain.task(name) for name in world.experts}
        kinds = {kind for task in tasks.values() for kind in task.reads}
        ranked = [c for kind in sorted(kinds) for c in choices(intent, kind, [domain]) if c.task in tasks]
        best = max(ranked, key=lambda c: c.score)
        found.append(Lead(world, best.task, best.score))
    if not found:
        raise UsageError(f"domain {domain.name} has no world.", remedy="See: dataclaw world list")
    return sorted(found, key=lambda lead: -lead.score)


def explore(
    lead: Lead, intent: str, count: int, maker: Maker, *, difficulty: int, seed: int
) -> Iterator[Scene | Failure]:
    """Scenes for an intent, as many as asked for: of more seeds those whose sources the intent names.

    Yields:
        The failures as they come, then the scenes that are kept, best first.
    """
    made: list[Scene] = []
    for number in range(seed, seed + count * SIFT):
        scene = maker.make(Lot(lead.world.name, number, difficulty))
        if isinstance(scene, Failure):
            yield scene
            continue
        made.append(scene)
        if len(made) >= count and not _names(intent, made):
            break
    yield from sorted(made, key=lambda scene: -_overlap(intent, scene))[:count]


def _names(intent: str, made: list[Scene]) -> bool:
    """Whether the intent names a source of any scene so far, so that others may fit better."""
    return any(_overlap(intent, scene) for scene in made)


def _overlap(intent: str, scene: Scene) -> int:
    """How many words of the intent the scene's sources have."""
    return len(_words(intent) & _words(json.dumps(scene.sources, ensure_ascii=False)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def scenes_folder(out: Path) -> Path:
    """Where an exploration keeps the streams that it made."""
    return out / "scenes"
