"""What stands before every face over HTTP: who may ask, from where, and how much. And how a face is run.

`Guard(app, access)` is an ASGI app around another one; `serve_app` runs one under uvicorn until ctrl-C or SIGTERM.
Bound to loopback, whoever is on the machine may ask, and no page of a browser but our own. Elsewhere a token is needed.
"""

from __future__ import annotations

import errno
import hmac
import ipaddress
import secrets
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dataclaw.errors import UsageError
from dataclaw.serve.heap import keep_heap_small
from dataclaw.serve.problem import RefusedError, problem_of

BODY_BYTES = 1_000_000
"""Longest body of a request for which nothing else is said [bytes]."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""Headers of every answer; those that an app sets itself stay as they are."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at this name or address, with or without brackets."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask a face, and how much.

    Attributes:
        host: name or address that the face is bound to.
        token: what every request must bring; None asks for none, which only loopback may do.
        body_bytes: longest body of a request [bytes].
        larger: longest body below a path, where that is another one [bytes].
    """

    host: str
    token: str | None = None
    body_bytes: int = BODY_BYTES
    larger: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def at(cls, host: str, token: str | None = None, *, larger: Mapping[str, int] | None = None) -> Access:
        """Access to a face bound to `host`: with the token that is given, or with a new one where one is needed."""
        return cls(host, token or (None if is_loopback(host) else secrets.token_urlsafe(32)), larger=larger or {})

    def most_bytes(self, path: str) -> int:
        """Longest body of a request for a path [bytes]."""
        return next((most for start, most in self.larger.items() if path.startswith(start)), self.body_bytes)

    def check(self, request: Request) -> None:
        """Refuse who may not ask.

        Raises:
            RefusedError: a strange host, a page of somebody else, a wrong token, or a body that is too long.
        """
        host = request.headers.get("host", "")
        if is_loopback(self.host) and not is_loopback(_split(host)[0]):
            raise RefusedError(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"this server does not go by the name {host!r}.",
                place="Host",
                remedy="Ask for http://127.0.0.1 or http://localhost, with its port.",
            )
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != (host.lower() or "no host"):
            raise _foreign("Origin", f"a page of {origin!r} asked.")
        if request.method not in SAFE and request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            raise _foreign("Sec-Fetch-Site", "a page of another site asked.")
        self._check_token(request)
        length, most = request.headers.get("content-length", "0"), self.most_bytes(request.scope["path"])
        if not length.isdecimal() or len(length) > 15 or int(length) > most:
            raise too_long(most)

    def _check_token(self, request: Request) -> None:
        if self.token is None:
            return
        scheme, _, brought = request.headers.get("authorization", "").partition(" ")
        brought = brought if scheme.lower() == "bearer" else request.cookies.get(cookie_name(request), "")
        if not hmac.compare_digest(brought.strip().encode(), self.token.encode()):
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED,
                "no token came with the request, or a wrong one.",
                place="Authorization",
                remedy="Send the header `Authorization: Bearer TOKEN`, or open the address that was printed at start.",
            )

    def admits_page(self, request: Request) -> bool:
        """Whether a page is opened by its address with the right token in it (`?token=`)."""
        brought = request.query_params.get("token")
        if self.token is None or brought is None or request.method != "GET":
            return False
        return hmac.compare_digest(brought.encode(), self.token.encode())


def cookie_name(request: Request) -> str:
    """The cookie that holds the token; servers of one machine share cookies, so its port is in it."""
    return f"dataclaw_{_split(request.headers.get('host', ''))[1]}"


def _split(host: str) -> tuple[str, int]:
    """Name and port of a Host header; an empty name where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname or "", parts.port or 80
    except ValueError:
        return "", 80


def _foreign(place: str, message: str) -> RefusedError:
    return RefusedError(
        HTTPStatus.FORBIDDEN, message, place=place, remedy="Ask from a page of this server, or from a program."
    )


def too_long(most: int) -> RefusedError:
    """The refusal of a body longer than so many bytes."""
    return RefusedError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body is longer than {most:,} bytes, or does not say how long it is.",
        place="Content-Length",
        remedy="Send less, or start the server with a larger limit.",
    )


class Guard:
    """An ASGI app that lets through to another one what `Access` allows, and puts `HEADERS` on every answer.

    Args:
        app: what is guarded.
        access: who may ask, and how much.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse or pass on; web sockets are refused."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope, receive, _with_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            if not self.access.admits_page(request):
                self.access.check(request)
                body = _Body(receive, send, self.access.most_bytes(scope["path"]))
                await body.pass_to(self.app, scope)
                return
            Access(self.access.host).check(request)
        except RefusedError as error:
            await problem_of(error)(scope, receive, send)
            return
        await self._open_page(request)(scope, receive, send)

    def _open_page(self, request: Request) -> RedirectResponse:
        """Keep the token in a cookie and go on without it in the address, where histories and logs would have it."""
        rest = [(key, value) for key, value in request.query_params.multi_items() if key != "token"]
        path = "/" + quote(request.scope["path"].lstrip("/\\"))  # `//name` would lead to another server
        answer = RedirectResponse(path + (f"?{urlencode(rest)}" if rest else ""), HTTPStatus.SEE_OTHER)
        assert self.access.token is not None
        answer.set_cookie(cookie_name(request), self.access.token, httponly=True, samesite="lax")
        return answer


class _Body:
    """A request's body, counted while it comes; one that is too long is refused in the middle."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self.receive, self.send, self.most = receive, send, most
        self.got = 0
        self.started = self.is_refused = False

    async def pass_to(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception:
            if not self.is_refused:
                raise
        if self.is_refused and not self.started:
            await problem_of(too_long(self.most))(scope, self.receive, self.send)

    async def _receive(self) -> Message:
        if self.is_refused:
            return {"type": "http.disconnect"}
        message = await self.receive()
        self.got += len(message.get("body", b""))
        self.is_refused = self.got > self.most
        return {"type": "http.disconnect"} if self.is_refused else message

    async def _send(self, message: Message) -> None:
        if self.is_refused and not self.started:
            return
        self.started = True
        await self.send(message)


def _with_headers(send: Send) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens at a host and a port; port 0 takes a free one.

    Raises:
        UsageError: the port is taken, or the host is none of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        raise UsageError(
            f"cannot listen there: {error.strerror or error}.",
            place=f"{host}:{port}",
            remedy="Name another --port; 0 takes a free one." if taken else "Check --host and --port.",
        ) from None
    listener.listen(128)
    return listener


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()


def serve_app(app: ASGIApp, access: Access, port: int, announce: Callable[[str], None], *, path: str = "/") -> None:
    """Run an app behind its guard until ctrl-C or SIGTERM; requests under way get two seconds to end.

    Args:
        app: the face.
        access: who may ask; it is bound to `access.host`.
        port: port to listen at, 0 for a free one.
        announce: told the address once the app has started, with the token in it where one is needed.
        path: path of the first page, for the address.

    Raises:
        UsageError: it cannot listen there.
    """
    keep_heap_small()
    listener = bind(access.host, port)
    name = f"[{access.host.strip('[]')}]" if ":" in access.host else access.host
    query = f"?{urlencode({'token': access.token})}" if access.token else ""
    address = f"http://{name}:{listener.getsockname()[1]}{path}{query}"
    config = uvicorn.Config(
        Guard(app, access), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises again what it was stopped by
    try:
        _Announcing(config, lambda: announce(address)).run([listener])
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)
        listener.close()
