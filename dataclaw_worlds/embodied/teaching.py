"""The experts of `interleaved_tutorial` and `action_trajectory`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from dataclaw.domains.embodied.dense import states_of, with_states
from dataclaw.domains.embodied.episode import whole_clip
from dataclaw.domains.embodied.subtasks import left_out
from dataclaw.planning import Asking, decline, statement, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.embodied.evidence import (
    ASIDE,
    FAILED,
    MOST,
    ActGroup,
    Findings,
    allowed_part,
    find_evidence,
    primary_groups,
    subtask_row,
)
from dataclaw_worlds.embodied.phrases import request
from dataclaw_worlds.words import lower_first

_WORTH = ("move", "touch", "reach", "lift", "release", "retreat", "miss", "drop")
"""Which steps stay first when their number is limited."""
STEPS = 12


def teach(brief: ExpertBrief) -> Asking[None]:
    """Expert of `interleaved_tutorial`: the steps that lead to the goal, without the tries that failed."""
    findings = yield from find_evidence(brief)
    meaning = brief.request.meaning
    groups = [g for g in primary_groups(findings.groups) if g.act.kind not in ASIDE]
    chosen = _steps(groups, meaning)
    chosen = [kept for g in chosen if (kept := allowed_part(findings, g))]
    most = min(findings.survey.intent.count or STEPS, STEPS)
    kept = sorted(sorted(chosen, key=lambda g: _WORTH.index(g.act.kind))[:most], key=lambda g: g.span[0])
    if not kept:
        raise decline("the episode has no segments for the requested steps", "Ask for other steps.")
    clip = yield from whole_clip(findings.survey, [s for g in kept for s in g.segments])
    instruction = findings.survey.instruction(kept[0].span[0])
    first = kept[0]
    yield from submit(
        {
            "cot": [
                *findings.goal_thought(),
                findings.thought_about("begins", first),
                *_skipped_thought(findings, kept),
            ],
            **clip,
            "steps": [subtask_row(findings, g) for g in kept],
            "output_image": [{"cite": [g.segments[-1].id], "frame": g.last} for g in kept],
            "question": statement(
                _how(findings, meaning, len(kept)),
                [instruction.id] if instruction and findings.instruction != "wrong" else [first.segments[0].id],
            ),
            "answer": [statement(_request(findings, k, g), g.ids) for k, g in enumerate(kept, 1)],
            "left_out": left_out(findings.outside(kept, "minor")),
        }
    )


def _steps(groups: Sequence[ActGroup], meaning: object) -> list[ActGroup]:
    wanted = cast("dict[str, Json]", meaning)
    failed = {g.act.attempt for g in groups if g.act.kind in FAILED}
    good = [g for g in groups if wanted.get("failed") or g.act.attempt not in failed]
    held = next((k for k, g in enumerate(good) if g.act.kind in ("lift", "move")), len(good))
    if wanted.get("part") == "before":
        return good[:held]
    if wanted.get("part") == "after":
        return good[held:]
    return good


def _skipped_thought(findings: Findings, kept: Sequence[ActGroup]) -> list[Json]:
    """A thought about the failed try that the steps leave out, where it came after the first step."""
    groups = [g for g in findings.groups if g.act.kind in FAILED and g not in kept and g.span[0] >= kept[0].span[0]]
    if not groups or any(g.act.kind in FAILED for g in kept):
        return []
    return [findings.thought_about("skipped", groups[0])]


def _how(findings: Findings, meaning: Mapping[str, Json], number: int) -> str:
    key = "failed" if meaning.get("failed") else str(meaning.get("part", ""))
    question = findings.phrase("learn", key).format(g=findings.goal, t=findings.thing)
    count = findings.survey.intent.count
    if findings.chinese:
        steps = f"分{'一二三四五六七八九'[number - 1]}步" if count and number < len(_NUMBERS) else "一步一步"
        return f"{question}请{steps}教我,每步配图。"
    steps = f"in {_NUMBERS[number]} steps" if count and 1 < number < len(_NUMBERS) else "step by step"
    return f"{question}, {steps}, with a picture of each?"


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _request(findings: Findings, number: int, group: ActGroup) -> str:
    orders = [request(findings.names, a.kind, chinese=findings.chinese) for a in group.acts if a.kind not in ASIDE]
    first, *more = dict.fromkeys(orders)
    if not findings.chinese:  # the thing has been named
        more = [lower_first(o).replace(f"the {findings.names.thing}", "it") for o in more]
    text = (",然后" if findings.chinese else " and ").join([first, *more])
    measured = findings.measure(group)
    if measured:
        text = findings.phrase("step").format(o=text, m=measured)
    return f"{number}. {text}。<image_recall>" if findings.chinese else f"{number}. {text}. <image_recall>"


def list_actions(brief: ExpertBrief) -> Asking[None]:
    """Expert of `action_trajectory`: the requested acts or each of their segments, named by what is done."""
    findings = yield from find_evidence(brief)
    kept = _rows(findings, brief.request.meaning)
    if not kept:
        raise decline("the episode has no segments for the requested part", "Ask for another part.")
    singles = [s for g in kept for s in (g.segments[0], g.segments[-1])]
    states = yield from states_of(findings.survey, list({s.id: s for s in singles}.values()))
    clip = yield from whole_clip(findings.survey, [s for g in kept for s in g.segments])
    instruction = findings.survey.instruction(kept[0].span[0])
    segments: list[Json] = []
    for group in kept:
        made = subtask_row(findings, group)
        made["cite"] = [s.id for s in group.segments]
        ends = (with_states(group.segments[0], states), with_states(group.segments[-1], states))
        made |= {key: end[key] for key, end in zip(("from_state", "to_state"), ends, strict=True) if key in end}
        segments.append(made)
    cited = [instruction.id] if instruction and findings.instruction != "wrong" else []
    cited = list(dict.fromkeys([*cited, kept[0].segments[0].id, kept[-1].segments[-1].id]))[:2]
    yield from submit(
        {
            "cot": [*findings.goal_thought(), findings.thought_about("first", kept[0])],
            **clip,
            "segments": segments,
            "question": statement(_which(findings, brief), cited),
            "answer": [statement(_line(findings, k, g), g.ids, 600) for k, g in enumerate(kept, 1)],
            "left_out": left_out(findings.outside(kept, "minor")),
        }
    )


def _rows(findings: Findings, meaning: object) -> list[ActGroup]:
    wanted = cast("dict[str, Json]", meaning)
    groups = [g for g in findings.groups if _is_wanted(findings, g, wanted)]
    if wanted.get("rows") == "segments":
        groups = [replace(g, segments=(s,)) for g in groups for s in g.segments]
    groups = [part for g in groups if (kept := allowed_part(findings, g)) for part in _chunks(kept)]
    count = findings.survey.intent.count
    if count and count < len(groups):
        longest = sorted(groups, key=lambda g: g.span[0] - g.span[1])[:count]
        groups = [g for g in groups if g in longest]
    return groups


def _chunks(group: ActGroup) -> list[ActGroup]:
    """A group in pieces, each of at most as many segments as a row may cite."""
    return [replace(group, segments=group.segments[k : k + MOST]) for k in range(0, len(group.segments), MOST)]


def _is_wanted(findings: Findings, group: ActGroup, meaning: dict[str, Json]) -> bool:
    kind, attempt = group.act.kind, group.act.attempt
    part = meaning.get("part")
    held = min((g.span[0] for g in findings.groups if g.act.kind in ("lift", "move")), default=0.0)
    lost = {g.act.attempt for g in findings.groups if g.act.kind in FAILED}
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


def _which(findings: Findings, brief: ExpertBrief) -> str:
    listed = findings.phrase("parts", str(brief.request.meaning.get("part", ""))).format(t=findings.names.thing)
    return findings.phrase("list").format(g=findings.goal, p=listed)


def _line(findings: Findings, number: int, group: ActGroup) -> str:
    t0, t1 = group.span
    return findings.phrase("line").format(k=number, a=f"{t0:.1f}", b=f"{t1:.1f}", s=findings.sentence(group, "it"))
