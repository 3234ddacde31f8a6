"""What a check is trying right now, told to the process that watches it.

The words lie in memory that both processes share, so that they outlive whatever ends the process that wrote them.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from dataclaw.plugins import guard

SIZE = 2048
"""Size of the shared memory [bytes]."""
LONGEST = 60
"""Most of a name that is told [characters]; escaped, all of them fit."""
OWN = 900.0
"""How long a step of the check itself may take, where no plugin's code runs [s]."""
Kind = Literal["kit", "import", "rule", "tool", "plan"]
_LIMITS = {"import": "IMPORT", "rule": "RULE", "tool": "TOOL", "plan": "PLAN"}


@dataclass(frozen=True, slots=True)
class CheckStep:
    """What is being tried.

    Attributes:
        what: the part ("rule shop.complete", "importing rules.py"), or what the check does itself.
        kind: whose code runs: the check's own, or a module's import, a rule, a tool or a plan of the plugin.
        file: the plugin's file that it is in, "" when it is none.
        line: line in the file, 0 when unknown.
        task: the task, "" when it is none.
        at: the fixture ("fixtures.jsonl:3"), "" when it is none.
    """

    what: str
    kind: Kind = "kit"
    file: str = ""
    line: int = 0
    task: str = ""
    at: str = ""

    @property
    def seconds(self) -> float:
        """Wall-clock time after which nobody waits for it any longer: twice what the guard allows [s]."""
        limit: guard.Limit | None = getattr(guard, _LIMITS[self.kind]) if self.kind in _LIMITS else None
        return 2 * limit.wall if limit else OWN


class _Now:
    """The step that runs, and where it is written to."""

    step = CheckStep("starting")
    memory: mmap.mmap | None = None
    count = 0


def current() -> CheckStep:
    """The step that runs in this process."""
    return _Now.step


@contextmanager
def trying(step: CheckStep) -> Generator[None]:
    """Tell that this step runs, and afterwards the one around it again; a fixture that is not named stays the same."""
    before = _Now.step
    _tell(step if step.at else CheckStep(step.what, step.kind, step.file, step.line, step.task, before.at))
    try:
        yield
    finally:
        _tell(before)


def _tell(step: CheckStep) -> None:
    _Now.step = step
    if _Now.memory is not None:
        _Now.count += 1
        said = {key: value[:LONGEST] if isinstance(value, str) else value for key, value in asdict(step).items()}
        text = json.dumps([_Now.count, step.seconds, said]).encode()
        _Now.memory[: len(text) + 1] = text + b"\0"


def tell_in(file: Path) -> None:
    """Tell every step in a file of `SIZE` bytes from now on."""
    with file.open("r+b") as memory:
        _Now.memory = mmap.mmap(memory.fileno(), SIZE)
    _tell(_Now.step)


class Watched:
    """The other end: what the process that writes to a file is trying."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(SIZE))
        self._file = file

    def read(self) -> tuple[int, float, CheckStep]:
        """How many steps there were, how long this one may take [s], and what it is."""
        text = self._file.read_bytes().partition(b"\0")[0]
        try:
            count, seconds, step = json.loads(text)
            return count, seconds, CheckStep(**step)
        except (ValueError, TypeError):  # nothing told yet, or caught in the middle of a word
            return -1, OWN, CheckStep("starting")
