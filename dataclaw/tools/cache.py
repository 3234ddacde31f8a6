"""Tool results by content: the same question about the same stream is answered once, by any process.

One SQLite file (write-ahead log, so that several processes share it), JSON values, oldest entries dropped first. It
only ever saves time: an entry that is damaged is recomputed, a damaged file is moved aside, a file that cannot be
written leaves the call uncached; each is logged.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import zlib
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from platformdirs import user_cache_dir

from dataclaw.tools.base import Tool, ToolContext, ToolResult
from dataclaw.types import Anchor, Json, Picture, Stream

FOLDER = "DATACLAW_CACHE"
"""Environment variable: folder of the cache."""

LAYOUT = 1
"""Version of keys and values; raise it when either changes."""

LIMIT_BYTES = 512_000_000
ENTRY_BYTES = 16_000_000
"""Larger results are not kept."""

WAIT_SECONDS = 10.0
"""How long a process waits for another one's write."""

_log = logging.getLogger(__name__)

_SETUP = """
CREATE TABLE IF NOT EXISTS results (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    tool TEXT NOT NULL,
    size INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    value TEXT NOT NULL
)
"""


_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises for a damaged file; the second one where its message quotes what is no text."""
_FIND = "SELECT value, checksum FROM results WHERE key = ?"


def call(tool: Tool, context: ToolContext, args: Mapping[str, Json], cache: Cache | None) -> ToolResult:
    """Run a tool, or take its earlier result; tools with `cached=False` always run.

    Raises:
        ToolError: the arguments do not fit, or the tool cannot answer; errors are not remembered.
    """
    if cache is None or not tool.cached:
        return tool(context, args)
    key = key_of(tool, context, args)
    known = cache.get(key)
    if known is None:
        known = tool(context, args)
        cache.put(key, tool.name, known)
    return known


def key_of(tool: Tool, context: ToolContext, args: Mapping[str, Json]) -> str:
    """Hash of everything that decides a tool's result (64 hex digits).

    Arguments count with their defaults filled in, and the stream with its frame grid and events: the same file can be
    sampled in more than one way.

    Raises:
        ToolError: the arguments do not fit.
    """
    checked = tool.check(args).model_dump(mode="json")
    said: Json = [
        LAYOUT,
        fingerprint(context.stream),
        list(context.window),
        tool.name,
        tool.version,
        checked,
        context.ocr,
    ]
    return hashlib.sha256(_canonical(said).encode()).hexdigest()


def fingerprint(stream: Stream) -> Json:
    """What of a stream tells its results apart: id, frame grid and events, those of its parts, what else is shown."""
    frames = stream.frames
    grid = None if frames is None else [list(frames.size), [float(t) for t in frames.times]]
    events = [[e.kind, e.t0, e.t1, e.frame, e.window, e.target] for e in stream.events]
    parts = {label: fingerprint(part) for label, part in stream.parts.items()}
    shown = [str(stream.meta["task"])] if "task" in stream.meta else []
    shown += (
        [_canonical(said)] if (said := [e.attrs["outcomes"] for e in stream.events if "outcomes" in e.attrs]) else []
    )
    return [stream.id, grid, hashlib.sha256(_canonical(events).encode()).hexdigest(), parts, *shown]


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


class Cache:
    """Tool results in one SQLite file.

    Args:
        path: the file, or None for `tools-<layout>.sqlite` in `$DATACLAW_CACHE` or the user's cache folder.
        limit: size of the values beyond which the oldest are dropped [bytes]; checked each time a sixteenth of it was
            written, so that the file may grow a little beyond it.
        first: another cache's file, which is looked into first and never written; it must not change meanwhile.
    """

    def __init__(self, path: Path | None = None, *, limit: int = LIMIT_BYTES, first: Path | None = None) -> None:
        self.path = path or default_folder() / f"tools-{LAYOUT}.sqlite"
        self.limit = limit
        self._first = first
        self.hits = 0
        self.misses = 0
        self._since = 0

    def get(self, key: str) -> ToolResult | None:
        """The result of this key, or None when there is none that can be trusted."""
        row = self._ask_first(key) or self._ask(_FIND, (key,))
        result = None if row is None else _decode(row[0], row[1])
        if row is not None and result is None:
            _log.warning("a damaged entry of the tool cache %s is computed again", self.path)
        self.hits += result is not None
        self.misses += result is None
        return result

    def put(self, key: str, tool: str, result: ToolResult) -> None:
        """Keep a result; the oldest are dropped when all of them grow beyond the limit."""
        value = encode_result(result)
        if len(value) > min(ENTRY_BYTES, self.limit):
            return
        row = (key, tool, len(value), zlib.crc32(value.encode()), value)
        self._ask("INSERT OR REPLACE INTO results (key, tool, size, checksum, value) VALUES (?, ?, ?, ?, ?)", row)
        self._since += len(value)
        if self._since * 16 >= self.limit:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._since = 0
        self._ask(
            "DELETE FROM results WHERE number IN (SELECT number FROM "
            "(SELECT number, SUM(size) OVER (ORDER BY number DESC) AS kept FROM results) WHERE kept > ?)",
            (self.limit,),
        )

    def _ask(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        for attempt in (1, 2):
            try:
                with self._connect() as connection:
                    return connection.execute(statement, values).fetchone()
            except sqlite3.OperationalError as error:
                _log.warning("the tool cache %s is not used for this call: %s", self.path, error)
                return None
            except _DAMAGE as error:
                _log.warning("the tool cache %s is damaged (%s) and is moved aside", self.path, error)
                self._move_aside()
                if attempt == 2:
                    return None
            except OSError as error:
                _log.warning("the tool cache %s cannot be opened: %s", self.path, error)
                return None
        return None

    def _ask_first(self, key: str) -> tuple[Any, ...] | None:
        if self._first is None or not self._first.is_file():
            return None
        try:
            with closing(sqlite3.connect(f"{self._first.resolve().as_uri()}?immutable=1", uri=True)) as connection:
                return connection.execute(_FIND, (key,)).fetchone()
        except _DAMAGE as error:
            _log.warning("the tool cache %s is not used for this call: %s", self._first, error)
            return None

    @contextmanager
    def _connect(self) -> Generator[sqlite3.Connection]:
        # A connection a call costs a fraction of a millisecond and is safe across threads and forks.
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(_SETUP)
            yield connection
        finally:
            connection.close()

    def _move_aside(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + suffix)
            with suppress(FileNotFoundError):  # another process may have moved it first
                file.replace(self.path.with_name(f"{self.path.name}.damaged-{os.getpid()}{suffix}"))


def default_folder() -> Path:
    """`$DATACLAW_CACHE`, or the user's cache folder."""
    chosen = os.environ.get(FOLDER, "")
    return Path(chosen) if chosen else Path(user_cache_dir("dataclaw"))


def encode_result(result: ToolResult) -> str:
    """The result as JSON text."""
    return json.dumps(asdict(result), separators=(",", ":"))


def _decode(value: object, checksum: object) -> ToolResult | None:
    if not isinstance(value, str) or zlib.crc32(value.encode()) != checksum:
        return None
    # The checksum says that these are our own words; the layout's version that this code wrote them.
    return result_of(json.loads(value))


def result_of(said: Mapping[str, Any]) -> ToolResult:
    """The result that `encode_result` wrote, its numbers as they were; nothing is checked."""
    pictures = tuple(Picture(p["frame"], _numbers(p["box"]), p["part"]) for p in said["pictures"])
    return ToolResult(said["note"], tuple(anchor_of(a) for a in said["anchors"]), pictures, said["data"])


def anchor_of(said: Mapping[str, Any]) -> Anchor:
    """The anchor with these fields, its numbers as they are; nothing is checked."""
    places: dict[str, Any] = {"box": _numbers(said.get("box")), "point": _numbers(said.get("point"))}
    return Anchor(**{**said, **places})


def _numbers(said: Json) -> Any:
    return None if said is None else tuple(said)
