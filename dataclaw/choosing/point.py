"""A choice point: which of some anchors an intent wants, asked of a chooser in the middle of a plan.

A plan looks, reaches a choice point (`planning.keep`), and writes from what was chosen. The question and its answer are
turns of the transcript like a tool call and its result, so that a rollout replays, checkpoints and shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from dataclaw.planning import CHOOSE
from dataclaw.types import Anchor, Intent, Json


@dataclass(frozen=True, slots=True)
class ChoicePoint:
    """What a chooser is asked.

    Attributes:
        name: which point of which domain it is ("gui.steps"); a model is trained point by point.
        task: name of the task.
        intent: the user's words.
        options: the anchors to choose from, in order of time.
        kept: ids of those that the rules keep.
        declared: whether the intent is one that the task declares, whose words the rules are written for.
    """

    name: str
    task: str
    intent: str
    options: Sequence[Anchor]
    kept: frozenset[str]
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a chooser answered.

    Attributes:
        kept: ids of the options that are kept, in the order of the options.
        by: who chose: "rules", "learned", "truth".
        sure: how probable it is that an option is wanted, 0..1, by id; empty where nobody says.
    """

    kept: Sequence[str]
    by: str
    sure: Mapping[str, float] = field(default_factory=dict[str, float])

    def note(self) -> str:
        """The answer as the transcript shows it."""
        told = ", ".join(f"{name} ({self.sure[name]:.2f})" if name in self.sure else name for name in self.kept)
        return f"{self.by} keep{'' if self.by == 'rules' else 's'} {len(self.kept)}: {told or 'none'}"

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        return {"kept": list(self.kept), "by": self.by, "sure": {name: round(p, 4) for name, p in self.sure.items()}}


class Chooser(Protocol):
    """Decides at choice points. Deterministic: equal points get equal choices."""

    def choose(self, point: ChoicePoint) -> Chosen:
        """Which options are wanted."""
        ...


class ByRules:
    """Keeps what the rules of the plan keep."""

    def choose(self, point: ChoicePoint) -> Chosen:
        """The rules' own choice."""
        return Chosen([a.id for a in point.options if a.id in point.kept], "rules")


BY_RULES = ByRules()


def point_of(args: Mapping[str, Json], anchors: Mapping[str, Anchor], task: str, intent: Intent) -> ChoicePoint:
    """The choice point that a `choose` action asks about.

    Raises:
        ValueError: it is none: an option was never seen, an argument is missing, or there is nothing to choose from.
    """
    try:
        options = [anchors[name] for name in cast("list[str]", args["options"])]
        kept = frozenset(cast("list[str]", args["kept"]))
        point = ChoicePoint(str(args["point"]), task, intent.text, options, kept, bool(intent.template))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a choice: {type(error).__name__} {error}") from None
    if not options:
        raise ValueError("not a choice: there are no options")
    return point


__all__ = ["BY_RULES", "CHOOSE", "ByRules", "ChoicePoint", "Chooser", "Chosen", "point_of"]
