"""Which language an intent is written in, the phrases of the languages written here, and whether a text is words.

Text is written in English, Chinese and German; an intent in another language gets English, and the draft says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from wordfreq import zipf_frequency

from dataclaw.planning import capitalise, decapitalise

_FILE: Mapping[str, Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8")
)
_WAYS: Mapping[str, Mapping[str, Sequence[str]]] = {
    name.removeprefix("ways_"): table for name, table in _FILE.items() if name.startswith("ways_")
}
_TABLES: Mapping[str, Mapping[str, str]] = {name: _FILE[name] for name in _FILE if not name.startswith("ways_")}
LANGUAGES = tuple(name for name in _TABLES if not name.startswith("roles_"))
_LATIN = ("en", "de", "fr", "es", "it", "pt", "nl")
_SCRIPTS = (("ja", "\u3040-\u30ff"), ("ko", "\uac00-\ud7af"), ("zh", "\u4e00-\u9fff"), ("ru", "\u0400-\u04ff"),
            ("ar", "\u0600-\u06ff"))  # fmt: skip
LEAD = 0.5
"""So much more common [zipf a word] the words must be in another language before a request is not English."""

KNOWN, COMMON, SHARE = 1.5, 3.5, 0.6
"""Least zipf frequency of a word that counts as one, of a common one, and least share of a line's letters in words."""


def language_of(text: str) -> str:
    """The language of a request: "en", "zh", "de", or the code of another one; English where it is too short to tell.

    A script tells first; among languages in Latin letters the one in which the words are most common.
    """
    for name, letters in _SCRIPTS:
        if re.search(f"[{letters}]", text):
            return name
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(words) < 3:
        return "en"
    scores = {name: sum(_zipf(word, name) for word in words) / len(words) for name in _LATIN}
    best = max(_LATIN, key=lambda name: scores[name])
    return best if scores[best] > scores["en"] + LEAD else "en"


def say(language: str, key: str, *, way: int = 0, **values: object) -> str:
    """A phrase of `phrases.toml` with its values filled in.

    Args:
        language: one of `LANGUAGES`.
        key: name of the phrase.
        way: number of the way to say it, 0 for the usual one; counted round where there are fewer ways.
        values: what is filled in.

    Raises:
        KeyError: there is no such phrase, or a value is missing.
    """
    ways = (_TABLES[language][key], *_WAYS[language].get(key, ()))
    return ways[way % len(ways)].format(**values)


def role_in(language: str, role: str) -> str:
    """The word for a kind of element ("button"), the English one where there is none."""
    return _TABLES.get(f"roles_{language}", {}).get(role, role)


@cache
def _phrase_words() -> frozenset[str]:
    """The words of all phrases and kinds of elements; characters where the script has no blanks."""
    usual = (phrase for table in _TABLES.values() for phrase in table.values())
    others = (phrase for table in _WAYS.values() for ways in table.values() for phrase in ways)
    return frozenset(word for phrase in (*usual, *others) for word in _words_in(phrase))


def _words_in(text: str) -> list[str]:
    return re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W\d_\u3040-\u30ff\u4e00-\u9fff]+", text.casefold())


def is_phrase(text: str, keys: Iterable[str] = ()) -> bool:
    """Whether a text only says what is done and where, and names nothing: it has no word but those of the phrases here.

    Args:
        text: the text.
        keys: names of keys that it may have, too.
    """
    return _phrase_words().union(key.casefold() for key in keys).issuperset(_words_in(text))


def sentence(language: str, *clauses: str) -> str:
    """Clauses as one sentence with a capital and a full stop; "" for none."""
    said = [clause for clause in clauses if clause]
    rest = [decapitalise(clause) if language == "en" else clause for clause in said[1:]]
    return capitalise(say(language, "semicolon").join([*said[:1], *rest])) + say(language, "stop") if said else ""


def join_texts(language: str, texts: Sequence[str]) -> str:
    """Texts as people list them, `a, b and c`."""
    comma = say(language, "comma")
    return say(language, "and").join([comma.join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def is_words(text: str) -> bool:
    """Whether a line read off a screen is words rather than scraps of icons: most of its letters are in known words.

    Chinese of two characters and more counts; so do names of files and addresses.
    """
    if re.search(r"[\u4e00-\u9fff]{2}", text):
        return True
    if re.fullmatch(r"[\w-]{3,}\.\w{2,4}|(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", text.strip()):
        return True
    words = [word for word in re.findall(r"[^\W_]+", text) if not word.isdigit()]
    letters = sum(map(len, words))
    known = sum(len(word) for word in words if len(word) > 1 and word.isalpha() and is_known(word.lower()))
    return letters >= 3 and known >= SHARE * letters


@lru_cache(maxsize=65536)
def is_known(word: str) -> bool:
    """Whether a word is one in a language that is written here."""
    return any(_zipf(word, name) >= KNOWN for name in ("en", "de"))


def is_common(word: str) -> bool:
    """Whether a word is a common one in English."""
    return _zipf(word, "en") >= COMMON


@lru_cache(maxsize=65536)
def _zipf(word: str, language: str) -> float:
    return zipf_frequency(word, language, wordlist="small")
