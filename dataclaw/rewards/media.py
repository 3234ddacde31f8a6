"""Frames, times and ranges that can be cut: inside the stream, and beginning before they end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.places import places_of
from dataclaw.rewards.similarity import is_number
from dataclaw.schema import select
from dataclaw.types import Finding, Json

NAME = "media_ranges"
ENDS = ("start", "end")


@rule(NAME)
def media_ranges(case: Case, *, spans: str | Sequence[str] = (), ends: Sequence[str] = ENDS) -> Score:
    """Share of frame indices, times and spans that lie inside the stream and run forwards.

    Every value with `x-ref` "frame" must be a whole number in 0..frames-1, every "time" a number in the window (1 ms to
    either side is free). A span is a `[start, end]` array or an object with the keys of `ends`; start <= end.

    Args:
        case: the draft.
        spans: patterns of spans; null ones are passed over.
        ends: names of a span's two keys.
    """
    found = [(place, value, ref) for place, value, ref, _, _ in places_of(case).values if ref in _PROBLEM]
    checks = [(place, _PROBLEM[ref](value, case)) for place, value, ref in found if value is not None]
    for pattern in patterns(spans):
        checks += [(place, _span(span, ends)) for place, span in select(case.draft, pattern) if span is not None]
    if not checks:
        return NOT_APPLICABLE
    findings = [Finding(place, problem, NAME, 0.0) for place, problem in checks if problem]
    return score_of(1.0 - len(findings) / len(checks), findings)


def _frame(value: Json, case: Case) -> str:
    last = len(case.frame_times) - 1
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= last:
        return ""
    return f"{str(value)[:24]} is no frame; there are 0..{last}" if last >= 0 else "the stream has no frames"


def _time(value: Json, case: Case) -> str:
    start, end = case.window
    if is_number(value) and start - 0.001 <= value <= end + 0.001:
        return ""
    return f"{str(value)[:24]} is outside the window {start:.3f}-{end:.3f} s"


_PROBLEM = {"frame": _frame, "time": _time}


def _span(span: Json, ends: Sequence[str]) -> str:
    if isinstance(span, dict):
        entries = cast("dict[str, Json]", span)
        edges = [entries.get(end) for end in ends]
    else:
        edges = cast("list[Json]", span) if isinstance(span, list) else []
    if len(edges) != 2 or not all(map(is_number, edges)):
        return f"{str(edges)[:40]} is no span: it needs a start and an end"
    start, end = cast("list[float]", edges)
    return "" if start <= end else f"starts at {start:g}, after its end {end:g}"


VIDEO, IMAGE = "<video_gen>", "<image_recall>"


@rule("placeholders")
def placeholders(case: Case) -> Score:
    """1 when the answer has one `<video_gen>` exactly when there is an output video, and an `<image_recall>` an image.

    The k-th `<image_recall>` of the answer stands for the k-th entry of `output_image`. Both may also be mentioned in
    the question, which is not counted. The score falls with the number of placeholders that are missing or too many.
    Does not apply to drafts with neither media nor placeholders.

    Source: the placeholders of the paper's unified sample.
    """
    draft = cast("dict[str, Json]", case.draft) if isinstance(case.draft, dict) else {}
    answer = _text(draft.get("answer"))
    images: Json = draft.get("output_image")
    wanted = {
        VIDEO: int(bool(draft.get("output_video"))),
        IMAGE: len(cast("list[Json]", images)) if isinstance(images, list) else 0,
    }
    found = {mark: answer.count(mark) for mark in wanted}
    total = max(sum(wanted.values()), sum(found.values()))
    if not total:
        return NOT_APPLICABLE
    findings = [
        Finding(
            "/answer", f"{found[mark]} x {mark} in the answer, but {wanted[mark]} of it to show", "placeholders", 0.0
        )
        for mark in wanted
        if found[mark] != wanted[mark]
    ]
    off = sum(abs(found[mark] - wanted[mark]) for mark in wanted)
    return score_of(1.0 - off / total, findings)


def _text(value: Json) -> str:
    """All texts of an answer in the order they are read."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_text(item) for item in cast("list[Json]", value))
    return _text(cast("dict[str, Json]", value).get("text")) if isinstance(value, dict) else ""
