"""Expert of `vln_navigation`: the requested part of the way, by rooms and things, and as actions."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.daily.intents import parse_intent
from dataclaw.domains.daily.route import line_of
from dataclaw.planning import CITES, Asking, ask, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.daily.route_thoughts import RouteThinker, question
from dataclaw_worlds.daily.route_words import RouteLeg, RouteWriter
from dataclaw_worlds.daily.walk_truth import PlaceEvent, RoutePart, WalkTruth, part_of, walk_truth_of

NEAR = 3.0
"""Things farther off than this do not help to find the way [m]."""
A_LEG = 2
"""Most things named on one leg."""


def guide(brief: ExpertBrief) -> Asking[None]:
    """Expert of `vln_navigation`."""
    truth = walk_truth_of(brief.scene)
    part = part_of(truth, brief.request.meaning)
    if part is None:
        raise decline("the walk does not lead there", "Ask for a way between rooms that were entered.")
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
    pictures = yield from _pictures(brief, moves)
    low, high = parse_intent(brief.brief.intent, brief.brief.window).span
    told = [p for p in truth.places if p.id in seen and low <= (p.t0 + p.t1) / 2 <= high]
    legs = _legs(truth, part, moves, told)
    yield from submit(_draft(brief, truth, part, legs, told, pictures))


def _pictures(brief: ExpertBrief, moves: Sequence[Anchor]) -> Asking[list[Anchor]]:
    """Pictures at the start and the end of the way; [] where no pictures are wanted."""
    if not brief.brief.frames or not brief.request.meaning.get("pictures", True):
        return []
    t0, t1 = moves[0].t0, moves[-1].t1
    seen = yield from ask("sample_frames", count=3, t0=t0, t1=t1)
    inside = [a for a in seen.anchors if t0 <= a.t0 <= t1] if seen.ok else []
    return [inside[0], inside[-1]] if len(inside) > 1 else []


def _legs(truth: WalkTruth, part: RoutePart, moves: Sequence[Anchor], places: Sequence[PlaceEvent]) -> list[RouteLeg]:
    """The moves with the rooms entered and the things passed on them, without detours."""
    first = part.start.room if part.start else next((v.room for v in truth.visits if v.t1 > moves[0].t0), -1)
    entered = first
    legs: list[RouteLeg] = []
    for move in moves:
        passed: list[PlaceEvent] = []
        inside = [p for p in places if p.right and move.t0 <= p.t0 < move.t1 and not _cut(p, part)]
        near = sorted((p for p in inside if p.kind == "thing" and p.metres <= NEAR), key=lambda p: p.metres)[:A_LEG]
        for place in inside if move.attrs["unit"] == "m" else ():
            if place.kind == "room" and place.room != entered:
                entered = place.room
                passed.append(place)
            elif place in near and not any(place.name == p.name for leg in legs for p in leg.passed):
                passed.append(place)
        legs.append(RouteLeg(move, tuple({p.name or p.id: p for p in passed}.values())))
    goal = part.goal
    if goal in places and goal is not None and goal.t0 > moves[0].t0 and not any(goal.id in leg.ids for leg in legs):
        legs[-1] = RouteLeg(legs[-1].move, (*legs[-1].passed[: CITES - 2], goal))
    return legs


def _cut(place: PlaceEvent, part: RoutePart) -> bool:
    return any(low <= place.t0 <= high for low, high in part.without)


def _draft(
    brief: ExpertBrief,
    truth: WalkTruth,
    part: RoutePart,
    legs: Sequence[RouteLeg],
    told: Sequence[PlaceEvent],
    pictures: Sequence[Anchor],
) -> dict[str, Json]:
    moves = [leg.move for leg in legs]
    rng = brief.scene.spec.rng(f"told/{brief.request.intent}")
    teller = RouteWriter(truth, brief.request.language == "zh", rng)
    actions: list[Json] = [
        {"cite": [m.id], "action": m.attrs["action"], "amount": m.attrs["amount"], "unit": m.attrs["unit"]}
        for m in moves
    ]
    actions.append({"cite": [moves[-1].id], "action": "STOP", "amount": 0, "unit": ""})
    thinker = RouteThinker(truth, part, brief.request, rng)
    draft: dict[str, Json] = {"cot": thinker.thoughts(legs, told)}
    if pictures:
        start, end = pictures
        draft["input_video"] = {"cite": [start.id, end.id], "start": start.frame, "end": end.frame}
        draft["input_image"] = [{"cite": [start.id], "frame": start.frame}]
    draft["actions"] = actions
    if pictures:
        draft["output_image"] = [{"cite": [pictures[1].id], "frame": pictures[1].frame}]
    ends = [p.id for p in (part.start, part.goal) if p] or [moves[0].id, moves[-1].id]
    draft["question"] = statement(question(brief.request, truth, part, rng), list(dict.fromkeys(ends)))
    draft["answer"] = [*teller.words(legs, shown=bool(pictures)), *_lines(moves)]
    draft["left_out"] = []
    return draft


def _lines(moves: Sequence[Anchor]) -> list[Json]:
    """The way as actions, one a line."""
    parts: list[Json] = []
    for start in range(0, len(moves), CITES):
        some = moves[start : start + CITES]
        stop = ["STOP"] if some[-1] is moves[-1] else []
        parts.append(statement("\n".join([*(line_of(a) for a in some), *stop]), [a.id for a in some]))
    return parts
