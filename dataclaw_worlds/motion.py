"""Triplets of questions about motion, as two worlds are asked for them; their expert needs no truth but the poses."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.motion_triplets import ask_about_motion
from dataclaw.planning import Asking
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw.worlds.wording import allowed_templates

TASK = "motion_triplets"
_NARROW = " only"
"""Not every scene moves in the one way that a template with this word asks about."""


SHARE = 6
"""One of so many requests is for this task. They come last, so that the others keep their numbers."""


def motion_requests(scene: Scene, domain: str, count: int, more: Sequence[str] = ()) -> list[Request]:
    """The requests for this task, none twice, where a scene gets so many for all of its tasks.

    Args:
        scene: the scene.
        domain: the domain that declares the task.
        count: how many requests all tasks get.
        more: texts beside the declared ones.
    """
    texts = [text for text in allowed_templates(scene.spec, domain, TASK, more) if _NARROW not in text]
    chosen = scene.spec.rng("asks", TASK).sample(texts, min(count // SHARE, len(texts)))
    return [Request(TASK, text, {}, "template", "en", text) for text in chosen]


def expert(told: ExpertBrief) -> Asking[None]:
    """The domain's own plan."""
    yield from ask_about_motion(told.brief)
