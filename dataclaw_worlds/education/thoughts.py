"""How an expert puts what it thinks and asks: several ways, one of which is drawn for each place of each request."""

from __future__ import annotations

from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.words import words

FORMS = words("education/thoughts.toml")


def put(brief: ExpertBrief, key: str, **values: str) -> str:
    """One of several ways to say something, drawn by the stream, the request and what is said.

    Args:
        brief: what was asked, and of which scene.
        key: key of the ways in thoughts.toml.
        values: what fills their slots.
    """
    drawn = brief.scene.spec.rng("put", brief.request.task, brief.request.intent, *values.values())
    return drawn.choice(FORMS.phrases(key)).format(**values)


def plain(sentence: str) -> str:
    """A sentence as another one quotes it: without the mark at its end."""
    return sentence.rstrip(".!")
