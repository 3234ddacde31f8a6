"""Places and texts on the screen, for schemas and domains that name paths instead of marking them with `x-support`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, anchors_around, patterns, rule, score_of
from dataclaw.rewards.similarity import (
    as_numbers,
    decay,
    overlap,
    pixel_scale,
    plain,
    point_distance,
    quotation_score,
    region_of,
)
from dataclaw.schema import select
from dataclaw.types import Anchor, Finding, Json


@rule("point_in_box")
def point_in_box(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Mean nearness of points to a cited anchor: 1 inside its box, decaying with the distance outside.

    Outside, exp(-distance / 1 % of the frame's diagonal). The anchors are those of the nearest `cite` around the point;
    without one a point scores 0.

    Args:
        case: the draft.
        paths: patterns of `[x, y]` points [px]; null points are passed over.
    """
    scale = pixel_scale(case.frame_size)
    scores: list[float] = []
    findings: list[Finding] = []
    for place, value in _stated_values(case.draft, paths):
        point = as_numbers(value, 2)
        gaps = [
            (gap, a)
            for a in anchors_around(place, case)
            if point and (gap := point_distance((point[0], point[1]), a)) is not None
        ]
        gap, anchor = min(gaps, key=lambda pair: pair[0], default=(None, None))
        score = decay(gap, scale) if gap is not None else 0.0
        scores.append(score)
        if score < 1:
            far = (
                f"is {gap:.0f} px outside anchor {region_of(anchor)}"
                if gap is not None and anchor
                else "no cited anchor has a place"
            )
            findings.append(Finding(place, f"{_show(value)} {far}", "point_in_box", score))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("iou")
def iou(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Mean over boxes of the best intersection over union with a cited anchor's box (any seen box when none is cited).

    Args:
        case: the draft.
        paths: patterns of `[x0, y0, x1, y1]` boxes [px]; null boxes are passed over.
    """
    scores: list[float] = []
    findings: list[Finding] = []
    for place, value in _stated_values(case.draft, paths):
        box = as_numbers(value, 4)
        anchors: Iterable[Anchor] = anchors_around(place, case) or case.anchors.values()
        shares = [
            (overlap((box[0], box[1], box[2], box[3]), a.box), a.id, region_of(a))
            for a in anchors
            if box and a.box is not None
        ]
        score, _, region = max(shares, default=(0.0, "", ""))
        scores.append(score)
        if score < 1:
            near = f"IoU {score:.2f} with anchor {region}" if region else "no anchor here has a box"
            findings.append(Finding(place, f"{_show(value)}: {near}", "iou", score))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


@rule("text_on_screen")
def text_on_screen(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Mean over texts of the best likeness with something seen: a text, an event's text or its target.

    1 when a seen text holds the words in a row; else max(0, 2 r - 1) of the best match, r = likeness of the characters.

    Args:
        case: the draft.
        paths: patterns of texts that are said to stand on the screen; empty and null ones are passed over.
    """
    seen = list(dict.fromkeys(plain(text) for anchor in case.anchors.values() for text in _texts(anchor) if text))
    scores: list[float] = []
    findings: list[Finding] = []
    for place, value in _stated_values(case.draft, paths):
        if not isinstance(value, str) or not value.strip():
            continue
        score, nearest = _nearest(value, seen)
        scores.append(score)
        if score < 1:
            findings.append(
                Finding(place, f'{_show(value)} was not seen (nearest: "{nearest}")', "text_on_screen", score)
            )
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _stated_values(draft: Json, paths: str | Sequence[str]) -> list[tuple[str, Json]]:
    return [pair for pattern in patterns(paths) for pair in select(draft, pattern) if pair[1] is not None]


def _texts(anchor: Anchor) -> tuple[str, ...]:
    said = (anchor.attrs.get("text"), anchor.attrs.get("target"), anchor.attrs.get("window"))
    return (anchor.content, *(text for text in said if isinstance(text, str)))


def _nearest(value: str, seen: Sequence[str]) -> tuple[float, str]:
    whole = plain(value)
    if any(quotation_score(whole, text) == 1.0 for text in seen if whole in text):
        return 1.0, whole
    match = process.extractOne(whole, seen, scorer=fuzz.ratio)
    return (quotation_score(whole, match[0]), match[0][:60]) if match else (0.0, "")


def _show(value: Json) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
