"""A question of an expert of `chores`, and what the expert knows when it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.domains.daily.intents import ActivityIntent, parse_intent
from dataclaw.types import Anchor
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.chores_truth import ChoresTruth, TruthRow
from dataclaw_worlds.words import words

FORMS = words("daily/questions.toml")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer.

    Attributes:
        kind: as the schema names it.
        text: the question.
        answer: the answer.
        rows: what proves it, the one it is about first; at most 8.
        order: labels in the right order.
        shown: pictures in the order shown.
        named: other events that the question names.
    """

    kind: str
    text: str
    answer: str
    rows: tuple[TruthRow, ...]
    order: tuple[str, ...] = ()
    shown: tuple[Anchor, ...] = ()
    named: tuple[TruthRow, ...] = ()

    @property
    def t0(self) -> float:
        """Start [s]."""
        return min([*(row.t0 for row in self.rows), *(a.t0 for a in self.shown)])

    @property
    def t1(self) -> float:
        """End [s]."""
        return max([*(row.t1 for row in self.rows), *(a.t0 for a in self.shown)])

    @property
    def ids(self) -> list[str]:
        """What proves it."""
        return [a.id for a in sorted(self.shown, key=lambda a: a.t0)] or [row.id for row in self.rows]


Maker: TypeAlias = "Callable[[TruthRow, ExpertView], Question | None]"
"""A question of one kind about a row, where the row has one."""


@dataclass(frozen=True, slots=True)
class ExpertView:
    """What an expert knows: the truth, the part of it that is requested, and the events that it listed."""

    brief: ExpertBrief
    truth: ChoresTruth
    kept: Sequence[TruthRow]
    seen: Mapping[str, Anchor | None]

    @property
    def chinese(self) -> bool:
        """Whether the answer is wanted in Chinese."""
        return self.brief.request.language == "zh"

    @property
    def window(self) -> tuple[float, float]:
        """The time that may be asked about [s]."""
        return self.brief.brief.window

    @property
    def parsed_intent(self) -> ActivityIntent:
        """The intent as the domain reads it."""
        return parse_intent(self.brief.brief.intent, self.window).narrow_to(row.text for row in self.truth.rows)

    def choice(self, row: TruthRow, forms: Sequence[str]) -> str:
        """One of several ways to say something about a row, always the same for the same request."""
        return self.brief.scene.spec.rng("form", self.brief.request.intent, row.id).choice(forms)

    def phrase(self, row: TruthRow, key: str, **values: str) -> str:
        """A question or an answer about a row, in the language of the request.

        Args:
            row: what it is about.
            key: key of its forms in questions.toml.
            values: what fills their slots, beside {who}.
        """
        forms = FORMS.phrases(f"{key}_zh" if self.chinese else key)
        return self.choice(row, forms).format(who=self.who(row), **values)

    def who(self, row: TruthRow) -> str:
        """Who does it, in the language of the request."""
        name = self.truth.who(row.person)
        return "这个人" if self.chinese and name == "the person" else name
