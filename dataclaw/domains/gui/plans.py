"""The deterministic policies of the GUI tasks: look, choose what the intent asks for, name things, write, hand in.

Each plan is a generator of tool calls. Nothing is known but what the tools say; a tool that fails leaves its field
empty rather than invented. A draft that comes back is mended once where the findings say how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from dataclaw.domains.gui.decompose import decompose
from dataclaw.domains.gui.drafts import Material, TraceWords, action_sequence, navigation_sft
from dataclaw.domains.gui.intents import applications, parse_intent
from dataclaw.domains.gui.lessons import how_to, test_steps
from dataclaw.domains.gui.reconstruct import FragmentWords, reconstruct
from dataclaw.domains.gui.recording import Asking, GuiRecording, Step, record
from dataclaw.domains.gui.screens import compare_neighbours
from dataclaw.domains.gui.slicing import steps_to_outcome
from dataclaw.planning import decline, keep, submit
from dataclaw.schema.pointer import tokens
from dataclaw.types import Brief, Finding, Json, Plan

CLEAN = frozenset({"navigation_sft", "how_to", "test_steps"})
"""Tasks that nobody wants detours and mistakes in, unless the intent asks for everything."""


DRAFTS: Mapping[str, Callable[[Material], dict[str, Json]]] = {
    "action_sequence": action_sequence,
    "navigation_sft": navigation_sft,
    "how_to": how_to,
    "test_steps": test_steps,
}


def follow(brief: Brief, words: TraceWords | None = None) -> Asking[None]:
    """Plan of the tasks that follow a trace action by action; `words` are the recording's own where there are none."""
    words = words or TraceWords()
    recording = yield from record(brief, compare=not words.knows)
    material = yield from choose(brief, recording, words)
    yield from submit(DRAFTS[brief.task](material), without_unproven)


def choose(brief: Brief, recording: GuiRecording, words: TraceWords) -> Asking[Material]:
    """Keep what the intent asks for, and read what is needed to describe it."""
    scope = parse_intent(brief.intent, recording.scoped_events(), brief.window)
    dropped = {step.id: why for step, seen in zip(recording.steps, recording.scoped_events(), strict=True)
               if (why := scope.refuses(seen))}  # fmt: skip
    by = "rules"
    if words.knows or not scope.whole:
        options = [step.event for step in recording.steps]
        dropped, by = yield from keep("gui.steps", options, dropped, "detour")
    dropped = {step.id: words.reason_out(step, dropped[step.id]) for step in recording.steps if step.id in dropped}
    positions = [at for at, step in enumerate(recording.steps) if step.id not in dropped]
    if not positions:
        there = ", ".join(f"{verb} {n}" for verb, n in Counter(step.verb for step in recording.steps).most_common(6))
        raise decline("nothing in the recording is what the intent keeps", f"Ask for what is there: {there}.")
    known = yield from words.look([recording.steps[at] for at in positions], recording, brief.frames)
    by_id = {step.id: step for step in known}
    every = tuple(by_id.get(step.id, step) for step in recording.steps)
    pages = [page for step in every for page in (step.page, step.leads_to) if page]
    recording = replace(recording, steps=every, application=applications(pages))
    steps: list[Step] = list(known)
    if by == "rules" and (scope.outcome_only or (brief.task in CLEAN and not scope.whole)):
        steps, cut = yield from steps_to_outcome(recording, positions)
        dropped |= cut
    if not steps:
        raise decline("nothing that is done in the recording leads to anything that could be taught",
                      "Ask for action_sequence, which lists what is done, or for everything.")  # fmt: skip
    check_repeatable(brief.task, steps, recording)
    return Material(recording, compare_neighbours(steps, recording.size), dropped, scope, words)


def check_repeatable(task: str, steps: Sequence[Step], recording: GuiRecording) -> None:
    """Refuse what nobody could do again from the draft.

    Raises:
        PolicyError: an entry was chosen that the recording does not name, or an attempt that failed would be taught.
    """
    unsaid = [step for step in steps if step.verb == "select" and not step.text.strip()]
    if unsaid and not recording.task:
        raise decline("the recording does not say which entry of a list was chosen",
                      "Give a recording with the list's entries, or --task-text with the task's words.")  # fmt: skip
    if recording.failed and task in CLEAN:
        raise decline(f"the recorded attempt failed ({recording.failed}), and what failed is not to be taught",
                      "Ask for action_sequence, which marks it, or leave the recording out.")  # fmt: skip


def without_unproven(draft: dict[str, Json], findings: Sequence[Finding]) -> dict[str, Json]:
    """A copy of a draft without what the rules say proves nothing.

    Optional fields go whose values scored nothing (`evidence`), and of the citations of a statement that cites too much
    (`sparing`) all but the first two.
    """
    hopeless = {tokens(f.path) for f in findings if f.rule == "evidence" and f.score < 0.5}
    crowded = {tokens(f.path)[:-1] for f in findings if f.rule == "sparing" and f.path.endswith("/cite")}
    return cast("dict[str, Json]", _without(draft, hopeless, crowded, ()))


OPTIONAL = frozenset({"window", "target", "point", "end_point", "text", "keys", "frame"})
STATEMENT = frozenset({"cite", "text"})
"""Keys of an object that states something and copies nothing."""


def _without(value: Json, hopeless: set[tuple[str, ...]], crowded: set[tuple[str, ...]], path: tuple[str, ...]) -> Json:
    if isinstance(value, list):
        items = cast("list[Json]", value)
        return [_without(v, hopeless, crowded, (*path, str(i))) for i, v in enumerate(items)]
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Json]", value)
        if path in crowded and not entries.keys() - STATEMENT:
            return {**entries, "cite": entries["cite"][:2]}
        kept = {k: v for k, v in entries.items() if not (k in OPTIONAL and (*path, k) in hopeless)}
        return {k: _without(v, hopeless, crowded, (*path, k)) for k, v in kept.items()}
    return value


def follow_goals(brief: Brief, words: TraceWords | None = None) -> Asking[None]:
    """Plan of `multi_event_decomposition`."""
    yield from submit((yield from decompose(brief, words or TraceWords())), without_unproven)


def order_fragments(brief: Brief, words: FragmentWords | None = None) -> Asking[None]:
    """Plan of `long_horizon_reconstruction`."""
    yield from submit((yield from reconstruct(brief, words or FragmentWords())), without_unproven)


PLANS: dict[str, Plan] = {
    **dict.fromkeys(DRAFTS, follow),
    "multi_event_decomposition": follow_goals,
    "long_horizon_reconstruction": order_fragments,
}
