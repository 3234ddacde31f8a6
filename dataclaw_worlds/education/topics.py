"""What lectures are about: topics with their facts, each a question, a sentence that answers it, and its answer.

The files in `topics/` hold one topic after another: a line `# name | title`, then one line per fact,
`kind question | sentence with the [answer] in it`, in which `{90|19}` is a figure with what a slip of the tongue makes
of it, then a line `x sentence` with an example that answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KINDS: Mapping[str, str] = {
    "d": "definition",
    "r": "reason",
    "n": "number",
    "p": "purpose",
    "h": "procedure",
    "c": "consequence",
    "i": "condition",
}
_FOLDER = Path(__file__).parent / "topics"
_SLIP = re.compile(r"\{([^|}]+)\|([^|}]+)\}")
_ANSWER = re.compile(r"\[(.+)\]")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that is taught.

    Attributes:
        kind: kind of question that it answers, as the schema of `concept_qa` names them.
        question: the question.
        sentence: the sentence that answers it, complete in itself.
        answer: the stretch of the sentence that is the answer.
        slip: the sentence with a wrong figure, "" where it has none.
    """

    kind: str
    question: str
    sentence: str
    answer: str
    slip: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of lectures.

    Attributes:
        name: what it is called.
        title: what it is about, as it stands inside a sentence ("how yeast makes dough rise").
        area: file that it stands in.
        facts: what is taught about it, the definition first.
        example: a sentence that illustrates it.
    """

    name: str
    title: str
    area: str
    facts: tuple[Fact, ...]
    example: str

    @property
    def term(self) -> str:
        """The term that is defined, with its article as the question has it."""
        return re.sub(r"^What (?:is|was|are) |\?$", "", self.facts[0].question)


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic, file by file."""
    found: list[Topic] = []
    for file in sorted(_FOLDER.glob("*.txt")):
        blocks = file.read_text(encoding="utf-8").split("# ")[1:]
        found += [_topic(block.strip().split("\n"), file.stem) for block in blocks]
    return tuple(found)


def _topic(lines: list[str], area: str) -> Topic:
    name, title = (part.strip() for part in lines[0].split("|"))
    facts = tuple(_fact(line) for line in lines[1:] if line[0] in KINDS)
    example = next(line[2:].strip() for line in lines[1:] if line.startswith("x "))
    return Topic(name, title, area, facts, example)


def _fact(line: str) -> Fact:
    question, _, marked = line[2:].partition(" | ")
    right = _SLIP.sub(r"\1", marked)
    wrong = _SLIP.sub(r"\2", marked)
    answer = _ANSWER.search(right)
    assert answer is not None, line
    sentence = _ANSWER.sub(r"\1", right).strip()
    slip = _ANSWER.sub(r"\1", wrong).strip() if wrong != right else ""
    return Fact(KINDS[line[0]], question.strip(), sentence, answer[1], slip)
