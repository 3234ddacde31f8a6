"""What is fuzzed: a reader, the files that it is given damaged, and the errors by which it may refuse them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dataclaw.errors import DataClawError
from pyautogui_trace_parsers import TraceError

LARGEST = 512 * 1024
"""Larger files are not damaged: what takes long to read tells little a second [bytes]."""
RUN = 20
"""Mutants of one file, one after the other: the file beside it is put back only between them."""


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """A reader that is put to the test.

    Attributes:
        name: what it is called in the table.
        make: `(folder) -> None`, writes seeds: each entry of the folder is one, a file or a folder.
        read: `(seed) -> object`, reads one, with a file of it damaged.
        share: its part of all executions, beside those of others.
        files: names of the files that are damaged, as globs.
        refuses: by which errors it refuses what is wrong.
    """

    name: str
    make: Callable[[Path], object]
    read: Callable[[Path], object]
    share: int = 10
    files: tuple[str, ...] = ("*",)
    refuses: tuple[type[Exception], ...] = (DataClawError, TraceError)


@dataclass(frozen=True, slots=True)
class FuzzSeed:
    """A file that is damaged.

    Attributes:
        file: the file.
        root: what is read: the file, or the folder that it is part of.
    """

    file: Path
    root: Path


def seeds_of(target: FuzzTarget, folder: Path) -> list[FuzzSeed]:
    """The files to damage below a folder that `target.make` filled, in order."""
    found: list[FuzzSeed] = []
    for root in sorted(folder.iterdir()):
        files = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]
        found += [FuzzSeed(file, root) for file in files if _is_damaged(target, file)]
    return found


def _is_damaged(target: FuzzTarget, file: Path) -> bool:
    return 0 < file.stat().st_size <= LARGEST and any(file.match(pattern) for pattern in target.files)


def seed_of(seeds: list[FuzzSeed], number: int) -> FuzzSeed:
    """Of which file a mutant is."""
    return seeds[number // RUN % len(seeds)]
