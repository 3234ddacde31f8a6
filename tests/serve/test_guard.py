from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dataclaw.serve.guard import Access, is_loopback
from tests.serve.conftest import Face, Start

HELLO = Path(__file__).with_name("hello.py")
EVIL = "http://evil.example"


@pytest.fixture
def open_face(start: Start) -> Face:
    return start(HELLO, "127.0.0.1", 0, "")


@pytest.fixture
def closed_face(start: Start) -> Face:
    return start(HELLO, "127.0.0.1", 0, "open sesame")


def test_only_names_of_loopback_are_answered(open_face: Face) -> None:
    port = open_face.url.rpartition(":")[2]
    for name in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "LOCALHOST"):
        assert httpx.get(f"{open_face.url}/page", headers={"Host": name}).status_code == 200
    for name in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost@evil", "", "127.0.0.1:x"):
        answer = httpx.get(f"{open_face.url}/page", headers={"Host": name})
        assert answer.status_code in (400, 421), name
    assert answer.json()["remedy"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_of_others_are_refused_and_programs_are_not(open_face: Face) -> None:
    def post(**headers: str) -> int:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return httpx.post(f"{open_face.url}/count", content=b"abc", headers=named).status_code

    assert post() == 200
    assert post(Origin=open_face.url) == 200
    for origin in (EVIL, "null", "", open_face.url + "0", "http://localhost"):
        assert post(Origin=origin) == 403, origin
    assert post(Sec_Fetch_Site="cross-site") == 403
    assert post(Sec_Fetch_Site="same-origin") == 200
    assert httpx.get(f"{open_face.url}/page", headers={"Origin": EVIL}).status_code == 403


def test_every_answer_has_the_headers(open_face: Face) -> None:
    for answer in (httpx.get(f"{open_face.url}/page"), httpx.get(f"{open_face.url}/page", headers={"Origin": EVIL})):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


def test_a_body_that_is_too_long_is_refused_whether_it_says_so_or_not(open_face: Face) -> None:
    def pieces(count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield b"x" * 100_000

    def post(path: str, content: object) -> httpx.Response:
        return httpx.post(f"{open_face.url}{path}", content=content)  # pyright: ignore[reportArgumentType]

    assert post("/count", pieces(10)).text == "1000000"
    assert post("/count", pieces(11)).status_code == 413
    assert post("/count", b"x" * 1_000_001).status_code == 413
    assert post("/big", pieces(11)).text == "1100000"
    assert post("/count", b"abc").text == "3"


def test_without_the_token_nothing_is_answered(closed_face: Face) -> None:
    at = f"{closed_face.url}/page"
    assert httpx.get(at, headers={"Authorization": "Bearer open sesame"}).text == "hello "
    for value in (
        "Bearer wrong",
        "Bearer",
        "open sesame",
        "Basic open sesame",
        "Bearer open sesame2",
        "Bearer \xe9",
    ):
        answer = httpx.get(at, headers={"Authorization": value.encode("latin-1")})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), value
    assert httpx.get(at, headers={"Authorization": "Bearer open sesame", "Origin": EVIL}).status_code == 403


def test_the_printed_address_opens_a_page_and_leaves_no_token_behind(closed_face: Face) -> None:
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(closed_face.address + "&a=1")
        assert (page.text, page.url.query) == ("hello a=1", b"a=1")
        assert browser.post(f"{closed_face.url}/count", content=b"abc").text == "3"
        assert page.history[0].headers["set-cookie"].endswith("HttpOnly; Path=/; SameSite=lax")
    assert httpx.get(f"{closed_face.url}/page?token=wrong").status_code == 401
    assert httpx.post(f"{closed_face.url}/count?token=open+sesame").status_code == 401
    away = httpx.get(f"{closed_face.url}//evil.example/?token=open+sesame")
    assert away.headers["location"] == "/evil.example/"
    assert httpx.get(closed_face.address, headers={"Host": "evil.example"}).status_code == 421


def test_elsewhere_than_on_loopback_a_token_is_made() -> None:
    assert Access.at("127.0.0.1").token is None
    made = {Access.at("0.0.0.0").token for _ in range(3)}
    assert len(made) == 3
    assert all(token and len(token) >= 40 for token in made)
    assert [
        is_loopback(host) for host in ("::1", "[::1]", "127.8.8.8", "localhost", "0.0.0.0", "::", "host", "10.0.0.1")
    ] == [
        *[True] * 4,
        *[False] * 4,
    ]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly(start: Start, end: int) -> None:
    face = start(HELLO, "127.0.0.1", 0, "")
    assert httpx.get(f"{face.url}/page").status_code == 200
    assert face.stop(end) == 0
    assert face.process.stdout is not None
    assert face.process.stdout.read() == "ended cleanly\n"


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run([sys.executable, HELLO, "127.0.0.1", str(port), ""], capture_output=True, text=True)
    assert done.stdout.startswith(f"127.0.0.1:{port}: cannot listen there")
    assert "--port" in done.stdout
