"""From the steps that an intent keeps to what people follow: a tutorial, and test steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.drafts import CITES, Material, cites_of, field_of, left_out, picture_of, reasoning
from dataclaw.domains.gui.intents import CLICKS
from dataclaw.domains.gui.language import join_texts, say, sentence
from dataclaw.domains.gui.recording import GuiRecording, Step
from dataclaw.planning import capitalise, decapitalise, decline, statement
from dataclaw.types import Json

TITLE, TEST_NAME = 140, 160
"""Longest title of a tutorial, and longest name of a test [characters]."""
SELECT_ALL = ("ctrl", "a")


def how_to(material: Material) -> dict[str, Json]:
    """Draft of `how_to`: clicks into fields and typing are one step, examples stand for what was typed."""
    recording = material.recording
    room = TITLE - len(say(recording.language, "how_to", text=""))
    text, cites = material.words.goal(material.steps, recording, room)
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
    groups = _with_next(group_steps(material.steps, whole_forms=False))
    steps = [_test(group, following, material) for group, following in groups]
    if not any("expected" in step for step in steps):
        raise decline("nothing shows what any of its steps led to, and a test checks results",
                      "Give a trace with screenshots or window titles, or ask for action_sequence.")  # fmt: skip
    return {
        "cot": reasoning(material),
        "name": statement(*material.words.check(material.steps, material.recording, TEST_NAME), TEST_NAME),
        "steps": steps,
        "left_out": left_out(material.dropped),
    }


def group_steps(steps: Sequence[Step], *, whole_forms: bool = True) -> list[list[Step]]:
    """Steps that a person does as one: clicking into a field and typing over what stands there, scrolling to a click.

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
    into = last.verb in CLICKS and not last.leads_to
    if step.verb == "write":
        return into or (last.verb == "press" and last.keys == ("tab",)) or last.keys == SELECT_ALL
    if step.keys == SELECT_ALL:
        return into
    if last.verb == "scroll":
        return step.verb in CLICKS
    return whole_forms and step.verb == "press" and step.keys == ("enter",) and last.verb == "write"


def _with_next(groups: Sequence[list[Step]]) -> list[tuple[list[Step], Step | None]]:
    return [*((a, b[0]) for a, b in pairwise(groups)), (groups[-1], None)] if groups else []


def _group_cites(group: Sequence[Step], proof: Sequence[str]) -> list[str]:
    """What an item cites: its steps, and the proof of what was seen after the last one."""
    found = [cites_of(step, proof if step is group[-1] else ()) for step in group]
    return list(dict.fromkeys(cite for cites in found for cite in cites))[:CITES]


def _tutorial(group: Sequence[Step], material: Material) -> dict[str, Json]:
    recording = material.recording
    phrases = [_teach(step, group[at - 1] if at else None, recording) for at, step in enumerate(group)]
    effect, proof = material.words.effect(group[-1], recording)
    return {
        "cite": _group_cites(group, proof),
        **picture_of(group[0], material.scope),
        "instruction": sentence(recording.language, _one_after_another(phrases, recording.language))[:320],
        **_sentence("expect", effect, recording.language),
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
    text = wording.do(step, field_of(step, before), recording.size)
    where = wording.place(step.point, recording.size, recording.language)
    pictured = step.event.frame is not None and step.name and step.verb in CLICKS
    return say(recording.language, "there", text=text, place=where) if where and pictured else text


def _test(group: Sequence[Step], following: Step | None, material: Material) -> dict[str, Json]:
    recording = material.recording
    phrases = [_exactly(step, material) for step in group]
    expected, proof = _expectation(group[-1], following, material)
    return {
        "cite": _group_cites(group, proof),
        **picture_of(group[0], material.scope),
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


def _expectation(step: Step, following: Step | None, material: Material) -> tuple[str, Sequence[str]]:
    """What must be seen after a step: its effect, else that what comes next is there; "" where nothing was seen."""
    recording = material.recording
    effect, proof = material.words.effect(step, recording)
    vague = not effect or effect == say(recording.language, "nothing")
    if vague and following is not None and following.name and following.page == step.page and following.verb in CLICKS:
        seen = say(recording.language, "can_be_seen", thing=wording.thing(following))
        return capitalise(seen), [following.id, *wording.context_cites(following)]
    return effect, proof
