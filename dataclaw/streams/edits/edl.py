"""Edit decision lists in the CMX 3600 form: one line an event, remarks below it.

`001 REEL V C 01:00:04:05 01:00:05:12 00:59:53:11 00:59:54:18`: number, reel, channel, kind of edit (C cut, D dissolve,
W wipe, K key; with its frames), source in and out, record in and out. Where source and record are not of one length,
the record stands, since it is what was seen, and the event says by how much they differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.edits.otio_values import base_name
from dataclaw.streams.edits.timecode import Counting, TimeCode, find_counting, parse_code
from dataclaw.streams.edits.timeline import MAX_PIECES, Piece, Timeline, first_sentences, timeline_stream
from dataclaw.streams.files import bytes_of, head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.types import Json, Stream

MAX_WRONG = 0.5
"""Share of events whose source and record may differ in length; with more, the time codes say nothing."""

_LINE = re.compile(
    r"(\d{1,6})\s+(\S+)\s+(\S+)\s+(C|D|W\d{0,3}|K[BO]?)\s+(?:(\d{1,5})\s+)?(\S+)\s+(\S+)\s+(\S+)\s+(\S+)$"
)
_CLAIM = re.compile(rb"^\s*(TITLE\s*:|FCM\s*:|\d{1,6}\s+\S+\s+\S+\s+(C|D|W|K)\S*\s)", re.MULTILINE)
_REMARK = re.compile(
    r"\*?\s*(FROM CLIP NAME|TO CLIP NAME|FROM CLIP|FROM FILE|SOURCE FILE|LOC|ASC_SOP|ASC_SAT)\s*:?\s*(.*)"
)
_EFFECT = re.compile(r"\*?\s*(?:AVX2? EFFECT,|EFFECTS? NAME(?: IS)?\s*:?)\s*(\S.*)")
_SPEED = re.compile(r"M2\s+\S.*?\s(-?\d{1,5}(?:\.\d{1,6})?)\s+[\d:;.]{11,12}\s*$")
_LOCATOR = re.compile(r"(\S+)\s+(\w*)\s*(.*)")
_MAX_LINE = 2_000
_CHANNELS = {
    "B": ("V", "A1"),
    "B2": ("V", "A1", "A2"),
    "AA": ("A1", "A2"),
    "AA/V": ("V", "A1", "A2"),
    "A2/V": ("V", "A2"),
}
_TRANSITIONS = {"D": "SMPTE_Dissolve", "W": "SMPTE_Wipe", "K": "Key"}


@dataclass(slots=True)
class EdlEvent:
    """An event as its line says it, with its remarks.

    Attributes:
        line: number of the line, from 1.
        number: the event's number.
        reel: the reel or file it comes from.
        channel: "V", "A1", "B", ...
        edit: kind of edit.
        frames: length of its transition [frames].
        codes: source in, source out, record in, record out.
        remarks: text by kind of remark.
        locators: its markers.
        effects: names of effects put on it.
        speed: source frames per second that an M2 line gives, or None.
        freeze: whether a remark says FREEZE FRAME.
    """

    line: int
    number: int
    reel: str
    channel: str
    edit: str
    frames: int
    codes: tuple[TimeCode, TimeCode, TimeCode, TimeCode]
    remarks: dict[str, str] = field(default_factory=dict[str, str])
    locators: list[str] = field(default_factory=list[str])
    effects: list[str] = field(default_factory=list[str])
    speed: float | None = None
    freeze: bool = False

    def source(self, base: int, *, drop: bool = False) -> int:
        """Length of its source [frames]."""
        return self.codes[1].count(base, drop=drop) - self.codes[0].count(base, drop=drop)

    def record(self, base: int, *, drop: bool = False) -> int:
        """Length of its record [frames]."""
        return self.codes[3].count(base, drop=drop) - self.codes[2].count(base, drop=drop)

    @property
    def is_retimed(self) -> bool:
        """Whether its source need not be as long as its record."""
        return self.speed is not None or self.freeze


@dataclass(slots=True)
class Listing:
    """A list as read."""

    title: str = ""
    drop: bool = False
    rows: list[EdlEvent] = field(default_factory=list[EdlEvent])
    problems: list[str] = field(default_factory=list[str])
    unread: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def claims(path: Path) -> bool:
    """Whether it is named .edl and begins like a list."""
    return bool(_CLAIM.search(head_of(path, 2**16, ".edl")[:8192]))


def _open(path: Path, index: int, sampling: Sampling) -> Stream:
    text, problems = _text(path)
    listing = parse_edl(text, str(path))
    counting = _counting(listing, path)
    cut = _cut(listing, counting, [*problems, *([counting.note] if counting.note else [])], path)
    return timeline_stream(cut, path, path.name, ("cmx3600", index, sampling))


def _text(path: Path) -> tuple[str, list[str]]:
    data = bytes_of(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4096]:
        raise StreamError("is not plain text.", place=path, remedy="Save the list as UTF-8.")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        said = f"The list is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start}); read as Windows-1252."
        return data.decode("cp1252", errors="replace"), [said]


def parse_edl(text: str, place: str) -> Listing:
    """The events of a list.

    Raises:
        StreamError: it holds too many events.
    """
    listing = Listing()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()[:_MAX_LINE]
        if words[:1].isdigit():
            _event(listing, number, words)
        elif words.startswith("TITLE"):
            listing.title = words.partition(":")[2].strip()[:300]
        elif words.startswith("FCM"):
            listing.drop = "NON" not in words and "DROP" in words
        elif words and listing.rows and not _remarks(listing.rows, words):
            listing.unread.append((number, words[:60]))
        if len(listing.rows) > MAX_PIECES:
            raise StreamError(f"holds more than {MAX_PIECES:,} events.", place=place, remedy="Split the list.")
    if listing.unread:
        (line, words), count = listing.unread[0], len(listing.unread)
        also = f", and {count - 1} more" if count > 1 else ""
        listing.problems.append(f"Line {line} is a remark that is not understood ({words!r}){also}; left out.")
    return listing


def _event(listing: Listing, number: int, words: str) -> None:
    match = _LINE.match(words)
    codes = [parse_code(text) for text in match.groups()[5:]] if match else []
    known = [code for code in codes if code is not None]
    if match is None or len(known) < 4:
        listing.problems.append(f"Line {number} is no event that can be read ({words[:60]!r}); left out.")
        return
    source_in, source_out, record_in, record_out = known
    codes = (source_in, source_out, record_in, record_out)
    listing.rows.append(EdlEvent(number, int(match[1]), match[2], match[3], match[4], int(match[5] or 0), codes))


def _remarks(rows: Sequence[EdlEvent], words: str) -> bool:
    """Take a remark in for all events that it is made of; False where one of them does not know it."""
    known = [_remark(row, words) for row in _alike(rows)]
    return all(known)


def _alike(rows: Sequence[EdlEvent]) -> list[EdlEvent]:
    """The last row and those just above it that say the same of another channel: what is remarked is said of all."""
    last = rows[-1]
    found = [last]
    for row in reversed(rows[:-1]):
        if (row.number, row.edit, row.codes) != (last.number, last.edit, last.codes):
            break
        found.append(row)
    return found


def _remark(row: EdlEvent, words: str) -> bool:
    """Take a remark in; False for one that says something else than is known here. A clip's name alone says nothing."""
    if "FREEZE FRAME" in words:
        row.freeze = True
    elif match := _SPEED.match(words):
        row.speed = float(match[1])
    elif match := _REMARK.match(words):
        if match[1] == "LOC":
            row.locators.append(match[2])
        else:
            row.remarks[match[1]] = match[2].strip()[:500]
    elif match := _EFFECT.match(words):
        row.effects.append(match[1].strip()[:120])
    else:
        return words.lstrip("* ") in {"", *row.remarks.values()}
    return True


def _counting(listing: Listing, path: Path) -> Counting:
    """How its codes are counted.

    Raises:
        StreamError: no event, no rate, or codes that do not agree at any.
    """
    rows = listing.rows
    if not rows:
        raise StreamError("holds no event.", place=path, remedy="Export the list in the CMX 3600 form.")
    compared = [row for row in rows if not row.is_retimed]
    try:
        counting = find_counting(
            max(code.frames for row in rows for code in row.codes),
            lambda base: sum(row.source(base) != row.record(base) for row in compared),
            drop=listing.drop,
        )
    except ValueError as error:
        raise StreamError(f"{error}.", place=path, remedy="Correct the time code, or export again.") from None
    base, drop = counting.base, counting.drop
    wrong = [row for row in compared if row.source(base, drop=drop) != row.record(base, drop=drop)]
    if len(compared) > 1 and len(wrong) > MAX_WRONG * len(compared):
        raise StreamError(
            f"in {len(wrong)} of {len(compared)} events the source is not as long as the record, at any rate.",
            place=f"{path}:{wrong[0].line}",
            remedy="Export the list again, with speed changes as M2 lines.",
        )
    return counting


def _cut(listing: Listing, counting: Counting, problems: Sequence[str], path: Path) -> Timeline:
    said: list[str] = []
    tracks: dict[str, str] = {}
    pieces: list[Piece] = []
    rows = _without_tails(listing.rows)
    for position, row in enumerate(rows):
        before = next((r for r in reversed(rows[:position]) if r.channel == row.channel), None)
        if row.edit == "C" and _opens_transition(rows, position):
            continue  # the outgoing side of a transition: an event without length
        t0, t1 = counting.seconds(row.codes[2]), counting.seconds(row.codes[3])
        if t1 < t0 or (t1 == t0 and not row.frames):
            word = "before it starts" if t1 < t0 else "where it starts"
            said.append(f"Event {row.number} (line {row.line}) ends {word}; left out.")
            continue
        attrs = _attrs(row, counting, said)
        for track in _CHANNELS.get(row.channel, (row.channel[:20],)):
            tracks.setdefault(track, "audio" if track.startswith("A") else "video")
            pieces.append(Piece("clip", _name(row), track, t0, t1, f"line {row.line}", attrs))
            pieces += _transition(row, before, track, (t0, counting))
            pieces += _markers(row, track, counting, said)
    if not any(piece.kind == "clip" for piece in pieces):
        raise StreamError("has no event of any length.", place=path, remedy="Correct its record times.")
    pieces += _gaps(pieces, 0.5 / counting.rate)
    start = min(counting.seconds(row.codes[2]) for row in listing.rows)
    meta: dict[str, Json] = {"start_timecode": start, "drop_frame": counting.drop}
    return Timeline(
        listing.title, counting.rate, tracks, pieces, [*problems, *listing.problems[:8], *first_sentences(said)], meta
    )


def _without_tails(rows: Sequence[EdlEvent]) -> list[EdlEvent]:
    """The events, where a picture that only goes on after its dissolve or wipe stays one event."""
    kept: list[EdlEvent] = []
    for at, row in enumerate(rows):
        before = rows[at - 1] if at else row
        if before.edit != "C" and row.edit == "C" and _goes_on(before, row):
            before.codes = (before.codes[0], row.codes[1], before.codes[2], row.codes[3])
            before.locators += row.locators
            continue
        kept.append(row)
    return kept


def _goes_on(before: EdlEvent, row: EdlEvent) -> bool:
    """Whether an event shows the same material from the very frame at which the one before it ends."""
    same = (before.reel, before.channel, _name(before)) == (row.reel, row.channel, _name(row))
    joined = before.codes[1] == row.codes[0] and before.codes[3] == row.codes[2]
    return same and joined and not (before.is_retimed or row.is_retimed or row.effects)


def _opens_transition(rows: Sequence[EdlEvent], position: int) -> bool:
    row = rows[position]
    follows = position + 1 < len(rows) and rows[position + 1].number == row.number and rows[position + 1].edit != "C"
    return follows and row.codes[2] == row.codes[3]


def _attrs(row: EdlEvent, counting: Counting, said: list[str]) -> dict[str, Json]:
    source, record = row.source(counting.base, drop=counting.drop), row.record(counting.base, drop=counting.drop)
    speed = 0.0 if row.freeze and not row.speed else row.speed / counting.base if row.speed is not None else 1.0
    media = base_name(
        row.remarks.get("FROM CLIP") or row.remarks.get("FROM FILE") or row.remarks.get("SOURCE FILE", "")
    )
    attrs: dict[str, Json] = {
        "source_in": round(counting.seconds(row.codes[0]), 6),
        "source_out": round(counting.seconds(row.codes[1]), 6),
        "speed": round(speed, 6),
        "media": media,
        "media_kind": "external" if media else "missing",
        "enabled": True,
        "reel": row.reel,
        "event": row.number,
        "rate_said": "assumed" if "assumed" in counting.note else "inferred" if counting.note else "given",
    }
    if source < 0:
        said.append(f"Event {row.number} (line {row.line}): its source ends {-source} frames before it starts.")
    if not row.is_retimed and source != record:
        attrs["mismatch_frames"] = record - source
        said.append(
            f"Event {row.number} (line {row.line}): the source lasts {source} frames, the record {record}; "
            "the record is kept."
        )
    colour = {k.lower(): row.remarks[k] for k in ("ASC_SOP", "ASC_SAT") if k in row.remarks}
    effects: list[Json] = [{"name": "ASC CDL", "parameters": colour}] if colour else []
    effects += [{"name": name, "parameters": {}} for name in row.effects]
    return attrs | ({"effects": effects} if effects else {})


def _name(row: EdlEvent) -> str:
    remarks = row.remarks
    incoming = remarks.get("TO CLIP NAME") if row.edit != "C" else ""
    return incoming or remarks.get("FROM CLIP NAME") or remarks.get("FROM CLIP") or row.reel


def _transition(row: EdlEvent, before: EdlEvent | None, track: str, when: tuple[float, Counting]) -> list[Piece]:
    """A dissolve or wipe begins with its event and lasts so many frames of it."""
    if row.edit == "C":
        return []
    t0, counting = when
    length = row.frames / counting.rate
    came = row.remarks.get("FROM CLIP NAME") if "TO CLIP NAME" in row.remarks else _name(before) if before else ""
    attrs: dict[str, Json] = {
        "transition_type": _TRANSITIONS[row.edit[0]],
        "in_offset": 0.0,
        "out_offset": round(length, 6),
        "from": came or "",
        "to": _name(row),
    }
    return [Piece("transition", attrs["transition_type"], track, t0, t0 + length, f"line {row.line}", attrs)]


def _markers(row: EdlEvent, track: str, counting: Counting, said: list[str]) -> list[Piece]:
    found: list[Piece] = []
    for locator in row.locators:
        match = _LOCATOR.match(locator)
        code = parse_code(match[1]) if match else None
        if match is None or code is None:
            said.append(f"Event {row.number} (line {row.line}) has a marker without a time code; left out.")
            continue
        at = min(max(counting.seconds(code), counting.seconds(row.codes[2])), counting.seconds(row.codes[3]))
        found.append(Piece("marker", match[3].strip()[:300], track, at, at, f"line {row.line}", {"color": match[2]}))
    return found


def _gaps(pieces: Sequence[Piece], least: float) -> list[Piece]:
    """Where nothing lies between two clips of a track for more than `least` seconds."""
    ends: dict[str, float] = {}
    gaps: list[Piece] = []
    for clip in sorted((p for p in pieces if p.kind == "clip"), key=lambda p: (p.t0, p.t1)):
        end = ends.get(clip.track, clip.t0)
        if clip.t0 - end > least:
            gaps.append(Piece("gap", "", clip.track, end, clip.t0, attrs={"enabled": True}))
        ends[clip.track] = max(end, clip.t1)
    return gaps


EDL = Loader("cmx3600", "timeline", claims, _open)
