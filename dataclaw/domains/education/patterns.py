"""Patterns of sentences that answer a question, with that question, in English, Spanish, German and Chinese.

Every pattern keeps the sentence's own words: the question repeats its subject (group x), the answer is what it says of
it (group y). A sentence is only asked about when its subject names something by itself; "this", "it" and "the problem"
do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dataclaw.domains.education.words import STOP
from dataclaw.planning import capitalise
from dataclaw.words import words_beside

_WORDS = words_beside(__file__)
_FORMS: Mapping[str, str] = _WORDS.tables["forms"]


@dataclass(frozen=True, slots=True)
class QuestionPattern:
    """A way to ask about a sentence.

    Attributes:
        kind: what is asked for.
        worth: how much such a question is worth beside others.
        match: pattern of the sentence without its mark at the end.
        ask: the question, with the groups of `match` in braces; `{x}` is the subject.
        names: whether `x` has to name something by itself; else it only must not lean on earlier words.
    """

    kind: str
    worth: float
    match: re.Pattern[str]
    ask: str
    names: bool = True


def _patterns(language: str) -> tuple[QuestionPattern, ...]:
    """The patterns of a language; each has to match all of a sentence, in any letter case."""
    entries: Sequence[dict[str, Any]] = _WORDS.tables[language]
    made: list[QuestionPattern] = []
    for entry in entries:
        match: Any = re.compile(f"^{_WORDS.fill(entry['match'])}$", re.IGNORECASE if language != "de" else 0)
        made.append(QuestionPattern(**entry | {"match": match}))
    return tuple(made)


PATTERNS = {code: _patterns(code) for code in ("en", "es", "de", "zh")}
"""Patterns by language, the first that fits is used."""
OWN = {code: _WORDS.patterns[f"own_{code}"] for code in PATTERNS}
"""How a question that the lecturer asks begins, by language."""
STANDS_FOR = {code: _WORDS.patterns[f"stands_for_{code}"] for code in PATTERNS}
"""Beginnings of answers that stand for something which no question names, by language."""
ASIDE = {code: _WORDS.patterns[f"aside_{code}"] for code in PATTERNS}
"""Where an answer ends and another statement begins, by language."""
OPENING, CONDITION, JOINT = (
    {code: _WORDS.patterns[f"{name}_{code}"] for code in PATTERNS} for name in ("opening", "condition", "joint")
)
"""What may stand before a statement without changing it, what makes it hang on a condition, and what joins two."""
ARTICLES_DE = _WORDS.sets["articles_de"]
"""Words of German that are written small inside a sentence, unlike the nouns after them."""
ADVERT = _WORDS.patterns["advert"]
"""Words that praise a product."""


def put(pattern: QuestionPattern, match: re.Match[str], subject: str) -> str:
    """The question about a sentence."""
    groups = {k: v for k, v in match.groupdict().items() if v is not None} | {"x": subject}
    groups["v1"] = _FORMS.get(groups.get("v", "").lower(), groups.get("v", "").removesuffix("s"))
    groups["do"] = "does" if groups.get("w", "").endswith("s") else "do"
    groups |= {k: groups[k].lower() for k in ("be", "c", "v") if k in groups}
    would, _, rest = groups.get("be", "").partition(" ")  # "would be": When would the determinant be 3?
    groups |= {"be": would, "n": f"{rest} {groups.get('n', '')}".strip(), "who": groups.get("who", "").strip()}
    asked = pattern.ask.format(**groups).replace(" ?", "?")
    return capitalise(asked)


def names(subject: str, language: str) -> bool:
    """Whether a subject names something by itself: content words, no pronouns and no pointing."""
    if language == "zh":
        return not leans(subject, language)
    words = [w if w[0].isupper() and at else w.casefold() for at, w in enumerate(subject.split())]
    articles, inside, vague = (_WORDS.sets[f"{name}_{language}"] for name in ("articles", "inside", "vague"))
    core = words[1:] if words[0] in articles else words
    if not core or core[0] in STOP[language] or core[-1] in STOP[language]:
        return False
    after = dict(pairwise(core))
    if any(w in vague and after.get(w) not in {"of", "del", "de"} for w in core):
        return False  # "the goal" is nobody's, "the goal of training" is
    return all(w in inside | articles or w not in STOP[language] for w in core)


def leans(text: str, language: str) -> bool:
    """Whether a text points at something that only the lecture shows, or has pronouns."""
    return points(text, language) or bool(_WORDS.patterns[f"pronoun_{language}"].search(text))


def points(text: str, language: str) -> bool:
    """Whether a text points at the screen, the speaker or the moment."""
    return bool(_WORDS.patterns[f"deictic_{language}"].search(text))
