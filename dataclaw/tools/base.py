"""What a tool is: a typed, documented, deterministic function of a stream that gives anchors.

The policy reads the docstring and the argument schema; the agent validates arguments before the call and caches the
result by content. Tools never see annotations: they get the stream without them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from dataclaw.errors import ToolError
from dataclaw.types import Anchor, Json, Picture, Span, Stream


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may look at.

    Attributes:
        stream: the stream, its annotations removed.
        window: `(t0, t1)` [s] that the rollout is about; tools report nothing outside it.
        anchors: what the rollout has seen so far, by id.
        schema: the task's schema narrowed to the stream (for validation).
        ocr: name of the OCR engine ("rapidocr" or "tesseract").
    """

    stream: Stream
    window: Span
    anchors: Mapping[str, Anchor] = field(default_factory=dict[str, Anchor])
    schema: Json = None
    ocr: str = "rapidocr"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found.

    Attributes:
        note: one or two lines for the policy: totals, what page this is, how to get more.
        anchors: found facts in order of time; ids of other kinds than event and frame are "" and given by the agent.
        pictures: frames or regions that a seeing policy should be shown with this result.
        data: machine-readable extra for planners, plain JSON.
    """

    note: str
    anchors: tuple[Anchor, ...] = ()
    pictures: tuple[Picture, ...] = ()
    data: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Tool:
    """A callable tool.

    Attributes:
        name: what the policy calls it.
        doc: first paragraph of the docstring, which the policy reads.
        version: raise it when results change; part of the cache key.
        args: pydantic model of the arguments.
        run: the function.
        cached: whether equal (stream, window, arguments) always give an equal result.
        kinds: stream kinds it can read; empty means any.
    """

    name: str
    doc: str
    version: int
    args: type[BaseModel]
    run: Callable[..., ToolResult]
    cached: bool = True
    kinds: tuple[str, ...] = ()

    def schema(self) -> dict[str, Json]:
        """JSON Schema of the arguments (an object, no extra properties, titles removed)."""
        return deepcopy(_schema(self.args))

    def __call__(self, context: ToolContext, arguments: Mapping[str, Json]) -> ToolResult:
        """Validate the arguments and run.

        Raises:
            ToolError: arguments do not fit (each one is named), or the tool cannot answer.
        """
        checked = self.check(arguments)
        return self.run(context, **{name: getattr(checked, name) for name in self.args.model_fields})

    def check(self, arguments: Mapping[str, Json]) -> BaseModel:
        """The arguments with defaults filled in.

        Raises:
            ToolError: they do not fit; each one is named.
        """
        try:
            return self.args.model_validate(dict(arguments))
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'args'}: {e['msg']}" for e in error.errors())
            remedy = f"Arguments: {', '.join(self.args.model_fields) or 'none'}."
            raise ToolError(f"{self.name}: {problems}.", remedy=remedy) from None


def tool(
    name: str, *, version: int = 1, cached: bool = True, kinds: tuple[str, ...] = ()
) -> Callable[[Callable[..., ToolResult]], Tool]:
    """Make a tool of a function `(context: ToolContext, *, arg: Annotated[T, Field(...)] = default) -> ToolResult`."""

    def wrap(function: Callable[..., ToolResult]) -> Tool:
        doc = inspect.getdoc(function) or ""
        if not doc:
            raise TypeError(f"tool {name} needs a docstring: it is what the policy reads")
        return Tool(
            name, doc.split("\n\n")[0].replace("\n", " "), version, _model(name, function), function, cached, kinds
        )

    return wrap


def _model(name: str, function: Callable[..., ToolResult]) -> type[BaseModel]:
    hints = inspect.get_annotations(function, eval_str=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    return create_model(f"{name}_args", __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields)


@lru_cache(maxsize=1024)  # every prompt and every constrained answer asks for it, and it takes a millisecond
def _schema(args: type[BaseModel]) -> dict[str, Json]:
    return _without_titles(args.model_json_schema())


def _without_titles(schema: Json) -> Json:
    if isinstance(schema, dict):
        entries = cast("dict[str, Json]", schema)
        return {k: _without_titles(v) for k, v in entries.items() if not (k == "title" and isinstance(v, str))}
    if isinstance(schema, list):
        return [_without_titles(v) for v in cast("list[Json]", schema)]
    return schema
