"""The reference of `vln_navigation`: the part of the way that was asked for, by rooms and things, and as actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.daily.intents import wish_of
from dataclaw.domains.daily.route import line_of
from dataclaw.planning import CITES, Asking, ask, decline, pages, said, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import Order
from dataclaw.worlds.daily.forms import clock, in_a_row
from dataclaw.worlds.daily.plan_truth import Part, Place, Plan, part_of, plan_of

NEAR = 3.0
"""Things farther off are no help to find the way [m]."""
A_LEG = 2
"""Most things named on one leg."""


@dataclass(frozen=True, slots=True)
class _Leg:
    """A move with what is passed on it."""

    move: Anchor
    passed: tuple[Place, ...] = ()

    @property
    def ids(self) -> list[str]:
        """What proves it."""
        return [self.move.id, *(place.id for place in self.passed)]


def guide(order: Order) -> Asking[None]:
    """Expert of `vln_navigation`."""
    plan = plan_of(order.scene)
    part = part_of(plan, order.ask.wish)
    if part is None:
        raise decline("nobody went there", "Ask for a way between rooms that were entered.")
    _ = yield from ask("overview")
    seen = {anchor.id: anchor for anchor in (yield from pages("list_events"))}
    args: dict[str, Json] = {"t0": part.t0, "t1": part.t1}
    args = {key: value for key, value in args.items() if value is not None}
    traced = yield from ask(
        "trace_route", **args, **({"without": [list(w) for w in part.without]} if part.without else {})
    )
    if not traced.ok:
        raise decline(traced.note.rstrip("."), "Ask for a longer part of the way.")
    moves = list(traced.anchors)
    moves = moves[1:] if moves[0].attrs["unit"] == "deg" else moves
    pictures = yield from _pictures(order, moves)
    low, high = wish_of(order.brief.intent, order.brief.window).span
    told = [p for p in plan.places if p.id in seen and low <= (p.t0 + p.t1) / 2 <= high]
    legs = _legs(plan, part, moves, told)
    yield from submit(_draft(order, plan, part, legs, pictures))


def _pictures(order: Order, moves: Sequence[Anchor]) -> Asking[list[Anchor]]:
    """What is seen where the way starts and where it ends; [] where no pictures are wanted."""
    if not order.brief.frames or not order.ask.wish.get("pictures", True):
        return []
    t0, t1 = moves[0].t0, moves[-1].t1
    seen = yield from ask("sample_frames", count=3, t0=t0, t1=t1)
    inside = [a for a in seen.anchors if t0 <= a.t0 <= t1] if seen.ok else []
    return [inside[0], inside[-1]] if len(inside) > 1 else []


def _legs(plan: Plan, part: Part, moves: Sequence[Anchor], places: Sequence[Place]) -> list[_Leg]:
    """The moves with the rooms entered and the things passed on them, detours apart."""
    first = part.start.room if part.start else next((v.room for v in plan.visits if v.t1 > moves[0].t0), -1)
    entered = first
    legs: list[_Leg] = []
    for move in moves:
        passed: list[Place] = []
        inside = [p for p in places if p.right and move.t0 <= p.t0 < move.t1 and not _cut(p, part)]
        near = sorted((p for p in inside if p.kind == "thing" and p.metres <= NEAR), key=lambda p: p.metres)[:A_LEG]
        for place in inside if move.attrs["unit"] == "m" else ():
            if place.kind == "room" and place.room != entered:
                entered = place.room
                passed.append(place)
            elif place in near and not any(place.name == p.name for leg in legs for p in leg.passed):
                passed.append(place)
        legs.append(_Leg(move, tuple({p.name or p.id: p for p in passed}.values())))
    goal = part.goal
    if goal in places and goal is not None and goal.t0 > moves[0].t0 and not any(goal.id in leg.ids for leg in legs):
        legs[-1] = _Leg(legs[-1].move, (*legs[-1].passed[: CITES - 2], goal))
    return legs


def _cut(place: Place, part: Part) -> bool:
    return any(low <= place.t0 <= high for low, high in part.without)


def _draft(order: Order, plan: Plan, part: Part, legs: Sequence[_Leg], pictures: Sequence[Anchor]) -> dict[str, Json]:
    moves = [leg.move for leg in legs]
    actions: list[Json] = [
        {"cite": [m.id], "action": m.attrs["action"], "amount": m.attrs["amount"], "unit": m.attrs["unit"]}
        for m in moves
    ]
    actions.append({"cite": [moves[-1].id], "action": "STOP", "amount": 0, "unit": ""})
    draft: dict[str, Json] = {"cot": _thoughts(plan, part, legs)}
    if pictures:
        start, end = pictures
        draft["input_video"] = {"cite": [start.id, end.id], "start": start.frame, "end": end.frame}
        draft["input_image"] = [{"cite": [start.id], "frame": start.frame}]
    draft["actions"] = actions
    if pictures:
        draft["output_image"] = [{"cite": [pictures[1].id], "frame": pictures[1].frame}]
    ends = [p.id for p in (part.start, part.goal) if p] or [moves[0].id, moves[-1].id]
    draft["question"] = said(_question(order, plan, part), list(dict.fromkeys(ends)))
    draft["answer"] = [*_words(order, plan, legs, shown=bool(pictures)), *_lines(moves)]
    draft["left_out"] = []
    return draft


def _words(order: Order, plan: Plan, legs: Sequence[_Leg], *, shown: bool) -> list[Json]:
    """The way in plain words, in parts that cite at most eight."""
    chinese = order.ask.language == "zh"
    groups: list[list[_Leg]] = [[]]
    for leg in legs:
        if sum(len(one.ids) for one in groups[-1]) + len(leg.ids) > CITES:
            groups.append([])
        groups[-1].append(leg)
    parts: list[Json] = []
    for k, group in enumerate(groups):
        phrases = [_phrase(plan, leg, chinese) for leg in group]
        last = k == len(groups) - 1
        if chinese:
            text = f"{'然后' if k else ''}{','.join(phrases)}{',然后停下' if last else ''}。"
        else:
            text = ", ".join(phrases if not k else ["then " + phrases[0], *phrases[1:]])
            text = f"{text[:1].upper()}{text[1:]}{', then stop' if last else ''}."
        text += " <image_recall>" if shown and last else ""
        parts.append(said(text, [name for leg in group for name in leg.ids]))
    return parts


def _phrase(plan: Plan, leg: _Leg, chinese: bool) -> str:
    move = leg.move
    amount = f"{move.attrs['amount']:g}"
    if move.attrs["unit"] == "deg":
        side = "left" if move.attrs["action"] == "TURN_LEFT" else "right"
        degrees = cast("float", move.attrs["amount"])
        how = "bear" if degrees < 30 else "turn round to the" if degrees > 150 else "turn"
        return f"向{'左' if side == 'left' else '右'}转 {amount} 度" if chinese else f"{how} {side} by {amount} degrees"
    if chinese:
        return "".join([f"向前走 {amount} 米", *(_passed_zh(plan, p) for p in leg.passed)])
    passed = [_passed(plan, p) for p in leg.passed]
    return " ".join([f"go straight on for {amount} m", *([in_a_row(passed)] if passed else [])])


def _passed(plan: Plan, place: Place) -> str:
    if place.kind == "room":
        return f"into the {plan.names[place.room]}"
    return f"towards the {place.name}" if place.side == "ahead" else f"past the {place.name} on your {place.side}"


def _passed_zh(plan: Plan, place: Place) -> str:
    if place.kind == "room":
        return f",进入 {plan.names[place.room]}"
    side = {"left": "在左边的 ", "right": "在右边的 "}.get(place.side, "前面的 ")
    return f",经过{side}{place.name}"


def _lines(moves: Sequence[Anchor]) -> list[Json]:
    """The way as actions, one a line."""
    parts: list[Json] = []
    for start in range(0, len(moves), CITES):
        some = moves[start : start + CITES]
        stop = ["STOP"] if some[-1] is moves[-1] else []
        parts.append(said("\n".join([*(line_of(a) for a in some), *stop]), [a.id for a in some]))
    return parts


def _question(order: Order, plan: Plan, part: Part) -> str:
    start = plan.names[part.start.room] if part.start else ""
    goal = ""
    if part.goal is not None:
        goal = part.goal.name or plan.names[part.goal.room]
    if order.ask.language == "zh":
        way = f"怎样从 {start} 走到 {goal}?" if start and goal else "这一段路怎么走?"
        return f"{way}先用文字说明,再给出动作。"
    way = f"How do I get from the {start} to the {goal}?" if start and goal else "How do I walk this part of the way?"
    if order.ask.wish.get("span"):
        low, high = cast("list[float]", order.ask.wish["span"])
        inside = f" inside the {start}" if start == goal else f" from the {start} into the {goal}"
        way = f"Which way is walked from {clock(low)} to {clock(high)}{inside if start and goal else ''}?"
    if order.ask.wish.get("whole"):
        way = f"Which way was walked from the {start} to the {goal}, detours among it?"
    return f"{way} Tell me in words, then as actions."


def _thoughts(plan: Plan, part: Part, legs: Sequence[_Leg]) -> list[Json]:
    """The rooms on the way, and the detours that are left out, in order of time."""
    thoughts: list[tuple[float, dict[str, Json]]] = []
    rooms = {p.id: p for p in ([part.start] if part.start else []) if p.kind == "room"}
    rooms |= {p.id: p for leg in legs for p in leg.passed if p.kind == "room"}
    for place in rooms.values():
        text = f"{clock(place.t0)}: the {plan.names[place.room]}."
        thoughts.append((place.t0, said(text, [place.id])))
    for visit in plan.visits:
        if any(low <= visit.t0 <= high for low, high in part.without) and visit.detour:
            text = f"The {plan.names[visit.room]} from {clock(visit.t0)} to {clock(visit.t1)} is a detour; left out."
            thoughts.append((visit.told[0].t0, said(text, [visit.told[0].id])))
    if part.goal is not None and part.goal.kind == "thing":
        thoughts.append(
            (part.goal.t0, said(f"{clock(part.goal.t0)}: the {part.goal.name} is reached.", [part.goal.id]))
        )
    return [thought for _, thought in sorted(thoughts, key=lambda pair: pair[0])][:10]
