"""The jobs of a server: a row each in SQLite, and a folder each; they outlive every process that works on them.

Several servers may share one home. Who works on a job holds its folder, so that a job whose worker died is taken up
again by whoever looks next: its run goes on where it stopped.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from dataclaw.errors import OwnedError
from dataclaw.files import owned_folder
from dataclaw.serve.asking import JobRequest
from dataclaw.serve.problem import RefusedError
from dataclaw.types import Json

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
UNFINISHED = ("queued", "running")
STARTS = 3
"""How often a job is started before it is given up: one that takes its server along must not do so for ever."""

_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    request TEXT NOT NULL,
    sources TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    starts INTEGER NOT NULL DEFAULT 0,
    counts TEXT NOT NULL DEFAULT '{}',
    problem TEXT
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state)
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands.

    Attributes:
        number: its place in the order of jobs.
        id: its handle; who knows it may see the job.
        state: where it stands.
        request: what was asked.
        sources: paths of its streams, relative ones to the server's folder.
        created: when it was asked for, `started` and `ended` when that happened [s since 1970].
        starts: how often it was started.
        counts: how many `samples` and `rejected` it gave, once it has ended.
        problem: why it failed: `detail`, `place`, `remedy`.
        folder: where its files are.
    """

    number: int
    id: str
    state: JobState
    request: JobRequest
    sources: tuple[str, ...]
    created: float
    started: float | None
    ended: float | None
    starts: int
    counts: dict[str, int]
    problem: dict[str, Json] | None
    folder: Path

    @property
    def is_finished(self) -> bool:
        """Whether nothing will be added to it."""
        return self.state not in UNFINISHED

    @property
    def out(self) -> Path:
        """The folder of its run."""
        return self.folder / "out"

    def to_json(self) -> dict[str, Json]:
        """What a client is told."""
        told: dict[str, Json] = {"id": self.id, "state": self.state, "created": self.created, "started": self.started}
        told |= {"ended": self.ended, "counts": self.counts, "problem": self.problem}
        return {**told, "request": self.request.model_dump(exclude_unset=True)}


class Jobs:
    """The store.

    Args:
        home: the server's folder.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.file = self.home / "jobs.sqlite"
        (self.home / "jobs").mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.executescript(_TABLE)

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=20.0, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            yield database

    def add(self, request: JobRequest, sources: Sequence[str], queue: int) -> Job:
        """Put a job into the queue.

        Args:
            request: what is asked.
            sources: where its streams are.
            queue: how many jobs may wait.

        Raises:
            RefusedError: too many wait.
        """
        name = secrets.token_hex(12)
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            (waiting,) = database.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()
            if waiting >= queue:
                raise RefusedError(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"{waiting} jobs wait already.",
                    remedy="Ask again when some are done.",
                )
            values = (name, request.model_dump_json(exclude_unset=True), json.dumps(list(sources)), time.time())
            database.execute(
                "INSERT INTO jobs (id, state, request, sources, created) VALUES (?, 'queued', ?, ?, ?)", values
            )
            database.execute("COMMIT")
        return self.get(name)

    def get(self, name: str) -> Job:
        """A job by its handle.

        Raises:
            RefusedError: there is none.
        """
        with self._open() as database:
            row = database.execute("SELECT * FROM jobs WHERE id = ?", (name,)).fetchone()
        if row is None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"no job {name[:200]!r}.",
                place="id",
                remedy="It was deleted, or its time was over: start it again.",
            )
        return self._job(row)

    def find(self, states: Sequence[str] = (), *, limit: int = -1, before: int | None = None) -> list[Job]:
        """Jobs, the latest first.

        Args:
            states: only jobs in one of these; none: all.
            limit: most of them; -1: all.
            before: only those with a lower number.
        """
        marks = ",".join("?" * len(states))
        where = f"state IN ({marks})" if states else "1"
        with self._open() as database:
            rows = database.execute(
                f"SELECT * FROM jobs WHERE {where} AND number < ? ORDER BY number DESC LIMIT ?",  # noqa: S608 - marks only
                (*states, 2**62 if before is None else before, limit),
            ).fetchall()
        return [self._job(row) for row in rows]

    def _job(self, row: sqlite3.Row) -> Job:
        values: dict[str, Any] = dict(row)
        values["request"] = JobRequest.model_validate_json(values["request"])
        values["sources"] = tuple(json.loads(values["sources"]))
        values["counts"] = json.loads(values["counts"])
        values["problem"] = json.loads(values["problem"]) if values["problem"] else None
        return Job(**values, folder=self.home / "jobs" / values["id"])

    @contextmanager
    def next_job(self) -> Generator[Job | None]:
        """The job that is next, held until it is let go; None when none waits.

        One that runs and that nobody holds is next, too: whoever worked on it is gone.
        """
        for job in reversed(self.find(UNFINISHED)):
            try:
                with owned_folder(job.folder):
                    now = self._begin(job.id)
                    if now is not None:
                        yield now
                        return
            except OwnedError:
                continue
        yield None

    def _begin(self, name: str) -> Job | None:
        """Count a start; None when the job has come to its end by now."""
        with self._open() as database:
            row = database.execute(
                "UPDATE jobs SET state = 'running', started = coalesce(started, ?), starts = starts + 1"
                " WHERE id = ? AND state IN ('queued', 'running') RETURNING *",
                (time.time(), name),
            ).fetchone()
        return self._job(row) if row else None

    def end(self, name: str, state: JobState, counts: dict[str, int], problem: dict[str, Json] | None = None) -> None:
        """Write down how a job ended; one that was cancelled stays so."""
        with self._open() as database:
            database.execute(
                "UPDATE jobs SET state = CASE state WHEN 'cancelled' THEN state ELSE ? END, ended = ?, counts = ?,"
                " problem = ? WHERE id = ?",
                (state, time.time(), json.dumps(counts), json.dumps(problem) if problem else None, name),
            )

    def postpone(self, name: str) -> None:
        """Have a job wait for whoever goes on with it, without counting this start."""
        with self._open() as database:
            database.execute("UPDATE jobs SET starts = starts - 1 WHERE id = ? AND state = 'running'", (name,))

    def cancel(self, name: str) -> Job:
        """Cancel a job that is not finished; what it gave so far is kept.

        Raises:
            RefusedError: there is none.
        """
        self.get(name)
        with self._open() as database:
            database.execute(
                "UPDATE jobs SET state = 'cancelled', ended = ? WHERE id = ? AND state IN ('queued', 'running')",
                (time.time(), name),
            )
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove a finished job and all it gave.

        Raises:
            RefusedError: there is none, or it goes on.
        """
        job = self.get(name)
        try:
            if not job.is_finished:
                raise OwnedError("it is not finished.")
            with owned_folder(job.folder), self._open() as database:
                database.execute("DELETE FROM jobs WHERE id = ?", (name,))
                shutil.rmtree(job.folder, ignore_errors=True)
        except OwnedError:
            raise RefusedError(
                HTTPStatus.CONFLICT,
                "the job is not finished.",
                place="id",
                remedy="Cancel it first, and wait for its end.",
            ) from None
