"""What the experts look at: windows and events, names of what was clicked, and the title after the last event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from rapidfuzz import fuzz

from dataclaw.domains.gui.intents import applications
from dataclaw.domains.gui.recording import GuiRecording, Step, steps_of
from dataclaw.domains.gui.screens import name_targets
from dataclaw.planning import Asking, ask, decline, pages
from dataclaw.rewards.prose import words
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.gui.meaning import Facts, events_of

SAME_NAME = 80.0
"""Least likeness of a reading with the known name, 0..100."""
BAR = [0, 0, 1024, 28]
"""Where a window's title stands on the screen [px]."""
CITES = 8
"""Most anchors that a place of a draft cites."""


@dataclass(frozen=True, slots=True)
class KnownRecording:
    """A recording with the truth about each of its events.

    Attributes:
        recording: as the planner sees it.
        facts: the truth of the scene.
        truth: the truth about each event, in order.
    """

    recording: GuiRecording
    facts: Facts
    truth: Sequence[dict[str, Json]]

    @property
    def steps(self) -> Sequence[Step]:
        """The events."""
        return self.recording.steps


def read_recording(brief: ExpertBrief) -> Asking[KnownRecording]:
    """Call the tools for the windows and the events.

    Raises:
        PolicyError: the stream has other events than the truth.
    """
    overview = yield from ask("overview")
    events = yield from pages("list_events")
    truth = events_of(brief.scene.facts)
    if len(events) != len(truth):
        raise decline(f"{len(truth)} events are known, {len(events)} were listed", "Make the scene again.")
    windows = [a for a in overview.anchors if a.kind == "window"]
    size = cast("Sequence[int]", overview.data["size"])
    steps = [replace(step, seen=False) for step in steps_of(events, windows)]  # no changes were asked for
    names = applications([step.page for step in steps if step.page])
    recording = GuiRecording(tuple(steps), tuple(windows), (int(size[0]), int(size[1])), application=names)
    return KnownRecording(recording, brief.scene.facts, truth)


def with_names(known: KnownRecording, kept: Sequence[int]) -> Asking[list[Step]]:
    """The kept steps; names that the recorder missed are read off the screen where that is possible."""
    steps = [known.steps[i] for i in kept]
    named = yield from name_targets(steps, True, known.recording.size)
    return [replace(step, near=_right(step, str(known.truth[step.index]["name"]))) for step in named]


def _right(step: Step, name: str) -> tuple[Anchor, ...]:
    """The text around the pointer that says the name."""
    return tuple(a for a in step.near if fuzz.ratio(a.content.casefold(), name.casefold()) >= SAME_NAME)[:1]


def with_ending(known: KnownRecording, steps: list[Step], frames: int) -> Asking[tuple[KnownRecording, list[Step]]]:
    """Let the last step lead to the title on the last frame, where it is the last event of the recording.

    The recording knows the application of that title, too.
    """
    last = steps[-1]
    title = str(known.truth[last.index]["after"])
    if last.index != len(known.steps) - 1 or title == last.page or frames < 1:
        return known, steps
    seen = yield from ask("read_text", frame=frames - 1, box=BAR)
    reading = next((a for a in seen.anchors if fuzz.ratio(a.content, title) >= 90), None) if seen.ok else None
    if reading is None:
        return known, steps
    names = applications([*(step.page for step in known.steps if step.page), title])
    known = replace(known, recording=replace(known.recording, application=names))
    return known, [*steps[:-1], replace(last, leads_to=title, leads_cite=reading.id)]


def proof(text: str, candidates: Iterable[Anchor], limit: int = 4) -> list[str]:
    """Ids of the anchors that share most words with a text, in order of time; the first one where none does."""
    said = words(text)
    unique = {anchor.id: anchor for anchor in candidates}
    scores = {i: len(said & words(_content(a))) for i, a in unique.items()}
    best = sorted((i for i in unique if scores[i]), key=lambda i: -scores[i])[:limit]
    return sorted(best, key=lambda i: unique[i].t0) or list(unique)[:1]


def _content(anchor: Anchor) -> str:
    details = [str(value) for value in anchor.attrs.values() if isinstance(value, str)]
    return " ".join([anchor.content, *details])
