"""Requests for fragments: put them in order, leave out what does not belong, say what the task was."""

from __future__ import annotations

from typing import Literal

from dataclaw.worlds.base import Request, Scene
from dataclaw.worlds.wording import declared_templates, mistype
from dataclaw_worlds.gui.requests import TYPOS, draw_template
from dataclaw_worlds.words import Words, words

_PHRASES: Words = words("gui/intents.toml")["pieces"]
_WHOLE = [f"{opening} {want}" for opening in _PHRASES.phrases("openings") for want in _PHRASES.phrases("wants")]

TASK = "long_horizon_reconstruction"


def requests_of(scene: Scene, count: int) -> list[Request]:
    """At most `count` different requests for a scene."""
    rng = scene.spec.rng("asks")
    found: dict[str, Request] = {}
    for _ in range(count * 8):
        if len(found) >= count:
            break
        draw = rng.random()
        style: Literal["template", "paraphrase", "typo", "fuzzy"] = "paraphrase"
        language: Literal["en", "zh"] = "en"
        if draw < 0.28:
            text, style = draw_template(scene.spec, rng, declared_templates("gui", TASK)), "template"
        elif draw < 0.4:
            text = draw_template(scene.spec, rng, _PHRASES.phrases("zh"))
        elif draw < 0.48:
            text, style = draw_template(scene.spec, rng, _PHRASES.phrases("vague")), "fuzzy"
        else:
            text = draw_template(scene.spec, rng, _WHOLE)
        template = text
        if text and not text.isascii() and sum(c.isascii() for c in text) < len(text) / 2:
            language = "zh"
        elif text and style == "paraphrase" and rng.random() < TYPOS:
            text, style = mistype(text, rng), "typo"
        if text:
            found.setdefault(text, Request(TASK, text, {}, style, language, template))
    return list(found.values())
