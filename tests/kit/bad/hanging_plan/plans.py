"""How the task is done without a model: ask a tool, copy what it says."""

from __future__ import annotations

from collections.abc import Generator

from dataclaw.planning import decline, pages, shorten, submit
from dataclaw.types import Action, Anchor, Brief, Observation


def list_moments(brief: Brief) -> Generator[Action, Observation, None]:
    """Every event of the window."""
    while brief.window:
        pass
    found = yield from pages("list_events")
    if not found:
        raise decline("nothing happens in this stream", "Choose another stream.")
    yield from submit({"moments": [moment(anchor) for anchor in found]})


def moment(anchor: Anchor) -> dict[str, object]:
    """One moment, with its proof."""
    words = str(anchor.attrs.get("text") or anchor.attrs.get("target") or anchor.content)
    return {"cite": [anchor.id], "time": round(anchor.t0, 3), "what": shorten(words, 400)}


PLANS = {"list_moments": list_moments}
