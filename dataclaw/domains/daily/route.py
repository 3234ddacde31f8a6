"""`vln_navigation`: the way that a camera, a robot or a person went, as actions to execute and as plain words.

The actions come from poses alone (`trace_route`): pixels give no metres and degrees without a lens or a scale, so the
plan declines a video and says what its camera does. A turn is one of the way, not of the view.
"""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.daily.intents import ActivityIntent, parse_intent
from dataclaw.domains.daily.recording import clock, frames_inside, left_out_entries
from dataclaw.planning import CITES, Asking, ask, decline, statement, submit
from dataclaw.types import Anchor, Brief, Json


def guide(brief: Brief) -> Asking[None]:
    """Plan of `vln_navigation`."""
    _ = yield from ask("overview")
    intent = parse_intent(brief.intent, brief.window)
    if brief.kind != "trajectory":
        raise (yield from _without_poses(brief, intent))
    seen = yield from ask("trace_route")
    if not seen.ok:
        raise decline(seen.note.removesuffix("."), "Give the poses of a camera or a robot that goes somewhere.")
    moves = [a for a in seen.anchors if intent.span[0] <= (a.t0 + a.t1) / 2 <= intent.span[1]]
    moves = moves[1:] if moves and moves[0].attrs["unit"] == "deg" else moves
    if not moves:
        raise decline("nobody walks in the span asked for", f"Ask for a span before {seen.anchors[-1].t1:.0f} s.")
    dropped = [a.id for a in seen.anchors if a not in moves]
    start, end = (yield from _pictures(moves)) if brief.frames and intent.pictures else (None, None)
    yield from submit(_draft(moves, dropped, intent, start, end))


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
    moves: Sequence[Anchor], dropped: Sequence[str], intent: ActivityIntent, start: Anchor | None, end: Anchor | None
) -> dict[str, Json]:
    last = moves[-1]
    actions: list[Json] = [
        {"cite": [a.id], "action": a.attrs["action"], "amount": a.attrs["amount"], "unit": a.attrs["unit"]}
        for a in moves
    ]
    actions.append({"cite": [last.id], "action": "STOP", "amount": 0, "unit": ""})
    draft: dict[str, Json] = {"cot": [statement(move_fact(a, intent.chinese), [a.id]) for a in moves[:8]]}
    if start is not None and end is not None:
        draft["input_video"] = {"cite": [start.id, end.id], "start": start.frame, "end": end.frame}
        draft["input_image"] = [{"cite": [start.id], "frame": start.frame}]
    draft["actions"] = actions
    if end is not None:
        draft["output_image"] = [{"cite": [end.id], "frame": end.frame}]
    draft["question"] = statement(_question(intent), [moves[0].id, last.id])
    draft["answer"] = [*_words(moves, intent.chinese, shown=end is not None), *_lines(moves)]
    draft["left_out"] = left_out_entries({"not_asked": dropped})
    return draft


def _by_cites(moves: Sequence[Anchor]) -> list[Sequence[Anchor]]:
    """The moves in groups that one part of the answer can cite."""
    return [moves[k : k + CITES] for k in range(0, len(moves), CITES)]


def _words(moves: Sequence[Anchor], chinese: bool, *, shown: bool) -> list[Json]:
    """The way in plain words, a sentence for each few moves."""
    parts: list[Json] = []
    for stretch in _by_cites(moves):
        last = stretch[-1] is moves[-1]
        text = in_words(stretch, chinese, first=stretch[0] is moves[0], last=last)
        parts.append(statement(f"{text} <image_recall>" if shown and last else text, [a.id for a in stretch]))
    return parts


def _lines(moves: Sequence[Anchor]) -> list[Json]:
    """The way as actions, one a line."""
    groups = [(stretch, ["STOP"] if stretch[-1] is moves[-1] else []) for stretch in _by_cites(moves)]
    return [statement("\n".join([*map(line_of, group), *stop]), [a.id for a in group]) for group, stop in groups]


def move_fact(move: Anchor, chinese: bool = False) -> str:
    """A move as a fact: when, and what."""
    if chinese:
        return f"{clock(move.t0)}: {_phrase(move, chinese)}。"
    if move.attrs["action"] == "FORWARD":
        return f"From {clock(move.t0)} it {move.content}."
    return f"At {clock(move.t0)} {move.content}."


def line_of(move: Anchor) -> str:
    """A move as it is executed: FORWARD 1.25 m."""
    amount = f"{move.attrs['amount']:g}" if move.attrs["unit"] == "deg" else f"{move.attrs['amount']:.2f}"
    return f"{move.attrs['action']} {amount} {move.attrs['unit']}"


def _question(intent: ActivityIntent) -> str:
    if intent.chinese:
        return "你站在起点,面向路线的第一段。怎样走到终点?给出动作:FORWARD 米、TURN_LEFT 度、TURN_RIGHT 度、STOP。"
    return (
        "You stand where the way begins and face along its first stretch. How do you get to its end? "
        "Answer in plain words, then as actions: FORWARD metres, TURN_LEFT degrees, TURN_RIGHT degrees, STOP."
    )


def in_words(moves: Sequence[Anchor], chinese: bool = False, *, first: bool = True, last: bool = True) -> str:
    """A stretch of the way for a person: what to do, one after the other."""
    phrases = [_phrase(move, chinese) for move in moves]
    if chinese:
        return f"{'' if first else '然后'}{','.join(phrases)}{',然后停下' if last else ''}。"
    text = ", ".join(phrases if first else ["then " + phrases[0], *phrases[1:]])
    return f"{text[:1].upper()}{text[1:]}{', then stop' if last else ''}."


def _phrase(move: Anchor, chinese: bool) -> str:
    action, amount = str(move.attrs["action"]), move.attrs["amount"]
    if action == "FORWARD":
        return f"向前走 {amount:.2f} 米" if chinese else f"go straight on for {amount:.2f} m"
    left = action == "TURN_LEFT"
    if chinese:
        return f"向{'左' if left else '右'}转 {amount} 度"
    how = "bear" if amount < 30 else "turn round to the" if amount > 150 else "turn sharply" if amount > 120 else "turn"
    return f"{how} {'left' if left else 'right'} by {amount} degrees"
