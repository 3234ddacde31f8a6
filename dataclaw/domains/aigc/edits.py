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
from dataclaw.domains.aigc.intents import asks_for_operations, parse_intent
from dataclaw.domains.aigc.requests import language_of, measurement_of, outcome_of, places_in, sentence
from dataclaw.domains.aigc.telling import NAMED, ToldOfEdit, lines_about, question_of_steps, thought_of
from dataclaw.domains.aigc.timelines import left_out, read_fully
from dataclaw.domains.aigc.wording import quote
from dataclaw.planning import CITES, Asking, ask, decline, keep, shorten, statement, submit
from dataclaw.streams.edits.graph import MASK
from dataclaw.types import Anchor, Brief, Json

MOST = 80
"""Most operations of a sample."""
PAGES = 50
READ = 3
"""Most changed regions in which text is read."""
AROUND = 12.0
"""Margin around a changed region in which text is read: some letters of a line may be as they were [px]."""
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
        captions: what the pictures are said to show, before and after.
        given: role of the picture that went in: "before", "hint" for one that only guides, "" for none.
        asks_graph: whether the intent asks for operations and parameters.
        told: what is known beside the stream.
        asked_in: the language of the intent.
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
    captions: Sequence[Anchor]
    given: str
    asks_graph: bool
    told: ToldOfEdit
    asked_in: str

    @property
    def shown_by_picture(self) -> bool:
        """Whether the picture after is the answer: words ask for it, or nothing but the two pictures is there."""
        if self.after is None or (self.before is None and not self.words):
            return False
        return not self.operations or (self.words is not None and not self.asks_graph)

    @property
    def some(self) -> bool:
        """Whether operations were chosen from more that are in force."""
        return any(self.dropped.get(name) == "not_asked" for name in self.names)

    @property
    def is_part(self) -> bool:
        """Whether more operations are in force than are told."""
        return self.some or "limit" in self.dropped.values()

    @property
    def language(self) -> str:
        """The language of the instruction, else of the intent."""
        return language_of(self.words[2]) if self.words and self.words[0] == "instruction" else self.asked_in


def edit_instruction(brief: Brief, told: ToldOfEdit | None = None) -> Asking[None]:
    """Plan of the task; `told` is what is known beside the stream."""
    edit = yield from _look_at_edit(brief, told or ToldOfEdit())
    yield from submit(_draft(edit))


def _look_at_edit(brief: Brief, told: ToldOfEdit) -> Asking[Edit]:
    overview = yield from ask("overview")
    roles = cast("Mapping[str, Json]", overview.data.get("roles") or {})
    found, samplers = yield from _read_operations()
    words = _words(found, samplers)
    if words and MASK in words[2]:
        raise decline("its prompt has words that no training sample should repeat", "Leave this picture out.")
    operations = [a for a in found if a.attrs.get("verb") in facts.KINDS]
    intent = parse_intent(brief.intent, brief.window)
    refused = {a.id: "not_asked" for a in operations if facts.refusal_of(a, intent)}
    dropped = refused | {a.id: why for a in operations if (why := _idle(a))}
    _, beyond = facts.within_limit([a for a in operations if a.id not in dropped], intent, len(operations))
    options = [a for a in operations if a.id not in refused]
    if options:
        dropped, _ = yield from keep("aigc.operations", options, dropped | beyond, "not_asked")
        dropped = refused | dropped
    kept = [a for a in operations if a.id not in dropped]
    yield from read_fully(kept[:MOST])
    dropped |= {a.id: "limit" for a in kept[MOST:]}
    frames = (yield from ask("sample_frames", mode="uniform", count=16)).anchors if brief.frames else ()
    given = next((role for role in ("before", "hint") if role in roles), "")
    sides = [next((f for f in frames if f.frame == roles.get(side)), None) for side in (given, "after")]
    changes: Sequence[Anchor] = ()
    # the graph is the answer, and not what became of the picture
    graph = asks_for_operations(brief.intent) and bool(kept)
    if sides[0] and sides[1] and given == "before" and not graph:
        compared = yield from ask("compare_images", before=sides[0].frame, after=sides[1].frame)
        changes = compared.anchors if compared.ok else ()
    if changes:
        others, _ = yield from keep("aigc.changes", changes, {}, "not_asked")
        changes, dropped = [c for c in changes if c.id not in others], dropped | others
    if not kept and not changes:
        differ = "the two pictures do not differ in what is asked for"
        why = differ if sides[0] and sides[1] else "the stream has no edit that is asked for and in force"
        raise decline(why, "Give a picture before and after, a generation graph, or an edit history.")
    read: dict[str, tuple[Anchor, Anchor]] = {}
    for change in [c for c in changes if c.attrs.get("kind") == "local"][:READ]:
        texts = yield from _texts(change)
        read |= {change.id: texts} if texts else {}
    size = cast("Sequence[int]", overview.data.get("size") or (1, 1))
    captions = [a for a in found if a.attrs.get("verb") == "caption"]
    return Edit(
        before=sides[0],
        after=sides[1],
        size=(int(size[0]), int(size[1])),
        words=words,
        operations=kept[:MOST],
        changes=changes,
        read=read,
        dropped=dropped,
        names={a.id: str(a.attrs["text"]) for a in operations},
        captions=captions if len(captions) == 2 else (),
        given=given,
        asks_graph=asks_for_operations(brief.intent),
        told=told,
        asked_in=language_of(brief.intent),
    )


def _texts(change: Anchor) -> Asking[tuple[Anchor, Anchor] | None]:
    """The surest line of text in a changed region before and after, where both can be read and differ."""
    lines: list[Anchor] = []
    for side in ("before", "after"):
        x0, y0, x1, y1 = change.box or (0.0, 0.0, 0.0, 0.0)
        box: list[Json] = [max(0.0, x0 - AROUND), max(0.0, y0 - AROUND), x1 + AROUND, y1 + AROUND]
        seen = yield from ask("read_text", frame=change.attrs[side], box=box)
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
        "operations": [*map(_change_entry, edit.changes), *map(_operation_entry, edit.operations)],
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
    language = edit.language
    if edit.words:
        role, event, words = edit.words
        said = sentence("asks" if role == "instruction" else "prompt", language, words=quote(words, 200))
        thoughts.append(statement(edit.told.fits(words, edit.changes) or said, [event.id], 320))
    if edit.operations and not edit.shown_by_picture:
        thoughts += thought_of(edit.operations, edit.told, {}, edit.asked_in)
        idle = [name for name, why in edit.dropped.items() if why in ("disabled", "not_in_force")]
        if idle:
            named = ", ".join(dict.fromkeys(edit.names[name] for name in idle[:8]))
            thoughts.append(statement(sentence("idle", edit.asked_in, names=named), idle, 320))
    # measured last: a comparison looks at all of the stream at once
    if edit.changes:
        thoughts.append(statement(_where(edit), [change.id for change in edit.changes]))
    return thoughts or [statement(sentence("after", language), [edit.after.id])] if edit.after else thoughts


def _where(edit: Edit) -> str:
    places = places_in(edit.changes, edit.size, edit.language)
    return sentence("where" if places else "all_over", edit.language, places=places)


def _question(edit: Edit) -> dict[str, Json]:
    frames = [side.id for side in (edit.before, edit.after) if side]
    asked = [edit.words[1].id] if edit.words else []
    order = edit.told.order(edit.changes)
    if order:
        return statement(order, [*asked, *frames, *(c.id for c in edit.changes)], 2200)
    if edit.words and edit.shown_by_picture and order is None:
        role, _, words = edit.words
        given = words if role == "instruction" else f"{_REQUESTS[edit.given]} {quote(words, WORDS)}"
        return statement(given, [*asked, *frames], 2200)
    named = edit.operations[: NAMED if edit.some else 2]
    proof = [*(a.id for a in named), *(c.id for c in edit.changes[:2]), *frames]
    if not edit.operations:
        return statement(sentence("changed", edit.language, part=edit.told.asked), proof)
    made = bool(edit.after) or any(o.attrs.get("verb") == "operation" for o in edit.operations)
    text = question_of_steps(edit.operations, edit.told, edit.asked_in, made=made, some=edit.some)
    if "limit" in edit.dropped.values():
        last = edit.operations[-1]
        text += sentence("long_steps", edit.asked_in, end=quote(str(last.attrs["text"]), 120))
        proof.insert(0, last.id)
    return statement(text, proof)


_REQUESTS = {
    "before": "Edit the picture by this prompt:",
    "hint": "Make a picture by this prompt, with the one given as a guide:",
    "": "Make a picture by this prompt:",
}
"""Requests by the role of the picture that is given."""


def _answer(edit: Edit) -> list[Json]:
    if edit.shown_by_picture and edit.after:
        return list(_shown_lines(edit, edit.after))
    shows = []
    if edit.after:
        shows = [statement(sentence(_shown_as(edit), edit.asked_in), [edit.after.id])]
    lines = [
        line
        for operation in edit.operations
        for line in lines_about(operation, edit.operations, edit.told, edit.asked_in)
    ]
    parts = [_measured_line(change, edit) for change in edit.changes]
    return [*shows, *parts, *lines[: 88 - len(parts)]]


def _shown_as(edit: Edit) -> str:
    """The key of the sentence that says what the picture after is."""
    return "after" if edit.before else "result_of_more" if edit.is_part else "result"


def _shown_lines(edit: Edit, after: Anchor) -> Iterator[Json]:
    """The picture after, with what it shows to have been done in the words of the instruction or the captions."""
    language = edit.language
    became = {change.id: edit.told.became(change, edit.read.get(change.id)) for change in edit.changes}
    if not edit.words or any(became.values()) or edit.told.order(edit.changes) is not None:
        yield statement(sentence("after", language), [after.id])
        known: set[str] = set()
        for change in edit.changes:
            yield _became_line(change, edit, became[change.id], known)
        return
    role, event, words = edit.words
    done = outcome_of(words) if role == "instruction" and not edit.read else ""
    placed = places_in(edit.changes, edit.size, language) and len(edit.read) < len(edit.changes)
    said = [done] if done else []
    said += [_where(edit)] if placed else []
    texts = list(edit.read.values())
    said += [sentence("text", language, a=quote(a.content, 150), b=quote(b.content, 150)) for a, b in texts]
    if edit.captions:
        a, b = (quote(str(caption.attrs["text"]), 150) for caption in edit.captions)
        said.append(sentence("captions", language, a=a, b=b))
    proof = [after.id, *([event.id] if done else []), *(c.id for c in edit.captions)]
    proof += [line.id for pair in texts for line in pair]
    mixed = not places_in(edit.changes, edit.size, language) and len(edit.changes) > 1
    first = edit.changes[: 0 if mixed else CITES - len(proof)]
    shown = ("" if language == "zh" else " ").join(said)
    yield statement(shorten(f"<image_recall> {shown}".strip(), 600), [*proof, *(c.id for c in first)])
    yield from (_measured_line(change, edit) for change in edit.changes[len(first) :])


def _became_line(change: Anchor, edit: Edit, became: str, known: set[str]) -> Json:
    """What became of the picture in a change, where that is known or was read; else what was measured."""
    read = edit.read.get(change.id, ())
    if not became and read:
        became = sentence("text", edit.language, a=quote(read[0].content, 150), b=quote(read[1].content, 150))
    if not became:
        return _measured_line(change, edit)
    if became in known:
        where = places_in([change], edit.size, edit.language)
        return statement(sentence("again", edit.language, where=where), [change.id])
    known.add(became)
    return statement(became, [change.id, *(line.id for line in read), *([edit.words[1].id] if edit.words else [])], 600)


def _measured_line(change: Anchor, edit: Edit) -> Json:
    """What was measured of a change."""
    return statement(measurement_of(change, edit.size, edit.language), [change.id])
