"""The rows of a run in SQLite, so that 50,000 samples are searched, filtered and paged in milliseconds.

It is built once from `samples.jsonl` and `rejected.jsonl`, kept in the cache folder, and made anew when these files
change. It says where each record lies in its file; the record itself is read from there. Reviews stand beside it in a
table of this process, since they change while people work.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Annotated, Any, cast

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
MAX_BROKEN = 20
"""Broken lines that are named."""
VERSION = "2"
SORTS = {
    "order": "pos",
    "best": "total IS NULL, total DESC, pos",
    "worst": "total IS NULL, total, pos",
    "name": "name COLLATE NOCASE, pos",
}
STATES = ("none", "accepted", "rejected", "flagged", "edited", "outdated")
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE rows(pos INTEGER PRIMARY KEY, kind TEXT, id TEXT, domain TEXT, task TEXT, total REAL, name TEXT,
  format TEXT, path TEXT, repairs INTEGER, headline TEXT, hash TEXT, start INTEGER, size INTEGER);
CREATE TABLE media(sample TEXT, start INTEGER, size INTEGER);
CREATE TABLE costs(rule TEXT, pos INTEGER, score REAL, PRIMARY KEY(rule, pos)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize="unicode61 remove_diacritics 2");
"""
_INDEXES = "CREATE INDEX by_id ON rows(id); CREATE INDEX by_sample ON media(sample); CREATE INDEX by_total ON rows(total); CREATE INDEX by_name ON rows(name);"
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
_WORD = re.compile(r"\w+")


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


@dataclass(frozen=True, slots=True)
class Query:
    """What of a run is listed, and in which order.

    Attributes:
        text: words that a row has, each whole or its beginning.
        kind: "sample" or "rejected", "" for both.
        domain: its domain.
        task: its task.
        rule: a rule that costs it points.
        source: format of its stream.
        stream: path of its stream.
        low: least total.
        high: greatest total.
        review: one of `STATES`.
        sort: one of `SORTS`.
    """

    text: str = ""
    kind: str = ""
    domain: str = ""
    task: str = ""
    rule: str = ""
    source: str = ""
    stream: str = ""
    low: float | None = None
    high: float | None = None
    review: str = ""
    sort: str = "order"

    def where(self) -> tuple[str, list[Json]]:
        """The condition in SQL, with what its marks stand for."""
        clauses: list[str] = ["1"]
        values: list[Json] = []
        plain = {"kind": self.kind, "domain": self.domain, "task": self.task, "format": self.source}
        for column, value in (plain | {"path": self.stream}).items():
            if value:
                clauses.append(f"{column} = ?")
                values.append(value)
        if self.text.strip():
            clauses.append("pos IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(match_of(self.text))
        if self.rule:
            clauses.append("pos IN (SELECT pos FROM costs WHERE rule = ?)")
            values.append(self.rule)
        for sign, bound in ((">=", self.low), ("<=", self.high)):
            if bound is not None:
                clauses.append(f"total {sign} ?")
                values.append(bound)
        if self.review == "none":
            clauses.append("id NOT IN (SELECT id FROM reviewed)")
        elif self.review:
            clauses.append("id IN (SELECT id FROM reviewed WHERE state = ?)")
            values.append(self.review)
        return " AND ".join(clauses), values


def match_of(text: str) -> str:
    """Words of a search as FTS5 reads them: all of them, the last letters of each may be missing."""
    phrases = (" ".join(_WORD.findall(_spaced(word))) for word in text.split())
    return " AND ".join(f'"{phrase}"*' for phrase in phrases if phrase) or '""'


@dataclass(slots=True)
class RunIndex:
    """The rows of one run.

    Attributes:
        root: the run's folder.
        broken: lines that are no records, at most `MAX_BROKEN`, each with its place and what is wrong.
    """

    root: Path
    cache: Path
    broken: list[str] = field(default_factory=list[str])
    _signature: str = ""
    _base: sqlite3.Connection | None = None
    _lock: RLock = field(default_factory=RLock)

    def refresh(self) -> bool:
        """Make it anew where the run's files have changed; whether it did.

        Raises:
            OSError: the run's files, or the cache, cannot be read or written.
            FileNotFoundError: the run is not finished.
        """
        with self._lock:
            signature = self._now()
            if self._base is not None and signature == self._signature:
                return False
            file = self.cache / f"{hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:20]}.sqlite"
            if _signature_of(file) != signature:
                self._build(file, signature)
            self.close()
            self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._base.execute("CREATE TEMP TABLE reviewed(id TEXT PRIMARY KEY, state TEXT)")
            self.broken = json.loads(self._one("SELECT value FROM meta WHERE key = 'broken'") or "[]")
            self._signature = signature
            return True

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def page(self, query: Query, start: int, count: int) -> tuple[int, list[dict[str, Json]]]:
        """How many rows a query has, and `count` of them from the `start`-th on."""
        where, values = query.where()
        order = SORTS[query.sort]
        sql = f"SELECT * FROM rows WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - parts of our own
        total = self._one(f"SELECT count(*) FROM rows WHERE {where}", *values)  # noqa: S608
        rows = [self._listed(row) for row in self._all(sql, *values, count, start)]
        return int(total), rows

    def near(self, query: Query, sample: str) -> dict[str, Json]:
        """Where a row stands in a query: its number from 0, and the ids before and after it; empty where it is not."""
        where, values = query.where()
        ranked = f"SELECT id, row_number() OVER (ORDER BY {SORTS[query.sort]}) AS n FROM rows WHERE {where}"  # noqa: S608
        sql = (
            f"WITH r AS ({ranked}), here AS (SELECT n FROM r WHERE id = ? LIMIT 1)"  # noqa: S608
            " SELECT r.id, r.n, here.n FROM r, here WHERE r.n BETWEEN here.n - 1 AND here.n + 1"
        )
        found: dict[str, Json] = {}
        for row in self._all(sql, *values, sample):
            name, n, here = tuple(row)
            found |= {"at": here - 1} | ({"before": name} if n < here else {"after": name} if n > here else {})
        return found

    def find(self, sample: str) -> dict[str, Json] | None:
        """The row of an id, None where there is none."""
        rows = self._all("SELECT * FROM rows WHERE id = ? LIMIT 1", sample)
        return self._listed(rows[0]) if rows else None

    def record(self, row: Mapping[str, Json]) -> dict[str, Json]:
        """The whole record of a row, read from its file.

        Raises:
            ValueError: the file has changed in the meantime.
        """
        name = next(table for table, kind in TABLES.items() if kind == row["kind"])
        with (self.root / f"{name}.jsonl").open("rb") as file:
            file.seek(row["start"])
            line = file.read(row["size"])
        if _hash(line) != row["hash"]:
            raise ValueError("the file has changed")
        return cast("dict[str, Json]", from_json(line))

    def artifacts(self, sample: str) -> Iterator[bytes]:
        """The lines of `artifacts.jsonl` about a sample."""
        with (self.root / f"{MEDIA}.jsonl").open("rb") as file:
            for start, size in self._all("SELECT start, size FROM media WHERE sample = ?", sample):
                file.seek(start)
                yield from file.read(size).splitlines()

    def facets(self) -> dict[str, Json]:
        """What can be filtered by, each value with how many rows have it."""
        found: dict[str, Json] = {}
        for name, column in (("kinds", "kind"), ("domains", "domain"), ("tasks", "task"), ("sources", "format")):
            sql = f"SELECT {column}, count(*) FROM rows WHERE {column} != '' GROUP BY 1 ORDER BY 2 DESC"  # noqa: S608
            found[name] = [list(row) for row in self._all(sql)]
        found["rules"] = [
            list(row) for row in self._all("SELECT rule, count(*) FROM costs GROUP BY 1 ORDER BY 2 DESC, 1")
        ]
        found["reviews"] = dict(self._all("SELECT state, count(*) FROM reviewed GROUP BY 1"))
        totals = self._all(
            "SELECT min(cast(total * 20 AS INTEGER), 19), count(*) FROM rows WHERE total >= 0 GROUP BY 1"
        )
        found["totals"] = [dict(totals).get(i, 0) for i in range(20)]
        return found

    def set_reviews(self, said: Iterable[tuple[str, str, str]]) -> None:
        """Say which state samples have: `(id, hash of what was looked at, state)`, "none" for no state.

        Where the record is another one by now, the state is "outdated".
        """
        with self._lock:
            for name, of, state in said:
                found = self._one("SELECT hash FROM rows WHERE id = ? LIMIT 1", name)
                self._all("DELETE FROM reviewed WHERE id = ?", name)
                if found is not None and state != "none":
                    self._all("INSERT INTO reviewed VALUES (?, ?)", name, state if found == of else "outdated")

    def ids(self, states: Sequence[str]) -> list[str]:
        """Ids in one of the states, in the order of the run."""
        marks = ", ".join("?" for _ in states)
        sql = f"SELECT id FROM rows WHERE id IN (SELECT id FROM reviewed WHERE state IN ({marks})) ORDER BY pos"  # noqa: S608
        return [str(row[0]) for row in self._all(sql, *states)]

    def _listed(self, row: tuple[Json, ...]) -> dict[str, Json]:
        keys = ("pos", "kind", "id", "domain", "task", "total", "name", "format", "path", "repairs", "headline", "hash")
        listed = dict(zip((*keys, "start", "size"), row, strict=True))
        listed["review"] = self._one("SELECT state FROM reviewed WHERE id = ?", listed["id"]) or "none"
        return listed

    def _open(self) -> sqlite3.Connection:
        assert self._base is not None, "refresh() comes first"
        return self._base

    def _all(self, sql: str, *values: Json) -> list[Any]:
        with self._lock:
            return self._open().execute(sql, values).fetchall()

    def _one(self, sql: str, *values: Json) -> Any:
        rows = self._all(sql, *values)
        return rows[0][0] if rows else None

    def _now(self) -> str:
        stats = [(self.root / f"{name}.jsonl").stat() for name in (*TABLES, MEDIA)]
        return json.dumps([VERSION, *([s.st_size, s.st_mtime_ns, s.st_ino] for s in stats)])

    def _build(self, file: Path, signature: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".tmp")
        os.close(handle)
        try:
            with closing(sqlite3.connect(name)) as base:
                base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
                broken = self._fill(base)
                base.executescript(_INDEXES)
                base.executemany(
                    "INSERT INTO meta VALUES (?, ?)", {"signature": signature, "broken": json.dumps(broken)}.items()
                )
                base.commit()
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)

    def _fill(self, base: sqlite3.Connection) -> list[str]:
        """Read every line; returns what is wrong with those that are no records."""
        broken: list[str] = []
        pos = 0
        for table, kind in TABLES.items():
            for number, (start, line) in enumerate(_lines(self.root / f"{table}.jsonl"), 1):
                try:
                    row = _Row.model_validate(from_json(line))
                except ValueError as error:
                    broken.append(f"{table}.jsonl:{number}: {_short(error)}")
                    continue
                pos += 1
                _insert(base, pos, kind, row, start, line)
        self._fill_media(base, broken)
        return [*broken[:MAX_BROKEN], *([f"and {len(broken) - MAX_BROKEN} more"] if len(broken) > MAX_BROKEN else [])]

    def _fill_media(self, base: sqlite3.Connection, broken: list[str]) -> None:
        """Where the artifacts of each sample lie: they stand together."""
        sample, begin, end = "", 0, 0
        for number, (start, line) in enumerate(_lines(self.root / f"{MEDIA}.jsonl"), 1):
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
    values = (pos, kind, *names, total, *place, row.made_by.repairs, headline, _hash(line), start, len(line))
    base.execute(f"INSERT INTO rows VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    costs = row.verdict.scores if row.verdict else {}
    base.executemany(
        "INSERT INTO costs VALUES (?, ?, ?)", [(n, pos, s) for n, s in costs.items() if s is not None and s < 1]
    )
    said = [*names, row.stream.name, row.stream.path, row.question, row.reason, *_texts(row.answer), *_texts(row.draft)]
    text = " ".join(part for part in said if part)[:TEXT_CHARS]
    base.execute("INSERT INTO words(rowid, text) VALUES (?, ?)", (pos, _spaced(text)))


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


def _spaced(text: str) -> str:
    """Scripts without spaces get one around each character, so that any run of characters is found."""
    return _CJK.sub(r" \1 ", text)


def _hash(line: bytes) -> str:
    return hashlib.sha256(line.strip()).hexdigest()[:16]


def _signature_of(file: Path) -> str:
    """What an index was made of, "" where it is none."""
    if not file.is_file():
        return ""
    try:
        with closing(sqlite3.connect(file)) as base:
            found = base.execute("SELECT value FROM meta WHERE key = 'signature'").fetchone()
    except sqlite3.DatabaseError:
        return ""
    return str(found[0]) if found else ""


def _short(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    return str(error)[:200]
