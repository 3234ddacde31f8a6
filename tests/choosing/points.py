"""Chosen points for the tests of choosing."""

from collections.abc import Iterable

from dataclaw.choosing import ChoicePoint
from dataclaw.types import Anchor


def point(intent: str, contents: Iterable[str], *, task: str = "edit_plan", kept: Iterable[str] = ()) -> ChoicePoint:
    """A point whose options lie one second after another."""
    options = [Anchor(f"e{at}", "event", said, float(at), at + 1.0) for at, said in enumerate(contents)]
    return ChoicePoint("aigc.operations", task, intent, options, list(kept))
