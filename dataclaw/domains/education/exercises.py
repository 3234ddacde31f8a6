"""Exercises that came with a lesson, as questions with the answers that the course counts as right.

An exercise without such an answer asks for an opinion or is marked by a program. Drafts leave it out and name it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.education.lessons import details_of, text_of
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.words import plain, stems, tokens
from dataclaw.types import Anchor, Json
from dataclaw.words import words_beside

ENOUGH = 0.5
"""Share of the answer's and the question's content words that a passage has to hold to be its evidence."""

_PATTERNS = words_beside(__file__).patterns
_LETTER = re.compile(r"^\(?[A-Za-z0-9][.)]\s+")
_FREE = re.compile(r"^[.\\^$*+?\[\]()|{}]+|\.\*")
_CELL = re.compile(r"(?i)^(?:for|in|of) each (?:of|row)\b[^.?!:]{30,400}[.:] (?P<cell>[^:.?!]{3,80}: [^:.?!]{3,80})$")
"""A task that all cells of a table share, with the row and the column of one of them."""
LONG = 60
"""A question of so many words contains the passage that it is about."""
FEW = 5
"""Fewest words of an explanation."""


@dataclass(frozen=True, slots=True)
class AnsweredExercise:
    """An exercise with its answer.

    Attributes:
        anchor: the event.
        question: what is asked.
        choices: texts to choose from, empty where the answer is written.
        answers: every right answer; of choices, all that are right together.
        explanation: the reason in the course's words, "" for none.
    """

    anchor: Anchor
    question: str
    choices: tuple[str, ...]
    answers: tuple[str, ...]
    explanation: str

    @property
    def answer(self) -> str:
        """The answer as it is written down: all right choices, or the first right answer."""
        return "; ".join(self.answers) if self.choices else self.answers[0]


def exercise_of(anchor: Anchor) -> AnsweredExercise | None:
    """The exercise of an event; None without a question or without an answer in words."""
    details = details_of(anchor)
    given = cast("Sequence[Json]", details.get("choices") or ())
    listed = [cast("dict[str, Json]", choice) for choice in given if isinstance(choice, dict)]
    texts = tuple(_choice(str(c.get("text") or "")) for c in listed)
    right = tuple(_choice(str(c.get("text") or "")) for c in listed if c.get("correct"))
    written = tuple(str(a).strip() for a in cast("Sequence[Json]", details.get("answers") or ()))
    answers = right if listed else tuple(a for a in written if a and not _FREE.search(a))
    question = _question(plain(text_of(anchor)))
    if not question or not answers or not all(answers) or (listed and not all(texts)):
        return None
    return AnsweredExercise(
        anchor, question, texts, answers, _explanation(str(details.get("explanation") or ""), answers)
    )


def unfit(anchor: Anchor) -> str:
    """Why an exercise is left out, as a reason of `left_out`; "" when it can be asked."""
    question = text_of(anchor)
    if exercise_of(anchor) is None:
        return "no_answer"
    if _PATTERNS["unseen"].search(question):
        return "needs_picture"
    vague = _PATTERNS["code"].search(question) or _PATTERNS["any_of"].search(question)
    return "unclear" if vague or _lacks_passage(anchor) else ""


def _lacks_passage(anchor: Anchor) -> bool:
    """Whether it is about a text that is missing: its question or explanation speaks of a speaker or a line."""
    question = text_of(anchor)
    why = str(details_of(anchor).get("explanation") or "")
    return len(tokens(question)) < LONG and bool(_PATTERNS["passage"].search(f"{question} {why}"))


def passage_for(exercise: AnsweredExercise, sentences: Sequence[Sentence], language: str) -> Sentence | None:
    """The sentence that supports an answer best: it has words of the answer and of the question."""
    answer, asked = set(stems(exercise.answer, language)), set(stems(exercise.question, language))
    best: tuple[float, Sentence | None] = (0.0, None)
    for sentence in sentences:
        said = set(stems(sentence.text, language))
        if answer and not sentence.question and len(answer & said) / len(answer) > ENOUGH:
            score = len((answer | asked) & said) / len(answer | asked)
            best = max(best, (score, sentence), key=lambda pair: pair[0])
    return best[1] if best[0] >= ENOUGH else None


def _question(text: str) -> str:
    """What is asked, without how the page is used; of a table that asks for each cell, only the row and the column."""
    said = _PATTERNS["handling"].sub("", text).strip()
    match = _CELL.match(said)
    return match["cell"] if match else said


def _explanation(text: str, answers: Sequence[str]) -> str:
    """An explanation without the answer that it repeats first; "" where it says too little."""
    said = plain(text)
    if _PATTERNS["key"].match(said):
        rest = _PATTERNS["key"].sub("", said)
        said = next((rest.removeprefix(a).strip() for a in answers if rest.startswith(a)), rest)
    return said if len(tokens(said)) >= FEW else ""


def _choice(text: str) -> str:
    return _LETTER.sub("", plain(text))
