"""The experts of the darkroom: the plans of the domain, told which steps or changes are meant, and what these do."""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.choosing import Chooser
from dataclaw.domains.aigc import edits, timelines
from dataclaw.planning import Asking, capitalise
from dataclaw.types import Anchor
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw_worlds.aigc.cuts_experts import KnownRequest, MeantEvents
from dataclaw_worlds.aigc.darkroom_changes import KnownPair, MeantChanges


def edit_plan(brief: ExpertBrief) -> Asking[None]:
    """The reference of `edit_plan` for a history or a graph."""
    yield from timelines.edit_plan(brief.brief, KnownSteps(brief))


def edit_instruction(brief: ExpertBrief) -> Asking[None]:
    """The reference of `edit_instruction`."""
    known = KnownPair(brief) if brief.scene.facts["form"] == "pair" else KnownSteps(brief)
    yield from edits.edit_instruction(brief.brief, known)


def chooser(scene: Scene, request: Request) -> Chooser:
    """Who decides at the choice points of an edit."""
    return MeantChanges(scene, request) if scene.facts["form"] == "pair" else MeantEvents(request)


class KnownSteps(KnownRequest):
    """What the steps of a history or a graph do.

    Args:
        brief: the request, and the truth.
    """

    def __init__(self, brief: ExpertBrief) -> None:
        super().__init__(brief)
        key = "zh" if self.zh else "en"
        self._does: Mapping[str, str] = {f"e{step['event']}": step[key] for step in brief.scene.facts["steps"]}

    def does(self, operation: Anchor) -> str:
        """What a step does, as an order."""
        return self._does[operation.id] if self.zh else capitalise(self._does[operation.id])
