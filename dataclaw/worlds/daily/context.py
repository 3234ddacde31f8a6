"""The reference of `contextual_qa`: what, why, with what, where, how often, what next; of what was asked for alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.asked import between, moment
from dataclaw.planning import CITES, Asking, submit
from dataclaw.types import Json
from dataclaw.worlds.base import Order
from dataclaw.worlds.daily.forms import does, doing, sentence
from dataclaw.worlds.daily.questions import Asked, Looked, Maker, chosen, drafted, listed, looked
from dataclaw.worlds.daily.script import AGAIN, STEP
from dataclaw.worlds.daily.truth import HEADING, Row

KINDS = ("why", "object", "next", "place", "count", "action")
"""Kinds in the order in which they take turns where the intent names none."""
SOON = 3.0
"""What comes after a longer pause is not right after it [s]."""
_WITH = re.compile(r"^(?P<doing>.+?) with (?P<what>(?:the|both|two|a|some|fresh|hot|warm|cold) .+|\w+)$")
_WHERE = re.compile(
    r"^(?P<verb>\w+ (?:out |up )?)(?P<what>(?:the|some|both) [\w' -]+?) "
    r"(?P<where>(?:into|onto|in|on|under|over|from|off|out of|to|beside|around|near) .+)$"
)


def question_context(order: Order) -> Asking[None]:
    """Expert of `contextual_qa`."""
    look = yield from looked(order)
    yield from submit((yield from drafted(look, chosen(look, MAKERS, kinds_of(order.ask.wish)))))


def kinds_of(wish: Mapping[str, Json]) -> list[str]:
    """Kinds of questions that a wish asks for."""
    return list(cast("Sequence[str]", wish.get("kinds") or KINDS))


def _when(row: Row, look: Looked) -> str:
    """Its time in words where the same is told more than once."""
    same = [r for r in look.truth.rows if r.order == row.order]
    return f" {between(row.t0, row.t1)}" if len(same) > 1 else ""


def why(row: Row, look: Looked) -> Asked | None:
    """Its purpose as told; else the step that it is a part of; else what is done with the same thing next."""
    question = f"Why does {look.who(row)} {row.order}{_when(row, look)}?"
    if look.chinese:
        question = f"{_person(row, look)}为什么要 {row.order}?"
    if row.purpose:
        return Asked("why", question, sentence(row.purpose), (row,))
    around = [r for r in look.truth.rows if r.role == HEADING and (r.procedure, r.part) == (row.procedure, row.part)]
    around = [r for r in around if r.id in look.seen and r.t0 <= row.t0 + 0.2 and r.t1 >= row.t1 - 0.2]
    if around and around[0].order.split()[0] != row.order.split()[0]:
        return Asked("why", question, f"To {around[0].order}.", (row, around[0]))
    if row.order.split()[0] not in {"take", "fetch", "pick", "pull", "lift", "open", "unplug", "find"}:
        return None
    name = _thing(row.order)
    after = next((r for r in look.kept if r.t0 > row.t0 and r.procedure == row.procedure and r.role == STEP), None)
    if after is None or not name or name not in after.order:
        return None
    return Asked("why", question, f"To {after.order}.", (row, after))


def _thing(order: str) -> str:
    match = re.match(r"\w+ (?:out |up )?the ([\w' -]+?)(?: (?:from|out|off|in|on|up|under|to)\b|$)", order)
    return match[1] if match else ""


def with_what(row: Row, look: Looked) -> Asked | None:
    """What it is done with."""
    match = _WITH.match(row.order)
    if match is None or "{" in row.order:
        return None
    question = f"What does {look.who(row)} use to {match['doing']}{_when(row, look)}?"
    if look.chinese:
        question = f"{_person(row, look)}用什么来 {match['doing']}?"
    return Asked("object", question, sentence(match["what"]), (row,))


def where(row: Row, look: Looked) -> Asked | None:
    """Where something goes, or comes from."""
    match = _WHERE.match(row.order)
    if match is None or " with " in match["where"]:
        return None
    place = match["where"]
    word = "From where" if place.startswith(("from", "out of", "off")) else "Where"
    question = f"{word} does {look.who(row)} {match['verb']}{match['what']}{_when(row, look)}?"
    if look.chinese:
        question = f"{_person(row, look)}在哪里 {match['verb']}{match['what']}?"
    return Asked("place", question, sentence(place), (row,))


def what_next(row: Row, look: Looked) -> Asked | None:
    """What is done right after it, where nothing comes between."""
    rows = look.truth.rows
    at = rows.index(row)
    others = [r for r in rows[at + 1 :] if r.level == row.level][:1]
    if not others or others[0].role != STEP or others[0] not in look.kept or not -0.4 <= others[0].t0 - row.t1 <= SOON:
        return None
    other = others[0]
    if any(r.order == row.order for r in rows if r is not row) or other.order == row.order:
        return None
    question = f"What does {look.who(row)} do right after {doing(row.order)}?"
    answer = f"{sentence(f'{look.who(other)} {does(other.order)}')}"
    if look.chinese:
        question = f"{_person(row, look)}在 {doing(row.order)} 之后紧接着做什么?"
    return Asked("next", question, answer, (row, other))


def how_often(row: Row, look: Looked) -> Asked | None:
    """How often it is done; the first telling asks."""
    same = [r for r in look.kept if r.role in {STEP, AGAIN} and r.order == row.order]
    doubles = [r for r in look.truth.rows if r.order == row.order and r not in same]
    if not 2 <= len(same) <= CITES or doubles:
        return None
    question = f"How many times does {look.who(row)} {row.order}?"
    answer = f"{len(same)} times: {look.who(row)} {does(row.order)} at {listed(same)}."
    if look.chinese:
        question = f"{_person(row, look)}一共几次 {row.order}?"
    return Asked("count", question, answer, tuple(same))


def what(row: Row, look: Looked) -> Asked | None:
    """What is done at a time."""
    if any(r is not row and r.role != HEADING and min(r.t1, row.t1) - max(r.t0, row.t0) > 0.2 for r in look.truth.rows):
        return None
    question = f"What is {look.who(row)} doing {between(row.t0, row.t1)}?"
    if look.chinese:
        question = f"{moment(row.t0, row.t1)} 的时候,{_person(row, look)}在做什么?"
    return Asked("action", question, sentence(f"{look.who(row)} is {doing(row.order)}"), (row,))


def _person(row: Row, look: Looked) -> str:
    name = look.who(row)
    return "这个人" if name == "the person" else name


MAKERS: Mapping[str, Maker] = {
    "why": why, "object": with_what, "next": what_next, "place": where, "count": how_often, "action": what,
}  # fmt: skip
"""Who makes a question of each kind."""
