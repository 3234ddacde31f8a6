"""The experts of the darkroom know which steps or changes a request means, and say in words what these do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc import operations
from dataclaw.domains.aigc.timelines import left_out
from dataclaw.planning import Asking, ask, capitalise, decline, pages, statement, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc.cuts_experts import read_fully
from dataclaw_worlds.aigc.cuts_lines import and_more, name_list
from dataclaw_worlds.aigc.darkroom_changes import PHRASES, RequestedChanges
from dataclaw_worlds.aigc.phrasing import Sentences, choose_phrase

Fact = Mapping[str, Json]
SURE = 0.8
"""Least confidence of a line of text that is read, 0..1."""


def edit_plan(brief: ExpertBrief) -> Asking[None]:
    """The reference of `edit_plan` for a history or a graph."""
    there = yield from _list_steps()
    kept, others = _choose(brief, there)
    yield from read_fully(kept)
    draft: dict[str, Json] = {
        "cot": _thoughts(brief, kept),
        "operations": [{"cite": [a.id], **operations.of_anchor(a)} for a in kept],
        "question": statement(_question(brief), [a.id for a in kept[:2]], 500),
        "answer": _answer(brief, kept),
        "left_out": left_out(dict.fromkeys((a.id for a in others), "not_asked")),
    }
    yield from submit(draft)


def edit_instruction(brief: ExpertBrief) -> Asking[None]:
    """The reference of `edit_instruction`."""
    if brief.scene.facts["form"] == "pair":
        yield from _pair(brief)
        return
    there = yield from _list_steps()
    kept, others = _choose(brief, there)
    yield from read_fully(kept)
    draft: dict[str, Json] = {"cot": _thoughts(brief, kept)}
    prompt = next((a for a in there if _is_prompt(brief, a)), None)
    if prompt is not None:
        inputs: Mapping[str, Json] = operations.details_of(prompt)["inputs"]
        draft["instruction"] = {"cite": [prompt.id], "text": str(inputs["text"]), "role": "positive"}
    draft |= {
        "operations": [_operation(a) for a in kept],
        "question": statement(_question(brief), [a.id for a in kept[:2]], 2200),
        "answer": _answer(brief, kept),
        "left_out": left_out({a.id: _reason(a) for a in others}),
    }
    yield from submit(draft)


def _list_steps() -> Asking[list[Anchor]]:
    seen = yield from pages("list_operations", 10)
    return [a for a in seen if a.attrs.get("verb") in operations.KINDS]


def _choose(brief: ExpertBrief, there: Sequence[Anchor]) -> tuple[list[Anchor], list[Anchor]]:
    """The steps that the request means, and the others."""
    meaning = brief.request.meaning
    if meaning["key"] == "whole":
        history = brief.scene.facts["form"] == "history" and brief.request.task == "edit_instruction"
        kept = [a for a in there if not history or _reason(a) == "not_asked"]
    else:
        wanted = {f"e{number}" for number in meaning["events"]}
        kept = [a for a in there if a.id in wanted]
    if not kept:
        raise decline("none of its steps is in force", "Ask for all steps.")
    ids = {a.id for a in kept}
    return kept, [a for a in there if a.id not in ids]


def _reason(step: Anchor) -> str:
    details = operations.details_of(step)
    if details.get("enabled") is False or details.get("mode"):
        return "disabled"
    return "not_in_force" if details.get("in_force") is False else "not_asked"


def _operation(step: Anchor) -> dict[str, Json]:
    made = {k: v for k, v in operations.of_anchor(step).items() if k in ("name", "enabled", "parameters")}
    return {"cite": [step.id], **made}


def _step_facts(brief: ExpertBrief) -> dict[str, Fact]:
    return {f"e{step['event']}": step for step in brief.scene.facts["steps"]}


def _is_prompt(brief: ExpertBrief, step: Anchor) -> bool:
    return "positive" in _step_facts(brief)[step.id]["tags"]


def _answer(brief: ExpertBrief, kept: Sequence[Anchor]) -> list[Json]:
    steps, zh = _step_facts(brief), brief.request.language == "zh"
    does = {a.id: str(steps[a.id]["zh"]) if zh else capitalise(str(steps[a.id]["en"])) for a in kept}
    return [statement(_line(brief, a, does[a.id]), [a.id], 600) for a in kept]


def _line(brief: ExpertBrief, step: Anchor, does: str) -> str:
    """A step in a line; one of a history with its module and what can be read of its settings."""
    if brief.scene.facts["form"] != "history":
        return f"{does}。" if brief.request.language == "zh" else f"{does}."
    say, details = _sentences(brief), operations.details_of(step)
    values: Fact = details.get("values") or {}
    settings = ", ".join(f"{name} {value}" for name, value in values.items())
    settings = settings or say("packed", count=details["params_bytes"])
    return say("step", does=does, number=details["num"] + 1, name=step.attrs["text"], settings=settings)


def _sentences(brief: ExpertBrief) -> Sentences:
    return Sentences(PHRASES["sentences"], brief.request.language == "zh")


def _question(brief: ExpertBrief) -> str:
    meaning, where = brief.request.meaning, _sentences(brief)(str(brief.scene.facts["form"]))
    if meaning["key"] == "whole":
        return choose_phrase(brief, "question", PHRASES.table("whole")).format(where=where)
    np = meaning["np_zh" if brief.request.language == "zh" else "np"]
    return choose_phrase(brief, "question", PHRASES.table("question")).format(where=where, np=np)


def _thoughts(brief: ExpertBrief, kept: Sequence[Anchor]) -> list[Json]:
    meaning, zh = brief.request.meaning, brief.request.language == "zh"
    shown = list(kept[:5])
    if zh:
        names = name_list(shown, len(kept), zh)
    else:  # nodes of one kind are told apart by their place: `step 3 CLIPTextEncode, step 5 KSampler`
        names = and_more(", ".join(step.content.partition(":")[0] for step in shown), len(kept) - len(shown))
    if meaning["key"] == "whole":
        text = _sentences(brief)("steps", names=names)
    else:
        np = str(meaning["np_zh" if zh else "np"])
        text = choose_phrase(brief, "thinking", PHRASES.table("thinking")).format(np=np, Np=capitalise(np), names=names)
    return [statement(text, [a.id for a in shown], 320)]


def _pair(brief: ExpertBrief) -> Asking[None]:
    """The reference for a pair of pictures: what was measured, in the names of the instruction."""
    listed: list[Anchor] = []
    if brief.scene.facts["words"]:
        listed = list((yield from ask("list_operations")).anchors)
    frames = (yield from ask("sample_frames", count=2)).anchors
    seen = yield from ask("compare_images")
    changes = RequestedChanges(brief, seen.anchors)
    if not changes.kept:
        raise decline("the two pictures do not differ in what is requested", "Ask for all changes.")
    if changes.sign is not None:
        before = yield from _line_in(changes, changes.sign.attrs["before"])
        after = yield from _line_in(changes, changes.sign.attrs["after"])
        if before and after:
            changes.set_sign(before, after)
    ids = [*(a.id for a in listed[:1]), *(f.id for f in frames)]
    draft: dict[str, Json] = {"cot": changes.thoughts(listed, frames)}
    draft["input_image"] = [{"cite": [frames[0].id], "frame": frames[0].frame}]
    draft["output_image"] = [{"cite": [frames[1].id], "frame": frames[1].frame}]
    if listed:
        draft["instruction"] = {"cite": [listed[0].id], "text": str(listed[0].attrs["text"]), "role": "instruction"}
    shows = choose_phrase(brief, "shows", PHRASES.table("shows"))
    draft |= {
        "operations": [{"cite": [c.id], **operations.of_change(c)} for c in changes.kept],
        "question": statement(changes.question(), [*ids, *(a.id for a in changes.lines)], 2200),
        "answer": [statement(shows, [frames[1].id]), *changes.answer(listed)],
        "left_out": left_out(dict.fromkeys((c.id for c in changes.others), "not_asked")),
    }
    yield from submit(draft)


def _line_in(changes: RequestedChanges, frame: Json) -> Asking[Anchor | None]:
    """The line of text on the changed sign in a picture; None if none can be read with confidence."""
    seen = yield from ask("read_text", frame=frame, box=changes.sign_box())
    sure = [a for a in seen.anchors if a.confidence >= SURE and any(c.isalnum() for c in a.content)]
    return max(sure, key=lambda a: len(a.content), default=None)
