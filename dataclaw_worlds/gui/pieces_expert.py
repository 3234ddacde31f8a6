"""The expert of `long_horizon_reconstruction`: read the events of every fragment, cite what carries over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast
from zlib import crc32

from dataclaw.planning import Asking, ask, decline, shorten, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.words import upper_first

_WORD = re.compile(r"\w+")
CITES = 4
LINKS = (
    "In {label}, {text}; it comes {place}, since {why}.",
    "{label} comes {place}: {text}; {why}.",
    "{begun}: that is {label}. It comes {place}, because {why}.",
    "{label} shows that {text}. It belongs {place}, as {why}.",
)
"""How the place of a fragment is justified."""


def reconstruct(brief: ExpertBrief) -> Asking[None]:
    """Expert of `long_horizon_reconstruction`."""
    overview = yield from ask("overview")
    facts: dict[str, list[Anchor]] = {}
    for label in brief.brief.labels:
        listed = yield from ask("list_events", part=label)
        windows = [a for a in overview.anchors if a.part == label]
        facts[label] = [*listed.anchors, *windows]
    truth = brief.scene.facts
    stages = cast("Mapping[str, Mapping[str, Json]]", truth["stages"])
    true = cast("Sequence[str]", truth["order"])
    draft: dict[str, Json] = {
        "cot": [_link(label, at, true, stages[label], facts[label]) for at, label in enumerate(true)],
        "ordered_fragment_labels": list(true),
        "original_task": shorten(f"{truth['task']}.", 400),
        "left_out": [_stranger(label, stages[label], facts[label]) for label in stages if label not in true],
    }
    yield from submit(draft)


def _link(
    label: str, at: int, true: Sequence[str], stage: Mapping[str, Json], facts: Sequence[Anchor]
) -> dict[str, Json]:
    text, why, place = str(stage["text"]), str(stage["why"]), f"after {true[at - 1]}" if at else "first"
    way = LINKS[crc32(f"{text}{why}".encode()) % len(LINKS)]
    begun = upper_first(text)
    text = way.format(label=label, text=text, begun=begun, why=why, place=place)
    cites = _cites(cast("Sequence[str]", stage["cues"]), facts)
    return {"cite": cites, "text": shorten(text, 240), "fragment": label}


def _stranger(label: str, stage: Mapping[str, Json], facts: Sequence[Anchor]) -> dict[str, Json]:
    cites = _cites(cast("Sequence[str]", stage["cues"]), facts)
    return {"cite": cites, "fragment": label, "reason": "other_task"}


def _cites(cues: Sequence[str], facts: Sequence[Anchor]) -> list[str]:
    """Anchors that have the cues, one for each; events before windows.

    Raises:
        PolicyError: a cue left no trace.
    """
    found: list[str] = []
    for cue in cues:
        wanted = set(_WORD.findall(cue.casefold()))
        holder = next((a for a in facts if wanted <= set(_WORD.findall(_content(a).casefold()))), None)
        if holder is None:
            raise decline(f"no event or window says {cue!r}", "Make the scene again.")
        found.append(holder.id)
    return list(dict.fromkeys(found))[:CITES]


def _content(anchor: Anchor) -> str:
    return " ".join([anchor.content, *(str(v) for v in anchor.attrs.values() if isinstance(v, str))])
