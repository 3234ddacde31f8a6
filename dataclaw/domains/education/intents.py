"""What an intent asks of a lesson: how many, about what, which stretch of it, in which language.

Patterns in English, with the commonest Spanish and Chinese words, shared by the plans (which choose) and the rule
`education.asked` (which checks). Words that no pattern knows restrict nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.domains.education.words import STOP, stems, tokens
from dataclaw.types import Span
from dataclaw.words import seconds_of, share_of, unit_seconds, words_beside

MOST = 20
"""Most questions, chapters or sections of one sample."""

_WORDS = words_beside(__file__)
_PATTERNS = _WORDS.patterns
_COUNTS: Mapping[str, int] = _WORDS.tables["counts"]
_LANGUAGES: Mapping[str, str] = _WORDS.tables["languages"]


@dataclass(frozen=True, slots=True)
class LessonIntent:
    """An intent about a lesson, parsed.

    Attributes:
        count: how many questions, chapters or sections; 0 for any number.
        topic: words of the topic, empty for everything.
        span: `(from, to)` [s].
        language: code of the language it asks for, "" for any.
        name: the topic as the intent writes it, "" when it names none.
    """

    count: int = 0
    topic: tuple[str, ...] = ()
    span: Span = (float("-inf"), float("inf"))
    language: str = ""
    name: str = ""

    def within(self, t0: float) -> bool:
        """Whether something that begins at a time [s] is asked for."""
        return self.span[0] - 1e-6 <= t0 < self.span[1]

    def concerns(self, text: str, language: str) -> bool:
        """Whether a text is about the topic; every text is where there is no topic."""
        if not self.topic:
            return True
        there = set(stems(text, language)) | set(tokens(text))
        wanted = [set(stems(word, language)) or set(tokens(word)) for word in self.topic]
        return all(stem & there for stem in wanted)

    def renames(self, text: str) -> bool:
        """Whether a text has a short name of the topic with its letters in another order: angle KML is angle LMK."""
        there = {"".join(sorted(token)) for token in tokens(text)}
        return any("".join(sorted(word)) in there for word in self.topic if 2 <= len(word) <= 4)


def parse_intent(intent: str, window: Span) -> LessonIntent:
    """Parse an intent.

    Args:
        intent: the user's words.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    topic = _topic(text)
    return LessonIntent(_count(text), topic, _span(text, window), _language(text), _name(intent, topic))


def _count(text: str) -> int:
    match = _PATTERNS["count"].search(text) or _PATTERNS["count_zh"].search(text)
    if match is None:
        return 0
    said = match["n"]
    return max(1, min(MOST, int(said) if said.isdecimal() else _COUNTS[said]))


def _topic(text: str) -> tuple[str, ...]:
    """Words that name the topic: those in quotation marks, or those after "about"."""
    spans = _PATTERNS["quoted"].findall(text)
    if not spans:
        spans = [
            _PATTERNS["ends"].sub("", match["x"] or match["y"] or "") for match in _PATTERNS["about"].finditer(text)
        ]
    words = [word for span in spans for word in tokens(span)]
    common = STOP["en"] | STOP["es"] | _WORDS.sets["general"] | set(_LANGUAGES)
    return tuple(dict.fromkeys(w for w in words if w not in common and not w.isdecimal()))[:6]


def _name(intent: str, topic: Sequence[str]) -> str:
    """The stretch of the intent from the topic's first word to its last."""
    if not topic:
        return ""
    first, last = re.escape(topic[0]), re.escape(topic[-1])
    many = re.search(rf"(?<!\w){first}\b.*?(?<!\w){last}(?!\w)", intent, re.IGNORECASE)
    one = re.search(rf"(?<!\w){first}(?!\w)", intent, re.IGNORECASE)
    found = many if len(topic) > 1 else one
    return found[0] if found else " ".join(topic)


def _language(text: str) -> str:
    match = _PATTERNS["language"].search(text)
    return _LANGUAGES[match["a"] or match["b"] or match["c"]] if match else ""


def _span(text: str, window: Span) -> Span:
    text = _PATTERNS["minutes"].sub(r"from \2 \1s to \3 \1s", text)
    if match := _PATTERNS["between"].search(text):
        b = seconds_of(match["b"])
        a = match["a"]
        unit = _PATTERNS["unit"].search(match["b"])  # "minutes 3 to 5", "from 3 to 5 minutes": one unit for both
        clocked = ":" in a or _PATTERNS["unit"].search(a) or unit is None
        return (seconds_of(a) if clocked else seconds_of(f"{a} {unit[0] if unit else 's'}"), b)
    if match := _PATTERNS["first"].search(text):
        return window[0], window[0] + _length(match)
    if match := _PATTERNS["last"].search(text):
        return window[1] - _length(match), float("inf")
    if share := share_of(text, window):
        return share
    after, before = _PATTERNS["after"].search(text), _PATTERNS["before"].search(text)
    return (seconds_of(after["a"]) if after else float("-inf"), seconds_of(before["a"]) if before else float("inf"))


def _length(match: re.Match[str]) -> float:
    amount = {"half a": 0.5, "a": 1.0}.get(match["n"]) or float(_COUNTS.get(match["n"], 0) or match["n"])
    return amount * unit_seconds(match["u"])
