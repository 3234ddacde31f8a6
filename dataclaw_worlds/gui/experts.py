"""The experts of the GUI tasks: look at windows and events, keep what the truth says, hand in the reference."""

from __future__ import annotations

from dataclaw.domains.gui.intents import Scope, scope_of
from dataclaw.planning import Asking, decline, submit
from dataclaw.worlds.base import Expert, ExpertBrief
from dataclaw_worlds.gui.drafting import DRAFTS, Kept
from dataclaw_worlds.gui.evidence import look, with_ending, with_names
from dataclaw_worlds.gui.meaning import chosen, wish_of
from dataclaw_worlds.gui.splitting import decomposition


def follow(order: ExpertBrief) -> Asking[None]:
    """Expert of the tasks that follow a trace action by action."""
    seen = yield from look(order)
    wish = wish_of(order.request.meaning)
    kept, dropped = chosen(seen.facts, wish)
    if not kept:
        raise decline("nothing in the recording is what was asked for", "Ask for another part.")
    steps = yield from with_names(seen, kept)
    seen, steps = yield from with_ending(seen, steps, order.brief.frames)
    asked = scope_of(order.brief.intent, seen.recording.seen(), order.brief.window)
    scope = Scope(pictures=asked.pictures, places=asked.places)
    yield from submit(DRAFTS[order.request.task](Kept(seen, steps, dropped, wish, scope)))


def split(order: ExpertBrief) -> Asking[None]:
    """Expert of `multi_event_decomposition`."""
    seen = yield from look(order)
    yield from submit(decomposition(seen))


EXPERTS: dict[str, Expert] = {**dict.fromkeys(DRAFTS, follow), "multi_event_decomposition": split}
