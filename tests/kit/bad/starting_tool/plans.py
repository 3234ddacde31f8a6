"""How the task is done without a model: ask a tool, copy what it says."""

from __future__ import annotations

from collections.abc import Generator

from dataclaw.planning import ask, decline, pages, shorten, submit
from dataclaw.types import Action, Anchor, Brief, Observation


def list_moments(brief: Brief) -> Generator[Action, Observation, None]:
    """Every event with words, in order."""
    del brief  # the intent, the window and the schema stand in it
    yield from ask("scan")
    found = [a for a in (yield from pages("list_events")) if a.attrs["text"] or a.attrs["target"]]
    if not found:
        raise decline("nothing in this stream has words", "Choose another stream.")
    yield from submit({"moments": [moment(anchor) for anchor in found]})


def moment(anchor: Anchor) -> dict[str, object]:
    """One moment, with its proof."""
    words = str(anchor.attrs.get("text") or anchor.attrs.get("target") or anchor.content)
    return {"cite": [anchor.id], "time": round(anchor.t0, 3), "what": shorten(words, 2000)}


PLANS = {"list_moments": list_moments}
