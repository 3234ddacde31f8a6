"""Words as the education domain compares them: tokens, stop words, language, and what is talk rather than teaching.

Plain lists for English, Spanish and German, whose sentences are turned into questions, and how rare words
are in each of the languages that are recognised. No model, no download.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

from wordfreq import zipf_frequency

from dataclaw.words import words_beside

LONG = 6
"""Letters of a word that carries sense, in languages without a list of common words."""

MISREAD, COMMON = 6, 3.5
"""Fewest letters of a word that is mended, and the least Zipf frequency of what it becomes."""

STEM = 6
"""Words that share this many first letters count as one: "transform" and "transformations"."""

_LITTLE = (
    "的了是在我们你他她它这那个一有和就也不会都可以说到上下中为什么所以如果但而且"
    "只要被把让看时候样些点它與個們這來對會應該們爲"
)
CJK = rf"(?:(?![{_LITTLE}])[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
"""A character of Chinese, Japanese or Korean that is no function word of Chinese, as a pattern."""

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:['’][^\W_]+)*")
_LETTERS = re.compile(r"(?<![\w'’-])[a-z]+(?![\w'’-])")
_ALIKE = [pair for one, other in (("c", "e"), ("i", "l"), ("rn", "m"), ("n", "u"), ("cl", "d"), ("vv", "w"), ("t", "f"))
          for pair in ((one, other), (other, one))]  # fmt: skip
"""Letters that reading takes for one another."""
_NOTE = re.compile(r"\[[^\]]{0,80}\]|♪[^♪]{0,200}♪?")


_WORDS = words_beside(__file__)
STOP = {code: _WORDS.sets[f"stop_{code}"] for code in ("en", "es", "de")}
"""Common words by language, which carry no sense."""
_COMMON = {**STOP, **{code: _WORDS.sets[f"marks_{code}"] for code in ("fr", "pt")}}
FILLERS = _WORDS.sets["fillers"]
TALK = _WORDS.patterns["talk"]
"""Talk about the talk: greetings, thanks, channel and credits. True of a lesson, and no teaching."""


def plain(text: str) -> str:
    """A text without stage directions ("[music playing]"), white space joined."""
    return " ".join(_NOTE.sub(" ", text).split())


def tokens(text: str) -> list[str]:
    """Words and numbers, case folded; every Chinese, Japanese or Korean character is one."""
    return _TOKEN.findall(_NOTE.sub(" ", text).casefold().replace("’", "'"))


def stems(text: str, language: str) -> list[str]:
    """Stems of the content words of a text, in order; CJK texts give their pairs of characters."""
    found = tokens(text)
    if found and sum(map(_is_cjk, found)) > len(found) / 2:
        return [a + b for a, b in pairwise(found) if _is_cjk(a) and _is_cjk(b)]
    return [stem(w) for w in found if w.isdigit() or (telling(w, language) and w not in FILLERS and len(w) > 2)]


def telling(word: str, language: str) -> bool:
    """Whether a word carries sense: no common word of its language, or a long one where there is no list."""
    return word not in STOP[language] if language in STOP else len(word) >= LONG


def has_run(source: Sequence[str], run: Sequence[str]) -> bool:
    """Whether tokens have a run of tokens in a row; misread letters do not match."""
    return f" {' '.join(run)} " in f" {' '.join(source)} "


def spelt(text: str) -> int:
    """Number of words of three letters or more, and of CJK characters: no figures, names of points or misread ink."""
    return sum(token.isalpha() and (len(token) > 2 or _is_cjk(token)) for token in tokens(text))


def stem(word: str) -> str:
    """The part that a word shares with its other forms: its first letters, without a plural's "s"."""
    single = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return single[:STEM]


@cache
def mend_word(word: str) -> str:
    """A word as it must have stood on a slide, where reading took one letter for a like one: "produets" is "products".

    Only a word of six letters and more that English does not know is mended, and only where exactly one such change
    makes a common word of it.
    """
    if len(word) < MISREAD or not (word.isascii() and word.isalpha()) or zipf_frequency(word, "en", wordlist="small"):
        return word
    found: set[str] = set()
    for wrong, right in _ALIKE:
        at = word.find(wrong)
        while at >= 0:
            found.add(word[:at] + right + word[at + len(wrong) :])
            at = word.find(wrong, at + 1)
    common = [one for one in found if zipf_frequency(one, "en", wordlist="small") >= COMMON]
    return common[0] if len(common) == 1 else word


def mend_text(text: str) -> str:
    """A text read off a picture with its misread words mended."""
    return _LETTERS.sub(lambda match: mend_word(match[0]), text)


@cache
def rarity(word: str, language: str) -> float:
    """How rare a word is in its language, 0.2 (said all the time) to 6.5; 2.5 where no frequencies are known."""
    if language in {"", "zh"}:
        return 2.5
    return max(0.2, 6.5 - zipf_frequency(word, language, wordlist="small"))


def language_of(texts: Iterable[str]) -> str:
    """Code of a language: en, es, fr, de, pt, zh (any CJK script), or "" where no list of common words fits."""
    counts = Counter(token for text in texts for token in tokens(text))
    total = sum(counts.values())
    if not total:
        return ""
    if sum(n for token, n in counts.items() if _is_cjk(token)) > total / 2:
        return "zh"
    shares = {code: sum(n for t, n in counts.items() if t in words) / total for code, words in _COMMON.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= 0.12 else ""


def _is_cjk(token: str) -> bool:
    return len(token) == 1 and "\u3040" <= token <= "\ud7af"
