"""What an answer rests on, as a thought: which telling says it, and how two tellings are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dataclaw.planning import said
from dataclaw.types import Json
from dataclaw_worlds.daily.forms import clock, in_a_row
from dataclaw_worlds.daily.tutorial import begun

if TYPE_CHECKING:
    from dataclaw_worlds.daily.questions import Asked, Looked

ONE: Mapping[str, Sequence[str]] = {
    "why": ("At {at} the purpose is told with it: {q}.", "{q} at {at} says what it is for."),
    "object": ("{q} at {at} names what it is done with.", "At {at} is told {q}, and with it the tool."),
    "place": ("{q} at {at} says where.", "The place is told at {at}: {q}."),
    "action": ("From {at} to {end} nothing but {q} is told.", "{q} fills the time from {at} to {end}."),
    "localise": (
        "{q} is told at {at}; its times are the answer.",
        "The times are those of {q}, from {at} on.",
    ),
    "state_change": (
        "{q} at {at} says what is done, and so what becomes of it.",
        "What is done, {q}, at {at} leaves it changed.",
    ),
}
"""By kind, where one telling is the ground."""
TWO: Mapping[str, Sequence[str]] = {
    "next": (
        "{q} ends at {end}; what is told right after it is {r}.",
        "After {q}, told at {at}, comes {r}, with nothing between.",
    ),
    "why": ("{q} at {at} serves {r}.", "{q}, told at {at}, is done for {r}."),
    "first": (
        "{q} is told at {at}, {r} not before {bt}.",
        "At {at} {q}, at {bt} {r}: the one of {at} is first.",
        "{r} at {bt} is later than {q} at {at}.",
    ),
    "action": (
        "{q} comes before and {s} after it; between them {r} at {bt}.",
        "From {q} at {at} it goes on to {r} at {bt}, and only then to {s}.",
    ),
    "count": ("{q} is told at {all}.", "The same is told at {all}: {q}."),
    "order": ("By their times, {all}, the first is {q}.", "Told at {all}, in this order, from {q} on."),
}
"""By kind, where several tellings are put together."""


def grounds(question: Asked, look: Looked) -> tuple[float, dict[str, Json]] | None:
    """The ground of a question's answer, and its time [s]; None where the question is about nothing told."""
    rows = question.rows
    if question.shown:
        first = min(question.shown, key=lambda a: a.t0)
        return first.t0, said(f"The pictures begin with the one at {clock(first.t0)}.", [first.id])
    forms = (ONE if len(rows) == 1 else TWO).get(question.kind)
    if forms is None or len(rows) < 1:
        return None
    quotes = [f'"{begun(row.text.strip(), 64)}"' for row in rows]
    heard = [row.heard for row in rows if row.heard]
    text = look.choice(rows[0], forms).format(
        q=quotes[0], r=quotes[1] if len(rows) > 1 else "", s=quotes[2] if len(rows) > 2 else "",
        at=clock(rows[0].t0), end=clock(rows[0].t1), bt=clock(rows[1].t0) if len(rows) > 1 else "",
        all=in_a_row([clock(row.t0) for row in rows]),
    )  # fmt: skip
    text += "".join(f" {wrong} was misheard for {meant}." for wrong, meant in heard[:2])
    return min(row.t0 for row in rows), said(text, [row.id for row in rows], 300)


__all__ = ["grounds"]
