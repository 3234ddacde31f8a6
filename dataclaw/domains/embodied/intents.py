"""What an intent asks of a trajectory: a family of faults, phases, a span of time, a number, a language.

Plain word patterns; what an intent does not say is left open. The same reading serves the plans and the rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dataclaw.types import Span

FAMILIES = ("approach_stall", "hesitation_loop", "unstable_grasp", "early_stagnation")
"""Families of faults (paper, robot data, fault branch)."""

_FAMILY: Mapping[str, str] = {
    "hesitation_loop": r"hesitat|back[ -]and[ -]forth|\bloop|oscillat|dither|犹豫|徘徊|来回",
    "unstable_grasp": r"unstable|grasp (?:fault|fail|error|slip)|slipp?(?:s|ing|ed)?\b|loses? (?:its )?grip"
    r"|不稳|打滑|抓取失败",
    "early_stagnation": r"stagnat|never (?:really )?start|not (?:get )?start|early (?:stop|fault|fail)"
    r"|停滞|开始就停|不动",
    "approach_stall": r"stall|stuck (?:before|while reaching|on the way)|stops? (?:short|before)"
    r"|接近时|靠近时|卡在|停在半路",
}
_PHASES: Mapping[str, str] = {
    "approach": r"\bapproach|\breach(?:es|ing)?\b|接近|靠近",
    "grasp": r"\bgrasp|\bgrip(?:s|ping)?\b(?!per)|\bclos(?:es|ing) (?:the |its )?(?:gripper|hand)|抓取|抓握|闭合",
    "lift": r"\blift|\brais(?:e|es|ing)\b|抬起|提起",
    "transport": r"\btransport|\bcarr(?:y|ies|ying)\b|搬运|移动物体",
    "release": r"\breleas|\bopen(?:s|ing) (?:the |its )?(?:gripper|hand)|\bplac(?:e|es|ing)\b(?! of)|\blets? go"
    r"|松开|放下|释放",
    "retreat": r"\bretreat|\bwithdraw|\bmov(?:es|ing) away|撤离|退回",
    "idle": r"\bidle|\bpauses?\b|\bstandstill|静止|停顿",
}
_ONLY = re.compile(r"\b(?:only|just|nothing but|solely|focus(?:ing)? on|about)\b|只|仅|专注")
_NOT = re.compile(r"\b(?:without|except|but not|skip(?:ping)?|leave out|ignore|no)\b|除了|不要|跳过|忽略")
_NUMBER = r"(\d{1,4}(?:\.\d{1,3})?)"
_UNIT = r"\s*(?:s|sec|secs|second|seconds|秒)\b|\s*秒"
_SPANS = (
    ("between", re.compile(rf"(?:between|from)\s+{_NUMBER}(?:{_UNIT})?\s*(?:and|to|-|–)\s*{_NUMBER}(?:{_UNIT})")),
    ("between", re.compile(rf"第?{_NUMBER}\s*秒?\s*(?:到|至|-)\s*第?{_NUMBER}\s*秒")),
    ("first", re.compile(rf"(?:first|前)\s*{_NUMBER}(?:{_UNIT})")),
    ("last", re.compile(rf"(?:last|final|最后|后)\s*{_NUMBER}(?:{_UNIT})")),
    ("after", re.compile(rf"(?:after|from)\s+(?:second\s+)?{_NUMBER}(?:{_UNIT})?(?!\s*(?:to|and|-))")),
    ("before", re.compile(rf"(?:before|until|up to)\s+(?:second\s+)?{_NUMBER}(?:{_UNIT})")),
)
_AT = re.compile(rf"\bat\s+(?:second\s+)?{_NUMBER}(?:{_UNIT})|第\s*{_NUMBER}\s*秒(?!\s*(?:到|至|-))")
_HALF = re.compile(r"\b(first|second|last) half\b|前半|后半")
_GIVEN = re.compile(r"\b(?:given|seeing|knowing|having seen)\b[^.,;]{0,20}\b(?:first|up to|until)\b|根据前|已知前")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
_COUNT = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|eight|ten)\s+(?:[a-z-]+ )?(?:steps?|segments?|parts|subtasks?|phases?)\b"
    r"|(\d{1,2})\s*(?:个)?(?:步骤|步|段|子任务)"
)


@dataclass(frozen=True, slots=True)
class TrajectoryIntent:
    """What an intent asks for.

    Attributes:
        family: family of faults, "" when it names none.
        only: phases to keep, empty when all are wanted.
        without: phases to leave out.
        span: from when to when [s].
        at: a moment [s], or None.
        given: up to when the recording counts as seen [s], when what follows is asked for; or None.
        count: most steps or segments, 0 when it does not say.
        chinese: whether to ask and answer in Chinese.
    """

    family: str
    only: frozenset[str]
    without: frozenset[str]
    span: Span
    at: float | None
    given: float | None
    count: int
    chinese: bool

    def refuses(self, phase: str, t0: float, t1: float) -> str:
        """Why a segment is not wanted: "outside_time", "not_asked", or ""."""
        low, high = max(t0, self.span[0]), min(t1, self.span[1])
        # a span asked for may be a small part of one long segment: then that segment is what is asked for
        if high - low < 0.5 * min(t1 - t0, self.span[1] - self.span[0]) - 1e-9:
            return "outside_time"
        return "not_asked" if phase in self.without or (self.only and phase not in self.only) else ""


def parse_intent(intent: str, window: Span) -> TrajectoryIntent:
    """Read an intent.

    Args:
        intent: the user's words.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    refused = _NOT.search(text)
    kept, dropped = (text[: refused.start()], text[refused.start() :]) if refused else (text, "")
    only = _phases(kept[match.start() :]) if (match := _ONLY.search(kept)) else frozenset[str]()
    moment, given = _AT.search(text), _GIVEN.search(text)
    told = _span(text, window)
    return TrajectoryIntent(
        family=next((name for name, pattern in _FAMILY.items() if re.search(pattern, text)), ""),
        only=only,
        without=_phases(dropped),
        span=window if given else told,
        at=None if moment is None else window[0] + float(moment[1] or moment[2]),
        count=_count(text),
        given=told[1] if given else None,
        chinese=bool(re.search(r"[\u4e00-\u9fff]", text)),
    )


def _phases(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _PHASES.items() if re.search(pattern, text))


def _span(text: str, window: Span) -> Span:
    low, high = window
    for kind, pattern in _SPANS:
        match = pattern.search(text)
        if match is None:
            continue
        first = float(match[1])
        asked = {
            "between": (low + first, low + float(match[2]) if kind == "between" else 0.0),
            "first": (low, low + first),
            "last": (high - first, high),
            "after": (low + first, high),
            "before": (low, low + first),
        }[kind]
        return _inside(asked, window)
    half = _HALF.search(text)
    if half is None:
        return window
    middle = (low + high) / 2
    return (low, middle) if half[0] in ("first half", "前半") else (middle, high)


def _inside(asked: Span, window: Span) -> Span:
    """What of a span lies in the window; the whole window when nothing does."""
    low, high = max(min(asked), window[0]), min(max(asked), window[1])
    return (low, high) if low < high else window


def _count(text: str) -> int:
    match = _COUNT.search(text)
    if match is None:
        return 0
    said = match[1] or match[2]
    return _WORDS.get(said) or int(said)
