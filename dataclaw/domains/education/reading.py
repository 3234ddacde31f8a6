"""Reads drafts for the rules: a draft may be any JSON, and what has another form than expected counts as absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from dataclaw.domains.education.lessons import text_of
from dataclaw.rewards import Case, anchors_of
from dataclaw.schema import citing_objects, fields_of
from dataclaw.types import Anchor, Json


def words_by(anchor: Anchor) -> str:
    """Every text of an anchor."""
    return " . ".join([text_of(anchor), *texts_in(anchor.attrs), anchor.content])


def texts_in(value: Json) -> Iterator[str]:
    """Every text at and below a value, without those of `cite`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Json]", value).items():
            if key != "cite":
                yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Json]", value):
            yield from texts_in(item)


def kept_anchors(case: Case) -> Iterator[tuple[str, Anchor]]:
    """Every anchor cited outside `cot` and `left_out`, with its place."""
    kept = {key: value for key, value in fields_of(case.draft).items() if key not in {"cot", "left_out"}}
    for place, entries in citing_objects(kept):
        yield from ((f"{place}/cite", anchor) for anchor in anchors_of(entries, case))


def text_or_empty(value: Json) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


def time_of(case: Case, frame: Json) -> float:
    """Time of a frame [s], NaN when there is no such frame."""
    known = isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < len(case.frame_times)
    return float(case.frame_times[frame]) if known else float("nan")
