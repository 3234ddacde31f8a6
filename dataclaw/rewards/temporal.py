"""Does time run right in a draft: frames and spans inside the stream, things in order, the course of the reference?

`order` guards against temporal hallucination, `temporal_shape` is R_anchor (both of the paper). Whether single frames
are supported is `evidence`.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.places import places_of, values_with_ref
from dataclaw.rewards.similarity import decay, is_number
from dataclaw.schema import select
from dataclaw.types import Anchor, Finding, Json

K = 50
TAU = 0.10
FAR = 1e9
"""Indices beyond it (junk) are cut, so that nothing overflows."""


def resample(course: Sequence[float], points: int = K) -> NDArray[np.float64]:
    """A course of at least one value, read off at `points` even steps by linear interpolation."""
    return np.interp(_grid(points), _grid(len(course)), course)


@lru_cache(maxsize=512)
def _grid(points: int) -> NDArray[np.float64]:
    return np.linspace(0.0, 1.0, points)


def shape_distance(predicted: Sequence[float], reference: Sequence[float], last: float) -> float:
    """`d = mean |p_k - r_k|` of two courses of frame indices, over `last`, resampled to K = 50 (paper, R_anchor).

    Args:
        predicted: frame indices, at least one.
        reference: frame indices, at least one.
        last: index of the last frame, more than 0.
    """
    return float(np.abs(resample(predicted) - resample(reference)).sum()) / (K * last)


@rule("temporal_shape", needs=["reference"])
def temporal_shape(case: Case, *, paths: str | Sequence[str] = ()) -> Score:
    """Nearness of the draft's course of frames to the reference's: exp(-d / 0.10), d = mean |p - r| over 50 points.

    Frame indices are divided by the last index of the stream; where its frames are not known, by the largest index of
    the reference. One index is a course that stays put. Without an index in the reference the rule does not apply;
    without one in the draft it scores 0. Source: the paper's R_anchor.

    Args:
        case: the draft.
        paths: patterns of frame indices, in the order of the course; every place with `x-ref` "frame" by default.
    """
    reference = _course(case.reference, case, paths)
    if not reference:
        return NOT_APPLICABLE
    predicted = _course(case.draft, case, paths)
    if not predicted:
        return score_of(0.0, [Finding("", f"names no frame, the reference {len(reference)}", "temporal_shape", 0.0)])
    last = max(len(case.frame_times) - 1, 0) or max(*reference, 1.0)
    distance = shape_distance(predicted, reference, last)
    value = decay(distance, TAU)
    message = f"course of {len(predicted)} frame(s) is {distance:.3f} of the stream off the reference's on average"
    return score_of(value, [Finding("", message, "temporal_shape", value)] if value < 1 else [])


def _course(draft: Json, case: Case, paths: str | Sequence[str]) -> list[float]:
    if paths:
        found = [value for pattern in patterns(paths) for _, value in select(draft, pattern)]
    else:
        found = values_with_ref(draft, case, "frame")
    course = [value for value in found if is_number(value)]
    if course and max(max(course), -min(course)) > FAR:
        return [min(max(value, -FAR), FAR) for value in course]
    return course


@rule("time_error", needs=["reference"])
def time_error(case: Case, *, paths: str | Sequence[str], tau: float = 1.0) -> Score:
    """Mean of exp(-|dt| / tau) over the reference's times, each against the draft's time at the same place.

    A time that the draft lacks scores 0, and so does one that the reference lacks.

    Args:
        case: the draft.
        paths: patterns of times [s].
        tau: error at which a time scores 1/e [s].
    """
    truth = {place: value for p in patterns(paths) for place, value in select(case.reference, p) if is_number(value)}
    stated = {place: value for p in patterns(paths) for place, value in select(case.draft, p)}
    if not truth:
        return NOT_APPLICABLE
    scores: list[float] = []
    findings: list[Finding] = []
    for place in dict.fromkeys([*truth, *stated]):
        right, said = truth.get(place), stated.get(place)
        score = decay(abs(said - right), tau) if right is not None and is_number(said) else 0.0
        scores.append(score)
        if score < 1:
            findings.append(Finding(place, f"{said} s, the reference has {right} s", "time_error", score))
    return score_of(sum(scores) / len(scores), findings)


ORDER = "order"
UNORDERED = frozenset({"left_out"})


@rule(ORDER)
def order(case: Case, *, paths: str | Sequence[str] = (), slack: float = 0.05) -> Score:
    """1 - inversions / pairs over the times of what successive items cite: 1 when told in order.

    An item's time is the start of the earliest anchor it cites; a pair is inverted when the later item is more than
    `slack` earlier. Items without a seen anchor are passed over, pairs of different parts of a stream are not compared.
    Fewer than two items: does not apply.

    Args:
        case: the draft.
        paths: patterns of items in order, each a sequence of its own; by default every array at the top of the draft
            whose items cite by the schema, `left_out` excepted.
        slack: difference that is no inversion [s].
    """
    inverted = compared = 0
    findings: list[Finding] = []
    for items in _sequences(case, paths):
        compared += len(items) * (len(items) - 1) // 2
        turns = _turns(items, slack)
        if turns:  # without an item that falls behind there is no inverted pair to count
            inverted += _inversions([anchor.t0 for _, anchor in items], slack)
            findings += turns
    return score_of(1.0 - inverted / compared, findings) if compared else NOT_APPLICABLE


def _sequences(case: Case, paths: str | Sequence[str]) -> Iterable[list[tuple[str, Anchor]]]:
    """`(pointer, earliest anchor)` of the items to compare, one list for each array and part of the stream."""
    found: dict[tuple[str, str], list[tuple[str, Anchor]]] = {}
    chosen = {place: pattern for pattern in patterns(paths) for place, _ in select(case.draft, pattern)}
    for citation in places_of(case).citations:
        array = chosen.get(citation.pointer, "") if paths else _array(citation.pointer)
        if array and citation.anchors:
            first = min(citation.anchors, key=_start)
            found.setdefault((array, first.part), []).append((citation.pointer, first))
    return found.values()


_start = attrgetter("t0")


@lru_cache(maxsize=4096)
def _array(pointer: str) -> str:
    """The array at the top of the draft whose item a pointer names, or ""."""
    array, _, index = pointer.rpartition("/")
    return array if index.isdecimal() and array.count("/") == 1 and array[1:] not in UNORDERED else ""


def _inversions(times: Sequence[float], slack: float) -> int:
    """Pairs `i < j` with `times[i] > times[j] + slack`, in O(n log n)."""
    count, earlier = 0, list[float]()
    for time in times:
        count += len(earlier) - bisect_right(earlier, time + slack)
        insort(earlier, time)
    return count


def _turns(items: Sequence[tuple[str, Anchor]], slack: float) -> list[Finding]:
    """One finding for each item that falls behind the latest time before it."""
    findings: list[Finding] = []
    latest = items[0][1]
    for place, anchor in items[1:]:
        if anchor.t0 < latest.t0 - slack:
            message = f"cites {anchor.id} at {anchor.t0:.2f} s after {latest.id} at {latest.t0:.2f} s was told"
            findings.append(Finding(place, message, ORDER, 0.0))
        elif anchor.t0 > latest.t0:
            latest = anchor
    return findings


RANGES = "media_ranges"
ENDS = ("start", "end")


@rule(RANGES)
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
    findings = [Finding(place, problem, RANGES, 0.0) for place, problem in checks if problem]
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
