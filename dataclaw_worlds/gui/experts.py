"""The experts of the GUI tasks: the domain's own plans, with the truth's words."""

from __future__ import annotations

from dataclaw.domains.gui import plans
from dataclaw.planning import Asking
from dataclaw.worlds.base import Expert, ExpertBrief
from dataclaw_worlds.gui.known import KnownWords


def follow(brief: ExpertBrief) -> Asking[None]:
    """Expert of the tasks that follow a trace action by action."""
    yield from plans.follow(brief.brief, KnownWords(brief))


def split(brief: ExpertBrief) -> Asking[None]:
    """Expert of `multi_event_decomposition`."""
    yield from plans.follow_goals(brief.brief, KnownWords(brief))


EXPERTS: dict[str, Expert] = {**dict.fromkeys(plans.DRAFTS, follow), "multi_event_decomposition": split}
