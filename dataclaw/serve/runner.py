"""Working through the queue: a thread for each job that may go on at once, and a process for each job."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import cast

from dataclaw.serve.asking import Limits
from dataclaw.serve.jobs import STARTS, Job, Jobs
from dataclaw.serve.opening import Plugins
from dataclaw.serve.work import PROBLEM
from dataclaw.strict import load_json
from dataclaw.types import Json

LOOK, GRACE = 0.25, 10.0
"""How often the store is looked at, and how long a process may take to end when it is asked to [s]."""

log = logging.getLogger(__name__)


class Runner:
    """Does the jobs of a store, as many at once as the limits say.

    Args:
        jobs: the store.
        limits: jobs at once, and how long each may take.
        plugins: which domains there are.
    """

    def __init__(self, jobs: Jobs, limits: Limits, plugins: Plugins) -> None:
        self.jobs, self.limits, self.plugins = jobs, limits, plugins
        self._stopping = Event()
        self._threads = [Thread(target=self._loop, name=f"jobs-{n}", daemon=True) for n in range(limits.jobs)]

    def start(self) -> None:
        """Begin; jobs that a server left when it died go on."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End what goes on; it goes on from there when a server starts again."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                with self.jobs.next_job() as job:
                    if job is not None:
                        self._do(job)
                        continue
            except Exception:  # a full disk must not end the queue
                log.exception("a job could not be done")
                self._stopping.wait(5.0)
            self._stopping.wait(LOOK)

    def _do(self, job: Job) -> None:
        if job.starts > STARTS:
            self._fail(job, f"it did not end in {STARTS} starts.", "Make it smaller, or look into the server's log.")
            return
        (job.folder / PROBLEM).unlink(missing_ok=True)
        with (job.folder / "worker.log").open("ab") as output:
            worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "dataclaw.serve.work", job.folder],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.jobs.home,
                start_new_session=True,
            )
        try:
            self._tell(worker, job)
            stopped = self._watch(worker, job)
        finally:
            _end(worker)
        if stopped is None:
            self._finish(job, cast("int", worker.returncode))
        elif stopped:
            self._fail(job, stopped, "Make it smaller, or start the server with a larger --max-seconds.")
        else:
            self.jobs.postpone(job.id)

    def _tell(self, worker: subprocess.Popen[bytes], job: Job) -> None:
        """Say what is to be done; the pipe stays open, and tells the worker by its end that this process is gone."""
        config = job.request.run_config(plugin_code=self.plugins.code).model_dump(exclude_none=True)
        registry = str(self.plugins.registry.resolve()) if self.plugins.registry else None
        line = json.dumps({"config": config, "sources": job.sources, "registry": registry})
        assert worker.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once, which its exit code tells
            worker.stdin.write(line.encode() + b"\n")
            worker.stdin.flush()

    def _watch(self, worker: subprocess.Popen[bytes], job: Job) -> str | None:
        """Wait for the end: None when it came by itself or was asked for, "" when the server stops, else the reason."""
        deadline = time.monotonic() + self.limits.job_seconds
        while True:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(LOOK)
                return None
            if self._stopping.is_set():
                return ""
            if self.jobs.get(job.id).is_finished:
                _end(worker)
                return None
            if time.monotonic() > deadline:
                return f"it took longer than {self.limits.job_seconds:g} s."

    def _finish(self, job: Job, code: int) -> None:
        if code == 0:
            self.jobs.end(job.id, "done", _counts(job.out))
        elif (job.folder / PROBLEM).is_file():
            told = cast("dict[str, Json]", load_json((job.folder / PROBLEM).read_text(encoding="utf-8")))
            self.jobs.end(job.id, "failed", _counts(job.out), told)
        else:
            how = f"by signal {-code}" if code < 0 else f"with code {code}"
            self._fail(job, f"its process ended {how}.", "Try each stream alone, or with fewer frames.")

    def _fail(self, job: Job, why: str, remedy: str) -> None:
        self.jobs.end(job.id, "failed", _counts(job.out), {"detail": why, "place": "", "remedy": remedy})


def _end(worker: subprocess.Popen[bytes]) -> None:
    """Have a worker end: by a word first, so that it writes down what is finished, then by force, with its children."""
    if worker.poll() is None:
        worker.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            worker.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    if worker.stdin is not None:
        with suppress(BrokenPipeError):
            worker.stdin.close()


def _counts(out: Path) -> dict[str, int]:
    """How many samples and rejections a run's folder has."""
    tables = {"samples": out / "samples.jsonl", "rejected": out / "rejected.jsonl"}
    return {name: _lines(file) for name, file in tables.items() if file.is_file()}


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
