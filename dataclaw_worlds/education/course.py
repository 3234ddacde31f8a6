"""Lectures as units of an Open edX course: a transcript, and exercises of which some have no answer."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.education.script import WORDS, LectureScript
from dataclaw_worlds.education.topics import Fact, Topic, topics
from dataclaw_worlds.education.voice import SubtitleCue, write_cues
from dataclaw_worlds.words import upper_first


@dataclass(frozen=True, slots=True)
class Quiz:
    """An exercise.

    Attributes:
        question: what is asked.
        choices: texts to choose from, in the order shown; empty for an open question.
        right: the right answer, "" where there is none.
        why: the explanation, "" without one.
        topic: number of the topic.
        number: number of the fact that it asks for, -1 for an open question.
    """

    question: str
    choices: tuple[str, ...]
    right: str
    why: str
    topic: int
    number: int

    def fact(self) -> Mapping[str, Json]:
        """The exercise as a fact of the scene."""
        return {"question": self.question, "answer": self.right, "topic": self.topic, "fact": self.number}


def quiz_of(script: LectureScript, spec: SceneSpec) -> list[Quiz]:
    """The exercises of a lecture: one or two per topic, and some without an answer."""
    rng = spec.rng("quiz")
    found: list[Quiz] = []
    near = [t for t in topics() if t.area == script.topics[0].area]
    known = spec.pool([t.name for t in near], "topic")
    others = [t for t in near if t.name in known]
    for number, topic in enumerate(script.topics):
        told = [k for k in script.order[number] if topic.facts[k].kind in {"definition", "number", "reason"}]
        chosen = rng.sample(told, min(len(told), 1 + (rng.random() < 0.4)))
        found += [_quiz(number, k, topic.facts[k], others, rng) for k in chosen]
        if rng.random() < 0.15 * spec.difficulty:
            text = rng.choice(WORDS.phrases("open")).format(term=topic.term)
            found.append(Quiz(text, (), "", "", number, -1))
    if spec.difficulty > 2 and rng.random() < 0.5:
        left, right = "The left one", "The right one"
        found.append(Quiz(rng.choice(WORDS.phrases("unseen")), (left, right), left, "", -1, -1))
    return found


def write_course(folder: Path, title: str, cues: Sequence[SubtitleCue], quizzes: Sequence[Quiz]) -> None:
    """Write the course's folder."""
    (folder / "static").mkdir(parents=True)
    write_cues(folder / "static" / "speech.srt", cues, "srt")
    problems = "\n".join(_problem(quiz) for quiz in quizzes)
    name = quoteattr(title)
    text = f"""<course org="open" course="c1" url_name="run" display_name={name}>
<chapter display_name="Week 1"><sequential display_name="Lecture"><vertical display_name={name}>
<video display_name={name}><transcript language="en" src="speech.srt"/></video>
{problems}
</vertical></sequential></chapter>
</course>
"""
    (folder / "course.xml").write_text(text, encoding="utf-8")


def _quiz(number: int, k: int, fact: Fact, others: Sequence[Topic], rng: random.Random) -> Quiz:
    right = upper_first(fact.answer)
    if fact.kind == "number" and fact.slip:
        wrong = _figures(right, rng)
    else:
        same = [f.answer for t in others for f in t.facts if f.kind == fact.kind and f.answer != fact.answer]
        wrong = [upper_first(text) for text in rng.sample(same, min(3, len(same)))]
    choices = [right, *wrong]
    rng.shuffle(choices)
    why = fact.sentence if rng.random() < 0.4 else ""
    return Quiz(fact.question, tuple(choices), right, why, number, k)


def _figures(right: str, rng: random.Random) -> list[str]:
    """Wrong answers: the right one with other figures."""
    factors = rng.sample((0.5, 2, 3, 4, 5, 10), 3)

    def times(factor: float) -> str:
        return re.sub(r"\d+", lambda match: str(max(1, round(int(match[0]) * factor))), right)

    found = [text for text in map(times, factors) if text != right]
    return list(dict.fromkeys(found)) or ["None of these"]


def _problem(quiz: Quiz) -> str:
    question = escape(quiz.question)
    if not quiz.choices:
        body = f'<stringresponse answer=".*" type="regexp"><label>{question}</label><textline/></stringresponse>'
        return f'<problem display_name="Discussion">{body}</problem>'
    choices = "".join(
        f'<choice correct="{"true" if text == quiz.right else "false"}">{escape(text)}</choice>'
        for text in quiz.choices
    )
    solution = f"<solution><p>{escape(quiz.why)}</p></solution>" if quiz.why else ""
    return f'<problem display_name="Quiz"><multiplechoiceresponse><label>{question}</label><choicegroup ' \
           f'type="MultipleChoice">{choices}</choicegroup>{solution}</multiplechoiceresponse></problem>'  # fmt: skip
