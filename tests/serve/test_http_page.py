"""The blocks of `docs/http.md` work: those for a shell, and the one for OpenAI's client."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.serve.conftest import ROOT, Face, program, serve

ADDRESS = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    with program(*serve("--root", ROOT / "examples"), cwd=tmp_path_factory.mktemp("server")) as face:
        yield face


def texts(language: str, face: Face) -> list[str]:
    return [block.text.replace(ADDRESS, face.url) for block in blocks("docs/http.md") if block.language == language]


def test_the_blocks_for_a_shell_work(face: Face, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("no curl here")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    script = "".join(texts("sh", face)).replace("curl ", "curl --fail-with-body ")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "event: end" in (tmp_path / "events.txt").read_text()
    page = json.loads((tmp_path / "samples.json").read_text())
    assert page["items"][0]["answer"]
    assert page["next"] == 1
    assert json.loads((tmp_path / "rejected.json").read_text())["items"] == []
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    picture = (tmp_path / "frame.jpg").read_bytes()
    assert picture.startswith(b"\xff\xd8\xff")
    assert (tmp_path / "first_bytes.jpg").read_bytes() == picture[:100]


def test_the_block_for_a_client_works(face: Face, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = texts("python", face)
    exec(compile(block, "docs/http.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed == [line.removeprefix("# > ") for line in block.splitlines() if line.startswith("# > ")]
