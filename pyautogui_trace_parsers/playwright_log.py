"""The records of a Playwright trace, versions 1 to 10, brought to one shape: API calls, pictures, page addresses.

Before version 4 a call is one record with a `metadata` object; since then it is a `before` record, `input` and `log`
records while it runs, and an `after` record; `action` records hold the whole call. What a call means for a user is
decided in `formats/playwright.py`. Network, console and style records are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from pyautogui_trace_parsers.elements import Box, box_of
from pyautogui_trace_parsers.files import Archive, jsonl_lines
from pyautogui_trace_parsers.model import Source
from pyautogui_trace_parsers.record import Record, seconds

_RESOLVED = "locator resolved to "


@dataclass
class LoggedCall:
    """One API call.

    Attributes:
        record: the record that opens the call, for its fields and place.
        t0: start [s] on the trace's own clock.
        t1: end [s]; equal to `t0` when the trace stops before the call returns.
        points: where the pointer acted [CSS px of the viewport], in order.
        boxes: boxes of the elements acted on [CSS px of the viewport], in order.
        performed: whether the trace shows that input reached the page.
        error: the message of a call that failed, "" otherwise.
        resolved: the HTML of the element found, as the log shows it, "" when it does not.
    """

    record: Record
    t0: float
    t1: float
    points: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    boxes: list[Box] = field(default_factory=list[Box])
    performed: bool = False
    error: str = ""
    resolved: str = ""

    @property
    def class_name(self) -> str:
        """Class of the object called ("Frame", "Page"), or what stands before the point of the API name."""
        kind = self.record.text("type", "")  # the class, in the versions before 4
        return self.record.text("class", "") or (kind if kind not in {"before", "action"} else "")

    @property
    def api_name(self) -> str:
        """The name a user wrote ("locator.click"); "" in the versions that do not keep it."""
        return self.record.text("apiName", "")

    @property
    def method(self) -> str:
        """Name of the method called, the protocol's ("mouseClick"), not the library's ("mouse.click")."""
        return self.record.text("method", "")

    @property
    def params(self) -> Record:
        """Arguments of the call."""
        return self.record.maybe("params") or Record({}, self.record.file, self.record.line)

    @property
    def page(self) -> str:
        """Id of the page, "" when the record does not say it."""
        return self.record.text("pageId", "")


@dataclass(frozen=True)
class Frame:
    """A picture: name of the archive member, time [s] on the trace's clock, page and size [px]."""

    member: str
    t: float
    page: str
    width: int | None
    height: int | None
    source: Source


@dataclass(frozen=True)
class Visit:
    """A page shows an address from time `t` [s] on the trace's clock on."""

    t: float
    page: str
    url: str
    source: Source


@dataclass
class Log:
    """One `.trace` member.

    Attributes:
        file: `archive.zip!member`.
        options: the context's own record, None in the log of a test runner before version 7.
        calls: API calls in the order in which they start.
        frames: pictures in the order of the file.
        visits: addresses of main frames, from snapshots and, without these, from navigation events.
        viewport: `(width, height)` [CSS px], when declared.
    """

    file: str
    options: Record | None = None
    calls: list[LoggedCall] = field(default_factory=list[LoggedCall])
    frames: list[Frame] = field(default_factory=list[Frame])
    visits: list[Visit] = field(default_factory=list[Visit])
    viewport: tuple[int, int] | None = None

    @property
    def is_runner(self) -> bool:
        """Whether a test runner wrote it: its steps repeat the calls of the browser's own log."""
        return self.options is None or self.options.text("origin", "") == "testRunner"

    def times(self) -> Iterator[float]:
        """Every time [s] in the log at which something happens."""
        yield from (call.t0 for call in self.calls)
        yield from (frame.t for frame in self.frames)
        yield from (visit.t for visit in self.visits)


def read_logs(archive: Archive) -> list[Log]:
    """Every `.trace` member of the archive, in name order.

    Raises:
        BrokenTrace: a member is damaged, or a record breaks the format's rules.
    """
    return [_read(archive, name) for name in sorted(archive.names) if name.endswith(".trace")]


def _read(archive: Archive, member: str) -> Log:
    log = Log(f"{archive.path.name}!{member}")
    open_calls: dict[str, LoggedCall] = {}
    snapshots: list[Visit] = []
    navigations: list[Visit] = []
    for line, value in jsonl_lines(archive.text(member), log.file):
        record = Record(value, log.file, line)
        kind = record.text("type", "")
        if kind in {"before", "action"}:
            _open(log, open_calls, record)
        elif kind in {"input", "log", "after"}:
            call = open_calls.get(record.text("callId", ""))
            if call is not None:
                _continue(call, record, kind)
        elif kind == "context-options" and log.options is None:
            log.options = record
        elif kind == "screencast-frame":
            log.frames.append(_frame(record))
        elif kind == "frame-snapshot":
            snapshots.extend(_snapshot(record.child("snapshot"), log))
        elif kind == "event":
            navigations.extend(_navigation(record.maybe("metadata") or record))
    log.visits = snapshots or navigations
    declared = log.options.maybe("options") if log.options else None
    log.viewport = (_viewport(declared) if declared else None) or log.viewport
    log.calls.sort(key=lambda call: call.t0)
    return log


def _time(record: Record, key: str) -> float:
    """Milliseconds in the file, seconds here."""
    return seconds(record.number(key) / 1000, record.file, record.line, repr(key))


def _open(log: Log, open_calls: dict[str, LoggedCall], record: Record) -> None:
    body = record.maybe("metadata") or record
    if body.data.get("internal") is True:
        return
    t0 = _time(body, "startTime")
    call = LoggedCall(body, t0, t0)
    log.calls.append(call)
    open_calls[body.text("callId", "") or body.text("id", "")] = call
    if record.text("type") == "action":
        _continue(call, body, "after")


def _continue(call: LoggedCall, record: Record, kind: str) -> None:
    if kind == "log":
        _read_message(call, record.text("message", ""))
        return
    point, box = record.maybe("point"), record.maybe("box")
    if point:
        call.points.append((point.coordinate("x"), point.coordinate("y")))
    if box:
        sides = box_of(*(box.coordinate(key) for key in ("x", "y", "width", "height")))
        call.boxes.extend([sides] if sides else [])
    call.performed |= kind == "input" or point is not None
    if kind == "after":
        call.t1 = max(call.t0, _time(record, "endTime")) if record.has("endTime") else call.t0
        call.error = _error(record.data.get("error"))
        for message in record.items("log"):
            _read_message(call, message if isinstance(message, str) else "")


def _read_message(call: LoggedCall, message: str) -> None:
    message = message.strip()
    if message.startswith(_RESOLVED) and not call.resolved:
        call.resolved = message.removeprefix(_RESOLVED)


def _error(value: Any) -> str:
    """A text, `{message}` or `{error: {message}}`, by version."""
    for _ in range(3):
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            return ""
        members = cast("dict[str, Any]", value)
        value = members.get("error", members.get("message", members.get("name", "unknown error")))
    return ""


def _frame(record: Record) -> Frame:
    member = record.text("file", "") or f"resources/{record.text('sha1')}"
    width, height = (record.whole(key) if record.has(key) else None for key in ("width", "height"))
    return Frame(member, _time(record, "timestamp"), record.text("pageId", ""), width, height, record.source)


def _snapshot(snapshot: Record, log: Log) -> Iterator[Visit]:
    viewport = snapshot.maybe("viewport")
    if viewport and log.viewport is None:
        log.viewport = _size(viewport)
    if snapshot.data.get("isMainFrame") is True and snapshot.has("timestamp"):
        page = snapshot.text("pageId", "")
        yield Visit(_time(snapshot, "timestamp"), page, snapshot.text("frameUrl", ""), snapshot.source)


def _navigation(record: Record) -> Iterator[Visit]:
    params = record.maybe("params")
    if record.text("method", "") != "navigated" or params is None or not params.has("url"):
        return
    key = "time" if record.has("time") else "startTime"
    yield Visit(_time(record, key), record.text("pageId", ""), params.text("url"), record.source)


def _viewport(options: Record) -> tuple[int, int] | None:
    viewport = options.maybe("viewport")
    return _size(viewport) if viewport else None


def _size(viewport: Record) -> tuple[int, int] | None:
    width, height = viewport.whole("width"), viewport.whole("height")
    return (width, height) if min(width, height) > 0 else None
