"""Reading a run's folder as if a stranger had sent it: bounded, checked, and never outside the folder.

It is written by `agent/ledger.py`; here it is only read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from dataclaw.errors import UsageError
from dataclaw.run.report.records import ArtifactRecord, ClipRecord, PictureRecord, TraceRecord, UsageRecord
from dataclaw.schema import parse_json
from dataclaw.strict import check, parse_toml

LINE_CHARS = 16_000_000
TRACE_BYTES = 64_000_000
USAGE, USAGE_CHARS = "usage.json", 100_000

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run's folder.

    Attributes:
        root: where it lies.
    """

    root: Path

    def config(self) -> tuple[str, dict[str, Any]]:
        """Version that wrote the run, and what the run was asked for.

        Raises:
            UsageError: there is no `run.toml`, or it is none.
        """
        file = self.root / "run.toml"
        try:
            data = parse_toml(file.read_bytes())
            return str(data["dataclaw"]), dict(data["run"])
        except FileNotFoundError:
            raise UsageError(
                "no run is here: run.toml is missing.",
                place=str(self.root),
                remedy="Name the folder that was given to dataclaw run as --out.",
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"run.toml was not written by dataclaw ({type(error).__name__}: {error}).",
                place=str(file),
                remedy="Run dataclaw run again with --no-resume.",
            ) from None

    def rows(self, table: str, model: type[R]) -> Iterator[R]:
        """The records of `<table>.jsonl`, in order, one in memory at a time.

        Raises:
            UsageError: the run is unfinished, or a line is no such record; file and line are named.
        """
        file = self.root / f"{table}.jsonl"
        if not file.is_file():
            raise UsageError(
                f"{file.name} is missing: the run did not finish.",
                place=str(self.root),
                remedy="Run the same command again; it goes on where it stopped.",
            )
        with file.open(encoding="utf-8", errors="strict") as lines:
            for number, line in enumerate(_bounded_lines(lines, file), 1):
                yield _parse_record(line, model, f"{file}:{number}", LINE_CHARS)

    def media(self, samples: set[str]) -> dict[str, list[PictureRecord | ClipRecord]]:
        """Pictures and clips of the given samples, by sample."""
        found: dict[str, list[PictureRecord | ClipRecord]] = {}
        for row in self.rows("artifacts", ArtifactRecord):
            if row.root.sample in samples:
                found.setdefault(row.root.sample, []).append(row.root)
        return found

    def trace(self, key: str) -> TraceRecord | None:
        """The transcript behind a sample or a rejection; None when the folder has none.

        Raises:
            UsageError: it is longer than 64 MB or no transcript.
        """
        file = self.inside(f"traces/{key}.json")
        if file is None:
            return None
        if file.stat().st_size > TRACE_BYTES:
            raise UsageError(
                f"the transcript has more than {TRACE_BYTES} bytes.", place=str(file), remedy="Remove the file."
            )
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"not UTF-8: {error}.", place=str(file), remedy="Remove the file.") from None
        return _parse_record(text, TraceRecord, str(file), TRACE_BYTES)

    def usage(self) -> UsageRecord:
        """What asking models took in all; nothing where none was asked.

        Raises:
            UsageError: the file of it is broken.
        """
        file = self.inside(USAGE)
        if file is None:
            return UsageRecord()
        with file.open(encoding="utf-8", errors="replace") as text:
            return _parse_record(text.read(USAGE_CHARS), UsageRecord, str(file), USAGE_CHARS)

    def inside(self, relative: str) -> Path | None:
        """A file of the folder by its relative path, or None when there is none or it leads out of the folder."""
        if "\0" in relative:
            return None
        try:
            file = (self.root / relative).resolve()
            found = file.is_relative_to(self.root.resolve()) and file.is_file()
        except OSError:  # a name that is too long, a loop of links
            return None
        return file if found else None


def _bounded_lines(lines: Any, file: Path) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line: str = lines.readline(LINE_CHARS + 1)
        except UnicodeDecodeError as error:
            raise UsageError(f"not UTF-8: {error}.", place=f"{file}:{number}", remedy="Run again.") from None
        if not line:
            return
        if len(line) > LINE_CHARS:
            raise UsageError(f"a line of more than {LINE_CHARS} characters.", place=f"{file}:{number}")
        yield line


def _parse_record(text: str, model: type[R], place: str, limit: int) -> R:
    try:
        value = parse_json(text, max_chars=limit, max_depth=256)
    except UsageError as error:
        raise UsageError(error.message, place=place, remedy="Run again, or remove what is broken.") from None
    return check(value, model, place)
