"""OpenTimelineIO documents: stacks of tracks of clips, nested as deep as an editor likes, flattened in time.

Where a nested stack or track is played at another speed, so is what is in it; where only a part of it is used, what
lies outside that part is left out. Times of a freeze frame's inside are those of the frame it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.edits.otio_values import (
    BadTimeError,
    Node,
    Range,
    effects_of,
    extent,
    is_enabled,
    media_facts,
    range_of,
    schema,
    speed_of,
    text,
    time_of,
)
from dataclaw.streams.edits.timeline import MAX_PIECES, Piece, Timeline, first_sentences, timeline_stream
from dataclaw.streams.files import head_of, json_in, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.values import object_of, objects_of
from dataclaw.types import Json, Stream

MAX_NESTING = 64
SAMPLED = 1000.0
"""Rates from here on are those of sound, which is counted in samples [1/s]."""
_FRACTION = 1e-6
"""Shorter lengths count as nothing [s]."""


@dataclass(frozen=True, slots=True)
class TimeMapping:
    """How the time inside a composition maps to that of the cut: `t = t0 + (inner - start) / speed`.

    Attributes:
        t0: where the composition begins in the cut [s].
        t1: where it ends [s].
        start: time inside it that is shown at `t0` [s].
        speed: inner seconds in a second of the cut.
        depth: how deep it is nested.
        enabled: whether all that it is nested in is switched on.
    """

    t0: float = 0.0
    t1: float = float("inf")
    start: float = 0.0
    speed: float = 1.0
    depth: int = 0
    enabled: bool = True

    def of(self, inner0: float, inner1: float) -> tuple[float, float] | None:
        """Where an inner span is seen in the cut [s], or None when it is not."""
        if self.speed == 0:
            return (self.t0, self.t1) if inner0 - _FRACTION <= self.start < inner1 - _FRACTION else None
        ends = sorted(self.t0 + (inner - self.start) / self.speed for inner in (inner0, inner1))
        t0, t1 = max(ends[0], self.t0), min(ends[1], self.t1)
        gone = t1 < t0 or (t1 - t0 < _FRACTION <= inner1 - inner0)
        return None if gone else (t0, t1)


@dataclass(slots=True)
class Walk:
    """What a walk through the document has found.

    Attributes:
        path: the document.
        tracks: kind of each track by its path.
        pieces: what lies on them.
        problems: what was wrong.
        rates: clips by the rate of their range [1/s].
        trimmed: items that the part of their track in use does not show.
        strayed: markers outside their clip.
        record_start: time code at which the cut begins where an edit decision list gave it [s].
        kinds: tracks by kind.
        named: further tracks by the path that they would have had.
    """

    path: Path
    tracks: dict[str, str] = field(default_factory=dict[str, str])
    pieces: list[Piece] = field(default_factory=list[Piece])
    problems: list[str] = field(default_factory=list[str])
    rates: Counter[float] = field(default_factory=Counter[float])
    trimmed: int = 0
    strayed: int = 0
    record_start: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter[str])
    named: Counter[str] = field(default_factory=Counter[str])

    def name(self, above: str, name: str, kind: str) -> str:
        """A path for a track that no other has; without a name, its kind and number."""
        self.kinds[kind] += 1
        wanted = name or f"{kind[:1].upper()}{self.kinds[kind]}"
        wanted = fresh = f"{above}/{wanted}" if above else wanted
        while fresh in self.tracks:
            self.named[wanted] += 1
            fresh = f"{wanted} #{self.named[wanted] + 1}"
        self.tracks[fresh] = kind
        return fresh

    def refuse(self, what: Node, why: str) -> StreamError:
        """The error for an object of the document."""
        return StreamError(
            f"{schema(what) or 'object'} {text(what.get('name'), 80)!r}: {why}.",
            place=self.path,
            remedy="Export the cut again, or correct that value.",
        )


def claims(path: Path) -> bool:
    """Whether it is named .otio and begins like a document of OTIO."""
    return b'"OTIO_SCHEMA"' in head_of(path, 2**16, ".otio")


def timelines(document: Node) -> list[Node]:
    """The cuts of a document: itself, or those of its collection."""
    if schema(document) == "SerializableCollection":
        return [
            child for child in objects_of(document.get("children")) if schema(child) in ("Timeline", "Stack", "Track")
        ]
    return [document]


@while_unchanged(1)  # each timeline of a collection asks for it
def _timelines_in(path: Path) -> list[Node]:
    return timelines(object_of(json_in(path)))


def _open(path: Path, index: int, sampling: Sampling) -> Stream:
    found = _timelines_in(path)
    if not found:
        raise StreamError("is a collection without a timeline.", place=path, remedy="Export the timeline itself.")
    name = path.name if len(found) == 1 else f"{path.name}#{index}"
    return timeline_stream(read_timeline(found[index], path), path, name, ("otio", index, sampling))


def read_timeline(timeline: Node, path: Path) -> Timeline:
    """Walk through a timeline (or a bare stack or track).

    Raises:
        StreamError: a time in it means nothing, it is nested too deeply, or holds too much.
    """
    walk = Walk(path)
    top = object_of(timeline.get("tracks")) if schema(timeline) == "Timeline" else timeline
    if schema(top) not in ("Stack", "Track"):
        raise walk.refuse(timeline, "holds no tracks")
    _composition(walk, top, TimeMapping(), "")
    title = text(timeline.get("name")) or text(top.get("name"))
    rate = next((rate for rate, _ in walk.rates.most_common() if rate < SAMPLED), 24.0)
    return Timeline(title, rate, walk.tracks, walk.pieces, _problems(walk), _start(walk, timeline))


def _start(walk: Walk, timeline: Node) -> dict[str, Json]:
    if not object_of(timeline.get("global_start_time")):
        return {}
    try:
        return {"start_timecode": time_of(timeline["global_start_time"])[0]}
    except BadTimeError as error:
        walk.problems.append(f"The timeline's start cannot be read: {error}; left out.")
        return {}


def _problems(walk: Walk) -> list[str]:
    said = first_sentences(walk.problems)
    if walk.trimmed:
        said.append(f"{walk.trimmed} items lie outside the part of their nested track that is used; left out.")
    if walk.strayed:
        said.append(f"{walk.strayed} markers lie outside their clip; put at its nearer end.")
    return said


def _composition(walk: Walk, what: Node, view: TimeMapping, above: str) -> None:
    """The children of a stack or track, seen through `view`."""
    if view.depth > MAX_NESTING:
        raise walk.refuse(what, f"is nested more than {MAX_NESTING} levels deep")
    if schema(what) == "Track":
        _track(walk, what, view, above)
        return
    home = above or walk.name("", "stack", "marker") if objects_of(what.get("markers")) else above
    _markers(walk, what, Range(view.start, (view.t1 - view.t0), 0.0), (view, home))
    for child in objects_of(what.get("children")):
        if schema(child) in ("Track", "Stack"):
            inner = _window(walk, child, 0.0)
            _walk_nested(walk, child, inner, (view, above))
        else:
            track = walk.name("", above or "V", "video")  # a bare clip in a stack is a layer of its own
            _item(walk, child, 0.0, (view, track))


def _window(walk: Walk, child: Node, at: float) -> tuple[float, float, float]:
    """`(begin, length, inner start)` of a composition that begins at `at` in the one around it [s]."""
    span = _range(walk, child)
    if span is not None and not _hides_all(walk, child, span):
        # the window of a track in a stack may begin before the track itself: the rest of it is empty
        return at, span.length, span.start
    return at, _length(walk, child), 0.0


def _hides_all(walk: Walk, child: Node, span: Range) -> bool:
    """Whether the window lies wholly beside what is in it, as in cuts that were made from an edit decision list."""
    length = _length(walk, child, whole=True)
    hides = length > 0 and (span.start + span.length <= _FRACTION or span.start >= length - _FRACTION)
    if hides:
        name = text(child.get("name"), 60)
        walk.record_start = max(0.0, -span.start)
        walk.problems.append(f"The range of {schema(child).lower()} {name!r} leaves out all that is in it; ignored.")
    return hides


def _walk_nested(walk: Walk, child: Node, inner: tuple[float, float, float], place: tuple[TimeMapping, str]) -> None:
    view, above = place
    at, length, start = inner
    seen = view.of(at, at + length)
    if seen is None:
        walk.trimmed += 1
        return
    outer = view.speed or 1.0
    speed = _speed(walk, child)
    offset = (seen[0] - view.t0) * outer + view.start - at
    shown = view.enabled and is_enabled(child)
    deeper = TimeMapping(seen[0], seen[1], start + offset * speed, speed * view.speed, view.depth + 1, shown)
    if not objects_of(child.get("children")) and schema(child) == "Stack":
        _empty(walk, child, deeper, above)
        return
    path = above
    if schema(child) == "Stack" and view.depth:
        path = f"{above}/{text(child.get('name'), 80) or 'stack'}"
    _composition(walk, child, deeper, path)


def _empty(walk: Walk, stack: Node, view: TimeMapping, above: str) -> None:
    """A nested sequence whose inside is not in the document still takes its place on the track."""
    if above not in walk.tracks:
        return
    attrs: dict[str, Json] = {"media": "", "media_kind": "nested", "enabled": view.enabled, "speed": view.speed}
    walk.pieces.append(Piece("clip", text(stack.get("name")), above, view.t0, view.t1, attrs=attrs))
    _markers(walk, stack, Range(view.start, view.t1 - view.t0, 0.0), (view, above))


def _track(walk: Walk, track: Node, view: TimeMapping, above: str) -> None:
    kind = text(track.get("kind"), 20).lower() or "video"
    path = walk.name(above, text(track.get("name"), 80), kind)
    _markers(walk, track, Range(view.start, view.t1 - view.t0, 0.0), (view, path))
    at = 0.0
    nothing: Node = {}
    around = [nothing, *objects_of(track.get("children")), nothing]
    for before, child, after in zip(around, around[1:-1], around[2:], strict=False):
        if len(walk.pieces) > MAX_PIECES:
            raise walk.refuse(track, f"the cut holds more than {MAX_PIECES:,} items")
        if schema(child) == "Transition":
            _transition(walk, child, at, ((view, path), (before, after)))
        elif schema(child) in ("Stack", "Track"):
            inner = _window(walk, child, at)
            _walk_nested(walk, child, inner, (view, path))
            at += inner[1]
        else:
            at += _item(walk, child, at, (view, path))


def _item(walk: Walk, item: Node, at: float, place: tuple[TimeMapping, str]) -> float:
    """A clip or a gap; its length inside its track [s]."""
    view, track = place
    span = _range(walk, item, media=True)
    kind = {"Clip": "clip", "Gap": "gap"}.get(schema(item), "gap")
    name = text(item.get("name"))
    if schema(item) not in ("Clip", "Gap"):
        walk.problems.append(f"{text(item.get('OTIO_SCHEMA'), 60) or 'An object'} {name!r} is unknown; kept as a gap.")
    if span is None:
        walk.problems.append(f"{schema(item)} {name[:60]!r} on track {track} has no range and no media; left out.")
        return 0.0
    walk.rates[span.rate] += kind == "clip"
    seen = view.of(at, at + span.length)
    if seen is None:
        walk.trimmed += 1
        return span.length
    attrs = _clip_attrs(walk, item, (span, seen), (view, at)) if kind == "clip" else {}
    attrs["enabled"] = view.enabled and is_enabled(item)
    walk.pieces.append(Piece(kind, name, track, *seen, attrs=attrs))
    _markers(walk, item, span, (replace(view, t0=seen[0], t1=seen[1], start=span.start), track))
    return span.length


def _speed(walk: Walk, item: Node) -> float:
    try:
        return speed_of(item)
    except BadTimeError as error:
        raise walk.refuse(item, str(error)) from None


def _clip_attrs(
    walk: Walk, clip: Node, shown: tuple[Range, tuple[float, float]], inside: tuple[TimeMapping, float]
) -> dict[str, Json]:
    (span, seen), (view, at) = shown, inside
    own = _speed(walk, clip)
    skipped = (seen[0] - view.t0) * view.speed + view.start - at  # of the clip, cut off by the window around it
    begin = span.start + skipped * own
    speed = own * view.speed
    attrs: dict[str, Json] = {
        "source_in": round(begin, 6),
        "source_out": round(begin + (seen[1] - seen[0]) * speed, 6),
        "speed": round(speed, 6),
        "source_rate": span.rate,
        **media_facts(clip),
    }
    effects = effects_of(clip)
    return attrs | ({"effects": effects} if effects else {})


def _transition(walk: Walk, what: Node, at: float, place: tuple[tuple[TimeMapping, str], tuple[Node, Node]]) -> None:
    (view, track), (before, after) = place
    try:
        lead, _ = time_of(what.get("in_offset"))
        tail, _ = time_of(what.get("out_offset"))
    except BadTimeError as error:
        raise walk.refuse(what, str(error)) from None
    seen = view.of(at - lead, at + tail)
    if seen is None:
        walk.trimmed += 1
        return
    attrs: dict[str, Json] = {
        "transition_type": text(what.get("transition_type"), 60),
        "in_offset": round(lead, 6),
        "out_offset": round(tail, 6),
        "from": text(before.get("name"), 200),
        "to": text(after.get("name"), 200),
    }
    name = text(what.get("name")) or text(what.get("transition_type"), 60)
    walk.pieces.append(Piece("transition", name, track, *seen, attrs=attrs))


def _markers(walk: Walk, item: Node, span: Range, place: tuple[TimeMapping, str]) -> None:
    view, track = place
    for marker in objects_of(item.get("markers")):
        marked = _marker_range(walk, marker)
        # markers of an edit decision list tell the time code of the cut, all others that of the clip
        recorded = walk.record_start > 0 and "cmx_3600" in object_of(marker.get("metadata"))
        from_clip = view.t0 + (marked.start - span.start) / (view.speed or 1.0)
        t0 = marked.start - walk.record_start if recorded else from_clip
        t1 = t0 + marked.length / abs(view.speed or 1.0)
        walk.strayed += not view.t0 - _FRACTION <= t0 <= view.t1 + _FRACTION
        t0 = min(max(t0, view.t0), view.t1)
        attrs: dict[str, Json] = {"color": _colour(marker), "marked_at": round(marked.start, 6)}
        words = _comment(marker)
        attrs |= {"comment": words} if words else {}
        walk.pieces.append(Piece("marker", text(marker.get("name")), track, t0, max(t0, min(t1, view.t1)), attrs=attrs))


def _marker_range(walk: Walk, marker: Node) -> Range:
    try:
        return range_of(marker.get("marked_range") or marker.get("range")) or Range(0.0, 0.0, 24.0)
    except BadTimeError as error:
        raise walk.refuse(marker, str(error)) from None


def _colour(marker: Node) -> str:
    colour = marker.get("color")
    return text(colour, 40) or text(object_of(colour).get("name"), 40)


def _comment(marker: Node) -> str:
    said = [text(marker.get("comment"), 500)]
    said += [text(object_of(value).get("comment"), 500) for value in object_of(marker.get("metadata")).values()]
    return next((words for words in said if words), "")


def _range(walk: Walk, item: Node, *, media: bool = False) -> Range | None:
    """The range of an item, never negative in length; `media`: that of its media where it has none of its own."""
    try:
        span = extent(item) if media else range_of(item.get("source_range"))
    except BadTimeError as error:
        raise walk.refuse(item, str(error)) from None
    if span is not None and span.length < 0:
        raise walk.refuse(item, f"lasts {span.length:g} s: it ends before it starts")
    return span


def _length(walk: Walk, what: Node, *, whole: bool = False, depth: int = 0) -> float:
    """How long an item is by itself [s]; `whole`: its contents, whatever part of them is used."""
    if depth > MAX_NESTING + 2:
        raise walk.refuse(what, f"is nested more than {MAX_NESTING} levels deep")
    span = None if whole else _range(walk, what, media=schema(what) not in ("Stack", "Track"))
    if span is not None:
        return span.length
    lengths = list(_lengths(walk, what, depth))
    return sum(lengths) if schema(what) == "Track" else max(lengths, default=0.0)


def _lengths(walk: Walk, what: Node, depth: int) -> Iterator[float]:
    for child in objects_of(what.get("children")):
        if schema(child) != "Transition":
            yield _length(walk, child, depth=depth + 1)


OTIO = Loader("otio", "timeline", claims, _open, count_of(_timelines_in))
