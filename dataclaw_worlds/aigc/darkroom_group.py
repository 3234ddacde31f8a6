"""What can be wanted of a history or a graph: some of its steps, by what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dataclaw.types import Json


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a history or a graph, as it really is.

    Attributes:
        key: what tells it in the file: number of the step, id of the node.
        tags: what it belongs to ("colour", "in force", "models", ...).
        en: what it does, an order in English.
        zh: the same in Chinese.
    """

    key: str
    tags: frozenset[str]
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are wanted.

    Attributes:
        key: what they have in common, machine-readable.
        steps: their keys.
        en: how people call them.
        zh: the same in Chinese.
    """

    key: str
    steps: tuple[str, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A history or a graph: its steps, and what of it can be asked for.

    Attributes:
        form: "graph" or "history".
        steps: all steps, in the order of the file.
        groups: what can be asked for.
        sources: what it is made of, by kind.
    """

    form: str
    steps: Sequence[Step]
    groups: Sequence[Group]
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def facts(self, events: Mapping[str, int]) -> dict[str, Json]:
        """The truth as plain JSON; `events` gives the number of each step's event by its key."""
        known = sorted((events[s.key], s) for s in self.steps if s.key in events)
        steps = [{"event": number, "tags": sorted(s.tags), "en": s.en, "zh": s.zh} for number, s in known]
        groups = [
            {
                "key": g.key,
                "events": sorted(events[k] for k in g.steps if k in events),
                "en": list(g.en),
                "zh": list(g.zh),
            }
            for g in self.groups
        ]
        kept = [g for g in groups if 0 < len(g["events"]) < len(steps)]
        return {"form": self.form, "steps": steps, "groups": kept}
