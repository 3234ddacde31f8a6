"""What can be asked of fragments: put them in order, leave out what does not belong, say what the task was."""

from __future__ import annotations

from typing import Literal

from dataclaw.worlds.base import Request, Scene
from dataclaw.worlds.wording import declared, mistyped
from dataclaw_worlds.gui.asks import TYPOS, pick

TASK = "long_horizon_reconstruction"
OPENINGS = (
    "these pieces got mixed up:",
    "from this pile of recordings",
    "out of these short traces",
    "here are some cut-up clips;",
    "somebody shuffled the parts,",
    "with what is in this folder",
    "take the fragments and",
    "given these snippets",
)
WANTS = (
    "find the order in which they happened",
    "tell which belong to one job and sort those",
    "rebuild the whole task from start to end",
    "which came first, which last, and which are strangers?",
    "give me the original order without the intruders",
    "restore the long trajectory and say what it was for",
    "line up what belongs together",
    "say how the work went on from piece to piece",
    "make one long story of the ones that fit",
    "sort them by what was carried over",
)
ZH = (
    "这些片段原来的顺序是什么?",
    "去掉无关的片段,把其余的按顺序排好",
    "把打乱的录屏还原成一个完整任务",
    "哪些片段属于同一个任务?请排序",
    "按先后顺序拼接这些操作片段",
)
VAGUE = (
    "what is all this?",
    "can you make sense of these bits",
    "I need one long thing from the short things",
    "sort this out please",
)


def asks_of(scene: Scene, count: int) -> list[Request]:
    """At most `count` different asks of a scene."""
    rng = scene.spec.rng("asks")
    found: dict[str, Request] = {}
    for _ in range(count * 8):
        if len(found) >= count:
            break
        draw = rng.random()
        style: Literal["template", "paraphrase", "typo", "fuzzy"] = "paraphrase"
        language: Literal["en", "zh"] = "en"
        if draw < 0.28:
            text, style = pick(scene.spec, rng, declared("gui", TASK)), "template"
        elif draw < 0.4:
            text = pick(scene.spec, rng, ZH)
        elif draw < 0.48:
            text, style = pick(scene.spec, rng, VAGUE), "fuzzy"
        else:
            text = pick(scene.spec, rng, [f"{opening} {want}" for opening in OPENINGS for want in WANTS])
        template = text
        if text and not text.isascii() and sum(c.isascii() for c in text) < len(text) / 2:
            language = "zh"
        elif text and style == "paraphrase" and rng.random() < TYPOS:
            text, style = mistyped(text, rng), "typo"
        if text:
            found.setdefault(text, Request(TASK, text, {}, style, language, template))
    return list(found.values())
