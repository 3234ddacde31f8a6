"""Are the clips of a draft good to train on, is their motion told as measured, do the pictures belong to them?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from dataclaw.domains.aigc.wording import camera_of
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_of, rule, score_of
from dataclaw.rewards.base import patterns
from dataclaw.rewards.similarity import is_number
from dataclaw.schema import fields_of, select
from dataclaw.types import Anchor, Finding, Json

COVERED = 0.6
"""Least share of a clip that the motion cited for it covers."""
_CAMERA = re.compile(r"\bcamera (?:\w+ )?(pan|tilt|roll)(?:s|ning|ing|ling)?(?: to the)? (left|right|up|down)\b")
_STILL = re.compile(r"\bcamera (?:holds still|is static|stays still|does not move)\b")
_SUBJECT = re.compile(r"\b(?:goes|moves) (?:slowly )?((?:up|down)(?: and (?:left|right))?|left|right)\b")


@rule("aigc.segment")
def segment(case: Case, *, paths: str | Sequence[str] = ("/output_video",), least: float = 0.8) -> Score:
    """Is each clip inside one shot, clear of damaged pictures, long enough and moving? Mean of the four, over clips.

    Inside: a cited "shot" holds both its frames. Clear: a cited "clean" span holds them. Long enough: at least `least`
    seconds from first to last frame. Moving: the cited "motion" covers 60 % of it, and the camera or the subject moves.

    Args:
        case: the draft.
        paths: patterns of clips, objects with `cite`, `start` and `end`.
        least: shortest clip [s].
    """
    scores: list[float] = []
    findings: list[Finding] = []
    for pattern in patterns(paths):
        for place, value in select(case.draft, pattern):
            clip = fields_of(value)
            for problem in _clip_problems(clip, case, least):
                scores.append(float(not problem))
                if problem:
                    findings.append(Finding(place, problem, "aigc.segment", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("aigc.motion")
def motion(case: Case, *, paths: str | Sequence[str] = ("/motion_plan",)) -> Score:
    """Is motion told as it was measured? Share of entries whose camera, subject and words agree with what they cite.

    An entry agrees when a cited motion begins and ends within one frame of it, its `camera` and `subject` are the
    measured ones (a pan or tilt of less than 0.01 picture widths or heights is "static"), and its sentence names no
    other way that the camera or the subject went.

    Args:
        case: the draft.
        paths: patterns of arrays of entries.
    """
    count = 0
    findings: list[Finding] = []
    for pattern in patterns(paths):
        for place, value in select(case.draft, f"{pattern}/*"):
            count += 1
            problem = _motion_problem(fields_of(value), case)
            if problem:
                findings.append(Finding(place, problem, "aigc.motion", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("aigc.pictures")
def pictures(case: Case) -> Score:
    """Do the shown pictures belong to the clip of their side: inside it, in order, from its first frame to its last?

    Mean over pictures (1 when inside the clip and later than the one before) and, for each side that shows any, its two
    ends (1 when the first picture is the clip's first frame, the last its last). `input_image` belongs to
    `input_video`, `output_image` to `output_video`. Does not apply where there is no clip with pictures.
    """
    draft = fields_of(case.draft)
    scores: list[float] = []
    findings: list[Finding] = []
    for side in ("input", "output"):
        clip = fields_of(draft.get(f"{side}_video"))
        shown = select(draft, f"/{side}_image/*/frame")
        for place, problem in _picture_problems(clip, shown):
            scores.append(float(not problem))
            if problem:
                findings.append(Finding(place, problem, "aigc.pictures", 0.0))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("aigc.transition")
def transition(case: Case) -> Score:
    """Does the predicted span follow the observed one at once, in the same shot, and is neither told of the other?

    Mean of: `output_video` begins with the frame after the last of `input_video`; both cite one and the same shot; each
    entry of `observed` lies in the first and each of `predicted` in the second (share of entries). Does not apply to
    drafts without `predicted`.
    """
    draft = fields_of(case.draft)
    if "predicted" not in draft:
        return NOT_APPLICABLE
    shown, following = fields_of(draft.get("input_video")), fields_of(draft.get("output_video"))
    findings: list[Finding] = []
    end, start = shown.get("end"), following.get("start")
    adjacent = isinstance(end, int) and isinstance(start, int) and start == end + 1
    if not adjacent:
        message = f"begins with frame {start}; the observed span ends with {end}"
        findings.append(Finding("/output_video/start", message, "aigc.transition", 0.0))
    shots = [{a.id for a in anchors_of(clip, case) if a.kind == "shot"} for clip in (shown, following)]
    if not shots[0] & shots[1]:
        message = "the two spans do not cite one and the same shot"
        findings.append(Finding("/output_video/cite", message, "aigc.transition", 0.0))
    inside, count = 0, 0
    for key, clip in (("observed", shown), ("predicted", following)):
        for place, value in select(draft, f"/{key}/*"):
            entry = fields_of(value)
            right = _within(entry, clip)
            inside, count = inside + right, count + 1
            if not right:
                message = f"tells of frames {entry.get('start')}-{entry.get('end')}, outside its span"
                findings.append(Finding(place, message, "aigc.transition", 0.0))
    share = inside / count if count else 0.0
    return score_of((float(adjacent) + float(bool(shots[0] & shots[1])) + share) / 3, findings)


@rule("aigc.left_out")
def left_out_reasons(case: Case) -> Score:
    """Share of what is left out that is left out for what it is: a damage by its name, another shot, a still motion.

    A motion may be left out as not asked for, too. Does not apply to drafts that leave nothing out.
    """
    findings: list[Finding] = []
    count = 0
    for place, value in select(case.draft, "/left_out/*"):
        reason = fields_of(value).get("reason")
        for anchor in anchors_of(value, case):
            count += 1
            if reason not in (fitting := _reasons_for(anchor)):
                message = f"{anchor.id} is left out as {reason}; it is {' or '.join(sorted(fitting)) or 'none'}"
                findings.append(Finding(f"{place}/reason", message, "aigc.left_out", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


def _reasons_for(anchor: Anchor) -> set[str]:
    """The reasons that something seen can be left out for."""
    if anchor.kind == "motion":
        moves = camera_of(anchor.attrs) != "static" or anchor.attrs.get("subject") != "still"
        return {"less_dynamic" if moves else "still", "not_asked"}
    return {"other_shot"} if anchor.kind == "shot" else {str(anchor.attrs.get("what") or "")}


def _clip_problems(clip: Mapping[str, Json], case: Case, least: float) -> Iterator[str]:
    """The problem in each of the four respects, "" for none."""
    start, end = clip.get("start"), clip.get("end")
    last = len(case.frame_times) - 1
    if not _is_frame(start, last) or not _is_frame(end, last) or cast("int", start) > cast("int", end):
        yield f"frames {start}-{end} are no clip; there are 0..{last}"
        return
    first, final = cast("int", start), cast("int", end)
    t0, t1 = case.frame_times[first], case.frame_times[final]
    cited = anchors_of(clip, case)
    shots = [a for a in cited if a.kind == "shot"]
    one = any(a.attrs.get("first_frame", last + 1) <= first and final <= a.attrs.get("last_frame", -1) for a in shots)
    yield "" if one else f"no cited shot holds frames {first}-{final}"
    clean = any(a.kind == "clean" and a.t0 - 1e-3 <= t0 and t1 <= a.t1 + 1e-3 for a in cited)
    yield "" if clean else f"no cited clean span holds {t0:.2f}-{t1:.2f} s"
    yield "" if t1 - t0 >= least - 1e-6 else f"lasts {t1 - t0:.2f} s; it needs {least:g} s"
    yield _stillness(t0, t1, [a for a in cited if a.kind == "motion"])


def _picture_problems(clip: Mapping[str, Json], shown: Sequence[tuple[str, Json]]) -> Iterator[tuple[str, str]]:
    """`(pointer, problem)` of each picture and of both ends; the problem is "" for none."""
    start, end = clip.get("start"), clip.get("end")
    if not shown or not isinstance(start, int) or not isinstance(end, int):
        return
    before = -1
    for place, value in shown:
        inside = isinstance(value, int) and start <= value <= end
        late = isinstance(value, int) and value > before
        yield place, "" if inside and late else f"frame {value} lies outside {start}..{end} or not after {before}"
        before = value if isinstance(value, int) else before
    for (place, value), edge in ((shown[0], start), (shown[-1], end)):
        yield place, "" if value == edge else f"frame {value} is shown at the end of the row; the clip's is {edge}"


def _stillness(t0: float, t1: float, motions: Sequence[Anchor]) -> str:
    covered = sum(max(0.0, min(a.t1, t1) - max(a.t0, t0)) for a in motions)
    if covered < COVERED * (t1 - t0):
        return f"the motion cited covers {covered:.2f} of {t1 - t0:.2f} s"
    inside = [a for a in motions if min(a.t1, t1) > max(a.t0, t0)]
    moves = any(camera_of(a.attrs) != "static" or a.attrs.get("subject") != "still" for a in inside)
    return "" if moves else "nothing moves in it"


def _motion_problem(entry: Mapping[str, Json], case: Case) -> str:
    start, end = entry.get("start"), entry.get("end")
    cited = [a for a in anchors_of(entry, case) if a.kind == "motion"]
    here = [a for a in cited if _near(a.attrs.get("first_frame"), start) and _near(a.attrs.get("last_frame"), end)]
    if not here:
        return f"no cited motion goes from frame {start} to {end}"
    attrs = here[0].attrs
    measured = {"camera": camera_of(attrs), "subject": attrs.get("subject")}
    for name, value in measured.items():
        if entry.get(name) != value:
            return f"{name} is {entry.get(name)}; {here[0].id} measured {value}"
    return _contradiction(str(entry.get("text", "")).casefold(), attrs)


def _contradiction(text: str, attrs: Mapping[str, Json]) -> str:
    camera, direction = camera_of(attrs), str(attrs.get("subject_direction") or "")
    for verb, way in _CAMERA.findall(text):
        if f"{verb} {way}" != camera:
            return f"says that the camera {verb}s {way}; measured: {camera}"
    if _STILL.search(text) and camera != "static":
        return f"says that the camera holds still; measured: {camera}"
    for way in _SUBJECT.findall(text):
        if way != direction:
            return f"says that something goes {way}; measured: {direction or 'no direction'}"
    return ""


def _within(entry: Mapping[str, Json], clip: Mapping[str, Json]) -> bool:
    numbers = [entry.get("start"), entry.get("end"), clip.get("start"), clip.get("end")]
    if not all(isinstance(n, int) for n in numbers):
        return False
    a, b, low, high = cast("list[int]", numbers)
    return low <= a <= b <= high


def _near(a: Json, b: Json) -> bool:
    return is_number(a) and is_number(b) and abs(a - b) <= 1


def _is_frame(value: Json, last: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= last
