"""How like an intent is to what a task declares: words and pieces of words, weighed by how telling they are.

Pieces of words forgive inflection and typing errors, and pairs of characters serve scripts that write without spaces.
Whether an intent says anything that the tasks know is another question, of its words alone: pieces of nonsense are like
something, too. Nothing is learned: adding a task adds its declaration. What means the same in entirely other words is
not recognised.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz import fuzz, process

Name: TypeAlias = tuple[str, str]
"""Domain and task."""
Declared: TypeAlias = tuple[Name, tuple[str, ...]]
"""A task with the texts that declare it: intent templates first."""
Vector: TypeAlias = Mapping[str, float]

NEAREST = 3
"""Texts of a task that an intent is compared with one by one: those most like it."""
SHARES = (0.5, 0.2, 0.8)
"""Weights of the most like text, of the mean of the nearest, and of all texts together; chosen on benchmarks/routing.py
(where 0.58 of left-out templates and 0.92 of paraphrases were right, and fewer with each share alone)."""
NEARLY = 80.0
"""Words whose letters agree by this much (0 to 100) are one word, mistyped."""
STEM = 4
"""Fewest letters of a word that are compared with others; as many must begin two forms of one word."""
ENDING = 3
"""Letters that two forms of one word may differ by at their end."""
_COMMON = (
    "a about all also an and any are as at be been being both but by can could did do does done down each every find "
    "for from get give had has have he her here his how i if in into is it its just let like made make may me might "
    "more most must my need no not of on one only onto or other our out over please shall she should show so some such "
    "tell than that the their them then there these they this those to too up us very want was we were what when where "
    "which who whom whose why will with without would write you your anything everything nothing something "
    "什么 怎么 一个 一张 一份 一段 一下 这个 这段 这张 写一 给我 我要 请把 里的"
)
COMMON = frozenset(_COMMON.split())
"""Words that any request has: that a task declares them says nothing about what is asked."""
_PIECES = range(3, 6)
_RUNS = range(1, 4)
_SLOT = re.compile(r"\{[a-z_]+\}")
_WORD = re.compile(r"[a-z0-9\u00c0-\u024f]+")
_RUN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Match:
    """How like an intent is to one task.

    Attributes:
        score: 0..1.7 or so; only its order and its ratio to others mean something.
        nearest: index of the text that is most like it.
        likeness: 0..1, cosine with that text.
    """

    score: float
    nearest: int
    likeness: float


class TaskIndex:
    """The declarations of several tasks, ready to be matched; make it with `index_of`."""

    def __init__(self, declared: Sequence[Declared]) -> None:
        counts = {name: [pieces(text) for text in texts] for name, texts in declared}
        every = [count for rows in counts.values() for count in rows]
        used = Counter(piece for count in every for piece in count)
        self._unknown = math.log((1 + len(every)) / 0.5)
        self._telling = {piece: math.log((1 + len(every)) / (0.5 + n)) for piece, n in used.items()}
        self._texts = {name: [self._vector(count) for count in rows] for name, rows in counts.items()}
        self._words = sorted({word for _, texts in declared for text in texts for word in words(text)})
        self._stems = {word[:n] for word in self._words for n in range(STEM, len(word) + 1)}
        self._whole = {name: self._vector(Counter({p for c in rows for p in c})) for name, rows in counts.items()}

    def known_words(self, intent: str) -> tuple[str, ...]:
        """The words of the intent that some text has, in another form or mistyped perhaps; common ones do not count."""
        return tuple(word for word in words(intent) if self._knows(word))

    def match(self, intent: str) -> dict[Name, Match]:
        """How like the intent is to each task."""
        said = self._vector(pieces(intent))
        return {name: self._match(said, texts, self._whole[name]) for name, texts in self._texts.items()}

    def _knows(self, word: str) -> bool:
        if word in self._words:
            return True
        if len(word) < STEM:
            return False
        stem = word[: max(STEM, len(word) - ENDING)]
        return (
            stem in self._stems
            or process.extractOne(word, self._words, scorer=fuzz.ratio, score_cutoff=NEARLY) is not None
        )

    def _match(self, said: Vector, texts: Sequence[Vector], whole: Vector) -> Match:
        likeness = [_cosine(said, text) for text in texts]
        order = sorted(range(len(texts)), key=lambda k: (-likeness[k], k))[:NEAREST]
        most, mean, all_of_it = SHARES
        near = sum(likeness[k] for k in order) / len(order)
        score = most * likeness[order[0]] + mean * near + all_of_it * _cosine(said, whole)
        return Match(score, order[0], likeness[order[0]])

    def _vector(self, count: Counter[str]) -> Vector:
        """Unit vector of the pieces; one that no task uses tells nothing, but makes the text less like any."""
        weights = {piece: (1 + math.log(n)) * self._telling.get(piece, self._unknown) for piece, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {piece: weight / length for piece, weight in weights.items()}


@lru_cache(maxsize=16)
def index_of(declared: tuple[Declared, ...]) -> TaskIndex:
    """The index of these declarations, made once."""
    return TaskIndex(declared)


def pieces(text: str) -> Counter[str]:
    """Words, runs of 3 to 5 letters in them, and runs of 1 to 3 ideographs; free slots of templates are left out."""
    plain = _SLOT.sub(" ", text).lower()
    found: Counter[str] = Counter()
    for word in _WORD.findall(plain):
        found[f"={word}"] += 1
        marked = f"<{word}>"
        found.update(marked[k : k + n] for n in _PIECES for k in range(len(marked) - n + 1))
    for run in _RUN.findall(plain):
        found.update(run[k : k + n] for n in _RUNS for k in range(len(run) - n + 1))
    return found


def words(text: str) -> dict[str, None]:
    """What a text speaks of: its words without common ones, and pairs of ideographs; each once, in order."""
    plain = _SLOT.sub(" ", text).lower()
    found = [word for word in _WORD.findall(plain) if len(word) > 1 and word not in COMMON]
    for run in _RUN.findall(plain):
        found += [run[k : k + 2] for k in range(len(run) - 1) if run[k : k + 2] not in COMMON]
    return dict.fromkeys(found)


def _cosine(a: Vector, b: Vector) -> float:
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    return sum(weight * large[piece] for piece, weight in small.items() if piece in large)
