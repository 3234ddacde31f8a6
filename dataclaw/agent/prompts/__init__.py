"""What a language model reads before the first tool result: short, because prefill is what costs on a small machine.

The system prompt depends on the task alone, so that every rollout of a task shares it in the prefix cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import cast

from dataclaw.agent.prompts.example import example_of
from dataclaw.config import Budget
from dataclaw.domain import Task
from dataclaw.schema import outline
from dataclaw.tools.view import plain
from dataclaw.types import Json, Span, Stream


def system_prompt(task: Task) -> str:
    """Instructions, tools and draft form of a task."""
    tools = "\n".join(_signature(name, tool.schema(), tool.doc) for name, tool in task.tools.items())
    return _template("system.md").format(prompt=task.prompt, tools=tools, schema=outline(task.schema)).strip()


def model_prompt(task: Task, budget: Budget, *, native: bool) -> str:
    """Everything that a model of a provider is told before it hears of a stream.

    Args:
        task: the task.
        budget: what a rollout may spend.
        native: tools are called in the provider's own way, which shows them and the form of a draft.
    """
    tools = "\n".join(_signature(name, tool.schema(), tool.doc) for name, tool in task.tools.items())
    answer = "" if native else _ANSWER.format(tools=tools)
    schema = "" if native else f"\nForm of a draft\n{outline(task.schema)}\n"
    said = _template("model.md").format(
        steps=budget.steps,
        repairs=budget.repairs,
        prompt=task.prompt.strip(),
        answer=answer,
        schema=schema,
        example=example_of(task),
    )
    return said.strip()


_ANSWER = """
How to answer
Exactly one JSON object: {{"tool": "<name>", "args": {{...}}}}
{tools}
- submit(draft): hand in the draft; findings come back if it is not accepted.
"""


def choosing_prompt(task: Task, how: str) -> str:
    """What a model is told before it answers a choice point; `how` as of `ChoicePoint`."""
    return _template("choose.md").format(how=_HOW[how], summary=task.manifest.summary).strip()


_HOW = {
    "some": "Any number may be kept; none, if the request means none.",
    "one": "Keep exactly one.",
    "order": "Keep those that belong together, in the order in which they happened.",
}


def wording_prompt(task: Task) -> str:
    """What a model is told before it words a draft."""
    return _template("word.md").format(summary=task.manifest.summary).strip()


def native_prompt(task: Task) -> str:
    """The same for a model that calls tools in its own way: whoever runs it shows the tools, `submit` included."""
    return _template("native.md").format(prompt=task.prompt, schema=outline(task.schema)).strip()


def _template(name: str) -> str:
    return files(__package__ or "dataclaw.agent.prompts").joinpath(name).read_text(encoding="utf-8")


def user_prompt(stream: Stream, task: Task, intent: str, window: Span) -> str:
    """The intent and the plainest facts of the stream."""
    unit = "s" if stream.clock == "seconds" else "steps"
    span = f"{window[0]:g} to {window[1]:g} {unit}"
    frames = (
        f", {len(stream.frames.times)} frames {stream.frames.size[0]}x{stream.frames.size[1]}" if stream.frames else ""
    )
    parts = f", parts {', '.join(stream.parts)}" if stream.parts else ""
    told = f"\nTask text that came with it: {plain(str(stream.meta['task']), 2000)}" if "task" in stream.meta else ""
    facts = f"{stream.kind} ({stream.format}), {span}, {len(stream.events)} events{frames}{parts}"
    return f"Task: {task.name}. {task.manifest.summary}\nIntent: {intent}\nStream: {facts}{told}"


def _signature(name: str, schema: Mapping[str, Json], doc: str) -> str:
    properties = cast("Mapping[str, Mapping[str, Json]]", schema.get("properties", {}))
    arguments = ", ".join(_argument(key, value) for key, value in properties.items())
    return f"- {name}({arguments}): {doc}"


def _argument(name: str, schema: Mapping[str, Json]) -> str:
    default = schema.get("default", ...)
    values = schema.get("enum")
    kind = "|".join(map(str, cast("list[Json]", values))) if isinstance(values, list) else ""
    return f"{name}{':' + kind if kind else ''}{'' if default is ... else f'={default!r}'}"
