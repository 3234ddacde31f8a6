"""How people ask for lessons, questions and summaries: templates of a task by meaning, and polite words around them.

A meaning is a set of words, divided by blanks; the TOML files of the worlds say what each word means.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from dataclaw.worlds.base import Request, SceneSpec
from dataclaw.worlds.wording import declared_templates, fill_template, mistype, slots
from dataclaw_worlds.words import words

MISTYPED = 0.12
"""Share of the English requests that have a typing error."""
_WORDS = words("education/requests.toml")


class Templates:
    """The templates of a task that a scene may use, the domain's and the world's own, by meaning.

    Args:
        spec: its split decides.
        task: name of the task.
        own: the world's own templates by meaning.
        skip: words of the domain's templates that the world has no answer for.

    Attributes:
        by_meaning: the templates.
    """

    def __init__(self, spec: SceneSpec, task: str, own: Mapping[str, Sequence[str]], skip: Sequence[str]) -> None:
        meant = {text: meaning for meaning, texts in own.items() for text in texts}
        self._own = frozenset(meant)
        meant |= {
            text: meaning_of(text) for text in declared_templates("education", task) if not any(w in text for w in skip)
        }
        self.by_meaning: dict[str, list[str]] = {}
        for text in spec.pool(list(meant), "template"):
            self.by_meaning.setdefault(meant[text], []).append(text)

    def write(self, template: str, values: Mapping[str, str], rng: random.Random, *, typo: bool) -> str | None:
        """The user's words; None where a slot has no value."""
        text = fill_template(mistype(template, rng) if typo else template, values)
        if not text:
            return None
        return _singular(_frame(text, rng) if template in self._own else text)

    def style_of(self, template: str, *, typo: bool, fuzzy: bool) -> Literal["template", "paraphrase", "typo", "fuzzy"]:
        """The style of a request that was made from a template."""
        if typo:
            return "typo"
        if template not in self._own:
            return "template"
        return "fuzzy" if fuzzy else "paraphrase"


def take_turns(streams: Sequence[Iterator[Request]], count: int) -> list[Request]:
    """At most `count` requests from the streams in turn, none twice."""
    found: dict[tuple[str, str], Request] = {}
    for turn in range(count * 4):
        one = next(streams[turn % len(streams)], None)
        if one is not None:
            found.setdefault((one.task, one.intent), one)
        if len(found) == count:
            break
    return list(found.values())


def meaning_of(template: str) -> str:
    """What a template of the domain means, by its slots."""
    if "minutes" in template or "分钟" in template:
        return "first"
    names = slots(template)
    return " ".join(word for slot, word in (("topic", "topic"), ("n", "count")) if slot in names) or "all"


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def _singular(text: str) -> str:
    """A request with "1 minute" for "1 minutes"."""
    return re.sub(r"\b1 minutes\b", "1 minute", text)


def _frame(text: str, rng: random.Random) -> str:
    """A request as people send it: now and then with a word before or behind it."""
    if is_chinese(text):
        polite = rng.random() < 0.2 and text[0] not in "请麻给"
        return f"{rng.choice(_WORDS.phrases('before_zh'))}{text}" if polite else text
    before = rng.choice(_WORDS.phrases("before")) if rng.random() < 0.15 else ""
    behind = rng.choice(_WORDS.phrases("behind")) if rng.random() < 0.15 and text[-1] not in "?." else ""
    return f"{before}{text}{behind}"
