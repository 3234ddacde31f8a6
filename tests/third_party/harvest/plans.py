"""How the task is done without a model: read the lines, ask which are meant, copy them."""

from __future__ import annotations

from collections.abc import Generator

from dataclaw.planning import decline, keep, pages, submit
from dataclaw.types import Action, Brief, Observation


def list_picked(brief: Brief) -> Generator[Action, Observation, None]:
    """The lines that the chooser keeps; rules keep all of them."""
    del brief
    found = yield from pages("list_events")
    if not found:
        raise decline("nothing was picked", "Choose another list.")
    dropped, _ = yield from keep("harvest.lines", found, {}, "nobody asked for it")
    lines = [a for a in found if a.id not in dropped]
    if not lines:
        raise decline("nothing of this was picked", "Ask for something else.")
    yield from submit({"lines": [{"cite": [a.id], "time": a.t0, "what": a.attrs["text"]} for a in lines]})


PLANS = {"list_picked": list_picked}
