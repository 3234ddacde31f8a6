"""The steps of a history or a graph, and the groups of them that can be requested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dataclaw.types import Json
from dataclaw_worlds.aigc.phrasing import fill_names
from dataclaw_worlds.words import words

GROUP_WORDS = words("aigc/darkroom_requests.toml")
"""What people call groups of steps."""


@dataclass(frozen=True, slots=True)
class EditStep:
    """A step of a history or a graph.

    Attributes:
        key: what identifies it in the file: the step's number, or the node's id.
        tags: what it belongs to ("colour", "in force", "models", ...).
        en: what it does, as an order in English.
        zh: the same in Chinese.
    """

    key: str
    tags: frozenset[str]
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Steps that have something in common.

    Attributes:
        key: what they have in common, machine-readable.
        steps: the steps' keys.
        en: what people call them.
        zh: the same in Chinese.
    """

    key: str
    steps: tuple[str, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepFile:
    """A history or a graph: its steps, and the groups that can be requested.

    Attributes:
        form: "graph" or "history".
        steps: all steps, in the order of the file.
        groups: the groups that can be requested.
        sources: the names it was made from, by kind.
    """

    form: str
    steps: Sequence[EditStep]
    groups: Sequence[StepGroup]
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def facts(self, events: Mapping[str, int]) -> dict[str, Json]:
        """The truth as plain JSON; `events` maps each step's key to the number of its event."""
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


def make_group(kind: str, key: str, steps: tuple[str, ...], **values: str) -> StepGroup:
    """A group in the words of its kind, with their slots filled."""
    return StepGroup(key, steps, *fill_names(GROUP_WORDS["groups"][kind], **values))
