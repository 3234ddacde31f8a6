"""The experts of `interleaved_tutorial` and `action_trajectory`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from dataclaw.domains.embodied.dense import states_of, with_states
from dataclaw.domains.embodied.scene import whole_clip
from dataclaw.domains.embodied.subtasks import left_out
from dataclaw.planning import Asking, decline, said, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.embodied.evidence import ASIDE, FAILED, MOST, Found, Group, allowed, find, primary, row
from dataclaw_worlds.embodied.phrases import request

_WORTH = ("move", "touch", "reach", "lift", "release", "retreat", "miss", "drop")
"""Which steps stay when there may be only so many."""
STEPS = 12


def teach(order: ExpertBrief) -> Asking[None]:
    """Expert of `interleaved_tutorial`: the steps that lead to the goal, without the tries that failed."""
    found = yield from find(order)
    wish = order.request.meaning
    groups = [g for g in primary(found.groups) if g.act.kind not in ("wait", "hesitate")]
    chosen = _steps(groups, wish)
    chosen = [kept for g in chosen if (kept := allowed(found, g))]
    most = min(found.survey.wish.count or STEPS, STEPS)
    kept = sorted(sorted(chosen, key=lambda g: _WORTH.index(g.act.kind))[:most], key=lambda g: g.span[0])
    if not kept:
        raise decline("none of the steps asked for was measured", "Ask for other steps.")
    clip = yield from whole_clip(found.survey, [s for g in kept for s in g.segments])
    told = found.survey.instruction(kept[0].span[0])
    first = kept[0]
    lead = found.phrase("begins").format(s=found.sentence(first, "it"))
    inside = {s.id for g in kept for s in g.segments}
    dropped = {
        s.id: found.survey.wish.refuses(s.phase, *s.span) or "minor"
        for s in found.survey.segments
        if s.id not in inside
    }
    yield from submit(
        {
            "cot": [*found.goal_thought(), said(lead, first.ids, 480), *_skipped(found, kept)],
            **clip,
            "steps": [row(found, g) for g in kept],
            "output_image": [{"cite": [g.segments[-1].id], "frame": g.last} for g in kept],
            "question": said(
                _how(found, wish, len(kept)), [told.id] if told and found.told != "wrong" else [first.segments[0].id]
            ),
            "answer": [said(_request(found, k, g), g.ids) for k, g in enumerate(kept, 1)],
            "left_out": left_out(dropped),
        }
    )


def _steps(groups: Sequence[Group], wish: object) -> list[Group]:
    wanted = cast("dict[str, Json]", wish)
    failed = {g.act.attempt for g in groups if g.act.kind in FAILED}
    good = [g for g in groups if wanted.get("failed") or g.act.attempt not in failed]
    held = next((k for k, g in enumerate(good) if g.act.kind in ("lift", "move")), len(good))
    if wanted.get("part") == "before":
        return good[:held]
    if wanted.get("part") == "after":
        return good[held:]
    return good


def _skipped(found: Found, kept: Sequence[Group]) -> list[Json]:
    """The failed try that the steps leave out, where it came after the first of them."""
    groups = [g for g in found.groups if g.act.kind in FAILED and g not in kept and g.span[0] >= kept[0].span[0]]
    if not groups or any(g.act.kind in FAILED for g in kept):
        return []
    group = groups[0]
    text = found.phrase("skipped").format(s=found.sentence(group, "it"))
    return [said(text, group.ids, 480)]


def _how(found: Found, wish: Mapping[str, Json], number: int) -> str:
    key = "failed" if wish.get("failed") else str(wish.get("part", ""))
    question = found.phrase("learn", key).format(g=found.goal, t=found.thing)
    count = found.survey.wish.count
    if found.chinese:
        steps = f"分{'一二三四五六七八九'[number - 1]}步" if count and number < len(_NUMBERS) else "一步一步"
        return f"{question}请{steps}教我,每步配图。"
    steps = f"in {_NUMBERS[number]} steps" if count and 1 < number < len(_NUMBERS) else "step by step"
    return f"{question}, {steps}, with a picture of each?"


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _request(found: Found, number: int, group: Group) -> str:
    orders = [request(found.names, a.kind, chinese=found.chinese) for a in group.told if a.kind not in ASIDE]
    first, *more = dict.fromkeys(orders)
    if not found.chinese:  # the thing has been named
        more = [_lower(o).replace(f"the {found.names.thing}", "it") for o in more]
    told = (",然后" if found.chinese else " and ").join([first, *more])
    measured = found.measure(group)
    if measured:
        told = found.phrase("step").format(o=told, m=measured)
    return f"{number}. {told}。<image_recall>" if found.chinese else f"{number}. {told}. <image_recall>"


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def list_actions(order: ExpertBrief) -> Asking[None]:
    """Expert of `action_trajectory`: the acts that are asked for, or every segment of them, named by what is done."""
    found = yield from find(order)
    kept = _rows(found, order.request.meaning)
    if not kept:
        raise decline("none of what is asked for was measured", "Ask for another part.")
    singles = [s for g in kept for s in (g.segments[0], g.segments[-1])]
    states = yield from states_of(found.survey, list({s.id: s for s in singles}.values()))
    clip = yield from whole_clip(found.survey, [s for g in kept for s in g.segments])
    inside = {s.id for g in kept for s in g.segments}
    dropped = {
        s.id: found.survey.wish.refuses(s.phase, *s.span) or "minor"
        for s in found.survey.segments
        if s.id not in inside
    }
    told = found.survey.instruction(kept[0].span[0])
    segments: list[Json] = []
    for group in kept:
        made = row(found, group)
        made["cite"] = [s.id for s in group.segments]
        ends = (with_states(group.segments[0], states), with_states(group.segments[-1], states))
        made |= {key: end[key] for key, end in zip(("from_state", "to_state"), ends, strict=True) if key in end}
        segments.append(made)
    cited = [told.id] if told and found.told != "wrong" else []
    cited = list(dict.fromkeys([*cited, kept[0].segments[0].id, kept[-1].segments[-1].id]))[:2]
    lead = found.phrase("first").format(s=found.sentence(kept[0], "it"))
    yield from submit(
        {
            "cot": [*found.goal_thought(), said(lead, kept[0].ids, 480)],
            **clip,
            "segments": segments,
            "question": said(_which(found, order), cited),
            "answer": [said(_line(found, k, g), g.ids, 600) for k, g in enumerate(kept, 1)],
            "left_out": left_out(dropped),
        }
    )


def _rows(found: Found, wish: object) -> list[Group]:
    wanted = cast("dict[str, Json]", wish)
    groups = [g for g in found.groups if _wanted(found, g, wanted)]
    if wanted.get("rows") == "segments":
        groups = [replace(g, segments=(s,)) for g in groups for s in g.segments]
    groups = [part for g in groups if (kept := allowed(found, g)) for part in _chunks(kept)]
    count = found.survey.wish.count
    if count and count < len(groups):
        longest = sorted(groups, key=lambda g: g.span[0] - g.span[1])[:count]
        groups = [g for g in groups if g in longest]
    return groups


def _chunks(group: Group) -> list[Group]:
    """A group in pieces of no more segments than a row may cite."""
    return [replace(group, segments=group.segments[k : k + MOST]) for k in range(0, len(group.segments), MOST)]


def _wanted(found: Found, group: Group, wish: dict[str, Json]) -> bool:
    kind, attempt = group.act.kind, group.act.attempt
    part = wish.get("part")
    held = min((g.span[0] for g in found.groups if g.act.kind in ("lift", "move")), default=0.0)
    lost = {g.act.attempt for g in found.groups if g.act.kind in FAILED}
    tests = {
        "before": group.span[1] <= held + 1e-6,
        "after": group.span[0] >= held - 1e-6,
        "moving": kind in ("lift", "move", "drop"),
        "still": kind == "wait",
        "active": kind != "wait",
        "good": attempt not in lost,
        "failed": attempt in lost,
        "hand": kind in ("reach", "hesitate", "retreat"),
    }
    return tests[str(part)] if part else True


def _which(found: Found, order: ExpertBrief) -> str:
    listed = found.phrase("parts", str(order.request.meaning.get("part", ""))).format(t=found.names.thing)
    return found.phrase("list").format(g=found.goal, p=listed)


def _line(found: Found, number: int, group: Group) -> str:
    t0, t1 = group.span
    return found.phrase("line").format(k=number, a=f"{t0:.1f}", b=f"{t1:.1f}", s=found.sentence(group, "it"))
