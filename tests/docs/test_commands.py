"""Every command of the pages is one that exists: parsed by the real command line, or run where that is quick."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from dataclaw.cli import app
from pyautogui_trace_parsers.__main__ import main as show_trace
from tests.docs.pages import ROOT, all_blocks, commands, pages

ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def check_dataclaw(words: Sequence[str]) -> None:
    command: Any = typer.main.get_command(app)
    names = list(words)
    while hasattr(command, "commands") and names and not names[0].startswith("-"):
        assert names[0] in command.commands, f"dataclaw has no command {names[0]!r}"
        command = command.commands[names.pop(0)]
    command.make_context("dataclaw", names)


def check_make(words: Sequence[str]) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(words) <= targets


def check_pip(words: Sequence[str]) -> None:
    assert words[0] == "install"
    for word in words[1:]:
        name, _, extras = word.rstrip("]").partition("[")
        if name in (".", PROJECT["name"]):
            assert set(extras.split(",")) - {""} <= set(PROJECT["optional-dependencies"])
        else:
            assert any(need.startswith(name) for need in PROJECT["dependencies"]), f"{name} is none of ours"


def check_python(words: Sequence[str]) -> None:
    if words[:2] == ["-m", "pyautogui_trace_parsers"]:
        assert show_trace(list(words[2:])) == 0
    elif words[0] == "-m":
        assert words[1] == "pytest" or hasattr(importlib.import_module(words[1]), "main"), f"no program {words[1]}"
    else:
        assert (ROOT / words[0]).is_file(), f"no script {words[0]}"


CHECKS: dict[str, Callable[[Sequence[str]], None]] = {
    "dataclaw": check_dataclaw,
    "make": check_make,
    "pip": check_pip,
    "python": check_python,
}


def spoken() -> list[tuple[str, list[str]]]:
    return [(str(block), command) for block in all_blocks("console") for command in commands(block)]


@pytest.mark.parametrize(("where", "command"), spoken(), ids=lambda value: value if isinstance(value, str) else None)
def test_commands_exist(where: str, command: list[str], place: Path) -> None:
    while ASSIGNMENT.fullmatch(command[0]):
        command = command[1:]
    program, *words = command
    CHECKS[Path(program).name](words)


def test_a_wrong_command_is_found() -> None:
    for words in (
        ["run", "-i", "y"],
        ["run", "x", "-i", "y", "--nonsense"],
        ["nonsense"],
        ["run", "x", "-i", "y", "-w", "z"],
    ):
        with pytest.raises(Exception, match=r"Missing|No such|no command|valid integer"):
            check_dataclaw(words)


def test_console_blocks_hold_commands() -> None:
    assert all(commands(block) for block in all_blocks("console"))


def test_there_are_pages() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/intents.md"} <= set(pages())
