"""Choosing the words of asks and of experts, so that held-out lots say things as no other lot does."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from dataclaw.worlds import wording
from dataclaw.worlds.base import ExpertBrief, SceneSpec

PHRASE = "phrase"
"""Key of the pools of an expert's phrases."""
_STOPS = re.compile(r"in|of|from|that|who|which|whose|where|with(out)?|longer|shorter|under|over|after|before|and")
_MANY = re.compile(r"\b(are|them|their|they)\b")


def frame(
    spec: SceneSpec, plain: Sequence[str], fuzzy: Sequence[str], share: float, rng: random.Random, *, many: bool = True
) -> str:
    """A template that the lot's split may use: a fuzzy one by chance, where its half has any.

    Args:
        spec: whose split counts.
        plain: templates of whole sentences.
        fuzzy: templates of loose talk.
        share: how often a fuzzy one is wanted, 0..1.
        rng: what is drawn from.
        many: whether what is asked for is several things; otherwise templates that speak of "them" do not fit.
    """
    allowed = [t for t in spec.pool((*plain, *fuzzy), wording.TEMPLATE) if many or not _MANY.search(t)]
    loose = [t for t in allowed if t in fuzzy]
    wanted = loose if loose and rng.random() < share else [t for t in allowed if t not in fuzzy]
    return rng.choice(wanted or allowed)


def plural(words: str) -> bool:
    """Whether a name of things is plural: "the shots of scene 3", not "the first drone shot" or "what runs slower"."""
    first, *rest = words.replace(",", " and ").split() or [""]
    if first not in ("the", "all"):
        return False
    head = ""
    for word in rest:
        if _STOPS.fullmatch(word) or (word[0].isupper() and head):
            break
        head = word
    return head.endswith("s") and not head.endswith(("'s", "ss"))


def phrase(order: ExpertBrief, key: str, phrases: Mapping[str, Sequence[str]]) -> str:
    """The phrase that an expert uses for something in this answer.

    Args:
        order: whose lot and ask are drawn from; another ask of the same scene is answered in other words.
        key: what the phrase is for.
        phrases: ways to say it, by language.
    """
    spec, ask = order.scene.spec, order.request
    pool = spec.pool(phrases[ask.language], PHRASE)
    return spec.rng("phrase", key, ask.task, ask.intent).choice(pool)
