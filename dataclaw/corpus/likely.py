"""Calls that policies are likely to make of a tool, whatever they are asked; a pack can bring their results along."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Literal, get_args, get_origin

from dataclaw.tools.base import Tool
from dataclaw.types import Action, Json, Stream

PART = "part"


def likely_calls(tool: Tool, stream: Stream) -> Iterator[Action]:
    """Calls with defaults, with each choice of each argument that has choices, for each part of the stream.

    A tool that cannot be called without an argument of its own has none.
    """
    fields = tool.args.model_fields
    parts = _parts(tool, stream)
    if not tool.cached or any(one.is_required() for name, one in fields.items() if name != PART):
        return
    choices: list[dict[str, Json]] = [{}]
    for name, one in fields.items():
        choices += [{name: value} for value in _choices(one.annotation) if value != one.default]
    for part, choice in product(parts, choices):
        yield Action(tool.name, {**choice, **part})


def _parts(tool: Tool, stream: Stream) -> list[dict[str, Json]]:
    return [{PART: label} for label in stream.parts] if stream.parts and PART in tool.args.model_fields else [{}]


def _choices(annotation: Any) -> tuple[Json, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()
