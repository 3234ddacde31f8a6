"""A model of a provider, behind a connection whose answers have a greatest size.

pydantic-ai knows the providers, their wire forms and their errors. What is ours is the connection: one for each policy,
closed with it, which reads no more of an answer than an answer can have, and takes none that is packed (a few bytes
could unpack to gigabytes).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import infer_provider_class

from dataclaw.errors import PolicyError
from dataclaw.models.keys import KEY, hide

LARGEST = 8 * 2**20
"""Most bytes of an answer that are read; 8,192 tokens are some 40 kB."""
OWN_WIRE = frozenset({"anthropic", "google"})
"""Providers whose own wire form is spoken at a `base_url`; elsewhere it is OpenAI's."""


KEYS = ("authorization", "x-api-key", "x-goog-api-key")
"""Headers that bring the key."""


@dataclass(frozen=True, slots=True)
class ModelConnection:
    """A model, and the connection to it.

    Attributes:
        model: the model.
        client: the connection, to be closed.
        keys: what was sent as a key so far.
    """

    model: Model
    client: httpx2.AsyncClient
    keys: set[str]

    def hide(self, text: str) -> str:
        """A text without the keys, which a server may repeat."""
        return hide(text, self.keys)


class AnswerTooLarge(httpx2.TransportError):
    """A server answers more than an answer can have, or packed."""


class AnswerRedirects(httpx2.TransportError):
    """A server names another address instead of answering."""


def connect_model(name: str, *, base_url: str | None, api_key: str | None, seconds: float) -> ModelConnection:
    """A model and the connection to it.

    Args:
        name: `provider:model` as pydantic-ai names them; with a `base_url` any name before the colon.
        base_url: the address of a server to ask instead of the provider's own.
        api_key: key for that server; None takes that of `VLLM_API_KEY`, or none: those of one's own usually take any.
        seconds: how long a connection may keep silent [s].

    Raises:
        PolicyError: the name is unknown, the key is missing, or the provider's library is not installed.
    """
    transport = _Bounded(httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=64)))
    client = httpx2.AsyncClient(
        transport=transport,
        timeout=httpx2.Timeout(seconds, connect=min(10.0, seconds)),
        headers={"accept-encoding": "identity"},
    )
    try:
        model = _server_model(name, base_url, api_key, client) if base_url else _provider_model(name, client)
        return ModelConnection(model, client, transport.keys)
    except (UserError, ValueError, ImportError) as error:
        why = str(error).partition(" or pass it via ")[0].rstrip(".")  # the rest is about Python code
        raise PolicyError(f"model {name!r} cannot be used: {why}.", remedy=_REMEDY) from None


_REMEDY = "Use provider:model, set the provider's key, or pass --base-url for a server of your own."


def _provider_model(name: str, client: httpx2.AsyncClient) -> Model:
    return infer_model(name, provider_factory=lambda provider: infer_provider_class(provider)(http_client=client))  # pyright: ignore[reportCallIssue]


def _server_model(name: str, base_url: str, api_key: str | None, client: httpx2.AsyncClient) -> Model:
    provider = name.partition(":")[0]
    given: dict[str, Any] = {
        "base_url": base_url,
        "api_key": api_key or os.environ.get(KEY) or "none",
        "http_client": client,
    }
    if provider in OWN_WIRE:
        return infer_model(name, provider_factory=lambda one: infer_provider_class(one)(**given))
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel(name.split(":", 1)[-1], provider=OpenAIProvider(**given))


class _Bounded(httpx2.AsyncBaseTransport):
    """Reads no more than `LARGEST` bytes of an answer, and goes to no other address."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.keys: set[str] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.keys |= {request.headers[name].removeprefix("Bearer ") for name in KEYS if name in request.headers}
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            await response.aclose()
            raise AnswerTooLarge("the answer is packed, which was not asked for")
        if 300 <= response.status_code < 400:
            await response.aclose()
            raise AnswerRedirects(f"it answers {response.status_code}, which names another address")
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _BoundedStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._inner:
            read += len(chunk)
            if read > LARGEST:
                raise AnswerTooLarge(f"the answer has more than {LARGEST:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
