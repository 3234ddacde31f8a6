"""Thoughts about what an answer rests on: which narration says it, and how two narrations are put together."""

from __future__ import annotations

from dataclaw.planning import statement
from dataclaw.types import Json
from dataclaw_worlds.daily.expert_view import ExpertView, Question
from dataclaw_worlds.daily.forms import clock
from dataclaw_worlds.daily.tutorial import first_words
from dataclaw_worlds.words import enumeration, words

_ONE, _TWO = (words("daily/grounds.toml").table(key) for key in ("one", "two"))


def ground_of(question: Question, view: ExpertView) -> tuple[float, dict[str, Json]] | None:
    """The ground of a question's answer, and its time [s]; None where no narration is its ground."""
    rows = question.rows
    if question.shown:
        first = min(question.shown, key=lambda a: a.t0)
        return first.t0, statement(f"The pictures begin with the one at {clock(first.t0)}.", [first.id])
    forms = (_ONE if len(rows) == 1 else _TWO).get(question.kind)
    if forms is None or len(rows) < 1:
        return None
    quotes = [f'"{first_words(row.text.strip(), 64)}"' for row in rows]
    heard = [row.heard for row in rows if row.heard]
    text = view.choice(rows[0], forms).format(
        q=quotes[0], r=quotes[1] if len(rows) > 1 else "", s=quotes[2] if len(rows) > 2 else "",
        at=clock(rows[0].t0), end=clock(rows[0].t1), bt=clock(rows[1].t0) if len(rows) > 1 else "",
        all=enumeration([clock(row.t0) for row in rows]),
    )  # fmt: skip
    text += "".join(f" {wrong} was misheard for {meant}." for wrong, meant in heard[:2])
    return min(row.t0 for row in rows), statement(text, [row.id for row in rows], 300)
