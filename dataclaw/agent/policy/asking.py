"""One answer of a model: asked for again where that may help, within a time, and checked before anything is made of it.

What a provider may do wrong is sorted once, here: what would go wrong for every stream (a key, a model's name) ends the
run; what may pass (an outage, a limit, an odd answer) is tried again with growing waits, and where it lasts the stream
is tried again by the next run; the rest concerns this rollout alone.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import httpx2
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAuthenticationError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
    UserError,
)
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from dataclaw.agent.policy.client import AnswerRedirects, ModelConnection
from dataclaw.errors import PolicyError
from dataclaw.types import Usage

log = logging.getLogger(__name__)
PATIENCE = 120.0
"""Longest wait that a provider may ask for before it counts as down [s]."""
PAUSE = 1.0
"""Longest wait before the second try [s]; it doubles from try to try."""
UNREAD = (TypeError, AttributeError, LookupError, RecursionError)
"""What reading an answer raises that has not the form of one."""
ODD = (AgentRunError, UserError, TimeoutError, ValueError, *UNREAD)
"""What a request may raise: pydantic-ai's own errors, and those of reading an answer that is none."""
LIMITED = (ModelRateLimitError, ModelOverloadedError, ModelUnavailableError, ModelTimeoutError)
"""Refusals that may be none the next time, whatever their status."""
AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})
"""Refusals that concern this moment, not the request."""
_FORM = re.compile(r"schema|response_format|json_object|tool|function|grammar|guided|strict|structured", re.IGNORECASE)


class RequestError(PolicyError):
    """A request without an answer.

    Attributes:
        kind: "run" (it would fail for every stream), "passing" (it may work another time), "form" (the provider refuses
            how the answer is to be constrained), "context" (the conversation is too long), "rollout" (all else).
        usage: what it took all the same.
    """

    def __init__(self, message: str, *, kind: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind
        self.usage = Usage()


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model answered.

    Attributes:
        text: its text, "" where it only called.
        calls: tools that it called, with their arguments as they came.
        cut: whether it ended because it may have no more tokens.
        usage: what it took.
    """

    text: str
    calls: Sequence[ToolCallPart]
    cut: bool
    usage: Usage


@dataclass(frozen=True, slots=True)
class Requests:
    """How a model is asked.

    Attributes:
        name: how the model is asked for, for messages.
        to: the model, and the connection to it.
        seconds: how long one answer may take [s].
        tries: how often a request is made, at most.
    """

    name: str
    to: ModelConnection
    seconds: float
    tries: int

    async def ask(
        self,
        messages: Sequence[ModelMessage],
        form: ModelRequestParameters,
        settings: ModelSettings,
        *,
        images: int,
        left: float,
    ) -> ModelAnswer:
        """One answer.

        Args:
            messages: the conversation.
            form: tools, or the schema of the answer.
            settings: temperature and the like.
            images: how many pictures the conversation has.
            left: how long it may take in all [s].

        Raises:
            RequestError: there is none.
        """
        start, made, pause = time.monotonic(), 0, PAUSE
        while True:
            made += 1
            rest = left - (time.monotonic() - start)
            try:
                async with asyncio.timeout(max(0.1, min(self.seconds, rest))):
                    response = await model_request(
                        self.to.model, list(messages), model_settings=settings, model_request_parameters=form
                    )
                answer = _answer(response, Usage(made, images=images * made, seconds=time.monotonic() - start))
                used = answer.usage
                log.info("%s: read %d (%d cached), wrote %d, %.1f s", self.name, used.read, used.cached, used.written,
                         used.seconds)  # fmt: skip
                return answer
            except ODD as error:
                rest = left - (time.monotonic() - start)
                failed = self._failure(error, made, rest)
                wait = _wait(error, pause) if failed.kind == "passing" and made < self.tries else None
                if wait is None or wait >= rest:
                    failed.usage = Usage(made, images=images * made, seconds=time.monotonic() - start)
                    raise failed from None
                log.warning("%s: %s; again in %.1f s", self.name, self._words_of(error), wait)
                await asyncio.sleep(wait)
                pause = min(2 * pause, 30.0)

    def _failure(self, error: Exception, made: int, rest: float) -> RequestError:
        said, name = self._words_of(error), self.name
        status = error.status_code if isinstance(error, ModelHTTPError) else 0
        tried = f" ({made} tries)" if made > 1 else ""
        if isinstance(error, ModelAuthenticationError) or status in {401, 403}:
            return RequestError(f"{name} refuses the key: {said}.", kind="run", remedy=_KEY)
        if _redirects(error):
            why = "redirects requests, which are sent to no other server"
            return RequestError(f"{name} {why}: {said}.", kind="run", remedy="Name the address of the server itself.")
        if isinstance(error, ModelNotFoundError) or status == 404:
            return RequestError(f"there is no model {name}, or no such server: {said}.", kind="run", remedy=_MODEL)
        if isinstance(error, ModelQuotaExceededError):
            return RequestError(f"{name} has no quota left: {said}.", kind="run", remedy=_QUOTA)
        if isinstance(error, ModelContextWindowExceededError) or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return RequestError(f"the conversation is longer than {name} takes.", kind="context", remedy=_CONTEXT)
        if isinstance(error, ContentFilterError):
            return RequestError(f"{name} refused to answer: {said}.", kind="rollout", remedy="Try another model.")
        if isinstance(error, UserError) or (
            400 <= status < 500 and status not in AGAIN and not isinstance(error, LIMITED)
        ):
            form = isinstance(error, UserError) or (status in {400, 422} and _FORM.search(said))
            return RequestError(f"{name} refuses: {said}.", kind="form" if form else "rollout", remedy=_REQUEST)
        if isinstance(error, TimeoutError):
            when = f"within {self.seconds:g} s{tried}" if rest > 0 else "in the time that was left"
            remedy = _SLOW if rest > 0 else _BUDGET
            return RequestError(f"{name} did not answer {when}.", kind="passing", remedy=remedy)
        told = _asked_for(error)
        long = f" and asks for a wait of {told:,.0f} s" if told is not None and told > PATIENCE else ""
        return RequestError(f"{name} gives no answer{tried}{long}: {said}.", kind="passing", remedy=_DOWN)

    def _words_of(self, error: Exception) -> str:
        """What a provider says, on one short line, without the key."""
        if isinstance(error, UNREAD):
            return "what it answers has not the form of an answer"
        body = getattr(error, "body", None)
        fields = cast("dict[str, object]", body) if isinstance(body, dict) else {"error": body}
        inner = fields.get("error", fields)
        message: object = cast("dict[str, object]", inner).get("message") if isinstance(inner, dict) else inner
        status = f"{error.status_code} " if isinstance(error, ModelHTTPError) else ""
        text = f"{status}{message}" if message else _connection_words(error) or str(error) or type(error).__name__
        return self.to.hide(" ".join(text.encode("utf-8", "replace").decode().split()))[:300].rstrip(".")


_KEY = "Set the provider's key (OPENAI_API_KEY, ANTHROPIC_API_KEY, ...), or VLLM_API_KEY for that of --base-url."
_MODEL = "Check the name, and the address where --base-url is given; the provider lists its models."
_QUOTA = "Add credit, or use another key or model; the same command goes on where it stopped."
_CONTEXT = "Ask for a shorter span, cut the stream (--samples), or lay out facts only (--mode choose)."
_REQUEST = "If the model reads text only, pass --no-images; if it knows no schemas, --no-constrained."
_SLOW = "Raise --timeout, or ask a quicker model; the same command tries this stream again."
_BUDGET = "Raise --budget-seconds; the same command tries this stream again."
_DOWN = "Try later: the same command tries this stream again."


def _answer(response: ModelResponse, usage: Usage) -> ModelAnswer:
    """The answer, checked.

    Raises:
        ContentFilterError: it was refused.
        ValueError: it says nothing, or is no Unicode.
    """
    told = response.usage
    read, cached, written = (max(0, n or 0) for n in (told.input_tokens, told.cache_read_tokens, told.output_tokens))
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    for said in (text, *(call.args_as_json_str() for call in calls)):
        said.encode()  # a lone surrogate is no Unicode, and would break whatever it is written to
    if response.finish_reason == "content_filter":
        raise ContentFilterError(text.strip() or "its filter held the answer")
    if not text.strip() and not calls:
        raise ValueError("it answers nothing")
    spent = Usage(0, max(read, cached), min(cached, read) if read else cached, written or len(text) // 4)
    return ModelAnswer(text, calls, response.finish_reason == "length", usage + spent)


def _redirects(error: BaseException | None) -> bool:
    """Whether a server named another address, which the clients of providers tell in errors of their own."""
    while error is not None and not isinstance(error, AnswerRedirects):
        error = error.__cause__ or error.__context__
    return error is not None


def _wait(error: Exception, pause: float) -> float | None:
    """How long to wait before the next try [s]; None where the provider wants more patience than there is."""
    told = _asked_for(error)
    if told is not None:
        return None if told > PATIENCE else told + random.uniform(0.0, 0.5)
    return pause * random.uniform(0.5, 1.0)


def _asked_for(error: Exception) -> float | None:
    """The wait that a provider asks for [s]; None where it asks for none."""
    told = getattr(error, "retry_after", None)
    return float(told) if isinstance(told, int | float) and told >= 0 else None


def _connection_words(error: BaseException | None) -> str:
    """What went wrong with the connection, which the clients of providers call a connection error; "" for nothing."""
    while error is not None and not isinstance(error, httpx2.TransportError):
        error = error.__cause__ or error.__context__
    return "" if error is None else str(error) or type(error).__name__
