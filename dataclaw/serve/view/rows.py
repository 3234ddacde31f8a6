"""Making the index of a run: every line of its tables is read once, and where it lies is written into SQLite."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, cast

from pydantic import Field, ValidationError
from pydantic_core import from_json

from dataclaw.run.report.records import ReadRecord, Score, StreamRecord
from dataclaw.types import Json

TABLES = {"samples": "sample", "rejected": "rejected"}
MEDIA = "artifacts"
LINE_BYTES = 16_000_000
TEXT_CHARS = 4000
"""Text of a record that is searched, at most [characters]."""
HEADLINE_CHARS = 240
TOLD_ROWS = 500
MAX_BROKEN = 20
"""Broken lines that are named."""
VERSION = "3"
"""Of this form of the index."""
COLUMNS = (
    *("pos", "kind", "id", "domain", "task", "total", "name", "format", "path", "repairs"),
    *("headline", "hash", "start", "size"),
)
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE rows(pos INTEGER PRIMARY KEY, kind TEXT, id TEXT, domain TEXT, task TEXT, total REAL, name TEXT,
  format TEXT, path TEXT, repairs INTEGER, headline TEXT, hash TEXT, start INTEGER, size INTEGER);
CREATE TABLE media(sample TEXT, start INTEGER, size INTEGER);
CREATE TABLE costs(rule TEXT, pos INTEGER, score REAL, PRIMARY KEY(rule, pos)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize="unicode61 remove_diacritics 2");
"""
_INDEXES = """
CREATE INDEX by_id ON rows(id);
CREATE INDEX by_sample ON media(sample);
CREATE INDEX by_total ON rows(total);
CREATE INDEX by_name ON rows(name);
"""
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")


class _Judged(ReadRecord):
    total: Score | None
    scores: dict[str, Score | None] = Field(default_factory=dict[str, float | None])


class _Maker(ReadRecord):
    repairs: Annotated[int, Field(ge=0)] = 0


class _Row(ReadRecord):
    """What is listed of a sample or a rejection."""

    id: str
    domain: str | None
    task: str | None
    stream: StreamRecord
    verdict: _Judged | None = None
    made_by: _Maker = _Maker()
    question: str = ""
    answer: Json = None
    reason: str = ""
    draft: Json = None


def build(root: Path, file: Path, signature: str, told: Callable[[int], None]) -> None:
    """Make the index of a run's folder and put it into place whole.

    Args:
        root: the run's folder.
        file: where the index goes.
        signature: what it is made of, see `signature_of`.
        told: told how many rows are read, now and then.

    Raises:
        OSError: a table is missing or cannot be read, or the index cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".tmp")
    os.close(handle)
    try:
        with closing(sqlite3.connect(name)) as base:
            base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
            broken = _fill(root, base, told)
            base.executescript(_INDEXES)
            base.executemany(
                "INSERT INTO meta VALUES (?, ?)", {"signature": signature, "broken": json.dumps(broken)}.items()
            )
            base.commit()
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def _fill(root: Path, base: sqlite3.Connection, told: Callable[[int], None]) -> list[str]:
    """Read every line; returns what is wrong with those that are no records."""
    broken: list[str] = []
    pos = 0
    for table, kind in TABLES.items():
        for number, (start, line) in enumerate(_lines(root / f"{table}.jsonl"), 1):
            try:
                row = _Row.model_validate_json(line)
            except ValueError as error:
                broken.append(f"{table}.jsonl:{number}: {_short(error)}")
                continue
            pos += 1
            _insert(base, pos, kind, row, start, line)
            if pos % TOLD_ROWS == 0:
                told(pos)
    _fill_media(root, base, broken)
    return [*broken[:MAX_BROKEN], *([f"and {len(broken) - MAX_BROKEN} more"] if len(broken) > MAX_BROKEN else [])]


def _fill_media(root: Path, base: sqlite3.Connection, broken: list[str]) -> None:
    """Where the artifacts of each sample lie: they stand together."""
    sample, begin, end = "", 0, 0
    for number, (start, line) in enumerate(_lines(root / f"{MEDIA}.jsonl"), 1):
        try:
            here = str(from_json(line)["sample"])
        except (ValueError, TypeError, KeyError) as error:
            broken.append(f"{MEDIA}.jsonl:{number}: {type(error).__name__}: {str(error)[:120]}")
            here = ""
        if here != sample:
            base.execute("INSERT INTO media VALUES (?, ?, ?)", (sample, begin, end - begin))
            sample, begin = here, start
        end = start + len(line)
    base.execute("INSERT INTO media VALUES (?, ?, ?)", (sample, begin, end - begin))


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    start = 0
    with file.open("rb") as lines:
        while line := lines.readline(LINE_BYTES + 1):
            if line.strip():
                yield start, line
            start += len(line)


def _insert(base: sqlite3.Connection, pos: int, kind: str, row: _Row, start: int, line: bytes) -> None:
    total = row.verdict.total if row.verdict else None
    headline = (row.reason if kind == "rejected" else row.question)[:HEADLINE_CHARS]
    names = (row.id, row.domain or "", row.task or "")
    place = (row.stream.name, row.stream.format, row.stream.path)
    values = (pos, kind, *names, total, *place, row.made_by.repairs, headline, hash_of(line), start, len(line))
    base.execute(f"INSERT INTO rows VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    costs = row.verdict.scores if row.verdict else {}
    base.executemany(
        "INSERT INTO costs VALUES (?, ?, ?)", [(n, pos, s) for n, s in costs.items() if s is not None and s < 1]
    )
    said = [*names, row.stream.name, row.stream.path, row.question, row.reason, *_texts(row.answer), *_texts(row.draft)]
    text = " ".join(part for part in said if part)[:TEXT_CHARS]
    base.execute("INSERT INTO words(rowid, text) VALUES (?, ?)", (pos, space_out(text)))


def _texts(value: Json, room: int = 60) -> list[str]:
    """Texts in plain data, the first `room` of them."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        inner = cast("list[Json]", value)
    elif isinstance(value, dict):
        inner = [item for key, item in cast("dict[str, Json]", value).items() if key != "cite"]
    else:
        return []
    found: list[str] = []
    for item in inner:
        if len(found) >= room:
            break
        found += _texts(item, room - len(found))
    return found


def space_out(text: str) -> str:
    """Scripts without spaces get one around each character, so that any run of characters is found."""
    return _CJK.sub(r" \1 ", text)


def hash_of(line: bytes) -> str:
    """What a record is called by: a hash of its line, 16 hex digits."""
    return hashlib.sha256(line.strip()).hexdigest()[:16]


def signature_of(file: Path) -> str:
    """What an index was made of, "" where it is none."""
    if not file.is_file():
        return ""
    try:
        with closing(sqlite3.connect(file)) as base:
            found = base.execute("SELECT value FROM meta WHERE key = 'signature'").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # its message may quote what is no text
        return ""
    return str(found[0]) if found else ""


def _short(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    return str(error)[:200]
