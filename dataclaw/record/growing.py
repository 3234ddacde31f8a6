"""Files that only grow, and that stay whole when the disk is full or the process is killed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class GrowingFile:
    """A file that is appended to, each write whole or not at all, with no buffer of Python's between.

    Attributes:
        size: bytes written.
    """

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._failed = False
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)

    def write(self, data: bytes | memoryview) -> int:
        """Append; once that has failed, what comes is dropped, so that an encoder can still be closed.

        Raises:
            OSError: the disk is full, or a limit is reached; the file is as it was before.
        """
        left = memoryview(data)
        try:
            while left and not self._failed:
                left = left[os.write(self._handle, left) :]
        except OSError:
            self._failed = True
            os.ftruncate(self._handle, self.size)
            raise
        self.size += len(data) - len(left)
        return len(data)

    def add_row(self, row: Mapping[str, Any]) -> None:
        """Append one line of JSON; raises as `write`."""
        self.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def close(self) -> None:
        """No more is written."""
        os.close(self._handle)
