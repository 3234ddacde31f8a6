"""Narrations put into sentences: an order, a name of the action, a report.

Tables of narrations are telegraphic ("pour milk into bowl", "Stirs dough with fork", "# C C walks"). A text is read
once, as a `Clause`: its verbs by base form, with the articles that English needs. Every sentence is made from that. A
text whose verb is not known (see `verbs`) stays as it was narrated. Nothing is added but articles, and "of" after
"dispose".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from dataclaw.domains.daily.verbs import base_of, form_of, gerund, singular, third
from dataclaw.planning import capitalise
from dataclaw.words import words_beside

Form = Literal["order", "bare", "gerund", "report"]

_WORDS = words_beside(__file__)
_SETS, _PATTERNS = _WORDS.sets, _WORDS.patterns
_COMPOUNDS: Mapping[str, Sequence[str]] = _WORDS.tables["compounds"]
_SPELLING: Mapping[str, str] = _WORDS.tables["spelling"]
_NO_NAMES = frozenset[str]().union(*(_SETS[name] for name in ("determiners", "adverbs", "prepositions", "particles")))
"""Words that take no article."""
_PLACES = _SETS["prepositions"] | _SETS["particles"]
_JUNK = " .,;:`'\"#*\t\n\\/|[](){}-"


@dataclass(frozen=True, slots=True)
class Clause:
    """A narrated action, ready to be phrased in any form.

    Attributes:
        words: the words, base forms where `verbs` says so; "{own}" stands for "your" or "their".
        verbs: positions of the verbs that change with the form.
        going_on: whether the narration says that it goes on ("continue cutting", "still washing").
    """

    words: tuple[str, ...]
    verbs: frozenset[int]
    going_on: bool = False

    @property
    def has_verb(self) -> bool:
        """Whether it has a known verb, so that sentences can be made of it."""
        return bool(self.verbs)

    @property
    def is_clear(self) -> bool:
        """Whether it says what can be done: "put the pan" lacks its place, "flip the pan in the pan" its thing."""
        names = [w.strip(",").lower() for w in self.rest if w.strip(",").lower() not in _NO_NAMES | {"{own}"}]
        placing = self.verb in _SETS["placing"] and len(self.verbs) == 1
        placeless = placing and (not _PLACES & set(self.rest) or self.rest[0] in {"into", "onto", "in"})
        circular = len(names) == 2 and names[0] == names[1] and "the" in self.rest and "and" not in self.rest
        return self.has_verb and bool(names) and not placeless and not circular

    @property
    def verb(self) -> str:
        """Base form of its first verb, "" when none is known."""
        return self.words[min(self.verbs)] if self.verbs else ""

    @property
    def rest(self) -> tuple[str, ...]:
        """The words after its first verb."""
        return self.words[min(self.verbs) + 1 :] if self.verbs else self.words

    def phrase(self, form: Form) -> str:
        """The clause without capital and full stop: "stir the milk", "stirring the milk", "stirs the milk".

        An order says "your hands", all other forms, "bare" ("why do they wash their hands") among them, "their hands".
        """
        lasting = self.going_on and form != "gerund"
        inflect = gerund if lasting else {"order": str, "bare": str, "gerund": gerund, "report": third}[form]
        own = "your" if form == "order" else "their"
        words = [inflect(w) if at in self.verbs else w for at, w in enumerate(self.words)]
        lead = ["keeps" if form == "report" else "keep"] if lasting else []
        return " ".join([*lead, *words]).replace("{own}", own)


def sentence(text: str) -> str:
    """A text with a capital letter and a full stop."""
    plain = text.strip()
    return capitalise(plain) + ("" if plain.endswith((".", "?", "!")) else ".") if plain else ""


def clean(text: str) -> str:
    """A narration as one line, without the marks of annotation tools and the person who acts."""
    line = " ".join(text.split()).strip(_JUNK)
    action = _PATTERNS["speaker"].sub("", _PATTERNS["subject"].sub("", line, count=1), count=1)
    words = [_SPELLING.get(word.lower(), word) for word in action.split()]
    words = words[1:] if _is_named(words) else words
    once = [w for k, w in enumerate(words) if k == 0 or w.lower() != words[k - 1].lower()]
    return " ".join(once) or line


def _is_named(words: Sequence[str]) -> bool:
    """Whether a text begins with the name of the person who acts: "Anna washes the leek"."""
    if len(words) < 3 or not words[0].istitle() or base_of(words[0]) or words[0] in _SETS["proper"]:
        return False
    return words[1].islower() and form_of(words[1]) == "s" and words[2].lower() not in _SETS["prepositions"]


@lru_cache(maxsize=4096)
def clause(text: str, *, articles: bool = True, order: bool = False) -> Clause:
    """Read a narration; of several sentences or lines the first.

    Args:
        text: the text.
        articles: put articles in; titles ("make bread") do without.
        order: it begins with its verb, whether or not that is a known one.
    """
    first = re.split(r"(?<=[a-z])\.\s|\n", text.strip(_JUNK), maxsplit=1)[0]
    words = [w.lower() if w.istitle() and w not in _SETS["proper"] else w for w in clean(first).split()]
    at = max(_verb_at(words), 0 if order and words else -1)
    if at < 0:
        return Clause(tuple(words), frozenset())
    going_on = any(base_of(w) in _SETS["going_on"] or w in _SETS["going_on"] for w in words[:at])
    start = at if words[0] in _SETS["before_verb"] or going_on else 0
    return _Reader(words[start:], at - start, articles).read(going_on=going_on)


def _verb_at(words: Sequence[str]) -> int:
    """Where the first verb stands: at the beginning, or after a word that belongs to it; -1 for nowhere."""
    if not words:
        return -1
    second = base_of(words[1], first=False) if len(words) > 1 else ""
    lead = base_of(words[0]) or words[0].lower()
    if second in _COMPOUNDS.get(lead, ()) or (
        lead in _SETS["going_on"] and form_of(words[1] if second else "") == "ing"
    ):
        return 1
    if base_of(words[0]):
        return 0
    return 1 if second and (words[0] in _SETS["before_verb"] or words[0].endswith("ly")) else -1


class _Reader:
    """Reads the words of one clause, left to right."""

    def __init__(self, words: Sequence[str], at: int, articles: bool) -> None:
        self._words, self._at, self._articles = words, at, articles
        self._made: list[str] = [w.lower() for w in words[:at]]
        self._verbs: set[int] = set()
        self._wanting = False  # a name must come next, and needs an article

    def read(self, *, going_on: bool) -> Clause:
        """The clause: later verbs found, articles put in."""
        for k in range(self._at, len(self._words)):
            self._take(k)
        self._complete()
        return Clause(tuple(self._made), frozenset(self._verbs), going_on)

    def _take(self, k: int) -> None:
        word = self._words[k].rstrip(",")
        comma = self._words[k][len(word) :][:1]
        before = self._words[k - 1].lower() if k > self._at else ""
        if k == self._at or self._is_verb(word, before):
            self._verbs.add(len(self._made))
            self._made.append((base_of(word, first=k == self._at) or word) + comma)
            self._wanting = True
        elif self._is_aim(word, before) and not (word == "stir" and self._after(k).startswith("fr")):
            self._made.append(word + comma)  # "stop cutting", "to remove": the same in every form
            self._wanting = True
        else:
            self._name(word, comma, before, self._after(k))

    def _after(self, k: int) -> str:
        return self._words[k + 1].lower() if k + 1 < len(self._words) else ""

    def _is_verb(self, word: str, before: str) -> bool:
        """Whether a later word is one more thing done: after "and", "then" or a comma, in the form of the first."""
        if not (before in {"and", "then", "or"} or before.endswith(",")) or not base_of(word, first=False):
            return False
        first = form_of(self._words[self._at])
        return form_of(word) == first or (form_of(word) == "" and first == "ing")

    def _is_aim(self, word: str, before: str) -> bool:
        base = base_of(word, first=False)
        if before == "to":
            return base == word.lower() or word.lower() in _SETS["after_to"]
        return bool(base) and base_of(before) in {"start", "stop", "finish", "begin", "try"} and form_of(word) == "ing"

    def _name(self, word: str, comma: str, before: str, after: str) -> None:
        lowered = word.lower()
        if lowered == "hand" and before in _SETS["washing"]:
            word = lowered = "hands"
        article = _article(lowered, after) if self._wanting and self._articles else ""
        bare = before in {"into", "to", "in", "for"} and {lowered, after.rstrip(","), singular(after)} & _SETS["bare"]
        self._made += [article, word + comma] if article and not bare else [word + comma]
        stays = self._wanting and (lowered in _SETS["particles"] or lowered == "of" or lowered.endswith("ly"))
        self._wanting = (lowered in _SETS["prepositions"] or stays) and not comma

    def _complete(self) -> None:
        """Add the words that the telegraphic style leaves out."""
        rest = {w.rstrip(",").lower() for w in self._made[self._at + 1 :]}
        verb = self._made[self._at]
        if verb == "dispose" and rest and "of" not in rest:
            self._made.insert(self._at + 1, "of")
            self._verbs = {v + 1 if v > self._at else v for v in self._verbs}


def _article(word: str, after: str) -> str:
    """The article that a bare name needs, "" for words that take none."""
    sized = word in _SETS["sizes"] and bool(after) and after not in _NO_NAMES
    if not word[:1].isalpha() or (word in _NO_NAMES and not sized):
        return ""
    if word.endswith("ly") or "'" in word:
        return ""
    return "{own}" if word in _SETS["own"] and after not in _SETS["not_own"] else "the"


@dataclass(frozen=True, slots=True)
class DirectObject:
    """The direct object of a clause.

    Attributes:
        first: position of its first word.
        end: position after its last word.
        name: its words without the article, in the singular.
        several: whether it is plural.
    """

    first: int
    end: int
    name: str
    several: bool


def object_of(action: Clause) -> DirectObject | None:
    """The direct object of a clause with one verb ("the onion" of "peel the onion with the knife"), or None."""
    if len(action.verbs) != 1 or action.going_on:
        return None
    start = min(action.verbs) + 1
    while start < len(action.words) and action.words[start] in {
        "up",
        "down",
        "on",
        "off",
        "away",
        "out",
        "back",
        "over",
    }:
        start += 1
    if start >= len(action.words) or action.words[start] != "the":
        return None
    end = start + 1
    while end < len(action.words) and action.words[end] not in _SETS["ends"] and "," not in action.words[end - 1]:
        end += 1
    words = [w.strip(",") for w in action.words[start + 1 : end]]
    if not words or (end < len(action.words) and action.words[end] in {"of", "and"}):
        return None
    last = words[-1].lower()
    return DirectObject(start, end, " ".join([*words[:-1], singular(last)]).lower(), last != singular(last))


def with_pronoun(action: Clause, form: Form = "order") -> str:
    """The clause with "it" or "them" for its thing: "put down the plate" gives "put it down"."""
    thing = object_of(action)
    if thing is None:
        return action.phrase(form)
    verb = min(action.verbs)
    particles = action.words[verb + 1 : thing.first]
    words = (*action.words[: verb + 1], "them" if thing.several else "it", *particles, *action.words[thing.end :])
    return replace(action, words=words).phrase(form)
