"""Do the poses give the answers that a triplet of questions about motion claims?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dataclaw.motion import (
    MotionTriplet,
    PoseMoment,
    aspects_named,
    derive,
    moment_of,
    question_of,
    triplet_answers,
    triplet_problems,
    triplet_question,
    triplet_thoughts,
)
from dataclaw.rewards.base import Case, Score, rule, score_of
from dataclaw.schema import cited_ids, fields_of, objects_of
from dataclaw.types import Anchor, Finding, Json

POSE = "pose"
NAME = "motion_truth"


@rule(NAME)
def motion_truth(case: Case) -> Score:
    """1 when a triplet of questions about motion holds in every part, else 0.

    Every answer is derived again from the stream's own poses, by documented thresholds. The second question is about
    the reversed motion, the third about other states, both with another answer than the first. Each question, thought
    and answer cites the two poses that it is about, and nothing else; each picture shows its state. Their words are
    those that the triplet gives: a question that is worded otherwise is not the one whose answer is derived. Where the
    request says which aspects are to be asked about ("about the turns", "the gripper only"), the triplet is about one
    of them.
    """
    findings = [Finding(place, message, NAME, 0.0) for place, message in _problems(case)]
    return score_of(0.0 if findings else 1.0, findings)


def _problems(case: Case) -> Iterator[tuple[str, str]]:
    draft = fields_of(case.draft)
    poses = {a.t0: a for a in (*case.anchors.values(), *case.there.values()) if a.kind == POSE}
    try:
        at = {moment.t: moment for moment in (moment_of(anchor.attrs) for anchor in poses.values())}
        rows = [question_of(row) for row in objects_of(draft.get("questions"))]
        one, two, three = rows
    except ValueError as error:
        yield "/questions", f"these are no three questions about poses: {str(error)[:200]}"
        return
    who = str(next(iter(poses.values())).attrs.get("who")) if poses else ""
    triplet = MotionTriplet(who, (one, two, three))
    times = [t for row in rows for t in (row.first, row.second)]
    if unknown := [t for t in times if t not in at]:
        yield "/questions", f"there is no pose at {unknown[0]:g}"
        return
    if problems := triplet_problems(triplet):
        yield from (("/questions", problem) for problem in problems)
        return
    for number, (found, row) in enumerate(zip(derive(triplet, list(at.values())), rows, strict=True)):
        if found != row.answer:
            given = f'"{found}"' if found else "no clear answer"
            yield f"/questions/{number}/answer", f'"{row.answer}" is stated, the poses give {given}'
    wanted = aspects_named(case.intent)
    if wanted and one.aspect not in wanted:
        yield "/questions", f"the request asks only about {', '.join(sorted(wanted))}, this is about {one.aspect}"
    yield from _wording_problems(draft, triplet, at)
    yield from _citation_problems(case, draft, times)


def _wording_problems(
    draft: Mapping[str, Json], triplet: MotionTriplet, at: Mapping[float, PoseMoment]
) -> Iterator[tuple[str, str]]:
    parts = (
        ("/cot", triplet_thoughts(triplet, at), [row.get("text") for row in objects_of(draft.get("cot"))]),
        ("/answer", triplet_answers(triplet), [row.get("text") for row in objects_of(draft.get("answer"))]),
        ("/question", (triplet_question(triplet, at),), [fields_of(draft.get("question")).get("text")]),
    )
    for place, right, said in parts:
        if list(right) != said:
            missing = next((text for text, other in zip(right, said, strict=False) if text != other), "")
            yield place, f'words it otherwise than its triplet: "{missing[:120]}"' if missing else "has other parts"


def _citation_problems(case: Case, draft: Mapping[str, Json], times: Sequence[float]) -> Iterator[tuple[str, str]]:
    pairs = [set(times[k : k + 2]) for k in range(0, len(times), 2)]
    shown = [times[0], times[1], times[4], times[5]]
    places: list[tuple[str, list[set[float]]]] = [("questions", pairs), ("cot", pairs), ("answer", pairs)]
    places.append(("input_image", [{t} for t in shown]))
    for key, wanted in places:
        if key not in draft and key == "input_image":
            continue  # without pictures there are none to show
        if [_cited_times(case, row) for row in objects_of(draft.get(key))] != wanted:
            yield f"/{key}", "does not cite the poses that it is about, and nothing else"
    if _cited_times(case, draft.get("question")) != set(times):
        yield "/question", "does not cite the poses of all three questions, and nothing else"
    poses = {a.t0: a for a in case.anchors.values() if a.kind == POSE}
    for number, row in enumerate(objects_of(draft.get("input_image"))[:4]):
        pose = poses.get(shown[number])
        if pose is None or row.get("frame") != pose.frame:
            yield f"/input_image/{number}/frame", "is not the frame of its state"


def _cited_times(case: Case, value: Json) -> set[float]:
    """Times of the poses that an object cites; one that is not a time where it cites anything else."""
    anchors: list[Anchor | None] = [case.anchors.get(name) for name in cited_ids(value)]
    return {anchor.t0 if anchor and anchor.kind == POSE else -1.0 for anchor in anchors}
