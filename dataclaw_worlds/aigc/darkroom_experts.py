"""The experts of the darkroom: which steps or changes are meant, and what they do in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc import operations
from dataclaw.domains.aigc.timelines import left_out
from dataclaw.domains.aigc.wording import capital
from dataclaw.planning import Asking, ask, decline, pages, said, submit
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc import darkroom_phrases as phrases
from dataclaw_worlds.aigc.cuts_experts import exactly
from dataclaw_worlds.aigc.cuts_lines import listed_names
from dataclaw_worlds.aigc.cuts_wishes import NUMBERS
from dataclaw_worlds.aigc.darkroom_changes import Changes
from dataclaw_worlds.aigc.frames import phrase

Fact = Mapping[str, Json]
SURE = 0.8
"""How sure a line of text must be read."""


def edit_plan(order: ExpertBrief) -> Asking[None]:
    """The reference of `edit_plan` for a history or a graph."""
    there = yield from _listed()
    kept, others = _chosen(order, there)
    yield from exactly(kept)
    draft: dict[str, Json] = {
        "cot": _thoughts(order, kept),
        "operations": [{"cite": [a.id], **operations.of_anchor(a)} for a in kept],
        "question": said(_question(order), [a.id for a in kept[:2]], 500),
        "answer": _answer(order, kept),
        "left_out": left_out(dict.fromkeys((a.id for a in others), "not_asked")),
    }
    yield from submit(draft)


def edit_instruction(order: ExpertBrief) -> Asking[None]:
    """The reference of `edit_instruction`."""
    if order.scene.facts["form"] == "pair":
        yield from _pair(order)
        return
    there = yield from _listed()
    kept, others = _chosen(order, there)
    yield from exactly(kept)
    draft: dict[str, Json] = {"cot": _thoughts(order, kept)}
    prompt = next((a for a in there if _is_prompt(order, a)), None)
    if prompt is not None:
        inputs: Mapping[str, Json] = operations.details_of(prompt)["inputs"]
        draft["instruction"] = {"cite": [prompt.id], "text": str(inputs["text"]), "role": "positive"}
    draft |= {
        "operations": [_operation(a) for a in kept],
        "question": said(_question(order), [a.id for a in kept[:2]], 2200),
        "answer": _answer(order, kept),
        "left_out": left_out({a.id: _reason(a) for a in others}),
    }
    yield from submit(draft)


def _listed() -> Asking[list[Anchor]]:
    seen = yield from pages("list_operations", 10)
    return [a for a in seen if a.attrs.get("verb") in operations.KINDS]


def _chosen(order: ExpertBrief, there: Sequence[Anchor]) -> tuple[list[Anchor], list[Anchor]]:
    """The steps that are meant, and the others."""
    wish = order.request.meaning
    if wish["key"] == "whole":
        history = order.scene.facts["form"] == "history" and order.request.task == "edit_instruction"
        kept = [a for a in there if not history or _reason(a) == "not_asked"]
    else:
        wanted = {f"e{number}" for number in wish["events"]}
        kept = [a for a in there if a.id in wanted]
    if not kept:
        raise decline("no step of it is in force", "Ask for all steps.")
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


def _steps(order: ExpertBrief) -> dict[str, Fact]:
    return {f"e{step['event']}": step for step in order.scene.facts["steps"]}


def _is_prompt(order: ExpertBrief, step: Anchor) -> bool:
    return "positive" in _steps(order)[step.id]["tags"]


def _answer(order: ExpertBrief, kept: Sequence[Anchor]) -> list[Json]:
    steps, zh = _steps(order), order.request.language == "zh"
    return [said(f"{steps[a.id]['zh']}。" if zh else f"{capital(str(steps[a.id]['en']))}.", [a.id], 600) for a in kept]


def _question(order: ExpertBrief) -> str:
    graph, wish = order.scene.facts["form"] == "graph", order.request.meaning
    zh = order.request.language == "zh"
    where = (
        ("这个工作流" if graph else "这张照片的修图记录")
        if zh
        else "this workflow"
        if graph
        else "this photo's history"
    )
    if wish["key"] == "whole":
        return phrase(order, "question", phrases.WHOLE).format(where=where)
    return phrase(order, "question", phrases.QUESTION).format(where=where, np=wish["np_zh" if zh else "np"])


def _thoughts(order: ExpertBrief, kept: Sequence[Anchor]) -> list[Json]:
    wish, zh = order.request.meaning, order.request.language == "zh"
    shown = list(kept[:5])
    names = listed_names(shown, len(kept), zh) if zh else _steps_named(shown, len(kept))
    if wish["key"] == "whole":
        text = f"按顺序的步骤是{names}。" if zh else f"In order the steps are {names}."
    else:
        np = str(wish["np_zh" if zh else "np"])
        text = phrase(order, "thinking", phrases.THINKING).format(np=np, Np=capital(np), names=names)
    return [said(text, [a.id for a in shown], 320)]


def _steps_named(shown: Sequence[Anchor], total: int) -> str:
    """`step 3 CLIPTextEncode, step 5 KSampler and two more`: nodes of one kind are told apart by their place."""
    names = ", ".join(step.content.partition(":")[0] for step in shown)
    more = total - len(shown)
    return f"{names} and {NUMBERS.get(more, 'several')} more" if more > 0 else names


def _pair(order: ExpertBrief) -> Asking[None]:
    """What was measured between two pictures, with the names that the instruction gives."""
    words = str(order.scene.facts["words"])
    asked: list[Anchor] = []
    if words:
        asked = list((yield from ask("list_operations")).anchors)
    frames = (yield from ask("sample_frames", count=2)).anchors
    seen = yield from ask("compare_images")
    changes = Changes(order, seen.anchors)
    if not changes.kept:
        raise decline("nothing of what is asked for differs between the two pictures", "Ask for all changes.")
    if changes.sign is not None:
        before = yield from _line_in(changes, changes.sign.attrs["before"])
        after = yield from _line_in(changes, changes.sign.attrs["after"])
        if before and after:
            changes.read(before, after)
    ids = [*(a.id for a in asked[:1]), *(f.id for f in frames)]
    draft: dict[str, Json] = {"cot": changes.thoughts(asked, frames)}
    draft["input_image"] = [{"cite": [frames[0].id], "frame": frames[0].frame}]
    draft["output_image"] = [{"cite": [frames[1].id], "frame": frames[1].frame}]
    if asked:
        draft["instruction"] = {"cite": [asked[0].id], "text": str(asked[0].attrs["text"]), "role": "instruction"}
    shows = phrase(order, "shows", phrases.SHOWS)
    draft |= {
        "operations": [{"cite": [c.id], **operations.of_change(c)} for c in changes.kept],
        "question": said(changes.question(), [*ids, *(a.id for a in changes.lines)], 2200),
        "answer": [said(shows, [frames[1].id]), *changes.answer(asked)],
        "left_out": left_out(dict.fromkeys((c.id for c in changes.others), "not_asked")),
    }
    yield from submit(draft)


def _line_in(changes: Changes, frame: Json) -> Asking[Anchor | None]:
    """The line of text that stands on the changed sign in a picture, None where none can be read surely."""
    seen = yield from ask("read_text", frame=frame, box=changes.sign_box())
    sure = [a for a in seen.anchors if a.confidence >= SURE and any(c.isalnum() for c in a.content)]
    return max(sure, key=lambda a: len(a.content), default=None)
