"""A cut as a stream: what lies on which track from when to when, whatever file said it.

Readers of the formats give pieces with times in seconds from any zero; here they are checked, moved so that the first
begins at 0 s, put in order and made events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.types import Event, Json, Stream

MAX_SECONDS = 10 * 86_400.0
"""Longest cut [s]: ten days. What lasts longer is a damaged number of frames."""

MAX_PIECES = 100_000
_SAID = 8
"""Most sentences about one kind of fault."""

_ORDER = {"clip": 0, "gap": 1, "transition": 2, "marker": 3}


@dataclass(frozen=True, slots=True)
class Piece:
    """Something on a track.

    Attributes:
        kind: "clip", "gap", "transition" or "marker".
        text: its name.
        track: path of its track, the names of what it is nested in before it ("V1", "V1/Intro/Titles").
        t0: start [s].
        t1: end [s].
        place: line or object it was read from, "" when unknown.
        attrs: whatever else the source says (`source_in`, `source_out` [s], `speed`, `media`, `rate` [1/s], ...).
    """

    kind: str
    text: str
    track: str
    t0: float
    t1: float
    place: str = ""
    attrs: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that a file says.

    Attributes:
        title: name of the cut, "" when it has none.
        rate: frames per second [1/s].
        tracks: kind ("video", "audio") of each track by its path, in the file's order.
        pieces: what lies on them, in any order.
        problems: what was wrong and how it was handled.
        meta: further facts.
    """

    title: str
    rate: float
    tracks: Mapping[str, str]
    pieces: Sequence[Piece]
    problems: Sequence[str] = ()
    meta: Mapping[str, Json] = field(default_factory=dict[str, Json])


def timeline_stream(cut: Timeline, path: Path, name: str, form: tuple[str, int, Sampling]) -> Stream:
    """The stream of a cut; `form` is format, number in the file, and sampling.

    Raises:
        StreamError: nothing lies on it, or its times are beyond reason.
    """
    pieces = _from_zero(cut, path)
    duration = max(piece.t1 for piece in pieces)
    order = {track: k for k, track in enumerate(cut.tracks)}
    pieces.sort(key=lambda p: (p.t0, order[p.track], _ORDER[p.kind], p.t1, p.text))
    return Stream(
        id=content_id([path], form[0], form[1], salt_of(form[2])),
        kind="timeline",
        name=name,
        path=str(path.absolute()),
        format=form[0],
        duration=duration,
        events=tuple(_event(index, piece, cut) for index, piece in enumerate(pieces)),
        meta=_meta(cut, pieces),
        problems=(*cut.problems, *_overlaps(pieces, cut.rate)),
    )


def _from_zero(cut: Timeline, path: Path) -> list[Piece]:
    """The pieces with the first one's start at 0 s."""
    if not any(piece.kind == "clip" for piece in cut.pieces):
        raise StreamError(
            "holds no clip.", place=path, remedy="Export a cut that has clips on a track, or leave it out."
        )
    if len(cut.pieces) > MAX_PIECES:
        raise StreamError(f"holds more than {MAX_PIECES:,} clips.", place=path, remedy="Split the cut.")
    start = min(piece.t0 for piece in cut.pieces)
    for piece in cut.pieces:
        _check(piece, start, path)
    return [Piece(p.kind, p.text, p.track, p.t0 - start, p.t1 - start, p.place, p.attrs) for p in cut.pieces]


def _check(piece: Piece, start: float, path: Path) -> None:
    what, place = f"{piece.kind} {piece.text[:80]!r}", f"{path}:{piece.place}" if piece.place else str(path)
    if piece.t1 < piece.t0:
        why = f"{what} ends {piece.t0 - piece.t1:.3f} s before it starts."
        raise StreamError(why, place=place, remedy="Correct its range.")
    if piece.t1 - start > MAX_SECONDS:
        hours = (piece.t1 - start) / 3600
        why = f"{what} ends {hours:,.0f} h after the start; a cut may last {MAX_SECONDS / 3600:.0f} h."
        raise StreamError(why, place=place, remedy="Correct its number of frames or its rate.")


def _event(index: int, piece: Piece, cut: Timeline) -> Event:
    attrs = {"track": piece.track, "track_kind": cut.tracks[piece.track], "rate": cut.rate, **piece.attrs}
    return Event(index, piece.kind, piece.t0, piece.t1, text=piece.text, place=piece.place, attrs=attrs)


def _meta(cut: Timeline, pieces: Sequence[Piece]) -> dict[str, Json]:
    clips = Counter(piece.track for piece in pieces if piece.kind == "clip")
    tracks = [{"name": name, "kind": kind, "clips": clips[name]} for name, kind in cut.tracks.items()]
    return {"title": cut.title, "rate": cut.rate, "tracks": tracks, "windows": [], **cut.meta}


def _overlaps(pieces: Sequence[Piece], rate: float) -> list[str]:
    """One sentence for each two clips that lie on each other on one track; a frame's half is rounding."""
    by_track: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.kind == "clip":
            by_track.setdefault(piece.track, []).append(piece)
    found = [
        f"Clips {a.text[:60]!r} and {b.text[:60]!r} overlap on track {track} by {(a.t1 - b.t0) * rate:.0f} frames; "
        "both are kept as the file says."
        for track, clips in by_track.items()
        for a, b in pairwise(clips)
        if a.t1 - b.t0 > 0.5 / rate
    ]
    return first_sentences(found)


def first_sentences(said: Sequence[str]) -> list[str]:
    """The first sentences, and how many more there are."""
    more = [f"And {len(said) - _SAID} more of this kind."] if len(said) > _SAID else []
    return [*said[:_SAID], *more]
