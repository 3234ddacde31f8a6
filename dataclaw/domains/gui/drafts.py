"""From the steps that an intent keeps to the drafts of the two tasks that follow a trace action by action.

The writers of this domain take facts from the recording and words from `TraceWords`; who knows more than the recording
shows hands in words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.domains.gui import goals, wording
from dataclaw.domains.gui.code import code_of
from dataclaw.domains.gui.intents import CLICKS, GuiIntent
from dataclaw.domains.gui.language import say, sentence
from dataclaw.domains.gui.recording import Asking, GuiRecording, Step
from dataclaw.domains.gui.screens import look_at_screens
from dataclaw.domains.gui.thoughts import observation, reason_of
from dataclaw.planning import decapitalise, statement
from dataclaw.types import Json

CITES = 8
GOAL = 200
"""Longest goal [characters]."""
LEFT_OUT_CITES = 64
NAMED, NAME = 3, 60
"""Most steps that are named of those left out for one reason, and longest name of one [characters]."""
CitedText = tuple[str, Sequence[str]]
"""A text, "" where nothing certain can be said, and the ids of the anchors that prove it."""


class TraceWords:
    """What a draft says beyond what its events are; this class reads it off the recording.

    Attributes:
        knows: whether more is known than the recording shows, so that nothing has to be concluded from pictures.
    """

    knows = False

    def look(self, steps: Sequence[Step], recording: GuiRecording, frames: int) -> Asking[list[Step]]:
        """The steps with what has to be read off the screen before anything can be said of them."""
        return (yield from look_at_screens(steps, recording, frames))

    def reason_out(self, step: Step, rules: str) -> str:
        """Why a step is left out; `rules` is what the rules of the plan say."""
        del step
        return rules

    def account(self, steps: Sequence[Step], recording: GuiRecording) -> list[tuple[float, dict[str, Json]]]:
        """Thoughts about what is kept, each with its time [s]."""
        language, first = recording.language, steps[0]
        kept = say(language, "kept", kept=len(steps), all=len(recording.steps))
        where = wording.page(first.page, recording)
        start = say(language, "starts_at", text=kept, page=where) if where else kept
        return [(first.event.t0, statement(sentence(language, start, *_notes(recording)), [first.id], 240))]

    def goal(self, steps: Sequence[Step], recording: GuiRecording, limit: int = GOAL) -> CitedText:
        """What the steps achieve, as a request of at most `limit` characters."""
        return goals.goal(steps, recording, limit)

    def instruction(self, steps: Sequence[Step], recording: GuiRecording) -> CitedText:
        """What an agent is told to do: the goal, and what hands it in at the end."""
        return goals.goal(steps, recording, ending=True)

    def check(self, steps: Sequence[Step], recording: GuiRecording, limit: int) -> CitedText:
        """What a test of the steps verifies, its name of at most `limit` characters."""
        room = limit - len(say(recording.language, "verify", text=""))
        text, cites = self.goal(steps, recording, room)
        return say(recording.language, "verify", text=decapitalise(text)), cites

    def why(self, step: Step, before: Sequence[Step], recording: GuiRecording, goal: str) -> CitedText:
        """Why a step comes next; `goal` is the task as it is put to an agent."""
        return reason_of(step, before, recording, goal)

    def effect(self, step: Step, recording: GuiRecording) -> CitedText:
        """What can be seen after a step, one clause without a full stop."""
        return wording.effect(step, recording)

    def carry_over(
        self, first: Sequence[Step], second: Sequence[Step], recording: GuiRecording
    ) -> tuple[str, str, str] | None:
        """What one part of a trace brings and a later one uses: the text, where it stood, where it was written."""
        del first, second, recording
        return None


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made of.

    Attributes:
        recording: the trace.
        steps: what is kept, in order, at least one.
        dropped: reason by event id.
        scope: what the intent asked for.
        words: what is said of the steps.
    """

    recording: GuiRecording
    steps: Sequence[Step]
    dropped: Mapping[str, str]
    scope: GuiIntent
    words: TraceWords


def action_sequence(material: Material) -> dict[str, Json]:
    """Draft of `action_sequence`."""
    return {
        "cot": reasoning(material),
        "goal": statement(*material.words.goal(material.steps, material.recording)),
        "actions": [_action(step, material) for step in material.steps],
        "left_out": left_out(material.dropped),
    }


def navigation_sft(material: Material) -> dict[str, Json]:
    """Draft of `navigation_sft`; steps that have no code (a window title alone) are left out as noise.

    Without the size of the screen there are no coordinates: then there are no steps, and the schema refuses the draft,
    since a trajectory without its clicks would teach nothing right.
    """
    recording = material.recording
    placeless = recording.size is None and any(step.point is not None for step in material.steps)
    codes = [(step, None if placeless else code_of(step, recording.size)) for step in material.steps]
    coded = [(step, code) for step, code in codes if code is not None]
    kept = {step.id for step, _ in coded}
    dropped = {**material.dropped, **{s.id: "noise" for s in material.steps if s.id not in kept}}
    steps = [step for step, _ in coded] or list(material.steps)
    text, cites = material.words.instruction(steps, recording)
    items = [_navigation(steps[:at], step, code, text, material) for at, (step, code) in enumerate(coded)]
    if items and steps[-1].verb != "terminate" and (final := _final(steps[-1], material)):
        items.append(final)
    return {
        "cot": reasoning(material),
        "instruction": statement(text, cites),
        "steps": items,
        "left_out": left_out(dropped),
    }


def reasoning(material: Material) -> list[Json]:
    """What was kept and why the rest was not, in order of time."""
    recording, language = material.recording, material.recording.language
    thoughts = material.words.account(material.steps, recording)
    known = {step.id: step for step in recording.steps}
    for reason, ids in _by_reason(material.dropped).items():
        dropped = [known[name] for name in ids]
        listed = [step for step in dropped if step.name] if reason == "noise" else dropped
        text, cites = _list_steps(listed, recording)
        reason = "unneeded" if reason == "noise" and listed else reason
        events = say(language, "one_event" if len(ids) == 1 else "some_events", count=len(ids))
        why = say(language, "events_why", events=events, why=say(language, f"why_{reason}"), list=text)
        thoughts.append((dropped[0].event.t0, statement(sentence(language, why), [*cites, *ids])))
    return [thought for _, thought in sorted(thoughts, key=lambda pair: pair[0])][:8]


def _notes(recording: GuiRecording) -> list[str]:
    """What a reader must know beside the draft: that the attempt failed, whose words the goal is, the language."""
    notes = [say(recording.language, "failed", why=recording.failed)] if recording.failed else []
    notes += [say(recording.language, "given_task")] if recording.task else []
    return notes + ([say(recording.language, "other_language")] if recording.foreign else [])


def _list_steps(steps: Sequence[Step], recording: GuiRecording) -> tuple[str, list[str]]:
    """The first few steps in words, after a colon, and what they cite."""
    language = recording.language
    phrases = {wording.doing(step, recording): step for step in reversed(steps)}
    words = dict([(p, s) for p, s in reversed(phrases.items()) if len(p) <= NAME][:NAMED])
    more = say(language, "and_others") if words and len(phrases) > len(words) else ""
    cites = [cite for step in words.values() for cite in (step.id, *wording.context_cites(step))]
    texts = say(language, "comma").join(words)
    return (say(language, "list", texts=f"{texts}{more}") if words else ""), cites


def left_out(dropped: Mapping[str, str]) -> list[Json]:
    """Dropped events by reason, at most 64 an entry."""
    return [
        {"cite": ids[start : start + LEFT_OUT_CITES], "reason": reason}
        for reason, ids in _by_reason(dropped).items()
        for start in range(0, len(ids), LEFT_OUT_CITES)
    ][:16]


def _by_reason(dropped: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for event, reason in dropped.items():
        reasons.setdefault(reason, []).append(event)
    return {reason: sorted(ids, key=lambda i: int(i.rpartition("e")[2])) for reason, ids in reasons.items()}


def cites_of(step: Step, proof: Sequence[str] = ()) -> list[str]:
    """What a step's item cites: the event, what it stands for, the texts that name it, and the proof of its effect."""
    merged = [event.id for event in step.merged] + ([step.shown.id] if step.shown is not None else [])
    return list(dict.fromkeys([step.id, *merged, *wording.context_cites(step), *proof]))[:CITES]


def _action(step: Step, material: Material) -> dict[str, Json]:
    event, scope, recording = step.event, material.scope, material.recording
    effect, proof = material.words.effect(step, recording)
    item: dict[str, Json] = {"cite": cites_of(step, proof), "time": round(event.t0, 3)}
    if event.frame is not None and scope.pictures:
        item["frame"] = event.frame
    if step.page:
        item["window"] = step.page[:160]
    if target := wording.target(step, recording.size):
        item["target"] = target[:160]
    item["verb"] = step.verb
    if scope.places:
        item |= _places(step)
    if step.text:
        item["text"] = step.text[:2000]
    if step.keys:
        item["keys"] = list(step.keys)[:8]
    if step.scroll is not None:
        item["scroll"] = list(step.scroll)
    if effect:
        item["effect"] = sentence(recording.language, effect)[:200]
    return item


def _places(step: Step) -> dict[str, Json]:
    places: dict[str, Json] = {}
    if step.point is not None:
        places["point"] = [round(v, 1) for v in step.point]
    if step.end_point is not None:
        places["end_point"] = [round(v, 1) for v in step.end_point]
    return places


def picture_of(step: Step, scope: GuiIntent) -> dict[str, Json]:
    """The frame that shows the state before a step, where pictures are wanted."""
    return {"frame": step.frame} if step.frame is not None and scope.pictures else {}


def _navigation(before: Sequence[Step], step: Step, code: str, aim: str, material: Material) -> dict[str, Json]:
    recording = material.recording
    why, known = material.words.why(step, before, recording, aim)
    last = before[-1] if before else None
    field = field_of(step, last)
    cites = [*cites_of(step), *([last.id] if field and last is not None else []), *known]
    observed, seen = observation(step, before, recording, cites)
    return {
        "cite": list(dict.fromkeys([*cites, *seen]))[:CITES],
        **picture_of(step, material.scope),
        "observation": observed,
        "thought": why,
        "action": sentence(recording.language, wording.do(step, field, recording.size))[:240],
        "code": code[:2400],
    }


def _final(last: Step, material: Material) -> dict[str, Json] | None:
    """The step that ends the trajectory, when something shows the final state."""
    language = material.recording.language
    effect, cites = material.words.effect(last, material.recording)
    if not effect or not cites:
        return None
    return {
        "cite": list(cites[:CITES]),
        "observation": sentence(language, effect)[:320],
        "thought": sentence(language, say(language, "why_done")),
        "action": sentence(language, say(language, "end_task")),
        "code": "computer.terminate(status='success')",
    }


def field_of(step: Step, before: Step | None) -> str:
    """Name of the field that a text goes into, where the click before went to it; "" otherwise."""
    typed = step.verb == "write" and before is not None and before.verb in CLICKS and before.page == step.page
    return before.name if typed and before is not None else ""
