"""HTTP with JSON to a server of one's own: no proxy, no redirect, no retry, and answers of bounded size and time."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any, cast

import httpx

from dataclaw.errors import PolicyError
from dataclaw.models.deadline import Deadline
from dataclaw.models.keys import hide
from dataclaw.strict import load_json

LARGEST = 64 << 20
"""Most bytes of an answer."""
SECONDS = 600.0
"""How long an answer may take, from the request to its last byte [s]."""
CONNECT = 10.0
"""How long a connection may take [s]."""


@dataclass(frozen=True, slots=True)
class JsonReply:
    """What a server answered.

    Attributes:
        status: of HTTP.
        body: plain JSON, or the text where the answer is not JSON.
        says: the server's own words, short, printable, and without the key.
    """

    status: int
    body: Any
    says: str


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
        seconds: how long an answer may take [s].

    Raises:
        PolicyError: the URL is not the address of a server.
    """

    def __init__(self, url: str, *, key: str = "", seconds: float = SECONDS) -> None:
        self._key, self._seconds = key, seconds
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
            timeout=httpx.Timeout(seconds, connect=min(CONNECT, seconds)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def get(self, path: str) -> JsonReply:
        """The answer to a GET.

        Raises:
            PolicyError: no server answers in time, it redirects the request, or its answer is too large.
        """
        return self._send("GET", path, {})

    def post(self, path: str, body: Any) -> JsonReply:
        """The answer to a POST of plain JSON.

        Raises:
            PolicyError: as `get`.
        """
        return self._send("POST", path, {"json": body})

    def _send(self, method: str, path: str, content: dict[str, Any]) -> JsonReply:
        data, status = bytearray(), 0
        with Deadline(self._seconds) as deadline:
            try:
                with self._client.stream(method, path, extensions=deadline.extensions, **content) as answer:
                    status = answer.status_code
                    if answer.headers.get("content-encoding", "identity") != "identity":
                        raise PolicyError(
                            f"{self.url} answers what is packed, unasked.",
                            place=path,
                            remedy="Name the address of the server itself, without a proxy before it.",
                        )
                    for chunk in answer.iter_raw():  # as it came: nothing is inflated
                        data += chunk
                        if len(data) > LARGEST:
                            raise PolicyError(
                                f"{self.url} answered with more than {LARGEST >> 20} MiB.",
                                place=path,
                                remedy="Check that the address is that of a model's server.",
                            )
            except httpx.HTTPError as error:
                if not (deadline.is_over or isinstance(error, httpx.ReadTimeout)):
                    raise PolicyError(
                        f"no server answers at {self.url}: {hide(str(error), [self._key]) or type(error).__name__}.",
                        place=path,
                        remedy="Start it (docs/serving.md), wait until it listens, and name its address.",
                    ) from None
                deadline.is_over = True
        if deadline.is_over:
            raise PolicyError(
                f"{self.url} did not answer within {self._seconds:g} s.",
                place=path,
                remedy="Look at its log; ask it for less at once, or start it anew.",
            )
        if 300 <= status < 400:
            raise PolicyError(
                f"{self.url} redirects requests, which are sent to no other server.",
                place=path,
                remedy="Name the address of the server itself.",
            )
        body = _plain(bytes(data))
        return JsonReply(status, body, hide(_words(body), [self._key])[:300])


def _plain(data: bytes) -> Any:
    text = data.decode("utf-8", "replace")
    try:
        return load_json(text)
    except ValueError:
        return text


def _words(body: Any) -> str:
    error = table(body).get("error", body)
    text = table(error).get("message", table(error).get("detail", error))
    return "".join(char for char in str(text)[:10_000] if char.isprintable())
