"""HTTP with JSON to a server of one's own: no proxy, no redirect, no retry, and answers of bounded size."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any, cast

import httpx

from dataclaw.errors import PolicyError
from dataclaw.strict import load_json

LARGEST = 64 << 20
"""Most bytes of an answer."""
SECONDS = 600.0
"""How long a server may be silent [s]."""


@dataclass(frozen=True, slots=True)
class JsonReply:
    """What a server answered.

    Attributes:
        status: of HTTP.
        body: plain JSON, or the text where the answer is not JSON.
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
    """The value if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def array(value: Any) -> list[Any] | None:
    """The value if it is a JSON array, else None."""
    return cast("list[Any]", value) if isinstance(value, list) else None


class JsonClient:
    """Requests to one server; each opens a connection of its own, so that many threads may send at once.

    Args:
        url: where it is: `http://127.0.0.1:8000`, with or without `/v1`.
        key: sent as a bearer token; "" sends none.
        seconds: how long the server may be silent [s].

    Raises:
        PolicyError: the URL is not the address of a server.
    """

    def __init__(self, url: str, *, key: str = "", seconds: float = SECONDS) -> None:
        self.url = url.rstrip("/").removesuffix("/v1")
        remedy = "Say http:// or https://, a host and a port: http://127.0.0.1:8000."
        try:
            parts = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise PolicyError(f"{url!r} is no address: {error}.", remedy=remedy) from None
        if parts.scheme not in {"http", "https"} or not parts.host or parts.query or parts.fragment or parts.userinfo:
            raise PolicyError(f"{url!r} is no address of a server.", remedy=remedy)
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})},
            verify=ssl.create_default_context() if parts.scheme == "https" else False,
            trust_env=False,
            follow_redirects=False,
            timeout=seconds,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def get(self, path: str) -> JsonReply:
        """The answer to a GET.

        Raises:
            PolicyError: no server answers, it redirects the request, or its answer is too large.
        """
        return self._send("GET", path, {})

    def post(self, path: str, body: Any) -> JsonReply:
        """The answer to a POST of plain JSON.

        Raises:
            PolicyError: as `get`.
        """
        return self._send("POST", path, {"json": body})

    def _send(self, method: str, path: str, content: dict[str, Any]) -> JsonReply:
        data = bytearray()
        try:
            with self._client.stream(method, path, **content) as answer:
                for chunk in answer.iter_raw():  # as it came: nothing is inflated
                    data += chunk
                    if len(data) > LARGEST:
                        raise PolicyError(f"{self.url} answered with more than {LARGEST >> 20} MiB.", place=path)
        except httpx.HTTPError as error:
            raise PolicyError(
                f"no server answers at {self.url}: {str(error) or type(error).__name__}.",
                place=path,
                remedy="Start it (docs/serving.md), wait until it listens, and name its address.",
            ) from None
        if 300 <= answer.status_code < 400:
            raise PolicyError(
                f"{self.url} redirects requests, which are sent to no other server.",
                place=path,
                remedy="Name the address of the server itself.",
            )
        return JsonReply(answer.status_code, _plain(bytes(data)))


def _plain(data: bytes) -> Any:
    text = data.decode("utf-8", "replace")
    try:
        return load_json(text)
    except ValueError:
        return text
