"""Plain English sentences taken apart: who does what to whom, why, how and when; and the questions that these answer.

No grammar is guessed at: the subject has to name something by itself, the verb is one of a list, and between them only
an adverb may stand. Everything else gives no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dataclaw.domains.education.patterns import leans, names
from dataclaw.words import words_beside

_WORDS = words_beside(__file__)
_VERBS, _PATTERNS = _WORDS.sets["verbs"], _WORDS.patterns
_FORMS: Mapping[str, str] = _WORDS.tables["forms"]
LONGEST_SUBJECT = 8
"""Most words of a subject."""
OBJECT, REASON, WAY, TIME = 1.0, 1.35, 1.3, 1.1
"""Worth of a question for an object, a reason, a way and a time, beside those of `patterns.toml`."""


@dataclass(frozen=True, slots=True)
class PlainClause:
    """A clause of subject, verb and rest.

    Attributes:
        subject: as written.
        helper: "do", "does", "did", or the modal verb.
        verb: its base form.
        rest: what follows the verb.
    """

    subject: str
    helper: str
    verb: str
    rest: str


@dataclass(frozen=True, slots=True)
class ClauseQuestion:
    """A question that a clause answers.

    Attributes:
        kind: what is asked for.
        worth: how much such a question is worth beside others.
        subject: what it is about.
        ask: the question with "{x}" for the subject.
        answer: the words that answer it.
    """

    kind: str
    worth: float
    subject: str
    ask: str
    answer: str


def questions_in(body: str) -> Iterator[ClauseQuestion]:
    """The questions that an English sentence, without its mark at the end, answers; the better ones first."""
    clause = _take_apart(body)
    if clause is None or leans(clause.subject, "en"):
        return
    does = f"{clause.helper} {{x}} {clause.verb}"
    for name, kind, ask, worth in (
        ("because", "reason", "Why", REASON),
        ("by", "procedure", "How", WAY),
        ("when", "condition", "When", TIME),
    ):
        match = _PATTERNS[name].search(f" {clause.rest}")
        if match and "," not in clause.rest[: match.start()]:
            kept = f" {clause.rest}"[: match.start()].strip()
            if not leans(kept, "en"):
                yield ClauseQuestion(kind, worth, clause.subject, f"{ask} {does} {kept}".strip() + "?", match["y"])
                return
    needed = _PATTERNS["needs"].match(f"{clause.verb} {clause.rest}")
    particle = needed[0].removeprefix(clause.verb).strip() if needed else ""
    rest = clause.rest.removeprefix(particle).strip()
    end = _PATTERNS["object_end"].search(rest)
    said = rest[: end.start()] if end else rest
    does = f"{does} {particle}".strip()
    asks = _PATTERNS["knows"].match(clause.verb) and _PATTERNS["asks"].match(said)
    named = asks or (_PATTERNS["object"].match(said) and not _PATTERNS["no_object"].match(said))
    if named and len(said.split()) > 1:
        yield ClauseQuestion("meaning", OBJECT, clause.subject, f"What {does}?", said.rstrip(","))


def is_verb(word: str) -> bool:
    """Whether a word is a third person or a past of one of the verbs: "offers", "corresponded"."""
    return bool(word.endswith(("s", "ed")) and _base_of(word, "")[0])


def _take_apart(body: str) -> PlainClause | None:
    """The clause that a sentence begins with; None where it is not plain."""
    words = body.split()
    for at in range(1, min(LONGEST_SUBJECT + 3, len(words) - 1)):
        subject = _without_adverb(" ".join(words[:at]))
        if not subject or _PATTERNS["mark"].search(subject) or len(subject.split()) > LONGEST_SUBJECT:
            continue
        modal = bool(_PATTERNS["modal"].match(words[at]))
        base, helper = (words[at + 1], words[at]) if modal else _base_of(words[at], subject)
        if not base or base not in _VERBS or not names(subject, "en"):
            continue
        rest = words[at + 1 + modal :]
        return PlainClause(subject, helper, base, " ".join(rest)) if rest else None
    return None


def _without_adverb(subject: str) -> str:
    return _PATTERNS["adverb"].sub("", f"{subject} ").strip()


def _base_of(word: str, subject: str) -> tuple[str, str]:
    """The base form of a finite verb, and the form of "do" that asks with it; ("", "") for another word."""
    if word in _FORMS:
        return _FORMS[word], "does" if word in {"has", "does", "goes"} else "did"
    stems = (word, word.removesuffix("s"), word.removesuffix("es"), re.sub(r"ies$", "y", word))
    if word in _VERBS:
        plural = subject[-1:] == "s" or subject.lower() in {"you", "we"}
        return (word, "do") if plural else ("", "")
    if word.endswith("s"):
        return next(((base, "does") for base in stems if base in _VERBS), ("", ""))
    if word.endswith("ed"):
        pasts = (
            word.removesuffix("d"),
            word.removesuffix("ed"),
            re.sub(r"ied$", "y", word),
            re.sub(r"(.)\1ed$", r"\1", word),
        )
        return next(((base, "did") for base in pasts if base in _VERBS), ("", ""))
    return "", ""
