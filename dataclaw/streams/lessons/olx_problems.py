"""Exercises of an Open edX course: questions with the answers that the course counts as right.

Answers that a script works out, that pick a place on a picture, or that another program grades are not read: running
course code is out of the question, and an exercise without its answer teaches nothing. They are named instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from dataclaw.streams.lessons.cues import squeeze
from dataclaw.types import Json

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_TEXT = 8000
_HIDDEN = frozenset({"script", "style", "solution", "demandhint", "choicehint", "compoundhint", "optionhint",
                     "correcthint", "stringequalhint", "additional_answer", "hintgroup", "clarification"})  # fmt: skip
_HEADING = re.compile(r"\s*explanation\s*:?\s*", re.IGNORECASE)
_SCRIPTED = re.compile(r"\$[A-Za-z_{]")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question with its answer.

    Attributes:
        kind: "multiple_choice", "checkbox", "dropdown", "numerical", "formula" or "text".
        question: what is asked.
        choices: `{"text", "correct", "feedback"?}` each; empty where the answer is written.
        answers: every answer that counts as right, the main one first.
        tolerance: how far a number may be off ("5", "1%"), "" when it must be exact.
        explanation: why, in the course's words.
        hints: help for a learner on the way.
    """

    kind: str
    question: str
    choices: tuple[Mapping[str, Json], ...] = ()
    answers: tuple[str, ...] = ()
    tolerance: str = ""
    explanation: str = ""
    hints: tuple[str, ...] = field(default=())

    def attrs(self) -> dict[str, Json]:
        """As the `attrs` of an event."""
        return {
            "kind": self.kind,
            "choices": [dict(choice) for choice in self.choices],
            "answers": list(self.answers),
            "tolerance": self.tolerance,
            "explanation": self.explanation,
            "hints": list(self.hints),
        }


def exercises_of(problem: Element) -> tuple[list[Exercise], list[str]]:
    """The questions of a `<problem>`, and what kind of question was left out and why (short phrases)."""
    found: list[Exercise] = []
    left: list[str] = []
    responses = [node for node in problem.iter() if str(node.tag).endswith("response")]
    outside = Outside(problem, responses)
    for response in responses:
        reader = _READERS.get(str(response.tag))
        exercise = reader(response) if reader else None
        if exercise is None or not (exercise.choices or exercise.answers):
            left.append(f"{response.tag} has no answer to be read")
        elif _SCRIPTED.search(" ".join([*exercise.answers, outside.question(response)])):
            left.append(f"{response.tag} is worked out by a script, which is not run")
        elif not (question := outside.question(response)):
            left.append(f"{response.tag} asks nothing in words")
        else:
            found.append(_complete(exercise, question, outside, response))
    if not responses:
        left.append("problem without a question")
    return found, left


def _complete(exercise: Exercise, question: str, outside: Outside, response: Element) -> Exercise:
    explanation = outside.explanation(response)
    return Exercise(exercise.kind, question, exercise.choices, exercise.answers, exercise.tolerance, explanation,
                    outside.hints)  # fmt: skip


class Outside:
    """What stands around the responses of a problem: the question's text, the solution, the hints."""

    def __init__(self, problem: Element, responses: Sequence[Element]) -> None:
        self._problem = problem
        self._parents = {child: parent for parent in problem.iter() for child in parent}
        self._alone = len(responses) == 1
        self._intro = self._before(responses[0]) if responses else ""
        self.hints = tuple(text for node in problem.iter("hint") if (text := text_of(node)))

    def question(self, response: Element) -> str:
        """Text that leads in, the label or the words inside the response, and the row of a table it stands in."""
        label = " ".join(text_of(node) for name in ("label", "description") for node in response.findall(name))
        own = " ".join(_own_texts(response))
        parts = [self._intro, self._cells(response), own if own.startswith(label) else f"{own} {label}".strip()]
        fresh = [part for k, part in enumerate(parts) if part and part not in parts[:k]]
        return squeeze(" ".join(fresh))[:MAX_TEXT]

    def explanation(self, response: Element) -> str:
        """The solution inside the response, or that of the problem where it has one question."""
        inside = list(response.iter("solution"))
        nodes = inside or (list(self._problem.iter("solution")) if self._alone else self._problem.findall("solution"))
        text = " ".join(text_of(node) for node in nodes)
        return _HEADING.sub("", text, count=1)[:MAX_TEXT] if _HEADING.match(text) else text[:MAX_TEXT]

    def _before(self, response: Element) -> str:
        """Text of the problem before its first response, tables left out: their cells belong to single questions."""
        words: list[str] = []
        for piece in pieces(self._problem, _HIDDEN | {"table"}):
            if piece is response:
                break
            words.append(piece if isinstance(piece, str) else "")
        return squeeze("".join(words))[:MAX_TEXT]

    def _cells(self, response: Element) -> str:
        """Head of the column and first cell of the row, for a response in a table."""
        cell = self._parents.get(response)
        row = self._parents.get(cell) if cell is not None else None
        if cell is None or row is None or row.tag != "tr":
            return ""
        column = list(row).index(cell)
        body = self._parents.get(row)
        heads = [text_of(node) for node in body.iter("th")] if body is not None else []
        head = heads[column] if column < len(heads) else ""
        return ": ".join(part for part in (text_of(row[0]) if column else "", head) if part)


def text_of(node: Element) -> str:
    """Everything an element says, without scripts and hidden parts, as one line."""
    return squeeze("".join(piece for piece in pieces(node, _HIDDEN) if isinstance(piece, str)))[:MAX_TEXT]


def pieces(node: Element, hidden: frozenset[str]) -> Iterator[Element | str]:
    """An element, its texts and those of everything in it, in the order of the document; blocks are set apart."""
    todo: list[Element | str] = [node]
    while todo:
        at = todo.pop()
        yield at
        if isinstance(at, str):
            continue
        yield " " if at.tag in _BLOCKS else ""
        yield at.text or ""
        for child in reversed(at):
            gap = " " if child.tag in _BLOCKS else ""
            todo.append(gap + (child.tail or ""))
            todo.extend([] if str(child.tag) in hidden else [child])


_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "br", "tr", "td", "th", "h1", "h2", "h3", "h4", "label", "choice"})


def _own_texts(response: Element) -> Iterator[str]:
    """Paragraphs that stand in a response itself."""
    inside = response.iter() if response.tag == "annotationresponse" else iter(response)
    for node in inside:
        if node.tag in ("p", "div", "text", "span", "h3", "tag_prompt"):
            yield text_of(node)


def _choices(response: Element, kind: str) -> Exercise:
    choices: list[Mapping[str, Json]] = []
    for node in response.iter("choice"):
        entry: dict[str, Json] = {"text": text_of(node), "correct": node.get("correct", "").lower() == "true"}
        hints = [text_of(hint) for hint in node.iter("choicehint")]
        choices.append(entry | ({"feedback": " ".join(hints)[:MAX_TEXT]} if any(hints) else {}))
    return _choice_exercise(kind, choices)


def _dropdown(response: Element) -> Exercise:
    choices: list[Mapping[str, Json]] = []
    for node in response.iter("optioninput"):
        right = node.get("correct", "")
        choices += [
            {"text": squeeze(text), "correct": text == right} for text in _parse_options(node.get("options", ""))
        ]
    options = [(text_of(n), n.get("correct", "").lower() == "true") for n in response.iter("option")]
    return _choice_exercise("dropdown", [*choices, *({"text": text, "correct": right} for text, right in options)])


def _annotation(response: Element) -> Exercise:
    options = [{"text": text_of(n), "correct": n.get("choice") == "correct"} for n in response.iter("option")]
    return _choice_exercise("multiple_choice", options)


def _choice_exercise(kind: str, choices: Sequence[Mapping[str, Json]]) -> Exercise:
    kept = tuple(choice for choice in choices if choice["text"])
    right = tuple(str(choice["text"]) for choice in kept if choice["correct"])
    return Exercise(kind, "", kept if right else (), right)


def _parse_options(text: str) -> list[str]:
    """`('a','b')` as texts; a Python literal, read without being run."""
    try:
        value: object = ast.literal_eval(text[:MAX_TEXT])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(item) for item in value] if isinstance(value, tuple | list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _written_exercise(response: Element, kind: str) -> Exercise:
    answers = [response.get("answer", ""), *(node.get("answer", "") for node in response.iter("additional_answer"))]
    pattern = "regexp" in response.get("type", "")  # a pattern is no answer that one could give
    tolerance = next((n.get("default", "") for n in response.iter("responseparam")), "")
    right = () if pattern else tuple(dict.fromkeys(squeeze(a[:MAX_TEXT]) for a in answers if a.strip()))
    return Exercise(kind, "", (), right, tolerance[:40])


_READERS: dict[str, Callable[[Element], Exercise]] = {
    "multiplechoiceresponse": partial(_choices, kind="multiple_choice"),
    "choiceresponse": partial(_choices, kind="checkbox"),
    "optionresponse": _dropdown,
    "annotationresponse": _annotation,
    "numericalresponse": partial(_written_exercise, kind="numerical"),
    "formularesponse": partial(_written_exercise, kind="formula"),
    "stringresponse": partial(_written_exercise, kind="text"),
}
