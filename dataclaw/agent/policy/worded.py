"""The mode "choose": the task's plan looks and writes; a model answers its choice points and words its draft.

One request for each choice point and one for the wording, one to three in all. What the plan finds, cites and copies
stays as it is; the model decides what the request means, and says it. A wording that the rules hold is asked for again
with their findings. Where it is held again, or the answer ends in the middle, the plan's own words and choices stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from dataclaw.agent.policy.base import ModelQuestion, Policy, PolicyInput
from dataclaw.agent.policy.planner import next_action
from dataclaw.agent.prompts import choosing_prompt, user_prompt, wording_prompt
from dataclaw.agent.steps import SUBMIT, action_text
from dataclaw.choosing import CHOOSE, ChoicePoint, point_of
from dataclaw.errors import PolicyError, UsageError
from dataclaw.schema import citations, cited_ids, citing_objects, get, parse_json
from dataclaw.schema.free import FreeText, free_texts, with_texts
from dataclaw.tools.view import plain, render
from dataclaw.types import Action, Anchor, Decision, Json, Message, Picture

OPTIONS = 400
"""Most options of a choice point that a model is asked about; of more the rules choose, and where the request is one
that the task declares, whose words the rules are written for."""
TEXT: Json = {"type": "string"}
WORDINGS = 2
"""Drafts that the model words; the next one has the plan's own words."""


class Worded:
    """A planner with a model at its choice points and for its words.

    Args:
        model: who is asked. It sees questions only, never a rollout.
    """

    def __init__(self, model: Policy) -> None:
        self.name = model.name
        self._model = model

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """What the plans do next; those that reach a question ask it, all in one call."""
        planned = [_plan_next(given) for given in inputs]
        asked = [
            (at, question)
            for at, (given, action) in enumerate(zip(inputs, planned, strict=True))
            if isinstance(action, Action) and (question := _question(given, action))
        ]
        answers = self._model.decide([replace(inputs[at], question=question) for at, question in asked])
        said = dict(zip((at for at, _ in asked), answers, strict=True))
        return [
            self._decision(given, action, said.get(at)) if isinstance(action, Action) else action
            for at, (given, action) in enumerate(zip(inputs, planned, strict=True))
        ]

    def close(self) -> None:
        """Let go of the model."""
        self._model.close()

    def _decision(self, given: PolicyInput, action: Action, said: Decision | None) -> Decision:
        """The plan's action, with what the model said to it."""
        if said is None:
            return Decision(action_text(action), opening=action.tool not in {SUBMIT, CHOOSE})
        if said.error:
            return said
        answer = _object(said.text)
        if action.tool == SUBMIT:
            draft = action.args.get("draft")
            texts = _texts(answer, _places(given, draft))
            action = Action(SUBMIT, {"draft": with_texts(draft, texts)})
        elif kept := _choice_of(answer, _point(given, action)):
            action = Action(CHOOSE, {**action.args, "answer": {"kept": kept, "by": self.name}})
        return replace(said, text=action_text(action))


def _plan_next(given: PolicyInput) -> Action | Decision:
    task = given.session.task
    if task.plan is None:
        return Decision("", error=f"domain {task.domain} brings no plan for {task.name}.", remedy="Use --mode look.")
    try:
        return next_action(given, worded=True)
    except PolicyError as error:
        return Decision("", error=error.message, remedy=error.remedy)
    except StopIteration:
        return Decision("", error="the plan ended without an accepted draft.", remedy="Use --mode look.")
    except Exception as error:  # noqa: BLE001 - a plan may be a plugin's: it is named, and the run goes on
        return Decision("", error=f"the plan of {task.domain}.{task.name} failed: {type(error).__name__}: {error}")


def _question(given: PolicyInput, action: Action) -> ModelQuestion | None:
    """What the model is asked before an action; None where nothing is."""
    if action.tool == CHOOSE:
        point = _point(given, action)
        asked = point is not None and not point.declared and len(point.options) <= OPTIONS
        return _choice(given, point) if point and asked else None
    if action.tool == SUBMIT and _handed_in(given) < WORDINGS:
        return _wording(given, action.args.get("draft"))
    return None


def _point(given: PolicyInput, action: Action) -> ChoicePoint | None:
    try:
        return point_of(action.args, given.state.anchors, given.state.task, given.state.intent)
    except ValueError:  # the session says so to the plan
        return None


def _choice(given: PolicyInput, point: ChoicePoint) -> ModelQuestion:
    kept = ", ".join(point.kept) or "none"
    facts = f"Facts:\n{render('', point.options).strip()}\n\nBy plain rules one would keep: {kept}"
    frames = [Picture(one.frame, part=one.part) for one in point.options if one.frame is not None]
    usual: Json = {"why": "", "keep": list(point.kept)}
    ids: Json = {"type": "string", "enum": [option.id for option in point.options]}
    schema = _object_of({"why": TEXT, "keep": {"type": "array", "items": TEXT}})
    narrow = _object_of({"why": TEXT, "keep": {"type": "array", "items": ids, "maxItems": len(point.options)}})
    question = _ask_about(given, choosing_prompt(given.session.task, point.how), facts, frames, schema)
    return replace(question, narrow=narrow, usual=json.dumps(usual, ensure_ascii=False))


def _wording(given: PolicyInput, draft: Json) -> ModelQuestion | None:
    places = _places(given, draft)
    if not places:
        return None
    ids = dict.fromkeys(
        name
        for pointer, citing in citing_objects(draft)
        if any(place.startswith(f"{pointer}/") for place in places)
        for name in cited_ids(citing)
    )
    cited = [given.state.anchors[name] for name in ids if name in given.state.anchors]
    told = "\n".join(f"{place} (at most {free.longest} characters): {free.about}" for place, free in places.items())
    facts = f"Facts that it cites:\n{render('', cited).strip()}"
    text = f"{facts}\n\nDraft:\n{json.dumps(draft, ensure_ascii=False)}\n\nPlaces:\n{told}{_findings_of(given)}"
    usual: Json = {"texts": [{"place": place, "text": str(get(draft, place))} for place in places]}
    schema = _object_of({"texts": {"type": "array", "items": _object_of({"place": TEXT, "text": TEXT})}})
    entry = _object_of({"place": {"type": "string", "enum": list(places)}, "text": TEXT})  # lengths make grammars slow
    narrow = _object_of({"texts": {"type": "array", "items": entry, "maxItems": len(places)}})
    question = _ask_about(given, wording_prompt(given.session.task), text, _frames(cited), schema)
    return replace(question, narrow=narrow, usual=json.dumps(usual, ensure_ascii=False))


def _object_of(properties: dict[str, Json]) -> dict[str, Json]:
    """The schema of an object that has these and no others."""
    whole = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": properties, **whole}


def _places(given: PolicyInput, draft: Json) -> dict[str, FreeText]:
    """Where the model may word something: free texts that stand in no fact which the draft cites."""
    cited = [given.state.anchors[name] for name in citations(draft) if name in given.state.anchors]
    copied = " ".join(f"{anchor.content} {json.dumps(anchor.attrs, ensure_ascii=False)}" for anchor in cited)
    free = free_texts(draft, given.session.task.schema)
    return {place: text for place, text in free.items() if str(get(draft, place)) not in copied}


def _findings_of(given: PolicyInput) -> str:
    """What the rules said to the last draft, where one was sent back."""
    last = given.state.turns[-1] if given.state.turns else None
    if last is None or last.observation is None or not last.observation.findings:
        return ""
    return f"\n\nYour last wording was {last.text}"


def _ask_about(
    given: PolicyInput, system: str, facts: str, frames: Sequence[Picture], schema: dict[str, Json]
) -> ModelQuestion:
    session, state = given.session, given.state
    about = user_prompt(session.shown, session.task, state.intent.text, state.window)
    shown = tuple(sorted(dict.fromkeys(frames), key=lambda picture: (picture.part, picture.frame)))
    messages = (Message("system", system), Message("user", f"{about}\n\n{facts}", shown))
    return ModelQuestion(messages, schema)


def _frames(anchors: Sequence[Anchor]) -> list[Picture]:
    return [Picture(anchor.frame, part=anchor.part) for anchor in anchors if anchor.frame is not None]


def _handed_in(given: PolicyInput) -> int:
    return sum(1 for turn in given.state.turns if turn.action and turn.action.tool == SUBMIT)


# What a model answers is checked; what of it cannot be used is left out.


def _object(text: str) -> Mapping[str, Json]:
    """The JSON object of an answer, also one in a code fence or behind a sentence; empty where there is none."""
    start, end = text.find("{"), text.rfind("}")
    try:
        value = parse_json(text[start : end + 1]) if 0 <= start < end else None
    except UsageError:
        return {}
    return cast("Mapping[str, Json]", value) if isinstance(value, dict) else {}


def _choice_of(answer: Mapping[str, Json], point: ChoicePoint | None) -> list[str]:
    """The options that an answer keeps; none of them where it is no answer to the point."""
    said = answer.get("keep")
    if point is None or not isinstance(said, list):
        return []
    names = [option.id for option in point.options]
    kept = list(dict.fromkeys(str(name) for name in cast("list[Json]", said) if name in names))
    if point.how == "one":
        return kept[:1]
    return kept if point.how == "order" else [name for name in names if name in kept]


def _texts(answer: Mapping[str, Json], places: Mapping[str, FreeText]) -> dict[str, str]:
    """The texts of an answer at the places that are free, on one harmless line each, cut to what fits."""
    said = answer.get("texts")
    found: dict[str, str] = {}
    for row in cast("list[Json]", said) if isinstance(said, list) else []:
        fields: Mapping[str, Json] = cast("Mapping[str, Json]", row) if isinstance(row, dict) else {}
        place, text = str(fields.get("place")), fields.get("text")
        if place in places and isinstance(text, str) and text.strip():
            found[place] = _harmless(text, places[place].longest)
    return found


def _harmless(text: str, most: int) -> str:
    lines = [plain(" ".join(line.split()), most) for line in text.strip().split("\n")]
    return "\n".join(line for line in lines if line)[:most]
