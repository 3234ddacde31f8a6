"""The experts of the GUI tasks: look at windows and events, keep what the truth says, hand in the reference."""

from __future__ import annotations

from dataclaw.domains.gui.intents import GuiIntent, parse_intent
from dataclaw.planning import Asking, decline, submit
from dataclaw.worlds.base import Expert, ExpertBrief
from dataclaw_worlds.gui.drafting import DRAFTS, KeptSteps
from dataclaw_worlds.gui.evidence import read_recording, with_ending, with_names
from dataclaw_worlds.gui.meaning import select_events, selection_of
from dataclaw_worlds.gui.splitting import decomposition


def follow(brief: ExpertBrief) -> Asking[None]:
    """Expert of the tasks that follow a trace action by action."""
    known = yield from read_recording(brief)
    selection = selection_of(brief.request.meaning)
    kept, dropped = select_events(known.facts, selection)
    if not kept:
        raise decline("nothing in the recording is what was asked for", "Ask for another part.")
    steps = yield from with_names(known, kept)
    known, steps = yield from with_ending(known, steps, brief.brief.frames)
    wanted = parse_intent(brief.brief.intent, known.recording.scoped_events(), brief.brief.window)
    scope = GuiIntent(pictures=wanted.pictures, places=wanted.places)
    yield from submit(DRAFTS[brief.request.task](KeptSteps(known, steps, dropped, selection, scope)))


def split(brief: ExpertBrief) -> Asking[None]:
    """Expert of `multi_event_decomposition`."""
    known = yield from read_recording(brief)
    yield from submit(decomposition(known))


EXPERTS: dict[str, Expert] = {**dict.fromkeys(DRAFTS, follow), "multi_event_decomposition": split}
