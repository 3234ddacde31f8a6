"""R_anchor: is the course through time the reference's? Whether single frames are supported is `evidence`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.places import values_with_ref
from dataclaw.rewards.similarity import decay, is_number
from dataclaw.schema import select
from dataclaw.types import Finding, Json

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
