"""The reference of `temporal_qa` for walks: when which room was entered and which thing seen, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.daily.questions import seconds
from dataclaw.planning import Asking, ask, pages, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.plan_truth import Place, Plan, plan_of
from dataclaw_worlds.daily.questions import Asked, Looked, Maker, chosen, drafted, told_apart
from dataclaw_worlds.daily.script import REMARK, STEP
from dataclaw_worlds.daily.temporal import TURNED, shuffled_pictures
from dataclaw_worlds.daily.truth import Goal, Row, Truth

KINDS = ("localise", "first", "order")
"""Kinds in the order in which they take turns where the intent names none."""
WALK = Goal("walk through the house", "walk", "walk", (), 0, ())


def question_rooms(order: ExpertBrief) -> Asking[None]:
    """Expert of `temporal_qa`."""
    plan = plan_of(order.scene)
    _ = yield from ask("overview")
    span = cast("list[float] | None", order.request.meaning.get("span"))
    low, high = span or [None, None]
    seen = {anchor.id: anchor for anchor in (yield from pages("list_events", t0=low, t1=high))}
    look = looked_at(order, plan, seen)
    if order.request.meaning.get("kinds") == ["frame_order"]:
        yield from submit((yield from drafted(look, [(yield from shuffled_pictures(look))])))
        return
    yield from submit((yield from drafted(look, chosen(look, MAKERS, kinds_of(order.request.meaning)))))


def looked_at(order: ExpertBrief, plan: Plan, seen: Mapping[str, Anchor | None]) -> Looked:
    """What is known of a walk, as the drafts of questions know it."""
    rows = tuple(_row(plan, place) for place in plan.places if place.id in seen)
    truth = Truth("house", "", plan.end, (), (WALK,), rows)
    return Looked(order, truth, [row for row in rows if row.role == STEP and _wanted(row, order)], seen)


def kinds_of(wish: Mapping[str, Json]) -> list[str]:
    """Kinds of questions that a wish asks for."""
    kinds = cast("Sequence[str]", wish.get("kinds") or KINDS)
    found = [k for kind in kinds for k in (("order", "first") if kind == "order" else (kind,)) if k in MAKERS]
    return list(dict.fromkeys(found))


def _row(plan: Plan, place: Place) -> Row:
    """An event as the questions' drafts know it."""
    name = place.name or plan.names[place.room]
    short = place.kind == "room" and place.t1 - place.t0 < 0.8
    role = STEP if place.right and not short else REMARK
    return Row(place.id, place.t0, place.t1, place.text, 0, 0, 0, role, name, -1, "", None, 0, place.kind)


def _wanted(row: Row, order: ExpertBrief) -> bool:
    span = cast("list[float] | None", order.request.meaning.get("span"))
    between = cast("list[float] | None", order.request.meaning.get("between"))
    only, names = order.request.meaning.get("only"), cast("list[str] | None", order.request.meaning.get("names"))
    inside = all(low <= row.middle <= high for low, high in (limits for limits in (span, between) if limits))
    return inside and (only is None or row.place == only) and (names is None or row.order in names)


def _once(row: Row, look: Looked) -> bool:
    return sum(r.order == row.order and r.role == STEP for r in look.truth.rows) == 1


def when(row: Row, look: Looked) -> Asked | None:
    """When one is in a room, or a thing is seen."""
    if not _once(row, look):
        return None
    start, end = seconds(row.t0), seconds(row.t1)
    if row.place == "room":
        forms = ("When is one in the {}?", "From when to when is one in the {}?", "When does the stay in the {} last?",
                 "Between which times is one in the {}?")  # fmt: skip
        text, answer = look.choice(row, forms).format(row.order), f"From {start} s to {end} s."
        if look.chinese:
            forms = ("什么时候在 {} 里?", "从何时到何时在 {} 里?")
            text, answer = look.choice(row, forms).format(row.order), f"从 {start} 秒到 {end} 秒。"
        beside, named = _around(row, look)
        return Asked("localise", beside + text, answer, (row,), named=named)
    forms = ("When is the {} seen?", "When does the {} come into view?", "At which moment is the {} reported?",
             "When is the {} noticed?")  # fmt: skip
    text, answer = look.choice(row, forms).format(row.order), f"At {start} s."
    if look.chinese:
        text, answer = f"什么时候看到 {row.order}?", f"在 {start} 秒。"
    return Asked("localise", text, answer, (row,))


def _around(row: Row, look: Looked) -> tuple[str, tuple[Row, ...]]:
    """A sentence on the rooms before and after, where only this one is asked for; else nothing."""
    if not look.order.request.meaning.get("names"):
        return "", ()
    rooms = [r for r in look.truth.rows if r.place == "room" and r.role == STEP]
    at = rooms.index(row)
    before, after = rooms[max(0, at - 1)], rooms[min(len(rooms) - 1, at + 1)]
    if row.order in {before.order, after.order}:
        return "", ()
    if look.chinese:
        return f"从 {before.order} 来,再到 {after.order} 去。", (before, after)
    forms = ("Somebody comes from the {} and goes on to the {}. ", "The way leads from the {} on to the {}. ",
             "Between the {} and the {} lies another room. ")  # fmt: skip
    return look.choice(before, forms).format(before.order, after.order), (before, after)


def _later(row: Row, look: Looked, count: int) -> list[Row]:
    """So many of the same sort, from a row on, each told once, not all words of one in another."""
    rows = [r for r in look.kept if r.place == row.place and _once(r, look)]
    if row not in rows:
        return []
    found = [row]
    for other in rows[rows.index(row) + 1 :]:
        apart = all(not set(other.order.split()) & set(r.order.split()) for r in found)
        if len(found) < count and apart and other.t0 > found[-1].t1:
            found.append(other)
    return found if len(found) == count and told_apart([one.order for one in found], found) else []


def came_first(row: Row, look: Looked) -> Asked | None:
    """Which of two comes first; the later one is named first."""
    rows = _later(row, look, 2)
    if not rows:
        return None
    one, other = rows
    verb = "entered" if row.place == "room" else "seen"
    forms = ("Which is {v} first, the {b} or the {a}?", "What is {v} sooner: the {b} or the {a}?",
             "The {b} or the {a}: which of them is {v} first?")  # fmt: skip
    text = look.choice(row, forms).format(v=verb, a=one.order, b=other.order)
    if look.chinese:
        text = f"先{'进入' if row.place == 'room' else '看到'}哪一个:{other.order} 还是 {one.order}?"
        return Asked("first", text, f"{one.order}。", (one, other))
    return Asked("first", text, f"The {one.order}.", (one, other))


def in_order(row: Row, look: Looked) -> Asked | None:
    """Three of a sort to be put in order."""
    rows = _later(row, look, 3)
    if not rows:
        return None
    shown = [rows[k] for k in TURNED]
    order = tuple("ABC"[shown.index(one)] for one in rows)
    verb = "entered" if row.place == "room" else "seen"
    options = "; ".join(f"{'ABC'[k]}: the {one.order}" for k, one in enumerate(shown))
    forms = ("In which order are these {}? {}.", "Put these in the order in which they are {}. {}.",
             "Sort by when they are {}, first to last. {}.")  # fmt: skip
    text = look.choice(row, forms).format(verb, options)
    answer = f"{', '.join(order)}: first the {', then the '.join(one.order for one in rows)}."
    if look.chinese:
        options = ";".join(f"{'ABC'[k]}: {one.order}" for k, one in enumerate(shown))
        text, answer = f"按先后排序:{options}。", f"{', '.join(order)}。"
    return Asked("order", text, answer, tuple(rows), order)


MAKERS: Mapping[str, Maker] = {"localise": when, "first": came_first, "order": in_order}
"""Who makes a question of each kind."""
