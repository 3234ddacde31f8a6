"""How an expert words what it thinks and asks; each has several forms, one of which is drawn."""

from __future__ import annotations

from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.words import words

FORMS = words("education/thoughts.toml")


def put(brief: ExpertBrief, key: str, **values: str) -> str:
    """One of several forms, drawn by the scene, the request and the values.

    Args:
        brief: the request, and its scene.
        key: key of the forms in thoughts.toml.
        values: what fills their slots.
    """
    drawn = brief.scene.spec.rng("put", brief.request.task, brief.request.intent, *values.values())
    return drawn.choice(FORMS.phrases(key)).format(**values)


def plain(sentence: str) -> str:
    """A sentence as another one quotes it: without the mark at its end."""
    return sentence.rstrip(".!")
