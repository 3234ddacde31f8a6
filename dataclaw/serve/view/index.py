"""The rows of a run in SQLite, so that 50,000 samples are searched, filtered and paged in milliseconds.

It is built once from `samples.jsonl` and `rejected.jsonl`, kept in the cache folder, and made anew when these files
change. It says where each record lies in its file; the record itself is read from there. Reviews stand beside it in a
table of this process, since they change while people work.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, cast

from pydantic_core import from_json

from dataclaw.serve.view.rows import COLUMNS, MEDIA, TABLES, VERSION, build, hash_of, signature_of, space_out
from dataclaw.types import Json

SORTS = {
    "order": "pos",
    "best": "total IS NULL, total DESC, pos",
    "worst": "total IS NULL, total, pos",
    "name": "name COLLATE NOCASE, pos",
}
STATES = ("none", "accepted", "rejected", "flagged", "edited", "outdated")
_WORD = re.compile(r"\w+")


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
    phrases = (" ".join(_WORD.findall(space_out(word))) for word in text.split())
    return " AND ".join(f'"{phrase}"*' for phrase in phrases if phrase) or '""'


@dataclass(slots=True)
class RunIndex:
    """The rows of one run.

    Attributes:
        root: the run's folder.
        cache: folder that the index is kept in.
        broken: lines that are no records, the first of them, each with its place and what is wrong.
        reading: how many rows are read so far while it is being made, else None.
    """

    root: Path
    cache: Path
    broken: list[str] = field(default_factory=list[str])
    reading: int | None = None
    _signature: str = ""
    _facets: dict[str, Json] | None = None
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
            if signature_of(file) != signature:
                build(self.root, file, signature, self._tell)
            self.reading = self._facets = None
            self.close()
            self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._base.execute("CREATE TEMP TABLE reviewed(id TEXT PRIMARY KEY, state TEXT)")
            self.broken = json.loads(self._one("SELECT value FROM meta WHERE key = 'broken'") or "[]")
            self._signature = signature
            return True

    def _tell(self, rows: int) -> None:
        self.reading = rows

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
        rows = [self._as_row(row) for row in self._all(sql, *values, count, start)]
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
        return self._as_row(rows[0]) if rows else None

    def record(self, row: Mapping[str, Json]) -> dict[str, Json]:
        """The whole record of a row, read from its file.

        Raises:
            ValueError: the file has changed in the meantime.
        """
        name = next(table for table, kind in TABLES.items() if kind == row["kind"])
        with (self.root / f"{name}.jsonl").open("rb") as file:
            file.seek(row["start"])
            line = file.read(row["size"])
        if hash_of(line) != row["hash"]:
            raise ValueError("the file has changed")
        return cast("dict[str, Json]", from_json(line))

    def artifacts(self, sample: str) -> Iterator[bytes]:
        """The lines of `artifacts.jsonl` about a sample."""
        with (self.root / f"{MEDIA}.jsonl").open("rb") as file:
            for start, size in self._all("SELECT start, size FROM media WHERE sample = ?", sample):
                file.seek(start)
                yield from file.read(size).splitlines()

    def facets(self) -> dict[str, Json]:
        """What can be filtered by, each value with how many rows have it; counted once but for the reviews."""
        if self._facets is None:
            self._facets = self._count_facets()
        return self._facets | {"reviews": dict(self._all("SELECT state, count(*) FROM reviewed GROUP BY 1"))}

    def _count_facets(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for name, column in (("kinds", "kind"), ("domains", "domain"), ("tasks", "task"), ("sources", "format")):
            sql = f"SELECT {column}, count(*) FROM rows WHERE {column} != '' GROUP BY 1 ORDER BY 2 DESC"  # noqa: S608
            found[name] = [list(row) for row in self._all(sql)]
        found["rules"] = [
            list(row) for row in self._all("SELECT rule, count(*) FROM costs GROUP BY 1 ORDER BY 2 DESC, 1")
        ]
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

    def _as_row(self, row: tuple[Json, ...]) -> dict[str, Json]:
        listed: dict[str, Json] = dict(zip(COLUMNS, row, strict=True))
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
