"""What the experts look at: windows and events, the names of what was clicked, the title after the last event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from rapidfuzz import fuzz

from dataclaw.domains.gui.intents import applications
from dataclaw.domains.gui.recording import Recording, Step, name_targets, steps_of
from dataclaw.planning import Asking, ask, decline, pages
from dataclaw.rewards.thrift import words
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.gui.meaning import Facts, events_of

SAME_NAME = 80.0
"""Least likeness of a reading with the name that is known, 0..100."""
BAR = [0, 0, 1024, 28]
"""Where a window's title stands on the screen [px]."""
CITES = 8


@dataclass(frozen=True, slots=True)
class Look:
    """A recording, and what is known of each of its events.

    Attributes:
        recording: as the planner sees it.
        facts: the truth.
        truth: of each event.
    """

    recording: Recording
    facts: Facts
    truth: Sequence[dict[str, Json]]

    @property
    def steps(self) -> Sequence[Step]:
        """The events."""
        return self.recording.steps


def look(order: ExpertBrief) -> Asking[Look]:
    """Ask for the windows and the events.

    Raises:
        PolicyError: the truth does not fit the stream.
    """
    overview = yield from ask("overview")
    events = yield from pages("list_events")
    truth = events_of(order.scene.facts)
    if len(events) != len(truth):
        raise decline(f"{len(truth)} events are known, {len(events)} were listed", "Make the scene anew.")
    windows = [a for a in overview.anchors if a.kind == "window"]
    size = cast("Sequence[int]", overview.data["size"])
    steps = [replace(step, seen=False) for step in steps_of(events, windows)]  # no changes were asked for
    named = applications([step.page for step in steps if step.page])
    recording = Recording(tuple(steps), tuple(windows), (int(size[0]), int(size[1])), application=named)
    return Look(recording, order.scene.facts, truth)


def with_names(look: Look, kept: Sequence[int]) -> Asking[list[Step]]:
    """The kept steps, the names that the recorder missed read off the screen where they can be read."""
    steps = [look.steps[i] for i in kept]
    named = yield from name_targets(steps, True, look.recording.size)
    return [replace(step, near=_right(step, str(look.truth[step.index]["name"]))) for step in named]


def _right(step: Step, name: str) -> tuple[Anchor, ...]:
    """Of the texts around a pointer, the one that says the name."""
    return tuple(a for a in step.near if fuzz.ratio(a.content.casefold(), name.casefold()) >= SAME_NAME)[:1]


def with_ending(look: Look, steps: list[Step], frames: int) -> Asking[tuple[Look, list[Step]]]:
    """The steps, the last of which leads to the title that stands on the last frame, where it is the last event.

    The recording knows the application of that title, too.
    """
    last = steps[-1]
    known = str(look.truth[last.index]["after"])
    if last.index != len(look.steps) - 1 or known == last.page or frames < 1:
        return look, steps
    seen = yield from ask("read_text", frame=frames - 1, box=BAR)
    title = next((a for a in seen.anchors if fuzz.ratio(a.content, known) >= 90), None) if seen.ok else None
    if title is None:
        return look, steps
    named = applications([*(step.page for step in look.steps if step.page), known])
    recording = replace(look.recording, application=named)
    return replace(look, recording=recording), [*steps[:-1], replace(last, leads_to=known, leads_cite=title.id)]


def proof(text: str, candidates: Iterable[Anchor], limit: int = 4) -> list[str]:
    """Ids of the anchors that say something of a text, the most telling first; the first one where none does."""
    said = words(text)
    unique = {anchor.id: anchor for anchor in candidates}
    scores = {i: len(said & words(_content(a))) for i, a in unique.items()}
    best = sorted((i for i in unique if scores[i]), key=lambda i: -scores[i])[:limit]
    return sorted(best, key=lambda i: unique[i].t0) or list(unique)[:1]


def _content(anchor: Anchor) -> str:
    details = [str(value) for value in anchor.attrs.values() if isinstance(value, str)]
    return " ".join([anchor.content, *details])
