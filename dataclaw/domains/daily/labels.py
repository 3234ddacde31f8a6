"""Labels that are cut off or misspelt, mended where the other labels of the recording show the word.

"the dust pa." beside "the dust pan" has lost a letter, "pancakeinside" a space, "Trun the meat" has two letters
changed over. A word that nothing else shows stays as it is: a rare word is no mistake.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wordfreq import zipf_frequency

from dataclaw.domains.daily.verbs import base_of, singular

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_SHORT = frozenset(["up", "on", "in", "it", "to", "of", "is", "at", "by", "me", "us", "he", "go", "do", "tv"])
LONG = 4
"""Least length of a word that is compared letter by letter."""
FREQUENT = 4.5
"""A word with a letter too many is one of English when it occurs so often there (Zipf scale)."""


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """How often the labels of a recording have each word, pair of neighbours, and verb at the beginning."""

    words: Counter[str]
    pairs: Counter[tuple[str, str]]
    verbs: Counter[str]


def mend_labels(labels: Sequence[str]) -> list[str]:
    """The labels with their cut or misspelt words as the other labels have them."""
    split = [[word.lower() for word in _WORD.findall(label)] for label in labels]
    known = _Vocabulary(
        Counter(word for words in split for word in words),
        Counter(pair for words in split for pair in pairwise(words)),
        Counter(words[0] for words in split if words and base_of(words[0])),
    )
    return [_mend(label, known) for label in labels]


def _mend(label: str, known: _Vocabulary) -> str:
    parts = label.split()
    before = ""
    for at, part in enumerate(parts):
        found = _WORD.search(part)
        if found is None:
            continue
        word, last = found[0].lower(), at == len(parts) - 1
        if last and at > 1 and len(word) == 1 and known.words[word] == 1:
            return " ".join(parts[:at])  # the first letter of a word that is lost
        other = _verb_for(word, known) if at == 0 else _word_for(word, before, known, last=last)
        if other:
            parts[at] = part.replace(found[0], other)
        before = word
    return " ".join(parts)


def _verb_for(word: str, known: _Vocabulary) -> str:
    """The verb that an unknown first word is a slip of; "" where no other label or more than one shows it."""
    if base_of(word) or len(word) < 3:
        return ""
    near = [verb for verb, count in known.verbs.items() if count > 1 and _is_slip(word, verb)]
    return near[0] if len(near) == 1 else ""


def _word_for(word: str, before: str, known: _Vocabulary, *, last: bool) -> str:
    """What a word is a broken form of; "" for nothing."""
    if known.words[word] > 1:
        return ""
    if last and known.pairs[before, word] == 1:
        whole = [w for (a, w), n in known.pairs.items() if a == before and n > 1 and w.startswith(word) and w != word]
        if len(whole) == 1 and len(whole[0]) - len(word) <= 2 and singular(whole[0]) != word:
            return whole[0]
    if last and len(word) == 2:
        whole = [w for w, n in known.words.items() if n > 1 and w[:-1] == word]
        if len(whole) == 1 and known.words[word] == 1 and word not in _SHORT:
            return whole[0]
    if len(word) < LONG or zipf_frequency(word, "en", wordlist="small") > 0:
        return ""
    halves = [(word[:k], word[k:]) for k in range(3, len(word) - 2)]
    for one, other in halves:
        if known.words[one] > 1 and known.words[other] > 1:
            return f"{one} {other}"
    near = [w for w, count in known.words.items() if count > 1 and len(w) >= LONG and _is_slip(word, w)]
    if len(near) == 1:
        return near[0]
    single = re.sub(r"([a-z])\1$", r"\1", word)
    return single if single != word and zipf_frequency(single, "en", wordlist="small") >= FREQUENT else ""


def _is_slip(word: str, other: str) -> bool:
    """Whether two words differ by one letter too many, or by two neighbours changed over; an ending is no slip."""
    if word == other or "-" in other or word.startswith(other) or other.startswith(word):
        return False
    return abs(len(word) - len(other)) <= 1 and (other in _slips(word) or word in _slips(other))


def _slips(word: str) -> Collection[str]:
    """A word without one of its letters, or with two neighbours changed over."""
    without = {word[:k] + word[k + 1 :] for k in range(len(word))}
    return without | {word[:k] + word[k + 1] + word[k] + word[k + 2 :] for k in range(len(word) - 1)}
