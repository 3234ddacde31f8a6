"""What the runtime has read of a task's system prompt, kept on disk: read once, and never again.

A system prompt has 1,000 to 1,700 tokens and takes a core some seconds; its keys and values (23 KB a token with the
embedded model) are loaded in some 20 ms. A file belongs to one model, adapter and text, whose hash it is named by.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dataclaw.files import sha256_of

LIMIT = 1 << 30
"""Bytes of all files together; those that were used longest ago give way."""


class Snapshots:
    """Files with what was read.

    Args:
        folder: where they lie; made when it is not there.
        model: the model's file.
        release: of the runtime, whose format they have.
        limit: bytes of all files together.
    """

    def __init__(self, folder: Path, model: Path, release: str, *, limit: int = LIMIT) -> None:
        self.folder, self._limit = folder, limit
        folder.mkdir(parents=True, exist_ok=True)
        about = model.stat()
        self._base = f"{release}|{model.name}|{about.st_size}|{about.st_mtime_ns}"
        self._adapters: dict[Path, str] = {}

    def name(self, text: str, adapter: Path | None) -> str:
        """Name of the file that belongs to a text, read with an adapter or without."""
        told = f"{self._base}|{self._digest(adapter) if adapter else ''}|{text}"
        return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.bin"

    def there(self, name: str) -> bool:
        """Whether there is such a file."""
        with suppress(FileNotFoundError):
            os.utime(self.folder / name)  # the newest use decides which ones stay
            return True
        return False

    def keep(self, name: str, write: Callable[[str], None]) -> None:
        """Let a file be written under another name, then put it in its place; the oldest give way."""
        part = f"{os.getpid()}-{name}.part"
        try:
            write(part)
            (self.folder / part).replace(self.folder / name)
        finally:
            (self.folder / part).unlink(missing_ok=True)
        self._prune()

    def drop(self, name: str) -> None:
        """Remove a file that cannot be read."""
        (self.folder / name).unlink(missing_ok=True)

    def _prune(self) -> None:
        files = sorted(self.folder.glob("*.bin"), key=_age)
        total = sum(_size(file) for file in files)
        for file in files[:-1]:
            if total <= self._limit:
                return
            total -= _size(file)
            file.unlink(missing_ok=True)

    def _digest(self, adapter: Path) -> str:
        if adapter not in self._adapters:
            self._adapters[adapter] = sha256_of(adapter)
        return self._adapters[adapter]


def _age(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0.0


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
