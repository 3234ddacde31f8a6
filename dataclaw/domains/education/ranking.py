"""Which sentences say most of what a stretch of a lesson says, and which words name it: plain counting, no model.

Centroid summarisation (Radev et al., 2004) with maximal marginal relevance (Carbonell and Goldstein, 1998): a sentence
scores by the cosine of its weighted stems with those of the stretch, less what a chosen one already said.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from dataclaw.domains.education.sentences import Sentence, clean, without_lead
from dataclaw.domains.education.words import CJK, TALK, rarity, stem, stems, telling, tokens
from dataclaw.words import words_beside

Weights: TypeAlias = Mapping[str, float]
"""Weight of each stem."""

SHORTEST, LONGEST = 7, 45
"""Least and most words of a key sentence; of a CJK one, characters / 2."""

CHATTY = 0.35
"""Factor on the score of a sentence about the speaker, the viewer or the screen."""

PAIR, INSIDE = 1.7, 0.8
"""Factor of a pair of words over a word that is said as often; share of a word's count that each pair takes off."""

POINT, STEP = 1.4, 0.55
"""Factor on the score of a sentence that defines, concludes or gives a reason, and of one that only leads the listener
through an example."""

NAMED = 2
"""Content words before a pronoun that it may stand for."""

REDUNDANCY = 0.5
"""Share of its likeness with a chosen sentence that a score loses."""

_WORDS = words_beside(__file__)
_LEANING = {
    code: (_WORDS.patterns[f"leaning_{code}"], _WORDS.patterns[f"shown_{code}"]) for code in ("en", "es", "de", "zh")
}
_PRONOUN = {code: _WORDS.patterns[f"pronoun_{code}"] for code in ("en", "es", "de")}
_IDEOGRAPHS = re.compile(rf"{CJK}+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W_]+)*")


def weights_of(sentences: Sequence[Sentence], language: str) -> Weights:
    """Weight of each stem: how often it is said and how rare it is, less for what is said once only."""
    counts = Counter(one for sentence in sentences for one in stems(sentence.text, language))
    rare: dict[str, float] = {}
    for word in {word for sentence in sentences for word in tokens(sentence.text)}:
        rare[stem(word)] = min(rarity(word, language), rare.get(stem(word), math.inf))
    return {one: math.log1p(n) * (1.0 if n > 1 else 0.4) * rare.get(one, 2.5) / 2.5 for one, n in counts.items()}


def key_sentences(sentences: Sequence[Sentence], language: str, count: int, weights: Weights) -> list[Sentence]:
    """At most `count` sentences that stand alone and say most of a stretch, in order.

    Args:
        sentences: the stretch.
        language: its language.
        count: most sentences.
        weights: `weights_of` the whole lesson.
    """
    here = Counter(stem for sentence in sentences for stem in stems(sentence.text, language))
    centroid = {stem: n * weights.get(stem, 0.0) for stem, n in here.items()}
    whole = [i for i, s in enumerate(sentences) if stands_alone(s, language)]
    vectors = {i: _vector(sentences[i], language, weights) for i in whole}
    chosen: dict[int, Weights] = {}
    while vectors and len(chosen) < count:
        scores = {
            i: _worth(sentences[i], v, centroid)
            - REDUNDANCY * max((similar(v, c) for c in chosen.values()), default=0.0)
            for i, v in vectors.items()
        }
        best = max(scores, key=lambda i: (scores[i], -i))
        if scores[best] <= 0.0:
            break
        chosen[best] = vectors.pop(best)
    return [without_lead(sentences[i], language) for i in sorted(chosen)]


def stands_alone(sentence: Sentence, language: str, shortest: int = SHORTEST) -> bool:
    """Whether a sentence can be read without the one before it and without the picture.

    It is no question, does not begin with what leans on earlier words, points at nothing that only the lecture shows,
    and a pronoun in it has something before it in the same sentence that it may stand for.
    """
    text = without_lead(sentence, language).text
    length = sentence.length / (2 if language == "zh" else 1)
    if sentence.question or not clean(sentence) or not shortest <= length <= LONGEST or TALK.search(text):
        return False
    if any(pattern.search(text) for pattern in _LEANING.get(language, ())):
        return False
    pronoun = _PRONOUN[language].search(text) if language in _PRONOUN else None
    return pronoun is None or len(stems(text[: pronoun.start()], language)) >= NAMED


def phrases(texts: Sequence[str], language: str, count: int) -> list[str]:
    """What a stretch is about: at most `count` words or pairs of words that most of its texts say, as they are said.

    Forms of a word ("model", "models") count together, and the commonest of them is given.
    """
    if language in {"zh", ""}:  # of a script that is not known the words are not known either
        return _runs(texts, count) if language else []
    forms: dict[tuple[str, ...], Counter[str]] = {}
    for text in texts:
        for phrase in dict.fromkeys(_candidates(text, language)):
            key = tuple(map(stem, phrase.split()))
            forms.setdefault(key, Counter())[phrase] += 1
    counts = {key: sum(form.values()) for key, form in forms.items()}
    paired = Counter({word: 0 for key in counts for word in key})
    for key, n in counts.items():
        paired.update({word: n for word in key if len(key) > 1 and n > 1})
    alone = {key: n - INSIDE * sum(paired[word] for word in key[: len(key) == 1]) for key, n in counts.items()}
    scores = {key: n * (PAIR if len(key) > 1 else 1.0) for key, n in alone.items() if n > 1}
    chosen: list[tuple[str, ...]] = []
    for key in sorted(scores, key=lambda k: (-scores[k], k)):
        if len(chosen) < count and not any(set(key) & set(other) for other in chosen):
            chosen.append(key)
    return [max(forms[key], key=lambda form: (forms[key][form], form)) for key in chosen]


def similar(a: Weights, b: Weights) -> float:
    """Cosine of two weighted bags of stems, 0 when either is empty."""
    dot = sum(value * b.get(stem, 0.0) for stem, value in a.items())
    size = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return dot / size if size else 0.0


def _vector(sentence: Sentence, language: str, weights: Weights) -> Weights:
    return {stem: n * weights.get(stem, 0.0) for stem, n in Counter(stems(sentence.text, language)).items()}


def _worth(sentence: Sentence, vector: Weights, centroid: Weights) -> float:
    """Likeness with the stretch; definitions and reasons count more, talk and steps of an example less."""
    factors = {"chatty": CHATTY, "point": POINT, "step": STEP}
    found = [factor for name, factor in factors.items() if _WORDS.patterns[name].search(sentence.text)]
    return similar(vector, centroid) * math.prod(found)


def _candidates(text: str, language: str) -> Iterator[str]:
    """Content words of a text, and pairs of them that stand side by side."""
    last, end = "", -2
    for match in _WORD.finditer(text.casefold().replace("’", "'")):
        word = match[0]
        if not telling(word, language) or word in _WORDS.sets["weak"] or len(word) < 3 or "'" in word:
            continue
        yield word
        if match.start() == end + 1 and text[end] == " ":
            yield f"{last} {word}"
        last, end = word, match.end()


def _runs(texts: Sequence[str], count: int) -> list[str]:
    """The same for texts without spaces: runs of two to four characters, the longer ones first of equals."""
    counts: Counter[str] = Counter()
    for text in texts:
        stretches = _IDEOGRAPHS.findall(text)
        counts.update({s[at : at + n] for s in stretches for n in (2, 3, 4) for at in range(len(s) - n + 1)})
    chosen: list[str] = []
    for run in sorted((r for r, n in counts.items() if n > 1), key=lambda r: (-counts[r] * (len(r) - 1), r)):
        if len(chosen) < count and not any(set(run) & set(other) for other in chosen):
            chosen.append(run)
    return chosen
