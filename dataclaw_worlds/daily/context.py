"""The reference of `contextual_qa`: what, why, with what, where, how often, what next; of what was asked for alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.questions import between, moment
from dataclaw.planning import CITES, Asking, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.forms import does, doing, sentence
from dataclaw_worlds.daily.questions import Asked, Looked, Maker, chosen, drafted, listed, looked
from dataclaw_worlds.daily.script import AGAIN, STEP
from dataclaw_worlds.daily.truth import HEADING, Row

KINDS = ("why", "object", "next", "place", "between", "count")
"""Kinds in the order in which they take turns where the intent names none."""
SOON = 3.0
"""What comes after a longer pause is not right after it [s]."""
USED = re.compile(r"^(?P<doing>.+?) with (?P<what>(?:the|both|two|a|some|fresh|hot|warm|cold) .+|\w+)$")
WHERE = re.compile(
    r"^(?P<verb>\w+ (?:out |up )?)(?P<what>(?:the|some|both) [\w' -]+?) "
    r"(?P<where>(?:into|onto|in|on|under|over|from|off|out of|to|beside|around|near) .+)$"
)
_NO_PLACE = re.compile(r"^(?:in|into) (?:\w+$|an? (?:fan|ball|rope|tube|heap|roll)\b)|^(?:off|on|in|out)$")
"""What looks like a place and is none: "into wedges", "in foil", "into a fan"."""


def question_context(order: ExpertBrief) -> Asking[None]:
    """Expert of `contextual_qa`."""
    look = yield from looked(order)
    yield from submit((yield from drafted(look, chosen(look, MAKERS, kinds_of(order.request.meaning)))))


def kinds_of(wish: Mapping[str, Json]) -> list[str]:
    """Kinds of questions that a wish asks for."""
    kinds = list(cast("Sequence[str]", wish.get("kinds") or KINDS))
    return ["between", *kinds] if kinds == ["action"] else kinds


def _when(row: Row, look: Looked) -> str:
    """Its time in words where the same is told more than once."""
    same = [r for r in look.truth.rows if r.order == row.order]
    return f" {between(row.t0, row.t1)}" if len(same) > 1 else ""


def why(row: Row, look: Looked) -> Asked | None:
    """Its purpose as told; else the step that it is a part of; else what is done with the same thing next."""
    forms = ("Why does {} {}{}?", "What for does {} {}{}?", "For what reason does {} {}{}?")
    question = look.choice(row, forms).format(look.who(row), row.order, _when(row, look))
    if look.chinese:
        question = f"{_person(row, look)}为什么要 {row.order}?"
    if row.purpose:
        return Asked("why", question, _ended(row.purpose, look), (row,))
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
    match = USED.match(row.order)
    if match is None or "{" in row.order:
        return None
    forms = ("What does {} use to {}{}?", "With what does {} {}{}?", "What is it that {} uses to {}{}?")
    question = look.choice(row, forms).format(look.who(row), match["doing"], _when(row, look))
    if look.chinese:
        question = f"{_person(row, look)}用什么来 {match['doing']}?"
    return Asked("object", question, _ended(match["what"], look), (row,))


def where(row: Row, look: Looked) -> Asked | None:
    """Where something goes, or comes from."""
    match = WHERE.match(row.order)
    if match is None or row.order.startswith("wrap ") or " with " in match["where"] or _NO_PLACE.search(match["where"]):
        return None
    place = match["where"]
    away = place.startswith(("from", "out of", "off"))
    forms = (
        ("Where does {} {}{}{} from?", "From which place does {} {}{}{}?")
        if away
        else ("Where does {} {}{}{}?", "In which place does {} {}{}{}?", "Say where {} {}{}{}.")
    )
    form = look.choice(row, forms)
    verb = does(match["verb"].strip()) + " " if form.startswith("Say") else match["verb"]
    question = form.format(look.who(row), verb, match["what"], _when(row, look))
    if look.chinese:
        question = f"{_person(row, look)}在哪里 {match['verb']}{match['what']}?"
    return Asked("place", question, _ended(place, look), (row,))


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
    forms = ("What does {} do right after {}?", "What is the next thing that {} does after {}?",
             "After {d}, what does {w} do next?")  # fmt: skip
    question = look.choice(row, forms).format(look.who(row), doing(row.order), d=doing(row.order), w=look.who(row))
    answer = f"{sentence(f'{look.who(other)} {does(other.order)}')}"
    if look.chinese:
        answer = f"{other.order}。"
        question = f"{_person(row, look)}在 {doing(row.order)} 之后紧接着做什么?"
    return Asked("next", question, answer, (row, other))


def how_often(row: Row, look: Looked) -> Asked | None:
    """How often it is done; the first telling asks."""
    same = [r for r in look.kept if r.role in {STEP, AGAIN} and r.order == row.order]
    doubles = [r for r in look.truth.rows if r.order == row.order and r not in same]
    if not 2 <= len(same) <= CITES or doubles:
        return None
    forms = ("How many times does {} {}?", "How often does {} {}?", "Count how often {w} {d}.")
    question = look.choice(row, forms).format(look.who(row), row.order, w=look.who(row), d=does(row.order))
    answer = f"{len(same)} times: {look.who(row)} {does(row.order)} at {listed(same)}."
    if look.chinese:
        question = f"{_person(row, look)}一共几次 {row.order}?"
        answer = f"{len(same)} 次:{'、'.join(moment(r.t0, r.t1) for r in same)}。"
    return Asked("count", question, answer, tuple(same))


def what(row: Row, look: Looked) -> Asked | None:
    """What is done at a time."""
    if any(r is not row and r.role != HEADING and min(r.t1, row.t1) - max(r.t0, row.t0) > 0.2 for r in look.truth.rows):
        return None
    question = f"What is {look.who(row)} doing {between(row.t0, row.t1)}?"
    if look.chinese:
        question = f"{moment(row.t0, row.t1)} 的时候,{_person(row, look)}在做什么?"
        return Asked("action", question, f"{row.order}。", (row,))
    return Asked("action", question, sentence(f"{look.who(row)} is {doing(row.order)}"), (row,))


def between_two(row: Row, look: Looked) -> Asked | None:
    """What is done after one doing and before another, where it is the only thing that serves an end there."""
    useful = [r for r in look.truth.rows if r.useful and r.level == row.level]
    at = useful.index(row) if row in useful else 0
    if not 0 < at < len(useful) - 1:
        return None
    before, after = useful[at - 1], useful[at + 1]
    if any(sum(r.order == one.order for r in look.truth.rows) > 1 for one in (before, row, after)):
        return None
    if not {before.id, after.id} <= look.seen.keys() or len({r.person for r in (before, row, after)}) > 1:
        return None
    forms = ("What does {} do between {} and {}?", "What comes between {b} and {a}?",
             "{w} is through with {b} and has yet to begin {a}. What is done in between?")  # fmt: skip
    who, a, b = look.who(row), doing(after.order), doing(before.order)
    question = sentence(look.choice(row, forms).format(who, b, a, a=a, b=b, w=who))
    answer = sentence(f"{who} {does(row.order)}")
    if look.chinese:
        question, answer = f"在 {b} 和 {a} 之间做什么?", f"{row.order}。"
    return Asked("action", question, answer, (before, row, after))


def _ended(text: str, look: Looked) -> str:
    """The words as told, as an answer in English or in Chinese."""
    return f"{text}。" if look.chinese else sentence(text)


def _person(row: Row, look: Looked) -> str:
    name = look.who(row)
    return "这个人" if name == "the person" else name


MAKERS: Mapping[str, Maker] = {
    "why": why, "object": with_what, "next": what_next, "place": where, "between": between_two, "count": how_often,
    "action": what,
}  # fmt: skip
"""Who makes a question of each kind."""
