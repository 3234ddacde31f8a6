"""From the steps that an intent keeps to the drafts of the four tasks that follow a trace action by action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.code import code_of
from dataclaw.domains.gui.intents import CLICKS, GuiIntent
from dataclaw.domains.gui.recording import GuiRecording, Step
from dataclaw.planning import capitalise, decapitalise, decline, statement
from dataclaw.types import Json

CITES = 8
LEFT_OUT_CITES = 64
NAMED, NAME = 3, 60
"""Most steps that are named of those left out for one reason, and longest name of one [characters]."""
VERBS_WITH_NAMES = frozenset({"scroll", "move"})
_REASONS = {
    "other_window": "happened in other windows",
    "undone": "were taken back later",
    "no_effect": "changed nothing on the screen",
    "detour": "led back to where they started",
    "not_asked": "are not what was asked for",
    "duplicate": "only repeat another event",
    "noise": "are movement or waiting",
}


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
        "goal": statement(*wording.goal(material.steps, material.recording)),
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
    around = zip([None, *steps], coded, [*steps[1:], None], strict=False)
    items = [_navigation(before, step, following, code, material) for before, (step, code), following in around]
    if items and steps[-1].verb != "terminate" and (final := _final(steps[-1], recording)):
        items.append(final)
    return {
        "cot": reasoning(material),
        "instruction": statement(*wording.goal(steps, recording)),
        "steps": items,
        "left_out": left_out(dropped),
    }


def how_to(material: Material) -> dict[str, Json]:
    """Draft of `how_to`: clicks into fields and typing are one step, examples stand for what was typed."""
    recording = material.recording
    text, cites = wording.goal(material.steps, recording, 110)
    groups = _with_next(group_steps(material.steps))
    return {
        "cot": reasoning(material),
        "title": statement(f"How to {decapitalise(text)}", cites),
        "steps": [_tutorial(group, following, material) for group, following in groups],
        "left_out": left_out(material.dropped),
    }


def test_steps(material: Material) -> dict[str, Json]:
    """Draft of `test_steps`."""
    recording = material.recording
    text, cites = wording.goal(material.steps, recording, 130)
    groups = _with_next(group_steps(material.steps, whole_forms=False))
    steps = [_test(group, following, material) for group, following in groups]
    if not any("expected" in step for step in steps):
        raise decline("nothing shows what any of its steps led to, and a test checks results",
                      "Give a trace with screenshots or window titles, or ask for action_sequence.")  # fmt: skip
    return {
        "cot": reasoning(material),
        "name": statement(f"Verify: {decapitalise(text)}", cites),
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
    first = material.steps[0]
    kept = f"{len(material.steps)} of {len(recording.steps)} events are kept"
    where = wording.page(first.page, recording)
    start = f"; it starts with {where}" if where else ""
    thoughts = [(first.event.t0, statement(f"{kept}{start}.", [first.id]))]
    known = {step.id: step for step in recording.steps}
    for reason, ids in _by_reason(material.dropped).items():
        dropped = [known[name] for name in ids]
        text, cites = _list_steps(dropped, recording) if reason != "noise" else ("", [])
        told = f"{len(ids)} event{'s' if len(ids) > 1 else ''} {_REASONS[reason]}{text}."
        thoughts.append((dropped[0].event.t0, statement(told, [*cites, *ids])))
    return [thought for _, thought in sorted(thoughts, key=lambda pair: pair[0])]


def _list_steps(steps: Sequence[Step], recording: GuiRecording) -> tuple[str, list[str]]:
    """The first few steps in words, after a colon, and what they cite."""
    phrases = {wording.doing(step, recording): step for step in reversed(steps)}
    words = dict([(p, s) for p, s in reversed(phrases.items()) if len(p) <= NAME][:NAMED])
    more = " and others" if words and len(phrases) > len(words) else ""
    cites = [cite for step in words.values() for cite in (step.id, *step.name_cite)]
    return (f": {', '.join(words)}{more}" if words else ""), cites


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


def cites_of(step: Step, *, effects: bool = True) -> list[str]:
    """What a step's item cites: the event, what it stands for, the text that names it, what it changed."""
    merged = [event.id for event in step.merged] + ([step.shown.id] if step.shown is not None else [])
    proof = wording.effect_cites(step) if effects else []
    return list(dict.fromkeys([step.id, *merged, *step.name_cite, *proof]))[:CITES]


def _action(step: Step, material: Material) -> dict[str, Json]:
    event, scope = step.event, material.scope
    item: dict[str, Json] = {"cite": cites_of(step), "time": round(event.t0, 3)}
    if event.frame is not None and scope.pictures:
        item["frame"] = event.frame
    if step.page:
        item["window"] = step.page[:160]
    if step.name and step.verb not in VERBS_WITH_NAMES:
        item["target"] = step.name[:160]
    item["verb"] = step.verb
    if scope.places:
        item |= _places(step)
    if step.text:
        item["text"] = step.text[:2000]
    if step.keys:
        item["keys"] = list(step.keys)[:8]
    if step.scroll is not None:
        item["scroll"] = list(step.scroll)
    if effect := wording.effect(step, material.recording):
        item["effect"] = f"{effect}."[:200]
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


def _navigation(
    before: Step | None, step: Step, following: Step | None, code: str, material: Material
) -> dict[str, Json]:
    recording = material.recording
    cites = cites_of(step)
    for other in (before, following):
        if other is not None and other.event.part == step.event.part:
            cites += [*wording.effect_cites(other)] if other is before else []
    observed = wording.observation(step, before, recording)
    thought = wording.thought_text(step, before, following, recording)
    cites = list(dict.fromkeys([*cites, *_cites_of_words(step, before, following, f"{observed} {thought}")]))[:CITES]
    action = wording.do(step, _field(step, before), recording.size)
    return {
        "cite": cites,
        **_frame(step, material.scope),
        "observation": observed[:320],
        "thought": thought[:320],
        "action": f"{action}."[:240],
        "code": code[:2400],
    }


def _cites_of_words(step: Step, before: Step | None, following: Step | None, text: str) -> list[str]:
    """Anchors of the neighbouring steps and readings that the sentences take words from."""
    found = [a.id for a in step.near[1:3] if wording.clean(a.content)[:40] in text]
    for other in (before, following):
        if other is None:
            continue
        words = [wording.quote(w) for w in (other.text, other.name) if w]
        if any(w[:-1] in text for w in words):
            found += [other.id, *other.name_cite]
    return found


def _final(last: Step, recording: GuiRecording) -> dict[str, Json] | None:
    """The step that ends the trajectory, when something shows the final state."""
    cites = wording.effect_cites(last)
    effect = wording.effect(last, recording)
    if not cites or not effect:
        return None
    return {
        "cite": cites[:CITES],
        "observation": f"{effect}."[:320],
        "thought": "Nothing of the task is left to do.",
        "action": "End the task.",
        "code": "computer.terminate(status='success')",
    }


def _field(step: Step, before: Step | None) -> str:
    typed = step.verb == "write" and before is not None and before.verb in CLICKS and before.page == step.page
    return before.name if typed and before is not None else ""


def _group_cites(group: Sequence[Step]) -> list[str]:
    found = [cite for step in group for cite in cites_of(step, effects=step is group[-1])]
    return list(dict.fromkeys(found))[:CITES]


def _tutorial(group: Sequence[Step], following: Step | None, material: Material) -> dict[str, Json]:
    recording = material.recording
    phrases = [_teach(step, group[at - 1] if at else None, recording) for at, step in enumerate(group)]
    first, *rest = phrases
    text = " and ".join([first, *(decapitalise(p) for p in rest)]) if len(rest) < 2 else _series(phrases)
    expected, cites = _expectation(group[-1], following, recording)
    return {
        "cite": list(dict.fromkeys([*_group_cites(group), *cites]))[:CITES],
        **_frame(group[0], material.scope),
        "instruction": f"{text}."[:320],
        **_sentence("expect", expected),
    }


def _sentence(key: str, text: str) -> dict[str, Json]:
    """An optional field with a sentence; none where nothing was seen that it could say."""
    return {key: f"{text}."[:240]} if text else {}


def _series(phrases: Sequence[str]) -> str:
    first, *middle, last = phrases
    return ", ".join([first, *(decapitalise(p) for p in middle)]) + f", then {decapitalise(last)}"


def _teach(step: Step, before: Step | None, recording: GuiRecording) -> str:
    """An instruction for a person; where it is on the screen is said when the name alone may not be found."""
    if step.verb == "write":
        return f"Type {wording.quote(step.text, 120)}"
    text = wording.do(step, _field(step, before), recording.size)
    where = wording.place(step.point, recording.size)
    return f"{text} {where}" if where and step.name and step.verb in CLICKS else text


def _test(group: Sequence[Step], following: Step | None, material: Material) -> dict[str, Json]:
    recording = material.recording
    phrases = [_exactly(step, material) for step in group]
    text = ", then ".join([phrases[0], *(decapitalise(p) for p in phrases[1:])])
    expected, cites = _expectation(group[-1], following, recording)
    return {
        "cite": list(dict.fromkeys([*_group_cites(group), *cites]))[:CITES],
        **_frame(group[0], material.scope),
        **_sentence("precondition", _precondition(group[0], recording)),
        "action": f"{text}."[:320],
        **_sentence("expected", expected),
    }


def _exactly(step: Step, material: Material) -> str:
    text = wording.do(step, "", material.recording.size)
    if step.point is not None and material.scope.places and step.verb != "scroll":
        return f"{text} at ({step.point[0]:.0f}, {step.point[1]:.0f})"
    return text


def _precondition(step: Step, recording: GuiRecording) -> str:
    """What is on the screen before a step, "" where nothing tells."""
    where = wording.page(step.open_page, recording)
    if step.name and step.verb in CLICKS:
        return f"{capitalise(where)} is in front and shows {wording.thing(step)}" if where else _visible_thing(step)
    return f"{capitalise(where)} is in front" if where else ""


def _visible_thing(step: Step) -> str:
    what = wording.thing(step)
    return f"{capitalise(what)} can be seen"


def _expectation(step: Step, following: Step | None, recording: GuiRecording) -> tuple[str, list[str]]:
    """What must be seen after a step: its effect, else that what comes next is there; "" where nothing was seen."""
    effect = wording.effect(step, recording)
    vague = not effect or (not step.leads_to and wording.telling_text(step) is None and step.verb != "write")
    if vague and following is not None and following.name and following.page == step.page:
        seen = f"{wording.thing(following)} can be seen"
        shown = f"{effect}; {seen}" if effect else f"{capitalise(seen)}"
        return shown, [following.id, *following.name_cite]
    return effect, []
