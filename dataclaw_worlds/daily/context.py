"""Expert of `contextual_qa`: what, why, with what, where, how often, what next; only about what was requested."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.questions import between, moment
from dataclaw.domains.daily.reading import PAUSE
from dataclaw.planning import CITES, Asking, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.chores_truth import HEADING, TruthRow
from dataclaw_worlds.daily.expert_view import ExpertView, Maker, Question
from dataclaw_worlds.daily.forms import gerund_of, sentence, third_person_of
from dataclaw_worlds.daily.questions import choose_questions, look_around, times_of, write_draft
from dataclaw_worlds.daily.script import AGAIN, STEP

KINDS = ("why", "object", "next", "place", "between", "count")
"""The kinds in turn, where the intent names none."""
USED = re.compile(r"^(?P<doing>.+?) with (?P<what>(?:the|both|two|a|some|fresh|hot|warm|cold) .+|\w+)$")
WHERE = re.compile(
    r"^(?P<verb>\w+ (?:out |up )?)(?P<what>(?:the|some|both) [\w' -]+?) "
    r"(?P<where>(?:into|onto|in|on|under|over|from|off|out of|to|beside|around|near) .+)$"
)
_NO_PLACE = re.compile(r"^(?:in|into) (?:\w+$|an? (?:fan|ball|rope|tube|heap|roll)\b)|^(?:off|on|in|out)$")
"""Phrases that look like a place and are none: "into wedges", "in foil", "into a fan"."""


def question_context(brief: ExpertBrief) -> Asking[None]:
    """Expert of `contextual_qa`."""
    view = yield from look_around(brief)
    yield from submit((yield from write_draft(view, choose_questions(view, MAKERS, kinds_of(brief.request.meaning)))))


def kinds_of(meaning: Mapping[str, Json]) -> list[str]:
    """The kinds of questions that a request asks for."""
    kinds = list(cast("Sequence[str]", meaning.get("kinds") or KINDS))
    return ["between", *kinds] if kinds == ["action"] else kinds


def _when(row: TruthRow, view: ExpertView) -> str:
    """Its time in words, where the same action occurs more than once."""
    same = [r for r in view.truth.rows if r.order == row.order]
    return f" {between(row.t0, row.t1)}" if len(same) > 1 else ""


def why(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask for its purpose: what the narration says, the step that it is part of, or the next use of the same thing."""
    question = view.phrase(row, "why", order=row.order, when=_when(row, view))
    if row.purpose:
        return Question("why", question, _as_answer(row.purpose, view), (row,))
    around = [r for r in view.truth.rows if r.role == HEADING and (r.procedure, r.part) == (row.procedure, row.part)]
    around = [r for r in around if r.id in view.seen and r.t0 <= row.t0 + 0.2 and r.t1 >= row.t1 - 0.2]
    verb = row.order.split()[0]
    if around and around[0].order.split()[0] != verb:
        return Question("why", question, f"To {around[0].order}.", (row, around[0]))
    if verb not in {"take", "fetch", "pick", "pull", "lift", "open", "unplug", "find"}:
        return None
    name = _thing(row.order)
    after = next((r for r in view.kept if r.t0 > row.t0 and r.procedure == row.procedure and r.role == STEP), None)
    if after is None or not name or name not in after.order:
        return None
    return Question("why", question, f"To {after.order}.", (row, after))


def _thing(order: str) -> str:
    match = re.match(r"\w+ (?:out |up )?the ([\w' -]+?)(?: (?:from|out|off|in|on|up|under|to)\b|$)", order)
    return match[1] if match else ""


def with_what(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask which tool it is done with."""
    match = USED.match(row.order)
    if match is None or "{" in row.order:
        return None
    question = view.phrase(row, "with_what", used=match["doing"], when=_when(row, view))
    return Question("object", question, _as_answer(match["what"], view), (row,))


def where(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask where something goes, or comes from."""
    match = WHERE.match(row.order)
    if match is None or row.order.startswith("wrap ") or " with " in match["where"] or _NO_PLACE.search(match["where"]):
        return None
    place, what = match["where"], match["what"]
    key = "where_from" if place.startswith(("from", "out of", "off")) else "where"
    puts = f"{third_person_of(match['verb'].strip())} {what}"
    question = view.phrase(row, key, put=f"{match['verb']}{what}", puts=puts, when=_when(row, view))
    return Question("place", question, _as_answer(place, view), (row,))


def what_next(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask what is done right after it, where nothing comes between."""
    rows = view.truth.rows
    at = rows.index(row)
    others = [r for r in rows[at + 1 :] if r.level == row.level][:1]
    if not others or others[0].role != STEP or others[0] not in view.kept or not -0.4 <= others[0].t0 - row.t1 <= PAUSE:
        return None
    other = others[0]
    if any(r.order == row.order for r in rows if r is not row) or other.order == row.order:
        return None
    question = view.phrase(row, "next", doing=gerund_of(row.order))
    return Question("next", question, _told_by(other, view), (row, other))


def how_often(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask how often it is done, once for all narrations of it."""
    same = [r for r in view.kept if r.role in {STEP, AGAIN} and r.order == row.order]
    doubles = [r for r in view.truth.rows if r.order == row.order and r not in same]
    if not 2 <= len(same) <= CITES or doubles:
        return None
    does = third_person_of(row.order)
    question = view.phrase(row, "count", order=row.order, does=does)
    times = "、".join(moment(r.t0, r.t1) for r in same) if view.chinese else times_of(same)
    answer = view.phrase(row, "count_answer", n=str(len(same)), does=does, times=times)
    return Question("count", question, answer, tuple(same))


def what(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask what is done at a time."""
    if any(r is not row and r.role != HEADING and min(r.t1, row.t1) - max(r.t0, row.t0) > 0.2 for r in view.truth.rows):
        return None
    time = moment(row.t0, row.t1) if view.chinese else between(row.t0, row.t1)
    answer = f"{row.order}。" if view.chinese else sentence(f"{view.who(row)} is {gerund_of(row.order)}")
    return Question("action", view.phrase(row, "what", time=time), answer, (row,))


def between_two(row: TruthRow, view: ExpertView) -> Question | None:
    """Ask what is done between two actions, where it is the only useful one there."""
    useful = [r for r in view.truth.rows if r.useful and r.level == row.level]
    at = useful.index(row) if row in useful else 0
    if not 0 < at < len(useful) - 1:
        return None
    before, after = useful[at - 1], useful[at + 1]
    if any(sum(r.order == one.order for r in view.truth.rows) > 1 for one in (before, row, after)):
        return None
    if not {before.id, after.id} <= view.seen.keys() or len({r.person for r in (before, row, after)}) > 1:
        return None
    question = view.phrase(row, "between", before=gerund_of(before.order), after=gerund_of(after.order))
    return Question("action", sentence(question), _told_by(row, view), (before, row, after))


def _told_by(row: TruthRow, view: ExpertView) -> str:
    """What somebody does, as an answer in English or in Chinese."""
    return f"{row.order}。" if view.chinese else sentence(f"{view.who(row)} {third_person_of(row.order)}")


def _as_answer(text: str, view: ExpertView) -> str:
    """A text as an answer in English or in Chinese."""
    return f"{text}。" if view.chinese else sentence(text)


MAKERS: Mapping[str, Maker] = {
    "why": why, "object": with_what, "next": what_next, "place": where, "between": between_two, "count": how_often,
    "action": what,
}  # fmt: skip
"""The maker of each kind of question."""
