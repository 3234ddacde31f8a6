"""Any model that pydantic-ai can reach: `provider:model`, or a server with a base URL (vLLM, llama.cpp, ...).

One direct request a decision, no agent loop of another framework: the loop is ours. What the task's own plan looks at
first is looked at without asking the model, so that its first request has what it needs. Providers that know tools get
the task's tools; elsewhere an answer is one JSON object, under the schema of actions where the server decodes by one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import warnings
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from pydantic_ai.messages import ToolCallPart
from pydantic_ai.settings import ModelSettings

from dataclaw.agent.policy.asking import ModelAnswer, RequestError, Requests
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.client import connect_model
from dataclaw.agent.policy.conversation import CUT, Talk, conversation
from dataclaw.agent.policy.forms import FORMS, AnswerForms
from dataclaw.agent.policy.opening import first_look
from dataclaw.config import ModelOptions
from dataclaw.types import Action, Decision

log = logging.getLogger(__name__)
warnings.filterwarnings("ignore", "Sampling parameters")  # models that reason take none


class Provider:
    """A remote (or loopback) model as a policy.

    Args:
        name: `provider:model` as pydantic-ai names them, e.g. "openai:gpt-5" or "anthropic:claude-sonnet-4-6"; or
            `vllm:model` with a `base_url`, which is held to the very schema of actions.
        options: how it is asked.
        api_key: key for a server of one's own; None takes that of `VLLM_API_KEY`.

    Raises:
        PolicyError: the name or the key is missing or wrong.
    """

    def __init__(self, name: str, options: ModelOptions, *, api_key: str | None = None) -> None:
        self.name = name
        self._options = options
        self._to = connect_model(name, base_url=options.base_url, api_key=api_key, seconds=options.timeout)
        self._requests = Requests(name, self._to, options.timeout, options.tries)
        self._forms = AnswerForms(name, options)
        self._shrunk: dict[str, int] = {}
        self._flying: set[Future[list[Decision]]] = set()

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """All scenes at once, with so many requests in flight as the options allow."""
        decisions = [None if given.question else first_look(given) for given in inputs]
        if all(decisions):
            return cast("list[Decision]", decisions)
        asked = self._wait(self._together([given for given, one in zip(inputs, decisions, strict=True) if not one]))
        answers = iter(asked)
        return [one or next(answers) for one in decisions]

    def close(self) -> None:
        """Close the connections; requests that are in flight are given up."""
        for future in tuple(self._flying):
            future.cancel()
        wait_for(self._to.client.aclose())

    def _wait(self, work: Coroutine[Any, Any, list[Decision]]) -> list[Decision]:
        future = asyncio.run_coroutine_threadsafe(work, _loop())
        self._flying.add(future)
        try:
            return future.result()
        except CancelledError:  # somebody stopped the run while this thread waited
            raise KeyboardInterrupt from None
        finally:
            future.cancel()
            self._flying.discard(future)

    async def _together(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        free = asyncio.Semaphore(self._options.concurrency)

        async def one(given: PolicyInput) -> Decision:
            async with free:
                return await self._decide(given)

        return await asyncio.gather(*(one(given) for given in inputs))

    async def _decide(self, given: PolicyInput) -> Decision:
        start, key = time.monotonic(), f"{given.state.key}/{given.state.attempt}"
        left = given.state.budget.seconds - given.state.spent.seconds
        taken = Decision("")
        while True:
            form = self._forms.now
            told = await asyncio.to_thread(self._converse, given, key)
            try:
                answer = await self._requests.ask(
                    told.messages,
                    self._forms.parameters(given),
                    self._settings(given),
                    images=told.images,
                    left=left - (time.monotonic() - start),
                )
            except RequestError as failed:
                taken = replace(taken, usage=taken.usage + failed.usage)
                if self._yields(failed, form, key):
                    continue
                return _failure(failed, taken, time.monotonic() - start)
            if answer.cut and given.question:
                log.warning("%s: %s: the answer was cut off; nothing of it counts.", given.state.key, self.name)
                answer = replace(answer, text="", calls=(), cut=False)
            return _decision(answer, taken, told, time.monotonic() - start)

    def _converse(self, given: PolicyInput, key: str) -> Talk:
        with given.session.busy:
            return conversation(given, self._forms.talk_options(self._shrunk.get(key, 0)))

    def _yields(self, failed: RequestError, form: str, key: str) -> bool:
        """Whether it is worth another request: of another form, or of a shorter conversation."""
        if failed.kind == "form":
            before, plainer = self._forms.now, self._forms.refuse(form)
            if self._forms.now != before:
                log.warning("%s Asked from here on for %s.", failed.message, FORMS[self._forms.now])
            return plainer
        if failed.kind == "context" and self._shrunk.get(key, 0) < len(CUT) - 1:
            self._shrunk[key] = self._shrunk.get(key, 0) + 1
            return True
        return False

    def _settings(self, given: PolicyInput) -> ModelSettings:
        options, attempt = self._options, given.state.attempt
        settings = ModelSettings(
            temperature=max(options.temperature, 0.7 if attempt else 0.0),
            seed=options.seed + attempt,
            max_retries=0,
            cache=True,
        )
        if not self._forms.exact:
            settings["max_tokens"] = options.answer_tokens
        return settings


def _failure(failed: RequestError, taken: Decision, seconds: float) -> Decision:
    return replace(
        taken,
        error=failed.message,
        remedy=failed.remedy,
        passing=failed.kind == "passing",
        fatal=failed.kind == "run",
        seconds=seconds,
    )


def _decision(answer: ModelAnswer, taken: Decision, told: Talk, seconds: float) -> Decision:
    """What a model answered, as a decision."""
    usage = taken.usage + answer.usage
    if not answer.usage.read:  # a server that does not count
        usage = replace(usage, read=usage.read + told.tokens)
    if answer.cut:
        error = f"the answer was cut off after {answer.usage.written:,} tokens."
        return replace(taken, error=error, remedy="Raise --answer-tokens, or ask for a shorter span.", usage=usage)
    calls = tuple(_action(call) for call in answer.calls)
    text = answer.text if not calls else ""
    return Decision(text, usage.written, usage.read, seconds, calls=calls, usage=usage)


def _action(call: ToolCallPart) -> Action:
    args = call.args_as_dict(raise_if_invalid=False)
    return Action(call.tool_name, args)


T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do something in the loop, and wait for what it gives; also from inside another loop.

    Raises:
        Exception: whatever it raises.
    """
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def _loop() -> asyncio.AbstractEventLoop:
    with _ONE:  # threads that come at once would make one each, and a connection lives in one loop
        return _make_loop()


_ONE = threading.Lock()


@cache
def _make_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="dataclaw-requests", daemon=True).start()
    return loop
