"""The changes of shot of a recording, decoding no more of it than may hold one.

The first frame of every group of pictures decodes alone, and packets tell their size without decoding. Where the heads
of two groups show one place in the same colours, and nothing between them took many bytes, the shot went on: such a
group is passed over. All others are decoded frame by frame, small. In noise every packet is large, and a short group is
passed over for its ends alone: a shorter shot between two of one and the same picture is not seen there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dataclaw.streams.frames import GroupHead, footage, group_heads
from dataclaw.tools.shots import AROUND, REMEMBERED, SIZE, ShotChange, ShotLook, same_shot, shot_changes, shot_look
from dataclaw.types import Footage, Frames, Span

NEW = 0.5
"""A packet of at least this share of its group's first may bring a new scene."""
NOISE = 0.3
"""Where usual packets are that large, sizes do not tell."""
SHORT = 3.0
"""Longest group that is passed over for its ends alone [s]."""
LIKE, PLACE = 0.15, 0.6
"""Distance of colours and correlation of places within which the ends of a group show one shot: a camera that drifts
for a second has 0.09 and 0.67, other scenes of the same films 0.84 and 0.55."""


def shots_of(frames: Frames, span: Span) -> Iterator[ShotChange]:
    """Every change of shot within a span, in order of time; fades that overlap a cut may stand behind it.

    Args:
        frames: the frames of a stream.
        span: `(from, up to)` [s].

    Raises:
        StreamError: a frame cannot be decoded.
    """
    heads = [(head, shot_look(head.time, head.picture)) for head in group_heads(frames, *span, SIZE)]
    looks = [look for _, look in heads]
    last = span[0]
    for start, end in _unsure(heads, span, (AROUND + 4) / frames.rate if isinstance(frames, Footage) else 0.0):
        before = [look for look in looks if max(last, start - REMEMBERED) <= look.time < start]
        for change in shot_changes(footage(frames, start, end, SIZE), before):
            last = change.t1
            yield change


def _unsure(heads: Sequence[tuple[GroupHead, ShotLook]], span: Span, lead: float) -> Iterator[Span]:
    """The parts of a span in which the shot may change, each with what comes right behind it.

    Args:
        heads: of every group the first frame, and how it looks.
        span: all of it [s].
        lead: how much of what follows is needed to judge a change [s].
    """
    edges = [span[0], *(head.time for head, _ in heads), span[1]]
    sure = [False, *(_goes_on(a, b) for a, b in pairwise(heads)), False][: len(edges) - 1]
    start: float | None = None
    for (begin, end), passed in zip(pairwise(edges), sure, strict=True):
        if not passed or end - begin <= lead:
            start = begin if start is None else start
        elif start is not None:
            yield start, begin + lead
            start = None
    if start is not None:
        yield start, span[1]


def _goes_on(here: tuple[GroupHead, ShotLook], after: tuple[GroupHead, ShotLook]) -> bool:
    """Whether the shot surely goes on from one head to the next."""
    (head, a), (_, b) = here, after
    nothing_new = head.largest < NEW or (head.usual > NOISE and b.time - a.time <= SHORT)
    return nothing_new and same_shot(a, b, LIKE, PLACE)
