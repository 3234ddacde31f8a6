"""Saying the same thing in other words: the domain's templates filled, and typing errors."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache

from dataclaw.plugins import plugin_at, read_manifest
from dataclaw.worlds.base import SceneSpec

_SLOT = re.compile(r"\{(\w+)\}")
_NEIGHBOURS = {
    "a": "sq",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "u": "yi",
    "s": "ad",
    "t": "ry",
    "n": "bm",
    "r": "et",
    "l": "k",
}
TEMPLATE = "template"
"""Key of the pool of templates, and of the sources that say which ones were used."""


@cache
def declared_templates(domain: str, task: str) -> tuple[str, ...]:
    """The intent templates that a domain declares for a task."""
    return tuple(read_manifest(plugin_at(domain, None).root).tasks[task].intents)


def allowed_templates(spec: SceneSpec, domain: str, task: str, more: Sequence[str] = ()) -> list[str]:
    """The declared templates and `more` of one's own that the lot's split may use."""
    return spec.pool([*declared_templates(domain, task), *more], TEMPLATE)


def slots(template: str) -> list[str]:
    """Names of the slots of a template."""
    return _SLOT.findall(template)


def fill_template(template: str, values: Mapping[str, str]) -> str | None:
    """The template with its slots filled, or None where a value is missing."""
    missing = [name for name in slots(template) if name not in values]
    return None if missing else _SLOT.sub(lambda match: values[match[1]], template)


def mistype(text: str, rng: random.Random, errors: int = 1) -> str:
    """The text with typing errors: a letter left out, doubled, swapped with the next, or hit beside; names stay.

    Words that begin with a capital letter or hold a digit are passed over, so that what is asked for stays clear.
    """
    for _ in range(errors):
        places = list(re.finditer(r"(?<![\w{])[a-z]{5,}(?![\w}])", text))
        if not places:
            return text
        word = rng.choice(places)
        at = word.start() + rng.randrange(1, len(word[0]) - 1)
        kind = rng.randrange(4)
        old = text[at]
        new = {0: "", 1: old * 2, 2: text[at + 1] + old, 3: rng.choice(_NEIGHBOURS.get(old, old + old))}[kind]
        text = text[:at] + new + text[at + (2 if kind == 2 else 1) :]
    return text
