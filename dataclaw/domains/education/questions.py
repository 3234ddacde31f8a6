"""Questions that a transcript answers: the lecturer's own, and those that a defining or explaining sentence answers.

Everything is quoted, and only the words that ask are added. Sentences that do not stand alone are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dataclaw.domains.education import patterns
from dataclaw.domains.education.clauses import questions_in
from dataclaw.domains.education.patterns import ARTICLES_DE, OWN, PATTERNS, leans, names, points, put
from dataclaw.domains.education.ranking import Weights
from dataclaw.domains.education.sentences import Sentence, clean, without_lead
from dataclaw.domains.education.words import TALK, rarity, stems, tokens
from dataclaw.planning import CITES, capitalise, decapitalise

SHORTEST, LONGEST = 6, 55
"""Least and most words of a sentence that is asked about."""

NEWS = 2
"""Content words that an answer must add to its question."""

OWN_WORTH, GAP = 1.2, 4.0
"""Worth of a question that the lecturer asks, and the longest pause before its answer [s]."""

CENTRE = {"number": 0.2}
"""Least centrality of a question to its lesson by kind, 0 to 1; `LITTLE` for the others."""
LITTLE = 0.05

COMMON = 3.5
"""Rarity of words that are no names."""

_ABSTRACT = re.compile(r"[a-z](?:sis|tion|sion|ment|ness|ity|ism|ance|ence|ogy|ics|ing|ure)$")
"""Endings of words that are no names."""

_CHAT = re.compile(r"\b(?:let's|i'm|if you'll)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QaPair:
    """A question with its answer.

    Attributes:
        kind: a kind of `patterns.toml`, or "question" for the lecturer's own.
        question: what is asked.
        answer: the answer, in the transcript's words.
        evidence: the passage that the answer stands in, in full.
        cites: ids of the cues of the passage, and of the lecturer's question.
        t0: start [s].
        worth: how good a question it is beside others, 0 or more.
    """

    kind: str
    question: str
    answer: str
    evidence: str
    cites: tuple[str, ...]
    t0: float
    worth: float


def pairs_of(sentences: Sequence[Sentence], language: str, weights: Weights) -> list[QaPair]:
    """Every question that the sentences answer, in order; one for each sentence, none twice.

    Args:
        sentences: of the transcript.
        language: one of `patterns.PATTERNS`; of others there is nothing to be asked.
        weights: `ranking.weights_of` the whole lesson.
    """
    if language not in PATTERNS:
        return []
    found: dict[str, QaPair] = {}
    lowered = frozenset(word for s in sentences for word in s.text.split() if word[:1].islower())
    for at, sentence in enumerate(sentences):
        own = _own(sentences, at, language) if sentence.question else None
        made = [own] if own else list(_pairs_in(sentence, language, lowered)) if not sentence.question else []
        for pair in sorted(made, key=lambda one: -one.worth)[:1]:
            centre = _centrality(pair, language, weights)
            if centre < CENTRE.get(pair.kind, LITTLE):
                continue
            weighed = replace(pair, worth=pair.worth * (0.2 + centre))
            key = " ".join(sorted(set(stems(pair.question, language))))
            if weighed.worth > found[key].worth if key in found else True:
                found[key] = weighed
    return sorted(found.values(), key=lambda pair: pair.t0)


def answers(question: str, answer: str, language: str) -> bool:
    """Whether an answer adds to its question at least two content words, or a figure."""
    asked = set(stems(question, language))
    added = set(stems(answer, language)) - asked
    return len(added) >= NEWS or any(token.isdigit() for token in set(tokens(answer)) - set(tokens(question)))


def _pairs_in(sentence: Sentence, language: str, lowered: frozenset[str]) -> Iterator[QaPair]:
    said = without_lead(sentence, language).text
    if not _fit(sentence, said) or patterns.ADVERT.search(said):
        return
    for body in statements_in(said, language):
        for kind, question, answer, worth in _asked_of(body, language, lowered):
            told = not points(f"{question} {answer}", language)
            if told and answer and answers(question, answer, language):
                yield QaPair(kind, question, answer, said, sentence.cites, sentence.t0, worth)


def _asked_of(body: str, language: str, lowered: frozenset[str]) -> Iterator[tuple[str, str, str, float]]:
    """Kind, question, answer and worth of what a statement answers."""
    for pattern in PATTERNS[language]:
        match = pattern.match.match(capitalise(body) if language == "de" else body)
        if match is None or not _right(pattern, match, language):
            continue
        question = put(pattern, match, _inside(match["x"], lowered if language != "de" else ARTICLES_DE))
        yield pattern.kind, question, _answer(match["y"], language), pattern.worth
    for one in questions_in(body) if language == "en" else ():
        question = capitalise(one.ask.format(x=_inside(one.subject, lowered)))
        yield one.kind, question, _answer(one.answer, language), one.worth


def statements_in(text: str, language: str) -> list[str]:
    """A sentence, and the main clauses in it that hold by themselves: never one that hangs on a condition before it."""
    body = text.rstrip(".!…。！").strip()
    opening = patterns.OPENING[language].match(body)
    rest = body[opening.end() :] if opening else body
    parts = [] if patterns.CONDITION[language].match(rest) else re.split(patterns.JOINT[language], rest)
    return list(dict.fromkeys([body, rest, *(part.strip(" ,") for part in parts)]))


def _answer(words: str, language: str) -> str:
    """An answer as a sentence of its own; "" where it leans on what the question does not say."""
    text = words.strip(" ,;:")
    if aside := patterns.ASIDE[language].search(text):
        text = text[: aside.start()].strip(" ,;:")
    if not text or patterns.STANDS_FOR[language].search(text):
        return ""
    mark = "。" if language == "zh" else "."
    return capitalise(text) if text.endswith((".", "。")) else f"{capitalise(text)}{mark}"


def _right(pattern: patterns.QuestionPattern, match: re.Match[str], language: str) -> bool:
    subject = match["x"]
    return names(subject, language) if pattern.names else not leans(subject, language)


def _own(sentences: Sequence[Sentence], at: int, language: str) -> QaPair | None:
    """A question of the lecturer with the sentences right after it that answer it."""
    asked = without_lead(sentences[at], language)
    if not OWN[language].match(asked.text) or not 4 <= asked.length <= 24 or not clean(asked):
        return None
    if leans(asked.text, language) or TALK.search(asked.text) or not stems(asked.text, language):
        return None
    replies: list[Sentence] = []
    for before, reply in zip(sentences[at:], sentences[at + 1 : at + 3], strict=False):
        cites = {cite for s in (asked, *replies, reply) for cite in s.cites}
        if reply.t0 - before.t1 > GAP or reply.question or not _fit(reply, reply.text) or len(cites) > CITES:
            break
        replies.append(without_lead(reply, language) if not replies else reply)
    about = set(stems(asked.text, language)) & {stem for s in replies for stem in stems(s.text, language)}
    if not replies or not about or points(replies[0].text, language):
        return None
    answer = " ".join(s.text for s in replies)
    cites = tuple(dict.fromkeys(cite for s in (asked, *replies) for cite in s.cites))
    return QaPair("question", asked.text, answer, answer, cites, asked.t0, OWN_WORTH)


def _fit(sentence: Sentence, said: str) -> bool:
    return (
        clean(sentence) and SHORTEST <= sentence.length <= LONGEST and not TALK.search(said) and not _CHAT.search(said)
    )


def _inside(subject: str, lowered: frozenset[str]) -> str:
    """The subject as written inside a sentence: its first letter small, unless it is a name."""
    first = subject.split()[0]
    small = decapitalise(first)
    if lowered is ARTICLES_DE:
        return small + subject[len(first) :] if small in lowered else subject
    if _ABSTRACT.search(first):
        return small + subject[len(first) :]
    if len(first) > 4 and first.endswith("s") and rarity(first[:-1].casefold(), "en") <= COMMON:
        return small + subject[len(first) :]  # "Workers flag predictions": no name is the plural of a common word
    return small + subject[len(first) :] if small in lowered or (len(first) <= 3 and first.isalpha()) else subject


def _centrality(pair: QaPair, language: str, weights: Mapping[str, float]) -> float:
    """How much a question is about what its lesson is about, 0 to 1: weight of its words over the heaviest."""
    about = sorted((weights.get(stem, 0.0) for stem in set(stems(pair.question, language))), reverse=True)[:3]
    most = max(weights.values(), default=1.0) or 1.0
    return sum(about) / (len(about) + 1) / most if about else 0.0
