"""What the rules of the domain read off anchors."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dataclaw.domains.daily.intents import SMALL, stems
from dataclaw.domains.daily.recording import NARRATING
from dataclaw.schema import fields_of
from dataclaw.types import Anchor, Span

SLACK = 0.06
"""Times closer than this are the same [s]; drafts round to hundredths."""

PAUSE = 1.0
"""What comes after a longer pause is not "right after", nor is it all that is done in between [s]."""


def is_narration(anchor: Anchor) -> bool:
    """Whether an anchor is a narration, a caption or a message."""
    return anchor.kind == "event" and str(anchor.attrs.get("verb")) in NARRATING


def words_of(anchor: Anchor) -> str:
    """The words of a narration, or what a tool found."""
    return str(anchor.attrs.get("text") or anchor.content)


def content_of(anchor: Anchor) -> frozenset[str]:
    """Stems of the words that a sentence about a narration may use."""
    details = fields_of(anchor.attrs.get("details"))
    words = f"{words_of(anchor)} {details.get('verb', '')} {details.get('noun', '')}"
    return stems(words.replace(":", " ").replace("-", " ")) - SMALL


def likeness(words: frozenset[str], anchor: Anchor) -> float:
    """How like a narration stems of words are, 0..1: those that both have, over all that either has."""
    content = content_of(anchor)
    return len(words & content) / max(1, len((words | content) - SMALL))


def hull_of(anchors: Sequence[Anchor], window: Span) -> Span:
    """From the first start to the last end [s], inside the rollout's window; at least one anchor."""
    start, end = min(a.t0 for a in anchors), max(a.t1 for a in anchors)
    return max(start, window[0]), min(end, window[1])


def gives_away(asked: str, answer: str) -> bool:
    """Whether the words of an answer stand in its question, in a row."""
    bare = _bare(answer)
    return bool(bare) and f" {bare} " in f" {_bare(asked)} "


def _bare(text: str) -> str:
    return " ".join(w for w in re.findall(r"[\w']+", text.casefold()) if w not in SMALL)
