"""A reader who follows a page word for word: writes its files and says its commands, in order."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import Block, blocks

COMMAND = [sys.executable, "-m", "dataclaw.cli"]


def follow_page(page: str, place: Path) -> None:
    """Do what a page says, from top to bottom."""
    for block in blocks(page):
        follow(block, place)


def follow(block: Block, place: Path) -> None:
    """Do what a block says; what is printed below a command must come out of it, line by line."""
    if block.file:
        (place / block.file).parent.mkdir(parents=True, exist_ok=True)
        (place / block.file).write_text(block.text, encoding="utf-8")
    elif block.language == "console":
        for command in block.text.split("$ ")[1:]:
            said, *shown = command.strip().splitlines()
            check(shlex.split(said)[1:], shown, place)


def check(words: list[str], shown: list[str], place: Path) -> None:
    environment = os.environ | {"COLUMNS": "160", "NO_COLOR": "1"}
    done = subprocess.run([*COMMAND, *words], cwd=place, env=environment, capture_output=True, text=True)
    printed = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for line in shown:
        assert any(" ".join(line.split()) in given for given in printed), (words, line, done.stdout + done.stderr)
    fails = any(line.startswith("error ") for line in shown)
    assert done.returncode == int(fails), done.stdout + done.stderr


def run_tests(folder: str, place: Path) -> None:
    """The domain's own tests pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
    tested = subprocess.run(command, cwd=place, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout
