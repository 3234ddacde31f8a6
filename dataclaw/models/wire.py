"""Plain HTTP with JSON to a server of one's own: no proxy, no redirect, no retry, and answers of bounded size."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from dataclaw.errors import PolicyError

LARGEST = 64 << 20
"""Most bytes of an answer."""
SECONDS = 600.0
"""How long an answer may take [s]."""
KEY = "VLLM_API_KEY"
"""Environment variable with the key that the server was started with, where it was."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        status: of HTTP.
        body: plain JSON; a text where it is none.
    """

    status: int
    body: Any

    @property
    def says(self) -> str:
        """The server's own words, short and printable."""
        error = table(self.body).get("error", self.body)
        text = table(error).get("message", table(error).get("detail", error))
        return "".join(char for char in str(text) if char.isprintable())[:300]


def table(value: Any) -> dict[str, Any]:
    """A JSON object; empty where the value is none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def array(value: Any) -> list[Any] | None:
    """A JSON array; None where the value is none."""
    return cast("list[Any]", value) if isinstance(value, list) else None


class Wire:
    """Requests to one server; one connection each, so that many threads may ask at once.

    Args:
        url: where it is: `http://127.0.0.1:8000`, with or without `/v1`.

    Raises:
        PolicyError: that is no such address.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/").removesuffix("/v1")
        remedy = "Say http:// or https://, a host and a port: http://127.0.0.1:8000."
        try:
            parts = urlsplit(self.url)
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError as error:
            raise PolicyError(f"{url!r} is no address: {error}.", remedy=remedy) from None
        odd = parts.query or parts.fragment or parts.username is not None
        if parts.scheme not in {"http", "https"} or not self._host or odd:
            raise PolicyError(f"{url!r} is no address of a server.", remedy=remedy)
        self._secure, self._path = parts.scheme == "https", parts.path

    def get(self, path: str) -> Reply:
        """The answer to a GET.

        Raises:
            PolicyError: no server answers, or it sends one elsewhere.
        """
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Reply:
        """The answer to a POST of plain JSON.

        Raises:
            PolicyError: as `get`.
        """
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Reply:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=SECONDS)
        try:
            connection.request(method, f"{self._path}{path}", body, _headers())
            answer = connection.getresponse()
            data = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise PolicyError(
                f"no server answers at {self.url}: {error or type(error).__name__}.",
                place=path,
                remedy="Start it (docs/serving.md), wait until it listens, and name its address.",
            ) from None
        finally:
            connection.close()
        if 300 <= answer.status < 400:
            raise PolicyError(
                f"{self.url} sends requests elsewhere, where none is sent.",
                place=path,
                remedy="Name the address of the server itself.",
            )
        if len(data) > LARGEST:
            raise PolicyError(f"{self.url} answered with more than {LARGEST >> 20} MiB.", place=path)
        return Reply(answer.status, _plain(data))


def _headers() -> dict[str, str]:
    key = os.environ.get(KEY)
    return {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}


def _plain(data: bytes) -> Any:
    text = data.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
