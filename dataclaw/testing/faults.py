"""What servers do wrong, by name: the wire, HTTP, status codes, and answers that cannot be.

Whoever asks servers can be tried against all of them: each must end in time, with an error that says what to do,
without the key in it, and without asking anybody else.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dataclaw.testing.server import Asked, Fault, ModelServer, Reply
from dataclaw.types import Action, Json

FOREVER = 3600.0
"""Longer than anybody waits [s]; a server that is closed stops waiting."""
YEAR = 365 * 86_400
STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 501, 502, 503, 504, 529)
REDIRECTS = (301, 302, 303, 307, 308)
SECRETS = ("authorization", "x-api-key", "x-goog-api-key")
"""Headers that bring a key."""


@dataclass(frozen=True, slots=True)
class ServerFault:
    """A way to fail.

    Attributes:
        name: what it is called.
        answer: what is answered.
        may_pass: an answer of that kind may still be one (a header too many, a key that stands twice).
    """

    name: str
    answer: Callable[[Asked], Fault | Reply]
    may_pass: bool = False


def server_faults(other: ModelServer) -> Mapping[str, ServerFault]:
    """Every fault that a server can have, by name; only one that nobody listens at is not among them.

    Args:
        other: a server that nobody should ask; redirects lead there.
    """
    port = int(other.address.rpartition(":")[2])
    found = [*_wire(), *_http(), *_codes(), *_redirects(f"127.0.0.1:{port}", f"localhost:{port}"), *_answers()]
    return {fault.name: fault for fault in found}


def _always(name: str, fault: Fault, *, may_pass: bool = False) -> ServerFault:
    return ServerFault(name, lambda _: fault, may_pass)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _wire() -> list[ServerFault]:
    """Connections that end, hang or trickle."""
    return [
        _always("closed without an answer", Fault(drop=True)),
        _always("reset without an answer", Fault(raw=b"", reset=True)),
        _always("reset in the middle of a body", Fault(raw=HEAD + b"Content-Length: 999\r\n\r\n{", reset=True)),
        _always("never answers", Fault(delay=FOREVER)),
        _always("headers, then silence", Fault(raw=HEAD + b"Content-Length: 999\r\n\r\n", stall=FOREVER)),
        _always("a header a byte at a time", Fault(raw=HEAD + b"X-Slow: " + b"x" * 9999, trickle=0.2)),
        _always("a body a byte at a time", Fault(200, " " * 9999, trickle=0.2)),
        _always("a body that is cut off", Fault(raw=HEAD + b'Content-Length: 999\r\n\r\n{"id": "x"')),
        _always("chunks that are cut off", Fault(raw=CHUNKED + b"5\r\n[1, 2\r\n")),
        _always("chunks, then silence", Fault(raw=CHUNKED + b"5\r\n[1, 2\r\n", stall=FOREVER)),
        _always("a body without end", Fault(200, endless=True)),
        _always("a header without end", Fault(raw=HEAD + b"X-Long: ", endless=True)),
    ]


def _http() -> list[ServerFault]:
    """What is not HTTP, or not as it should be."""
    many = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1000) for number in range(300))
    packed = {"Content-Encoding": "gzip"}
    return [
        _always("a page instead of HTTP", Fault(raw=b"<html>It works!</html>\n")),
        _always("bytes instead of HTTP", Fault(raw=bytes(range(256)) * 20)),
        _always("a status that is none", Fault(raw=b"HTTP/1.1 999999 Fine\r\n\r\n")),
        _always("two lengths", Fault(raw=HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")),
        _always("chunks of no size", Fault(raw=CHUNKED + b"fffffffffffffffffffff\r\n{}")),
        _always("300 KB of headers", Fault(raw=HEAD + many + b"Content-Length: 2\r\n\r\n{}")),
        _always("a packed body of 1 GiB", Fault(200, _bomb(), packed)),
        _always("a body that says it is packed", Fault(200, "{}", packed)),
    ]


def _bomb(size: int = 2**30) -> bytes:
    """So many zeros [bytes] as gzip, without the sum at its end: whoever comes to that has unpacked all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block * (size // 2**20)


def _codes() -> list[ServerFault]:
    """Refusals and outages."""
    limits = {"a few seconds": "2", "no number": "soon, I hope", "a year": str(YEAR), "less than nothing": "-5"}
    limits |= {"no end": "inf", "a date": "Fri, 31 Dec 2999 23:59:59 GMT"}
    return [
        *(_always(f"{status}", Fault(status, {"error": {"message": "no", "code": "x"}})) for status in STATUSES),
        *(_always(f"429, again in {when}", Fault(429, headers={"Retry-After": told})) for when, told in limits.items()),
        _always("503 with a page", Fault(503, "<html>down</html>", {"Content-Type": "text/html"})),
        ServerFault("401 that repeats the key", lambda asked: Fault(401, {"error": {"message": _keys(asked)}})),
        ServerFault("500 that repeats the key", lambda asked: Fault(500, f"<html>{_keys(asked)}</html>")),
    ]


def _keys(asked: Asked) -> str:
    return f"Wrong key: {' '.join(asked.headers.get(name, '') for name in SECRETS)}"


def _redirects(port: str, host: str) -> list[ServerFault]:
    """Other addresses instead of an answer."""
    return [
        *(
            ServerFault(f"{status} to another port", lambda asked, s=status: _leads(s, f"http://{port}{asked.path}"))
            for status in REDIRECTS
        ),
        ServerFault("307 to another host", lambda asked: _leads(307, f"http://{host}{asked.path}")),
        ServerFault("307 to itself", lambda asked: _leads(307, asked.path)),
        ServerFault("307 to a file", lambda _: _leads(307, "file:///etc/hostname")),
        ServerFault("307 to nowhere", lambda _: Fault(307, "")),
    ]


def _leads(status: int, where: str) -> Fault:
    return Fault(status, "", {"Location": where})


def _answers() -> list[ServerFault]:
    """Answers that say 200 and are none."""
    deep = "[" * 100_000 + "]" * 100_000
    return [
        _always("a page", Fault(200, "<html>Log in</html>", {"Content-Type": "text/html"})),
        _always("nothing", Fault(200, "")),
        _always("no JSON", Fault(200, '{"id": "x", "choices": [')),
        _always("no UTF-8", Fault(200, b'{"id": "\xff\xfe\xc3"}')),
        _always("JSON of another kind", Fault(200, [1, None, {"id": 3}])),
        _always("JSON null", Fault(200, None)),
        _always("JSON 100,000 deep", Fault(200, deep)),
        _always("a number of 100,000 digits", Fault(200, f'{{"id": {"9" * 100_000}}}')),
        _always("NaN", Fault(200, '{"id": NaN, "choices": Infinity}')),
        ServerFault("no choices", lambda asked: Fault(200, _EMPTY[asked.wire])),
        ServerFault("choices of another kind", lambda asked: Fault(200, {**_EMPTY[asked.wire], **_ODD[asked.wire]})),
        ServerFault("keys that stand twice", _twice, may_pass=True),
        ServerFault("an answer without a word", lambda _: Reply()),
        ServerFault("a tool that there is not", lambda _: Reply(calls=[Action("summon", {"what": "a demon"})])),
        ServerFault("a tool with other arguments", lambda _: Reply(calls=[Action("submit", {"draft": 3, "x": None})])),
        ServerFault("a call whose arguments are no JSON", _odd_call),
        ServerFault("text that is no answer", lambda _: Reply("I would rather not. " * 50)),
    ]


_EMPTY: dict[str, dict[str, Json]] = {
    "openai": {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []},
    "anthropic": {"id": "x", "type": "message", "role": "assistant", "model": "m", "content": [],
                  "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 0}},
    "google": {"candidates": [], "modelVersion": "m", "responseId": "x"},
}  # fmt: skip
_ODD = {"openai": {"choices": "many"}, "anthropic": {"content": 7}, "google": {"candidates": {"a": 1}}}


def _twice(asked: Asked) -> Fault:
    """An answer whose keys stand in it twice, first with other values."""
    said = json.dumps(_EMPTY[asked.wire])
    return Fault(200, said.replace("{", '{"id": 7, "choices": null, "content": null, "candidates": null, ', 1))


def _odd_call(asked: Asked) -> Fault | Reply:
    if asked.wire != "openai":
        return Reply(calls=[Action("list_events", {"page": "\x00"})])
    call = {"id": "c1", "type": "function", "function": {"name": "list_events", "arguments": '{"page": '}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return Fault(200, {**_EMPTY["openai"], "choices": [{"index": 0, "finish_reason": "stop", "message": message}]})
