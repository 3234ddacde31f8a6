"""Does the sample do what the user asked: in number and language, and with every word of the request put to use?

Which windows, actions or spans a request keeps the rules of the domains judge. Here stands what holds for every domain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from rapidfuzz import fuzz
from wordfreq import zipf_frequency

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.prose import without_quotations
from dataclaw.rewards.texts import CJK, GENERIC, answer_parts, stem, tokens
from dataclaw.types import Finding
from dataclaw.words import words_beside

_WORDS = words_beside(__file__)
_PATTERNS = _WORDS.patterns
_NUMBERS: Mapping[str, int] = _WORDS.tables["numbers"]
_LANGUAGES: Mapping[str, str] = _WORDS.tables["languages"]
TALK = _WORDS.sets["talk"]
"""Words of requests that ask for nothing by themselves."""
LATIN = ("en", "de", "es", "fr", "it", "nl", "pt")
"""Languages in Latin letters that are told apart, by their codes."""
ALIKE = 86.0
"""Least likeness (rapidfuzz, 0..100) of two forms of a word."""
FEWER = 0.9
"""Score of fewer items than are asked for: the stream may bear no more."""
ENOUGH = 6
"""Fewest words by which a language is told."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a request demands of any sample.

    Attributes:
        most: largest number of items, None where it names none.
        least: smallest number of items, 0 where it names none.
        language: code of the language that it names, "" where it names none.
    """

    most: int | None = None
    least: int = 0
    language: str = ""


def demands_of(intent: str) -> Demands:
    """What a request demands: "at most 5 steps", "3 questions", "in German"."""
    text = " ".join(intent.casefold().split())
    most, least = None, 0
    if found := _PATTERNS["most"].search(text):
        most = _number(found["n"])
    elif found := _PATTERNS["exactly"].search(text):
        most = least = _number(found["n"])
    named = _PATTERNS["language"].search(text)
    code = _LANGUAGES.get(next(word for word in named.groups() if word), "") if named else ""
    return Demands(most, least, code)


def restricts(intent: str) -> bool:
    """Whether a request keeps a part of the stream: "only the shop", "the first 20 seconds", "without the mail"."""
    return bool(_PATTERNS["restricts"].search(intent.casefold()))


@rule("obeys_request")
def obeys_request(case: Case) -> Score:
    """1 when the sample has the number of items and the language that the request names; the worst share else.

    Items are those of the answer's longest list. More than asked for score asked / given; fewer than named score 0.9,
    since the stream may bear no more. Does not apply to a request that names neither.
    """
    asked = demands_of(case.intent)
    findings: list[Finding] = []
    scores: list[float] = []
    places = {part.pointer for part in answer_parts(case)}
    count = max(Counter(place.rpartition("/")[0] for place in places if place.count("/") > 1).values(), default=0)
    if asked.most is not None and count:
        score = asked.most / count if count > asked.most else 1.0 if count >= asked.least else FEWER
        scores.append(score)
        if score < 1.0:
            findings.append(Finding("", f"{count} items, and {asked.most} are asked for", "obeys_request", score))
    text = " ".join(without_quotations(part.text) for part in answer_parts(case)) if asked.language else ""
    if own := language_of(text):
        scores.append(float(own == asked.language))
        if own != asked.language:
            message = f"it is written in {own!r}, and {asked.language!r} is asked for"
            findings.append(Finding("", message, "obeys_request", 0.0))
    return score_of(min(scores), findings) if scores else NOT_APPLICABLE


@rule("uses_request")
def uses_request(case: Case) -> Score:
    """Share of the words of the request that something used.

    A word is used when the task's own templates have it, when it names a number, a time or a language, or when the
    sample or the stream has it in some form. Does not apply to a request of common words alone.
    """
    words = request_words(case.intent)
    if not words or not case.vocabulary:
        return NOT_APPLICABLE
    unused = unused_words(case)
    message = f"nothing here used {', '.join(repr(word) for word in unused[:8])} of the request"
    score = 1.0 - len(unused) / len(words)
    return score_of(score, [Finding("", message, "uses_request", score)] if unused else [])


def unused_words(case: Case) -> tuple[str, ...]:
    """The words of a case's request that nothing used, in order."""
    if "unused" not in case.memo:
        known = {stem(word) for word in case.vocabulary}
        there = {stem(word) for text in _texts(case) for word in tokens(text)}
        case.memo["unused"] = tuple(
            word
            for word in request_words(case.intent)
            if not _is_among(stem(word), known) and not _is_among(stem(word), there)
        )
    return cast("tuple[str, ...]", case.memo["unused"])


def request_words(intent: str) -> tuple[str, ...]:
    """The words of a request that ask for something, each once; those of scripts without blanks are not told apart."""
    plain = intent.casefold()
    for name in ("most", "exactly", "language", "time"):
        plain = _PATTERNS[name].sub(" ", plain)
    found = (word for word in tokens(plain) if len(word) > 1 and not CJK.match(word))
    return tuple(dict.fromkeys(word for word in found if word not in TALK and word not in GENERIC))


def language_of(text: str) -> str:
    """Code of the language that a text is written in; "" for too few words."""
    if len(CJK.findall(text)) > 0.2 * len(text.strip() or " "):
        return "ja" if re.search(r"[\u3040-\u30ff]", text) else "zh"
    words = [word for word in tokens(text) if not CJK.match(word)][:200]
    if len(words) < ENOUGH:
        return ""
    return max(LATIN, key=lambda code: sum(zipf_frequency(word, code, wordlist="small") for word in words))


def _number(word: str) -> int:
    return _NUMBERS.get(word) or int(word)


def _is_among(word: str, others: set[str]) -> bool:
    if word in others:
        return True
    return len(word) > 3 and any(abs(len(word) - len(o)) < 3 and fuzz.ratio(word, o) >= ALIKE for o in others)


def _texts(case: Case) -> list[str]:
    """What the sample and the stream say."""
    said = [part.text for part in answer_parts(case)]
    logged = [f"{event.kind} {event.target} {event.window} {event.text} {event.role}" for event in case.events]
    seen = [f"{anchor.content} {anchor.attrs.get('phase') or ''}" for anchor in case.anchors.values()]
    return [*said, *logged, *seen]
