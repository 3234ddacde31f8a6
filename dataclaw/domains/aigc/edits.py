"""An edit of a picture as an instruction sample: before, after, the words that asked for it, what was done.

What was done comes from the source (nodes of a graph, steps of a history) or from measurement (regions that differ
between the two pictures). A picture that only shows a graph is neither before nor after, and is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.film import frame_entries
from dataclaw.domains.aigc.intents import parse_intent
from dataclaw.domains.aigc.timelines import left_out
from dataclaw.domains.aigc.wording import place, quote
from dataclaw.planning import Asking, ask, capitalise, decline, shorten, statement, submit
from dataclaw.types import Anchor, Brief, Json

MOST = 80
"""Most operations of a sample."""
PAGES = 50
READ = 3
"""Most changed regions in which text is read."""
SURE_TEXT = 0.8
WORDS = 2000
"""Longest instruction that is quoted [characters]."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a plan saw of an edit.

    Attributes:
        before: the frame before, or None.
        after: the frame after, or None.
        size: `(width, height)` [px] of the frames.
        words: `(role, event, words)` that asked for it; role "instruction" or "positive".
        operations: operations of the source that are kept, in order.
        changes: regions that differ between the two pictures.
        read: the surest line of text of a changed region, before and after, by the id of the change.
        dropped: reason by id of the operations that are left out.
        names: name by id of every operation.
    """

    before: Anchor | None
    after: Anchor | None
    size: tuple[int, int]
    words: tuple[str, Anchor, str] | None
    operations: Sequence[Anchor]
    changes: Sequence[Anchor]
    read: Mapping[str, tuple[Anchor, Anchor]]
    dropped: Mapping[str, str]
    names: Mapping[str, str]


def edit_instruction(brief: Brief) -> Asking[None]:
    """Plan of the task."""
    edit = yield from _look_at_edit(brief)
    yield from submit(_draft(edit))


def _look_at_edit(brief: Brief) -> Asking[Edit]:
    overview = yield from ask("overview")
    roles = cast("Mapping[str, Json]", overview.data.get("roles") or {})
    found, samplers = yield from _read_operations()
    words = _words(found, samplers)
    operations = [a for a in found if a.attrs.get("verb") in facts.KINDS]
    intent = parse_intent(brief.intent, brief.window)
    dropped = {a.id: why for a in operations if (why := _idle(a))}
    kept = [a for a in operations if a.id not in dropped]
    kept, beyond = facts.within_limit(kept, intent, MOST)
    frames = (yield from ask("sample_frames", mode="uniform", count=16)).anchors if brief.frames else ()
    sides = [next((f for f in frames if f.frame == roles.get(side)), None) for side in ("before", "after")]
    changes: Sequence[Anchor] = ()
    if sides[0] and sides[1]:
        compared = yield from ask("compare_images", before=sides[0].frame, after=sides[1].frame)
        changes = compared.anchors if compared.ok else ()
    if not kept and not changes:
        differ = "the two pictures do not differ"
        why = differ if sides[0] and sides[1] else "the stream has no edit that is in force"
        raise decline(why, "Give a picture before and after, a generation graph, or an edit history.")
    read: dict[str, tuple[Anchor, Anchor]] = {}
    for change in [c for c in changes if c.attrs.get("kind") == "local"][:READ]:
        texts = yield from _texts(change)
        read |= {change.id: texts} if texts else {}
    size = cast("Sequence[int]", overview.data.get("size") or (1, 1))
    return Edit(sides[0], sides[1], (int(size[0]), int(size[1])), words, kept, changes, read, dropped | beyond,
                {a.id: str(a.attrs["text"]) for a in operations})  # fmt: skip


def _texts(change: Anchor) -> Asking[tuple[Anchor, Anchor] | None]:
    """The surest line of text in a changed region before and after, where both can be read and differ."""
    lines: list[Anchor] = []
    for side in ("before", "after"):
        seen = yield from ask("read_text", frame=change.attrs[side], box=list(change.box or ()))
        sure = [a for a in seen.anchors if a.confidence >= SURE_TEXT and sum(c.isalnum() for c in a.content) >= 2]
        if not seen.ok or not sure:
            return None
        lines.append(max(sure, key=_area))
    return (lines[0], lines[1]) if lines[0].content != lines[1].content else None


def _area(text: Anchor) -> float:
    x0, y0, x1, y1 = text.box or (0.0, 0.0, 0.0, 0.0)
    return (x1 - x0) * (y1 - y0)


def _read_operations() -> Asking[tuple[list[Anchor], list[Json]]]:
    """The operations of the source, and the samplers of a graph with their prompts."""
    found: list[Anchor] = []
    samplers: list[Json] = []
    page, last = 1, 1
    while page <= min(last, PAGES):
        seen = yield from ask("list_operations", page=page)
        if not seen.ok:
            break
        found += seen.anchors
        samplers = cast("list[Json]", seen.data.get("samplers") or samplers)
        page, last = page + 1, int(cast("int", seen.data.get("pages", 1)))
    return found, samplers


def _words(operations: Sequence[Anchor], samplers: Sequence[Json]) -> tuple[str, Anchor, str] | None:
    """The words that asked for the edit: an instruction, else the prompt of the last sampler that has one."""
    by_id = {anchor.id: anchor for anchor in operations}
    for anchor in operations:
        if anchor.attrs.get("verb") == "instruction":
            return "instruction", anchor, str(anchor.attrs["text"])[:WORDS]
    for sampler in reversed(samplers):
        for prompt in cast("list[dict[str, str]]", cast("dict[str, Json]", sampler).get("positive") or []):
            if prompt["text"].strip() and prompt["cite"] in by_id:
                return "positive", by_id[prompt["cite"]], prompt["text"].strip()[:WORDS]
    return None


def _idle(operation: Anchor) -> str:
    """Why an operation has no effect on the picture, "" when it has."""
    details = facts.details_of(operation)
    if details.get("enabled") is False or details.get("mode"):
        return "disabled"
    return "not_in_force" if details.get("in_force") is False else ""


def _draft(edit: Edit) -> dict[str, Json]:
    draft: dict[str, Json] = {"cot": _reasoning(edit)}
    if edit.before:
        draft["input_image"] = frame_entries([edit.before])
    if edit.after:
        draft["output_image"] = frame_entries([edit.after])
    if edit.words:
        role, event, words = edit.words
        draft["instruction"] = {"cite": [event.id], "text": words, "role": role}
    return draft | {
        "operations": [*map(_operation_entry, edit.operations), *map(_change_entry, edit.changes)],
        "question": _question(edit),
        "answer": _answer(edit),
        "left_out": left_out(edit.dropped),
    }


def _operation_entry(operation: Anchor) -> dict[str, Json]:
    made = {k: v for k, v in facts.of_anchor(operation).items() if k in ("name", "enabled", "parameters")}
    return {"cite": [operation.id], **made}


def _change_entry(change: Anchor) -> dict[str, Json]:
    return {"cite": [change.id], **facts.of_change(change)}


def _reasoning(edit: Edit) -> list[Json]:
    thoughts: list[Json] = []
    if edit.words:
        role, event, _ = edit.words
        what = "An instruction" if role == "instruction" else "The prompt"
        thoughts.append(statement(f"{what} says what was asked for.", [event.id]))
    if edit.operations:
        first, last = edit.operations[0], edit.operations[-1]
        text = f"{first.attrs['text']} comes first and {last.attrs['text']} last of the steps that have an effect."
        thoughts.append(statement(shorten(text, 320), [first.id, last.id]))
    for reason in dict.fromkeys(edit.dropped.values()):
        ids = [name for name, why in edit.dropped.items() if why == reason]
        named = ", ".join(dict.fromkeys(edit.names[name] for name in ids[:8]))
        thoughts.append(statement(shorten(f"Steps left out as {reason.replace('_', ' ')}: {named}.", 320), ids))
    # measured last: a comparison looks at all of the stream at once
    thoughts += [statement(f"Measured: {change.content}.", [change.id], 320) for change in edit.changes[:4]]
    return thoughts[:10]


def _question(edit: Edit) -> dict[str, Json]:
    frames = [side.id for side in (edit.before, edit.after) if side]
    if edit.words:
        role, event, words = edit.words
        name = "instruction" if role == "instruction" else "prompt"
        edits = edit.before is not None or any(str(o.attrs["text"]).startswith("LoadImage") for o in edit.operations)
        asked = f"Edit the picture as the {name} says" if edits else f"Generate what the {name} says"
        return statement(f"{asked}: {quote(words, WORDS)}", [event.id, *frames], 2200)
    proof = [*(a.id for a in edit.operations[:2]), *(c.id for c in edit.changes[:2]), *frames]
    text = "Which operations are in force, in the order in which they run, and with which parameters?"
    if edit.before and edit.after:
        text = "Which edit leads from the one picture to the other?"
    elif edit.after:
        text = "Which operations led to this picture?"
    elif edit.before:
        text = "Which operations are done to this picture?"
    return statement(text, proof)


def _answer(edit: Edit) -> list[Json]:
    what = "the picture after the edit" if edit.before else "the picture that these operations led to"
    shows = [statement(f"<image_recall> is {what}.", [edit.after.id])] if edit.after else []
    texts = [capitalise(shorten(o.content, 580)) for o in edit.operations]
    cites = [[o.id, *facts.feeds(o, edit.operations)] for o in edit.operations]
    lines = [statement(text, ids) for text, ids in zip(texts, cites, strict=True)]
    return [*shows, *lines, *(line for change in edit.changes for line in _measured_lines(change, edit))]


def _measured_lines(change: Anchor, edit: Edit) -> Iterator[Json]:
    """What was measured of a change, and the text that it replaced with another."""
    yield statement(_measure(change, edit), [change.id])
    if change.id in edit.read:
        a, b = edit.read[change.id]
        yield statement(f"The text {quote(a.content, 200)} became {quote(b.content, 200)}.", [change.id, a.id, b.id])


def _measure(change: Anchor, edit: Edit) -> str:
    where = f" {place(change.box, edit.size)}" if change.attrs.get("kind") == "local" else ""
    return f"Measured{where}: {shorten(change.content, 520)}."
