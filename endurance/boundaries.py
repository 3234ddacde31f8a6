"""Every operation by which a command changes files below a folder, counted, and one at which something goes wrong.

Python announces what opens, renames and removes files to audit hooks, before it happens; SQLite announces every
statement. A fault at operation N happens instead of it: the machine stops, or the operation fails.
"""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FAULTS = {"kill": 0, "ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EMFILE": errno.EMFILE}
"""What may happen: the process and all it started stop; the disk is full from then on; one operation fails."""
LINE = 160
"""Bytes that the journal has for each operation."""
_FILES = {"os.rename": 2, "os.remove": 1, "os.mkdir": 1, "os.rmdir": 1, "os.truncate": 1, "os.link": 2, "os.symlink": 2}
"""Operations, and how many of their arguments are paths."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = ("insert", "update", "delete", "create", "drop", "commit", "begin", "pragma journal", "alter", "replace")


@dataclass
class Boundaries:
    """Counts operations below a folder, over all processes that share the journal.

    Attributes:
        under: the folder.
        journal: file with a line for each operation.
        at: number of the operation at which the fault happens, from 0 on; -1 for none.
        fault: one of `FAULTS`.
    """

    under: Path
    journal: Path
    at: int = -1
    fault: str = "kill"
    _file: int = field(default=-1, repr=False)
    _busy: bool = field(default=False, repr=False)

    def arm(self) -> None:
        """Count from now on, in this process."""
        self._file = os.open(self.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        sys.addaudithook(self._hear)
        connect = sqlite3.connect

        def heard(*args: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*args, **options)
            connection.set_trace_callback(self._hear_statement)
            return connection

        sqlite3.connect = heard

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._busy:
            return
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & _WRITING:
                self._pass("open", path)
        elif event == "sqlite3.connect":
            self._pass(event, args[0])
        elif event in _FILES:
            for path in args[: _FILES[event]]:
                if self._is_below(path):
                    self._pass(event, path)
                    break

    def _hear_statement(self, statement: str) -> None:
        if statement.lstrip().lower().startswith(_CHANGING) and not self._busy:
            self._count(f"sqlite {statement.split(maxsplit=3)[:3]}")

    def _pass(self, event: str, path: Any) -> None:
        if self._is_below(path):
            self._count(f"{event} {os.path.relpath(os.fsdecode(path), self.under)}")

    def _is_below(self, path: Any) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        whole = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - follows no link
        return whole == str(self.under) or whole.startswith(f"{self.under}{os.sep}")

    def _count(self, what: str) -> None:
        self._busy = True
        try:
            os.write(self._file, f"{what[: LINE - 1]:<{LINE - 1}}\n".encode("ascii", "replace")[:LINE])
            number = os.fstat(self._file).st_size // LINE - 1
            if number == self.at or (self.fault == "ENOSPC" and 0 <= self.at < number):
                self._fail(what)
        finally:
            self._busy = False

    def _fail(self, what: str) -> None:
        if self.fault == "kill":
            os.killpg(os.getpgrp(), signal.SIGKILL)
        if what.startswith("sqlite3.connect"):
            raise sqlite3.OperationalError("unable to open database file")
        if not what.startswith("sqlite ") and not what.startswith(("os.remove", "os.rmdir")):
            raise OSError(FAULTS[self.fault], os.strerror(FAULTS[self.fault]), what.partition(" ")[2])


def operations(journal: Path) -> list[str]:
    """What was counted, in order."""
    text = journal.read_text(encoding="ascii") if journal.is_file() else ""
    return [line.rstrip() for line in text.splitlines()]
