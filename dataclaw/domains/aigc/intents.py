"""What an intent asks of a recording or an edit: a span, a length, a number of pictures, only some operations.

Patterns in English and the commonest Chinese words, shared by the plans (which choose) and the rules (which check).
Words that no pattern knows restrict nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dataclaw.types import Span
from dataclaw.words import seconds_of, share_of, unit_seconds, words_beside

ALWAYS: Span = (float("-inf"), float("inf"))
_WORDS = words_beside(__file__)
_PATTERNS = _WORDS.patterns
_NUMBERS: Mapping[str, float] = _WORDS.tables["numbers"]
_KINDS: Mapping[str, str] = _WORDS.tables["kinds"]
_TRACKS: Mapping[str, str] = _WORDS.tables["tracks"]
_TRAITS = _WORDS.patterns_of("traits")


@dataclass(frozen=True, slots=True)
class MediaIntent:
    """An intent about recordings and edits, parsed.

    Attributes:
        span: `(from, to)` [s] to keep.
        length: how long a segment is to be [s], None for any.
        frames: how many pictures, None for any.
        limit: how many operations from the first one on, None for any.
        clips: whether `limit` counts clips of a cut, with what lies between them.
        kinds: only these kinds of a timeline's events, empty for all.
        track: only tracks of this kind ("video", "audio"), "" for all.
        traits: only operations with one of these traits (`operations.TRAITS`), empty for all.
    """

    span: Span = ALWAYS
    length: float | None = None
    frames: int | None = None
    limit: int | None = None
    clips: bool = False
    kinds: frozenset[str] = frozenset()
    track: str = ""
    traits: frozenset[str] = frozenset()

    def within(self, t0: float, t1: float) -> bool:
        """Whether any of a span `[t0, t1]` [s] is asked for."""
        return t1 >= self.span[0] and t0 < self.span[1]


def parse_intent(intent: str, window: Span) -> MediaIntent:
    """Parse an intent about a window `(t0, t1)` [s]."""
    said = " ".join(intent.casefold().split())
    only = " ".join((m["x"] or m["y"] or "") for m in _PATTERNS["only"].finditer(said))
    frames, limit = _PATTERNS["frames"].search(said), _PATTERNS["limit"].search(said)
    track = [name for name, words in _TRACKS.items() if re.search(words, only)]
    return MediaIntent(
        span=_span(said, window),
        length=_length(said),
        frames=max(1, int(_number(frames["n"]))) if frames else None,
        limit=max(1, int(_number(limit["n"]))) if limit else None,
        clips=bool(limit and re.search(_KINDS["clip"], limit[0])),
        kinds=frozenset(kind for kind, words in _KINDS.items() if re.search(words, only)),
        track=track[0] if len(track) == 1 else "",
        traits=frozenset(name for name, words in _TRAITS.items() if _is_wanted(words, said)),
    )


def part_of(intent: str) -> str:
    """What tells the part that an intent asks for from the rest: "only the ...", "the nodes that ..."; "" for no part.

    Kinds and tracks are left out of it: they are known (`MediaIntent`).
    """
    said = " ".join(intent.casefold().split())
    found = " ".join(match["x"] for name in ("part", "clause") for match in _PATTERNS[name].finditer(said))
    known = "|".join([*_KINDS.values(), *_TRACKS.values()])
    return " ".join(re.sub(rf"(?:{known})\w*", " ", found).split())


def _is_wanted(words: re.Pattern[str], said: str) -> bool:
    """Whether a request names something, and not to leave it out."""
    return any(not _PATTERNS["but"].search(said[: match.start()]) for match in words.finditer(said))


def asks_for_operations(intent: str) -> bool:
    """Whether an intent asks for operations and their parameters, and not only for what became of a picture."""
    return bool(_PATTERNS["graph"].search(intent.casefold()))


def asks_for_camera(intent: str) -> bool:
    """Whether an intent asks for what the camera does."""
    return bool(_PATTERNS["camera"].search(intent.casefold()))


def _span(said: str, window: Span) -> Span:
    start, end = window
    if match := _PATTERNS["first"].search(said):
        return (start, start + _number(match["n"]) * unit_seconds(match["u"]))
    if match := _PATTERNS["last"].search(said):
        return (end - _number(match["n"]) * unit_seconds(match["u"]), float("inf"))
    if match := _PATTERNS["between"].search(said):
        return (_time(match["a"], match["au"] or match["bu"]), _time(match["b"], match["bu"]))
    after, before = _PATTERNS["after"].search(said), _PATTERNS["before"].search(said)
    low = _time(after["a"] or after["c"], after["au"] or after["cu"]) if after else float("-inf")
    high = _time(before["a"] or before["c"], before["au"] or before["cu"]) if before else float("inf")
    if not (after or before):
        return share_of(said, window) or ALWAYS
    return (low, high) if low < high else ALWAYS


def _length(said: str) -> float | None:
    match = _PATTERNS["length"].search(said)
    spans = [m for m in (_PATTERNS["first"].search(said), _PATTERNS["last"].search(said)) if m]
    if match is None or any(m.start() <= match.start() < m.end() for m in spans):
        return None
    return _number(match["n"]) * unit_seconds(match["u"]) if match["n"] else _number(match["m"])


def _number(word: str) -> float:
    """The number that a figure or a number word says."""
    return float(_NUMBERS[word]) if word in _NUMBERS else float(word)


def _time(clock: str, unit: str | None) -> float:
    """`75` with its unit, `1:15` or `0:01:15` in seconds."""
    return seconds_of(clock if ":" in clock else f"{clock}{unit or ''}")
