"""Rules of faults: the ranges of a faulty clip and its recovery, and the family that the motion measures."""

from __future__ import annotations

from collections.abc import Iterator

from dataclaw.domains.embodied.episode import SLOW
from dataclaw.domains.embodied.intents import parse_intent
from dataclaw.domains.embodied.reading import SLACK, Entries, frame_time, moving, unique_anchors_of
from dataclaw.rewards import Case, Score, rule, score_of
from dataclaw.schema import fields_of, integer_of, number_of, objects_of
from dataclaw.types import Anchor, Finding

OBSERVED, FUTURE = 8, 4
"""Fewest sampled frames of the observation range and of the recovery (paper: so many a policy is shown)."""
HOLD = (0.3, 4.0)
"""A frame is held at least and at most so long [s]."""
AFTER_GRASP = 1.5
"""A grasp is unstable at most so long after the gripper has closed [s]."""
REACHING = frozenset({"approach", "adjust", "move", ""})


@rule("embodied.ranges")
def ranges(case: Case) -> Score:
    """Share of seven conditions on a fault's ranges that hold.

    The observation range has at least 8 sampled frames; the held frame lies in it and is held for 0.3 to 4 s; the
    future range begins after it; the recovery lies in the future range, and has at least 4 frames; the recalled frame
    lies in the observation range, not after the held one; each range cites a clip that was cut with its very numbers.
    """
    draft = fields_of(case.draft)
    faulty, future, recovery = (fields_of(draft.get(k)) for k in ("input_video", "future", "output_video"))
    a, b = integer_of(faulty.get("start")), integer_of(faulty.get("end"))
    c, d = integer_of(future.get("start")), integer_of(future.get("end"))
    e, f = integer_of(recovery.get("start")), integer_of(recovery.get("end"))
    held, recalled = (
        integer_of(faulty.get("freeze_frame")),
        [integer_of(i.get("frame")) for i in objects_of(draft.get("output_image"))],
    )
    if a is None or b is None or c is None or d is None or e is None or f is None or held is None:
        return score_of(0.0, [Finding("", "a range or its held frame is missing", "embodied.ranges", 0.0)])
    checks = [
        ("/input_video", b - a + 1 >= OBSERVED, f"{b - a + 1} observed frames, at least {OBSERVED} are needed"),
        ("/input_video/freeze_frame", a <= held <= b, f"frame {held} is not in the observation range {a}..{b}"),
        ("/future", b < c <= d, f"{c}..{d} does not follow the observation range {a}..{b}"),
        ("/output_video", c <= e <= f <= d, f"{e}..{f} is not in the future range {c}..{d}"),
        ("/output_video", f - e + 1 >= FUTURE, f"{f - e + 1} frames, at least {FUTURE} are needed"),
        ("/output_image", all(r is not None and a <= r <= held for r in recalled),
         f"{recalled} is not in the observation range up to the held frame {a}..{held}"),
        *_clip_checks(case, draft),
    ]  # fmt: skip
    findings = [Finding(place, message, "embodied.ranges", 0.0) for place, good, message in checks if not good]
    return score_of(1.0 - len(findings) / len(checks), findings)


def _clip_checks(case: Case, draft: Entries) -> Iterator[tuple[str, bool, str]]:
    for key in ("input_video", "future", "output_video"):
        fields = fields_of(draft.get(key))
        names = ("start", "end", "freeze_frame", "freeze_repeat_count") if key == "input_video" else ("start", "end")
        clips = [a for a in unique_anchors_of(fields, case) if a.kind == "clip"]
        same = [a for a in clips if all(a.attrs.get(n) == fields.get(n) for n in names)]
        yield f"/{key}/cite", bool(same), "cites no clip that was cut with these numbers"
        if key == "input_video" and same:
            count = number_of(fields.get("freeze_repeat_count")) or 0.0
            seconds = count / (number_of(same[0].attrs.get("rate")) or 1.0)
            good = HOLD[0] <= seconds <= HOLD[1]
            yield "/input_video/freeze_repeat_count", good, f"held for {seconds:.1f} s, not {HOLD[0]} to {HOLD[1]}"


@rule("embodied.family")
def family(case: Case) -> Score:
    """1 when the fault's family agrees with a cited segment that lies in the observation range, else 0.

    approach_stall: reaching, and not slow, while the frame is held. hesitation_loop: reaching, and slow or back and
    forth. unstable_grasp: the gripper closes, and the held frame comes during it or within 1.5 s; a grasp that is
    measured to hold and is not repeated is none. early_stagnation: it stands still, and nothing moved before. Pictures
    alone show no grasp. An intent that names a family must get it.
    """
    draft = fields_of(case.draft)
    said, faulty = fields_of(draft.get("family")), fields_of(draft.get("input_video"))
    start, end = frame_time(case, integer_of(faulty.get("start"))), frame_time(case, integer_of(faulty.get("end")))
    held = frame_time(case, integer_of(faulty.get("freeze_frame")))
    name = str(said.get("name"))
    if start is None or end is None or held is None:
        return score_of(0.0, [Finding("/input_video", "the observation range is missing", "embodied.family", 0.0)])
    inside = [a for a in moving(unique_anchors_of(said, case)) if a.t0 < end and a.t1 > start]
    if not inside:
        return score_of(
            0.0, [Finding("/family/cite", "cites no motion of the observation range", "embodied.family", 0.0)]
        )
    if not any(_fits(name, a, case, held) for a in inside):
        seen = ", ".join(f"{a.id} ({a.content[:60]})" for a in inside[:2])
        return score_of(0.0, [Finding("/family/name", f"{name} is not what {seen} measures", "embodied.family", 0.0)])
    asked = parse_intent(case.intent, case.window).family
    if asked and asked != name:
        message = f"the intent asks for {asked}, this is {name}"
        return score_of(0.0, [Finding("/family/name", message, "embodied.family", 0.0)])
    return score_of(1.0)


def _fits(name: str, anchor: Anchor, case: Case, held: float) -> bool:
    attrs = anchor.attrs
    if name == "unstable_grasp":
        just = anchor.t0 <= held + SLACK and held <= anchor.t1 + AFTER_GRASP
        again = any(a.attrs.get("gripper") == "closes" and a.t0 > anchor.t1 for a in list(case.anchors.values()))
        return attrs.get("gripper") == "closes" and just and (again or attrs.get("holds") != "yes")
    if name == "early_stagnation":
        return _still(anchor) and all(
            _still(a) for a in moving(list(case.anchors.values())) if a.t0 < anchor.t0 - SLACK
        )
    reaching = str(attrs.get("phase", "")) in REACHING
    quick = number_of(attrs.get("speed"))
    slow = attrs.get("subject") == "slow" or (quick is not None and quick < SLOW)
    if name == "hesitation_loop":
        return reaching and (bool(attrs.get("oscillation")) or (slow and not _still(anchor)))
    during = anchor.t0 - SLACK <= held <= anchor.t1 + SLACK
    return name == "approach_stall" and reaching and not _still(anchor) and not slow and during


def _still(anchor: Anchor) -> bool:
    return bool(anchor.attrs.get("stall")) or anchor.attrs.get("subject") == "still"
