"""Faults of servers: they happen as they are called, and whatever of ours asks servers ends well."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from dataclaw.testing import Asked, Fault, ModelServer, server_faults
from endurance.faults import KEY, REFUSED, Asker, askers, try_faults

QUICK = (
    "^(closed without|reset in the middle|300 KB|a body that is cut|a page instead|401 that repeats|307 to another host"
)
QUICK += "|JSON 100,000|JSON of another|keys that stand|refused)"


def send(server: ModelServer) -> httpx.Response:
    return httpx.post(f"{server.url}/chat/completions", json={}, timeout=60)


def test_faults_of_the_wire_happen_as_they_are_called() -> None:
    with ModelServer(lambda _: Fault()) as server:
        for name, error in {
            "closed without an answer": httpx.RemoteProtocolError,
            "reset without an answer": httpx.ReadError,
            "reset in the middle of a body": httpx.ReadError,
            "a body that is cut off": httpx.RemoteProtocolError,
            "a page instead of HTTP": httpx.RemoteProtocolError,
        }.items():
            server.answer = server_faults(server)[name].answer
            with pytest.raises(error):
                send(server)
        server.answer = server_faults(server)["chunks, then silence"].answer
        with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2])), 60) as line:
            line.sendall(b"POST /v1 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            while b"[1, 2" not in (said := line.recv(1000)):
                assert said
            line.settimeout(0.2)
            with pytest.raises(TimeoutError):
                line.recv(1)


def test_the_packed_body_is_small_and_unpacks_to_a_gibibyte() -> None:
    with ModelServer(lambda _: Fault()) as server:
        server.answer = server_faults(server)["a packed body of 1 GiB"].answer
        with httpx.stream("POST", f"{server.url}/x", json={}, timeout=60) as answer:
            assert int(answer.headers["content-length"]) < 2**21
            assert len(next(answer.iter_bytes(2**22))) == 2**22


@pytest.mark.parametrize("at", range(9))
def test_whatever_asks_a_server_ends_with_the_right_words(
    tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataclaw.agent.policy.asking.PAUSE", 0.01)
    asker = askers(tmp_path)[at]
    tried = list(try_faults(asker, lambda name: bool(re.search(QUICK, name)), limit=120.0))
    assert len(tried) == 11
    assert [one for one in tried if one.problem] == []


@pytest.mark.slow
def test_the_command_ends_with_the_right_words(tmp_path: Path) -> None:
    (asker,) = (one for one in askers(tmp_path) if one.name == "dataclaw run")
    tried = list(try_faults(asker, lambda name: name == "401 that repeats the key", limit=120.0))
    assert [one.problem for one in tried] == [""]


def test_what_goes_wrong_is_found() -> None:
    def problems(ask: Callable[[ModelServer], str], fault: str = "500") -> list[str]:
        found = try_faults(Asker("it", ask), lambda name: name == fault, limit=0.5)
        return [one.problem for one in found]

    def follow(server: ModelServer) -> str:
        answer = httpx.post(server.url, json={}, headers={"X-Api-Key": KEY}, follow_redirects=True)
        return f"redirects to {answer.url}"

    def crash(server: ModelServer) -> str:
        send(server)
        raise KeyError("choices")

    assert problems(lambda server: send(server).text[:0]) == ["it is taken for an answer"]
    assert problems(lambda _: "no answer") == ["it was not asked"]
    assert problems(crash) == ["untyped: KeyError: 'choices'"]
    assert problems(lambda server: f"no answer {send(server).text} {KEY}") == ["the key is in it"]
    assert problems(follow, "307 to another port") == ["another server was asked; the key went to another server"]
    assert problems(lambda server: f"{send(server)}", "never answers") == ["goes on after 0.5 s"]
    assert problems(lambda _: "oh", REFUSED)[0].startswith("it does not say")


def test_a_get_is_answered_as_told() -> None:
    def listing(asked: Asked) -> Fault:
        return Fault(200, {"path": asked.path})

    with ModelServer(lambda _: Fault(), listing=listing) as server:
        assert httpx.get(f"{server.url}/models").json() == {"path": "/v1/models"}
    assert [one.path for one in server.asked] == ["/v1/models"]
