"""The folder a run writes: what is finished is known by files that are written whole or not at all.

    out/
      run.toml          what was asked, by which version, and who decides for which domain
      done/<key>.json   one commit per stream: its samples, rejections and artifacts (the truth the rest is made from)
      traces/<key>.json the transcripts behind them
      samples.jsonl rejected.jsonl artifacts.jsonl   made from done/
      media/            frames that samples cite
      checkpoints.sqlite  rollouts that are under way
      dataclaw.log        warnings, with their tracebacks; only when there are some

Kill it at any moment: a stream either has its commit and is not done again, or has none and is done again.
"""

from __future__ import annotations

import hashlib
import html
import json
import logging
import sqlite3
import sys
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import tomli_w
from pydantic import BaseModel, Field
from pydantic_core import to_json

from dataclaw.config import PATIENCE, RunConfig
from dataclaw.errors import ConfigError, UsageError
from dataclaw.files import open_atomic, remove_halves, write_atomic
from dataclaw.strict import check, load_json, parse_toml
from dataclaw.types import Json, Usage
from dataclaw.version import __version__

log = logging.getLogger(__name__)

TABLES = ("samples", "rejected", "artifacts")
USAGE = "usage.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one stream gave.

    Attributes:
        key: id of the stream, or `unread-<hash>` when it could not be opened.
        source: what was asked for, as the user wrote it.
        samples: records of `samples.jsonl`.
        rejected: records of `rejected.jsonl`.
        artifacts: records of `artifacts.jsonl`.
        traces: full states of its rollouts; empty where they are read from the folder of the run instead.
        seconds: wall-clock time it took [s].
        usage: what asking models took.
        cost: what that cost; None where no price is known.
        again: True when it had been done before and was not done again.
        same_as: the source of the same content that it was made from, when that is another one; else "".
    """

    key: str
    source: str
    samples: tuple[dict[str, Json], ...] = ()
    rejected: tuple[dict[str, Json], ...] = ()
    artifacts: tuple[dict[str, Json], ...] = ()
    traces: tuple[dict[str, Json], ...] = ()
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None
    again: bool = False
    same_as: str = ""

    def _repr_html_(self) -> str:
        """What a notebook shows: what was asked and answered, or why there is nothing."""
        rows = [
            f"<tr><td>{_cell(sample['question'])}</td><td>{_cell(sample['answer'])}</td>"
            f"<td>{float(sample['verdict']['total'] or 0):.2f}</td></tr>"
            for sample in self.samples
        ]
        rows += [f"<tr><td colspan=3>rejected: {_cell(row['reason'])}</td></tr>" for row in self.rejected]
        head = "<tr><th>question</th><th>answer</th><th>total</th></tr>"
        return f"<table><caption>{_cell(self.source)}</caption>{head}{''.join(rows)}</table>"


class Ledger:
    """Reads and writes a run's folder.

    Args:
        out: the folder; made when missing.

    Raises:
        UsageError: `out` is a file.
    """

    def __init__(self, out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is a file.", remedy="Name a folder with --out.")
        self.out = out

    def begin(self, config: RunConfig, *, resume: bool, models: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Write `run.toml`, or check that a run begun earlier asked for the same.

        Args:
            config: what is asked for.
            resume: keep what the earlier run finished.
            models: who decides and why, by domain. Where that was another one before, the log says so; samples say
                by whom each was made.

        Raises:
            ConfigError: the earlier run asked for something else; every difference is named.
        """
        file = self.out / "run.toml"
        asked = config.model_dump(exclude_none=True)
        if not resume:
            self._clear()
        elif file.exists() and self._holds_work():
            self._check_same(file, asked, models or {})
        self._mend()
        write_atomic(file, tomli_w.dumps({"dataclaw": __version__, "run": asked, "models": models or {}}))

    def _holds_work(self) -> bool:
        return self.checkpoints().exists() or any((self.out / "done").glob("*.json"))

    def _check_same(self, file: Path, asked: Mapping[str, Any], models: Mapping[str, Mapping[str, str]]) -> None:
        try:
            record = parse_toml(file.read_bytes())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"not valid TOML: {error}.", place=str(file), remedy="Use another --out, or --no-resume to start anew."
            ) from None
        said = check(record, _RunFile, str(file))
        before = said.run
        changed = [
            f"{key}: {before.get(key)!r} then, {asked.get(key)!r} now"
            for key in sorted({*before, *asked} - PATIENCE)
            if before.get(key) != asked.get(key)
        ]
        if changed:
            raise ConfigError(
                f"{self.out} holds a run that asked for something else ({'; '.join(changed)}).",
                remedy="Use another --out, or --no-resume to start this folder anew.",
            )

        for domain, one in said.models.items():
            now = models[domain]["policy"] if domain in models else one.policy
            if now != one.policy:
                log.warning("%s decides for %s from here on; it was %s before", now, domain, one.policy)

    def _mend(self) -> None:
        """Clear away what a kill or a broken disk left: half-written files, and records that cannot be read."""
        remove_halves(self.out, "done", "traces", "media/*")
        for file in (self.out / "traces").glob("*.json"):
            if not _is_whole(file):
                log.warning("%s is torn; its stream is done again", file)
                file.unlink()
                self.forget(file.stem.split("-")[0])
        for file in (self.out / "done").glob("*.json"):
            try:
                _outcome(file)
            except ValueError as error:
                log.warning("%s cannot be read (%s); set aside, its stream is done again", file, error)
                file.replace(file.with_suffix(".torn"))
        if not _is_database(self.checkpoints()):
            log.warning("%s cannot be read; removed, what was under way begins anew", self.checkpoints())
            self._drop_checkpoints()

    def find(self, key: str) -> Outcome | None:
        """What a stream gave in an earlier run, or None when it was not finished.

        One that failed for the sake of a provider (an outage) counts as not finished.
        """
        file = self._commit_of(key)
        found = _outcome(file) if file.is_file() else None
        return None if found and any(row.get("passing") for row in found.rejected) else found

    def forget(self, key: str) -> None:
        """Drop a commit, because its stream is tried again."""
        self._commit_of(key).unlink(missing_ok=True)

    def commit(self, outcome: Outcome) -> None:
        """Keep what a stream gave: first its traces, then, in one rename, its commit."""
        for trace in outcome.traces:
            write_atomic(self.out / "traces" / f"{trace['key']}.json", _dumps(trace))
        record: dict[str, Json] = {"key": outcome.key, "source": outcome.source, "seconds": round(outcome.seconds, 3)}
        if outcome.usage.requests:
            record["usage"] = outcome.usage.to_json() | {"cost": outcome.cost}
        tables = {name: list(getattr(outcome, name)) for name in TABLES}
        write_atomic(self._commit_of(outcome.key), _dumps(record | tables))

    def export(self, order: Iterable[str] = ()) -> dict[str, int]:
        """Write the three JSONL files from the commits: those of `order` (keys) first, then the others by key.

        Where models were asked, `usage.json` has what that took and cost in all.
        """
        place = {key: i for i, key in enumerate(order)}
        keys = sorted(self.finished_keys(), key=lambda key: place.get(key, len(place)))
        counts: dict[str, int] = dict.fromkeys(TABLES, 0)
        used: list[Outcome] = []
        with ExitStack() as written:
            files = {name: written.enter_context(open_atomic(self.out / f"{name}.jsonl")) for name in TABLES}
            for key in keys:  # one at a time: what many streams gave has no room in memory
                outcome = _outcome(self._commit_of(key))
                for name, file in files.items():
                    rows = cast("tuple[Mapping[str, Json], ...]", getattr(outcome, name))
                    file.writelines(f"{_dumps(row)}\n".encode() for row in rows)
                    counts[name] += len(rows)
                if outcome.usage.requests:
                    used.append(replace(outcome, samples=(), rejected=(), artifacts=()))
        if used:
            write_atomic(self.out / USAGE, _dumps(usage_in_all(used)) + "\n")
        return counts

    def finished_keys(self) -> list[str]:
        """Key of every stream that is finished, in order."""
        return sorted(file.stem for file in (self.out / "done").glob("*.json"))

    def _commit_of(self, key: str) -> Path:
        return self.out / "done" / f"{key}.json"

    def checkpoints(self) -> Path:
        """Database of the rollouts that are under way."""
        return self.out / "checkpoints.sqlite"

    def _clear(self) -> None:
        for folder in ("done", "traces"):
            for file in (self.out / folder).glob("*.json"):
                file.unlink()
        self._drop_checkpoints()

    def _drop_checkpoints(self) -> None:
        for file in self.out.glob("checkpoints.sqlite*"):
            file.unlink()


class _RunLog(logging.FileHandler):
    """Writes into a run's folder once there is one: a run that cannot begin leaves nothing behind."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, encoding="utf-8", delay=True)
        self._folder = file.parent
        self._early: list[logging.LogRecord] = []
        self.failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write what was logged, after what was logged before there was a folder."""
        self._early.append(record)
        if self._folder.is_dir():
            early, self._early = self._early, []
            for one in early:
                super().emit(one)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the class above
        """Say once that the log cannot be written (a full disk); the run itself fails where it has to write, too."""
        del record
        if not self.failed:
            print(f"{self.baseFilename} cannot be written: {sys.exc_info()[1]}.", file=sys.stderr)
        self.failed = True

    def close(self) -> None:
        """Close the file; what could not be written is lost."""
        with suppress(OSError) if self.failed else nullcontext():
            super().close()


def log_into(out: Path, *, steps: bool = False) -> logging.Handler:
    """Write our warnings to `dataclaw.log` in the run's folder and not to the screen; close the handler at the end.

    Args:
        out: the run's folder.
        steps: write every step and every request, too.
    """
    handler = _RunLog(out / "dataclaw.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    ours = logging.getLogger("dataclaw")
    for before in ours.handlers:
        if isinstance(before, _RunLog):  # of a worker in this process, which nobody else closes
            before.close()
    ours.handlers = [handler]
    ours.setLevel(logging.INFO if steps else logging.WARNING)
    ours.propagate = False
    return handler


def _cell(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return html.escape(text if len(text) <= 400 else f"{text[:399]}…")


def unread_key(source: str) -> str:
    """Key of a source that could not be opened, and so has no id."""
    return f"unread-{hashlib.sha256(source.encode(errors='surrogateescape')).hexdigest()[:16]}"


def _is_whole(file: Path) -> bool:
    """Whether a JSON object ends where its file ends; what is between is not read."""
    with file.open("rb") as stream:
        start, size = stream.read(1), stream.seek(0, 2)
        stream.seek(max(0, size - 1))
        return start + stream.read(1) == b"{}"


def _is_database(file: Path) -> bool:
    """Whether the file is missing or one that SQLite reads."""
    if not file.exists():
        return True
    try:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # its message may quote what is no text
        return False


class _Decider(BaseModel):
    """Who decided for a domain, as `run.toml` says it."""

    policy: str


class _RunFile(BaseModel):
    """What of `run.toml` a run that goes on looks at."""

    run: dict[str, Any] = Field(default_factory=dict[str, Any])
    models: dict[str, _Decider] = Field(default_factory=dict[str, _Decider])


class _Commit(BaseModel):
    """What a commit's file says."""

    key: str
    source: str
    seconds: float
    samples: tuple[dict[str, Any], ...]
    rejected: tuple[dict[str, Any], ...]
    artifacts: tuple[dict[str, Any], ...]
    usage: Usage = Usage()


class _Cost(BaseModel):
    """What a commit's usage says beside what it took."""

    cost: float | None = None


def _outcome(file: Path) -> Outcome:
    """What a commit says.

    Raises:
        ValueError: it is none.
    """
    text = file.read_text(encoding="utf-8")
    record = load_json(text)
    if "\\ud" in text.lower():  # half of a pair, which no table can hold
        json.dumps(record, ensure_ascii=False).encode()
    said = _Commit.model_validate(record)
    cost = _Cost.model_validate(record.get("usage", {})).cost
    return Outcome(**{name: getattr(said, name) for name in _Commit.model_fields}, cost=cost, again=True)


def usage_in_all(outcomes: Iterable[Outcome]) -> dict[str, Json]:
    """What asking models took for some streams, with its cost; None where the price of a part of it is not known."""
    asked = [outcome for outcome in outcomes if outcome.usage.requests]
    if not asked:
        return {"requests": 0}
    costs = [outcome.cost for outcome in asked if outcome.cost is not None]
    used = sum((outcome.usage for outcome in asked), Usage())
    return {**used.to_json(), "cost": round(sum(costs), 6) if len(costs) == len(asked) else None}


_LINE_BREAKS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"})
"""What JSON may hold as it is, but where some readers of lines break one."""


def _dumps(value: object) -> str:
    """Compact JSON on one line; a number that JSON cannot say (a reward that no rule could judge) is null."""
    return to_json(value, inf_nan_mode="null").decode().translate(_LINE_BREAKS)
