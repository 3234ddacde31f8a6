"""Every Python block of the pages runs, and prints what stands there."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from dataclaw.models.weights import EMBEDDED, models_folder
from tests.docs.pages import Block, all_blocks, blocks, pages

MARKS = {"hub", "server", "weights"}
PRINTED = re.compile(r"^ *# > ?(.*)$", re.MULTILINE)


def test_blocks_have_known_marks() -> None:
    wrong = [f"{block}: {sorted(block.marks - MARKS)}" for block in all_blocks("python") if block.marks - MARKS]
    assert not wrong


@pytest.mark.parametrize("page", [page for page in pages() if any(b.language == "python" for b in blocks(page))])
def test_blocks_run_in_order(page: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "__docs__"}
    write_files(page, place)
    for block in blocks(page):
        if block.language == "python" and not block.file and not block.marks:
            run(block, names, capsys)


@pytest.mark.parametrize("block", [block for block in all_blocks("python") if block.marks], ids=str)
def test_blocks_that_need_more(block: Block, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compile(block.text, str(block), "exec")
    if lacking := missing(block):
        pytest.skip(f"needs {lacking}")
    run(block, {"__name__": "__docs__"}, capsys)


def run(block: Block, names: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    """Run a block and hold what it prints to its `# >` lines."""
    exec(compile(block.text, str(block), "exec"), names)  # the pages are ours
    assert printed(capsys.readouterr().out) == printed("\n".join(PRINTED.findall(block.text))), str(block)


def missing(block: Block) -> str:
    if "server" in block.marks:
        return "a server or a provider's key"
    if "hub" in block.marks:
        return "a corpus, and a model of the hub"
    weights = models_folder() / EMBEDDED.member.rsplit("/", 1)[-1]
    return "the embedded model's weights" if "weights" in block.marks and not weights.is_file() else ""


def printed(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def write_files(page: str, folder: Path) -> None:
    """Write the blocks that name a file."""
    for block in blocks(page):
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")


@pytest.mark.parametrize(("language", "read"), [("json", json.loads), ("toml", tomllib.loads)])
def test_data_blocks_are_what_they_say(language: str, read: Callable[[str], object]) -> None:
    found = all_blocks(language)
    assert found
    for block in found:
        assert read(block.text), str(block)
