"""Questions that a transcript answers: the lecturer's own, and those that a defining or explaining sentence answers.

Everything is quoted, and only the words that ask are added. Sentences that do not stand alone are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataclaw.domains.education import patterns
from dataclaw.domains.education.patterns import OWN, PATTERNS, leans, names, points, put
from dataclaw.domains.education.ranking import Weights
from dataclaw.domains.education.sentences import Sentence, clean, without_lead
from dataclaw.domains.education.words import TALK, stems, tokens
from dataclaw.planning import CITES, capitalise, decapitalise

SHORTEST, LONGEST = 6, 45
"""Least and most words of a sentence that is asked about."""

NEWS = 2
"""Content words that an answer must add to its question."""

OWN_WORTH, GAP = 1.2, 4.0
"""Worth of a question that the lecturer asks, and the longest pause before its answer [s]."""

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
        for pair in made[:1]:
            weighed = _weigh(pair, language, weights)
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
    body = said.rstrip(".!…").strip()
    if not _fit(sentence, said) or points(body, language):
        return
    for pattern in PATTERNS[language]:
        match = pattern.match.match(body)
        if match is None or not _right(pattern, match, language):
            continue
        answer = f"{capitalise(match['y'])}." if pattern.tail else said
        question = put(pattern, match, _inside(match["x"], lowered))
        if answers(question, answer, language):
            yield QaPair(pattern.kind, question, answer, said, sentence.cites, sentence.t0, pattern.worth)


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
    return small + subject[len(first) :] if small in lowered or (len(first) <= 3 and first.isalpha()) else subject


def _weigh(pair: QaPair, language: str, weights: Mapping[str, float]) -> QaPair:
    """The pair with its worth multiplied by how central its question is to the lesson."""
    about = [weights.get(stem, 0.0) for stem in dict.fromkeys(stems(pair.question, language))]
    most = max(weights.values(), default=1.0) or 1.0
    centre = sum(about) / (len(about) + 1) / most if about else 0.0
    return QaPair(
        pair.kind, pair.question, pair.answer, pair.evidence, pair.cites, pair.t0, pair.worth * (0.2 + centre)
    )
