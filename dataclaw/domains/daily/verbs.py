"""English words of everyday work: base forms of verbs out of any other, their other forms out of the base; singulars.

A closed list, not a parser: a word that is neither listed nor an inflection of a listed one is no verb here, and its
text stays as it was narrated. Irregular forms are listed; regular ones follow the spelling rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from dataclaw.words import words_beside

_WORDS = words_beside(__file__)
VERBS = _WORDS.sets["verbs"]
"""Words that are verbs wherever one may stand."""
NOUNS_TOO = _WORDS.sets["nouns_too"]
"""Words that are verbs at the beginning only: elsewhere they name things."""
HANDLING = _WORDS.sets["handling"]
"""Verbs of handling things, which say little about how something is made."""
_IRREGULAR: Mapping[str, str] = _WORDS.tables["irregular"]
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
_SHORT = re.compile(r"(?:[^aeiou]*[^aeiouq]|[^aeiou]*qu)[aeiou][^aeiouwxy]")
"""Verbs of one syllable that double their last letter before -ing: "cut", "squat", not "sew" or "peel"."""


@lru_cache(maxsize=8192)
def base_of(word: str, *, first: bool = True) -> str:
    """The base form of a verb ("Stirring", "stirs", "stirred" give "stir"), "" for a word that is no verb.

    Args:
        word: one word, in any case.
        first: whether it begins the sentence, where words like "oil" are verbs too.
    """
    lowered = word.lower()
    head, dash, last = lowered.rpartition("-")
    if dash and head:
        inner = base_of(last, first=first)
        return f"{head}-{inner}" if inner else ""
    known = VERBS | NOUNS_TOO if first else VERBS
    return next((base for base in _bases(lowered) if base in known), "")


def _bases(word: str) -> list[str]:
    """What a word may be a form of, likeliest first."""
    found = [_IRREGULAR.get(word, word)]
    if word.endswith("ies"):
        found.append(f"{word[:-3]}y")
    if word.endswith("es"):
        found += [word[:-1], word[:-2]]
    elif word.endswith("s") and not word.endswith("ss"):
        found.append(word[:-1])
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            undoubled = [stem[:-1]] if len(stem) > 2 and stem[-1] == stem[-2] else []
            found += [stem, *undoubled, f"{stem}e", *([f"{stem[:-1]}y"] if stem.endswith("i") else [])]
    return found


def form_of(word: str) -> str:
    """How a verb is inflected: "ing", "s", "ed", or "" for the base form and for what is no verb."""
    lowered, base = word.lower(), base_of(word)
    if not base or lowered == base:
        return ""
    return "ing" if lowered.endswith("ing") else "ed" if lowered.endswith("ed") else "s"


def gerund(base: str) -> str:
    """The -ing form of a base form."""
    head, dash, last = base.rpartition("-")
    if last.endswith("ie"):
        last = f"{last[:-2]}y"
    elif last.endswith("e") and not last.endswith(("ee", "ye", "oe")):
        last = last[:-1]
    elif _SHORT.fullmatch(last) or last in _WORDS.sets["doubled"]:
        last += last[-1]
    return f"{head}{dash}{last}ing"


def third(base: str) -> str:
    """The form of "he", "she", "it"."""
    if base in {"do", "go"}:
        return f"{base}es"
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return f"{base}es"
    if base.endswith("y") and base[-2:-1] in _CONSONANTS:
        return f"{base[:-1]}ies"
    return f"{base}s"


def singular(word: str) -> str:
    """The singular of a regular plural ("knives" and "leaves" included)."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("ves") and len(word) > 4:
        return {"knives": "knife", "wives": "wife"}.get(word, f"{word[:-3]}f")
    if word.endswith(("sses", "shes", "ches", "xes", "toes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
