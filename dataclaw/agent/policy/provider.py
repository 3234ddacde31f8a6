"""Any model that pydantic-ai can reach: `provider:model`, or a server with an OpenAI-compatible base URL (vLLM, ...).

One direct request a decision, no agent loop of another framework: the loop is ours. Where the provider supports it the
answer is constrained by the action schema; where it does not, the verifier catches what is wrong. A server of one's own
turns messages into tokens as they are, so text that would pass for a token of the chat template is broken up for it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from openai import AsyncOpenAI
from pydantic_ai import BinaryContent
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.steps import Decision
from dataclaw.errors import PolicyError, StreamError
from dataclaw.models.chatml import plain
from dataclaw.models.pictures import image_of, jpeg, missing
from dataclaw.types import Json, Message, Picture, Stream

log = logging.getLogger(__name__)
MAX_TOKENS = 8192
AT_ONCE = 8
"""Requests in flight."""
TIMEOUT = 600.0
"""How long one answer may take [s]."""
VLLM = "vllm:"
"""Names a server that decodes under any schema, a union at the root included, and that lets an answer fill the context;
a number of tokens would be set aside for it, and conversations refused that leave less."""
COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
"""For llguidance, in the schema: answers are the same bytes as those that were learnt."""


class Provider:
    """A remote (or loopback) model as a policy.

    Args:
        name: `provider:model` as pydantic-ai names them, e.g. "openai:gpt-5" or "anthropic:claude-sonnet-4-6"; or
            `vllm:model` with a `base_url`, which is held to the very schema of actions.
        base_url: an OpenAI-compatible server to ask instead of the provider's own.
        api_key: key for `base_url`; servers of one's own usually take any.
        constrained: ask for structured output by the action schema.
        sees: attach frames; turn it off for models that read text only.
        temperature: sampling temperature of the first attempt.

    Raises:
        PolicyError: the name or the key is missing or wrong.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        constrained: bool = True,
        sees: bool = True,
        temperature: float = 0.0,
    ) -> None:
        self.name = name
        self._client = _client(base_url, api_key) if base_url else None
        self._model = _model(name, self._client)
        self._constrained = constrained
        self._sees = sees
        self._temperature = temperature
        self._exact = name.startswith(VLLM)

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """All scenes at once, at most eight requests in flight."""
        return wait_for(self._together(inputs))

    def close(self) -> None:
        """Close the connections to a server of one's own; those to a provider are shared and closed at the end."""
        if self._client is not None:
            wait_for(self._client.close())

    async def _together(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(given: PolicyInput) -> Decision:
            async with free:
                return await self._decide(given)

        return await asyncio.gather(*(one(given) for given in inputs))

    async def _decide(self, given: PolicyInput) -> Decision:
        start = time.monotonic()
        stream = given.session.stream if self._sees else None
        attempt = given.state.attempt
        warmth = max(self._temperature, 0.7 if attempt else 0.0)
        settings = ModelSettings(temperature=warmth, seed=attempt)
        if not self._exact:
            settings["max_tokens"] = MAX_TOKENS
        try:
            answer = await model_request(
                self._model,
                _conversation(given.messages(), stream, plainly=self._client is not None),
                model_settings=settings,
                model_request_parameters=self._parameters(given),
            )
        except (AgentRunError, UserError) as error:
            hint = "" if not self._sees else " If the model reads text only, pass --no-images."
            return Decision("", seconds=time.monotonic() - start, error=f"{self.name}: {error}{hint}")
        text = "".join(part.content for part in answer.parts if isinstance(part, TextPart))
        usage = answer.usage
        tokens = usage.output_tokens or len(text) // 4
        return Decision(text, tokens, usage.input_tokens or 0, time.monotonic() - start)

    def _parameters(self, given: PolicyInput) -> ModelRequestParameters:
        if not self._constrained:
            return ModelRequestParameters()
        union = given.action_schema()
        schema = {**union, "x-guidance": COMPACT} if self._exact else _one_object(union)
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


def _client(base_url: str, api_key: str | None) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=base_url, api_key=api_key or "none", timeout=TIMEOUT)


def _model(name: str, client: AsyncOpenAI | None) -> Model:
    try:
        if client is None:
            return infer_model(name)
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        served = name.split(":", 1)[-1]
        return OpenAIChatModel(served, provider=OpenAIProvider(openai_client=client))
    except (UserError, ValueError, ImportError) as error:
        raise PolicyError(
            f"model {name!r} cannot be used: {error}.",
            remedy="Use provider:model, set the provider's key, or pass --base-url for a server of your own.",
        ) from None


def _conversation(messages: Sequence[Message], stream: Stream | None, *, plainly: bool) -> list[ModelMessage]:
    """Messages of one speaker follow each other in one request, as providers want it."""
    if plainly:
        messages = [replace(message, text=plain(message.text)) for message in messages]
    conversation: list[ModelMessage] = []
    for message in messages:
        if message.role == "assistant":
            conversation.append(ModelResponse([TextPart(message.text)]))
            continue
        part = SystemPromptPart(message.text) if message.role == "system" else UserPromptPart(_content(message, stream))
        last = conversation[-1] if conversation else None
        if isinstance(last, ModelRequest):
            conversation[-1] = ModelRequest([*last.parts, part])
        else:
            conversation.append(ModelRequest([part]))
    return conversation


def _content(message: Message, stream: Stream | None) -> str | list[Any]:
    if stream is None or not message.pictures:
        return message.text
    return [message.text, *(_image_part(stream, picture) for picture in message.pictures)]


def _image_part(stream: Stream, picture: Picture) -> BinaryContent | str:
    """A frame, or that there is none: a stream without its media has few."""
    try:
        return BinaryContent(data=jpeg(image_of(stream, picture)), media_type="image/jpeg")
    except StreamError as error:
        log.info("%s", error)
        return missing([picture], "not available").strip()


T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do something in the loop, and wait for what it gives; also from inside another loop.

    Raises:
        Exception: whatever it raises.
    """
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="dataclaw-requests", daemon=True).start()
    return loop
