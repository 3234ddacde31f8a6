"""What an intent asks of a recording or an edit: a span, a length, a number of pictures, only some operations.

Deterministic word work in English and the commonest Chinese words, shared by the plans (which choose) and the rules
(which check). What is not understood restricts nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dataclaw.types import Span

ALWAYS: Span = (float("-inf"), float("inf"))
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "half a": 0.5, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "十": 10,
}  # fmt: skip
_N = rf"(?P<n>\d+(?:\.\d+)?|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<u>seconds?|secs?|s|minutes?|mins?|min|m|秒钟?|分钟?)(?![a-z])"
_CLOCK = r"(?:\d+:\d\d(?::\d\d)?(?:\.\d+)?|\d+(?:\.\d+)?)"
_END = r"\s*(?:seconds?|secs?|s\b|minutes?|mins?|min\b|秒钟?|分钟?)?"

_FIRST = re.compile(rf"(?:\b(?:first|opening|initial)\s+|前\s*){_N}\s*{_UNIT}")
_LAST = re.compile(rf"(?:\b(?:last|final|closing)\s+|最后\s*){_N}\s*{_UNIT}")
_BETWEEN = re.compile(
    rf"(?:between|from|从)\s*(?P<a>{_CLOCK})(?P<au>{_END})\s*(?:and|to|until|till|-|–|到|至)\s*(?P<b>{_CLOCK})(?P<bu>{_END})"
)
_AFTER = re.compile(
    rf"\b(?:after|since)\s+(?P<a>{_CLOCK})(?P<au>{_END})|(?P<c>{_CLOCK})(?P<cu>秒钟?|分钟?)(?:之后|以后)"
)
_BEFORE = re.compile(
    rf"\b(?:before|until|up to)\s+(?P<a>{_CLOCK})(?P<au>{_END})|(?P<c>{_CLOCK})(?P<cu>秒钟?|分钟?)(?:之前|以前)"
)
_LENGTH = re.compile(
    rf"\b{_N}[\s-]*{_UNIT}[\s-]*(?:long\s+)?(?:segments?|clips?|videos?|shots?|excerpts?)"
    rf"|{_N.replace('<n>', '<m>')}\s*(?:秒钟?)的?(?:片段|视频)"
)
_FRAMES = re.compile(rf"{_N}\s*(?:key[\s-]?frames?|frames?|stills?|个?关键帧|张)")
_LIMIT = re.compile(
    rf"(?:\bfirst\s+|前\s*){_N}\s*(?:operations?|steps?|nodes?|edits?|events?|clips?|shots?|cuts?|个?(?:操作|步骤|节点|镜头|片段))"
)
_ONLY = re.compile(r"\b(?:only|just|nothing but)\b(?P<x>[^,.;:?!]*)|(?:只要|只保留|仅)(?P<y>[^,.;，。；]*)")
_KINDS = {
    "transition": r"transition|dissolve|wipe|fade|转场|过渡",
    "marker": r"marker|标记",
    "clip": r"\bclips?\b|\bshots?\b|镜头|片段",
}
_TRACKS = {"audio": r"\baudio\b|\bsound\b|音频|声音", "video": r"\bvideo tracks?\b|\bpictures? tracks?\b|视频轨"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an intent asks for.

    Attributes:
        span: `(from, to)` [s] to keep.
        length: how long a segment is to be [s], None when not said.
        frames: how many pictures, None when not said.
        limit: how many operations from the first one on, None when not said.
        clips: whether `limit` counts clips of a cut, with what lies between them.
        kinds: only these kinds of a timeline's events, empty for all.
        track: only tracks of this kind ("video", "audio"), "" for all.
    """

    span: Span = ALWAYS
    length: float | None = None
    frames: int | None = None
    limit: int | None = None
    clips: bool = False
    kinds: frozenset[str] = frozenset()
    track: str = ""

    def within(self, t0: float, t1: float) -> bool:
        """Whether any of a span `[t0, t1]` [s] is asked for."""
        return t1 >= self.span[0] and t0 < self.span[1]


def wish_of(intent: str, window: Span) -> Wish:
    """Read an intent about a window `(t0, t1)` [s]."""
    said = " ".join(intent.casefold().split())
    only = " ".join((m["x"] or m["y"] or "") for m in _ONLY.finditer(said))
    frames, limit = _FRAMES.search(said), _LIMIT.search(said)
    track = [name for name, words in _TRACKS.items() if re.search(words, only)]
    return Wish(
        span=_span(said, window),
        length=_length(said),
        frames=max(1, int(_number(frames["n"]))) if frames else None,
        limit=max(1, int(_number(limit["n"]))) if limit else None,
        clips=bool(limit and re.search(_KINDS["clip"], limit[0])),
        kinds=frozenset(kind for kind, words in _KINDS.items() if re.search(words, only)),
        track=track[0] if len(track) == 1 else "",
    )


def _span(said: str, window: Span) -> Span:
    start, end = window
    if match := _FIRST.search(said):
        return (start, start + _number(match["n"]) * _unit(match["u"]))
    if match := _LAST.search(said):
        return (end - _number(match["n"]) * _unit(match["u"]), float("inf"))
    if match := _BETWEEN.search(said):
        return (_time(match["a"], match["au"] or match["bu"]), _time(match["b"], match["bu"]))
    after, before = _AFTER.search(said), _BEFORE.search(said)
    low = _time(after["a"] or after["c"], after["au"] or after["cu"]) if after else float("-inf")
    high = _time(before["a"] or before["c"], before["au"] or before["cu"]) if before else float("inf")
    return (low, high) if low < high else ALWAYS


def _length(said: str) -> float | None:
    match = _LENGTH.search(said)
    spans = [m for m in (_FIRST.search(said), _LAST.search(said)) if m]
    if match is None or any(m.start() <= match.start() < m.end() for m in spans):
        return None
    return _number(match["n"]) * _unit(match["u"]) if match["n"] else _number(match["m"])


def _number(word: str) -> float:
    return float(_NUMBERS[word]) if word in _NUMBERS else float(word)


def _unit(word: str | None) -> float:
    """Seconds in a unit."""
    return 60.0 if word and word.strip().startswith(("m", "分")) else 1.0


def _time(clock: str, unit: str | None) -> float:
    """`75`, `1:15` or `0:01:15` in seconds."""
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + float(part)
    return total if ":" in clock else total * _unit(unit)
