"""Reads our Markdown: fenced blocks with their language and, where one stands above, the name of their file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^( *)```([a-z]*)(.*)$")
_FILE = re.compile(r"^`([\w./-]+)`:?$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        page: path of the page from the root.
        line: line of its first line, from 1.
        language: first word of the fence.
        marks: the other words ("server", "weights").
        file: the name in backticks on the line above, "" without one.
        text: what it holds.
    """

    page: str
    line: int
    language: str
    marks: frozenset[str]
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Every Markdown page of the project's root and `docs`."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md"), *(ROOT / "examples").glob("**/*.md")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page in order."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start, above = None, ""
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if start is None and fence:
            named = _FILE.match(above)
            start, head, file = number, fence, named[1] if named else ""
        elif start is not None and line.strip() == "```":
            text = "\n".join(inner.removeprefix(head[1]) for inner in lines[start : number - 1]) + "\n"
            yield Block(page, start + 1, head[2], frozenset(head[3].split()), file, text)
            start, above = None, ""
        elif start is None and line.strip():
            above = line.strip()
    assert start is None, f"{page}:{start}: a block that does not end"


def all_blocks(language: str = "") -> list[Block]:
    """Blocks of every page, of one language or of all."""
    return [block for page in pages() for block in blocks(page) if not language or block.language == language]


def commands(block: Block) -> list[list[str]]:
    """The commands of a console block as words: lines after `$`, continued by a backslash."""
    joined = block.text.replace("\\\n", " ")
    return [shlex.split(line[2:], comments=True) for line in joined.splitlines() if line.startswith("$ ")]
