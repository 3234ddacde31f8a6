"""From the steps that an intent keeps to the drafts of the four tasks that follow a trace action by action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.code import code_of
from dataclaw.domains.gui.goals import goal
from dataclaw.domains.gui.intents import CLICKS, GuiIntent
from dataclaw.domains.gui.language import join_texts, say, sentence
from dataclaw.domains.gui.recording import GuiRecording, Step
from dataclaw.domains.gui.thoughts import observation, reason_of
from dataclaw.planning import capitalise, decapitalise, decline, statement
from dataclaw.types import Json

CITES = 8
TITLE, TEST_NAME = 140, 160
"""Longest title of a tutorial, and longest name of a test [characters]."""
LEFT_OUT_CITES = 64
NAMED, NAME = 3, 60
"""Most steps that are named of those left out for one reason, and longest name of one [characters]."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made of.

    Attributes:
        recording: the trace.
        steps: what is kept, in order, at least one.
        dropped: reason by event id.
        scope: what the intent asked for.
    """

    recording: GuiRecording
    steps: Sequence[Step]
    dropped: Mapping[str, str]
    scope: GuiIntent


Drafter = Callable[[Material], dict[str, Json]]


def action_sequence(material: Material) -> dict[str, Json]:
    """Draft of `action_sequence`."""
    return {
        "cot": reasoning(material),
        "goal": statement(*goal(material.steps, material.recording)),
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
    text, cites = goal(steps, recording)
    items = [_navigation(steps[:at], step, code, text, material) for at, (step, code) in enumerate(coded)]
    if items and steps[-1].verb != "terminate" and (final := _final(steps[-1], recording)):
        items.append(final)
    return {
        "cot": reasoning(material),
        "instruction": statement(text, cites),
        "steps": items,
        "left_out": left_out(dropped),
    }


def how_to(material: Material) -> dict[str, Json]:
    """Draft of `how_to`: clicks into fields and typing are one step, examples stand for what was typed."""
    recording = material.recording
    text, cites = goal(material.steps, recording, TITLE - len(say(recording.language, "how_to", text="")))
    title = say(recording.language, "how_to", text=decapitalise(text))
    groups = _with_next(group_steps(material.steps))
    return {
        "cot": reasoning(material),
        "title": statement(title, cites, TITLE),
        "steps": [_tutorial(group, material) for group, _ in groups],
        "left_out": left_out(material.dropped),
    }


def test_steps(material: Material) -> dict[str, Json]:
    """Draft of `test_steps`."""
    recording = material.recording
    text, cites = goal(material.steps, recording, TEST_NAME - len(say(recording.language, "verify", text="")))
    groups = _with_next(group_steps(material.steps, whole_forms=False))
    steps = [_test(group, following, material) for group, following in groups]
    if not any("expected" in step for step in steps):
        raise decline("nothing shows what any of its steps led to, and a test checks results",
                      "Give a trace with screenshots or window titles, or ask for action_sequence.")  # fmt: skip
    return {
        "cot": reasoning(material),
        "name": statement(say(recording.language, "verify", text=decapitalise(text)), cites, TEST_NAME),
        "steps": steps,
        "left_out": left_out(material.dropped),
    }


DRAFTS: dict[str, Drafter] = {
    "action_sequence": action_sequence,
    "navigation_sft": navigation_sft,
    "how_to": how_to,
    "test_steps": test_steps,
}


def reasoning(material: Material) -> list[Json]:
    """What was kept and why the rest was not, in order of time."""
    recording = material.recording
    language, first = recording.language, material.steps[0]
    kept = say(language, "kept", kept=len(material.steps), all=len(recording.steps))
    where = wording.page(first.page, recording)
    start = say(language, "starts_at", text=kept, page=where) if where else kept
    notes = [start, *_notes(recording)]
    thoughts = [(first.event.t0, statement(sentence(language, *notes), [first.id], 240))]
    known = {step.id: step for step in recording.steps}
    for reason, ids in _by_reason(material.dropped).items():
        dropped = [known[name] for name in ids]
        text, cites = _list_steps(dropped, recording) if reason != "noise" else ("", [])
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


def group_steps(steps: Sequence[Step], *, whole_forms: bool = True) -> list[list[Step]]:
    """Steps that a person does as one: clicking into a field and typing, typing and Enter, Tab and typing.

    Args:
        steps: the steps.
        whole_forms: also join a key that submits to the typing before it.
    """
    groups: list[list[Step]] = []
    for step in steps:
        last = groups[-1][-1] if groups else None
        if last is not None and last.page == step.page and _belongs(last, step, whole_forms):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _belongs(last: Step, step: Step, whole_forms: bool) -> bool:
    if step.verb == "write":
        return (last.verb in CLICKS and not last.leads_to) or (last.verb == "press" and last.keys == ("tab",))
    return whole_forms and step.verb == "press" and step.keys == ("enter",) and last.verb == "write"


def _with_next(groups: Sequence[list[Step]]) -> list[tuple[list[Step], Step | None]]:
    return [*((a, b[0]) for a, b in pairwise(groups)), (groups[-1], None)] if groups else []


def _by_reason(dropped: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for event, reason in dropped.items():
        reasons.setdefault(reason, []).append(event)
    return {reason: sorted(ids, key=lambda i: int(i.rpartition("e")[2])) for reason, ids in reasons.items()}


def cites_of(step: Step, recording: GuiRecording | None = None) -> list[str]:
    """What a step's item cites: the event, what it stands for, the texts that name it, with a recording its effect."""
    merged = [event.id for event in step.merged] + ([step.shown.id] if step.shown is not None else [])
    proof = wording.effect_cites(step, recording) if recording is not None else []
    return list(dict.fromkeys([step.id, *merged, *wording.context_cites(step), *proof]))[:CITES]


def _action(step: Step, material: Material) -> dict[str, Json]:
    event, scope, recording = step.event, material.scope, material.recording
    item: dict[str, Json] = {"cite": cites_of(step, recording), "time": round(event.t0, 3)}
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
    if effect := wording.effect(step, recording):
        item["effect"] = sentence(recording.language, effect)[:200]
    return item


def _places(step: Step) -> dict[str, Json]:
    places: dict[str, Json] = {}
    if step.point is not None:
        places["point"] = [round(v, 1) for v in step.point]
    if step.end_point is not None:
        places["end_point"] = [round(v, 1) for v in step.end_point]
    return places


def _frame(step: Step, scope: GuiIntent) -> dict[str, Json]:
    return {"frame": step.frame} if step.frame is not None and scope.pictures else {}


def _navigation(before: Sequence[Step], step: Step, code: str, aim: str, material: Material) -> dict[str, Json]:
    recording = material.recording
    observed, seen = observation(step, before, recording)
    why, known = reason_of(step, before, recording, aim)
    last = before[-1] if before else None
    action = wording.do(step, _field(step, last), recording.size)
    cites = [*cites_of(step), *([last.id] if _field(step, last) and last is not None else []), *known, *seen]
    return {
        "cite": list(dict.fromkeys(cites))[:CITES],
        **_frame(step, material.scope),
        "observation": observed,
        "thought": why,
        "action": sentence(recording.language, action)[:240],
        "code": code[:2400],
    }


def _final(last: Step, recording: GuiRecording) -> dict[str, Json] | None:
    """The step that ends the trajectory, when something shows the final state."""
    language = recording.language
    cites = wording.effect_cites(last, recording)
    effect = wording.effect(last, recording)
    if not cites or not effect:
        return None
    return {
        "cite": cites[:CITES],
        "observation": sentence(language, effect)[:320],
        "thought": sentence(language, say(language, "why_done")),
        "action": sentence(language, say(language, "end_task")),
        "code": "computer.terminate(status='success')",
    }


def _field(step: Step, before: Step | None) -> str:
    typed = step.verb == "write" and before is not None and before.verb in CLICKS and before.page == step.page
    return before.name if typed and before is not None else ""


def _group_cites(group: Sequence[Step], recording: GuiRecording) -> list[str]:
    found = [cite for step in group for cite in cites_of(step, recording if step is group[-1] else None)]
    return list(dict.fromkeys(found))[:CITES]


def _tutorial(group: Sequence[Step], material: Material) -> dict[str, Json]:
    recording = material.recording
    phrases = [_teach(step, group[at - 1] if at else None, recording) for at, step in enumerate(group)]
    return {
        "cite": _group_cites(group, recording),
        **_frame(group[0], material.scope),
        "instruction": sentence(recording.language, _one_after_another(phrases, recording.language))[:320],
        **_sentence("expect", wording.effect(group[-1], recording), recording.language),
    }


def _one_after_another(phrases: Sequence[str], language: str) -> str:
    """Requests as one: `click ... and type ...`, `click ..., type ..., then press ...`."""
    first, *rest = [phrases[0], *(decapitalise(phrase) for phrase in phrases[1:])]
    if len(rest) < 2:
        return join_texts(language, [first, *rest])
    return say(language, "comma").join([first, *rest[:-1]]) + say(language, "then_do", text=rest[-1])


def _sentence(key: str, text: str, language: str) -> dict[str, Json]:
    """An optional field with a sentence; none where nothing was seen that it could say."""
    return {key: sentence(language, text)[:240]} if text else {}


def _teach(step: Step, before: Step | None, recording: GuiRecording) -> str:
    """An instruction for a person; where it is on the screen is said when the name alone may not be found."""
    if step.verb == "write":
        return say(recording.language, "write", text=wording.quote(step.text, 120))
    text = wording.do(step, _field(step, before), recording.size)
    where = wording.place(step.point, recording.size, recording.language)
    pictured = step.event.frame is not None and step.name and step.verb in CLICKS
    return say(recording.language, "there", text=text, place=where) if where and pictured else text


def _test(group: Sequence[Step], following: Step | None, material: Material) -> dict[str, Json]:
    recording = material.recording
    phrases = [_exactly(step, material) for step in group]
    expected, cites = _expectation(group[-1], following, recording)
    return {
        "cite": list(dict.fromkeys([*_group_cites(group, recording), *cites]))[:CITES],
        **_frame(group[0], material.scope),
        **_sentence("precondition", _precondition(group[0], recording), recording.language),
        "action": sentence(recording.language, _one_after_another(phrases, recording.language))[:320],
        **_sentence("expected", expected, recording.language),
    }


def _exactly(step: Step, material: Material) -> str:
    language = material.recording.language
    text = wording.do(step, "", material.recording.size)
    if step.point is not None and material.scope.places and step.verb != "scroll":
        return say(language, "at_point", text=text, x=f"{step.point[0]:.0f}", y=f"{step.point[1]:.0f}")
    return text


def _precondition(step: Step, recording: GuiRecording) -> str:
    """What is on the screen before a step, "" where nothing tells."""
    language = recording.language
    where = wording.page(step.open_page, recording)
    if step.name and step.verb in CLICKS:
        what = wording.thing(step)
        shows = say(language, "front_shows", page=where, thing=what) if where else ""
        return capitalise(shows or say(language, "can_be_seen", thing=what))
    return capitalise(say(language, "in_front", page=where)) if where else ""


def _expectation(step: Step, following: Step | None, recording: GuiRecording) -> tuple[str, list[str]]:
    """What must be seen after a step: its effect, else that what comes next is there; "" where nothing was seen."""
    effect = wording.effect(step, recording)
    vague = not effect or effect == say(recording.language, "nothing")
    if vague and following is not None and following.name and following.page == step.page and following.verb in CLICKS:
        seen = say(recording.language, "can_be_seen", thing=wording.thing(following))
        return capitalise(seen), [following.id, *wording.context_cites(following)]
    return effect, []
