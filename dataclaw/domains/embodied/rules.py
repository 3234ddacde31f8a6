"""What the library's rules cannot judge: motion as measured, order of subtasks; those of faults are beside it.

Each works on the draft and the anchors it cites; none looks at a picture. A draft may hold anything: what has not the
expected form scores 0 and is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dataclaw.domains.embodied.fault_rules import family, ranges
from dataclaw.domains.embodied.goal_rules import reaches_goal
from dataclaw.domains.embodied.intents import TrajectoryIntent, parse_intent
from dataclaw.domains.embodied.reading import SLACK, Entries, frame_time, moving, unique_anchors_of
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.schema import citing_objects, fields_of, integer_of, number_of, objects_of
from dataclaw.types import Anchor, Finding, Span

NEAR = 0.1
"""A distance is as stated when it differs by less than this share, or by `NEAR_LEAST` in its unit."""
NEAR_LEAST = 0.006
MINOR = frozenset({"idle", "adjust"})

_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_SIDE = re.compile(
    r"\b(left|right)\b(?=\s+(?!and\b|or\b)[a-z])|\bback and forth\b"
    r"|\bslow\w* down\b|\b(?:pick|tak)\w* up\b|\bgo\w* back\b"
)
"""Words of direction that tell none: sides of a body, and turns of phrase."""
_WHERE = re.compile(r"(?<![-+\w])(up|down|left|right|forward|backward)\b|(?<!\w)([+-][xyz])\b")
_GRIPS = re.compile(r"\b(opens|closes)\b")
_GRASPS = re.compile(r"\b(grasps|grabs|picks up)\b(?! (?:beside|past|next to|at nothing|nothing))")
__all__ = ["dense", "family", "following", "motion", "ranges", "reaches_goal", "scope", "steps", "whole"]


@rule("embodied.motion")
def motion(case: Case) -> Score:
    """Share of the objects that state motion of which every statement was measured by what they cite.

    Fields `phase`, `gripper`, `direction`, `stall` must be those of one cited segment, `moved` its distance (within
    10 % or 0.006), `t0` and `t1` the ends of all that is cited, `values` those of a cited state. In prose, "opens",
    "closes" and directions (up, down, left, right, forward, backward, +x ...) must be measured by something cited
    beside them; nothing is grasped by a hand that is cited as closing on nothing, or as cut off by the recording's end.
    Quotations, and left and right as sides of a body, are passed over.
    """
    findings: list[Finding] = []
    objects = wrong = 0
    for place, fields in citing_objects(case.draft):
        if place.startswith("/left_out"):
            continue
        anchors = unique_anchors_of(fields, case)
        checks = (_field_problems, _value_problems, _prose_problems)
        problems = [problem for check in checks for problem in check(fields, anchors)]
        found = [Finding(f"{place}/{key}", problem, "embodied.motion", 0.0) for key, problem in problems if problem]
        objects += bool(problems)
        wrong += bool(found)
        findings += found
    return score_of(1.0 - wrong / objects, findings) if objects else NOT_APPLICABLE


STATED = ("phase", "gripper", "direction", "stall")


def _field_problems(fields: Entries, anchors: Sequence[Anchor]) -> Iterator[tuple[str, str]]:
    """Structured fields against the cited segment that fits them best."""
    if "t0" not in fields or "t1" not in fields:
        return
    found = moving(anchors)
    if not found:
        yield "cite", "cites no segment for this motion"
        return
    best = min((list(_misfits(fields, a)) for a in found), key=lambda misfits: sum(bool(m) for _, m in misfits))
    yield from best
    for key, time in (("t0", min(a.t0 for a in found)), ("t1", max(a.t1 for a in found))):
        value = number_of(fields.get(key))
        good = value is not None and abs(value - time) <= SLACK
        yield key, "" if good else f"{fields.get(key)} is stated, what is cited has {time:.2f} s"


def _misfits(fields: Entries, anchor: Anchor) -> Iterator[tuple[str, str]]:
    measured = dict(anchor.attrs) | {
        "direction": anchor.attrs.get("direction") or anchor.attrs.get("subject_direction")
    }
    measured.setdefault("stall", measured.get("subject") == "still")
    for key in STATED:
        if key in fields:
            same = fields[key] == measured.get(key)
            yield key, "" if same else f"{fields[key]} is stated, {anchor.id} measured {measured.get(key) or 'nothing'}"
    if "moved" in fields:
        yield "moved", _distance(fields, anchor)


def _distance(fields: Entries, anchor: Anchor) -> str:
    value, measured = number_of(fields.get("moved")), number_of(anchor.attrs.get("moved"))
    unit = anchor.attrs.get("unit") or "unknown"
    if fields.get("unit", unit) != unit:
        return f"in {fields.get('unit')}, {anchor.id} measured in {unit}"
    if value is None or measured is None or abs(value - measured) > max(NEAR * abs(measured), NEAR_LEAST):
        return f"{fields.get('moved')} is stated, {anchor.id} measured {measured}"
    return ""


def _value_problems(fields: Entries, anchors: Sequence[Anchor]) -> Iterator[tuple[str, str]]:
    """Recorded values against the cited states."""
    for at, item in enumerate(objects_of(fields.get("values"))):
        column, value = str(item.get("column")), number_of(item.get("value"))
        rows = [fields_of(a.attrs.get("values")) for a in anchors if a.kind == "state"]
        given = [v for row in rows if (v := number_of(row.get(column))) is not None]
        good = value is not None and any(abs(value - v) <= max(1e-3, 0.01 * abs(v)) for v in given)
        yield f"values/{at}", "" if good else f"{column} = {item.get('value')}, recorded {given or 'nowhere cited'}"


def _prose_problems(fields: Entries, anchors: Sequence[Anchor]) -> Iterator[tuple[str, str]]:
    """Words of motion in prose against everything cited beside it."""
    for key in ("text", "what"):
        text = fields.get(key)
        if not isinstance(text, str):
            continue
        plain = _QUOTED.sub(" ", text.lower())
        for word in dict.fromkeys(_GRIPS.findall(plain)):
            good = any(a.attrs.get("gripper") == word for a in anchors)
            yield key, "" if good else f'"{word}", but no cited segment measures that of a gripper'
        closing = [a for a in anchors if a.attrs.get("gripper") == "closes"]
        for word in dict.fromkeys(_GRASPS.findall(plain) if closing else ()):
            good = any(a.attrs.get("finished", True) and a.attrs.get("holds") not in ("no", "unsure") for a in closing)
            yield key, "" if good else f'"{word}", but the hand closes on nothing, or has not closed yet'
        grounds = " ".join(_grounds(a) for a in anchors)
        for match in dict.fromkeys(m[1] or m[2] for m in _WHERE.finditer(_SIDE.sub(" ", plain))):
            good = re.search(rf"(?<!\w){re.escape(match)}(?!\w)", grounds) is not None
            yield key, "" if good else f'"{match}", but nothing cited measures that direction'


_DIRECTIONS = ("direction", "subject_direction", "view", "object_direction")


def _grounds(anchor: Anchor) -> str:
    """The directions that an anchor measured, those of objects and of the camera among them."""
    direction = " ".join(str(anchor.attrs.get(key) or "") for key in _DIRECTIONS)
    return f"{direction} {_SIDE.sub(' ', anchor.content.lower())}" if anchor.kind in ("segment", "motion") else ""


@rule("embodied.dense")
def dense(case: Case) -> Score:
    """Share of the stream's segments that are listed once or left out, of neighbours that join, and of rows in words.

    Segments are those of the verifier's own look; one is listed where listed ones cover its time. Neighbours join when
    one ends where the next begins, or when what lies between is left out. A row is told when the answer's line of the
    same number cites a segment of it; a line too many is a fault as well.
    """
    draft = fields_of(case.draft)
    rows = objects_of(draft.get("segments"))
    kept = [a for row in rows for a in unique_anchors_of(row, case) if a.kind == "segment"]
    dropped = [a for row in objects_of(draft.get("left_out")) for a in unique_anchors_of(row, case)]
    if not rows or not kept:
        return score_of(0.0, [Finding("/segments", "lists no measured segment", "embodied.dense", 0.0)])
    findings: list[Finding] = []
    named = [a for a in (*kept, *dropped) if a.kind == "segment"]
    times = Counter(a.id for a in named)
    there = {a.id: a for a in (*case.there.values(), *named) if a.kind == "segment"}
    for name, anchor in there.items():
        if times[name] > 1 or not _covers([(a.t0, a.t1) for a in named], anchor):
            how = f"named {times[name]} times" if times[name] else "neither listed nor left out"
            what = f"the segment from {anchor.t0:.2f} to {anchor.t1:.2f} is {how}"
            findings.append(Finding("/segments", what, "embodied.dense", 0.0))
    for at, (row, following) in enumerate(pairwise(rows)):
        gap = _gap(row, following, dropped)
        if gap:
            findings.append(Finding(f"/segments/{at + 1}", gap, "embodied.dense", 0.0))
    lines = objects_of(draft.get("answer"))
    for at in range(max(len(rows), len(lines))):
        row, line = _item(rows, at), _item(lines, at)
        if not {a.id for a in unique_anchors_of(row, case)} & {a.id for a in unique_anchors_of(line, case)}:
            findings.append(Finding(f"/answer/{at}", f"does not tell segments/{at}", "embodied.dense", 0.0))
    count = len(there) + len(rows) - 1 + max(len(rows), len(lines))
    return score_of(1.0 - len(findings) / count, findings)


def _covers(spans: Sequence[Span], anchor: Anchor) -> bool:
    """Whether spans together cover an anchor's time."""
    end = anchor.t0
    for t0, t1 in sorted(spans):
        end = max(end, t1) if t0 <= end + SLACK else end
    return end >= anchor.t1 - SLACK


def _gap(row: Entries, following: Entries, dropped: Sequence[Anchor]) -> str:
    end, start = number_of(row.get("t1")), number_of(following.get("t0"))
    if end is None or start is None:
        return "has no times"
    for anchor in sorted(dropped, key=lambda a: a.t0):
        if abs(anchor.t0 - end) <= SLACK:
            end = anchor.t1
    return "" if abs(start - end) <= SLACK else f"begins at {start:g}, but what came before ended at {end:g}"


@rule("embodied.next")
def following(case: Case) -> Score:
    """Share of six conditions: next comes after all observed subtasks, and directly; nothing shown gives it away.

    Directly: between them lies nothing but standing still, adjusting and slow motion. Keyframes and reasoning that show
    or cite what comes at or after its beginning give it away; the instruction does not. Every motion before it lies in
    an observed subtask or is left out, and keyframes go on until it begins: the last one is no further from it than one
    and a half times their usual distance. Motions are those of the verifier's own look.
    """
    draft = fields_of(case.draft)
    after, before = fields_of(draft.get("next")), objects_of(draft.get("observed"))
    begins = number_of(after.get("t0"))
    ends = [t for row in before if (t := number_of(row.get("t1"))) is not None]
    if begins is None or not ends:
        return score_of(0.0, [Finding("/next", "no next or no observed subtask", "embodied.next", 0.0)])
    until = max(ends)
    major = [a for a in case.there.values() if a.kind in ("segment", "motion") and _major(a)]
    between = [a for a in major if a.t0 >= until - SLACK and a.t1 <= begins + SLACK and a.t1 - a.t0 > SLACK]
    frames = [integer_of(row.get("frame")) for row in objects_of(draft.get("input_image"))]
    shown = [t for frame in frames if (t := frame_time(case, frame)) is not None]
    texts = [*objects_of(draft.get("cot")), fields_of(draft.get("question"))]
    told = [a for row in texts for a in moving(unique_anchors_of(row, case))]
    spans = [(number_of(row.get("t0")) or 0.0, number_of(row.get("t1")) or 0.0) for row in before]
    dropped = [a.id for row in objects_of(draft.get("left_out")) for a in unique_anchors_of(row, case)]
    missed = [
        f"{a.id} ({a.t0:.2f} to {a.t1:.2f})"
        for a in major
        if a.t1 <= begins + SLACK
        and a.id not in dropped
        and not any(low - SLACK <= a.t0 and a.t1 <= high + SLACK for low, high in spans)
    ]
    checks = [
        ("/observed", not missed, f"{', '.join(missed[:4])} came before and is in no observed subtask"),
        ("/next/t0", begins >= until - SLACK, f"begins at {begins:g} s, before what was observed ends at {until:g} s"),
        ("/next", not between, f"{between[0].id if between else ''} comes between what was observed and this"),
        ("/input_image", all(t < begins + SLACK for t in shown), f"a keyframe lies after {begins:g} s"),
        ("/input_image", begins - max(shown, default=begins) <= 1.5 * _spacing(shown, begins) + SLACK,
         f"the last keyframe is {begins - max(shown, default=begins):.2f} s before {begins:g} s"),
        ("/cot", all(a.t0 < begins - SLACK or a.t1 <= begins + SLACK for a in told), "cites what is to be predicted"),
    ]  # fmt: skip
    findings = [Finding(place, message, "embodied.next", 0.0) for place, good, message in checks if not good]
    return score_of(1.0 - len(findings) / len(checks), findings)


def _spacing(shown: Sequence[float], begins: float) -> float:
    """Usual distance of keyframes [s]; of a single one that to what comes next."""
    gaps = sorted(b - a for a, b in pairwise(sorted(shown)))
    return gaps[len(gaps) // 2] if gaps else begins


def _major(anchor: Anchor) -> bool:
    phase = anchor.attrs.get("phase")
    return phase not in MINOR if phase else anchor.attrs.get("subject") == "active"


@rule("embodied.steps")
def steps(case: Case) -> Score:
    """Share of a tutorial's steps with one picture inside their frames and one answer that cites their segment."""
    draft = fields_of(case.draft)
    rows, pictures, answers = (objects_of(draft.get(k)) for k in ("steps", "output_image", "answer"))
    count = max(len(rows), len(pictures), len(answers))
    if not rows:
        return score_of(0.0, [Finding("/steps", "there are no steps", "embodied.steps", 0.0)])
    findings: list[Finding] = []
    for at in range(count):
        row, picture, answer = (_item(items, at) for items in (rows, pictures, answers))
        frame, start, end = integer_of(picture.get("frame")), integer_of(row.get("start")), integer_of(row.get("end"))
        if frame is None or start is None or end is None or not start <= frame <= end:
            findings.append(
                Finding(f"/output_image/{at}", f"{frame} is not in step {start}..{end}", "embodied.steps", 0.0)
            )
        elif not {a.id for a in unique_anchors_of(row, case)} & {a.id for a in unique_anchors_of(answer, case)}:
            findings.append(Finding(f"/answer/{at}", "cites nothing of its step", "embodied.steps", 0.0))
    return score_of(1.0 - len(findings) / count, findings)


@rule("embodied.whole")
def whole(case: Case) -> Score:
    """Share of the motions that the intent wants which a step covers, or which are left out by name.

    Motions are those of the verifier's own look, but for standing still and adjusting.
    """
    intent, draft = parse_intent(case.intent, case.window), fields_of(case.draft)
    wanted = [
        a for a in case.there.values()
        if a.kind == "segment" and _major(a) and not intent.refuses(str(a.attrs.get("phase")), a.t0, a.t1)
    ]  # fmt: skip
    rows = objects_of(draft.get("steps"))
    spans = [(number_of(row.get("t0"), 0.0), number_of(row.get("t1"), 0.0)) for row in rows]
    dropped = {a.id for row in objects_of(draft.get("left_out")) for a in unique_anchors_of(row, case)}
    missed = [a for a in wanted if a.id not in dropped and not _covers(spans, a)]
    findings = [
        Finding(
            "/steps", f"the {a.attrs.get('phase')} from {a.t0:.2f} to {a.t1:.2f} is in no step", "embodied.whole", 0.0
        )
        for a in missed
    ]
    return score_of(1.0 - len(missed) / len(wanted), findings) if wanted else NOT_APPLICABLE


def _item(items: Sequence[Entries], at: int) -> Entries:
    return items[at] if at < len(items) else fields_of(None)


@rule("embodied.scope")
def scope(case: Case) -> Score:
    """Share of kept motion that the intent allows by phase and time, and of left-out motion that it refuses.

    Of `left_out` the reasons "not_asked" and "outside_time" are checked. A number of steps or segments in the intent is
    the most there may be.
    """
    draft, intent = fields_of(case.draft), parse_intent(case.intent, case.window)
    findings: list[Finding] = []
    kept = [(p, f) for p, f in citing_objects(draft) if "t0" in f and "t1" in f]
    checks = 0
    for place, fields in kept:
        for anchor in moving(unique_anchors_of(fields, case)):
            checks += 1
            why = _refusal(intent, anchor)
            if why:
                findings.append(
                    Finding(place, f"{anchor.id} is not what the intent asks for ({why})", "embodied.scope", 0.0)
                )
    for at, row in enumerate(objects_of(draft.get("left_out"))):
        checked = row.get("reason") in ("not_asked", "outside_time")
        for anchor in moving(unique_anchors_of(row, case)) if checked else ():
            checks += 1
            why = _refusal(intent, anchor)
            if why != row.get("reason"):
                what = f"it is {why}" if why else "the intent asks for it"
                message = f"{anchor.id} is left out as {row.get('reason')}, but {what}"
                findings.append(Finding(f"/left_out/{at}", message, "embodied.scope", 0.0))
    most = len(objects_of(draft.get("steps")) or objects_of(draft.get("segments")))
    if intent.count and most:
        checks += 1
        if most > intent.count:
            findings.append(Finding("", f"{most} of them, the intent asks for {intent.count}", "embodied.scope", 0.0))
    return score_of(1.0 - len(findings) / checks, findings) if checks else NOT_APPLICABLE


def _refusal(intent: TrajectoryIntent, anchor: Anchor) -> str:
    return intent.refuses(str(anchor.attrs.get("phase", "")), anchor.t0, anchor.t1)
