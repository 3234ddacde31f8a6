"""What every face stands on: streams, jobs, and who works through them. Faces only translate."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any, Literal, cast

from platformdirs import user_data_path

from dataclaw.errors import DataClawError, UsageError
from dataclaw.run.report.folder import RunFolder
from dataclaw.serve.aside import Aside
from dataclaw.serve.asking import JobRequest, Limits
from dataclaw.serve.jobs import UNFINISHED, Job, Jobs
from dataclaw.serve.opening import Plugins
from dataclaw.serve.problem import RefusedError
from dataclaw.serve.runner import Runner
from dataclaw.serve.streams import NEW, UPLOADS, Streams
from dataclaw.serve.work import EVENTS
from dataclaw.types import Json

Table = Literal["samples", "rejected", "artifacts"]
PAGE_BYTES = 16_000_000
"""Most of a table that goes into one answer [bytes]."""
HOUR, DAY = 3600.0, 86_400.0
MEASURE = 60.0
"""How long a measure of the disk counts [s]: it looks at every file, and there may be a hundred thousand."""
MEDIA_TYPES = {
    ".jsonl": "application/jsonl",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".mp4": "video/mp4",
}
"""Types of the files that a face gives, by their endings; any other is a row of bytes."""

LOOKS = "looks"
"""Folder of pictures that a look at a stream gave."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What the server's folder took at a time.

    Attributes:
        at: when, on the monotonic clock [s].
        size: how much [bytes].
    """

    at: float
    size: int


class Desk:
    """The jobs and streams of one server.

    Args:
        home: the server's folder; made when missing.
        roots: folders below which clients may name streams.
        limits: how much clients may ask.
        plugins: which domains there are.

    Raises:
        UsageError: a root is no folder.
    """

    def __init__(
        self, home: Path, roots: Sequence[Path] = (), limits: Limits | None = None, plugins: Plugins | None = None
    ) -> None:
        for root in roots:
            if not root.is_dir():
                raise UsageError("no such folder.", place=root, remedy="Name a folder with --root.")
        self.limits, self.plugins = limits or Limits(), plugins or Plugins()
        self.home = home.resolve()
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.aside = Aside()
        self.streams = Streams(self.home, roots, self.limits, self.aside, self.plugins)
        self.jobs = Jobs(self.home)
        self.runner = Runner(self.jobs, self.limits, self.plugins)
        self._stopping = Event()
        self._measured = DiskUse(float("-inf"), 0)

    def start(self) -> None:
        """Begin to work through the queue."""
        self.runner.start()
        Thread(target=self._keep_clean, name="sweep", daemon=True).start()

    def close(self) -> None:
        """Stop; what goes on is taken up when a server starts again."""
        self._stopping.set()
        self.runner.stop()
        self.aside.close()

    def upload(self, files: Iterable[tuple[str, IO[bytes]]]) -> dict[str, Json]:
        """Keep streams that a client sent (`Streams.add`).

        Raises:
            RefusedError: they are too much, or there is no room.
            StreamError: nothing can be read.
        """
        self._make_room()
        about = self.streams.add(files)
        self._measured = replace(self._measured, size=self._measured.size + int(about["bytes"]))
        return about

    def delete_upload(self, name: str) -> None:
        """Remove an upload that no job needs any more.

        Raises:
            RefusedError: there is none, or a job needs it.
        """
        self.streams.about(name)
        if name in self._uploads_in_use():
            raise RefusedError(HTTPStatus.CONFLICT, "a job needs it.", place="id", remedy="Cancel that job first.")
        self.streams.delete(name)

    def submit(self, request: JobRequest) -> Job:
        """Put a job into the queue.

        Raises:
            RefusedError: a stream or the model is none of this server's, there is no room, or too many wait.
            ConfigError: a value is wrong.
        """
        if request.model is not None and request.model not in self.limits.models:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                f"this server does not let clients ask for the model {request.model!r}.",
                place="model",
                remedy=f"Leave it out, or name one of: {', '.join(self.limits.models)}.",
            )
        request.run_config(plugin_code=self.plugins.code)
        self._make_room()
        return self.jobs.add(request, [self.streams.find(one) for one in request.streams], self.limits.queue)

    def wait(self, name: str, seconds: float) -> Job:
        """A job when it is finished, or as it stands after so many seconds."""
        deadline = time.monotonic() + seconds
        while not (job := self.jobs.get(name)).is_finished and time.monotonic() < deadline:
            self._stopping.wait(0.1)
        return job

    def page(self, job: Job, table: Table, offset: int, limit: int) -> dict[str, Json]:
        """Records of a job: at most `limit` `items` from number `offset` on, and `next`, where the next page begins."""
        items: list[Json] = []
        file = job.out / f"{table}.jsonl"
        size = 0
        if file.is_file():
            with file.open("rb") as lines:
                for line in islice(lines, offset, offset + limit):
                    size += len(line)
                    if items and size > PAGE_BYTES:
                        break
                    items.append(json.loads(line))
                more = size > PAGE_BYTES or next(lines, None) is not None
        else:
            more = False
        return {"offset": offset, "items": items, "next": offset + len(items) if more else None}

    def file(self, job: Job, path: str) -> Path:
        """A file of a job's run that clients may have: the tables, the report, and media.

        Raises:
            RefusedError: there is none.
        """
        tables = ("samples.jsonl", "rejected.jsonl", "artifacts.jsonl", "report.html")
        file = RunFolder(job.out).inside(path) if path in tables or path.startswith("media/") else None
        media = (job.out / "media").resolve()
        if file is None or not (path in tables or file.is_relative_to(media)):
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"the job has no file {path[:200]!r}.",
                place="path",
                remedy="The artifacts of the job name its media; the report is there when it is done.",
            )
        return file

    def events(self, job: Job, after: int) -> list[dict[str, Json]]:
        """What a job told after its event number `after`; the first has number 1."""
        try:
            with (job.folder / EVENTS).open("rb") as lines:
                told = [line for line in islice(lines, after, after + 1000) if line.endswith(b"\n")]
        except FileNotFoundError:
            return []
        return [
            {"number": number, **cast("dict[str, Any]", json.loads(line))}
            for number, line in enumerate(told, after + 1)
        ]

    def last_event(self, job: Job) -> dict[str, Json] | None:
        """What a job told last; None when it told nothing yet."""
        try:
            with (job.folder / EVENTS).open("rb") as lines:
                last = deque((line for line in lines if line.endswith(b"\n")), maxlen=1)
        except FileNotFoundError:
            return None
        return cast("dict[str, Any]", json.loads(last[0])) if last else None

    def _uploads_in_use(self) -> set[str]:
        sources = [source for job in self.jobs.find(UNFINISHED) for source in job.sources]
        return {Path(source).parts[1].partition("#")[0] for source in sources if source.startswith(f"{UPLOADS}/")}

    def _keep_clean(self) -> None:
        while True:
            try:
                self.sweep()
            except OSError:
                log.exception("cannot clear away what is old")
            if self._stopping.wait(HOUR):
                return

    def sweep(self) -> None:
        """Remove what is finished and unused, and older than it is kept; then the oldest of it until there is room."""
        oldest = time.time() - self.limits.keep_days * DAY
        for folder in (*(self.streams.uploads / NEW).glob("*"), *(self.home / LOOKS).glob("*")):
            if folder.stat().st_mtime < time.time() - DAY:
                shutil.rmtree(folder, ignore_errors=True)
        over = self.disk_used() - self.limits.disk_bytes
        for age, remove, name in self._removable():
            if age >= oldest and over <= 0:
                break
            with suppress(DataClawError):  # somebody began to use it, or removed it
                over -= remove(name)
        self._measured = DiskUse(time.monotonic(), over + self.limits.disk_bytes)

    def _removable(self) -> list[tuple[float, Callable[[str], int], str]]:
        """Finished jobs and uploads that no job needs, the oldest first.

        Returns:
            When each was last of use, what removes it and says how many bytes that freed, and its id.
        """
        jobs = [(job.ended or job.created, self._remove_job, job.id) for job in self.jobs.find() if job.is_finished]
        used = self._uploads_in_use()
        uploads = [
            (float(about["created"]), self._remove_upload, str(about["id"]))
            for about in self.streams.all_uploads()
            if about["id"] not in used
        ]
        return sorted([*jobs, *uploads], key=lambda one: one[0])

    def _remove_job(self, name: str) -> int:
        size = _size_below(self.jobs.get(name).folder)
        self.jobs.delete(name)
        return size

    def _remove_upload(self, name: str) -> int:
        size = _size_below(self.streams.uploads / name)
        self.delete_upload(name)
        return size

    def disk_used(self) -> int:
        """What the server's folder takes [bytes]."""
        return _size_below(self.home)

    def _make_room(self) -> None:
        """Make sure that there is room, by a measure that may be a minute old and counts uploads since then.

        Raises:
            RefusedError: there is none, even where all is removed that may be.
        """
        if time.monotonic() - self._measured.at > MEASURE:
            self._measured = DiskUse(time.monotonic(), self.disk_used())
        if self._measured.size > self.limits.disk_bytes:
            self.sweep()
        if self._measured.size > self.limits.disk_bytes:
            raise RefusedError(
                HTTPStatus.INSUFFICIENT_STORAGE,
                "there is no room left.",
                remedy="Delete jobs and uploads, or start the server with a larger --max-disk.",
            )


def default_home(face: str) -> Path:
    """Folder of a face in the user's data folder."""
    return user_data_path("dataclaw") / face


def open_desk(
    home: Path,
    roots: Sequence[Path],
    limits: Limits | None = None,
    registry: Path | None = None,
    *,
    plugin_code: bool = True,
) -> Desk:
    """The desk in a folder.

    Raises:
        DataClawError: a root is no folder, or no domain is there.
    """
    plugins = Plugins(registry.resolve() if registry else None, plugin_code)
    return Desk(home, roots, limits, plugins)


def _size_below(folder: Path) -> int:
    # unlike `rglob`, `walk` passes over a folder that is removed meanwhile
    return sum(_size(Path(place) / name) for place, _, names in os.walk(folder) for name in names)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except FileNotFoundError:  # removed meanwhile
        return 0
