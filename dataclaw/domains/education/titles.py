"""What a passage is about, in its own words: what is announced, asked, defined or named there, or a short clause of it.

A title is a stretch of one sentence, as it was said. It says something by itself (no pronouns, no pointing), holds the
words that are said here more than elsewhere, and no two passages of a lesson get the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.domains.education.clauses import is_verb
from dataclaw.domains.education.patterns import OWN, PATTERNS, leans, names
from dataclaw.domains.education.ranking import Weights, stands_alone
from dataclaw.domains.education.sentences import CitedCue, Sentence, clean, without_lead
from dataclaw.domains.education.words import TALK, has_run, rarity, stem, stems, tokens
from dataclaw.planning import capitalise
from dataclaw.words import words_beside

LONGEST, LONGEST_CLAUSE, SHORTEST_CLAUSE = 13, 11, 4
"""Most words of a title, and most and least words of a clause as a title; of CJK characters twice as many."""

ASKED, DEFINED, CLAUSE = 2.2, 1.7, 1.25
"""Worth of the lecturer's own question, of a term that is defined, and of a clause, beside those of `titles.toml`."""

ALONE = 0.6
"""Factor on a single word."""

FIRST, LATE = 1.3, 0.8
"""Factor on what stands in the first sentence of a passage, and in the last one."""

AGAIN = 0.35
"""Factor on the logarithm of how often the pairs of words of a title are said."""

CHATTY = 0.25
"""Factor on greetings, thanks and talk of the video."""

_WORDS = words_beside(__file__)
_EDGES, _HOLLOW = _WORDS.sets["edges"], _WORDS.sets["hollow"]
_ASKS = re.compile(r"(?i)(?:how|why|what|when|where|whether|which|cómo|qué|por qué|wie|warum|was)\b")
_SOURCES: Mapping[str, Sequence[tuple[str, float, re.Pattern[str]]]] = {
    code: [(one["kind"], one["worth"], re.compile(_WORDS.fill(one["match"]))) for one in entries]
    for code, entries in _WORDS.tables.items()
}


@dataclass(frozen=True, slots=True)
class PassageTitle:
    """A title with its proof.

    Attributes:
        text: the title.
        cites: ids of the cues that say it.
    """

    text: str
    cites: tuple[str, ...]


def weigh_words(texts: Sequence[str], everywhere: Counter[str], language: str) -> Weights:
    """How much each stem tells a passage from the rest of the lesson, 0 to 1.

    Args:
        texts: of the passage.
        everywhere: how often each stem is said in all of the lesson.
        language: its language.
    """
    rare: dict[str, float] = {}
    for word in {word for text in texts for word in tokens(text)}:
        weight = rarity(word, language)
        rare[stem(word)] = min(weight, rare.get(stem(word), weight))
    here = Counter(one for text in texts for one in stems(text, language))
    found = {s: n * rare.get(s, 1.0) * (n / max(n, everywhere[s])) ** 0.5 for s, n in here.items()}
    most = max(found.values(), default=1.0)
    return {s: value / most for s, value in found.items()}


def title_of(
    sentences: Sequence[Sentence],
    cues: Sequence[CitedCue],
    focus: Weights,
    language: str,
    taken: Collection[str] | None = None,
) -> PassageTitle | None:
    """The best title that a passage gives; None where none says what it is about.

    Args:
        sentences: the passage.
        cues: its cues, which the title cites.
        focus: `weigh_words` of the passage.
        language: its language.
        taken: titles that other passages have; None for the title of a whole lesson, of which most has to speak.
    """
    said = {_key(text, language) for text in taken or ()}
    holding = Counter(one for s in sentences for one in set(stems(s.text, language)))
    best: tuple[float, PassageTitle | None] = (0.0, None)
    again = Counter(two for s in sentences for two in pairwise(stems(s.text, language)))
    for at, sentence in enumerate(sentences):
        place = FIRST - (FIRST - LATE) * at / max(1, len(sentences) - 1)
        chat = CHATTY if TALK.search(sentence.text) else 1.0
        for worth, text in _candidates(sentence, language):
            often = min((again[two] for two in pairwise(stems(text, language))), default=1)
            score = worth * place * chat * (0.35 + _fit(text, focus, language)) * (1 + AGAIN * math.log(max(1, often)))
            score *= 1.0 if taken is not None else _share(text, holding, language)
            if score > best[0] and _key(text, language) not in said:
                cites = cites_for(text, cues, sentence.cites)
                best = (score, PassageTitle(capitalise(text), cites)) if cites else best
    return best[1]


def _key(text: str, language: str) -> str:
    """What two titles that say the same have in common."""
    return " ".join(sorted(set(stems(text, language))))


def _share(text: str, holding: Counter[str], language: str) -> float:
    """How much of a lesson speaks of a title: mean share of the sentences that hold each word, over the commonest."""
    most = max(holding.values(), default=1)
    shares = [holding[one] / most for one in set(stems(text, language))]
    return 0.1 + sum(shares) / max(1, len(shares))


def opening_of(sentence: Sentence, language: str) -> str:
    """The first clause of a sentence, or as much of it as a title holds: what names a passage that names nothing."""
    body = without_lead(sentence, language).text.rstrip(".!…。！? ")
    if language == "zh":
        return next(iter(_parts_zh(body)), body[: 2 * LONGEST])
    ends = (match.start() for match in _WORDS.patterns["joint"].finditer(body))
    body = body[: next((end for end in ends if len(tokens(body[:end])) >= SHORTEST_CLAUSE), len(body))]
    words = body.split()[:LONGEST]
    while len(words) > 1 and len(body.split()) > LONGEST and words[-1].casefold() in _EDGES:
        words.pop()
    return " ".join(words).strip(",;: ")


def cites_for(text: str, cues: Sequence[CitedCue], among: Collection[str]) -> tuple[str, ...]:
    """The fewest cues in a row that say a text, of those that may be cited."""
    fitting = [cue for cue in cues if cue.id in among]
    words = [tokens(cue.text) for cue in fitting]
    run = tokens(text)
    for size in range(1, len(fitting) + 1):
        for at in range(len(fitting) - size + 1):
            if has_run([word for part in words[at : at + size] for word in part], run):
                return tuple(cue.id for cue in fitting[at : at + size])
    return ()


def _candidates(sentence: Sentence, language: str) -> Iterator[tuple[float, str]]:
    """Stretches of a sentence that may be a title, with their worth."""
    said = without_lead(sentence, language)
    body = said.text.rstrip(".!…。！ ").strip()
    found: list[tuple[float, str]] = []
    if sentence.question:
        asks = OWN[language].match(said.text) if language in OWN else True
        found += [(ASKED, said.text)] if asks and clean(said) and said.length >= SHORTEST_CLAUSE else []
    else:
        found += [(DEFINED, x) for x in _find_terms(body, language)]
        found += [(CLAUSE, clause) for clause in _clauses(said, language)]
        found += list(_find_named(body, language))
    for worth, text in found:
        trimmed = _trim(text)
        if _says_something(trimmed, language):
            yield worth * (ALONE if len(tokens(trimmed)) == 1 else 1.0), trimmed


def _find_named(body: str, language: str) -> Iterator[tuple[float, str]]:
    """What a sentence announces, asks indirectly or names."""
    for kind, worth, pattern in _SOURCES.get(language, ()):
        for match in pattern.finditer(body):
            cut = re.match(r",(?:\S|\s?\d)", body[match.end("x") :])
            text = _trim(match["x"])
            clause = kind == "asked" or _ASKS.match(text) or _WORDS.patterns["relative"].search(text)
            named = not text or clause or language not in PATTERNS or names(text, language)
            verb = kind == "phrase" and language == "en" and is_verb(text.split()[-1])
            if text and named and not cut and not verb and tokens(text)[:1] and tokens(text)[0] not in _HOLLOW:
                yield worth, text


def _find_terms(body: str, language: str) -> Iterator[str]:
    """The term that a sentence defines."""
    for pattern in PATTERNS.get(language, ()):
        match = pattern.match.match(body) if pattern.kind == "definition" else None
        if match and names(match["x"], language):
            yield match["x"]


def _clauses(sentence: Sentence, language: str) -> Iterator[str]:
    """A short sentence, or the main clause that a longer one begins with."""
    body = sentence.text.rstrip(".!…。！ ").strip()
    if language == "zh":
        yield from _parts_zh(body)
        return
    if not stands_alone(sentence, language, SHORTEST_CLAUSE) or _WORDS.patterns["under"].match(body):
        return
    most = LONGEST_CLAUSE
    if len(tokens(body)) <= most:
        yield body
        return
    for match in _WORDS.patterns["clause"].finditer(body):
        part = body[: match.start()]
        if SHORTEST_CLAUSE <= len(tokens(part)) <= most:
            yield part
            return


def _parts_zh(body: str) -> list[str]:
    """The stretches of a Chinese sentence between its marks and spaces that are as long as a clause."""
    parts = re.split(r"[，。！？、；：,\s]+", body)
    return [part for part in parts if SHORTEST_CLAUSE <= len(tokens(part)) <= 2 * LONGEST_CLAUSE]


def _trim(text: str) -> str:
    """A stretch without words that only place it in time, and a short one without its article."""
    text = text.strip(" \"'“”‘’()")
    while (shorter := _WORDS.patterns["tail"].sub("", text)) != text:
        text = shorter
    return _WORDS.patterns["article"].sub("", text).strip()


def _says_something(text: str, language: str) -> bool:
    """Whether a stretch names something by itself."""
    words = tokens(text)
    most = LONGEST * (2 if language == "zh" else 1)
    if not words or len(words) > most or not stems(text, language):
        return False
    if language == "zh":
        return len(words) >= SHORTEST_CLAUSE and not _WORDS.patterns["leans_zh"].search(text)
    if words[-1] in _EDGES or words[0] in _EDGES or words[0].isdigit():
        return False
    return not (language in PATTERNS and leans(_WORDS.patterns["relative"].sub(" ", text), language))


def _fit(text: str, focus: Weights, language: str) -> float:
    """How well a stretch holds the words that tell its passage from others; long ones count less."""
    held = sorted((focus.get(s, 0.0) for s in set(stems(text, language))), reverse=True)[:2]
    length = len(tokens(text)) / (2 if language == "zh" else 1)
    return (sum(held) / 2) * (1.0 if 2 <= length <= 8 else 0.8)
