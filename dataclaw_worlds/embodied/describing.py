"""The experts of `describe_subtask` and `predict_next_primary_subtask`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dataclaw.domains.embodied.episode import Segment
from dataclaw.domains.embodied.subtasks import left_out
from dataclaw.planning import Asking, decline, statement, submit
from dataclaw.types import Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.embodied.acts import EpisodeAct
from dataclaw_worlds.embodied.evidence import ActGroup, Findings, find_evidence, primary_groups, subtask_row
from dataclaw_worlds.embodied.phrases import question

KEYFRAMES = 20
MOST_OBSERVED = 12


def describe(brief: ExpertBrief) -> Asking[None]:
    """Expert of `describe_subtask`: name the act that is meant and what was measured of it."""
    findings = yield from find_evidence(brief)
    group = group_for(findings, brief.request.meaning)
    before = [g for g in findings.groups if g.span[1] <= group.span[0] + 1e-6][-1:]
    cot = [*findings.goal_thought(), *(findings.thought_about("before", g) for g in before), *_proof(findings, group)]
    start, end = group.segments[0].first or 0, group.last
    draft: dict[str, Json] = {"cot": cot}
    if start < end:
        draft["input_video"] = {"cite": _ends(group), "start": start, "end": end}
    else:
        draft["input_image"] = [{"cite": _ends(group), "frame": start}]
    draft["subtask"] = subtask_row(findings, group)
    ask = question(findings.names, group.key, findings.when(group), chinese=findings.chinese)
    draft["question"] = statement(ask, _ends(group))
    draft["answer"] = statement(findings.sentence(group, "The arm"), group.ids)
    draft["left_out"] = left_out(findings.outside([group]))
    yield from submit(draft)


def group_for(findings: Findings, meaning: object) -> ActGroup:
    """The group that a request means: by act, by moment, or the main one that its words allow.

    Raises:
        PolicyError: no measured segment shows it.
    """
    wanted = cast("dict[str, Json]", meaning)
    allowed = [g for g in findings.groups if not any(findings.refusal(s) for s in g.segments)]
    if "at" in wanted:
        at = float(wanted["at"])
        fitting = [g for g in findings.groups if g.span[0] - 1e-6 <= at <= g.span[1] + 1e-6]
    elif "act" in wanted:
        fitting = [g for g in findings.groups if g.act.first == wanted["act"]]
        fitting = fitting or [g for g in findings.groups if any(a.first == wanted["act"] for a in g.acts)]
    else:
        order = ("move", "touch", "lift", "reach", "release", "retreat", "miss", "drop", "hesitate", "wait")
        fitting = sorted(allowed, key=lambda g: (order.index(g.act.kind), -g.act.attempt))
    if not fitting:
        raise decline("no measured segment shows what is asked for", "Ask for another part.")
    return fitting[0]


def _proof(findings: Findings, group: ActGroup) -> list[Json]:
    """Thoughts that prove an act: a row in which the hand touches the thing, and what was measured."""
    state = findings.touching(*group.span)
    thoughts: list[Json] = []
    if state is not None and group.act.kind in ("touch", "lift", "move", "miss", "drop"):
        text = findings.phrase("touches").format(a=f"{state.t0:.1f}", t=findings.thing)
        thoughts.append(statement(text, [state.id]))
    text = findings.phrase("here").format(w=findings.when(group), s=findings.sentence(group, "it"))
    thoughts.append(statement(text, group.ids, 480))
    return sorted(thoughts, key=lambda t: _first(findings, group, cast("dict[str, Json]", t)))


def _first(findings: Findings, group: ActGroup, thought: dict[str, Json]) -> float:
    times = {s.id: s.t0 for s in findings.states} | {s.id: s.span[0] for s in group.segments}
    return min(times.get(i, 0.0) for i in cast("list[str]", thought["cite"]))


def _ends(group: ActGroup) -> list[str]:
    return list(dict.fromkeys([group.segments[0].id, group.segments[-1].id]))


def predict(brief: ExpertBrief) -> Asking[None]:
    """Expert of `predict_next_primary_subtask`: the acts so far, and the act that follows."""
    findings = yield from find_evidence(brief)
    groups = primary_groups(findings.groups)
    if len(groups) < 2:
        raise decline("the episode is a single subtask, so nothing follows it", "Choose describe_subtask.")
    turn = _turn(findings, groups, brief.request.meaning)
    before, group = groups[:turn], groups[turn]
    cot = [*findings.goal_thought(), *(findings.thought_about("seen", g) for g in before[-4:])]
    first = group.segments[0]
    frames = _keyframes(findings, before[-1].span[1], first.first)
    observed = [s for g in before for s in g.segments]
    draft: dict[str, Json] = {"cot": cot}
    if frames:
        draft["input_image"] = [{"cite": [_over(observed, findings.survey.time(i))], "frame": i} for i in frames]
    draft["observed"] = [subtask_row(findings, g) for g in before[-MOST_OBSERVED:]]
    draft["next"] = subtask_row(findings, group)
    last = before[-1]
    draft["question"] = statement(_what_next(findings, last), last.ids, 400)
    draft["answer"] = statement(_next(findings, group), group.ids)
    later = {s.id: "after_the_answer" for g in groups[turn + 1 :] for s in g.segments}
    early = {s.id: "minor" for g in before[:-MOST_OBSERVED] for s in g.segments}
    draft["left_out"] = left_out({**early, **later})
    yield from submit(draft)


def _turn(findings: Findings, groups: Sequence[ActGroup], meaning: object) -> int:
    """Which group comes next."""
    wanted = cast("dict[str, Json]", meaning)
    if "after" in wanted:
        named = next(a for a in findings.acts if a.first == wanted["after"])
        ended = [k for k, g in enumerate(groups) if _shows(g, named)]
        said_so = [k for k in ended[-1:] if named.kind in (groups[k].act.kind, groups[k].acts[-1].kind)]
        turns = [k + 1 for k in said_so if k + 1 < len(groups)]
        if not turns:
            raise decline("the act in the request left no segment of its own", "Ask for another moment.")
        return turns[0]
    low, high = findings.survey.intent.span
    given = findings.survey.intent.given
    at = (low + high) / 2 if given is None else given
    return min(range(1, len(groups)), key=lambda k: (abs(groups[k].span[0] - at), k))


def _shows(group: ActGroup, act: EpisodeAct) -> bool:
    """Whether a group shows an act, or another piece of the same one."""
    return any((a.kind, a.attempt) == (act.kind, act.attempt) for a in group.acts)


def _over(segments: Sequence[Segment], t: float) -> str:
    """Id of the segment at a time; of the nearest one where none is."""
    return min(segments, key=lambda s: (max(s.span[0] - t, t - s.span[1], 0.0), s.span[0])).id


def _keyframes(findings: Findings, until: float, following: int | None) -> list[int]:
    """Those of twenty evenly spread frames that lie before the next subtask begins."""
    frames = findings.survey.frames
    count = min(KEYFRAMES, len(frames))
    spread = dict.fromkeys(frames[round(k * (len(frames) - 1) / max(1, count - 1))] for k in range(count))
    return [i for i, t in spread if t <= until and (following is None or i < following)] or [frames[0][0]]


def _what_next(findings: Findings, last: ActGroup) -> str:
    form = findings.phrase("what_next", draw="next asked")
    return form.format(g=findings.goal, d=findings.does(last, last=True))


def _next(findings: Findings, group: ActGroup) -> str:
    return findings.phrase("next").format(s=findings.sentence(group, "it"))
