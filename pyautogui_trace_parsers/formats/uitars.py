"""UI-TARS outputs: `Thought: ...` and `Action: click(point='<point>x y</point>')`, in a text file, JSON or JSONL.

The unit of the points depends on the model (0..1000, or pixels of the picture it saw after resizing), so the file must
declare it: a first line `space: permille` or `space: resized_px 1288x728`, or the fields `space` (or
`coordinate_space`), `width` and `height` (or `image_width`, `image_height`) of a record or of the object around the
`steps`. What is declared holds until something else is. Points without a declared space are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from pyautogui_trace_parsers.album import Album
from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import read_text
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import NO_SPACE, Event, Problem, Source, Space, Trace
from pyautogui_trace_parsers.record import Record, clip, records
from pyautogui_trace_parsers.uitars_actions import NoSpace, read_action, split_actions

NAME = "uitars"
SUMMARY = "UI-TARS outputs: Thought / Action texts with the coordinate space declared"

_RESPONSES = ("response", "prediction", "output", "content", "text")
_SPACES = ("space", "coordinate_space")
_WIDTHS = ("width", "image_width", "resized_width")
_HEIGHTS = ("height", "image_height", "resized_height")
_PICTURES = ("image", "screenshot", "screenshot_file")
_ACTION = re.compile(r"^[ \t]*Action:[ \t]*", re.MULTILINE)
_STEP = re.compile(r"^[ \t]*(?:Thought|Reflection|Action_Summary|Action):", re.MULTILINE)
_HEADER = re.compile(r"^[ \t]*(?:#[ \t]*)?space:[ \t]*(\w{1,20})(?:[ \t]+(\d{1,5})x(\d{1,5}))?[ \t]*$", re.MULTILINE)
_REMEDY = "add a line 'space: permille' or 'space: resized_px WIDTHxHEIGHT', or the fields space, width and height"


class _Step(NamedTuple):
    text: str
    source: Source
    record: Record | None


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    if seen.kind == "text":
        return None if _ACTION.search(seen.head) and _STEP.search(seen.head) else "no line that begins with Action:"
    record = seen.first("steps") or seen.record
    texts = (record.get(name) for name in _RESPONSES)
    claimed = any(isinstance(text, str) and _ACTION.search(text) for text in texts)
    return None if claimed else "no record with a response that holds Action:"


def parse(path: Path) -> Trace:
    """The steps in the file; they have no clock.

    Raises:
        BrokenTrace: points without a declared space, or a space without the size it needs.
        TraceError: unreadable.
    """
    reader = _Reader(Album(path.parent), [], [], [])
    task = ""
    for step in _steps(path):
        if step.record is not None:
            task = task or step.record.text("task", "") or step.record.text("instruction", "")
            reader.declare(step.record)
        elif not _STEP.match(step.text):
            reader.declare_line(step)
        if _STEP.search(step.text):
            reader.take(step)
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(reader.events),
        trace_id=path.stem,
        screens=tuple(reader.album.screens),
        annotations={"task": task, "steps": reader.labels},
        problems=tuple(reader.problems + reader.album.problems),
    )


def _steps(path: Path) -> Iterator[_Step]:
    if look(path).kind == "text":
        yield from _text_steps(path)
        return
    for row in records(path):
        if row.has("steps"):
            yield _Step("", row.source, Record({k: v for k, v in row.data.items() if k != "steps"}, row.file, row.line))
            rows = [Record(value, row.file, index) for index, value in enumerate(row.items("steps"))]
        else:
            rows = [row]
        for step in rows:
            name = next((name for name in _RESPONSES if step.has(name)), "")
            yield _Step(step.text(name) if name else "", step.source, step)


def _text_steps(path: Path) -> Iterator[_Step]:
    """The file cut before each Thought, and before each Action that has no thought of its own."""
    text = read_text(path).replace("\r\n", "\n")
    marks = list(_STEP.finditer(text))
    starts = [
        match.start()
        for before, match in zip([None, *marks], marks, strict=False)
        if "Action:" not in match[0] or before is None or "Action:" in before[0]
    ]
    first = starts[0] if starts else len(text)
    yield _Step(text[:first].strip(), Source(path.name, 1), None)
    line = 1 + text.count("\n", 0, first)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):  # one end too many when there is no step
        yield _Step(text[start:end].strip(), Source(path.name, line), None)
        line += text.count("\n", start, end)


@dataclass(slots=True)
class _Reader:
    album: Album
    events: list[Event]
    labels: list[dict[str, Any]]
    problems: list[Problem]
    space: Space = NO_SPACE

    def declare(self, record: Record) -> None:
        kind = next((record.text(name) for name in _SPACES if record.has(name)), "")
        width = next((record.number(name) for name in _WIDTHS if record.has(name)), 0.0)
        height = next((record.number(name) for name in _HEIGHTS if record.has(name)), 0.0)
        if kind:
            self.space = _space(kind, width, height, record.source)

    def declare_line(self, step: _Step) -> None:
        found = _HEADER.search(step.text)
        if found:
            self.space = _space(found[1], float(found[2] or 0), float(found[3] or 0), step.source)

    def take(self, step: _Step) -> None:
        thought, _, actions = step.text.partition("Action:")
        screen = None
        if step.record is not None:
            name = next((name for name in _PICTURES if step.record.has(name)), "")
            screen = self.album.add(step.record.text(name), step.source) if name else None
        thought = _STEP.sub("", thought, count=1).strip()
        if thought:
            self.labels.append({"source": [step.source.file, step.source.line], "thought": thought})
        for action in split_actions(actions):
            self.events += [replace(event, screen=screen) for event in self.read(action, step.source)]

    def read(self, action: str, source: Source) -> list[Event]:
        try:
            return read_action(action, self.space, source)
        except NoSpace as error:
            raise BrokenTrace(error.reason, path=source.file, line=source.line, remedy=_REMEDY) from error
        except BrokenTrace as error:
            self.problems.append(Problem(source, f"{error.reason}; the action is kept as it is written"))
            return [Event("other", None, None, source, clock="index", raw=clip(action))]


def _space(kind: str, width: float, height: float, source: Source) -> Space:
    if kind == "permille":
        return Space("permille", 1000.0, 1000.0, "picture")
    if kind == "unit":
        return Space("unit", 1.0, 1.0, "picture")
    if kind not in ("px", "resized_px"):
        raise BrokenTrace(f"there is no space {kind[:40]!r}", path=source.file, line=source.line, remedy=_REMEDY)
    if width <= 0 or height <= 0:
        raise BrokenTrace(f"{kind} needs a width and a height", path=source.file, line=source.line, remedy=_REMEDY)
    return Space("px" if kind == "px" else "resized_px", width, height, "picture")
