"""A choice point: which of some options an intent wants, asked of a chooser in the middle of a plan.

A plan looks, reaches a choice point (`planning.keep`, `pick`, `arrange`), and writes from what was chosen. The question
and its answer are turns of the transcript like a tool call and its result, so that a rollout replays, checkpoints and
shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, cast, get_args

from dataclaw.planning import CHOOSE, OPTION
from dataclaw.types import Anchor, Intent, Json

How: TypeAlias = Literal["some", "one", "order"]
"""What an answer is: some of the options, one of them, or some of them in an order of their own."""


@dataclass(frozen=True, slots=True)
class ChoicePoint:
    """What a chooser is asked.

    Attributes:
        name: which point of which domain it is ("gui.steps"); a model is trained point by point.
        task: name of the task.
        intent: the user's words.
        options: the anchors to choose from, in order of time; of kind "option" where the plan made them.
        kept: ids of those that the rules keep, in their order.
        how: what an answer is.
        declared: whether the intent is one that the task declares, whose words the rules are written for.
    """

    name: str
    task: str
    intent: str
    options: Sequence[Anchor]
    kept: Sequence[str]
    how: How = "some"
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a chooser answered.

    Attributes:
        kept: ids of the options that are kept, in the order of the options unless the order was asked for.
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
        return Chosen(list(point.kept), "rules")


BY_RULES = ByRules()


def point_of(args: Mapping[str, Json], anchors: Mapping[str, Anchor], task: str, intent: Intent) -> ChoicePoint:
    """The choice point that a `choose` action asks about.

    Raises:
        ValueError: it is none: an option was never seen, an argument is missing, or there is nothing to choose from.
    """
    try:
        options = [_option(told, anchors) for told in cast("list[Json]", args["options"])]
        names = {option.id for option in options}
        kept = [name for name in cast("list[str]", args["kept"]) if name in names]
        how = cast("How", args.get("how", "some"))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a choice: {type(error).__name__} {error}") from None
    if len(names) < len(options) or not options or how not in get_args(How) or (how == "one" and len(kept) != 1):
        raise ValueError("not a choice: no options, one of them twice, or an answer that is none")
    return ChoicePoint(str(args["point"]), task, intent.text, options, kept, how, bool(intent.template))


def own_answer(args: Mapping[str, Json], point: ChoicePoint) -> Chosen | None:
    """The choice that a policy made itself, in the arguments of its `choose` action; None where it made none."""
    said = args.get("answer")
    if not isinstance(said, dict):
        return None
    names = {option.id for option in point.options}
    fields = cast("Mapping[str, Any]", said)
    return Chosen([str(name) for name in fields["kept"] if name in names], str(fields["by"]))


def _option(told: Json, anchors: Mapping[str, Anchor]) -> Anchor:
    if isinstance(told, str):
        return anchors[told]
    made = cast("Mapping[str, Any]", told)
    t0, t1 = float(made["t0"]), float(made["t1"])
    return Anchor(str(made["id"]), OPTION, str(made["content"]), t0, t1, attrs=dict(made["attrs"]))


__all__ = ["BY_RULES", "CHOOSE", "ByRules", "ChoicePoint", "Chooser", "Chosen", "How", "own_answer", "point_of"]
