"""How the answers of a model are constrained: its own tool calls, one JSON object under a schema, or nothing.

But for vLLM the form is the same for all requests of a task: it stands before the conversation, and where it changes
all is read anew.
"""

from __future__ import annotations

import json
from typing import cast

from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.tools import ToolDefinition

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.client import OWN_WIRE
from dataclaw.agent.policy.conversation import TalkOptions
from dataclaw.agent.steps import SUBMIT
from dataclaw.config import ModelOptions
from dataclaw.domain import Task
from dataclaw.models.image_tokens import image_rule, text_tokens
from dataclaw.schema import strip_extensions
from dataclaw.types import Json

VLLM = "vllm:"
"""Names a server that decodes under any schema, a union at the root included, and that lets an answer fill the context;
a number of tokens would be set aside for it, and conversations refused that leave less."""
COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
"""For llguidance, in the schema: answers are the same bytes as those that were learnt."""
FORMS = {
    "tools": "its own tool calls",
    "schema": "one JSON object under a schema",
    "free": "one JSON object, without a schema",
}
"""Forms by name, each plainer than the one before it."""


class AnswerForms:
    """The form that a model is asked for; a plainer one once it refused one.

    Args:
        name: the model.
        options: how it is asked.
    """

    def __init__(self, name: str, options: ModelOptions) -> None:
        self._name = name
        self._options = options
        self.exact = name.startswith(VLLM)
        own = name.partition(":")[0] in OWN_WIRE
        native = own or not options.base_url if options.tools == "auto" else options.tools == "native"
        free = not options.constrained or (own and not native)  # their schemas know no free objects, as arguments are
        self.now = "free" if free else "tools" if native else "schema"

    def refuse(self, form: str) -> bool:
        """Ask for a plainer form than this one from here on; whether there is one."""
        names = list(FORMS)
        if form == names[-1]:
            return False
        if form == self.now:
            self.now = names[names.index(form) + 1]
        return True

    def talk_options(self, shrunk: int = 0) -> TalkOptions:
        """How a conversation is put.

        Args:
            shrunk: how often it was longer than the model takes.
        """
        options = self._options
        return TalkOptions(
            native=self.now == "tools",
            sees=options.images,
            rule=image_rule(self._name),
            detail=options.image_detail,
            plainly=options.base_url is not None,
            shrunk=shrunk,
        )

    def parameters(self, given: PolicyInput) -> ModelRequestParameters:
        """What an answer is held to."""
        if self.now == "free":
            return ModelRequestParameters()
        if given.question:
            narrow = given.question.narrow if self._options.base_url else {}
            return _under(narrow or given.question.schema)
        if self.now == "tools":
            return ModelRequestParameters(function_tools=_tools(given.session.task))
        if self.exact:
            return _under({**given.action_schema(), "x-guidance": COMPACT})
        return _under(_one_object(given.session.any_action_schema))

    def tokens(self, given: PolicyInput) -> int:
        """About how many tokens the form itself is."""
        form = self.parameters(given)
        tools = [[tool.name, tool.description, tool.parameters_json_schema] for tool in form.function_tools]
        schema = form.output_object.json_schema if form.output_object else None
        return sum(text_tokens(json.dumps(part, ensure_ascii=False)) for part in (*tools, schema) if part)


def _tools(task: Task) -> list[ToolDefinition]:
    tools = [_tool(name, tool.schema(), tool.doc) for name, tool in task.tools.items()]
    draft = {"type": "object", "properties": {"draft": strip_extensions(task.schema)}, "required": ["draft"]}
    return [*tools, _tool(SUBMIT, draft, "Hand in the draft; findings come back if it is not accepted.")]


def _tool(name: str, schema: dict[str, Json], doc: str) -> ToolDefinition:
    return ToolDefinition(name=name, parameters_json_schema=schema, description=doc)


def _under(schema: dict[str, Json]) -> ModelRequestParameters:
    form = OutputObjectDefinition(json_schema=schema, name="action")
    return ModelRequestParameters(output_mode="native", output_object=form)


def _one_object(union: dict[str, Json]) -> dict[str, Json]:
    """The union of calls as one object, since providers refuse a union at the root.

    Which arguments go with which tool is then not enforced by the decoder; the tool itself objects.
    """
    calls = cast("list[dict[str, Json]]", union["anyOf"])
    tools = [call["properties"]["tool"]["const"] for call in calls]
    args = [call["properties"]["args"] for call in calls]
    properties = {"tool": {"type": "string", "enum": tools}, "args": {"anyOf": args}}
    form: dict[str, Json] = {"type": "object", "properties": properties, "required": ["tool", "args"]}
    return {**form, "additionalProperties": False, **({"$defs": union["$defs"]} if "$defs" in union else {})}
