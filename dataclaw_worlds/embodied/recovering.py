"""The expert of `fault_recovery`: where the episode goes wrong, or could, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dataclaw.domains.embodied.episode import Segment
from dataclaw.planning import Asking, ask, decline, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.embodied.evidence import FAILED, ActGroup, Findings, find_evidence

RANGE = 2.0
"""Length of the observation range [s]; longer where 8 frames take longer."""
AHEAD = 3.0
"""Length of the future range [s]."""
OBSERVED, FUTURE = 8, 4
HELD = {"approach_stall": 1.5, "hesitation_loop": 1.0, "unstable_grasp": 0.8, "early_stagnation": 2.0}
"""How long the frame is held [s]."""
RECALL = 0.3
"""The recalled frame comes at least so long before the held one [s]."""
SLOW = 0.35
MENDING = ("reach", "touch", "lift", "move")
"""What a recovery consists of."""


@dataclass(frozen=True, slots=True)
class FaultCase:
    """A fault and its recovery.

    Attributes:
        family: family of the fault.
        now: the segment that the family is read off.
        held: frame that is held.
        start: first frame of the observation range.
        ahead: first frame of the future range.
        end: last frame of it.
        wrong: the group in which it goes wrong.
        mends: the group that mends it.
        recall: frame of the last good state.
        real: whether it really went wrong there; otherwise the held frame alone makes the fault.
    """

    family: str
    now: Segment
    held: int
    start: int
    ahead: int
    end: int
    wrong: ActGroup
    mends: ActGroup
    recall: int
    real: bool = True


def recover(brief: ExpertBrief) -> Asking[None]:
    """Expert of `fault_recovery`."""
    findings = yield from find_evidence(brief)
    case = _case(findings, str(brief.request.meaning.get("family", "")))
    observed_end = case.held if case.family != "hesitation_loop" else _last(findings, case.now, case.held)
    rate = _rate(findings)
    count = max(1, round(HELD[case.family] * rate))
    faulty = yield from _clip(case.start, observed_end, freeze_frame=case.held, freeze_repeat_count=count)
    future = yield from _clip(case.ahead, case.end)
    draft: dict[str, Json] = {
        "cot": _reasons(findings, case, count, faulty),
        "family": {"cite": [case.now.id, faulty.id], "name": case.family},
        "input_video": {
            "cite": [faulty.id],
            "start": case.start,
            "end": observed_end,
            "freeze_frame": case.held,
            "freeze_repeat_count": count,
        },
        "future": {"cite": [future.id], "start": case.ahead, "end": case.end},
        "output_video": {"cite": [future.id], "start": case.ahead, "end": case.end},
        "output_image": [{"cite": [faulty.id], "frame": case.recall}],
        "question": statement(_question(findings, case), [case.now.id, faulty.id]),
        "answer": statement(_answer(findings, case), [case.now.id, *case.mends.ids[:6], future.id]),
    }
    yield from submit(draft)


def _clip(start: int, end: int, **freeze: int) -> Asking[Anchor]:
    seen = yield from ask("cut_clip", start=start, end=end, **freeze)
    if not seen.anchors:
        raise decline(f"no clip can be cut: {seen.note}", "Give a stream with pictures.")
    return seen.anchors[0]


def _rate(findings: Findings) -> float:
    times = [t for _, t in findings.survey.frames]
    return (len(times) - 1) / max(times[-1] - times[0], 1e-6)


def _last(findings: Findings, segment: Segment, held: int) -> int:
    return max([i for i, t in findings.survey.frames if t <= segment.span[1] + 1e-6], default=held)


def _case(findings: Findings, family: str) -> FaultCase:
    family = findings.survey.intent.family or family
    cases = [case for case in _cases(findings) if not family or case.family == family]
    if not cases:
        raise decline(
            f"nothing here shows {family or 'a fault'} with room before and after it", "Ask for another fault."
        )
    return cases[0]


def _cases(findings: Findings) -> list[FaultCase]:
    """The faults of an episode; those that really happened come first."""
    real: list[FaultCase] = []
    made: list[FaultCase] = []
    groups = findings.groups
    for k, group in enumerate(groups):
        kind = group.act.kind
        before = groups[k - 1] if k else None
        after = next((g for g in groups[k + 1 :] if g.act.kind in MENDING), None)
        if after is None:
            continue
        if group.key == "late" and k == 0:
            real += _first_case(findings, "early_stagnation", group.segments, group, after)
        elif kind == "hesitate":
            longest = sorted(group.segments, key=lambda s: (s.oscillation, s.span[1] - s.span[0]))
            real += _first_case(findings, "hesitation_loop", longest, group, after)
        elif group.key == "stall" and before:
            real += _first_case(findings, "approach_stall", (*before.segments, *group.segments), group, after)
        elif kind in FAILED:
            grips = [s for g in groups[: k + 1] for s in g.segments if s.gripper == "closes"]
            mends = next((g for g in groups[k + 1 :] if g.act.kind == "reach"), after)
            real += _first_case(findings, "unstable_grasp", grips[-1:], group, mends)
        elif kind == "reach":
            stalls = _first_case(findings, "approach_stall", group.segments, group, after)
            made += stalls or _first_case(findings, "hesitation_loop", group.segments, group, after)
    return real + [replace(case, real=False) for case in made]


def _first_case(
    findings: Findings, family: str, segments: Sequence[Segment], wrong: ActGroup, mends: ActGroup
) -> list[FaultCase]:
    """The fault at the last of the segments that show it."""
    none: list[FaultCase] = []
    return next((cases for s in reversed(segments) if (cases := _case_at(findings, family, s, wrong, mends))), none)


def _case_at(findings: Findings, family: str, now: Segment, wrong: ActGroup, mends: ActGroup) -> list[FaultCase]:
    """The fault at a segment, where the rules of its family hold and there is room before and after it."""
    survey = findings.survey
    if not _fits(findings, family, now):
        return []
    low, high = now.span
    frames = survey.frames
    inside = [i for i, t in frames if low - 1e-6 <= t <= high + 1e-6]
    if not inside:
        return []
    swings = family == "hesitation_loop"
    held = inside[len(inside) // 2] if swings else inside[-1]
    if family == "unstable_grasp":
        later = [i for i, t in frames if t <= high + 1.0 and t <= max(wrong.span[0], high) + 1e-6]
        held = max([held, *later[-1:]])
    end = inside[-1] if swings else held
    start = max(0, end - max(OBSERVED, round(RANGE * _rate(findings))) + 1, inside[0] - 2 if swings else 0)
    if swings:
        shown = [i for i in inside if i >= start]
        held = shown[len(shown) // 2]
    begin = [i for i, t in frames if t >= mends.segments[0].span[0] - 1e-6 and i > end]
    if end - start + 1 < OBSERVED:
        start = max(0, end - OBSERVED + 1)
    if end - start + 1 < OBSERVED or not begin:
        return []
    ahead = begin[0]
    last = max(i for i, t in frames if t <= max(mends.span[1], survey.time(ahead) + AHEAD) + 1e-6)
    if last - ahead + 1 < FUTURE:
        return []
    good = inside[0] if swings and inside[0] > start else held
    early = [i for i, t in frames if start <= i < good and t <= survey.time(held) - RECALL]
    return [FaultCase(family, now, held, start, ahead, last, wrong, mends, max(early, default=start))]


def _fits(findings: Findings, family: str, now: Segment) -> bool:
    """Whether a segment shows what the domain's rule demands of the family."""
    reaching = now.phase in ("approach", "adjust", "move", "")
    slow = float(now.anchor.attrs["speed"]) < SLOW
    if family == "early_stagnation":
        return now.stall and all(s.stall for s in findings.survey.segments if s.span[0] < now.span[0])
    if family == "unstable_grasp":
        return now.gripper == "closes"
    if family == "hesitation_loop":
        return reaching and (now.oscillation or (slow and not now.stall))
    return reaching and not now.stall and not slow


def _reasons(findings: Findings, case: FaultCase, count: int, faulty: Anchor) -> list[Json]:
    """What the faulty clip shows, and nothing that comes after it."""
    cot = findings.goal_thought()
    held = findings.phrase("held").format(f=case.held, n=count)
    thoughts: list[Json] = [
        statement(held, [faulty.id]),
        findings.thought_about("faulty" if case.real else "sound", case.wrong, draw="where"),
    ]
    if case.wrong.span[0] < faulty.t0:
        thoughts[0], thoughts[1] = thoughts[1], thoughts[0]
    return [*cot, *thoughts]


def _words(findings: Findings, case: FaultCase) -> tuple[str, str]:
    """What is wrong, and what mends it."""
    made = case.family == "hesitation_loop" and not case.real
    key = "made_hesitation" if made else case.family
    wrong, mend = findings.phrase("wrong", key), findings.phrase("mend", key)
    return wrong.format(t=findings.thing, g=findings.goal), mend.format(t=findings.thing, g=findings.goal)


def _question(findings: Findings, case: FaultCase) -> str:
    return findings.phrase("now").format(g=findings.goal, w=_words(findings, case)[0])


def _answer(findings: Findings, case: FaultCase) -> str:
    wrong, mend = _words(findings, case)
    return findings.phrase("remedy").format(w=wrong, m=mend, s=findings.sentence(case.mends, "it"))
