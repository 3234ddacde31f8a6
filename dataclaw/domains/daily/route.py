"""`vln_navigation`: the way that a camera, a robot or a person went, as actions to execute and as plain words.

The actions come from poses alone (`trace_route`): pixels give no metres and degrees without a lens or a scale, so the
plan declines a video and says what its camera does. A turn is one of the way, not of the view. What messages report on
the way is told where it is known to be a room that is entered or a thing that is passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from dataclaw.domains.daily.intents import ActivityIntent, parse_intent
from dataclaw.domains.daily.questions import quote
from dataclaw.domains.daily.recording import (
    FROM_EVENTS,
    NARRATING,
    PAGES,
    CitedNarration,
    ToldOfDay,
    clock,
    frames_inside,
    left_out_entries,
)
from dataclaw.domains.daily.route_rules import names_side
from dataclaw.planning import CITES, Asking, ask, decline, join_words, keep, option, pages, statement, submit
from dataclaw.types import Anchor, Brief, Json, Span

MARGIN = 0.5
"""A detour is cut this long before it is reported and after [s]: still before the door."""
LASTING = 1.0
"""A report that lasts so long has an end worth cutting the way at [s]."""
SAME = 0.1
"""A report so close to an end of the way says where that is [s]."""
FACTS = 8
"""Most facts of the reasoning."""


@dataclass(frozen=True, slots=True)
class RouteLeg:
    """A move of the way, and what is reported on it."""

    move: Anchor
    passed: tuple[CitedNarration, ...] = ()

    @property
    def ids(self) -> list[str]:
        """What proves it."""
        return [self.move.id, *(one.id for one in self.passed)]


@dataclass(frozen=True, slots=True)
class RouteStretch:
    """The part of the way that is told.

    Attributes:
        moves: its moves.
        dropped: ids of the moves that are not part of it.
        detours: `(from, to)` [s] that are left out of it.
    """

    moves: Sequence[Anchor]
    dropped: Sequence[str]
    detours: Sequence[Span] = ()

    @property
    def span(self) -> Span:
        """From its first move to its last [s]."""
        return self.moves[0].t0, self.moves[-1].t1

    def holds(self, t: float) -> bool:
        """Whether a time [s] lies on it."""
        inside = self.span[0] - SAME <= t <= self.span[1] + SAME
        return inside and not any(low <= t <= high for low, high in self.detours)


def guide(brief: Brief, told: ToldOfDay = FROM_EVENTS) -> Asking[None]:
    """Plan of `vln_navigation`."""
    _ = yield from ask("overview")
    intent = parse_intent(brief.intent, brief.window)
    if brief.kind != "trajectory":
        raise (yield from _without_poses(brief, intent))
    events = yield from pages("list_events", PAGES)
    reports = told.narrate([anchor for anchor in events if str(anchor.attrs.get("verb")) in NARRATING])
    stretch = yield from _choose_stretch(brief.window, reports, intent)
    asked = [one for one in reports if intent.span[0] <= (one.t0 + one.t1) / 2 <= intent.span[1]]
    legs = yield from _choose_landmarks(stretch, asked)
    start, end = (yield from _pictures(stretch.moves)) if brief.frames and intent.pictures else (None, None)
    yield from submit(_draft(legs, stretch, reports, intent, start, end))


def _choose_stretch(window: Span, reports: Sequence[CitedNarration], intent: ActivityIntent) -> Asking[RouteStretch]:
    """The part of the way that is told: choice point `daily.route`, over its segments.

    A segment goes from report to report, and what lies between those that are kept is a detour. Where nothing is
    reported it is a move, and the way goes from the first to the last that are kept.

    Raises:
        PolicyError: nobody walks there.
    """
    low, high = intent.span
    moves = [] if reports else (yield from _trace({}))
    segments = _segments(window, moves, reports, intent.span)
    refused = {name: "not_asked" for name, (t0, t1), _ in segments if not low <= (t0 + t1) / 2 <= high}
    options = [option(name, content, t0=t0, t1=t1) for name, (t0, t1), content in segments]
    refused, by = yield from keep("daily.route", options, refused, "not_asked")
    kept = [span for name, span, _ in segments if name not in refused]
    if by != "rules" and not kept:
        raise decline("nothing of the way is asked for", "Ask for more of it.")
    if by == "rules" or not reports or len(kept) == len(segments):
        moves = moves or (yield from _trace({}))
        low, high = (low, high) if by == "rules" else (kept[0][0], kept[-1][1])
        own = _from_a_walk([a for a in moves if low <= (a.t0 + a.t1) / 2 <= high])
        if not own:
            raise decline("nobody walks in the span asked for", f"Ask for a span before {moves[-1].t1:.0f} s.")
        return RouteStretch(own, [a.id for a in moves if a not in own])
    gaps = [(round(a[1] - MARGIN, 2), round(b[0] + MARGIN, 2)) for a, b in pairwise(kept) if b[0] > a[1]]
    args: dict[str, Json] = {"t0": kept[0][0]} if kept[0] != segments[0][1] else {}
    args |= {"t1": kept[-1][1]} if kept[-1] != segments[-1][1] else {}
    args |= {"without": [list(gap) for gap in gaps]} if gaps else {}
    return RouteStretch(_from_a_walk((yield from _trace(args))), [], gaps)


def _trace(args: dict[str, Json]) -> Asking[list[Anchor]]:
    """The moves of a way.

    Raises:
        PolicyError: it is none.
    """
    seen = yield from ask("trace_route", **args)
    if not seen.ok:
        raise decline(seen.note.removesuffix("."), "Give the poses of a camera or a robot that goes somewhere.")
    return list(seen.anchors)


def _from_a_walk(moves: Sequence[Anchor]) -> Sequence[Anchor]:
    """The moves from the first walk on: who stands where a way begins faces along it."""
    return moves[1:] if moves and moves[0].attrs["unit"] == "deg" else moves


def _segments(
    window: Span, moves: Sequence[Anchor], reports: Sequence[CitedNarration], span: Span
) -> list[tuple[str, Span, str]]:
    """Names, spans [s] and contents of the segments that a way is chosen from; they touch and cover all of it."""
    if not reports:
        return [(f"s{k}", (move.t0, move.t1), move.content) for k, move in enumerate(moves, 1)]
    times = [one.t0 for one in reports] + [one.t1 for one in reports if one.t1 - one.t0 >= LASTING]
    edges = sorted({*window, *(t for t in (*times, *span) if window[0] < t < window[1])})
    return [(f"s{k}", ends, _told_in(ends, reports)) for k, ends in enumerate(pairwise(edges), 1)]


def _told_in(ends: Span, reports: Sequence[CitedNarration]) -> str:
    """What is reported between two times [s]."""
    return "; ".join(one.text for one in reports if one.t0 < ends[1] and (one.t1 > ends[0] or one.t0 >= ends[0]))


def _choose_landmarks(stretch: RouteStretch, reports: Sequence[CitedNarration]) -> Asking[list[RouteLeg]]:
    """The moves with what is told on them: choice point `daily.landmarks`, over what is reported on the stretch."""
    near = [one for one in reports if stretch.holds(one.t0) and one.t0 > stretch.span[0]]
    near = [one for one in near if one.place or not names_side(one.text)]  # whose side it is would not be known
    refused = {one.id: "unclear" for one in near if one.place is None or not one.relevant}
    if near:
        refused, _ = yield from keep("daily.landmarks", [one.anchor for one in near], refused, "unclear")
    told = [one for one in near if one.id not in refused]
    walks = [move for move in stretch.moves if move.attrs["unit"] == "m"]
    at = {one.id: max((m for m in walks if m.t0 <= one.t0), key=lambda m: m.t0, default=walks[0]).id for one in told}
    return [
        RouteLeg(move, tuple(one for one in told if at[one.id] == move.id)[: CITES - 1])  # what one sentence may cite
        for move in stretch.moves
    ]


def _without_poses(brief: Brief, intent: ActivityIntent) -> Asking[Exception]:
    """The error for a recording without poses."""
    remedy = "Give the poses of the camera (a TUM file, an odometry bag), or ask for temporal_qa."
    if not brief.frames:
        return decline("it has neither poses nor pictures, so nothing says where anybody went", remedy)
    low, high = max(intent.span[0], brief.window[0]), min(intent.span[1], brief.window[1])
    seen = yield from ask("track_motion", t0=low, t1=high)
    kinds = list(dict.fromkeys(str(a.attrs.get("camera")) for a in seen.anchors if a.kind == "motion"))
    if not seen.ok or kinds in ([], ["static"]):
        return decline("the camera stands still, so there is no way to describe", remedy)
    moving = ", ".join(kind for kind in kinds if kind != "static")
    return decline(
        f"the camera moves ({moving}), but pixels without poses give no metres and no degrees to walk", remedy
    )


def _pictures(moves: Sequence[Anchor]) -> Asking[tuple[Anchor | None, Anchor | None]]:
    """Frames where the way starts and where it ends."""
    inside = yield from frames_inside(moves[0].t0, moves[-1].t1)
    return (inside[0], inside[-1]) if len(inside) > 1 else (None, None)


def _draft(
    legs: Sequence[RouteLeg],
    stretch: RouteStretch,
    reports: Sequence[CitedNarration],
    intent: ActivityIntent,
    start: Anchor | None,
    end: Anchor | None,
) -> dict[str, Json]:
    moves, last = stretch.moves, stretch.moves[-1]
    actions: list[Json] = [
        {"cite": [a.id], "action": a.attrs["action"], "amount": a.attrs["amount"], "unit": a.attrs["unit"]}
        for a in moves
    ]
    actions.append({"cite": [last.id], "action": "STOP", "amount": 0, "unit": ""})
    facts = [(leg.move.t0, statement(leg_fact(leg, intent.chinese), leg.ids)) for leg in legs]
    thoughts = sorted([*_detours(stretch, reports, intent.chinese), *facts][:FACTS], key=lambda fact: fact[0])
    draft: dict[str, Json] = {"cot": [thought for _, thought in thoughts]}
    if start is not None and end is not None:
        draft["input_video"] = {"cite": [start.id, end.id], "start": start.frame, "end": end.frame}
        draft["input_image"] = [{"cite": [start.id], "frame": start.frame}]
    draft["actions"] = actions
    if end is not None:
        draft["output_image"] = [{"cite": [end.id], "frame": end.frame}]
    first, final = (_place_at(t, reports) for t in stretch.span)
    cites = [one.id for one in (first, final) if one] or [moves[0].id, last.id]
    draft["question"] = statement(_question(first, final, intent.chinese), cites)
    draft["answer"] = [*_words(legs, intent.chinese, shown=end is not None), *_lines(moves)]
    draft["left_out"] = left_out_entries(dict.fromkeys(stretch.dropped, "not_asked"))
    return draft


def _detours(
    stretch: RouteStretch, reports: Sequence[CitedNarration], chinese: bool
) -> Iterator[tuple[float, dict[str, Json]]]:
    """Thoughts about what is left out of the way."""
    for low, high in stretch.detours:
        told = next((one for one in reports if low < one.t0 < high and one.relevant), None)
        if told is not None:
            a, b = clock(low), clock(high)
            text = f"{a} 到 {b} 是弯路,不算在内。" if chinese else f"What lies from {a} to {b} is a detour: left out."
            yield told.t0, statement(text, [told.id])


def _place_at(t: float, reports: Sequence[CitedNarration]) -> CitedNarration | None:
    """The room or the thing where an end of the way is, None where that is not known."""
    known = [one for one in reports if one.place and one.relevant]
    sharp = sorted((one for one in known if abs(one.t0 - t) <= SAME), key=lambda one: not _is_room(one))
    rooms = [one for one in known if _is_room(one) and one.t0 <= t]
    return sharp[0] if sharp else rooms[-1] if rooms else None


def _is_room(one: CitedNarration) -> bool:
    return one.place is not None and one.place.is_room


def _in_cites(legs: Sequence[RouteLeg]) -> list[list[RouteLeg]]:
    """The legs in groups that one part of the answer can cite."""
    groups: list[list[RouteLeg]] = [[]]
    for leg in legs:
        if groups[-1] and sum(len(one.ids) for one in (*groups[-1], leg)) > CITES:
            groups.append([])
        groups[-1].append(leg)
    return groups


def _words(legs: Sequence[RouteLeg], chinese: bool, *, shown: bool) -> list[Json]:
    """The way in plain words, a sentence for each few moves."""
    parts: list[Json] = []
    for group in _in_cites(legs):
        last = group[-1] is legs[-1]
        text = in_words(group, chinese, first=group[0] is legs[0], last=last)
        parts.append(
            statement(f"{text} <image_recall>" if shown and last else text, [n for leg in group for n in leg.ids])
        )
    return parts


def _lines(moves: Sequence[Anchor]) -> list[Json]:
    """The way as actions, one a line."""
    groups = [moves[k : k + CITES] for k in range(0, len(moves), CITES)]
    stops = [["STOP"] if group[-1] is moves[-1] else [] for group in groups]
    return [
        statement("\n".join([*map(line_of, group), *stop]), [a.id for a in group])
        for group, stop in zip(groups, stops, strict=True)
    ]


def leg_fact(leg: RouteLeg, chinese: bool = False) -> str:
    """A move as a fact: when, what, and what is passed."""
    if chinese:
        return f"{clock(leg.move.t0)}: {_phrase(leg, chinese)}。"
    if leg.move.attrs["action"] == "FORWARD":
        return f"From {clock(leg.move.t0)} it {leg.move.content}{_passing(leg, chinese)}."
    return f"At {clock(leg.move.t0)} {leg.move.content}."


def line_of(move: Anchor) -> str:
    """A move as it is executed: FORWARD 1.25 m."""
    amount = f"{move.attrs['amount']:g}" if move.attrs["unit"] == "deg" else f"{move.attrs['amount']:.2f}"
    return f"{move.attrs['action']} {amount} {move.attrs['unit']}"


def _question(start: CitedNarration | None, end: CitedNarration | None, chinese: bool) -> str:
    """What somebody asks who stands where the way begins."""
    names = [one.place.name if one and one.place else "" for one in (start, end)]
    known = all(names) and names[0] != names[1]
    if chinese:
        where = f"你在 {names[0]}。怎样走到 {names[1]}?" if known else "你站在起点,面向路线的第一段。怎样走到终点?"
        return f"{where}给出动作:FORWARD 米、TURN_LEFT 度、TURN_RIGHT 度、STOP。"
    stand = f"You are {'in' if _is_room(start) else 'at'} the {names[0]}" if known and start else ""
    where = f"{stand} and face the way to go. How do you get to the {names[1]}?"
    where = (
        where
        if known
        else "You stand where the way begins and face along its first stretch. How do you get to its end?"
    )
    return (
        f"{where} Answer in plain words, then as actions: FORWARD metres, TURN_LEFT degrees, TURN_RIGHT degrees, STOP."
    )


def in_words(legs: Sequence[RouteLeg], chinese: bool = False, *, first: bool = True, last: bool = True) -> str:
    """A stretch of the way for a person: what to do, one after the other."""
    phrases = [_phrase(leg, chinese) for leg in legs]
    if chinese:
        return f"{'' if first else '然后'}{','.join(phrases)}{',然后停下' if last else ''}。"
    text = ", ".join(phrases if first else ["then " + phrases[0], *phrases[1:]])
    return f"{text[:1].upper()}{text[1:]}{', then stop' if last else ''}."


def _phrase(leg: RouteLeg, chinese: bool) -> str:
    action, amount = str(leg.move.attrs["action"]), leg.move.attrs["amount"]
    if action == "FORWARD":
        ahead = f"向前走 {amount:.2f} 米" if chinese else f"go straight on for {amount:.2f} m"
        return f"{ahead}{_passing(leg, chinese)}"
    left = action == "TURN_LEFT"
    if chinese:
        return f"向{'左' if left else '右'}转 {amount} 度"
    how = "bear" if amount < 30 else "turn round to the" if amount > 150 else "turn sharply" if amount > 120 else "turn"
    return f"{how} {'left' if left else 'right'} by {amount} degrees"


def _passing(leg: RouteLeg, chinese: bool) -> str:
    """What is entered and passed on a leg, "" for nothing; neighbours on one side together."""
    found: list[str] = []
    for side, group in groupby(leg.passed, key=lambda one: one.place.side if one.place else None):
        names = [one.place.name if one.place else quote(one) for one in group]
        if chinese:
            where = {"left": "经过在左边的", "right": "经过在右边的", "ahead": "朝着前面的", "": "进入"}
            found.append(
                f"{where.get(side or '', '经过')} {'、'.join(names)}" if side is not None else f"经过{'、'.join(names)}"
            )
            continue
        listed = join_words([name if side is None else f"the {name}" for name in names])
        rooms = [f"into the {name}" for name in names]
        found += rooms if side == "" else [_past(listed, side)]
    return (("," if chinese else " ") + (",".join(found) if chinese else join_words(found))) if found else ""


def _past(names: str, side: str | None) -> str:
    if side is None:
        return f"where {names} is reported"
    return f"towards {names}" if side == "ahead" else f"past {names} on your {side}"
