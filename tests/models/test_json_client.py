"""JSON over HTTP: an answer has a time and a size, whatever the server does, and the key stays where it is."""

from __future__ import annotations

import pytest

from dataclaw.errors import PolicyError
from dataclaw.models.json_client import JsonClient
from dataclaw.testing import Fault, ModelServer

KEY = "a-key-of-24-characters-x"
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(200, " " * 9999, trickle=0.02),
        Fault(raw=HEAD + b"X-Slow: " + b"x" * 9999, trickle=0.02),
        Fault(raw=HEAD + b"\r\n{", stall=600),
        Fault(delay=600),
    ],
)
def test_an_answer_has_a_time_that_a_server_cannot_stretch(fault: Fault) -> None:
    with ModelServer(lambda _: fault) as server:
        with pytest.raises(PolicyError, match=r"did not answer within 0\.5 s") as raised:
            JsonClient(server.url, seconds=0.5).post("/v1/x", {})
        assert raised.value.remedy


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(200, endless=True), "more than 64 MiB"),
        (Fault(200, "{}", {"Content-Encoding": "gzip"}), "packed, unasked"),
        (Fault(307, "", {"Location": "/v1/y"}), "redirects requests"),
        (Fault(raw=b"<html>\n"), "no server answers"),
        (Fault(raw=HEAD + b"Content-Length: 9\r\n\r\n{}"), "no server answers"),
        (Fault(raw=b"", reset=True), "no server answers"),
    ],
)
def test_what_is_no_answer_says_what_to_do(fault: Fault, says: str) -> None:
    with ModelServer(lambda _: fault) as server:
        with pytest.raises(PolicyError, match=says) as raised:
            JsonClient(server.url, seconds=60).post("/v1/x", {})
        assert raised.value.remedy


def test_words_of_a_server_are_without_the_key() -> None:
    with ModelServer(lambda asked: Fault(400, {"detail": f"got {asked.headers['authorization']}"})) as server:
        reply = JsonClient(server.url, key=KEY).post("/v1/x", {})
    assert (reply.status, reply.says) == (400, "got Bearer (the key)")


def test_json_that_is_too_deep_is_text() -> None:
    with ModelServer(lambda _: Fault(200, "[" * 100_000)) as server:
        assert isinstance(JsonClient(server.url).post("/v1/x", {}).body, str)
