"""What an intent asks of a recording of daily life: which span, which topics, how many, how fine, which questions.

Patterns in English and the commonest Chinese words, shared by the plans (which choose) and the rule `daily.scope`
(which checks). Topics are the words of "only the onion", "about the dough", "without the washing". They are compared
with narrations stem by stem. Words of a clause ("about what comes next") and abstract ones ("about cooking") narrow an
intent only where the stream names them; words that no pattern knows restrict nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from dataclaw.domains.daily.verbs import base_of, singular
from dataclaw.words import SHARE, seconds_of, share_of, unit_seconds, words_beside

Detail = Literal["coarse", "plain", "fine"]

_WORDS = words_beside(__file__)
_PATTERNS = _WORDS.patterns
_NUMBERS: Mapping[str, int] = _WORDS.tables["numbers"]
KINDS: Mapping[str, str] = _WORDS.tables["kinds"]
"""Kinds of questions, and what asks for them."""
SMALL = _WORDS.sets["small"]
"""Words that say nothing about what is done, and to what."""


@dataclass(frozen=True, slots=True)
class ActivityIntent:
    """An intent about daily life, parsed.

    Attributes:
        span: `(from, to)` [s] of the stream to keep.
        topics: stems of which a narration must have one, empty for any.
        hints: stems that are topics where the stream names them.
        without: stems of which a narration may have none.
        count: how many questions or steps, None for any number.
        detail: how fine steps are to be.
        kinds: kinds of questions asked for, in the order of `KINDS`; empty for any.
        chinese: the answer is wanted in Chinese.
        pictures: frames are wanted.
    """

    span: tuple[float, float] = (float("-inf"), float("inf"))
    topics: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    count: int | None = None
    detail: Detail = "plain"
    kinds: tuple[str, ...] = ()
    chinese: bool = False
    pictures: bool = True

    @property
    def has_span(self) -> bool:
        """Whether a span of time was asked for."""
        return self.span != (float("-inf"), float("inf"))

    def narrow_to(self, texts: Iterable[str]) -> ActivityIntent:
        """The intent with those hints as topics that the texts of a stream name."""
        named = self.hints & stems(" ".join(texts)) if self.hints else frozenset[str]()
        return replace(self, topics=self.topics | named, hints=frozenset[str]())

    def refuses(self, text: str, t0: float, t1: float) -> bool:
        """Whether a narration lies outside what is asked for: by its middle in time, or by its words."""
        if not self.span[0] <= (t0 + t1) / 2 <= self.span[1]:
            return True
        words = stems(text)
        return bool((self.topics and not self.topics & words) or self.without & words)


def parse_intent(intent: str, window: tuple[float, float]) -> ActivityIntent:
    """Parse an intent.

    Args:
        intent: the user's words.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    plain = _PATTERNS["without_pictures"].sub(" ", text)
    without = _topics(match["span"] for match in _PATTERNS["not"].finditer(plain))
    positive = _PATTERNS["not"].sub(" ", plain)
    only, when, about = (
        [match["span"] for match in _PATTERNS[name].finditer(positive)] for name in ("only", "when", "about")
    )
    names, clauses = _before_clauses([*only, *when, *about])
    topics = _topics(names)
    vague = {stem for stem, word in topics.items() if _PATTERNS["abstract"].search(word)} - {*_topics(only)}
    fine, coarse = bool(_PATTERNS["fine"].search(text)), bool(_PATTERNS["coarse"].search(text))
    return ActivityIntent(
        span=_span(text, window),
        topics=frozenset(topics.keys() - vague),
        hints=frozenset(vague | _topics(clauses).keys()),
        without=frozenset(without.keys() - topics.keys()),
        count=_count(text),
        detail="fine" if fine and not coarse else "coarse" if coarse and not fine else "plain",
        kinds=_kinds(positive, " ".join(match["span"] for match in _PATTERNS["not"].finditer(plain))),
        chinese=bool(_PATTERNS["chinese"].search(text)) and not _PATTERNS["english"].search(text),
        pictures=not _PATTERNS["without_pictures"].search(text),
    )


def stems(text: str) -> frozenset[str]:
    """Stems of the words of a text: base forms of verbs, singulars of the others; Chinese runs whole."""
    words = re.findall(r"[a-z][a-z'-]*|[\u4e00-\u9fff]+", text.lower())
    return frozenset(stem for word in words for stem in _stems(word))


def _stems(word: str) -> set[str]:
    found = {word, singular(word)}
    return found | ({base} if (base := base_of(word)) else set())


def _before_clauses(spans: Iterable[str]) -> tuple[list[str], list[str]]:
    """What stands in spans before a clause begins ("the dough | and what is done to it"), and the clauses."""
    parts = [_PATTERNS["clause"].split(span, maxsplit=1) for span in spans]
    return [part[0] for part in parts], [clause for part in parts for clause in part[1:]]


def _topics(spans: Iterable[str]) -> dict[str, str]:
    """The words that say what is asked about, by their shortest stems."""
    found: dict[str, str] = {}
    for span in spans:
        for word in re.findall(r"[a-z][a-z'-]+", _PATTERNS["of_itself"].sub(" ", _without_times(span))):
            if not _stems(word) & _WORDS.sets["stop"] and not any(re.search(asks, word) for asks in KINDS.values()):
                found[min(sorted(_stems(word)), key=len)] = word
    return found


def _without_times(text: str) -> str:
    for name in ("between", "bare_between", "first", "last", "after", "before"):
        text = _PATTERNS[name].sub(" ", text)
    return SHARE.sub(" ", text)


def _kinds(asked: str, refused: str) -> tuple[str, ...]:
    """Kinds that are asked for. Where none is: all but those refused by name, or () where none is refused either."""
    named = tuple(kind for kind, words in KINDS.items() if re.search(words, asked))
    without = {kind for kind, words in KINDS.items() if re.search(words, refused)}
    return named or (tuple(kind for kind in KINDS if kind not in without) if without else ())


def _count(text: str) -> int | None:
    match = _PATTERNS["count"].search(_without_times(text)) or _PATTERNS["count_zh"].search(_without_times(text))
    if match is None:
        return None
    said = match["n"].removeprefix("a ")
    return max(1, int(said) if said.isdecimal() else _NUMBERS[said])


def _span(text: str, window: tuple[float, float]) -> tuple[float, float]:
    for name in ("between", "bare_between"):
        if match := _PATTERNS[name].search(text):
            unit = re.sub(r"[\d.:\s]", "", match["b"])
            return seconds_of(match["a"] if ":" in match["a"] else f"{match['a']}{unit}"), seconds_of(match["b"])
    if match := _PATTERNS["first"].search(text):
        return float("-inf"), window[0] + _length(match)
    if match := _PATTERNS["last"].search(text):
        return window[1] - _length(match), float("inf")
    after, before = _PATTERNS["after"].search(text), _PATTERNS["before"].search(text)
    if not (after or before) and (share := share_of(text, window)):
        return share
    return (seconds_of(after["a"]) if after else float("-inf")), (seconds_of(before["b"]) if before else float("inf"))


def _length(match: re.Match[str]) -> float:
    said = match["n"] or "one"
    amount = 0.5 if said == "half a" else float(_NUMBERS[said]) if said in _NUMBERS else float(said)
    return amount * unit_seconds(match["u"])
