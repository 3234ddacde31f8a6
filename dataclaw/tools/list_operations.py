"""The operations of a cut, an edit or a generation graph, in words, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.chains import Chain, chains_of
from dataclaw.tools.facts import event_anchor
from dataclaw.tools.operations import OperationSentence, every_field, operation_sentences, short
from dataclaw.tools.scope import Scope, look, page_of
from dataclaw.tools.view import figure, seconds
from dataclaw.types import Anchor, Json

PAGE = 40
"""Operations a page."""


@tool("list_operations", version=8, kinds=("timeline", "edit"))
def list_operations(
    context: ToolContext,
    *,
    page: Annotated[int, Field(ge=1, description="page of 40 operations, from 1")] = 1,
    events: Annotated[
        list[int], Field(max_length=40, description="only these, with all their fields: [3, 7] for e3 and e7")
    ] = [],  # noqa: B006 - read only
) -> ToolResult:
    """List what an editor did, 40 a page: shots with length and speed, operations with parameters, nodes as they run.

    With `events` the note has a line for each of them that gives every field exactly: times, media, inputs, links.

    Of a generation graph the note and `data["samplers"]` say what each sampler was told: words, model, seed, size.
    """
    scope = look(context)
    if not scope.events:
        raise ToolError("this stream holds no operation.", remedy="Use compare_images to see what changed.")
    if events:
        return _exactly(scope, events)
    shown, pages = page_of(scope.events, page, PAGE)
    said = operation_sentences(scope.stream.events, float(scope.stream.meta.get("rate") or 0.0))
    chains = chains_of(scope.stream.events)
    anchors = tuple(_anchor(event_anchor(scope, event, "list_operations"), said[event.index]) for event in shown)
    data: dict[str, Json] = {"page": page, "pages": pages, "total": len(scope.events)}
    if chains:
        data["samplers"] = [chain.data() for chain in chains]
    return ToolResult(_note(scope, (page, pages), chains), anchors, data=data)


def _exactly(scope: Scope, numbers: list[int]) -> ToolResult:
    """Some operations with every field as the file gives it."""
    by_index = {event.index: event for event in scope.events}
    missing = [f"e{number}" for number in numbers if number not in by_index]
    if missing:
        raise ToolError(f"there is no {', '.join(missing)}.", remedy=f"Events: e0 to e{max(by_index)}.")
    chosen = [by_index[number] for number in sorted(set(numbers))]
    said = operation_sentences(scope.stream.events, float(scope.stream.meta.get("rate") or 0.0))
    anchors = tuple(_anchor(event_anchor(scope, event, "list_operations"), said[event.index]) for event in chosen)
    note = "\n".join([f"{len(chosen)} operations, every field:", *(every_field(event) for event in chosen)])
    return ToolResult(note, anchors, data={"page": 1, "pages": 1, "total": len(scope.events)})


def _anchor(anchor: Anchor, said: OperationSentence) -> Anchor:
    return replace(anchor, content=said.content, attrs={**anchor.attrs, **said.attrs})


def _note(scope: Scope, counts: tuple[int, int], chains: list[Chain]) -> str:
    page, pages = counts
    stream = scope.stream
    lines = [f"Page {page} of {pages}, {len(scope.events)} operations."]
    if stream.kind == "timeline":
        clips = sum(event.kind == "clip" for event in scope.events)
        rate = float(stream.meta.get("rate") or 0.0)
        said = {str(event.attrs.get("rate_said", "")) for event in scope.events} & {"assumed", "inferred"}
        how = f", a rate that is {said.pop()}" if said else ""
        lines[0] += f" {clips} shots, {seconds(stream.duration)} s at {figure(rate, 6)} frames/s{how}."
    lines += [_chain_line(chain) for chain in chains[:4]]
    if page < pages:
        lines[0] += f" Next: page={page + 1}."
    return "\n".join(lines)


def _chain_line(chain: Chain) -> str:
    """What a sampler was given, in one line."""
    settings = ", ".join(f"{name} {short(value)}" for name, value in chain.settings.items())
    sides = [("positive", chain.positive), ("negative", chain.negative), ("pictures", chain.pictures)]
    words = [f"{side} {' + '.join(f'e{index}' for index, _ in pairs)}" for side, pairs in sides if pairs]
    return f"Sampler e{chain.event}: {'; '.join([settings, *words])}."
