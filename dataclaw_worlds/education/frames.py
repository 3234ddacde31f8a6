"""The same fact in other words: how lecturers put a definition, a reason, a purpose or what follows from something.

The answer stays a stretch of the sentence, so that a quote of it can be found.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from dataclaw_worlds.education.topics import Fact, Topic
from dataclaw_worlds.words import upper_first

Frames: TypeAlias = Callable[[Fact, str], Sequence[str]]
"""Other sentences for a fact whose sentence is given; none where the sentence has another form."""


def vary_topic(topic: Topic, rng: random.Random) -> Topic:
    """A topic with some of its facts put in other words."""
    return replace(topic, facts=tuple(_vary_fact(fact, rng) for fact in topic.facts))


def _vary_fact(fact: Fact, rng: random.Random) -> Fact:
    found = FRAMES.get(fact.kind, _no_frames)(fact, fact.sentence)
    told = rng.choice((fact.sentence, *found))
    return fact if fact.slip else replace(fact, sentence=told)  # a slip has the words of its fact


def _no_frames(_: Fact, __: str) -> Sequence[str]:
    return ()


def _definition(fact: Fact, sentence: str) -> Sequence[str]:
    match = re.fullmatch(r"What is (.+)\?", fact.question)
    term = match[1] if match else ""
    if not term or sentence != f"{upper_first(term)} is {fact.answer}.":
        return ()
    begin = upper_first(term)
    return (f"By {term} we mean {fact.answer}.", f"What we call {term} is {fact.answer}.",
            f"{begin}, in short, is {fact.answer}.", f"{begin} can be defined as {fact.answer}.",
            f"The word for {fact.answer} is {_bare(term)}.")  # fmt: skip


def _reason(fact: Fact, sentence: str) -> Sequence[str]:
    told, because, _ = sentence.partition(f" {fact.answer}.")
    if not because or not fact.answer.startswith("because ") or "," in told:
        return ()
    first, _, rest = told.partition(" ")
    inner = f"{first.lower()} {rest}" if first.lower() in {*fact.question[:-1].split(), "a", "an", "the"} else told
    return (f"{upper_first(fact.answer)}, {inner}.", f"{told}, and that is {fact.answer}.",
            f"{told} simply {fact.answer}.")  # fmt: skip


def _purpose(fact: Fact, sentence: str) -> Sequence[str]:
    match = re.fullmatch(r"What (is|are|was|were) (.+) for\?", fact.question)
    if match is None or sentence != f"{upper_first(match[2])} {match[1]} there {fact.answer}.":
        return ()
    be = "was" if match[1] in {"was", "were"} else "is"
    return (f"The purpose of {match[2]} {be} {fact.answer}.", f"The job of {match[2]} {be} {fact.answer}.",
            f"{upper_first(match[2])} {match[1]} needed {fact.answer}.")  # fmt: skip


def _consequence(fact: Fact, sentence: str) -> Sequence[str]:
    match = re.fullmatch(r"What happens when (.+)\?", fact.question)
    if match is None or sentence != f"When {match[1]}, {fact.answer}.":
        return ()
    return tuple(f"{word} {match[1]}, {fact.answer}." for word in ("If", "Whenever", "As soon as"))


def _procedure(fact: Fact, sentence: str) -> Sequence[str]:
    return (f"In order to {sentence[3:]}",) if sentence.startswith("To ") and fact.answer in sentence else ()


def _bare(term: str) -> str:
    article, _, rest = term.partition(" ")
    return rest if article in {"a", "an", "the"} else term


FRAMES: Mapping[str, Frames] = {
    "definition": _definition,
    "reason": _reason,
    "purpose": _purpose,
    "consequence": _consequence,
    "procedure": _procedure,
}
"""The frames by kind of fact."""
