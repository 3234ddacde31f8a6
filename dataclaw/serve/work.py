"""The process of one job: `python -m dataclaw.serve.work FOLDER`, with what is to be done as JSON on its first line.

It ends when its input does: whoever started it is gone then, and somebody else goes on with the job.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import IO, Any

from dataclaw.config import RunConfig
from dataclaw.errors import DataClawError, OwnedError
from dataclaw.files import write_atomic
from dataclaw.run.drive import Progress
from dataclaw.run.ledger import log_into
from dataclaw.run.prepare import prepare
from dataclaw.run.report.report import write_report
from dataclaw.run.run import run, sources_at
from dataclaw.strict import check
from dataclaw.types import Json

EVENTS, PROBLEM = "events.jsonl", "problem.json"
PATIENCE = 20.0
"""How long a worker that was orphaned may take to let go of the folder [s]."""

log = logging.getLogger(__name__)


def main() -> int:
    """Do the job; 0 when it is done, 1 when it failed and `problem.json` says why, 130 when it was interrupted."""
    folder = Path(sys.argv[1])
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    Thread(target=_end_with_input, daemon=True).start()
    try:
        with closing(log_into(folder / "out")):
            _work(folder, given)
    except KeyboardInterrupt:
        return 130
    except DataClawError as error:
        _fail(folder, error.message, error.place, error.remedy)
    except OSError as error:
        _fail(folder, f"{error.strerror or error}.", "", "Check that the server's disk is not full.")
    except Exception as error:
        log.exception("the job failed")
        _fail(folder, f"internal error: {type(error).__name__}.", "", "The server's log says more; please report it.")
    else:
        return 0
    return 1


def _work(folder: Path, given: Mapping[str, Any]) -> None:
    registry = Path(given["registry"]) if given["registry"] else None
    setup = prepare(check(given["config"], RunConfig, "the request"), registry)
    sources = sources_at(given["sources"], setup.loaders)
    deadline = time.monotonic() + PATIENCE
    with _whole_lines(folder / EVENTS) as events:
        while True:
            try:
                for news in run(setup, sources, folder / "out"):
                    events.write(json.dumps(_event(news), ensure_ascii=False).encode() + b"\n")
                break
            except OwnedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
    write_report(folder / "out")


def _event(news: Progress) -> dict[str, Json]:
    told: dict[str, Json] = {"time": time.time(), "stream": Path(news.source).name, "node": news.node}
    told["text"] = news.text[:2000].replace(news.source, told["stream"])
    if news.outcome is not None:
        told["samples"], told["rejected"] = len(news.outcome.samples), len(news.outcome.rejected)
    return told


def _whole_lines(file: Path) -> IO[bytes]:
    """The file to go on writing, without the half line that a kill may have left; every line is there at once."""
    events = file.open("a+b", buffering=0)
    events.seek(0)
    events.truncate(events.read().rfind(b"\n") + 1)
    return events


def _fail(folder: Path, message: str, place: str, remedy: str) -> None:
    write_atomic(folder / PROBLEM, json.dumps({"detail": message, "place": place, "remedy": remedy}))


def _end_with_input() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)  # with what it started itself: ffmpeg, OCR, a model's server


if __name__ == "__main__":
    raise SystemExit(main())
