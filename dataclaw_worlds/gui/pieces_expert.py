"""The expert of `long_horizon_reconstruction`: the domain's own plan, told what happens in every fragment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.gui import plans
from dataclaw.domains.gui.drafts import CitedText
from dataclaw.domains.gui.fragments import Fragment
from dataclaw.domains.gui.reconstruct import FragmentWords
from dataclaw.planning import Asking, decline, shorten
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief

_WORD = re.compile(r"\w+")
TASK = 400
"""Longest task [characters]."""


class KnownFragments(FragmentWords):
    """The words of a scene's truth, where they are written in English."""

    def __init__(self, facts: Mapping[str, Json]) -> None:
        self._task = str(facts["task"])
        self._stages = cast("Mapping[str, Mapping[str, Json]]", facts["stages"])

    def state(self, fragment: Fragment) -> CitedText:
        """What happens in a fragment, proven by an event or a window for each of its cues."""
        if fragment.language != "en":
            return super().state(fragment)
        stage = self._stages[fragment.label]
        facts = [*(step.event for step in fragment.steps), *fragment.windows]
        return str(stage["text"]), [_holder(str(cue), facts) for cue in cast("Sequence[str]", stage["cues"])]

    def why(self, fragment: Fragment) -> str:
        """Why it comes where it does."""
        return str(self._stages[fragment.label]["why"]) if fragment.language == "en" else ""

    def task(self, order: Sequence[Fragment]) -> str:
        """The task of the scene."""
        return shorten(self._task, TASK) if order[0].language == "en" else super().task(order)


def reconstruct(brief: ExpertBrief) -> Asking[None]:
    """Expert of `long_horizon_reconstruction`."""
    yield from plans.order_fragments(brief.brief, KnownFragments(brief.scene.facts))


def _holder(cue: str, facts: Sequence[Anchor]) -> str:
    """The first anchor that has all words of a cue.

    Raises:
        PolicyError: it left no trace.
    """
    wanted = set(_WORD.findall(cue.casefold()))
    holder = next((a for a in facts if wanted <= set(_WORD.findall(_content(a).casefold()))), None)
    if holder is None:
        raise decline(f"no event or window says {cue!r}", "Make the scene again.")
    return holder.id


def _content(anchor: Anchor) -> str:
    return " ".join([anchor.content, *(str(v) for v in anchor.attrs.values() if isinstance(v, str))])
